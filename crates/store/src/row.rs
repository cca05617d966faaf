//! Reading columns: what the store wrote itself is read with the same care as what comes from elsewhere.

use kend_domain::Scope;
use kend_log::{BadBytes, ChainHash, Entry, Header, Path, header_from_bytes, slots_from_bytes};
use rusqlite::{Row, RowIndex};

use crate::StoreError;

pub(crate) fn path(row: &Row<'_>, column: usize) -> Result<Path, StoreError> {
    Path::try_from(row.get::<_, String>(column)?).map_err(|_| StoreError::Damaged("a path".to_owned()))
}

/// A sequence or Lamport number. Both have 53 bits, so `SQLite`'s signed integers hold them.
pub(crate) fn number(row: &Row<'_>, column: impl RowIndex) -> Result<u64, StoreError> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| StoreError::Damaged("a number".to_owned()))
}

pub(crate) fn hash(row: &Row<'_>, column: impl RowIndex) -> Result<ChainHash, StoreError> {
    Ok(ChainHash(row.get(column)?))
}

/// An entry from its columns `header` and `slots`.
pub(crate) fn entry(row: &Row<'_>, header: usize, slots: usize) -> Result<Entry, StoreError> {
    let damaged = |_: BadBytes| StoreError::Damaged("an entry".to_owned());
    let header = self::header(row, header)?;
    let slots = slots_from_bytes(row.get_ref(slots)?.as_blob().map_err(rusqlite::Error::from)?).map_err(damaged)?;
    Ok(Entry { header, slots })
}

/// An entry's header from its column.
pub(crate) fn header(row: &Row<'_>, column: usize) -> Result<Header, StoreError> {
    let bytes = row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?;
    header_from_bytes(bytes).map_err(|_| StoreError::Damaged("an entry".to_owned()))
}

/// A scope by its name.
pub(crate) fn scope(row: &Row<'_>, column: usize) -> Result<Scope, StoreError> {
    Scope::try_from(row.get::<_, String>(column)?).map_err(|_| StoreError::Damaged("a scope".to_owned()))
}

/// The number as `SQLite` keeps it.
pub(crate) fn sql(number: u64) -> i64 {
    number.cast_signed()
}
