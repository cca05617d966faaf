//! Segments that leave out what the entry before them says: who sends them to whom, and what happens where that entry is
//! missing.

use kend_domain::{DeviceId, Role};
use kend_log::{BadSegment, LogId, Segment};
use kend_sync::protocol::{PROTOCOL, PROTOCOL_FOLLOWING};
use kend_sync::{
    Addressee, Deed, Epoch, Exchange, ExchangeError, HubReplica, KnownDevice, Moment, Order, Replica, SetAsideCode,
    Step, SyncRequest, SyncResponse, Ticket, Tickets, answer, take_segment,
};

use crate::memory::{HUB, Hub, Line, Memory, answer_at, answers_with, sync};

const TOVUZ: &str = "demo/AZ-TOV";
const GUBA: &str = "demo/AZ-QBA";

fn tickets() -> Tickets {
    Tickets::new([5; 32])
}

/// A hub and two enumerators in Tovuz; the hub has an entry of the first.
fn two() -> (Hub, Memory, Memory, Tickets) {
    let mut hub = Hub::new();
    let (mut aynur, rashad) = (Memory::new(1), Memory::new(2));
    for device in [&aynur, &rashad] {
        hub.know(device, Role::Enumerator, "AZ-TOV");
    }
    let mut tickets = tickets();
    aynur.write(TOVUZ, answer_at("a/health_notes", "one"));
    sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    (hub, aynur, rashad, tickets)
}

fn log(device: &Memory, scope: &str) -> LogId {
    LogId { device: device.id(), scope: scope.parse().unwrap() }
}

fn is_whole(bytes: &[u8]) -> bool {
    !matches!(Segment::from_bytes(bytes), Err(BadSegment::Follows { .. }))
}

/// For each segment that came since the last look: whether it was whole.
fn came(hub: &mut Hub) -> Vec<bool> {
    std::mem::take(&mut hub.came).iter().map(|bytes| is_whole(bytes)).collect()
}

fn last(device: &mut Memory, addressee: Addressee) -> Vec<u8> {
    let log = log(device, TOVUZ);
    device.segments(&log, 0, usize::MAX, addressee).unwrap().pop().unwrap().bytes
}

#[test]
fn the_first_segment_is_whole_and_later_ones_leave_out_what_the_hub_holds() {
    let (mut hub, mut aynur, mut rashad, mut tickets) = two();
    assert_eq!(came(&mut hub), [true]);
    for words in ["two", "three"] {
        aynur.write(TOVUZ, answer_at("a/health_notes", words));
    }
    let outcome = sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!((came(&mut hub), outcome.round_trips), (vec![false, false], 1));
    assert_eq!(hub.memory.content(), aynur.content());
    assert!(last(&mut aynur, Addressee::Holder).len() + 40 < last(&mut aynur, Addressee::Anybody).len());

    // Downwards too, for who has received the stream so far: here from its second exchange on.
    let mut down = |hub: &mut Hub, rashad: &mut Memory| {
        let answers = answers_with(rashad, hub, &mut tickets);
        answers.iter().flat_map(|answer| &answer.segments).map(|bytes| is_whole(bytes)).collect::<Vec<_>>()
    };
    assert_eq!(down(&mut hub, &mut rashad), [true; 3]);
    aynur.write(TOVUZ, answer_at("a/health_notes", "four"));
    sync(&mut aynur, &mut hub, &mut Tickets::new([6; 32]), Line::Good).unwrap();
    assert_eq!(down(&mut hub, &mut rashad), [false]);
    assert_eq!(rashad.content(), aynur.content());
}

#[test]
fn a_hub_of_the_first_version_gets_whole_segments_and_so_does_one_that_went_back_to_it() {
    let (mut hub, mut aynur, _, mut tickets) = two();
    came(&mut hub);
    hub.speaks = PROTOCOL;
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    let outcome = sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    assert!(outcome.complete && outcome.set_aside.is_empty());
    // Refused in the second version, asked for a new ticket, and taken.
    assert_eq!((came(&mut hub), outcome.round_trips), (vec![false, true], 3));
    aynur.write(TOVUZ, answer_at("a/health_notes", "three"));
    let outcome = sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!((came(&mut hub), outcome.round_trips), (vec![true], 1), "it is remembered");
    hub.speaks = PROTOCOL_FOLLOWING;
    for whole in [true, false] {
        aynur.write(TOVUZ, answer_at("a/health_notes", "more"));
        sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
        assert_eq!(came(&mut hub), [whole], "and so is that it speaks the second again");
    }
    assert_eq!(hub.memory.content(), aynur.content());
}

#[test]
fn a_device_that_does_not_say_it_reads_them_gets_whole_segments_in_answers_of_the_first_version() {
    let (mut hub, mut aynur, mut rashad, mut tickets) = two();
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    let mut exchange = Exchange::new(hub.keys());
    let Step::Request(mut request) = exchange.next(&mut rashad).unwrap() else { panic!("nothing to ask") };
    request.headers.retain(|(name, _)| *name != kend_sync::protocol::PROTOCOL_HEADER);
    let response = hub.serve(&mut tickets, &request);
    let response = match response.status {
        // A fresh ticket first.
        401 => {
            exchange.receive(&response, &mut rashad).unwrap();
            let Step::Request(mut request) = exchange.next(&mut rashad).unwrap() else { panic!("nothing to ask") };
            request.headers.retain(|(name, _)| *name != kend_sync::protocol::PROTOCOL_HEADER);
            hub.serve(&mut tickets, &request)
        }
        _ => response,
    };
    let answer = SyncResponse::decode(&response.body).unwrap();
    assert_eq!((answer.protocol, answer.segments.len()), (PROTOCOL, 2));
    assert!(answer.segments.iter().all(|bytes| is_whole(bytes)));
    exchange.receive(&response, &mut rashad).unwrap();
    assert_eq!(rashad.marks().unwrap().protocol, PROTOCOL);
}

#[test]
fn a_hub_that_lacks_the_entry_before_says_so_keeps_nothing_and_gets_it_whole() {
    let (mut hub, mut aynur, _, mut tickets) = two();
    // It lost the log and does not know it: no new epoch.
    hub.memory.segments.clear();
    came(&mut hub);
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    let outcome = sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!(came(&mut hub), [false, true, true, true], "left out, whole, from the beginning");
    assert!(outcome.complete);
    assert!(outcome.set_aside.iter().all(|aside| aside.code != SetAsideCode::Lacking));
    assert_eq!(hub.memory.content(), aynur.content());
    assert!(hub.memory.aside.is_empty());
}

#[test]
fn a_new_epoch_begins_with_whole_segments() {
    let (mut hub, mut aynur, _, mut tickets) = two();
    hub.memory.segments.clear();
    hub.epoch = Epoch([2; 16]);
    came(&mut hub);
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    assert!(sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap().complete);
    assert_eq!(hub.memory.content(), aynur.content());
    assert!(hub.memory.aside.is_empty());
}

#[test]
fn another_branch_is_kept_aside_whole_though_its_entry_before_is_not_held() {
    let (mut hub, mut aynur, _, mut tickets) = two();
    let mut clone = aynur.clone();
    for words in ["two", "three"] {
        aynur.write(TOVUZ, answer_at("a/health_notes", words));
        sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    }
    for words in ["another two", "another three"] {
        clone.write(TOVUZ, answer_at("a/health_notes", words));
    }
    let outcome = sync(&mut clone, &mut hub, &mut tickets, Line::Good).unwrap();
    assert_eq!(outcome.forked.len(), 1);
    assert_eq!(hub.memory.content(), aynur.content());
    let kept: Vec<Segment> = hub.memory.aside.iter().map(|bytes| Segment::from_bytes(bytes).unwrap()).collect();
    assert_eq!(kept.iter().map(Segment::last_seq).max(), Some(3), "nobody who reads it later needs another entry");
}

#[test]
fn whoever_may_not_hold_a_log_does_not_learn_from_a_claim_what_the_hub_holds() {
    let (mut hub, mut aynur, _, _) = two();
    let stranger = Memory::new(3);
    hub.know(&stranger, Role::Enumerator, "AZ-QBA");
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    let claims = last(&mut aynur, Addressee::Holder);
    let known = |device: &Memory, hub: &Hub| hub.known[&device.id()].clone();
    let taken = take_segment(&claims, &known(&stranger, &hub), &mut hub).unwrap();
    let mut empty = hub.clone();
    empty.memory.segments.clear();
    let empty = take_segment(&claims, &known(&stranger, &hub), &mut empty);
    assert_eq!((taken.aside, taken.log.clone()), (Some((SetAsideCode::Lacking, false)), None));
    assert_eq!(taken, empty.unwrap(), "whether or not the hub holds the entry");
    // Its author may.
    let taken = take_segment(&claims, &known(&aynur, &hub), &mut hub).unwrap();
    assert_eq!((taken.aside, taken.entries), (None, 1));
}

#[test]
fn a_claim_that_does_not_lead_to_what_the_author_signed_changes_nothing() {
    let (mut hub, mut aynur, _, _) = two();
    aynur.write(GUBA, answer_at("a/health_notes", "in another scope"));
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    let honest = last(&mut aynur, Addressee::Holder);
    let segment = Segment::from_bytes(&last(&mut aynur, Addressee::Anybody)).unwrap();
    let held = |hub: &Hub, device: DeviceId| {
        let (seq, prefix) = hub.head(&LogId { device, scope: TOVUZ.parse().unwrap() }).unwrap().unwrap();
        HubReplica::entry_before(hub, device, seq, prefix).unwrap().unwrap()
    };
    let right = held(&hub, aynur.id());
    let mut wrong = right.clone();
    wrong.header.lamport += 7;
    wrong.header.said.wall_ms -= 1_000;
    let lies = [
        // Written against another entry than the hub holds under that number and hash.
        segment.to_bytes_after(&wrong).unwrap(),
        honest[..honest.len() - 1].to_vec(),
    ];
    let sender: KnownDevice = hub.known[&aynur.id()].clone();
    let before = hub.memory.content();
    for lie in lies {
        let taken = take_segment(&lie, &sender, &mut hub).unwrap();
        assert_ne!(taken.aside, None);
        assert_eq!(hub.memory.content(), before);
    }
    assert_eq!(take_segment(&honest, &sender, &mut hub).unwrap().aside, None);
}

#[test]
fn a_device_that_lacks_the_entry_before_moves_no_cursor_and_asks_for_whole_ones() {
    let (mut hub, mut aynur, mut rashad, mut tickets) = two();
    sync(&mut rashad, &mut hub, &mut tickets, Line::Good).unwrap();
    let before = rashad.marks().unwrap();
    // Rashad's device has another branch of Aynur's log than the hub: of a clone that met it in between.
    rashad.segments.clear();
    let mut clone = Memory::new(1);
    clone.write(TOVUZ, answer_at("a/health_notes", "another one"));
    rashad.segments = clone.segments.clone();
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    let mut exchange = Exchange::new(hub.keys());
    let mut versions = Vec::new();
    let outcome = loop {
        match exchange.next(&mut rashad).unwrap() {
            Step::Done(outcome) => break outcome,
            Step::Request(request) => {
                versions.push(SyncRequest::decode(&request.body).unwrap().protocol);
                exchange.receive(&hub.serve(&mut tickets, &request), &mut rashad).unwrap();
                if versions.len() == 1 {
                    assert_eq!(rashad.marks().unwrap().cursors, before.cursors);
                }
            }
        }
    };
    assert_eq!(versions[..2], [PROTOCOL_FOLLOWING, PROTOCOL]);
    assert!(outcome.segments_aside_here > 0, "it is another branch, and is treated as one");
    assert_eq!(rashad.marks().unwrap().protocol, PROTOCOL_FOLLOWING);
}

#[test]
fn a_hub_that_leaves_something_out_unasked_is_no_hub() {
    let (mut hub, mut aynur, mut rashad, mut tickets) = two();
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    let mut exchange = Exchange::new(hub.keys());
    let lie = last(&mut aynur, Addressee::Holder);
    let answered = loop {
        let Step::Request(request) = exchange.next(&mut rashad).unwrap() else { panic!("nothing to ask") };
        let response = hub.serve_altered(&mut tickets, &request, |answer| answer.segments = vec![lie.clone()]);
        let (status, received) = (response.status, exchange.receive(&response, &mut rashad));
        if status == 200 {
            break received;
        }
    };
    assert_eq!(answered, Err(ExchangeError::NoHub));
    assert!(rashad.content().is_empty());
}

#[test]
fn what_goes_into_a_file_is_whole() {
    let (mut hub, mut aynur, rashad, _) = two();
    aynur.write(TOVUZ, answer_at("a/health_notes", "two"));
    let sender = hub.known[&aynur.id()].clone();
    take_segment(&last(&mut aynur, Addressee::Holder), &sender, &mut hub).unwrap();
    let standing = kend_sync::standing(&rashad).unwrap();
    assert_eq!(standing.protocol, PROTOCOL);
    let known = hub.known[&rashad.id()].clone();
    let moment = Moment { hub_ms: 0, ticket: Ticket::NONE, protocol: PROTOCOL };
    let request = SyncRequest { budget_bytes: 1 << 20, ..standing };
    let given = answer(&request, &known, &mut hub, moment).unwrap();
    assert_eq!(given.segments.len(), 2);
    assert!(given.segments.iter().all(|bytes| is_whole(bytes)));
    let page = kend_sync::read_scope(&TOVUZ.parse().unwrap(), 0, &mut hub, 0).unwrap();
    assert!(page.segments.len() == 2 && page.segments.iter().all(|bytes| is_whole(bytes)));
}

#[test]
fn a_revoked_device_still_hands_in_whole_what_the_hub_could_not_read_and_is_wiped_only_then() {
    let (mut hub, mut aynur, _, mut tickets) = two();
    // Of its branch the hub holds nothing: a clone's came there first when the hub was put back.
    let mut clone = Memory::new(1);
    clone.write(TOVUZ, answer_at("a/health_notes", "another one"));
    hub.memory.segments = clone.segments.clone();
    hub.known.get_mut(&aynur.id()).unwrap().revoked = true;
    let wipe = Order { device: aynur.id(), number: 1, deed: Deed::Wipe };
    hub.order(aynur.id(), &wipe, [HUB; 32]);
    aynur.write(TOVUZ, answer_at("a/health_notes", "the last words"));
    let outcome = sync(&mut aynur, &mut hub, &mut tickets, Line::Good).unwrap();
    assert!(outcome.wipe);
    let kept = hub.memory.aside.iter().map(|bytes| Segment::from_bytes(bytes).unwrap());
    assert_eq!(kept.map(|segment| segment.last_seq()).collect::<Vec<_>>(), [2]);
}
