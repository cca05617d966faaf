//! One-time codes, and enrolment by them.
//!
//! A code is five groups of four base32 letters. The first group only finds the row; the other four are the secret, 80
//! bits, of which a hash is kept. Five wrong secrets, or fifteen minutes, end a code. The device that used it may ask
//! again and gets the same certificate: an answer can be lost on the way.

use data_encoding::BASE32_NOPAD;
use kend_domain::{Areas, DeviceId, PersonId, Role, Scope};
use kend_log::PublicKeyBytes;
use kend_store::rusqlite::{Connection, OptionalExtension, params};
use kend_sync::rights::Member;
use kend_sync::{Certificate, EnrolRequest, EnrolResponse, RefusalCode, SignedCertificate, protocol};

use crate::error::HubError;
use crate::hub::HubState;
use crate::people::{self, Person};
use crate::{orders, world};

const LIFETIME_MS: i64 = 15 * 60 * 1000;
const TRIES: u32 = 5;
const GROUP_LETTERS: usize = 4;
const CODE_LETTERS: usize = 20;
const SECRET_CONTEXT: &str = "kend hub 2026 enrolment code";

/// For whom a code is.
pub(crate) struct CodeFor {
    /// The name, for a person who chooses none.
    pub(crate) name: String,
    /// Their role.
    pub(crate) role: Role,
    /// Their areas.
    pub(crate) areas: Areas,
}

/// Makes a code and returns it, to be read out or shown. It is kept nowhere.
pub(crate) fn make(hub: &Connection, person: &CodeFor, now_ms: i64) -> Result<String, HubError> {
    hub.execute("DELETE FROM hub_code WHERE expires_ms < ?1", [now_ms])?;
    loop {
        // 13 bytes are 21 letters; the last one holds less than five bits and is left out.
        let letters: String = BASE32_NOPAD.encode(&world::random::<13>()?).chars().take(CODE_LETTERS).collect();
        // Of a million first groups one may be in use: whoever has that code is yet to use it.
        if keep(hub, &letters, person, now_ms)? {
            let group = |group: &[u8]| String::from_utf8_lossy(group).into_owned();
            return Ok(letters.as_bytes().chunks(GROUP_LETTERS).map(group).collect::<Vec<_>>().join("-"));
        }
    }
}

/// Keeps what is to be known of a code; false when another code begins with the same group.
fn keep(hub: &Connection, letters: &str, person: &CodeFor, now_ms: i64) -> Result<bool, HubError> {
    let (public_part, secret) = letters.split_at_checked(GROUP_LETTERS).unwrap_or_default();
    let areas: Vec<&str> = person.areas.0.iter().map(kend_domain::AreaCode::as_str).collect();
    let kept = hub.execute(
        "INSERT INTO hub_code (public_part, secret_hash, name, role, areas, expires_ms, tries_left)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (public_part) DO NOTHING",
        params![
            public_part,
            hash(secret),
            person.name,
            person.role.word(),
            areas.join(","),
            now_ms.saturating_add(LIFETIME_MS),
            TRIES
        ],
    )?;
    Ok(kept == 1)
}

/// The part of a typed code that finds it; none when it is no code.
pub(crate) fn public_part(typed: &str) -> Option<String> {
    read_typed(typed).map(|(public_part, _)| public_part)
}

/// Enrols a device, or says why not. The device's signature was checked.
pub(crate) fn enrol(
    hub: &mut HubState,
    request: &EnrolRequest,
) -> Result<Result<EnrolResponse, RefusalCode>, HubError> {
    // Nobody gets a second key for the hub's own log.
    if request.device == hub.store.device() {
        return Ok(Err(RefusalCode::Taken));
    }
    let now_ms = world::wall_ms();
    let spent = hub.store.transaction(|tables| spend(tables, request, now_ms))?;
    let certificate = match spent {
        Spent::Refused(refusal) => return Ok(Err(refusal)),
        Spent::Before => certificate_of(hub.store.connection(), request.device, request.person)?,
        Spent::By(person) => {
            let keys = DeviceKeys { device: request.device, key: request.device_key, seal_key: request.seal_key };
            let used = |tables: &Connection| {
                tables.execute(
                    "UPDATE hub_code SET device = ?2, person = ?3 WHERE public_part = ?1",
                    params![public_part(&request.code), request.device.as_bytes(), request.person.as_bytes()],
                )?;
                Ok(())
            };
            Some(certify(hub, &keys, &person, None, used)?)
        }
    };
    let Some(certificate) = certificate else { return Ok(Err(RefusalCode::Code)) };
    let ticket = hub.tickets.issue(request.device);
    Ok(Ok(EnrolResponse { protocol: protocol::PROTOCOL, epoch: hub.identity.epoch, certificate, ticket }))
}

/// Gives a device its certificate for a person, and makes both known. `via` is the hub that it came by; `also` is done in
/// the same transaction.
pub(crate) fn certify(
    hub: &mut HubState,
    keys: &DeviceKeys,
    person: &Person,
    via: Option<DeviceId>,
    also: impl FnOnce(&Connection) -> Result<(), HubError>,
) -> Result<SignedCertificate, HubError> {
    let serial = next_serial(hub)?;
    let certificate = certificate(hub, serial, keys, person)?;
    let signed = sign(hub, &certificate);
    hub.store.put_device(&certificate.to_device())?;
    hub.store.transaction(|tables| {
        people::put(tables, person)?;
        tables.execute(
            "INSERT INTO hub_device (device, public_key, enrolled_ms, via) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (device) DO NOTHING",
            params![keys.device.as_bytes(), keys.key, world::wall_ms(), via.map(|via| via.as_bytes().to_vec())],
        )?;
        tables.execute(
            "INSERT INTO hub_certificate (serial, device, person, certificate) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (device, person) DO UPDATE SET serial = excluded.serial, certificate = excluded.certificate",
            params![serial, keys.device.as_bytes(), person.member.person.as_bytes(), signed.to_bytes()],
        )?;
        also(tables)
    })?;
    Ok(signed)
}

/// A serial number that no certificate had. Of two processes that draw the same one, the second fails and changes nothing.
fn next_serial(hub: &HubState) -> Result<i64, HubError> {
    Ok(hub.store.connection().query_row(
        "SELECT max((SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'hub_certificate'),
                    (SELECT coalesce(max(serial), 0) FROM hub_certificate)) + 1",
        [],
        |row| row.get(0),
    )?)
}

/// A device and what it signs and opens with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceKeys {
    /// The device.
    pub(crate) device: DeviceId,
    /// Its public key.
    pub(crate) key: PublicKeyBytes,
    /// The public half of its seal key.
    pub(crate) seal_key: PublicKeyBytes,
}

impl DeviceKeys {
    /// Those that a certificate names.
    pub(crate) const fn of(certificate: &Certificate) -> Self {
        Self { device: certificate.device, key: certificate.device_key, seal_key: certificate.seal_key }
    }
}

fn certificate(hub: &HubState, serial: i64, keys: &DeviceKeys, person: &Person) -> Result<Certificate, HubError> {
    Ok(Certificate {
        project: hub.identity.project.clone(),
        serial: serial.cast_unsigned(),
        hub_name: hub.identity.name.clone(),
        hub_device: hub.store.device(),
        hub_key: hub.store.public_key(),
        device: keys.device,
        device_key: keys.key,
        person: person.member.person,
        person_name: person.name.clone(),
        role: person.member.role,
        areas: person.member.areas.clone(),
        server_key: hub.server_key()?,
        seal_key: keys.seal_key,
        hub_seal_key: hub.seal_key().public().0,
        server_seal_key: hub.server_seal_key()?,
    })
}

fn sign(hub: &HubState, certificate: &Certificate) -> SignedCertificate {
    SignedCertificate::sign(certificate, &|purpose: &str, message: &[u8]| hub.store.sign(purpose, message))
}

/// Changes a person's role or areas: new certificates for their devices, and orders to leave what is not theirs any more.
pub(crate) fn change_rights(
    hub: &mut HubState,
    id: PersonId,
    role: Option<Role>,
    areas: Option<Areas>,
    now_ms: i64,
) -> Result<(), HubError> {
    let Some(mut person) = people::read(hub.store.connection(), id)? else { return Err(HubError::UnknownPerson(id)) };
    person.member.role = role.unwrap_or(person.member.role);
    person.member.areas = areas.unwrap_or(person.member.areas);
    let scopes = hub.store.scopes()?;
    let first_serial = next_serial(hub)?;
    let mut renewed = Vec::new();
    for (serial, device) in (first_serial..).zip(people::devices_of(hub.store.connection(), id)?) {
        let Some(known) = people::device(hub.store.connection(), device)? else { continue };
        let held: Vec<Scope> = scopes.iter().filter(|scope| known.may_hold(scope)).cloned().collect();
        let Some(last) = certificate_of(hub.store.connection(), device, id)? else { continue };
        let seal_key = last.read().map_err(|_| HubError::Damaged("hub_certificate"))?.seal_key;
        let certificate = certificate(hub, serial, &DeviceKeys { device, key: known.key, seal_key }, &person)?;
        renewed.push((serial, device, certificate.to_device(), sign(hub, &certificate), held));
    }
    let is_server = hub.is_server()?;
    for (_, _, device, ..) in &renewed {
        hub.store.put_device(device)?;
    }
    hub.store.transaction(|tables| {
        people::put(tables, &person)?;
        for (serial, device, _, signed, held) in &renewed {
            tables.execute(
                "UPDATE hub_certificate SET serial = ?3, certificate = ?4 WHERE device = ?1 AND person = ?2",
                params![device.as_bytes(), id.as_bytes(), serial, signed.to_bytes()],
            )?;
            if is_server {
                orders::leave(tables, *device, held, now_ms)?;
            }
        }
        Ok(())
    })
}

/// What became of a code.
enum Spent {
    /// It is for this person, who is to be enrolled.
    By(Person),
    /// This device used it before.
    Before,
    /// It can't be used.
    Refused(RefusalCode),
}

/// Looks the code up. A wrong secret costs a try, for good.
fn spend(tables: &Connection, request: &EnrolRequest, now_ms: i64) -> Result<Spent, HubError> {
    let wrong = Ok(Spent::Refused(RefusalCode::Code));
    let Some((public_part, secret)) = read_typed(&request.code) else { return wrong };
    let row = tables
        .prepare_cached(
            "SELECT secret_hash, name, role, areas, device, person FROM hub_code
             WHERE public_part = ?1 AND expires_ms >= ?2 AND tries_left > 0",
        )?
        .query_row(params![public_part, now_ms], |row| {
            let user: (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(4)?, row.get(5)?);
            Ok((row.get::<_, [u8; 32]>(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?, user))
        })
        .optional()?;
    let Some((secret_hash, given_name, role, areas, user)) = row else { return wrong };
    // Hashes are compared in the same time wherever they differ.
    if blake3::Hash::from(secret_hash) != blake3::Hash::from(hash(&secret)) {
        tables.execute("UPDATE hub_code SET tries_left = tries_left - 1 WHERE public_part = ?1", [public_part])?;
        return wrong;
    }
    if let (Some(device), Some(person)) = user {
        let same = device == request.device.as_bytes()
            && person == request.person.as_bytes()
            && people::device(tables, request.device)?.is_some_and(|known| known.key == request.device_key);
        return if same { Ok(Spent::Before) } else { wrong };
    }
    if is_taken(tables, request)? {
        return Ok(Spent::Refused(RefusalCode::Taken));
    }
    let chosen = request.person_name.trim();
    let member = Member {
        person: request.person,
        role: role.parse().map_err(|_| HubError::Damaged("hub_code"))?,
        areas: read_areas(&areas)?,
    };
    let name: String = if chosen.is_empty() { given_name } else { chosen.to_owned() };
    Ok(Spent::By(Person { name, member }))
}

/// Whether the device is known under another key or revoked, or the person with another device.
fn is_taken(tables: &Connection, request: &EnrolRequest) -> Result<bool, HubError> {
    // A device that was revoked comes back as another one: other devices take in no more of the first.
    let known = people::device(tables, request.device)?;
    if known.is_some_and(|known| known.revoked || known.key != request.device_key) {
        return Ok(true);
    }
    let own = certificate_of(tables, request.device, request.person)?.is_some();
    Ok(!own && people::read(tables, request.person)?.is_some())
}

/// The certificate of a device for a person.
pub(crate) fn certificate_of(
    tables: &Connection,
    device: DeviceId,
    person: PersonId,
) -> Result<Option<SignedCertificate>, HubError> {
    let bytes: Option<Vec<u8>> = tables
        .prepare_cached("SELECT certificate FROM hub_certificate WHERE device = ?1 AND person = ?2")?
        .query_row(params![device.as_bytes(), person.as_bytes()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| read_certificate(&bytes)).transpose()
}

/// A stored certificate.
pub(crate) fn read_certificate(bytes: &[u8]) -> Result<SignedCertificate, HubError> {
    SignedCertificate::from_bytes(bytes).map_err(|_| HubError::Damaged("hub_certificate"))
}

fn read_areas(areas: &str) -> Result<Areas, HubError> {
    let read = |area: &str| area.parse().map_err(|_| HubError::Damaged("hub_code"));
    areas.split(',').map(read).collect::<Result<_, _>>().map(Areas)
}

/// Public part and secret of a code as it was typed: small letters, spaces and missing hyphens do no harm, and what looks
/// like a letter of the alphabet is read as that letter.
fn read_typed(typed: &str) -> Option<(String, String)> {
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    };
    let letters: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(letter).collect();
    let fits = letters.len() == CODE_LETTERS && letters.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let (public_part, secret) = letters.split_at_checked(GROUP_LETTERS).filter(|_| fits)?;
    Some((public_part.to_owned(), secret.to_owned()))
}

fn hash(secret: &str) -> [u8; 32] {
    blake3::derive_key(SECRET_CONTEXT, secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_code_leaves_one_that_begins_with_the_same_group_as_it_is() {
        let hub = Connection::open_in_memory().unwrap();
        hub.execute_batch(include_str!("../../schema/sql/100_hub.sql")).unwrap();
        let somebody = CodeFor { name: "Somebody".to_owned(), role: Role::Enumerator, areas: Areas::default() };
        let kept = || hub.query_row("SELECT secret_hash FROM hub_code", [], |row| row.get::<_, [u8; 32]>(0)).unwrap();
        assert!(keep(&hub, "ABCDEFGHIJKLMNOP2345", &somebody, 0).unwrap());
        let first = kept();
        assert!(!keep(&hub, "ABCD2345EFGHIJKLMNOP", &somebody, 0).unwrap());
        assert_eq!(kept(), first);
        assert!(keep(&hub, "BBCD2345EFGHIJKLMNOP", &somebody, 0).unwrap());
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let read = Some(("ABCD".to_owned(), "EFGHIJKLMNOP2345".to_owned()));
        for typed in ["ABCD-EFGH-IJKL-MNOP-2345", "abcdefghijklmnop2345", " abcd efgh 1jkl-mn0p-2345 "] {
            assert_eq!(read_typed(typed), read, "{typed}");
        }
        for rubbish in ["", "ABCD", "ABCD-EFGH-IJKL-MNOP-2349", "ABCD-EFGH-IJKL-MNOP-2345-6", "ƏBCD-EFGH-IJKL-MNOP-234"]
        {
            assert_eq!(read_typed(rubbish), None, "{rubbish}");
        }
    }
}
