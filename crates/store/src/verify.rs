//! All that a store holds, looked at again: pages, signatures, chains, and the projection against the log.
//!
//! What is read every day is verified when it comes in and then trusted. This is for the day after a disk was bad or a
//! backup was put back. It changes nothing, and says the first thing that it finds.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{Chained, EntityState, LogId, PublicKeyBytes, Segment};
use rusqlite::Connection;

use crate::numbers::EntityRow;
use crate::{Store, StoreError, packed, projection, row, segments};

/// What was looked at and found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// Entries, each with its place in its chain.
    pub entries: u64,
    /// Segments, each with its signature.
    pub segments: u64,
    /// Entities, each folded anew and compared with the projection.
    pub entities: u64,
}

impl Store {
    /// Reads and compares everything.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        self.check()?;
        // One moment for all comparisons, whatever others write meanwhile.
        let alone = self.connection.is_autocommit();
        let _moment = alone.then(|| self.connection.unchecked_transaction()).transpose()?;
        let mut verified = Verified::default();
        let mut statement = self.connection.prepare(
            "SELECT l.no, l.device, s.name FROM log l JOIN scope s ON s.no = l.scope ORDER BY s.name, l.device",
        )?;
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            let scope = Scope::try_from(found.get::<_, String>(2)?).map_err(|_| damaged("a scope"))?;
            let log = LogId { device: DeviceId::from_bytes(found.get(1)?), scope };
            self.verify_log(found.get(0)?, &log, &mut verified)?;
        }
        let mut statement = self.connection.prepare("SELECT id, no, scope, kind FROM entity ORDER BY no")?;
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            let id = EntityId::from_bytes(found.get(0)?);
            let row = EntityRow { no: found.get(1)?, scope: found.get(2)?, kind: found.get(3)? };
            verify_entity(&self.connection, id, row)?;
            verified.entities += 1;
        }
        Ok(verified)
    }

    fn verify_log(&self, no: i64, log: &LogId, verified: &mut Verified) -> Result<(), StoreError> {
        let key = self.key_of(log.device)?;
        let mut last = 0;
        let mut statement = self
            .connection
            .prepare("SELECT first_seq, last_seq, signature FROM segment WHERE log = ?1 ORDER BY last_seq")?;
        let mut rows = statement.query([no])?;
        while let Some(found) = rows.next()? {
            let (first, until) = (row::number(found, 0)?, row::number(found, 1)?);
            if first != last + 1 {
                return Err(damaged("a segment is missing"));
            }
            let segment = segments::assemble(&self.connection, no, log, first, until, found.get(2)?)?;
            segment.verify(&key).map_err(|_| damaged("a signature"))?;
            self.verify_packed(no, &segment)?;
            last = until;
            verified.segments += 1;
        }
        let mut prior = kend_log::ChainHash::start(log);
        let mut seq = 0;
        let mut statement =
            self.connection.prepare("SELECT seq, header, slots, hash FROM entry WHERE log = ?1 ORDER BY seq")?;
        let mut rows = statement.query([no])?;
        while let Some(found) = rows.next()? {
            seq += 1;
            let entry = row::entry(found, 1, 2)?;
            let hash = entry.chain(&prior);
            if row::number(found, 0)? != seq || entry.header.seq != seq || hash != row::hash(found, 3)? {
                return Err(damaged("a chain"));
            }
            prior = hash;
        }
        // Only what this device wrote may still wait for its signature.
        if last > seq || (last < seq && log.device != self.device) {
            return Err(damaged("the end of a log"));
        }
        verified.entries += seq;
        Ok(())
    }

    /// What is passed on as it came says what the entries say.
    fn verify_packed(&self, no: i64, segment: &Segment) -> Result<(), StoreError> {
        for follows in [false, true] {
            let Some(bytes) = packed::find(&self.connection, no, segment.last_seq(), follows)? else { continue };
            let read = Segment::read(&bytes, |device, seq, prefix| self.entry_before(device, seq, prefix))?;
            if read.as_ref() != Ok(segment) {
                return Err(damaged("a segment as it came"));
            }
        }
        Ok(())
    }

    fn key_of(&self, device: DeviceId) -> Result<PublicKeyBytes, StoreError> {
        if device == self.device {
            return Ok(self.public_key());
        }
        self.known_device(device)?.map(|device| device.public_key).ok_or_else(|| damaged("the key of a device"))
    }
}

fn verify_entity(connection: &Connection, id: EntityId, found: EntityRow) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT l.device, e.hash, e.header, e.slots FROM entry e JOIN log l ON l.no = e.log WHERE e.entity = ?1",
    )?;
    let mut rows = statement.query([found.no])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let device = DeviceId::from_bytes(row.get(0)?);
        entries.push(Chained { device, hash: row::hash(row, 1)?, entry: row::entry(row, 2, 3)? });
    }
    let folded = EntityState::fold(id, &entries);
    let projected = projection::load(connection, id, found)?;
    if folded.to_bytes() == projected.to_bytes() { Ok(()) } else { Err(damaged("the projection")) }
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}
