//! Blobs that come in, whichever way: their pieces grow in a file beside the store, and at the end they are what their names
//! say or thrown away.

use kend_domain::DeviceId;
use kend_log::BlobId;
use kend_sync::RefusalCode;

use super::staging::{self, Staged};
use super::table::{self, Held};
use super::{Blobs, key};
use crate::error::HubError;
use crate::hub::HubState;
use crate::routes::Shared;
use crate::world;

/// How far a blob is here, of one that an entry refers to. Its upload is begun in a device's name if it was not.
pub(crate) async fn begin(hub: &Shared, id: BlobId, by: DeviceId) -> Result<(u64, Held), RefusalCode> {
    let begin = move |hub: &mut HubState| {
        let Some(blob) = hub.store.blob(&id)? else { return Ok(Err(RefusalCode::NotFound)) };
        let held = table::held(hub.store.connection(), &id)?;
        if held != Held::Nothing {
            return Ok(Ok((blob.size_bytes, held)));
        }
        let now_ms = world::wall_ms();
        let begun = hub.store.transaction(|tables| table::begin(tables, &id, by, blob.size_bytes, now_ms))?;
        Ok::<_, HubError>(if begun { Ok((blob.size_bytes, Held::Part(0))) } else { Err(RefusalCode::Quota) })
    };
    hub.write(begin).await.and_then(Result::ok).ok_or(RefusalCode::Busy)?
}

/// Adds a piece to a blob, on the disk when it returns, and says how much is there then. A piece that begins beyond where
/// the blob stands is left out.
pub(crate) async fn add(
    hub: &Shared,
    blobs: &Blobs,
    id: BlobId,
    by: DeviceId,
    offset: u64,
    mut bytes: Vec<u8>,
) -> Result<u64, RefusalCode> {
    let _turn = blobs.turn(id).await.ok_or(RefusalCode::Busy)?;
    let (size_bytes, held) = begin(hub, id, by).await?;
    let received = match held {
        Held::Whole => return Ok(size_bytes),
        Held::Nothing => 0,
        Held::Part(received) => received,
    };
    // A piece may begin before, when it was cut elsewhere the last time.
    let known = usize::try_from(received.saturating_sub(offset)).unwrap_or(usize::MAX);
    if offset > received || known >= bytes.len() {
        return Ok(received);
    }
    bytes.drain(..known);
    let path = blobs.staged(&id);
    let written = apart(move || {
        let mut staged = Staged::open(&path, received, size_bytes)?;
        // Whoever removed the file made it begin anew.
        if staged.received() == received {
            if staged.take(&bytes) {
                staged.write()?;
            } else {
                staged.undo()?;
            }
        }
        Ok(staged.received())
    });
    let received = written.await?;
    let record = move |hub: &mut HubState| {
        hub.store.transaction(|tables| table::record(tables, &id, received, world::wall_ms()))
    };
    let wanted = hub.write(record).await.and_then(Result::ok).ok_or(RefusalCode::Busy)?;
    if wanted { Ok(received) } else { Err(RefusalCode::NotFound) }
}

/// Makes what came in the blob that it is, or throws it away.
pub(crate) async fn finish(hub: &Shared, blobs: &Blobs, id: BlobId) -> Result<(), RefusalCode> {
    let path = blobs.staged(&id);
    let looked_at = path.clone();
    if !apart(move || staging::is_blob(&looked_at, &id)).await? {
        let forget = move |hub: &mut HubState| hub.store.transaction(|tables| table::forget(tables, &id));
        hub.write(forget).await.and_then(Result::ok).ok_or(RefusalCode::Busy)?;
        apart(move || staging::remove(&path)).await?;
        return Err(RefusalCode::Damaged);
    }
    blobs.put(&id, path.clone()).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "the object store fails");
        RefusalCode::Busy
    })?;
    let finish = move |hub: &mut HubState| hub.store.transaction(|tables| table::finish(tables, &id));
    let wanted = hub.write(finish).await.and_then(Result::ok).ok_or(RefusalCode::Busy)?;
    apart(move || staging::remove(&path)).await?;
    if wanted {
        return Ok(());
    }
    // Erased while it came in.
    let _ = object_store::ObjectStoreExt::delete(&*blobs.store, &key(&id)).await;
    Err(RefusalCode::NotFound)
}

/// Waits for the disk on a thread of its own. What was not written is not counted on, and comes again.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, RefusalCode> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::error!(%error, "the disk refuses an attachment");
            Err(RefusalCode::Busy)
        }
        Err(_) => Err(RefusalCode::Busy),
    }
}
