//! The hub's HTTP routes, one line each, and what goes around all of them.
//!
//! A page may load nothing from elsewhere and be framed by nobody; a command has to be JSON from the hub's own page; a
//! body has a limit before it is read. What is logged is method, path and status, never content.

use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{MatchedPath, Path as RoutePath, Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    SET_COOKIE, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, any, get, on, post};
use kend_app::api::{ApiError, ErrorCode};
use kend_domain::Scope;
use kend_sync::protocol::{self, MAX_ENROL_BODY_BYTES, MAX_HEAD_BYTES, MAX_SYNC_BODY_BYTES};
use kend_sync::{Arriving, Claim, HttpResponse, RefusalCode};
use serde_json::Value;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::account;
use crate::ahead::{Ahead, Keys};
use crate::api::{self, Prepared, Remember};
use crate::blobs::Blobs;
use crate::door::Hub;
use crate::error::HubError;
use crate::events;
use crate::hub::HubState;
use crate::metrics::{Counts, Metrics};
use crate::patience::{Held, NoBody, Pieces, Room};
use crate::turn::Waiting;
use crate::visit::{caller, check_origin, cookie, read_visit};
use crate::{blobs, bundles, sync, world};

/// Largest request of a command: a pack comes in one.
const MAX_COMMAND_BYTES: usize = 64 * 1024 * 1024;
/// Largest request of somebody who is not signed in.
const MAX_VISITOR_BYTES: usize = 4096;
/// Passwords checked at once: each takes 19 MiB and a core, and anybody may ask.
static PASSWORD_CHECKS: Semaphore = Semaphore::const_new(2);
/// `kend_sync::protocol::SIGNATURE_HEADER`, as header names are written here.
const SIGNATURE: HeaderName = HeaderName::from_static("kend-signature");
/// A whole segment waits so long for the rest of its body before it is taken in alone.
const SLOW_BODY: Duration = Duration::from_millis(500);
/// How long writes that wait are taken together: a reader, or another process, waits no longer.
const TOGETHER: Duration = Duration::from_millis(100);
/// Exchanges that were read and wait for their turn, at most: each takes some megabytes at worst.
const READ_AHEAD: usize = 16;
/// How long what was erased of the attachments may wait for its removal.
const SWEEP: Duration = Duration::from_secs(5);
/// How long what is known about the disk holds: asking costs a write.
const PULSE_MS: u64 = 1_000;
/// Where the store keeps the last of these writes.
const PULSE: &str = "hub/pulse";

/// What can be asked about an attachment.
const BLOB_METHODS: MethodFilter =
    MethodFilter::POST.or(MethodFilter::HEAD).or(MethodFilter::PATCH).or(MethodFilter::GET);

/// Everything from the hub itself; maps draw in a worker and make pictures from memory; the UI sets styles on elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A browser that came encrypted once never comes otherwise, to this host and to those below its name.
const ENCRYPTED_ONLY: &str = "max-age=31536000; includeSubDomains";
/// The form that Prometheus reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "geolocation=(self), camera=(), microphone=(), payment=()"),
];

/// What stands between the hub and who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Front {
    /// The way to a browser is encrypted.
    pub(crate) encrypted: bool,
    /// The proxy that names who asks.
    pub(crate) proxy: Option<IpAddr>,
}

/// The hub, for whoever answers a request. One store, one lock: `SQLite` has one writer.
#[derive(Clone)]
pub(crate) struct Shared {
    hub: Arc<Mutex<Hub>>,
    /// Who waits for the lock waits here, in the order they came, and takes no thread.
    turn: Arc<Semaphore>,
    /// What waits to be written: whose turn it is does all of it.
    waiting: Arc<Waiting>,
    /// What is read of exchanges before their turn: by no more than there are cores, and held for no more than these.
    reading: Arc<Semaphore>,
    read: Arc<Semaphore>,
    keys: Arc<Keys>,
    room: Room,
    front: Front,
    metrics: Arc<Metrics>,
    pulse: Arc<Mutex<Option<Pulse>>>,
    blobs: Arc<Blobs>,
    /// A device was here: there may be something for the server above.
    visited: Arc<Notify>,
    /// How many exchanges there were.
    visits: Arc<AtomicU64>,
}

/// What was found out about the disk.
#[derive(Debug, Clone, Copy)]
struct Pulse {
    at_ms: u64,
    writes: bool,
    database_answers: Option<bool>,
}

impl Shared {
    /// Shares a hub.
    pub(crate) fn new(hub: Hub, blobs: Blobs, front: Front) -> Self {
        let keys = Arc::clone(&hub.known().keys);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            hub: Arc::new(Mutex::new(hub)),
            turn: Arc::new(Semaphore::new(1)),
            waiting: Arc::default(),
            reading: Arc::new(Semaphore::new(cores)),
            read: Arc::new(Semaphore::new(READ_AHEAD)),
            keys,
            room: Room::default(),
            front,
            metrics: Arc::new(Metrics::new()),
            pulse: Arc::default(),
            blobs: Arc::new(blobs),
            visited: Arc::default(),
            visits: Arc::default(),
        }
    }

    /// Waits until a device was here.
    pub(crate) async fn visited(&self) {
        self.visited.notified().await;
    }

    /// How many exchanges of devices there were.
    pub(crate) fn visits(&self) -> u64 {
        self.visits.load(Ordering::Relaxed)
    }

    /// The hub, for a thread that may wait.
    pub(crate) fn hub(&self) -> &Mutex<Hub> {
        &self.hub
    }

    /// Where attachments are.
    pub(crate) fn blobs(&self) -> Arc<Blobs> {
        Arc::clone(&self.blobs)
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Runs what may change something. None when it did not happen: the database is away, or it panicked.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut HubState) -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, mut told) = oneshot::channel();
        let mut wish = self.waiting.push(Box::new(move |hub| {
            let done = run(hub);
            Box::new(move || drop(tell.send(done)))
        }));
        loop {
            let turn = tokio::select! {
                biased;
                done = &mut told => return done.ok(),
                turn = Arc::clone(&self.turn).acquire_owned() => turn.ok()?,
            };
            wish.settle();
            if !self.write_waiting(turn).await {
                wish.withdraw();
                return told.try_recv().ok();
            }
        }
    }

    /// Writes what waits, all of it as one, as far as that takes no longer than others can wait. False when it failed.
    async fn write_waiting(&self, turn: OwnedSemaphorePermit) -> bool {
        let (hub, waiting) = (Arc::clone(&self.hub), Arc::clone(&self.waiting));
        let metrics = Arc::clone(&self.metrics);
        let write = move || {
            let _turn = turn;
            let mut hub = hub.lock().unwrap_or_else(PoisonError::into_inner);
            let began = Instant::now();
            let mut first = true;
            let written = told(hub.write_together(|| {
                let in_time = first || began.elapsed() < TOGETHER;
                first = false;
                if in_time { waiting.next() } else { None }
            }));
            if let Some(writes) = written.filter(|writes| *writes > 0) {
                metrics.committed(writes, began.elapsed());
            }
            written.is_some()
        };
        tokio::task::spawn_blocking(write).await.unwrap_or(false)
    }

    /// Reads an exchange before its turn, as far as it can be, and on another core.
    async fn read_ahead(&self, claim: Option<Claim>, body: Held) -> (Held, Option<ReadAhead>) {
        let Some(claim) = claim else { return (body, None) };
        let held = Arc::clone(&self.read).acquire_owned().await.ok();
        let Ok(_reading) = self.reading.acquire().await else { return (body, None) };
        let (keys, bytes) = (Arc::clone(&self.keys), body.bytes.clone());
        let read = tokio::task::spawn_blocking(move || Ahead::read(&keys, &claim, &bytes)).await.ok().flatten();
        (body, read.map(|ahead| ReadAhead { ahead, _held: held }))
    }

    /// Runs what only reads.
    pub(crate) async fn read<T: Send + 'static>(&self, run: impl FnOnce(&HubState) -> T + Send + 'static) -> Option<T> {
        self.with(|hub| hub.read(run)).await.and_then(told)
    }

    /// Takes in what other processes of the hub did.
    pub(crate) async fn look(&self) {
        self.read(|_| ()).await;
    }

    /// A body that is never held as a whole.
    pub(crate) fn pieces(&self, body: Body) -> Pieces {
        self.room.pieces(body)
    }

    /// Removes attachments that were erased, and uploads that were given up, again and again for as long as it is run.
    pub(crate) async fn keep_sweeping(self) {
        loop {
            let gone = self.read(blobs::to_be_removed).await.and_then(Result::ok).unwrap_or_default();
            if !gone.is_empty() {
                let removed = self.blobs.sweep(gone).await;
                self.write(move |hub| blobs::note_removed(hub, &removed)).await;
            }
            self.look_at_doubted().await;
            tokio::time::sleep(SWEEP).await;
        }
    }

    /// Looks at what devices say is damaged. What is so counts as not here, and is handed in again by whoever has it.
    async fn look_at_doubted(&self) {
        let doubted = self.read(blobs::doubted).await.and_then(Result::ok).unwrap_or_default();
        if doubted.is_empty() {
            return;
        }
        match self.blobs.check(&doubted).await {
            Ok(damaged) => {
                if !damaged.is_empty() {
                    tracing::error!(count = damaged.len(), "attachments are damaged here: they are asked for again");
                }
                self.write(move |hub| blobs::note_looked_at(hub, &doubted, &damaged)).await;
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "the object store fails"),
        }
    }

    /// Runs with the lock, off the threads that serve. None when it panicked.
    async fn with<T: Send + 'static>(&self, run: impl FnOnce(&mut Hub) -> T + Send + 'static) -> Option<T> {
        let _turn = self.turn.acquire().await.ok()?;
        let hub = Arc::clone(&self.hub);
        // Every change of the store is a transaction: one that a panic cut off left nothing behind.
        tokio::task::spawn_blocking(move || run(&mut hub.lock().unwrap_or_else(PoisonError::into_inner))).await.ok()
    }
}

/// An exchange that was read before its turn, and its place among those.
struct ReadAhead {
    ahead: Ahead,
    _held: Option<OwnedSemaphorePermit>,
}

/// A failing hub is the administrator's to hear of.
fn told<T>(done: Result<T, HubError>) -> Option<T> {
    done.inspect_err(|error| tracing::error!(%error, "the hub fails")).ok()
}

/// All routes.
pub(crate) fn router(hub: Shared, ui: Option<&Path>) -> Router {
    let mut router = Router::new()
        .route(protocol::SYNC_PATH, post(exchange))
        .route(protocol::ENROL_PATH, post(enrol))
        .route(protocol::ROSTER_PATH, post(roster))
        .route("/v1/bundles", post(take_bundle).get(make_bundle))
        .route(protocol::BLOBS_PATH, post(inquire))
        .route("/v1/blobs/{blob}", on(BLOB_METHODS, blob))
        .route("/v1/time", get(async || axum::Json(serde_json::json!({ "hub_ms": world::wall_ms() }))))
        .route("/attachments/{interview}/{attachment}/{*question}", get(play))
        .route("/healthz", get(healthz))
        .route("/api/{command}", post(command))
        .route("/api/{command}/{*rest}", any(async || StatusCode::NOT_FOUND))
        .route("/v1/{*rest}", any(async || StatusCode::NOT_FOUND))
        .with_state(hub.clone());
    if let Some(ui) = ui {
        // A screen's address is the page's; only what is not a file falls back to it.
        router = router.fallback_service(ServeDir::new(ui).fallback(ServeFile::new(ui.join("index.html"))));
    }
    router = router.layer(CompressionLayer::new());
    for (name, value) in HEADERS {
        router = router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }
    router.layer(middleware::from_fn_with_state(hub, around))
}

/// The numbers, on a listener of their own.
pub(crate) fn metrics_router(hub: Shared) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(hub)
}

async fn metrics(State(hub): State<Shared>) -> Response {
    // As it was last known: the numbers tell that the database is away.
    let counts = hub.with(|hub| Counts::of(hub.known(), hub.database_answers())).await.and_then(Result::ok);
    match counts.and_then(|counts| hub.metrics.write(&counts, hub.waiting.count()).ok()) {
        Some(text) => ([(CONTENT_TYPE, METRICS_TYPE)], text).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn exchange(State(hub): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let claim = read_claim(&headers);
    let (body, read) = match read_exchange(&hub, claim, body).await {
        Ok(body) => {
            let (body, read) = hub.read_ahead(claim, body).await;
            (Ok(body), read)
        }
        Err(why) => (Err(why), None),
    };
    let visited = Arc::clone(&hub.visited);
    hub.visits.fetch_add(1, Ordering::Relaxed);
    let answer = move |hub: &mut HubState, claim: Option<Claim>, body: &[u8]| {
        sync::exchange(hub, claim, read.map(|read| read.ahead), body)
    };
    let reply = reply_to_device(hub, claim, body, answer).await;
    visited.notify_one();
    reply
}

async fn enrol(State(hub): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let body = hub.room.read(body, MAX_ENROL_BODY_BYTES).await;
    reply_to_device(hub, read_claim(&headers), body, sync::enrol).await
}

async fn inquire(State(hub): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let body = hub.room.read(body, MAX_HEAD_BYTES).await;
    reply_to_device(hub, read_claim(&headers), body, blobs::inquiry::answer).await
}

async fn blob(
    State(hub): State<Shared>,
    id: Result<RoutePath<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (blobs, visited) = (Arc::clone(&hub.blobs), Arc::clone(&hub.visited));
    // What is no text names none.
    let id = id.map_or_else(|_| String::new(), |RoutePath(id)| id);
    let reply = blobs::line::answer(hub, blobs, method, id, headers, body).await;
    // It has all of one now, or a device asked for one that it has not.
    if matches!(reply.status(), StatusCode::OK | StatusCode::NOT_FOUND) {
        visited.notify_one();
    }
    reply
}

async fn play(
    State(hub): State<Shared>,
    RoutePath(wanted): RoutePath<blobs::play::Wanted>,
    headers: HeaderMap,
) -> Response {
    let encrypted = hub.front.encrypted;
    blobs::play::answer(hub, encrypted, wanted, headers).await
}

async fn roster(State(hub): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let body = hub.room.read(body, MAX_HEAD_BYTES).await;
    reply_to_device(hub, read_claim(&headers), body, sync::roster).await
}

fn read_claim(headers: &HeaderMap) -> Option<Claim> {
    Claim::read(|name| headers.get(name).and_then(|value| value.to_str().ok()))
}

/// Reads an exchange's body. Segments that are whole do not wait for the end of a slow one, and are not lost with one that
/// breaks off: a line may last just long enough for them.
async fn read_exchange(hub: &Shared, claim: Option<Claim>, body: Body) -> Result<Held, NoBody> {
    let mut incoming = hub.room.incoming(body, MAX_SYNC_BODY_BYTES)?;
    let (mut arriving, mut whole, mut since) = (Arriving::default(), Vec::new(), None);
    loop {
        let more = incoming.more().await;
        while let Some(range) = arriving.next(incoming.bytes()) {
            whole.push(range);
            since.get_or_insert_with(Instant::now);
        }
        match more {
            Ok(false) => return Ok(incoming.held()),
            Ok(true) if since.is_none_or(|since| since.elapsed() < SLOW_BODY) => {}
            more => {
                let segments: Vec<Vec<u8>> =
                    whole.drain(..).filter_map(|range| Some(incoming.bytes().get(range)?.to_vec())).collect();
                since = None;
                if let Some(claim) = claim.filter(|_| !segments.is_empty()) {
                    hub.write(move |hub| sync::take_early(hub, &claim, &segments)).await;
                }
                more?;
            }
        }
    }
}

async fn reply_to_device(
    hub: Shared,
    claim: Option<Claim>,
    body: Result<Held, NoBody>,
    answer: impl FnOnce(&mut HubState, Option<Claim>, &[u8]) -> HttpResponse + Send + 'static,
) -> Response {
    let response = match body {
        Ok(body) => hub.write(move |hub| answer(hub, claim, &body.bytes)).await,
        Err(NoBody::TooLarge) => Some(sync::refusal(RefusalCode::TooLarge)),
        Err(NoBody::NoRoom) => Some(sync::refusal(RefusalCode::Busy)),
        Err(NoBody::Broken) => Some(sync::refusal(RefusalCode::BadRequest)),
    };
    let response = response.unwrap_or_else(|| sync::refusal(RefusalCode::Busy));
    let mut reply = (
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        [(CONTENT_TYPE, protocol::CONTENT_TYPE)],
        response.body,
    )
        .into_response();
    if let Some(signature) = response.signature.and_then(|signature| HeaderValue::from_str(&signature).ok()) {
        reply.headers_mut().insert(SIGNATURE, signature);
    }
    reply
}

/// A bundle proves itself: whoever brings it needs no rights of their own.
async fn take_bundle(State(hub): State<Shared>, body: Body) -> Response {
    let pieces = hub.room.pieces(body);
    bundles::receive(hub, pieces).await
}

/// What a bundle is wanted of.
#[derive(serde::Deserialize)]
struct BundleQuery {
    scope: Scope,
}

async fn make_bundle(
    State(hub): State<Shared>,
    headers: HeaderMap,
    query: Result<Query<BundleQuery>, QueryRejection>,
) -> Response {
    let Ok(Query(BundleQuery { scope })) = query else { return StatusCode::BAD_REQUEST.into_response() };
    let (visit, wanted) = (read_visit(&headers, hub.front.encrypted), scope.clone());
    // Somebody who may not hold the scope hears nothing about it, not even whether there is one.
    match hub.read(move |hub| api::may_hold(hub, &visit, &wanted)).await {
        Some(Ok(true)) => bundles::send(hub.hub, bundles::Whom::Scope(scope)).await,
        Some(Ok(false)) => StatusCode::FORBIDDEN.into_response(),
        Some(Err(error)) if error.code == ErrorCode::NotSignedIn => StatusCode::UNAUTHORIZED.into_response(),
        Some(Err(_)) | None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn healthz(State(hub): State<Shared>) -> Response {
    let now_ms = world::monotonic_ms();
    let known =
        hub.pulse.lock().unwrap_or_else(PoisonError::into_inner).filter(|pulse| now_ms < pulse.at_ms + PULSE_MS);
    let pulse = if let Some(pulse) = known {
        pulse
    } else {
        let ask = |hub: &mut Hub| {
            let written = hub.write(|hub| hub.store.set_setting(PULSE, &world::wall_ms()).is_ok());
            (told(written) == Some(true), hub.database_answers())
        };
        let (writes, database_answers) = hub.with(ask).await.unwrap_or_default();
        let pulse = Pulse { at_ms: now_ms, writes, database_answers };
        *hub.pulse.lock().unwrap_or_else(PoisonError::into_inner) = Some(pulse);
        pulse
    };
    let status = if pulse.writes { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut said = serde_json::json!({ "lives": true, "disk_takes_writes": pulse.writes });
    if let (Some(answers), Some(said)) = (pulse.database_answers, said.as_object_mut()) {
        said.insert("database_answers".to_owned(), answers.into());
    }
    (status, axum::Json(said)).into_response()
}

async fn command(
    State(hub): State<Shared>,
    RoutePath(command): RoutePath<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let reply = match check_origin(&headers) {
        Ok(()) => run_command(&hub, command, &headers, request).await,
        Err(error) => {
            events::foreign_page(caller(request.extensions().get(), &headers, hub.front.proxy));
            Err(error)
        }
    };
    match reply {
        Ok((view, remember)) => {
            let mut reply = axum::Json(view).into_response();
            if let Some(cookie) = cookie(&remember, hub.front.encrypted) {
                reply.headers_mut().append(SET_COOKIE, cookie);
            }
            reply
        }
        Err(error) => {
            let error = api::for_outside(error);
            let status = StatusCode::from_u16(api::http_status(error.code));
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), axum::Json(error)).into_response()
        }
    }
}

/// Whether somebody is signed in, who is then known to be there.
async fn is_signed_in(hub: &Shared, token: account::Token) -> Result<bool, ApiError> {
    let signed_in = hub.read(move |hub| api::is_signed_in(hub, token)).await.ok_or_else(away)??;
    if signed_in == api::SignedInNow::Unnoted {
        hub.write(move |hub| api::note_use(hub, token)).await.ok_or_else(away)??;
    }
    Ok(signed_in != api::SignedInNow::No)
}

/// The request did not happen, and may be made again.
const fn away() -> ApiError {
    ApiError { code: ErrorCode::HubUnreachable, detail: None }
}

async fn run_command(
    hub: &Shared,
    command: String,
    headers: &HeaderMap,
    request: Request,
) -> Result<(Value, Remember), ApiError> {
    let from = caller(request.extensions().get(), headers, hub.front.proxy);
    let visit = read_visit(headers, hub.front.encrypted);
    let known = match visit.token {
        Some(token) => is_signed_in(hub, token).await?,
        None => false,
    };
    let limit = if known { MAX_COMMAND_BYTES } else { MAX_VISITOR_BYTES };
    let body = hub.room.read(request.into_body(), limit).await.map_err(|why| match why {
        NoBody::TooLarge => ApiError::with(ErrorCode::TooLarge, format_args!("{limit} bytes")),
        NoBody::NoRoom => ApiError::new(ErrorCode::TooManyTries),
        NoBody::Broken => ApiError::new(ErrorCode::BadRequest),
    })?;
    match api::prepare(&command, &body.bytes)? {
        Prepared::Command(request) => {
            hub.write(move |hub| api::answer(hub, &visit, &command, request)).await.ok_or_else(away)?
        }
        Prepared::SignIn { name, password, code } => {
            let looked_up = name.clone();
            let hash = hub.write(move |hub| api::begin_sign_in(hub, &looked_up, from)).await.ok_or_else(away)??;
            let _turn = PASSWORD_CHECKS.acquire().await.map_err(|_| away())?;
            let check = move || account::password_fits(&password, hash.as_deref());
            if !tokio::task::spawn_blocking(check).await.map_err(|_| away())? {
                let refuse = move |hub: &HubState| api::refuse_sign_in(hub, &name, from, ErrorCode::WrongSignIn);
                return Err(hub.read(refuse).await.unwrap_or_else(away));
            }
            let finish = move |hub: &mut HubState| api::finish_sign_in(hub, &name, code.as_deref(), from, &visit);
            hub.write(finish).await.ok_or_else(away)?
        }
        Prepared::ChangePassword { password, new_password } => {
            let begun = hub.write(move |hub| api::begin_password_change(hub, &visit)).await;
            let (person, hash) = begun.ok_or_else(away)??;
            let _turn = PASSWORD_CHECKS.acquire().await.map_err(|_| away())?;
            let name = person.name.clone();
            let change = move || {
                let fits = account::password_fits(&password, Some(&hash));
                fits.then(|| account::hash_password(&new_password, &name))
            };
            let refuse = |why| {
                events::password_refused(person.member.person, why);
                ApiError::new(why)
            };
            let hash = match tokio::task::spawn_blocking(change).await.map_err(|_| away())? {
                None => return Err(refuse(ErrorCode::WrongSignIn)),
                Some(Err(HubError::WeakPassword)) => return Err(refuse(ErrorCode::WeakPassword)),
                Some(hash) => hash.map_err(|_| away())?,
            };
            let finish = move |hub: &mut HubState| api::finish_password_change(hub, &person, &hash, &visit);
            hub.write(finish).await.ok_or_else(away)?
        }
    }
}

/// Counts and logs a request without its content, and keeps answers about people out of caches.
async fn around(State(hub): State<Shared>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get().map_or("pages", MatchedPath::as_str).to_owned();
    let began_ms = world::monotonic_ms();
    let mut response = next.run(request).await;
    let dynamic = ["/api/", "/v1/", "/attachments/"].iter().any(|prefix| path.starts_with(prefix));
    if dynamic {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    name_encoding(response.headers_mut());
    if hub.front.encrypted {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ENCRYPTED_ONLY));
    }
    let took_ms = world::monotonic_ms().saturating_sub(began_ms);
    let status = response.status().as_u16();
    hub.metrics.answered(method_word(&method), &route, status, Duration::from_millis(took_ms));
    if dynamic || method != Method::GET {
        tracing::debug!(%method, route, status, took_ms, "answered");
    }
    response
}

/// Files of text are all in one encoding, which their names do not tell.
fn name_encoding(headers: &mut HeaderMap) {
    let bare = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .filter(|kind| kind.starts_with("text/") && !kind.contains(';'));
    if let Some(named) = bare.and_then(|kind| HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok()) {
        headers.insert(CONTENT_TYPE, named);
    }
}

/// A method for the numbers: whoever makes up words makes no new series.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
