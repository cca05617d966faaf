//! The file system that sticks have. The kernel here may not mount it, so an image is filled by `mtools`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{read, write};

const IMAGE_BYTES: usize = 34 * 1024 * 1024;
/// Of a cluster on the image: eight sectors.
const CLUSTER_BYTES: usize = 4096;

#[track_caller]
fn run(program: &str, image: &Path, arguments: &[&str]) {
    let status = Command::new(program).arg("-i").arg(image).args(arguments).stderr(Stdio::inherit()).status();
    assert!(status.unwrap().success(), "{program} {arguments:?}");
}

/// The file as it comes back from an image.
fn back(image: &Path, name: &str, to: &Path) -> Vec<u8> {
    let _ = fs::remove_file(to);
    run("mcopy", image, &[&format!("::{name}"), to.to_str().unwrap()]);
    fs::read(to).unwrap()
}

fn place_of(image: &[u8], piece: &[u8]) -> usize {
    (0..image.len()).step_by(512).find(|place| image[*place..].starts_with(piece)).unwrap()
}

#[test]
fn a_fat32_image_gives_a_volume_back_and_its_prefix_when_the_stick_was_pulled_out() {
    if Command::new("mformat").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("left out: mtools is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), 1_000_000, 60);
    let (volume, name) = (fs::read(&paths[0]).unwrap(), paths[0].file_name().unwrap().to_str().unwrap());
    let (image, copy) = (folder.path().join("stick.img"), folder.path().join("copy"));
    fs::write(&image, vec![0; IMAGE_BYTES]).unwrap();
    run("mformat", &image, &["-F", "-c", "1", "::"]);
    run("mcopy", &image, &[paths[0].to_str().unwrap(), "::"]);
    assert_eq!(back(&image, name, &copy), volume, "{name}");
    assert_eq!(read(&volume), (60, true));

    // Pulled out: the table says that the file is whole, but its last clusters were never written.
    let mut stick = fs::read(&image).unwrap();
    let begin = place_of(&stick, &volume[..512]);
    for written in [volume.len() / 4, volume.len() / 2, volume.len() - CLUSTER_BYTES] {
        let mut pulled = stick.clone();
        let end = begin + volume.len();
        assert_eq!(pulled[begin..end], volume, "the file lies in one piece");
        pulled[begin + written..end].fill(0);
        fs::write(&image, &pulled).unwrap();
        let (records, whole) = read(&back(&image, name, &copy));
        assert!(!whole);
        let sealed_pieces = u64::try_from(written).unwrap() / 65_552;
        assert!(records >= (sealed_pieces * 65_536).saturating_sub(20_000) / 10_045, "{records} of {written}");
    }

    // A card that rots.
    stick[begin + volume.len() / 2] ^= 0x10;
    fs::write(&image, &stick).unwrap();
    let (records, whole) = read(&back(&image, name, &copy));
    assert!(records > 10 && !whole, "{records}");
}
