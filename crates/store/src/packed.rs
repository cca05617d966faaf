//! Segments in the bytes in which they came, for whoever passes them on: to put one together again costs many times what
//! reading it costs. A trigger of the schema removes the bytes of a segment as soon as anything in it is erased.

use kend_log::LogId;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::store::bring_home_every;
use crate::{Store, StoreError, numbers, row};

/// Pages held in memory by who takes in much at once. What does not fit is encrypted and written, read and decrypted again
/// before its transaction ends.
const CACHE_KIB: u32 = 48 * 1024;
/// Pages that its write-ahead log grows by before it is brought home.
const CHECKPOINT_PAGES: u32 = 16_000;

/// A segment's bytes.
pub(crate) struct AsItCame<'a> {
    pub(crate) bytes: &'a [u8],
    /// They leave out what the entry before says.
    pub(crate) follows: bool,
}

impl Store {
    /// Keeps from now on the bytes of segments that come in or are signed: this store passes them on to many. It takes in
    /// much at once, too, and has the memory for that.
    pub fn pass_on(&mut self) -> Result<(), StoreError> {
        self.passes_on = true;
        self.connection.execute_batch(&format!("PRAGMA cache_size = -{CACHE_KIB}"))?;
        Ok(bring_home_every(&self.connection, CHECKPOINT_PAGES)?)
    }

    /// The bytes of a segment as they were kept, if a copy of this store elsewhere can read them in their turn.
    pub(crate) fn packed_for_copy(
        &self,
        no: i64,
        log: &LogId,
        first: u64,
        last: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(whole) = find(&self.connection, no, last, false)? {
            return Ok(Some(whole));
        }
        let before = first.saturating_sub(1);
        let Some(prior) = numbers::hash_at(&self.connection, no, log, before)? else { return Ok(None) };
        // Where two entries might be meant, a copy could not tell which.
        match self.entry_before(log.device, before, prior.prefix())? {
            Some(_) => find(&self.connection, no, last, true),
            None => Ok(None),
        }
    }
}

/// Keeps a segment's bytes.
pub(crate) fn keep(connection: &Connection, log: i64, last_seq: u64, segment: &AsItCame<'_>) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO packed (log, last_seq, follows, digest, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((log, row::sql(last_seq), segment.follows, blake3::hash(segment.bytes).as_bytes(), segment.bytes))?;
    Ok(())
}

/// A segment's bytes in one of the two forms; none where they were not kept, or are not what they were.
pub(crate) fn find(
    connection: &Connection,
    log: i64,
    last_seq: u64,
    follows: bool,
) -> Result<Option<Vec<u8>>, StoreError> {
    let found = connection
        .prepare_cached("SELECT follows, digest, bytes FROM packed WHERE log = ?1 AND last_seq = ?2")?
        .query_row((log, row::sql(last_seq)), |found| read(found, follows))
        .optional()?;
    Ok(found.flatten())
}

/// The same from a row that has them, or nothing in their place.
pub(crate) fn read(found: &Row<'_>, follows: bool) -> rusqlite::Result<Option<Vec<u8>>> {
    if found.get::<_, Option<bool>>("follows")? != Some(follows) {
        return Ok(None);
    }
    let (digest, bytes): ([u8; 32], Vec<u8>) = (found.get("digest")?, found.get("bytes")?);
    Ok((blake3::hash(&bytes) == digest).then_some(bytes))
}
