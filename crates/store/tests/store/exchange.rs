//! Segments between stores: repeated, missing, forged, branched, in any order.

use kend_domain::{DeviceId, EntityId};
use kend_log::{EntityKind, LogId, Op, Segment, Value};
use kend_store::{
    Addressee, Append, Arrival, Authority, Code, Device, EntityHead, KeptReceipt, OwnScopes, Received, StoreError,
};

use crate::common::{Kit, entry, interview, path, person, scope, set};

#[test]
fn two_devices_that_edit_apart_and_exchange_in_either_order_are_equal() {
    let (mut phone, mut tablet, mut hub) = (Kit::new(1), Kit::new(2), Kit::new(3));
    hub.knows(&phone);
    hub.knows(&tablet);
    phone.knows(&tablet);
    tablet.knows(&phone);
    phone.set("m/village", "Dondar");
    phone.set("a/health_level", "2");
    tablet.set("a/health_level", "4");
    hub.pull(&mut tablet);
    hub.pull(&mut phone);
    phone.pull(&mut hub);
    tablet.pull(&mut hub);
    assert_eq!(phone.state().to_bytes(), tablet.state().to_bytes());
    assert_eq!(phone.state().to_bytes(), hub.state().to_bytes());
    assert_eq!(hub.state().conflicts(), [&path("a/health_level")]);
    assert_eq!(hub.reopened().state().to_bytes(), phone.state().to_bytes());
}

#[test]
fn an_entry_that_arrives_before_what_it_had_seen_waits_and_is_taken_in_then() {
    let (mut phone, mut tablet, mut hub) = (Kit::new(1), Kit::new(2), Kit::new(3));
    hub.knows(&phone);
    hub.knows(&tablet);
    tablet.knows(&phone);
    phone.set("a/health_level", "2");
    tablet.pull(&mut phone);
    tablet.set("a/health_level", "3");
    for bytes in tablet.sent() {
        hub.receive(&bytes).unwrap();
    }
    assert_eq!(hub.state().waiting().count(), 1);
    assert_eq!(hub.state().value("a/health_level"), None);
    let mut hub = hub.reopened();
    assert_eq!(hub.state(), hub.refold());
    hub.pull(&mut phone);
    assert_eq!(hub.state().value("a/health_level"), Some(&Value::text("3")));
    assert_eq!(hub.reopened().state().to_bytes(), tablet.state().to_bytes());
}

#[test]
fn a_repeated_segment_changes_nothing_and_a_gap_says_what_is_there() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.knows(&phone);
    let mut segments = Vec::new();
    for value in ["1", "2", "3"] {
        phone.set("a/health_level", value);
        let after = phone.store.logs().unwrap()[0].seq - 1;
        segments.extend(phone.sent_after(after, Addressee::Anybody));
    }
    let log = phone.log();
    assert_eq!(segments.len(), 3);
    assert_eq!(hub.receive(&segments[1]).unwrap(), Received::Gap { log: log.clone(), have: 0 });
    let first = hub.receive(&segments[0]).unwrap();
    assert!(matches!(&first, Received::Appended { entries: 1, seq: 1, .. }), "{first:?}");
    let again = hub.receive(&segments[0]).unwrap();
    assert!(matches!(&again, Received::Known { seq: 1, .. }), "{again:?}");
    assert_eq!(hub.receive(&segments[2]).unwrap(), Received::Gap { log: log.clone(), have: 1 });
    hub.receive(&segments[1]).unwrap();
    let Received::Appended { seq, prefix, .. } = hub.receive(&segments[2]).unwrap() else { panic!() };
    assert_eq!(phone.store.unacknowledged().unwrap().entries(), 3);
    assert!(matches!(phone.store.acknowledge(&log, 2, prefix), Err(StoreError::OtherBranch)));
    phone.store.acknowledge(&log, seq, prefix).unwrap();
    assert_eq!(phone.store.unacknowledged().unwrap().entries(), 0);
    assert!(!phone.store.entity_head(interview()).unwrap().unwrap().unacknowledged);
    phone.set("a/health_level", "4");
    let waiting = phone.store.unacknowledged().unwrap();
    assert_eq!((waiting.entries(), waiting.entities), (1, vec![(interview(), 1)]));
}

#[test]
fn a_restored_backup_that_went_on_is_a_fork_and_both_branches_are_kept() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    let mut clone = Kit::new(1);
    hub.knows(&phone);
    phone.set("a/health_level", "2");
    clone.set("a/health_level", "4");
    clone.set("a/health_level", "5");
    hub.pull(&mut phone);
    let before = hub.state();
    for bytes in clone.sent() {
        assert_eq!(hub.receive(&bytes).unwrap(), Received::Fork { log: phone.log(), kept: true });
    }
    assert_eq!(hub.state(), before);
    assert!(crate::common::holds(&hub.dump(), "fork"));
}

#[test]
fn what_can_not_be_taken_in_is_set_aside_with_its_code_and_changes_nothing() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    phone.set("a/health_level", "2");
    let bytes = phone.sent().remove(0);
    let code = |received: Received| match received {
        Received::SetAside { code, kept, .. } => (code, kept),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(hub.receive(&bytes).unwrap()), (Code::UnknownDevice, true));
    let (device, public_key) = (phone.store.device(), hub.store.public_key());
    let mut known = Device { device, public_key, person: person(), scopes: vec![] };
    hub.store.put_device(&known).unwrap();
    assert_eq!(code(hub.receive(&bytes).unwrap()), (Code::BadSignature, true));
    known.public_key = phone.store.public_key();
    hub.store.put_device(&known).unwrap();
    assert_eq!(code(hub.receive(&bytes).unwrap()), (Code::NotAllowed, true));
    assert_eq!(code(hub.receive(&bytes[..bytes.len() - 1]).unwrap()), (Code::Damaged, true));
    assert_eq!(hub.store.entity(interview()).unwrap(), None);
    known.scopes = vec![scope()];
    hub.store.put_device(&known).unwrap();
    assert!(matches!(hub.receive(&bytes).unwrap(), Received::Appended { entries: 1, .. }));
}

#[test]
fn an_authority_is_asked_about_every_entry() {
    struct OnlyLevels;
    impl Authority for OnlyLevels {
        fn refuses(&self, _: &Device, _: &LogId, entry: &kend_log::Entry) -> Option<Code> {
            let allowed = entry.ops().all(|op| op.path().is_some_and(|path| path.as_str().ends_with("_level")));
            if allowed { None } else { Some(Code::NotAllowed) }
        }
    }
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.knows(&phone);
    phone.set("a/health_level", "2");
    phone.set("a/health_notes", "not allowed");
    let received = hub.store.receive(&phone.sent()[0], &OnlyLevels).unwrap();
    assert!(matches!(received, Received::SetAside { code: Code::NotAllowed, .. }), "{received:?}");
    assert_eq!(hub.store.entity(interview()).unwrap(), None);
}

#[test]
fn an_entity_of_another_scope_and_a_hidden_own_entry_are_set_aside() {
    let (mut phone, mut tablet, mut hub) = (Kit::new(1), Kit::new(2), Kit::new(3));
    hub.knows(&phone);
    let other_scope = "demo/AZ-GUS".parse().unwrap();
    tablet.store.append(Append { scope: other_scope, ..entry(vec![set("a/health_level", "2")]) }).unwrap();
    let device = tablet.store.device();
    let scopes = vec!["demo/AZ-GUS".parse().unwrap()];
    let known = Device { device, public_key: tablet.store.public_key(), person: person(), scopes };
    hub.store.put_device(&known).unwrap();
    phone.set("a/health_level", "3");
    hub.pull(&mut phone);
    let log = LogId { device, scope: "demo/AZ-GUS".parse().unwrap() };
    let bytes = tablet.store.segments_to_send(&log, 0, usize::MAX, Addressee::Anybody).unwrap().remove(0).bytes;
    let received = hub.receive(&bytes).unwrap();
    assert!(matches!(received, Received::SetAside { code: Code::OtherScope, .. }), "{received:?}");

    phone.set("a/health_level", "4");
    let mut entries = phone.store.history(interview()).unwrap();
    let mut hides = entries.remove(1).entry;
    hides.header.context = kend_log::Context::default();
    let prior = phone.store.logs().unwrap()[0].clone();
    assert_eq!(prior.seq, 2);
    let first = entries.remove(0);
    let forged = Segment::sign(phone.log(), first.hash, vec![hides], |_| None, &[101; 32]).unwrap();
    let received = hub.receive(&forged.to_bytes().unwrap()).unwrap();
    assert!(matches!(received, Received::SetAside { code: Code::BadContext, .. }), "{received:?}");
    assert_eq!(hub.state().value("a/health_level"), Some(&Value::text("3")));
}

#[test]
fn what_is_set_aside_stays_within_its_quota() {
    let mut hub = Kit::new(3);
    let mut kept = 0;
    for number in 0_u32..300 {
        let received = hub.receive(&number.to_be_bytes()).unwrap();
        kept += u32::from(matches!(received, Received::SetAside { kept: true, .. }));
        assert_eq!(hub.receive(&number.to_be_bytes()).unwrap(), received);
    }
    assert_eq!(kept, 256);
}

#[test]
fn a_reader_that_follows_its_cursor_gets_every_segment_once_and_not_its_own() {
    let (mut phone, mut tablet, mut hub) = (Kit::new(1), Kit::new(2), Kit::new(3));
    hub.knows(&phone);
    hub.knows(&tablet);
    for number in 0..5 {
        phone.set(&format!("a/phone_{number}"), &"uzun qeyd ".repeat(20 * number));
        tablet.set(&format!("a/tablet_{number}"), "1");
        hub.set(&format!("a/hub_{number}"), "1");
        hub.pull(&mut phone);
        hub.pull(&mut tablet);
    }
    let (mut cursor, mut seen, mut pages) = (0, Vec::new(), 0);
    loop {
        let page =
            hub.store.segments_after(&scope(), cursor, Some(phone.store.device()), 300, Addressee::Anybody).unwrap();
        seen.extend(page.segments.iter().map(|segment| Segment::from_bytes(&segment.bytes).unwrap()));
        assert!(page.cursor > cursor);
        cursor = page.cursor;
        pages += 1;
        if !page.more {
            break;
        }
    }
    assert!(pages > 1);
    let entries = |device: DeviceId| {
        let of = seen.iter().filter(|segment| segment.log().device == device);
        of.flat_map(|segment| segment.entries().iter().map(|entry| entry.header.seq)).collect::<Vec<_>>()
    };
    assert_eq!(entries(tablet.store.device()), [1, 2, 3, 4, 5]);
    assert_eq!(entries(hub.store.device()), [1, 2, 3, 4, 5]);
    assert!(entries(phone.store.device()).is_empty());
    let again = hub.store.segments_after(&scope(), cursor, None, 300, Addressee::Anybody).unwrap();
    assert_eq!((again.segments.len(), again.cursor, again.more), (0, cursor, false));
}

#[test]
fn a_long_log_is_cut_into_segments_that_a_short_contact_can_carry() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.knows(&phone);
    for number in 0..20_u32 {
        let words: Vec<_> = (0..1_500).map(|at| ((at * 7_919 + number * 104_729) % 99_991).to_string()).collect();
        phone.set(&format!("a/notes_{number}"), &words.join(" "));
    }
    let segments = phone.sent();
    assert!(segments.len() >= 3, "{}", segments.len());
    let first = Segment::from_bytes(&segments[0]).unwrap().last_seq();
    let log = phone.log();
    let second = phone.store.segments_to_send(&log, first, 1, Addressee::Anybody).unwrap();
    assert_eq!(second.into_iter().map(|segment| segment.bytes).collect::<Vec<_>>(), segments[1..2]);
    for bytes in segments {
        hub.receive(&bytes).unwrap();
    }
    assert_eq!(hub.state().to_bytes(), phone.state().to_bytes());
}

#[test]
fn a_device_that_lost_its_end_gets_its_own_log_back_and_goes_on() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.knows(&phone);
    phone.set("a/health_level", "2");
    phone.set("a/health_level", "3");
    hub.pull(&mut phone);
    let mut fresh = Kit::new(1);
    fresh.pull(&mut hub);
    let kept = fresh.set("a/health_level", "4");
    assert_eq!(kept.dot.seq, 3);
    hub.pull(&mut fresh);
    assert_eq!(hub.state().value("a/health_level"), Some(&Value::text("4")));
}

/// What is counted without reading each is what the list says of each.
#[track_caller]
fn counted_as_listed(kit: &Kit) {
    let heads = kit.store.entities(EntityKind::Interview).unwrap();
    let tally = kit.store.tally(EntityKind::Interview).unwrap();
    let (waiting, others): (Vec<&EntityHead>, Vec<&EntityHead>) = heads.iter().partition(|head| head.unacknowledged);
    assert_eq!(tally.entities as usize, heads.len());
    assert_eq!(tally.unacknowledged, waiting.iter().map(|head| head.entity).collect::<Vec<_>>());
    assert_eq!(kit.store.waiting(EntityKind::Interview).unwrap() as usize, waiting.len());
    let (not_safe, settled): (Vec<&EntityHead>, Vec<&EntityHead>) = others.into_iter().partition(|head| head.not_safe);
    assert_eq!(tally.not_safe as usize, not_safe.len());
    let with_others = settled.iter().filter(|head| head.of_others).count();
    assert_eq!(kit.store.settled_with_others(EntityKind::Interview).unwrap() as usize, with_others);
}

#[test]
fn how_far_entities_have_come_is_counted_as_it_is_listed_at_every_step() {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    phone.knows(&tablet);
    let mut hashes = Vec::new();
    for number in 0..4 {
        let entity = EntityId::from_bytes([number; 16]);
        let kind = if number == 3 { EntityKind::Village } else { EntityKind::Interview };
        let append = Append { entity, kind, ..entry(vec![set("a/health_level", "2")]) };
        hashes.push(phone.store.append(append.clone()).unwrap().hash);
        tablet.store.append(Append { entity: EntityId::from_bytes([number + 2; 16]), ..append }).unwrap();
        counted_as_listed(&phone);
    }
    let log = phone.log();
    for (seq, hash) in (1..).zip(&hashes) {
        phone.store.acknowledge(&log, seq, hash.prefix()).unwrap();
        counted_as_listed(&phone);
        if seq == 2 {
            phone.pull(&mut tablet);
            counted_as_listed(&phone);
        }
        // The server is one behind.
        if seq > 1 {
            let receipt = KeptReceipt { seq: seq - 1, epoch: [1; 16], server_ms: 1, bytes: vec![1] };
            let before = hashes[usize::try_from(seq).unwrap() - 2];
            assert!(phone.store.keep_receipt(&log, before, &receipt).unwrap());
            counted_as_listed(&phone);
        }
    }
    let tally = phone.store.tally(EntityKind::Interview).unwrap();
    assert_eq!((tally.unacknowledged.len(), tally.not_safe), (0, 0), "only the village is not safe");
    assert!(phone.store.settled_with_others(EntityKind::Interview).unwrap() > 0);
}

#[test]
fn a_segment_that_was_verified_by_another_key_before_is_verified_again() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.knows(&phone);
    phone.set("a/health_level", "2");
    let [bytes] = phone.sent().try_into().unwrap();
    let honest = Segment::from_bytes(&bytes).unwrap();
    let other_key = [99; 32];
    let entries = honest.entries().to_vec();
    let forged = Segment::sign(phone.log(), honest.prior(), entries, |entity| honest.salt(entity), &other_key).unwrap();
    let forged = forged.to_bytes().unwrap();
    let mut arrival = Arrival::read(&forged).unwrap();
    assert!(!arrival.verify(&phone.store.public_key()));
    assert!(arrival.verify(&kend_log::public_key(&other_key)));
    let received = hub.store.receive_read(&forged, Some(arrival), &OwnScopes).unwrap();
    assert!(matches!(received, Received::SetAside { code: Code::BadSignature, .. }), "{received:?}");
    let mut arrival = Arrival::read(&bytes).unwrap();
    assert!(arrival.verify(&phone.store.public_key()));
    let received = hub.store.receive_read(&bytes, Some(arrival), &OwnScopes).unwrap();
    assert!(matches!(received, Received::Appended { entries: 1, .. }), "{received:?}");
}

#[test]
fn corrections_within_one_segment_leave_what_they_leave_one_by_one() {
    let (mut phone, mut hub, mut slow) = (Kit::new(1), Kit::new(3), Kit::new(4));
    hub.knows(&phone);
    slow.knows(&phone);
    for value in ["1", "2", "3"] {
        phone.set("a/health_level", value);
        phone.set("a/notes", "a word");
        // One segment for each, as far as the other has come.
        slow.pull(&mut phone);
    }
    phone.store.append(entry(vec![Op::Clear { path: path("a/notes") }])).unwrap();
    slow.pull(&mut phone);
    let mut whole = Kit::new(1);
    for value in ["1", "2", "3"] {
        whole.set("a/health_level", value);
        whole.set("a/notes", "a word");
    }
    whole.store.append(entry(vec![Op::Clear { path: path("a/notes") }])).unwrap();
    assert_eq!(whole.sent().len(), 1);
    hub.pull(&mut whole);
    assert_eq!(hub.state().to_bytes(), slow.state().to_bytes());
    assert_eq!(hub.store.digest(&scope()).unwrap(), slow.store.digest(&scope()).unwrap());
    hub.store.verify().unwrap();
    slow.store.verify().unwrap();
}

#[test]
fn a_segment_that_leaves_out_what_is_held_is_taken_in_and_one_that_can_not_be_filled_in_changes_nothing() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    for value in ["1", "2", "3"] {
        phone.set("a/health_level", value);
        phone.sent();
    }
    let (whole, following) = (phone.sent(), phone.sent_after(0, Addressee::Holder));
    assert_eq!((&whole[0], whole.len()), (&following[0], 3), "the first follows nothing");
    assert!(following[1].len() < whole[1].len() && following[2].len() < whole[2].len());
    let before = hub.dump();
    // Nobody is known, nothing is held.
    assert_eq!(hub.receive(&following[1]).unwrap(), Received::Lacking);
    hub.knows(&phone);
    let known = hub.dump();
    assert_eq!(hub.receive(&following[1]).unwrap(), Received::Lacking);
    assert_eq!(hub.dump(), known);
    assert_ne!(before, known);
    hub.receive(&following[0]).unwrap();
    assert_eq!(hub.receive(&following[2]).unwrap(), Received::Lacking);
    for (bytes, seq) in following.iter().skip(1).zip([2, 3]) {
        let received = hub.receive(bytes).unwrap();
        assert!(matches!(received, Received::Appended { entries: 1, seq: at, .. } if at == seq), "{received:?}");
        let again = hub.receive(bytes).unwrap();
        assert!(matches!(again, Received::Known { .. }), "{again:?}");
    }
    assert_eq!(hub.state().to_bytes(), phone.state().to_bytes());
    // It is handed on in either form, byte for byte, also after its content was erased.
    let pass_on = |hub: &mut Kit, addressee| {
        let page = hub.store.segments_after(&scope(), 0, None, usize::MAX, addressee).unwrap();
        page.segments.into_iter().map(|segment| segment.bytes).collect::<Vec<_>>()
    };
    assert_eq!(pass_on(&mut hub, Addressee::Anybody), whole);
    assert_eq!(pass_on(&mut hub, Addressee::Holder), following);
    hub.store.obey_erasure(1, interview(), None, kend_log::Reason::ConsentWithdrawn).unwrap();
    let mut third = Kit::new(4);
    third.knows(&phone);
    for bytes in pass_on(&mut hub, Addressee::Holder) {
        let received = third.receive(&bytes).unwrap();
        assert!(matches!(received, Received::Appended { .. }), "{received:?}");
    }
}

#[test]
fn what_is_kept_aside_of_a_segment_that_left_something_out_is_kept_whole() {
    let (mut phone, mut hub) = (Kit::new(1), Kit::new(3));
    hub.knows(&phone);
    phone.set("a/health_level", "1");
    for bytes in phone.sent() {
        hub.receive(&bytes).unwrap();
    }
    let mut clone = Kit::new(1);
    clone.set("a/health_level", "1");
    clone.sent();
    for (kit, value) in [(&mut phone, "2"), (&mut clone, "another 2")] {
        kit.set("a/health_level", value);
    }
    for bytes in phone.sent_after(1, Addressee::Holder) {
        assert!(matches!(hub.receive(&bytes).unwrap(), Received::Appended { .. }));
    }
    let forked = clone.sent_after(1, Addressee::Holder);
    assert_eq!(hub.receive(&forked[0]).unwrap(), Received::Fork { log: phone.log(), kept: true });
    let kept = hub.store.quarantined().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].bytes, clone.sent().pop().unwrap());
    kept[0].segment().unwrap().verify(&phone.store.public_key()).unwrap();
    // Written against an entry with that number and hash that says something else.
    let first = Segment::from_bytes(&phone.sent()[0]).unwrap();
    let mut lie = first.last().unwrap();
    lie.header.lamport += 1;
    let second = Segment::from_bytes(&phone.sent()[1]).unwrap();
    let mut fresh = Kit::new(5);
    fresh.knows(&phone);
    fresh.receive(&phone.sent()[0]).unwrap();
    assert_eq!(fresh.receive(&second.to_bytes_after(&lie).unwrap()).unwrap(), Received::Lacking);
    assert!(fresh.store.quarantined().unwrap().is_empty());
}
