//! Entries: one change of one entity by one person on one device.
//!
//! An entry is a header, which stays for good, and ops in slots, whose content can be erased one by one. A slot is
//! committed to by a keyed hash, so that headers and chain still verify when content and key are gone, and nobody can
//! guess an erased yes or no from its hash.

use kend_domain::{DeviceId, EntityId, PersonId, Scope};

use crate::chain::{self, ChainHash, OpKey, Salt};
use crate::codec;
use crate::limits::{
    MAX_CONTEXT_DEVICES, MAX_ENTRY_BYTES, MAX_LAMPORT, MAX_NAMES, MAX_OPS, MAX_SEEN_DOTS, MAX_SEQ, MAX_VALUE_BYTES,
};
use crate::op::coded;
use crate::{Context, Dot, Op, Path, Said, Seen, Value};

coded! {
    /// What an entity is.
    EntityKind {
        /// An interview.
        Interview = 1, "interview";
        /// A village added on the spot.
        Village = 2, "village";
        /// A meeting of a committee: its verdict on the readiness of a cluster, and its priorities.
        Meeting = 3, "meeting";
    }
}

/// One log: what one device wrote in one scope, numbered from 1 without a gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId {
    /// The device.
    pub device: DeviceId,
    /// The scope.
    pub scope: Scope,
}

/// The part of an entry that is never erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Sequence number in the log, from 1.
    pub seq: u64,
    /// The entity.
    pub entity: EntityId,
    /// What it is.
    pub kind: EntityKind,
    /// Who did it.
    pub actor: PersonId,
    /// One more than the largest Lamport number in the context.
    pub lamport: u64,
    /// What was seen of the entity, this device's own last entry of it included.
    pub context: Context,
    /// What the device's clocks said.
    pub said: Said,
    /// Version of the form or code that the ops were written with.
    pub form_version: u32,
}

/// The place of one op in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// The op and the key of its commitment.
    Kept {
        /// The op.
        op: Op,
        /// The key, kept and erased together with the op.
        key: OpKey,
    },
    /// The op was erased; only its commitment is left.
    Erased {
        /// Keyed hash over what was there.
        commitment: [u8; 32],
    },
}

/// Header and slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is never erased.
    pub header: Header,
    /// The ops, or what is left of them.
    pub slots: Vec<Slot>,
}

/// An entry in its log: whose it is and its place in the chain. What the fold takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chained {
    /// The device whose log it is in.
    pub device: DeviceId,
    /// The entry.
    pub entry: Entry,
    /// Its chain hash.
    pub hash: ChainHash,
}

impl Chained {
    /// Device and sequence number.
    pub const fn dot(&self) -> Dot {
        Dot { device: self.device, seq: self.entry.header.seq }
    }
}

/// An entry that breaks a limit or a rule of form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEntry {
    /// The sequence number is 0 or over 53 bits.
    #[error("sequence number {0} is out of range")]
    Seq(u64),
    /// The Lamport number is 0 or over 53 bits.
    #[error("Lamport number {0} is out of range")]
    Lamport(u64),
    /// The context names too many devices, an impossible entry, or an own entry that is not earlier.
    #[error("the context is not one that this entry could have had")]
    Context,
    /// No op, or too many.
    #[error("an entry holds 1 to 512 ops, not {0}")]
    Ops(usize),
    /// A value is too large, or an attachment out of its limits.
    #[error("the value at `{0}` is too large or out of its limits")]
    Value(Path),
    /// A removal names additions that the entry can't have seen, out of order, none or too many.
    #[error("the removal at `{0}` names additions that the entry had not seen")]
    Removal(Path),
    /// The ops together are too large.
    #[error("the entry is too large: {0} bytes")]
    Size(usize),
}

impl Entry {
    /// An entry of these ops, within all limits. The keys of the slots come from `salt`.
    pub fn new(device: DeviceId, header: Header, ops: Vec<Op>, salt: &Salt) -> Result<Self, BadEntry> {
        let seq = header.seq;
        let slots = (0_u64..).zip(ops).map(|(index, op)| Slot::Kept { op, key: chain::op_key(salt, seq, index) });
        let entry = Self { header, slots: slots.collect() };
        entry.check(device)?;
        Ok(entry)
    }

    /// Whether the entry keeps all limits and could have been written by `device`. Reading a segment checks it too.
    pub fn check(&self, device: DeviceId) -> Result<(), BadEntry> {
        let header = &self.header;
        if !(1..=MAX_SEQ).contains(&header.seq) {
            return Err(BadEntry::Seq(header.seq));
        }
        if !(1..=MAX_LAMPORT).contains(&header.lamport) {
            return Err(BadEntry::Lamport(header.lamport));
        }
        let possible = |(seen_device, seen): (DeviceId, Seen)| {
            (1..=MAX_SEQ).contains(&seen.seq) && (seen_device != device || seen.seq < header.seq)
        };
        if header.context.len() > MAX_CONTEXT_DEVICES || !header.context.iter().all(possible) {
            return Err(BadEntry::Context);
        }
        if !(1..=MAX_OPS).contains(&self.slots.len()) {
            return Err(BadEntry::Ops(self.slots.len()));
        }
        let mut size_bytes = 0;
        for op in self.ops() {
            check_op(op, &header.context)?;
            size_bytes += codec::op_bytes(op).len();
        }
        if size_bytes > MAX_ENTRY_BYTES {
            return Err(BadEntry::Size(size_bytes));
        }
        Ok(())
    }

    /// Whether the entry names its device's previous entry of the entity (none before the first): what a store checks
    /// before it takes an entry in, because the fold builds on it.
    pub fn follows(&self, device: DeviceId, previous: Option<Seen>) -> bool {
        self.header.context.of(device) == previous
    }

    /// The ops that are still there.
    pub fn ops(&self) -> impl Iterator<Item = &Op> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Kept { op, .. } => Some(op),
            Slot::Erased { .. } => None,
        })
    }

    /// Whether the entry judges: such an entry is no change of the content judged.
    pub fn judges(&self) -> bool {
        self.ops().any(|op| matches!(op, Op::Judge { .. }))
    }

    /// Erases every op under a path (none: all content), leaving commitments. True when something was erased.
    pub fn erase(&mut self, under: Option<&Path>) -> bool {
        let mut erased = false;
        for slot in &mut self.slots {
            if let Slot::Kept { op, .. } = slot
                && op.is_erased_by(under)
            {
                *slot = Slot::Erased { commitment: slot.commitment() };
                erased = true;
            }
        }
        erased
    }

    /// The entry's hash in a chain whose last hash is `prior`.
    pub fn chain(&self, prior: &ChainHash) -> ChainHash {
        chain::next(prior, self)
    }
}

impl Slot {
    /// What stands for the op in the chain, whether it is still there or erased.
    pub fn commitment(&self) -> [u8; 32] {
        match self {
            Self::Kept { op, key } => chain::commitment(key, op),
            Self::Erased { commitment } => *commitment,
        }
    }
}

fn check_op(op: &Op, context: &Context) -> Result<(), BadEntry> {
    match op {
        Op::Set { path, value } => {
            let fits = match value {
                Value::Text(text) => text.len() <= MAX_VALUE_BYTES,
                Value::Names(names) => {
                    names.len() <= MAX_NAMES && names.iter().map(String::len).sum::<usize>() <= MAX_VALUE_BYTES
                }
                Value::Attachment(attachment) => attachment.is_valid(),
                Value::Integer(_) | Value::Number(_) | Value::Flag(_) => true,
            };
            if fits { Ok(()) } else { Err(BadEntry::Value(path.clone())) }
        }
        Op::Remove { path, seen, .. } => {
            let fits = (1..=MAX_SEEN_DOTS).contains(&seen.len())
                && seen.is_sorted_by(|earlier, later| earlier < later)
                && seen.iter().all(|dot| context.holds(*dot));
            if fits { Ok(()) } else { Err(BadEntry::Removal(path.clone())) }
        }
        Op::Clear { .. } | Op::Add { .. } | Op::Judge { .. } | Op::Erase { .. } => Ok(()),
    }
}
