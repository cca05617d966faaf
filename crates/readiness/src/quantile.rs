//! Quantiles of values that stand for areas.
//!
//! The inverse of the weighted distribution function without interpolation: a quantile is always a value that was
//! observed, so frozen limits can be traced to a zone, and the result does not depend on the order of the input.

/// Weighted quantile: the smallest value `x` with `sum of w over values <= x` at least `p * sum of w`.
///
/// `cells` are pairs of value (any unit) and weight `w` (area, at least 0); `p` share, 0 to 1. Source: the definition of
/// the inverse distribution function (Hyndman and Fan 1996, type 1) with weights. `None` without a weight above 0, or
/// when any value or weight is NaN; a negative weight counts as 0; `p` outside 0 to 1 is taken at its end.
///
/// ```
/// use kend_readiness::weighted_quantile;
/// let cells = [(30.0, 1.0), (10.0, 2.0), (20.0, 1.0)];
/// assert_eq!(weighted_quantile(&cells, 0.4), Some(10.0));
/// assert_eq!(weighted_quantile(&cells, 0.6), Some(20.0));
/// assert_eq!(weighted_quantile(&[], 0.5), None);
/// ```
pub fn weighted_quantile(cells: &[(f64, f64)], share: f64) -> Option<f64> {
    if cells.iter().any(|(value, weight)| value.is_nan() || weight.is_nan()) || share.is_nan() {
        return None;
    }
    let mut sorted: Vec<(f64, f64)> = cells.iter().copied().filter(|(_, weight)| *weight > 0.0).collect();
    // By weight too, so that sums run in one order whatever the order of the input.
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    let wanted = share.clamp(0.0, 1.0) * total;
    let mut reached = 0.0;
    for (value, weight) in &sorted {
        reached += weight;
        if reached >= wanted {
            return Some(*value);
        }
    }
    sorted.last().map(|(value, _)| *value)
}
