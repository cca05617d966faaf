//! What the use cases need of the world: clocks and randomness. The rim implements it; tests have a fake one.

/// Clocks and randomness.
pub trait World: Send + Sync {
    /// Milliseconds since 1970 by the device's wall clock, which may be wrong by years.
    fn wall_ms(&self) -> i64;

    /// Milliseconds by a clock that never jumps, since some moment of this boot.
    fn monotonic_ms(&self) -> u64;

    /// Names this boot of the machine.
    fn boot(&self) -> [u8; 16];

    /// Random bytes, fit for keys.
    fn random(&self, bytes: &mut [u8]);
}

/// Sixteen random bytes: an id.
pub(crate) fn random_id(world: &dyn World) -> [u8; 16] {
    let mut bytes = [0; 16];
    world.random(&mut bytes);
    bytes
}

/// What the wall clock says, as ISO date and time in UTC (`2026-11-24T15:04:05Z`).
pub(crate) fn iso(wall_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(wall_ms)
        .unwrap_or(chrono::DateTime::UNIX_EPOCH)
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
