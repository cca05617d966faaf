//! Segments: what is read is written the same way, and only a right signature holds.
//!
//! Behind zstd, dictionaries and canonical sizes no flipped bit reaches the content. So a frame is opened, one of its parts
//! is altered, and it is closed again as a device would have.
#![no_main]

use std::sync::LazyLock;

use kend_log::{Previous, Segment};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

const NUMBERS: &[u8] = include_bytes!("../../../schema/wire/dictionary_1_numbers.zstd");
const TEXT: &[u8] = include_bytes!("../../../schema/wire/dictionary_1_text.zstd");
const VECTORS: &str = include_str!("../../../crates/log/tests/vectors/second.txt");
/// Most bytes of one part while it is altered.
const MAX_PART_BYTES: usize = 1 << 16;
/// zstd's first four bytes, which stand in no frame of columns.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The entry before the golden segment that follows.
static PREVIOUS: LazyLock<Previous> = LazyLock::new(|| {
    let line = VECTORS.lines().find_map(|line| line.strip_prefix("segment of columns:")).expect("a vector").trim();
    let pair = |at: usize| u8::from_str_radix(&line[at..at + 2], 16).expect("digits");
    let bytes: Vec<u8> = (0..line.len()).step_by(2).map(pair).collect();
    let segment = Segment::from_bytes(&bytes).expect("the golden segment is read");
    let first = segment.chained().next().expect("it has entries");
    Previous { log: segment.log().clone(), header: first.entry.header, hash: first.hash }
});

fuzz_target!(|bytes: &[u8]| {
    for read in [Segment::from_bytes(bytes), Segment::from_bytes_after(bytes, &PREVIOUS)] {
        let Ok(segment) = read else { continue };
        assert!(segment.verify(&[7; 32]).is_err(), "a segment of nobody verifies");
        let written = segment.to_bytes().expect("a segment that was read is not too large");
        assert_eq!(Segment::from_bytes(&written).as_ref(), Ok(&segment));
        if segment.log() == &PREVIOUS.log && segment.first_seq() == PREVIOUS.header.seq + 1 {
            let shorter = segment.to_bytes_after(&PREVIOUS).expect("a segment that was read is not too large");
            assert_eq!(Segment::from_bytes_after(&shorter, &PREVIOUS).as_ref(), Ok(&segment));
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // One in four as it is: the frame itself wants to be altered too.
    let opened = if seed % 4 == 0 { None } else { Parts::open(&data[..size]) };
    let Some(mut parts) = opened else { return fuzzer_mutate(data, size, max_size) };
    let which = seed as usize / 4 % parts.contents.len();
    let part = &mut parts.contents[which];
    let length = part.len();
    let room = (length * 2 + 64).min(MAX_PART_BYTES.max(length));
    part.resize(room, 0);
    let length = fuzzer_mutate(part, length, room);
    part.truncate(length);
    let closed = parts.close();
    match data.get_mut(..closed.len()) {
        Some(place) if closed.len() <= max_size => {
            place.copy_from_slice(&closed);
            closed.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});

/// What a frame holds: of columns what is random, numbers and texts; of rows all in one.
struct Parts {
    head: [u8; 2],
    contents: Vec<Vec<u8>>,
}

impl Parts {
    fn open(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<2>()?;
        let contents = match head {
            [1, 0] => {
                let size = size(&mut rest)?;
                vec![zstd::bulk::decompress(rest, size).ok()?]
            }
            [2, 1] => {
                let (numbers, text, random) = (size(&mut rest)?, size(&mut rest)?, size(&mut rest)?);
                let packed = size(&mut rest)?;
                let (random, rest) = rest.split_at_checked(random)?;
                let (packed_numbers, packed_text) = rest.split_at_checked(packed)?;
                vec![random.to_vec(), unpack(packed_numbers, NUMBERS, numbers)?, unpack(packed_text, TEXT, text)?]
            }
            _ => return None,
        };
        Some(Self { head: *head, contents })
    }

    fn close(&self) -> Vec<u8> {
        let mut bytes = self.head.to_vec();
        match self.contents.as_slice() {
            [random, numbers, text] => {
                let (packed_numbers, packed_text) = (pack(numbers, NUMBERS), pack(text, TEXT));
                for part in [numbers, text, random, &packed_numbers] {
                    put_size(&mut bytes, part.len());
                }
                bytes.extend([&random[..], &packed_numbers, &packed_text].concat());
            }
            parts => {
                for part in parts {
                    put_size(&mut bytes, part.len());
                    bytes.extend(zstd::bulk::compress(part, 1).expect("it compresses"));
                }
            }
        }
        bytes
    }
}

fn size(rest: &mut &[u8]) -> Option<usize> {
    let mut size = 0;
    for shift in [0, 7, 14] {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        size |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}

fn put_size(bytes: &mut Vec<u8>, mut size: usize) {
    while size > 0x7f {
        bytes.push((size & 0x7f) as u8 | 0x80);
        size >>= 7;
    }
    bytes.push(size as u8);
}

fn unpack(packed: &[u8], dictionary: &[u8], size: usize) -> Option<Vec<u8>> {
    if packed.is_empty() {
        return Some(Vec::new());
    }
    let frame = [&MAGIC, packed].concat();
    zstd::bulk::Decompressor::with_dictionary(dictionary).ok()?.decompress(&frame, size).ok()
}

fn pack(part: &[u8], dictionary: &[u8]) -> Vec<u8> {
    if part.is_empty() {
        return Vec::new();
    }
    let frame = zstd::bulk::Compressor::with_dictionary(1, dictionary).and_then(|mut packer| packer.compress(part));
    frame.expect("it compresses").split_off(MAGIC.len())
}
