//! `kend index build` killed while it runs, and run again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn kend() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kend"))
}

/// Every file below a folder, by its path there, with its bytes.
fn files(folder: &Path, below: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path, below));
        } else {
            all.push((path.strip_prefix(below).unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn a_build_that_is_killed_goes_on_and_gives_the_same_bytes() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    let made = kend().args(["index", "synth", "--cell-m", "2000"]).arg(at("country")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let build = |out: &str| {
        let mut command = kend();
        command.args(["index", "build"]).arg(at("country")).arg("--out").arg(at(out));
        command
    };
    let whole = build("whole").arg("--quiet").output().unwrap();
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    assert!(whole.stderr.is_empty(), "quiet");
    assert!(String::from_utf8_lossy(&whole.stdout).starts_with("SYNTHETIC"));

    for step in ["people", "row 12,", "row 42,", "gaps", "result"] {
        let mut running = build("killed").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(running.stderr.take().unwrap()).lines();
        let reached = lines.map(Result::unwrap).any(|line| line.contains(step));
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(reached, "{step}");
    }
    assert!(build("killed").arg("--quiet").status().unwrap().success());
    let (whole, killed) = (files(&at("whole"), &at("whole")), files(&at("killed"), &at("killed")));
    let names = |files: &[(PathBuf, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&whole), names(&killed));
    for ((path, whole), (_, killed)) in whole.iter().zip(&killed) {
        assert!(whole == killed, "{} differs", path.display());
    }
}

#[test]
fn bad_input_is_one_line_with_exit_code_two_and_makes_no_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let folder = scratch.path().join("country");
    assert!(kend().args(["index", "init"]).arg(&folder).status().unwrap().success());
    let refused = kend().args(["index", "build"]).arg(&folder).arg("--out").arg(&out).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("[zones]"), "{said}");
    assert!(!out.exists());
}

#[test]
fn a_report_is_made_again_from_the_result_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    assert!(kend().args(["index", "synth", "--cell-m", "5000"]).arg(at("country")).status().unwrap().success());
    let built =
        kend().args(["index", "build", "--quiet"]).arg(at("country")).arg("--out").arg(at("out")).output().unwrap();
    assert!(String::from_utf8_lossy(&built.stdout).contains("report.ru.html"));
    let report = |folder: &str| {
        let mut command = kend();
        command.args(["index", "report", "--language", "ru"]).arg(at(folder)).arg("--out").arg(at("again.html"));
        command.output().unwrap()
    };
    assert_eq!(report("country").status.code(), Some(2), "a project is no result");
    assert!(!at("again.html").exists());
    assert!(report("out").status.success());
    assert!(fs::read(at("again.html")).unwrap() == fs::read(at("out/report.ru.html")).unwrap());
}
