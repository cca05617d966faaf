//! What can go wrong: opening a store and using one fail with different types.

use kend_log::{BadEntry, BadSegment};

/// A store that can't be opened or created.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key is not this file's. After a passphrase that opened the key file: the file's first page is damaged.
    #[error("the key does not open this store")]
    WrongKey,
    /// Written by a newer Kend; nothing was changed.
    #[error("the store has version {found}, this Kend knows {known}")]
    Newer {
        /// The version of the file.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The file is damaged, truncated, or no store.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// There is a file already.
    #[error("there is a store here already")]
    Exists,
    /// The disk refused.
    #[error("the disk refused: {0}")]
    Io(#[source] rusqlite::Error),
    /// A file can't be copied or removed.
    #[error("the disk refused: {0}")]
    System(#[source] std::io::Error),
}

impl OpenError {
    pub(crate) fn from_sqlite(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::WrongKey,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked,
            ) => Self::Io(error),
            _ => Self::Damaged(error.to_string()),
        }
    }

    /// Whether trying again later can succeed without anyone mending anything.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Io(_) | Self::System(_))
    }
}

/// An operation that failed. Nothing was changed; only after a failed sync it may turn out to be done, as a whole, when the
/// process or the power goes before the next write: no disk can say.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// The disk refused to read or write.
    #[error("the disk refused: {0}")]
    Refused(#[source] rusqlite::Error),
    /// Another process holds the store.
    #[error("another process holds the store")]
    Busy(#[source] rusqlite::Error),
    /// What was read is damaged.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The entry breaks a limit of the log.
    #[error("the entry is not valid: {0}")]
    Entry(#[from] BadEntry),
    /// Entries can't be made a segment.
    #[error("no segment can be made: {0}")]
    Segment(#[from] BadSegment),
    /// The entity lives in another scope.
    #[error("the entity lives in another scope")]
    OtherScope,
    /// The scope was taken away from this device; its own log must come back before anything is written there.
    #[error("the scope was taken away from this device")]
    ScopeLeft,
    /// The content is erased for good; nothing can be written there.
    #[error("the content is erased for good")]
    Erased,
    /// What the entry claims to have seen is not here.
    #[error("the entry claims to have seen what is not here")]
    NotSeen,
    /// An acknowledgement for an entry that this log does not have: the other side holds another branch.
    #[error("the acknowledged entry is not the one of this log")]
    OtherBranch,
    /// A setting is not of the form asked for.
    #[error("the setting `{0}` is not of the form asked for")]
    Setting(String),
    /// A defect: what was only to read wrote.
    #[error("a defect: what was only to read wrote")]
    WroteWhileReading,
    /// A defect of a statement.
    #[error("a defect: {0}")]
    Defect(#[source] rusqlite::Error),
}

impl StoreError {
    /// Whether trying again later can succeed without anyone mending anything.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::DiskFull(_) | Self::Refused(_) | Self::Busy(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(error),
            Some(
                ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied,
            ) => Self::Refused(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Defect(error),
        }
    }
}
