//! A device's machine: its folder, clocks, randomness and network, as the use cases want them.
//!
//! The window and the command line stand on it, so that both keep files, tell time and reach a hub in one way. It decides
//! nothing: what to do is said by [`kend_app::Device`]. Start with [`Desktop`].

mod again;
mod folder;
mod network;
mod trust;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kend_app::api::ApiError;
use kend_app::{Device, Step, Suggestion};
use kend_world::{Machine, NoRandomness};
use serde_json::Value;
use tokio::sync::Notify;

use self::again::Again;
pub use folder::Folder;
pub use network::Network;

/// A device on this machine, with its way to the hub.
pub struct Desktop {
    device: Mutex<Device>,
    network: Network,
    again: Mutex<Again>,
    /// A person's exchange ended: the wait for the next try of the machine's own begins anew.
    tried: Notify,
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
    /// The machine has no randomness: no key would be safe.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl Desktop {
    /// The device in a folder, locked; the folder is made when it is missing.
    pub fn open(folder: PathBuf, suggestion: Suggestion) -> Result<Self, DesktopError> {
        let shelf = Folder::open(folder.clone()).map_err(|source| DesktopError::Folder { path: folder, source })?;
        let device = Device::new(Box::new(shelf), Arc::new(Machine::new()?), suggestion);
        Ok(Self {
            device: Mutex::new(device),
            network: Network::default(),
            again: Mutex::default(),
            tried: Notify::new(),
        })
    }

    /// Carries out a command: hands it over, carries its questions to the hub, hands back the view. The device is free
    /// while an answer is on its way.
    pub async fn call(&self, command: &str, request: Value) -> Result<Value, ApiError> {
        let view = self.carry_out(command, request).await;
        if command == "sync" {
            self.note(view.is_ok());
            self.tried.notify_one();
        }
        view
    }

    /// Passes on what waits, again and again, for as long as it is run: a person need not think of it. Ends never.
    pub async fn keep_passing_on(&self) {
        loop {
            let again = *self.again.lock().unwrap_or_else(PoisonError::into_inner);
            let lot = kend_world::random::<8>().map_or(0, u64::from_le_bytes);
            // The other way out is that a person tried: then the wait begins anew.
            if tokio::time::timeout(again.wait(lot), self.tried.notified()).await.is_err()
                && self.lock().wants_exchange()
            {
                let done = self.carry_out("sync", serde_json::json!({})).await;
                self.note(done.is_ok());
            }
        }
    }

    fn note(&self, succeeded: bool) {
        let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        *again = again.after(succeeded);
    }

    async fn carry_out(&self, command: &str, request: Value) -> Result<Value, ApiError> {
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

    /// A use case that failed half-way changed nothing (each is one transaction), so its lock may be taken over.
    fn lock(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
