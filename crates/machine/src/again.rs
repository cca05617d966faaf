//! When to try again by itself: soon at first, rarer after every try in vain, never all devices at once.
//!
//! Contacts in the field last seconds. So the first tries follow each other closely, and a try that brought anything across
//! before its line died is followed as closely as the first. After tries in vain the wait doubles, from two seconds to half
//! an hour; half of it is drawn by lot, so that a room full of devices that lost their hub together does not come back
//! to it together. Whoever taps *sync now* waits for nothing, and a success begins anew.

use std::time::Duration;

/// After a success: how often is looked whether anything waits again.
const IDLE_S: u64 = 30;
const FIRST_S: u64 = 2;
const LONGEST_S: u64 = 30 * 60;
const MS_PER_S: u64 = 1_000;

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// All got through.
    Through,
    /// The line died, and something had got across before.
    Further,
    /// Nothing got across.
    InVain,
}

impl Tried {
    /// A try that failed; whether something had got across before.
    pub const fn of_failure(further: bool) -> Self {
        if further { Self::Further } else { Self::InVain }
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Again {
    failures: u32,
}

impl Default for Again {
    /// What waits from before is tried soon.
    fn default() -> Self {
        Self { failures: 1 }
    }
}

impl Again {
    /// The wait before the next try; `lot` is any random number.
    pub fn wait(self, lot: u64) -> Duration {
        let whole_s = match self.failures.checked_sub(1) {
            None => IDLE_S,
            Some(doubled) => FIRST_S.saturating_mul(1_u64.checked_shl(doubled).unwrap_or(u64::MAX)).min(LONGEST_S),
        };
        let half_ms = whole_s * MS_PER_S / 2;
        Duration::from_millis(half_ms + lot % half_ms)
    }

    /// After a try, or one of a person.
    #[must_use]
    pub const fn after(self, tried: Tried) -> Self {
        match tried {
            Tried::Through => Self { failures: 0 },
            Tried::Further => Self { failures: 1 },
            Tried::InVain => Self { failures: self.failures.saturating_add(1) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_an_hour_is_partly_by_lot_and_begins_anew_after_a_success() {
        let mut again = Again::default().after(Tried::Through);
        assert_eq!(again.wait(0), Duration::from_secs(15));
        let mut longest_s = Vec::new();
        for _ in 0..80 {
            again = again.after(Tried::InVain);
            longest_s.push(again.wait(999).as_secs_f64());
            assert!(again.wait(u64::MAX) <= Duration::from_secs(LONGEST_S));
            assert!(again.wait(0) < again.wait(999));
        }
        assert_eq!(longest_s[..4], [1.999, 2.999, 4.999, 8.999]);
        assert_eq!(longest_s.last(), Some(&900.999));
        assert_eq!(again.after(Tried::Through).wait(0), Duration::from_secs(15));
        assert_eq!(Again::default().wait(0), Duration::from_secs(1), "what waits from before");
    }

    #[test]
    fn a_line_that_dies_after_it_brought_something_across_is_tried_again_at_once() {
        let mut again = Again::default();
        for _ in 0..20 {
            again = again.after(Tried::InVain);
        }
        for _ in 0..3 {
            again = again.after(Tried::Further);
            assert_eq!(again.wait(0), Duration::from_secs(1));
        }
    }
}
