//! `kend demo`: example interviews of the demo project, plainly invented, embedded in the program.
//!
//! The demo's pack is that of `examples/azerbaijan`, made as an office makes one.

mod hold;
mod interviews;

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};

/// The demo project.
#[derive(Debug, Subcommand)]
pub(crate) enum DemoCommand {
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

/// Why the demo could not be held, written or printed.
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
    /// What was made up is no valid pack.
    #[cfg(feature = "synthetic")]
    #[error("what was made up is no valid pack")]
    Pack(#[from] kend_pack::PackError),
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

#[cfg(feature = "synthetic")]
fn write(path: &std::path::Path, bytes: &[u8]) -> Result<(), DemoError> {
    std::fs::write(path, bytes).map_err(|source| DemoError::Write { to: path.display().to_string(), source })
}

fn print(output: &mut impl Write, text: &str) -> Result<(), DemoError> {
    output.write_all(text.as_bytes()).map_err(|source| DemoError::Write { to: "the output".to_owned(), source })
}

#[cfg(test)]
mod tests;
