//! `kend-sim`: runs seeds, many or one.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use kend_sim::setup::{Fault, Setup};
use kend_sim::{seeds, world};

#[derive(Debug, Parser)]
#[command(name = "kend-sim", about = "Run histories of devices and hubs, and check the invariants of the log")]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Stop after so many seconds, however many seeds were run.
    #[arg(long)]
    seconds: Option<u64>,
    /// Run this one alone, with its trace when it fails.
    #[arg(long)]
    seed: Option<u64>,
    /// With `--seed`: so many events instead of the seed's.
    #[arg(long, requires = "seed")]
    events: Option<u32>,
    /// With `--seed`: only these faults, by comma.
    #[arg(long, requires = "seed")]
    faults: Option<String>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        return one(&arguments, seed);
    }
    #[expect(clippy::disallowed_methods, reason = "how long to go on; no run knows of it")]
    let start = Instant::now();
    let budget = arguments.seconds.map(Duration::from_secs);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let done = |ran| ran >= arguments.seeds || budget.is_some_and(|budget| start.elapsed() >= budget);
    let tally = seeds::sweep(arguments.first, threads, done);
    let seconds = start.elapsed().as_secs_f64();
    if let Some(found) = tally.found {
        println!("{found}");
        return Ok(ExitCode::FAILURE);
    }
    let (seeds, entries) = (tally.seeds, tally.entries);
    println!("{seeds} seeds without a violation, {entries} entries, {seconds:.0} s on {threads} threads");
    Ok(ExitCode::SUCCESS)
}

fn one(arguments: &Arguments, seed: u64) -> Result<ExitCode> {
    let mut setup = Setup::of(seed);
    setup.events = arguments.events.unwrap_or(setup.events);
    if let Some(names) = &arguments.faults {
        let fault = |name: &str| {
            let found = Fault::ALL.into_iter().find(|fault| format!("{fault:?}") == name);
            found.with_context(|| format!("no fault is called {name}"))
        };
        setup.faults = names.split(',').filter(|name| !name.is_empty()).map(fault).collect::<Result<_>>()?;
    }
    Ok(match kend_sim::run(&setup, &world::as_it_is, true) {
        Ok(summary) => {
            println!("seed {seed}: no violation, {} entries", summary.entries);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{}", seeds::Found { setup, failure });
            ExitCode::FAILURE
        }
    })
}
