//! The file: how a pack travels by USB stick or download, and how damage is noticed before anything is used.
//!
//! Layout, numbers little-endian: `KENDPACK` (8 bytes), format version (u32), length of the rest after the hash (u64),
//! BLAKE3 of that rest (32 bytes), then the content as zstd-compressed JSON. The hash is over the bytes as they travel,
//! so a damaged file never reaches the decompressor; JSON and not a binary form, because an analyst must be able to
//! look inside with ordinary tools.

use std::io::Read as _;

use crate::{Pack, PackContent};

/// The first bytes of every pack.
pub const MAGIC: &[u8; 8] = b"KENDPACK";
/// The format this crate reads and writes. Version 1, 2026-11: the first.
pub const FORMAT_VERSION: u32 = 1;
/// The largest pack accepted (method 8: at most 40 MB with basemap).
pub const MAX_FILE_BYTES: usize = 40 * 1024 * 1024;
/// The largest content accepted after decompression: a small file must not unpack into all the memory of a phone.
pub const MAX_CONTENT_BYTES: usize = 160 * 1024 * 1024;

const HEADER_BYTES: usize = 8 + 4 + 8 + 32;
/// Packs are written once and carried often, so they are compressed well.
const COMPRESSION_LEVEL: i32 = 19;

/// Why bytes are no pack. The pack in use is never touched.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file ends before its declared length.
    #[error("the pack is truncated: {got_bytes} bytes of {expected_bytes}")]
    Truncated {
        /// Bytes that are there.
        got_bytes: u64,
        /// Bytes that the header asks for.
        expected_bytes: u64,
    },
    /// The content is not what was written.
    #[error("the pack was altered: its content does not match its hash or length")]
    Altered,
    /// Not a pack, or of a format that this version does not know.
    #[error("unknown format: {0}")]
    UnknownFormat(String),
    /// Larger than accepted.
    #[error("the pack is too large: {bytes} bytes, at most {limit_bytes}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit that it passes.
        limit_bytes: u64,
    },
    /// Whole, but it does not agree with itself.
    #[error("the pack is inconsistent: {what}")]
    Inconsistent {
        /// What does not agree.
        what: String,
    },
}

impl PackError {
    pub(crate) fn inconsistent(what: impl Into<String>) -> Self {
        Self::Inconsistent { what: what.into() }
    }
}

impl Pack {
    /// Reads a pack, checking length, hash, format and every reference.
    pub fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let body = body_of(bytes)?;
        let json = decompress(body)?;
        let content: PackContent = serde_json::from_slice(&json)
            .map_err(|error| PackError::inconsistent(format!("the content is not of the pack's form: {error}")))?;
        Self::new(content)
    }

    /// The pack as bytes: the same pack gives the same bytes.
    pub fn write(&self) -> Result<Vec<u8>, PackError> {
        let json = json_of(self.content())?;
        within(json.len(), MAX_CONTENT_BYTES)?;
        let body = zstd::bulk::compress(&json, COMPRESSION_LEVEL)
            .map_err(|error| PackError::inconsistent(format!("the content can't be compressed: {error}")))?;
        within(HEADER_BYTES + body.len(), MAX_FILE_BYTES)?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(blake3::hash(&body).as_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }
}

/// BLAKE3 of the content's JSON, in hex.
pub(crate) fn fingerprint(content: &PackContent) -> Result<String, PackError> {
    Ok(blake3::hash(&json_of(content)?).to_hex().to_string())
}

fn json_of(content: &PackContent) -> Result<Vec<u8>, PackError> {
    serde_json::to_vec(content)
        .map_err(|error| PackError::inconsistent(format!("the content can't be written as JSON: {error}")))
}

fn within(size_bytes: usize, limit_bytes: usize) -> Result<(), PackError> {
    if size_bytes > limit_bytes {
        return Err(PackError::TooLarge { bytes: size_bytes as u64, limit_bytes: limit_bytes as u64 });
    }
    Ok(())
}

fn body_of(bytes: &[u8]) -> Result<&[u8], PackError> {
    let not_a_pack = || PackError::UnknownFormat("it does not begin as a pack does".to_owned());
    let truncated = |expected_bytes: u64| PackError::Truncated { got_bytes: bytes.len() as u64, expected_bytes };
    within(bytes.len(), MAX_FILE_BYTES)?;
    let Some((magic, rest)) = bytes.split_first_chunk::<8>() else {
        return Err(if MAGIC.starts_with(bytes) { truncated(HEADER_BYTES as u64) } else { not_a_pack() });
    };
    if magic != MAGIC {
        return Err(not_a_pack());
    }
    let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(|| truncated(HEADER_BYTES as u64))?;
    let version = u32::from_le_bytes(*version);
    if version != FORMAT_VERSION {
        return Err(PackError::UnknownFormat(format!("version {version}, this Kend reads version {FORMAT_VERSION}")));
    }
    let (length, rest) = rest.split_first_chunk::<8>().ok_or_else(|| truncated(HEADER_BYTES as u64))?;
    let length = u64::from_le_bytes(*length);
    let (hash, body) = rest.split_first_chunk::<32>().ok_or_else(|| truncated(HEADER_BYTES as u64))?;
    let expected_bytes = length.saturating_add(HEADER_BYTES as u64);
    if expected_bytes > MAX_FILE_BYTES as u64 {
        return Err(PackError::TooLarge { bytes: expected_bytes, limit_bytes: MAX_FILE_BYTES as u64 });
    }
    match (body.len() as u64).cmp(&length) {
        std::cmp::Ordering::Less => return Err(truncated(expected_bytes)),
        std::cmp::Ordering::Greater => return Err(PackError::Altered),
        std::cmp::Ordering::Equal => {}
    }
    if blake3::hash(body) != blake3::Hash::from_bytes(*hash) {
        return Err(PackError::Altered);
    }
    Ok(body)
}

fn decompress(body: &[u8]) -> Result<Vec<u8>, PackError> {
    let bad = |error: std::io::Error| PackError::inconsistent(format!("the content can't be decompressed: {error}"));
    let mut json = Vec::new();
    // One byte more than allowed, so that reaching the limit and passing it differ.
    let limit = MAX_CONTENT_BYTES as u64 + 1;
    zstd::stream::read::Decoder::new(body).map_err(bad)?.take(limit).read_to_end(&mut json).map_err(bad)?;
    within(json.len(), MAX_CONTENT_BYTES)?;
    Ok(json)
}
