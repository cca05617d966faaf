//! Real files: named when whole, gone when not, as far as a FAT medium keeps them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on fails the test")]

mod fat;
mod kill;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{Bundle, Direction, ReadError, Reader, Record, SealKey, WriteError, Writer, name};
use kend_domain::DeviceId;
use kend_stick::{Progress, Stick, StickError};

const MAKER: [u8; 32] = [3; 32];

fn key() -> SealKey {
    SealKey::from_bytes(&zeroize::Zeroizing::new([1; 32]))
}

fn bundle(volume_bytes: u64) -> Bundle {
    Bundle {
        id: [5; 16],
        direction: Direction::ToHub,
        project: "demo".parse().unwrap(),
        maker: DeviceId::from_bytes([2; 16]),
        maker_key: kend_log::public_key(&MAKER),
        recipients: vec![key().public()],
        volume_bytes,
    }
}

fn sign(purpose: &str, message: &[u8]) -> [u8; 64] {
    kend_log::sign(&MAKER, purpose, message)
}

fn segment(seed: u64) -> Record {
    let mut bytes = vec![0; 10_000];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    Record::Segment(bytes)
}

/// Writes some segments to a folder.
fn write(folder: &Path, volume_bytes: u64, segments: u64) -> Vec<PathBuf> {
    let stick = Stick::new(folder, "kend-tovuz", segments * 10_000, Arc::default()).unwrap();
    let mut writer = Writer::new(bundle(volume_bytes), &sign, stick).unwrap();
    for seed in 0..segments {
        writer.put(&segment(seed)).unwrap();
    }
    writer.finish().unwrap().1.finish().unwrap()
}

/// Segments that can be had of a file, in their order; and whether that was all.
fn read(file: &[u8]) -> (u64, bool) {
    let Ok(mut reader) = Reader::open(file, &key()) else { return (0, false) };
    let mut records = 0;
    loop {
        match reader.next_record() {
            Ok(Some(record)) => assert_eq!(record, segment(records)),
            Ok(None) => return (records, true),
            Err(ReadError::CutOff { .. } | ReadError::Damaged { .. }) => return (records, false),
            Err(error) => panic!("{error}"),
        }
        records += 1;
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|found| found.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_bundle_gets_its_names_when_all_of_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), 100_000, 20);
    assert!(paths.len() > 2);
    let of = u32::try_from(paths.len()).unwrap();
    let expected: Vec<String> = (1..=of).map(|number| name::volume("kend-tovuz", number, of)).collect();
    assert_eq!(names(folder.path()), expected);
    for (number, path) in (1..).zip(&paths) {
        let volume = fs::read(path).unwrap();
        assert_eq!(Reader::open(&volume[..], &key()).unwrap().header().volume, number);
    }
}

#[test]
fn progress_goes_to_the_end_and_never_beyond() {
    let folder = tempfile::tempdir().unwrap();
    let progress = Arc::new(Progress::default());
    let stick = Stick::new(folder.path(), "kend-tovuz", 200_000, Arc::clone(&progress)).unwrap();
    assert_eq!(progress.bytes(), (0, 400_000));
    let mut writer = Writer::new(bundle(MAX_VOLUME_BYTES), &sign, stick).unwrap();
    for seed in 0..20 {
        writer.put(&segment(seed)).unwrap();
        let (done_bytes, total_bytes) = progress.bytes();
        assert!(done_bytes < total_bytes);
    }
    writer.finish().unwrap().1.finish().unwrap();
    let (done_bytes, total_bytes) = progress.bytes();
    assert_eq!(done_bytes, total_bytes);
}

#[test]
fn what_is_stopped_leaves_nothing_in_the_middle_of_writing_and_of_reading_back() {
    let folder = tempfile::tempdir().unwrap();
    let progress = Arc::new(Progress::default());
    let stick = Stick::new(folder.path(), "kend-tovuz", 0, Arc::clone(&progress)).unwrap();
    let mut writer = Writer::new(bundle(100_000), &sign, stick).unwrap();
    for seed in 0..15 {
        writer.put(&segment(seed)).unwrap();
    }
    assert!(names(folder.path()).len() > 1, "the first volume is written, the second begun");
    progress.cancel();
    let stopped = (15..40).find_map(|seed| writer.put(&segment(seed)).err());
    assert!(matches!(stopped, Some(WriteError::Io(_))), "{stopped:?}");
    drop(writer);
    assert_eq!(names(folder.path()), Vec::<String>::new());

    let progress = Arc::new(Progress::default());
    let stick = Stick::new(folder.path(), "kend-tovuz", 0, Arc::clone(&progress)).unwrap();
    let mut writer = Writer::new(bundle(100_000), &sign, stick).unwrap();
    writer.put(&segment(0)).unwrap();
    let (_, stick) = writer.finish().unwrap();
    progress.cancel();
    assert!(matches!(stick.finish(), Err(StickError::File { .. })));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_medium_without_room_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Stick::new(folder.path(), "kend-tovuz", u64::MAX / 4, Arc::default()).err();
    assert!(matches!(refused, Some(StickError::NoRoom { free_bytes, .. }) if free_bytes > 0), "{refused:?}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_medium_that_does_not_keep_what_was_written_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let stick = Stick::new(folder.path(), "kend-tovuz", 0, Arc::default()).unwrap();
    let mut writer = Writer::new(bundle(MAX_VOLUME_BYTES), &sign, stick).unwrap();
    writer.put(&segment(0)).unwrap();
    let (_, stick) = writer.finish().unwrap();
    // As a card does that is smaller than it says.
    let part = folder.path().join(&names(folder.path())[0]);
    let mut bytes = fs::read(&part).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    fs::write(&part, bytes).unwrap();
    assert!(matches!(stick.finish(), Err(StickError::NotReadBack(_))));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_folder_that_is_not_there_is_an_error_and_other_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    assert!(matches!(Stick::new(&gone, "kend-tovuz", 0, Arc::default()), Err(StickError::File { .. })));
    for name in [".kend-old-1.part", "photo.part", ".kend-note", "kend-tovuz-1of1.kendbundle"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    drop(Stick::new(folder.path(), "kend-tovuz", 0, Arc::default()).unwrap());
    assert_eq!(names(folder.path()), [".kend-note", "kend-tovuz-1of1.kendbundle", "photo.part"]);
}
