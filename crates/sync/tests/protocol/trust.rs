//! Whom a device believes: receipts and orders are the server's alone, whichever hub brings them.

use kend_domain::{DeviceId, EntityId, Role};
use kend_log::{LogId, Reason};
use kend_sync::{Deed, Order, Outcome, Tickets};

use crate::memory::{HUB, Hub, Line, Memory, answer_at, sync};

const TOVUZ: &str = "demo/AZ-TOV";
const SERVER: [u8; 32] = [77; 32];

/// A hub and one enumerator who wrote an entry.
fn one() -> (Hub, Memory, Tickets) {
    one_below([HUB; 32])
}

/// The same, with a server above the hub.
fn one_below(server_key: [u8; 32]) -> (Hub, Memory, Tickets) {
    let mut hub = Hub::new();
    hub.server_key = server_key;
    let mut device = Memory::new(1);
    hub.know(&device, Role::Enumerator, "AZ-TOV");
    device.write(TOVUZ, answer_at("a/health_notes", "The road"));
    (hub, device, Tickets::new([5; 32]))
}

fn log(device: &Memory) -> LogId {
    LogId { device: device.id(), scope: TOVUZ.parse().unwrap() }
}

fn go(device: &mut Memory, hub: &mut Hub, tickets: &mut Tickets) -> Outcome {
    sync(device, hub, tickets, Line::Good).unwrap()
}

fn safe(device: &Memory) -> u64 {
    device.receipts.get(&log(device)).map_or(0, |(receipt, _)| receipt.seq)
}

fn erase(number: u64, device: DeviceId) -> Order {
    let entity = EntityId::from_bytes([9; 16]);
    Order { device, number, deed: Deed::Erase { entity, under: None, reason: Reason::ConsentWithdrawn } }
}

#[test]
fn the_server_vouches_for_what_it_has_in_the_same_exchange_and_only_when_that_moves_on() {
    let (mut hub, mut device, mut tickets) = one();
    let first = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((safe(&device), first.round_trips), (1, 2), "the first was for a ticket");
    let idle = go(&mut device, &mut hub, &mut tickets);
    assert!(idle.bytes_down + 150 < first.bytes_down, "no receipt is sent twice: {first:?}, {idle:?}");
    device.write(TOVUZ, answer_at("a/health_notes", "more"));
    assert_eq!(safe(&device), 1);
    go(&mut device, &mut hub, &mut tickets);
    assert_eq!(safe(&device), 2);
}

#[test]
fn a_receipt_whose_answer_was_lost_comes_with_the_next() {
    let (mut hub, mut device, mut tickets) = one();
    sync(&mut device, &mut hub, &mut tickets, Line::AnswerLost).unwrap_err();
    assert_eq!(safe(&device), 0);
    go(&mut device, &mut hub, &mut tickets);
    assert_eq!(safe(&device), 1);
}

#[test]
fn a_hub_that_is_not_the_server_can_pass_on_a_receipt_and_can_make_none() {
    let (mut hub, mut device, mut tickets) = one_below(SERVER);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((outcome.entries_sent, safe(&device)), (1, 0), "copied to the hub, and not safe");
    let put = |hub: &mut Hub, device: &Memory, key| {
        let signed = hub.receipt_for(&log(device), key);
        let receipt = hub.receipt_for(&log(device), SERVER).verify(&hub.keys().server).unwrap();
        hub.memory.receipts.insert(log(device), (receipt, signed));
    };
    put(&mut hub, &device, [HUB; 32]);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((safe(&device), outcome.receipts_refused, outcome.complete), (0, 1, true), "forged by the hub");
    put(&mut hub, &device, SERVER);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((safe(&device), outcome.receipts_refused), (1, 0));
}

#[test]
fn a_receipt_for_another_branch_of_the_log_counts_for_nothing() {
    let (mut hub, mut device, mut tickets) = one_below(SERVER);
    go(&mut device, &mut hub, &mut tickets);
    // The clone of the device was at the server first.
    let mut elsewhere = Hub::new();
    let mut clone = Memory::new(1);
    elsewhere.know(&clone, Role::Enumerator, "AZ-TOV");
    clone.write(TOVUZ, answer_at("a/health_notes", "Another road"));
    go(&mut clone, &mut elsewhere, &mut tickets);
    let signed = elsewhere.receipt_for(&log(&clone), SERVER);
    let receipt = signed.verify(&hub.keys().server).unwrap();
    hub.memory.receipts.insert(log(&device), (receipt, signed));
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((safe(&device), outcome.receipts_refused), (0, 1));
}

#[test]
fn receipts_of_a_server_that_was_put_back_from_a_backup_end_with_its_epoch() {
    let (mut hub, mut device, mut tickets) = one();
    let backup = hub.clone();
    go(&mut device, &mut hub, &mut tickets);
    assert_eq!(safe(&device), 1);
    let mut hub = backup;
    hub.epoch = kend_sync::Epoch([2; 16]);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert!(outcome.complete);
    assert_eq!(safe(&device), 1, "it was offered and is safe again");
    assert_eq!(device.receipts[&log(&device)].0.epoch, hub.epoch);
}

#[test]
fn orders_are_carried_out_once_in_their_order_before_anything_else() {
    let (mut hub, mut device, mut tickets) = one();
    hub.order(device.id(), &erase(1, device.id()), [HUB; 32]);
    let leave = Deed::Leave { scope: "demo/AZ-QBA".parse().unwrap() };
    hub.order(device.id(), &Order { device: device.id(), number: 2, deed: leave.clone() }, [HUB; 32]);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!(
        (outcome.orders_obeyed, outcome.entries_sent, outcome.round_trips),
        (2, 1, 3),
        "a ticket, the answer, the confirmation"
    );
    assert_eq!(device.obeyed, [erase(1, device.id()).deed, leave]);
    assert_eq!(hub.orders[&device.id()].1, 2, "the hub knows that they are done");
    assert_eq!(go(&mut device, &mut hub, &mut tickets).orders_obeyed, 0);
}

/// An order that must not be carried out, from this device's id and another's, and the key that signed it.
type Lie = fn(DeviceId, DeviceId) -> (Order, [u8; 32]);

#[test]
fn an_order_that_is_forged_or_for_another_device_or_not_the_next_one_is_not_carried_out() {
    let other = DeviceId::from_bytes([8; 16]);

    let lies: [(&str, Lie); 4] = [
        ("signed by a hub that is not the server", |own, _| (erase(2, own), [HUB; 32])),
        ("signed by anybody", |own, _| (erase(2, own), [3; 32])),
        ("the server's, for another device", |_, other| (erase(2, other), SERVER)),
        ("the server's, with a gap before it", |own, _| (erase(3, own), SERVER)),
    ];
    for (name, lie) in lies {
        let (mut hub, mut device, mut tickets) = one_below(SERVER);
        hub.order(device.id(), &erase(1, device.id()), SERVER);
        let (order, key) = lie(device.id(), other);
        hub.order(device.id(), &order, key);
        hub.order(device.id(), &Order { deed: Deed::Wipe, ..erase(4, device.id()) }, SERVER);
        let outcome = go(&mut device, &mut hub, &mut tickets);
        assert_eq!((device.obeyed.len(), outcome.wipe), (1, false), "{name}");
        assert!(outcome.orders_refused >= 2, "{name}: {outcome:?}");
        assert_eq!(outcome.entries_sent, 1, "{name}: what it wrote is handed on all the same");
    }
}

#[test]
fn an_order_played_back_changes_nothing() {
    let (mut hub, mut device, mut tickets) = one();
    hub.order(device.id(), &erase(1, device.id()), [HUB; 32]);
    go(&mut device, &mut hub, &mut tickets);
    let played_back = hub.orders[&device.id()].0[0].clone();
    hub.orders.get_mut(&device.id()).unwrap().0.push(played_back);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((outcome.orders_obeyed, outcome.orders_refused, device.obeyed.len()), (0, 0, 1));
}

#[test]
fn a_wipe_ends_the_exchange_and_nothing_else_of_the_answer_is_applied() {
    let (mut hub, mut device, mut tickets) = one();
    let mut other = Memory::new(2);
    hub.know(&other, Role::Enumerator, "AZ-TOV");
    other.write(TOVUZ, answer_at("a/health_notes", "words"));
    go(&mut other, &mut hub, &mut tickets);
    hub.order(device.id(), &Order { deed: Deed::Wipe, ..erase(1, device.id()) }, [HUB; 32]);
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!(
        (outcome.wipe, outcome.entries_received, outcome.round_trips),
        (true, 0, 2),
        "the first was for a ticket"
    );
    assert!(device.acknowledged.is_empty() && device.receipts.is_empty());
}

#[test]
fn a_revoked_device_gets_its_orders_and_nothing_else_and_what_it_had_handed_in_before_still_counts() {
    let (mut hub, mut device, mut tickets) = one();
    go(&mut device, &mut hub, &mut tickets);
    let before = hub.clone();
    hub.known.get_mut(&device.id()).unwrap().revoked = true;
    hub.accepted.insert(log(&device), 1);
    hub.order(device.id(), &erase(1, device.id()), [HUB; 32]);
    device.write(TOVUZ, answer_at("a/health_notes", "after the loss"));
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((outcome.orders_obeyed, outcome.entries_sent, outcome.entries_received), (1, 0, 0));
    assert_eq!(hub.memory.content(), before.memory.content());
    assert_eq!(hub.memory.aside.len(), 1);
    // A hub that lost everything takes back from a colleague what was accepted, and no more.
    let mut colleague = Memory::new(2);
    let mut restored = hub.clone();
    restored.memory = Hub::new().memory;
    restored.epoch = kend_sync::Epoch([2; 16]);
    restored.know(&colleague, Role::Enumerator, "AZ-TOV");
    let revoked = restored.known[&device.id()].clone();
    restored.know(&device, Role::Enumerator, "AZ-TOV");
    restored.known.insert(device.id(), revoked);
    colleague.segments = device.segments.clone();
    go(&mut colleague, &mut restored, &mut tickets);
    assert_eq!(restored.memory.content(), before.memory.content());
}

#[test]
fn changed_rights_reach_the_device_with_the_next_answer_and_once() {
    let (mut hub, mut device, mut tickets) = one();
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!(outcome.certificate.map(|own| own.role), Some(Role::Enumerator), "it had none");
    assert_eq!(go(&mut device, &mut hub, &mut tickets).certificate, None);
    hub.know(&device, Role::Supervisor, "AZ-QBA");
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((outcome.certificate.map(|own| own.role), outcome.round_trips), (Some(Role::Supervisor), 1));
    assert_eq!(go(&mut device, &mut hub, &mut tickets).certificate, None);
}

#[test]
fn a_certificate_that_names_another_server_is_not_believed() {
    let (mut hub, mut device, mut tickets) = one();
    go(&mut device, &mut hub, &mut tickets);
    let keys = hub.keys();
    hub.server_key = SERVER;
    hub.know(&device, Role::Enumerator, "AZ-TOV");
    let mut exchange = kend_sync::Exchange::new(keys);
    let kend_sync::Step::Request(request) = exchange.next(&mut device).unwrap() else { panic!("nothing to ask") };
    let answer = hub.serve(&mut tickets, &request);
    assert_eq!(exchange.receive(&answer, &mut device), Err(kend_sync::ExchangeError::NoHub));
}

#[test]
fn a_projection_that_went_wrong_is_found_and_folded_anew_and_nothing_is_fetched_for_it() {
    let (mut hub, mut device, mut tickets) = one();
    let right = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((right.scopes_refolded.len(), right.scopes_fetched_anew.len()), (0, 0));
    device.write(TOVUZ, answer_at("a/health_notes", "more"));
    device.misfolded = true;
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!(outcome.scopes_refolded, [TOVUZ.parse().unwrap()]);
    assert_eq!((outcome.scopes_fetched_anew.len(), outcome.round_trips, device.misfolded), (0, 1, false));
}

#[test]
fn what_was_lost_of_a_scope_without_a_trace_is_fetched_anew_once_and_nothing_is_overwritten() {
    let (mut hub, mut device, mut tickets) = one();
    let mut colleague = Memory::new(2);
    hub.know(&colleague, Role::Enumerator, "AZ-TOV");
    colleague.write(TOVUZ, answer_at("a/health_notes", "words"));
    go(&mut colleague, &mut hub, &mut tickets);
    go(&mut device, &mut hub, &mut tickets);
    let own = device.id();
    device.segments.retain(|segment| segment.log().device == own);
    assert_eq!(go(&mut device, &mut hub, &mut tickets).scopes_fetched_anew.len(), 0, "nothing moved: nothing compared");
    device.write(TOVUZ, answer_at("a/health_notes", "more"));
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!(outcome.scopes_fetched_anew, [TOVUZ.parse().unwrap()]);
    assert_eq!(device.content(), hub.memory.content());
    assert!(outcome.complete);
    // A hub that keeps saying something else is not asked for everything again and again.
    hub.memory.misfolded = true;
    let mut fetched = Vec::new();
    for _ in 0..3 {
        fetched.push(go(&mut device, &mut hub, &mut tickets).scopes_fetched_anew.len());
    }
    assert_eq!(fetched, [0, 0, 0], "nothing moved");
    device.write(TOVUZ, answer_at("a/health_notes", "even more"));
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((outcome.scopes_fetched_anew.len(), outcome.complete), (1, true));
}

#[test]
fn a_scope_that_was_taken_away_goes_once_all_that_was_written_there_is_safe() {
    let (mut hub, mut device, mut tickets) = one_below(SERVER);
    go(&mut device, &mut hub, &mut tickets);
    let leave = Order { deed: Deed::Leave { scope: TOVUZ.parse().unwrap() }, ..erase(1, device.id()) };
    hub.order(device.id(), &leave, SERVER);
    hub.know(&device, Role::Enumerator, "AZ-QBA");
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!((outcome.orders_obeyed, outcome.scopes_left.len()), (1, 0), "it is only copied to the hub");
    let signed = hub.receipt_for(&log(&device), SERVER);
    hub.memory.receipts.insert(log(&device), (signed.verify(&hub.keys().server).unwrap(), signed));
    let outcome = go(&mut device, &mut hub, &mut tickets);
    assert_eq!(outcome.scopes_left, [TOVUZ.parse().unwrap()]);
    assert!(device.content().is_empty());
}

#[test]
fn after_a_failure_one_segment_goes_and_then_the_budget_doubles_again() {
    let (mut hub, mut device, mut tickets) = one();
    for round in 0..5 {
        device.write(TOVUZ, answer_at("a/health_notes", &format!("entry {round}")));
    }
    let pace = kend_sync::Pace::default().after_failure();
    let mut exchange = kend_sync::Exchange::at_pace(hub.keys(), pace);
    let mut sent = Vec::new();
    let mut left = Vec::new();
    while let kend_sync::Step::Request(request) = exchange.next(&mut device).unwrap() {
        let progress = exchange.progress();
        left.push(progress.entries_to_do - progress.entries_done);
        sent.push(kend_sync::SyncRequest::decode(&request.body).unwrap().segments.len());
        exchange.took(1_000);
        exchange.receive(&hub.serve(&mut tickets, &request), &mut device).unwrap();
    }
    assert_eq!(sent, [1, 1, 5], "for a ticket, one segment, and the rest");
    assert_eq!(left, [6, 6, 5]);
    let progress = exchange.progress();
    assert_eq!((progress.entries_done, progress.entries_to_do), (6, 6));
    assert_eq!(progress.bytes_to_do, progress.bytes_done);
}
