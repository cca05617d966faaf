//! A device that keeps entries as fast as it can and syncs in between, until it is killed: what `fire` shoots at.
//!
//! It goes the shipped way, by [`kend_machine`], and says on standard output what it was told: `kept N` once the N-th
//! entry is kept, `copied N` once the hub has acknowledged all entries up to the N-th.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use kend_app::Suggestion;
use kend_machine::Desktop;
use serde_json::{Value, json};

/// Entries between two exchanges.
const BETWEEN_EXCHANGES: u64 = 200;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.context("no runtime").and_then(|runtime| runtime.block_on(write())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn write() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |what: &str| arguments.next().with_context(|| format!("{what} is missing"));
    let folder = PathBuf::from(argument("a folder")?);
    let passphrase = argument("a passphrase")?;
    let first: u64 = argument("the first number")?.parse()?;
    let hub = argument("the hub's address")?;
    let code = arguments.next();

    let device = Desktop::open(folder, Suggestion::default())?;
    if let Some(code) = code {
        call(&device, "create_store", json!({ "passphrase": passphrase, "name": "Aysel", "language": "az" })).await?;
        call(&device, "join_hub", json!({ "address": hub, "code": code })).await?;
    } else {
        call(&device, "unlock", json!({ "passphrase": passphrase })).await?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "open")?;
    for number in first.. {
        let position = json!({ "latitude": 40.99, "longitude": 45.63 });
        call(&device, "add_village", json!({ "name": number.to_string(), "position": position })).await?;
        writeln!(out, "kept {number}")?;
        // A hub that is down, or dies on the way, is no reason to stop.
        if number.is_multiple_of(BETWEEN_EXCHANGES)
            && let Ok(view) = call(&device, "sync", json!({})).await
            && view.get("waiting_entries") == Some(&json!(0))
        {
            writeln!(out, "copied {number}")?;
        }
        out.flush()?;
    }
    Ok(())
}

async fn call(device: &Desktop, command: &str, request: Value) -> Result<Value> {
    device.call(command, request).await.map_err(|error| anyhow!("{command}: {error}"))
}
