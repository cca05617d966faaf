//! Versions, routes and limits of the protocol, all in one place.
//!
//! A limit holds on both sides: what a device may send a hub must be able to take, and the other way round, so that
//! nobody is made to hold more in memory than is written here.

/// First version, November 2026: signed segments up and down, acknowledgements and the server's receipts per log, cursors
/// per scope, orders, digests, certificates that move with rights, enrolment by a one-time code. A change of any message's fields
/// is a new version: bodies that this version would not write itself are refused.
pub const PROTOCOL: u32 = 1;
/// Second version of the exchange, November 2026: as the first, with segments that leave out what the entry before them says,
/// both ways, for who holds that entry ([`kend_log::Segment::to_bytes_after`]). One who does not hold it says so and is sent the
/// whole ones. Bundles and all other routes stay in the first.
pub const PROTOCOL_FOLLOWING: u32 = 2;

/// Route of an exchange.
pub const SYNC_PATH: &str = "/v1/sync";
/// Route of enrolment.
pub const ENROL_PATH: &str = "/v1/enrol";
/// Route of attachments: what is asked of many at once, and of one with its id behind.
pub const BLOBS_PATH: &str = "/v1/blobs";
/// Route of a roster, from a hub to the one above it.
pub const ROSTER_PATH: &str = "/v1/roster";
/// The only method of all routes but those of attachments: they carry a body.
pub const METHOD: &str = "POST";

/// Header with the device's id.
pub const DEVICE_HEADER: &str = "Kend-Device";
/// Header with the ticket that the request uses up.
pub const TICKET_HEADER: &str = "Kend-Ticket";
/// Header with the signature, of the device in a request and of the hub in an answer.
pub const SIGNATURE_HEADER: &str = "Kend-Signature";
/// Header with the newest version of the exchange that a device reads, when its request is in an older one. It is not signed:
/// it decides only what version the hub says it speaks, never how a segment is written.
pub const PROTOCOL_HEADER: &str = "Kend-Protocol";
/// Media type of all bodies but those of attachments.
pub const CONTENT_TYPE: &str = "application/vnd.kend.v1";

/// How much of a blob the hub has on its disk, and from where a request goes on.
pub const UPLOAD_OFFSET_HEADER: &str = "Upload-Offset";
/// Size of a blob.
pub const UPLOAD_LENGTH_HEADER: &str = "Upload-Length";
/// Whether that is all of a blob.
pub const UPLOAD_COMPLETE_HEADER: &str = "Upload-Complete";
/// Media type of a blob's bytes on their way to a hub.
pub const PART_CONTENT_TYPE: &str = "application/partial-upload";
/// Header with the BLAKE3 of a request's body, which the signature covers.
pub const BLOB_DIGEST_HEADER: &str = "Kend-Digest";
/// Header with the server's receipt for a blob.
pub const RECEIPT_HEADER: &str = "Kend-Receipt";

/// Largest body of an exchange, either way: one segment of the largest size (8 MiB) and what goes around it.
pub const MAX_SYNC_BODY_BYTES: usize = 9 * 1024 * 1024;
/// Largest body of an enrolment, either way.
pub const MAX_ENROL_BODY_BYTES: usize = 16 * 1024;
/// Largest head of a body, before its segments.
pub const MAX_HEAD_BYTES: usize = 1024 * 1024;
/// Most segments in one body.
pub const MAX_SEGMENTS: usize = 4096;
/// Most heads, cursors, acknowledgements or certificates in one body.
pub const MAX_LIST: usize = 8192;
/// Most attachments that are asked about, or named as missing, in one message; the others come with the next.
pub const MAX_BLOBS: usize = 512;
/// Most areas in a certificate.
pub const MAX_AREAS: usize = 256;
/// Most orders in one answer; the others come with the next.
pub const MAX_ORDERS: usize = 256;
/// Most certificates, people, devices or orders in one message of a roster; the others come with the next.
pub const MAX_ROSTER: usize = 512;
/// Longest name of a person or hub.
pub const MAX_NAME_BYTES: usize = 120;

/// Budget of an exchange's body on a line that nothing is known about: at 60 kbit/s it takes some five seconds.
pub const FIRST_BUDGET_BYTES: usize = 32 * 1024;
/// The budget doubles with every request that got through, up to this.
pub const MAX_BUDGET_BYTES: usize = 1024 * 1024;
/// Most requests in one exchange. What is left after that waits for the next.
pub const MAX_ROUND_TRIPS: u32 = 1000;
/// Tickets that a hub remembers. One issued longer ago than this many others is refused like a used one.
pub const TICKET_WINDOW: u64 = 65_536;
