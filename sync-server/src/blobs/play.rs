//! Attachments for people in a browser: `GET /attachments/{interview}/{attachment}/{question}`, in any part.
//!
//! Who may read the interview may hear and see what was recorded with it, and to everybody else there is nothing. The hub
//! opens the part that is asked for, a mebibyte at a time, so that playing begins at once and goes on from any place.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, RANGE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use kend_app::api::{ApiError, ErrorCode};
use kend_domain::EntityId;
use kend_log::Attachment;
use kend_store::BlobRange;
use object_store::ObjectStoreExt;

use super::{Blobs, key};
use crate::api;
use crate::routes::Shared;
use crate::visit::read_visit;

/// Bytes that are opened at once.
const PART_BYTES: u64 = 1024 * 1024;
const ANY_BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Which attachment is asked for.
#[derive(serde::Deserialize)]
pub(crate) struct Wanted {
    interview: String,
    attachment: String,
    question: String,
}

/// Answers a browser.
pub(crate) async fn answer(hub: Shared, encrypted: bool, wanted: Wanted, headers: HeaderMap) -> Response {
    let visit = read_visit(&headers, encrypted);
    let blobs = hub.blobs();
    let found = match wanted.interview.parse::<EntityId>() {
        Ok(interview) => {
            let find = move |hub: &mut _| api::attachment(hub, &visit, interview, &wanted.question, &wanted.attachment);
            hub.write(find).await.unwrap_or(Err(ApiError::new(ErrorCode::HubUnreachable)))
        }
        Err(_) => Err(ApiError::new(ErrorCode::NotFound)),
    };
    match found {
        Ok(attachment) => play(blobs, attachment, headers.get(RANGE)),
        Err(error) => {
            let error = api::for_outside(error);
            let status = StatusCode::from_u16(api::http_status(error.code));
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
}

fn play(blobs: Arc<Blobs>, attachment: Attachment, asked: Option<&HeaderValue>) -> Response {
    let size_bytes = attachment.size_bytes;
    let (from, to, status) = match asked.map(|asked| part(asked, size_bytes)) {
        None | Some(Part::All) => (0, size_bytes, StatusCode::OK),
        Some(Part::Of(from, to)) => (from, to, StatusCode::PARTIAL_CONTENT),
        Some(Part::Nowhere) => {
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, format!("bytes */{size_bytes}"))])
                .into_response();
        }
    };
    let (kind, shown) = shown(&attachment.media_type);
    let mut reply = (status, Body::from_stream(opened(blobs, attachment, from, to))).into_response();
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(to - from));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if !shown {
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    if let (StatusCode::PARTIAL_CONTENT, Ok(range)) =
        (status, HeaderValue::from_str(&format!("bytes {from}-{}/{size_bytes}", to.saturating_sub(1))))
    {
        headers.insert(CONTENT_RANGE, range);
    }
    reply
}

/// As what a browser is given it, and whether it may show it by itself: sounds and pictures that hold no program.
fn shown(media_type: &str) -> (HeaderValue, bool) {
    let plain = (media_type.starts_with("audio/") || media_type.starts_with("image/")) && media_type != "image/svg+xml";
    match HeaderValue::from_str(media_type) {
        Ok(kind) if plain => (kind, true),
        _ => (ANY_BYTES, false),
    }
}

/// The plaintext from one place to another. What fails ends it early, and the browser sees that the length is wrong.
fn opened(
    blobs: Arc<Blobs>,
    attachment: Attachment,
    from: u64,
    to: u64,
) -> impl futures_util::Stream<Item = anyhow::Result<Bytes>> {
    stream::try_unfold(from, move |at| {
        let (blobs, attachment) = (Arc::clone(&blobs), attachment.clone());
        async move {
            // As far as a whole part, so that no chunk is opened twice.
            let most_bytes = (PART_BYTES - at % PART_BYTES).min(to.saturating_sub(at));
            let Some(range) = BlobRange::new(attachment.size_bytes, at, most_bytes) else { return Ok(None) };
            let sealed = blobs.store.get_range(&key(&attachment.blob), range.sealed()).await;
            let sealed = sealed.inspect_err(|error| tracing::error!(%error, "the object store fails"))?;
            let plain = range.open(&sealed, &attachment.key).inspect_err(|error| {
                tracing::error!(%error, blob = %attachment.blob, "an attachment can't be opened");
            })?;
            Ok(Some((Bytes::from(plain), range.to())))
        }
    })
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    All,
    /// From one place up to another.
    Of(u64, u64),
    /// Nothing that there is.
    Nowhere,
}

/// Reads a `Range` (RFC 9110, 14.1.2). One that is not understood, or asks for several parts, asks for all.
fn part(asked: &HeaderValue, size_bytes: u64) -> Part {
    let bounds = asked.to_str().ok().and_then(|asked| asked.strip_prefix("bytes=")?.split_once('-'));
    let Some((first, last)) = bounds else { return Part::All };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (from, to) = match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(last) => (size_bytes.saturating_sub(last), size_bytes),
            None => return Part::All,
        },
        (first, "") => match number(first) {
            Some(first) => (first, size_bytes),
            None => return Part::All,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size_bytes)),
            _ => return Part::All,
        },
    };
    if from < to { Part::Of(from, to) } else { Part::Nowhere }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_browsers_write_it() {
        for (asked, wanted) in [
            ("bytes=0-", Part::Of(0, 100)),
            ("bytes=10-19", Part::Of(10, 20)),
            ("bytes=90-1000", Part::Of(90, 100)),
            ("bytes=-10", Part::Of(90, 100)),
            ("bytes=-1000", Part::Of(0, 100)),
            ("bytes=100-", Part::Nowhere),
            ("bytes=-0", Part::Nowhere),
            ("bytes=20-10", Part::All),
            ("bytes=0-1,5-6", Part::All),
            ("bytes=", Part::All),
            ("bytes=-", Part::All),
            ("items=0-1", Part::All),
            ("bytes=99999999999999999999-", Part::All),
        ] {
            assert_eq!(part(&HeaderValue::from_static(asked), 100), wanted, "{asked}");
        }
    }

    #[test]
    fn a_browser_shows_nothing_by_itself_that_could_hold_a_program() {
        for (media_type, shows) in [
            ("audio/webm", true),
            ("image/jpeg", true),
            ("image/svg+xml", false),
            ("text/html", false),
            ("application/pdf", false),
        ] {
            assert_eq!(shown(media_type).1, shows, "{media_type}");
        }
    }
}
