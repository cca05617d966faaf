//! Writing: beside, sync, name, sync, read back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kend_bundle::limits::MAX_ENVELOPE_BYTES;
use kend_bundle::{Volumes, name};

use crate::{Progress, StickError, free_bytes};

/// What names of volumes that are being written begin and end with.
const PART_BEGIN: &str = ".kend-";
const PART_END: &str = ".part";
/// Room to leave on a medium: its own tables grow too.
const SPARE_BYTES: u64 = 1024 * 1024;
/// What is read back at once.
const PIECE_BYTES: usize = 256 * 1024;

/// The volumes of one bundle on their way to a folder.
#[derive(Debug)]
pub struct Stick {
    folder: PathBuf,
    name: String,
    progress: Arc<Progress>,
    parts: Vec<Part>,
    named: Vec<PathBuf>,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    hash: blake3::Hash,
}

/// A volume being written.
#[derive(Debug)]
pub struct Output {
    file: File,
    path: PathBuf,
    hasher: blake3::Hasher,
    progress: Arc<Progress>,
}

impl Stick {
    /// Begins in a folder. `content_bytes` is what the bundle will hold; more than that is never less harm than a card that
    /// is full in the middle. What earlier runs left half-written is removed.
    pub fn new(folder: &Path, name: &str, content_bytes: u64, progress: Arc<Progress>) -> Result<Self, StickError> {
        sweep(folder).map_err(|source| StickError::file(folder, source))?;
        let needed_bytes = content_bytes
            .saturating_add(content_bytes / 1024)
            .saturating_add(u64::try_from(MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX))
            .saturating_add(SPARE_BYTES);
        if let Some(free_bytes) = free_bytes(folder)
            && free_bytes < needed_bytes
        {
            return Err(StickError::NoRoom { needed_bytes, free_bytes });
        }
        // Written once, read back once.
        progress.expect(content_bytes.saturating_mul(2));
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), progress, parts: Vec::new(), named: Vec::new() })
    }

    /// Gives the volumes their names, all of them or none, and reads them back from the medium.
    pub fn finish(mut self) -> Result<Vec<PathBuf>, StickError> {
        let named = self.give_names().and_then(|()| self.read_back());
        match named {
            Ok(()) => {
                self.parts.clear();
                Ok(std::mem::take(&mut self.named))
            }
            Err(error) => Err(error),
        }
    }

    fn give_names(&mut self) -> Result<(), StickError> {
        let of = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        for (number, part) in (1..=of).zip(&self.parts) {
            let path = self.folder.join(name::volume(&self.name, number, of));
            fs::rename(&part.path, &path).map_err(|source| StickError::file(&path, source))?;
            self.named.push(path);
        }
        sync_folder(&self.folder).map_err(|source| StickError::file(&self.folder, source))
    }

    fn read_back(&self) -> Result<(), StickError> {
        for (path, part) in self.named.iter().zip(&self.parts) {
            let hash = self.hash_of(path).map_err(|source| StickError::file(path, source))?;
            if hash != part.hash {
                return Err(StickError::NotReadBack(path.clone()));
            }
        }
        Ok(())
    }

    fn hash_of(&self, path: &Path) -> io::Result<blake3::Hash> {
        let mut file = File::open(path)?;
        from_the_medium(&file);
        let (mut hasher, mut piece) = (blake3::Hasher::new(), vec![0; PIECE_BYTES]);
        loop {
            let length = file.read(&mut piece)?;
            if length == 0 {
                return Ok(hasher.finalize());
            }
            count(&self.progress, length)?;
            hasher.update(piece.get(..length).unwrap_or_default());
        }
    }
}

impl Volumes for Stick {
    type Output = Output;

    fn begin(&mut self, volume: u32) -> io::Result<Output> {
        let path = self.folder.join(format!("{PART_BEGIN}{}-{volume}{PART_END}", self.name));
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        // From here on it is this run's to remove.
        self.parts.push(Part { path: path.clone(), hash: blake3::hash(b"") });
        Ok(Output { file, path, hasher: blake3::Hasher::new(), progress: Arc::clone(&self.progress) })
    }

    fn end(&mut self, _: u32, output: Output) -> io::Result<()> {
        output.file.sync_all()?;
        let hash = output.hasher.finalize();
        match self.parts.iter_mut().find(|part| part.path == output.path) {
            Some(part) => part.hash = hash,
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(())
    }
}

impl Drop for Stick {
    /// A bundle that did not come to its end leaves nothing.
    fn drop(&mut self) {
        for path in self.parts.iter().map(|part| &part.path).chain(&self.named) {
            // It may have its name already, or the stick is gone: then there is nothing more to do about it.
            let _ = fs::remove_file(path);
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        count(&self.progress, length)?;
        self.hasher.update(bytes.get(..length).unwrap_or_default());
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Counts, and stops when that is wished.
fn count(progress: &Progress, length: usize) -> io::Result<()> {
    progress.add(u64::try_from(length).unwrap_or(0));
    if progress.is_cancelled() { Err(io::Error::other("stopped on request")) } else { Ok(()) }
}

/// Removes what earlier runs left half-written.
fn sweep(folder: &Path) -> io::Result<()> {
    for found in fs::read_dir(folder)? {
        let found = found?;
        let name = found.file_name();
        let is_part = name.to_str().is_some_and(|name| name.starts_with(PART_BEGIN) && name.ends_with(PART_END));
        if is_part && found.file_type()?.is_file() {
            fs::remove_file(found.path())?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere the system keeps names itself; a folder can't be synced.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Asks the system to forget what it holds of a file, so that it is read from the medium. Where it does not listen, the
/// comparison still finds what the system itself lost.
#[cfg(target_os = "linux")]
fn from_the_medium(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn from_the_medium(_: &File) {}
