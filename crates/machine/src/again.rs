//! When to try again by itself: rarer after every failure, never all devices at once.
//!
//! After a failure the wait doubles, from half a minute to half an hour; half of it is drawn by lot, so that a room full of
//! devices that lost their hub together does not come back to it together. Whoever taps *sync now* waits for nothing, and
//! a success begins anew.

use std::time::Duration;

const FIRST_S: u64 = 30;
const LONGEST_S: u64 = 30 * 60;
const MS_PER_S: u64 = 1_000;

/// How long to wait.
#[derive(Debug, Clone, Copy, Default)]
pub struct Again {
    failures: u32,
}

impl Again {
    /// The wait before the next try; `lot` is any random number.
    pub fn wait(self, lot: u64) -> Duration {
        let whole_s = FIRST_S.saturating_mul(1_u64.checked_shl(self.failures).unwrap_or(u64::MAX)).min(LONGEST_S);
        let half_ms = whole_s * MS_PER_S / 2;
        Duration::from_millis(half_ms + lot % half_ms)
    }

    /// After a try, or one of a person.
    #[must_use]
    pub const fn after(self, succeeded: bool) -> Self {
        if succeeded { Self { failures: 0 } } else { Self { failures: self.failures.saturating_add(1) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_an_hour_is_partly_by_lot_and_begins_anew_after_a_success() {
        let mut again = Again::default();
        let mut longest_s = Vec::new();
        for _ in 0..80 {
            longest_s.push(again.wait(14_999).as_secs());
            assert!(again.wait(u64::MAX) <= Duration::from_secs(LONGEST_S));
            assert!(again.wait(0) < again.wait(14_999));
            again = again.after(false);
        }
        assert_eq!(longest_s[..4], [29, 44, 74, 134]);
        assert_eq!(longest_s.last(), Some(&914));
        assert_eq!(again.after(true).wait(0), Duration::from_secs(15));
    }
}
