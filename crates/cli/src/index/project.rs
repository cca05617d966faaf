//! The project folder of an office.

use std::{io::Write, path::PathBuf};

use clap::Args;
use kend_spatial::INDEX_TOML;

use super::IndexError;

/// Where a project folder is made.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The folder; it has to be new or empty.
    folder: PathBuf,
}

/// Makes a project folder.
pub(super) fn init(arguments: &InitArguments, output: &mut impl Write) -> Result<(), IndexError> {
    kend_spatial::init(&arguments.folder)?;
    let settings = arguments.folder.join(INDEX_TOML);
    writeln!(output, "made {}: its settings are in {}", arguments.folder.display(), settings.display())?;
    Ok(output.flush()?)
}
