//! Numbers as a pack keeps them.

/// The nearest f32.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is asked for")]
pub(crate) const fn narrow(value: f64) -> f32 {
    value as f32
}
