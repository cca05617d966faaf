//! Attachments beside the records: which a person wants here, what may go over a line that costs money, and how far each is.

use std::collections::BTreeSet;

use kend_domain::EntityId;
use kend_log::{BlobId, EntityKind, EntityState, Value};
use kend_store::{Blob, Copied, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::api::{
    ApiError, AttachmentState, AttachmentView, AttachmentsView, ErrorCode, FetchAttachment, LimitAttachments, count,
};
use crate::desk::Desk;
use crate::device::moving::{Waiting, Way};

/// The attachments that a person asked for and that are not here yet, by their names.
const WANTED: &str = "attachments/wanted";
/// What attachments may send and fetch.
const ALLOWANCE: &str = "attachments/allowance";
const BYTES_PER_KB: u64 = 1024;

/// What a session knows of attachments on their way.
#[derive(Debug, Default)]
pub(crate) struct Moving {
    /// The one that moves now.
    pub(crate) now: Option<MovingNow>,
    /// Damaged here, and nobody else has them.
    pub(crate) damaged_here: BTreeSet<BlobId>,
    /// What the hub gave for these was not what their names say.
    pub(crate) damaged_there: BTreeSet<BlobId>,
}

/// An attachment that moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MovingNow {
    /// Which, and which way.
    pub(crate) waiting: Waiting,
    /// How much of it is durable at the other end.
    pub(crate) done_bytes: u64,
    /// How long the rest takes; none before anything was measured.
    pub(crate) left_ms: Option<u64>,
}

/// What attachments may send and fetch from one tap on *sync now* to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Allowance {
    most_bytes: Option<u64>,
    used_bytes: u64,
}

impl Allowance {
    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(store.setting(ALLOWANCE)?.unwrap_or_default())
    }

    /// What is left. None where there is no bound.
    pub(crate) fn left_bytes(self) -> Option<u64> {
        self.most_bytes.map(|most| most.saturating_sub(self.used_bytes))
    }

    /// Notes what went over the line.
    pub(crate) fn used(store: &mut Store, bytes: u64) -> Result<(), StoreError> {
        let allowance = Self::read(store)?;
        if allowance.most_bytes.is_none() || bytes == 0 {
            return Ok(());
        }
        let used_bytes = allowance.used_bytes.saturating_add(bytes);
        store.set_setting(ALLOWANCE, &Self { used_bytes, ..allowance })
    }

    /// A person tapped *sync now*.
    pub(crate) fn begin_anew(store: &mut Store) -> Result<(), StoreError> {
        let allowance = Self::read(store)?;
        if allowance.used_bytes == 0 {
            return Ok(());
        }
        store.set_setting(ALLOWANCE, &Self { used_bytes: 0, ..allowance })
    }

    pub(crate) fn limit(store: &mut Store, request: &LimitAttachments) -> Result<(), StoreError> {
        let most_bytes = request.most_kb.map(|most_kb| u64::from(most_kb) * BYTES_PER_KB);
        store.set_setting(ALLOWANCE, &Self { most_bytes, used_bytes: 0 })
    }
}

/// The attachments that a person asked for, that entries refer to, and that are not here.
pub(crate) fn wanted(store: &Store) -> Result<Vec<Blob>, StoreError> {
    let mut wanted = Vec::new();
    for id in wanted_ids(store)? {
        wanted.extend(store.blob(&id)?.filter(|_| !store.has_blob_here(&id)));
    }
    Ok(wanted)
}

/// Wants an attachment here.
pub(crate) fn want(store: &mut Store, id: BlobId) -> Result<(), StoreError> {
    let mut ids = wanted_ids(store)?;
    if ids.insert(id) {
        keep(store, &ids)?;
    }
    Ok(())
}

/// It is here, or not wanted any more.
pub(crate) fn no_longer_wanted(store: &mut Store, id: &BlobId) -> Result<(), StoreError> {
    let mut ids = wanted_ids(store)?;
    if ids.remove(id) {
        keep(store, &ids)?;
    }
    Ok(())
}

/// Removes from this device what the server has signed for. All else stays, and what was removed can be fetched.
pub(crate) fn make_room(store: &mut Store) -> Result<(), StoreError> {
    for blob in store.all_blobs()? {
        store.drop_copy(&blob.id)?;
    }
    Ok(())
}

fn wanted_ids(store: &Store) -> Result<BTreeSet<BlobId>, StoreError> {
    let names: Vec<String> = store.setting(WANTED)?.unwrap_or_default();
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// What was erased meanwhile is left out.
fn keep(store: &mut Store, ids: &BTreeSet<BlobId>) -> Result<(), StoreError> {
    let mut names = Vec::new();
    for id in ids {
        if store.blob(id)?.is_some() {
            names.push(id.to_string());
        }
    }
    store.set_setting(WANTED, &names)
}

/// Wants an attachment of an interview here.
pub(crate) fn fetch(
    desk: &mut Desk<'_>,
    moving: &Moving,
    request: &FetchAttachment,
) -> Result<AttachmentView, ApiError> {
    let id = request.attachment.parse().map_err(|error| ApiError::with(ErrorCode::BadRequest, error))?;
    if !referred(&desk.find(request.interview, EntityKind::Interview)?.state).contains(&id) {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let blob = desk.store.blob(&id)?.ok_or(ApiError::new(ErrorCode::NotFound))?;
    if !desk.store.has_blob_here(&id) {
        want(desk.store, id)?;
    }
    Ok(view(desk.store, moving, &blob, &wanted_ids(desk.store)?))
}

/// How far the attachments of an interview are.
pub(crate) fn of_interview(
    desk: &Desk<'_>,
    moving: &Moving,
    interview: EntityId,
) -> Result<Vec<AttachmentView>, ApiError> {
    let found = desk.find(interview, EntityKind::Interview)?;
    let wanted = wanted_ids(desk.store)?;
    let mut views = Vec::new();
    for id in referred(&found.state) {
        if let Some(blob) = desk.store.blob(&id)? {
            views.push(view(desk.store, moving, &blob, &wanted));
        }
    }
    Ok(views)
}

/// How far all are.
pub(crate) fn of_all(store: &Store, moving: &Moving) -> Result<AttachmentsView, ApiError> {
    let wanted = wanted_ids(store)?;
    let blobs = store.all_blobs()?;
    let views: Vec<_> = blobs.iter().map(|blob| view(store, moving, blob, &wanted)).collect();
    let of = |states: &[AttachmentState]| views.iter().filter(|view| states.contains(&view.state)).count();
    let kept = [AttachmentState::Kept, AttachmentState::GoingUp];
    let kept_kb: u64 =
        views.iter().filter(|view| kept.contains(&view.state)).map(|view| u64::from(view.total_kb)).sum();
    let allowance = Allowance::read(store)?;
    let now = moving.now.map(|now| now.waiting.id.to_string());
    Ok(AttachmentsView {
        kept: count(of(&kept)),
        kept_kb: count(kept_kb),
        copied: count(of(&[AttachmentState::Copied])),
        safe: count(of(&[AttachmentState::Safe])),
        not_here: count(views.iter().filter(|view| !view.here).count()),
        wanted: count(of(&[AttachmentState::ComingDown])),
        damaged: count(of(&[AttachmentState::Damaged])),
        moving: views.into_iter().find(|view| Some(&view.attachment) == now.as_ref()),
        most_kb: allowance.most_bytes.map(kilobytes),
        left_kb: allowance.left_bytes().map(kilobytes),
    })
}

fn view(store: &Store, moving: &Moving, blob: &Blob, wanted: &BTreeSet<BlobId>) -> AttachmentView {
    let here = store.has_blob_here(&blob.id);
    let now = moving.now.filter(|now| now.waiting.id == blob.id);
    let going_up = now.is_some_and(|now| now.waiting.way == Way::Up);
    let state = match (here, blob.copied) {
        (true, Copied::No) if moving.damaged_here.contains(&blob.id) => AttachmentState::Damaged,
        (true, Copied::No) if going_up => AttachmentState::GoingUp,
        (true, Copied::No) => AttachmentState::Kept,
        (true, Copied::Hub) => AttachmentState::Copied,
        (true, Copied::Server) => AttachmentState::Safe,
        (false, _) if wanted.contains(&blob.id) => AttachmentState::ComingDown,
        (false, _) => AttachmentState::NotHere,
    };
    let done_bytes = match (state, now) {
        (AttachmentState::GoingUp | AttachmentState::ComingDown, Some(now)) => now.done_bytes,
        (AttachmentState::ComingDown, None) => {
            store.blob_folder().and_then(|folder| folder.part_bytes(&blob.id).ok()).unwrap_or(0)
        }
        (AttachmentState::Copied | AttachmentState::Safe, _) => blob.size_bytes,
        _ => 0,
    };
    AttachmentView {
        attachment: blob.id.to_string(),
        state,
        here,
        done_kb: kilobytes(done_bytes),
        total_kb: kilobytes(blob.size_bytes),
        seconds_left: now.and_then(|now| now.left_ms).map(|left_ms| count(left_ms.div_ceil(1_000))),
    }
}

/// The attachments that an interview refers to as it is now.
fn referred(state: &EntityState) -> BTreeSet<BlobId> {
    let live = state.paths("").flat_map(|path| state.live(path.as_str()));
    let values = live.filter_map(|live| live.value.as_ref());
    values.filter_map(Value::as_attachment).map(|attachment| attachment.blob).collect()
}

fn kilobytes(bytes: u64) -> u32 {
    count(bytes.div_ceil(BYTES_PER_KB))
}
