//! The short numbers that scopes, logs and entities have inside the file, and where a log ends.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{ChainHash, EntityKind, LogId};
use rusqlite::{Connection, OptionalExtension};

use crate::{StoreError, digest, row};

pub(crate) fn find_scope(connection: &Connection, scope: &Scope) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT no FROM scope WHERE name = ?1")?;
    Ok(statement.query_row([scope.to_string()], |row| row.get(0)).optional()?)
}

pub(crate) fn scope(connection: &Connection, scope: &Scope) -> Result<i64, StoreError> {
    if let Some(no) = find_scope(connection, scope)? {
        return Ok(no);
    }
    connection.prepare_cached("INSERT INTO scope (name) VALUES (?1)")?.execute([scope.to_string()])?;
    let no = connection.last_insert_rowid();
    digest::begin(connection, no)?;
    Ok(no)
}

pub(crate) fn find_log(connection: &Connection, device: DeviceId, scope: i64) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT no FROM log WHERE device = ?1 AND scope = ?2")?;
    Ok(statement.query_row((device.as_bytes(), scope), |row| row.get(0)).optional()?)
}

pub(crate) fn log(connection: &Connection, device: DeviceId, scope: i64) -> Result<i64, StoreError> {
    if let Some(no) = find_log(connection, device, scope)? {
        return Ok(no);
    }
    connection
        .prepare_cached("INSERT INTO log (device, scope) VALUES (?1, ?2)")?
        .execute((device.as_bytes(), scope))?;
    Ok(connection.last_insert_rowid())
}

/// The log's number, if anything of it is here.
pub(crate) fn find_log_of(connection: &Connection, log: &LogId) -> Result<Option<i64>, StoreError> {
    let Some(scope) = find_scope(connection, &log.scope)? else { return Ok(None) };
    find_log(connection, log.device, scope)
}

/// The last entry of a log and its chain hash; 0 and the start of the chain before the first.
pub(crate) fn head(connection: &Connection, no: i64, log: &LogId) -> Result<(u64, ChainHash), StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT seq, hash FROM entry WHERE log = ?1 ORDER BY seq DESC LIMIT 1")?;
    let mut rows = statement.query([no])?;
    match rows.next()? {
        Some(found) => Ok((row::number(found, 0)?, row::hash(found, 1)?)),
        None => Ok((0, ChainHash::start(log))),
    }
}

/// The last entry of a log that stands in a segment.
pub(crate) fn cut(connection: &Connection, log: i64) -> Result<u64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT last_seq FROM segment WHERE log = ?1 ORDER BY last_seq DESC LIMIT 1")?;
    let mut rows = statement.query([log])?;
    rows.next()?.map_or(Ok(0), |found| row::number(found, 0))
}

/// The chain hash of a log at an entry that is here, or at its start.
pub(crate) fn hash_at(
    connection: &Connection,
    no: i64,
    log: &LogId,
    seq: u64,
) -> Result<Option<ChainHash>, StoreError> {
    if seq == 0 {
        return Ok(Some(ChainHash::start(log)));
    }
    let mut statement = connection.prepare_cached("SELECT hash FROM entry WHERE log = ?1 AND seq = ?2")?;
    let mut rows = statement.query((no, row::sql(seq)))?;
    rows.next()?.map(|found| row::hash(found, 0)).transpose()
}

/// An entity as the file has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntityRow {
    pub(crate) no: i64,
    pub(crate) scope: i64,
    pub(crate) kind: u8,
}

pub(crate) fn find_entity(connection: &Connection, entity: EntityId) -> Result<Option<EntityRow>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT no, scope, kind FROM entity WHERE id = ?1")?;
    let read = |row: &rusqlite::Row<'_>| Ok(EntityRow { no: row.get(0)?, scope: row.get(1)?, kind: row.get(2)? });
    Ok(statement.query_row([entity.as_bytes()], read).optional()?)
}

pub(crate) fn new_entity(
    connection: &Connection,
    entity: EntityId,
    scope: i64,
    kind: EntityKind,
) -> Result<EntityRow, StoreError> {
    connection.prepare_cached("INSERT INTO entity (id, scope, kind) VALUES (?1, ?2, ?3)")?.execute((
        entity.as_bytes(),
        scope,
        kind.code(),
    ))?;
    Ok(EntityRow { no: connection.last_insert_rowid(), scope, kind: kind.code() })
}
