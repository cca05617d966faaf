//! The machine's clocks and randomness: the one place where Kend reads them.
//!
//! Devices and hubs stand on it alike, and everything below is handed what it needs. It is a crate of its own because
//! `kend-machine` carries an HTTP client, which a hub has no use for.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "this is the rim that hands time in")]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine has no randomness to give. Nothing secret can be made then.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no random bytes: {0}")]
pub struct NoRandomness(getrandom::Error);

/// Milliseconds since 1970 UTC by the machine's clock, which may be wrong by years.
#[expect(clippy::disallowed_methods, reason = "this is the rim that hands time in")]
pub fn wall_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

/// Milliseconds since this process began to count, by a clock that never jumps.
pub fn monotonic_ms() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Random bytes, fit for keys.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// A lot to draw, where nothing depends on its being random: 0 where the machine has none.
pub fn lot() -> u64 {
    random().map_or(0, u64::from_le_bytes)
}

/// Clocks and randomness for the use cases.
#[derive(Debug)]
pub struct Machine {
    boot: [u8; 16],
}

impl Machine {
    /// The machine. This run of the process counts as a boot, since its steady clock starts with it.
    pub fn new() -> Result<Self, NoRandomness> {
        Ok(Self { boot: random()? })
    }
}

impl kend_app::World for Machine {
    fn wall_ms(&self) -> i64 {
        wall_ms()
    }

    fn monotonic_ms(&self) -> u64 {
        monotonic_ms()
    }

    fn boot(&self) -> [u8; 16] {
        self.boot
    }

    #[expect(clippy::expect_used, reason = "the use cases can't go on; the command fails and nothing was changed")]
    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("BUG: the machine stopped giving random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_a_boot_of_its_own_and_its_steady_clock_never_goes_back() {
        let (first, second) = (Machine::new().unwrap(), Machine::new().unwrap());
        assert_ne!(first.boot, second.boot);
        let before = monotonic_ms();
        assert!(monotonic_ms() >= before);
        assert_ne!(random::<32>().unwrap(), random::<32>().unwrap());
    }
}
