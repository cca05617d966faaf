//! What can go wrong between a hub and PostgreSQL. No message has the password.

use std::path::PathBuf;

use tokio_postgres::error::Severity;

/// A database that can't be used, or an operation that failed there. Nothing was acknowledged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostgresError {
    /// The address can't be read.
    #[error("the database's address can't be read: {}", told(.0))]
    Address(#[source] tokio_postgres::Error),
    /// Another machine, and nothing encrypted.
    #[error(
        "the database is on another machine, and its address says sslmode=disable: leave that out, or add \
         --database-plain in a network that is nobody's"
    )]
    Unencrypted,
    /// Who vouches for its certificate can't be read.
    #[error("{}: {source}", .path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// No way to encrypt.
    #[error("the way to the database can't be encrypted: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gives no thread.
    #[error("the database can't be waited for: {0}")]
    Thread(#[source] std::io::Error),
    /// It can't be reached, or refuses.
    #[error("the database does not do what it is asked: {}", told(.0))]
    Refused(#[from] tokio_postgres::Error),
    /// It does not answer in time.
    #[error("the database does not answer")]
    Slow,
    /// It could not be reached just now.
    #[error("the database can't be reached")]
    Down,
    /// Whether it committed could not be told; nothing was acknowledged.
    #[error("the database went away before it said that it had committed")]
    InDoubt,
    /// A record that this key did not seal.
    #[error("the record in the database is damaged")]
    Damaged,
    /// Something too large for a record.
    #[error("too large for the database")]
    TooLarge,
    /// A newer program wrote there.
    #[error("a newer kend-hub wrote to this database: bring this one up to date")]
    Newer,
    /// The key is another hub's.
    #[error("the database belongs to a hub with another key; nothing was changed")]
    OtherKey,
    /// There is no key here to open it.
    #[error("the database holds a hub, and its key is not in the data folder: copy hub.key or hub.keyfile there")]
    NoKey,
    /// The folder is another hub's.
    #[error("the data folder is another hub's than the database; nothing was changed")]
    OtherHub,
    /// The folder belongs to another database.
    #[error("the data folder belongs to a hub in another database; nothing was changed")]
    OtherDatabase,
    /// The folder has a hub that was never in the database.
    #[error(
        "the data folder holds this hub from before it was moved to the database: set the folder's hub.db aside; what \
         is in the database is built anew from there"
    )]
    Unmoved,
}

impl PostgresError {
    /// Whether the database refused a statement and goes on: with that it undid the transaction that it was in. Of a
    /// connection that it ends it may have committed before.
    pub(crate) fn undid_all(&self) -> bool {
        let Self::Refused(error) = self else { return false };
        error.as_db_error().is_some_and(|refused| refused.parsed_severity() == Some(Severity::Error))
    }
}

/// What the driver says, with what lies behind it: by itself it says only `db error`.
fn told(error: &tokio_postgres::Error) -> String {
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}
