//! `kend demo`: the demo project's pack and example interviews, made from the small cited files of `schema/demo`.
//!
//! The files are embedded, so the command needs no checkout and gives the same bytes everywhere. All that is computed
//! comes from `kend-readiness`; here figures are only joined to indicators as `project.toml` says.

mod build;
mod clusters;
mod describe;
mod figures;
mod files;
mod hold;
mod interviews;
mod zones;

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use kend_pack::PackError;
use kend_readiness::ThresholdsError;

/// The demo project.
#[derive(Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// Build the demo's pack.
    Pack(PackArguments),
    /// A small made-up pack with cells, to look at screens and to test; its key is known to everybody.
    #[cfg(feature = "synthetic")]
    SyntheticPack {
        /// Write the pack to this file.
        #[arg(long)]
        out: PathBuf,
    },
    /// Example interviews, plainly invented, to be replayed as answers.
    Interviews(InterviewsArguments),
}

/// What to do with the pack.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct PackArguments {
    /// Write the pack to this file.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print what is in the pack: indicators with their coverage, thresholds, clusters with their classes.
    #[arg(long)]
    describe: bool,
}

/// What to do with the example interviews. Without any of these: a line for each.
#[derive(Debug, Default, Args)]
pub(crate) struct InterviewsArguments {
    /// Print the whole document (`schema/json-schema/demo-interviews.schema.json`).
    #[arg(long, conflicts_with = "hold")]
    json: bool,
    /// Hold them on a new device in this folder: each answer goes the way that it goes in the window.
    #[arg(long, value_name = "FOLDER", requires = "passphrase")]
    hold: Option<PathBuf>,
    /// The passphrase of the new device, at least eight characters.
    #[arg(long, env = "KEND_PASSPHRASE", hide_env_values = true)]
    passphrase: Option<String>,
    /// Then sync with the hub of these joining words, or at this address.
    #[arg(long, requires = "hold")]
    hub: Option<String>,
    /// The hub's one-time code, when the joining words have none.
    #[arg(long, requires = "hub")]
    code: Option<String>,
}

/// Why the demo could not be built, written or printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// A file of `schema/demo` is not of its form.
    #[error("schema/demo/{file} can't be read")]
    File {
        /// Its name.
        file: &'static str,
        /// What is wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The files do not fit each other.
    #[error("the demo's files do not fit: {0}")]
    Unfit(String),
    /// The values give no thresholds.
    #[error("no thresholds for {of}")]
    Thresholds {
        /// The index or a dimension.
        of: String,
        /// Why.
        #[source]
        source: ThresholdsError,
    },
    /// What was built is no valid pack.
    #[error("what was built is no valid pack")]
    Pack(#[from] PackError),
    /// An example could not be held.
    #[error("{step} was refused")]
    Refused {
        /// What was being done.
        step: String,
        /// Why.
        #[source]
        source: kend_app::api::ApiError,
    },
    /// No device can be kept in the folder.
    #[error(transparent)]
    Desktop(#[from] kend_machine::DesktopError),
    /// A file or the output can't be written.
    #[error("can't write {to}")]
    Write {
        /// What was written to.
        to: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Runs a command of `kend demo`; what it says goes to `output`.
pub(crate) fn run(command: DemoCommand, output: &mut impl Write) -> Result<(), DemoError> {
    match command {
        DemoCommand::Pack(PackArguments { out, describe }) => {
            let built = build::build()?;
            if let Some(path) = out {
                write(&path, &built.pack.write()?)?;
            }
            if describe {
                print(output, &describe::describe(&built)?)?;
            }
            Ok(())
        }
        #[cfg(feature = "synthetic")]
        DemoCommand::SyntheticPack { out } => {
            let key = kend_pack::synthetic::key();
            write(&out, &kend_pack::synthetic::pack()?.write_signed(&key)?)
        }
        DemoCommand::Interviews(InterviewsArguments { json: true, .. }) => print(output, interviews::document()),
        DemoCommand::Interviews(InterviewsArguments { hold: Some(folder), passphrase, hub, code, .. }) => {
            let passphrase = passphrase.unwrap_or_default();
            let held = hold::hold(folder, &passphrase, hub.map(|hub| (hub, code.unwrap_or_default())).as_ref())?;
            print(output, &format!("{held} example interviews held and signed off\n"))
        }
        DemoCommand::Interviews(_) => print(output, &interviews::summary()?),
    }
}

fn write(path: &std::path::Path, bytes: &[u8]) -> Result<(), DemoError> {
    std::fs::write(path, bytes).map_err(|source| DemoError::Write { to: path.display().to_string(), source })
}

fn print(output: &mut impl Write, text: &str) -> Result<(), DemoError> {
    output.write_all(text.as_bytes()).map_err(|source| DemoError::Write { to: "the output".to_owned(), source })
}

#[cfg(test)]
mod tests;
