//! Bundles over HTTP: `POST /v1/bundles` takes one volume in, `GET /v1/bundles?scope=` makes one.
//!
//! A volume has up to a gigabyte, so neither is ever in memory as a whole: bytes go by between the connection and a
//! thread that reads or writes records, and what is on its way counts against the room of all bodies. A line that breaks off is a bundle that breaks off: what came before counts.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use kend_bundle::carry::Foreign;
use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{OpenError, RecordKind, Volumes, name};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

use super::{Export, ExportError, ImportError, Imported, Whom, import};
use crate::door::Hub;
use crate::patience::{Held, Pieces};
use crate::routes::Shared;
use crate::world;

/// Pieces on their way between connection and thread.
const PIECES: usize = 8;
/// Size of a piece of a bundle that is being made.
const PIECE_BYTES: usize = 64 * 1024;
/// Bundles taken in or made at once; each has a thread of its own.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Takes in a volume.
pub(crate) async fn receive(hub: Shared, mut pieces: Pieces) -> Response {
    let Ok(_turn) = TURNS.acquire().await else { return refused(StatusCode::SERVICE_UNAVAILABLE, "busy") };
    let (sender, receiver) = mpsc::channel(PIECES);
    let runtime = Handle::current();
    let taking = tokio::task::spawn_blocking(move || {
        let input = Incoming { receiver, piece: None, left_bytes: MAX_VOLUME_BYTES };
        import(&hub, &runtime, input)
    });
    // Who takes it in may have seen enough: then nobody listens any more.
    while let Some(piece) = pieces.next().await.transpose() {
        let failed = piece.is_err();
        let piece = piece.map_err(|_| io::Error::other("broken off, too slow, or no room for it now"));
        if sender.send(piece).await.is_err() || failed {
            break;
        }
    }
    drop(sender);
    match taking.await {
        Ok(Ok(imported)) => (StatusCode::OK, axum::Json(view(&imported))).into_response(),
        Ok(Err(error)) => refusal(&error),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, "busy"),
    }
}

fn view(imported: &Imported) -> serde_json::Value {
    let Imported { header, contents, entries, set_aside, early, blobs, broken, last } = imported;
    json!({
        "volume": header.volume,
        "last": last,
        "whole": broken.is_none(),
        "interviews": contents.interviews(),
        "blobs": contents.blobs(),
        "blobs_new": blobs.new,
        "blobs_refused": blobs.refused,
        "segments": contents.records(RecordKind::Segment),
        "entries_new": entries,
        "segments_set_aside": set_aside,
        "segments_early": early,
    })
}

fn refusal(error: &ImportError) -> Response {
    match error {
        ImportError::Open(OpenError::NotABundle) => refused(StatusCode::BAD_REQUEST, "not_a_bundle"),
        ImportError::Open(OpenError::Io(_)) => refused(StatusCode::BAD_REQUEST, "broken_off"),
        ImportError::Open(OpenError::Newer(_)) => refused(StatusCode::BAD_REQUEST, "newer"),
        ImportError::Open(OpenError::NotForUs) => refused(StatusCode::FORBIDDEN, "for_others"),
        ImportError::Foreign(Foreign::Project) => refused(StatusCode::FORBIDDEN, "other_project"),
        ImportError::Foreign(Foreign::Maker) => refused(StatusCode::FORBIDDEN, "unknown_maker"),
        ImportError::Foreign(Foreign::Direction) => refused(StatusCode::BAD_REQUEST, "for_a_device"),
        ImportError::Hub(error) => {
            tracing::error!(%error, "the hub fails");
            refused(StatusCode::SERVICE_UNAVAILABLE, "busy")
        }
    }
}

fn refused(status: StatusCode, code: &'static str) -> Response {
    (status, axum::Json(json!({ "code": code }))).into_response()
}

/// What comes over a connection, for a thread that reads.
struct Incoming {
    receiver: mpsc::Receiver<io::Result<Held>>,
    /// Never empty.
    piece: Option<Held>,
    left_bytes: u64,
}

impl Incoming {
    fn receive(&mut self) -> io::Result<Option<Held>> {
        while let Some(piece) = self.receiver.blocking_recv().transpose()? {
            let length = u64::try_from(piece.bytes.len()).unwrap_or(u64::MAX);
            let over = || io::Error::new(io::ErrorKind::FileTooLarge, "larger than a volume");
            self.left_bytes = self.left_bytes.checked_sub(length).ok_or_else(over)?;
            if length > 0 {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut piece = match self.piece.take() {
            Some(piece) => piece,
            None => match self.receive()? {
                Some(piece) => piece,
                None => return Ok(0),
            },
        };
        let taken = piece.bytes.split_to(piece.bytes.len().min(buffer.len()));
        self.piece = (!piece.bytes.is_empty()).then_some(piece);
        let (to, _) = buffer.split_at_mut(taken.len());
        to.copy_from_slice(&taken);
        Ok(taken.len())
    }
}

/// Makes a bundle; what does not fit into one volume of it comes with the next.
pub(crate) async fn send(hub: Arc<Mutex<Hub>>, whom: Whom) -> Response {
    let Ok(turn) = TURNS.acquire().await else { return refused(StatusCode::SERVICE_UNAVAILABLE, "busy") };
    let Ok(id) = world::random() else { return refused(StatusCode::SERVICE_UNAVAILABLE, "busy") };
    let (sender, receiver) = mpsc::channel(PIECES);
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let export = match Export::new(&hub, whom) {
            Ok(export) => export,
            Err(error) => return drop(ready.send(Err(error))),
        };
        let name = name::volume(&name::of(&super::lock(&hub).known().identity.project, &id), 1, 1);
        // Whoever asked may be gone already.
        let _ = ready.send(Ok(name));
        let volumes = OneVolume(sender.clone());
        if let Err(error) = export.write(id, volumes) {
            tracing::warn!(%error, "no bundle was made");
            // The connection breaks off, so that nobody takes what came for the whole.
            let _ = sender.blocking_send(Err(io::Error::other("broken off")));
        }
    });
    let file = match is_ready.await {
        Ok(Ok(file)) => file,
        Ok(Err(ExportError::UnknownDevice | ExportError::NoDevices)) => {
            return refused(StatusCode::NOT_FOUND, "no_devices");
        }
        Ok(Err(_)) | Err(_) => return refused(StatusCode::SERVICE_UNAVAILABLE, "busy"),
    };
    let pieces = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// The one volume that a connection carries.
struct OneVolume(mpsc::Sender<io::Result<Bytes>>);

/// A volume on its way over a connection.
struct Outgoing {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Volumes for OneVolume {
    type Output = Outgoing;

    fn begin(&mut self, volume: u32) -> io::Result<Outgoing> {
        if volume > 1 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than one volume: write it to a stick"));
        }
        Ok(Outgoing { sender: self.0.clone(), piece: Vec::with_capacity(PIECE_BYTES) })
    }

    fn end(&mut self, _: u32, mut output: Outgoing) -> io::Result<()> {
        output.flush()
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        if piece.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
