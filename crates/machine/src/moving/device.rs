//! A device as keeper: its folder of ciphertexts, read and written while the device is free, and its store, asked in between.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use kend_app::api::{ApiError, ErrorCode};
use kend_app::{Device, MovingPlan, Waiting};
use kend_domain::DeviceId;
use kend_log::BlobId;
use kend_store::{BlobError, BlobFolder};
use kend_sync::{Sign, SignedBlobReceipt};

use super::{Keeper, NotKept};
use crate::carry::lock;

/// A device's attachments.
pub(crate) struct DeviceKeeper<'a> {
    device: &'a Mutex<Device>,
    folder: BlobFolder,
    /// Entries that waited when moving began: what comes on top goes first.
    waited: AtomicU64,
}

impl<'a> DeviceKeeper<'a> {
    /// The attachments of a device whose store is open.
    pub(crate) fn of(device: &'a Mutex<Device>) -> Result<Self, ApiError> {
        let folder = lock(device).attachment_folder()?;
        Ok(Self { device, folder, waited: AtomicU64::new(u64::MAX) })
    }

    async fn apart<T: Send + 'static>(
        &self,
        run: impl FnOnce(&BlobFolder) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, NotKept> {
        let folder = self.folder.clone();
        let done = tokio::task::spawn_blocking(move || run(&folder)).await.map_err(|_| NotKept::Disk)?;
        done.map_err(|error| if matches!(error, BlobError::NotHere) { NotKept::Gone } else { NotKept::Disk })
    }
}

impl Keeper for DeviceKeeper<'_> {
    async fn plan(&self) -> Result<Option<MovingPlan>, NotKept> {
        let device = lock(self.device);
        self.waited.store(device.waiting_entries().map_err(closed)?, Ordering::Relaxed);
        device.moving_plan().map_err(closed)
    }

    async fn could_hand_in(&self, missing: Vec<BlobId>) -> Result<Vec<Waiting>, NotKept> {
        lock(self.device).could_hand_in(&missing).map_err(closed)
    }

    async fn something_goes_first(&self) -> bool {
        lock(self.device).waiting_entries().is_ok_and(|waiting| waiting > self.waited.load(Ordering::Relaxed))
    }

    async fn sign<T: Send + 'static>(
        &self,
        build: impl FnOnce(DeviceId, Sign<'_>) -> T + Send + 'static,
    ) -> Result<T, NotKept> {
        lock(self.device).signed(build).map_err(closed)
    }

    async fn read(&self, id: BlobId, offset: u64, most_bytes: u64) -> Result<Vec<u8>, NotKept> {
        self.apart(move |folder| folder.read_at(&id, offset, most_bytes)).await
    }

    async fn is_sound(&self, id: BlobId) -> Result<bool, NotKept> {
        let sound = self.apart(move |folder| match folder.check(&id) {
            Ok(()) => Ok(true),
            Err(BlobError::Damaged) => Ok(false),
            Err(error) => Err(error),
        });
        let sound = sound.await?;
        if !sound {
            lock(self.device).attachment_damaged(&id).map_err(closed)?;
        }
        Ok(sound)
    }

    async fn part_bytes(&self, id: BlobId) -> Result<u64, NotKept> {
        self.apart(move |folder| folder.part_bytes(&id)).await
    }

    async fn add(&self, id: BlobId, offset: u64, bytes: Vec<u8>) -> Result<u64, NotKept> {
        let stands_at = self.apart(move |folder| folder.add(&id, offset, &bytes)).await?;
        // What was erased meanwhile is not begun anew.
        if lock(self.device).keeps_attachment(&id).map_err(closed)? { Ok(stands_at) } else { Err(NotKept::Gone) }
    }

    async fn finish(&self, id: BlobId) -> Result<bool, NotKept> {
        let right = self.apart(move |folder| match folder.finish(&id) {
            Ok(()) => Ok(true),
            Err(BlobError::Damaged) => Ok(false),
            Err(error) => Err(error),
        });
        let right = right.await?;
        let mut device = lock(self.device);
        if !device.keeps_attachment(&id).map_err(closed)? {
            return Err(NotKept::Gone);
        }
        if right {
            device.attachment_came(&id).map_err(closed)?;
        }
        Ok(right)
    }

    async fn note_damaged_there(&self, id: BlobId) -> Result<(), NotKept> {
        lock(self.device).note_damaged_there(id).map_err(closed)
    }

    async fn note_there(&self, id: BlobId, complete: bool, receipt: Option<SignedBlobReceipt>) -> Result<(), NotKept> {
        lock(self.device).note_attachment_there(&id, complete, receipt.is_some()).map_err(closed)
    }

    async fn note_progress(&self, waiting: &Waiting, done_bytes: u64, left_ms: Option<u64>) {
        lock(self.device).note_moving(waiting, done_bytes, left_ms);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn closed(error: ApiError) -> NotKept {
    if error.code == ErrorCode::DiskRefused { NotKept::Disk } else { NotKept::Closed }
}
