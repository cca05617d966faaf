//! A device's machine: its folder, clocks, randomness and network, as the use cases want them.
//!
//! The window and the command line stand on it, so that both keep files, tell time and reach a hub in one way. It decides
//! nothing: what to do is said by [`kend_app::Device`]. Start with [`Desktop`].

mod carry;
mod folder;
mod network;
mod sticks;
mod world;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use kend_app::api::{ApiError, ErrorCode};
use kend_app::{Device, Step, Suggestion, commands};
use kend_bundle::SealKey;
use serde_json::Value;

use self::carry::Carrying;

pub use folder::Folder;
pub use network::Network;
pub use world::Machine;

/// A device on this machine, with its way to the hub.
pub struct Desktop {
    device: Arc<Mutex<Device>>,
    carrying: Arc<Carrying>,
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
        let device = Arc::new(Mutex::new(device));
        Ok(Self { device, carrying: Arc::default(), network: Network::new()? })
    }

    /// Carries out a command: hands it over, carries its questions to the hub, hands back the view. The device is free
    /// while an answer is on its way.
    pub async fn call(&self, command: &str, request: Value) -> Result<Value, ApiError> {
        match command {
            "list_sticks" => return apart(|| commands::reply(sticks::list())).await,
            "pass_on_by_file" => {
                let request = commands::read(request)?;
                let (device, carrying) = (Arc::clone(&self.device), Arc::clone(&self.carrying));
                return apart(move || commands::reply(carry::pass_on(&device, &carrying, &request)?)).await;
            }
            "take_in_file" => {
                let request = commands::read(request)?;
                let (device, carrying) = (Arc::clone(&self.device), Arc::clone(&self.carrying));
                return apart(move || commands::reply(carry::take_in(&device, &carrying, &request)?)).await;
            }
            "file_progress" => return commands::reply(self.carrying.view()),
            "stop_file" => return commands::reply(self.carrying.stop()),
            _ => {}
        }
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

    fn lock(&self) -> MutexGuard<'_, Device> {
        carry::lock(&self.device)
    }
}

/// Runs what waits for a slow card on a thread of its own.
async fn apart<T: Send + 'static>(run: impl FnOnce() -> Result<T, ApiError> + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(run).await.map_err(|_| ApiError::new(ErrorCode::Internal))?
}
