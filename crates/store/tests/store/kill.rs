//! A process that is killed at any moment loses nothing that it had said was kept.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use kend_store::Store;

use crate::common::{entry, interview, key, path, person, set};

const STORE_VARIABLE: &str = "KEND_KILL_TEST_STORE";
const ROUNDS: usize = 12;

/// The process that is killed: it keeps answers and drafts and says so on standard output, and does nothing when the
/// tests run it by themselves.
#[test]
fn child_that_keeps_until_it_is_killed() {
    let Some(file) = std::env::var_os(STORE_VARIABLE) else { return };
    let mut store = Store::open(file.as_ref(), &key(), &[]).unwrap();
    let mut out = std::io::stdout();
    for number in 0_u32.. {
        let kept =
            store.append(entry(vec![set(&format!("a/q_{}", number % 40), &format!("{number} {}", "x".repeat(300)))]));
        writeln!(out, "entry {}", kept.unwrap().dot.seq).unwrap();
        store.keep_draft(interview(), &path("a/notes"), person(), &"x".repeat(number as usize % 400)).unwrap();
        writeln!(out, "draft {}", number as usize % 400).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_had_said_was_kept() {
    let kit = crate::common::Kit::new(1);
    let file = kit.file();
    let crate::common::Kit { store, folder: _folder } = kit;
    drop(store);
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child_that_keeps_until_it_is_killed", "--nocapture"])
            .env(STORE_VARIABLE, &file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut draft = None;
        // Killed after another number of lines each time, in the middle of whatever comes next.
        let mut take = |line: String| {
            if let Some(seq) = line.strip_prefix("entry ") {
                acknowledged = seq.parse().unwrap();
            }
            if let Some(length) = line.strip_prefix("draft ") {
                draft = Some(length.parse::<usize>().unwrap());
            }
        };
        lines.by_ref().take(20 + round * 17).for_each(&mut take);
        child.kill().unwrap();
        // What it had said before it died counts too.
        lines.for_each(&mut take);
        child.wait().unwrap();

        let store = Store::open(&file, &key(), &[]).unwrap();
        let head = &store.logs().unwrap()[0];
        assert!(head.seq >= acknowledged, "round {round}: {} of {acknowledged}", head.seq);
        assert!(head.seq <= acknowledged + 1);
        let state = store.entity(interview()).unwrap().unwrap();
        assert_eq!(u64::try_from(state.entries()).unwrap(), head.seq);
        let refold = kend_log::EntityState::fold(interview(), &store.history(interview()).unwrap());
        assert_eq!(*state, refold);
        let kept = store.drafts(interview()).unwrap()[0].text.len();
        let draft = draft.unwrap();
        assert!(kept == draft || kept == (draft + 1) % 400, "round {round}: {kept}, {draft}");
        store.check().unwrap();
    }
    assert!(acknowledged > 100);
}
