//! What comes in a file: the server's word, other people's segments, in any order and any number of times.

use kend_domain::{DeviceId, EntityId, Role};
use kend_log::{LogId, Reason};
use kend_sync::{
    Addressee, Deed, Delivered, Delivery, HubReplica, Marks, Order, Replica, SignedCertificate, SignedOrder,
    SyncRequest, Tickets, standing, take_segment,
};

use crate::memory::{HUB, Hub, Line, Memory, answer_at, sync};

const TOVUZ: &str = "demo/AZ-TOV";

fn log(device: &Memory) -> LogId {
    LogId { device: device.id(), scope: TOVUZ.parse().unwrap() }
}

fn segments(of: &Memory) -> Vec<Vec<u8>> {
    let segments = of.clone().segments(&log(of), 0, usize::MAX, Addressee::Anybody).unwrap();
    segments.into_iter().map(|segment| segment.bytes).collect()
}

/// A hub, a device with two entries that it has never met a hub with, and another one whose three entries the hub has.
fn apart() -> (Hub, Memory, Memory) {
    let mut hub = Hub::new();
    let (mut aynur, mut rashad) = (Memory::new(1), Memory::new(2));
    for device in [&aynur, &rashad] {
        hub.know(device, Role::Enumerator, "AZ-TOV");
    }
    for number in 0..2 {
        aynur.write(TOVUZ, answer_at(&format!("a/note_{number}"), "words"));
    }
    for number in 0..3 {
        rashad.write(TOVUZ, answer_at(&format!("a/note_{number}"), "words"));
    }
    sync(&mut rashad, &mut hub, &mut Tickets::new([5; 32]), Line::Good).unwrap();
    (hub, aynur, rashad)
}

/// The hub takes in a device's segments as it would from a line.
fn carry(from: &Memory, hub: &mut Hub) {
    let sender = hub.known[&from.id()].clone();
    for bytes in segments(from) {
        assert_eq!(take_segment(&bytes, &sender, hub).unwrap().aside, None);
    }
}

fn deliver(hub: &Hub, device: &mut Memory, give: impl FnOnce(&mut Delivery, &mut Memory)) -> Delivered {
    let mut delivery = Delivery::new(hub.keys());
    give(&mut delivery, device);
    delivery.finish(device).unwrap()
}

fn receipt(hub: &Hub, device: &Memory, key: [u8; 32]) -> Vec<u8> {
    hub.receipt_for(&log(device), key).to_bytes()
}

fn order(number: u64, device: DeviceId, deed: Deed) -> Vec<u8> {
    let sign = |purpose: &str, message: &[u8]| kend_log::sign(&[HUB; 32], purpose, message);
    SignedOrder::sign(&Order { device, number, deed }, &sign).to_bytes()
}

fn erase() -> Deed {
    Deed::Erase { entity: EntityId::from_bytes([9; 16]), under: None, reason: Reason::ConsentWithdrawn }
}

#[test]
fn a_device_without_a_line_hears_by_file_that_its_words_are_safe() {
    let (mut hub, mut aynur, rashad) = apart();
    carry(&aynur, &mut hub);
    for _ in 0..2 {
        let delivered = deliver(&hub, &mut aynur, |delivery, device| {
            delivery.receipt(&receipt(&hub, device, [HUB; 32]), device).unwrap();
            let certificate = hub.certificate(rashad.id()).unwrap().unwrap();
            delivery.certificate(&certificate.to_bytes(), device).unwrap();
            for bytes in segments(&rashad) {
                delivery.segment(&bytes, device).unwrap();
            }
        });
        assert_eq!((delivered.receipts_kept, delivered.segments_early, delivered.pieces_refused), (1, 0, 0));
        assert_eq!(aynur.safe_seq(&log(&aynur)).unwrap(), 2);
        assert_eq!(aynur.acknowledged[&log(&aynur)], 2);
        assert_eq!(aynur.content(), hub.memory.content());
    }
}

#[test]
fn what_the_hub_gave_by_file_it_does_not_send_again_over_a_line() {
    let (mut hub, mut aynur, rashad) = apart();
    deliver(&hub, &mut aynur, |delivery, device| {
        let certificate = hub.certificate(rashad.id()).unwrap().unwrap();
        delivery.certificate(&certificate.to_bytes(), device).unwrap();
        for bytes in segments(&rashad) {
            delivery.segment(&bytes, device).unwrap();
        }
    });
    let outcome = sync(&mut aynur, &mut hub, &mut Tickets::new([5; 32]), Line::Good).unwrap();
    assert_eq!((outcome.entries_sent, outcome.entries_received, outcome.complete), (2, 0, true));
    let size = segments(&rashad).iter().map(Vec::len).sum::<usize>() as u64;
    assert!(outcome.bytes_down < size + 600, "{outcome:?}, {size}");
}

#[test]
fn what_the_server_signed_for_is_offered_to_it_again_only_in_another_epoch() {
    let (mut hub, mut aynur, _) = apart();
    carry(&aynur, &mut hub);
    let signed = receipt(&hub, &aynur, [HUB; 32]);
    deliver(&hub, &mut aynur, |delivery, device| delivery.receipt(&signed, device).unwrap());
    let (mut restored, mut again) = (hub.clone(), aynur.clone());
    let outcome = sync(&mut aynur, &mut hub, &mut Tickets::new([5; 32]), Line::Good).unwrap();
    assert_eq!((outcome.entries_sent, outcome.complete), (0, true));
    // Put back from a backup of before the stick came.
    restored.memory.segments.retain(|segment| segment.log().device != again.id());
    restored.epoch = kend_sync::Epoch([9; 16]);
    let outcome = sync(&mut again, &mut restored, &mut Tickets::new([5; 32]), Line::Good).unwrap();
    assert_eq!((outcome.entries_sent, outcome.complete), (2, true));
}

#[test]
fn another_branch_that_comes_by_file_is_known_as_one_and_no_other_volume_is_waited_for() {
    let (mut hub, mut aynur, _) = apart();
    let mut clone = aynur.clone();
    for words in ["three", "four"] {
        aynur.write(TOVUZ, answer_at("a/health_notes", words));
    }
    carry(&aynur, &mut hub);
    clone.write(TOVUZ, answer_at("a/health_notes", "another three"));
    let delivered = deliver(&hub, &mut clone, |delivery, device| {
        for bytes in segments(&aynur) {
            delivery.segment(&bytes, device).unwrap();
        }
    });
    assert_eq!(delivered.outcome.forked, [log(&clone)]);
    assert_eq!((delivered.outcome.segments_aside_here, delivered.segments_early), (2, 0));
    assert!(clone.marks().unwrap().is_branched(&log(&clone)));
    // Another time, what follows the branch comes alone.
    let last = segments(&aynur).pop().unwrap();
    let delivered = deliver(&hub, &mut clone, |delivery, device| delivery.segment(&last, device).unwrap());
    assert_eq!((delivered.outcome.segments_aside_here, delivered.segments_early), (1, 0));
}

#[test]
fn what_a_device_lost_comes_back_by_file() {
    let (mut hub, mut aynur, _) = apart();
    let mut backup = aynur.clone();
    aynur.write(TOVUZ, answer_at("a/health_notes", "three"));
    carry(&aynur, &mut hub);
    let delivered = deliver(&hub, &mut backup, |delivery, device| {
        for bytes in segments(&aynur) {
            delivery.segment(&bytes, device).unwrap();
        }
    });
    assert!(delivered.outcome.restored);
    assert_eq!((delivered.outcome.entries_received, backup.content()), (1, aynur.content()));
}

#[test]
fn segments_that_come_too_early_are_counted_and_taken_in_when_they_come_again() {
    let (hub, mut aynur, rashad) = apart();
    let all = segments(&rashad);
    let certificate = hub.certificate(rashad.id()).unwrap().unwrap().to_bytes();
    let early = deliver(&hub, &mut aynur, |delivery, device| {
        delivery.segment(&all[0], device).unwrap();
        delivery.certificate(&certificate, device).unwrap();
        delivery.segment(&all[2], device).unwrap();
        delivery.segment(&all[1], device).unwrap();
    });
    assert_eq!((early.segments_early, early.outcome.entries_received), (3, 0));
    let again = deliver(&hub, &mut aynur, |delivery, device| {
        for bytes in all.iter().chain(&all) {
            delivery.segment(bytes, device).unwrap();
        }
    });
    assert_eq!((again.segments_early, again.outcome.entries_received), (0, 3));
}

#[test]
fn what_is_not_signed_by_who_should_have_counts_for_nothing() {
    let (mut hub, mut aynur, rashad) = apart();
    carry(&aynur, &mut hub);
    let delivered = deliver(&hub, &mut aynur, |delivery, device| {
        delivery.receipt(&receipt(&hub, device, [6; 32]), device).unwrap();
        delivery.receipt(b"rubbish", device).unwrap();
        delivery.order(&order(1, rashad.id(), erase()), device).unwrap();
        delivery.order(&order(2, device.id(), erase()), device).unwrap();
        delivery.order(b"rubbish", device).unwrap();
        delivery.certificate(b"rubbish", device).unwrap();
        let certificate = hub.certificate(rashad.id()).unwrap().unwrap().read().unwrap();
        let forged = SignedCertificate::sign(&certificate, &|purpose: &str, message: &[u8]| {
            kend_log::sign(&[6; 32], purpose, message)
        });
        delivery.certificate(&forged.to_bytes(), device).unwrap();
        delivery.segment(b"rubbish", device).unwrap();
    });
    assert_eq!(aynur.safe_seq(&log(&aynur)).unwrap(), 0);
    assert_eq!(aynur.obeyed, []);
    assert_eq!((delivered.receipts_kept, delivered.outcome.receipts_refused), (0, 1));
    assert_eq!((delivered.outcome.orders_refused, delivered.pieces_refused), (2, 4));
    assert_eq!(delivered.outcome.segments_aside_here, 1);
}

#[test]
fn orders_come_by_file_too_and_the_one_that_ends_the_device_ends_the_delivery() {
    let (hub, mut aynur, rashad) = apart();
    let delivered = deliver(&hub, &mut aynur, |delivery, device| {
        for bytes in [order(1, device.id(), erase()), order(1, device.id(), erase()), order(2, device.id(), Deed::Wipe)]
        {
            delivery.order(&bytes, device).unwrap();
        }
        let certificate = hub.certificate(rashad.id()).unwrap().unwrap();
        delivery.certificate(&certificate.to_bytes(), device).unwrap();
        delivery.segment(&segments(&rashad)[0], device).unwrap();
        delivery.receipt(&receipt(&hub, &rashad, [HUB; 32]), device).unwrap();
        delivery.order(&order(2, device.id(), erase()), device).unwrap();
    });
    assert!(delivered.outcome.wipe);
    assert_eq!((delivered.outcome.orders_obeyed, aynur.obeyed.len()), (1, 1));
    assert_eq!((delivered.outcome.entries_received, delivered.receipts_kept), (0, 0));
}

#[test]
fn own_rights_move_by_file_only_forward() {
    let (mut hub, mut aynur, _) = apart();
    let old = hub.certificate(aynur.id()).unwrap().unwrap().to_bytes();
    hub.know(&aynur, Role::Supervisor, "AZ-TOV");
    let new = hub.certificate(aynur.id()).unwrap().unwrap().to_bytes();
    for (bytes, renewed) in [(&old, true), (&new, true), (&old, false), (&new, false)] {
        let delivered = deliver(&hub, &mut aynur, |delivery, device| delivery.certificate(bytes, device).unwrap());
        assert_eq!(delivered.outcome.certificate.is_some(), renewed);
    }
    assert_eq!(aynur.certificate_serial().unwrap(), 2);
}

#[test]
fn where_a_device_stands_names_all_that_it_holds_and_what_is_safe() {
    let (mut hub, mut aynur, _) = apart();
    sync(&mut aynur, &mut hub, &mut Tickets::new([5; 32]), Line::Good).unwrap();
    aynur.write(TOVUZ, answer_at("a/note_9", "words"));
    let SyncRequest { heads, safe, epoch, cursors, segments, orders_done, .. } = standing(&aynur).unwrap();
    let named: Vec<_> = heads.iter().map(|head| (head.device, head.seq)).collect();
    assert_eq!(named, [(aynur.id(), 3), (DeviceId::from_bytes([2; 16]), 3)]);
    assert_eq!((safe[0], epoch, orders_done, segments.len()), (2, Some(hub.epoch), 0, 0));
    let Marks { cursors: marked, .. } = aynur.marks().unwrap();
    assert_eq!(cursors, marked);
}
