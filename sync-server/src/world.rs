//! Clocks and randomness: the only place of the hub that reads them.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

#[expect(clippy::disallowed_methods, reason = "this is the rim that hands time in")]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine has no randomness to give. Nothing secret can be made then.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no random bytes: {0}")]
pub(crate) struct NoRandomness(getrandom::Error);

/// Milliseconds since 1970 UTC by the hub's clock.
#[expect(clippy::disallowed_methods, reason = "this is the rim that hands time in")]
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds since this process began to count, by a clock that never jumps.
pub(crate) fn monotonic_ms() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Random bytes, fit for keys.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// Clocks and randomness for the use cases.
#[derive(Debug)]
pub(crate) struct Machine {
    boot: [u8; 16],
}

impl Machine {
    /// This run of the hub: it counts as a boot, since its steady clock starts with it.
    pub(crate) fn new() -> Result<Self, NoRandomness> {
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
