//! Attachments between a hub in a room and the server above it: this hub as the one who keeps the bytes at this end.
//!
//! Up goes what is whole here and what the server has not signed for; down comes what a device in the room asked for and
//! this hub has not got. The server's receipts are kept, for the room's devices.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kend_app::{MovingPlan, Waiting, Way};
use kend_domain::DeviceId;
use kend_log::BlobId;
use kend_machine::Network;
use kend_machine::moving::{Keeper, MoveError, Moved, NotKept, move_attachments};
use kend_sync::{PiecePace, RefusalCode, Sign, SignedBlobReceipt};
use object_store::ObjectStoreExt;

use super::coming;
use super::table::{self, Held};
use super::{Blobs, key};
use crate::above;
use crate::error::HubError;
use crate::hub::HubState;
use crate::routes::Shared;

/// Most attachments that one contact looks at.
const MOST: usize = 4096;

/// Hands on and fetches what the room and its server lack of each other's attachments.
pub(crate) async fn pass_on(hub: &Shared, network: &Network, pace: PiecePace) -> (Moved, Result<(), MoveError>) {
    let keeper = HubKeeper { hub: hub.clone(), blobs: hub.blobs(), visits: AtomicU64::new(hub.visits()) };
    move_attachments(&keeper, network, pace, None).await
}

struct HubKeeper {
    hub: Shared,
    blobs: Arc<Blobs>,
    /// Exchanges of devices when moving began: their records go first.
    visits: AtomicU64,
}

impl HubKeeper {
    async fn read_hub<T: Send + 'static>(
        &self,
        run: impl FnOnce(&HubState) -> Result<T, HubError> + Send + 'static,
    ) -> Result<T, NotKept> {
        self.hub.read(run).await.ok_or(NotKept::Closed)?.map_err(|_| NotKept::Disk)
    }

    async fn write_hub<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut HubState) -> Result<T, HubError> + Send + 'static,
    ) -> Result<T, NotKept> {
        self.hub.write(run).await.ok_or(NotKept::Closed)?.map_err(|_| NotKept::Disk)
    }

    async fn own_device(&self) -> Result<DeviceId, NotKept> {
        self.read_hub(|hub| Ok(hub.store.device())).await
    }
}

impl Keeper for HubKeeper {
    async fn plan(&self) -> Result<Option<MovingPlan>, NotKept> {
        let plan = |hub: &HubState| {
            let Some((address, trust, keys)) = above::reached(hub)? else { return Ok(None) };
            let tables = hub.store.connection();
            let up = table::unsafe_ones(tables, MOST)?.into_iter();
            let mut waiting: Vec<Waiting> =
                up.map(|(id, size_bytes)| Waiting { id, size_bytes, way: Way::Up, asked_for: false }).collect();
            for id in &hub.wanted {
                if table::held(tables, id)? != Held::Whole
                    && let Some(blob) = hub.store.blob(id)?
                {
                    waiting.push(Waiting { id: *id, size_bytes: blob.size_bytes, way: Way::Down, asked_for: true });
                }
            }
            let damaged_there: Vec<BlobId> = hub.doubted_above.iter().copied().collect();
            if waiting.is_empty() && damaged_there.is_empty() && table::counts(tables)?.0 == 0 {
                return Ok(None);
            }
            Ok(Some(MovingPlan { address, trust, keys, waiting, on_the_way: Vec::new(), damaged_there }))
        };
        self.visits.store(self.hub.visits(), Ordering::Relaxed);
        self.read_hub(plan).await
    }

    async fn could_hand_in(&self, missing: Vec<BlobId>) -> Result<Vec<Waiting>, NotKept> {
        self.read_hub(move |hub| {
            let mut found = Vec::new();
            for id in missing {
                if let Some(size_bytes) = table::whole_bytes(hub.store.connection(), &id)? {
                    found.push(Waiting { id, size_bytes, way: Way::Up, asked_for: false });
                }
            }
            Ok(found)
        })
        .await
    }

    async fn something_goes_first(&self) -> bool {
        self.hub.visits() != self.visits.load(Ordering::Relaxed)
    }

    async fn sign<T: Send + 'static>(
        &self,
        build: impl FnOnce(DeviceId, Sign<'_>) -> T + Send + 'static,
    ) -> Result<T, NotKept> {
        self.read_hub(move |hub| {
            Ok(build(hub.store.device(), &|purpose: &str, message: &[u8]| hub.store.sign(purpose, message)))
        })
        .await
    }

    async fn read(&self, id: BlobId, offset: u64, most_bytes: u64) -> Result<Vec<u8>, NotKept> {
        let size_bytes = self.read_hub(move |hub| table::whole_bytes(hub.store.connection(), &id)).await?;
        let size_bytes = size_bytes.ok_or(NotKept::Gone)?;
        let until = offset.saturating_add(most_bytes).min(size_bytes);
        if until <= offset {
            return Ok(Vec::new());
        }
        match self.blobs.store.get_range(&key(&id), offset..until).await {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(object_store::Error::NotFound { .. }) => Err(NotKept::Gone),
            Err(_) => Err(NotKept::Disk),
        }
    }

    async fn is_sound(&self, id: BlobId) -> Result<bool, NotKept> {
        let size_bytes = self.read_hub(move |hub| table::whole_bytes(hub.store.connection(), &id)).await?;
        let looked_at = vec![(id, size_bytes.ok_or(NotKept::Gone)?)];
        let damaged = self.blobs.check(&looked_at).await.map_err(|_| NotKept::Disk)?;
        let sound = damaged.is_empty();
        if !sound {
            self.write_hub(move |hub| super::note_looked_at(hub, &looked_at, &damaged)).await?;
        }
        Ok(sound)
    }

    async fn part_bytes(&self, id: BlobId) -> Result<u64, NotKept> {
        let by = self.own_device().await?;
        match coming::begin(&self.hub, id, by).await.map_err(not_kept)? {
            (size_bytes, Held::Whole) => Ok(size_bytes),
            (_, Held::Part(received)) => Ok(received),
            (_, Held::Nothing) => Ok(0),
        }
    }

    async fn add(&self, id: BlobId, offset: u64, bytes: Vec<u8>) -> Result<u64, NotKept> {
        let by = self.own_device().await?;
        coming::add(&self.hub, &self.blobs, id, by, offset, bytes).await.map_err(not_kept)
    }

    async fn finish(&self, id: BlobId) -> Result<bool, NotKept> {
        let held = self.read_hub(move |hub| table::held(hub.store.connection(), &id)).await?;
        if held != Held::Whole {
            match coming::finish(&self.hub, &self.blobs, id).await {
                Err(RefusalCode::Damaged) => return Ok(false),
                done => done.map_err(not_kept)?,
            }
        }
        self.write_hub(move |hub| {
            hub.wanted.remove(&id);
            hub.doubted_above.remove(&id);
            Ok(())
        })
        .await?;
        Ok(true)
    }

    async fn note_damaged_there(&self, id: BlobId) -> Result<(), NotKept> {
        self.write_hub(move |hub| {
            hub.doubted_above.insert(id);
            Ok(())
        })
        .await
    }

    async fn note_there(&self, id: BlobId, _complete: bool, receipt: Option<SignedBlobReceipt>) -> Result<(), NotKept> {
        let known = self.read_hub(move |hub| Ok(table::receipt(hub.store.connection(), &id)?.is_some())).await?;
        if known == receipt.is_some() {
            return Ok(());
        }
        self.write_hub(move |hub| {
            let signed = receipt.map(|receipt| receipt.to_bytes());
            hub.store.transaction(|tables| table::put_receipt(tables, &id, signed.as_deref()))
        })
        .await
    }

    async fn note_progress(&self, _: &Waiting, _: u64, _: Option<u64>) {}
}

const fn not_kept(code: RefusalCode) -> NotKept {
    match code {
        RefusalCode::NotFound => NotKept::Gone,
        _ => NotKept::Disk,
    }
}
