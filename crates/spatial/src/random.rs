//! Random numbers from a seed: the same on every machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

/// A random u64's upper 53 bits fill the mantissa of an f64 in [0, 1).
const MANTISSA_SHIFT: u32 = 11;
const MANTISSA_SCALE: f64 = 1.0 / 9_007_199_254_740_992.0;

/// Uniform numbers in [0, 1).
pub fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    move || share(&mut random)
}

/// The next number in [0, 1) of a stream.
pub(crate) fn share(random: &mut ChaCha8Rng) -> f64 {
    mantissa(random.next_u64() >> MANTISSA_SHIFT) * MANTISSA_SCALE
}

#[expect(clippy::cast_precision_loss, reason = "53 bits fit the mantissa exactly")]
const fn mantissa(bits: u64) -> f64 {
    bits as f64
}
