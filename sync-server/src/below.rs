//! Hubs below this one: whom they bring, and what they are told to pass on.
//!
//! Who runs a hub may bring people of no higher role than their own, in their own areas ([`rights::may_introduce`]), and
//! revoke the devices they brought. The server's word stands: what it knows of a person is not changed from below, and
//! comes back to the hub as a certificate.

use std::collections::BTreeMap;

use kend_domain::{Areas, DeviceId};
use kend_store::rusqlite::params;
use kend_sync::protocol::{MAX_ROSTER, PROTOCOL};
use kend_sync::rights::{self, Member};
use kend_sync::{Certificate, Colleague, KnownDevice, OrdersPassed, RosterRequest, RosterResponse, SignedCertificate};

use crate::code::{self, DeviceKeys};
use crate::error::HubError;
use crate::events;
use crate::hub::HubState;
use crate::people::{self, Person};
use crate::{orders, world};

/// Answers a roster: its sender is not revoked, and signed it.
pub(crate) fn answer(
    hub: &mut HubState,
    sender: &KnownDevice,
    request: &RosterRequest,
) -> Result<RosterResponse, HubError> {
    for signed in &request.certificates {
        let Ok(certificate) = signed.verify(&sender.key) else { continue };
        introduce(hub, sender, &DeviceKeys::of(&certificate), person_of(&certificate))?;
    }
    let own = certificate_of_hub(hub, sender)?;
    for colleague in &request.colleagues {
        introduce(hub, sender, &DeviceKeys::of(&own), person(colleague))?;
    }
    let came_by = devices_by(hub, sender.device)?;
    for device in request.revoked.iter().map(|revoked| revoked.device).filter(|device| came_by.contains(device)) {
        if people::device(hub.store.connection(), device)?.is_some_and(|known| !known.revoked) {
            orders::revoke(hub, device, world::wall_ms())?;
        }
    }
    let known_serial = if request.epoch == Some(hub.identity.epoch) { request.known_serial } else { 0 };
    let told = certificates_after(hub, sender, known_serial)?;
    let (orders, more_orders) = orders_for(hub, &came_by, &request.passed)?;
    Ok(RosterResponse {
        protocol: PROTOCOL,
        epoch: hub.identity.epoch,
        certificates: told.certificates,
        known_serial: told.until_serial,
        orders,
        more: told.more || more_orders,
        ticket: hub.tickets.issue(sender.device),
    })
}

/// The person that a certificate names.
pub(crate) fn person_of(certificate: &Certificate) -> Person {
    Person { name: certificate.person_name.clone(), member: certificate.member() }
}

fn person(colleague: &Colleague) -> Person {
    let Colleague { person, name, role, areas } = colleague.clone();
    Person { name, member: Member { person, role, areas } }
}

/// The certificate by which the hub itself is known here.
fn certificate_of_hub(hub: &HubState, sender: &KnownDevice) -> Result<Certificate, HubError> {
    let signed = kend_sync::HubReplica::certificate(hub, sender.device)?;
    let read = signed.as_ref().map(SignedCertificate::read);
    read.and_then(Result::ok).ok_or(HubError::Damaged("hub_certificate"))
}

/// Makes a device and its person known, where the hub that brings them may; who is known already stays as they are.
fn introduce(hub: &mut HubState, sender: &KnownDevice, keys: &DeviceKeys, person: Person) -> Result<(), HubError> {
    let tables = hub.store.connection();
    if code::certificate_of(tables, keys.device, person.member.person)?.is_some() {
        return Ok(());
    }
    let known_device = people::device(tables, keys.device)?;
    let same_device = known_device.is_none_or(|known| known.key == keys.key && !known.revoked);
    let own_device = keys.device == hub.store.device();
    // Of a person who is known the rights are those known: a hub can't take a device for somebody above it.
    let person = people::read(tables, person.member.person)?.unwrap_or(person);
    let Member { role, areas, .. } = &person.member;
    let may = sender.people.iter().any(|by| rights::may_introduce(by, *role, areas));
    if !same_device || own_device || !may {
        events::introduction_refused(sender.device, keys.device);
        return Ok(());
    }
    code::certify(hub, keys, &person, Some(sender.device), |_| Ok(()))?;
    tracing::info!(device = %keys.device, via = %sender.device, "brought by a hub");
    Ok(())
}

/// The devices that came by a hub.
fn devices_by(hub: &HubState, via: DeviceId) -> Result<Vec<DeviceId>, HubError> {
    let mut statement =
        hub.store.connection().prepare_cached("SELECT device FROM hub_device WHERE via = ?1 ORDER BY device")?;
    let devices = statement.query_map([via.as_bytes()], |row| row.get(0).map(DeviceId::from_bytes))?;
    Ok(devices.collect::<Result<_, _>>()?)
}

struct Told {
    certificates: Vec<SignedCertificate>,
    until_serial: u64,
    more: bool,
}

/// The certificates after a serial number of everybody whose areas meet those of the hub.
fn certificates_after(hub: &HubState, sender: &KnownDevice, serial: u64) -> Result<Told, HubError> {
    let mut statement = hub.store.connection().prepare_cached(
        "SELECT c.serial, c.certificate FROM hub_certificate c JOIN hub_device d USING (device)
         WHERE c.serial > ?1 AND c.device <> ?2 AND d.revoked = 0 ORDER BY c.serial LIMIT ?3",
    )?;
    let limit = i64::try_from(MAX_ROSTER).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![serial.cast_signed(), sender.device.as_bytes(), limit], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let mut told = Told { certificates: Vec::new(), until_serial: serial, more: rows.len() == MAX_ROSTER };
    for (serial, bytes) in rows {
        let signed = code::read_certificate(&bytes)?;
        let certificate = signed.read().map_err(|_| HubError::Damaged("hub_certificate"))?;
        told.until_serial = serial.cast_unsigned();
        if sender.people.iter().any(|member| meet(&member.areas, &certificate.areas)) {
            told.certificates.push(signed);
        }
    }
    Ok(told)
}

fn meet(one: &Areas, other: &Areas) -> bool {
    one.0.iter().any(|area| other.hold(area)) || other.0.iter().any(|area| one.hold(area))
}

/// Orders to the devices that came by a hub, after those that it holds already; and whether there are more.
fn orders_for(
    hub: &mut HubState,
    came_by: &[DeviceId],
    passed: &[OrdersPassed],
) -> Result<(Vec<kend_sync::SignedOrder>, bool), HubError> {
    let passed: BTreeMap<DeviceId, &OrdersPassed> = passed.iter().map(|passed| (passed.device, passed)).collect();
    let mut open = Vec::new();
    for device in came_by {
        let (done, held) = passed.get(device).map_or((0, 0), |passed| (passed.done, passed.held));
        let known = usize::try_from(held.saturating_sub(done)).unwrap_or(usize::MAX);
        open.extend(orders::for_device(hub, *device, done, world::wall_ms())?.into_iter().skip(known));
    }
    let more = open.len() > MAX_ROSTER;
    open.truncate(MAX_ROSTER);
    Ok((open, more))
}
