//! Outliers: what keeps one extreme rayon from deciding the scale of all (2.5, step 2).
//!
//! Few values are pulled in one at a time while the distribution is both skewed and heavy-tailed, and where that does
//! not help the logarithm is taken of the original values. Many values (cells) are clamped to percentiles. What was
//! done is part of the result, as it must be frozen with the goalposts and shown with the indicator.

use serde::{Deserialize, Serialize};

use crate::{
    method::{Outliers, count},
    quantile::weighted_quantile,
};

/// Numbers of the estimators themselves, not of the method.
mod estimator {
    /// Degrees of freedom lost by the skewness and kurtosis of a sample.
    pub(super) const TWO: f64 = 2.0;
    /// Kurtosis of the normal distribution, also degrees of freedom lost.
    pub(super) const THREE: f64 = 3.0;
}
use estimator::{THREE, TWO};

/// What was done to a distribution before its ends became goalposts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Treatment {
    /// Nothing.
    AsObserved,
    /// This many values were pulled in.
    Winsorised {
        /// Values changed.
        points: u32,
        /// Least value afterwards, oriented.
        low: f64,
        /// Greatest value afterwards, oriented.
        high: f64,
    },
    /// `ln(x - origin + offset)`, for a long upper tail.
    Logarithm {
        /// Least observed value, oriented.
        origin: f64,
        /// Share of the range added.
        offset: f64,
    },
    /// `-ln(origin - x + offset)`, the mirror image, for a long lower tail.
    MirroredLogarithm {
        /// Greatest observed value, oriented.
        origin: f64,
        /// Share of the range added.
        offset: f64,
    },
    /// Clamped to percentiles.
    Clamped {
        /// Lower percentile.
        low: f64,
        /// Upper percentile.
        high: f64,
    },
}

impl Treatment {
    /// The value after treatment; in a later round, one beyond what was left after winsorising counts as its end.
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            // The ends of the logarithms would take it for a number.
            _ if value.is_nan() => value,
            Self::AsObserved => value,
            // A later round may lie beyond the baseline, where the logarithm would not exist: clip first.
            Self::Logarithm { origin, offset } => libm::log((value - origin).max(0.0) + offset),
            Self::MirroredLogarithm { origin, offset } => -libm::log((origin - value).max(0.0) + offset),
            Self::Winsorised { low, high, .. } | Self::Clamped { low, high } => value.clamp(low, high),
        }
    }

    /// The value that this treatment turns into `treated`: the inverse of [`Self::apply`] between its ends.
    pub(crate) fn undo(self, treated: f64) -> f64 {
        match self {
            Self::AsObserved | Self::Winsorised { .. } | Self::Clamped { .. } => treated,
            Self::Logarithm { origin, offset } => libm::exp(treated) - offset + origin,
            Self::MirroredLogarithm { origin, offset } => origin + offset - libm::exp(-treated),
        }
    }
}

/// Mean of a power of the deviations. The power is spelled out as products: `powi` may round differently by platform.
fn moment(values: &[f64], power: fn(f64) -> f64) -> f64 {
    let mean = values.iter().sum::<f64>() / count(values.len());
    values.iter().map(|value| power(value - mean)).sum::<f64>() / count(values.len())
}

fn variance(values: &[f64]) -> f64 {
    moment(values, |deviation| deviation * deviation)
}

/// Skewness of a sample, type 2: `G1 = sqrt(n (n - 1)) / (n - 2) * m3 / m2^(3/2)`.
///
/// `n` values, at least 3; `m_r` their central moments; dimensionless. Source: Joanes and Gill 1998, The Statistician
/// 47(1), `G_1`; as in Excel and e1071 type 2 (method 2.5). `None` for fewer than 3 values or no spread; NaN among the
/// values gives NaN.
///
/// ```
/// let skew = kend_readiness::skewness(&[1.0, 2.0, 3.0, 4.0, 10.0]).unwrap();
/// assert!((skew - 1.6971).abs() < 1e-4);
/// ```
pub fn skewness(values: &[f64]) -> Option<f64> {
    let n = count(values.len());
    let variance = variance(values);
    if n < THREE || variance == 0.0 {
        return None;
    }
    let plain = moment(values, |deviation| deviation * deviation * deviation) / (variance * variance.sqrt());
    Some(plain * (n * (n - 1.0)).sqrt() / (n - TWO))
}

/// Excess kurtosis of a sample, type 2: `G2 = (n - 1) / ((n - 2)(n - 3)) * ((n + 1) g2 + 6)`, `g2 = m4 / m2^2 - 3`.
///
/// `n` values, at least 4; `m_r` their central moments; dimensionless. Source: Joanes and Gill 1998, `G_2`; as in Excel
/// and e1071 type 2 (method 2.5). `None` for fewer than 4 values or no spread; NaN among the values gives NaN.
///
/// ```
/// let kurtosis = kend_readiness::kurtosis(&[1.0, 2.0, 3.0, 4.0, 10.0]).unwrap();
/// assert!((kurtosis - 3.152).abs() < 1e-4);
/// ```
pub fn kurtosis(values: &[f64]) -> Option<f64> {
    let n = count(values.len());
    let variance = variance(values);
    if n <= THREE || variance == 0.0 {
        return None;
    }
    let excess =
        moment(values, |deviation| deviation * deviation * deviation * deviation) / (variance * variance) - THREE;
    Some((n - 1.0) / ((n - TWO) * (n - THREE)) * ((n + 1.0) * excess + THREE * TWO))
}

/// Least and greatest value; infinite the wrong way round for none.
pub(crate) fn ends(values: &[f64]) -> (f64, f64) {
    let fold = |from: f64, further: fn(f64, f64) -> f64| values.iter().copied().fold(from, further);
    (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max))
}

fn has_outliers(values: &[f64], rules: &Outliers) -> bool {
    let skewed = skewness(values).is_some_and(|skew| skew.abs() >= rules.skew_limit.value);
    skewed && kurtosis(values).is_some_and(|kurtosis| kurtosis >= rules.kurtosis_limit.value)
}

/// Pulls in the extreme value (all ties of it) on the skewed side until the distribution passes; `None` if it does not
/// within the allowed number of values.
fn winsorised(values: &[f64], rules: &Outliers) -> Option<(Vec<f64>, u32)> {
    let mut treated = values.to_vec();
    let mut points = 0;
    while has_outliers(&treated, rules) {
        let upper = skewness(&treated)? > 0.0;
        let further = |one: f64, other: f64| if upper { one.max(other) } else { one.min(other) };
        let extreme = treated.iter().copied().reduce(further)?;
        let is_extreme = |value: f64| value.total_cmp(&extreme).is_eq();
        let next = treated.iter().copied().filter(|value| !is_extreme(*value)).reduce(further)?;
        points = u32::try_from(treated.iter().filter(|value| is_extreme(**value)).count()).ok()?;
        if points > rules.winsorise_max_points.value {
            return None;
        }
        for value in treated.iter_mut().filter(|value| value.total_cmp(&extreme).is_eq()) {
            *value = next;
        }
    }
    Some((treated, points))
}

/// Treats the outliers of oriented values: winsorises at most 5 while `|skewness| >= 2` and `kurtosis >= 3.5`, else
/// takes `ln(x - min + 0.01 (max - min))` (mirrored for a long lower tail); above 1,000 values clamps to the 2.5th and
/// 97.5th area-weighted percentiles.
///
/// `cells` are pairs of oriented value (any unit) and area (at least 0). Source: method 2.5 step 2; `COINr`; OECD/JRC
/// 2008. Returns the treated values in the order given and what was done. Empty input stays empty; NaN must not occur
/// (callers drop missing values) and is passed through untreated.
///
/// ```
/// use kend_readiness::{Method, Treatment, treat_outliers};
/// let cells: Vec<(f64, f64)> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1000.0].map(|value| (value, 1.0)).to_vec();
/// let (treated, treatment) = treat_outliers(&cells, &Method::standard().outliers);
/// assert_eq!(treatment, Treatment::Winsorised { points: 1, low: 1.0, high: 7.0 });
/// assert_eq!(treated.last(), Some(&7.0));
/// ```
pub fn treat_outliers(cells: &[(f64, f64)], rules: &Outliers) -> (Vec<f64>, Treatment) {
    let values: Vec<f64> = cells.iter().map(|(value, _)| *value).collect();
    if count(values.len()) > f64::from(rules.many_values.value) {
        return clamp_to_percentiles(cells, rules);
    }
    if !has_outliers(&values, rules) {
        return (values, Treatment::AsObserved);
    }
    if let Some((treated, points)) = winsorised(&values, rules) {
        let (low, high) = ends(&treated);
        return (treated, Treatment::Winsorised { points, low, high });
    }
    let (low, high) = ends(&values);
    let offset = (high - low) * rules.log_offset_share.value;
    let upper_tail = skewness(&values).is_none_or(|skew| skew > 0.0);
    let treatment = if upper_tail {
        Treatment::Logarithm { origin: low, offset }
    } else {
        Treatment::MirroredLogarithm { origin: high, offset }
    };
    (values.iter().map(|value| treatment.apply(*value)).collect(), treatment)
}

/// Values beyond the lower and upper weighted percentile count as these; without a weight above 0 nothing is done.
pub(crate) fn clamp_to_percentiles(cells: &[(f64, f64)], rules: &Outliers) -> (Vec<f64>, Treatment) {
    let low = weighted_quantile(cells, rules.clamp_low_share.value);
    let high = weighted_quantile(cells, rules.clamp_high_share.value);
    let treatment = low.zip(high).map_or(Treatment::AsObserved, |(low, high)| Treatment::Clamped { low, high });
    (cells.iter().map(|(value, _)| treatment.apply(*value)).collect(), treatment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    fn treat(values: &[f64]) -> (Vec<f64>, Treatment) {
        let cells: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
        treat_outliers(&cells, &Method::standard().outliers)
    }

    #[test]
    fn an_even_distribution_is_left_alone_and_so_is_a_handful_of_values() {
        assert_eq!(treat(&[1.0, 2.0, 3.0, 4.0, 5.0]).1, Treatment::AsObserved);
        assert_eq!(treat(&[1.0, 2.0, 1e9]).1, Treatment::AsObserved);
        assert_eq!(treat(&[]), (Vec::new(), Treatment::AsObserved));
    }

    #[test]
    fn a_long_lower_tail_is_pulled_up() {
        let (treated, treatment) = treat(&[-1000.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(treatment, Treatment::Winsorised { points: 1, low: 1.0, high: 7.0 });
        assert_eq!(treated.first(), Some(&1.0));
    }

    #[test]
    fn more_ties_at_the_end_than_may_be_pulled_in_lead_to_the_logarithm_of_the_original_values() {
        let mut values = vec![1000.0; 6];
        values.extend((0..90).map(f64::from));
        let (treated, treatment) = treat(&values);
        assert_eq!(treatment, Treatment::Logarithm { origin: 0.0, offset: 10.0 });
        assert!((treated[0] - 1010.0_f64.ln()).abs() < 1e-12);

        let mirrored: Vec<f64> = values.iter().map(|value| -value).collect();
        let (mirror, treatment) = treat(&mirrored);
        assert_eq!(treatment, Treatment::MirroredLogarithm { origin: 0.0, offset: 10.0 });
        assert!((mirror[0] + treated[0]).abs() < 1e-12);
    }

    #[test]
    fn a_value_that_is_no_number_stays_none() {
        let treatments = [
            Treatment::Logarithm { origin: 0.0, offset: 1.0 },
            Treatment::MirroredLogarithm { origin: 0.0, offset: 1.0 },
            Treatment::Clamped { low: 0.0, high: 1.0 },
        ];
        assert!(treatments.iter().all(|treatment| treatment.apply(f64::NAN).is_nan()));
    }

    #[test]
    fn many_values_are_clamped_to_percentiles_of_area() {
        let values: Vec<f64> = (1..=2000).map(f64::from).collect();
        let (treated, treatment) = treat(&values);
        assert_eq!(treatment, Treatment::Clamped { low: 50.0, high: 1950.0 });
        assert_eq!((treated[0], treated[1999]), (50.0, 1950.0));
    }
}
