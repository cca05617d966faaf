//! What goes into a store and comes out of it.

use kend_domain::{DeviceId, EntityId, PersonId, Scope};
use kend_log::{ChainHash, Context, Dot, EntityKind, Entry, HashPrefix, LogId, Op, Path, PublicKeyBytes, Said, Salt};

/// One step of a schema: a numbered file, run once, in one transaction.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number. The store's own are below 100, those of whoever opens it from 100.
    pub version: u32,
    /// The file's SQL.
    pub sql: &'static str,
}

/// The device that a new store belongs to.
#[derive(Clone)]
pub struct NewDevice {
    /// Its id, 16 random bytes.
    pub device: DeviceId,
    /// Its signing key, 32 random bytes. Lives in the encrypted file and nowhere else.
    pub signing_key: [u8; 32],
}

/// An entry to be kept.
#[derive(Debug, Clone)]
pub struct Append {
    /// The scope of the entity.
    pub scope: Scope,
    /// The entity.
    pub entity: EntityId,
    /// What it is.
    pub kind: EntityKind,
    /// Who does it.
    pub actor: PersonId,
    /// What to do.
    pub ops: Vec<Op>,
    /// What the device's clocks say.
    pub said: Said,
    /// Version of the form or code that the ops are written with.
    pub form_version: u32,
    /// What the person had seen, or none for all that is here. Values that came in since stay live beside the new one.
    pub seen: Option<Context>,
    /// Paths whose draft or recording by the same person the entry ends, in the same transaction.
    pub ends_drafts: Vec<Path>,
    /// 16 fresh random bytes.
    pub salt: Salt,
}

/// An entry that is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its place in this device's log of the scope.
    pub dot: Dot,
    /// Its Lamport number.
    pub lamport: u64,
    /// Its chain hash.
    pub hash: ChainHash,
}

/// An entity in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityHead {
    /// The entity.
    pub entity: EntityId,
    /// What it is.
    pub kind: EntityKind,
    /// Where it lives.
    pub scope: Scope,
    /// This device wrote entries of it that no hub has acknowledged.
    pub unacknowledged: bool,
    /// This device wrote entries of it of which the server's receipt is not here.
    pub not_safe: bool,
    /// Other devices wrote entries of it.
    pub of_others: bool,
}

/// A text being typed, durable but not yet an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where.
    pub path: Path,
    /// Whose.
    pub actor: PersonId,
    /// The whole text.
    pub text: String,
}

/// Where a log stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// The log.
    pub log: LogId,
    /// Its last entry here; 0 before the first.
    pub seq: u64,
    /// Its chain hash there.
    pub hash: ChainHash,
    /// The last entry that a hub has acknowledged (own logs only; else 0).
    pub acknowledged: u64,
    /// The last entry of which the server's receipt is here; 0 for none.
    pub safe: u64,
}

/// Entries of this device that no hub has acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unacknowledged {
    /// Per own log with any: how many.
    pub logs: Vec<(LogId, u32)>,
    /// Per entity with any: how many.
    pub entities: Vec<(EntityId, u32)>,
    /// Size of what waits, before compression.
    pub size_bytes: u64,
}

impl Unacknowledged {
    /// How many entries wait.
    pub fn entries(&self) -> u32 {
        self.logs.iter().map(|(_, count)| count).sum()
    }
}

/// A device whose segments are taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub device: DeviceId,
    /// Its public key.
    pub public_key: PublicKeyBytes,
    /// The person it was enrolled for.
    pub person: PersonId,
    /// The scopes that it may write in.
    pub scopes: Vec<Scope>,
}

/// Decides whether a device may write an entry. Asked for each, after signature and chain were verified.
pub trait Authority {
    /// None when it may; else the code under which the segment is set aside.
    fn refuses(&self, device: &Device, log: &LogId, entry: &Entry) -> Option<Code>;
}

/// The plainest authority: a device writes in its own scopes.
#[derive(Debug, Clone, Copy)]
pub struct OwnScopes;

impl Authority for OwnScopes {
    fn refuses(&self, device: &Device, log: &LogId, _: &Entry) -> Option<Code> {
        if device.scopes.contains(&log.scope) { None } else { Some(Code::NotAllowed) }
    }
}

/// Why a segment was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Its bytes are damaged, over a limit or of an unknown format.
    Damaged,
    /// No device of this name is known.
    UnknownDevice,
    /// The signature is not the device's.
    BadSignature,
    /// The device or person may not write this.
    NotAllowed,
    /// The entity lives in another scope.
    OtherScope,
    /// An entry does not name its device's previous entry of the entity.
    BadContext,
}

impl Code {
    /// The word for it, on the wire and in SQL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::UnknownDevice => "unknown_device",
            Self::BadSignature => "bad_signature",
            Self::NotAllowed => "not_allowed",
            Self::OtherScope => "other_scope",
            Self::BadContext => "bad_context",
        }
    }
}

/// What became of a received segment. Whatever it says is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Its entries are in the log.
    Appended {
        /// The log.
        log: LogId,
        /// How many were new.
        entries: u32,
        /// The log's last entry now.
        seq: u64,
        /// Start of its chain hash there, as an acknowledgement carries it.
        prefix: HashPrefix,
    },
    /// All of its entries were here; nothing was changed.
    Known {
        /// The log.
        log: LogId,
        /// The log's last entry.
        seq: u64,
        /// Start of its chain hash there.
        prefix: HashPrefix,
    },
    /// Entries before it are missing; nothing was changed. Send from `have + 1`.
    Gap {
        /// The log.
        log: LogId,
        /// The log's last entry here.
        have: u64,
    },
    /// The log has another branch here: a restored backup, a cloned device. Both are kept, this one aside.
    Fork {
        /// The log.
        log: LogId,
        /// Whether the bytes were kept (a device's quota may be used up).
        kept: bool,
    },
    /// It leaves out what the entry before it says, and that entry is not here, or does not give what its author signed.
    /// Nothing was changed or kept: it has to come whole.
    Lacking,
    /// Not taken in, kept aside for a person to look at.
    SetAside {
        /// The log it claims to be of, when that much could be read.
        log: Option<LogId>,
        /// Why.
        code: Code,
        /// Whether the bytes were kept (a device's quota may be used up).
        kept: bool,
    },
}

/// Whom a segment is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// Anybody: nothing is left out.
    Anybody,
    /// Somebody who is known to hold the entry before it: what that one says is left out.
    Holder,
}

/// A segment as it goes to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its log.
    pub log: LogId,
    /// Its first entry.
    pub first_seq: u64,
    /// Its last entry.
    pub last_seq: u64,
    /// Chain hash at its last entry.
    pub head: ChainHash,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Segments for another, in the order in which they came here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The segments.
    pub segments: Vec<Packed>,
    /// The cursor to go on from.
    pub cursor: u64,
    /// Whether there is more.
    pub more: bool,
}
