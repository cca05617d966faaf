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
    /// 500 devices with 20 interviews each, against one hub.
    Hub,
    /// All of these.
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

/// Measures one or all.
pub(crate) fn bench(house: &House, what: What) -> Result<()> {
    set_up(house, &[Goal::Rust])?;
    for (_, package, benchmark) in BENCHMARKS.iter().filter(|(of, ..)| what == What::All || what == *of) {
        succeed(&mut house.command(["cargo", "bench", "--package", package, "--bench", benchmark]))?;
    }
    Ok(())
}
