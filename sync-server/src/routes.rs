//! The hub's HTTP routes, one line each, and what goes around all of them.
//!
//! A page may load nothing from elsewhere and be framed by nobody; a command has to be JSON from the hub's own page; a
//! body has a limit before it is read. What is logged is method, path and status, never content.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path as RoutePath, Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use kend_app::api::{ApiError, ErrorCode};
use kend_domain::{Language, Scope};
use kend_sync::protocol::{self, MAX_ENROL_BODY_BYTES, MAX_SYNC_BODY_BYTES};
use kend_sync::{Claim, HttpResponse, RefusalCode};
use serde_json::Value;
use tokio::sync::Semaphore;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::account::{self, SESSION_MS, Token};
use crate::api::{self, Prepared, Remember, Visit};
use crate::hub::HubState;
use crate::{bundles, sync, world};

/// Largest request of a command: a pack comes in one.
const MAX_COMMAND_BYTES: usize = 64 * 1024 * 1024;
/// Largest request of somebody who is not signed in.
const MAX_VISITOR_BYTES: usize = 4096;
/// Passwords checked at once: each takes 19 MiB and a core, and anybody may ask.
static PASSWORD_CHECKS: Semaphore = Semaphore::const_new(2);
/// `kend_sync::protocol::SIGNATURE_HEADER`, as header names are written here.
const SIGNATURE: HeaderName = HeaderName::from_static("kend-signature");
/// The session.
const SESSION_COOKIE: &str = "kend_session";
/// The language, also of who is not signed in.
const LANGUAGE_COOKIE: &str = "kend_language";
/// How long a browser remembers the language.
const LANGUAGE_SECONDS: i64 = 365 * 24 * 60 * 60;
/// Attributes of both cookies. Without TLS on loopback `Secure` would hide them from the page.
const COOKIE_RULES: &str = "Path=/; HttpOnly; SameSite=Strict";

/// Everything from the hub itself; maps draw in a worker and make pictures from memory; the UI sets styles on elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "geolocation=(self), camera=(), microphone=(), payment=()"),
];

/// The hub, for whoever answers a request. One store, one lock: `SQLite` has one writer.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<HubState>>);

impl Shared {
    /// Shares a hub.
    pub(crate) fn new(hub: HubState) -> Self {
        Self(Arc::new(Mutex::new(hub)))
    }

    /// Runs with the lock, off the threads that serve. None when it panicked.
    async fn with<T: Send + 'static>(&self, run: impl FnOnce(&mut HubState) -> T + Send + 'static) -> Option<T> {
        let hub = Arc::clone(&self.0);
        // Every change of the store is a transaction: one that a panic cut off left nothing behind.
        tokio::task::spawn_blocking(move || run(&mut hub.lock().unwrap_or_else(PoisonError::into_inner))).await.ok()
    }
}

/// All routes.
pub(crate) fn router(hub: Shared, ui: Option<&Path>) -> Router {
    let mut router = Router::new()
        .route(protocol::SYNC_PATH, post(exchange).layer(DefaultBodyLimit::max(MAX_SYNC_BODY_BYTES)))
        .route(protocol::ENROL_PATH, post(enrol).layer(DefaultBodyLimit::max(MAX_ENROL_BODY_BYTES)))
        .route("/v1/bundles", post(take_bundle).get(make_bundle).layer(DefaultBodyLimit::disable()))
        .route("/v1/time", get(async || axum::Json(serde_json::json!({ "hub_ms": world::wall_ms() }))))
        .route("/healthz", get(healthz))
        .route("/api/{command}", post(command))
        .route("/api/{command}/{*rest}", any(async || StatusCode::NOT_FOUND))
        .route("/v1/{*rest}", any(async || StatusCode::NOT_FOUND))
        .with_state(hub);
    if let Some(ui) = ui {
        // A screen's address is the page's; only what is not a file falls back to it.
        router = router.fallback_service(ServeDir::new(ui).fallback(ServeFile::new(ui.join("index.html"))));
    }
    router = router.layer(CompressionLayer::new());
    for (name, value) in HEADERS {
        router = router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }
    router.layer(middleware::from_fn(around))
}

async fn exchange(State(hub): State<Shared>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    device_route(hub, &headers, body, sync::exchange).await
}

async fn enrol(State(hub): State<Shared>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    device_route(hub, &headers, body, sync::enrol).await
}

async fn device_route(
    hub: Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    answer: fn(&mut HubState, Option<Claim>, &[u8]) -> HttpResponse,
) -> Response {
    let claim = Claim::read(|name| headers.get(name).and_then(|value| value.to_str().ok()));
    let response = match body {
        Ok(body) => hub.with(move |hub| answer(hub, claim, &body)).await,
        Err(BytesRejection::FailedToBufferBody(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Some(sync::refusal(RefusalCode::TooLarge))
        }
        Err(_) => Some(sync::refusal(RefusalCode::BadRequest)),
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
async fn take_bundle(State(hub): State<Shared>, request: Request) -> Response {
    bundles::receive(hub.0, request.into_body()).await
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
    let (visit, wanted) = (read_visit(&headers), scope.clone());
    // Somebody who may not hold the scope hears nothing about it, not even whether there is one.
    match hub.with(move |hub| api::may_hold(hub, &visit, &wanted)).await {
        Some(Ok(true)) => bundles::send(hub.0, bundles::Whom::Scope(scope)).await,
        Some(Ok(false)) => StatusCode::FORBIDDEN.into_response(),
        Some(Err(error)) if error.code == ErrorCode::NotSignedIn => StatusCode::UNAUTHORIZED.into_response(),
        Some(Err(_)) | None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn healthz(State(hub): State<Shared>) -> Response {
    let works = hub.with(|hub| hub.store.logs().is_ok()).await;
    if works == Some(true) { "ok".into_response() } else { StatusCode::SERVICE_UNAVAILABLE.into_response() }
}

async fn command(
    State(hub): State<Shared>,
    RoutePath(command): RoutePath<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let reply = match check_origin(&headers) {
        Ok(()) => run_command(&hub, command, &headers, request).await,
        Err(error) => Err(error),
    };
    match reply {
        Ok((view, remember)) => {
            let mut reply = axum::Json(view).into_response();
            if let Some(cookie) = cookie(&remember) {
                reply.headers_mut().append(SET_COOKIE, cookie);
            }
            reply
        }
        Err(error) => {
            let status = StatusCode::from_u16(api::http_status(error.code));
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), axum::Json(error)).into_response()
        }
    }
}

async fn run_command(
    hub: &Shared,
    command: String,
    headers: &HeaderMap,
    request: Request,
) -> Result<(Value, Remember), ApiError> {
    let visit = read_visit(headers);
    let internal = || ApiError::new(ErrorCode::Internal);
    let known = match visit.token {
        Some(token) => hub.with(move |hub| api::is_signed_in(hub, token)).await.ok_or_else(internal)??,
        None => false,
    };
    let limit = if known { MAX_COMMAND_BYTES } else { MAX_VISITOR_BYTES };
    let too_large = || ApiError::with(ErrorCode::TooLarge, format_args!("{limit} bytes"));
    let body = axum::body::to_bytes(request.into_body(), limit).await.map_err(|_| too_large())?;
    match api::prepare(&command, &body)? {
        Prepared::Command(request) => {
            hub.with(move |hub| api::answer(hub, &visit, &command, request)).await.ok_or_else(internal)?
        }
        Prepared::SignIn { name, password } => {
            let looked_up = name.clone();
            let hash = hub.with(move |hub| api::begin_sign_in(hub, &looked_up)).await.ok_or_else(internal)??;
            let _turn = PASSWORD_CHECKS.acquire().await.map_err(|_| internal())?;
            let check = move || account::password_fits(&password, hash.as_deref());
            if !tokio::task::spawn_blocking(check).await.map_err(|_| internal())? {
                return Err(ApiError::new(ErrorCode::WrongSignIn));
            }
            hub.with(move |hub| api::finish_sign_in(hub, &name, &visit)).await.ok_or_else(internal)?
        }
    }
}

/// A command has to be JSON and from the hub's own page: no other page can make a browser send that.
fn check_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let json = text(&CONTENT_TYPE)
        .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
    let host = text(&HOST).unwrap_or_default();
    let own_origin = text(&ORIGIN)
        .is_none_or(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host));
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    let own_site = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
    if json && own_origin && own_site { Ok(()) } else { Err(ApiError::new(ErrorCode::BadRequest)) }
}

fn read_visit(headers: &HeaderMap) -> Visit {
    let cookies: Vec<(&str, &str)> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .collect();
    let find = |name| cookies.iter().find(|(cookie, _)| *cookie == name).map(|(_, value)| *value);
    Visit {
        token: find(SESSION_COOKIE).and_then(Token::read),
        language: find(LANGUAGE_COOKIE).and_then(|word| word.parse().ok()).unwrap_or(Language::Az),
    }
}

fn cookie(remember: &Remember) -> Option<HeaderValue> {
    let cookie = match remember {
        Remember::Nothing => return None,
        Remember::Session(token) => {
            format!("{SESSION_COOKIE}={}; Max-Age={}; {COOKIE_RULES}", token.text(), SESSION_MS / 1000)
        }
        Remember::NoSession => format!("{SESSION_COOKIE}=; Max-Age=0; {COOKIE_RULES}"),
        Remember::Language(language) => {
            format!("{LANGUAGE_COOKIE}={language}; Max-Age={LANGUAGE_SECONDS}; {COOKIE_RULES}")
        }
    };
    HeaderValue::from_str(&cookie).ok()
}

/// Logs a request without its content, and keeps answers about people out of caches.
async fn around(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began_ms = world::monotonic_ms();
    let mut response = next.run(request).await;
    let dynamic = path.starts_with("/api/") || path.starts_with("/v1/");
    if dynamic {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if dynamic || method != Method::GET {
        let took_ms = world::monotonic_ms().saturating_sub(began_ms);
        tracing::debug!(%method, path, status = response.status().as_u16(), took_ms, "answered");
    }
    response
}
