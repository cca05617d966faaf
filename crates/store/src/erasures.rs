//! What is erased for good, by an entry of the log or by an order of the server.
//!
//! Written in the transaction that erases, and asked for whatever comes in later, so that nothing revives what an order
//! erased before anything of the entity was here.

use kend_domain::EntityId;
use kend_log::{Path, Reason};
use rusqlite::Connection;

use crate::{Store, StoreError, row};

/// Something erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Its place in the order in which erasures became known here.
    pub no: u64,
    /// The entity.
    pub entity: EntityId,
    /// The path under which everything went; none for all of the entity.
    pub under: Option<Path>,
    /// Why.
    pub reason: Reason,
}

/// Remembers an erasure, once.
pub(crate) fn note(
    connection: &Connection,
    entity: EntityId,
    under: Option<&Path>,
    reason: Reason,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO erasure (entity, under, reason) VALUES (?1, ?2, ?3) ON CONFLICT (entity, under) DO NOTHING",
        )?
        .execute((entity.as_bytes(), under.map_or("", Path::as_str), reason.code()))?;
    Ok(())
}

/// What is erased of an entity: paths, or none for everything.
pub(crate) fn of(connection: &Connection, entity: EntityId) -> Result<Vec<Option<Path>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT under FROM erasure WHERE entity = ?1")?;
    let mut rows = statement.query([entity.as_bytes()])?;
    let mut erased = Vec::new();
    while let Some(found) = rows.next()? {
        erased.push(under(found, 0)?);
    }
    Ok(erased)
}

/// Whether a path of an entity is erased.
pub(crate) fn holds(erased: &[Option<Path>], path: &Path) -> bool {
    erased.iter().any(|under| under.as_ref().is_none_or(|under| path.is_under(under)))
}

fn under(found: &rusqlite::Row<'_>, column: usize) -> Result<Option<Path>, StoreError> {
    let all = found.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?.is_empty();
    if all { Ok(None) } else { row::path(found, column).map(Some) }
}

impl Store {
    /// Whether a path of an entity is erased, by an entry or by an order.
    pub(crate) fn is_erased(&self, entity: EntityId, path: &Path) -> Result<bool, StoreError> {
        let ordered = of(&self.connection, entity)?;
        Ok(holds(&ordered, path) || self.entity(entity)?.is_some_and(|state| state.is_erased(path)))
    }

    /// Erasures that became known here after the one with this number (0: all), in their order.
    pub fn erasures_after(&self, no: u64) -> Result<Vec<Erased>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT no, entity, under, reason FROM erasure WHERE no > ?1 ORDER BY no")?;
        let mut rows = statement.query([row::sql(no)])?;
        let mut erased = Vec::new();
        while let Some(found) = rows.next()? {
            let reason = Reason::from_code(found.get(3)?);
            erased.push(Erased {
                no: row::number(found, 0)?,
                entity: EntityId::from_bytes(found.get(1)?),
                under: under(found, 2)?,
                reason: reason.ok_or_else(|| StoreError::Damaged("the reason of an erasure".to_owned()))?,
            });
        }
        Ok(erased)
    }
}
