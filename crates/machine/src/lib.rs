//! A device's machine: its folder, clocks, randomness and network, as the use cases want them.
//!
//! The window and the command line stand on it, so that both keep files, tell time and reach a hub in one way. It decides
//! nothing: what to do is said by [`kend_app::Device`]. Start with [`Desktop`].

mod again;
mod carry;
mod folder;
mod moves;
pub mod moving;
pub mod nearby;
mod network;
mod sticks;
mod trust;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kend_app::api::{ApiError, ErrorCode};
use kend_app::{Device, Step, Suggestion, commands};
use kend_bundle::SealKey;
use kend_world::{Machine, NoRandomness};
use serde_json::Value;
use tokio::sync::Notify;

use self::carry::Carrying;
use self::moves::Moves;
pub use again::{Again, Tried};
pub use folder::Folder;
use moving::{DeviceKeeper, MoveError, Moved};
pub use network::Network;

/// A device on this machine, with its way to the hub.
pub struct Desktop {
    device: Arc<Mutex<Device>>,
    carrying: Arc<Carrying>,
    network: Network,
    again: Mutex<Again>,
    moves: Moves,
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
            device: Arc::new(Mutex::new(device)),
            carrying: Arc::default(),
            network: Network::default(),
            again: Mutex::default(),
            moves: Moves::default(),
            tried: Notify::new(),
        })
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
        let view = self.carry_out(command, request).await;
        if command == "sync" {
            self.note(&view);
            self.tried.notify_one();
        }
        view
    }

    /// Passes on what waits, again and again, for as long as it is run: a person need not think of it. Records go first,
    /// then attachments. Ends never.
    pub async fn keep_passing_on(&self) {
        loop {
            let again = *self.again.lock().unwrap_or_else(PoisonError::into_inner);
            let lot = kend_world::lot();
            // The other way out is that a person tried: then the wait begins anew.
            let by_itself = tokio::time::timeout(again.wait(lot), self.tried.notified()).await.is_err();
            if by_itself && self.lock().wants_exchange() {
                let done = self.carry_out("sync", serde_json::json!({})).await;
                self.note(&done);
                if done.is_ok() {
                    self.moves.begin_anew();
                }
            }
            if !by_itself || self.lock().wants_moving() {
                self.move_attachments_in_turn(!by_itself).await;
            }
        }
    }

    /// Moves attachments; records that come meanwhile are exchanged in between.
    async fn move_attachments_in_turn(&self, asked_for: bool) {
        if asked_for {
            self.moves.begin_anew();
            let _ = self.lock().begin_allowance();
        } else if self.moves.is_too_early() {
            return;
        }
        loop {
            let more = matches!(self.move_attachments().await, Ok(Moved { more: true, .. }));
            if !(more && self.lock().wants_exchange()) {
                return;
            }
            let done = self.carry_out("sync", serde_json::json!({})).await;
            self.note(&done);
            if done.is_err() {
                return;
            }
        }
    }

    /// Hands in attachments that the hub lacks and fetches those that are wanted here, as far as that goes now. What was
    /// moved before a failure stays moved.
    pub async fn move_attachments(&self) -> Result<Moved, MoveError> {
        let Some(_turn) = self.moves.turn() else { return Ok(Moved::default()) };
        let keeper = DeviceKeeper::of(&self.device).map_err(|_| MoveError::Closed)?;
        let allowance = self.lock().moving_allowance().map_err(|_| MoveError::Closed)?;
        let (moved, done) = moving::move_attachments(&keeper, &self.network, self.moves.pace(), allowance).await;
        {
            let mut device = self.lock();
            device.note_moving_over();
            // A store that was closed meanwhile counts nothing.
            let _ = device.note_moved(moved.bytes_up + moved.bytes_down);
        }
        // What waits though the hub was asked waits for somebody else: it is asked about more rarely.
        let waits_still = moved.handed_in + moved.fetched == 0 && self.lock().wants_moving();
        let further = moved.bytes_up + moved.bytes_down > 0;
        let through = done.is_ok() && !waits_still;
        self.moves.note(moved.pace, if through { Tried::Through } else { Tried::of_failure(further) });
        done.map(|()| moved)
    }

    fn note(&self, done: &Result<Value, ApiError>) {
        let tried = match done {
            Ok(_) => Tried::Through,
            Err(_) => Tried::of_failure(self.lock().got_further()),
        };
        let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        *again = again.after(tried);
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
