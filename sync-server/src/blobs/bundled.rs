//! Attachments that come by a bundle, and the receipts for them that go back by one.

use std::collections::BTreeSet;

use kend_bundle::{BlobPiece, Record};
use kend_domain::{DeviceId, Scope};
use kend_log::BlobId;
use kend_sync::{KnownDevice, RefusalCode};
use tokio::runtime::Handle;

use super::line::receipt;
use super::table::{self, Held};
use super::{Blobs, coming};
use crate::error::HubError;
use crate::hub::HubState;
use crate::routes::Shared;

/// What came of a bundle's attachments.
#[derive(Debug, Default)]
pub(crate) struct Bundled {
    /// They are whole here since now.
    pub(crate) new: u64,
    /// They are not what their names say, not of this hub's entries, or too much at once: nothing of them was kept.
    pub(crate) refused: u64,
    /// Of these nothing more is looked at.
    done: BTreeSet<BlobId>,
}

impl Bundled {
    /// Takes a piece in, as far as it goes on with what is here. An error is the disk's: bringing the bundle again goes on.
    pub(crate) fn take(
        &mut self,
        piece: BlobPiece,
        sender: &KnownDevice,
        hub: &Shared,
        runtime: &Handle,
    ) -> Result<(), HubError> {
        let id = BlobId(piece.blob);
        if self.done.contains(&id) {
            return Ok(());
        }
        let (blobs, sender) = (hub.blobs(), sender.clone());
        match runtime.block_on(take(hub, &blobs, &sender, piece)) {
            Ok(Taken::Part) => {}
            Ok(Taken::Known) => {
                self.done.insert(id);
            }
            Ok(Taken::Whole) => {
                self.new += 1;
                self.done.insert(id);
            }
            Err(RefusalCode::Busy) => return Err(HubError::AttachmentNotKept),
            Err(_) => {
                self.refused += 1;
                self.done.insert(id);
            }
        }
        Ok(())
    }
}

enum Taken {
    /// More has to come.
    Part,
    /// It was whole before.
    Known,
    /// It is whole now.
    Whole,
}

async fn take(hub: &Shared, blobs: &Blobs, sender: &KnownDevice, piece: BlobPiece) -> Result<Taken, RefusalCode> {
    let BlobPiece { blob, offset_bytes, size_bytes, bytes } = piece;
    let (id, device) = (BlobId(blob), sender.device);
    let known = hub.read(move |hub| hub.store.blob(&id)).await.and_then(Result::ok).ok_or(RefusalCode::Busy)?;
    // Who may not hold an area brings nothing into it, as over a line.
    if !known.is_some_and(|known| known.size_bytes == size_bytes && sender.may_hold(&known.scope)) {
        return Err(RefusalCode::NotFound);
    }
    if let (_, Held::Whole) = coming::begin(hub, id, device).await? {
        return Ok(Taken::Known);
    }
    if coming::add(hub, blobs, id, device, offset_bytes, bytes).await? < size_bytes {
        return Ok(Taken::Part);
    }
    coming::finish(hub, blobs, id).await?;
    Ok(Taken::Whole)
}

/// The server's receipts for a device's own attachments.
pub(crate) fn receipts_of_device(hub: &HubState, device: DeviceId) -> Result<Vec<Record>, HubError> {
    records(hub, table::whole_of_device(hub.store.connection(), device)?)
}

/// The server's receipts for the attachments of a scope.
pub(crate) fn receipts_of_scope(hub: &HubState, scope: &Scope) -> Result<Vec<Record>, HubError> {
    records(hub, table::whole_of_scope(hub.store.connection(), scope)?)
}

fn records(hub: &HubState, whole: Vec<(BlobId, u64)>) -> Result<Vec<Record>, HubError> {
    let mut records = Vec::new();
    for (id, size_bytes) in whole {
        records.extend(receipt(hub, id, size_bytes)?.map(|signed| Record::BlobReceipt(signed.to_bytes())));
    }
    Ok(records)
}
