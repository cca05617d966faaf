//! A recording under way: its pieces are durable as they come, and become an attachment when it ends.
//!
//! They lie in the encrypted file, as drafts do: bytes that are still growing can't be sealed as a whole. What a stop or an
//! empty battery cut off is offered again, up to the last piece.

use std::io::{self, Read};

use kend_domain::{EntityId, PersonId};
use kend_log::Path;
use kend_log::limits::MAX_ATTACHMENT_BYTES;

use crate::limits::RECORDED_PIECE_BYTES;
use crate::{Store, StoreError, row};

/// A recording that has not ended, or was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Where it will be attached.
    pub path: Path,
    /// Who records.
    pub actor: PersonId,
    /// Its size so far.
    pub size_bytes: u64,
}

impl Store {
    /// Adds a piece to a recording, durable when it returns; the size of all pieces. What lies under an erased path is
    /// refused, and so is what would make it larger than an attachment may be.
    pub fn add_recorded(
        &mut self,
        entity: EntityId,
        path: &Path,
        actor: PersonId,
        piece: &[u8],
    ) -> Result<u64, StoreError> {
        if self.is_erased(entity, path)? {
            return Err(StoreError::Erased);
        }
        let (pieces, size_bytes): (i64, i64) = self
            .connection
            .prepare_cached(
                "SELECT coalesce(max(no), 0), coalesce(sum(length(bytes)), 0) FROM recorded
                 WHERE entity = ?1 AND path = ?2 AND actor = ?3",
            )?
            .query_row((entity.as_bytes(), path.as_str(), actor.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let size_bytes = size_bytes.unsigned_abs() + piece.len() as u64;
        if piece.is_empty() || piece.len() > RECORDED_PIECE_BYTES || size_bytes > MAX_ATTACHMENT_BYTES {
            return Err(kend_log::BadEntry::Value(path.clone()).into());
        }
        self.connection
            .prepare_cached("INSERT INTO recorded (entity, path, actor, no, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((entity.as_bytes(), path.as_str(), actor.as_bytes(), pieces + 1, piece))?;
        Ok(size_bytes)
    }

    /// The recordings of an entity that have not ended, by path.
    pub fn recordings(&self, entity: EntityId) -> Result<Vec<Recording>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT path, actor, sum(length(bytes)) FROM recorded WHERE entity = ?1 GROUP BY path, actor ORDER BY path, actor",
        )?;
        let mut rows = statement.query([entity.as_bytes()])?;
        let mut recordings = Vec::new();
        while let Some(found) = rows.next()? {
            let (path, actor) = (row::path(found, 0)?, PersonId::from_bytes(found.get(1)?));
            recordings.push(Recording { path, actor, size_bytes: row::number(found, 2)? });
        }
        Ok(recordings)
    }

    /// Reads a recording from its first piece on.
    pub fn recorded(&self, entity: EntityId, path: &Path, actor: PersonId) -> impl Read + use<'_> {
        Recorded { store: self, entity, path: path.clone(), actor, no: 0, piece: Vec::new(), taken: 0 }
    }

    /// Drops a recording that has not ended.
    pub fn drop_recorded(&mut self, entity: EntityId, path: &Path, actor: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM recorded WHERE entity = ?1 AND path = ?2 AND actor = ?3")?
            .execute((entity.as_bytes(), path.as_str(), actor.as_bytes()))?;
        Ok(())
    }
}

/// The pieces of a recording, one in memory at a time.
struct Recorded<'a> {
    store: &'a Store,
    entity: EntityId,
    path: Path,
    actor: PersonId,
    no: i64,
    piece: Vec<u8>,
    taken: usize,
}

impl Recorded<'_> {
    fn next(&mut self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let mut statement = self.store.connection.prepare_cached(
            "SELECT no, bytes FROM recorded WHERE entity = ?1 AND path = ?2 AND actor = ?3 AND no > ?4
             ORDER BY no LIMIT 1",
        )?;
        let mut rows = statement.query((self.entity.as_bytes(), self.path.as_str(), self.actor.as_bytes(), self.no))?;
        Ok(rows.next()?.map(|found| Ok::<_, rusqlite::Error>((found.get(0)?, found.get(1)?))).transpose()?)
    }
}

impl Read for Recorded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() {
            let Some((no, piece)) = self.next().map_err(io::Error::other)? else { return Ok(0) };
            (self.no, self.piece, self.taken) = (no, piece, 0);
        }
        let read = self.piece.get(self.taken..).unwrap_or_default().read(buffer)?;
        self.taken += read;
        Ok(read)
    }
}
