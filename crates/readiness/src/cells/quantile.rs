//! Weighted quantiles of columns by selection: two passes over the cells and no sort, whatever the number of shares.
//!
//! The bits of an f32 in the right form have the order of the numbers. A first pass adds up weights by the upper half of
//! these bits, which shows in which of 65,536 bins a quantile lies; a second one looks at the lower half inside that bin.
//! So a quantile is exactly a value that occurs, as in [`crate::weighted_quantile`].

use super::{
    error::{CellError, same_length},
    number::{lower_half, narrow, upper_half},
};
use crate::{
    catalogue::Direction,
    class::{Thresholds, ThresholdsError, Values, thresholds_by},
    composite::enough,
    method::Method,
    normalise::{Goalposts, NormaliseError},
    outliers::Treatment,
};

/// Values of half the bits of an f32.
const BINS: usize = 1 << 16;

/// How much each cell counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellWeights<'a> {
    /// All the same: cells of one size.
    Equal,
    /// Area or population of each, any unit; what is not above 0 does not count.
    Each(&'a [f32]),
}

impl CellWeights<'_> {
    /// The weight of each of so many cells in f64; 0 for NaN and what is below.
    pub(super) fn all(self, cells: usize) -> impl Iterator<Item = f64> + Clone {
        let each = if let Self::Each(weights) = self { weights } else { &[] };
        let equal = if self == Self::Equal { cells } else { 0 };
        let sound = |weight: &f32| if *weight > 0.0 { f64::from(*weight) } else { 0.0 };
        each.iter().map(sound).chain(std::iter::repeat_n(1.0, equal))
    }

    pub(super) const fn check(self, cells: usize) -> Result<(), CellError> {
        match self {
            Self::Equal => Ok(()),
            Self::Each(weights) => same_length("weights", cells, weights.len()),
        }
    }
}

/// The bits of a number such that their order is that of the numbers.
const fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if value.is_sign_negative() { !bits } else { bits ^ (1 << 31) }
}

/// The number of ordered bits.
const fn number(ordered: u32) -> f32 {
    f32::from_bits(if ordered >> 31 == 0 { !ordered } else { ordered ^ (1 << 31) })
}

/// The first bin in which the sum reaches what is wanted, and the sum before it; the last that holds anything if sums
/// miss it by a last bit.
fn bin_reaching(bins: &[f64], before: f64, wanted: f64) -> Option<(usize, f64)> {
    let (mut reached, mut last) = (before, None);
    for (bin, weight) in bins.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = Some((bin, reached));
        reached += weight;
        if reached >= wanted {
            break;
        }
    }
    last
}

/// Weighted quantiles of a column at several shares: each the smallest value `x` with `sum of w over values <= x` at least
/// `p * sum of w`.
///
/// `values` of the cells (any unit), turned by `score` into what is ranked (NaN missing): a score of a raw value, or for
/// a surface of zones the value of a zone; `weights` area or population; `p` shares, 0 to 1, beyond that taken at the
/// end. Source: as [`crate::weighted_quantile`], the same value exactly wherever sums of the weights are exact (equal
/// cells, whole numbers); otherwise sums run bin by bin in the order of cells. `None` without a weight above 0. Weights of
/// another length are an error.
///
/// ```
/// use kend_readiness::cells::{CellWeights, quantiles};
/// let values = [30.0, 10.0, f32::NAN, 20.0];
/// let weights = CellWeights::Each(&[1.0, 2.0, 9.0, 1.0]);
/// assert_eq!(quantiles(&values, weights, [0.4, 0.6, 1.0], |value| value)?, Some([10.0, 20.0, 30.0]));
/// let (zones, of_zone) = ([1_usize, 0, 0, 1], [30.0, 10.0]);
/// assert_eq!(quantiles(&zones, CellWeights::Equal, [0.5], |zone| of_zone[zone])?, Some([10.0]));
/// # Ok::<(), kend_readiness::cells::CellError>(())
/// ```
pub fn quantiles<T: Copy, const N: usize>(
    values: &[T],
    weights: CellWeights<'_>,
    shares: [f64; N],
    score: impl Fn(T) -> f32,
) -> Result<Option<[f64; N]>, CellError> {
    weights.check(values.len())?;
    let cells = || {
        let scores = values.iter().map(|value| score(*value)).zip(weights.all(values.len()));
        scores.filter(|(value, _)| !value.is_nan()).map(|(value, weight)| (ordered(value), weight))
    };
    let mut upper = vec![0.0; BINS];
    for (bits, weight) in cells() {
        if let Some(bin) = upper.get_mut(upper_half(bits)) {
            *bin += weight;
        }
    }
    let total: f64 = upper.iter().sum();
    let wanted = shares.map(|share| share.clamp(0.0, 1.0) * total);
    let found = wanted.map(|wanted| bin_reaching(&upper, 0.0, wanted));
    // The bins that hold a quantile, each once, and for each bin of the first pass which of these it is.
    let mut lower: Vec<(usize, Vec<f64>)> = Vec::new();
    let mut slots = vec![usize::MAX; BINS];
    for (bin, _) in found.iter().flatten() {
        if let Some(slot) = slots.get_mut(*bin).filter(|slot| **slot == usize::MAX) {
            *slot = lower.len();
            lower.push((*bin, vec![0.0; BINS]));
        }
    }
    for (bits, weight) in cells() {
        let slot = slots.get(upper_half(bits)).copied().unwrap_or(usize::MAX);
        if let Some(bin) = lower.get_mut(slot).and_then(|(_, bins)| bins.get_mut(lower_half(bits))) {
            *bin += weight;
        }
    }
    let mut quantiles = [0.0; N];
    for ((quantile, found), wanted) in quantiles.iter_mut().zip(found).zip(wanted) {
        let Some((bin, before)) = found else { return Ok(None) };
        let bins = lower.iter().find(|(of, _)| *of == bin).map_or(&[][..], |(_, bins)| bins);
        let Some((low, _)) = bin_reaching(bins, before, wanted) else { return Ok(None) };
        let key = u32::try_from(bin * BINS + low).unwrap_or(u32::MAX);
        *quantile = f64::from(number(key));
    }
    Ok(Some(quantiles))
}

/// Thresholds of a baseline over cells: [`crate::baseline_thresholds`] of a column.
///
/// `values` points, 0 to 100, NaN for cells without one; `weights` area. Source: method 4. No weight and values outside
/// the scale are errors.
///
/// ```
/// use kend_readiness::{Method, cells::{CellWeights, cell_thresholds}};
/// let index = [10.0, 20.0, 30.0, f32::NAN, 40.0, 50.0];
/// let thresholds = cell_thresholds(&index, CellWeights::Equal, Method::standard())?;
/// assert_eq!(thresholds.values(), [10.0, 20.0, 30.0, 40.0]);
/// # Ok::<(), kend_readiness::ThresholdsError>(())
/// ```
pub fn cell_thresholds(
    values: &[f32],
    weights: CellWeights<'_>,
    method: &Method,
) -> Result<Thresholds, ThresholdsError> {
    let maximum = method.scale.maximum.value;
    let outside = |value: &f32| !value.is_nan() && !(0.0..=maximum).contains(&f64::from(*value));
    if values.iter().any(outside) || weights.check(values.len()).is_err() {
        return Err(ThresholdsError::NotANumber);
    }
    let of = |shares, of: Values| {
        let above_zero = |value: f32| if value > 0.0 { value } else { f32::NAN };
        let wanted = |value| if of == Values::All { value } else { above_zero(value) };
        quantiles(values, weights, shares, wanted).ok().flatten()
    };
    thresholds_by(of, method)
}

/// Goalposts of an indicator that is observed in cells: values beyond the 2.5th and 97.5th percentile of area count as
/// these, which score 0 and 100.
///
/// `values` raw, NaN missing; `weights` area, cells without one are outside the land; as [`Goalposts::fit`] of more than a
/// thousand values. Source: method 2.5 steps 1 to 4, share that must be observed 2.4. Too few values, no range, infinite
/// values and weights of another length: errors.
///
/// ```
/// use kend_readiness::{Direction, Method, cells::{CellWeights, cell_goalposts}};
/// let minutes: Vec<f32> = (1..=2000_u16).map(f32::from).collect();
/// let goalposts = cell_goalposts(&minutes, CellWeights::Equal, Direction::LessIsBetter, Method::standard())?;
/// assert_eq!((goalposts.low, goalposts.high), (-1951.0, -51.0));
/// # Ok::<(), kend_readiness::NormaliseError>(())
/// ```
pub fn cell_goalposts(
    values: &[f32],
    weights: CellWeights<'_>,
    direction: Direction,
    method: &Method,
) -> Result<Goalposts, NormaliseError> {
    if weights.check(values.len()).is_err() || values.iter().any(|value| value.is_infinite()) {
        return Err(NormaliseError::NotANumber);
    }
    let land = || values.iter().zip(weights.all(values.len())).filter(|(_, weight)| *weight > 0.0);
    let observed = land().filter(|(value, _)| !value.is_nan()).count();
    enough(observed, land().count(), method.missing.indicator_min_share.value)?;
    let rules = &method.outliers;
    let shares = [rules.clamp_low_share.value, rules.clamp_high_share.value];
    let oriented = |value: f32| narrow(direction.oriented(f64::from(value)));
    match quantiles(values, weights, shares, oriented) {
        Ok(Some([low, high])) if low < high => {
            Ok(Goalposts { direction, treatment: Treatment::Clamped { low, high }, low, high })
        }
        _ => Err(NormaliseError::NoRange),
    }
}
