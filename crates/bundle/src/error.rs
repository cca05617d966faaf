//! What can be wrong with a bundle.

use std::io;

/// A volume that can't be opened. Nothing of it was handed out.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No bundle, or one whose first bytes are damaged.
    #[error("this is no bundle, or its beginning is damaged")]
    NotABundle,
    /// Sealed to others.
    #[error("this bundle is sealed to others")]
    NotForUs,
    /// Written by a newer Kend.
    #[error("the bundle has format {0}, which this Kend does not know")]
    Newer(u8),
    /// The file can't be read.
    #[error("the bundle can't be read: {0}")]
    Io(#[source] io::Error),
}

/// A volume that can't be read to its end. What was handed out before counts.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file ends before the volume does: the copy broke off.
    #[error("the bundle ends after {records} records: its copy broke off")]
    CutOff {
        /// Records handed out before.
        records: u64,
    },
    /// A part is damaged, or was never written so.
    #[error("the bundle is damaged after {records} records")]
    Damaged {
        /// Records handed out before.
        records: u64,
    },
    /// The file can't be read.
    #[error("the bundle can't be read: {0}")]
    Io(#[source] io::Error),
}

/// A bundle that can't be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Nobody, or too many, to seal it to.
    #[error("a bundle is sealed to 1 to {} recipients", crate::limits::MAX_RECIPIENTS)]
    Recipients,
    /// A recipient's key is none.
    #[error("a recipient's key is none")]
    BadRecipient,
    /// A record or a header is larger than a bundle may hold, or there are too many volumes.
    #[error("more than a bundle may hold")]
    TooLarge,
    /// The file can't be written.
    #[error("the bundle can't be written: {0}")]
    Io(#[from] io::Error),
}
