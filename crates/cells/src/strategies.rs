//! Values that property tests of several modules draw.

use proptest::prelude::*;

/// Numbers of f32 from `low` to `high`, by steps of a millionth of the way. Proptest's own ranges of f32 fail now and then
/// by an assertion of theirs (1.12.0, `float_samplers.rs`: the step that they check is rounded).
pub(crate) fn between(low: f32, high: f32) -> impl Strategy<Value = f32> {
    const STEPS: u32 = 1_000_000;
    (0..=STEPS).prop_map(move |step| {
        let share = f64::from(step) / f64::from(STEPS);
        crate::number::narrow(f64::from(low) + share * f64::from(high - low))
    })
}
