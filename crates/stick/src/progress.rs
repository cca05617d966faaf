//! How far writing or reading has come, and the wish to stop: shared between who works and who watches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far it has come.
#[derive(Debug, Default)]
pub struct Progress {
    total_bytes: AtomicU64,
    done_bytes: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Says how much there is to do.
    pub fn expect(&self, total_bytes: u64) {
        self.total_bytes.store(total_bytes, Ordering::Relaxed);
    }

    /// Adds what is done.
    pub fn add(&self, bytes: u64) {
        self.done_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Wishes that it stops. What works looks at this with every piece.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Done and to do, in bytes. What was not foreseen makes the total grow: it never shows more than all.
    pub fn bytes(&self) -> (u64, u64) {
        let done_bytes = self.done_bytes.load(Ordering::Relaxed);
        (done_bytes, self.total_bytes.load(Ordering::Relaxed).max(done_bytes))
    }
}
