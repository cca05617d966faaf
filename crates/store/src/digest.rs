//! A hash over everything that lives in a scope, so that two replicas can tell that they hold the same.
//!
//! It is a sum: what comes to life is added, what is superseded is taken off, in the transaction that does it, so that it
//! costs nothing to read however much there is. It finds faults, not forgeries: every entry is signed anyway. A scope of
//! which no sum is known (a store of before) is summed once, when it is first asked for or changed.

use std::collections::HashMap;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::Dot;
use rusqlite::{Connection, OptionalExtension};

use crate::numbers::EntityRow;
use crate::{Store, StoreError, numbers, row};

/// A sum of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum(u128);

impl Sum {
    pub(crate) fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }

    pub(crate) fn take_off(&mut self, other: Self) {
        self.0 = self.0.wrapping_sub(other.0);
    }
}

/// One live value, or one live addition to a set. Named as every replica names it: the file's numbers are its own.
pub(crate) fn of(entity: EntityId, device: DeviceId, seq: u64, path: &str, element: Option<&str>) -> Sum {
    Sum(kend_log::live_hash(entity, Dot { device, seq }, path, element))
}

const LIVE: &str = "SELECT t.id, l.device, v.seq, v.path, NULL FROM live v JOIN entity t ON t.no = v.entity
    JOIN log l ON l.no = v.log";
const ELEMENT: &str = "SELECT t.id, l.device, v.seq, v.path, v.element FROM element v JOIN entity t ON t.no = v.entity
    JOIN log l ON l.no = v.log";

/// The sum over one entity, from its rows.
pub(crate) fn of_entity(connection: &Connection, entity: EntityRow) -> Result<Sum, StoreError> {
    counted(connection, "v.entity = ?1", entity.no)
}

/// Notes what a transaction changed in a scope.
pub(crate) fn change(connection: &Connection, scope: i64, change: Sum) -> Result<(), StoreError> {
    if change == Sum::default() {
        return Ok(());
    }
    match kept(connection, scope)? {
        Some(mut sum) => {
            sum.add(change);
            keep(connection, scope, sum)
        }
        // The rows that the change speaks of are written already.
        None => keep(connection, scope, counted(connection, "t.scope = ?1", scope)?),
    }
}

/// Forgets the sum of a scope: it is counted anew when it is next asked for.
pub(crate) fn forget(connection: &Connection, scope: i64) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM digest WHERE scope = ?1")?.execute([scope])?;
    Ok(())
}

/// The sum of a scope that is new: nothing lives there.
pub(crate) fn begin(connection: &Connection, scope: i64) -> Result<(), StoreError> {
    keep(connection, scope, Sum::default())
}

/// Keeps the sums of a scope, or of all, that were counted anew; of those that were not met, nothing lives.
pub(crate) fn keep_anew(
    connection: &Connection,
    scope: Option<i64>,
    sums: &HashMap<i64, Sum>,
) -> Result<(), StoreError> {
    let scopes: Vec<i64> = {
        let mut statement = connection.prepare_cached("SELECT no FROM scope WHERE ?1 IS NULL OR no = ?1")?;
        statement.query_map([scope], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    for scope in scopes {
        keep(connection, scope, sums.get(&scope).copied().unwrap_or_default())?;
    }
    Ok(())
}

fn kept(connection: &Connection, scope: i64) -> Result<Option<Sum>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT sum FROM digest WHERE scope = ?1")?;
    let sum: Option<[u8; 16]> = statement.query_row([scope], |row| row.get(0)).optional()?;
    Ok(sum.map(|sum| Sum(u128::from_le_bytes(sum))))
}

fn keep(connection: &Connection, scope: i64, sum: Sum) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO digest (scope, sum) VALUES (?1, ?2) ON CONFLICT (scope) DO UPDATE SET sum = excluded.sum",
        )?
        .execute((scope, sum.0.to_le_bytes()))?;
    Ok(())
}

fn counted(connection: &Connection, which: &str, number: i64) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    for rows in [LIVE, ELEMENT] {
        let mut statement = connection.prepare_cached(&format!("{rows} WHERE {which}"))?;
        let mut rows = statement.query([number])?;
        while let Some(found) = rows.next()? {
            let (entity, device) = (EntityId::from_bytes(found.get(0)?), DeviceId::from_bytes(found.get(1)?));
            let text = |column: usize| found.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            let element = if found.get_ref(4)? == rusqlite::types::ValueRef::Null { None } else { Some(text(4)?) };
            sum.add(of(entity, device, row::number(found, 2)?, text(3)?, element));
        }
    }
    Ok(sum)
}

impl Store {
    /// The hash over all that lives in a scope: equal on two replicas that hold the same entries.
    pub fn digest(&self, scope: &Scope) -> Result<[u8; 16], StoreError> {
        let Some(no) = numbers::find_scope(&self.connection, scope)? else { return Ok([0; 16]) };
        let sum = match kept(&self.connection, no)? {
            Some(sum) => sum,
            None => counted(&self.connection, "t.scope = ?1", no)?,
        };
        Ok(sum.0.to_le_bytes())
    }
}
