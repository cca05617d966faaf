//! The few conversions between numbers that can lose something, each in one place with its reason.

/// The whole number below a value, held within `0..=limit`; NaN gives 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within the range of u32 before")]
pub(crate) fn floor_within(value: f64, limit: u32) -> u32 {
    // What is left of a number from 0 without its fraction is the whole number below it.
    value.clamp(0.0, f64::from(limit)) as u32
}

/// The nearest f32: surfaces are kept in half the memory, with seven digits.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is asked for")]
pub(crate) const fn narrow(value: f64) -> f32 {
    value as f32
}

/// An index into memory: `usize` has at least 32 bits wherever Kend runs.
pub(crate) const fn place(number: u32) -> usize {
    number as usize
}

/// A count as a number: exact up to 2^53, which no count of cells reaches.
#[expect(clippy::cast_precision_loss, reason = "counts of cells are below 2^53")]
pub(crate) const fn real(count: usize) -> f64 {
    count as f64
}
