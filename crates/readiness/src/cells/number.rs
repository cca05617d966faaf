//! The few conversions between numbers that can lose something, each in one place with its reason.

/// The nearest f32: columns are kept in half the memory, with seven digits.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is asked for")]
pub(super) const fn narrow(value: f64) -> f32 {
    value as f32
}

/// The upper 16 of 32 bits, as a place: `usize` has at least 32 bits wherever Kend runs.
pub(super) const fn upper_half(bits: u32) -> usize {
    (bits >> 16) as usize
}

/// The lower 16 of 32 bits, as a place.
pub(super) const fn lower_half(bits: u32) -> usize {
    (bits & 0xffff) as usize
}

/// Added before a fraction is cut off, to round to the nearest.
const HALF: f32 = 0.5;

/// The nearest whole number of steps, held within `0..=top`; NaN gives 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within the range of u8 before")]
pub(super) fn whole_steps(steps: f32, top: u8) -> u8 {
    // What is left of a number from 0 without its fraction is the whole number below it.
    (steps + HALF).clamp(0.0, f32::from(top)) as u8
}
