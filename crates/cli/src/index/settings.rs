//! A configuration of an index from TOML that a person wrote.

use kend_readiness::composite::{CompositeIndex, ConfigError};
use kend_spatial::{SettingsError, read_settings};

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexSettingsError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] SettingsError),
    /// What it says cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Reads and checks a configuration.
pub(super) fn read_index(bytes: &[u8]) -> Result<CompositeIndex, IndexSettingsError> {
    Ok(CompositeIndex::new(read_settings(bytes)?)?)
}
