//! Erasure: after it, nothing in the file holds what was erased, and nothing brings it back.

use kend_log::{Op, Reason, Segment, Value};
use kend_store::{Append, Received, StoreError};

use crate::common::{Kit, entry, holds, interview, path, person, set};

const MARKER: &str = "QIRMIZI-NISAN-7341";

fn erase(under: Option<&str>) -> Append {
    entry(vec![Op::Erase { under: under.map(path), reason: Reason::ConsentWithdrawn }])
}

/// A phone whose store holds the marker in an old value, a live value, a set, a draft and what was set aside.
fn marked() -> (Kit, Kit) {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    let mut clone = Kit::new(2);
    tablet.knows(&phone);
    phone.knows(&tablet);
    phone.set("a/quote/7/words", &format!("{MARKER} old"));
    phone.set("a/quote/7/words", &format!("{MARKER} live"));
    phone.set("a/quote/8/words", "stays");
    let add = Op::Add { path: path("a/quote/7/speakers"), element: MARKER.parse().unwrap() };
    phone.store.append(entry(vec![add, set("a/quote/8/note", "stays too")])).unwrap();
    phone.store.keep_draft(interview(), &path("a/quote/7/words"), person(), MARKER).unwrap();
    tablet.pull(&mut phone);
    tablet.set("a/health_level", "2");
    phone.pull(&mut tablet);
    clone.set("a/quote/7/words", &format!("{MARKER} on another branch"));
    let bytes = clone.sent().remove(0);
    assert!(matches!(phone.receive(&bytes).unwrap(), Received::Fork { kept: true, .. }));
    phone.receive(format!("unreadable {MARKER}").as_bytes()).unwrap();
    assert!(holds(&phone.dump(), MARKER));
    (phone, tablet)
}

#[track_caller]
fn assert_clean(kit: &Kit) {
    assert!(!holds(&kit.dump(), MARKER), "a table holds the marker");
}

/// Right after an erasure nothing is left of it in the file's free space and its log either.
#[track_caller]
fn assert_no_traces(kit: &Kit) {
    assert_clean(kit);
    let secure: i64 = kit.store.connection().query_row("PRAGMA secure_delete", [], |row| row.get(0)).unwrap();
    assert_eq!(secure, 1, "deleted bytes are overwritten");
    let log_bytes = std::fs::metadata(kit.file().with_extension("db-wal")).map_or(0, |file| file.len());
    assert_eq!(log_bytes, 0, "the write-ahead log is empty");
}

#[test]
fn no_table_holds_what_was_erased_and_the_log_still_verifies() {
    for under in [None, Some("a/quote/7")] {
        let (mut phone, _tablet) = marked();
        phone.store.append(erase(under)).unwrap();
        assert_no_traces(&phone);
        let state = phone.state();
        assert_eq!(state.live("a/quote/7/words"), []);
        let other = under.map(|_| Value::text("stays"));
        assert_eq!(state.value("a/quote/8/words"), other.as_ref());
        assert_eq!(phone.refold(), state);
        for bytes in phone.sent() {
            Segment::from_bytes(&bytes).unwrap().verify(&phone.store.public_key()).unwrap();
        }
        assert_eq!(phone.store.drafts(interview()).unwrap(), []);
        let phone = phone.reopened();
        assert_eq!(phone.state(), state);
        assert_no_traces(&phone);
    }
}

#[test]
fn an_erasure_that_arrives_clears_the_replica_too_and_late_edits_do_not_revive_it() {
    let (mut phone, mut tablet) = marked();
    phone.store.append(erase(Some("a/quote/7"))).unwrap();
    tablet.set("a/quote/7/words", &format!("{MARKER} edited late"));
    let late = tablet.sent();
    tablet.pull(&mut phone);
    assert_no_traces(&tablet);
    for bytes in late {
        let received = phone.receive(&bytes).unwrap();
        assert!(matches!(received, Received::Appended { .. } | Received::Known { .. }), "{received:?}");
    }
    assert_clean(&phone);
    assert_eq!(phone.state().to_bytes(), tablet.state().to_bytes());
    assert_eq!(phone.reopened().state().to_bytes(), tablet.reopened().state().to_bytes());
}

#[test]
fn a_new_replica_gets_the_log_without_what_was_erased() {
    let (mut phone, tablet) = marked();
    phone.store.append(erase(None)).unwrap();
    let mut hub = Kit::new(3);
    hub.knows(&phone);
    hub.knows(&tablet);
    hub.pull(&mut phone);
    assert_no_traces(&hub);
    assert_eq!(hub.state().to_bytes(), phone.state().to_bytes());
    assert!(hub.state().erased());
}

#[test]
fn nothing_can_be_written_where_content_was_erased() {
    let (mut phone, _tablet) = marked();
    phone.store.append(erase(Some("a/quote/7"))).unwrap();
    let again = phone.store.append(entry(vec![set("a/quote/7/words", "again")]));
    assert!(matches!(again, Err(StoreError::Erased)));
    let draft = phone.store.keep_draft(interview(), &path("a/quote/7/words"), person(), "again");
    assert!(matches!(draft, Err(StoreError::Erased)));
    phone.set("a/quote/8/words", "goes on");
}

#[test]
fn what_was_erased_is_not_kept_aside_when_a_cloned_device_brings_it_later() {
    let (mut phone, tablet) = marked();
    let mut clone = Kit::new(2);
    clone.set("a/quote/7/words", &format!("{MARKER} on the clone"));
    clone.set("a/quote/8/words", "stays");
    phone.knows(&tablet);
    phone.store.append(erase(Some("a/quote/7"))).unwrap();
    for bytes in clone.sent() {
        let received = phone.receive(&bytes).unwrap();
        assert!(matches!(received, Received::Fork { kept: true, .. }), "{received:?}");
        assert_eq!(phone.receive(&bytes).unwrap(), received, "the same bytes are kept once");
    }
    assert_clean(&phone);
    let mut statement = phone.store.connection().prepare("SELECT raw FROM quarantine").unwrap();
    let kept = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let kept: Vec<Segment> = kept.map(|raw| Segment::from_bytes(&raw.unwrap()).unwrap()).collect();
    assert!(kept.iter().all(|segment| segment.verify(&clone.store.public_key()).is_ok()));
    assert_eq!(kept.iter().flat_map(Segment::entries).flat_map(kend_log::Entry::ops).count(), 1, "only what stays");
}
