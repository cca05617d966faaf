//! `cargo xtask`: all that it takes to run, test, measure and show Kend, on a machine with only Rust and Node.
//!
//! Every command first does what is still to be set up, and says what and why; what is done already is passed over in
//! a moment. The steps of the set-up ([`setup`]), the checks ([`test`]) and the benchmarks ([`bench`]) are tables: to add
//! one, add a row.

mod bench;
mod bridge;
mod count;
mod fuzz;
mod house;
mod run;
mod screens;
mod setup;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use house::House;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Set up, run, test and measure Kend")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up, start a hub on this machine, and open the app's window on the demo project.
    Run {
        /// The folder of the hub's and the app's data, instead of `.kend`.
        #[arg(long, value_name = "FOLDER")]
        data: Option<PathBuf>,
        /// The port that the hub listens on, at 127.0.0.1.
        #[arg(long, default_value_t = run::PORT)]
        port: u16,
    },
    /// Set up and run all checks and tests, or one suite of them.
    Test {
        /// Which.
        #[arg(default_value = "all")]
        suite: test::Suite,
    },
    /// Measure what must be fast.
    Bench {
        /// What.
        #[arg(default_value = "all")]
        what: bench::What,
        /// With `sim`: for how long.
        #[arg(long, default_value_t = bench::SIM_MINUTES)]
        minutes: u64,
    },
    /// Feed every decoder with what no friend would send.
    Fuzz {
        /// One of them, instead of all.
        target: Option<String>,
        /// How long each.
        #[arg(long, default_value_t = 600)]
        seconds: u32,
    },
    /// Write the pictures of the screens to `docs/screens`.
    Screens,
    /// Only set up: all that the other commands need.
    Setup,
    /// Write what is generated from the Rust types of the contract: `ui/src/lib/api/bridge.ts` and `schema/openapi.json`.
    Bridge {
        /// Only compare, and fail when it differs.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match work(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn work(command: Command) -> Result<()> {
    let house = House::find()?;
    match command {
        Command::Run { data, port } => run::run(&house, data, port),
        Command::Test { suite } => test::test(&house, suite),
        Command::Bench { what, minutes } => bench::bench(&house, what, minutes),
        Command::Fuzz { target, seconds } => fuzz::fuzz(&house, target.as_deref(), seconds),
        Command::Screens => screens::screens(&house),
        Command::Setup => setup::set_up(&house, &setup::Goal::ALL),
        Command::Bridge { check } => bridge::bridge(&house, check),
    }
}
