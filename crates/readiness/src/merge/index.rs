//! The index: merged value, standard error, class with its guards, range and probabilities (7.3, 7.4).

use std::{collections::BTreeMap, f64::consts::FRAC_1_SQRT_2};

use kend_domain::{Dimension, ReadinessClass};

use super::{DimensionOutput, IndexOutput, MergeInput};
use crate::{
    aggregate::weighted_index,
    class::{Thresholds, class_at, class_of, place_of},
    field::FieldEvidence,
    method::{Method, count},
};

/// Probability of each class for a normally distributed index:
/// `p_k = F((T_(k+1) - X) / SE) - F((T_k - X) / SE)`, F the standard normal distribution.
///
/// `X` points, 0 to 100; `SE` points, at least 0; `T` thresholds, the ends open (all of the distribution is in some
/// class); `p` 0 to 1, sum 1, Activate first. Source: method 7.4. `SE` of 0 gives the class of `X` for certain; NaN gives
/// NaN.
///
/// ```
/// use kend_readiness::{Thresholds, class_probabilities};
/// let index = Thresholds::new([26.0, 34.0, 44.5, 54.0])?;
/// let medium = class_probabilities(44.0654, 3.7963, &index)[2];
/// assert!((medium - 0.5416).abs() < 1e-4);
/// # Ok::<(), kend_readiness::BadThresholds>(())
/// ```
pub fn class_probabilities(value: f64, se: f64, thresholds: &Thresholds) -> [f64; ReadinessClass::ALL.len()] {
    let mut probabilities = [0.0; ReadinessClass::ALL.len()];
    if se == 0.0 {
        if let Some(certain) = probabilities.get_mut(place_of(class_of(value, thresholds))) {
            *certain = 1.0;
        }
        return probabilities;
    }
    let below = |threshold: f64| f64::midpoint(1.0, libm::erf((threshold - value) / se * FRAC_1_SQRT_2));
    let mut reached = 0.0;
    for (place, probability) in probabilities.iter_mut().enumerate() {
        let up_to = thresholds.values().get(place).map_or(1.0, |threshold| below(*threshold));
        *probability = up_to - reached;
        reached = up_to;
    }
    probabilities
}

/// Everything about the index.
pub(super) fn output(
    input: &MergeInput,
    dimensions: &BTreeMap<Dimension, DimensionOutput>,
    heard: &FieldEvidence,
    method: &Method,
) -> IndexOutput {
    let rules = &method.labels;
    let provisional = count(heard.villages) < f64::from(rules.min_villages.value)
        || count(heard.focus_groups) < f64::from(rules.min_focus_groups.value);
    let values: BTreeMap<Dimension, f64> =
        input.dimensions.iter().filter_map(|(dimension, data)| Some((*dimension, data.value?))).collect();
    let merged: BTreeMap<Dimension, f64> =
        dimensions.iter().filter_map(|(dimension, output)| Some((*dimension, output.merged?))).collect();
    let (Some(value), Some(merged)) = (weighted_index(&values, method), weighted_index(&merged, method)) else {
        return IndexOutput {
            value: None,
            class: None,
            merged: None,
            se: None,
            merged_class: None,
            range_low: None,
            range_high: None,
            range_classes: None,
            probabilities: None,
            provisional,
        };
    };
    let se = standard_error(dimensions, method);
    let thresholds = &input.index_thresholds;
    let class = class_of(value, thresholds);
    let (low, high) = (merged - rules.range_z.value * se, merged + rules.range_z.value * se);
    let (first, last) = (class_of(low, thresholds), class_of(high, thresholds));
    let touched = ReadinessClass::ALL.iter().copied().filter(|class| (first..=last).contains(class));
    IndexOutput {
        value: Some(value),
        class: Some(class),
        merged: Some(merged),
        se: Some(se),
        merged_class: Some(guarded(class_of(merged, thresholds), class, method)),
        range_low: Some(low),
        range_high: Some(high),
        range_classes: Some(touched.collect()),
        probabilities: Some(class_probabilities(merged, se, thresholds)),
        provisional,
    }
}

/// `SE = sqrt(sum(w_d^2 g_d^2 Var_d))`, weights renormalised over the dimensions with data.
fn standard_error(dimensions: &BTreeMap<Dimension, DimensionOutput>, method: &Method) -> f64 {
    let (mut weights, mut squares) = (0.0, 0.0);
    for (dimension, output) in dimensions {
        let (Some(slope), Some(variance)) = (output.slope, output.variance) else { continue };
        let weight = method.dimension_weight(*dimension);
        weights += weight;
        squares += weight * weight * slope * slope * variance;
    }
    squares.sqrt() / weights
}

/// The merged class, moved to within the allowed number of classes from the class of the data.
fn guarded(merged: ReadinessClass, class: ReadinessClass, method: &Method) -> ReadinessClass {
    let steps = usize::try_from(method.labels.max_class_steps.value).unwrap_or(usize::MAX);
    let place = place_of(class);
    class_at(place_of(merged).clamp(place.saturating_sub(steps), place.saturating_add(steps)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_merged_class_stays_within_one_class_of_the_data() {
        let method = Method::standard();
        let guarded = |merged, class| guarded(merged, class, method);
        assert_eq!(guarded(ReadinessClass::Activate, ReadinessClass::Amplify), ReadinessClass::AccelerateHigh);
        assert_eq!(guarded(ReadinessClass::Amplify, ReadinessClass::Activate), ReadinessClass::AccelerateLow);
        assert_eq!(guarded(ReadinessClass::Amplify, ReadinessClass::AccelerateHigh), ReadinessClass::Amplify);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "certainty is exactly 1")]
    fn without_error_the_class_is_certain() {
        let thresholds = Thresholds::new([20.0, 40.0, 60.0, 80.0]).unwrap();
        assert_eq!(class_probabilities(40.0, 0.0, &thresholds), [0.0, 0.0, 1.0, 0.0, 0.0]);
    }
}
