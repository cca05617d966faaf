//! The example interviews are held by the real binary on a real device.

#![expect(clippy::expect_used, reason = "a test fails loudly")]

use std::path::Path;
use std::process::{Command, Output};

const PASSPHRASE: &str = "üzüm bağı";

fn hold(folder: &Path) -> Output {
    let arguments = ["demo", "interviews", "--passphrase", PASSPHRASE, "--hold"];
    Command::new(env!("CARGO_BIN_EXE_kend")).args(arguments).arg(folder).output().expect("the binary runs")
}

#[test]
fn the_examples_pass_their_instruments_and_are_never_held_twice_on_one_device() {
    let folder = tempfile::tempdir().unwrap();
    let first = hold(folder.path());
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(String::from_utf8_lossy(&first.stdout), "3 example interviews held and signed off\n");
    let key = std::fs::read(folder.path().join("kend.key")).unwrap();

    let second = hold(folder.path());
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("AlreadyExists"));
    assert_eq!(std::fs::read(folder.path().join("kend.key")).unwrap(), key);
}
