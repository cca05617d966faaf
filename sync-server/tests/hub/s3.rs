//! A small store that speaks as much of S3 as a hub needs: put, parts, get with a range, delete. It keeps all in memory and
//! believes everybody.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

#[derive(Default)]
struct Objects {
    whole: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
}

type Shared = Arc<Mutex<Objects>>;

/// The store, for as long as its test runs.
pub(crate) struct S3 {
    address: SocketAddr,
    objects: Shared,
}

impl S3 {
    pub(crate) async fn start() -> Self {
        let objects = Shared::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&objects));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, objects }
    }

    /// What tells a hub of it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "village".to_owned()),
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ]
    }

    pub(crate) fn object(&self, name: &str) -> Option<Vec<u8>> {
        self.objects.lock().unwrap().whole.get(name).cloned()
    }

    pub(crate) fn count(&self) -> usize {
        self.objects.lock().unwrap().whole.len()
    }
}

async fn answer(State(objects): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    assert!(head.headers.contains_key("authorization"), "a request that nobody signed");
    let name = head.uri.path().trim_start_matches('/').to_owned();
    let query: BTreeMap<String, String> = head.uri.query().map_or_else(BTreeMap::new, |query| {
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(k, v)| (k.into(), v.into()))
            .collect()
    });
    let range = head.headers.get("range").map(|range| range.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut objects = objects.lock().unwrap();
    match (head.method, query.get("uploadId")) {
        (Method::POST, None) if query.contains_key("delete") => {
            let text = String::from_utf8(body.to_vec()).unwrap();
            let mut deleted = String::new();
            for key in text.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap()) {
                objects.whole.remove(&format!("{name}/{key}"));
                deleted.extend(["<Deleted><Key>", key, "</Key></Deleted>"]);
            }
            xml(&format!("<DeleteResult>{deleted}</DeleteResult>"))
        }
        (Method::POST, None) => {
            objects.parts.insert(name.clone(), BTreeMap::new());
            xml(&format!(
                "<InitiateMultipartUploadResult><UploadId>{}</UploadId></InitiateMultipartUploadResult>",
                "u1"
            ))
        }
        (Method::PUT, Some(_)) => {
            let number = query["partNumber"].parse().unwrap();
            objects.parts.get_mut(&name).unwrap().insert(number, body.to_vec());
            (StatusCode::OK, [("etag", format!("\"{number}\""))]).into_response()
        }
        (Method::POST, Some(_)) => {
            let parts = objects.parts.remove(&name).unwrap();
            let short = parts.values().rev().skip(1).any(|part| part.len() < 5 * 1024 * 1024);
            assert!(!short, "S3 takes no part of less than 5 MiB but the last");
            objects.whole.insert(name, parts.into_values().flatten().collect());
            xml("<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>")
        }
        (Method::PUT, None) => {
            objects.whole.insert(name, body.to_vec());
            (StatusCode::OK, [("etag", "\"whole\"")]).into_response()
        }
        (Method::GET, _) => match objects.whole.get(&name) {
            None => StatusCode::NOT_FOUND.into_response(),
            Some(object) => get(object, range.as_deref()),
        },
        _ => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}

fn get(object: &[u8], range: Option<&str>) -> Response {
    let total = object.len();
    let headers = [("etag", "\"whole\"".to_owned()), ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT".to_owned())];
    let Some(range) = range else { return (headers, Body::from(Bytes::copy_from_slice(object))).into_response() };
    let (from, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (from, last) = (from.parse::<usize>().unwrap(), last.parse::<usize>().unwrap_or(total - 1).min(total - 1));
    let content_range = [("content-range", format!("bytes {from}-{last}/{total}"))];
    (StatusCode::PARTIAL_CONTENT, headers, content_range, Bytes::copy_from_slice(&object[from..=last])).into_response()
}

fn xml(text: &str) -> Response {
    ([("content-type", "application/xml")], text.to_owned()).into_response()
}
