//! A copy of a store in use, and all that a store holds looked at again.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use kend_store::{OpenError, Store, StoreError};

use crate::common::{Kit, holds, interview, key, set};

#[test]
fn a_copy_made_while_another_process_writes_is_whole_encrypted_and_of_one_moment() {
    let mut kit = Kit::new(1);
    for number in 0..200 {
        kit.set(&format!("a/notes_{number}"), &"uzun qeyd ".repeat(50));
    }
    let stop = AtomicBool::new(false);
    let copies = tempfile::tempdir().unwrap();
    let file = kit.file();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut other = Store::open(&file, &key(), &[]).unwrap();
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                // Two paths in one entry: a copy that tore would have one without the other.
                let ops = vec![set("a/left", &number.to_string()), set("a/right", &number.to_string())];
                other.append(crate::common::entry(ops)).unwrap();
            }
        });
        for number in 0..10 {
            let copy = copies.path().join(format!("{number}.db"));
            kit.store.copy_to(&copy, &key()).unwrap();
            assert!(!copies.path().join(format!("{number}.db-wal")).exists());
            assert!(!holds(&fs::read(&copy).unwrap(), "qeyd"));
            let opened = Store::open(&copy, &key(), &[]).unwrap();
            opened.verify().unwrap();
            let state = opened.entity(interview()).unwrap().unwrap();
            assert_eq!(state.value("a/left"), state.value("a/right"));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let again = kit.store.copy_to(&copies.path().join("0.db"), &key());
    assert!(matches!(again, Err(OpenError::Exists)), "{again:?}");
}

#[test]
fn a_store_that_wrote_received_and_erased_is_found_whole() {
    let (mut aysel, mut rauf) = (Kit::new(1), Kit::new(2));
    aysel.knows(&rauf);
    aysel.set("a/note", "bir");
    aysel.sent();
    aysel.set("a/note", "iki");
    rauf.set("a/note", "üç");
    aysel.pull(&mut rauf);
    let erase = kend_log::Op::Erase { under: Some("a".parse().unwrap()), reason: kend_log::Reason::ConsentWithdrawn };
    aysel.store.append(crate::common::entry(vec![erase])).unwrap();
    let verified = aysel.store.verify().unwrap();
    assert_eq!((verified.entries, verified.entities), (4, 1));
    assert_eq!(verified.segments, 2, "what waits for its signature is no segment yet");
}

#[test]
fn whatever_is_changed_in_the_tables_is_found_and_named() {
    for (sql, found) in [
        ("UPDATE segment SET signature = zeroblob(64)", "a signature"),
        ("DELETE FROM segment WHERE first_seq = 1", "a segment is missing"),
        ("UPDATE entry SET hash = zeroblob(32) WHERE seq = 3", "a chain"),
        ("DELETE FROM live", "the projection"),
        ("UPDATE live SET seq = 1", "the projection"),
        ("DELETE FROM contributor", "the projection"),
        ("UPDATE entry SET slots = (SELECT slots FROM entry WHERE seq = 1) WHERE seq = 3", "a chain"),
    ] {
        let mut kit = Kit::new(1);
        kit.set("a/first", "bir");
        kit.sent();
        kit.set("a/second", "iki");
        kit.sent();
        kit.set("a/third", "üç");
        kit.store.verify().unwrap();
        kit.store.connection().execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
        let damage = kit.store.verify();
        assert!(matches!(&damage, Err(StoreError::Damaged(what)) if what == found), "{sql}: {damage:?}");
    }
}
