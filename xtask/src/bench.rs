//! What must be fast, measured. Benchmarks compile with optimisation and are never part of a test.

use anyhow::Result;
use clap::ValueEnum;

use crate::house::{House, succeed};
use crate::setup::{Goal, peers, set_up};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Keeping an answer, beside one 4 KiB append with a disk sync.
    Keep,
    /// A cluster's merged readiness.
    Readiness,
    /// A tap on a card: which questions became relevant.
    Form,
    /// Every state of a failing disk; hub and device killed under load, 67 times, 100,000 acknowledged entries: no time is
    /// judged, nothing may be lost.
    Fire,
    /// A device and a hub with a bad line between them: time until interviews are durable, beside `OpenRosa`; then a line
    /// that dies every 1 to 60 seconds.
    Link,
    /// 100,000 interviews in one store, made up once and kept beside the builds: keeping an answer beside an empty store,
    /// reading what was changed beside a bare SELECT.
    Grow,
    /// Simulated histories, for an hour or `--minutes`: how many break no invariant.
    Sim,
    /// 500 devices with 20 interviews each, all at once, against one hub: in a file, then in PostgreSQL.
    Hub,
    /// Taking in and folding anew, beside bare rows of the same answers: `SQLite`, `SQLCipher`, PostgreSQL.
    Ingest,
    /// What interviews and corrections weigh on the wire, beside `OpenRosa` and `PouchDB`.
    Wire,
    /// Attachments over a line that breaks, many at once, over slow lines, and what hashing costs.
    Blobs,
    /// Computations on the cells of a whole country and of a device; a pack opened to its first number; travel time and
    /// coverage beside scikit-image, GRASS and exactextract.
    Cells,
    /// Alterations of the fold and of the matrix of rights, one by one: each has to be noticed by a test of its crate.
    Mutants,
    /// All of these but the simulated histories and the alterations.
    All,
}

/// What, the crate and benchmark that measure it, and what more the benchmark is told.
const BENCHMARKS: [(What, &str, &str, &[&str]); 15] = [
    (What::Keep, "kend-store", "keep", &[]),
    (What::Readiness, "kend-readiness", "merge", &[]),
    (What::Readiness, "kend-readiness", "composite", &[]),
    (What::Readiness, "kend-app", "recalculate", &[]),
    (What::Form, "kend-form", "answer", &[]),
    (What::Hub, "kend-hub", "fleet", &[]),
    (What::Hub, "kend-hub", "fleet", &["--", "--postgres"]),
    (What::Ingest, "kend-hub", "fleet", &["--features", "unencrypted", "--", "--ingest"]),
    (What::Ingest, "kend-hub", "fleet", &["--", "--ingest-postgres"]),
    (What::Wire, "kend-wire", "wire", &[]),
    (What::Blobs, "kend-hub", "blobs", &[]),
    (What::Cells, "kend-readiness", "cells", &[]),
    (What::Cells, "kend-pack", "cells", &[]),
    (What::Cells, "kend-cells", "country", &[]),
    (What::Cells, "kend-cells", "peers", &[]),
];

/// How long the simulator runs when nothing else is asked for.
pub(crate) const SIM_MINUTES: u64 = 60;

/// Measures one or all.
pub(crate) fn bench(house: &House, what: What, minutes: u64) -> Result<()> {
    set_up(house, if matches!(what, What::All | What::Cells) { &[Goal::Rust, Goal::Peers] } else { &[Goal::Rust] })?;
    if what == What::Sim {
        let seconds = minutes.saturating_mul(60).to_string();
        // Beyond the seeds of the tests, and more of them than any hour holds.
        let words = ["--first", "10000", "--seeds", "1000000000", "--seconds", &seconds];
        let cargo = ["cargo", "run", "--release", "--quiet", "--package", "kend-sim", "--"];
        return succeed(&mut house.command([&cargo[..], &words].concat()));
    }
    if what == What::Mutants {
        return mutants(house);
    }
    if matches!(what, What::All | What::Fire) {
        fire(house)?;
    }
    if matches!(what, What::All | What::Link) {
        link(house)?;
    }
    if matches!(what, What::All | What::Grow) {
        grow(house)?;
    }
    for (_, package, benchmark, more) in BENCHMARKS.iter().filter(|(of, ..)| what == What::All || what == *of) {
        let mut command = house.command(["cargo", "bench", "--package", package, "--bench", benchmark]);
        succeed(command.args(*more).env("KEND_PEERS", peers(house)))?;
    }
    Ok(())
}

/// What is altered, and the tests that have to notice: crate, files, what `cargo test` is told.
const MUTANTS: [(&str, &[&str], &[&str]); 2] = [
    ("kend-log", &["crates/log/src/fold.rs", "crates/log/src/state.rs"], &["--test", "log", "--", "fold", "state"]),
    ("kend-sync", &["crates/sync/src/rights.rs"], &["--lib", "--", "rights"]),
];

/// Fails when an alteration goes unnoticed. One that no test can notice is to be left out in `.cargo/mutants.toml`, with why.
fn mutants(house: &House) -> Result<()> {
    let program = house.tool("cargo-mutants");
    if !program.is_file() {
        let install = ["cargo", "install", "--locked", "cargo-mutants", "--version", "27.1.0", "--root"];
        succeed(house.command(install).arg(house.tools()))?;
    }
    let mut missed = Ok(());
    for (package, files, tests) in MUTANTS {
        let out = house.kend_folder().join("mutants").join(package);
        std::fs::create_dir_all(&out)?;
        let mut command = house.command([program.as_os_str()]);
        command.args(["mutants", "--package", package, "--minimum-test-timeout", "120", "--output"]).arg(out);
        for file in files {
            command.args(["--file", file]);
        }
        // It works on a copy of the checkout, so that nothing here is ever altered; what it builds is kept for the next run.
        command.env("CARGO_TARGET_DIR", house.target.join("mutants"));
        // One crate's misses say nothing of the next.
        missed = missed.and(succeed(command.arg("--").args(tests)));
    }
    missed
}

/// How often hub and device are killed, and how many entries must have been acknowledged in the end.
const FIRE: [(&str, &str); 2] = [("KEND_FIRE_CYCLES", "67"), ("KEND_FIRE_ENTRIES", "100000")];

fn fire(house: &House) -> Result<()> {
    let mut disk = house.command(["cargo", "test", "--release", "--package", "kend-crash", "--", "--nocapture"]);
    succeed(disk.env("KEND_CRASH_WHOLE", "1"))?;
    succeed(&mut house.command(["cargo", "build", "--release", "--package", "kend-hub"]))?;
    let mut command = house.command(["cargo", "test", "--release", "--package", "kend-tests", "--no-default-features"]);
    command.args(["--features", "writer", "--test", "fire", "--", "--nocapture", "killed"]);
    succeed(command.env("KEND_HUB", house.released("kend-hub")).envs(FIRE))
}

fn link(house: &House) -> Result<()> {
    succeed(&mut house.command(["cargo", "build", "--release", "--package", "kend-hub"]))?;
    for what in ["times", "breaks"] {
        let mut command = house.command(["cargo", "run", "--release", "--quiet", "--package", "kend-link", "--", what]);
        succeed(command.env("KEND_HUB", house.released("kend-hub")))?;
    }
    Ok(())
}

fn grow(house: &House) -> Result<()> {
    succeed(&mut house.command(["cargo", "build", "--release", "--package", "kend-hub"]))?;
    let mut command =
        house.command(["cargo", "run", "--release", "--quiet", "--package", "kend-grow", "--", "--folder"]);
    succeed(command.arg(house.target.join("grow")).env("KEND_HUB", house.released("kend-hub")))
}
