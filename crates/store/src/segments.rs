//! Giving segments away: own entries are signed when they are first asked for, and what others signed is passed on.
//! For somebody who holds the entry before a segment, what that one says is left out.
//!
//! A segment is put together from the entries, or goes as it came where it was kept; what was erased since is not in it. Its
//! bounds never change once signed. Its place in its scope is given in the transaction that brings it, so a reader's cursor
//! skips nothing.

use std::collections::HashMap;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{Entry, HashPrefix, LogId, Previous, Salt, Segment};
use rusqlite::Connection;

use crate::limits::{SEGMENT_BYTES, SEGMENT_ENTRIES};
use crate::packed::{self, AsItCame};
use crate::transaction::Step;
use crate::{Addressee, Packed, Page, Store, StoreError, numbers, row};

/// Segments with their bytes as they came, where those were kept, and the hash at their end.
macro_rules! signed {
    () => {
        "SELECT g.log, g.first_seq, g.last_seq, g.signature, g.server_seq, l.device, e.hash, p.follows, p.digest, p.bytes
         FROM segment g JOIN log l ON l.no = g.log LEFT JOIN entry e ON e.log = g.log AND e.seq = g.last_seq
         LEFT JOIN packed p ON p.log = g.log AND p.last_seq = g.last_seq "
    };
}

impl Store {
    /// Segments of a log after an entry, own entries signed into new ones; one if there is any, then as many as fit the
    /// budget.
    pub fn segments_to_send(
        &mut self,
        log: &LogId,
        after: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StoreError> {
        let Some(no) = numbers::find_log_of(&self.connection, log)? else { return Ok(Vec::new()) };
        self.cut(log, no)?;
        let mut statement = self
            .connection
            .prepare_cached(concat!(signed!(), "WHERE g.log = ?1 AND g.last_seq > ?2 ORDER BY g.last_seq"))?;
        let mut rows = statement.query((no, row::sql(after)))?;
        let mut segments = Vec::new();
        let mut size_bytes = 0;
        while let Some(found) = rows.next()? {
            let packed = pack(&self.connection, log, found, addressee)?;
            size_bytes += packed.bytes.len();
            if !segments.is_empty() && size_bytes > budget_bytes {
                break;
            }
            segments.push(packed);
        }
        Ok(segments)
    }

    /// Segments of a scope in the order in which they came here, after a cursor (0: from the start), without those of
    /// the device that asks. One if there is any, then as many as fit the budget.
    pub fn segments_after(
        &mut self,
        scope: &Scope,
        cursor: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StoreError> {
        let mut page = Page { cursor, ..Page::default() };
        let Some(scope_no) = numbers::find_scope(&self.connection, scope)? else { return Ok(page) };
        if let Some(own) = numbers::find_log(&self.connection, self.device, scope_no)? {
            self.cut(&LogId { device: self.device, scope: scope.clone() }, own)?;
        }
        let mut statement = self
            .connection
            .prepare_cached(concat!(signed!(), "WHERE g.scope = ?1 AND g.server_seq > ?2 ORDER BY g.server_seq"))?;
        let mut rows = statement.query((scope_no, row::sql(cursor)))?;
        let mut size_bytes = 0;
        while let Some(found) = rows.next()? {
            let place = row::number(found, "server_seq")?;
            let device = DeviceId::from_bytes(found.get("device")?);
            if except != Some(device) {
                let log = LogId { device, scope: scope.clone() };
                let packed = pack(&self.connection, &log, found, addressee)?;
                size_bytes += packed.bytes.len();
                if !page.segments.is_empty() && size_bytes > budget_bytes {
                    page.more = true;
                    break;
                }
                page.segments.push(packed);
            }
            page.cursor = place;
        }
        Ok(page)
    }

    /// The entry of a device that a segment was written against, by its number and the start of its chain hash. None when it
    /// is not here, or when it can't be told which of several scopes' it is.
    pub fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.name, e.header, e.hash FROM log l JOIN scope s ON s.no = l.scope
             JOIN entry e ON e.log = l.no AND e.seq = ?2 WHERE l.device = ?1",
        )?;
        let mut rows = statement.query((device.as_bytes(), row::sql(seq)))?;
        let mut held = None;
        while let Some(found) = rows.next()? {
            let hash = row::hash(found, 2)?;
            if hash.prefix() != prefix {
                continue;
            }
            if held.is_some() {
                return Ok(None);
            }
            let log = LogId { device, scope: row::scope(found, 0)? };
            held = Some(Previous { log, header: row::header(found, 1)?, hash });
        }
        Ok(held)
    }

    /// Signs own entries that stand in no segment yet.
    pub(crate) fn cut(&mut self, log: &LogId, no: i64) -> Result<(), StoreError> {
        let (last, _) = numbers::head(&self.connection, no, log)?;
        if log.device != self.device || numbers::cut(&self.connection, no)? >= last {
            return Ok(());
        }
        let transaction = Step::begin(&self.connection)?;
        let scope = numbers::scope(&transaction, &log.scope)?;
        let mut first = numbers::cut(&transaction, no)? + 1;
        while first <= last {
            let last_of_this = cut_at(&transaction, no, first)?;
            let signed = {
                let (prior, entries, salts) = run(&transaction, no, log, first, last_of_this)?;
                Segment::sign(log.clone(), prior, entries, |entity| salts.get(&entity).copied(), &self.signing_key)?
            };
            insert(&transaction, no, scope, &signed)?;
            if self.passes_on {
                let previous = (first > 1).then(|| previous(&transaction, no, log, first - 1)).transpose()?;
                let bytes = written(&signed, previous.as_ref())?;
                packed::keep(&transaction, no, last_of_this, &AsItCame { bytes: &bytes, follows: previous.is_some() })?;
            }
            first = last_of_this + 1;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// Where the segment that begins at `first` ends.
pub(crate) fn cut_at(connection: &Connection, log: i64, first: u64) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, length(header) + length(slots) FROM entry WHERE log = ?1 AND seq >= ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query((log, row::sql(first)))?;
    let (mut last, mut size_bytes, mut entries) = (first, 0, 0);
    while let Some(found) = rows.next()? {
        size_bytes += row::number(found, 1)?;
        entries += 1;
        if entries > 1 && (size_bytes > SEGMENT_BYTES || entries > SEGMENT_ENTRIES) {
            break;
        }
        last = row::number(found, 0)?;
    }
    Ok(last)
}

/// Gives a segment its place in its scope.
pub(crate) fn insert(connection: &Connection, log: i64, scope: i64, segment: &Segment) -> Result<(), StoreError> {
    connection.prepare_cached("UPDATE scope SET server_seq = server_seq + 1 WHERE no = ?1")?.execute([scope])?;
    connection
        .prepare_cached(
            "INSERT INTO segment (log, last_seq, first_seq, signature, scope, server_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, (SELECT server_seq FROM scope WHERE no = ?5))",
        )?
        .execute((log, row::sql(segment.last_seq()), row::sql(segment.first_seq()), segment.signature(), scope))?;
    Ok(())
}

pub(crate) type Run = (kend_log::ChainHash, Vec<Entry>, HashMap<EntityId, Salt>);

/// The entries of a run, the hash before it, and per entity the salt of its keys.
pub(crate) fn run(connection: &Connection, no: i64, log: &LogId, first: u64, last: u64) -> Result<Run, StoreError> {
    let prior = numbers::hash_at(connection, no, log, first.saturating_sub(1))?.ok_or_else(gap)?;
    let mut statement = connection.prepare_cached(
        "SELECT header, slots, salt FROM entry WHERE log = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
    )?;
    let mut rows = statement.query((no, row::sql(first), row::sql(last)))?;
    let mut entries = Vec::new();
    let mut salts = HashMap::new();
    while let Some(found) = rows.next()? {
        let entry = row::entry(found, 0, 1)?;
        if let Some(salt) = found.get::<_, Option<Salt>>(2)? {
            salts.entry(entry.header.entity).or_insert(salt);
        }
        entries.push(entry);
    }
    Ok((prior, entries, salts))
}

pub(crate) fn assemble(
    connection: &Connection,
    no: i64,
    log: &LogId,
    first: u64,
    last: u64,
    signature: [u8; 64],
) -> Result<Segment, StoreError> {
    let (prior, entries, salts) = run(connection, no, log, first, last)?;
    let segment = Segment::assemble(log.clone(), prior, entries, |entity| salts.get(&entity).copied(), signature)?;
    // Nobody is sent what is damaged here: they would take it for a forgery.
    if numbers::hash_at(connection, no, log, last)? != Some(segment.head()) {
        return Err(StoreError::Damaged("an entry".to_owned()));
    }
    Ok(segment)
}

/// A segment that was found by [`signed!`], in the bytes for whoever it goes to.
fn pack(
    connection: &Connection,
    log: &LogId,
    found: &rusqlite::Row<'_>,
    addressee: Addressee,
) -> Result<Packed, StoreError> {
    let (no, first, last) = (found.get("log")?, row::number(found, "first_seq")?, row::number(found, "last_seq")?);
    let follows = addressee == Addressee::Holder && first > 1;
    let (head, bytes) = if let Some(bytes) = packed::read(found, follows)? {
        (row::hash(found, "hash")?, bytes)
    } else {
        let segment = assemble(connection, no, log, first, last, found.get("signature")?)?;
        let previous = follows.then(|| previous(connection, no, log, first - 1)).transpose()?;
        (segment.head(), written(&segment, previous.as_ref())?)
    };
    Ok(Packed { log: log.clone(), first_seq: first, last_seq: last, head, bytes })
}

fn written(segment: &Segment, previous: Option<&Previous>) -> Result<Vec<u8>, StoreError> {
    Ok(match previous {
        Some(previous) => segment.to_bytes_after(previous)?,
        None => segment.to_bytes()?,
    })
}

fn gap() -> StoreError {
    StoreError::Damaged("a log has a gap".to_owned())
}

/// An entry as a segment is written against it.
fn previous(connection: &Connection, no: i64, log: &LogId, seq: u64) -> Result<Previous, StoreError> {
    let mut statement = connection.prepare_cached("SELECT header, hash FROM entry WHERE log = ?1 AND seq = ?2")?;
    let read = |found: &rusqlite::Row<'_>| Ok((row::header(found, 0), row::hash(found, 1)));
    let (header, hash) = statement.query_row((no, row::sql(seq)), read)?;
    Ok(Previous { log: log.clone(), header: header?, hash: hash? })
}
