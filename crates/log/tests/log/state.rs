//! What a state says of itself, and what folding an entry says that it changed, held against its definition.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{PATHS, Replica, device, entity, history, path, run, shuffle, steps};
use kend_domain::{EntityId, PersonId};
use kend_log::{
    Act, Chained, Dot, Element, EntityKind, EntityState, Entry, Folded, Header, Judged, Mark, Op, Path, Projection,
    Reason, Seen, Value, limits::MAX_LAMPORT_STEP,
};
use proptest::prelude::*;

fn paths(state: &EntityState) -> BTreeSet<Path> {
    state.paths("").cloned().collect()
}

/// The entries whose values live at a path.
fn dots(state: &EntityState, path: &Path) -> Vec<Dot> {
    state.live(path).iter().map(|live| live.dot).collect()
}

fn sets(state: &EntityState) -> BTreeSet<Path> {
    state.sets().cloned().collect()
}

fn contributors(state: &EntityState) -> BTreeSet<PersonId> {
    state.contributors().collect()
}

/// The entries that were taken in.
fn applied<'a>(state: &'a EntityState, history: &'a [Chained]) -> impl Iterator<Item = &'a Chained> {
    history.iter().filter(|chained| state.mark_of(chained.dot()).is_some())
}

/// What a store keeps of a state, in no order.
fn projection(state: &EntityState, history: &[Chained], seed: u64) -> Projection {
    let live = state.paths("").flat_map(|path| state.live(path).iter().map(|live| (path.clone(), live.clone())));
    let elements = state.sets().flat_map(|path| {
        let dots = |(element, dots): (&Element, Vec<Dot>)| dots.into_iter().map(|dot| (element.clone(), dot)).collect();
        let elements = state.elements(path).into_iter().flat_map(dots as fn(_) -> Vec<(Element, Dot)>);
        elements.map(|(element, dot)| (path.clone(), element, dot))
    });
    let mut projection = Projection {
        marks: history.iter().filter_map(|chained| Some((chained.dot(), state.mark_of(chained.dot())?))).collect(),
        live: live.collect(),
        elements: elements.collect(),
        judgements: state.judgements().to_vec(),
        erasures: state.erasures().cloned().collect(),
        waiting: state.waiting().cloned().collect(),
        contributors: state.contributors().collect(),
        first: state.first().copied(),
        last: state.last().copied(),
    };
    shuffle(&mut projection.marks, seed);
    shuffle(&mut projection.live, seed);
    shuffle(&mut projection.elements, seed);
    shuffle(&mut projection.judgements, seed);
    shuffle(&mut projection.erasures, seed);
    shuffle(&mut projection.waiting, seed);
    shuffle(&mut projection.contributors, seed);
    projection
}

/// Whether a judgement had seen an entry, or is it.
fn judged_with(judged: &Judged, history: &[Chained], dot: Dot) -> bool {
    let judging = history.iter().find(|chained| chained.dot() == judged.dot).unwrap();
    dot == judged.dot
        || judging.entry.header.context.holds(dot)
        || (dot.device == judged.dot.device && dot.seq < judged.dot.seq)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// A store writes anew only what folding an entry says that it changed.
    #[test]
    fn folding_an_entry_says_all_that_it_changed(steps in steps(true), seed in any::<u64>()) {
        let mut history = history(&run(&steps));
        history.extend(history.clone());
        shuffle(&mut history, seed);
        let mut state = EntityState::new(entity());
        for chained in &history {
            let before = state.clone();
            let folded = state.apply(chained);
            let known = before.mark_of(chained.dot()).is_some()
                || before.waiting().any(|waiting| waiting.dot() == chained.dot());
            if known {
                prop_assert_eq!(folded, Folded::default());
                prop_assert_eq!(&state, &before);
                continue;
            }
            let marked = |state: &EntityState| -> BTreeSet<Dot> {
                history.iter().map(Chained::dot).filter(|dot| state.mark_of(*dot).is_some()).collect()
            };
            let taken: BTreeSet<Dot> = marked(&state).difference(&marked(&before)).copied().collect();
            prop_assert_eq!(folded.applied.len(), taken.len());
            prop_assert_eq!(folded.applied.iter().copied().collect::<BTreeSet<_>>(), taken);
            let changed: BTreeMap<Path, Vec<Dot>> = paths(&before).union(&paths(&state))
                .filter(|at| before.live(at) != state.live(at)).map(|at| (at.clone(), dots(&before, at))).collect();
            prop_assert_eq!(&folded.registers, &changed);
            let changed: BTreeSet<Path> = sets(&before).union(&sets(&state))
                .filter(|at| before.elements(at) != state.elements(at)).cloned().collect();
            prop_assert!(folded.sets.is_superset(&changed), "{:?} of {:?}", folded.sets, changed);
            let writers: BTreeSet<PersonId> =
                contributors(&state).difference(&contributors(&before)).copied().collect();
            prop_assert_eq!(&folded.contributors, &writers);
            let known: Vec<Dot> = before.erasures().map(|erasure| erasure.dot).collect();
            let erased: BTreeSet<Option<Path>> = state.erasures()
                .filter(|erasure| !known.contains(&erasure.dot)).map(|erasure| erasure.under.clone()).collect();
            prop_assert_eq!(&folded.erased, &erased);
        }
    }

    #[test]
    fn what_folding_several_entries_changed_is_told_together(
        steps in steps(true),
        seed in any::<u64>(),
        before in any::<prop::sample::Index>(),
    ) {
        let mut history = history(&run(&steps));
        shuffle(&mut history, seed);
        let (early, late) = history.split_at(before.index(history.len() + 1));
        let before = EntityState::fold(entity(), early);
        let (mut state, mut together) = (before.clone(), Folded::default());
        let mut one_by_one = BTreeSet::new();
        for chained in late {
            let folded = state.apply(chained);
            one_by_one.extend(folded.registers.keys().cloned());
            together.join(folded);
        }
        let expected: BTreeMap<Path, Vec<Dot>> = one_by_one.into_iter().map(|at| (at.clone(), dots(&before, &at))).collect();
        prop_assert_eq!(together.registers, expected);
        let taken = history.iter().map(Chained::dot).filter(|dot| state.mark_of(*dot).is_some());
        let taken: BTreeSet<Dot> = taken.filter(|dot| before.mark_of(*dot).is_none()).collect();
        prop_assert_eq!(together.applied.into_iter().collect::<BTreeSet<_>>(), taken);
    }

    #[test]
    fn a_devices_last_entry_is_known_whether_it_was_taken_in_or_waits(steps in steps(true), seed in any::<u64>()) {
        let mut history = history(&run(&steps));
        shuffle(&mut history, seed);
        let mut state = EntityState::new(entity());
        for (place, chained) in history.iter().enumerate() {
            state.apply(chained);
            let of_device = history.iter().take(place + 1).filter(|other| other.device == chained.device);
            let last = of_device.max_by_key(|other| other.entry.header.seq).unwrap();
            let seen = Seen { seq: last.entry.header.seq, prefix: last.hash.prefix() };
            prop_assert_eq!(state.last_of(chained.device), Some(seen));
        }
    }

    #[test]
    fn a_state_is_read_back_from_what_a_store_keeps_of_it_in_any_order(
        steps in steps(true),
        seed in any::<u64>(),
        missing in any::<prop::sample::Index>(),
    ) {
        let mut history = history(&run(&steps));
        if !history.is_empty() {
            // So that something waits.
            history.remove(missing.index(history.len()));
        }
        let state = EntityState::fold(entity(), &history);
        let restored = EntityState::restore(entity(), projection(&state, &history, seed));
        prop_assert_eq!(restored.to_bytes(), state.to_bytes());
        prop_assert_eq!(restored, state);
    }

    #[test]
    fn a_state_says_who_wrote_how_much_of_it_and_in_which_order(
        steps in steps(true),
        missing in any::<prop::sample::Index>(),
    ) {
        let mut history = history(&run(&steps));
        if !history.is_empty() {
            history.remove(missing.index(history.len()));
        }
        let state = EntityState::fold(entity(), &history);
        let order = |chained: &&Chained| (chained.entry.header.lamport, chained.dot());
        let first = applied(&state, &history).min_by_key(order);
        let last = applied(&state, &history).max_by_key(order);
        prop_assert_eq!(state.first().map(|step| step.dot), first.map(Chained::dot));
        prop_assert_eq!(state.last().map(|step| step.dot), last.map(Chained::dot));
        prop_assert_eq!(state.kind(), first.map(|first| first.entry.header.kind));
        prop_assert_eq!(state.entity(), entity());
        prop_assert_eq!(state.entries(), applied(&state, &history).count());
        prop_assert_eq!(state.waiting().count(), history.len() - state.entries());
        prop_assert_eq!(state.lamport(), last.map_or(0, |last| last.entry.header.lamport));
        let writers: BTreeSet<PersonId> = applied(&state, &history).map(|chained| chained.entry.header.actor).collect();
        prop_assert_eq!(contributors(&state), writers);
        for chained in applied(&state, &history) {
            let header = &chained.entry.header;
            let mark = Mark { prefix: chained.hash.prefix(), lamport: header.lamport, judges: chained.entry.judges() };
            prop_assert_eq!(state.mark_of(chained.dot()), Some(mark));
            prop_assert!(state.context().holds(chained.dot()));
            // What honest devices write has the next number after all that it had seen.
            prop_assert_eq!(state.lamport_of(&header.context) + 1, header.lamport);
        }
    }

    #[test]
    fn a_state_says_what_was_erased_and_what_there_is_below_a_path(steps in steps(true)) {
        let history = history(&run(&steps));
        let state = EntityState::fold(entity(), &history);
        let mut erased: Vec<(u64, Dot, Option<Path>)> = Vec::new();
        for chained in &history {
            for op in chained.entry.ops() {
                if let Op::Erase { under, .. } = op {
                    erased.push((chained.entry.header.lamport, chained.dot(), under.clone()));
                }
            }
        }
        erased.sort();
        let found = state.erasures().map(|erasure| (erasure.lamport, erasure.dot, erasure.under.clone()));
        prop_assert_eq!(found.collect::<Vec<_>>(), erased.clone());
        let in_order = state.erasures().zip(state.erasures().skip(1)).all(|(one, next)| one < next);
        prop_assert!(in_order, "{:?}", state.erasures().collect::<Vec<_>>());
        prop_assert_eq!(state.erased(), erased.iter().any(|(.., under)| under.is_none()));
        for at in PATHS {
            let gone = erased.iter().any(|(.., under)| under.as_ref().is_none_or(|under| path(at).is_under(under)));
            prop_assert_eq!(state.is_erased(&path(at)), gone);
        }
        for prefix in ["", "a/", "a/quote/7/", "m/", "z"] {
            let below = PATHS.map(path).into_iter()
                .filter(|at| at.as_str().starts_with(prefix) && !state.live(at).is_empty());
            prop_assert_eq!(state.paths(prefix).cloned().collect::<BTreeSet<_>>(), below.collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn a_state_says_what_was_judged_and_what_changed_since(steps in steps(false)) {
        let history = history(&run(&steps));
        let state = EntityState::fold(entity(), &history);
        let judging = history.iter().filter(|chained| chained.entry.judges());
        let mut judgements: Vec<(u64, Dot)> =
            judging.map(|chained| (chained.entry.header.lamport, chained.dot())).collect();
        judgements.sort_unstable();
        let found = state.judgements().iter().map(|judged| (judged.lamport, judged.dot));
        prop_assert_eq!(found.collect::<Vec<_>>(), judgements);
        let standing = state.judgements().iter().filter(|judged| {
            state.judgements().iter().all(|other| {
                other.dot == judged.dot || !judged_with(other, &history, judged.dot)
            })
        });
        prop_assert_eq!(state.standing(), standing.collect::<Vec<_>>());
        for judged in state.judgements() {
            let later = |chained: &&Chained| !judged_with(judged, &history, chained.dot());
            let changed = history.iter().filter(later).any(|chained| !chained.entry.judges());
            prop_assert_eq!(state.changed_since(judged), changed);
            let paths: Vec<&Path> = state.paths("").filter(|at| {
                state.live(at).iter().any(|live| !judged_with(judged, &history, live.dot))
            }).collect();
            prop_assert_eq!(state.paths_changed_since(judged), paths);
        }
    }

    /// On a screen nobody's quote jumps to another place because another device folded in another order.
    #[test]
    fn elements_stand_in_the_order_in_which_they_were_first_added(steps in steps(false)) {
        let history = history(&run(&steps));
        let state = EntityState::fold(entity(), &history);
        let elements = state.elements("i/quote");
        let added = |dots: &[Dot]| dots.iter().map(|dot| (state.mark_of(*dot).unwrap().lamport, *dot)).min().unwrap();
        let order: Vec<(u64, Dot)> = elements.iter().map(|(_, dots)| added(dots)).collect();
        prop_assert!(order.is_sorted(), "{:?}", order);
        prop_assert_eq!(state.sets().cloned().collect::<Vec<_>>(), if elements.is_empty() { vec![] } else { vec![path("i/quote")] });
    }

    #[test]
    fn other_content_has_another_digest(steps in steps(true)) {
        let history = history(&run(&steps));
        let state = EntityState::fold(entity(), &history);
        prop_assert_eq!(state.digest(), EntityState::fold(entity(), &history).digest());
        let mut other = Replica::new(3);
        other.set("m/village", "Dondar");
        let with_more = EntityState::fold(entity(), history.iter().chain(&other.holds));
        prop_assert_ne!(state.digest(), with_more.digest());
        prop_assert_ne!(state.to_bytes(), with_more.to_bytes());
    }
}

#[test]
fn of_an_unknown_entity_there_is_nothing() {
    let state = EntityState::new(entity());
    assert_eq!((state.entries(), state.lamport(), state.lamport_of(state.context())), (0, 0, 0));
    assert!(state.context().is_empty() && state.kind().is_none() && state.first().is_none() && state.last().is_none());
    assert!(
        state.shown("m/village").is_none() && state.value("m/village").is_none() && state.live("m/village").is_empty()
    );
    assert!(!state.erased() && !state.is_erased(&path("m/village")));
}

#[test]
fn an_entry_of_another_entity_changes_nothing() {
    let mut phone = Replica::new(0);
    let entry = phone.set("m/village", "Dondar");
    let mut other = EntityState::new(EntityId::from_bytes([8; 16]));
    assert_eq!(other.apply(&entry), Folded::default());
    assert_eq!(other, EntityState::new(EntityId::from_bytes([8; 16])));
}

#[test]
fn what_waits_is_held_once_and_taken_in_with_what_it_waited_for() {
    let mut phone = Replica::new(0);
    let (first, second, third) = (phone.set("a/x", "1"), phone.set("a/x", "2"), phone.set("a/y", "3"));
    let mut state = EntityState::new(entity());
    for waits in [&third, &second] {
        let folded = state.apply(waits);
        assert_eq!(folded.applied, []);
        let before = state.clone();
        assert_eq!(state.apply(waits), Folded::default());
        assert_eq!(state, before);
    }
    assert_eq!(state.waiting().map(Chained::dot).collect::<Vec<_>>(), [second.dot(), third.dot()]);
    let folded = state.apply(&first);
    assert_eq!(folded.applied, [first.dot(), second.dot(), third.dot()]);
    assert_eq!(folded.registers, BTreeMap::from([(path("a/x"), Vec::new()), (path("a/y"), Vec::new())]));
    assert_eq!(state.waiting().count(), 0);
}

#[test]
fn a_lamport_number_follows_the_largest_that_was_seen_and_leaps_no_further_than_it_may() {
    let mut tablet = Replica::new(1);
    let header = Header { lamport: 7, ..tablet.header(tablet.said(0, false)) };
    tablet.push(Entry::new(device(1), header, vec![Op::Clear { path: path("x") }], &[7; 16]).unwrap());
    for (lamport, taken) in
        [(6, false), (7, false), (8, true), (7 + MAX_LAMPORT_STEP, true), (8 + MAX_LAMPORT_STEP, false)]
    {
        let mut phone = Replica::new(0);
        phone.pull(&tablet);
        let header = Header { lamport, ..phone.header(phone.said(0, false)) };
        phone.push(Entry::new(device(0), header, vec![Op::Clear { path: path("x") }], &[7; 16]).unwrap());
        assert_eq!(phone.state.waiting().count() == 0, taken, "{lamport}");
    }
}

#[test]
fn of_two_ops_of_one_entry_at_a_path_the_later_counts() {
    let mut phone = Replica::new(0);
    let set = |value: &str| Op::Set { path: path("m/village"), value: Value::text(value) };
    phone.write(vec![set("Dondar"), set("Qovlar")]);
    assert_eq!(phone.state.value("m/village"), Some(&Value::text("Qovlar")));
    assert_eq!(phone.state.live("m/village").len(), 1);
    let add = Op::Add { path: path("i/quote"), element: "7".parse().unwrap() };
    let added = phone.write(vec![add.clone(), add]);
    assert_eq!(phone.state.elements("i/quote"), [(&"7".parse().unwrap(), vec![added.dot()])]);
}

#[test]
fn judgements_of_one_entry_stand_in_the_order_in_which_they_were_given() {
    let mut laptop = Replica::new(0);
    laptop.write(vec![Op::Judge { act: Act::Submit }, Op::Judge { act: Act::Approve }]);
    let acts: Vec<Act> = laptop.state.judgements().iter().map(|judged| judged.act).collect();
    assert_eq!(acts, [Act::Submit, Act::Approve]);
}

#[test]
fn an_entity_is_what_its_first_entry_says() {
    let (mut phone, mut tablet) = (Replica::new(0), Replica::new(1));
    phone.set("m/name", "Dondar");
    tablet.pull(&phone);
    let header = Header { kind: EntityKind::Village, ..tablet.header(tablet.said(0, false)) };
    let other = tablet.push(Entry::new(device(1), header, vec![Op::Clear { path: path("x") }], &[7; 16]).unwrap());
    assert_eq!(tablet.state.kind(), Some(EntityKind::Interview));
    let last = tablet.state.last().unwrap();
    assert_eq!((last.dot, last.kind, last.actor), (other.dot(), EntityKind::Village, other.entry.header.actor));
}

#[test]
fn an_erasure_takes_out_sets_and_is_told_with_its_reason() {
    let mut phone = Replica::new(0);
    phone.write(vec![Op::Add { path: path("i/quote"), element: "7".parse().unwrap() }]);
    phone.set("a/quote/7/words", "stays");
    let erase = phone.write(vec![Op::Erase { under: Some(path("i/quote")), reason: Reason::MustNotBeKept }]);
    assert!(phone.state.elements("i/quote").is_empty() && phone.state.sets().count() == 0);
    assert_eq!(phone.state.value("a/quote/7/words"), Some(&Value::text("stays")));
    let erasures: Vec<_> = phone.state.erasures().map(|erasure| (erasure.dot, erasure.reason)).collect();
    assert_eq!(erasures, [(erase.dot(), Reason::MustNotBeKept)]);
}
