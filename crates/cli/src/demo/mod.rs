//! `kend demo`: the demo project's pack and example interviews, made from the small cited files of `schema/demo`.
//!
//! The files are embedded, so the command needs no checkout and gives the same bytes everywhere. All that is computed
//! comes from `kend-readiness`; here figures are only joined to indicators as `project.toml` says.

mod build;
mod clusters;
mod describe;
mod figures;
mod files;
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
    /// Example interviews, plainly invented, to be replayed as answers.
    Interviews {
        /// Print the whole document (`schema/json-schema/demo-interviews.schema.json`).
        #[arg(long)]
        json: bool,
    },
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
                let bytes = built.pack.write()?;
                let written = std::fs::write(&path, bytes);
                written.map_err(|source| DemoError::Write { to: path.display().to_string(), source })?;
            }
            if describe {
                print(output, &describe::describe(&built)?)?;
            }
            Ok(())
        }
        DemoCommand::Interviews { json: true } => print(output, interviews::document()),
        DemoCommand::Interviews { json: false } => print(output, &interviews::summary()?),
    }
}

fn print(output: &mut impl Write, text: &str) -> Result<(), DemoError> {
    output.write_all(text.as_bytes()).map_err(|source| DemoError::Write { to: "the output".to_owned(), source })
}

#[cfg(test)]
mod tests;
