//! Orders and receipts: once each, durable, and nothing that an order took away comes back.

use kend_log::{ChainHash, Op, Reason};
use kend_store::{KeptReceipt, StoreError};

use crate::common::{Kit, entry, holds, interview, path, scope, set};

const MARKER: &str = "QIRMIZI-NISAN-9112";

fn receipt(seq: u64, epoch: u8, server_ms: i64) -> KeptReceipt {
    KeptReceipt { seq, epoch: [epoch; 16], server_ms, bytes: vec![epoch] }
}

#[test]
fn an_ordered_erasure_leaves_nothing_in_the_file_and_the_projection_is_that_of_the_log() {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    phone.knows(&tablet);
    tablet.set("a/quote/7/words", MARKER);
    tablet.set("a/quote/8/words", "stays");
    phone.pull(&mut tablet);
    phone.set("a/quote/7/words", &format!("{MARKER} again"));
    let under = path("a/quote/7");
    phone.store.obey_erasure(1, interview(), Some(&under), Reason::MustNotBeKept).unwrap();
    assert!(!holds(&phone.dump(), MARKER));
    let log_bytes = std::fs::metadata(phone.file().with_extension("db-wal")).map_or(0, |file| file.len());
    assert_eq!(log_bytes, 0, "the write-ahead log is empty");
    assert_eq!(phone.state(), phone.refold());
    assert_eq!(phone.state().live("a/quote/8/words").len(), 1);
    let again = phone.store.append(entry(vec![set("a/quote/7/words", "revived")]));
    assert!(matches!(again, Err(StoreError::Erased)));
    // The same order again, after a stop: nothing moves.
    phone.store.obey_erasure(1, interview(), None, Reason::MustNotBeKept).unwrap();
    assert_eq!(phone.state().live("a/quote/8/words").len(), 1);
    assert_eq!(phone.reopened().store.orders_done().unwrap(), 1);
}

#[test]
fn what_an_order_erased_before_it_came_arrives_without_its_content() {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    phone.knows(&tablet);
    tablet.set("a/quote/7/words", MARKER);
    phone.store.obey_erasure(1, interview(), None, Reason::ConsentWithdrawn).unwrap();
    phone.pull(&mut tablet);
    assert!(!holds(&phone.dump(), MARKER));
    assert_eq!(phone.state().live("a/quote/7/words"), []);
    assert_eq!(phone.store.erasures_after(0).unwrap().len(), 1);
}

#[test]
fn a_rebuilt_projection_is_byte_for_byte_the_one_before() {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    phone.knows(&tablet);
    tablet.knows(&phone);
    for round in 0..4 {
        phone.set("a/health_notes", &format!("phone {round}"));
        tablet.set("a/health_notes", &format!("tablet {round}"));
        let add = Op::Add { path: path("a/tags"), element: format!("tag-{round}").parse().unwrap() };
        phone.store.append(entry(vec![add])).unwrap();
        phone.pull(&mut tablet);
        if round % 2 == 0 {
            tablet.pull(&mut phone);
        }
    }
    let half_way = phone.store.digest(&scope()).unwrap();
    phone.set("a/health_notes", "last");
    assert_ne!(phone.store.digest(&scope()).unwrap(), half_way);
    let (before, dump) = (phone.state().to_bytes(), phone.dump());
    assert_eq!(phone.store.rebuild().unwrap(), 1);
    assert_eq!(phone.state().to_bytes(), before);
    let mut phone = phone.reopened();
    assert_eq!(phone.state().to_bytes(), before);
    assert_eq!(phone.dump().len(), dump.len(), "as many rows as before");
    let kept_up = phone.store.digest(&scope()).unwrap();
    phone.store.rebuild_scope(&scope()).unwrap();
    assert_eq!(
        phone.store.digest(&scope()).unwrap(),
        kept_up,
        "the sum kept up change by change is the one counted anew"
    );
    tablet.pull(&mut phone);
    assert_eq!(tablet.store.digest(&scope()).unwrap(), kept_up, "equal on both");
    assert_eq!(phone.state().live_sum().to_le_bytes(), kept_up, "and to the sum over the folded state");
    phone.set("a/health_notes", "and it goes on");
    assert_eq!(phone.state(), phone.refold());
}

#[test]
fn a_receipt_counts_for_its_branch_only_and_the_latest_is_kept() {
    let mut phone = Kit::new(1);
    let first = phone.set("a/health_notes", "one");
    let second = phone.set("a/health_notes", "two");
    let log = phone.log();
    assert!(!phone.store.keep_receipt(&log, ChainHash([9; 32]), &receipt(1, 1, 10)).unwrap());
    assert!(!phone.store.keep_receipt(&log, second.hash, &receipt(3, 1, 10)).unwrap(), "more than is here");
    assert_eq!(phone.store.receipt(&log).unwrap(), None);
    assert!(phone.store.keep_receipt(&log, second.hash, &receipt(2, 1, 11)).unwrap());
    assert!(phone.store.keep_receipt(&log, first.hash, &receipt(1, 1, 12)).unwrap());
    assert_eq!(phone.store.receipt(&log).unwrap(), Some(receipt(2, 1, 11)), "an older one changes nothing");
    assert!(phone.store.keep_receipt(&log, first.hash, &receipt(1, 2, 9)).unwrap());
    assert_eq!(phone.store.receipt(&log).unwrap(), Some(receipt(2, 1, 11)), "nor one of an earlier epoch");
    assert!(phone.store.keep_receipt(&log, first.hash, &receipt(1, 3, 20)).unwrap());
    assert_eq!(
        phone.store.receipt(&log).unwrap(),
        Some(receipt(1, 3, 20)),
        "a later epoch has lost what it does not say"
    );
    let phone = phone.reopened();
    assert_eq!(phone.store.receipt(&log).unwrap(), Some(receipt(1, 3, 20)));
    assert!(phone.store.entity_head(interview()).unwrap().unwrap().not_safe);
}

#[test]
fn a_scope_is_left_only_when_nothing_is_only_here_and_then_nothing_of_it_stays() {
    let mut phone = Kit::new(1);
    let written = phone.set("a/health_notes", MARKER);
    let log = phone.log();
    phone.store.obey_leave(1, &scope()).unwrap();
    assert!(!phone.store.clear_left_scope(&scope()).unwrap(), "its entry is nowhere else");
    phone.store.keep_receipt(&log, written.hash, &receipt(1, 1, 10)).unwrap();
    let typing = path("a/finance_notes");
    phone.store.keep_draft(interview(), &typing, crate::common::person(), "half a").unwrap();
    assert!(!phone.store.clear_left_scope(&scope()).unwrap(), "something is being typed");
    phone.store.drop_draft(interview(), &typing, crate::common::person()).unwrap();
    let own = phone.sent();
    assert_eq!(phone.store.scopes_to_leave().unwrap(), [scope()]);
    assert!(phone.store.clear_left_scope(&scope()).unwrap());
    assert!(!holds(&phone.dump(), MARKER));
    assert_eq!(phone.store.scopes_to_leave().unwrap(), []);
    // Given back: no second branch of its own log, and it goes on where it was.
    let mut phone = phone.reopened();
    assert!(matches!(phone.store.append(entry(vec![set("a/x", "y")])), Err(StoreError::ScopeLeft)));
    phone.receive(&own[0]).unwrap();
    assert_eq!(phone.set("a/health_notes", "again").dot.seq, 2);
}
