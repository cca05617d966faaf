//! The log and its projection in one encrypted `SQLite` file.
//!
//! Everything that is kept is an entry of a log ([`kend_log`]); [`Store::append`] writes the entry and what it does to the
//! projection in one transaction, and when it returns, both are on the disk. [`Store::receive`] does the same for what
//! others wrote. Start with [`Store`]; [`KeyFile`] turns a passphrase into the key.
//!
//! Bytes that entries refer to lie beside the file, encrypted too ([`BlobFolder`]).
//!
//! The crate knows one path, the database's. It reads no clock and makes no randomness: both are handed in. It must never
//! say that something is kept before it is, nor take in what it did not verify.

mod append;
mod as_written;
mod backup;
mod blob;
mod devices;
mod digest;
mod drafts;
mod erase;
mod erasures;
mod error;
mod hex;
pub mod limits;
mod logs;
mod migrate;
mod model;
mod numbers;
mod orders;
mod packed;
mod projection;
mod quarantine;
mod read;
mod rebuild;
mod receipts;
mod receive;
mod recorded;
mod row;
mod salvage;
mod segments;
mod settings;
mod shared;
mod store;
mod tally;
mod transaction;
mod vault;
mod verify;
mod wal;

pub use blob::{Blob, BlobError, BlobFolder, BlobRange, BlobReader, Copied, ciphertext_bytes};
pub use erasures::Erased;
pub use error::{OpenError, StoreError};
pub use model::{
    Addressee, Append, Appended, Authority, Code, Device, Draft, EntityHead, LogHead, Migration, NewDevice, OwnScopes,
    Packed, Page, Received, Unacknowledged,
};
pub use quarantine::Quarantined;
pub use receipts::KeptReceipt;
pub use receive::{Arrival, NotRead};
pub use recorded::Recording;
pub use rusqlite;
pub use salvage::Salvaged;
pub use shared::{Change, SharedRow};
pub use store::Store;
pub use tally::Tally;
pub use vault::{DatabaseKey, KeyFile, KeyFileSeeds, VaultError};
pub use verify::Verified;
