//! Volumes of bundles: as a file from a stick, as whatever somebody who may seal puts into one, and as records that have
//! their right hashes.
//!
//! The first byte says which: 0 the file, 1 what is sealed after a right header, 2 the records after one: kind, length in two
//! bytes, content.
#![no_main]

use std::io::{self, Write};
use std::sync::LazyLock;

use age::x25519::Identity;
use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{BlobPiece, Bundle, Direction, Reader, Record, SealKey, Volumes, Writer, inspect, outside};
use kend_fuzz::{DEVICE, DEVICE_KEY, area, begin_with, blob_receipt, certificate, orders, receipt, segment};
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

static KEY: LazyLock<SealKey> = LazyLock::new(|| SealKey::from_bytes(&Zeroizing::new([1; 32])));
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| KEY.to_age().parse().expect("age's own text"));
/// The header record that a maker signed.
static HEADER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let plain = opened(&volume(&[]));
    let length = u32::from_le_bytes(plain[1..5].try_into().expect("four bytes")) as usize;
    plain[..HEAD_BYTES + length].to_vec()
});
/// Kind, length and hash of a record.
const HEAD_BYTES: usize = 1 + 4 + 32;

struct InMemory(Vec<u8>);

impl Volumes for &mut InMemory {
    type Output = Vec<u8>;

    fn begin(&mut self, _: u32) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn end(&mut self, _: u32, output: Vec<u8>) -> io::Result<()> {
        self.0 = output;
        Ok(())
    }
}

fn volume(records: &[Record]) -> Vec<u8> {
    let bundle = Bundle {
        id: [5; 16],
        direction: Direction::ToHub,
        project: area("demo"),
        maker: DEVICE,
        maker_key: kend_log::public_key(&DEVICE_KEY),
        recipients: vec![KEY.public()],
        volume_bytes: MAX_VOLUME_BYTES,
    };
    let sign = |purpose: &str, message: &[u8]| kend_log::sign(&DEVICE_KEY, purpose, message);
    let mut memory = InMemory(Vec::new());
    let mut writer = Writer::new(bundle, &sign, &mut memory).expect("a bundle is begun");
    for record in records {
        writer.put(record).expect("a record is written");
    }
    writer.finish().expect("a bundle is ended");
    memory.0
}

fn opened(volume: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let envelope = age::Decryptor::new_buffered(volume).expect("an envelope");
    let mut stream = envelope.decrypt(std::iter::once(&*IDENTITY as &dyn age::Identity)).expect("it is for us");
    io::Read::read_to_end(&mut stream, &mut plain).expect("it is whole");
    plain
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    let recipient = IDENTITY.to_public();
    let envelope = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient));
    let mut volume = Vec::new();
    let mut stream = envelope.expect("one recipient").wrap_output(&mut volume).expect("memory is written");
    stream.write_all(plain).expect("memory is written");
    stream.finish().expect("memory is written");
    volume
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new_derive_key("kend 2026 bundle record");
    hasher.update(&[kind]).update(content);
    let length = u32::try_from(content.len()).expect("an input is small");
    [&[kind][..], &length.to_le_bytes(), hasher.finalize().as_bytes(), content].concat()
}

fn records() -> Vec<Record> {
    let piece = BlobPiece { blob: [9; 32], offset_bytes: 16, size_bytes: 64, bytes: vec![1; 48] };
    let mut records = vec![
        Record::Standing(include_bytes!("../../../crates/sync/tests/protocol/sync_request_1.hex").to_vec()),
        Record::Certificate(certificate().to_bytes()),
        Record::Receipt(receipt().to_bytes()),
        Record::BlobReceipt(blob_receipt().to_bytes()),
        Record::Segment(segment().to_bytes().expect("a small segment")),
        Record::Blob(piece),
    ];
    records.extend(orders().iter().map(|order| Record::Order(order.to_bytes())));
    records
}

fn beginnings() -> [(&'static str, Vec<u8>); 3] {
    let volume = volume(&records());
    let plain = opened(&volume);
    let mut rest = &plain[HEADER.len()..];
    let mut parted = vec![2];
    let sealed = [&[1], rest].concat();
    while let Some((head, after)) = rest.split_at_checked(HEAD_BYTES) {
        let length = u32::from_le_bytes(head[1..5].try_into().expect("four bytes")) as usize;
        let (content, after) = after.split_at(length);
        parted.push(head[0]);
        parted.extend(u16::try_from(length).expect("small records").to_le_bytes());
        parted.extend(content);
        rest = after;
    }
    [("volume", [vec![0], volume].concat()), ("sealed", sealed), ("records", parted)]
}

fn made(how: u8, mut rest: &[u8]) -> Vec<u8> {
    let mut plain = HEADER.clone();
    match how {
        0 => return rest.to_vec(),
        1 => plain.extend(rest),
        _ => {
            while let Some(([kind, low, high], after)) = rest.split_first_chunk::<3>() {
                let length = usize::from(u16::from_le_bytes([*low, *high])).min(after.len());
                let (content, after) = after.split_at(length);
                plain.extend(record(*kind, content));
                rest = after;
            }
        }
    }
    sealed(&plain)
}

fuzz_target!(init: begin_with(beginnings()), |bytes: &[u8]| {
    let Some((how, rest)) = bytes.split_first() else { return };
    let volume = made(*how, rest);
    outside::look(&volume[..]).expect("memory is read");
    if let Ok(looked) = inspect(&volume[..], &KEY) {
        let _ = looked.to_string();
        let mut reader = Reader::open(&volume[..], &KEY).expect("it was opened before");
        while let Ok(Some(_)) = reader.next_record() {}
        assert!(reader.records() == 0 || looked.header.maker == DEVICE, "a header of nobody");
    }
});
