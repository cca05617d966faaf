//! The sync protocol without I/O: what a device asks, what a hub answers, and who may do what.
//!
//! The crate speaks no HTTP, knows no clock and makes no randomness: an [`Exchange`] hands out requests and takes
//! answers, [`answer()`] is a function from a request to a response, and both reach their store through a small trait
//! ([`Replica`], [`HubReplica`]). `kend-store` is one on a device: this crate knows it, and it not this crate. It must never acknowledge what is
//! not durable, never take a segment whose author it can't check, and never send a scope to who may not hold it. Start
//! with [`SyncRequest`] and [`SyncResponse`], then [`rights`].

mod answer;
mod arriving;
mod blob;
mod certificate;
mod codec;
mod enrol;
mod exchange;
pub mod join;
mod message;
mod order;
mod pace;
pub mod protocol;
mod receipt;
mod replica;
pub mod rights;
mod roster;
mod signed;
mod signing;
mod ticket;

pub use answer::{
    HubReplica, KnownDevice, Moment, ScopePage, SegmentRights, SegmentTaken, answer, answer_read, read_scope,
    take_segment,
};
pub use arriving::{Arriving, take_early};
pub use blob::{
    BlobAnswer, BlobDeed, BlobHead, BlobReceipt, BlobRequest, BlobStanding, BlobsRequest, BlobsResponse, Inquiry,
    InquiryAnswer, MAX_PIECE_BYTES, PiecePace, SignedBlobReceipt, read_blob_digest,
};
pub use certificate::{Certificate, HubKeys, SignedCertificate};
pub use codec::BadBody;
pub use enrol::{EnrolError, EnrolRequest, EnrolResponse, Enrolled, Enrolment};
pub use exchange::{AsideEntries, Delivered, Delivery, Exchange, ExchangeError, HubTime, Outcome, Step, standing};
pub use kend_store::Addressee;
pub use message::{
    Cursor, Epoch, LogHead, Refusal, RefusalCode, ScopeDigest, SetAside, SetAsideCode, SyncRequest, SyncResponse,
};
pub use order::{Deed, Order, SignedOrder};
pub use pace::{Pace, Progress};
pub use receipt::{Receipt, SignedReceipt};
pub use replica::{Branched, Marks, Replica, Taken, forget_certificate, own_certificate};
pub use roster::{Colleague, OrdersPassed, Revoked, Roster, RosterAnswer, RosterError, RosterRequest, RosterResponse};
pub use signed::{BadSigned, Signed, Statement};
pub use signing::{Claim, HttpRequest, HttpResponse, RequestDigest, Sign, sign_answer};
pub use ticket::{Ticket, Tickets};
