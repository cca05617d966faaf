//! What the tests drive: the programs that were built before, named by the environment.
//!
//! The tests do not build: `cargo xtask test` does, and says where. A test that finds nothing to drive fails and says
//! which variable is missing; it is never left out in silence.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

/// The built parts.
#[derive(Debug, Clone)]
pub struct Built {
    /// The app with its window.
    pub app: PathBuf,
    /// The hub.
    pub hub: PathBuf,
    /// The command line.
    pub cli: PathBuf,
    /// The folder of the built UI.
    pub ui: PathBuf,
    /// The driver of Tauri windows.
    pub tauri_driver: PathBuf,
    /// What makes up requests that no screen would send.
    pub schemathesis: PathBuf,
    /// The checkout: its schemas and examples.
    pub checkout: PathBuf,
}

impl Built {
    /// Reads the environment.
    pub fn from_environment() -> Result<Self> {
        Ok(Self {
            app: path("KEND_APP")?,
            hub: path("KEND_HUB")?,
            cli: path("KEND_CLI")?,
            ui: path("KEND_UI_DIST")?,
            tauri_driver: path("KEND_TAURI_DRIVER")?,
            schemathesis: path("KEND_SCHEMATHESIS")?,
            checkout: path("KEND_CHECKOUT")?,
        })
    }
}

fn path(variable: &str) -> Result<PathBuf> {
    let value = std::env::var_os(variable).with_context(|| {
        format!("{variable} is not set: run this by `cargo xtask test e2e`, which builds and names it")
    })?;
    let path = PathBuf::from(value);
    ensure!(path.exists(), "{variable} names {}, which does not exist", path.display());
    Ok(path)
}
