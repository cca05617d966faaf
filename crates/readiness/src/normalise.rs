//! From raw values to scores of 0 to 100 (2.5).
//!
//! [`Goalposts`] hold everything a later round needs to score by the same rule: direction, treatment and the two ends.
//! They are frozen at the baseline; a later value beyond them is clipped. The alternatives serve the question how much
//! the result depends on min-max and are never frozen. The formulas are those of [`crate::composite`], here with the numbers
//! of the method.

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Direction,
    composite::{Normaliser, OutlierRule, Place, Placing, Rule, ScoreScale},
    method::Method,
    outliers::Treatment,
};

/// How scores are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Normalisation {
    /// Position between the goalposts: the method.
    MinMax,
    /// Distance from the mean in standard deviations.
    ZScore,
    /// Share of zones below.
    PercentileRank,
}

impl Normalisation {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::MinMax, Self::ZScore, Self::PercentileRank];
}

/// Why an indicator gives no scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NormaliseError {
    /// Too few units have a value.
    #[error("too few units have a value")]
    TooFewObserved,
    /// All observed values are equal: the indicator says nothing.
    #[error("all values are equal")]
    NoRange,
    /// A value or an area is not a finite number, or an area is negative.
    #[error("a value or an area is not a number, or an area is negative")]
    NotANumber,
}

/// The frozen rule that turns a raw value into a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goalposts {
    /// Whether more is better.
    pub direction: Direction,
    /// What is done before the ends apply.
    pub treatment: Treatment,
    /// Treated, oriented value that scores 0.
    pub low: f64,
    /// Treated, oriented value that scores 100.
    pub high: f64,
}

impl Goalposts {
    /// Goalposts of a baseline: minimum and maximum after orientation and treatment.
    ///
    /// `values` raw, one for each native unit, `None` where missing; `areas` of the units in the same order (any unit, at
    /// least 0), used for percentiles of many values only. Source: method 2.5 steps 1 to 4, share that must be observed
    /// 2.4. Too few values, no range, NaN: errors.
    ///
    /// ```
    /// use kend_readiness::{Direction, Goalposts, Method};
    /// let physicians = [Some(30.0), Some(10.0), Some(20.0)];
    /// let goalposts = Goalposts::fit(&physicians, &[1.0; 3], Direction::LessIsBetter, Method::standard())?;
    /// assert_eq!(physicians.map(|value| value.map(|value| goalposts.score(value, Method::standard()))),
    ///     [Some(0.0), Some(100.0), Some(50.0)]);
    /// assert_eq!(goalposts.score(9.0, Method::standard()), 100.0, "a later round is clipped");
    /// # Ok::<(), kend_readiness::NormaliseError>(())
    /// ```
    pub fn fit(
        values: &[Option<f64>],
        areas: &[f64],
        direction: Direction,
        method: &Method,
    ) -> Result<Self, NormaliseError> {
        let (_, rule) = normaliser(direction, Normalisation::MinMax, method).rule(values, areas)?;
        match rule {
            Some(Rule { direction, treatment, place: Place::Between { low, high } }) => {
                Ok(Self { direction, treatment, low, high })
            }
            _ => Err(NormaliseError::NoRange),
        }
    }

    /// Score of a raw value: `s = 100 (x' - low) / (high - low)`, clipped to 0 to 100.
    ///
    /// `x'` the value, oriented and treated (unit of the indicator); `low`, `high` the goalposts; `s` points. Source:
    /// method 2.5 steps 3 and 4. NaN gives NaN; infinite values are clipped. Example: [`Goalposts::fit`].
    ///
    /// ```
    /// use kend_readiness::{Direction, Goalposts, Method, Treatment};
    /// let direction = Direction::MoreIsBetter;
    /// let goalposts = Goalposts { direction, treatment: Treatment::AsObserved, low: 40.0, high: 60.0 };
    /// assert_eq!(goalposts.score(45.0, Method::standard()), 25.0);
    /// ```
    pub fn score(&self, value: f64, method: &Method) -> f64 {
        let place = Place::Between { low: self.low, high: self.high };
        let rule = Rule { direction: self.direction, treatment: self.treatment, place };
        rule.score(value, ScoreScale::up_to(method.scale.maximum.value), true)
    }

    /// The raw value that scores `s`: the inverse of [`Self::score`], `x' = low + s (high - low) / 100`, then treatment and
    /// orientation undone.
    ///
    /// `s` points, taken at an end of the scale beyond it; the value in the unit of the indicator. Source: method 2.5 steps
    /// 1 to 3, turned round. NaN gives NaN.
    ///
    /// ```
    /// use kend_readiness::{Direction, Goalposts, Method, Treatment};
    /// let treatment = Treatment::Logarithm { origin: 0.0, offset: 1.0 };
    /// let goalposts = Goalposts { direction: Direction::MoreIsBetter, treatment, low: 0.0, high: 5.0 };
    /// let value = goalposts.value_of(40.0, Method::standard());
    /// assert!((goalposts.score(value, Method::standard()) - 40.0).abs() < 1e-9);
    /// ```
    pub fn value_of(&self, score: f64, method: &Method) -> f64 {
        let maximum = method.scale.maximum.value;
        let share = ScoreScale::up_to(maximum).share(score.clamp(0.0, maximum));
        self.direction.oriented(self.treatment.undo(self.low + share * (self.high - self.low)))
    }
}

/// Score of a share of a cell covered: `s = 100 x`, clipped to 0 to 100; no goalposts and no treatment.
///
/// `x` share, 0 to 1; `s` points. Source: method 2.2 and 2.5 (coverage rows skip steps 2 and 3). NaN gives NaN.
///
/// ```
/// use kend_readiness::{Method, coverage_score};
/// assert_eq!(coverage_score(0.25, Method::standard()), 25.0);
/// ```
pub fn coverage_score(share: f64, method: &Method) -> f64 {
    ScoreScale::up_to(method.scale.maximum.value).at(share.clamp(0.0, 1.0))
}

/// Scores of all zones under one kind of normalisation, in the order given, `None` where missing.
///
/// Min-max: [`Goalposts`]. Z-score: `s = 50 + 15 (x' - m) / sd`, clipped to 0 to 100, `m` and `sd` (n - 1) over the
/// treated, oriented values `x'`. Percentile rank: `s = 100 (r - 1) / (n - 1)`, `r` mean rank among the `n` observed.
/// Arguments as in [`Goalposts::fit`]. Source: method 2.5 and its alternatives. Too few values, no range, NaN: errors.
///
/// ```
/// use kend_readiness::{Direction, Method, Normalisation, scores};
/// let values = [Some(1.0), None, Some(2.0), Some(9.0)];
/// let ranks = scores(&values, &[1.0; 4], Direction::MoreIsBetter, Normalisation::PercentileRank, Method::standard())?;
/// assert_eq!(ranks, [Some(0.0), None, Some(50.0), Some(100.0)]);
/// # Ok::<(), kend_readiness::NormaliseError>(())
/// ```
pub fn scores(
    values: &[Option<f64>],
    areas: &[f64],
    direction: Direction,
    kind: Normalisation,
    method: &Method,
) -> Result<Vec<Option<f64>>, NormaliseError> {
    Ok(normaliser(direction, kind, method).fit(values, areas)?.scores)
}

/// The engine with the numbers of the method.
fn normaliser(direction: Direction, kind: Normalisation, method: &Method) -> Normaliser<'_> {
    Normaliser {
        direction,
        placing: match kind {
            Normalisation::MinMax => Placing::MinMax,
            Normalisation::ZScore => {
                Placing::ZScore { mean: method.normalisation.z_mean.value, sd: method.normalisation.z_sd.value }
            }
            Normalisation::PercentileRank => Placing::PercentileRank,
        },
        outliers: OutlierRule::SkewAndKurtosis(&method.outliers),
        min_share: method.missing.indicator_min_share.value,
        scale: ScoreScale::up_to(method.scale.maximum.value),
        clip: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indicator_with_too_few_values_no_range_or_nan_gives_no_scores() {
        let method = Method::standard();
        let fit = |values: &[Option<f64>]| {
            Goalposts::fit(values, &vec![1.0; values.len()], Direction::MoreIsBetter, method).unwrap_err()
        };
        assert_eq!(fit(&[]), NormaliseError::TooFewObserved);
        assert_eq!(fit(&[Some(1.0), None]), NormaliseError::TooFewObserved);
        assert_eq!(fit(&[Some(1.0), Some(1.0)]), NormaliseError::NoRange);
        assert_eq!(fit(&[Some(1.0), Some(f64::NAN)]), NormaliseError::NotANumber);
        let short = Goalposts::fit(&[Some(1.0), Some(2.0)], &[1.0], Direction::MoreIsBetter, method);
        assert_eq!(short, Err(NormaliseError::NotANumber));
    }

    #[test]
    fn z_scores_have_the_mean_and_spread_of_the_method() {
        let values = [Some(1.0), Some(2.0), Some(3.0)];
        let kind = Normalisation::ZScore;
        let scores = scores(&values, &[1.0; 3], Direction::LessIsBetter, kind, Method::standard()).unwrap();
        assert_eq!(scores, [Some(65.0), Some(50.0), Some(35.0)]);
    }

    #[test]
    fn equal_values_share_their_rank() {
        let values = [Some(5.0), Some(1.0), Some(5.0), Some(1.0), Some(9.0)];
        let kind = Normalisation::PercentileRank;
        let scores = scores(&values, &[1.0; 5], Direction::MoreIsBetter, kind, Method::standard()).unwrap();
        assert_eq!(scores, [Some(62.5), Some(12.5), Some(62.5), Some(12.5), Some(100.0)]);
    }

    #[test]
    fn a_winsorised_value_scores_as_the_end_it_was_pulled_to() {
        let values: Vec<Option<f64>> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1000.0].map(Some).to_vec();
        let method = Method::standard();
        let goalposts = Goalposts::fit(&values, &[1.0; 8], Direction::MoreIsBetter, method).unwrap();
        assert_eq!((goalposts.low, goalposts.high), (1.0, 7.0));
        assert!((goalposts.score(1000.0, method) - 100.0).abs() < f64::EPSILON);
    }
}
