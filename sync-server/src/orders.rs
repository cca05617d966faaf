//! Orders to devices: made, sent until they are carried out, and kept as the record of who has confirmed what.
//!
//! Every erasure that the store knows, from whatever log or screen it came, becomes an order to each device that may hold
//! the entity. That is looked up from the store's own list of erasures, so that no stop between folding an erasure and
//! making its orders can lose one. They are signed when they are sent, with the server's key: a hub with a server above
//! it makes none.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_store::EntityHead;
use kend_store::rusqlite::{Connection, OptionalExtension, params};
use kend_sync::{Deed, LogHead, Order, OrdersPassed, SignedOrder};

use crate::error::HubError;
use crate::hub::HubState;
use crate::people;

/// Gives a device an order. Its number is the next of the device's.
pub(crate) fn give(tables: &Connection, device: DeviceId, deed: &Deed, now_ms: i64) -> Result<(), HubError> {
    let entity = if let Deed::Erase { entity, .. } = deed { Some(entity.as_bytes().as_slice()) } else { None };
    tables
        .prepare_cached(
            "INSERT INTO hub_order (device, number, kind, entity, deed, made_ms)
             SELECT ?1, 1 + max((SELECT coalesce(max(number), 0) FROM hub_order WHERE device = ?1),
                                (SELECT coalesce(max(number), 0) FROM hub_order_floor WHERE device = ?1)),
                    ?2, ?3, ?4, ?5",
        )?
        .execute(params![device.as_bytes(), deed.word(), entity, deed.to_bytes(), now_ms])?;
    Ok(())
}

/// Notes which order a device has carried out, and returns those after it. One more than an answer carries tells that there
/// is more.
pub(crate) fn for_device(
    hub: &mut HubState,
    device: DeviceId,
    done: u64,
    now_ms: i64,
) -> Result<Vec<SignedOrder>, HubError> {
    if !hub.is_server()? {
        return passed_on(hub, device, done);
    }
    from_erasures(hub, now_ms)?;
    number_anew(hub, device, done)?;
    let limit = i64::try_from(kend_sync::protocol::MAX_ORDERS).unwrap_or(i64::MAX).saturating_add(1);
    let open: Vec<(i64, Vec<u8>)> = {
        let mut statement = hub.store.connection().prepare_cached(
            "SELECT number, deed FROM hub_order WHERE device = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
        )?;
        let read = |row: &kend_store::rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        statement.query_map(params![device.as_bytes(), done.cast_signed(), limit], read)?.collect::<Result<_, _>>()?
    };
    note(hub, device, done, open.last().map(|(number, _)| *number), now_ms)?;
    let sign = |purpose: &str, message: &[u8]| hub.store.sign(purpose, message);
    let signed = open.into_iter().map(|(number, deed)| {
        let deed = Deed::from_bytes(&deed).map_err(|_| HubError::Damaged("hub_order"))?;
        Ok(SignedOrder::sign(&Order { device, number: number.cast_unsigned(), deed }, &sign))
    });
    signed.collect()
}

/// The orders of the server that wait here for a device. What it has carried out waits no longer.
fn passed_on(hub: &mut HubState, device: DeviceId, done: u64) -> Result<Vec<SignedOrder>, HubError> {
    let waits = |tables: &Connection| -> Result<Vec<(u64, Vec<u8>)>, HubError> {
        let mut statement =
            tables.prepare_cached("SELECT number, signed FROM hub_passed_order WHERE device = ?1 ORDER BY number")?;
        let rows =
            statement.query_map([device.as_bytes()], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let waiting = waits(hub.store.connection())?;
    if waiting.first().is_some_and(|(number, _)| *number <= done) {
        hub.store.transaction(|tables| {
            let done = params![device.as_bytes(), done.cast_signed()];
            tables.execute("DELETE FROM hub_passed_order WHERE device = ?1 AND number <= ?2", done)?;
            tables.execute(
                "INSERT INTO hub_passed_done (device, number) VALUES (?1, ?2)
                 ON CONFLICT (device) DO UPDATE SET number = excluded.number",
                done,
            )?;
            Ok::<_, HubError>(())
        })?;
    }
    let open = waiting.into_iter().filter(|(number, _)| *number > done);
    open.map(|(_, signed)| SignedOrder::from_bytes(&signed).map_err(|_| HubError::Damaged("hub_passed_order")))
        .collect()
}

/// What the server is told of the orders that it gave this hub to pass on.
pub(crate) fn passed(tables: &Connection) -> Result<Vec<OrdersPassed>, HubError> {
    let mut statement = tables.prepare_cached(
        "SELECT device, coalesce((SELECT number FROM hub_passed_done d WHERE d.device = known.device), 0),
                coalesce((SELECT max(number) FROM hub_passed_order o WHERE o.device = known.device), 0)
         FROM (SELECT device FROM hub_passed_done UNION SELECT device FROM hub_passed_order) known ORDER BY device",
    )?;
    let rows = statement.query_map([], |row| {
        let (done, held): (i64, i64) = (row.get(1)?, row.get(2)?);
        let (done, held) = (done.cast_unsigned(), held.cast_unsigned());
        Ok(OrdersPassed { device: DeviceId::from_bytes(row.get(0)?), done, held })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps an order of the server until its device comes.
pub(crate) fn keep(tables: &Connection, order: &Order, signed: &SignedOrder) -> Result<(), HubError> {
    tables
        .prepare_cached(
            "INSERT INTO hub_passed_order (device, number, signed) VALUES (?1, ?2, ?3)
             ON CONFLICT (device, number) DO UPDATE SET signed = excluded.signed",
        )?
        .execute(params![order.device.as_bytes(), order.number.cast_signed(), signed.to_bytes()])?;
    Ok(())
}

/// After a backup was put back: what devices had done before may go beyond what this hub remembers.
pub(crate) fn forget_numbers(tables: &Connection) -> Result<(), HubError> {
    tables.execute("DELETE FROM hub_order_floor", [])?;
    tables.execute("INSERT INTO hub_order_floor (device, number) SELECT device, NULL FROM hub_device", [])?;
    Ok(())
}

/// The first time that a device asks after that, its open orders are numbered on from what it has done. One that was carried
/// out since the backup is carried out again, which changes nothing.
fn number_anew(hub: &mut HubState, device: DeviceId, done: u64) -> Result<(), HubError> {
    let unknown: bool = hub
        .store
        .connection()
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM hub_order_floor WHERE device = ?1 AND number IS NULL)")?
        .query_row([device.as_bytes()], |row| row.get(0))?;
    if !unknown {
        return Ok(());
    }
    hub.store.transaction(|tables| {
        let open: Vec<i64> = {
            let mut statement = tables.prepare_cached(
                "SELECT number FROM hub_order WHERE device = ?1 AND done_ms IS NULL ORDER BY number DESC",
            )?;
            statement.query_map([device.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        let first = open.last().copied().unwrap_or(0);
        // From the last down, so that no two have one number meanwhile.
        let last = done.cast_signed().saturating_add(i64::try_from(open.len()).unwrap_or(i64::MAX));
        if first <= done.cast_signed() {
            for (number, anew) in open.into_iter().zip((0..=last).rev()) {
                tables.execute(
                    "UPDATE hub_order SET number = ?3 WHERE device = ?1 AND number = ?2",
                    params![device.as_bytes(), number, anew],
                )?;
            }
        }
        tables.execute(
            "UPDATE hub_order_floor SET number = ?2 WHERE device = ?1",
            params![device.as_bytes(), done.cast_signed()],
        )?;
        Ok(())
    })
}

/// Writes down what was done and what is sent now, where that is news.
fn note(hub: &mut HubState, device: DeviceId, done: u64, sent_until: Option<i64>, now_ms: i64) -> Result<(), HubError> {
    let news: bool = hub
        .store
        .connection()
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM hub_order WHERE device = ?1
               AND ((number <= ?2 AND done_ms IS NULL) OR (number > ?2 AND number <= ?3 AND sent_ms IS NULL)))",
        )?
        .query_row(params![device.as_bytes(), done.cast_signed(), sent_until.unwrap_or(0)], |row| row.get(0))?;
    if !news {
        return Ok(());
    }
    hub.store.transaction(|tables| {
        tables.execute(
            "UPDATE hub_order SET done_ms = ?3 WHERE device = ?1 AND number <= ?2 AND done_ms IS NULL",
            params![device.as_bytes(), done.cast_signed(), now_ms],
        )?;
        tables.execute(
            "UPDATE hub_order SET sent_ms = ?4 WHERE device = ?1 AND number > ?2 AND number <= ?3 AND sent_ms IS NULL",
            params![device.as_bytes(), done.cast_signed(), sent_until.unwrap_or(0), now_ms],
        )?;
        Ok(())
    })
}

/// Makes an order of every erasure that has none yet, to each device that may hold the entity.
pub(crate) fn from_erasures(hub: &mut HubState, now_ms: i64) -> Result<(), HubError> {
    let made = erasures_ordered(hub.store.connection())?;
    let erased = hub.store.erasures_after(made)?;
    let Some(last) = erased.last().map(|erased| erased.no) else { return Ok(()) };
    let mut orders = Vec::new();
    for erased in erased {
        let head = hub.store.entity_head(erased.entity)?;
        let deed = Deed::Erase { entity: erased.entity, under: erased.under, reason: erased.reason };
        for device in holders(hub.store.connection(), head.as_ref())? {
            orders.push((device, deed.clone()));
        }
    }
    hub.store.transaction(|tables| {
        for (device, deed) in &orders {
            give(tables, *device, deed, now_ms)?;
        }
        tables.execute(
            "INSERT INTO hub_erasures_ordered (one, no) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET no = excluded.no",
            [last.cast_signed()],
        )?;
        Ok(())
    })
}

fn erasures_ordered(tables: &Connection) -> Result<u64, HubError> {
    let no: Option<i64> = tables
        .prepare_cached("SELECT no FROM hub_erasures_ordered WHERE one = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(no.unwrap_or(0).cast_unsigned())
}

/// The devices that may hold an entity now, or were told to leave its scope and may hold it still.
fn holders(tables: &Connection, head: Option<&EntityHead>) -> Result<Vec<DeviceId>, HubError> {
    let Some(EntityHead { scope, kind, .. }) = head else { return Ok(Vec::new()) };
    let leave = Deed::Leave { scope: scope.clone() }.to_bytes();
    let mut statement = tables.prepare_cached(
        "SELECT d.device, EXISTS (SELECT 1 FROM hub_order o WHERE o.device = d.device AND o.kind = 'leave' AND o.deed = ?1)
         FROM hub_device d ORDER BY d.device",
    )?;
    let rows = statement.query_map([leave], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, bool>(1)?)))?;
    let mut holders = Vec::new();
    for row in rows {
        let (device, left) = row?;
        let device = DeviceId::from_bytes(device);
        if left || people::device(tables, device)?.is_some_and(|known| known.may_keep(scope, *kind)) {
            holders.push(device);
        }
    }
    Ok(holders)
}

/// An erasure that a device has not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unconfirmed {
    /// The device.
    pub(crate) device: DeviceId,
    /// The names of its people.
    pub(crate) people: String,
    /// The entity of which content was erased.
    pub(crate) entity: EntityId,
    /// When the order was made.
    pub(crate) made_ms: i64,
    /// When it was first sent; none when the device did not ask since.
    pub(crate) sent_ms: Option<i64>,
}

/// Erasures outstanding: which device has not confirmed which.
pub(crate) fn unconfirmed(tables: &Connection) -> Result<Vec<Unconfirmed>, HubError> {
    let mut statement = tables.prepare_cached(
        "SELECT device, entity, made_ms, sent_ms FROM hub_order
         WHERE kind = 'erase' AND done_ms IS NULL ORDER BY made_ms, device, number",
    )?;
    let mut rows = statement.query([])?;
    let mut unconfirmed = Vec::new();
    while let Some(row) = rows.next()? {
        let device = DeviceId::from_bytes(row.get(0)?);
        unconfirmed.push(Unconfirmed {
            device,
            people: people::names_of(tables, device)?,
            entity: EntityId::from_bytes(row.get(1)?),
            made_ms: row.get(2)?,
            sent_ms: row.get(3)?,
        });
    }
    Ok(unconfirmed)
}

/// Revokes a device, or says again how far it counts when more of it was released: what it hands in from now on is kept
/// aside, it is sent nothing but the order to wipe itself, and the other devices of its scopes take in no more of it than
/// this hub has.
pub(crate) fn revoke(hub: &mut HubState, device: DeviceId, now_ms: i64) -> Result<(), HubError> {
    let of_it = hub.store.logs()?.into_iter().filter(|head| head.log.device == device);
    let accepted: Vec<LogHead> = of_it
        .map(|head| LogHead { device, scope: head.log.scope, seq: head.seq, prefix: head.hash.prefix() })
        .collect();
    let scopes: Vec<(Scope, u64)> = accepted.iter().map(|head| (head.scope.clone(), head.seq)).collect();
    let is_server = hub.is_server()?;
    // First what protects; the orders are made again when a stop lies in between and the command is repeated.
    hub.store.revoke(device, &scopes)?;
    hub.store.transaction(|tables| {
        let known = tables.execute("UPDATE hub_device SET revoked = 1 WHERE device = ?1", [device.as_bytes()])?;
        if known == 0 {
            return Err(HubError::UnknownDevice(device));
        }
        if !is_server {
            return Ok(());
        }
        if !has_order(tables, device, &Deed::Wipe)? {
            give(tables, device, &Deed::Wipe, now_ms)?;
        }
        let mut statement =
            tables.prepare_cached("SELECT device FROM hub_device WHERE device <> ?1 AND revoked = 0")?;
        let others = statement.query_map([device.as_bytes()], |row| row.get::<_, [u8; 16]>(0))?;
        for other in others {
            let other = DeviceId::from_bytes(other?);
            let Some(known) = people::device(tables, other)? else { continue };
            let its: Vec<LogHead> = accepted.iter().filter(|head| known.may_hold(&head.scope)).cloned().collect();
            if !its.is_empty() {
                give(tables, other, &Deed::Revoke { device, accepted: its }, now_ms)?;
            }
        }
        Ok(())
    })
}

fn has_order(tables: &Connection, device: DeviceId, deed: &Deed) -> Result<bool, HubError> {
    Ok(tables
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM hub_order WHERE device = ?1 AND deed = ?2)")?
        .query_row(params![device.as_bytes(), deed.to_bytes()], |row| row.get(0))?)
}

/// The scopes of this hub that a device held and does not hold any more become orders to leave them.
pub(crate) fn leave(tables: &Connection, device: DeviceId, held: &[Scope], now_ms: i64) -> Result<(), HubError> {
    let Some(known) = people::device(tables, device)? else { return Ok(()) };
    for scope in held.iter().filter(|scope| !known.may_hold(scope)) {
        give(tables, device, &Deed::Leave { scope: scope.clone() }, now_ms)?;
    }
    Ok(())
}
