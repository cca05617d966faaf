//! Ciphertexts as files: `blobs/ab/ab12…`, each named by its hash.
//!
//! A file is written beside, synced, renamed, and its folder synced: under its name there is all of it or nothing. What is
//! coming in from a hub grows in `blobs/part/`, and gets its name when its hash is right.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use kend_log::limits::MAX_ATTACHMENT_BYTES;
use kend_log::{BlobId, BlobKey};

use super::cipher::{self, BlobReader, CHUNK_BYTES};

/// Being written by this device.
const NEW: &str = "new";
/// Coming in from elsewhere.
const PART: &str = "part";

/// Bytes that could not be kept or read. What was there before is there still.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The disk is full: the attachment waits, everything else goes on.
    #[error("the disk is full")]
    DiskFull(#[source] io::Error),
    /// There is nothing in it.
    #[error("there is nothing in it")]
    Empty,
    /// More than an attachment may have.
    #[error("an attachment has at most {MAX_ATTACHMENT_BYTES} bytes")]
    TooLarge,
    /// The bytes are not on this device.
    #[error("the bytes are not on this device")]
    NotHere,
    /// The bytes are not what they were.
    #[error("the bytes are damaged")]
    Damaged,
    /// The disk refused.
    #[error("the disk refused: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(error),
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            io::ErrorKind::NotFound => Self::NotHere,
            io::ErrorKind::InvalidData => Self::Damaged,
            _ => Self::Io(error),
        }
    }
}

/// The folder with a store's ciphertexts.
#[derive(Debug, Clone)]
pub struct BlobFolder(PathBuf);

impl BlobFolder {
    /// The folder that belongs to the database at a path; made when it is missing.
    pub fn beside(database: &Path) -> Result<Self, BlobError> {
        let folder = Self(database.with_file_name("blobs"));
        for inner in [NEW, PART] {
            fs::create_dir_all(folder.0.join(inner))?;
        }
        Ok(folder)
    }

    /// Where the ciphertext of a blob lies, if it is here.
    pub fn path(&self, id: &BlobId) -> PathBuf {
        let name = id.to_string();
        self.0.join(name.get(..2).unwrap_or_default()).join(&name)
    }

    /// Where the ciphertext of a blob grows that is coming in.
    pub fn part(&self, id: &BlobId) -> PathBuf {
        self.0.join(PART).join(id.to_string())
    }

    /// Whether all of a blob is here.
    pub fn has(&self, id: &BlobId) -> bool {
        self.path(id).is_file()
    }

    /// Encrypts bytes into a new blob, durable when it returns, and says which it is and how many bytes there were. The key
    /// has to be fresh: it is used for nothing else.
    pub fn keep(&self, plain: &mut dyn Read, key: &BlobKey) -> Result<(BlobId, u64), BlobError> {
        let beside =
            self.0.join(NEW).join(BlobId(blake3::derive_key("kend 2026 name of a new blob", &key.0)).to_string());
        let kept = self.write(plain, key, &beside);
        if kept.is_err() {
            // The bytes that did come may be what fills the disk.
            let _ = fs::remove_file(&beside);
        }
        kept
    }

    fn write(&self, plain: &mut dyn Read, key: &BlobKey, beside: &Path) -> Result<(BlobId, u64), BlobError> {
        let mut file = Hashed { file: File::create(beside)?, hasher: blake3::Hasher::new() };
        let size_bytes = cipher::seal(plain, key, &mut file, MAX_ATTACHMENT_BYTES)?;
        if size_bytes == 0 {
            return Err(BlobError::Empty);
        }
        file.file.sync_all()?;
        let id = BlobId(*file.hasher.finalize().as_bytes());
        self.name(beside, &id)?;
        Ok((id, size_bytes))
    }

    /// Gives a blob that came in its name, if its hash is the one. Else what came is dropped.
    pub fn finish(&self, id: &BlobId) -> Result<(), BlobError> {
        let part = self.part(id);
        if hash(&part)? != *id {
            fs::remove_file(&part)?;
            return Err(BlobError::Damaged);
        }
        File::open(&part)?.sync_all()?;
        self.name(&part, id)
    }

    fn name(&self, from: &Path, id: &BlobId) -> Result<(), BlobError> {
        let to = self.path(id);
        let within = to.parent().unwrap_or(&self.0);
        if !within.is_dir() {
            fs::create_dir_all(within)?;
            File::open(&self.0)?.sync_all()?;
        }
        fs::rename(from, &to)?;
        Ok(File::open(within)?.sync_all()?)
    }

    /// Whether the ciphertext is what it was, hashed anew.
    pub fn check(&self, id: &BlobId) -> Result<(), BlobError> {
        if hash(&self.path(id))? == *id { Ok(()) } else { Err(BlobError::Damaged) }
    }

    /// Opens a blob to be read.
    pub fn open(&self, id: &BlobId, key: &BlobKey) -> Result<BlobReader<BufReader<File>>, BlobError> {
        let file = File::open(self.path(id))?;
        Ok(BlobReader::new(BufReader::with_capacity(CHUNK_BYTES, file), key)?)
    }

    /// Some bytes of a blob's ciphertext, fewer only at its end.
    pub fn read_at(&self, id: &BlobId, offset: u64, most_bytes: u64) -> Result<Vec<u8>, BlobError> {
        let mut file = File::open(self.path(id))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(most_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// How much came of a blob so far.
    pub fn part_bytes(&self, id: &BlobId) -> Result<u64, BlobError> {
        match fs::metadata(self.part(id)) {
            Ok(file) => Ok(file.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds to what came of a blob so far, on the disk when it returns, and says how much that is now. Bytes that do not
    /// begin just there are left out.
    pub fn add(&self, id: &BlobId, offset: u64, bytes: &[u8]) -> Result<u64, BlobError> {
        let mut file = OpenOptions::new().create(true).append(true).open(self.part(id))?;
        let before = file.metadata()?.len();
        if before != offset {
            return Ok(before);
        }
        if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_data()) {
            // On a full disk a piece may be there by half: it is taken back, so that there is room for records.
            let _ = file.set_len(before);
            return Err(error.into());
        }
        Ok(before + bytes.len() as u64)
    }

    /// Removes what came of a blob so far.
    pub fn remove_part(&self, id: &BlobId) -> Result<(), BlobError> {
        remove_file(&self.part(id))
    }

    /// Removes a blob, and what came of it. One that is not here is removed already.
    pub fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        remove_file(&self.path(id))?;
        self.remove_part(id)
    }

    /// Removes what a stop left half written, and every blob that is not to be kept.
    pub(crate) fn collect<E>(&self, keep: impl Fn(&BlobId) -> Result<bool, E>) -> Result<Result<(), E>, BlobError> {
        for folder in fs::read_dir(&self.0)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            let unfinished = folder.file_name() == NEW;
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let id = file.file_name().to_str().and_then(|name| name.parse::<BlobId>().ok());
                let kept = match id.filter(|_| !unfinished) {
                    Some(id) => match keep(&id) {
                        Ok(kept) => kept,
                        Err(error) => return Ok(Err(error)),
                    },
                    None => !unfinished,
                };
                if !kept {
                    fs::remove_file(file.path())?;
                }
            }
        }
        Ok(Ok(()))
    }
}

fn hash(path: &Path) -> Result<BlobId, BlobError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = BufReader::with_capacity(CHUNK_BYTES, File::open(path)?);
    hasher.update_reader(&mut file)?;
    Ok(BlobId(*hasher.finalize().as_bytes()))
}

/// A file that is hashed while it is written.
struct Hashed {
    file: File,
    hasher: blake3::Hasher,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes a file. One that is not there is removed already.
fn remove_file(path: &Path) -> Result<(), BlobError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
