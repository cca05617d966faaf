//! The log and its projection in one encrypted `SQLite` file.
//!
//! Everything that is kept is an entry of a log ([`kend_log`]); [`Store::append`] writes the entry and what it does to the
//! projection in one transaction, and when it returns, both are on the disk. [`Store::receive`] does the same for what
//! others wrote. Start with [`Store`]; [`KeyFile`] turns a passphrase into the key.
//!
//! The crate knows one path, the database's. It reads no clock and makes no randomness: both are handed in. It must never
//! say that something is kept before it is, nor take in what it did not verify.

mod append;
mod devices;
mod drafts;
mod erase;
mod error;
mod hex;
mod logs;
mod migrate;
mod model;
mod numbers;
mod projection;
mod read;
mod receive;
mod row;
mod salvage;
mod segments;
mod settings;
mod store;
mod vault;
mod verify;
mod wal;

pub use error::{OpenError, StoreError};
pub use model::{
    Append, Appended, Authority, Code, Device, Draft, EntityHead, LogHead, Migration, NewDevice, OwnScopes, Page,
    Received, Unacknowledged,
};
pub use rusqlite;
pub use salvage::Salvaged;
pub use store::Store;
pub use vault::{DatabaseKey, KeyFile, KeyFileSeeds, VaultError};
