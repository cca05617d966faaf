//! Attachments of the log: which blobs entries refer to, how far each is known to be copied, and which have to go.
//!
//! References are written with the entries and erased with them, in the same transactions. A ciphertext outlives its last
//! reference only until that is committed: then its file goes, and what a stop left behind goes when the store is opened
//! again. Its key went with the entry, so what a disk's spare blocks keep is noise.

mod cipher;
mod folder;
mod range;

use kend_domain::Scope;
use kend_log::{BlobId, Entry};
use rusqlite::Connection;

pub use cipher::{BlobReader, ciphertext_bytes};
pub use folder::{BlobError, BlobFolder};
pub use range::BlobRange;

use crate::{Store, StoreError, row};

/// Set in a store that was read out of a damaged one: files that nothing refers to may belong to entries that a hub has yet
/// to send again.
pub(crate) const UNCOLLECTED: &str = "blobs/uncollected";

/// Who is known to have a blob, beside this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Copied {
    /// Nobody.
    No,
    /// A hub.
    Hub,
    /// The server.
    Server,
}

impl Copied {
    const fn code(self) -> u8 {
        match self {
            Self::No => 0,
            Self::Hub => 1,
            Self::Server => 2,
        }
    }

    const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::No,
            1 => Self::Hub,
            _ => Self::Server,
        }
    }
}

/// A blob that entries refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Which.
    pub id: BlobId,
    /// The scope that it belongs to: who may hold that may hold the blob.
    pub scope: Scope,
    /// Size of the ciphertext.
    pub size_bytes: u64,
    /// Who has it.
    pub copied: Copied,
}

/// Notes what an entry refers to.
pub(crate) fn refer(connection: &Connection, log: i64, scope: i64, entry: &Entry) -> Result<(), StoreError> {
    for attachment in entry.ops().filter_map(kend_log::Op::attachment) {
        let id = attachment.blob.0;
        connection
            .prepare_cached("INSERT INTO blob (id, scope, size_bytes) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING")?
            .execute((id, scope, row::sql(ciphertext_bytes(attachment.size_bytes))))?;
        connection
            .prepare_cached(
                "INSERT INTO blob_reference (blob, log, seq) VALUES (?1, ?2, ?3) ON CONFLICT (blob, log, seq) DO NOTHING",
            )?
            .execute((id, log, row::sql(entry.header.seq)))?;
        connection.prepare_cached("DELETE FROM blob_gone WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

/// Notes that an entry was erased but for what it holds now.
pub(crate) fn unrefer(connection: &Connection, log: i64, entry: &Entry) -> Result<(), StoreError> {
    let seq = row::sql(entry.header.seq);
    let left: Vec<BlobId> =
        entry.ops().filter_map(kend_log::Op::attachment).map(|attachment| attachment.blob).collect();
    let referred: Vec<BlobId> = {
        let mut statement = connection.prepare_cached("SELECT blob FROM blob_reference WHERE log = ?1 AND seq = ?2")?;
        statement.query_map((log, seq), |row| row.get(0).map(BlobId))?.collect::<Result<_, _>>()?
    };
    for id in referred.iter().filter(|id| !left.contains(id)) {
        connection
            .prepare_cached("DELETE FROM blob_reference WHERE blob = ?1 AND log = ?2 AND seq = ?3")?
            .execute((id.0, log, seq))?;
    }
    Ok(())
}

/// Lets blobs go that nothing refers to any more: their files are removed once this is committed.
pub(crate) fn release(connection: &Connection) -> Result<(), StoreError> {
    const UNREFERRED: &str = "NOT EXISTS (SELECT 1 FROM blob_reference r WHERE r.blob = blob.id)";
    connection
        .prepare_cached(&format!("INSERT OR IGNORE INTO blob_gone (id) SELECT id FROM blob WHERE {UNREFERRED}"))?
        .execute([])?;
    connection.prepare_cached(&format!("DELETE FROM blob WHERE {UNREFERRED}"))?.execute([])?;
    Ok(())
}

/// Removes what is noted of a scope's blobs.
pub(crate) fn forget_scope(connection: &Connection, scope: i64) -> Result<(), StoreError> {
    connection.execute("DELETE FROM blob_reference WHERE log IN (SELECT no FROM log WHERE scope = ?1)", [scope])?;
    release(connection)
}

fn read(row: &rusqlite::Row<'_>) -> Result<Blob, StoreError> {
    let scope = Scope::try_from(row.get::<_, String>(1)?).map_err(|_| StoreError::Damaged("a scope".to_owned()))?;
    let copied = Copied::from_code(row.get(3)?);
    Ok(Blob { id: BlobId(row.get(0)?), scope, size_bytes: row::number(row, 2)?, copied })
}

impl Store {
    /// Keeps ciphertexts in a folder from now on, and removes what is there that nothing refers to.
    pub fn keep_blobs_in(&mut self, folder: BlobFolder) -> Result<(), StoreError> {
        if !self.setting::<bool>(UNCOLLECTED)?.unwrap_or(false) {
            let collected = folder.collect(|id| Ok::<_, StoreError>(self.blob(id)?.is_some()));
            // What can't be removed now is removed when the store is opened again.
            collected.unwrap_or(Ok(()))?;
        }
        self.blobs = Some(folder);
        self.remove_gone();
        Ok(())
    }

    /// The folder with the ciphertexts. None where they are kept elsewhere.
    pub const fn blob_folder(&self) -> Option<&BlobFolder> {
        self.blobs.as_ref()
    }

    /// A blob that an entry refers to.
    pub fn blob(&self, id: &BlobId) -> Result<Option<Blob>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT b.id, s.name, b.size_bytes, b.copied FROM blob b JOIN scope s ON s.no = b.scope WHERE b.id = ?1",
        )?;
        let mut rows = statement.query([id.0])?;
        rows.next()?.map(read).transpose()
    }

    /// Blobs that no hub is known to have, of entries that a hub has: the small ones first, so that photos do not wait for
    /// recordings.
    pub fn blobs_to_offer(&self) -> Result<Vec<Blob>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT b.id, s.name, b.size_bytes, b.copied FROM blob b JOIN scope s ON s.no = b.scope
             WHERE b.copied = 0 AND EXISTS (
               SELECT 1 FROM blob_reference r JOIN log l ON l.no = r.log
               WHERE r.blob = b.id AND (l.device <> ?1 OR r.seq <= l.acknowledged))
             ORDER BY b.size_bytes, b.id",
        )?;
        let mut rows = statement.query([self.device.as_bytes()])?;
        let mut blobs = Vec::new();
        while let Some(found) = rows.next()? {
            let blob = read(found)?;
            if self.has_blob_here(&blob.id) {
                blobs.push(blob);
            }
        }
        Ok(blobs)
    }

    /// Blobs that are here and that the server is not known to have, the small ones first.
    pub fn blobs_only_here(&self) -> Result<Vec<Blob>, StoreError> {
        let mut blobs = self.all_blobs()?;
        blobs.retain(|blob| blob.copied < Copied::Server && self.has_blob_here(&blob.id));
        blobs.sort_by_key(|blob| (blob.size_bytes, blob.id));
        Ok(blobs)
    }

    /// Whether all bytes of a blob are on this device.
    pub fn has_blob_here(&self, id: &BlobId) -> bool {
        self.blobs.as_ref().is_some_and(|folder| folder.has(id))
    }

    /// Whether entries refer to any blob.
    pub fn has_blobs(&self) -> Result<bool, StoreError> {
        Ok(self.connection.query_row("SELECT EXISTS (SELECT 1 FROM blob)", [], |row| row.get(0))?)
    }

    /// Blobs that a hub has and the server is not known to have.
    pub fn blobs_on_the_way(&self) -> Result<Vec<BlobId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM blob WHERE copied = 1 ORDER BY id")?;
        Ok(statement.query_map([], |row| row.get(0).map(BlobId))?.collect::<Result<_, _>>()?)
    }

    /// All blobs, by id.
    pub fn all_blobs(&self) -> Result<Vec<Blob>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT b.id, s.name, b.size_bytes, b.copied FROM blob b JOIN scope s ON s.no = b.scope ORDER BY b.id",
        )?;
        let mut rows = statement.query([])?;
        let mut blobs = Vec::new();
        while let Some(found) = rows.next()? {
            blobs.push(read(found)?);
        }
        Ok(blobs)
    }

    /// Notes who has a blob. One that nothing refers to is nobody's.
    pub fn note_copied(&mut self, id: &BlobId, copied: Copied) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE blob SET copied = ?2 WHERE id = ?1 AND copied <> ?2")?
            .execute((id.0, copied.code()))?;
        Ok(())
    }

    /// Removes the bytes of a blob from this device to make room. False when the server is not known to have them: then
    /// they stay.
    pub fn drop_copy(&mut self, id: &BlobId) -> Result<bool, StoreError> {
        let safe = self.blob(id)?.is_some_and(|blob| blob.copied == Copied::Server);
        Ok(safe && self.blobs.as_ref().is_some_and(|folder| folder.remove(id).is_ok()))
    }

    /// Whether a blob of a scope is on this device and nowhere else that would count as safe.
    pub(crate) fn has_blob_only_here(&self, scope: i64) -> Result<bool, StoreError> {
        let Some(folder) = &self.blobs else { return Ok(false) };
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM blob WHERE scope = ?1 AND copied < 2 ORDER BY id")?;
        let mut rows = statement.query([scope])?;
        while let Some(found) = rows.next()? {
            if folder.has(&BlobId(found.get(0)?)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Blobs whose ciphertext is to be removed wherever it is.
    pub fn gone_blobs(&self) -> Result<Vec<BlobId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM blob_gone ORDER BY id")?;
        Ok(statement.query_map([], |row| row.get(0).map(BlobId))?.collect::<Result<_, _>>()?)
    }

    /// Notes that a ciphertext was removed.
    pub fn note_removed(&mut self, id: &BlobId) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM blob_gone WHERE id = ?1")?.execute([id.0])?;
        Ok(())
    }

    /// Removes the files of blobs that are gone. What is committed stays so: a file that can't be removed now is removed
    /// with the next erasure, or when the store is opened again.
    pub(crate) fn remove_gone(&mut self) {
        let Some(folder) = self.blobs.clone().filter(|_| !self.is_begun()) else { return };
        for id in self.gone_blobs().unwrap_or_default() {
            if folder.remove(&id).is_err() || self.note_removed(&id).is_err() {
                return;
            }
        }
    }

    /// The bytes of a blob were found damaged or are gone: they count as not here, unless nobody else has them. True when
    /// they were removed, to be fetched again.
    pub fn drop_damaged(&mut self, id: &BlobId) -> Result<bool, StoreError> {
        let copied = self.blob(id)?.is_some_and(|blob| blob.copied > Copied::No);
        Ok(copied && self.blobs.as_ref().is_some_and(|folder| folder.remove(id).is_ok()))
    }
}
