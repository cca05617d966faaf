//! Shares of variance: how much of the spread of a result each choice explains, alone and with all others.

use crate::{composite::plain_mean, method::count};

/// The effect of one factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// First-order effect: the share of variance explained by this factor alone.
    pub first: f64,
    /// Total effect: with all its interactions.
    pub total: f64,
}

/// First-order and total effects of `factors` independent uniform factors, by `base * (factors + 2)` runs of a model.
///
/// Two samples `A` and `B` of `N` = `base` points and, for each factor i, `A_B(i)`: `A` with coordinate i from `B`.
/// `S_i = mean(f(B) (f(A_B(i)) - f(A))) / V`, `T_i = mean((f(A) - f(A_B(i)))^2) / (2 V)`, with `f` less its mean over `A`
/// and `B`, and `V` its variance there. Dimensionless; true values lie between 0 and 1, estimates scatter around them
/// by some `1 / sqrt(N)` and can be negative. Source: Saltelli et al. 2010, Computer Physics Communications 181(2),
/// table 2 (b) and (f), the latter by Jansen 1999. `uniform` gives numbers in [0, 1): for each of the `N` points first the
/// coordinates of `A`, then those of `B`. `None` where the result does not vary or `base` is 0; NaN gives NaN.
///
/// ```
/// use kend_readiness::robustness::effects;
/// let mut step = 0_u32;
/// let uniform = || { step = step.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); f64::from(step) / 4_294_967_296.0 };
/// let model = |point: &[f64]| Ok::<f64, ()>(point[0] + 2.0 * point[1]);
/// let found = effects(2, 20_000, uniform, model).unwrap().unwrap();
/// assert!((found[0].first - 0.2).abs() < 0.02 && (found[1].total - 0.8).abs() < 0.02, "{found:?}");
/// ```
pub fn effects<E>(
    factors: usize,
    base: u32,
    mut uniform: impl FnMut() -> f64,
    mut model: impl FnMut(&[f64]) -> Result<f64, E>,
) -> Result<Option<Vec<Effect>>, E> {
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    let mut of_mixed: Vec<Vec<f64>> = vec![Vec::new(); factors];
    for _ in 0..base {
        let a: Vec<f64> = (0..factors).map(|_| uniform()).collect();
        let b: Vec<f64> = (0..factors).map(|_| uniform()).collect();
        of_a.push(model(&a)?);
        of_b.push(model(&b)?);
        for (factor, of_mixed) in of_mixed.iter_mut().enumerate() {
            let mixed = a.iter().zip(&b).enumerate();
            let mixed: Vec<f64> = mixed.map(|(place, (a, b))| if place == factor { *b } else { *a }).collect();
            of_mixed.push(model(&mixed)?);
        }
    }
    let all = [of_a.as_slice(), of_b.as_slice()].concat();
    let mean = plain_mean(&all);
    let variance = all.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count(all.len());
    // Runs that differ by rounding alone do not vary.
    if all.is_empty() || variance <= f64::EPSILON * f64::EPSILON * mean * mean {
        return Ok(None);
    }
    let n = f64::from(base);
    let effect = |mixed: &Vec<f64>| {
        let (mut first, mut total) = (0.0, 0.0);
        for ((a, b), mixed) in of_a.iter().zip(&of_b).zip(mixed) {
            first += (b - mean) * (mixed - a);
            total += (a - mixed) * (a - mixed);
        }
        Effect { first: first / n / variance, total: total / (n + n) / variance }
    };
    Ok(Some(of_mixed.iter().map(effect).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator for tests: `SplitMix64` (Steele, Lea and Flood 2014), a mixed counter.
    fn uniform() -> impl FnMut() -> f64 {
        let mut counter = 0_u64;
        move || {
            counter = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (counter ^ (counter >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let high = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap();
            f64::from(high) / 4_294_967_296.0
        }
    }

    /// Ishigami and Homma 1990, a = 7, b = 0.1, each input uniform from -pi to pi. Known in closed form (Sobol and Levitan
    /// 1999): V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 = 13.8446; first-order 0.3139, 0.4424, 0; total 0.5576, 0.4424,
    /// 0.2437. Tolerance 0.02, some three standard errors of N = 30,000.
    #[test]
    fn the_ishigami_function_has_its_known_effects() {
        let model = |point: &[f64]| {
            let [x, y, z] = [point[0], point[1], point[2]].map(|u| std::f64::consts::PI * (2.0 * u - 1.0));
            Ok::<_, ()>(libm::sin(x) + 7.0 * libm::sin(y) * libm::sin(y) + 0.1 * z * z * z * z * libm::sin(x))
        };
        let found = effects(3, 30_000, uniform(), model).unwrap().unwrap();
        for (found, (first, total)) in found.iter().zip([(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)]) {
            assert!((found.first - first).abs() < 0.02, "{found:?} for {first}");
            assert!((found.total - total).abs() < 0.02, "{found:?} for {total}");
        }
    }

    #[test]
    fn a_result_that_does_not_vary_has_no_effects_and_errors_come_through() {
        assert_eq!(effects(2, 10, uniform(), |_| Ok::<_, ()>(4.2)), Ok(None));
        assert_eq!(effects(2, 0, uniform(), |_| Ok::<_, ()>(4.2)), Ok(None));
        assert_eq!(effects(1, 10, uniform(), |_| Err("no")), Err("no"));
        assert_eq!(effects(0, 10, uniform(), |_| Ok::<_, ()>(0.0)), Ok(None));
    }
}
