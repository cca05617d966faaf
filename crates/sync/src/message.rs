//! What goes over the line in an exchange.
//!
//! Up: what the device has seen of this hub, the heads of its logs, and new segments. Down: what is durable at the hub,
//! what it set aside, and segments of the scopes that the device's people are responsible for. Logs have no gaps, so a
//! log and a number say exactly what somebody holds: no filters and no reconciliation of sets.

use kend_domain::{DeviceId, Scope};
use kend_log::{HashPrefix, LogId};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::codec::{self, BadBody};
use crate::protocol::{MAX_LIST, PROTOCOL};
use crate::ticket::Ticket;
use crate::{SignedCertificate, SignedOrder, SignedReceipt};

/// Sixteen random bytes that a hub draws anew when its store is created or put back from a backup. Cursors and
/// acknowledgements hold within one epoch only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(transparent)]
pub struct Epoch(#[cbor(with = "minicbor::bytes")] pub [u8; 16]);

/// How far somebody holds a log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LogHead {
    /// The device whose log it is.
    #[cbor(n(0), with = "codec::device")]
    pub device: DeviceId,
    /// The log's scope.
    #[cbor(n(1), with = "codec::scope")]
    pub scope: Scope,
    /// The last entry held; 0 for none.
    #[n(2)]
    pub seq: u64,
    /// Start of the chain hash there.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub prefix: HashPrefix,
}

impl LogHead {
    /// The log.
    pub fn log(&self) -> LogId {
        LogId { device: self.device, scope: self.scope.clone() }
    }
}

/// How far the hub's stream of a scope was received.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(array)]
pub struct Cursor {
    /// The scope.
    #[cbor(n(0), with = "codec::scope")]
    pub scope: Scope,
    /// The place in the hub's stream, in this epoch.
    #[n(1)]
    pub position: u64,
}

/// A hash over all that lives in a scope: equal where the same entries are held.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ScopeDigest {
    /// The scope.
    #[cbor(n(0), with = "codec::scope")]
    pub scope: Scope,
    /// The hash.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub digest: [u8; 16],
}

/// A device's side of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SyncRequest {
    /// The version of the protocol that the request is in, and that segments of the answer may be in.
    #[n(0)]
    pub protocol: u32,
    /// The hub's epoch that cursors and acknowledgements come from; none before the first exchange.
    #[n(1)]
    pub epoch: Option<Epoch>,
    /// The device's own logs, and those of which it does not know how far the hub holds them.
    #[n(2)]
    pub heads: Vec<LogHead>,
    /// For each of the heads, the last entry of which the server's receipt is on the device; 0 for none.
    #[n(3)]
    pub safe: Vec<u64>,
    /// How far each scope was received.
    #[n(4)]
    pub cursors: Vec<Cursor>,
    /// How many bytes of segments the answer may carry. One segment always may come.
    #[n(5)]
    pub budget_bytes: u32,
    /// The last order of the server that the device has carried out; 0 for none.
    #[n(6)]
    pub orders_done: u64,
    /// The serial number of the certificate that the device has; 0 for none.
    #[n(7)]
    pub certificate_serial: u64,
    /// Segments for the hub, as their authors signed them.
    #[cbor(skip)]
    pub segments: Vec<Vec<u8>>,
}

impl SyncRequest {
    /// A request that hands over segments, says nothing else and asks for nothing.
    pub const fn handing_over(segments: Vec<Vec<u8>>) -> Self {
        Self {
            protocol: PROTOCOL,
            epoch: None,
            heads: Vec::new(),
            safe: Vec::new(),
            cursors: Vec::new(),
            budget_bytes: 0,
            orders_done: 0,
            certificate_serial: 0,
            segments,
        }
    }

    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::write_body(self, &self.segments)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        let (head, segments) = codec::read_body::<Self>(body)?;
        check_list("heads", head.heads.len())?;
        check_list("cursors", head.cursors.len())?;
        if head.safe.len() != head.heads.len() {
            return Err(BadBody::Form);
        }
        Ok(Self { segments, ..head })
    }
}

/// Why a segment did not go into the hub's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum SetAsideCode {
    /// Not a segment, or one that breaks the rules of the log.
    #[n(1)]
    Damaged,
    /// The author's signature does not hold.
    #[n(2)]
    BadSignature,
    /// The hub does not know the author's device.
    #[n(3)]
    UnknownDevice,
    /// Area, role or actor: the author may not write this, or the sender may not pass it on.
    #[n(4)]
    NotAllowed,
    /// The entity lives in another scope.
    #[n(5)]
    OtherScope,
    /// An entry does not name its device's previous entry of the entity.
    #[n(6)]
    BadContext,
    /// Entries before it are missing in the hub's log.
    #[n(7)]
    Gap,
    /// The hub holds other entries under the same numbers: the device was cloned or put back from a backup.
    #[n(8)]
    Fork,
    /// It leaves out what an entry says that the hub does not hold: it has to come whole.
    #[n(9)]
    Lacking,
}

impl SetAsideCode {
    /// Its word, for people who mend things.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::BadSignature => "bad_signature",
            Self::UnknownDevice => "unknown_device",
            Self::NotAllowed => "not_allowed",
            Self::OtherScope => "other_scope",
            Self::BadContext => "bad_context",
            Self::Gap => "gap",
            Self::Fork => "fork",
            Self::Lacking => "lacking",
        }
    }
}

impl From<kend_store::Code> for SetAsideCode {
    fn from(code: kend_store::Code) -> Self {
        match code {
            kend_store::Code::Damaged => Self::Damaged,
            kend_store::Code::UnknownDevice => Self::UnknownDevice,
            kend_store::Code::BadSignature => Self::BadSignature,
            kend_store::Code::NotAllowed => Self::NotAllowed,
            kend_store::Code::OtherScope => Self::OtherScope,
            kend_store::Code::BadContext => Self::BadContext,
        }
    }
}

/// A segment of the request that did not go into the hub's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SetAside {
    /// Its place in the request, from 0.
    #[n(0)]
    pub index: u32,
    /// Why.
    #[n(1)]
    pub code: SetAsideCode,
    /// The hub keeps it, durably, for a person to look at. Otherwise (a gap to mend, a quota used up) it is only with
    /// the device.
    #[n(2)]
    pub kept: bool,
}

/// The hub's side of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SyncResponse {
    /// The newest version of the protocol that the hub speaks and the device reads.
    #[n(0)]
    pub protocol: u32,
    /// The hub's epoch.
    #[n(1)]
    pub epoch: Epoch,
    /// Orders of the server that the device has not carried out yet, in their order. They come before anything else.
    #[n(2)]
    pub orders: Vec<SignedOrder>,
    /// For each log named or sent, how far it is durable at the hub.
    #[n(3)]
    pub acks: Vec<LogHead>,
    /// Segments of the request that did not go into the log.
    #[n(4)]
    pub set_aside: Vec<SetAside>,
    /// Receipts of the server for logs named or sent, where they reach further than the device knows.
    #[n(5)]
    pub receipts: Vec<SignedReceipt>,
    /// The device's own certificate, when it has an older one.
    #[n(6)]
    pub certificate: Option<SignedCertificate>,
    /// Certificates of the devices whose logs begin in this answer.
    #[n(7)]
    pub certificates: Vec<SignedCertificate>,
    /// How far each scope has been sent with this answer.
    #[n(8)]
    pub cursors: Vec<Cursor>,
    /// Of each scope in which this exchange moved anything and that has been sent to its end: what the hub has of it.
    #[n(9)]
    pub digests: Vec<ScopeDigest>,
    /// There is more to fetch.
    #[n(10)]
    pub more: bool,
    /// The hub's clock, milliseconds since 1970 UTC.
    #[n(11)]
    pub hub_ms: i64,
    /// The ticket for the next request.
    #[n(12)]
    pub ticket: Ticket,
    /// Segments for the device, as their authors signed them.
    #[cbor(skip)]
    pub segments: Vec<Vec<u8>>,
}

impl SyncResponse {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::write_body(self, &self.segments)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        let (head, segments) = codec::read_body::<Self>(body)?;
        check_list("acknowledgements", head.acks.len())?;
        check_list("set-aside segments", head.set_aside.len())?;
        check_list("orders", head.orders.len())?;
        check_list("receipts", head.receipts.len())?;
        check_list("certificates", head.certificates.len())?;
        check_list("cursors", head.cursors.len())?;
        check_list("digests", head.digests.len())?;
        Ok(Self { segments, ..head })
    }
}

/// Why a hub refuses a request as a whole. Nothing of the request was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum RefusalCode {
    /// The body is no message.
    #[n(1)]
    BadRequest,
    /// The hub does not speak this version.
    #[n(2)]
    Protocol,
    /// The ticket was used, or is not one of this hub's. The refusal carries a fresh one.
    #[n(3)]
    Ticket,
    /// The signature does not hold, or the device is unknown here.
    #[n(4)]
    Signature,
    /// The code is wrong, used or too old.
    #[n(5)]
    Code,
    /// Too many tries.
    #[n(6)]
    TooManyTries,
    /// The body is larger than the protocol allows.
    #[n(7)]
    TooLarge,
    /// The person or device of an enrolment exists already and is somebody else's.
    #[n(8)]
    Taken,
    /// The hub can't write at the moment. Try again later.
    #[n(9)]
    Busy,
    /// There is no such attachment, or none that the device may hold.
    #[n(10)]
    NotFound,
    /// The device has handed in too much that is not whole yet. Try again later.
    #[n(11)]
    Quota,
    /// What came is not what was announced, or not the attachment: it was thrown away.
    #[n(12)]
    Damaged,
}

impl RefusalCode {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Ticket | Self::Signature => 401,
            Self::Code => 403,
            Self::NotFound => 404,
            Self::Taken => 409,
            Self::TooLarge => 413,
            Self::Damaged => 422,
            Self::Protocol => 426,
            Self::TooManyTries | Self::Quota => 429,
            Self::Busy => 503,
        }
    }

    /// Its word, for people who mend things.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Protocol => "protocol",
            Self::Ticket => "ticket",
            Self::Signature => "signature",
            Self::Code => "code",
            Self::TooManyTries => "too_many_tries",
            Self::TooLarge => "too_large",
            Self::Taken => "taken",
            Self::Busy => "busy",
            Self::NotFound => "not_found",
            Self::Quota => "quota",
            Self::Damaged => "damaged",
        }
    }
}

/// The answer to a request that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Refusal {
    /// Why.
    #[n(0)]
    pub code: RefusalCode,
    /// A fresh ticket, for the device to try once more with.
    #[n(1)]
    pub ticket: Option<Ticket>,
}

impl Refusal {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        codec::decode_head(body)
    }
}

fn check_list(what: &'static str, length: usize) -> Result<(), BadBody> {
    if length > MAX_LIST { Err(BadBody::TooLarge { what, limit: MAX_LIST }) } else { Ok(()) }
}
