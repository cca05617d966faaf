//! What an entry had seen: dots and causal context.
//!
//! An entry names, per device, the last entry of the same entity that was folded where it was written. That tells
//! "overwrote knowingly" from "never saw it", which no clock can. A context names an entry together with the start of
//! its chain hash, so that a device can't supersede an entry that it never held.

use std::collections::BTreeMap;

use kend_domain::DeviceId;

/// Start of a chain hash: proof enough that an entry was held, in four bytes.
pub type HashPrefix = [u8; 4];

/// One entry of an entity: the device that wrote it and its sequence number in that device's log of the scope. An entity
/// lives in one scope, so that is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    /// The device that wrote it.
    pub device: DeviceId,
    /// Its sequence number, from 1.
    pub seq: u64,
}

/// The last entry seen of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seen {
    /// Sequence number of that entry.
    pub seq: u64,
    /// Start of its chain hash.
    pub prefix: HashPrefix,
}

/// Per device the last entry of the entity that was seen; every earlier one of that device was seen too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Context(BTreeMap<DeviceId, Seen>);

impl Context {
    /// Whether the entry was seen.
    pub fn holds(&self, dot: Dot) -> bool {
        self.0.get(&dot.device).is_some_and(|seen| dot.seq <= seen.seq)
    }

    /// The last entry seen of a device.
    pub fn of(&self, device: DeviceId) -> Option<Seen> {
        self.0.get(&device).copied()
    }

    /// Notes that a device's entries up to `seen` were seen. An earlier one than known changes nothing.
    pub fn see(&mut self, device: DeviceId, seen: Seen) {
        let known = self.0.entry(device).or_insert(seen);
        if known.seq < seen.seq {
            *known = seen;
        }
    }

    /// The devices in the order of their ids, each with its last entry seen.
    pub fn iter(&self) -> impl Iterator<Item = (DeviceId, Seen)> + '_ {
        self.0.iter().map(|(device, seen)| (*device, *seen))
    }

    /// How many devices were seen.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing was seen: the first entry of an entity.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(DeviceId, Seen)> for Context {
    fn from_iter<T: IntoIterator<Item = (DeviceId, Seen)>>(devices: T) -> Self {
        let mut context = Self::default();
        for (device, seen) in devices {
            context.see(device, seen);
        }
        context
    }
}
