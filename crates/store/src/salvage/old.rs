//! What can be read of a damaged store.
//!
//! All is read from a copy whose write-ahead log is mended. After the first page that does not match its code `SQLCipher`
//! hands out zeros for every other page, so whatever fails is asked once more on a fresh connection, and only what was read
//! before anything failed counts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use kend_domain::{DeviceId, Scope};
use kend_log::{ChainHash, Entry, LogId, Op, Salt, Segment, SigningKeyBytes};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use zeroize::Zeroizing;

use crate::limits::SEGMENT_ENTRIES;
use crate::store::{connect, own_device};
use crate::{DatabaseKey, OpenError, StoreError, migrate, numbers, row, segments, wal};

/// A log of the damaged store.
pub(super) struct OldLog {
    no: i64,
    pub(super) id: LogId,
    pub(super) acknowledged: u64,
}

/// An entry that stands behind a break of its log: as much as can be read of it.
pub(super) struct Behind {
    pub(super) seq: u64,
    pub(super) entry: Option<(Entry, Option<Salt>)>,
}

/// The damaged store, copied.
pub(super) struct Old {
    copy: Copy,
    key: DatabaseKey,
    connection: RefCell<Connection>,
}

impl Old {
    pub(super) fn open(damaged: &FilePath, beside: &FilePath, key: &DatabaseKey) -> Result<Self, OpenError> {
        let copy = Copy::of(damaged, beside).map_err(OpenError::System)?;
        let mut connection = match open(&copy.database, key) {
            Err(OpenError::WrongKey) => return Err(OpenError::Damaged("its first page".to_owned())),
            opened => opened?,
        };
        migrate::migrate(&mut connection, migrate::OWN, &[])?;
        Ok(Self { copy, key: key.clone(), connection: RefCell::new(connection) })
    }

    /// What is read without any error; asked a second time on a fresh connection.
    pub(super) fn read<T>(&self, read: impl Fn(&Connection) -> Result<T, StoreError>) -> Option<T> {
        for _ in 0..2 {
            let found = read(&self.connection.borrow());
            if let Ok(found) = found {
                return Some(found);
            }
            let fresh = open(&self.copy.database, &self.key).ok()?;
            *self.connection.borrow_mut() = fresh;
        }
        None
    }

    /// The rows up to the first that can't be read, and whether these are all.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> (Vec<T>, bool) {
        let longest = RefCell::new(Vec::new());
        let all = self.read(|connection| {
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            let end = loop {
                match rows.next() {
                    Ok(Some(row)) => match read(row) {
                        Ok(row) => found.push(row),
                        Err(error) => break Err(error),
                    },
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            if found.len() >= longest.borrow().len() {
                *longest.borrow_mut() = found;
            }
            Ok(end?)
        });
        (longest.into_inner(), all.is_some())
    }

    pub(super) fn own_device(&self) -> Option<(DeviceId, Zeroizing<SigningKeyBytes>)> {
        self.read(|connection| Ok(own_device(connection)?))
    }

    /// The logs that can be named, those of a device first, and whether these are all. Table and index tell the same, so
    /// what one has lost the other may have.
    pub(super) fn logs(&self, first: Option<DeviceId>) -> (Vec<OldLog>, bool) {
        let (mut scopes, mut found) = (BTreeMap::<i64, Scope>::new(), BTreeMap::new());
        let (mut all_scopes, mut all) = (false, false);
        for by in ["NOT INDEXED", "INDEXED BY sqlite_autoindex_scope_1"] {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
            let (rows, ended) = self.rows(&format!("SELECT no, name FROM scope {by}"), read);
            scopes.extend(rows.into_iter().filter_map(|(no, name)| Some((no, Scope::try_from(name).ok()?))));
            all_scopes |= ended;
        }
        for by in ["NOT INDEXED", "INDEXED BY sqlite_autoindex_log_1"] {
            let (rows, ended) = self.rows(&format!("SELECT no, device, scope FROM log {by}"), |row| {
                Ok((row.get::<_, i64>(0)?, (DeviceId::from_bytes(row.get(1)?), row.get::<_, i64>(2)?)))
            });
            found.extend(rows);
            all |= ended;
        }
        let mut logs = Vec::new();
        for (no, (device, scope)) in found {
            let Some(scope) = scopes.get(&scope).cloned() else {
                all = false;
                continue;
            };
            let sql = "SELECT acknowledged FROM log WHERE no = ?1";
            let acknowledged = self.read(|connection| Ok(connection.query_row(sql, [no], |row| row.get::<_, i64>(0))?));
            let acknowledged = acknowledged.unwrap_or(0).unsigned_abs();
            logs.push(OldLog { no, id: LogId { device, scope }, acknowledged });
        }
        logs.sort_by_key(|log| first != Some(log.id.device));
        (logs, all && all_scopes && self.copy.end_is_known)
    }

    /// The last entry of a log, where its end can be read.
    pub(super) fn last(&self, log: &OldLog) -> Option<u64> {
        self.read(|connection| Ok(numbers::head(connection, log.no, &log.id)?.0))
    }

    /// Whether every entry of a log up to its end can be read and follows from the one before.
    pub(super) fn is_whole(&self, log: &OldLog) -> bool {
        let Some(last) = self.last(log) else { return false };
        // A second place knows the end too: a page that was lost must not make the log look shorter.
        let sql = "SELECT coalesce(max(seq), 0) FROM entry INDEXED BY entry_by_entity WHERE log = ?1";
        let known = self.read(|connection| Ok(connection.query_row(sql, [log.no], |row| row.get::<_, i64>(0))?));
        known == Some(row::sql(last)) && (last == 0 || self.holds(log, 1, last))
    }

    /// The next signed segment of a log that ends behind an entry.
    pub(super) fn segment_after(&self, log: &OldLog, have: u64) -> Option<Segment> {
        // One by one, by the key: a list would end at the first page that can't be read.
        let sql = "SELECT first_seq, last_seq, signature FROM segment WHERE log = ?1 AND last_seq > ?2
                   ORDER BY last_seq LIMIT 1";
        let (first, last, signature) = self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?));
            Ok(statement.query_row((log.no, row::sql(have)), read).optional()?)
        })??;
        let (first, last) = (first.unsigned_abs(), last.unsigned_abs());
        self.read(|connection| segments::assemble(connection, log.no, &log.id, first, last, signature))
    }

    /// A segment of the entries from `first` on that stood in none, as many as can be read and fit, signed now.
    pub(super) fn sign_from(&self, log: &OldLog, first: u64, key: &SigningKeyBytes) -> Option<Segment> {
        let whole = self.read(|connection| segments::cut_at(connection, log.no, first));
        let last = whole.filter(|last| self.holds(log, first, *last)).or_else(|| self.readable_until(log, first))?;
        self.read(|connection| {
            let (prior, entries, salts) = segments::run(connection, log.no, &log.id, first, last)?;
            Ok(Segment::sign(log.id.clone(), prior, entries, |entity| salts.get(&entity).copied(), key)?)
        })
    }

    /// The last of the entries from `first` on that can be read without a break, within what fits a segment.
    fn readable_until(&self, log: &OldLog, first: u64) -> Option<u64> {
        let most = u64::try_from(SEGMENT_ENTRIES).unwrap_or(1) / 10;
        (first..first + most).take_while(|seq| self.holds(log, *seq, *seq)).last()
    }

    /// Whether a run of entries can be read and leads to the hash that stands at its end.
    fn holds(&self, log: &OldLog, first: u64, last: u64) -> bool {
        let held = self.read(|connection| {
            let (mut hash, entries, _) = segments::run(connection, log.no, &log.id, first, last)?;
            let all = u64::try_from(entries.len()) == Ok(last.saturating_sub(first) + 1);
            for entry in entries {
                hash = entry.chain(&hash);
            }
            Ok(all && numbers::hash_at(connection, log.no, &log.id, last)? == Some(hash))
        });
        held.unwrap_or(false)
    }

    /// The next entry behind a break: its number is known by the log or by its index.
    pub(super) fn behind(&self, log: &OldLog, after: u64) -> Option<Behind> {
        let next = |by: &str| {
            let sql = format!("SELECT seq FROM entry {by} WHERE log = ?1 AND seq > ?2 ORDER BY seq LIMIT 1");
            self.read(|connection| {
                let mut statement = connection.prepare_cached(&sql)?;
                Ok(statement.query_row((log.no, row::sql(after)), |row| row.get::<_, i64>(0)).optional()?)
            })
            .flatten()
        };
        let seq = next("").into_iter().chain(next("INDEXED BY entry_by_entity")).min()?.unsigned_abs();
        let read = self.read(|connection| {
            let damaged = || StoreError::Damaged("an entry".to_owned());
            let mut statement =
                connection.prepare_cached("SELECT header, slots, salt, hash FROM entry WHERE log = ?1 AND seq = ?2")?;
            let mut rows = statement.query((log.no, row::sql(seq)))?;
            let found = rows.next()?.ok_or_else(damaged)?;
            Ok((row::entry(found, 0, 1)?, found.get::<_, Option<Salt>>(2)?, row::hash(found, 3)?))
        });
        let entry = read.and_then(|(entry, salt, hash)| {
            let holds = match self.hash_at(log, seq - 1) {
                Some(prior) => entry.chain(&prior) == hash,
                None => !entry.ops().any(has_zeros),
            };
            holds.then_some((entry, salt))
        });
        Some(Behind { seq, entry })
    }

    /// The chain hash at an entry, from the log or from its index.
    fn hash_at(&self, log: &OldLog, seq: u64) -> Option<ChainHash> {
        let by_key = self.read(|connection| numbers::hash_at(connection, log.no, &log.id, seq)).flatten();
        by_key.or_else(|| {
            let sql = "SELECT hash FROM entry INDEXED BY entry_by_entity WHERE log = ?1 AND seq = ?2";
            self.read(|connection| {
                Ok(connection.query_row(sql, (log.no, row::sql(seq)), |row| row.get(0).map(ChainHash))?)
            })
        })
    }

    /// What a number stands for that scopes, logs and entities have inside the file only.
    pub(super) fn name_of(&self, kind: &str, number: &Value) -> Option<Value> {
        let sql = match kind {
            "scope" => "SELECT name FROM scope WHERE no = ?1",
            "entity" => "SELECT id FROM entity WHERE no = ?1",
            _ => "SELECT hex(l.device) || s.name FROM log l JOIN scope s ON s.no = l.scope WHERE l.no = ?1",
        };
        self.read(|connection| Ok(connection.query_row(sql, [number], |row| row.get(0))?))
    }
}

fn open(database: &FilePath, key: &DatabaseKey) -> Result<Connection, OpenError> {
    connect(database, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// A page that was wiped reads as zeros: where no hash can tell, a text with zeros in it is not what was written.
fn has_zeros(op: &Op) -> bool {
    let Op::Set { value, .. } = op else { return false };
    match value {
        kend_log::Value::Text(text) => text.contains('\0'),
        kend_log::Value::Names(names) => names.iter().any(|name| name.contains('\0')),
        _ => false,
    }
}

/// A copy of a database to read from, gone when it is dropped.
struct Copy {
    database: PathBuf,
    /// Whether nothing of the write-ahead log had to be left out.
    end_is_known: bool,
}

impl Copy {
    fn of(damaged: &FilePath, beside: &FilePath) -> std::io::Result<Self> {
        let mut name = beside.as_os_str().to_owned();
        name.push("-read");
        let mut copy = Self { database: name.into(), end_is_known: true };
        remove(&copy.database)?;
        std::fs::copy(damaged, &copy.database)?;
        let bytes = std::fs::read(wal::beside(damaged)).unwrap_or_default();
        let rotten = wal::is_rotten(&bytes);
        match wal::mended(&bytes) {
            Some(mended) if rotten => {
                copy.end_is_known = mended.whole;
                std::fs::write(wal::beside(&copy.database), mended.bytes)?;
            }
            None if rotten => copy.end_is_known = false,
            _ => std::fs::write(wal::beside(&copy.database), bytes)?,
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    /// What can't be removed is written over by the next attempt.
    fn drop(&mut self) {
        let _ = remove(&self.database);
    }
}

/// Removes a database with all that belongs to it.
pub(super) fn remove(database: &FilePath) -> std::io::Result<()> {
    for beside in ["-wal", "-shm", "-journal", ""] {
        let mut name = database.as_os_str().to_owned();
        name.push(beside);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    Ok(())
}
