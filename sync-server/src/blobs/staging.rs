//! A blob that is coming in: a file that grows, and how much of it is on the disk for sure.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use kend_log::BlobId;

/// Bytes are written and synced in pieces of this size: a stop costs no more.
const PIECE_BYTES: usize = 256 * 1024;

/// An upload being written.
pub(super) struct Staged {
    file: File,
    /// Where this request began.
    begin: u64,
    /// What is on the disk.
    received: u64,
    size: u64,
    hasher: blake3::Hasher,
    piece: Vec<u8>,
}

impl Staged {
    /// Opens an upload of which so many bytes are on the disk; what lies beyond is cut off.
    pub(super) fn open(path: &Path, received: u64, size: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        // Whoever removed it made the bytes come again.
        let received = if file.metadata()?.len() < received { 0 } else { received };
        file.set_len(received)?;
        file.seek(SeekFrom::Start(received))?;
        let (hasher, piece) = (blake3::Hasher::new(), Vec::with_capacity(PIECE_BYTES));
        Ok(Self { file, begin: received, received, size, hasher, piece })
    }

    /// What is on the disk.
    pub(super) const fn received(&self) -> u64 {
        self.received
    }

    /// Takes bytes up. False when there are more than belong to the blob.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        self.hasher.update(bytes);
        self.piece.extend_from_slice(bytes);
        self.received + self.piece.len() as u64 <= self.size
    }

    /// Whether enough was taken up to be written.
    pub(super) const fn is_due(&self) -> bool {
        self.piece.len() >= PIECE_BYTES
    }

    /// Writes what was taken up, and waits for the disk.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if !self.piece.is_empty() {
            self.file.write_all(&self.piece)?;
            self.file.sync_data()?;
            self.received += self.piece.len() as u64;
            self.piece.clear();
        }
        Ok(())
    }

    /// Whether what this request brought is what it announced.
    pub(super) fn is(&self, announced: &blake3::Hash) -> bool {
        self.hasher.finalize() == *announced
    }

    /// Takes back what this request brought.
    pub(super) fn undo(&mut self) -> io::Result<()> {
        self.piece.clear();
        self.file.set_len(self.begin)?;
        self.file.sync_data()?;
        self.received = self.begin;
        Ok(())
    }

    /// Whether all of it is on the disk.
    pub(super) const fn is_whole(&self) -> bool {
        self.received == self.size
    }
}

/// Whether a file is a blob, byte for byte.
pub(super) fn is_blob(path: &Path, id: &BlobId) -> io::Result<bool> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut BufReader::with_capacity(PIECE_BYTES, File::open(path)?))?;
    Ok(*hasher.finalize().as_bytes() == id.0)
}

/// Removes an upload. One that is not there is removed already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
