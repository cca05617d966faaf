//! What changed between two rounds of an index, and whether that is more than its errors (10).

use std::collections::BTreeMap;

use kend_domain::Dimension;

use crate::{
    class::{Thresholds, position, value_at},
    method::Method,
};

/// Standard error of a dimension in points: `e_d = g_d sd_d`.
///
/// `g_d` points for one point of position where the value lies ([`value_at`]); `sd_d` standard deviation of its position over
/// choices of the method, position points, at least 0; `value` points, 0 to 100. Source: method 7.3 (`X' = P^-1(P')`, slope
/// `g`), with `sd_mc` of 3 as the only error: the age of data counts in the merge with voices, not between rounds. NaN
/// gives NaN.
///
/// ```
/// use kend_readiness::{Method, Thresholds, dimension_error};
/// let potential = Thresholds::new([15.0, 26.0, 40.0, 56.0])?;
/// assert!((dimension_error(30.0, 8.0, &potential, Method::standard()) - 5.6).abs() < 1e-12);
/// # Ok::<(), kend_readiness::BadThresholds>(())
/// ```
pub fn dimension_error(value: f64, position_sd: f64, thresholds: &Thresholds, method: &Method) -> f64 {
    value_at(position(value, thresholds, method), thresholds, method).slope * position_sd
}

/// Standard error of the index: `SE = sqrt(sum(w_d^2 e_d^2)) / sum(w_d)`.
///
/// `e_d` standard error of each dimension that the index is made of, points; `w_d` relative weights of the dimensions. Source:
/// method 7.3 (`SE = sqrt(sum w_d^2 g_d^2 Var_d)`). `None` without any; NaN gives NaN.
///
/// ```
/// use kend_domain::Dimension;
/// use kend_readiness::{Method, index_error};
/// let errors = Dimension::ALL.iter().map(|dimension| (*dimension, 5.0)).collect();
/// assert!((index_error(&errors, Method::standard()).unwrap() - 5.0_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn index_error(errors: &BTreeMap<Dimension, f64>, method: &Method) -> Option<f64> {
    let weights: f64 = errors.keys().map(|dimension| method.dimension_weight(*dimension)).sum();
    let square = |value: f64| value * value;
    let sum: f64 =
        errors.iter().map(|(dimension, error)| square(method.dimension_weight(*dimension)) * square(*error)).sum();
    (weights > 0.0).then(|| sum.sqrt() / weights)
}

/// Standard error of a difference between two rounds: `SE = sqrt(SE_1^2 + SE_2^2 - 2 rho SE_1 SE_2)`.
///
/// `SE_1`, `SE_2` standard errors of the rounds, points, at least 0; `rho` correlation of the errors, -1 to 1: 0.7 for the
/// index part, 0 for the field part. Source: method 10. What rounding would bring below 0 is 0; NaN gives NaN.
///
/// ```
/// use kend_readiness::change_error;
/// assert_eq!(change_error(3.0, 4.0, 0.0), 5.0);
/// assert_eq!(change_error(3.0, 3.0, 1.0), 0.0, "what errs alike cancels");
/// ```
pub fn change_error(former: f64, now: f64, correlation: f64) -> f64 {
    let variance = former * former + now * now - 2.0 * correlation * former * now;
    if variance < 0.0 { 0.0 } else { variance.sqrt() }
}

/// Whether a difference is a change: `|dX| > z SE`.
///
/// `difference` points; `error` its standard error, points; `z` 1.645. Source: method 10. NaN is no change.
///
/// ```
/// use kend_readiness::is_changed;
/// assert!(is_changed(-1.65, 1.0, 1.645) && !is_changed(1.645, 1.0, 1.645));
/// ```
pub fn is_changed(difference: f64, error: f64, z: f64) -> bool {
    difference.abs() > z * error
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method 7.5: the values, thresholds and U of its example give SE 3.4440 for the index alone (lambda 0).
    #[test]
    fn the_error_of_the_index_is_that_of_the_methods_example() {
        let method = Method::standard();
        let given = [
            (44.0, 85.0, [20.0, 32.0, 45.0, 60.0]),
            (37.0, 74.0, [25.0, 36.0, 48.0, 62.0]),
            (52.0, 98.0, [22.0, 34.0, 46.0, 58.0]),
            (30.0, 113.0, [15.0, 26.0, 40.0, 56.0]),
            (61.0, 130.0, [10.0, 24.0, 42.0, 63.0]),
        ];
        let error = |(value, variance, thresholds): (f64, f64, [f64; 4])| {
            dimension_error(value, variance.sqrt(), &Thresholds::new(thresholds).unwrap(), method)
        };
        let errors: BTreeMap<Dimension, f64> = Dimension::ALL.iter().copied().zip(given.map(error)).collect();
        assert!((index_error(&errors, method).unwrap() - 3.4440).abs() < 1e-4);
        assert_eq!(index_error(&BTreeMap::new(), method), None);
    }

    /// By hand: 2^2 + 3^2 - 2 * 0.7 * 2 * 3 = 4.6.
    #[test]
    fn errors_of_one_method_cancel_in_part() {
        let rho = Method::standard().rounds.correlation.value;
        assert!((change_error(2.0, 3.0, rho) - 4.6_f64.sqrt()).abs() < 1e-12);
        assert!((change_error(3.0, 2.0, rho) - 4.6_f64.sqrt()).abs() < 1e-12);
        assert!(change_error(f64::NAN, 1.0, rho).is_nan());
        assert!(!is_changed(f64::NAN, 1.0, 1.645) && !is_changed(1.0, f64::NAN, 1.645) && !is_changed(0.0, 0.0, 1.645));
    }
}
