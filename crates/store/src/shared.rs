//! What a copy of the store elsewhere needs: which rows and segments changed, and how to put them into a copy.
//!
//! The log travels as segments, and what is folded from it is folded again by each copy: numbers, projection and digests
//! are each file's own. All other tables travel row by row. What changed is noted by triggers in the transaction that
//! changes it, in tables that live as long as the connection: nothing can change unnoticed, and what is undone is unnoted.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use kend_domain::{DeviceId, PersonId, Scope};
use kend_log::LogId;

use crate::receive::{Arrival, Everybody};
use crate::{Device, Received, Store, StoreError, row, segments};

/// The store's tables that travel row by row. Those of whoever opens it travel too, unless it says otherwise.
const SHARED: &[&str] =
    &["own_device", "device", "draft", "recorded", "quarantine", "erasure", "revoked", "setting", "document"];

/// The store's tables that are each file's own: what is folded, numbered or noted from segments, what only a device writes that
/// has a hub above it, and the numbers of migrations.
const LOCAL: &[&str] = &[
    "scope",
    "log",
    "entity",
    "entry",
    "segment",
    "packed",
    "live",
    "element",
    "remembered",
    "contributor",
    "digest",
    "blob",
    "blob_reference",
    "blob_gone",
    "receipt",
    "left_scope",
    "orders_done",
    "added_migration",
];

/// A row of a table that travels.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedRow {
    /// The table.
    pub table: String,
    /// The values of its primary key, in the key's order.
    pub key: Vec<Value>,
    /// All its columns by name; none when the row is gone.
    pub columns: Option<Vec<(String, Value)>>,
}

/// Something that changed, as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A row, or that it is gone.
    Row(SharedRow),
    /// A segment that came in or was cut.
    Segment {
        /// Its log.
        log: LogId,
        /// Its last entry.
        last_seq: u64,
        /// Its bytes.
        bytes: Vec<u8>,
        /// It was here before, and content of it was erased.
        erased: bool,
    },
}

/// What is watched: tables that travel, each with its key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watched {
    tables: Vec<(String, Vec<String>)>,
    widest: usize,
}

impl Watched {
    fn key_of(&self, table: &str) -> Result<&[String], StoreError> {
        let found = self.tables.iter().find(|(name, _)| name == table);
        found.map(|(_, key)| key.as_slice()).ok_or_else(|| StoreError::Damaged(format!("no shared table {table}")))
    }
}

impl Store {
    /// Notes from now on what changes. `local` are the tables of whoever opened the store that do not travel.
    pub fn watch(&mut self, local: &[&str]) -> Result<(), StoreError> {
        let watched = shared_tables(&self.connection, local)?;
        self.connection.execute_batch(&triggers(&self.connection, &watched)?)?;
        self.watched = watched;
        self.pass_on()
    }

    /// Notes everything as changed: for a copy that is to be made from the start. Within [`Store::begin`].
    pub fn note_all(&mut self) -> Result<(), StoreError> {
        self.cut_own()?;
        self.connection.execute(
            "INSERT INTO temp.changed (name, k0, k1) SELECT 'segment', log, last_seq FROM segment ORDER BY scope, server_seq",
            [],
        )?;
        for (table, key) in &self.watched.tables {
            let sql = format!(
                "INSERT INTO temp.changed (name, {}) SELECT '{table}', {} FROM {table}",
                slots(key.len()),
                key.join(", ")
            );
            self.connection.execute(&sql, [])?;
        }
        Ok(())
    }

    /// What changed since it was last asked for, each thing once, up to a size; none when nothing is left. Within
    /// [`Store::begin`], so that what is undone is noted as little as it happened.
    pub fn changes(&mut self, budget_bytes: usize) -> Result<Vec<Change>, StoreError> {
        self.cut_own()?;
        let mut changes = Vec::new();
        let mut size_bytes = 0;
        while size_bytes < budget_bytes {
            let Some((name, key)) = self.first_noted()? else { break };
            let before = changes.len();
            match name.as_str() {
                "segment" => changes.extend(self.segment_that_ends_at(&key)?),
                "entry" => changes.extend(self.segments_around(&key)?),
                _ => changes.push(Change::Row(self.shared_row(&name, key.clone())?)),
            }
            self.forget_noted(&name, &key)?;
            size_bytes += changes.get(before..).unwrap_or_default().iter().map(Change::size_bytes).sum::<usize>();
        }
        Ok(changes)
    }

    /// Begins a transaction that makes this store what a copy of it is elsewhere: [`Store::put_row`] and
    /// [`Store::put_segment`] take what was right there, and note no change.
    pub fn begin_copying(&mut self) -> Result<(), StoreError> {
        self.roll_back();
        // Rows come in any order, and what was cascaded comes as rows too.
        self.connection.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")?;
        self.copying = true;
        Ok(())
    }

    /// Empties the store but for its device. Within [`Store::begin_copying`].
    pub fn clear(&mut self) -> Result<(), StoreError> {
        let names = tables(&self.connection)?;
        for table in names.iter().filter(|table| !["own_device", "added_migration"].contains(&table.as_str())) {
            self.connection.execute(&format!("DELETE FROM {table}"), [])?;
        }
        self.held.get_mut().forget_all();
        Ok(())
    }

    /// Makes a row what it is elsewhere. Within [`Store::begin_copying`].
    pub fn put_row(&mut self, row: &SharedRow) -> Result<(), StoreError> {
        let key = self.watched.key_of(&row.table)?;
        let table = &row.table;
        if let Some(columns) = &row.columns {
            let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
            let sql = format!("INSERT OR REPLACE INTO {table} ({}) VALUES ({})", names.join(", "), places(names.len()));
            self.connection.prepare_cached(&sql)?.execute(params_from_iter(columns.iter().map(|(_, value)| value)))?;
        } else {
            let sql = format!("DELETE FROM {table} WHERE {}", equal(key));
            self.connection.prepare_cached(&sql)?.execute(params_from_iter(&row.key))?;
        }
        Ok(())
    }

    /// Takes a segment in that was taken in elsewhere by the same rules. Within [`Store::begin_copying`].
    pub fn put_segment(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let damaged = || StoreError::Damaged("a copied segment".to_owned());
        let arrival = Arrival::read_after(bytes, |device, seq, prefix| self.entry_before(device, seq, prefix))?;
        let arrival = arrival.map_err(|_| damaged())?;
        let segment = arrival.segment();
        let device = Device {
            device: segment.log().device,
            public_key: [0; 32],
            person: PersonId::from_bytes([0; 16]),
            scopes: Vec::new(),
        };
        match self.take_in(arrival, bytes, &device, &Everybody).map_err(crate::receive::Refusal::into_store_error)? {
            Received::Appended { .. } | Received::Known { .. } => Ok(()),
            _ => Err(damaged()),
        }
    }

    pub(crate) fn forget_changes(&self) -> Result<(), StoreError> {
        if !self.watched.tables.is_empty() {
            self.connection.execute("DELETE FROM temp.changed", [])?;
        }
        Ok(())
    }

    /// Signs all own entries that stand in no segment yet.
    fn cut_own(&mut self) -> Result<(), StoreError> {
        let uncut: Vec<(i64, String)> = {
            let mut statement = self.connection.prepare_cached(
                "SELECT l.no, s.name FROM log l JOIN scope s ON s.no = l.scope
                 WHERE l.device = ?1 AND coalesce((SELECT max(seq) FROM entry WHERE log = l.no), 0)
                   > coalesce((SELECT max(last_seq) FROM segment WHERE log = l.no), 0) ORDER BY l.no",
            )?;
            let found = statement.query_map([self.device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            found.collect::<Result<_, _>>()?
        };
        for (no, scope) in uncut {
            let scope = Scope::try_from(scope).map_err(|_| StoreError::Damaged("a scope".to_owned()))?;
            self.cut(&LogId { device: self.device, scope }, no)?;
        }
        Ok(())
    }

    fn first_noted(&self) -> Result<Option<(String, Vec<Value>)>, StoreError> {
        let sql = format!("SELECT name, {} FROM temp.changed ORDER BY no LIMIT 1", slots(self.watched.widest));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let Some(found) = rows.next()? else { return Ok(None) };
        let name: String = found.get(0)?;
        let width = match name.as_str() {
            "segment" | "entry" => 2,
            table => self.watched.key_of(table)?.len(),
        };
        let key = (1..=width).map(|column| found.get(column)).collect::<Result<_, _>>()?;
        Ok(Some((name, key)))
    }

    fn forget_noted(&self, name: &str, key: &[Value]) -> Result<(), StoreError> {
        let slots: Vec<String> = (0..key.len()).map(|place| format!("k{place}")).collect();
        let sql = format!("DELETE FROM temp.changed WHERE {} AND name = ?{}", equal(&slots), key.len() + 1);
        let name = Value::from(name.to_owned());
        self.connection.prepare_cached(&sql)?.execute(params_from_iter(key.iter().chain([&name])))?;
        Ok(())
    }

    /// A row as it stands now.
    pub fn shared_row(&self, table: &str, key: Vec<Value>) -> Result<SharedRow, StoreError> {
        let names = self.watched.key_of(table)?;
        let mut statement = self.connection.prepare_cached(&format!("SELECT * FROM {table} WHERE {}", equal(names)))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let read = |row: &rusqlite::Row<'_>| {
            let cell = |(place, name): (usize, &String)| Ok((name.clone(), row.get::<_, Value>(place)?));
            columns.iter().enumerate().map(cell).collect::<rusqlite::Result<Vec<_>>>()
        };
        let columns = statement.query_row(params_from_iter(&key), read).optional()?;
        Ok(SharedRow { table: table.to_owned(), key, columns })
    }

    fn segment_that_ends_at(&mut self, key: &[Value]) -> Result<Option<Change>, StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT log, first_seq, last_seq, signature FROM segment WHERE log = ?1 AND last_seq = ?2")?
            .query_row(params_from_iter(key), Bounds::read)
            .optional()?;
        found.map(|bounds| self.changed_segment(&bounds, false)).transpose()
    }

    /// The segments that an erased entry stands in. Other entries of them need not be looked at again.
    fn segments_around(&mut self, key: &[Value]) -> Result<Vec<Change>, StoreError> {
        let all: Vec<Bounds> = {
            let mut statement = self.connection.prepare_cached(
                "SELECT log, first_seq, last_seq, signature FROM segment
                 WHERE log = ?1 AND last_seq >= ?2 AND first_seq <= ?2 ORDER BY last_seq",
            )?;
            statement.query_map(params_from_iter(key), Bounds::read)?.collect::<Result<_, _>>()?
        };
        if let [only] = all.as_slice() {
            self.connection
                .prepare_cached("DELETE FROM temp.changed WHERE name = 'entry' AND k0 = ?1 AND k1 BETWEEN ?2 AND ?3")?
                .execute((only.log, row::sql(only.first_seq), row::sql(only.last_seq)))?;
        }
        all.iter().map(|bounds| self.changed_segment(bounds, true)).collect()
    }

    fn changed_segment(&self, bounds: &Bounds, erased: bool) -> Result<Change, StoreError> {
        let (device, scope): ([u8; 16], String) = self
            .connection
            .prepare_cached("SELECT l.device, s.name FROM log l JOIN scope s ON s.no = l.scope WHERE l.no = ?1")?
            .query_row([bounds.log], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let scope = Scope::try_from(scope).map_err(|_| StoreError::Damaged("a scope".to_owned()))?;
        let log = LogId { device: DeviceId::from_bytes(device), scope };
        let Bounds { log: no, first_seq, last_seq, signature } = *bounds;
        let bytes = match self.packed_for_copy(no, &log, first_seq, last_seq)? {
            Some(bytes) => bytes,
            None => segments::assemble(&self.connection, no, &log, first_seq, last_seq, signature)?.to_bytes()?,
        };
        Ok(Change::Segment { log, last_seq, bytes, erased })
    }
}

impl Change {
    /// Roughly what it takes to hold it.
    fn size_bytes(&self) -> usize {
        let value = |value: &Value| match value {
            Value::Text(text) => text.len(),
            Value::Blob(bytes) => bytes.len(),
            _ => 8,
        };
        match self {
            Self::Segment { bytes, .. } => bytes.len(),
            Self::Row(SharedRow { columns, .. }) => {
                64 + columns.iter().flatten().map(|(_, of)| value(of)).sum::<usize>()
            }
        }
    }
}

struct Bounds {
    log: i64,
    first_seq: u64,
    last_seq: u64,
    signature: [u8; 64],
}

impl Bounds {
    fn read(found: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let number = |column| found.get(column).map(i64::unsigned_abs);
        Ok(Self { log: found.get(0)?, first_seq: number(1)?, last_seq: number(2)?, signature: found.get(3)? })
    }
}

/// All tables but those of `SQLite` itself.
fn tables(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn shared_tables(connection: &Connection, local: &[&str]) -> Result<Watched, StoreError> {
    let mut watched = Watched { tables: Vec::new(), widest: 2 };
    for table in tables(connection)? {
        let is_local = !SHARED.contains(&table.as_str()) && LOCAL.iter().chain(local).any(|local| *local == table);
        if is_local {
            continue;
        }
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
        let key: Vec<String> = statement.query_map([&table], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if key.is_empty() {
            return Err(StoreError::Damaged(format!("{table} has no key")));
        }
        watched.widest = watched.widest.max(key.len());
        watched.tables.push((table, key));
    }
    Ok(watched)
}

/// Where changes are noted, and what notes them.
fn triggers(connection: &Connection, watched: &Watched) -> Result<String, StoreError> {
    let slots_of_all = slots(watched.widest);
    let mut sql = format!(
        "CREATE TEMP TABLE changed (no INTEGER PRIMARY KEY, name TEXT NOT NULL, {slots_of_all});
         CREATE INDEX temp.changed_by_key ON changed (name, {slots_of_all});
         CREATE TEMP TRIGGER watch_segment AFTER INSERT ON main.segment
         BEGIN INSERT INTO changed (name, k0, k1) VALUES ('segment', NEW.log, NEW.last_seq); END;
         CREATE TEMP TRIGGER watch_entry AFTER UPDATE OF slots, salt ON main.entry
         BEGIN INSERT INTO changed (name, k0, k1) VALUES ('entry', NEW.log, NEW.seq); END;"
    );
    for (table, key) in &watched.tables {
        let note = |of: &str| {
            let values: Vec<String> = key.iter().map(|column| format!("{of}.{column}")).collect();
            let slots = slots(key.len());
            format!("INSERT INTO changed (name, {slots}) VALUES ('{table}', {});", values.join(", "))
        };
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns: Vec<String> = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let differs: Vec<String> = columns.iter().map(|column| format!("OLD.{column} IS NOT NEW.{column}")).collect();
        let (old, new, differs) = (note("OLD"), note("NEW"), differs.join(" OR "));
        sql.extend([format!(
            "CREATE TEMP TRIGGER watch_{table}_insert AFTER INSERT ON main.{table} BEGIN {new} END;
             CREATE TEMP TRIGGER watch_{table}_update AFTER UPDATE ON main.{table} WHEN {differs} BEGIN {old} {new} END;
             CREATE TEMP TRIGGER watch_{table}_delete AFTER DELETE ON main.{table} BEGIN {old} END;"
        )]);
    }
    Ok(sql)
}

fn slots(count: usize) -> String {
    (0..count).map(|place| format!("k{place}")).collect::<Vec<_>>().join(", ")
}

fn places(count: usize) -> String {
    (1..=count).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ")
}

fn equal(key: &[String]) -> String {
    key.iter().zip(1..).map(|(column, place)| format!("{column} IS ?{place}")).collect::<Vec<_>>().join(" AND ")
}

/// A name from elsewhere, as a name and nothing else.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_of_the_store_either_travels_or_is_each_files_own() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrate::migrate(&mut connection, crate::migrate::OWN, &[]).unwrap();
        let there: BTreeSet<String> = tables(&connection).unwrap().into_iter().collect();
        let said: BTreeSet<String> = SHARED.iter().chain(LOCAL).map(|&name| name.to_owned()).collect();
        assert_eq!(there, said);
        assert_eq!(said.len(), SHARED.len() + LOCAL.len(), "one is named twice");
    }
}
