//! `kend`: readiness, bundles, packs and demo data on the command line. Each command lives in its own module.

mod bundle;
mod demo;
mod document;
mod index;
mod pack;
mod readiness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Exit code when the input is at fault; clap uses the same for bad arguments.
const BAD_INPUT: u8 = 2;

/// Readiness, composite indices, bundles, packs and demo data on the command line.
#[derive(Debug, Parser)]
#[command(name = "kend", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Readiness of a cluster.
    #[command(subcommand)]
    Readiness(readiness::ReadinessCommand),
    /// The index of a country from the files of an office, and composite indices of any kind.
    #[command(subcommand, after_help = index::THE_WAY)]
    Index(index::IndexCommand),
    /// Bundles: interviews on a USB stick or SD card.
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    /// Packs: what devices calculate with.
    #[command(subcommand)]
    Pack(pack::PackCommand),
    /// The demo project.
    #[command(subcommand)]
    Demo(demo::DemoCommand),
}

fn run() -> anyhow::Result<()> {
    let output = &mut std::io::stdout().lock();
    match Arguments::parse().command {
        Command::Readiness(command) => Ok(readiness::run(command, output)?),
        Command::Index(command) => Ok(index::run(command, output)?),
        Command::Bundle(command) => Ok(bundle::run(command, output)?),
        Command::Pack(command) => Ok(pack::run(command, output)?),
        Command::Demo(command) => Ok(demo::run(command, output)?),
    }
}

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    // A message may quote the input: without its control characters it stays one line and harmless to a terminal.
    let message: String = format!("{error:#}")
        .chars()
        .flat_map(|letter| if letter.is_control() { letter.escape_default().collect() } else { vec![letter] })
        .collect();
    eprintln!("kend: {message}");
    let bad_input = error.downcast_ref().is_some_and(readiness::ReadinessError::is_bad_input)
        || error.downcast_ref().is_some_and(index::IndexError::is_bad_input)
        || error.downcast_ref().is_some_and(bundle::BundleError::is_bad_input)
        || error.downcast_ref().is_some_and(pack::PackCommandError::is_bad_input);
    if bad_input { ExitCode::from(BAD_INPUT) } else { ExitCode::FAILURE }
}
