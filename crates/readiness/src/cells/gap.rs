//! Gaps by class over cells: where each class lags (5), and how much land and how many people are in it.
//!
//! One pass over a column gives a [`ClassTally`], from which all variants follow: other weights of the indicators, people
//! instead of area (the same pass with other weights), one tally of a dimension's own values instead of its indicators.

use kend_domain::ReadinessClass;

use super::{
    error::{CellError, same_length},
    quantile::{CellWeights, quantiles},
};
use crate::{class::place_of, gap::LagRule, method::Method};

/// Classes of the index.
pub(super) const CLASSES: usize = ReadinessClass::ALL.len();

/// Area or people of each class, lowest class first.
pub type ByClass = [f64; CLASSES];

/// Where one indicator lags, in the unit of the cells' weights.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ClassTally {
    /// What lags.
    pub lagging: ByClass,
    /// What has a score.
    pub observed: ByClass,
}

/// Area or people of each class.
///
/// `classes` 0 to 4, others (such as [`NO_CLASS`](super::NO_CLASS)) count nowhere. Weights of another length are an error.
///
/// ```
/// use kend_readiness::cells::{CellWeights, NO_CLASS, class_totals};
/// let people = CellWeights::Each(&[10.0, 5.0, 1.0, 7.0]);
/// assert_eq!(class_totals(&[0, 4, 4, NO_CLASS], people)?, [10.0, 0.0, 0.0, 0.0, 6.0]);
/// # Ok::<(), kend_readiness::cells::CellError>(())
/// ```
pub fn class_totals(classes: &[u8], weights: CellWeights<'_>) -> Result<ByClass, CellError> {
    weights.check(classes.len())?;
    let mut totals = [0.0; CLASSES];
    for (class, weight) in classes.iter().zip(weights.all(classes.len())) {
        if let Some(total) = totals.get_mut(usize::from(*class)) {
            *total += weight;
        }
    }
    Ok(totals)
}

/// When an indicator lags, over the cells of a baseline: [`LagRule::fit`] of a column.
///
/// `values` of the cells, turned into points by `score` (NaN missing); `weights` area. Source: method 5.
/// `None` without a weight above 0. Weights of another length are an error.
///
/// ```
/// use kend_readiness::{LagRule, Method, cells::{CellWeights, cell_lag_rule}};
/// let scores = [10.0, 50.0, 60.0, 80.0, 90.0, f32::NAN];
/// let rule = cell_lag_rule(&scores, CellWeights::Equal, |score| score, Method::standard())?;
/// assert_eq!(rule, Some(LagRule { threshold: 50.0, minimum: 10.0 }));
/// # Ok::<(), kend_readiness::cells::CellError>(())
/// ```
pub fn cell_lag_rule<T: Copy>(
    values: &[T],
    weights: CellWeights<'_>,
    score: impl Fn(T) -> f32,
    method: &Method,
) -> Result<Option<LagRule>, CellError> {
    let found = quantiles(values, weights, [method.gaps.lag_share.value, 0.0], score)?;
    Ok(found.map(|[threshold, minimum]| LagRule { threshold, minimum }))
}

/// Where one indicator lags in each class.
///
/// `values` of the cells, turned into points by `score` (NaN missing); `classes` 0 to 4, other cells count nowhere;
/// `weights` area, or people for that variant. Source: method 5. Columns of different length are an error. Example:
/// [`class_gap`].
pub fn class_tally<T: Copy>(
    values: &[T],
    classes: &[u8],
    weights: CellWeights<'_>,
    rule: &LagRule,
    score: impl Fn(T) -> f32,
) -> Result<ClassTally, CellError> {
    same_length("classes", values.len(), classes.len())?;
    weights.check(values.len())?;
    let mut tally = ClassTally::default();
    for ((value, class), weight) in values.iter().zip(classes).zip(weights.all(values.len())) {
        let score = score(*value);
        let class = usize::from(*class);
        if let (false, Some(observed), Some(lagging)) =
            (score.is_nan(), tally.observed.get_mut(class), tally.lagging.get_mut(class))
        {
            *observed += weight;
            *lagging += if rule.lags(f64::from(score)) { weight } else { 0.0 };
        }
    }
    Ok(tally)
}

/// Gap of a dimension in a class: `100 * sum(w_i * area(lagging_i)) / sum(w_i * area(observed_i))`, percent; the same as
/// [`crate::gap_percent`] of the class's cells.
///
/// `indicators` of the dimension with their weight `w` (any unit; 1 for all gives the unweighted variant). Source: report
/// footnote 36 as made precise in method 5. `None` where nothing is observed; NaN among the weights gives NaN.
///
/// ```
/// use kend_domain::ReadinessClass::Activate;
/// use kend_readiness::{LagRule, Method, cells::{CellWeights, class_gap, class_tally}};
/// let rule = LagRule { threshold: 40.0, minimum: 10.0 };
/// let scores = [10.0, 50.0, f32::NAN, 80.0];
/// let area = CellWeights::Each(&[1.0, 1.0, 5.0, 2.0]);
/// let tally = class_tally(&scores, &[0; 4], area, &rule, |score| score)?;
/// assert_eq!(class_gap(&[(0.2, tally)], Activate, Method::standard()), Some(25.0));
/// # Ok::<(), kend_readiness::cells::CellError>(())
/// ```
pub fn class_gap(indicators: &[(f64, ClassTally)], class: ReadinessClass, method: &Method) -> Option<f64> {
    let place = place_of(class);
    let sum = |of: fn(&ClassTally) -> &ByClass| -> f64 {
        indicators.iter().map(|(weight, tally)| weight * of(tally).get(place).copied().unwrap_or(0.0)).sum()
    };
    let observed = sum(|tally| &tally.observed);
    if observed == 0.0 { None } else { Some(method.scale.maximum.value * sum(|tally| &tally.lagging) / observed) }
}
