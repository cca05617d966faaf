//! The hub: a server that devices sync with, and the app for people who sign in with a browser.
//!
//! One process, one encrypted `SQLite` file, one lock ([`hub`]). Devices come in by [`code`] and [`sync`], people by
//! [`account`] and [`api`]; [`routes`] is all the HTTP there is. It must never acknowledge what is not on the disk, never
//! log what people said, and never listen beyond the machine unless told to. The commands for the administrator work on
//! the same files while the server runs.

mod account;
mod administration;
mod api;
mod bundles;
mod code;
mod error;
mod hub;
mod limit;
mod orders;
mod people;
mod quarantine;
mod replica;
mod routes;
mod serve;
mod sync;
mod world;

use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use data_encoding::BASE32_NOPAD;
use kend_domain::{AreaCode, Areas, PersonId, Role};
use kend_sync::protocol::MAX_NAME_BYTES;
use kend_sync::rights::Member;

use crate::code::CodeFor;
use crate::error::HubError;
use crate::hub::{HubState, NewHub};
use crate::people::Person;

/// The hub of Kend: devices sync with it, people sign in to it.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve devices and browsers until told to stop.
    Serve {
        #[command(flatten)]
        data: Data,
        /// Where to listen; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8470")]
        listen: SocketAddr,
        /// The folder with the built UI.
        #[arg(long)]
        ui: Option<PathBuf>,
        /// Listen beyond this machine although nothing is encrypted on the way.
        #[arg(long)]
        plain_http_beyond_loopback: bool,
    },
    /// Print a one-time code for one device. It holds for fifteen minutes.
    Enrol {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        who: Who,
    },
    /// Make an account for the browser. Prints the password that it makes up.
    Person {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        who: Who,
        /// Read the password from the first line of standard input, and print nothing.
        #[arg(long)]
        password_stdin: bool,
    },
    /// People and their devices.
    People {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        what: administration::People,
    },
    /// What was set aside.
    Quarantine {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        what: administration::Quarantine,
    },
    /// Bundles: what comes and goes on USB sticks and SD cards.
    Bundle {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        what: bundles::BundleCommand,
    },
    /// Say what the hub holds.
    Status {
        #[command(flatten)]
        data: Data,
    },
    /// After the data folder was put back from a backup: devices then offer what it lacks. Stop the server first.
    Restored {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Args)]
struct Data {
    /// The folder with the hub's data; made when it is not there.
    #[arg(long = "data")]
    folder: PathBuf,
    /// Seals the key of the data. Without it the key lies in a file beside the data.
    #[arg(long, env = "KEND_HUB_PASSPHRASE", hide_env_values = true)]
    passphrase: Option<String>,
    /// The project of a new hub.
    #[arg(long, default_value = "demo")]
    project: AreaCode,
    /// What a new hub calls itself.
    #[arg(long, default_value = "Kend hub")]
    hub_name: String,
}

#[derive(Args)]
struct Who {
    /// Name for colleagues.
    #[arg(long)]
    name: String,
    /// national, `cluster_unit`, supervisor, enumerator, committee or analyst.
    #[arg(long)]
    role: Role,
    /// Areas by ISO 3166-2, separated by commas.
    #[arg(long = "area", value_delimiter = ',', required = true)]
    areas: Vec<AreaCode>,
}

impl Data {
    fn open(&self) -> anyhow::Result<HubState> {
        let new = NewHub { project: self.project.clone(), name: self.hub_name.clone() };
        HubState::open(&self.folder, self.passphrase.as_deref(), &new)
            .with_context(|| format!("the hub in {} can't be opened", self.folder.display()))
    }
}

impl Who {
    fn check(self) -> anyhow::Result<CodeFor> {
        let name = self.name.trim().to_owned();
        anyhow::ensure!(!name.is_empty() && name.len() <= MAX_NAME_BYTES, "a name has 1 to {MAX_NAME_BYTES} bytes");
        Ok(CodeFor { name, role: self.role, areas: Areas(self.areas.into_iter().collect()) })
    }
}

fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("KEND_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Serve { data, listen, ui, plain_http_beyond_loopback } => {
            let hub = data.open()?;
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(serve::run(hub, listen, ui.as_deref(), plain_http_beyond_loopback))
        }
        Command::Enrol { data, who } => {
            let (mut hub, who) = (data.open()?, who.check()?);
            let code = hub.store.transaction(|tables| code::make(tables, &who, world::wall_ms()))?;
            print(&code);
            Ok(())
        }
        Command::Person { data, who, password_stdin } => add_person(&mut data.open()?, who.check()?, password_stdin),
        Command::People { data, what } => {
            say(&what.run(&mut data.open()?)?);
            Ok(())
        }
        Command::Quarantine { data, what } => {
            say(&what.run(&mut data.open()?)?);
            Ok(())
        }
        Command::Bundle { data, what } => what.run(data.open()?),
        Command::Status { data } => status(&data.open()?),
        Command::Restored { data } => Ok(data.open()?.begin_epoch()?),
    }
}

fn add_person(hub: &mut HubState, who: CodeFor, password_stdin: bool) -> anyhow::Result<()> {
    let password = if password_stdin { read_password()? } else { make_password()? };
    let hash = account::hash_password(&password)?;
    let id = PersonId::from_bytes(world::random()?);
    let member = Member { person: id, role: who.role, areas: who.areas };
    let person = Person { name: who.name, member };
    hub.store.transaction(|tables| account::add(tables, &person, &hash))?;
    if !password_stdin {
        print(&password);
    }
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(account::MAX_SIGN_IN_BYTES)?;
    std::io::stdin().take(limit).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Eighty bits in groups of four letters.
fn make_password() -> Result<String, HubError> {
    let letters = BASE32_NOPAD.encode(&world::random::<10>()?).to_lowercase();
    let groups: Vec<_> = letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    Ok(groups.join("-"))
}

fn status(hub: &HubState) -> anyhow::Result<()> {
    let (people, accounts, devices) = people::counts(hub.store.connection())?;
    let heads = hub.store.logs()?;
    let entries: u64 = heads.iter().map(|head| head.seq).sum();
    print(&format!("{} (project {}), device {}", hub.identity.name, hub.identity.project, hub.store.device()));
    print(&format!("{people} people, {accounts} with an account, {devices} devices"));
    print(&format!("{entries} entries in {} logs", heads.len()));
    for erasure in orders::unconfirmed(hub.store.connection())? {
        let orders::Unconfirmed { device, people, entity, sent_ms, .. } = erasure;
        let told = if sent_ms.is_some() { "was told" } else { "did not ask since" };
        print(&format!("erasure of {entity} not confirmed by {device} ({people}): {told}"));
    }
    Ok(())
}

fn say(lines: &[String]) {
    for line in lines {
        print(line);
    }
}

#[expect(clippy::print_stdout, reason = "what the administrator asked for")]
fn print(line: &str) {
    println!("{line}");
}
