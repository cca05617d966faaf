//! The few conversions between numbers that can lose something, each in one place with its reason.

/// The nearest f32: columns are kept in half the memory, with seven digits.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is asked for")]
pub(crate) const fn narrow(value: f64) -> f32 {
    value as f32
}

/// A count as a number: exact up to 2^53, which no count of cells reaches.
#[expect(clippy::cast_precision_loss, reason = "counts of cells are below 2^53")]
pub(crate) const fn real(count: usize) -> f64 {
    count as f64
}

/// An index into memory: `usize` has at least 32 bits wherever an office runs this.
pub(crate) const fn place(number: u32) -> usize {
    number as usize
}

/// A value, NaN where there is none.
pub(crate) fn or_nan(value: Option<f64>) -> f32 {
    value.map_or(f32::NAN, narrow)
}
