//! Segments and encodings: read back as themselves, in one form only, and never trusted.

use crate::common::{Replica, device, history, key, log, path, run, segment, steps};
use kend_domain::InstanceId;
use kend_log::{
    Attachment, BadSegment, BlobId, BlobKey, Op, Previous, Segment, Value, header_bytes, public_key, slots_bytes,
    value_bytes, value_from_bytes,
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
        // The same as the content of frames that are right in themselves.
        let rows = declared(&[1, 0], &[bytes.len()], &zstd::bulk::compress(&bytes, 1).unwrap());
        prop_assert!(Segment::from_bytes(&rows).is_err());
        let columns = Opened { random: vec![7; 80], numbers: bytes, text: Vec::new() }.close();
        prop_assert!(Segment::from_bytes(&columns).is_err());
    }

    #[test]
    fn altered_content_in_a_right_frame_is_refused(
        part in 0_usize..3,
        place in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let mut opened = Opened::of(&segment(&two_entries()).to_bytes().unwrap());
        let part = [&mut opened.numbers, &mut opened.text, &mut opened.random].into_iter().nth(part).unwrap();
        let place = place.index(part.len());
        part[place] ^= 1 << bit;
        let read = Segment::from_bytes(&opened.close());
        prop_assert!(read.is_err() || read.unwrap().verify(&public_key(&key(0))).is_err());
    }

    #[test]
    fn a_segment_is_read_by_whoever_holds_the_entry_before_it(steps in steps(true), place in any::<prop::sample::Index>()) {
        for replica in run(&steps).iter().filter(|replica| replica.seq > 1) {
            let own = history(std::slice::from_ref(replica));
            let (before, after) = own.split_at(1 + place.index(own.len() - 1));
            let last = before.last().unwrap();
            let previous = &Previous { log: log(replica.number), header: last.entry.header.clone(), hash: last.hash };
            let entries = after.iter().map(|chained| chained.entry.clone()).collect();
            let salt = |_| Some([7; 16]);
            let written = Segment::sign(log(replica.number), previous.hash, entries, salt, &key(replica.number)).unwrap();
            let bytes = written.to_bytes_after(previous).unwrap();
            prop_assert!(bytes.len() < written.to_bytes().unwrap().len());
            prop_assert_eq!(Segment::from_bytes_after(&bytes, previous), Ok(written.clone()));
            let lacking = BadSegment::Follows {
                device: written.log().device,
                after: previous.header.seq,
                prefix: previous.hash.prefix(),
            };
            prop_assert_eq!(Segment::from_bytes(&bytes), Err(lacking.clone()));
            let mut other = previous.clone();
            other.hash.0[0] ^= 1;
            prop_assert_eq!(Segment::from_bytes_after(&bytes, &other), Err(lacking));
            // Whole ones are read by everybody.
            prop_assert_eq!(Segment::from_bytes_after(&written.to_bytes().unwrap(), previous), Ok(written));
        }
    }
}

fn declared(head: &[u8], sizes: &[usize], rest: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    for size in sizes {
        let mut size = *size;
        while size > 0x7f {
            bytes.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
            size >>= 7;
        }
        bytes.push(u8::try_from(size).unwrap());
    }
    [&bytes[..], rest].concat()
}

const NUMBERS: &[u8] = include_bytes!("../../../../schema/wire/dictionary_1_numbers.zstd");
const TEXT: &[u8] = include_bytes!("../../../../schema/wire/dictionary_1_text.zstd");
const MAGIC: usize = 4;

/// A frame of format 2, taken apart.
#[derive(Debug, Clone, PartialEq)]
struct Opened {
    random: Vec<u8>,
    numbers: Vec<u8>,
    text: Vec<u8>,
}

fn unpack(packed: &[u8], dictionary: &[u8], size: usize) -> Vec<u8> {
    if packed.is_empty() {
        return Vec::new();
    }
    let frame = [&zstd::bulk::compress(b"", 1).unwrap()[..MAGIC], packed].concat();
    zstd::bulk::Decompressor::with_dictionary(dictionary).unwrap().decompress(&frame, size).unwrap()
}

fn pack(part: &[u8], dictionary: &[u8]) -> Vec<u8> {
    if part.is_empty() {
        return Vec::new();
    }
    zstd::bulk::Compressor::with_dictionary(1, dictionary).unwrap().compress(part).unwrap()[MAGIC..].to_vec()
}

impl Opened {
    fn of(bytes: &[u8]) -> Self {
        let mut rest = &bytes[2..];
        let mut size = || {
            let mut size = 0;
            for shift in (0..).step_by(7) {
                let (byte, after) = rest.split_first().unwrap();
                rest = after;
                size |= usize::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            size
        };
        let (numbers, text, random, packed) = (size(), size(), size(), size());
        let (random, rest) = rest.split_at(random);
        let (packed_numbers, packed_text) = rest.split_at(packed);
        let (numbers, text) = (unpack(packed_numbers, NUMBERS, numbers), unpack(packed_text, TEXT, text));
        Self { random: random.to_vec(), numbers, text }
    }

    fn close(&self) -> Vec<u8> {
        let (numbers, text) = (pack(&self.numbers, NUMBERS), pack(&self.text, TEXT));
        let sizes = [self.numbers.len(), self.text.len(), self.random.len(), numbers.len()];
        declared(&[2, 1], &sizes, &[&self.random[..], &numbers, &text].concat())
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
    let zeroes = zstd::bulk::compress(&vec![0; 64 << 20], 1).unwrap();
    let lengths = |first: usize, size: usize| [vec![first], vec![0, 0, size]].concat();
    for (head, over, lying, rest) in [
        ([1, 0], vec![(8 << 20) | 1], vec![0x10], &zeroes[..]),
        ([2, 1], lengths((8 << 20) | 1, zeroes.len() - MAGIC), lengths(0x10, zeroes.len() - MAGIC), &zeroes[MAGIC..]),
    ] {
        assert_eq!(Segment::from_bytes(&declared(&head, &over, rest)), Err(BadSegment::Size));
        assert_eq!(Segment::from_bytes(&declared(&head, &lying, rest)), Err(BadSegment::Compression));
    }
}

#[test]
fn runs_that_unfold_to_too_many_ops_or_entries_are_refused() {
    let opened = Opened::of(&segment(&two_entries()).to_bytes().unwrap());
    let at = opened.numbers.iter().position(|byte| *byte == b'V').unwrap();
    // Behind the scope: the first number, how many entries.
    assert_eq!(opened.numbers[at + 1..at + 3], [1, 2]);
    let many = |count: &[u8]| {
        let numbers = [&opened.numbers[..at + 2], count, &opened.numbers[at + 3..]].concat();
        Segment::from_bytes(&Opened { numbers, ..opened.clone() }.close())
    };
    assert_eq!(many(&[0x81, 0x80, 0x01]), Err(BadSegment::Size));
    assert!(many(&[3]).is_err());
}

#[test]
fn what_the_shipped_instruments_have_and_what_they_do_not_is_read_back_as_itself() {
    let id = "6b1c2f5e-0000-4000-8000-000000000001";
    let set = |at: &str, value: Value| Op::Set { path: path(at), value };
    let mut phone = Replica::new(0);
    phone.write(vec![
        set("m/village", Value::text(id)),
        set("m/kind", Value::text("kii")),
        set("m/example", Value::Flag(true)),
        set("a/informant_age", Value::text("30_59")),
        set("a/informant_age", Value::text("older")),
        set("a/informant_age", Value::Integer(44)),
        set("a/informant_villages", Value::Integer(-3)),
        set("a/health_tags", Value::names(["need", "demand"])),
        set("a/health_tags", Value::names(["need", "another"])),
        set("a/health_tags", Value::names([] as [&str; 0])),
        set("a/health_notes", Value::text(id)),
        set(&format!("a/other/{id}/{id}"), Value::number(-1.5).unwrap()),
        Op::Add { path: path("i/participant"), element: id.parse().unwrap() },
        set(&format!("a/participant/{id}/participant_sex"), Value::text("female")),
        Op::Clear { path: path(&format!("a/other/{id}/{id}")) },
    ]);
    let seen = vec![phone.holds[0].dot()];
    phone.write(vec![
        Op::Remove { path: path("i/participant"), element: id.parse().unwrap(), seen },
        Op::Judge { act: kend_log::Act::Return },
        Op::Erase { under: Some(path("a/informant_age")), reason: kend_log::Reason::MustNotBeKept },
    ]);
    let written = segment(&phone);
    assert_eq!(Segment::from_bytes(&written.to_bytes().unwrap()), Ok(written));
}

#[test]
fn an_id_that_follows_from_the_entry_costs_nothing_and_only_where_it_does() {
    let sizes = [true, false].map(|follows| {
        let mut phone = Replica::new(0);
        phone.set("m/kind", "fgd");
        let header = phone.header(phone.said(0, false));
        let own = header.said.instance(device(0), header.entity, header.seq);
        let id = if follows { own } else { InstanceId::from_bytes([7; 16]) };
        phone.write(vec![
            Op::Add { path: path("i/participant"), element: id.to_string().parse().unwrap() },
            Op::Set { path: path(&format!("a/participant/{id}/participant_sex")), value: Value::text("female") },
            // The second time it stands in the table.
            Op::Add { path: path("i/quote"), element: id.to_string().parse().unwrap() },
        ]);
        let written = segment(&phone);
        let bytes = written.to_bytes().unwrap();
        assert_eq!(Segment::from_bytes(&bytes), Ok(written));
        bytes.len()
    });
    assert!(sizes[0] + 14 <= sizes[1], "{sizes:?}");
}

#[test]
fn an_unknown_dictionary_or_format_is_named() {
    let mut bytes = segment(&two_entries()).to_bytes().unwrap();
    bytes[1] = 9;
    assert_eq!(Segment::from_bytes(&bytes), Err(BadSegment::Format { format: 2, dictionary: 9 }));
    bytes[0] = 3;
    assert_eq!(Segment::from_bytes(&bytes), Err(BadSegment::Format { format: 3, dictionary: 9 }));
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

/// The formats are frozen: these bytes were written by their first versions (2026-11) and have to stay readable.
/// Compression may differ, content may not.
#[test]
fn the_golden_vectors_stay_what_they_are() {
    let written = segment(&two_entries());
    let vectors = [include_str!("../vectors/first.txt"), include_str!("../vectors/second.txt")].concat();
    let vector = |name: &str| {
        let line = vectors.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect::<Vec<u8>>()
    };
    assert_eq!(header_bytes(&written.entries()[1].header), vector("header:"));
    assert_eq!(slots_bytes(&written.entries()[1].slots), vector("slots:"));
    assert_eq!(written.head().0.to_vec(), vector("head:"));
    assert_eq!(Segment::from_bytes(&vector("segment:")).unwrap(), written);

    let today = written.to_bytes().unwrap();
    assert_eq!(Opened::of(&today), Opened::of(&vector("segment of columns:")), "{}", hex(&today));
    assert_eq!(Segment::from_bytes(&vector("segment of columns:")), Ok(written.clone()));
    let first = written.chained().next().unwrap();
    let previous = Previous { log: log(0), header: first.entry.header, hash: first.hash };
    let entries = written.entries()[1..].to_vec();
    let second = Segment::sign(log(0), first.hash, entries, |_| Some([7; 16]), &key(0)).unwrap();
    let today = second.to_bytes_after(&previous).unwrap();
    assert_eq!(Segment::from_bytes_after(&vector("segment that follows:"), &previous), Ok(second), "{}", hex(&today));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
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
