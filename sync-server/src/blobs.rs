//! Attachments at the hub: ciphertexts in an object store, and how they come and go.
//!
//! The hub knows a blob only through an entry that refers to it: who may hold the entry's scope may hand the blob in and
//! fetch it, and nobody else learns that it exists. What comes in grows in a file beside the store ([`staging`]) and goes to
//! the object store when all of it is there and its hash is right. What was erased is removed by [`Blobs::sweep`], which
//! every change that could be an erasure is followed by sooner or later: the list of what has to go is in the store.

pub(crate) mod above;
pub(crate) mod bundled;
pub(crate) mod coming;
pub(crate) mod inquiry;
pub(crate) mod line;
pub(crate) mod play;
mod staging;
pub(crate) mod table;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use futures_util::StreamExt;
use kend_log::BlobId;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::door::Hub;
use crate::error::HubError;
use crate::hub::HubState;
use crate::world;

/// The folder with whole blobs, unless they are elsewhere.
pub(crate) const FOLDER: &str = "blobs";
/// The folder with what is coming in.
const STAGING: &str = "uploads";
/// Where the store keeps the address of an object store that is not that folder.
const ADDRESS: &str = "hub/blobs";
/// A blob goes to the object store in parts of this size: the least that S3 takes.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// Blobs handed to the object store at once: each takes a part's size of memory.
const STORED_AT_ONCE: usize = 2;
/// An upload that nobody went on with for so long is thrown away.
const IDLE_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Where blobs are.
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    staging: PathBuf,
    turns: Mutex<HashMap<BlobId, Arc<Turns>>>,
    storing: Semaphore,
}

/// Who hands one blob in: one at a time, the last who came.
struct Turns {
    free: Arc<Semaphore>,
    latest: watch::Sender<u64>,
}

/// The right to hand a blob in, until somebody else comes for it: as a rule the same device, whose line broke.
struct Turn {
    _free: OwnedSemaphorePermit,
    latest: watch::Receiver<u64>,
}

impl Turn {
    /// Waits until somebody else wants to go on.
    async fn is_over(&mut self) {
        // Who gives the turns lives as long as the hub.
        if self.latest.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Blobs {
    /// Opens the object store at an address; without one, the folder beside the store.
    pub(crate) fn open(data: &Path, address: Option<&str>) -> anyhow::Result<Self> {
        let store = match address {
            Some(address) => at(address)?,
            None => in_folder(&data.join(FOLDER))?,
        };
        let staging = data.join(STAGING);
        fs::create_dir_all(&staging).with_context(|| staging.display().to_string())?;
        Ok(Self { store, staging, turns: Mutex::default(), storing: Semaphore::new(STORED_AT_ONCE) })
    }

    async fn turn(&self, id: BlobId) -> Option<Turn> {
        let turns = {
            let mut all = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody holds those any more.
            all.retain(|_, turns| Arc::strong_count(turns) > 1 || turns.free.available_permits() == 0);
            Arc::clone(all.entry(id).or_insert_with(|| {
                Arc::new(Turns { free: Arc::new(Semaphore::new(1)), latest: watch::Sender::new(0) })
            }))
        };
        turns.latest.send_modify(|latest| *latest = latest.wrapping_add(1));
        let latest = turns.latest.subscribe();
        let free = Arc::clone(&turns.free).acquire_owned().await.ok()?;
        Some(Turn { _free: free, latest })
    }

    /// Puts a file into the object store under a blob's name.
    async fn put(&self, id: &BlobId, file: PathBuf) -> anyhow::Result<()> {
        let _turn = self.storing.acquire().await?;
        let size_bytes = usize::try_from(fs::metadata(&file)?.len())?;
        if size_bytes <= PART_BYTES {
            let bytes = tokio::fs::read(&file).await?;
            self.store.put(&key(id), PutPayload::from(bytes)).await?;
            return Ok(());
        }
        let mut upload = self.store.put_multipart(&key(id)).await?;
        let put = async {
            let mut rest = tokio::fs::File::open(&file).await?;
            loop {
                let part = read_part(&mut rest).await?;
                if part.is_empty() {
                    return anyhow::Ok(());
                }
                upload.put_part(PutPayload::from(part)).await?;
            }
        };
        if let Err(error) = put.await {
            let _ = upload.abort().await;
            return Err(error);
        }
        upload.complete().await?;
        Ok(())
    }

    /// Removes what was erased, and what came in and was never finished. Returns how many blobs went.
    pub(crate) async fn sweep(&self, gone: Vec<BlobId>) -> Vec<BlobId> {
        let mut removed = Vec::new();
        for id in gone {
            let _turn = self.turn(id).await;
            let from_store = match self.store.delete(&key(&id)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            };
            match (from_store, staging::remove(&self.staged(&id))) {
                (Ok(()), Ok(())) => removed.push(id),
                (Err(error), _) => tracing::error!(%error, "a blob can't be removed"),
                (_, Err(error)) => tracing::error!(%error, "an upload can't be removed"),
            }
        }
        removed
    }

    /// What of these is not in the object store as it should be: missing, or damaged.
    pub(crate) async fn check(&self, blobs: &[(BlobId, u64)]) -> anyhow::Result<Vec<BlobId>> {
        let mut bad = Vec::new();
        for (id, size_bytes) in blobs {
            match self.store.get(&key(id)).await {
                Ok(found) => {
                    let (mut hasher, mut stream) = (blake3::Hasher::new(), found.into_stream());
                    while let Some(piece) = stream.next().await {
                        hasher.update(&piece?);
                    }
                    if hasher.count() != *size_bytes || *hasher.finalize().as_bytes() != id.0 {
                        bad.push(*id);
                    }
                }
                Err(object_store::Error::NotFound { .. }) => bad.push(*id),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(bad)
    }

    fn staged(&self, id: &BlobId) -> PathBuf {
        self.staging.join(id.to_string())
    }
}

/// Where a hub's blobs are; none for the folder beside its store.
pub(crate) fn address(hub: &HubState) -> Result<Option<String>, HubError> {
    Ok(hub.store.setting(ADDRESS)?)
}

/// Keeps where a hub's blobs are, for the commands that have to know.
pub(crate) fn keep_address(hub: &mut HubState, address: &str) -> Result<(), HubError> {
    if address == FOLDER {
        return Ok(hub.store.remove_setting(ADDRESS)?);
    }
    Ok(hub.store.set_setting(ADDRESS, &address.to_owned())?)
}

/// What has to be removed now: blobs that were erased, and uploads that were given up.
pub(crate) fn to_be_removed(hub: &HubState) -> Result<Vec<BlobId>, HubError> {
    let mut gone = hub.store.gone_blobs()?;
    gone.extend(table::idle(hub.store.connection(), world::wall_ms().saturating_sub(IDLE_MS))?);
    Ok(gone)
}

/// What devices found damaged and nobody has looked at yet, with sizes.
pub(crate) fn doubted(hub: &HubState) -> Result<Vec<(BlobId, u64)>, HubError> {
    hub.doubted
        .iter()
        .filter_map(|id| table::whole_bytes(hub.store.connection(), id).transpose().map(|size| Ok((*id, size?))))
        .collect()
}

/// Notes what came of looking: what is damaged counts as not here. What is there of it is kept until it comes again.
pub(crate) fn note_looked_at(
    hub: &mut HubState,
    looked_at: &[(BlobId, u64)],
    damaged: &[BlobId],
) -> Result<(), HubError> {
    for id in damaged {
        hub.store.transaction(|tables| table::forget(tables, id))?;
    }
    hub.doubted.retain(|doubted| !looked_at.iter().any(|(id, _)| id == doubted));
    Ok(())
}

/// Notes that they were removed.
pub(crate) fn note_removed(hub: &mut HubState, removed: &[BlobId]) -> Result<(), HubError> {
    for id in removed {
        hub.store.transaction(|tables| table::forget(tables, id))?;
        hub.store.note_removed(id)?;
    }
    Ok(())
}

/// Removes what was erased, for a command that ends with it.
pub(crate) fn remove_erased(hub: &mut Hub, data: &Path) -> anyhow::Result<()> {
    let (gone, address) = hub.read(|hub| Ok::<_, HubError>((to_be_removed(hub)?, address(hub)?)))??;
    if gone.is_empty() {
        return Ok(());
    }
    let blobs = Blobs::open(data, address.as_deref())?;
    let removed = wait_for(blobs.sweep(gone))?;
    Ok(hub.write(|hub| note_removed(hub, &removed))??)
}

/// Runs what the object store has to do, for a command.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}

/// As on a device: `ab/ab12…`, so that a folder is never too full to be listed.
fn key(id: &BlobId) -> Key {
    let name = id.to_string();
    Key::from(format!("{}/{name}", name.get(..2).unwrap_or_default()))
}

fn in_folder(folder: &Path) -> anyhow::Result<Arc<dyn ObjectStore>> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(false)))
}

/// An object store by its address. Keys, region and endpoint come from the environment (`AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, ...), where every other tool for S3 looks for them.
fn at(address: &str) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let Some(place) = address.strip_prefix("s3://") else {
        bail!("{address} is neither `{FOLDER}` nor s3://BUCKET or s3://BUCKET/PREFIX");
    };
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build().context("the object store")?;
    let prefix = prefix.trim_end_matches('/');
    if prefix.is_empty() {
        return Ok(Arc::new(store));
    }
    Ok(Arc::new(PrefixStore::new(store, Key::parse(prefix)?)))
}

/// The next part of a file; empty at its end.
async fn read_part(file: &mut tokio::fs::File) -> std::io::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt;
    let mut part = Vec::with_capacity(PART_BYTES);
    file.take(PART_BYTES as u64).read_to_end(&mut part).await?;
    Ok(part)
}
