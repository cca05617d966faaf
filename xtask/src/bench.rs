//! What must be fast, measured. Benchmarks compile with optimisation and are never part of a test.

use anyhow::Result;
use clap::ValueEnum;

use crate::house::{House, succeed};
use crate::setup::{Goal, set_up};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Keeping an answer, beside one 4 KiB append with a disk sync.
    Keep,
    /// A cluster's merged readiness.
    Readiness,
    /// A tap on a card: which questions became relevant.
    Form,
    /// Simulated histories, for an hour or `--minutes`: how many break no invariant.
    Sim,
    /// 500 devices with 20 interviews each, against one hub.
    Hub,
    /// All of these but the simulated histories.
    All,
}

/// What, and the crate and benchmark that measure it.
const BENCHMARKS: [(What, &str, &str); 5] = [
    (What::Keep, "kend-store", "keep"),
    (What::Readiness, "kend-readiness", "merge"),
    (What::Readiness, "kend-app", "recalculate"),
    (What::Form, "kend-form", "answer"),
    (What::Hub, "kend-hub", "fleet"),
];

/// How long the simulator runs when nothing else is asked for.
pub(crate) const SIM_MINUTES: u64 = 60;

/// Measures one or all.
pub(crate) fn bench(house: &House, what: What, minutes: u64) -> Result<()> {
    set_up(house, &[Goal::Rust])?;
    if what == What::Sim {
        let seconds = minutes.saturating_mul(60).to_string();
        // Beyond the seeds of the tests, and more of them than any hour holds.
        let words = ["--first", "10000", "--seeds", "1000000000", "--seconds", &seconds];
        let cargo = ["cargo", "run", "--release", "--quiet", "--package", "kend-sim", "--"];
        return succeed(&mut house.command([&cargo[..], &words].concat()));
    }
    for (_, package, benchmark) in BENCHMARKS.iter().filter(|(of, ..)| what == What::All || what == *of) {
        succeed(&mut house.command(["cargo", "bench", "--package", package, "--bench", benchmark]))?;
    }
    Ok(())
}
