//! Sticks pulled out, cards that rot.

use kend_bundle::{Inspected, OpenError, ReadError, Record, inspect, missing};

use crate::{Ending, bundle, key, noise, one_volume, read, records, write};

const SEALED_BYTES: usize = 64 * 1024 + 16;

/// Whatever came out is what lies before the break.
#[track_caller]
fn check(volume: &[u8], name: &str) -> usize {
    let (out, ending) = read(volume, &key(1));
    assert_eq!(out, records()[..out.len()], "{name}");
    match ending {
        Ending::Whole { .. } => panic!("{name} counts as whole"),
        Ending::Closed(OpenError::NotABundle) => assert!(out.is_empty()),
        Ending::Broken(ReadError::CutOff { records } | ReadError::Damaged { records }) => {
            assert_eq!(records, out.len() as u64, "{name}");
        }
        other => panic!("{name}: {other:?}"),
    }
    out.len()
}

/// Where the sealed pieces begin: behind the envelope and 16 bytes of nonce.
fn first_piece(volume: &[u8]) -> usize {
    let line = volume.windows(5).position(|bytes| bytes == b"\n--- ").unwrap() + 1;
    let end = volume[line..].iter().position(|byte| *byte == b'\n').unwrap();
    line + end + 1 + 16
}

#[test]
fn a_copy_that_broke_off_gives_what_lies_before_the_break() {
    let volume = one_volume(records());
    let first = first_piece(&volume);
    let frames: Vec<usize> = (first..volume.len()).step_by(SEALED_BYTES).collect();
    assert!(frames.len() > 8, "{}", frames.len());
    let mut before = 0;
    for frame in &frames {
        // At the end of a piece, just before and just after.
        for end in [frame - 1, *frame, frame + 1] {
            let out = check(&volume[..end], &format!("{end} of {}", volume.len()));
            assert!(out >= before);
            before = out;
        }
    }
    assert!(before > 40, "only the last piece is lost: {before}");
    for end in (0..volume.len()).step_by(23_117).chain([volume.len() - 1]) {
        check(&volume[..end], &format!("{end} of {}", volume.len()));
    }
}

#[test]
fn a_copy_that_broke_off_says_so() {
    let volume = one_volume(records());
    for end in [volume.len() - 1, volume.len() - 1_000, first_piece(&volume) + 3 * SEALED_BYTES] {
        let (out, ending) = read(&volume[..end], &key(1));
        assert!(matches!(ending, Ending::Broken(ReadError::CutOff { .. })), "{ending:?}");
        assert!(!out.is_empty());
    }
}

#[test]
fn a_flipped_bit_ends_the_bundle_there_and_nothing_else_comes_out() {
    let volume = one_volume(records());
    let first = first_piece(&volume);
    let places = (0..first).chain((first..volume.len()).step_by(19_997)).chain(volume.len() - 4..volume.len());
    for place in places {
        let mut flipped = volume.clone();
        flipped[place] ^= 1 << (place % 8);
        let (out, ending) = read(&flipped, &key(1));
        assert_eq!(out, records()[..out.len()], "{place}");
        match ending {
            // Where our own part of the envelope is altered, it is for others.
            Ending::Closed(OpenError::NotForUs | OpenError::NotABundle) => assert!(place < first + SEALED_BYTES),
            Ending::Broken(ReadError::Damaged { .. } | ReadError::CutOff { .. }) => assert!(place >= first),
            other => panic!("{place}: {other:?}"),
        }
    }
}

#[test]
fn pieces_swapped_repeated_or_left_out_end_the_bundle_there() {
    let volume = one_volume(records());
    let first = first_piece(&volume);
    let piece = |number: usize| &volume[first + number * SEALED_BYTES..first + (number + 1) * SEALED_BYTES];
    let rest = &volume[first + 4 * SEALED_BYTES..];
    let head = &volume[..first];
    let cases = [
        ("swapped", [head, piece(0), piece(2), piece(1), piece(3), rest].concat()),
        ("repeated", [head, piece(0), piece(1), piece(1), piece(2), piece(3), rest].concat()),
        ("left out", [head, piece(0), piece(1), piece(3), rest].concat()),
        ("zeros", [head, piece(0), &vec![0; SEALED_BYTES][..], piece(2), piece(3), rest].concat()),
        ("followed by something", [&volume[..], b"more"].concat()),
        ("followed by itself", [&volume[..], &volume[..]].concat()),
    ];
    for (name, altered) in cases {
        assert!(check(&altered, name) > 0, "{name}");
    }
}

#[test]
fn looking_into_volumes_tells_what_is_missing() {
    let segments: Vec<Record> = (0..200).map(|seed| Record::Segment(noise(3_000, seed))).collect();
    let volumes = write(bundle(170_000), &segments);
    assert!(volumes.len() >= 4);
    let look = |volume: &[u8]| inspect(volume, &key(1)).unwrap();
    let all: Vec<Inspected> = volumes.iter().map(|volume| look(volume)).collect();
    assert!(all.iter().all(Inspected::is_whole));
    assert_eq!(missing(&all), []);
    let last = all.len() - 1;
    assert_eq!(missing(&all[..last]), [([5; 16], vec![])], "the last one");
    assert_eq!(missing(all.iter().skip(2)), [([5; 16], vec![1, 2])]);
    let cut = look(&volumes[0][..volumes[0].len() - 1]);
    assert!(!cut.is_whole() && cut.to_string().contains("its copy broke off"), "{cut}");
    assert!(all[0].to_string().contains("volume 1 of bundle 05050505, to the hub"), "{}", all[0]);
}
