//! How much of an attachment goes into one request, by what the line was measured to carry.
//!
//! A hub keeps what a broken request brought, so a piece is not made small for fear of losing it. It takes some ten seconds:
//! long enough that the way to the hub and back weighs little, short enough that records which come meanwhile do not wait for
//! long. Where something on the way holds requests back until they are whole, a piece that fails without any progress is
//! halved.

/// A piece should take so long.
const PIECE_MS: u64 = 10_000;
/// The first piece on a line that nothing is known of: nine seconds at 60 kbit/s.
const FIRST_BYTES: u64 = 64 * 1024;
/// No piece is larger: it is held in memory.
pub const MAX_PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// None is smaller, whatever failed.
const SMALLEST_BYTES: u64 = 8 * 1024;
const MS_PER_S: u64 = 1_000;

/// What is known of a line, for attachments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PiecePace {
    bytes_per_s: Option<u64>,
    most_bytes: u64,
}

impl Default for PiecePace {
    fn default() -> Self {
        Self { bytes_per_s: None, most_bytes: MAX_PIECE_BYTES }
    }
}

impl PiecePace {
    /// Size of the next piece.
    pub fn piece_bytes(&self) -> u64 {
        let by_rate = self.bytes_per_s.map_or(FIRST_BYTES, |rate| rate.saturating_mul(PIECE_MS) / MS_PER_S);
        by_rate.clamp(SMALLEST_BYTES, self.most_bytes)
    }

    /// What the line carried last, in bytes a second. None before anything was measured.
    pub const fn bytes_per_s(&self) -> Option<u64> {
        self.bytes_per_s
    }

    /// How long so many bytes take; none before anything was measured.
    pub fn time_ms(&self, bytes: u64) -> Option<u64> {
        self.bytes_per_s.map(|rate| bytes.saturating_mul(MS_PER_S) / rate.max(1))
    }

    /// After so many bytes arrived in such a time, whether or not they were all that was sent.
    #[must_use]
    pub fn carried(self, bytes: u64, elapsed_ms: u64) -> Self {
        // The rest of an attachment may be too short to tell of anything but the way.
        if bytes < SMALLEST_BYTES {
            return self;
        }
        let now = bytes.saturating_mul(MS_PER_S) / elapsed_ms.max(1);
        let rate = self.bytes_per_s.map_or(now, |before| if now > before { now } else { u64::midpoint(before, now) });
        let most_bytes = self.most_bytes.saturating_mul(2).min(MAX_PIECE_BYTES);
        Self { bytes_per_s: Some(rate), most_bytes }
    }

    /// After a piece of which nothing arrived.
    #[must_use]
    pub fn stuck(self) -> Self {
        Self { most_bytes: (self.piece_bytes() / 2).max(SMALLEST_BYTES), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes a second of the line, and its way there and back.
    fn settled(rate: u64, way_ms: u64) -> PiecePace {
        let mut pace = PiecePace::default();
        for _ in 0..12 {
            let bytes = pace.piece_bytes();
            pace = pace.carried(bytes, bytes * 1000 / rate + way_ms);
        }
        pace
    }

    #[test]
    fn a_piece_takes_long_enough_that_the_way_weighs_little_and_is_never_larger_than_may_be_held() {
        for (what, rate, way_ms, least_share) in [
            ("60 kbit/s, 800 ms", 7_500, 800, 85),
            ("200 kbit/s, 300 ms", 25_000, 300, 85),
            ("2 MB/s, 300 ms", 2_000_000, 300, 85),
            ("a room", 20_000_000, 3, 85),
        ] {
            let pace = settled(rate, way_ms);
            let line_ms = pace.piece_bytes() * 1000 / rate;
            assert!(line_ms * 100 / (line_ms + way_ms) >= least_share, "{what}: {pace:?}");
            assert!(pace.piece_bytes() <= MAX_PIECE_BYTES && line_ms <= 12_000, "{what}: {pace:?}");
        }
    }

    #[test]
    fn a_piece_of_which_nothing_arrives_is_halved_down_to_a_bound_and_grows_again() {
        let mut pace = settled(2_000_000, 300);
        for _ in 0..20 {
            let before = pace.piece_bytes();
            pace = pace.stuck();
            assert!(pace.piece_bytes() < before || before == SMALLEST_BYTES);
        }
        assert_eq!(pace.piece_bytes(), SMALLEST_BYTES);
        for _ in 0..10 {
            pace = pace.carried(pace.piece_bytes(), 5);
        }
        assert_eq!(pace.piece_bytes(), MAX_PIECE_BYTES);
    }

    #[test]
    fn the_last_bytes_of_an_attachment_say_nothing_of_the_rate() {
        let pace = settled(7_500, 800);
        assert_eq!(pace.carried(100, 900), pace);
        assert_eq!(PiecePace::default().time_ms(5), None);
        assert!(pace.time_ms(75_000).is_some_and(|ms| (9_000..13_000).contains(&ms)));
    }
}
