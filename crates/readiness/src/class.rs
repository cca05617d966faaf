//! Classes, their thresholds, and the class position that makes data and voices comparable (4, 7.1).
//!
//! Thresholds are set once at the baseline and frozen: re-estimated ones would show no progress when everybody
//! improves. [`Thresholds`] can only be strictly increasing inside the scale, so a position always exists.

use kend_domain::ReadinessClass;
use serde::{Deserialize, Serialize};

use crate::{
    composite::{class_place, rounded},
    json::Number,
    method::{ClassRules, Method, Scale},
    quantile::weighted_quantile,
};

/// Thresholds between the classes; one fewer than classes.
pub const THRESHOLD_COUNT: usize = ReadinessClass::ALL.len() - 1;

/// Frozen thresholds of the index or of a dimension, points, strictly increasing, inside the scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[Number; THRESHOLD_COUNT]", into = "[f64; THRESHOLD_COUNT]")]
pub struct Thresholds([f64; THRESHOLD_COUNT]);

/// Four numbers that are no thresholds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("expected four strictly increasing numbers above 0 and below {maximum}, found {found:?}")]
pub struct BadThresholds {
    found: [f64; THRESHOLD_COUNT],
    maximum: f64,
}

impl Thresholds {
    /// Thresholds from four numbers; those that are not strictly increasing between 0 and the top of the scale are
    /// refused, NaN among them.
    pub fn new(thresholds: [f64; THRESHOLD_COUNT]) -> Result<Self, BadThresholds> {
        let maximum = Method::standard().scale.maximum.value;
        let knots = [&[0.0], thresholds.as_slice(), &[maximum]].concat();
        if knots.is_sorted_by(|lower, upper| lower < upper) {
            Ok(Self(thresholds))
        } else {
            Err(BadThresholds { found: thresholds, maximum })
        }
    }

    /// The four numbers.
    pub const fn values(&self) -> [f64; THRESHOLD_COUNT] {
        self.0
    }

    /// The two knots around class `k`: `t_k` and `t_(k+1)`, with 0 below and the maximum above the thresholds.
    fn knots(&self, class: usize, scale: &Scale) -> (f64, f64) {
        let lower = class.checked_sub(1).and_then(|below| self.0.get(below)).copied().unwrap_or(0.0);
        (lower, self.0.get(class).copied().unwrap_or(scale.maximum.value))
    }
}

impl TryFrom<[Number; THRESHOLD_COUNT]> for Thresholds {
    type Error = BadThresholds;
    fn try_from(numbers: [Number; THRESHOLD_COUNT]) -> Result<Self, BadThresholds> {
        Self::new(numbers.map(|number| number.0))
    }
}

impl From<Thresholds> for [f64; THRESHOLD_COUNT] {
    fn from(thresholds: Thresholds) -> Self {
        thresholds.0
    }
}

/// The class at a place in the order of classes, the last for any place beyond.
pub(crate) fn class_at(place: usize) -> ReadinessClass {
    ReadinessClass::ALL.get(place).copied().unwrap_or(ReadinessClass::Amplify)
}

/// The place of a class in their order, Activate 0.
pub(crate) fn place_of(class: ReadinessClass) -> usize {
    ReadinessClass::ALL.iter().take_while(|other| **other < class).count()
}

/// Class of a value: the number of thresholds `T_k <= x`.
///
/// `x` points, 0 to 100; `T` points. Source: method 4. Values outside the scale fall into the lowest or highest class;
/// NaN is at or above no threshold and gives Activate (callers refuse NaN before).
///
/// ```
/// use kend_readiness::{Thresholds, class_of};
/// let index = Thresholds::new([26.0, 34.0, 44.5, 54.0])?;
/// assert_eq!(class_of(44.8, &index).word(), "accelerate_high");
/// assert_eq!(class_of(44.5, &index).word(), "accelerate_high", "a threshold belongs to the class above it");
/// # Ok::<(), kend_readiness::BadThresholds>(())
/// ```
pub fn class_of(value: f64, thresholds: &Thresholds) -> ReadinessClass {
    class_at(class_place(value, &thresholds.0))
}

/// Class position of a value: `P(x) = W * (k + (x - t_k) / (t_(k+1) - t_k))`.
///
/// `x` points, 0 to 100; `t` knots 0, T1..T4, 100; `k` number of T at or below `x`, 0 to 4; `W` width of a class, 20;
/// `P` 0 to 100. Source: method 7.1. `x` outside the scale is taken at its end; NaN gives NaN.
///
/// ```
/// use kend_readiness::{Method, Thresholds, position};
/// let infrastructure = Thresholds::new([25.0, 36.0, 48.0, 62.0])?;
/// assert!((position(37.0, &infrastructure, Method::standard()) - 41.6667).abs() < 1e-4);
/// # Ok::<(), kend_readiness::BadThresholds>(())
/// ```
pub fn position(value: f64, thresholds: &Thresholds, method: &Method) -> f64 {
    let value = value.clamp(0.0, method.scale.maximum.value);
    let class = class_place(value, &thresholds.0);
    let (lower, upper) = thresholds.knots(class, &method.scale);
    method.class_width() * (crate::method::count(class) + (value - lower) / (upper - lower))
}

/// A value and how fast it changes with position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueAt {
    /// Points, 0 to 100.
    pub value: f64,
    /// Points by which the value rises for one point of position, above 0.
    pub slope: f64,
}

/// Inverse of [`position`]: `x = t_k + (P - W * k) * g`, slope `g = (t_(k+1) - t_k) / W`.
///
/// `P` position, 0 to 100; `k = floor(P / W)`, at most 4; other symbols as there. Source: method 7.1, 7.3. `P` outside
/// the scale is taken at its end; NaN gives NaN with the slope of the lowest class.
///
/// ```
/// use kend_readiness::{Method, Thresholds, value_at};
/// let potential = Thresholds::new([15.0, 26.0, 40.0, 56.0])?;
/// let merged = value_at(41.9366, &potential, Method::standard());
/// assert!((merged.value - 27.3556).abs() < 1e-4 && (merged.slope - 0.7).abs() < 1e-12);
/// # Ok::<(), kend_readiness::BadThresholds>(())
/// ```
pub fn value_at(position: f64, thresholds: &Thresholds, method: &Method) -> ValueAt {
    let width = method.class_width();
    let position = position.clamp(0.0, method.scale.maximum.value);
    // The places at which a class begins, compared and not divided: no cast, and exact at the knots.
    let class = (1..=THRESHOLD_COUNT).filter(|place| width * crate::method::count(*place) <= position).count();
    let (lower, upper) = thresholds.knots(class, &method.scale);
    let slope = (upper - lower) / width;
    ValueAt { value: lower + (position - width * crate::method::count(class)) * slope, slope }
}

/// Why a baseline gives no thresholds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdsError {
    /// There is no value, or no area.
    #[error("thresholds need at least one value with an area above 0")]
    Empty,
    /// A value or an area is not a number, or negative.
    #[error("thresholds need values within the scale and areas that are not negative")]
    NotANumber,
    /// Quintiles tie and there is nothing above 0 to take quartiles of.
    #[error("all values are 0: there is nothing to divide into classes")]
    NothingPositive,
}

/// Thresholds of a baseline: area-weighted quintiles of `x`, rounded to 0.1, `T_k = Q(k / 5)`, k = 1..4.
///
/// Where two thresholds, or a threshold and an end of the scale, are closer than 0.1, `T1 = 0.1` and T2..T4 are the
/// area-weighted quartiles of the values above 0; where those tie in turn each is moved up to 0.1 above the one below,
/// so that a position exists whatever the data. `Q` is the smallest value with at least that share of area at or below
/// it. `cells` are pairs of value (points, 0 to 100) and area (any unit, at least 0). Source: method 4. No area, NaN
/// and values outside the scale are errors.
///
/// ```
/// use kend_readiness::{Method, baseline_thresholds};
/// let cells = [(10.0, 1.0), (20.0, 1.0), (30.0, 1.0), (40.0, 1.0), (50.0, 1.0)];
/// assert_eq!(baseline_thresholds(&cells, Method::standard())?.values(), [10.0, 20.0, 30.0, 40.0]);
/// // Half of the area at 0: 0.1, then quartiles of what is above 0.
/// let governance = [(0.0, 4.0), (8.0, 1.0), (16.0, 1.0), (24.0, 1.0), (32.0, 1.0)];
/// assert_eq!(baseline_thresholds(&governance, Method::standard())?.values(), [0.1, 8.0, 16.0, 24.0]);
/// # Ok::<(), kend_readiness::ThresholdsError>(())
/// ```
pub fn baseline_thresholds(cells: &[(f64, f64)], method: &Method) -> Result<Thresholds, ThresholdsError> {
    let maximum = method.scale.maximum.value;
    if cells.iter().any(|(value, area)| !(0.0..=maximum).contains(value) || !area.is_finite() || *area < 0.0) {
        return Err(ThresholdsError::NotANumber);
    }
    let positive: Vec<(f64, f64)> = cells.iter().copied().filter(|(value, _)| *value > 0.0).collect();
    let quantiles = |shares: [f64; THRESHOLD_COUNT], of: Values| {
        let cells = if of == Values::All { cells } else { &positive };
        let found: Vec<f64> = shares.iter().map_while(|share| weighted_quantile(cells, *share)).collect();
        found.try_into().ok()
    };
    thresholds_by(quantiles, method)
}

/// Which values quantiles are taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    All,
    AboveZero,
}

/// The thresholds of [`baseline_thresholds`] from whatever knows the quantiles at given shares.
pub(crate) fn thresholds_by(
    quantiles_of: impl Fn([f64; THRESHOLD_COUNT], Values) -> Option<[f64; THRESHOLD_COUNT]>,
    method: &Method,
) -> Result<Thresholds, ThresholdsError> {
    let maximum = method.scale.maximum.value;
    let rules = &method.classes;
    let rounded = |quantile| rounded(quantile, rules.threshold_steps_per_point.value);
    let place = |index: usize| crate::method::count(index);
    let classes = place(ReadinessClass::ALL.len());
    let fifths = std::array::from_fn(|index| place(index + 1) / classes);
    let quintiles = quantiles_of(fifths, Values::All).ok_or(ThresholdsError::Empty)?.map(rounded);
    if !ties(&quintiles, rules, maximum) {
        return Thresholds::new(quintiles).map_err(|_| ThresholdsError::NotANumber);
    }

    let quarters = std::array::from_fn(|index| place(index) / place(THRESHOLD_COUNT));
    let mut thresholds =
        quantiles_of(quarters, Values::AboveZero).ok_or(ThresholdsError::NothingPositive)?.map(rounded);
    if let Some(first) = thresholds.first_mut() {
        *first = rules.tied_first_threshold.value;
    }
    Thresholds::new(spread(thresholds, rules, maximum)).map_err(|_| ThresholdsError::NotANumber)
}

/// Whether two knots are closer than a step; rounded values are compared in steps, where they are whole.
fn ties(thresholds: &[f64; THRESHOLD_COUNT], rules: &ClassRules, maximum: f64) -> bool {
    let steps = rules.threshold_steps_per_point.value;
    let knots = [&[0.0], thresholds.as_slice(), &[maximum]].concat();
    !knots.is_sorted_by(|lower, upper| (lower * steps).round() < (upper * steps).round())
}

/// Moves thresholds apart to at least one step, upwards first, then down from the top of the scale.
fn spread(mut thresholds: [f64; THRESHOLD_COUNT], rules: &ClassRules, maximum: f64) -> [f64; THRESHOLD_COUNT] {
    let steps = rules.threshold_steps_per_point.value;
    let mut least = 1.0_f64;
    for threshold in &mut thresholds {
        let step = (*threshold * steps).round().max(least);
        *threshold = step / steps;
        least = step + 1.0;
    }
    let mut most = maximum * steps - 1.0;
    for threshold in thresholds.iter_mut().rev() {
        let step = (*threshold * steps).round().min(most);
        *threshold = step / steps;
        most = step - 1.0;
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_do_not_increase_inside_the_scale_are_refused() {
        for bad in [
            [10.0, 10.0, 20.0, 30.0],
            [0.0, 10.0, 20.0, 30.0],
            [10.0, 20.0, 30.0, 100.0],
            [40.0, 30.0, 20.0, 10.0],
            [10.0, f64::NAN, 20.0, 30.0],
        ] {
            assert!(Thresholds::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_position_leads_back_to_its_value_at_every_knot_and_between() {
        let method = Method::standard();
        let thresholds = Thresholds::new([10.0, 24.0, 42.0, 63.0]).unwrap();
        for value in [0.0, 5.0, 10.0, 23.9, 24.0, 42.0, 61.0, 63.0, 99.0, 100.0] {
            let back = value_at(position(value, &thresholds, method), &thresholds, method);
            assert!((back.value - value).abs() < 1e-9, "{value}");
        }
        assert!((position(24.0, &thresholds, method) - 40.0).abs() < f64::EPSILON);
        assert!(position(f64::NAN, &thresholds, method).is_nan());
        assert!((position(1e9, &thresholds, method) - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "thresholds are rounded to exactly these decimals")]
    fn one_value_for_everybody_still_gives_thresholds_that_increase() {
        let method = Method::standard();
        assert_eq!(baseline_thresholds(&[(7.0, 3.0)], method).unwrap().values(), [0.1, 7.0, 7.1, 7.2]);
        assert_eq!(baseline_thresholds(&[(100.0, 1.0)], method).unwrap().values(), [0.1, 99.7, 99.8, 99.9]);
        assert_eq!(baseline_thresholds(&[(0.0, 1.0)], method), Err(ThresholdsError::NothingPositive));
        assert_eq!(baseline_thresholds(&[], method), Err(ThresholdsError::Empty));
        assert_eq!(baseline_thresholds(&[(f64::NAN, 1.0)], method), Err(ThresholdsError::NotANumber));
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "thresholds are rounded to exactly these decimals")]
    fn a_large_area_pulls_the_thresholds_to_its_value() {
        let cells = [(10.0, 1.0), (20.0, 1.0), (30.0, 1.0), (40.0, 1.0), (50.0, 1.0), (60.0, 15.0)];
        // Quintiles 40, 60, 60, 60 tie, so quartiles of the positive values follow, moved apart.
        assert_eq!(baseline_thresholds(&cells, Method::standard()).unwrap().values(), [0.1, 50.0, 60.0, 60.1]);
    }
}
