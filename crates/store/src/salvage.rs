//! Reading out of a damaged store what can be read, into a new one beside it.
//!
//! The damaged file is never changed. Into the new store goes only what verifies, by the same door as what comes from others
//! ([`Store::receive`]): segments whose signature and chain hold, of each log up to the first entry that can't be read. The
//! hub fills in the rest.
//!
//! A device whose own log is whole goes on as itself. Else it goes on under a new name and key: if it wrote on where its
//! log broke off, there would be two entries of one number in the world. What stood behind the break and no hub has yet is
//! written once more, by the same person, as entries of the new device: nothing that was kept is left behind.

mod old;

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use kend_domain::{DeviceId, PersonId, Scope};
use kend_log::{PublicKeyBytes, Segment, SigningKeyBytes};
use rusqlite::OptionalExtension;
use rusqlite::types::Value;
use zeroize::Zeroizing;

use crate::receive::Everybody;
use crate::{Append, DatabaseKey, Device, NewDevice, OpenError, Received, Store, StoreError, blob, numbers, row};
use old::{Old, OldLog, remove};

/// Tables that the log itself fills anew.
const OF_THE_LOG: [&str; 14] = [
    "own_device",
    "scope",
    "log",
    "entity",
    "entry",
    "segment",
    "live",
    "element",
    "remembered",
    "contributor",
    "digest",
    "added_migration",
    "blob",
    "blob_reference",
];
/// What orders of the server have left behind, beside what they did to the log.
const OF_ORDERS: [&str; 3] = ["erasure", "revoked", "left_scope"];

/// What was read out of a damaged store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salvaged {
    /// Whether the device goes on under its own name. Else it must join its hub anew.
    pub same_device: bool,
    /// Entries that verified.
    pub entries: u64,
    /// Own entries behind a break that no hub had, written once more.
    pub written_again: u64,
    /// Whether anything could not be read. What a hub has comes back with the next exchanges.
    pub incomplete: bool,
}

type OwnDevice = Option<(DeviceId, Zeroizing<SigningKeyBytes>)>;

impl Store {
    /// Reads what can be read of the damaged store at `damaged` into a new one at `into`, over what an earlier attempt left
    /// there. `fresh` is who the device will be if it can't stay itself. An error means that nothing is readable or that
    /// the disk refused; nothing was changed then.
    pub fn salvage(
        damaged: &FilePath,
        into: &FilePath,
        key: &DatabaseKey,
        fresh: &NewDevice,
    ) -> Result<Salvaged, OpenError> {
        let old = Old::open(damaged, into, key)?;
        let own = old.own_device();
        let (logs, all_logs) = old.logs(own.as_ref().map(|(device, _)| *device));
        let is_own = |log: &&OldLog| own.as_ref().is_some_and(|(device, _)| *device == log.id.device);
        // Where a log was that went with its scope stands in no log.
        let same_device = own.is_some()
            && all_logs
            && old.rows("SELECT scope, own_seq FROM left_scope", |row| row.get::<_, i64>(0)).1
            && logs.iter().filter(is_own).all(|log| old.is_whole(log));
        let device = match &own {
            Some((device, key)) if same_device => NewDevice { device: *device, signing_key: **key },
            _ => fresh.clone(),
        };
        remove(into).map_err(OpenError::System)?;
        let mut new = Self::create(into, key, &device, &[])?;
        let done = Salvaged { same_device, entries: 0, written_again: 0, incomplete: !all_logs };
        let mut salvage = Salvage { old: &old, new: &mut new, done };
        salvage.take(&own, &logs).map_err(|error| match error {
            StoreError::DiskFull(cause) | StoreError::Refused(cause) | StoreError::Busy(cause) => OpenError::Io(cause),
            other => OpenError::Damaged(other.to_string()),
        })?;
        let done = salvage.done;
        // Closed as a whole: one file, to be moved to its place.
        new.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(OpenError::from_sqlite)?;
        Ok(done)
    }
}

struct Salvage<'a> {
    old: &'a Old,
    new: &'a mut Store,
    done: Salvaged,
}

impl Salvage<'_> {
    fn take(&mut self, own: &OwnDevice, logs: &[OldLog]) -> Result<(), StoreError> {
        self.table("device")?;
        // Before the log: nothing that comes in after it revives what was erased, and each keeps its number.
        let mut orders_kept = self.done.same_device;
        for table in OF_ORDERS {
            orders_kept &= self.table(table)?;
        }
        if !self.done.same_device {
            // The old name's log, which may not be branched; this device has none there.
            self.new.connection.execute("DELETE FROM left_scope WHERE own_seq IS NOT NULL", [])?;
        }
        if let Some((device, key)) = own.as_ref().filter(|_| !self.done.same_device) {
            self.remember_old_self(*device, kend_log::public_key(key), logs)?;
        }
        for log in logs {
            self.log(own, log)?;
        }
        let mut statement = self.new.connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
        let tables: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(statement);
        let copied =
            |name: &str| OF_THE_LOG.contains(&name) || OF_ORDERS.contains(&name) || name.starts_with("sqlite_");
        for table in tables.iter().filter(|name| !copied(name)) {
            self.table(table)?;
        }
        self.new.connection.execute(
            "DELETE FROM receipt WHERE seq > (SELECT coalesce(max(e.seq), 0) FROM entry e WHERE e.log = receipt.log)",
            [],
        )?;
        // Their files may be those of entries that come again.
        self.new.set_setting(blob::UNCOLLECTED, &true)?;
        if !orders_kept {
            // Carried out once more, they change nothing but what was lost; a new device has orders of its own.
            self.new.connection.execute("DELETE FROM orders_done", [])?;
        }
        Ok(())
    }

    fn log(&mut self, own: &OwnDevice, log: &OldLog) -> Result<(), StoreError> {
        while let Some(segment) = self.old.segment_after(log, self.have(log)?) {
            if !self.receive(&segment)? {
                break;
            }
        }
        let is_own = match own {
            Some((device, key)) if *device == log.id.device => {
                while let Some(segment) = self.old.sign_from(log, self.have(log)? + 1, key) {
                    if !self.receive(&segment)? {
                        break;
                    }
                }
                true
            }
            Some(_) => false,
            // Nobody vouches for it: a log of this device, whose key is lost.
            None => self.new.known_device(log.id.device)?.is_none(),
        };
        if is_own && self.done.same_device {
            self.keep_acknowledgement(log)?;
        } else if is_own {
            self.write_again(log)?;
        }
        let have = self.have(log)?;
        // Whether it ends here or breaks off can't be told where its end can't be read.
        self.done.incomplete |= self.old.last(log) != Some(have);
        self.done.entries += have;
        Ok(())
    }

    /// The old name's log stays in the world as that of another device.
    fn remember_old_self(
        &mut self,
        device: DeviceId,
        public_key: PublicKeyBytes,
        logs: &[OldLog],
    ) -> Result<(), StoreError> {
        let scopes = logs.iter().filter(|log| log.id.device == device).map(|log| log.id.scope.clone()).collect();
        self.new.put_device(&Device { device, public_key, person: PersonId::from_bytes([0; 16]), scopes })
    }

    /// How far a log has come in the new store.
    fn have(&self, log: &OldLog) -> Result<u64, StoreError> {
        match numbers::find_log_of(&self.new.connection, &log.id)? {
            Some(no) => Ok(numbers::head(&self.new.connection, no, &log.id)?.0),
            None => Ok(0),
        }
    }

    fn receive(&mut self, segment: &Segment) -> Result<bool, StoreError> {
        let received = self.new.receive(&segment.to_bytes()?, &Everybody)?;
        Ok(matches!(received, Received::Appended { .. }))
    }

    fn keep_acknowledgement(&mut self, log: &OldLog) -> Result<(), StoreError> {
        let Some(no) = numbers::find_log_of(&self.new.connection, &log.id)? else { return Ok(()) };
        let acknowledged = log.acknowledged.min(self.have(log)?);
        self.new.connection.execute("UPDATE log SET acknowledged = ?2 WHERE no = ?1", (no, row::sql(acknowledged)))?;
        Ok(())
    }

    /// Writes once more what stood behind the break and no hub has.
    fn write_again(&mut self, log: &OldLog) -> Result<(), StoreError> {
        let mut seq = self.have(log)?.max(log.acknowledged);
        while let Some(behind) = self.old.behind(log, seq) {
            seq = behind.seq;
            let Some((entry, Some(salt))) = behind.entry else { continue };
            let ops: Vec<_> = entry.ops().cloned().collect();
            let header = entry.header;
            let append = Append {
                scope: log.id.scope.clone(),
                entity: header.entity,
                kind: header.kind,
                actor: header.actor,
                ops,
                said: header.said,
                form_version: header.form_version,
                seen: None,
                ends_drafts: Vec::new(),
                salt,
            };
            match self.new.append(append) {
                Ok(_) => self.done.written_again += 1,
                Err(error) if error.is_retryable() => return Err(error),
                // Erased meanwhile, or of an entity that lives elsewhere.
                Err(_) => self.done.incomplete = true,
            }
        }
        Ok(())
    }

    /// Copies the rows of a table that can be read; whether these are all. Numbers of scopes, logs and entities are those of
    /// the new store.
    fn table(&mut self, table: &str) -> Result<bool, StoreError> {
        let numbered: BTreeMap<String, String> =
            self.pairs("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)", table)?.into_iter().collect();
        let columns: Vec<(String, i64)> =
            self.pairs("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid", table)?;
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut key: Vec<&(String, i64)> = columns.iter().filter(|(_, place)| *place > 0).collect();
        key.sort_by_key(|(_, place)| *place);
        let places: Vec<String> = (1..=names.len()).map(|place| format!("?{place}")).collect();
        let all = names.join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} ({all}) VALUES ({})", places.join(", "));
        let mut all_rows = true;
        // From both ends: what can't be read ends a list.
        for order in ["ASC", "DESC"] {
            let by: Vec<String> = key.iter().map(|(column, _)| format!("{column} {order}")).collect();
            let select = format!("SELECT {all} FROM {table} ORDER BY {}", by.join(", "));
            let (rows, whole) = self
                .old
                .rows(&select, |row| (0..names.len()).map(|place| row.get(place)).collect::<Result<Vec<Value>, _>>());
            for mut cells in rows {
                let zeros = |cell: &Value| matches!(cell, Value::Text(text) if text.contains('\0'));
                if cells.iter().any(zeros) || !self.renumber(&names, &numbered, &mut cells)? {
                    all_rows = false;
                    continue;
                }
                self.new.connection.prepare_cached(&insert)?.execute(rusqlite::params_from_iter(cells))?;
            }
            if whole {
                break;
            }
            all_rows = false;
        }
        self.done.incomplete |= !all_rows;
        Ok(all_rows)
    }

    fn pairs<T: rusqlite::types::FromSql>(&self, sql: &str, table: &str) -> Result<Vec<(String, T)>, StoreError> {
        let mut statement = self.new.connection.prepare_cached(sql)?;
        Ok(statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// Puts the new store's numbers in the place of the old ones. False when the new store has no such thing.
    fn renumber(
        &self,
        columns: &[&str],
        numbered: &BTreeMap<String, String>,
        cells: &mut [Value],
    ) -> Result<bool, StoreError> {
        for (column, cell) in columns.iter().zip(cells) {
            let Some(of) = numbered.get(*column) else { continue };
            let Some(name) = self.old.name_of(of, cell) else { return Ok(false) };
            let number = match (of.as_str(), &name) {
                // A scope that was left has nothing of the log, but what is known of it stays.
                ("scope", Value::Text(name)) => match Scope::try_from(name.clone()) {
                    Ok(scope) => Some(numbers::scope(&self.new.connection, &scope)?),
                    Err(_) => None,
                },
                ("entity", _) => self.number("SELECT no FROM entity WHERE id = ?1", &name)?,
                _ => self.number(
                    "SELECT l.no FROM log l JOIN scope s ON s.no = l.scope WHERE hex(l.device) || s.name = ?1",
                    &name,
                )?,
            };
            let Some(number) = number else { return Ok(false) };
            *cell = Value::Integer(number);
        }
        Ok(true)
    }

    fn number(&self, sql: &str, name: &Value) -> Result<Option<i64>, StoreError> {
        Ok(self.new.connection.query_row(sql, [name], |row| row.get(0)).optional()?)
    }
}
