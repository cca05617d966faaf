//! The people and devices that the hub knows.
//!
//! Rights are read here on every request, so that a change of role or area, or a revocation, holds from that moment on.

use kend_domain::{Areas, DeviceId, PersonId, Role};
use kend_log::PublicKeyBytes;
use kend_store::rusqlite::{Connection, OptionalExtension, params};
use kend_sync::KnownDevice;
use kend_sync::rights::Member;

use crate::error::HubError;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Name for colleagues.
    pub(crate) name: String,
    /// Id, role and areas.
    pub(crate) member: Member,
}

/// A person by their id.
pub(crate) fn read(hub: &Connection, person: PersonId) -> Result<Option<Person>, HubError> {
    let row: Option<(String, String)> = hub
        .prepare_cached("SELECT name, role FROM hub_person WHERE person = ?1")?
        .query_row([person.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((name, role)) = row else { return Ok(None) };
    let role: Role = role.parse().map_err(|_| HubError::Damaged("hub_person"))?;
    let mut areas = Areas::default();
    let mut statement = hub.prepare_cached("SELECT area FROM hub_person_area WHERE person = ?1")?;
    for area in statement.query_map([person.as_bytes()], |row| row.get::<_, String>(0))? {
        areas.0.insert(area?.parse().map_err(|_| HubError::Damaged("hub_person_area"))?);
    }
    Ok(Some(Person { name, member: Member { person, role, areas } }))
}

/// Makes a person known, or changes what is known of them.
pub(crate) fn put(hub: &Connection, person: &Person) -> Result<(), HubError> {
    let Member { person: id, role, areas } = &person.member;
    hub.prepare_cached(
        "INSERT INTO hub_person (person, name, role) VALUES (?1, ?2, ?3)
         ON CONFLICT (person) DO UPDATE SET name = excluded.name, role = excluded.role",
    )?
    .execute(params![id.as_bytes(), person.name, role.word()])?;
    hub.prepare_cached("DELETE FROM hub_person_area WHERE person = ?1")?.execute([id.as_bytes()])?;
    for area in &areas.0 {
        hub.prepare_cached("INSERT INTO hub_person_area (person, area) VALUES (?1, ?2)")?
            .execute(params![id.as_bytes(), area.as_str()])?;
    }
    Ok(())
}

/// A device with its people.
pub(crate) fn device(hub: &Connection, device: DeviceId) -> Result<Option<KnownDevice>, HubError> {
    let row: Option<(Vec<u8>, bool)> = hub
        .prepare_cached("SELECT public_key, revoked FROM hub_device WHERE device = ?1")?
        .query_row([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((key, revoked)) = row else { return Ok(None) };
    let key = key.try_into().map_err(|_| HubError::Damaged("hub_device"))?;
    let people = members(hub, "SELECT person FROM hub_certificate WHERE device = ?1", params![device.as_bytes()])?;
    Ok(Some(KnownDevice { device, key, revoked, people }))
}

/// The keys of all devices that were enrolled here.
pub(crate) fn keys(hub: &Connection) -> Result<Vec<(DeviceId, PublicKeyBytes)>, HubError> {
    let mut statement = hub.prepare_cached("SELECT device, public_key FROM hub_device")?;
    let keys = statement.query_map([], |row| Ok((DeviceId::from_bytes(row.get(0)?), row.get(1)?)))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// All devices that were enrolled here.
pub(crate) fn devices(hub: &Connection) -> Result<Vec<DeviceId>, HubError> {
    let mut statement = hub.prepare_cached("SELECT device FROM hub_device ORDER BY device")?;
    let devices = statement.query_map([], |row| row.get(0).map(DeviceId::from_bytes))?;
    Ok(devices.collect::<Result<_, _>>()?)
}

/// Everybody with an account for the browser: the people of the hub's own log.
pub(crate) fn account_members(hub: &Connection) -> Result<Vec<Member>, HubError> {
    members(hub, "SELECT person FROM hub_account", params![])
}

/// The names of a device's people.
pub(crate) fn names_of(hub: &Connection, device: DeviceId) -> Result<String, HubError> {
    Ok(hub
        .prepare_cached(
            "SELECT coalesce(group_concat(p.name, ', '), '') FROM hub_certificate c
             JOIN hub_person p ON p.person = c.person WHERE c.device = ?1",
        )?
        .query_row([device.as_bytes()], |row| row.get(0))?)
}

/// The devices of a person.
pub(crate) fn devices_of(hub: &Connection, person: PersonId) -> Result<Vec<DeviceId>, HubError> {
    let mut statement = hub.prepare_cached("SELECT device FROM hub_certificate WHERE person = ?1 ORDER BY device")?;
    let devices = statement.query_map([person.as_bytes()], |row| row.get(0).map(DeviceId::from_bytes))?;
    Ok(devices.collect::<Result<_, _>>()?)
}

/// How many people, accounts and devices the hub knows.
pub(crate) fn counts(hub: &Connection) -> Result<(i64, i64, i64), HubError> {
    Ok(hub.query_row(
        "SELECT (SELECT count(*) FROM hub_person), (SELECT count(*) FROM hub_account), (SELECT count(*) FROM hub_device)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?)
}

/// Somebody as an administrator sees them.
pub(crate) struct Listed {
    /// Who.
    pub(crate) person: Person,
    /// Whether they can sign in with a browser.
    pub(crate) account: bool,
    /// Devices they were enrolled with that are not revoked.
    pub(crate) devices: i64,
}

/// Everybody, by name.
pub(crate) fn list(hub: &Connection) -> Result<Vec<Listed>, HubError> {
    let mut statement = hub.prepare(
        "SELECT person,
                EXISTS (SELECT 1 FROM hub_account WHERE hub_account.person = hub_person.person),
                (SELECT count(*) FROM hub_certificate JOIN hub_device USING (device)
                 WHERE hub_certificate.person = hub_person.person AND revoked = 0)
         FROM hub_person ORDER BY name, person",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut listed = Vec::new();
    for row in rows {
        let (id, account, devices) = row?;
        let person = read(hub, person_id(id)?)?.ok_or(HubError::Damaged("hub_person"))?;
        listed.push(Listed { person, account, devices });
    }
    Ok(listed)
}

/// A person's id from a row.
pub(crate) fn person_id(bytes: Vec<u8>) -> Result<PersonId, HubError> {
    bytes.try_into().map(PersonId::from_bytes).map_err(|_| HubError::Damaged("person"))
}

fn members(
    hub: &Connection,
    people: &str,
    values: &[&dyn kend_store::rusqlite::ToSql],
) -> Result<Vec<Member>, HubError> {
    let mut statement = hub.prepare_cached(people)?;
    let ids = statement.query_map(values, |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut members = Vec::new();
    for id in ids {
        members.extend(read(hub, person_id(id)?)?.map(|person| person.member));
    }
    Ok(members)
}
