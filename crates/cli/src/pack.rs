//! `kend pack`: the office signs packs, and anybody looks at who signed one and whether it is whole.
//!
//! A key is 32 random bytes in hex in a file of its own that only its owner reads. Devices show the name beside a print of
//! the key when a pack of a new signer is put in; so the office publishes that print, and guards the file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use kend_pack::{Pack, PackError, PackKey};
use kend_spatial::{OutputError, Outputs};

/// Packs: what devices calculate with.
#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// Make a key to sign packs with. Keep the file secret, and a copy of it.
    Key {
        /// Write it to this file, which must not be there.
        #[arg(long)]
        out: PathBuf,
    },
    /// Sign a pack. Whoever signed it before is replaced.
    Sign(SignArguments),
    /// Check a pack whole, to its last cell, and say what is in it and who signed it.
    Show {
        /// The pack.
        file: PathBuf,
    },
}

/// What to sign, and as whom.
#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// The pack.
    file: PathBuf,
    /// The file of the key.
    #[arg(long)]
    key: PathBuf,
    /// The name that devices show beside the key, e.g. that of the ministry's unit.
    #[arg(long)]
    name: String,
    /// Write the signed pack to this file.
    #[arg(long)]
    out: PathBuf,
}

/// Why a pack was not signed or shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackCommandError {
    /// A file can't be read.
    #[error("can't read {file}")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file can't be written.
    #[error("can't write {file}")]
    Write {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A signed pack can't be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A file is no pack.
    #[error("{file}")]
    Pack {
        /// Its name.
        file: String,
        /// What is wrong.
        #[source]
        source: PackError,
    },
    /// A file is no key.
    #[error("{0} is no key: expected 64 hex digits")]
    Key(String),
    /// The machine gives no random bytes.
    #[error(transparent)]
    Random(#[from] kend_world::NoRandomness),
}

impl PackCommandError {
    /// Whether a file is at fault, and not the machine.
    pub(crate) const fn is_bad_input(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Pack { .. } | Self::Key(_))
    }
}

/// Runs a command of `kend pack`; what it says goes to `output`.
pub(crate) fn run(command: PackCommand, output: &mut impl Write) -> Result<(), PackCommandError> {
    let text = match command {
        PackCommand::Key { out } => make_key(&out)?,
        PackCommand::Sign(arguments) => sign(arguments)?,
        PackCommand::Show { file } => show(&file)?,
    };
    output.write_all(text.as_bytes()).map_err(|source| write_error(Path::new("the output"), source))
}

fn write_error(file: &Path, source: io::Error) -> PackCommandError {
    PackCommandError::Write { file: file.display().to_string(), source }
}

fn read(file: &Path) -> Result<Vec<u8>, PackCommandError> {
    fs::read(file).map_err(|source| PackCommandError::Read { file: file.display().to_string(), source })
}

/// A pack that is whole to its last cell.
fn whole(file: &Path) -> Result<Pack, PackCommandError> {
    let unfit = |source| PackCommandError::Pack { file: file.display().to_string(), source };
    let pack = Pack::read(&read(file)?).map_err(unfit)?;
    pack.check_sections().map_err(unfit)?;
    Ok(pack)
}

/// Makes a key in a file that is not there yet and that nobody else may read; says its print, never the key.
pub(crate) fn make_key(out: &Path) -> Result<String, PackCommandError> {
    let secret = kend_world::random::<32>()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(out).map_err(|source| write_error(out, source))?;
    let written = writeln!(file, "{}", HEXLOWER.encode(&secret)).and_then(|()| file.sync_all());
    written.map_err(|source| write_error(out, source))?;
    let print = PackKey::new(String::new(), &secret).signer().key_words();
    Ok(format!("The key is in {}. Publish its print, and keep the file secret: {print}\n", out.display()))
}

/// The key in a file, under a name.
pub(crate) fn read_key(file: &Path, name: String) -> Result<PackKey, PackCommandError> {
    let text = String::from_utf8_lossy(&read(file)?).trim().to_owned();
    let secret = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let secret = secret.ok_or_else(|| PackCommandError::Key(file.display().to_string()))?;
    Ok(PackKey::new(name, &secret))
}

fn sign(arguments: SignArguments) -> Result<String, PackCommandError> {
    let SignArguments { file, key, name, out } = arguments;
    let key = read_key(&key, name)?;
    let unfit = |source| PackCommandError::Pack { file: file.display().to_string(), source };
    let bytes = whole(&file)?.write_signed(&key).map_err(unfit)?;
    // A name that devices would refuse is refused here.
    let signed = Pack::read(&bytes).map_err(unfit)?;
    let mut outputs = Outputs::default();
    outputs.stage(&out, &bytes)?;
    outputs.commit()?;
    Ok(about(&signed))
}

fn show(file: &Path) -> Result<String, PackCommandError> {
    Ok(about(&whole(file)?))
}

fn about(pack: &Pack) -> String {
    let content = pack.content();
    let signer = pack.signer().map_or_else(
        || "nobody: devices take it only if it is the demo that Kend ships".to_owned(),
        |signer| format!("{}, key {}", signer.name, signer.key_words()),
    );
    let with_cells = content.clusters.iter().filter(|cluster| pack.has_cells(&cluster.id)).count();
    let with_ways = content.clusters.iter().filter(|cluster| pack.has_friction(&cluster.id)).count();
    let made_up = if content.synthetic { "made up: nothing in it is a fact\n" } else { "" };
    format!(
        "{} {} ({})\n{made_up}signed by {signer}\n{} clusters, {with_cells} of them with cells, {with_ways} with friction; {} rayons, {} places\nfingerprint {}\n",
        content.project.name,
        content.version,
        content.project.title.en,
        content.clusters.len(),
        content.rayons.len(),
        content.places.len(),
        pack.fingerprint(),
    )
}
