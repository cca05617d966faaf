//! A real device and a real hub with a bad line between them: slow, far, lossy, or dying again and again.
//!
//! Both are the shipped programs, in network namespaces of their own ([`rooms`]); the line is two TUN devices and what
//! happens between them ([`line`]). Run it by `cargo xtask bench link`; a short form of [`breaks`] is a test.

mod breaks;
mod device;
mod direction;
mod gate;
mod line;
mod openrosa;
mod rooms;
mod stage;
mod times;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};

use crate::breaks::Plan;
use crate::rooms::Place;

/// A bad line between a real device and a real hub. `KEND_HUB` names the hub's program.
#[derive(Parser)]
struct Arguments {
    /// Which packets are lost, when the line dies, what the interviews say.
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Time until one and ten interviews are durable, beside `OpenRosa` on the same line.
    Times {
        /// Of each, in turn.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
    },
    /// A line that dies every 1 to 60 seconds, until all is through.
    Breaks {
        /// Interviews to pass on.
        #[arg(long, default_value_t = 300)]
        interviews: usize,
        /// In a minute or less: a faster line that dies sooner.
        #[arg(long)]
        short: bool,
    },
    /// Take `OpenRosa` submissions: the other side of `times`.
    #[command(hide = true)]
    Receive { folder: PathBuf, listen: SocketAddr },
}

fn main() -> ExitCode {
    match work(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn work(arguments: &Arguments) -> Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new()?;
    if let What::Receive { folder, listen } = &arguments.what {
        runtime.block_on(openrosa::serve(folder, *listen))?;
        return Ok(ExitCode::SUCCESS);
    }
    match rooms::go_inside()? {
        Place::Inside => {}
        Place::Done(status) => return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        Place::Refused(why) => {
            println!("left out: this machine gives no network namespace with a TUN device ({why})");
            return Ok(ExitCode::SUCCESS);
        }
    }
    match &arguments.what {
        What::Times { rounds } => {
            let met = runtime.block_on(times::measure(*rounds, arguments.seed))?;
            ensure!(met, "a bar is not met");
        }
        What::Breaks { interviews, short } => {
            let plan = if *short { Plan::short() } else { Plan::long(*interviews) };
            runtime.block_on(breaks::play(&plan, arguments.seed))?;
        }
        What::Receive { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}
