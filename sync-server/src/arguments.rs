//! What the administrator says on the command line. The commands work on the same files while the server runs.

use std::path::PathBuf;

use anyhow::Context;
use clap::{ArgGroup, Args, Parser, Subcommand};
use kend_domain::{AreaCode, Areas, DeviceId, PersonId, Role, Scope};
use kend_sync::protocol::MAX_NAME_BYTES;

use crate::code::CodeFor;
use crate::door::Hub;
use crate::erase::Erasure;
use crate::hub::{HubState, NewHub};
use crate::postgres::Reach;
use crate::serve::{Listening, LogForm};

/// The hub of Kend: devices sync with it, people sign in to it.
#[derive(Parser)]
#[command(name = "kend-hub", version, about)]
pub(crate) struct Arguments {
    /// How the log is written. It has no content of interviews and no secrets in any form.
    #[arg(long, value_enum, default_value = "text", global = true)]
    pub(crate) log: LogForm,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve devices and browsers until told to stop.
    Serve {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        listening: Box<Listening>,
    },
    /// Print the joining words for one device, with a one-time code that holds for fifteen minutes.
    Enrol {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        who: Who,
    },
    /// Join the server above: this hub then passes on to it all that its devices bring, and brings back what is for them.
    ///
    /// On the server `kend-hub enrol` prints the joining words. Its role and areas are those of whoever runs this hub:
    /// `supervisor` or `cluster_unit`. Join before the first device is enrolled here.
    Join {
        #[command(flatten)]
        data: Data,
        /// The joining words, in quotes.
        words: String,
    },
    /// The people that the hub knows.
    #[command(subcommand)]
    People(PeopleCommand),
    /// What was set aside, for a person to decide on.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Bundles: what comes and goes on USB sticks and SD cards. The server may run meanwhile.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Say what the hub holds.
    Status {
        #[command(flatten)]
        data: Data,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Copy the hub into a new folder, also while it serves. The copy is encrypted by the same key.
    Backup {
        #[command(flatten)]
        data: Data,
        /// The folder to be made.
        target: PathBuf,
    },
    /// Put a backup in the data folder. Devices then offer again what it lacks. Stop the server first.
    Restore {
        #[command(flatten)]
        data: Data,
        /// The folder of the backup.
        from: PathBuf,
        /// The hub's bare key, when it had no passphrase and the key is not in the data folder.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Set the hub that is there aside.
        #[arg(long)]
        replace: bool,
    },
    /// Read every page, check every signature and chain, and fold everything anew; also while it serves.
    Verify {
        #[command(flatten)]
        data: Data,
    },
    /// Erase content for good, on the hub and on every device.
    Erase {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        erasure: Erasure,
    },
}

/// What to do about people.
#[derive(Subcommand)]
pub(crate) enum PeopleCommand {
    /// List everybody with role, areas, account and devices.
    List {
        #[command(flatten)]
        data: Data,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make an account for the browser. Prints the password that it makes up.
    Add {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        who: Who,
        /// Read the password from the first line of standard input, and print nothing.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change a person's role or areas. Their devices learn of it with their next exchange, and leave what is not theirs
    /// any more.
    Set {
        #[command(flatten)]
        data: Data,
        /// The person's id.
        #[arg(long)]
        person: PersonId,
        /// The new role.
        #[arg(long)]
        role: Option<Role>,
        /// The new areas by ISO 3166-2, separated by commas.
        #[arg(long = "area", value_delimiter = ',')]
        areas: Vec<AreaCode>,
    },
    /// Revoke a device: nothing more of it is taken in without a person's decision, it is sent nothing, and it is told to
    /// wipe itself.
    Revoke {
        #[command(flatten)]
        data: Data,
        /// The device's id.
        #[arg(long)]
        device: DeviceId,
    },
    /// Make up a new password for somebody who forgot theirs, and sign them out everywhere.
    Password {
        #[command(flatten)]
        data: Data,
        /// The name that they sign in with.
        #[arg(long)]
        name: String,
        /// Read the password from the first line of standard input, and print nothing.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Ask somebody for a code too, from now on, and print what their authenticator needs, with recovery codes.
    SecondFactor {
        #[command(flatten)]
        data: Data,
        /// The name that they sign in with.
        #[arg(long)]
        name: String,
        /// Ask for none any more.
        #[arg(long)]
        remove: bool,
    },
}

/// What to do about what was set aside. A segment is named by the start of its name.
#[derive(Subcommand)]
pub(crate) enum QuarantineCommand {
    /// What is set aside, and why.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Take one in, with what follows it.
    Release {
        #[command(flatten)]
        data: Data,
        /// Its name.
        name: String,
    },
    /// Drop one for good.
    Drop {
        #[command(flatten)]
        data: Data,
        /// Its name.
        name: String,
    },
}

/// What to do with bundles.
#[derive(Subcommand)]
pub(crate) enum BundleCommand {
    /// Take in what devices gave by file.
    ///
    /// Give all volumes of a bundle together, in any order. Taking in a bundle again changes nothing. Of one that is cut
    /// off or damaged, all that lies before the break is taken in, and the exit code is not 0.
    Import {
        #[command(flatten)]
        data: Data,
        /// The files (`NAME-1of3.kendbundle`, ...).
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write what the hub has for devices: receipts, reviews, other people's interviews, orders.
    ///
    /// A device that takes it in knows what is safe at the server, with no network at all.
    Export {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        whom: Whom,
        /// The folder to write to: the stick's.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Say what is in volumes that are for this hub. Nothing is taken in.
    List {
        #[command(flatten)]
        data: Data,
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Whom a bundle is for.
#[derive(Args)]
#[command(group = ArgGroup::new("for").required(true))]
pub(crate) struct Whom {
    /// One device, by its id: everything that it would get over a line, orders included.
    #[arg(long, group = "for")]
    pub(crate) device: Option<DeviceId>,
    /// All devices of an area, such as demo/AZ-TOV, in one bundle. Orders, which are for one device each, are left out.
    #[arg(long, group = "for")]
    pub(crate) scope: Option<Scope>,
}

/// Where the hub's data is.
#[derive(Args)]
pub(crate) struct Data {
    /// The folder with the hub's data; made when it is not there.
    #[arg(long = "data")]
    pub(crate) folder: PathBuf,
    /// Seals the key of the data. Without it the key lies in a file beside the data.
    #[arg(long, env = "KEND_HUB_PASSPHRASE", hide_env_values = true)]
    pub(crate) passphrase: Option<String>,
    /// The database that the hub is in: `postgres://USER:PASSWORD@HOST:PORT/NAME`. Several hubs with one key may be in one.
    /// The folder then has a copy of it, made anew when it is missing. Without it, all of the hub is in the folder.
    #[arg(long, env = "KEND_HUB_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Who vouches for the database's certificate (PEM), when it is none of the machine's authorities.
    #[arg(long, env = "KEND_HUB_DATABASE_AUTHORITY", value_name = "FILE")]
    database_authority: Option<PathBuf>,
    /// Encrypt nothing although the database is on another machine: for a network that is nobody's.
    #[arg(long)]
    database_plain: bool,
    /// The project of a new hub.
    #[arg(long, default_value = "demo")]
    project: AreaCode,
    /// What a new hub calls itself.
    #[arg(long, default_value = "Kend hub")]
    hub_name: String,
}

/// Somebody, and what they may do.
#[derive(Args)]
pub(crate) struct Who {
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
    /// How the database is reached; none when the hub is in the folder.
    pub(crate) fn reach(&self) -> Option<Reach> {
        let url = self.database_url.clone().filter(|url| !url.is_empty())?;
        Some(Reach { url, authority: self.database_authority.clone(), plain: self.database_plain })
    }

    /// Opens the hub.
    pub(crate) fn open(&self) -> anyhow::Result<Hub> {
        let new = NewHub { project: self.project.clone(), name: self.hub_name.clone() };
        HubState::open(&self.folder, self.passphrase.as_deref(), &new, self.reach().as_ref())
            .with_context(|| format!("the hub in {} can't be opened", self.folder.display()))
    }
}

impl Who {
    /// With a name that can stand in a certificate.
    pub(crate) fn check(self) -> anyhow::Result<CodeFor> {
        let name = self.name.trim().to_owned();
        anyhow::ensure!(!name.is_empty() && name.len() <= MAX_NAME_BYTES, "a name has 1 to {MAX_NAME_BYTES} bytes");
        Ok(CodeFor { name, role: self.role, areas: Areas(self.areas.into_iter().collect()) })
    }
}
