//! Signed segments: how a piece of a log travels.
//!
//! A segment is a run of entries of one log with the chain hash before it and one signature over where it begins and
//! where its chain ends. The chain binds every header and every commitment, so erased content can be left out of a
//! segment and its signature still verifies; a relay passes on what it holds.
//!
//! How it is written is in `frame.rs` and `columns.rs`.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kend_domain::{DeviceId, EntityId};

use crate::chain::{self, ChainHash, Salt};
use crate::codec::{BadBytes, Writer};
use crate::limits::MAX_SEGMENT_ENTRIES;
use crate::{BadEntry, Chained, Entry, HashPrefix, Header, LogId, Slot};

const SIGNATURE_CONTEXT: &[u8] = b"kend 2026 segment\0";

/// A device's signing key, as its 32 bytes.
pub type SigningKeyBytes = [u8; 32];
/// A device's public key, as its 32 bytes.
pub type PublicKeyBytes = [u8; 32];

/// The public key of a signing key.
pub fn public_key(key: &SigningKeyBytes) -> PublicKeyBytes {
    SigningKey::from_bytes(key).verifying_key().to_bytes()
}

/// Signs a message that is no segment; `purpose` keeps signatures for one use from being taken for another.
pub fn sign(key: &SigningKeyBytes, purpose: &str, message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(key).sign(&purposeful(purpose, message)).to_bytes()
}

/// Whether `signature` is the key's over this message for this purpose.
pub fn verifies(key: &PublicKeyBytes, purpose: &str, message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(&purposeful(purpose, message), &Signature::from_bytes(signature)).is_ok())
}

fn purposeful(purpose: &str, message: &[u8]) -> Vec<u8> {
    [b"kend 2026 message\0", purpose.as_bytes(), &[0], message].concat()
}

/// A segment that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSegment {
    /// A format or dictionary that this version does not know.
    #[error("the segment has format {format} with dictionary {dictionary}, which this version does not know")]
    Format {
        /// The format.
        format: u8,
        /// The dictionary.
        dictionary: u8,
    },
    /// It was written for a reader that holds the entry before it, which was not at hand.
    #[error("the segment leaves out what entry {after} of a log of {device} says")]
    Follows {
        /// Whose log it is.
        device: DeviceId,
        /// The entry before it.
        after: u64,
        /// Start of the chain hash there.
        prefix: HashPrefix,
    },
    /// Larger than a segment may be, or not of the declared size.
    #[error("the segment is too large or not of its declared size")]
    Size,
    /// The compression is damaged.
    #[error("the segment's compression is damaged")]
    Compression,
    /// The content is damaged or not canonical.
    #[error("the segment's content is damaged: {0}")]
    Bytes(#[from] BadBytes),
    /// An entry breaks a limit.
    #[error("entry {seq} is not valid")]
    Entry {
        /// Its sequence number.
        seq: u64,
        /// What is wrong.
        #[source]
        source: BadEntry,
    },
    /// The signature is not the device's over this content.
    #[error("the segment's signature does not verify")]
    Signature,
}

/// The entry before a segment: what is said against it need not be said again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// The log.
    pub log: LogId,
    /// The entry's header.
    pub header: Header,
    /// Its chain hash.
    pub hash: ChainHash,
}

/// A run of entries of one log, signed by its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub(crate) log: LogId,
    pub(crate) prior: ChainHash,
    pub(crate) salts: BTreeMap<EntityId, Salt>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) hashes: Vec<ChainHash>,
    pub(crate) signature: [u8; 64],
}

impl Segment {
    /// Signs a run of entries. `salt` tells the salt that an entity's keys came from; entities of which it tells none
    /// keep a key per op.
    pub fn sign(
        log: LogId,
        prior: ChainHash,
        entries: Vec<Entry>,
        salt: impl Fn(EntityId) -> Option<Salt>,
        key: &SigningKeyBytes,
    ) -> Result<Self, BadSegment> {
        let mut segment = Self::assemble(log, prior, entries, salt, [0; 64])?;
        segment.signature = SigningKey::from_bytes(key).sign(&segment.signed()).to_bytes();
        Ok(segment)
    }

    /// Puts a segment together again from a store's rows, with the signature that it came with. Content that was erased
    /// since is left out; [`Segment::verify`] still holds.
    pub fn assemble(
        log: LogId,
        prior: ChainHash,
        entries: Vec<Entry>,
        salt: impl Fn(EntityId) -> Option<Salt>,
        signature: [u8; 64],
    ) -> Result<Self, BadSegment> {
        if entries.is_empty() || entries.len() > MAX_SEGMENT_ENTRIES {
            return Err(BadSegment::Size);
        }
        let first = entries.first().map_or(0, |entry| entry.header.seq);
        let mut salts = BTreeMap::new();
        for (seq, entry) in (first..).zip(&entries) {
            let bad = |source| BadSegment::Entry { seq: entry.header.seq, source };
            entry.check(log.device).map_err(bad)?;
            if entry.header.seq != seq {
                return Err(bad(BadEntry::Seq(entry.header.seq)));
            }
            if let Some(salt) = salt(entry.header.entity) {
                salts.insert(entry.header.entity, salt);
            }
        }
        // A salt may travel only while every op of its entity is there: else it would give erased ones away.
        for entry in &entries {
            let derived = salts.get(&entry.header.entity).is_some_and(|salt| comes_from(entry, salt));
            if !derived {
                salts.remove(&entry.header.entity);
            }
        }
        let mut hash = prior;
        let hashes = entries.iter().map(|entry| {
            hash = entry.chain(&hash);
            hash
        });
        let hashes = hashes.collect();
        Ok(Self { log, prior, salts, entries, hashes, signature })
    }

    /// The log that it is a run of.
    pub const fn log(&self) -> &LogId {
        &self.log
    }

    /// Sequence number of its first entry.
    pub fn first_seq(&self) -> u64 {
        self.entries.first().map_or(0, |entry| entry.header.seq)
    }

    /// Sequence number of its last entry.
    pub fn last_seq(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.header.seq)
    }

    /// Chain hash before its first entry.
    pub const fn prior(&self) -> ChainHash {
        self.prior
    }

    /// Chain hash at its last entry.
    pub fn head(&self) -> ChainHash {
        self.hashes.last().copied().unwrap_or(self.prior)
    }

    /// Its signature.
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Its entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Its entries, each with its chain hash.
    pub fn chained(&self) -> impl Iterator<Item = Chained> + '_ {
        let device = self.log.device;
        self.linked().map(move |(entry, hash)| Chained { device, entry: entry.clone(), hash })
    }

    /// The same without copying them.
    pub fn linked(&self) -> impl Iterator<Item = (&Entry, ChainHash)> {
        self.entries.iter().zip(self.hashes.iter().copied())
    }

    /// Its entries, each with its chain hash, for whoever needs the segment no more.
    pub fn into_chained(self) -> impl Iterator<Item = Chained> {
        let device = self.log.device;
        self.entries.into_iter().zip(self.hashes).map(move |(entry, hash)| Chained { device, entry, hash })
    }

    /// Its last entry, for a segment that follows.
    pub fn last(&self) -> Option<Previous> {
        let (entry, hash) = (self.entries.last()?, self.head());
        Some(Previous { log: self.log.clone(), header: entry.header.clone(), hash })
    }

    /// The salt of an entity's keys, while all of its ops in the segment are there.
    pub fn salt(&self, entity: EntityId) -> Option<Salt> {
        self.salts.get(&entity).copied()
    }

    /// Erases an entity's content under a path (none: all of it). The signature still verifies.
    pub fn erase(&mut self, entity: EntityId, under: Option<&crate::Path>) -> bool {
        let mut erased = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.header.entity == entity) {
            erased |= entry.erase(under);
        }
        if erased {
            self.salts.remove(&entity);
        }
        erased
    }

    /// Whether the device with this public key signed it.
    pub fn verify(&self, key: &PublicKeyBytes) -> Result<(), BadSegment> {
        VerifyingKey::from_bytes(key)
            .and_then(|key| key.verify_strict(&self.signed(), &Signature::from_bytes(&self.signature)))
            .map_err(|_| BadSegment::Signature)
    }

    fn signed(&self) -> Vec<u8> {
        let mut to = Writer::default();
        to.raw(SIGNATURE_CONTEXT);
        to.raw(self.log.device.as_bytes());
        to.text(&self.log.scope.to_string());
        to.number(self.first_seq());
        to.number(self.last_seq());
        to.raw(&self.prior.0);
        to.raw(&self.head().0);
        to.0
    }
}

fn comes_from(entry: &Entry, salt: &Salt) -> bool {
    (0_u64..).zip(&entry.slots).all(|(index, slot)| match slot {
        Slot::Kept { key, .. } => *key == chain::op_key(salt, entry.header.seq, index),
        Slot::Erased { .. } => false,
    })
}
