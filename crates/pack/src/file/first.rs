//! Format 1, 2026-11: length of the rest after the hash (u64), BLAKE3 of that rest (32 bytes), the content. Only read.

use std::cmp::Ordering;

use super::{MAX_FILE_BYTES, truncated};
use crate::PackError;

/// Its number.
pub(super) const FORMAT_VERSION: u32 = 1;

const HEADER_BYTES: u64 = 8 + 4 + 8 + 32;

/// The compressed content of a file of so many bytes, from what follows the version.
pub(super) fn body_of(size_bytes: usize, rest: &[u8]) -> Result<&[u8], PackError> {
    let short = || truncated(size_bytes, HEADER_BYTES);
    let (length, rest) = rest.split_first_chunk::<8>().ok_or_else(short)?;
    let length = u64::from_le_bytes(*length);
    let (hash, body) = rest.split_first_chunk::<32>().ok_or_else(short)?;
    let expected_bytes = length.saturating_add(HEADER_BYTES);
    if expected_bytes > MAX_FILE_BYTES as u64 {
        return Err(PackError::TooLarge { bytes: expected_bytes, limit_bytes: MAX_FILE_BYTES as u64 });
    }
    match (body.len() as u64).cmp(&length) {
        Ordering::Less => return Err(truncated(size_bytes, expected_bytes)),
        Ordering::Greater => return Err(PackError::Altered),
        Ordering::Equal => {}
    }
    if blake3::hash(body) == blake3::Hash::from_bytes(*hash) { Ok(body) } else { Err(PackError::Altered) }
}
