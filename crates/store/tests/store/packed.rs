//! Segments that are passed on as they came.

use kend_log::{Op, Reason, Segment};
use kend_store::{Addressee, Append, Received};

use crate::common::{Kit, entry, path, scope, set};

const MARKER: &str = "QIRMIZI-NISAN-7341";

fn erase(under: Option<&str>) -> Append {
    entry(vec![Op::Erase { under: under.map(path), reason: Reason::ConsentWithdrawn }])
}

/// A hub that has three segments of a phone as they came: the first whole, the others after the entry before.
fn passed() -> (Kit, Kit, Vec<Vec<u8>>) {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.store.pass_on().unwrap();
    hub.knows(&phone);
    phone.knows(&hub);
    let mut came = Vec::new();
    for (number, words) in (0_u8..).zip(["stays", MARKER, "stays too"]) {
        let ops = vec![set(&format!("a/quote/{number}/words"), words)];
        phone.store.append(Append { salt: [number; 16], ..entry(ops) }).unwrap();
        let bytes = phone.sent_after(number.into(), Addressee::Holder).remove(0);
        assert!(matches!(hub.receive(&bytes).unwrap(), Received::Appended { entries: 1, .. }));
        came.push(bytes);
    }
    (phone, hub, came)
}

fn passed_on(hub: &mut Kit, addressee: Addressee) -> Vec<Vec<u8>> {
    let page = hub.store.segments_after(&scope(), 0, None, usize::MAX, addressee).unwrap();
    page.segments.into_iter().map(|segment| segment.bytes).collect()
}

fn kept(kit: &Kit) -> Vec<u64> {
    let mut statement = kit.store.connection().prepare("SELECT last_seq FROM packed ORDER BY log, last_seq").unwrap();
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    rows.map(|seq| seq.unwrap().cast_unsigned()).collect()
}

#[test]
fn a_segment_is_passed_on_in_the_bytes_in_which_it_came() {
    let (phone, mut hub, came) = passed();
    assert_eq!(kept(&hub), [1, 2, 3]);
    assert_eq!(passed_on(&mut hub, Addressee::Holder), came);
    let whole = passed_on(&mut hub, Addressee::Anybody);
    assert_eq!(whole.len(), 3);
    for bytes in whole {
        Segment::from_bytes(&bytes).unwrap().verify(&phone.store.public_key()).unwrap();
    }
    assert_eq!(hub.store.verify().unwrap().segments, 3);
    let mut hub = hub.reopened();
    assert_eq!(passed_on(&mut hub, Addressee::Holder), came);
}

#[test]
fn what_it_signs_itself_is_kept_too() {
    let (_, mut hub, came) = passed();
    hub.set("a/review", "bir");
    passed_on(&mut hub, Addressee::Holder);
    hub.set("a/review", "iki");
    assert_eq!(passed_on(&mut hub, Addressee::Holder).len(), came.len() + 2);
    assert_eq!(kept(&hub).len(), came.len() + 2);
    hub.store.verify().unwrap();
}

#[test]
fn who_does_not_pass_on_keeps_no_bytes() {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    tablet.knows(&phone);
    phone.set("a/note", "bir");
    tablet.pull(&mut phone);
    assert_eq!((kept(&phone), kept(&tablet)), (vec![], vec![]));
}

#[test]
fn the_bytes_of_a_segment_go_with_the_first_thing_in_it_that_is_erased_and_others_stay() {
    for by_order in [false, true] {
        let (mut phone, mut hub, came) = passed();
        if by_order {
            phone.store.append(erase(Some("a/quote/1"))).unwrap();
            hub.receive(&phone.sent_after(3, Addressee::Holder).remove(0)).unwrap();
        } else {
            hub.store.append(erase(Some("a/quote/1"))).unwrap();
        }
        assert!(!kept(&hub).contains(&2) && kept(&hub).contains(&1) && kept(&hub).contains(&3), "{:?}", kept(&hub));
        let passed_on = passed_on(&mut hub, Addressee::Anybody);
        for bytes in &passed_on {
            assert!(!format!("{:?}", Segment::from_bytes(bytes).unwrap()).contains(MARKER));
        }
        hub.store.verify().unwrap();
        // What comes again is not kept with what was erased.
        assert!(matches!(hub.receive(&came[1]).unwrap(), Received::Known { .. }));
        assert!(!kept(&hub).contains(&2));
    }
}

#[test]
fn bytes_with_what_was_erased_before_they_came_are_not_kept() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.store.pass_on().unwrap();
    hub.knows(&phone);
    hub.set("m/village", "Dondar");
    hub.store.append(erase(Some("a/quote"))).unwrap();
    phone.set("a/quote/7/words", MARKER);
    hub.receive(&phone.sent().remove(0)).unwrap();
    let of_phone = "SELECT count(*) FROM packed p JOIN log l ON l.no = p.log WHERE l.device = ?1";
    let count: i64 =
        hub.store.connection().query_row(of_phone, [phone.store.device().as_bytes()], |row| row.get(0)).unwrap();
    assert_eq!(count, 0);
    for bytes in passed_on(&mut hub, Addressee::Holder) {
        assert!(!format!("{:?}", Segment::read(&bytes, |_, _, _| Ok::<_, ()>(None)).unwrap()).contains(MARKER));
    }
}

#[test]
fn damaged_bytes_are_not_passed_on_and_wrong_ones_are_found() {
    let (_, mut hub, came) = passed();
    hub.store.connection().execute("UPDATE packed SET bytes = zeroblob(9) WHERE last_seq = 2", []).unwrap();
    assert_eq!(passed_on(&mut hub, Addressee::Holder), came, "it is put together again");
    let sql =
        "UPDATE packed SET (digest, bytes) = (SELECT digest, bytes FROM packed WHERE last_seq = 3) WHERE last_seq = 2";
    hub.store.connection().execute(sql, []).unwrap();
    assert!(hub.store.verify().unwrap_err().to_string().contains("a segment as it came"));
}

#[test]
fn the_bytes_go_with_an_area_that_is_left() {
    let (_, hub, _) = passed();
    hub.store.connection().execute_batch("DELETE FROM segment").unwrap();
    assert_eq!(kept(&hub), Vec::<u64>::new());
}
