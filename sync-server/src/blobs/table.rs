//! Which blobs are whole and which are coming in, in the hub's tables.

use kend_domain::{DeviceId, Scope};
use kend_log::BlobId;
use kend_store::rusqlite::{self, Connection, OptionalExtension, Row, params};

use crate::error::HubError;

/// Most bytes that a device may hand in without finishing any of it.
pub(crate) const MAX_UNFINISHED_BYTES: u64 = 512 * 1024 * 1024;

/// How far a blob is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Not at all.
    Nothing,
    /// So many bytes of it are on the disk.
    Part(u64),
    /// All of it.
    Whole,
}

/// How far a blob is here.
pub(crate) fn held(tables: &Connection, id: &BlobId) -> Result<Held, HubError> {
    if whole_bytes(tables, id)?.is_some() {
        return Ok(Held::Whole);
    }
    let received: Option<i64> = tables
        .prepare_cached("SELECT received_bytes FROM hub_upload WHERE blob = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(received.map_or(Held::Nothing, |received| Held::Part(received.unsigned_abs())))
}

/// Size of a blob that is whole; none of one that is not.
pub(super) fn whole_bytes(tables: &Connection, id: &BlobId) -> Result<Option<u64>, HubError> {
    let size: Option<i64> = tables
        .prepare_cached("SELECT size_bytes FROM hub_blob WHERE blob = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    Ok(size.map(i64::unsigned_abs))
}

/// Begins an upload. False when the device has too much under way.
pub(crate) fn begin(
    tables: &Connection,
    id: &BlobId,
    device: DeviceId,
    size_bytes: u64,
    now_ms: i64,
) -> Result<bool, HubError> {
    let under_way: i64 = tables
        .prepare_cached("SELECT coalesce(sum(size_bytes), 0) FROM hub_upload WHERE device = ?1")?
        .query_row([device.as_bytes()], |row| row.get(0))?;
    if under_way.unsigned_abs().saturating_add(size_bytes) > MAX_UNFINISHED_BYTES {
        return Ok(false);
    }
    tables
        .prepare_cached("INSERT INTO hub_upload (blob, device, size_bytes, touched_ms) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id.0, device.as_bytes(), size_bytes.cast_signed(), now_ms])?;
    Ok(true)
}

/// Notes what is on the disk of an upload. False when it is not wanted any more.
pub(crate) fn record(tables: &Connection, id: &BlobId, received_bytes: u64, now_ms: i64) -> Result<bool, HubError> {
    let changed = tables
        .prepare_cached("UPDATE hub_upload SET received_bytes = ?2, touched_ms = ?3 WHERE blob = ?1")?
        .execute(params![id.0, received_bytes.cast_signed(), now_ms])?;
    Ok(changed > 0)
}

/// Notes that a blob is whole in the object store. False when it is not wanted any more.
pub(crate) fn finish(tables: &Connection, id: &BlobId) -> Result<bool, HubError> {
    let kept = tables
        .prepare_cached(
            "INSERT INTO hub_blob (blob, size_bytes)
             SELECT u.blob, u.size_bytes FROM hub_upload u JOIN blob b ON b.id = u.blob WHERE u.blob = ?1",
        )?
        .execute([id.0])?;
    tables.prepare_cached("DELETE FROM hub_upload WHERE blob = ?1")?.execute([id.0])?;
    Ok(kept > 0)
}

/// Forgets an upload, and a blob.
pub(crate) fn forget(tables: &Connection, id: &BlobId) -> Result<(), HubError> {
    tables.prepare_cached("DELETE FROM hub_upload WHERE blob = ?1")?.execute([id.0])?;
    tables.prepare_cached("DELETE FROM hub_blob WHERE blob = ?1")?.execute([id.0])?;
    put_receipt(tables, id, None)
}

/// The server's receipt for a blob, as it came from above.
pub(super) fn receipt(tables: &Connection, id: &BlobId) -> Result<Option<Vec<u8>>, HubError> {
    Ok(tables
        .prepare_cached("SELECT signed FROM hub_blob_receipt WHERE blob = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?)
}

/// Keeps the server's receipt for a blob, or drops it.
pub(super) fn put_receipt(tables: &Connection, id: &BlobId, signed: Option<&[u8]>) -> Result<(), HubError> {
    match signed {
        Some(signed) => tables
            .prepare_cached("INSERT OR REPLACE INTO hub_blob_receipt (blob, signed) VALUES (?1, ?2)")?
            .execute(params![id.0, signed])?,
        None => tables.prepare_cached("DELETE FROM hub_blob_receipt WHERE blob = ?1")?.execute([id.0])?,
    };
    Ok(())
}

/// A blob and its size.
fn sized(row: &Row<'_>) -> rusqlite::Result<(BlobId, u64)> {
    Ok((BlobId(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
}

/// Blobs that are whole here and that entries of a device refer to, with their sizes.
pub(super) fn whole_of_device(tables: &Connection, device: DeviceId) -> Result<Vec<(BlobId, u64)>, HubError> {
    let mut statement = tables.prepare_cached(
        "SELECT DISTINCT h.blob, h.size_bytes FROM hub_blob h
         JOIN blob_reference r ON r.blob = h.blob JOIN log l ON l.no = r.log WHERE l.device = ?1 ORDER BY h.blob",
    )?;
    Ok(statement.query_map([device.as_bytes()], sized)?.collect::<Result<_, _>>()?)
}

/// Blobs of a scope that are whole here, with their sizes.
pub(super) fn whole_of_scope(tables: &Connection, scope: &Scope) -> Result<Vec<(BlobId, u64)>, HubError> {
    let mut statement = tables.prepare_cached(
        "SELECT h.blob, h.size_bytes FROM hub_blob h
         JOIN blob b ON b.id = h.blob JOIN scope s ON s.no = b.scope WHERE s.name = ?1 ORDER BY h.blob",
    )?;
    Ok(statement.query_map([scope.to_string()], sized)?.collect::<Result<_, _>>()?)
}

/// Drops the receipts of a server that was put back from a backup: what they speak of may have been lost there.
pub(crate) fn end_receipts(tables: &Connection) -> Result<(), HubError> {
    tables.execute("DELETE FROM hub_blob_receipt", [])?;
    Ok(())
}

/// Blobs that are whole here and that the server above is not known to have, with their sizes, the small ones first.
pub(super) fn unsafe_ones(tables: &Connection, most: usize) -> Result<Vec<(BlobId, u64)>, HubError> {
    let mut statement = tables.prepare_cached(
        "SELECT h.blob, h.size_bytes FROM hub_blob h JOIN blob b ON b.id = h.blob
         WHERE NOT EXISTS (SELECT 1 FROM hub_blob_receipt r WHERE r.blob = h.blob) ORDER BY h.size_bytes, h.blob LIMIT ?1",
    )?;
    Ok(statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], sized)?.collect::<Result<_, _>>()?)
}

/// After a backup was put back: what was coming in is not there, and of what was whole only this is.
pub(crate) fn keep_only(tables: &Connection, missing: &[BlobId]) -> Result<(), HubError> {
    tables.execute("DELETE FROM hub_upload", [])?;
    for id in missing {
        forget(tables, id)?;
    }
    Ok(())
}

/// Uploads that nobody went on with since then.
pub(crate) fn idle(tables: &Connection, since_ms: i64) -> Result<Vec<BlobId>, HubError> {
    let mut statement = tables.prepare_cached("SELECT blob FROM hub_upload WHERE touched_ms < ?1 ORDER BY blob")?;
    Ok(statement.query_map([since_ms], |row| row.get(0).map(BlobId))?.collect::<Result<_, _>>()?)
}

/// All blobs that are whole, with their sizes.
pub(crate) fn whole(tables: &Connection) -> Result<Vec<(BlobId, u64)>, HubError> {
    let mut statement = tables.prepare_cached("SELECT blob, size_bytes FROM hub_blob ORDER BY blob")?;
    Ok(statement.query_map([], sized)?.collect::<Result<_, _>>()?)
}

/// Blobs that are not whole here, by id from one on, each with the scope that it belongs to.
pub(crate) fn missing(tables: &Connection, from: &BlobId, most: usize) -> Result<Vec<(BlobId, Scope)>, HubError> {
    let mut statement = tables.prepare_cached(
        "SELECT b.id, s.name FROM blob b JOIN scope s ON s.no = b.scope
         WHERE b.id >= ?1 AND NOT EXISTS (SELECT 1 FROM hub_blob h WHERE h.blob = b.id) ORDER BY b.id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![from.0, i64::try_from(most).unwrap_or(i64::MAX)])?;
    let mut missing = Vec::new();
    while let Some(row) = rows.next()? {
        let scope = Scope::try_from(row.get::<_, String>(1)?).map_err(|_| HubError::Damaged("scope"))?;
        missing.push((BlobId(row.get(0)?), scope));
    }
    Ok(missing)
}

/// How many blobs are whole and how many bytes that is, and how many are coming in.
pub(crate) fn counts(tables: &Connection) -> Result<(u64, u64, u64), HubError> {
    let sql = "SELECT count(*), coalesce(sum(size_bytes), 0), (SELECT count(*) FROM hub_upload) FROM hub_blob";
    let read =
        |row: &kend_store::rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    let (whole, bytes, coming) = tables.prepare_cached(sql)?.query_row([], read)?;
    Ok((whole.unsigned_abs(), bytes.unsigned_abs(), coming.unsigned_abs()))
}
