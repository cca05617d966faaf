//! The projection made anew from the log.
//!
//! The log is the truth; what stands in the projection's tables can always be thrown away. Invariant: what comes of it
//! equals what the fold left entry by entry.

use std::collections::HashMap;
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{Chained, EntityState, Folded};
use rusqlite::Connection;

use crate::digest::{self, Sum};
use crate::numbers::EntityRow;
use crate::projection::{self, Entity, New};
use crate::transaction::Step;
use crate::{Store, StoreError, numbers, row};

/// Folds an entity anew.
pub(crate) fn entity(connection: &Connection, id: EntityId, found: EntityRow) -> Result<(), StoreError> {
    let mut change = Sum::default();
    change.take_off(digest::of_entity(connection, found)?);
    change.add(fold(connection, id, found)?);
    digest::change(connection, found.scope, change)
}

/// Folds an entity anew and returns the sum of all that lives in it.
fn fold(connection: &Connection, id: EntityId, found: EntityRow) -> Result<Sum, StoreError> {
    for sql in [
        "DELETE FROM live WHERE entity = ?1",
        "DELETE FROM element WHERE entity = ?1",
        "DELETE FROM remembered WHERE entity = ?1",
        "DELETE FROM contributor WHERE entity = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([found.no])?;
    }
    let mut entity = Entity { row: found, state: Arc::new(EntityState::new(id)) };
    let (mut new, mut folded) = (Vec::new(), Folded::default());
    for (log, chained) in entries(connection, found)? {
        folded.join(Arc::make_mut(&mut entity.state).apply(&chained));
        new.push(New::of(log, &chained));
    }
    projection::save(connection, &mut entity, &new, &folded)
}

fn entries(connection: &Connection, found: EntityRow) -> Result<Vec<(i64, Chained)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.log, l.device, e.hash, e.header, e.slots FROM entry e JOIN log l ON l.no = e.log
         WHERE e.entity = ?1 ORDER BY e.lamport, l.device, e.seq",
    )?;
    let mut rows = statement.query([found.no])?;
    let mut entries = Vec::new();
    while let Some(found) = rows.next()? {
        let device = DeviceId::from_bytes(found.get(1)?);
        let chained = Chained { device, hash: row::hash(found, 2)?, entry: row::entry(found, 3, 4)? };
        entries.push((found.get(0)?, chained));
    }
    Ok(entries)
}

impl Store {
    /// Folds everything anew from the log, in one transaction, and returns how many entities there are.
    pub fn rebuild(&mut self) -> Result<u64, StoreError> {
        self.rebuild_where(None)
    }

    /// Folds one scope anew from the log, in one transaction, and returns how many entities it has.
    pub fn rebuild_scope(&mut self, scope: &Scope) -> Result<u64, StoreError> {
        match numbers::find_scope(&self.connection, scope)? {
            Some(no) => self.rebuild_where(Some(no)),
            None => Ok(0),
        }
    }

    fn rebuild_where(&mut self, scope: Option<i64>) -> Result<u64, StoreError> {
        let transaction = Step::begin(&self.connection)?;
        let all: Vec<(EntityId, EntityRow)> = {
            let mut statement = transaction
                .prepare_cached("SELECT id, no, scope, kind FROM entity WHERE ?1 IS NULL OR scope = ?1 ORDER BY no")?;
            let read = |row: &rusqlite::Row<'_>| {
                let entity = EntityRow { no: row.get(1)?, scope: row.get(2)?, kind: row.get(3)? };
                Ok((EntityId::from_bytes(row.get(0)?), entity))
            };
            statement.query_map([scope], read)?.collect::<Result<_, _>>()?
        };
        let mut count = 0;
        // The sums too were only as good as what was folded before.
        let mut sums = HashMap::<i64, Sum>::new();
        for (id, found) in all {
            sums.entry(found.scope).or_default().add(fold(&transaction, id, found)?);
            count += 1;
        }
        digest::keep_anew(&transaction, scope, &sums)?;
        transaction.commit()?;
        self.held.get_mut().forget_all();
        Ok(count)
    }
}
