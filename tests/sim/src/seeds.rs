//! Many seeds: on all cores, for so many or for so long, and what to do with one that fails.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::invariants::{Invariant, Violation};
use crate::run::{Failure, Summary, run};
use crate::setup::{Fault, Setup};
use crate::world::{Plant, as_it_is};

/// Runs of one seed at most while looking for a smaller one that fails alike.
const MOST_TRIES: u32 = 60;

/// A seed that failed, made smaller.
#[derive(Debug)]
pub struct Found {
    /// The setup that fails.
    pub setup: Setup,
    /// How.
    pub failure: Failure,
}

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Tally {
    /// Seeds run.
    pub seeds: u64,
    /// Entries written in them.
    pub entries: u64,
    /// The first that failed, if any did.
    pub found: Option<Found>,
}

/// Runs seeds from `first` on, until `done` says so of the number run so far, on this many threads.
pub fn sweep(first: u64, threads: usize, done: impl Fn(u64) -> bool + Sync) -> Tally {
    let next = AtomicU64::new(first);
    let entries = AtomicU64::new(0);
    let ran = AtomicU64::new(0);
    let failed: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !done(next.load(Ordering::Relaxed) - first) && failed.lock().is_ok_and(|seeds| seeds.is_empty()) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    match run_seed(seed) {
                        Ok(written) => {
                            entries.fetch_add(written, Ordering::Relaxed);
                        }
                        Err(_) => {
                            failed.lock().expect("no thread panicked").insert(seed);
                        }
                    }
                    ran.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let seed = failed.into_inner().expect("no thread panicked").into_iter().next();
    Tally { seeds: ran.into_inner(), entries: entries.into_inner(), found: seed.and_then(found) }
}

/// Of so many seeds one is run a second time with other clocks.
const SEEDS_PER_TWIN: u64 = 16;

/// Runs one seed.
fn run_seed(seed: u64) -> Result<u64, Failure> {
    let mut entries = run(&Setup::of(seed), &as_it_is, false)?.entries;
    if seed.is_multiple_of(SEEDS_PER_TWIN) {
        entries += other_clocks_change_nothing(&Setup::of(seed), &as_it_is)?.entries;
    }
    Ok(entries as u64)
}

/// 8, for a whole run: the same one with other wall clocks ends with the same shown.
pub fn other_clocks_change_nothing(setup: &Setup, plant: Plant<'_>) -> Result<Summary, Failure> {
    let mut setup = Setup { disk: false, ..setup.clone() };
    setup.faults.insert(Fault::Clocks);
    // Clocks change how long a segment is, and so which of its bits is altered on a stick.
    setup.faults.remove(&Fault::Stick);
    let other = Setup { clocks: setup.clocks ^ u64::MAX, ..setup.clone() };
    let (one, other) = (run(&setup, plant, false)?, run(&other, plant, false)?);
    if one.shown == other.shown {
        return Ok(one);
    }
    let violation = Violation::of(Invariant::ClockIndependence, format!("seed {} with other clocks", setup.seed));
    Err(Failure { violation, trace: Vec::new() })
}

/// 19, for a whole run: the real store, whatever is planted in it, comes to the same end as the one in memory.
pub fn both_backends_come_to_the_same_end(setup: &Setup, plant: Plant<'_>) -> Result<Summary, Failure> {
    let memory = Setup { disk: false, ..setup.clone() };
    let disk = Setup { disk: true, ..setup.clone() };
    let in_memory = run(&memory, &as_it_is, false)?;
    let what = match run(&disk, plant, false) {
        Ok(on_disk) if on_disk == in_memory => return Ok(in_memory),
        Ok(on_disk) => format!("seed {}: in memory {in_memory:?}, on disk {on_disk:?}", setup.seed),
        Err(failure) => format!("seed {}: on disk alone {}", setup.seed, failure.violation),
    };
    Err(Failure { violation: Violation::of(Invariant::SameBackends, what), trace: Vec::new() })
}

fn found(seed: u64) -> Option<Found> {
    let setup = Setup::of(seed);
    let twin = || {
        let failure = other_clocks_change_nothing(&setup, &as_it_is).err()?;
        Some(Found { setup: setup.clone(), failure })
    };
    smaller(&setup, &as_it_is).or_else(twin)
}

/// A smaller setup that breaks the same invariant: fewer events, fewer kinds of faults. None when the setup does not
/// fail.
pub fn smaller(setup: &Setup, plant: Plant<'_>) -> Option<Found> {
    let fails = |setup: &Setup, wanted: Option<Invariant>| {
        let failure = run(setup, plant, false).err()?;
        wanted.is_none_or(|wanted| failure.violation.invariant == wanted).then_some(failure.violation.invariant)
    };
    let mut best = setup.clone();
    let wanted = fails(&best, None)?;
    let mut tries = 0;
    let mut step = best.events / 2;
    while step > 0 && tries < MOST_TRIES {
        let fewer = Setup { events: best.events.saturating_sub(step), ..best.clone() };
        tries += 1;
        if fails(&fewer, Some(wanted)).is_some() { best = fewer } else { step /= 2 }
    }
    for fault in setup.faults.clone() {
        let mut fewer = best.clone();
        fewer.faults.remove(&fault);
        if fails(&fewer, Some(wanted)).is_some() {
            best = fewer;
        }
    }
    let failure = run(&best, plant, true).err()?;
    Some(Found { setup: best, failure })
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { setup, failure } = self;
        for line in &failure.trace {
            writeln!(formatter, "{line}")?;
        }
        let faults: Vec<String> = setup.faults.iter().map(|fault| format!("{fault:?}")).collect();
        writeln!(formatter, "seed {}: {}", setup.seed, failure.violation)?;
        write!(
            formatter,
            "again: cargo run --package kend-sim -- --seed {} --events {} --faults '{}'",
            setup.seed,
            setup.events,
            faults.join(",")
        )
    }
}
