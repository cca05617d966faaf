//! `kend index init`, by running the binary.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

#[expect(clippy::unwrap_used, reason = "a binary that cannot be run fails the test")]
fn kend(command: &str, folder: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kend")).args(["index", command]).arg(folder).args(options).output().unwrap()
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_project_folder_is_made_once() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("office");
    let first = kend("init", &folder, &[]);
    assert!(first.status.success(), "{}", told(&first.stderr));
    assert!(told(&first.stdout).contains("index.toml"));
    fs::write(folder.join("names.csv"), "mine").unwrap();
    let second = kend("init", &folder, &[]);
    assert_eq!(second.status.code(), Some(2));
    assert!(told(&second.stderr).contains("is there already and not empty; nothing in it was changed"));
    assert_eq!(fs::read_to_string(folder.join("names.csv")).unwrap(), "mine");
}
