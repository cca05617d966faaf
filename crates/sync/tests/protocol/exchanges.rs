//! Convergence, repeats, rights, epochs and lies.

use std::collections::BTreeSet;

use kend_domain::{EntityId, Role};
use kend_log::{Act, EntityKind, Op, Reason};
use kend_sync::protocol::{PROTOCOL, PROTOCOL_FOLLOWING};
use kend_sync::{Epoch, Exchange, ExchangeError, HttpResponse, RefusalCode, SetAsideCode, Step, SyncResponse, Tickets};
use proptest::prelude::*;

use crate::memory::{Hub, Line, Memory, answer_at, sync};

const TOVUZ: &str = "demo/AZ-TOV";
const GUBA: &str = "demo/AZ-QBA";

fn tickets() -> Tickets {
    Tickets::new([5; 32])
}

/// A hub and three enumerators in Tovuz.
fn three() -> (Hub, Vec<Memory>) {
    let mut hub = Hub::new();
    let devices: Vec<Memory> = (1..=3).map(Memory::new).collect();
    for device in &devices {
        hub.know(device, Role::Enumerator, "AZ-TOV");
    }
    (hub, devices)
}

proptest! {
    // Unoptimised signatures are slow: so many cases take some ten seconds.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_happens_on_the_way_all_come_to_the_same_logs_and_nothing_is_lost(
        steps in prop::collection::vec((0_usize..3, 0_u8..7), 1..25),
    ) {
        let (mut hub, mut devices) = three();
        let mut tickets = tickets();
        let mut written = 0;
        for (device, step) in steps {
            let device = &mut devices[device];
            match step {
                0 | 1 => {
                    device.write(TOVUZ, answer_at("a/health_notes", &format!("entry {written}")));
                    written += 1;
                }
                2 => { sync(device, &mut hub, &mut tickets, Line::Good).unwrap(); }
                3 => { sync(device, &mut hub, &mut tickets, Line::AnswerLost).unwrap_err(); }
                // The hub's program becomes an older or a newer one.
                4 => hub.speaks = PROTOCOL + PROTOCOL_FOLLOWING - hub.speaks,
                // It is put back from a backup.
                5 => {
                    hub.memory.segments.truncate(hub.memory.segments.len() / 2);
                    hub.epoch = Epoch([hub.epoch.0[0] + 1; 16]);
                }
                _ => { sync(device, &mut hub, &mut tickets, Line::RequestTwice).unwrap(); }
            }
        }
        for _ in 0..2 {
            for device in &mut devices {
                prop_assert!(sync(device, &mut hub, &mut tickets, Line::Good).unwrap().complete);
            }
        }
        let entries: usize = hub.memory.content().values().map(Vec::len).sum();
        prop_assert_eq!(entries, written);
        for device in &mut devices {
            prop_assert_eq!(&device.content(), &hub.memory.content());
            let again = sync(device, &mut hub, &mut tickets, Line::Good).unwrap();
            prop_assert_eq!((again.entries_sent, again.entries_received, again.round_trips), (0, 0, 1));
        }
        prop_assert!(hub.memory.aside.is_empty());
    }

    #[test]
    fn no_device_ever_holds_or_hands_in_what_is_outside_its_areas(
        areas in prop::collection::vec(prop::sample::select(vec!["AZ", "AZ-TOV", "AZ-QBA", "AZ-QUS"]), 3),
        roles in prop::collection::vec(prop::sample::select(Role::ALL.to_vec()), 3),
        writes in prop::collection::vec((0_usize..3, prop::sample::select(vec![TOVUZ, GUBA]), any::<bool>()), 1..20),
    ) {
        let mut hub = Hub::new();
        let mut devices: Vec<Memory> = (1..=3).map(Memory::new).collect();
        for ((device, role), area) in devices.iter().zip(&roles).zip(&areas) {
            hub.know(device, *role, area);
        }
        for (device, scope, at_meeting) in writes {
            if at_meeting {
                let meeting = EntityId::from_bytes([100 + u8::try_from(device).unwrap(); 16]);
                devices[device].write_of(EntityKind::Meeting, meeting, scope, answer_at("v/class/comment", "words"));
            } else {
                devices[device].write(scope, answer_at("a/health_notes", "words"));
            }
        }
        let mut tickets = tickets();
        for device in &mut devices {
            sync(device, &mut hub, &mut tickets, Line::Good).unwrap();
        }
        for device in &mut devices {
            sync(device, &mut hub, &mut tickets, Line::Good).unwrap();
            let rights = hub.known[&device.id()].clone();
            for log in device.content().keys().filter(|log| log.device != device.id()) {
                prop_assert!(rights.may_hold(&log.scope), "{:?} holds {}", rights.people, log.scope);
            }
        }
        for segment in &hub.memory.segments {
            let log = segment.log();
            let author = &hub.known[&log.device].people[0];
            prop_assert!(author.areas.hold(log.scope.area()));
            for entry in segment.entries() {
                let meeting = entry.header.kind == EntityKind::Meeting;
                let may = if meeting { author.role.meets() } else { author.role.records() };
                prop_assert!(may, "{:?} of {}", entry.header.kind, author.role);
            }
        }
    }
}

/// A committee's device is no reader of logs, but its verdict must get to the hub and to those who read it.
#[test]
fn a_committees_device_hands_in_its_meetings_and_nothing_else_and_gets_nobody_elses_words() {
    let (mut hub, mut tickets) = (Hub::new(), tickets());
    let [mut committee, mut enumerator, mut other] = [1, 2, 3].map(Memory::new);
    hub.know(&committee, Role::Committee, "AZ-TOV");
    hub.know(&other, Role::Committee, "AZ-TOV");
    hub.know(&enumerator, Role::Enumerator, "AZ-TOV");
    let (interview, meeting) = (EntityId::from_bytes([7; 16]), EntityId::from_bytes([8; 16]));
    enumerator.write_on(interview, TOVUZ, answer_at("a/health_notes", "the clinic is far"));
    sync(&mut enumerator, &mut hub, &mut tickets, Line::Good).unwrap();
    committee.write_of(EntityKind::Meeting, meeting, TOVUZ, answer_at("v/class/comment", "so it is"));
    other.write_of(EntityKind::Meeting, EntityId::from_bytes([9; 16]), TOVUZ, answer_at("v/class/comment", "not so"));
    for device in [&mut committee, &mut other] {
        let outcome = sync(device, &mut hub, &mut tickets, Line::Good).unwrap();
        assert_eq!((outcome.complete, outcome.entries_sent, outcome.entries_received), (true, 1, 0));
    }
    assert_eq!(sync(&mut enumerator, &mut hub, &mut tickets, Line::Good).unwrap().entries_received, 2);
    // Its own comes back to it when it lost it; nothing of others does.
    let own = committee.content();
    let mut lost = Memory::new(1);
    assert_eq!(sync(&mut lost, &mut hub, &mut tickets, Line::Good).unwrap().entries_received, 1);
    assert_eq!(lost.content(), own);
    // Nor may it write on an interview by calling it a meeting, not even one that it knows of.
    let erase = Op::Erase { under: None, reason: Reason::MustNotBeKept };
    let kept = hub.memory.content();
    for op in [answer_at("v/class/comment", "mine"), erase] {
        lost.write_of(EntityKind::Meeting, interview, TOVUZ, op);
        let outcome = sync(&mut lost, &mut hub, &mut tickets, Line::Good).unwrap();
        assert_eq!((outcome.entries_sent, outcome.set_aside.len()), (0, 1));
    }
    assert_eq!(hub.memory.content(), kept);
}

#[test]
fn a_new_epoch_makes_devices_offer_what_the_hub_lost_whoever_wrote_it() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    let mut backup = hub.clone();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "The road"));
    devices[0].write(TOVUZ, answer_at("a/health_notes", "The road is bad"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    sync(&mut devices[1], &mut hub, &mut tickets, Line::Good).unwrap();
    backup.epoch = Epoch([2; 16]);
    let outcome = sync(&mut devices[1], &mut backup, &mut tickets, Line::Good).unwrap();
    assert!(outcome.complete);
    assert_eq!(backup.memory.content(), hub.memory.content(), "the second device healed the hub");
    assert!(sync(&mut devices[0], &mut backup, &mut tickets, Line::Good).unwrap().complete);
    assert!(sync(&mut devices[2], &mut backup, &mut tickets, Line::Good).unwrap().complete);
    assert_eq!(devices[2].content(), hub.memory.content());
}

#[test]
fn without_a_new_epoch_a_hub_that_lacks_entries_says_so_and_gets_them() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    let empty = hub.memory.clone();
    for entry in 0..3 {
        devices[0].write(TOVUZ, answer_at("a/health_notes", &entry.to_string()));
        sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    }
    hub.memory = empty;
    devices[0].write(TOVUZ, answer_at("a/health_notes", "fourth"));
    let outcome = sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!(
        outcome.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect::<Vec<_>>(),
        [(SetAsideCode::Gap, false)]
    );
    assert!(outcome.complete);
    assert_eq!(hub.memory.content(), devices[0].content());
}

#[test]
fn a_device_put_back_from_a_backup_gets_its_own_entries_back() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "one"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    let mut backup = devices[0].clone();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "two"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    hub.know(&backup, Role::Enumerator, "AZ-TOV");
    let outcome = sync(&mut backup, &mut hub, &mut tickets, Line::Good).unwrap();
    assert!(outcome.restored);
    assert_eq!(backup.content(), devices[0].content());
    assert!(!sync(&mut backup, &mut hub, &mut tickets, Line::Good).unwrap().restored);
}

#[test]
fn a_device_put_back_from_before_its_first_entry_gets_that_back_too() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    let mut backup = devices[0].clone();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "one"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    let outcome = sync(&mut backup, &mut hub, &mut tickets, Line::Good).unwrap();
    assert!(outcome.restored);
    assert_eq!(backup.content(), devices[0].content());
}

#[test]
fn a_device_that_wrote_on_after_its_backup_is_a_fork_and_both_branches_are_kept() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "one"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    let mut clone = devices[0].clone();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "two"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    clone.write(TOVUZ, answer_at("a/health_notes", "another two"));
    let outcome = sync(&mut clone, &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!(outcome.set_aside.iter().map(|aside| aside.code).collect::<Vec<_>>(), [SetAsideCode::Fork]);
    assert_eq!(outcome.forked.len(), 1);
    assert_eq!(hub.memory.aside.len(), 1, "the later branch is kept aside");
    assert_eq!(hub.memory.content(), devices[0].content());
}

#[test]
fn a_device_whose_branch_is_the_shorter_learns_of_the_fork_and_sends_it_once() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "one"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    let mut clone = devices[0].clone();
    for words in ["two", "three", "four"] {
        devices[0].write(TOVUZ, answer_at("a/health_notes", words));
    }
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    clone.write(TOVUZ, answer_at("a/health_notes", "another two"));
    let outcome = sync(&mut clone, &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!((outcome.forked.len(), outcome.restored), (1, false));
    assert_eq!(outcome.set_aside.iter().map(|aside| aside.code).collect::<Vec<_>>(), [SetAsideCode::Fork]);
    let again = sync(&mut clone, &mut hub, &mut tickets, Line::Good).unwrap();
    assert!(again.set_aside.is_empty(), "what the hub keeps aside is not sent again");
    assert_eq!(hub.memory.content(), devices[0].content());
}

#[test]
fn what_follows_something_set_aside_is_kept_too_and_not_offered_for_ever() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    devices[0].write(TOVUZ, Op::Judge { act: Act::Approve });
    devices[0].write(TOVUZ, answer_at("a/health_notes", "honest"));
    let outcome = sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    let codes: Vec<_> = outcome.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect();
    assert_eq!(codes, [(SetAsideCode::NotAllowed, true), (SetAsideCode::Gap, true)]);
    assert_eq!((outcome.entries_sent, outcome.entries_set_aside()), (0, 2));
    devices[0].write(TOVUZ, answer_at("a/health_notes", "more"));
    let outcome = sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!((outcome.entries_set_aside(), outcome.round_trips), (1, 1));
    let outcome = sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!((outcome.set_aside.len(), outcome.round_trips), (0, 1));
    assert_eq!(hub.memory.aside.len(), 3);
}

#[test]
fn whoever_took_part_erases_and_nobody_else_of_the_enumerators() {
    let erase = || Op::Erase { under: None, reason: Reason::ConsentWithdrawn };
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    let shared = EntityId::from_bytes([9; 16]);
    devices[0].write_on(shared, TOVUZ, answer_at("a/health_notes", "Aynur began it"));
    sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    // Began apart from the first, and so within the rights of who never saw that one.
    devices[1].write_on(shared, TOVUZ, answer_at("a/health_notes", "so did Rashad"));
    devices[1].write_on(shared, TOVUZ, erase());
    assert!(sync(&mut devices[1], &mut hub, &mut tickets, Line::Good).unwrap().set_aside.is_empty());
    devices[2].write_on(shared, TOVUZ, erase());
    let outcome = sync(&mut devices[2], &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!(outcome.set_aside.iter().map(|aside| aside.code).collect::<Vec<_>>(), [SetAsideCode::NotAllowed]);
}

#[test]
fn a_revoked_device_gets_nothing_and_what_it_brings_is_set_aside() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    devices[1].write(TOVUZ, answer_at("a/health_notes", "words"));
    sync(&mut devices[1], &mut hub, &mut tickets, Line::Good).unwrap();
    let id = devices[0].id();
    hub.known.get_mut(&id).unwrap().revoked = true;
    devices[0].write(TOVUZ, answer_at("a/health_notes", "after the loss"));
    let outcome = sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!((outcome.entries_received, outcome.entries_set_aside()), (0, 0), "it is told nothing");
    assert_eq!(hub.memory.aside.len(), 1, "what it handed in is kept for a person to look at");
}

#[test]
fn an_answer_that_is_not_the_hubs_to_this_request_changes_nothing() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    devices[0].write(TOVUZ, answer_at("a/health_notes", "words"));
    let mut ask = |hub: &mut Hub, device: &mut Memory| {
        let mut exchange = Exchange::new(hub.keys());
        let Step::Request(request) = exchange.next(device).unwrap() else { panic!("nothing to ask") };
        (exchange, hub.serve(&mut tickets, &request))
    };
    let (_, old) = ask(&mut hub, &mut devices[1]);
    let mut lies = vec![
        ("a page", HttpResponse { status: 200, signature: None, body: b"<html>".to_vec() }),
        ("nothing", HttpResponse { status: 200, signature: None, body: Vec::new() }),
        ("the answer to another", HttpResponse { status: 200, ..old }),
        ("an error page", HttpResponse { status: 502, signature: None, body: b"Bad gateway".to_vec() }),
    ];
    let honest = SyncResponse {
        protocol: 1,
        epoch: Epoch([1; 16]),
        orders: Vec::new(),
        acks: Vec::new(),
        set_aside: Vec::new(),
        receipts: Vec::new(),
        certificate: None,
        certificates: Vec::new(),
        cursors: Vec::new(),
        digests: Vec::new(),
        more: false,
        hub_ms: 0,
        ticket: kend_sync::Ticket::NONE,
        segments: Vec::new(),
    };
    lies.push(("unsigned", HttpResponse { status: 200, signature: None, body: honest.encode() }));
    for (name, lie) in lies {
        let (mut exchange, _) = ask(&mut hub, &mut devices[0]);
        let before = devices[0].acknowledged.clone();
        assert_eq!(exchange.receive(&lie, &mut devices[0]).unwrap_err(), ExchangeError::NoHub, "{name}");
        assert_eq!(devices[0].acknowledged, before, "{name}");
        assert_eq!(exchange.receive(&lie, &mut devices[0]).unwrap_err(), ExchangeError::NotWaiting, "{name}");
    }
}

#[test]
fn a_hub_that_refuses_its_own_fresh_ticket_is_asked_no_third_time() {
    let (mut hub, mut devices) = three();
    let mut exchange = Exchange::new(hub.keys());
    for round in 0..2_u8 {
        let Step::Request(request) = exchange.next(&mut devices[0]).unwrap() else { panic!("nothing to ask") };
        // Fresh tickets each time: none of them is ever right.
        let response = hub.serve(&mut Tickets::new([round; 32]), &request);
        let received = exchange.receive(&response, &mut devices[0]);
        match round {
            0 => assert_eq!(received, Ok(())),
            _ => assert_eq!(received, Err(ExchangeError::Refused(RefusalCode::Ticket))),
        }
    }
}

#[test]
fn a_certificate_comes_with_the_beginning_of_a_log_and_only_then() {
    let (mut hub, mut devices) = three();
    let mut tickets = tickets();
    let mut down = BTreeSet::new();
    for _ in 0..2 {
        devices[0].write(TOVUZ, answer_at("a/health_notes", "the same number of letters"));
        sync(&mut devices[0], &mut hub, &mut tickets, Line::Good).unwrap();
        down.insert(sync(&mut devices[1], &mut hub, &mut tickets, Line::Good).unwrap().bytes_down);
    }
    assert_eq!(devices[1].content(), devices[0].content());
    let (with, without) = (down.last().unwrap(), down.first().unwrap());
    assert!(with - without > 150, "{down:?}: the certificate is not sent again");
}
