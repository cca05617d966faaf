//! The power goes at any moment: everything that was acknowledged is there, nothing is there half.

use std::collections::BTreeSet;
use std::path::Path;

use kend_crash::{CrashState, Event, Recording, crash_states, watch};
use kend_store::{OpenError, Store};

use crate::work::{self, Contents, Work, contents, differing, entry, file, interview, key, phone, set};

/// How often the work goes round, and how many fates each moment meets: `KEND_CRASH_SEEDS` asks for more.
const ROUNDS: usize = 6;
const SEEDS: u64 = 4;

/// Of every so many states, calls and seeds the ordinary suite takes one; `KEND_CRASH_WHOLE` in the environment takes all, and
/// so does `cargo xtask bench fire`.
const ONE_OF: usize = 6;

pub(crate) fn one_of() -> usize {
    if std::env::var_os("KEND_CRASH_WHOLE").is_some() { 1 } else { ONE_OF }
}

pub(crate) fn seeds(usual: u64) -> Vec<u64> {
    let asked = std::env::var("KEND_CRASH_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    (1..=asked.unwrap_or(usual)).collect()
}

/// Does the work on a watched folder. What the store held after each step, and everything that was done to its files.
fn recorded(rounds: usize, prepare: impl Fn(&Store)) -> (Recording, Vec<Contents>) {
    let folder = tempfile::tempdir().unwrap();
    let watched = watch(folder.path()).unwrap();
    let mut work = Work::new(&folder.path().canonicalize().unwrap());
    let mut held = vec![Contents::new()];
    for (done, step) in work::steps(rounds).iter().enumerate() {
        work.run(step).unwrap();
        watched.acknowledged(done + 1);
        let store = work.store.as_ref().unwrap();
        prepare(store);
        held.push(contents(store));
    }
    drop(work.store);
    (std::mem::take(&mut *watched.recording()), held)
}

pub(crate) fn materialise(state: &CrashState, folder: &Path) {
    for (name, content) in state.files.iter().filter(|(name, _)| !name.ends_with("-shm")) {
        std::fs::write(folder.join(name), content).unwrap();
    }
}

/// None when the store is as it must be in this state; else what is wrong.
pub(crate) fn wrong(state: &CrashState, held: &[Contents]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    materialise(state, folder.path());
    let path = file(folder.path());
    let mut store = match Store::open(&path, &key(), &[]) {
        Ok(store) => store,
        // Nothing was acknowledged yet: creation is taken up again, as the app does.
        Err(_) if state.acknowledged == 0 => match Store::create(&path, &key(), &phone(), &[]) {
            Ok(store) => store,
            Err(error) => return Some(format!("can't be created: {error}")),
        },
        Err(error) => return Some(format!("does not open: {error:?}")),
    };
    if let Err(error) = work::sound(&store) {
        return Some(error);
    }
    let found = contents(&store);
    let acknowledged = &held[state.acknowledged];
    let next = held.get(state.acknowledged + 1);
    // The step that was under way may be done, as a whole. Creation has parts, and nobody was told of any.
    if found != *acknowledged && Some(&found) != next && state.acknowledged > 0 {
        return Some(format!(
            "neither what was acknowledged ({:?}) nor what came next ({:?})",
            differing(&found, acknowledged),
            next.map(|next| differing(&found, next))
        ));
    }
    if let Err(error) = store.append(entry(interview(200), vec![set("a/health_level", "5")])) {
        return Some(format!("does not go on: {error}"));
    }
    None
}

#[test]
fn after_a_power_cut_at_any_moment_all_that_was_acknowledged_is_there_and_nothing_half() {
    let (recording, held) = recorded(ROUNDS, |_| ());
    let (mut states, mut met) = (0_usize, BTreeSet::new());
    crash_states(&recording, 0, &seeds(SEEDS), |state| {
        states += 1;
        if !states.is_multiple_of(one_of()) {
            return;
        }
        let files: Vec<_> = state.files.iter().map(|(name, bytes)| (name, *blake3::hash(bytes).as_bytes())).collect();
        if met.insert(*blake3::hash(format!("{} {files:?}", state.acknowledged).as_bytes()).as_bytes())
            && let Some(wrong) = wrong(&state, &held)
        {
            let CrashState { after_events, seed, acknowledged, .. } = state;
            panic!("after event {after_events}, seed {seed}, {acknowledged} steps acknowledged: {wrong}");
        }
    });
    println!("{} events, {states} crash states, {} different ones", recording.events.len(), met.len());
    let checkpoints = recording
        .events
        .windows(2)
        .filter(|pair| matches!(pair, [Event::Sync { file: one }, Event::Write { file: other, .. }] if one != other));
    assert!(checkpoints.count() > 5 && met.len() * one_of() > 1_000);
    assert!(recording.events.iter().any(|event| matches!(event, Event::Delete { .. })));
}

#[test]
fn the_test_finds_a_store_that_does_not_sync() {
    let (recording, held) = recorded(2, |store| {
        store.connection().execute_batch("PRAGMA synchronous = OFF").unwrap();
    });
    let mut found = 0;
    crash_states(&recording, 0, &seeds(1), |state| {
        if found == 0 && wrong(&state, &held).is_some() {
            found += 1;
        }
    });
    assert_eq!(found, 1);
}

#[test]
fn the_test_finds_an_acknowledgement_that_came_too_early() {
    let (mut recording, held) = recorded(1, |_| ());
    // Each step is said to be done one step before it is.
    for event in &mut recording.events {
        if let Event::Acknowledged(steps) = event {
            *steps = (*steps + 1).min(held.len() - 1);
        }
    }
    let mut found = 0;
    crash_states(&recording, 0, &seeds(1), |state| {
        if found == 0 && wrong(&state, &held).is_some() {
            found += 1;
        }
    });
    assert_eq!(found, 1);
}

#[test]
fn a_store_without_its_key_says_so_in_every_state_that_opens_with_it() {
    let (recording, _) = recorded(1, |_| ());
    let other = kend_store::DatabaseKey::from_bytes([9; 32]);
    let last = recording.events.len() - 1;
    crash_states(&recording, last, &[1], |state| {
        let folder = tempfile::tempdir().unwrap();
        materialise(&state, folder.path());
        assert!(matches!(Store::open(&file(folder.path()), &other, &[]), Err(OpenError::WrongKey)));
    });
}
