//! How much goes into one request: small on a slow line, so that a short contact gets it through whole.
//!
//! The budget doubles with every request that got through and ends where a request would take too long at the measured
//! rate. After a failure the next request carries one segment at most: whatever broke it, something then gets across.

use crate::protocol::{FIRST_BUDGET_BYTES, MAX_BUDGET_BYTES};

/// After a failure: less than any segment, and one always may go.
const ONE_SEGMENT_BYTES: usize = 1;
/// The budget after the first request that got through again.
const SMALLEST_BUDGET_BYTES: usize = 4 * 1024;
/// A line of 100 kbit/s. On a slower one a request stays as small as the first.
const SLOW_BYTES_PER_S: u64 = 12_500;
/// How long the segments of a request may be on their way, at the measured rate: well before anybody calls a line dead.
const LONGEST_S: u64 = 10;
/// A request smaller than this measures how far away the hub is, and not the line's rate.
const MEASURED_BYTES: u64 = 4 * 1024;
const MS_PER_S: u64 = 1_000;

/// What is known of a line. Kept from one exchange to the next for as long as the process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    budget_bytes: usize,
    bytes_per_s: Option<u64>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { budget_bytes: FIRST_BUDGET_BYTES, bytes_per_s: None }
    }
}

impl Pace {
    /// The pace after an exchange that broke off.
    #[must_use]
    pub const fn after_failure(self) -> Self {
        Self { budget_bytes: ONE_SEGMENT_BYTES, ..self }
    }

    /// How many bytes of segments a request may carry, either way.
    pub const fn budget_bytes(&self) -> usize {
        self.budget_bytes
    }

    /// How long so many bytes take at the measured rate; none before anything was measured.
    pub fn time_ms(&self, bytes: u64) -> Option<u64> {
        self.bytes_per_s.map(|rate| bytes.saturating_mul(MS_PER_S) / rate.max(1))
    }

    /// The pace after a request whose bodies, both together, took so long.
    #[must_use]
    pub(crate) fn got_through(self, up_bytes: usize, both_bytes: u64, elapsed_ms: Option<u64>) -> Self {
        let measured = elapsed_ms.filter(|_| both_bytes >= MEASURED_BYTES);
        let now = measured.map(|elapsed_ms| both_bytes.saturating_mul(MS_PER_S) / elapsed_ms.max(1));
        let bytes_per_s = match (self.bytes_per_s, now) {
            (Some(before), Some(now)) => Some(u64::midpoint(before, now)),
            (before, now) => now.or(before),
        };
        let most_bytes = match bytes_per_s {
            Some(rate) if rate < SLOW_BYTES_PER_S => FIRST_BUDGET_BYTES,
            Some(rate) => usize::try_from(rate.saturating_mul(LONGEST_S)).unwrap_or(usize::MAX).min(MAX_BUDGET_BYTES),
            None => MAX_BUDGET_BYTES,
        };
        let doubled = self.budget_bytes.max(up_bytes).saturating_mul(2);
        Self { budget_bytes: doubled.max(SMALLEST_BUDGET_BYTES).min(most_bytes), bytes_per_s }
    }
}

/// How far an exchange is, in what people can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Entries that the hub has taken in this exchange.
    pub entries_done: u64,
    /// All that were to be sent: those done and those left.
    pub entries_to_do: u64,
    /// Bytes that went over the line, both ways.
    pub bytes_done: u64,
    /// The same with what is left to be sent, as far as that can be told from what the last request carried.
    pub bytes_to_do: u64,
    /// How long what is left takes at the measured rate; none before anything was measured.
    pub left_ms: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_doubles_on_a_fast_line_and_stays_small_on_a_slow_one() {
        let mut fast = Pace::default();
        let mut slow = Pace::default();
        for _ in 0..10 {
            let bytes = fast.budget_bytes();
            fast = fast.got_through(bytes, bytes as u64, Some(500));
            let bytes = slow.budget_bytes();
            // 60 kbit/s.
            slow = slow.got_through(bytes, bytes as u64, Some(bytes as u64 * 8 / 60));
        }
        assert_eq!((fast.budget_bytes(), slow.budget_bytes()), (MAX_BUDGET_BYTES, FIRST_BUDGET_BYTES));
        assert_eq!(slow.time_ms(75_000), Some(10_000));
    }

    #[test]
    fn a_request_is_never_longer_on_its_way_than_a_line_is_waited_for() {
        for bits_per_s in [100_000, 200_000, 500_000] {
            let mut pace = Pace::default();
            for _ in 0..10 {
                let bytes = pace.budget_bytes();
                pace = pace.got_through(bytes, bytes as u64, Some(bytes as u64 * 8_000 / bits_per_s));
            }
            let takes_s = pace.budget_bytes() as u64 * 8 / bits_per_s;
            assert!((9..=LONGEST_S).contains(&takes_s), "{bits_per_s}: {takes_s} s");
        }
    }

    #[test]
    fn after_a_failure_one_segment_goes_and_then_it_doubles_again() {
        let pace = Pace::default().after_failure();
        assert_eq!(pace.budget_bytes(), ONE_SEGMENT_BYTES);
        let pace = pace.got_through(3_000, 3_500, Some(900));
        assert_eq!(pace.budget_bytes(), 6_000);
        assert_eq!(pace.got_through(6_000, 6_500, None).budget_bytes(), 12_000);
    }

    #[test]
    fn a_short_request_over_a_long_way_says_nothing_of_the_rate() {
        let pace = Pace::default().got_through(200, 400, Some(1_600));
        assert_eq!(pace.time_ms(1_000), None);
        assert_eq!(pace.budget_bytes(), 2 * FIRST_BUDGET_BYTES);
    }
}
