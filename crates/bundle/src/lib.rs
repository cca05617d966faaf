//! Sync by a file: what an exchange carries, on a USB stick or an SD card.
//!
//! A bundle is one or more volumes. Each volume is an age file, sealed to those who may open it, and holds records: the
//! same signed segments, certificates, receipts, orders and pieces of blobs that travel over a line. It must never let
//! anybody hold more than it says, never hand out a record that was not written so, and give all that lies before a
//! break: a stick is pulled out in the middle of writing, cards rot. Nothing here decides what a record means or whether
//! it counts: segments, receipts and orders carry their own signatures, and go the same way as those of an exchange.
//!
//! The crate does no I/O: [`Writer`] and [`Reader`] work on what is handed in. Only the keys of one volume's envelope are
//! drawn by `age` itself from the system; nothing that is compared or decided depends on them. Start with [`Record`].

pub mod carry;
mod contents;
mod error;
mod header;
mod inspect;
pub mod limits;
mod merkle;
pub mod name;
pub mod outside;
mod read;
mod record;
mod seal;
mod write;

pub use contents::Contents;
pub use error::{OpenError, ReadError, WriteError};
pub use header::{Direction, Header};
pub use inspect::{End, Inspected, inspect, missing};
pub use read::Reader;
pub use record::{BlobPiece, Record, RecordKind};
pub use seal::{SealKey, SealPublic};
pub use write::{Bundle, Volumes, Writer, Written};
