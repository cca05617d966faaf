//! The few conversions between numbers that can lose something, each in one place with its reason.

/// The nearest f32: columns are kept in half the memory, with seven digits.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is asked for")]
pub(super) const fn narrow(value: f64) -> f32 {
    value as f32
}
