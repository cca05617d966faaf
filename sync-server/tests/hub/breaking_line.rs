//! A line between devices and a hub that breaks after so many bytes, holds still, or is slow and long, and counts what went
//! over it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Bytes handed on at once.
const STEP_BYTES: u64 = 16 * 1024;
/// Steps on their way at once: enough that a long line is full.
const UNDER_WAY: usize = 256;
const NEVER: u64 = u64::MAX;

/// One way of the line.
#[derive(Debug)]
struct Way {
    /// All that went over it.
    bytes: AtomicU64,
    /// A connection breaks after so many.
    breaks_every: AtomicU64,
    /// Nothing goes on once so many went over it in all.
    holds_at: AtomicU64,
    /// So many go over it in a second.
    bytes_per_s: AtomicU64,
    /// How long each is on its way.
    delay_ms: AtomicU64,
}

impl Way {
    fn new() -> Self {
        Self {
            bytes: AtomicU64::new(0),
            breaks_every: AtomicU64::new(NEVER),
            holds_at: AtomicU64::new(NEVER),
            bytes_per_s: AtomicU64::new(NEVER),
            delay_ms: AtomicU64::new(0),
        }
    }

    /// Hands on until the line ends or breaks.
    async fn carry(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let (entering, mut leaving) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
        let enter = async move {
            let mut since = 0;
            loop {
                let most = self.breaks_every.load(Ordering::Relaxed).saturating_sub(since).min(STEP_BYTES);
                let mut step = vec![0; usize::try_from(most).unwrap()];
                let Ok(read @ 1..) = from.read(&mut step).await else { return };
                step.truncate(read);
                let bytes = read as u64;
                let rate = self.bytes_per_s.load(Ordering::Relaxed);
                tokio::time::sleep(Duration::from_micros(bytes * 1_000_000 / rate)).await;
                let arrives = Instant::now() + Duration::from_millis(self.delay_ms.load(Ordering::Relaxed));
                if entering.send((arrives, step)).await.is_err() {
                    return;
                }
                since += bytes;
            }
        };
        let leave = async {
            while let Some((arrives, step)) = leaving.recv().await {
                tokio::time::sleep_until(arrives).await;
                while self.bytes.load(Ordering::Relaxed) >= self.holds_at.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                if to.write_all(&step).await.is_err() {
                    return;
                }
                self.bytes.fetch_add(step.len() as u64, Ordering::Relaxed);
            }
        };
        // What entered leaves, also when the line broke behind it.
        tokio::join!(enter, leave);
    }
}

/// The line.
pub(crate) struct BreakingLine {
    pub(crate) address: String,
    target: Arc<Mutex<String>>,
    up: Arc<Way>,
    down: Arc<Way>,
    serving: tokio::task::JoinHandle<()>,
}

impl BreakingLine {
    /// A line to an address, whole for now.
    pub(crate) async fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let target = Arc::new(Mutex::new(target.to_owned()));
        let (up, down) = (Arc::new(Way::new()), Arc::new(Way::new()));
        let (target_of, up_of, down_of) = (Arc::clone(&target), Arc::clone(&up), Arc::clone(&down));
        let serving = tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                let target = target_of.lock().unwrap().strip_prefix("http://").unwrap().to_owned();
                let (up, down) = (Arc::clone(&up_of), Arc::clone(&down_of));
                tokio::spawn(async move {
                    let Ok(hub) = TcpStream::connect(target).await else { return };
                    let ((from_device, to_device), (from_hub, to_hub)) = (device.into_split(), hub.into_split());
                    tokio::select! {
                        () = up.carry(from_device, to_hub) => {}
                        () = down.carry(from_hub, to_device) => {}
                    }
                });
            }
        });
        Self { address, target, up, down, serving }
    }

    /// The hub is elsewhere now.
    pub(crate) fn lead_to(&self, target: &str) {
        target.clone_into(&mut self.target.lock().unwrap());
    }

    /// Every connection breaks after so many bytes, one way and the other.
    pub(crate) fn break_every(&self, up_bytes: u64, down_bytes: u64) {
        self.up.breaks_every.store(up_bytes, Ordering::Relaxed);
        self.down.breaks_every.store(down_bytes, Ordering::Relaxed);
    }

    /// So many bytes go over it in a second, each way, and each is so long on its way.
    pub(crate) fn slow_down(&self, bytes_per_s: u64, delay_ms: u64) {
        for way in [&self.up, &self.down] {
            way.bytes_per_s.store(bytes_per_s, Ordering::Relaxed);
            way.delay_ms.store(delay_ms, Ordering::Relaxed);
        }
    }

    /// Holds still once so many more bytes went up, or down.
    pub(crate) fn hold_after(&self, up_bytes: u64, down_bytes: u64) {
        for (way, bytes) in [(&self.up, up_bytes), (&self.down, down_bytes)] {
            way.holds_at.store(way.bytes.load(Ordering::Relaxed).saturating_add(bytes), Ordering::Relaxed);
        }
    }

    /// Goes on.
    pub(crate) fn go_on(&self) {
        self.hold_after(NEVER, NEVER);
    }

    /// What went up and down in all.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.up.bytes.load(Ordering::Relaxed), self.down.bytes.load(Ordering::Relaxed))
    }
}

impl Drop for BreakingLine {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
