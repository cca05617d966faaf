//! How long a connection is waited for: a slow honest device is kept, whoever holds a connection without using it is not.
//!
//! While a body comes in, some of it must come in every [`WINDOW`]: at one KiB in half a minute a device passes easily,
//! silence and single bytes do not. What comes is counted against the memory of all bodies together, as it comes, so that
//! a flood is refused before it fills the machine. Nothing here holds the hub's lock.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// How long a request's head may take, and a connection be kept without a request.
pub(crate) const HEAD: Duration = Duration::from_secs(75);
/// How long a handshake may take.
pub(crate) const HANDSHAKE: Duration = Duration::from_mins(1);
/// While a body comes in, in each such time ...
pub(crate) const WINDOW: Duration = Duration::from_secs(75);
/// ... at least this much comes.
pub(crate) const WINDOW_BYTES: usize = 512;
/// Of a body that is too large, this much more is read and thrown away: who still sends does not listen yet.
const LINGER_BYTES: usize = 1024 * 1024;
/// Memory of all bodies together.
pub(crate) const BODIES_BYTES: usize = 128 * 1024 * 1024;

/// A body that did not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoBody {
    /// It is larger than its limit.
    TooLarge,
    /// It came too slowly, or broke off.
    Broken,
    /// The hub has no room for it now.
    NoRoom,
}

/// The memory of all bodies that come in.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<Semaphore>);

/// A body, and the room that it takes up.
#[derive(Debug)]
pub(crate) struct Held {
    /// The body.
    pub(crate) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(BODIES_BYTES)
    }
}

impl Room {
    fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Reads a body to its end.
    pub(crate) async fn read(&self, body: Body, limit_bytes: usize) -> Result<Held, NoBody> {
        let mut incoming = self.incoming(body, limit_bytes)?;
        while incoming.more().await? {}
        Ok(incoming.held())
    }

    /// A body to be read piece by piece.
    pub(crate) fn incoming(&self, body: Body, limit_bytes: usize) -> Result<Incoming, NoBody> {
        let said_bytes = http_body::Body::size_hint(&body).lower();
        if usize::try_from(said_bytes).map_or(true, |said| said > limit_bytes + LINGER_BYTES) {
            return Err(NoBody::TooLarge);
        }
        Ok(Incoming {
            of: self.clone(),
            body,
            limit_bytes,
            bytes: Vec::new(),
            room: None,
            thrown_bytes: 0,
            too_large: false,
            window_ends: Instant::now() + WINDOW,
            in_window: 0,
        })
    }
}

/// A body that comes in.
pub(crate) struct Incoming {
    of: Room,
    body: Body,
    limit_bytes: usize,
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
    thrown_bytes: usize,
    too_large: bool,
    window_ends: Instant,
    in_window: usize,
}

impl Incoming {
    /// What has come so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All of it, and the room that it takes up.
    pub(crate) fn held(self) -> Held {
        Held { bytes: self.bytes.into(), _room: self.room }
    }

    /// Waits for more. False when that was all.
    pub(crate) async fn more(&mut self) -> Result<bool, NoBody> {
        loop {
            let frame = match timeout_at(self.window_ends, self.body.frame()).await {
                Ok(None) if self.too_large => return Err(NoBody::TooLarge),
                Ok(None) => return Ok(false),
                Ok(Some(frame)) => frame.map_err(|_| NoBody::Broken)?,
                Err(_) if self.in_window < WINDOW_BYTES => return Err(NoBody::Broken),
                Err(_) => {
                    (self.window_ends, self.in_window) = (Instant::now() + WINDOW, 0);
                    continue;
                }
            };
            let Ok(data) = frame.into_data() else { continue };
            self.in_window += data.len();
            self.too_large = self.too_large || self.bytes.len() + data.len() > self.limit_bytes;
            if self.too_large {
                (self.bytes, self.room) = (Vec::new(), None);
                self.thrown_bytes += data.len();
                if self.thrown_bytes > LINGER_BYTES {
                    return Err(NoBody::TooLarge);
                }
                continue;
            }
            let size = u32::try_from(data.len()).map_err(|_| NoBody::TooLarge)?;
            let more = Arc::clone(&self.of.0).try_acquire_many_owned(size).map_err(|_| NoBody::NoRoom)?;
            match &mut self.room {
                Some(room) => room.merge(more),
                None => self.room = Some(more),
            }
            self.bytes.extend_from_slice(&data);
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    struct Stream(mpsc::Receiver<Vec<u8>>);

    impl http_body::Body for Stream {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
            self.0.poll_recv(context).map(|data| data.map(|data| Ok(http_body::Frame::data(data.into()))))
        }
    }

    /// A body that gives a piece after each of the pauses.
    fn trickle(piece_bytes: usize, pauses: Vec<Duration>) -> Body {
        let (send, receive) = mpsc::channel(1);
        tokio::spawn(async move {
            for pause in pauses {
                tokio::time::sleep(pause).await;
                if send.send(vec![7; piece_bytes]).await.is_err() {
                    return;
                }
            }
        });
        Body::new(Stream(receive))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_honest_device_is_kept_for_an_hour_and_silence_or_single_bytes_are_cut() {
        let room = Room::default();
        let slow = trickle(1024, vec![Duration::from_secs(30); 120]);
        assert_eq!(room.read(slow, 1 << 20).await.unwrap().bytes.len(), 120 * 1024);
        for (name, piece_bytes, pauses) in [
            ("silence", 1024, vec![Duration::from_secs(1), Duration::from_mins(10)]),
            ("single bytes", 1, vec![Duration::from_secs(10); 100]),
            ("nothing at all", 1024, vec![Duration::from_mins(10)]),
        ] {
            let began = Instant::now();
            let cut = room.read(trickle(piece_bytes, pauses), 1 << 20).await;
            assert_eq!(cut.err(), Some(NoBody::Broken), "{name}");
            assert!(began.elapsed() <= 2 * WINDOW, "{name}");
        }
    }

    #[tokio::test]
    async fn all_bodies_together_stay_within_their_room_and_give_it_back() {
        let room = Room::of(3000);
        let body = || Body::from(vec![7; 2000]);
        let first = room.read(body(), 4000).await.unwrap();
        assert_eq!(room.read(body(), 4000).await.err(), Some(NoBody::NoRoom));
        drop(first);
        assert_eq!(room.read(body(), 4000).await.unwrap().bytes.len(), 2000);
        assert_eq!(room.read(body(), 1999).await.err(), Some(NoBody::TooLarge));
        let unsaid = trickle(1500, vec![Duration::ZERO; 2]);
        assert_eq!(room.read(unsaid, 2000).await.err(), Some(NoBody::TooLarge));
    }
}
