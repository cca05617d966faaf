//! Records: what a volume holds, one after the other.
//!
//! `kind (1) | length (4, little-endian) | hash (32) | content`. The hash is over kind and content, so a record is known
//! to be whole before anybody looks into it. Records are not compressed: segments are already, and what is not there
//! can't blow up.

use std::io::{self, Read};

use crate::limits::{MAX_BLOB_PIECE_BYTES, MAX_RECORD_BYTES};
use crate::merkle::Hash;

const RECORD_CONTEXT: &str = "kend 2026 bundle record";
/// Bytes before a record's content.
pub(crate) const HEAD_BYTES: usize = 1 + 4 + 32;
/// Bytes of a blob's piece before the piece itself.
const PIECE_HEAD_BYTES: usize = 32 + 8 + 8;

/// What a record is, as its first byte says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Who a device is: `kend_sync::SignedCertificate`.
    Certificate,
    /// What is to be erased, revoked, wiped: signed by the server.
    Order,
    /// What is safe at the server: signed by it.
    Receipt,
    /// A blob that is safe at the server: signed by it.
    BlobReceipt,
    /// A piece of a log: `kend_log::Segment`, as its author signed it.
    Segment,
    /// A piece of a blob.
    Blob,
    /// Where a device stands with all that it holds: a `kend_sync::SyncRequest` that sends nothing.
    Standing,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Standing, Self::Certificate, Self::Order, Self::Receipt, Self::BlobReceipt, Self::Segment, Self::Blob];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Order => "order",
            Self::Receipt => "receipt",
            Self::BlobReceipt => "blob receipt",
            Self::Segment => "segment",
            Self::Blob => "blob",
            Self::Standing => "standing",
        }
    }
}

/// A piece of a blob, as it lies encrypted on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobPiece {
    /// The blob: the hash of all its bytes.
    pub blob: Hash,
    /// Where the piece begins.
    pub offset_bytes: u64,
    /// Size of the whole blob.
    pub size_bytes: u64,
    /// The piece.
    pub bytes: Vec<u8>,
}

/// One thing that a bundle carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A certificate's bytes.
    Certificate(Vec<u8>),
    /// An order's bytes.
    Order(Vec<u8>),
    /// A receipt's bytes.
    Receipt(Vec<u8>),
    /// A blob's receipt's bytes.
    BlobReceipt(Vec<u8>),
    /// A segment's bytes.
    Segment(Vec<u8>),
    /// A piece of a blob.
    Blob(BlobPiece),
    /// Where a device stands.
    Standing(Vec<u8>),
}

impl Record {
    /// What it is.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Certificate(_) => RecordKind::Certificate,
            Self::Order(_) => RecordKind::Order,
            Self::Receipt(_) => RecordKind::Receipt,
            Self::BlobReceipt(_) => RecordKind::BlobReceipt,
            Self::Segment(_) => RecordKind::Segment,
            Self::Blob(_) => RecordKind::Blob,
            Self::Standing(_) => RecordKind::Standing,
        }
    }

    /// Size of its content.
    pub fn size_bytes(&self) -> u64 {
        let length = match self {
            Self::Certificate(bytes)
            | Self::Order(bytes)
            | Self::Receipt(bytes)
            | Self::BlobReceipt(bytes)
            | Self::Segment(bytes)
            | Self::Standing(bytes) => bytes.len(),
            Self::Blob(piece) => piece.bytes.len(),
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    pub(crate) fn to_raw(&self) -> Raw {
        let (kind, content) = match self {
            Self::Certificate(bytes) => (Raw::CERTIFICATE, bytes.clone()),
            Self::Order(bytes) => (Raw::ORDER, bytes.clone()),
            Self::Receipt(bytes) => (Raw::RECEIPT, bytes.clone()),
            Self::BlobReceipt(bytes) => (Raw::BLOB_RECEIPT, bytes.clone()),
            Self::Segment(bytes) => (Raw::SEGMENT, bytes.clone()),
            Self::Blob(piece) => (Raw::BLOB, piece.to_bytes()),
            Self::Standing(bytes) => (Raw::STANDING, bytes.clone()),
        };
        Raw { kind, content }
    }

    /// The record that this is; none when it is none.
    pub(crate) fn from_raw(raw: Raw) -> Option<Self> {
        Some(match raw.kind {
            Raw::CERTIFICATE => Self::Certificate(raw.content),
            Raw::ORDER => Self::Order(raw.content),
            Raw::RECEIPT => Self::Receipt(raw.content),
            Raw::BLOB_RECEIPT => Self::BlobReceipt(raw.content),
            Raw::SEGMENT => Self::Segment(raw.content),
            Raw::BLOB => Self::Blob(BlobPiece::from_bytes(&raw.content)?),
            Raw::STANDING => Self::Standing(raw.content),
            _ => return None,
        })
    }
}

impl BlobPiece {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(PIECE_HEAD_BYTES + self.bytes.len());
        bytes.extend_from_slice(&self.blob);
        bytes.extend_from_slice(&self.offset_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.size_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (blob, rest) = bytes.split_first_chunk::<32>()?;
        let (offset_bytes, rest) = rest.split_first_chunk::<8>()?;
        let (size_bytes, rest) = rest.split_first_chunk::<8>()?;
        let (offset_bytes, size_bytes) = (u64::from_le_bytes(*offset_bytes), u64::from_le_bytes(*size_bytes));
        let piece = Self { blob: *blob, offset_bytes, size_bytes, bytes: rest.to_vec() };
        piece.fits().then_some(piece)
    }

    /// Whether it is a piece of a blob of that size.
    pub(crate) fn fits(&self) -> bool {
        let length = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        !self.bytes.is_empty()
            && self.bytes.len() <= MAX_BLOB_PIECE_BYTES
            && self.offset_bytes.checked_add(length).is_some_and(|end| end <= self.size_bytes)
    }
}

/// A record as it stands in a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) kind: u8,
    pub(crate) content: Vec<u8>,
}

impl Raw {
    pub(crate) const HEADER: u8 = 0;
    const CERTIFICATE: u8 = 1;
    const ORDER: u8 = 2;
    const RECEIPT: u8 = 3;
    const SEGMENT: u8 = 4;
    const BLOB: u8 = 5;
    const STANDING: u8 = 6;
    const BLOB_RECEIPT: u8 = 7;
    pub(crate) const FOOTER: u8 = 255;

    pub(crate) fn hash(&self) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key(RECORD_CONTEXT);
        hasher.update(&[self.kind]);
        hasher.update(&self.content);
        *hasher.finalize().as_bytes()
    }

    /// Bytes in a volume.
    pub(crate) fn size_bytes(&self) -> u64 {
        u64::try_from(HEAD_BYTES + self.content.len()).unwrap_or(u64::MAX)
    }

    /// The bytes before the content; none when the content is too large.
    pub(crate) fn head(&self) -> Option<Vec<u8>> {
        let length = u32::try_from(self.content.len()).ok().filter(|_| self.content.len() <= MAX_RECORD_BYTES)?;
        Some([&[self.kind][..], &length.to_le_bytes(), &self.hash()].concat())
    }

    /// Reads one. None when the input holds another length or hash than it says; an error when it ends or breaks.
    pub(crate) fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let (mut kind, mut length, mut hash) = ([0; 1], [0; 4], [0; 32]);
        input.read_exact(&mut kind)?;
        input.read_exact(&mut length)?;
        input.read_exact(&mut hash)?;
        let length = u32::from_le_bytes(length);
        if usize::try_from(length).map_or(true, |length| length > MAX_RECORD_BYTES) {
            return Ok(None);
        }
        // Memory grows with what comes, not with what is claimed.
        let mut content = Vec::new();
        input.take(u64::from(length)).read_to_end(&mut content)?;
        let [kind] = kind;
        let raw = Self { kind, content };
        if u32::try_from(raw.content.len()) != Ok(length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((raw.hash() == hash).then_some(raw))
    }
}
