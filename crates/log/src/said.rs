//! Evidence of time: what a device's clocks said.
//!
//! The wall clock is shown to people and decides nothing: in the field it is wrong by years. An anchor is a moment that a
//! hub vouched for, tied to the device's steady clock; only from it a time is derived that may choose which of two
//! concurrent values is shown meanwhile.

use kend_domain::{DeviceId, EntityId, InstanceId};

/// A hub's time, tied to the steady clock of the boot in which it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Anchor {
    /// The id under which the hub signed for it.
    pub id: [u8; 16],
    /// The hub's time, milliseconds since 1970 UTC.
    pub hub_ms: i64,
    /// The device's steady clock when it came, milliseconds since boot.
    pub monotonic_ms: u64,
}

/// What a device's clocks said when it wrote an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Said {
    /// Its wall clock, milliseconds since 1970 UTC. For people to read.
    pub wall_ms: i64,
    /// Its steady clock, milliseconds since boot.
    pub monotonic_ms: u64,
    /// The boot that the steady clock counts from.
    pub boot: [u8; 16],
    /// The last anchor received in this boot.
    pub anchor: Option<Anchor>,
}

const INSTANCE_CONTEXT: &str = "kend 2026 instance";

impl Said {
    /// The id of what a device's entry `seq` adds to an entity, a participant or a quote: it follows from the entry's header, so
    /// it costs nothing on the wire. Each entry has a number of its own; where a device goes on from a backup with a
    /// number that was given before, its boot or clock says another thing.
    pub fn instance(&self, device: DeviceId, entity: EntityId, seq: u64) -> InstanceId {
        let mut hasher = blake3::Hasher::new_derive_key(INSTANCE_CONTEXT);
        hasher.update(device.as_bytes());
        hasher.update(entity.as_bytes());
        hasher.update(&seq.to_le_bytes());
        hasher.update(&self.boot);
        hasher.update(&self.monotonic_ms.to_le_bytes());
        hasher.update(&self.wall_ms.to_le_bytes());
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        InstanceId::from_bytes(id)
    }

    /// The anchored time: the anchor's, plus what the steady clock counted since. None without an anchor, or when the
    /// steady clock stands before it.
    pub fn anchored_ms(&self) -> Option<i64> {
        let anchor = self.anchor?;
        let since_ms = i64::try_from(self.monotonic_ms.checked_sub(anchor.monotonic_ms)?).ok()?;
        anchor.hub_ms.checked_add(since_ms)
    }
}
