//! The container: what was put in comes out, breaks cost only what lies behind them, rubbish costs nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on fails the test")]

mod breaks;
mod rubbish;
mod whole;

use std::io;
use std::sync::LazyLock;

use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{BlobPiece, Bundle, Direction, OpenError, ReadError, Reader, Record, SealKey, Volumes, Writer};
use kend_domain::DeviceId;

const MAKER: [u8; 32] = [3; 32];

fn key(byte: u8) -> SealKey {
    SealKey::from_bytes(&zeroize::Zeroizing::new([byte; 32]))
}

/// Sealed to the keys 1 (the server's) and 2 (a hub's).
fn bundle(volume_bytes: u64) -> Bundle {
    Bundle {
        id: [5; 16],
        direction: Direction::ToHub,
        project: "demo".parse().unwrap(),
        maker: DeviceId::from_bytes([2; 16]),
        maker_key: kend_log::public_key(&MAKER),
        recipients: vec![key(1).public(), key(2).public()],
        volume_bytes,
    }
}

fn sign(purpose: &str, message: &[u8]) -> [u8; 64] {
    kend_log::sign(&MAKER, purpose, message)
}

/// Volumes in memory.
#[derive(Default)]
struct InMemory(Vec<Vec<u8>>);

impl Volumes for InMemory {
    type Output = Vec<u8>;

    fn begin(&mut self, _: u32) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn end(&mut self, _: u32, output: Vec<u8>) -> io::Result<()> {
        self.0.push(output);
        Ok(())
    }
}

#[track_caller]
fn write(bundle: Bundle, records: &[Record]) -> Vec<Vec<u8>> {
    let mut writer = Writer::new(bundle, &sign, InMemory::default()).unwrap();
    for record in records {
        writer.put(record).unwrap();
    }
    let (written, volumes) = writer.finish().unwrap();
    assert_eq!((written.records, written.volumes), (records.len() as u64, u32::try_from(volumes.0.len()).unwrap()));
    volumes.0
}

fn one_volume(records: &[Record]) -> Vec<u8> {
    let mut volumes = write(bundle(MAX_VOLUME_BYTES), records);
    assert_eq!(volumes.len(), 1);
    volumes.remove(0)
}

/// Everything that can be had of a volume, and how it ended.
fn read(volume: &[u8], key: &SealKey) -> (Vec<Record>, Ending) {
    let mut reader = match Reader::open(volume, key) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Ending::Closed(error)),
    };
    let mut records = Vec::new();
    loop {
        match reader.next_record() {
            Ok(Some(record)) => records.push(record),
            Ok(None) => return (records, Ending::Whole { last: reader.is_last().unwrap() }),
            Err(error) => return (records, Ending::Broken(error)),
        }
    }
}

#[derive(Debug)]
enum Ending {
    Closed(OpenError),
    Broken(ReadError),
    Whole { last: bool },
}

/// Bytes that do not repeat.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Records of every kind, some smaller and some larger than what is sealed at once.
fn records() -> &'static [Record] {
    static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(make_records);
    &RECORDS
}

fn make_records() -> Vec<Record> {
    let mut records = vec![
        Record::Standing(noise(400, 4)),
        Record::Certificate(noise(300, 1)),
        Record::Order(noise(150, 2)),
        Record::Receipt(noise(200, 3)),
        Record::BlobReceipt(noise(200, 5)),
        Record::Segment(Vec::new()),
    ];
    records.extend((0..40).map(|seed| Record::Segment(noise(9_000, 10 + seed))));
    records.push(Record::Segment(noise(150_000, 60)));
    let blob = noise(150_000, 70);
    for (place, bytes) in blob.chunks(64 * 1024).enumerate() {
        records.push(Record::Blob(BlobPiece {
            blob: *blake3::hash(&blob).as_bytes(),
            offset_bytes: place as u64 * 64 * 1024,
            size_bytes: blob.len() as u64,
            bytes: bytes.to_vec(),
        }));
    }
    records
}
