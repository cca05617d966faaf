//! A fleet against one hub process, and what the hub does against the least that a database could do with the same answers.
//!
//! `cargo bench -p kend-hub --bench fleet [-- [--postgres | --ingest | --ingest-postgres] [DEVICES]]`
//!
//! - Without a word: 500 devices with 20 interviews each, all at once, against a hub in a file; with `--postgres`, against a
//!   hub in a database. See `hub.rs`.
//! - `--ingest`: what taking in costs beside inserting the same answers as bare rows, in `SQLite` and `SQLCipher`, and
//!   folding all of it anew. See `ingest.rs`. Plain `SQLite` is measured with `--features unencrypted` only.
//! - `--ingest-postgres`: the whole hub in PostgreSQL beside batched INSERTs. See `postgres.rs`.
//!
//! Each device works in an area of its own, so that nothing but what it sends is exchanged.

mod device;
mod hub;
mod ingest;
mod made;
mod postgres;
mod server;
mod work;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::Semaphore;

/// As the hub has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn Error + Send + Sync>;

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Runs so many at once as are allowed, and returns what each came to.
async fn at_once<Item, Done, Work>(
    items: Vec<Item>,
    at_once: usize,
    work: impl Fn(Item) -> Work + Send + Sync + 'static,
) -> Result<Vec<Done>, Failed>
where
    Item: Send + 'static,
    Done: Send + 'static,
    Work: Future<Output = Result<Done, Failed>> + Send,
{
    let (turns, work) = (Arc::new(Semaphore::new(at_once)), Arc::new(work));
    let tasks: Vec<_> = items
        .into_iter()
        .map(|item| {
            let (turns, work) = (Arc::clone(&turns), Arc::clone(&work));
            tokio::spawn(async move {
                let _turn = turns.acquire().await?;
                work(item).await
            })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await??);
    }
    Ok(done)
}

fn percentile_ms(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (times.len() as f64 * share) as usize;
    times.get(rank.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
const fn figure(count: usize) -> f64 {
    count as f64
}

/// Where the disk is not what is measured.
fn memory_folder() -> Result<TempDir, Failed> {
    let memory = PathBuf::from("/dev/shm");
    Ok(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? })
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let devices: Option<u32> = arguments.iter().find_map(|argument| argument.parse().ok());
    let says = |word: &str| arguments.iter().any(|argument| argument == word);
    if says("--ingest") {
        return ingest::measure(devices.unwrap_or(ingest::DEVICES));
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if says("--ingest-postgres") {
        return runtime.block_on(postgres::measure(devices.unwrap_or(postgres::DEVICES)));
    }
    runtime.block_on(hub::measure(devices.unwrap_or(hub::DEVICES), says("--postgres")))
}
