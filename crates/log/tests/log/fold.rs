//! The fold, held against its definition: every property is checked by looking at all pairs of entries.

use std::collections::BTreeSet;

use crate::common::{PATHS, Replica, device, entity, history, path, run, segment, shuffle, steps};
use kend_log::{Act, Chained, Dot, EntityState, Entry, Op, Reason, Seen, Value};
use proptest::prelude::*;

/// What an entry writes to a path last.
fn written(chained: &Chained, at: &str) -> Option<Op> {
    let writes = |op: &&Op| matches!(op, Op::Set { path, .. } | Op::Clear { path } if path.as_str() == at);
    chained.entry.ops().filter(writes).last().cloned()
}

fn value(op: Op) -> Option<Value> {
    if let Op::Set { value, .. } = op { Some(value) } else { None }
}

fn erased(history: &[Chained], at: &str) -> bool {
    let takes =
        |op: &Op| matches!(op, Op::Erase { under, .. } if under.as_ref().is_none_or(|under| path(at).is_under(under)));
    history.iter().any(|chained| chained.entry.ops().any(takes))
}

/// Live by definition: written there, and no entry that writes there has it in its context.
fn live_by_definition(history: &[Chained], at: &str) -> BTreeSet<(Dot, Option<Value>)> {
    if erased(history, at) {
        return BTreeSet::new();
    }
    let superseded =
        |dot: Dot| history.iter().any(|other| written(other, at).is_some() && other.entry.header.context.holds(dot));
    let live = history.iter().filter_map(|chained| Some((chained.dot(), value(written(chained, at)?))));
    live.filter(|(dot, _)| !superseded(*dot)).collect()
}

fn live(state: &EntityState, at: &str) -> BTreeSet<(Dot, Option<Value>)> {
    state.live(at).iter().map(|live| (live.dot, live.value.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_order_and_repetition_gives_the_same_bytes(steps in steps(true), seed in any::<u64>()) {
        let history = history(&run(&steps));
        let straight = EntityState::fold(entity(), &history);
        prop_assert_eq!(straight.waiting().count(), 0);
        let mut shuffled: Vec<&Chained> = history.iter().chain(&history).collect();
        shuffle(&mut shuffled, seed);
        let state = EntityState::fold(entity(), shuffled);
        prop_assert_eq!(state.to_bytes(), straight.to_bytes());
        prop_assert_eq!(state, straight);
    }

    #[test]
    fn what_a_replica_folded_as_it_came_is_what_a_refold_gives(steps in steps(true)) {
        for replica in run(&steps) {
            let mut backwards = replica.holds.clone();
            backwards.reverse();
            prop_assert_eq!(&EntityState::fold(entity(), &replica.holds), &replica.state);
            prop_assert_eq!(&EntityState::fold(entity(), &backwards), &replica.state);
        }
    }

    #[test]
    fn no_write_is_lost_and_every_conflict_is_shown(steps in steps(true)) {
        let history = history(&run(&steps));
        let state = EntityState::fold(entity(), &history);
        for at in PATHS {
            let expected = live_by_definition(&history, at);
            prop_assert_eq!(&live(&state, at), &expected);
            let values: BTreeSet<_> = expected.iter().map(|(_, value)| value).collect();
            prop_assert_eq!(state.distinct(at).len(), values.len());
            prop_assert_eq!(state.conflicts().contains(&&path(at)), values.len() > 1);
        }
    }

    #[test]
    fn an_element_stays_while_an_addition_of_it_is_not_removed(steps in steps(false)) {
        let history = history(&run(&steps));
        let state = EntityState::fold(entity(), &history);
        let mut expected = BTreeSet::new();
        for chained in &history {
            for op in chained.entry.ops() {
                let Op::Add { element, .. } = op else { continue };
                let goes = |other: &Chained| other.entry.ops().any(|op| match op {
                    Op::Remove { element: removed, seen, .. } => removed == element && seen.contains(&chained.dot()),
                    Op::Add { element: again, .. } => again == element && other.entry.header.context.holds(chained.dot()),
                    _ => false,
                });
                if !history.iter().any(goes) {
                    expected.insert((element.clone(), chained.dot()));
                }
            }
        }
        let elements = state.elements("i/quote");
        let found = elements.iter().flat_map(|(element, dots)| dots.iter().map(|dot| ((*element).clone(), *dot)));
        prop_assert_eq!(found.collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn wall_clocks_decide_nothing(steps in steps(true), walls in prop::collection::vec(any::<i64>(), 60)) {
        let mut other = steps.clone();
        for (step, wall_ms) in other.iter_mut().zip(walls) {
            step.wall_ms = wall_ms;
        }
        let one = EntityState::fold(entity(), &history(&run(&steps)));
        let other = EntityState::fold(entity(), &history(&run(&other)));
        for at in PATHS {
            let shown = |state: &EntityState| state.live(at).iter().map(|live| (live.dot, live.value.clone())).collect::<Vec<_>>();
            prop_assert_eq!(shown(&one), shown(&other));
        }
        prop_assert_eq!(one.elements("i/quote"), other.elements("i/quote"));
    }

    #[test]
    fn entries_without_their_erased_content_fold_to_the_same(steps in steps(true)) {
        let history = history(&run(&steps));
        let full = EntityState::fold(entity(), &history);
        let mut stripped = history.clone();
        for chained in &mut stripped {
            for erasure in full.erasures() {
                chained.entry.erase(erasure.under.as_ref());
            }
        }
        prop_assert_eq!(EntityState::fold(entity(), &stripped), full);
    }
}

#[test]
fn two_values_written_apart_are_both_live_until_someone_who_saw_both_decides() {
    let (mut phone, mut tablet) = (Replica::new(0), Replica::new(1));
    phone.set("a/health_level", "2");
    tablet.pull(&phone);
    phone.set("a/health_level", "3");
    tablet.set("a/health_level", "4");
    phone.pull(&tablet);
    tablet.pull(&phone);
    assert_eq!(phone.state.distinct("a/health_level").len(), 2);
    assert_eq!(phone.state.to_bytes(), tablet.state.to_bytes());
    tablet.set("a/health_level", "3");
    phone.pull(&tablet);
    assert!(phone.state.conflicts().is_empty());
    assert_eq!(phone.state.value("a/health_level"), Some(&Value::text("3")));
}

#[test]
fn the_same_value_written_apart_is_no_conflict() {
    let (mut phone, mut tablet) = (Replica::new(0), Replica::new(1));
    phone.set("a/health_level", "3");
    tablet.set("a/health_level", "3");
    phone.pull(&tablet);
    assert!(phone.state.conflicts().is_empty());
    assert_eq!(phone.state.live("a/health_level").len(), 2);
}

#[test]
fn of_two_values_the_anchored_one_is_shown_whatever_the_wall_clocks_say() {
    let (mut phone, mut tablet) = (Replica::new(0), Replica::new(1));
    let set = |value: &str| vec![Op::Set { path: path("m/village"), value: Value::text(value) }];
    phone.write_as(phone.said(i64::MIN, true), set("Dondar"));
    tablet.write_as(tablet.said(i64::MAX, false), set("Qovlar"));
    phone.pull(&tablet);
    assert_eq!(phone.state.value("m/village"), Some(&Value::text("Dondar")));
}

#[test]
fn an_edit_after_the_approval_shows_and_one_that_the_approval_saw_does_not() {
    let (mut phone, mut laptop) = (Replica::new(0), Replica::new(1));
    phone.set("a/health_level", "2");
    phone.write(vec![Op::Judge { act: Act::Submit }]);
    laptop.pull(&phone);
    phone.set("a/health_notes", "written while the laptop judged");
    laptop.write(vec![Op::Judge { act: Act::Approve }]);
    assert!(!laptop.state.changed_since(laptop.state.standing()[0]));
    laptop.pull(&phone);
    let standing = laptop.state.standing();
    assert_eq!(standing.iter().map(|judged| judged.act).collect::<Vec<_>>(), [Act::Approve]);
    assert!(laptop.state.changed_since(standing[0]));
    assert_eq!(laptop.state.paths_changed_since(standing[0]), [&path("a/health_notes")]);
}

#[test]
fn two_who_judge_apart_both_stand() {
    let (mut phone, mut laptop, mut other) = (Replica::new(0), Replica::new(1), Replica::new(2));
    phone.write(vec![Op::Judge { act: Act::Submit }]);
    laptop.pull(&phone);
    other.pull(&phone);
    laptop.write(vec![Op::Judge { act: Act::Approve }]);
    other.write(vec![Op::Judge { act: Act::Return }]);
    laptop.pull(&other);
    let acts: Vec<_> = laptop.state.standing().iter().map(|judged| judged.act).collect();
    assert_eq!(acts, [Act::Approve, Act::Return]);
    assert_eq!(laptop.state.judgements().len(), 3);
}

#[test]
fn erased_content_does_not_come_back_with_a_late_edit() {
    let (mut phone, mut tablet) = (Replica::new(0), Replica::new(1));
    phone.set("a/quote/7/words", "the marker");
    phone.set("a/quote/8/words", "stays");
    tablet.pull(&phone);
    phone.write(vec![Op::Erase { under: Some(path("a/quote/7")), reason: Reason::ConsentWithdrawn }]);
    tablet.set("a/quote/7/words", "the marker, corrected half a year later");
    phone.pull(&tablet);
    tablet.pull(&phone);
    assert_eq!(phone.state.live("a/quote/7/words"), []);
    assert_eq!(phone.state.value("a/quote/8/words"), Some(&Value::text("stays")));
    assert_eq!(phone.state.to_bytes(), tablet.state.to_bytes());
    assert!(phone.state.is_erased(&path("a/quote/7/words")) && !phone.state.erased());
}

#[test]
fn an_erasure_holds_before_the_entry_that_carries_it_can_be_taken_in() {
    let (mut phone, mut tablet) = (Replica::new(0), Replica::new(1));
    let first = phone.set("a/quote/7/words", "the marker");
    let second = phone.set("m/village", "Dondar");
    tablet.pull(&phone);
    let erase = tablet.write(vec![Op::Erase { under: Some(path("a")), reason: Reason::MustNotBeKept }]);
    let mut state = EntityState::new(entity());
    state.apply(&first);
    let folded = state.apply(&erase);
    assert_eq!((folded.applied.len(), folded.erased.len()), (0, 1));
    assert_eq!(state.live("a/quote/7/words"), []);
    state.apply(&second);
    assert_eq!(state, tablet.state);
}

#[test]
fn an_entry_that_claims_what_it_never_saw_supersedes_nothing() {
    let (mut phone, mut hostile) = (Replica::new(0), Replica::new(1));
    let real = phone.set("a/health_level", "2");
    let mut header = hostile.header(hostile.said(0, false));
    header.context.see(device(0), Seen { seq: real.dot().seq, prefix: [0xee; 4] });
    header.lamport = 2;
    let ops = vec![Op::Set { path: path("a/health_level"), value: Value::text("5") }];
    hostile.push(Entry::new(device(1), header, ops, &[7; 16]).unwrap());
    phone.pull(&hostile);
    assert_eq!(phone.state.value("a/health_level"), Some(&Value::text("2")));
    assert!(phone.state.conflicts().is_empty());
    assert_eq!(phone.state.waiting().count(), 1);
}

#[test]
fn a_leap_of_the_lamport_number_is_not_taken_in() {
    for (lamport, taken) in [(1, true), (1 << 20, true), ((1 << 20) + 1, false)] {
        let mut hostile = Replica::new(1);
        let header = kend_log::Header { lamport, ..hostile.header(hostile.said(0, false)) };
        hostile.push(Entry::new(device(1), header, vec![Op::Clear { path: path("x") }], &[7; 16]).unwrap());
        assert_eq!(hostile.state.waiting().count() == 0, taken, "{lamport}");
    }
}

#[test]
fn limits_are_errors_with_their_name() {
    use kend_log::BadEntry;
    let phone = Replica::new(0);
    let entry = |ops: Vec<Op>| Entry::new(device(0), phone.header(phone.said(0, false)), ops, &[7; 16]).map(|_| ());
    let set = |length: usize| Op::Set { path: path("x"), value: Value::text("x".repeat(length)) };
    assert_eq!(entry(vec![]), Err(BadEntry::Ops(0)));
    assert_eq!(entry(vec![Op::Clear { path: path("x") }; 513]), Err(BadEntry::Ops(513)));
    assert_eq!(entry(vec![set(64 * 1024)]), Ok(()));
    assert_eq!(entry(vec![set(64 * 1024 + 1)]), Err(BadEntry::Value(path("x"))));
    assert!(matches!(entry(vec![set(64 * 1024); 9]), Err(BadEntry::Size(_))));
    let seen = vec![Dot { device: device(1), seq: 1 }];
    let remove = Op::Remove { path: path("i/quote"), element: "7".parse().unwrap(), seen };
    assert_eq!(entry(vec![remove]), Err(BadEntry::Removal(path("i/quote"))));
}

#[test]
fn erasing_leaves_chain_and_signature_valid() {
    let mut phone = Replica::new(0);
    phone.set("a/quote/7/words", "the marker");
    phone.set("a/quote/8/words", "stays");
    let whole = segment(&phone);
    let mut part = whole.clone();
    assert!(part.erase(entity(), Some(&path("a/quote/7"))));
    let bytes = part.to_bytes().unwrap();
    let read = kend_log::Segment::from_bytes(&bytes).unwrap();
    read.verify(&kend_log::public_key(&crate::common::key(0))).unwrap();
    assert_eq!((read.head(), read.signature()), (whole.head(), whole.signature()));
    assert_eq!(read.salt(entity()), None);
    assert_eq!(read.entries()[0].ops().count(), 0);
    assert_eq!(read.entries()[1], whole.entries()[1]);
}
