//! `kend bundle`, by running the binary: what it shows of a bundle with a key, without one, and of a broken one.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kend_app::Suggestion;
use kend_bundle::{Bundle, Direction, Record, SealKey, Volumes, Writer, name};
use kend_domain::DeviceId;
use kend_machine::Desktop;
use serde_json::json;

const PASSPHRASE: &str = "üzüm bağı";
const MAKER: [u8; 32] = [3; 32];

/// A new device in a folder, and the key of what is sealed to it.
fn device(folder: &Path) -> SealKey {
    let desktop = Desktop::open(folder.to_owned(), Suggestion::default()).unwrap();
    let request = json!({ "name": "Aynur", "passphrase": PASSPHRASE, "language": "az" });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(desktop.call("create_store", request)).unwrap();
    desktop.seal_key().unwrap()
}

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

/// A bundle of receipts in two or more volumes, sealed to a key.
fn write(folder: &Path, key: &SealKey, volume_bytes: u64) -> Vec<PathBuf> {
    let bundle = Bundle {
        id: [5; 16],
        direction: Direction::ToDevices,
        project: "demo".parse().unwrap(),
        maker: DeviceId::from_bytes([2; 16]),
        maker_key: kend_log::public_key(&MAKER),
        recipients: vec![key.public()],
        volume_bytes,
    };
    let sign = |purpose: &str, message: &[u8]| kend_log::sign(&MAKER, purpose, message);
    let mut writer = Writer::new(bundle, &sign, InMemory::default()).unwrap();
    for number in 0..50 {
        writer.put(&Record::Receipt(vec![number; 4_000])).unwrap();
    }
    let volumes = writer.finish().unwrap().1.0;
    let of = u32::try_from(volumes.len()).unwrap();
    let paths: Vec<PathBuf> = (1..=of).map(|number| folder.join(name::volume("kend-demo", number, of))).collect();
    for (path, volume) in paths.iter().zip(volumes) {
        fs::write(path, volume).unwrap();
    }
    paths
}

fn kend(command: &str, files: &[PathBuf], data: Option<&Path>) -> (Option<i32>, String, String) {
    let mut kend = Command::new(env!("CARGO_BIN_EXE_kend"));
    kend.args(["bundle", command]).args(files).env("KEND_PASSPHRASE", PASSPHRASE);
    if let Some(data) = data {
        kend.arg("--data").arg(data);
    }
    let Output { status, stdout, stderr } = kend.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_bundle_shows_its_contents_to_who_it_is_for_and_its_outside_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("device"), folder.path().join("other"));
    let key = device(&data);
    device(&other);
    let files = write(folder.path(), &key, 100_000);
    assert!(files.len() > 1);
    let (code, out, error) = kend("list", &files, Some(&data));
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("volume 1 of bundle 05050505, to devices") && out.contains("  whole"), "{out}");
    assert_eq!(kend("verify", &files, Some(&data)).0, Some(0));

    let (code, out, _) = kend("list", &files, None);
    assert_eq!(code, Some(0));
    assert!(out.contains(&format!("volume 1 of {}, sealed to 1", files.len())), "{out}");
    assert!(!out.contains("receipt"), "{out}");
    for (command, data, says) in [
        ("list", Some(other.as_path()), "sealed to others"),
        ("verify", Some(other.as_path()), "sealed to others"),
        ("verify", None, "give --data"),
    ] {
        let (code, _, error) = kend(command, &files, data);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_broken_bundle_a_missing_volume_and_another_file_fail_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("device");
    let key = device(&data);
    let files = write(folder.path(), &key, 100_000);
    let (code, out, error) = kend("verify", &files[1..], Some(&data));
    assert_eq!(code, Some(2));
    assert!(out.contains("volumes are missing: 1") && error.contains("volumes are missing: 1"), "{out}{error}");
    let (code, _, error) = kend("verify", &files[..1], Some(&data));
    assert_eq!(code, Some(2));
    assert!(error.contains("the last volumes are missing"), "{error}");

    let whole = fs::read(&files[0]).unwrap();
    fs::write(&files[0], &whole[..whole.len() - 1]).unwrap();
    assert_eq!(kend("list", &files, Some(&data)).0, Some(0), "looking is no check");
    let (code, out, error) = kend("verify", &files, Some(&data));
    assert_eq!(code, Some(2));
    assert!(out.contains("its copy broke off") && error.contains("not whole"), "{out}{error}");

    let note = folder.path().join("note.txt");
    fs::write(&note, "hello").unwrap();
    for data in [None, Some(data.as_path())] {
        let (code, _, error) = kend("list", std::slice::from_ref(&note), data);
        assert_eq!(code, Some(2));
        assert!(error.contains("note.txt") && error.contains("no bundle"), "{error}");
    }
}
