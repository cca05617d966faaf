//! The place where one scenario plays: a folder of its own, and what is shown when the scenario fails.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{Built, Hub, HubFiles};

/// Bytes of each log that a failure shows.
const LOG_BYTES_SHOWN: usize = 4000;

/// A scenario's place.
#[derive(Debug)]
pub struct Stage {
    /// What is driven.
    pub built: Built,
    folder: TempDir,
    logs: AtomicU32,
}

impl Stage {
    /// An empty place.
    pub fn new() -> Result<Self> {
        let stage = Self {
            built: Built::from_environment()?,
            folder: TempDir::with_prefix("kend-test-")?,
            logs: AtomicU32::new(0),
        };
        fs::create_dir(stage.folder.path().join("logs"))?;
        Ok(stage)
    }

    /// A folder of this name, made when it does not exist.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
        Ok(folder)
    }

    /// A new file for what a process prints.
    pub fn log(&self, name: &str) -> PathBuf {
        let number = self.logs.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join("logs").join(format!("{number:02}-{name}.log"))
    }

    /// A hub with empty data on a free port.
    pub fn hub(&self) -> Result<Hub> {
        let files = HubFiles { program: self.built.hub.clone(), ui: self.built.ui.clone(), data: self.folder("hub")? };
        Hub::start(files, ([127, 0, 0, 1], 0).into(), &self.log("hub"))
    }

    /// What all processes printed last.
    fn logs_shown(&self) -> String {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path().join("logs"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        files.iter().map(|file| log_shown(file)).collect()
    }
}

fn log_shown(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    let end = bytes.get(bytes.len().saturating_sub(LOG_BYTES_SHOWN)..).unwrap_or_default();
    let name = file.file_name().unwrap_or_default().display();
    format!("--- {name}\n{}\n", String::from_utf8_lossy(end).trim_end())
}

/// Plays a scenario to its end. When it fails, the error has what was waited for and what every process printed, and the
/// folder is left for a look.
pub fn perform(scenario: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
    let mut stage = Stage::new().context("the stage can't be set")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // All processes of the scenario are dropped, and so ended, before the logs are read.
    let end = panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(scenario(&stage))));
    let what = match end {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => format!("{error:#}"),
        // The panic has said what it was by itself.
        Err(_) => "the scenario panicked, as said above".to_owned(),
    };
    let logs = stage.logs_shown();
    stage.folder.disable_cleanup(true);
    bail!("{what}\n{logs}--- what is left: {}", stage.folder.path().display())
}

/// Plays a scenario as a test, which fails with it.
#[track_caller]
pub fn play(scenario: impl AsyncFnOnce(&Stage) -> Result<()>) {
    if let Err(error) = perform(scenario) {
        panic!("{error:#}");
    }
}
