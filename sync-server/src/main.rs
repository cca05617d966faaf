//! The hub: a server that devices sync with, and the app for people who sign in with a browser.
//!
//! One encrypted `SQLite` file, one lock ([`hub`], [`door`]); or PostgreSQL, of which each process has a copy in such a file
//! ([`postgres`]). Devices come in by [`code`] and [`sync`], people by
//! [`account`] and [`api`], [`bundles`] by either or on a stick; [`routes`] is all the HTTP there is, [`listen`] and [`tls`] are what it comes in by. It must
//! never acknowledge what is not on the disk, never log what people said, and encrypt all that leaves the machine. The
//! commands for the administrator ([`arguments`], [`command`]) work on the same files while the server runs.

mod above;
mod account;
mod ahead;
mod api;
mod arguments;
mod backup;
mod below;
mod blobs;
mod bundles;
mod code;
mod command;
mod door;
mod erase;
mod error;
mod events;
mod hub;
mod limit;
mod line;
mod listen;
mod metrics;
mod orders;
mod patience;
mod people;
mod postgres;
mod quarantine;
mod replica;
mod routes;
mod second_factor;
mod serve;
mod sync;
mod tls;
mod turn;
mod visit;

use clap::Parser;
use kend_world as world;

use crate::arguments::{Arguments, Command};
use crate::serve::LogForm;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let Arguments { log, command } = Arguments::parse();
    write_log(log);
    match command {
        Command::Serve { data, listening } => {
            let _held = backup::hold(&data.folder)?;
            let hub = data.open()?;
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(serve::run(hub, &data.folder, *listening))
        }
        Command::Enrol { data, who } => command::enrol(&data, &who.check()?),
        Command::Join { data, words } => {
            let mut hub = data.open()?;
            anyhow::ensure!(hub.database_answers().is_none(), "a hub in PostgreSQL is a server: it joins no other");
            command::print(&format!("joined {}", hub.write(|hub| above::join(hub, &words))??));
            Ok(())
        }
        Command::People(people) => command::people(people),
        Command::Quarantine(quarantine) => command::quarantine(quarantine),
        Command::Bundle(bundle) => bundles::carry_out(bundle),
        Command::Status { data, json } => data.open()?.read(|hub| command::status(hub, json))?,
        Command::Backup { data, target } => backup::back_up(&data, &target),
        Command::Restore { data, from, key, replace } => backup::restore(&data, &from, key.as_deref(), replace),
        Command::Verify { data } => backup::verify(&data),
        Command::Erase { data, erasure } => {
            let mut hub = data.open()?;
            hub.write(|hub| erase::erase(hub, &erasure))??;
            command::print(erase::ERASED);
            if let Some(clearing) = hub.clearing() {
                command::print(erase::words_of(clearing.run()?));
            }
            drop(hub);
            // Opening clears what an erasure left in the write-ahead log, should the server have been in the way.
            blobs::remove_erased(&mut data.open()?, &data.folder)
        }
    }
}

fn write_log(form: LogForm) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("KEND_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match form {
        LogForm::Text => log.init(),
        LogForm::Json => log.json().init(),
    }
}
