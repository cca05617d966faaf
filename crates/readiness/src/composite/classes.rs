//! Classes by thresholds, thresholds by quantiles, ranks.

use crate::{method::count, quantile::weighted_quantile};

/// Place of the class of a value: the number of thresholds `T_k <= x`.
///
/// `x` and `T` in one unit; 0 is the lowest class, a threshold belongs to the class above it. Source: method 4. NaN is at
/// or above no threshold.
///
/// ```
/// use kend_readiness::composite::class_place;
/// assert_eq!([0.5, 0.55, 0.9].map(|hdi| class_place(hdi, &[0.55, 0.7, 0.8])), [0, 1, 3]);
/// ```
pub fn class_place(value: f64, thresholds: &[f64]) -> usize {
    thresholds.iter().filter(|threshold| **threshold <= value).count()
}

/// A quantile, rounded to whole steps of a point.
pub(crate) fn rounded(quantile: f64, steps_per_point: f64) -> f64 {
    (quantile * steps_per_point).round() / steps_per_point
}

/// Thresholds at shares of the weight: `T_k = Q(p_k)`, [`weighted_quantile`] of each share, rounded to multiples of
/// `round_to` where that is given.
///
/// `cells` are pairs of value (points) and weight (count or area, at least 0); `p` shares, 0 to 1; `round_to` points,
/// above 0. Source: method 4. Quantiles of few or equal values tie; a class between tied thresholds stays empty. `None`
/// without a weight above 0 or with NaN.
///
/// ```
/// use kend_readiness::composite::quantile_thresholds;
/// let cells = [(11.26, 1.0), (20.0, 1.0), (30.0, 1.0), (40.0, 1.0)];
/// assert_eq!(quantile_thresholds(&cells, &[0.25, 0.5], Some(0.1)), Some(vec![11.3, 20.0]));
/// ```
pub fn quantile_thresholds(cells: &[(f64, f64)], shares: &[f64], round_to: Option<f64>) -> Option<Vec<f64>> {
    let round = |quantile| round_to.map_or(quantile, |step| rounded(quantile, 1.0 / step));
    shares.iter().map(|share| weighted_quantile(cells, *share).map(round)).collect()
}

/// Ranks from the greatest value down: `r = 1 + number of greater values`; equal values share the better rank.
///
/// `None` stays without a rank and counts for nobody's. NaN must not occur (it would rank by its sign).
///
/// ```
/// use kend_readiness::composite::ranks;
/// let found = ranks(&[Some(2.0), Some(9.0), None, Some(9.0)]);
/// assert_eq!(found, [Some(3.0), Some(1.0), None, Some(1.0)]);
/// ```
pub fn ranks(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
    sorted.sort_by(|one, other| other.total_cmp(one));
    let rank = |value: f64| 1.0 + count(sorted.partition_point(|other| *other > value));
    values.iter().map(|value| value.map(rank)).collect()
}
