//! A device's machine: its folder, clocks, randomness and network, as the use cases want them.
//!
//! The window and the command line stand on it, so that both keep files, tell time and reach a hub in one way. It decides
//! nothing: what to do is said by [`kend_app::Device`]. Start with [`Desktop`].

mod folder;
mod network;
mod world;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kend_app::api::ApiError;
use kend_app::{Device, Step, Suggestion};
use kend_bundle::SealKey;
use serde_json::Value;

pub use folder::Folder;
pub use network::Network;
pub use world::Machine;

/// A device on this machine, with its way to the hub.
pub struct Desktop {
    device: Mutex<Device>,
    network: Network,
}

/// A machine that no device can be kept on.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// The folder can't be made or its rights not set.
    #[error("no folder can be kept at {}: {source}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No network client can be set up.
    #[error("no way to a hub: {0}")]
    Network(#[from] reqwest::Error),
}

impl Desktop {
    /// The device in a folder, locked; the folder is made when it is missing.
    pub fn open(folder: PathBuf, suggestion: Suggestion) -> Result<Self, DesktopError> {
        let shelf = Folder::open(folder.clone()).map_err(|source| DesktopError::Folder { path: folder, source })?;
        let device = Device::new(Box::new(shelf), Arc::new(Machine::new()), suggestion);
        Ok(Self { device: Mutex::new(device), network: Network::new()? })
    }

    /// Carries out a command: hands it over, carries its questions to the hub, hands back the view. The device is free
    /// while an answer is on its way.
    pub async fn call(&self, command: &str, request: Value) -> Result<Value, ApiError> {
        let mut step = self.lock().call(command, request)?;
        loop {
            step = match step {
                Step::View(view) => return Ok(view),
                Step::Ask(question) => {
                    let answer = self.network.ask(question).await;
                    self.lock().answered(answer)?
                }
            };
        }
    }

    /// The key that opens what was sealed to this device; the store has to be open.
    pub fn seal_key(&self) -> Result<SealKey, ApiError> {
        self.lock().seal_key()
    }

    /// A use case that failed half-way changed nothing (each is one transaction), so its lock may be taken over.
    fn lock(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
