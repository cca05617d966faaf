//! `kend pack` as an office uses it.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a step that fails fails the test")]

use std::path::Path;
use std::process::{Command, Output};

fn kend(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kend")).arg("pack").args(arguments).output().unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn an_office_makes_a_key_signs_a_pack_and_everybody_sees_whose_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| path(folder.path(), name);
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/demo/demo.kendpack");
    assert!(said(&kend(&["show", demo])).contains("signed by nobody"));
    let made = said(&kend(&["key", "--out", &of("office.key")]));
    let print = made.trim().rsplit(": ").next().unwrap().to_owned();
    assert!(!kend(&["key", "--out", &of("office.key")]).status.success(), "a key is never overwritten");
    let sign = ["sign", demo, "--key", &of("office.key"), "--name", "Office", "--out", &of("signed.kendpack")];
    said(&kend(&sign));
    let shown = said(&kend(&["show", &of("signed.kendpack")]));
    assert!(shown.contains(&format!("signed by Office, key {print}")), "{shown}");
    let once = std::fs::read(of("signed.kendpack")).unwrap();
    said(&kend(&sign));
    assert_eq!(std::fs::read(of("signed.kendpack")).unwrap(), once, "the same pack and key give the same bytes");
}

#[test]
fn what_is_no_pack_or_no_key_is_named_with_exit_code_2_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| path(folder.path(), name);
    std::fs::write(of("wrong.key"), "abc").unwrap();
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/demo/demo.kendpack");
    let cases = [
        (vec!["show".to_owned(), of("wrong.key")], "unknown format"),
        (vec!["show".to_owned(), of("nothing")], "can't read"),
        (
            ["sign", demo, "--key", &of("wrong.key"), "--name", "Office", "--out", &of("out")]
                .map(str::to_owned)
                .to_vec(),
            "64 hex digits",
        ),
    ];
    for (arguments, expected) in cases {
        let output = kend(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    assert!(!folder.path().join("out").exists());
}
