//! The clocks of a device: a wall clock that says anything, a steady clock since boot, the last anchor.

use kend_log::{Anchor, Said};
use kend_sync::HubTime;

use crate::dice::Dice;

/// The true start of every run: 2026-05-04, 08:00 UTC.
pub const START_MS: i64 = 1_777_881_600_000;
/// Wall clocks that are wrong: 2009, 2099, before 1970, at the ends of the number.
const WRONG_MS: [i64; 5] = [1_234_567_890_000, 4_070_908_800_000, -86_400_000, i64::MIN, i64::MAX];

/// A device's clocks.
#[derive(Debug, Clone)]
pub struct Clock {
    skew_ms: i64,
    boot: [u8; 16],
    booted_ms: u64,
    anchor: Option<Anchor>,
}

impl Clock {
    /// Clocks that are right.
    pub fn new(boot: [u8; 16]) -> Self {
        Self { skew_ms: 0, boot, booted_ms: 0, anchor: None }
    }

    /// The wall clock is set to anything.
    pub fn jump(&mut self, now_ms: u64, dice: &mut Dice) {
        let true_ms = START_MS.saturating_add_unsigned(now_ms);
        let wrong = WRONG_MS.get(dice.pick(0..8_usize)).copied();
        self.skew_ms = wrong.map_or_else(|| dice.pick(-5_000..5_000), |wrong| wrong.saturating_sub(true_ms));
    }

    /// The wall clock is set.
    pub fn set(&mut self, now_ms: u64, wall_ms: i64) {
        self.skew_ms = wall_ms.saturating_sub(START_MS.saturating_add_unsigned(now_ms));
    }

    /// The device starts anew: its steady clock begins at 0, and its anchor is worth nothing.
    pub fn reboot(&mut self, now_ms: u64, boot: [u8; 16]) {
        self.boot = boot;
        self.booted_ms = now_ms;
        self.anchor = None;
    }

    /// A hub vouched for a time.
    pub fn anchor(&mut self, now_ms: u64, time: HubTime) {
        self.anchor = Some(Anchor { id: time.id, hub_ms: time.hub_ms, monotonic_ms: now_ms - self.booted_ms });
    }

    /// What the clocks say.
    pub fn said(&self, now_ms: u64) -> Said {
        Said {
            wall_ms: START_MS.saturating_add_unsigned(now_ms).saturating_add(self.skew_ms),
            monotonic_ms: now_ms - self.booted_ms,
            boot: self.boot,
            anchor: self.anchor,
        }
    }
}
