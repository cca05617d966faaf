//! Limits of the log, all in one place: what a device may write, and what a decoder holds in memory at most.

/// Longest path.
pub const MAX_PATH_BYTES: usize = 200;
/// Longest element of a set.
pub const MAX_ELEMENT_BYTES: usize = 200;
/// Largest text, and largest sum of names, in one value.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Most names in one value.
pub const MAX_NAMES: usize = 256;
/// Largest attachment before encryption: three hours of speech at a good bitrate.
pub const MAX_ATTACHMENT_BYTES: u64 = 128 * 1024 * 1024;
/// Longest media type of an attachment.
pub const MAX_MEDIA_TYPE_BYTES: usize = 100;
/// Longest file name of an attachment.
pub const MAX_FILE_NAME_BYTES: usize = 200;
/// Most ops in one entry.
pub const MAX_OPS: usize = 512;
/// Most dots that one removal lists.
pub const MAX_SEEN_DOTS: usize = 256;
/// Largest encoded ops of one entry together.
pub const MAX_ENTRY_BYTES: usize = 512 * 1024;
/// Most devices in one context: more than will ever work on one interview.
pub const MAX_CONTEXT_DEVICES: usize = 256;
/// Most entries in one segment.
pub const MAX_SEGMENT_ENTRIES: usize = 16 * 1024;
/// Most ops in one segment of format 2, whose columns could else unfold to more than their bytes.
pub const MAX_SEGMENT_OPS: usize = 64 * 1024;
/// Largest segment after decompression; its declared size is checked before anything is allocated.
pub const MAX_SEGMENT_BYTES: usize = 8 * 1024 * 1024;
/// Largest sequence number: 53 bits, so that it survives any tool that keeps numbers as doubles.
pub const MAX_SEQ: u64 = (1 << 53) - 1;
/// Largest Lamport number: 53 bits, as for sequence numbers.
pub const MAX_LAMPORT: u64 = (1 << 53) - 1;
/// Largest step of a Lamport number over those in the context: a hostile device can't use the numbers up.
pub const MAX_LAMPORT_STEP: u64 = 1 << 20;
