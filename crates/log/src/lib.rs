//! The log: entries with causal context, signed segments, the fold, visible conflicts, erasure.
//!
//! Everything anybody does is an [`Entry`] in a log of one device and scope ([`LogId`]). Logs travel as signed
//! [`Segment`]s. What an interview is at a moment is [`EntityState`]: the fold of its entries, equal on every replica that
//! has the same ones. Start with [`Op`], then [`EntityState`].
//!
//! The crate does no I/O, reads no clock and makes no randomness: salts, keys and what clocks said are handed in. It
//! never lets a wall clock decide anything, never drops what a person entered, and never accepts an entry in two
//! encodings.

mod attachment;
mod chain;
mod codec;
mod columns;
mod content;
mod context;
mod digest;
mod entry;
mod fold;
mod frame;
mod known;
pub mod limits;
mod merge;
mod op;
mod path;
mod said;
mod segment;
mod state;
mod table;
mod value;

pub use attachment::{Attachment, BlobId, BlobKey, NotABlob};
pub use chain::{ChainHash, OpKey, Salt, op_key};
pub use codec::{
    BadBytes, header_bytes, header_from_bytes, slots_bytes, slots_from_bytes, value_bytes, value_from_bytes,
};
pub use context::{Context, Dot, HashPrefix, Seen};
pub use digest::live_hash;
pub use entry::{BadEntry, Chained, EntityKind, Entry, Header, LogId, Slot};
pub use fold::{EntityState, Folded};
pub use merge::{MAX_MERGED_WORDS, Piece, common_ancestor, merge, merged_text};
pub use op::{Act, Op, Reason};
pub use path::{BadPath, Element, Path};
pub use said::{Anchor, Said};
pub use segment::{BadSegment, Previous, PublicKeyBytes, Segment, SigningKeyBytes, public_key, sign, verifies};
pub use state::{Erasure, Judged, Live, Mark, Projection, Step};
pub use value::{NotFinite, Number, Value};
