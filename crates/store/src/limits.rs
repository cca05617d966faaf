//! Limits of a store, all in one place: what others may make it hold, and how it cuts what it sends.

/// Most bytes kept aside per device, and for all that no device can be held to together.
pub const QUARANTINE_BYTES: u64 = 4 * 1024 * 1024;
/// Most segments kept aside per device.
pub const QUARANTINE_SEGMENTS: u64 = 256;
/// Most bytes kept aside per device that follow something set aside: honest work, as a rule, of a device that nobody has
/// looked at yet.
pub const FOLLOWING_BYTES: u64 = 32 * 1024 * 1024;
/// Largest piece of a recording under way.
pub const RECORDED_PIECE_BYTES: usize = 1024 * 1024;
/// A segment is cut when its entries have this size before compression: some seconds on the slowest line, so that even
/// a short contact brings one across.
pub const SEGMENT_BYTES: u64 = 48 * 1024;
/// Most entries in a segment that is cut here.
pub const SEGMENT_ENTRIES: usize = 1_000;
