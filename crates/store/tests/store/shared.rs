//! A copy of the store elsewhere: it is given what changed, and is the same in all that can be asked.

use kend_domain::DeviceId;
use kend_log::{Entry, LogId, Op, Reason, Segment};
use kend_store::{Addressee, Change, StoreError};

use crate::common::{Kit, entry, holds, interview, path, person, scope, set};

const MARKER: &str = "QIRMIZI-NISAN-7341";

/// Two files of one device, both watched.
fn two_of_one() -> (Kit, Kit) {
    let (mut first, mut second) = (Kit::new(3), Kit::new(3));
    first.store.watch(&[]).unwrap();
    second.store.watch(&[]).unwrap();
    (first, second)
}

/// All that changed, in the order in which it changed.
fn changes(kit: &mut Kit) -> Vec<Change> {
    kit.store.begin().unwrap();
    let changes = kit.store.changes(usize::MAX).unwrap();
    kit.store.commit().unwrap();
    changes
}

fn put(kit: &mut Kit, changes: &[Change]) {
    kit.store.begin_copying().unwrap();
    for change in changes {
        match change {
            Change::Row(row) => kit.store.put_row(row).unwrap(),
            Change::Segment { bytes, .. } => kit.store.put_segment(bytes).unwrap(),
        }
    }
    kit.store.commit().unwrap();
}

#[track_caller]
fn assert_same(first: &mut Kit, second: &mut Kit) {
    assert_eq!(first.state().to_bytes(), second.state().to_bytes());
    assert_eq!(first.store.logs().unwrap(), second.store.logs().unwrap());
    assert_eq!(first.store.digest(&scope()).unwrap(), second.store.digest(&scope()).unwrap());
    let page = |kit: &mut Kit| kit.store.segments_after(&scope(), 0, None, usize::MAX, Addressee::Anybody).unwrap();
    assert_eq!(page(first), page(second));
    assert_eq!(first.store.known_devices().unwrap(), second.store.known_devices().unwrap());
    assert_eq!(first.store.quarantined().unwrap(), second.store.quarantined().unwrap());
    assert_eq!(first.store.drafts(interview()).unwrap(), second.store.drafts(interview()).unwrap());
    assert_eq!(first.store.erasures_after(0).unwrap(), second.store.erasures_after(0).unwrap());
    second.store.verify().unwrap();
}

/// A day: a device's work, a review of the own log, a draft, something set aside.
fn work(first: &mut Kit) -> Kit {
    let mut phone = Kit::new(1);
    first.knows(&phone);
    phone.set("a/quote/7/words", MARKER);
    phone.set("a/health_level", "3");
    first.pull(&mut phone);
    first.set("a/health_level", "2");
    first.store.keep_draft(interview(), &path("a/notes"), person(), "half").unwrap();
    first.receive(b"unreadable").unwrap();
    first.store.set_setting("person", &"Aysel").unwrap();
    first.store.put_document("pack", b"pack").unwrap();
    phone
}

#[test]
fn a_copy_that_is_given_each_change_is_the_same_and_notes_nothing_itself() {
    let (mut first, mut second) = two_of_one();
    let mut phone = work(&mut first);
    put(&mut second, &changes(&mut first));
    assert_same(&mut first, &mut second);
    assert_eq!(changes(&mut second), []);
    assert_eq!(changes(&mut first), []);
    second.store.keep_draft(interview(), &path("a/notes"), person(), "whole").unwrap();
    second.store.remove_setting("person").unwrap();
    phone.set("a/health_level", "1");
    second.pull(&mut phone);
    put(&mut first, &changes(&mut second));
    assert_same(&mut first, &mut second);
    assert_eq!(first.store.setting::<String>("person").unwrap(), None);
}

#[test]
fn a_copy_from_the_start_is_the_same_also_after_it_is_cleared() {
    let (mut first, mut second) = two_of_one();
    work(&mut first);
    changes(&mut first);
    for _ in 0..2 {
        first.store.begin().unwrap();
        first.store.note_all().unwrap();
        let mut all = Vec::new();
        loop {
            let some = first.store.changes(1).unwrap();
            assert!(some.len() <= 1);
            if some.is_empty() {
                break;
            }
            all.extend(some);
        }
        first.store.commit().unwrap();
        put(&mut second, &all);
        assert_same(&mut first, &mut second);
        second.store.begin_copying().unwrap();
        second.store.clear().unwrap();
        assert_eq!(second.store.logs().unwrap(), []);
        second.store.commit().unwrap();
    }
}

#[test]
fn an_erasure_tells_of_the_segments_that_hold_less_now() {
    let (mut first, mut second) = two_of_one();
    let phone = work(&mut first);
    put(&mut second, &changes(&mut first));
    let erasure = vec![Op::Erase { under: Some(path("a/quote/7")), reason: Reason::ConsentWithdrawn }];
    first.store.append(entry(erasure)).unwrap();
    let noted = changes(&mut first);
    let segments_of = |device: DeviceId, before: bool| {
        let is = |change: &&Change| matches!(change, Change::Segment { erased, log, .. } if *erased == before && log.device == device);
        noted.iter().filter(is).count()
    };
    assert_eq!(segments_of(phone.store.device(), true), 1, "what was there holds less");
    assert_eq!(segments_of(first.store.device(), false), 1, "the erasure itself is new");
    for change in &noted {
        assert!(!holds(format!("{change:?}").as_bytes(), MARKER));
    }
    put(&mut second, &noted);
    assert_same(&mut first, &mut second);
    assert!(!holds(&second.dump(), MARKER));
}

#[test]
fn what_is_undone_is_neither_there_nor_noted() {
    let (mut first, mut second) = two_of_one();
    work(&mut first);
    put(&mut second, &changes(&mut first));
    first.store.begin().unwrap();
    first.set("a/health_level", "0");
    first.store.set_setting("person", &"Orxan").unwrap();
    let refused: Result<(), StoreError> = first.store.transaction(|tables| {
        tables.execute("DELETE FROM setting", []).map_err(StoreError::from)?;
        Err(StoreError::NotSeen)
    });
    assert!(refused.is_err() && first.store.is_begun());
    assert_eq!(first.store.setting::<String>("person").unwrap().as_deref(), Some("Orxan"));
    first.store.roll_back();
    assert_same(&mut first, &mut second);
    assert_eq!(changes(&mut first), []);
    first.set("a/health_level", "1");
    put(&mut second, &changes(&mut first));
    assert_same(&mut first, &mut second);
}

#[test]
fn rows_may_come_in_any_order_and_take_each_others_places() {
    let (mut first, mut second) = two_of_one();
    work(&mut first);
    put(&mut second, &changes(&mut first));
    let log = LogId { device: first.store.device(), scope: scope() };
    assert_eq!(second.store.log_head(&log).unwrap(), first.store.log_head(&log).unwrap());
    first.store.begin().unwrap();
    first.store.note_all().unwrap();
    let mut rows = first.store.changes(usize::MAX).unwrap();
    first.store.commit().unwrap();
    rows.retain(|change| matches!(change, Change::Row(_)));
    rows.reverse();
    put(&mut second, &rows);
    assert_same(&mut first, &mut second);
    let nonsense = kend_store::SharedRow { table: "entry".to_owned(), key: Vec::new(), columns: None };
    second.store.begin_copying().unwrap();
    assert!(second.store.put_row(&nonsense).is_err());
    second.store.roll_back();
    first.store.set_setting("person", &set("a/b", "c").path().map(ToString::to_string)).unwrap();
    put(&mut second, &changes(&mut first));
    assert_same(&mut first, &mut second);
}

#[test]
fn a_segment_that_came_in_is_told_as_it_came_unless_something_of_it_was_erased_meanwhile() {
    let (mut first, mut second) = two_of_one();
    let mut phone = Kit::new(1);
    first.knows(&phone);
    phone.set("a/quote/7/words", MARKER);
    phone.set("a/health_level", "3");
    let sent = phone.sent();
    put(&mut second, &changes(&mut first));
    let segments = |changes: &[Change]| -> Vec<Vec<u8>> {
        let bytes =
            |change: &Change| if let Change::Segment { bytes, .. } = change { Some(bytes.clone()) } else { None };
        changes.iter().filter_map(bytes).collect()
    };
    first.store.begin().unwrap();
    for bytes in &sent {
        first.receive(bytes).unwrap();
    }
    let told = first.store.changes(usize::MAX).unwrap();
    first.store.roll_back();
    assert_eq!(segments(&told), sent);

    first.store.begin().unwrap();
    for bytes in &sent {
        first.receive(bytes).unwrap();
    }
    let under = Some(path("a/quote/7"));
    first.store.append(entry(vec![Op::Erase { under, reason: Reason::ConsentWithdrawn }])).unwrap();
    let told = first.store.changes(usize::MAX).unwrap();
    first.store.commit().unwrap();
    for bytes in segments(&told) {
        let segment = Segment::from_bytes(&bytes).unwrap();
        let paths: Vec<_> = segment.entries().iter().flat_map(Entry::ops).filter_map(Op::path).collect();
        assert!(!paths.contains(&&path("a/quote/7/words")), "{paths:?}");
    }
    put(&mut second, &told);
    assert_same(&mut first, &mut second);
}

#[test]
fn what_is_written_while_reading_is_undone_and_an_error() {
    let (mut kit, _) = two_of_one();
    let there = |kit: &Kit| kit.store.setting::<bool>("planted").unwrap();
    kit.store.begin_reading().unwrap();
    assert_eq!(there(&kit), None);
    kit.store.end_reading().unwrap();
    kit.store.begin_reading().unwrap();
    kit.store.connection().execute("INSERT INTO setting (key, value) VALUES ('planted', 'true')", []).unwrap();
    assert!(matches!(kit.store.end_reading(), Err(StoreError::WroteWhileReading)));
    assert_eq!(there(&kit), None);
    assert!(changes(&mut kit).iter().all(|change| !matches!(change, Change::Row(row) if row.table == "setting")));
}
