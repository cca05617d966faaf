//! The disk refuses at the n-th call, for every n there is: nothing is acknowledged that is not durable, the error says what
//! it is, reading goes on, and once the disk obeys again the work is finished as if nothing had been.

use kend_crash::{Fault, FaultKind, crash_states, watch};
use kend_store::{OpenError, StoreError};

use crate::power::{one_of, wrong};
use crate::work::{self, Contents, Failure, Work, contents, differing};

const ROUNDS: usize = 2;
/// More calls than the work has.
const MOST_CALLS: usize = 100_000;
/// Steps that are tried in vain while the disk refuses for good.
const IN_VAIN: usize = 3;

/// What the store holds after each step when the disk obeys.
fn undisturbed() -> Vec<Contents> {
    let folder = tempfile::tempdir().unwrap();
    let mut work = Work::new(folder.path());
    let mut held = vec![Contents::new()];
    for step in work::steps(ROUNDS) {
        work.run(&step).unwrap();
        held.push(contents(work.store.as_ref().unwrap()));
    }
    held
}

/// The error is one that the app can tell people about: the disk, not a defect and no passphrase.
fn is_told(failure: &Failure, kind: FaultKind) -> bool {
    match failure {
        Failure::Open(OpenError::Io(_)) | Failure::Store(StoreError::Refused(_)) => true,
        Failure::Store(StoreError::DiskFull(_)) => kind == FaultKind::Full,
        // Half a page can't be told from a damaged one.
        Failure::Open(OpenError::Damaged(_)) | Failure::Store(StoreError::Damaged(_)) => kind == FaultKind::ShortRead,
        _ => false,
    }
}

/// Works on a disk with a fault. False when the work was over before the fault's turn came.
fn run(fault: Fault, held: &[Contents]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let watched = watch(folder.path()).unwrap();
    let mut work = Work::new(&folder.path().canonicalize().unwrap());
    watched.refuse(Some(fault));
    let steps = work::steps(ROUNDS);
    let mut errors = 0;
    for (done, step) in steps.iter().enumerate() {
        let place = || format!("{fault:?} in step {done}, {}", step.name);
        if let Err(failure) = work.run(step) {
            errors += 1;
            assert!(is_told(&failure, fault.kind), "{}: {failure:?}", place());
            if fault.kind == FaultKind::Sync {
                let recording = watched.recording();
                crash_states(&recording, recording.events.len().saturating_sub(1), &[1, 2, 3], |state| {
                    let seed = state.seed;
                    assert_eq!(wrong(&state, held), None, "{}, then the power went, seed {seed}", place());
                });
            }
            if fault.lasting {
                // Not closed and opened meanwhile: what a failed sync left in the log may then turn out to be done.
                let open = |step: &&work::Step| !step.name.ends_with(work::REOPENS);
                for later in steps.iter().skip(done).take(if done == 0 { 1 } else { IN_VAIN }).filter(open) {
                    if let Err(failure) = work.run(later) {
                        assert!(is_told(&failure, fault.kind), "{}, then {}: {failure:?}", place(), later.name);
                    }
                }
                if done > 0 {
                    reads_on(&work, fault.kind, &held[done], &place());
                }
                watched.refuse(None);
                work.store = None;
            }
            let again = work.run(step);
            assert!(again.is_ok(), "{}: {failure:?}; once more: {again:?}", place());
        }
        watched.acknowledged(done + 1);
        let found = watched.obeying(|| contents(work.store.as_ref().unwrap()));
        assert!(found == held[done + 1], "{}: {:?}", place(), differing(&found, &held[done + 1]));
    }
    assert!(errors <= 1, "{fault:?}: {errors} errors");
    let refused = watched.recording().refused() > 0 || errors > 0;
    watched.refuse(None);
    work.store = None;
    let store = work::open(&work.folder).unwrap();
    assert_eq!(work::sound(&store), Ok(()), "{fault:?}");
    let found = contents(&store);
    assert!(found == held[held.len() - 1], "{fault:?}: {:?}", differing(&found, &held[held.len() - 1]));
    refused
}

/// While nothing can be written, what was kept can be read.
fn reads_on(work: &Work, kind: FaultKind, held: &Contents, place: &str) {
    if matches!(kind, FaultKind::Write | FaultKind::Full | FaultKind::Sync)
        && let Some(store) = &work.store
    {
        let found = contents(store);
        assert!(found == *held, "{place}: {:?}", differing(&found, held));
    }
}

fn every_call(kind: FaultKind, least: usize) {
    let held = undisturbed();
    for lasting in [false, true] {
        // A fault that lasts is tried at other calls than one that passes.
        let first = if lasting { 1 + one_of() / 2 } else { 1 };
        let mut calls = (first..MOST_CALLS).step_by(one_of());
        let refused = calls.by_ref().take_while(|at| run(Fault { kind, at: *at, lasting }, &held)).count();
        println!("{kind:?}, lasting: {lasting}: {refused} calls, each refused once");
        assert!(refused >= least / one_of() && calls.next().is_some(), "{refused}");
    }
}

#[test]
fn a_write_that_fails_at_any_call_loses_nothing() {
    every_call(FaultKind::Write, 100);
}

#[test]
fn a_disk_that_is_full_at_any_call_loses_nothing() {
    every_call(FaultKind::Full, 100);
}

#[test]
fn a_sync_that_fails_at_any_call_loses_nothing_even_when_the_power_goes_then() {
    every_call(FaultKind::Sync, 30);
}

#[test]
fn a_read_that_fails_at_any_call_loses_nothing() {
    every_call(FaultKind::Read, 20);
}

#[test]
fn a_read_that_ends_half_way_at_any_call_loses_nothing_and_shows_nothing_wrong() {
    every_call(FaultKind::ShortRead, 20);
}
