//! The machine's clocks and randomness.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use kend_app::World;

/// This machine.
pub struct Machine {
    started: Instant,
    boot: [u8; 16],
}

impl Machine {
    /// The machine, its steady clock starting now.
    #[expect(clippy::disallowed_methods, clippy::new_without_default, reason = "the rim is where clocks are read")]
    pub fn new() -> Self {
        Self { started: Instant::now(), boot: random_bytes() }
    }
}

fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes
}

#[expect(clippy::expect_used, reason = "without randomness no key is safe: stop at once")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("BUG: the operating system gives no randomness");
}

impl World for Machine {
    #[expect(clippy::disallowed_methods, reason = "the rim is where clocks are read")]
    fn wall_ms(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// One run of the app counts as a boot: its steady clock starts with it.
    fn boot(&self) -> [u8; 16] {
        self.boot
    }

    fn random(&self, bytes: &mut [u8]) {
        fill(bytes);
    }
}
