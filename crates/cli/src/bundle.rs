//! `kend bundle`: looking into bundles without taking anything in, for whoever carries a stick and for whoever mends
//! things.
//!
//! A bundle is sealed: without a key one sees only whether a file may be a volume, for how many it is and which volumes
//! are missing by their names. A device opens what was sealed to it, with its passphrase; a hub has `kend-hub bundle
//! list`. What is at fault in a file is one line, and exit code 2.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use kend_app::Suggestion;
use kend_app::api::ApiError;
use kend_bundle::outside::{self, Outside};
use kend_bundle::{Inspected, OpenError, SealKey, inspect, missing, name};
use kend_machine::{Desktop, DesktopError};

/// Bundles: interviews on a USB stick or SD card.
#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Say what is in volumes of bundles. Nothing is taken in.
    ///
    /// Without --data: whether each file may be a volume, and for how many it is sealed. With the data of the device that
    /// a bundle is for: who made it, how many interviews, recordings, receipts and orders are in it, and whether it is
    /// whole.
    List(Which),
    /// Check that volumes are whole and none is missing. Exit code 2 when not.
    ///
    /// Reads every byte: each record is compared with its hash, all of them with the maker's signature. A volume that is
    /// cut off or damaged may still be taken in: all that lies before the break counts.
    Verify(Which),
}

/// Which volumes, and with whose key.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The files, all volumes of a bundle together (`NAME-1of3.kendbundle`, ...).
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder of the device that the bundle is for.
    #[arg(long, value_name = "FOLDER", requires = "passphrase")]
    data: Option<PathBuf>,
    /// The device's passphrase.
    #[arg(long, env = "KEND_PASSPHRASE", hide_env_values = true)]
    passphrase: Option<String>,
}

/// Why nothing was listed, or what is wrong with a bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    /// A file can't be read.
    #[error("can't read {file}")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file can't be opened with this key, or is no bundle.
    #[error("{file}")]
    Open {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// A volume is not whole, or one is missing.
    #[error("not whole: {0}")]
    NotWhole(String),
    /// A bundle is sealed: it can't be verified from outside.
    #[error("the bundle is sealed: only who it is for can verify it; give --data")]
    Sealed,
    /// No device can be opened in the folder.
    #[error(transparent)]
    Desktop(#[from] DesktopError),
    /// The device can't be unlocked.
    #[error("the device can't be unlocked")]
    Locked(#[source] ApiError),
    /// The output can't be written.
    #[error("can't write the output")]
    Write(#[from] io::Error),
}

impl BundleError {
    /// Whether a file is at fault, and not the output.
    pub(crate) const fn is_bad_input(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Open { .. } | Self::NotWhole(_) | Self::Sealed)
    }
}

/// Runs a command of `kend bundle`; what it says goes to `output`.
pub(crate) fn run(command: BundleCommand, output: &mut impl Write) -> Result<(), BundleError> {
    match command {
        BundleCommand::List(which) => match which.key()? {
            Some(key) => list(&which.files, &key, output).map(|_| ()),
            None => list_outside(&which.files, output),
        },
        BundleCommand::Verify(which) => {
            let Some(key) = which.key()? else { return Err(BundleError::Sealed) };
            let inspected = list(&which.files, &key, output)?;
            check(&which.files, &inspected)
        }
    }
}

impl Which {
    fn key(&self) -> Result<Option<SealKey>, BundleError> {
        let Some(folder) = &self.data else { return Ok(None) };
        let desktop = Desktop::open(folder.clone(), Suggestion::default())?;
        let unlock = serde_json::json!({ "passphrase": self.passphrase });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(desktop.call("unlock", unlock)).map_err(BundleError::Locked)?;
        desktop.seal_key().map(Some).map_err(BundleError::Locked)
    }
}

fn list(files: &[PathBuf], key: &SealKey, output: &mut impl Write) -> Result<Vec<Inspected>, BundleError> {
    let mut all = Vec::new();
    for path in files {
        let file = name_of(path);
        let input = open(path)?;
        let inspected = inspect(input, key).map_err(|source| BundleError::Open { file: file.clone(), source })?;
        writeln!(output, "{file}\n{inspected}")?;
        all.push(inspected);
    }
    for (_, volumes) in missing(&all) {
        writeln!(output, "{}", missing_words(&volumes))?;
    }
    Ok(all)
}

fn list_outside(files: &[PathBuf], output: &mut impl Write) -> Result<(), BundleError> {
    for path in files {
        let file = name_of(path);
        let look = outside::look(open(path)?).map_err(|source| BundleError::Read { file: file.clone(), source })?;
        let Some(Outside { recipients }) = look else {
            return Err(BundleError::Open { file, source: OpenError::NotABundle });
        };
        let volume = name::read(&file).map(|(_, number, of)| format!("volume {number} of {of}, "));
        let volume = volume.unwrap_or_default();
        writeln!(output, "{file}\n  {volume}sealed to {recipients}; its contents show to them only")?;
    }
    Ok(())
}

fn check(files: &[PathBuf], inspected: &[Inspected]) -> Result<(), BundleError> {
    if let Some((path, _)) = files.iter().zip(inspected).find(|(_, inspected)| !inspected.is_whole()) {
        return Err(BundleError::NotWhole(name_of(path)));
    }
    match missing(inspected).first() {
        Some((_, volumes)) => Err(BundleError::NotWhole(missing_words(volumes))),
        None => Ok(()),
    }
}

fn missing_words(volumes: &[u32]) -> String {
    if volumes.is_empty() {
        return "the last volumes are missing".to_owned();
    }
    let numbers: Vec<String> = volumes.iter().map(ToString::to_string).collect();
    format!("volumes are missing: {}", numbers.join(", "))
}

fn open(path: &Path) -> Result<BufReader<File>, BundleError> {
    File::open(path).map(BufReader::new).map_err(|source| BundleError::Read { file: name_of(path), source })
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
