//! Random numbers from a seed: the same on every machine, and for each purpose a stream of its own, so that a change in one
//! layer moves no other.

use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng as _};

use crate::random::share;

/// What random numbers are drawn for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Standings of zones.
    Standings = 1,
    /// People of zones.
    People,
    /// Where settlements are.
    Settlements,
    /// Where points of a layer begin.
    Points,
    /// Figures that are missing.
    Missing,
    /// Spellings in tables.
    Spellings,
    /// Cells of rasters.
    Rasters,
}

/// A stream of random numbers.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of a purpose; `part` tells layers and zones apart.
    pub(super) fn new(seed: u64, purpose: Purpose, part: u64) -> Self {
        /// Far more than there are layers and zones.
        const PARTS: u64 = 1 << 32;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(purpose as u64 * PARTS + part);
        Self(random)
    }

    /// A number in [0, 1).
    pub(super) fn share(&mut self) -> f64 {
        share(&mut self.0)
    }

    /// A number in [from, to).
    pub(super) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.share()
    }
}
