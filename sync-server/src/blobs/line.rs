//! Attachments over HTTP: `/v1/blobs/{id}`, as `kend_sync` says it.
//!
//! A request is looked at as a whole before a byte of its body is read: whose it is, whether its ticket is fresh, whether
//! they may hold the scope that the blob belongs to. A body is never in memory as a whole. What a line that broke off did
//! bring is kept; what came whole and is not what was announced is taken back.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use kend_log::BlobId;
use kend_sync::protocol::{self, BLOB_DIGEST_HEADER, BLOBS_PATH};
use kend_sync::{
    BlobAnswer, BlobDeed, BlobReceipt, BlobRequest, Claim, Refusal, RefusalCode, RequestDigest, SignedBlobReceipt,
    Ticket, read_blob_digest, sign_answer,
};
use object_store::{GetOptions, GetRange, ObjectStore};

use super::coming::{apart, finish};
use super::staging::Staged;
use super::table::{self, Held};
use super::{Blobs, Turn, key};
use crate::error::HubError;
use crate::hub::HubState;
use crate::patience::NoBody;
use crate::routes::Shared;
use crate::{events, people, world};

const SIGNATURE: HeaderName = HeaderName::from_static("kend-signature");
const PLAIN_BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Most attachments that are asked for of a server above.
const MAX_WANTED: usize = 256;

/// A request that may be answered.
struct Admitted {
    request: BlobRequest,
    claim: Claim,
    /// What its body is said to hash to.
    body: blake3::Hash,
    digest: RequestDigest,
    size_bytes: u64,
    held: Held,
    ticket: Ticket,
}

impl Admitted {
    fn answer(&self, status: StatusCode, held: Held) -> BlobAnswer {
        let (offset, complete) = match held {
            Held::Nothing => (0, false),
            Held::Part(received) => (received, false),
            Held::Whole => (self.size_bytes, true),
        };
        let (length, ticket) = (self.size_bytes, self.ticket);
        BlobAnswer { status: status.as_u16(), offset, length, complete, receipt: None, ticket }
    }
}

/// Why there is no answer.
struct Refused {
    code: RefusalCode,
    ticket: Option<Ticket>,
    /// What the refusal is signed for.
    digest: Option<RequestDigest>,
}

/// Answers a request about a blob.
pub(crate) async fn answer(
    hub: Shared,
    blobs: Arc<Blobs>,
    method: Method,
    id: String,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let claim = Claim::read(header);
    let digest = header(BLOB_DIGEST_HEADER).and_then(read_blob_digest);
    let request = BlobRequest::read(method.as_str(), &id, header);
    let admitted = match (claim, digest, request) {
        (Some(claim), Some(digest), Some(request)) => hub.write(move |hub| admit(hub, claim, request, digest)).await,
        (Some(_), ..) => Some(Err(Refused { code: RefusalCode::BadRequest, ticket: None, digest: None })),
        (None, ..) => Some(Err(Refused { code: RefusalCode::Signature, ticket: None, digest: None })),
    };
    let busy = || Refused { code: RefusalCode::Busy, ticket: None, digest: None };
    let done = match admitted.unwrap_or_else(|| Err(busy())) {
        Err(refused) => Err(refused),
        Ok(admitted) => {
            let digest = admitted.digest;
            let done = match admitted.request.deed {
                BlobDeed::Offset => Ok((admitted.answer(StatusCode::NO_CONTENT, admitted.held), None)),
                BlobDeed::Create { .. } => take(&hub, &blobs, &admitted, 0, body).await.map(|answer| (answer, None)),
                BlobDeed::Append { offset } => {
                    take(&hub, &blobs, &admitted, offset, body).await.map(|answer| (answer, None))
                }
                BlobDeed::Fetch { offset, most_bytes } => fetch(&blobs, &admitted, offset, most_bytes).await,
            };
            let (id, ticket) = (admitted.request.id, Some(admitted.ticket));
            done.map(|done| (id, done, digest)).map_err(|code| Refused { code, ticket, digest: Some(digest) })
        }
    };
    match done {
        Ok((id, (answer, bytes), digest)) => reply(&hub, id, answer, bytes, digest).await,
        Err(refused) => refuse(&hub, refused).await,
    }
}

async fn reply(
    hub: &Shared,
    id: BlobId,
    mut answer: BlobAnswer,
    bytes: Option<Bytes>,
    digest: RequestDigest,
) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (offset, length) = (answer.offset, answer.length);
    let sign = move |hub: &HubState| {
        answer.receipt = if answer.complete { receipt(hub, id, length)? } else { None };
        Ok::<_, HubError>(answer.headers(&digest, &|purpose: &str, message: &[u8]| hub.store.sign(purpose, message)))
    };
    let signed = hub.read(sign).await.and_then(Result::ok);
    let mut reply = match bytes {
        None => status.into_response(),
        Some(Bytes { body, size_bytes }) => {
            let mut reply = (status, body).into_response();
            reply.headers_mut().insert(CONTENT_TYPE, PLAIN_BYTES);
            reply.headers_mut().insert(CONTENT_LENGTH, size_bytes.into());
            // Said even of all of it: nothing on the way is then tempted to compress what can't be.
            let range = format!("bytes {offset}-{}/{length}", (offset + size_bytes).saturating_sub(1));
            if let Ok(range) = HeaderValue::from_str(&range) {
                reply.headers_mut().insert(CONTENT_RANGE, range);
            }
            reply
        }
    };
    for (name, value) in signed.unwrap_or_default() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

async fn refuse(hub: &Shared, Refused { code, ticket, digest }: Refused) -> Response {
    let body = Refusal { code, ticket }.encode();
    let (signed, status) = (body.clone(), code.status());
    let signature = match digest {
        Some(digest) => {
            let sign = move |hub: &HubState| {
                sign_answer(&|purpose: &str, message: &[u8]| hub.store.sign(purpose, message), &digest, status, &signed)
            };
            hub.read(sign).await
        }
        None => None,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = (status, [(CONTENT_TYPE, protocol::CONTENT_TYPE)], body).into_response();
    if let Some(signature) = signature.and_then(|signature| HeaderValue::from_str(&signature).ok()) {
        reply.headers_mut().insert(SIGNATURE, signature);
    }
    reply
}

/// The server's receipt for a blob that is whole here; none at a hub whose server has not given one.
pub(super) fn receipt(hub: &HubState, id: BlobId, size_bytes: u64) -> Result<Option<SignedBlobReceipt>, HubError> {
    if !hub.is_server()? {
        let signed = table::receipt(hub.store.connection(), &id)?;
        return Ok(signed.and_then(|signed| SignedBlobReceipt::from_bytes(&signed).ok()));
    }
    let receipt = BlobReceipt { blob: id, size_bytes, epoch: hub.identity.epoch, server_ms: world::wall_ms() };
    let sign = |purpose: &str, message: &[u8]| hub.store.sign(purpose, message);
    Ok(Some(SignedBlobReceipt::sign(&receipt, &sign)))
}

/// Who asks, and whether they may. Somebody who may not hold a blob hears what they hear of one that does not exist.
fn admit(hub: &mut HubState, claim: Claim, request: BlobRequest, body: blake3::Hash) -> Result<Admitted, Refused> {
    let digest = request.digest(&claim, &body);
    let refused = |code, ticket| Refused { code, ticket, digest: Some(digest) };
    let busy = |error: HubError| {
        tracing::error!(%error, "the hub fails");
        refused(RefusalCode::Busy, None)
    };
    let device = people::device(hub.store.connection(), claim.device).map_err(busy)?;
    let Some(device) = device.filter(|device| request.is_signed(&claim, &device.key, &body)) else {
        events::device_refused(claim.device, BLOBS_PATH, RefusalCode::Signature);
        return Err(refused(RefusalCode::Signature, None));
    };
    let fresh = hub.tickets.take(claim.device, &claim.ticket);
    let ticket = hub.tickets.issue(claim.device);
    if !fresh {
        return Err(refused(RefusalCode::Ticket, Some(ticket)));
    }
    let blob = hub.store.blob(&request.id).map_err(|error| busy(error.into()))?;
    let Some(blob) = blob.filter(|blob| device.may_hold(&blob.scope)) else {
        return Err(refused(RefusalCode::NotFound, Some(ticket)));
    };
    let mut held = table::held(hub.store.connection(), &request.id).map_err(busy)?;
    if matches!(request.deed, BlobDeed::Fetch { .. }) && held != Held::Whole && hub.wanted.len() < MAX_WANTED {
        hub.wanted.insert(request.id);
    }
    if let BlobDeed::Create { length } = request.deed {
        if length != blob.size_bytes {
            return Err(refused(RefusalCode::BadRequest, Some(ticket)));
        }
        if held == Held::Nothing {
            let begin = |tables: &kend_store::rusqlite::Connection| {
                table::begin(tables, &request.id, claim.device, length, world::wall_ms())
            };
            if !hub.store.transaction(|tables| begin(tables)).map_err(busy)? {
                return Err(refused(RefusalCode::Quota, Some(ticket)));
            }
            held = Held::Part(0);
        }
    }
    Ok(Admitted { request, claim, body, digest, size_bytes: blob.size_bytes, held, ticket })
}

/// Takes in what a request brings.
async fn take(
    hub: &Shared,
    blobs: &Blobs,
    admitted: &Admitted,
    offset: u64,
    body: Body,
) -> Result<BlobAnswer, RefusalCode> {
    let id = admitted.request.id;
    let mut turn = blobs.turn(id).await.ok_or(RefusalCode::Busy)?;
    // Whoever had the turn before may have brought more.
    let held = hub.read(move |hub| table::held(hub.store.connection(), &id)).await;
    let received = match held.and_then(Result::ok).ok_or(RefusalCode::Busy)? {
        Held::Nothing => return Err(RefusalCode::NotFound),
        Held::Whole => return Ok(admitted.answer(StatusCode::OK, Held::Whole)),
        Held::Part(received) => received,
    };
    let (path, size_bytes) = (blobs.staged(&id), admitted.size_bytes);
    let mut staged = apart(move || Staged::open(&path, received, size_bytes)).await?;
    let brings_something = admitted.body != blake3::hash(b"");
    if brings_something && staged.received() != offset {
        return Ok(admitted.answer(StatusCode::CONFLICT, Held::Part(staged.received())));
    }
    staged = receive(hub, admitted, staged, &mut turn, body).await?;
    if !staged.is_whole() {
        return Ok(admitted.answer(StatusCode::CREATED, Held::Part(staged.received())));
    }
    drop(staged);
    finish(hub, blobs, id).await?;
    tracing::info!(device = %admitted.claim.device, size_bytes, "attachment");
    Ok(admitted.answer(StatusCode::OK, Held::Whole))
}

async fn receive(
    hub: &Shared,
    admitted: &Admitted,
    mut staged: Staged,
    turn: &mut Turn,
    body: Body,
) -> Result<Staged, RefusalCode> {
    let id = admitted.request.id;
    let mut pieces = hub.pieces(body);
    loop {
        let piece = tokio::select! {
            piece = pieces.next() => piece,
            () = turn.is_over() => Err(NoBody::Broken),
        };
        let (fits, ended) = match &piece {
            Ok(Some(piece)) => (staged.take(&piece.bytes), None),
            Ok(None) => (true, Some(Ok(()))),
            Err(NoBody::NoRoom) => (true, Some(Err(RefusalCode::Busy))),
            Err(NoBody::Broken | NoBody::TooLarge) => (true, Some(Err(RefusalCode::BadRequest))),
        };
        drop(piece);
        let as_announced = fits && (ended != Some(Ok(())) || staged.is(&admitted.body));
        if as_announced && !staged.is_due() && ended.is_none() {
            continue;
        }
        staged = apart(move || {
            if as_announced {
                staged.write()?;
            } else {
                staged.undo()?;
            }
            Ok(staged)
        })
        .await?;
        let received = staged.received();
        let record = move |hub: &mut HubState| {
            hub.store.transaction(|tables| table::record(tables, &id, received, world::wall_ms()))
        };
        if !hub.write(record).await.and_then(Result::ok).ok_or(RefusalCode::Busy)? {
            return Err(RefusalCode::NotFound);
        }
        match ended {
            _ if !as_announced => return Err(RefusalCode::Damaged),
            None => {}
            Some(Ok(())) => return Ok(staged),
            Some(Err(code)) => return Err(code),
        }
    }
}

/// Bytes of a blob on their way.
struct Bytes {
    body: Body,
    size_bytes: u64,
}

async fn fetch(
    blobs: &Blobs,
    admitted: &Admitted,
    offset: u64,
    most_bytes: Option<u64>,
) -> Result<(BlobAnswer, Option<Bytes>), RefusalCode> {
    if admitted.held != Held::Whole {
        return Err(RefusalCode::NotFound);
    }
    let left_bytes = admitted.size_bytes.saturating_sub(offset);
    let size_bytes = most_bytes.map_or(left_bytes, |most_bytes| most_bytes.min(left_bytes));
    if size_bytes == 0 {
        return Ok((admitted.answer(StatusCode::RANGE_NOT_SATISFIABLE, Held::Whole), None));
    }
    let range = Some(GetRange::Bounded(offset..offset + size_bytes));
    let options = GetOptions { range, ..GetOptions::default() };
    let found = blobs.store.get_opts(&key(&admitted.request.id), options).await.map_err(|error| {
        tracing::error!(%error, "the object store fails");
        RefusalCode::Busy
    })?;
    let answer = BlobAnswer { offset, ..admitted.answer(StatusCode::PARTIAL_CONTENT, Held::Whole) };
    Ok((answer, Some(Bytes { body: Body::from_stream(found.into_stream()), size_bytes })))
}
