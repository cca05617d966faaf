//! Weighted means over what is present: the only place where scores are added up.

use crate::method::count;

/// How far a share may lie below its limit and still reach it: sums of decimal fractions miss by a few last bits.
pub(super) const SHARE_TOLERANCE: f64 = 1e-12;

/// A kind of weighted mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mean {
    /// `sum(w s) / sum(w)`: full compensation.
    Arithmetic,
    /// `exp(sum(w ln s) / sum(w))`: weak items weigh more; 0 where an item is 0.
    Geometric,
    /// `sum(w) / sum(w / s)`; 0 where an item is 0.
    Harmonic,
    /// `(sum(w s^p) / sum(w))^(1/p)` for an exponent `p` other than 0.
    Power(f64),
    /// The least score: no compensation.
    Minimum,
    /// The greatest score.
    Maximum,
}

/// A mean and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanOver {
    /// The mean, in the unit of the scores.
    pub value: f64,
    /// Share of the weight that is present, above 0 to 1.
    pub present_share: f64,
    /// Items present.
    pub present: usize,
}

/// A score below 0 under a mean that has no value there.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a score of {score} is below 0, where this mean is not defined")]
pub struct NegativeScore {
    /// The first such score.
    pub score: f64,
    /// Its place among the items.
    pub place: usize,
}

/// Weighted mean over the items present, weights renormalised over these.
///
/// `items` are pairs of weight `w` (any unit, at least 0) and score `s` (`None` where missing). Items of weight 0 never
/// count. Formulas: [`Mean`]; Hardy, Littlewood and Polya 1934, Inequalities, chapter 2 (weighted power means); for missing
/// items method 2.4. `None` when nothing with a weight is present, or less than `min_share` (0 to 1) of the weight.
/// A score of 0 makes geometric and harmonic means, and power means of a negative exponent, 0: the limit of the formula.
/// A score below 0 is an error under these and under every power mean, but not under arithmetic mean, minimum and
/// maximum. NaN among the scores gives NaN.
///
/// ```
/// use kend_readiness::composite::{Mean, weighted_mean};
/// let items = [(1.0, Some(4.0)), (1.0, Some(9.0)), (1.0, None)];
/// let mean = |kind, share| weighted_mean(&items, kind, share).unwrap().map(|mean| mean.value);
/// assert_eq!(mean(Mean::Arithmetic, 0.66), Some(6.5));
/// assert!((mean(Mean::Geometric, 0.0).unwrap() - 6.0).abs() < 1e-12);
/// assert_eq!(mean(Mean::Arithmetic, 0.7), None);
/// ```
pub fn weighted_mean(
    items: &[(f64, Option<f64>)],
    mean: Mean,
    min_share: f64,
) -> Result<Option<MeanOver>, NegativeScore> {
    let total: f64 = items.iter().map(|(weight, _)| weight).sum();
    let present: Vec<(f64, f64)> =
        items.iter().filter_map(|(weight, score)| score.map(|score| (*weight, score))).collect();
    let observed: f64 = present.iter().map(|(weight, _)| weight).sum();
    if observed <= 0.0 || observed / total + SHARE_TOLERANCE < min_share {
        return Ok(None);
    }
    if !matches!(mean, Mean::Arithmetic | Mean::Minimum | Mean::Maximum) {
        let negative = items.iter().enumerate().find_map(|(place, (weight, score))| {
            score.filter(|score| *weight > 0.0 && *score < 0.0).map(|score| NegativeScore { score, place })
        });
        if let Some(negative) = negative {
            return Err(negative);
        }
    }
    let weighed = || present.iter().filter(|(weight, _)| *weight > 0.0);
    let sum_of = |of: fn(f64) -> f64| weighed().map(|(weight, score)| weight * of(*score)).sum::<f64>();
    let has_zero = weighed().any(|(_, score)| *score == 0.0);
    let extreme = |further: fn(f64, f64) -> f64| {
        // `f64::min` and `max` would pass over NaN.
        let or_nan = |one: f64, other: f64| if one.is_nan() || other.is_nan() { f64::NAN } else { further(one, other) };
        weighed().map(|(_, score)| *score).reduce(or_nan).unwrap_or(f64::NAN)
    };
    let value = match mean {
        Mean::Arithmetic => sum_of(|score| score) / observed,
        Mean::Geometric | Mean::Harmonic if has_zero => 0.0,
        Mean::Power(exponent) if has_zero && exponent < 0.0 => 0.0,
        Mean::Geometric => libm::exp(sum_of(libm::log) / observed),
        Mean::Harmonic => observed / sum_of(|score| 1.0 / score),
        Mean::Power(exponent) => {
            let powers = weighed().map(|(weight, score)| weight * libm::pow(*score, exponent)).sum::<f64>();
            libm::pow(powers / observed, 1.0 / exponent)
        }
        Mean::Minimum => extreme(f64::min),
        Mean::Maximum => extreme(f64::max),
    };
    // Powers and logarithms miss by last bits; no mean lies beyond the scores it is of.
    let value = if mean == Mean::Arithmetic { value } else { between(value, extreme(f64::min), extreme(f64::max)) };
    Ok(Some(MeanOver { value, present_share: observed / total, present: present.len() }))
}

/// The value, or the end it lies beyond; NaN where anything is.
pub(super) fn between(value: f64, low: f64, high: f64) -> f64 {
    if low <= high { value.clamp(low, high) } else { f64::NAN }
}

/// Plain mean of some numbers; NaN for none.
pub(crate) fn plain_mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn mean(items: &[(f64, f64)], kind: Mean) -> f64 {
        let items: Vec<_> = items.iter().map(|(weight, score)| (*weight, Some(*score))).collect();
        weighted_mean(&items, kind, 0.0).unwrap().unwrap().value
    }

    /// Worked by hand: 1, 2, 4 with weights 1, 1, 2.
    #[test]
    fn each_kind_of_mean_gives_the_value_of_its_formula() {
        let items = [(1.0, 1.0), (1.0, 2.0), (2.0, 4.0)];
        for (kind, expected) in [
            (Mean::Arithmetic, 2.75),
            (Mean::Geometric, 32.0_f64.powf(0.25)),
            (Mean::Harmonic, 2.0),
            (Mean::Power(2.0), (37.0_f64 / 4.0).sqrt()),
            (Mean::Power(-1.0), 2.0),
            (Mean::Minimum, 1.0),
            (Mean::Maximum, 4.0),
        ] {
            assert!((mean(&items, kind) - expected).abs() < 1e-12, "{kind:?}");
        }
    }

    #[test]
    fn a_zero_decides_a_geometric_mean_and_a_score_below_zero_is_an_error() {
        let zero = [(1.0, 0.0), (1.0, 50.0)];
        for kind in [Mean::Geometric, Mean::Harmonic, Mean::Power(-2.0)] {
            assert!(mean(&zero, kind).abs() < f64::EPSILON, "{kind:?}");
        }
        let negative = [(1.0, Some(4.0)), (1.0, Some(-1.0))];
        assert_eq!(weighted_mean(&negative, Mean::Geometric, 0.0), Err(NegativeScore { score: -1.0, place: 1 }));
        assert!((weighted_mean(&negative, Mean::Minimum, 0.0).unwrap().unwrap().value + 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn no_mean_lies_beyond_its_scores_by_rounding() {
        for score in [100.0, 0.1, 1.0 / 3.0, 99.99] {
            for kind in [Mean::Geometric, Mean::Harmonic, Mean::Power(0.3)] {
                let found = mean(&[(1.0, score), (0.7, score)], kind);
                assert!((found - score).abs() <= 0.0, "{kind:?} of {score}: {found}");
            }
        }
    }

    #[test]
    fn an_item_without_weight_never_counts() {
        let items = [(0.0, Some(-5.0)), (2.0, Some(8.0))];
        for kind in [Mean::Arithmetic, Mean::Geometric, Mean::Minimum] {
            let value = weighted_mean(&items, kind, 1.0).unwrap().unwrap().value;
            assert!((value - 8.0).abs() < 1e-12, "{kind:?}");
        }
        assert_eq!(weighted_mean(&[(0.0, Some(5.0))], Mean::Arithmetic, 0.0), Ok(None));
        assert_eq!(weighted_mean(&[], Mean::Geometric, 0.0), Ok(None));
    }

    #[test]
    fn a_share_that_reaches_its_limit_but_for_the_last_bits_is_enough() {
        let items: Vec<(f64, Option<f64>)> = (0..10).map(|place| (0.1, (place < 7).then_some(1.0))).collect();
        assert!(weighted_mean(&items, Mean::Arithmetic, 0.7).unwrap().is_some());
        assert!(weighted_mean(&items, Mean::Arithmetic, 0.71).unwrap().is_none());
    }
}
