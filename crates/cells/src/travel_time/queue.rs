//! Cells that wait for their turn, in buckets by their minutes.
//!
//! A ring of buckets reaches from the lowest that holds anything to a horizon; what lies beyond waits aside and is looked
//! at again when the ring is empty. Dial's algorithm (1969) with real costs, as Denardo and Fox (1979) have it: with
//! buckets no wider than the shortest edge the order within a bucket doesn't matter. Memory is that of the frontier:
//! emptied buckets are used again.

use crate::number::{narrow, place};

/// Buckets of the ring: 240 minutes of buckets as wide as 100 m of motorway.
const RING: u32 = 4096;
/// The last bucket there is: costs beyond share it.
const LAST_BUCKET: u32 = u32::MAX - RING;

/// A cell and the minutes it was found with. If the cell has been improved since, it waits elsewhere too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// Place in the padded grid.
    pub(super) at: u32,
    pub(super) minutes: f32,
}

pub(super) struct Queue {
    bucket_minutes: f32,
    per_minute: f32,
    ring: Vec<Vec<Waiting>>,
    /// Buckets of the ring that hold something may begin here.
    lowest: u32,
    in_ring: usize,
    beyond: Vec<Waiting>,
    /// The lowest bucket of what waits beyond.
    lowest_beyond: u32,
    emptied: Vec<Vec<Waiting>>,
}

impl Queue {
    pub(super) fn new(bucket_minutes: f32) -> Self {
        Self {
            bucket_minutes,
            per_minute: 1.0 / bucket_minutes,
            ring: (0..RING).map(|_| Vec::new()).collect(),
            lowest: 0,
            in_ring: 0,
            beyond: Vec::new(),
            lowest_beyond: u32::MAX,
            emptied: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        let bucket = self.bucket(waiting.minutes).max(self.lowest);
        if bucket - self.lowest >= RING {
            self.beyond.push(waiting);
            self.lowest_beyond = self.lowest_beyond.min(bucket);
            return;
        }
        if let Some(slot) = self.ring.get_mut(place(bucket % RING)) {
            if slot.capacity() == 0
                && let Some(emptied) = self.emptied.pop()
            {
                *slot = emptied;
            }
            slot.push(waiting);
            self.in_ring += 1;
        }
    }

    /// All that waits in the lowest bucket, and the minutes at which that bucket begins. `None` when nothing waits.
    pub(super) fn lowest_bucket(&mut self) -> Option<(Vec<Waiting>, f32)> {
        if self.in_ring == 0 {
            if self.beyond.is_empty() {
                return None;
            }
            self.lowest = self.lowest_beyond;
        }
        loop {
            if self.lowest >= self.lowest_beyond {
                self.move_horizon();
            }
            let slot = self.ring.get_mut(place(self.lowest % RING))?;
            if slot.is_empty() {
                self.lowest += 1;
                continue;
            }
            let batch = std::mem::take(slot);
            self.in_ring -= batch.len();
            return Some((batch, self.begins(self.lowest)));
        }
    }

    /// Takes the memory of an emptied bucket for the next one.
    pub(super) fn give_back(&mut self, mut batch: Vec<Waiting>) {
        batch.clear();
        self.emptied.push(batch);
    }

    /// Brings into the ring what the horizon has come to.
    fn move_horizon(&mut self) {
        self.lowest_beyond = u32::MAX;
        for waiting in std::mem::take(&mut self.beyond) {
            self.push(waiting);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "minutes are from 0, and the end holds"
    )]
    fn bucket(&self, minutes: f32) -> u32 {
        ((minutes * self.per_minute) as u32).min(LAST_BUCKET)
    }

    /// A little below the true beginning, since the bucket was found by a rounded product.
    fn begins(&self, bucket: u32) -> f32 {
        const ROUNDING: f64 = 1.0 - 1e-6;
        narrow(f64::from(bucket) * f64::from(self.bucket_minutes) * ROUNDING)
    }
}
