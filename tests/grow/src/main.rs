//! Ten years of interviews in one store, and what stays as fast as on the first day: `cargo xtask bench grow`.
//!
//! All of it is made up ([`past`]); it is made once and kept in the folder of builds. The bars: keeping an answer within 1.3
//! of an empty store; reading what was changed within 3 of a bare SELECT of the same rows, however much lies beside it.

mod measure;
mod past;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use kend_log::EntityKind;
use kend_wire::Dice;

use crate::measure::{change, keep, now, percentile_ms, pull, select};
use crate::past::Past;

const TURNS: u32 = 3_000;
const WARM_UP: u32 = 1_000;
const BAR_SAVE: f64 = 1.3;
const BAR_PULL: f64 = 3.0;
/// Longer with more data by no more than this counts as flat.
const BAR_FLAT: f64 = 1.3;
const CHANGED: [u64; 3] = [1, 10, 100];
const LOOKS: u32 = 200;
const TRIES: u32 = 5;

/// Ten years of made-up interviews in one store.
#[derive(Parser)]
struct Arguments {
    /// Where the stores are kept between two runs.
    #[arg(long)]
    folder: PathBuf,
    /// How many interviews.
    #[arg(long, default_value_t = 100_000)]
    interviews: u64,
}

fn main() -> Result<()> {
    let Arguments { folder, interviews } = Arguments::parse();
    let program =
        PathBuf::from(std::env::var_os("KEND_HUB").context("KEND_HUB is not set: run this by `cargo xtask`")?);
    let of = |count: u64| Past::of(&program, folder.join(format!("of-{count}")), count);
    let (empty, few, many) = (of(0)?, of(2_500)?, of(interviews)?);
    let size = std::fs::metadata(many.file())?.len() / 1_000_000;
    println!("{interviews} interviews, made up: {size} MB");
    opening(&empty, &many)?;
    let mut met = saving(&empty, &many)?;
    met &= pulling(&few, &many)?;
    ensure!(met, "a bar is not met");
    Ok(())
}

const fn word(met: bool) -> &'static str {
    if met { "met" } else { "NOT met" }
}

/// Opening, and what the app asks of a store at once.
fn opening(empty: &Past, many: &Past) -> Result<()> {
    println!("\n                    empty ms    many ms");
    let [empty, many] = [opened(empty)?, opened(many)?];
    for ((name, empty), many) in ["open", "what waits", "list of interviews"].into_iter().zip(empty).zip(many) {
        println!("{name:<18} {empty:9.2}  {many:9.2}");
    }
    Ok(())
}

/// Medians of some tries.
fn opened(past: &Past) -> Result<[f64; 3]> {
    let [mut open, mut waits, mut list] = [const { Vec::new() }; 3];
    for _ in 0..TRIES {
        let began = now();
        let store = past.open()?;
        open.push(began.elapsed());
        let began = now();
        store.tally(EntityKind::Interview)?;
        store.unacknowledged()?;
        waits.push(began.elapsed());
        let began = now();
        store.entities(EntityKind::Interview)?;
        list.push(began.elapsed());
    }
    Ok([open, waits, list].map(|mut times| percentile_ms(&mut times, 0.5)))
}

fn saving(empty: &Past, many: &Past) -> Result<bool> {
    let (mut empty_store, mut many_store) = (empty.open()?, many.open()?);
    // Interviews that no run before has held.
    let run = measure::place(&many_store)?;
    let (mut empty, mut many) = (Vec::new(), Vec::new());
    for turn in 0..WARM_UP + TURNS {
        for of_many in [turn.is_multiple_of(2), !turn.is_multiple_of(2)] {
            let took = keep(if of_many { &mut many_store } else { &mut empty_store }, turn, run)?;
            if turn >= WARM_UP {
                if of_many { many.push(took) } else { empty.push(took) }
            }
        }
    }
    println!("\nkeep an answer      empty ms    many ms   ratio");
    let mut met = true;
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (empty, many) = (percentile_ms(&mut empty, share), percentile_ms(&mut many, share));
        met &= many <= BAR_SAVE * empty;
        println!("{name:<18} {empty:9.3}  {many:9.3}  {:6.2}", many / empty);
    }
    println!("bar: {BAR_SAVE}: {}", word(met));
    Ok(met)
}

/// A bare SELECT of what was changed, and reading the same as it goes over the line, in milliseconds.
fn pulled(past: &Past, changed: u64, dice: &mut Dice) -> Result<(f64, f64)> {
    let mut store = past.open()?;
    let since = change(&mut store, past, changed, dice)?;
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..LOOKS {
        bare.push(select(&store, since)?);
        whole.push(pull(&mut store, since)?);
    }
    Ok((percentile_ms(&mut bare, 0.5), percentile_ms(&mut whole, 0.5)))
}

fn pulling(few: &Past, many: &Past) -> Result<bool> {
    let mut dice = Dice::new(u64::from(std::process::id()));
    println!("\nchanged    of few: SELECT ms   pull ms  ratio   of many: SELECT ms   pull ms  ratio   many to few");
    let mut met = true;
    for changed in CHANGED {
        let (few_bare, few) = pulled(few, changed, &mut dice)?;
        let (many_bare, many) = pulled(many, changed, &mut dice)?;
        met &= many <= BAR_PULL * many_bare && many <= BAR_FLAT * few;
        println!(
            "{changed:7} {few_bare:18.3} {few:9.3} {:6.1} {many_bare:20.3} {many:9.3} {:6.1} {:10.2}",
            few / few_bare,
            many / many_bare,
            many / few,
        );
    }
    println!("bars: {BAR_PULL} x SELECT, {BAR_FLAT} x few: {}", word(met));
    Ok(met)
}
