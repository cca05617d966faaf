//! Gaps: where a class or a cluster lags (5).
//!
//! Two questions, two functions. [`gap_percent`] is the report's gap by area (its footnote 36), for classes and clusters
//! of cells. [`gaps_to_next_class`] is for a screen that has one cluster and five positions: how far each dimension is
//! below its next threshold. The two orders need not agree, and a screen says which it shows.

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass};
use serde::{Deserialize, Serialize};

use crate::{
    method::{Method, count},
    quantile::weighted_quantile,
};

/// When a score lags: frozen at the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagRule {
    /// Score at the lag share of area, points.
    pub threshold: f64,
    /// Least score of the baseline, points.
    pub minimum: f64,
}

impl LagRule {
    /// The rule of a baseline: `t` = 40th area-weighted percentile of the score, and its minimum.
    ///
    /// `cells` are pairs of score (points) and area (at least 0). Source: method 5. `None` without area or with NaN.
    ///
    /// ```
    /// use kend_readiness::{LagRule, Method};
    /// let cells = [(10.0, 1.0), (50.0, 1.0), (60.0, 1.0), (80.0, 1.0), (90.0, 1.0)];
    /// assert_eq!(LagRule::fit(&cells, Method::standard()), Some(LagRule { threshold: 50.0, minimum: 10.0 }));
    /// ```
    pub fn fit(cells: &[(f64, f64)], method: &Method) -> Option<Self> {
        let threshold = weighted_quantile(cells, method.gaps.lag_share.value)?;
        let minimum = weighted_quantile(cells, 0.0)?;
        Some(Self { threshold, minimum })
    }

    /// Whether a score lags: `s < t` where `t > min`, else (many zeros) `s = min`.
    ///
    /// `s` points. Source: method 5. NaN lags nowhere.
    ///
    /// ```
    /// use kend_readiness::LagRule;
    /// let many_zeros = LagRule { threshold: 0.0, minimum: 0.0 };
    /// assert!(many_zeros.lags(0.0) && !many_zeros.lags(30.0));
    /// ```
    pub fn lags(&self, score: f64) -> bool {
        if self.threshold > self.minimum { score < self.threshold } else { score <= self.minimum }
    }
}

/// One indicator over the cells of a class or cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct GapIndicator {
    /// Weight in the dimension, any unit, above 0; 1 for all gives the unweighted variant.
    pub weight: f64,
    /// When it lags.
    pub rule: LagRule,
    /// Score of each cell, points; `None` where missing.
    pub scores: Vec<Option<f64>>,
}

/// Gap of a dimension: `100 * sum(w_i * area(lagging_i)) / sum(w_i * area(observed_i))`, percent.
///
/// `indicators` of the dimension over the cells of one class or cluster, `areas` of the cells in the same order (any
/// unit; persons instead of area give the population variant). Source: report footnote 36 as made precise in method 5.
/// Missing cells drop out above and below the line. `None` where nothing is observed; NaN among the areas gives NaN;
/// cells beyond the shorter of the two lists are left out.
///
/// ```
/// use kend_readiness::{GapIndicator, LagRule, Method, gap_percent};
/// let rule = LagRule { threshold: 40.0, minimum: 10.0 };
/// let scores = vec![Some(10.0), Some(50.0), None, Some(80.0)];
/// let gap = gap_percent(&[GapIndicator { weight: 0.2, rule, scores }], &[1.0, 1.0, 5.0, 2.0], Method::standard());
/// assert_eq!(gap, Some(25.0));
/// ```
pub fn gap_percent(indicators: &[GapIndicator], areas: &[f64], method: &Method) -> Option<f64> {
    let (mut lagging, mut observed) = (0.0, 0.0);
    for indicator in indicators {
        for (score, area) in indicator.scores.iter().zip(areas) {
            let Some(score) = score else { continue };
            observed += indicator.weight * area;
            if indicator.rule.lags(*score) {
                lagging += indicator.weight * area;
            }
        }
    }
    if observed == 0.0 { None } else { Some(method.scale.maximum.value * lagging / observed) }
}

/// Dimensions with a significant gap: the largest and all within 10 percentage points of it, largest first.
///
/// `gaps` in percent, 0 to 100. Source: method 5. Equal gaps keep the order of dimensions; empty stays empty; a NaN gap
/// is never significant.
///
/// ```
/// use kend_domain::Dimension::{EconomicSources, Governance, Infrastructure};
/// use kend_readiness::{Method, significant_gaps};
/// let gaps = [(EconomicSources, 41.0), (Infrastructure, 50.0), (Governance, 39.9)].into();
/// assert_eq!(significant_gaps(&gaps, Method::standard()), [Infrastructure, EconomicSources]);
/// ```
pub fn significant_gaps(gaps: &BTreeMap<Dimension, f64>, method: &Method) -> Vec<Dimension> {
    let largest = gaps.values().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut significant: Vec<(Dimension, f64)> = gaps
        .iter()
        .filter(|(_, gap)| largest - **gap <= method.gaps.significant_within.value)
        .map(|(dimension, gap)| (*dimension, *gap))
        .collect();
    significant.sort_by(|one, other| other.1.total_cmp(&one.1));
    significant.into_iter().map(|(dimension, _)| dimension).collect()
}

/// How far a dimension is below its next class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassGap {
    /// The dimension.
    pub dimension: Dimension,
    /// Position points to the next threshold, above 0 to a class's width.
    pub distance: f64,
}

/// Gaps of one cluster for a screen: `d = W * (k + 1) - P`, the weakest dimension first.
///
/// `P` class position of each dimension (merged, or of data), 0 to 100; `k` its class, 0 to 3; `W` width of a class, 20;
/// `d` position points. A dimension in the highest class has no next one and is left out. The lowest position comes
/// first, however near its next class is: it is what holds the cluster back. Among equal ones the order of dimensions.
/// Source: a simple order of ours; it needs no cells, and the gap by area (method 5) is [`gap_percent`]. NaN is left out;
/// positions outside the scale are taken at its end.
///
/// ```
/// use kend_domain::Dimension::{Governance, HumanCapital, Infrastructure};
/// use kend_readiness::{Method, gaps_to_next_class};
/// let positions = [(Infrastructure, 41.0), (HumanCapital, 70.0), (Governance, 95.0)].into();
/// let gaps = gaps_to_next_class(&positions, Method::standard());
/// assert_eq!((gaps.len(), gaps[0].dimension, gaps[0].distance), (2, Infrastructure, 19.0));
/// ```
pub fn gaps_to_next_class(positions: &BTreeMap<Dimension, f64>, method: &Method) -> Vec<ClassGap> {
    let width = method.class_width();
    let mut gaps: Vec<(f64, ClassGap)> = positions
        .iter()
        .filter_map(|(dimension, position)| {
            let position = position.clamp(0.0, method.scale.maximum.value);
            let next =
                (1..ReadinessClass::ALL.len()).map(|place| width * count(place)).find(|next| *next > position)?;
            Some((position, ClassGap { dimension: *dimension, distance: next - position }))
        })
        .collect();
    gaps.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    gaps.into_iter().map(|(_, gap)| gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worked_example() -> [GapIndicator; 3] {
        let indicator = |weight, threshold, minimum, scores: [f64; 4]| GapIndicator {
            weight,
            rule: LagRule { threshold, minimum },
            scores: scores.map(Some).to_vec(),
        };
        [
            indicator(0.25, 40.0, 10.0, [10.0, 50.0, 60.0, 80.0]),
            indicator(0.25, 100.0, 0.0, [0.0, 100.0, 100.0, 100.0]),
            indicator(0.5, 0.0, 0.0, [0.0, 0.0, 0.0, 30.0]),
        ]
    }

    /// By hand in method 5.
    #[test]
    fn the_worked_example_gives_its_gaps() {
        let (cells, method) = ([1.0; 4], Method::standard());
        let indicators = worked_example();
        let single: Vec<f64> = indicators
            .iter()
            .map(|indicator| gap_percent(std::slice::from_ref(indicator), &cells, method).unwrap())
            .collect();
        assert_eq!(single, [25.0, 25.0, 75.0]);
        assert!((gap_percent(&indicators, &cells, method).unwrap() - 50.0).abs() < 1e-4);
        let unweighted = indicators.map(|indicator| GapIndicator { weight: 1.0, ..indicator });
        assert!((gap_percent(&unweighted, &cells, method).unwrap() - 41.6667).abs() < 1e-4);
    }

    #[test]
    fn nothing_observed_is_no_gap_of_zero() {
        assert_eq!(gap_percent(&[], &[1.0], Method::standard()), None);
        let rule = LagRule { threshold: 1.0, minimum: 0.0 };
        assert_eq!(
            gap_percent(&[GapIndicator { weight: 1.0, rule, scores: vec![None] }], &[1.0], Method::standard()),
            None
        );
    }

    #[test]
    fn the_weakest_dimension_comes_first_however_near_its_next_class() {
        let positions =
            [(Dimension::EconomicSources, 65.0), (Dimension::Governance, 38.0), (Dimension::HumanCapital, f64::NAN)];
        let gaps = gaps_to_next_class(&positions.into(), Method::standard());
        let order: Vec<Dimension> = gaps.iter().map(|gap| gap.dimension).collect();
        assert_eq!(order, [Dimension::Governance, Dimension::EconomicSources]);
    }
}
