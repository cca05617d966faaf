//! A process killed in the middle of writing, as when the battery ends.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use kend_bundle::Writer;
use kend_stick::Stick;

use crate::{bundle, names, segment, sign, write};

const FOLDER: &str = "KEND_TEST_STICK";

/// Not a test of its own: the process that the test beside kills. Without its folder it has nothing to do.
#[test]
fn a_process_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let stick = Stick::new(&folder, "kend-killed", 0, Arc::default()).unwrap();
    let mut writer = Writer::new(bundle(300_000), &sign, stick).unwrap();
    for seed in 0.. {
        writer.put(&segment(seed)).unwrap();
    }
}

#[test]
fn what_a_killed_run_left_has_no_name_and_the_next_run_removes_it() {
    let folder = tempfile::tempdir().unwrap();
    for volumes in [1, 3] {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::a_process_that_writes_until_it_is_killed"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while names(folder.path()).iter().filter(|name| name.starts_with(".kend-kend-killed")).count() < volumes {
            assert!(process.try_wait().unwrap().is_none());
            std::thread::yield_now();
        }
        process.kill().unwrap();
        process.wait().unwrap();
        let left = names(folder.path());
        assert!(left.iter().any(|name| name.starts_with(".kend-kend-killed")), "{left:?}");
        assert!(!left.iter().any(|name| name.starts_with("kend-killed")), "{left:?}");
        write(folder.path(), 100_000, 3);
        assert_eq!(names(folder.path()), ["kend-tovuz-1of1.kendbundle"]);
    }
}
