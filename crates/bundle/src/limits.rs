//! Limits of a bundle, all in one place: what a writer may write, and what a reader holds in memory at most.

/// The format of volumes, 2026-11: the first. Another layout of any record is a new one.
pub const FORMAT: u8 = 1;
/// Largest volume: FAT32 holds files below 4 GiB, and what breaks off should not cost the whole.
pub const MAX_VOLUME_BYTES: u64 = 1024 * 1024 * 1024;
/// Most volumes of one bundle.
pub const MAX_VOLUMES: u32 = 999;
/// Largest record: one segment of the largest size (8 MiB) with room for what goes around it.
pub const MAX_RECORD_BYTES: usize = 9 * 1024 * 1024;
/// Largest piece of a blob in one record: what `age` seals at once, so that a break costs no more than that.
pub const MAX_BLOB_PIECE_BYTES: usize = 64 * 1024;
/// Largest envelope before the first record: some hundred recipients.
pub const MAX_ENVELOPE_BYTES: usize = 16 * 1024;
/// Most recipients of one bundle.
pub const MAX_RECIPIENTS: usize = 100;
/// Longest name of a project in a header.
pub const MAX_PROJECT_BYTES: usize = 64;
