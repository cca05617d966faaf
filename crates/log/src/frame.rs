//! The bytes of a segment on the wire.
//!
//! Frame of format 2: format byte, dictionary, four sizes, what has no pattern, then numbers and texts, each by zstd with a
//! dictionary of its own (without the four bytes that all of zstd's frames begin with): together they would spoil each
//! other's statistics. Format 1 is read for ever: format byte, 0, declared size, zstd. Only canonical content is accepted:
//! what was decoded has to encode to the same bytes.

use std::convert::Infallible;
use std::sync::LazyLock;

use kend_domain::DeviceId;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::CParameter;

use crate::codec::{self, BadBytes, Reader, Writer};
use crate::columns::{self, Parts};
use crate::limits::MAX_SEGMENT_BYTES;
use crate::segment::BadSegment;
use crate::{HashPrefix, Previous, Segment, content};

/// Entries written against each other, without a dictionary (2026-11): the first format.
const ROWS: u8 = 1;
const NO_DICTIONARY: u8 = 0;
/// Columns, with a dictionary (2026-11).
const COLUMNS: u8 = 2;
/// The dictionaries of `schema/wire/`, trained on made-up interviews (2026-11).
const FIRST_DICTIONARY: u8 = 1;

/// zstd's level: a segment is written once, and read and carried many times.
const ZSTD_LEVEL: i32 = 19;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What one of the two compressed parts is compressed with.
struct Dictionary {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

impl Dictionary {
    fn new(bytes: &[u8]) -> Self {
        Self { encoder: EncoderDictionary::copy(bytes, ZSTD_LEVEL), decoder: DecoderDictionary::copy(bytes) }
    }
}

static NUMBERS: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::new(include_bytes!("../../../schema/wire/dictionary_1_numbers.zstd")));
static TEXT: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::new(include_bytes!("../../../schema/wire/dictionary_1_text.zstd")));

impl Segment {
    /// The bytes that travel.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BadSegment> {
        pack(&columns::write(self, None))
    }

    /// The bytes for a reader that is known to hold the entry before the segment: shorter by what that one says.
    pub fn to_bytes_after(&self, previous: &Previous) -> Result<Vec<u8>, BadSegment> {
        pack(&columns::write(self, Some(previous)))
    }

    /// Reads a segment. Who signed it is not known yet: see [`Segment::verify`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSegment> {
        match Self::read(bytes, |_, _, _| Ok::<_, Infallible>(None)) {
            Ok(read) => read,
            Err(never) => match never {},
        }
    }

    /// Reads a segment that was written for a reader that holds the entry before it.
    pub fn from_bytes_after(bytes: &[u8], previous: &Previous) -> Result<Self, BadSegment> {
        match Self::read(bytes, |_, _, _| Ok::<_, Infallible>(Some(previous.clone()))) {
            Ok(read) => read,
            Err(never) => match never {},
        }
    }

    /// Reads a segment of either kind. `held` looks up the entry before it, by its log's device, its number and the start of
    /// its chain hash; it is asked only for a segment that leaves out what that entry says. What it finds is looked at
    /// again; one that is not the entry meant reads no segment. Only [`Segment::verify`] tells that it was the right one.
    pub fn read<E>(
        bytes: &[u8],
        held: impl FnOnce(DeviceId, u64, HashPrefix) -> Result<Option<Previous>, E>,
    ) -> Result<Result<Self, BadSegment>, E> {
        let parts = match open(bytes) {
            Ok(Frame::Rows(segment)) => return Ok(Ok(segment)),
            Ok(Frame::Columns(parts)) => parts,
            Err(bad) => return Ok(Err(bad)),
        };
        let previous = match columns::follows(&parts) {
            Some((device, after, prefix)) => held(device, after, prefix)?,
            None => None,
        };
        Ok(close(&parts, previous.as_ref()))
    }

    /// Numbers and texts before compression: what dictionaries are trained on.
    pub fn uncompressed(&self) -> (Vec<u8>, Vec<u8>) {
        let Parts { numbers, text, .. } = columns::write(self, None);
        (numbers, text)
    }
}

fn pack(parts: &Parts) -> Result<Vec<u8>, BadSegment> {
    let Parts { numbers, text, random } = parts;
    if numbers.len().saturating_add(text.len()).saturating_add(random.len()) > MAX_SEGMENT_BYTES {
        return Err(BadSegment::Size);
    }
    let (packed_numbers, packed_text) = (compress(numbers, &NUMBERS)?, compress(text, &TEXT)?);
    let head = head([numbers.len(), text.len(), random.len(), packed_numbers.len()]);
    Ok([&head, &random[..], &packed_numbers, &packed_text].concat())
}

fn compress(part: &[u8], dictionary: &Dictionary) -> Result<Vec<u8>, BadSegment> {
    if part.is_empty() {
        return Ok(Vec::new());
    }
    let compress = || {
        let mut compressor = Compressor::with_prepared_dictionary(&dictionary.encoder)?;
        // Both stand in the frame already.
        compressor.set_parameter(CParameter::ContentSizeFlag(false))?;
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        compressor.compress(part)
    };
    let frame = compress().map_err(|_| BadSegment::Compression)?;
    frame.strip_prefix(&ZSTD_MAGIC).map(<[u8]>::to_vec).ok_or(BadSegment::Compression)
}

fn decompress(packed: &[u8], size: usize, dictionary: &Dictionary) -> Result<Vec<u8>, BadSegment> {
    if packed.is_empty() && size == 0 {
        return Ok(Vec::new());
    }
    let frame = [&ZSTD_MAGIC, packed].concat();
    let part = Decompressor::with_prepared_dictionary(&dictionary.decoder)
        .and_then(|mut decompressor| decompressor.decompress(&frame, size))
        .map_err(|_| BadSegment::Compression)?;
    if part.len() == size { Ok(part) } else { Err(BadSegment::Size) }
}

fn head(sizes: [usize; 4]) -> Vec<u8> {
    let mut to = Writer::default();
    to.byte(COLUMNS);
    to.byte(FIRST_DICTIONARY);
    for size in sizes {
        to.count(size);
    }
    to.0
}

/// What a frame holds.
enum Frame {
    Rows(Segment),
    Columns(Parts),
}

fn open(bytes: &[u8]) -> Result<Frame, BadSegment> {
    let mut from = Reader(bytes);
    match (from.byte()?, from.byte()?) {
        (ROWS, NO_DICTIONARY) => read_rows(from).map(Frame::Rows),
        (COLUMNS, FIRST_DICTIONARY) => open_columns(bytes, from).map(Frame::Columns),
        (format, dictionary) => Err(BadSegment::Format { format, dictionary }),
    }
}

fn open_columns(bytes: &[u8], mut from: Reader<'_>) -> Result<Parts, BadSegment> {
    let mut sizes = [0; 4];
    for size in &mut sizes {
        *size = usize::try_from(from.number()?).map_err(|_| BadSegment::Size)?;
    }
    let [numbers, text, random, packed_numbers] = sizes;
    if numbers.saturating_add(text).saturating_add(random) > MAX_SEGMENT_BYTES {
        return Err(BadSegment::Size);
    }
    let head_bytes = bytes.len() - from.0.len();
    codec::canonical(&head(sizes), bytes.get(..head_bytes).unwrap_or_default())?;
    let random = from.take(random)?.to_vec();
    let numbers = decompress(from.take(packed_numbers)?, numbers, &NUMBERS)?;
    Ok(Parts { numbers, text: decompress(from.0, text, &TEXT)?, random })
}

/// The segment that a frame holds, if these are the bytes that it would be written in.
fn close(parts: &Parts, previous: Option<&Previous>) -> Result<Segment, BadSegment> {
    let (segment, previous) = columns::read(parts, previous)?;
    if columns::write(&segment, previous) == *parts { Ok(segment) } else { Err(BadBytes::NotCanonical.into()) }
}

fn read_rows(mut from: Reader<'_>) -> Result<Segment, BadSegment> {
    let before = from.0;
    let size = usize::try_from(from.number()?).map_err(|_| BadSegment::Size)?;
    if size > MAX_SEGMENT_BYTES {
        return Err(BadSegment::Size);
    }
    let mut declared = Writer::default();
    declared.count(size);
    codec::canonical(&declared.0, before.get(..before.len() - from.0.len()).unwrap_or_default())?;
    let content = zstd::bulk::decompress(from.0, size).map_err(|_| BadSegment::Compression)?;
    if content.len() != size {
        return Err(BadSegment::Size);
    }
    let segment = content::read(&content)?;
    codec::canonical(&content::write(&segment), &content)?;
    Ok(segment)
}
