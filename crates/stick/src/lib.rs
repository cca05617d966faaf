//! Volumes of bundles on a stick or card: written so that pulling it out at any moment does no harm.
//!
//! A volume is written beside its name, synced, and gets its name only when the whole bundle is on the medium; then it is
//! read back from there and compared. Whoever sees a `.kendbundle` sees a whole one, as far as the medium keeps its word.
//! What a cancelled or killed run left is removed by itself or by the next one. It is a crate of its own because the app,
//! the hub and the command line all write bundles, and `kend-machine` carries an HTTP client.

mod progress;
mod write;

use std::io;
use std::path::{Path, PathBuf};

pub use progress::Progress;
pub use write::Stick;

/// A stick that a bundle can't be written to. No volume of it is there then.
#[derive(Debug, thiserror::Error)]
pub enum StickError {
    /// There is less room than the bundle may take.
    #[error("{needed_bytes} bytes are needed and {free_bytes} are free")]
    NoRoom {
        /// What the bundle may take.
        needed_bytes: u64,
        /// What there is.
        free_bytes: u64,
    },
    /// What was read back is not what was written: the medium is broken, or pretends to be larger than it is.
    #[error("{} reads back otherwise than it was written", .0.display())]
    NotReadBack(PathBuf),
    /// A file or folder can't be written or read.
    #[error("{}: {source}", .path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl StickError {
    fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

/// Room on the medium of a folder, in bytes; none where the system does not say.
#[cfg(unix)]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(folder).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Room on the medium of a folder, in bytes; none where the system does not say.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> Option<u64> {
    None
}
