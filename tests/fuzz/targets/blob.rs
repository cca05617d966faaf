//! Attachments on the disk: whatever lies under a blob's name, what is read is a beginning of what was kept, or an error.
#![no_main]

use std::fs;
use std::io::Read;
use std::sync::LazyLock;

use kend_fuzz::begin_with;
use kend_log::{BlobId, BlobKey};
use kend_store::{BlobFolder, BlobRange};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

const KEY: BlobKey = BlobKey([7; 32]);
/// A few bytes, one chunk to the byte, and one more.
const SIZES: [usize; 4] = [9, 64 * 1024, 64 * 1024 + 1, 2 * 64 * 1024];

static HERE: LazyLock<(TempDir, BlobFolder)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = BlobFolder::beside(&folder.path().join("kend.db")).expect("a folder of blobs");
    (folder, blobs)
});

fn plain(size: usize) -> Vec<u8> {
    (0..size).map(|place| (place * 31 % 251) as u8).collect()
}

fn beginnings() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    let sealed = |size: &usize| {
        let (id, _) = HERE.1.keep(&mut plain(*size).as_slice(), &KEY).expect("it is kept");
        fs::read(HERE.1.path(&id)).expect("it is there")
    };
    ["small", "chunk", "more", "two"].into_iter().zip(SIZES.iter().map(sealed).collect::<Vec<_>>())
}

fuzz_target!(init: begin_with(beginnings()), |bytes: &[u8]| {
    let id = BlobId([1; 32]);
    let path = HERE.1.path(&id);
    fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder");
    fs::write(&path, bytes).expect("a file");
    let whole = plain(2 * 64 * 1024);
    let mut read = Vec::new();
    let ended = HERE.1.open(&id, &KEY).expect("the file is there").read_to_end(&mut read);
    assert!(whole.starts_with(&read), "what was never kept is read");
    assert!(ended.is_err() || SIZES.contains(&read.len()), "a part is taken for the whole");
    // Parts, as a player asks for them: of the same bytes, or an error.
    let (from, most) = match bytes {
        [.., from, most] => (u64::from(*from) << 9, u64::from(*most) << 9),
        _ => (0, 1),
    };
    for size in SIZES {
        let Some(range) = BlobRange::new(size as u64, from, most) else { continue };
        if let Ok(part) = HERE.1.read_range(&id, &KEY, &range) {
            let (from, to) = (range.from() as usize, range.to() as usize);
            assert_eq!(Some(&part[..]), whole.get(from..to), "a part that was never kept is read");
        }
    }
    let hash = BlobId(*blake3::hash(bytes).as_bytes());
    assert_eq!(HERE.1.check(&id).is_ok(), hash == id);
});
