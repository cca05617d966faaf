//! Segments and encodings: read back as themselves, in one form only, and never trusted.

use crate::common::{Replica, key, log, path, run, segment, steps};
use kend_log::{
    Attachment, BadSegment, BlobId, BlobKey, Op, Segment, Value, header_bytes, public_key, slots_bytes, value_bytes,
    value_from_bytes,
};
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::Text),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter_map("finite", |number| Value::number(number).ok()),
        any::<bool>().prop_map(Value::Flag),
        prop::collection::btree_set("[a-zə]{0,6}", 0..5).prop_map(Value::Names),
        (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<u64>(), any::<String>(), prop::option::of(0..u64::MAX)).prop_map(
            |(blob, key, size_bytes, name, duration_ms)| {
                let (blob, key) = (BlobId(blob), BlobKey(key));
                let media_type = "audio/ogg".to_owned();
                Value::Attachment(Attachment { blob, key, size_bytes, media_type, file_name: name, duration_ms })
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_value_is_read_back_as_itself(value in value()) {
        prop_assert_eq!(value_from_bytes(&value_bytes(&value)), Ok(value));
    }

    #[test]
    fn bytes_are_the_canonical_ones_of_a_value_or_refused(bytes in prop::collection::vec(0_u8..9, 0..12)) {
        if let Ok(value) = value_from_bytes(&bytes) {
            prop_assert_eq!(value_bytes(&value), bytes);
        }
    }

    #[test]
    fn a_segment_is_read_back_as_itself(steps in steps(true)) {
        for replica in run(&steps).iter().filter(|replica| replica.seq > 0) {
            let written = segment(replica);
            let read = Segment::from_bytes(&written.to_bytes().unwrap()).unwrap();
            read.verify(&public_key(&key(replica.number))).unwrap();
            prop_assert_eq!(read, written);
        }
    }

    #[test]
    fn no_flipped_bit_gives_another_segment(steps in steps(false), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        for replica in run(&steps).iter().filter(|replica| replica.seq > 0) {
            let written = segment(replica);
            let mut bytes = written.to_bytes().unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            // zstd ignores a few bits of its own frame: then it is the same segment.
            if let Ok(read) = Segment::from_bytes(&bytes) {
                prop_assert!(read == written || read.verify(&public_key(&key(replica.number))).is_err());
            }
        }
    }

    #[test]
    fn random_bytes_are_refused_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Segment::from_bytes(&bytes).is_err());
        let _ = kend_log::header_from_bytes(&bytes);
        let _ = kend_log::slots_from_bytes(&bytes);
        // The same as the content of a frame that is right in itself.
        let mut framed = vec![1, 0, u8::try_from(bytes.len() & 0x7f).unwrap() | 0x80, u8::try_from(bytes.len() >> 7).unwrap()];
        framed.extend(zstd::bulk::compress(&bytes, 1).unwrap());
        prop_assert!(Segment::from_bytes(&framed).is_err());
    }

    #[test]
    fn altered_content_in_a_right_frame_is_refused(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let written = segment(&two_entries());
        let bytes = written.to_bytes().unwrap();
        let mut content = zstd::bulk::decompress(&bytes[4..], 4096).unwrap();
        let place = place.index(content.len());
        content[place] ^= 1 << bit;
        let framed = [&bytes[..4], &zstd::bulk::compress(&content, 1).unwrap()].concat();
        let read = Segment::from_bytes(&framed);
        prop_assert!(read.is_err() || read.unwrap().verify(&public_key(&key(0))).is_err());
    }
}

fn two_entries() -> Replica {
    let mut phone = Replica::new(0);
    phone.set("a/health_notes", "Həkim həftədə bir dəfə gəlir.");
    phone.write(vec![
        Op::Set { path: path("a/health_level"), value: Value::Integer(2) },
        Op::Set { path: path("a/health_tags"), value: Value::names(["need", "demand"]) },
        Op::Add { path: path("i/participant"), element: "P1".parse().unwrap() },
    ]);
    phone
}

#[test]
fn every_truncation_is_refused() {
    let bytes = segment(&two_entries()).to_bytes().unwrap();
    for length in 0..bytes.len() {
        assert!(Segment::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_declared_size_and_by_its_real_one() {
    let declared =
        |size: &[u8], content: &[u8]| [&[1, 0], size, &zstd::bulk::compress(content, 1).unwrap()[..]].concat();
    let zeroes = vec![0; 64 << 20];
    let over = declared(&[0x81, 0x80, 0x80, 0x04], &zeroes);
    assert_eq!(Segment::from_bytes(&over), Err(BadSegment::Size));
    let lying = declared(&[0x10], &zeroes);
    assert_eq!(Segment::from_bytes(&lying), Err(BadSegment::Compression));
}

#[test]
fn another_key_another_log_or_another_place_does_not_verify() {
    let phone = two_entries();
    let written = segment(&phone);
    assert_eq!(written.verify(&public_key(&key(1))), Err(BadSegment::Signature));
    let entries = written.entries().to_vec();
    let moved = Segment::assemble(log(1), written.prior(), entries, |_| None, *written.signature()).unwrap();
    assert_eq!(moved.verify(&public_key(&key(0))), Err(BadSegment::Signature));
    let mut unsalted = written.clone();
    assert!(!unsalted.erase(kend_domain::EntityId::from_bytes([1; 16]), None));
    assert_eq!(unsalted.verify(&public_key(&key(0))), Ok(()));
}

#[test]
fn a_signature_for_one_purpose_is_none_for_another() {
    let signature = kend_log::sign(&key(0), "request", b"message");
    assert!(kend_log::verifies(&public_key(&key(0)), "request", b"message", &signature));
    assert!(!kend_log::verifies(&public_key(&key(0)), "receipt", b"message", &signature));
    assert!(!kend_log::verifies(&public_key(&key(0)), "request", b"massage", &signature));
}

/// The format is frozen: these bytes were written by the first version (2026-11) and have to stay readable and be what is
/// written today. Compression may differ, content may not.
#[test]
fn the_golden_vectors_stay_what_they_are() {
    let written = segment(&two_entries());
    let vectors = include_str!("../vectors/first.txt");
    let vector = |name: &str| {
        let line = vectors.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect::<Vec<u8>>()
    };
    assert_eq!(header_bytes(&written.entries()[1].header), vector("header:"));
    assert_eq!(slots_bytes(&written.entries()[1].slots), vector("slots:"));
    assert_eq!(written.head().0.to_vec(), vector("head:"));
    assert_eq!(Segment::from_bytes(&vector("segment:")).unwrap(), written);
}

#[test]
fn the_golden_vector_of_an_attachment_stays_what_it_is() {
    let attachment = Attachment {
        blob: BlobId([0xab; 32]),
        key: BlobKey([0xcd; 32]),
        size_bytes: 300,
        media_type: "image/jpeg".to_owned(),
        file_name: "Dondar.jpg".to_owned(),
        duration_ms: Some(127),
    };
    let text = [
        vec![7],
        vec![0xab; 32],
        vec![0xcd; 32],
        vec![0xac, 2, 10],
        b"image/jpeg".to_vec(),
        vec![10],
        b"Dondar.jpg".to_vec(),
        vec![0x80, 1],
    ];
    assert_eq!(value_bytes(&Value::Attachment(attachment)), text.concat());
}
