//! The people and devices that the hub knows.
//!
//! Rights are read here on every request, so that a change of role or area, or a revocation, holds from that moment on.

use kend_domain::{Areas, DeviceId, PersonId, Role};
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

/// A line for each person, and one for each of their devices.
pub(crate) fn list(hub: &Connection) -> Result<Vec<String>, HubError> {
    let mut lines = Vec::new();
    let mut statement = hub.prepare_cached("SELECT person FROM hub_person ORDER BY name, person")?;
    let people = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    for person in people {
        let id = person_id(person)?;
        let Some(Person { name, member }) = read(hub, id)? else { continue };
        let areas: Vec<&str> = member.areas.0.iter().map(kend_domain::AreaCode::as_str).collect();
        lines.push(format!("{id} {name}, {}, {}", member.role, areas.join(",")));
        for device in devices_of(hub, id)? {
            let revoked = self::device(hub, device)?.is_some_and(|known| known.revoked);
            lines.push(format!("  device {device}{}", if revoked { ", revoked" } else { "" }));
        }
    }
    Ok(lines)
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
