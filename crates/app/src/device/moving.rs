//! Attachments of a device on their way: what there is to move, and what became of it.
//!
//! The machine moves the bytes, with the device free in between; here is said which, and noted what the hub signed for. What
//! was not handed in, or is asked for, waits in the store and the folder beside it, so that a stop anywhere forgets nothing.

use kend_domain::DeviceId;
use kend_log::BlobId;
use kend_store::{BlobFolder, Copied};
use kend_sync::join::Trust;
use kend_sync::{HubKeys, Sign, own_certificate};

use serde_json::Value;

use super::{Device, Open, Step};
use crate::api::{ApiError, ErrorCode, Nothing, OpenInterview};
use crate::commands::{read, reply};
use crate::moving::{self, Allowance, MovingNow};
use crate::sync;

/// Which way an attachment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the hub.
    Up,
    /// From the hub.
    Down,
}

/// An attachment that is to be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub id: BlobId,
    /// Size of the ciphertext.
    pub size_bytes: u64,
    /// Which way.
    pub way: Way,
    /// A person waits for it.
    pub asked_for: bool,
}

/// What is to be moved, and where.
#[derive(Debug, Clone)]
pub struct MovingPlan {
    /// The hub's address, as HTTP has it and without a path.
    pub address: String,
    /// Whom to believe there.
    pub trust: Trust,
    /// Whose word counts.
    pub keys: HubKeys,
    /// What is to be moved.
    pub waiting: Vec<Waiting>,
    /// What the hub has and the server may not: to be asked about.
    pub on_the_way: Vec<BlobId>,
    /// What came from the hub and was not what its name says.
    pub damaged_there: Vec<BlobId>,
}

impl Device {
    /// The folder with the ciphertexts.
    pub fn attachment_folder(&self) -> Result<BlobFolder, ApiError> {
        self.open()?.store.blob_folder().cloned().ok_or(ApiError::new(ErrorCode::Internal))
    }

    /// Entries that no hub has.
    pub fn waiting_entries(&self) -> Result<u64, ApiError> {
        Ok(u64::from(self.open()?.store.unacknowledged()?.entries()))
    }

    /// Whether attachments are to be handed in or fetched, or to be asked about.
    pub fn wants_moving(&self) -> bool {
        self.moving_plan()
            .is_ok_and(|plan| plan.is_some_and(|plan| !plan.waiting.is_empty() || !plan.on_the_way.is_empty()))
    }

    /// What is to be moved. None where there is no hub, or nothing was ever attached.
    pub fn moving_plan(&self) -> Result<Option<MovingPlan>, ApiError> {
        let open = self.open()?;
        let (Some(hub), Some(own)) = (sync::hub(&open.store)?, own_certificate(&open.store)?) else { return Ok(None) };
        if !open.store.has_blobs()? {
            return Ok(None);
        }
        let (address, trust) = hub.place.reached()?;
        let offered = open.store.blobs_to_offer()?.into_iter();
        let offered = offered.filter(|blob| !open.moving.damaged_here.contains(&blob.id));
        let mut waiting: Vec<Waiting> = offered
            .map(|blob| Waiting { id: blob.id, size_bytes: blob.size_bytes, way: Way::Up, asked_for: false })
            .collect();
        for blob in moving::wanted(&open.store)? {
            waiting.push(Waiting { id: blob.id, size_bytes: blob.size_bytes, way: Way::Down, asked_for: true });
        }
        let on_the_way = open.store.blobs_on_the_way()?;
        let damaged_there = open.moving.damaged_there.iter().copied().collect();
        Ok(Some(MovingPlan { address, trust, keys: own.keys(), waiting, on_the_way, damaged_there }))
    }

    /// Those of these that are whole here and whose entries the hub has.
    pub fn could_hand_in(&self, missing: &[BlobId]) -> Result<Vec<Waiting>, ApiError> {
        let Open { store, moving, .. } = self.open()?;
        let mut found = Vec::new();
        for id in missing.iter().filter(|id| !moving.damaged_here.contains(id)) {
            if let Some(blob) = store.blob(id)?.filter(|_| store.has_blob_here(id)) {
                found.push(Waiting { id: *id, size_bytes: blob.size_bytes, way: Way::Up, asked_for: false });
            }
        }
        Ok(found)
    }

    /// Lets something be signed.
    pub fn signed<T>(&self, build: impl FnOnce(DeviceId, Sign<'_>) -> T) -> Result<T, ApiError> {
        let store = &self.open()?.store;
        Ok(build(store.device(), &|purpose, message| store.sign(purpose, message)))
    }

    /// Notes what the hub said of an attachment, and the server.
    pub fn note_attachment_there(&mut self, id: &BlobId, at_hub: bool, at_server: bool) -> Result<(), ApiError> {
        let open = self.open_mut()?;
        let copied = match (at_server, at_hub) {
            (true, _) => Copied::Server,
            (false, true) => Copied::Hub,
            (false, false) => Copied::No,
        };
        Ok(open.store.note_copied(id, copied)?)
    }

    /// Whether an entry refers to an attachment still. What is left of one that nothing refers to is removed.
    pub fn keeps_attachment(&mut self, id: &BlobId) -> Result<bool, ApiError> {
        let open = self.open_mut()?;
        if open.store.blob(id)?.is_some() {
            return Ok(true);
        }
        if let Some(folder) = open.store.blob_folder() {
            folder.remove(id)?;
        }
        Ok(false)
    }

    /// Notes that an attachment is here that was not.
    pub fn attachment_came(&mut self, id: &BlobId) -> Result<(), ApiError> {
        let open = self.open_mut()?;
        open.moving.damaged_there.remove(id);
        Ok(moving::no_longer_wanted(&mut open.store, id)?)
    }

    /// Notes that what is here of an attachment is not what its name says. If somebody else has it, it is fetched.
    pub fn attachment_damaged(&mut self, id: &BlobId) -> Result<(), ApiError> {
        let open = self.open_mut()?;
        if open.store.drop_damaged(id)? {
            return Ok(moving::want(&mut open.store, *id)?);
        }
        open.moving.damaged_here.insert(*id);
        Ok(())
    }

    /// Notes that what the hub gives for an attachment is not it: it is told so.
    pub fn note_damaged_there(&mut self, id: BlobId) -> Result<(), ApiError> {
        self.open_mut()?.moving.damaged_there.insert(id);
        Ok(())
    }

    /// Notes how far one is, and how long the rest takes.
    pub fn note_moving(&mut self, waiting: &Waiting, done_bytes: u64, left_ms: Option<u64>) {
        if let Some(open) = &mut self.open {
            open.moving.now = Some(MovingNow { waiting: *waiting, done_bytes, left_ms });
        }
    }

    /// What attachments may send and fetch still. None for no bound.
    pub fn moving_allowance(&self) -> Result<Option<u64>, ApiError> {
        Ok(Allowance::read(&self.open()?.store)?.left_bytes())
    }

    /// Notes what they sent and fetched.
    pub fn note_moved(&mut self, bytes: u64) -> Result<(), ApiError> {
        Ok(Allowance::used(&mut self.open_mut()?.store, bytes)?)
    }

    /// A person asked for an exchange: attachments may send and fetch as much as they are allowed, anew.
    pub fn begin_allowance(&mut self) -> Result<(), ApiError> {
        Ok(Allowance::begin_anew(&mut self.open_mut()?.store)?)
    }

    pub(super) fn attachments(&mut self, command: &str, request: Value) -> Result<Step, ApiError> {
        let (language, world) = (self.language, std::sync::Arc::clone(&self.world));
        let open = self.open_mut()?;
        let session = std::mem::take(&mut open.moving);
        let done = match command {
            "attachments_of" => read::<OpenInterview>(request).and_then(|request| {
                reply(moving::of_interview(&open.desk(language, &*world), &session, request.interview)?)
            }),
            "fetch_attachment" => read(request)
                .and_then(|request| reply(moving::fetch(&mut open.desk(language, &*world), &session, &request)?)),
            "make_room" => read::<Nothing>(request).and_then(|_| {
                moving::make_room(&mut open.store)?;
                reply(moving::of_all(&open.store, &session)?)
            }),
            "limit_attachments" => read(request).and_then(|request| {
                Allowance::limit(&mut open.store, &request)?;
                reply(moving::of_all(&open.store, &session)?)
            }),
            _ => read::<Nothing>(request).and_then(|_| reply(moving::of_all(&open.store, &session)?)),
        };
        open.moving = session;
        done.map(Step::View)
    }

    /// Notes that nothing moves any more.
    pub fn note_moving_over(&mut self) {
        if let Some(open) = &mut self.open {
            open.moving.now = None;
        }
    }
}
