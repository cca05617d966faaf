//! When attachments move: one at a time, rarer after failures, and what is known of the line from one time to the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kend_sync::PiecePace;

use crate::{Again, Tried};

/// The attachments' way, between two times that they move.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    pace: PiecePace,
    again: Again,
    /// Not before, by the steady clock.
    not_before_ms: u64,
}

impl Moves {
    /// The right to move them; none while somebody has it.
    pub(crate) fn turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.turn.try_lock().ok()
    }

    /// What is known of the line.
    pub(crate) fn pace(&self) -> PiecePace {
        self.lock().pace
    }

    /// A person asked for it: what failed before does not count.
    pub(crate) fn begin_anew(&self) {
        let mut known = self.lock();
        (known.again, known.not_before_ms) = (Again::default(), 0);
    }

    /// Whether it failed a while ago only.
    pub(crate) fn is_too_early(&self) -> bool {
        kend_world::monotonic_ms() < self.lock().not_before_ms
    }

    /// Notes how it went.
    pub(crate) fn note(&self, pace: PiecePace, tried: Tried) {
        let mut known = self.lock();
        known.pace = pace;
        let lot = kend_world::lot();
        known.again = known.again.after(tried);
        let failed = tried != Tried::Through;
        let wait = if failed { u64::try_from(known.again.wait(lot).as_millis()).unwrap_or(u64::MAX) } else { 0 };
        known.not_before_ms = kend_world::monotonic_ms().saturating_add(wait);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
