//! What can go wrong in a hub.

use kend_store::rusqlite;
use kend_store::{OpenError, StoreError, VaultError};

use crate::postgres::PostgresError;
use crate::world::NoRandomness;

/// A data folder that can't be opened or set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenHubError {
    /// The folder or a file in it can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file with the key is not one.
    #[error("{0} is not a hub's key")]
    BadKey(String),
    /// A passphrase was given for a store whose key is in a file, or the other way round.
    #[error("this hub's key is {is}; {mend}")]
    OtherKey {
        /// Where the key is.
        is: &'static str,
        /// What to do.
        mend: &'static str,
    },
    /// The passphrase is wrong.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The pack or an instrument can't be read.
    #[error(transparent)]
    Library(#[from] kend_app::LibraryError),
    /// The store does not work.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The file is a copy, and the hub elsewhere.
    #[error("the hub is in PostgreSQL, and this folder has a copy of it: give --database-url")]
    InDatabase,
}

/// An operation that failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// PostgreSQL fails.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The pack or an instrument can't be read.
    #[error(transparent)]
    Library(#[from] kend_app::LibraryError),
    /// No random bytes.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// A row that no hub writes.
    #[error("the hub's table {0} is damaged")]
    Damaged(&'static str),
    /// No device of this id was enrolled here.
    #[error("no device {0} was enrolled here")]
    UnknownDevice(kend_domain::DeviceId),
    /// Nobody of this id is known here.
    #[error("nobody is known here as {0}")]
    UnknownPerson(kend_domain::PersonId),
    /// Nothing of this name is set aside, or more than one.
    #[error("not exactly one segment is set aside as `{0}`")]
    NotSetAside(String),
    /// A released segment that can't be taken in.
    #[error("it can't be taken in: {0}")]
    NotTakenIn(String),
    /// There is an account of this name.
    #[error("there is an account of the name `{0}` already")]
    NameTaken(String),
    /// A password that keeps nobody out.
    #[error("a password has at least {} characters and is not easy to guess", crate::account::MIN_PASSWORD_CHARACTERS)]
    WeakPassword,
    /// The disk or the object store took no more of an attachment. What it has is gone on with.
    #[error("the disk or the object store refuses an attachment; brought again, it goes on")]
    AttachmentNotKept,
    /// A password that can't be hashed.
    #[error("the password can't be hashed: {0}")]
    Password(String),
}

impl From<rusqlite::Error> for HubError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
