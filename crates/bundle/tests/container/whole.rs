//! Bundles that arrive whole.

use kend_bundle::limits::{MAX_BLOB_PIECE_BYTES, MAX_RECORD_BYTES, MAX_VOLUME_BYTES};
use kend_bundle::{BlobPiece, Contents, OpenError, Reader, Record, RecordKind, WriteError, Writer, outside};
use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{ChainHash, Context, EntityKind, Entry, Header, LogId, Op, Said, Segment, Value};

use crate::{Ending, InMemory, bundle, key, noise, one_volume, read, records, sign, write};

#[test]
fn what_was_put_in_comes_out_for_every_recipient_and_says_who_made_it() {
    let volume = one_volume(records());
    for recipient in [1, 2] {
        let (out, ending) = read(&volume, &key(recipient));
        assert!(matches!(ending, Ending::Whole { last: true }), "{ending:?}");
        assert_eq!(out, records());
    }
    let reader = Reader::open(&volume[..], &key(1)).unwrap();
    let of = bundle(MAX_VOLUME_BYTES);
    let header = reader.header();
    assert_eq!((header.bundle, header.volume, header.direction), (of.id, 1, of.direction));
    assert_eq!((&header.project, header.maker, header.maker_key), (&of.project, of.maker, of.maker_key));
}

#[test]
fn for_anybody_else_it_stays_closed_and_shows_nothing() {
    let marker = b"Aynur said that the road is bad".to_vec();
    let volume = one_volume(&[Record::Segment(marker.clone())]);
    let (out, ending) = read(&volume, &key(9));
    assert!(out.is_empty());
    assert!(matches!(ending, Ending::Closed(OpenError::NotForUs)), "{ending:?}");
    assert!(!volume.windows(marker.len()).any(|bytes| bytes == marker));
}

#[test]
fn an_empty_bundle_is_a_whole_one() {
    let (out, ending) = read(&one_volume(&[]), &key(1));
    assert!(out.is_empty() && matches!(ending, Ending::Whole { last: true }));
}

#[test]
fn volumes_stay_below_their_limit_and_each_is_whole_by_itself() {
    let segments: Vec<Record> = (0..200).map(|seed| Record::Segment(noise(3_000, seed))).collect();
    for volume_bytes in [70_000, 100_000, 131_072, 250_000] {
        let volumes = write(bundle(volume_bytes), &segments);
        assert!(volumes.len() > 2, "{volume_bytes}");
        let mut out = Vec::new();
        // In any order: here from the last.
        for (index, volume) in volumes.iter().enumerate().rev() {
            let number = u32::try_from(index).unwrap() + 1;
            assert!(volume.len() as u64 <= volume_bytes, "{} of {volume_bytes}", volume.len());
            assert_eq!(Reader::open(&volume[..], &key(1)).unwrap().header().volume, number);
            let (mut records, ending) = read(volume, &key(1));
            let is_last = index + 1 == volumes.len();
            assert!(matches!(ending, Ending::Whole { last } if last == is_last), "{ending:?}");
            records.append(&mut out);
            out = records;
        }
        assert_eq!(out, segments, "{volume_bytes}");
    }
}

#[test]
fn a_record_at_a_limit_is_taken_and_one_over_it_is_refused() {
    let mut writer = Writer::new(bundle(MAX_VOLUME_BYTES), &sign, InMemory::default()).unwrap();
    let piece = |size: usize| {
        Record::Blob(BlobPiece { blob: [0; 32], offset_bytes: 0, size_bytes: size as u64, bytes: noise(size, 1) })
    };
    writer.put(&Record::Segment(vec![0; MAX_RECORD_BYTES])).unwrap();
    writer.put(&piece(MAX_BLOB_PIECE_BYTES)).unwrap();
    for record in [Record::Segment(vec![0; MAX_RECORD_BYTES + 1]), piece(MAX_BLOB_PIECE_BYTES + 1), piece(0)] {
        assert!(matches!(writer.put(&record), Err(WriteError::TooLarge)));
    }
    let (written, volumes) = writer.finish().unwrap();
    assert_eq!(written.records, 2);
    assert_eq!(read(&volumes.0[0], &key(1)).0.len(), 2);
}

#[test]
fn from_outside_one_sees_for_how_many_it_is_and_of_other_files_nothing() {
    let volume = one_volume(records());
    assert_eq!(outside::look(&volume[..]).unwrap(), Some(outside::Outside { recipients: 2 }));
    for other in [&b"hello"[..], b"", b"age-encryption.org/v1\n-> X25519 a\n", &volume[5..]] {
        assert_eq!(outside::look(other).unwrap(), None);
    }
}

#[test]
fn contents_are_counted_by_what_people_know() {
    let mut contents = Contents::default();
    let device = DeviceId::from_bytes([2; 16]);
    for entity in [7, 8] {
        let log = LogId { device, scope: "demo/AZ-TOV".parse().unwrap() };
        let header = Header {
            seq: 1,
            entity: EntityId::from_bytes([entity; 16]),
            kind: EntityKind::Interview,
            actor: PersonId::from_bytes([3; 16]),
            lamport: 1,
            context: Context::default(),
            said: Said { wall_ms: 1, monotonic_ms: 1, boot: [1; 16], anchor: None },
            form_version: 1,
        };
        let ops = vec![Op::Set { path: "a/health_notes".parse().unwrap(), value: Value::text("The road") }];
        let entry = Entry::new(device, header, ops, &[4; 16]).unwrap();
        let prior = ChainHash::start(&log);
        let segment = Segment::sign(log, prior, vec![entry], |_| Some([4; 16]), &[3; 32]).unwrap();
        contents.add(&Record::Segment(segment.to_bytes().unwrap()));
    }
    for record in records() {
        contents.add(record);
    }
    assert_eq!((contents.interviews(), contents.entries(), contents.blobs()), (2, 2, 1));
    assert_eq!(contents.records(RecordKind::Segment), 2 + contents.unread_segments());
    let kinds =
        [RecordKind::Certificate, RecordKind::Order, RecordKind::Receipt, RecordKind::BlobReceipt, RecordKind::Blob];
    assert_eq!(kinds.map(|kind| contents.records(kind)), [1, 1, 1, 1, 3]);
    assert!(contents.size_bytes() > 660_000, "{}", contents.size_bytes());
}
