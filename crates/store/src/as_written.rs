//! Whether what is read of the log is what was written.
//!
//! The file's pages carry a code each, and a page that does not match it is an error of `SQLite`. But a page of zeros is
//! taken for one that was never written, so a wiped sector could show as the end of a long text. An entry's hash covers
//! all of it: nothing is shown that does not match.

use kend_domain::{DeviceId, Scope};
use kend_log::{ChainHash, Chained, LogId};
use rusqlite::{Connection, OptionalExtension};

use crate::{StoreError, row};

/// An error when an entry that was read does not follow from the one before it.
pub(crate) fn entry(connection: &Connection, scope: i64, chained: &Chained) -> Result<(), StoreError> {
    let damaged = || StoreError::Damaged("an entry".to_owned());
    let seq = chained.entry.header.seq;
    let prior = match seq {
        0 => return Err(damaged()),
        1 => start(connection, scope, chained.device)?,
        _ => {
            let mut statement = connection.prepare_cached(
                "SELECT e.hash FROM log l JOIN entry e ON e.log = l.no
                 WHERE l.device = ?1 AND l.scope = ?2 AND e.seq = ?3",
            )?;
            let found = statement
                .query_row((chained.device.as_bytes(), scope, row::sql(seq - 1)), |row| row.get(0).map(ChainHash))
                .optional()?;
            found.ok_or_else(damaged)?
        }
    };
    if chained.entry.chain(&prior) == chained.hash { Ok(()) } else { Err(damaged()) }
}

fn start(connection: &Connection, scope: i64, device: DeviceId) -> Result<ChainHash, StoreError> {
    let mut statement = connection.prepare_cached("SELECT name FROM scope WHERE no = ?1")?;
    let name: String = statement.query_row([scope], |row| row.get(0))?;
    let scope = Scope::try_from(name).map_err(|_| StoreError::Damaged("a scope".to_owned()))?;
    Ok(ChainHash::start(&LogId { device, scope }))
}
