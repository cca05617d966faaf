//! From scores to dimensions to the index (2.4, 3): weighted means over what is present.
//!
//! Weights are renormalised over what is observed, as long as enough is; the limits are the method's or, in a
//! demonstration, lower ones, and a result that used them says `partial`. Nothing missing is ever taken as 0.

use std::collections::BTreeMap;

use kend_domain::Dimension;

use crate::{
    composite::{Mean, weighted_mean},
    method::{Method, MissingLimits, count},
};

/// The value of a dimension and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DimensionValue {
    /// Points, 0 to 100.
    pub value: f64,
    /// Share of the dimension's weight that was observed, above 0 to 1.
    pub observed_share: f64,
    /// Indicators that were observed.
    pub observed: usize,
}

/// The index and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexValue {
    /// Points, 0 to 100.
    pub value: f64,
    /// Whether a dimension has no value.
    pub partial: bool,
}

/// Value of a dimension: `D = sum(w_i s_i) / sum(w_i)` over observed indicators.
///
/// `indicators` are pairs of weight `w` (any unit, above 0) and score `s` (points, 0 to 100, `None` where missing).
/// Source: method 3, limits 2.4. `None` when nothing is observed or less than `dimension_min_weight_share` of the
/// weight. NaN among the scores gives NaN.
///
/// ```
/// use kend_readiness::{Method, dimension_value};
/// let limits = &Method::standard().missing;
/// let zone_b = dimension_value(&[(0.25, Some(50.0)), (0.25, Some(100.0)), (0.5, Some(0.0))], limits).unwrap();
/// assert_eq!(zone_b.value, 37.5);
/// assert_eq!(dimension_value(&[(0.25, Some(0.0)), (0.25, Some(0.0)), (0.5, None)], limits), None, "half is too little");
/// ```
pub fn dimension_value(indicators: &[(f64, Option<f64>)], limits: &MissingLimits) -> Option<DimensionValue> {
    let mean = weighted_mean(indicators, Mean::Arithmetic, limits.dimension_min_weight_share.value).ok()??;
    Some(DimensionValue { value: mean.value, observed_share: mean.present_share, observed: mean.present })
}

/// Weighted mean over the dimensions present: `X = sum(w_d x_d) / sum(w_d)`.
pub(crate) fn weighted_index(values: &BTreeMap<Dimension, f64>, method: &Method) -> Option<f64> {
    let items: Vec<(f64, Option<f64>)> =
        values.iter().map(|(dimension, value)| (method.dimension_weight(*dimension), Some(*value))).collect();
    weighted_mean(&items, Mean::Arithmetic, 0.0).ok()?.map(|mean| mean.value)
}

/// The index: `X = sum(w_d D_d) / sum(w_d)` over the dimensions that have a value.
///
/// `D_d` points, 0 to 100, unrounded; `w_d` relative weights of the dimensions. Source: method 3 (arithmetic across
/// dimensions), limit 2.4. `None` with fewer dimensions than `index_min_dimensions`; with a lowered limit a result over
/// fewer than five says `partial`. NaN gives NaN.
///
/// ```
/// use kend_domain::Dimension;
/// use kend_readiness::{Method, index_value};
/// let values = Dimension::ALL.iter().copied().zip([44.0, 37.0, 52.0, 30.0, 61.0]).collect();
/// let method = Method::standard();
/// assert_eq!(index_value(&values, &method.missing, method).unwrap().value, 44.8);
/// ```
pub fn index_value(values: &BTreeMap<Dimension, f64>, limits: &MissingLimits, method: &Method) -> Option<IndexValue> {
    if count(values.len()) < f64::from(limits.index_min_dimensions.value) {
        return None;
    }
    let value = weighted_index(values, method)?;
    Some(IndexValue { value, partial: values.len() < Dimension::ALL.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lowered_limits_give_a_partial_index_over_what_is_present() {
        let method = Method::standard();
        let values: BTreeMap<_, _> = [(Dimension::Infrastructure, 30.0), (Dimension::HumanCapital, 50.0)].into();
        assert_eq!(index_value(&values, &method.missing, method), None);
        let mut limits = method.missing.clone();
        limits.index_min_dimensions.value = 1;
        assert_eq!(index_value(&values, &limits, method), Some(IndexValue { value: 40.0, partial: true }));
        assert_eq!(index_value(&BTreeMap::new(), &limits, method), None);
    }

    #[test]
    fn a_lowered_limit_lets_half_of_the_weight_speak() {
        let mut limits = Method::standard().missing.clone();
        limits.dimension_min_weight_share.value = 0.0;
        let zone_a = dimension_value(&[(0.25, Some(10.0)), (0.25, Some(20.0)), (0.5, None)], &limits).unwrap();
        assert_eq!((zone_a.value, zone_a.observed_share, zone_a.observed), (15.0, 0.5, 2));
        assert_eq!(dimension_value(&[(0.5, None)], &limits), None);
        assert_eq!(dimension_value(&[], &limits), None);
    }
}
