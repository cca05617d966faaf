//! What the server has said and ordered is in a salvaged store as it was in the damaged one.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{LogId, Reason};
use kend_store::{Addressee, Append, KeptReceipt, NewDevice, Salvaged, Store, StoreError};

use crate::common::{Kit, entry, key, scope, set};

fn left() -> Scope {
    "demo/AZ-GAD".parse().unwrap()
}

fn gone() -> EntityId {
    EntityId::from_bytes([77; 16])
}

fn revoked() -> DeviceId {
    DeviceId::from_bytes([78; 16])
}

fn in_left() -> Append {
    Append { scope: left(), entity: EntityId::from_bytes([79; 16]), ..entry(vec![set("a/notes", "qeyd")]) }
}

fn receipt_for(store: &mut Store, log: &LogId) {
    let head = store.logs().unwrap().into_iter().find(|head| head.log == *log).unwrap();
    let receipt = KeptReceipt { seq: head.seq, epoch: [8; 16], server_ms: 9, bytes: vec![1, 2, 3] };
    assert!(store.keep_receipt(log, head.hash, &receipt).unwrap());
}

/// A phone with work of its own and a colleague's, receipts for both, and all that orders leave behind.
fn phone() -> Kit {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    phone.knows(&tablet);
    for number in 0..4 {
        phone.set(&format!("a/question_{number}"), "cavab");
        tablet.set(&format!("b/question_{number}"), "cavab");
    }
    phone.pull(&mut tablet);
    phone.store.segments_to_send(&phone.log(), 0, usize::MAX, Addressee::Anybody).unwrap();
    let (own, of_tablet) = (phone.log(), tablet.log());
    receipt_for(&mut phone.store, &own);
    receipt_for(&mut phone.store, &of_tablet);
    phone.set("a/question_5", "only here");
    phone.store.append(in_left()).unwrap();
    receipt_for(&mut phone.store, &LogId { device: own.device, scope: left() });
    phone.store.obey_erasure(1, gone(), None, Reason::ConsentWithdrawn).unwrap();
    phone.store.obey_revocation(2, revoked(), &[(scope(), 7)]).unwrap();
    phone.store.obey_leave(3, &left()).unwrap();
    assert!(phone.store.clear_left_scope(&left()).unwrap());
    phone
}

fn salvage(phone: Kit, harm: &str) -> (Kit, Salvaged) {
    phone.store.connection().execute_batch(harm).unwrap();
    let Kit { store, folder } = phone;
    drop(store);
    let fresh = NewDevice { device: DeviceId::from_bytes([88; 16]), signing_key: [89; 32] };
    let (damaged, into) = (folder.path().join("kend.db"), folder.path().join("mended.db"));
    let done = Store::salvage(&damaged, &into, &key(), &fresh).unwrap();
    let store = Store::open(&into, &key(), &[]).unwrap();
    store.verify().unwrap();
    (Kit { store, folder }, done)
}

/// What stays, whoever the device is now.
fn holds_what_was_told(salvaged: &Kit, before: &Kit) {
    let of_tablet = LogId { device: DeviceId::from_bytes([2; 16]), scope: scope() };
    assert_eq!(salvaged.store.receipt(&of_tablet).unwrap(), before.store.receipt(&of_tablet).unwrap());
    assert!(salvaged.store.receipt(&of_tablet).unwrap().is_some());
    assert_eq!(salvaged.store.erasures_after(0).unwrap(), before.store.erasures_after(0).unwrap());
    let log = LogId { device: revoked(), scope: scope() };
    assert_eq!(salvaged.store.accepted_until(&log).unwrap(), Some(7));
}

#[test]
fn a_device_that_stays_itself_keeps_receipts_orders_and_the_place_in_a_scope_that_it_left() {
    let before = phone();
    let (mut salvaged, done) = salvage(phone(), "");
    assert_eq!((done.same_device, done.incomplete), (true, false));
    holds_what_was_told(&salvaged, &before);
    assert_eq!(salvaged.store.orders_done().unwrap(), 3);
    let own = before.log();
    assert_eq!(salvaged.store.receipt(&own).unwrap(), before.store.receipt(&own).unwrap());
    assert_eq!(salvaged.state(), before.state());
    assert_eq!(salvaged.store.digest(&scope()).unwrap(), before.store.digest(&scope()).unwrap());
    // A first entry there would be a second one of its number.
    let refused = salvaged.store.append(in_left());
    assert!(refused.is_err() && !matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
}

#[test]
fn a_device_under_a_new_name_has_orders_of_its_own_and_writes_where_the_old_one_left() {
    let before = phone();
    let (mut salvaged, done) = salvage(phone(), "UPDATE entry SET slots = x'00' WHERE log = 1 AND seq = 3");
    assert!(!done.same_device && done.incomplete);
    holds_what_was_told(&salvaged, &before);
    assert_eq!(salvaged.store.orders_done().unwrap(), 0);
    // A receipt speaks of no more than is here.
    let of_old_self = salvaged.store.receipt(&before.log()).unwrap();
    assert!(of_old_self.is_none_or(|receipt| receipt.seq < 3));
    assert_eq!(salvaged.state().live("a/question_5").len(), 1);
    salvaged.store.append(in_left()).unwrap();
}

#[test]
fn where_what_orders_left_behind_can_not_be_read_they_are_asked_for_once_more() {
    let (salvaged, done) = salvage(phone(), "UPDATE revoked SET scope = 'a' || char(0) WHERE scope <> ''");
    assert!(done.same_device && done.incomplete);
    assert_eq!(salvaged.store.orders_done().unwrap(), 0);
}
