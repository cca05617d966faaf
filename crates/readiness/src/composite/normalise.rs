//! From values to scores: direction, outliers, and a place on the scale.
//!
//! A [`Normaliser`] says how; fitting it to the units of a round gives the scores and a [`Rule`], which holds all that a
//! later round needs to score by the same measure.

use serde::{Deserialize, Serialize};

use super::{
    mean::{SHARE_TOLERANCE, plain_mean},
    scale::ScoreScale,
};
use crate::{
    catalogue::Direction,
    method::{Outliers, count},
    normalise::NormaliseError,
    outliers::{Treatment, clamp_to_percentiles, ends, treat_outliers},
};

/// How values find their place on the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Placing {
    /// Between the least and the greatest treated value.
    MinMax,
    /// Between two fixed values in the unit of the indicator; no treatment of outliers.
    Fixed {
        /// Scores lowest where more is better.
        low: f64,
        /// Scores highest where more is better.
        high: f64,
    },
    /// Distance from the mean in standard deviations.
    ZScore {
        /// Score of the mean.
        mean: f64,
        /// Score points of one standard deviation, above 0.
        sd: f64,
    },
    /// Mean rank among the units.
    PercentileRank,
    /// The value is the score; where less is better its mirror image on the scale. No treatment of outliers.
    AsObserved,
}

/// What is done about outliers before the ends are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutlierRule<'a> {
    /// Nothing.
    Keep,
    /// [`treat_outliers`](crate::treat_outliers).
    SkewAndKurtosis(&'a Outliers),
    /// Values beyond two weighted percentiles count as these.
    Percentiles(&'a Outliers),
}

/// How an indicator's values become scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normaliser<'a> {
    /// Whether more is better.
    pub direction: Direction,
    /// How values find their place.
    pub placing: Placing,
    /// What is done about outliers.
    pub outliers: OutlierRule<'a>,
    /// Least share of units with a value, 0 to 1.
    pub min_share: f64,
    /// The scale of the scores.
    pub scale: ScoreScale,
    /// Whether scores beyond the scale count as its ends.
    pub clip: bool,
}

/// Where a treated, oriented value lies on the scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// `(x - low) / (high - low)` of the scale.
    Between {
        /// Lower end of the scale.
        low: f64,
        /// Upper end of the scale.
        high: f64,
    },
    /// `at_mean + points (x - mean) / sd`.
    Deviation {
        /// Mean of the baseline.
        mean: f64,
        /// Standard deviation of the baseline (n - 1), above 0.
        sd: f64,
        /// Score of the mean.
        at_mean: f64,
        /// Score points of a standard deviation.
        points: f64,
    },
    /// The value itself.
    AsObserved {},
}

/// The frozen rule that turns a value into a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Whether more is better.
    pub direction: Direction,
    /// What is done before the place is taken.
    pub treatment: Treatment,
    /// The place on the scale.
    pub place: Place,
}

impl Rule {
    /// The value as it counts: treated, in the unit of the indicator (logarithms in theirs). NaN gives NaN.
    pub fn treated(&self, value: f64) -> f64 {
        self.direction.oriented(self.treatment.apply(self.direction.oriented(value)))
    }

    /// The score of a value, clipped to the scale or not: the formula of [`Place`] on the treated, oriented value.
    ///
    /// NaN gives NaN. Source: method 2.5 steps 3 and 4.
    ///
    /// ```
    /// use kend_readiness::{Direction, Treatment, composite::{Place, Rule, ScoreScale}};
    /// let place = Place::Between { low: 20.0, high: 85.0 };
    /// let rule = Rule { direction: Direction::MoreIsBetter, treatment: Treatment::AsObserved, place };
    /// let scale = ScoreScale::new(0.0, 1.0).unwrap();
    /// assert_eq!(rule.score(52.5, scale, true), 0.5);
    /// assert_eq!((rule.score(98.0, scale, true), rule.score(98.0, scale, false)), (1.0, 1.2));
    /// ```
    pub fn score(&self, value: f64, scale: ScoreScale, clip: bool) -> f64 {
        self.place_on(self.treatment.apply(self.direction.oriented(value)), scale, clip)
    }

    /// The score of a value that is treated and oriented already.
    fn place_on(&self, treated: f64, scale: ScoreScale, clip: bool) -> f64 {
        let ends = if clip { (scale.low(), scale.high()) } else { (f64::NEG_INFINITY, f64::INFINITY) };
        match self.place {
            Place::Between { low, high } => {
                let share = (treated - low) / (high - low);
                scale.at(if clip { share.clamp(0.0, 1.0) } else { share })
            }
            Place::Deviation { mean, sd, at_mean, points } => {
                (at_mean + points * (treated - mean) / sd).clamp(ends.0, ends.1)
            }
            Place::AsObserved {} => match self.direction {
                Direction::MoreIsBetter => treated,
                Direction::LessIsBetter => scale.mirrored(-treated),
            }
            .clamp(ends.0, ends.1),
        }
    }
}

/// Scores of a round and the rule they follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The rule; `None` for percentile ranks, which hold among these units only.
    pub rule: Option<Rule>,
    /// Treated values in the unit of the indicator, `None` where missing.
    pub treated: Vec<Option<f64>>,
    /// Scores, `None` where missing.
    pub scores: Vec<Option<f64>>,
}

impl Normaliser<'_> {
    /// Scores of the units of a round, in the order given.
    ///
    /// `values` in the unit of the indicator, `None` where missing; `weights` of the units in the same order (areas, any
    /// unit, at least 0), used for percentiles only. Min-max and fixed goalposts: `s = low + (high - low) (x - a) / (b -
    /// a)`; z-score: `s = at_mean + points (x - m) / sd`, sd with n - 1; percentile rank: `s = low + (high - low) (r - 1)
    /// / (n - 1)`, `r` the mean rank. `x` oriented (times -1 where less is better) and treated. Source: method 2.5; OECD
    /// and JRC 2008, Handbook on constructing composite indicators, step 5. Too few values, NaN: errors; no range: an
    /// error but where the place does not depend on it.
    ///
    /// ```
    /// use kend_readiness::{Direction, composite::{Normaliser, OutlierRule, Placing, ScoreScale}};
    /// let normaliser = Normaliser {
    ///     direction: Direction::LessIsBetter, placing: Placing::MinMax, outliers: OutlierRule::Keep,
    ///     min_share: 0.65, scale: ScoreScale::new(0.0, 10.0).unwrap(), clip: true,
    /// };
    /// let fitted = normaliser.fit(&[Some(30.0), None, Some(10.0), Some(20.0)], &[1.0; 4])?;
    /// assert_eq!(fitted.scores, [Some(0.0), None, Some(10.0), Some(5.0)]);
    /// # Ok::<(), kend_readiness::NormaliseError>(())
    /// ```
    pub fn fit(&self, values: &[Option<f64>], weights: &[f64]) -> Result<Fitted, NormaliseError> {
        let (treated, rule) = self.rule(values, weights)?;
        let (treated, scores) = if let Some(rule) = rule {
            let scores = treated.iter().map(|value| rule.place_on(*value, self.scale, self.clip)).collect();
            (treated, scores)
        } else {
            // Ranks need no treatment: what is far away is one rank away.
            let observed = self.oriented(values);
            let scores: Vec<f64> = self.rank_scores(&observed);
            (observed, scores)
        };
        let treated = treated.into_iter().map(|value| self.direction.oriented(value));
        Ok(Fitted { rule, treated: put_back(values, treated), scores: put_back(values, scores.into_iter()) })
    }

    /// Treated, oriented values that are observed, and the rule.
    pub(crate) fn rule(
        &self,
        values: &[Option<f64>],
        weights: &[f64],
    ) -> Result<(Vec<f64>, Option<Rule>), NormaliseError> {
        let bad_weight =
            weights.len() != values.len() || weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0);
        if bad_weight || values.iter().flatten().any(|value| !value.is_finite()) {
            return Err(NormaliseError::NotANumber);
        }
        let observed = self.oriented(values);
        enough(observed.len(), values.len(), self.min_share)?;
        let by_rule = |treatment, place| Some(Rule { direction: self.direction, treatment, place });
        match self.placing {
            Placing::AsObserved => return Ok((observed, by_rule(Treatment::AsObserved, Place::AsObserved {}))),
            Placing::Fixed { low, high } => {
                let (low, high) = match self.direction {
                    Direction::MoreIsBetter => (low, high),
                    Direction::LessIsBetter => (-high, -low),
                };
                return Ok((observed, by_rule(Treatment::AsObserved, Place::Between { low, high })));
            }
            Placing::MinMax | Placing::ZScore { .. } | Placing::PercentileRank => {}
        }
        let cells: Vec<(f64, f64)> = values
            .iter()
            .zip(weights)
            .filter_map(|(value, weight)| value.map(|value| (self.direction.oriented(value), *weight)))
            .collect();
        let (treated, treatment) = match self.outliers {
            OutlierRule::Keep => (observed, Treatment::AsObserved),
            OutlierRule::SkewAndKurtosis(limits) => treat_outliers(&cells, limits),
            OutlierRule::Percentiles(limits) => clamp_to_percentiles(&cells, limits),
        };
        let (low, high) = ends(&treated);
        if low >= high {
            return Err(NormaliseError::NoRange);
        }
        let place = match self.placing {
            Placing::ZScore { mean: at_mean, sd: points } => {
                let mean = plain_mean(&treated);
                let squares = treated.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
                let sd = (squares / (count(treated.len()) - 1.0)).sqrt();
                // Squares of differences below 1e-162 are 0 in 64 bits.
                if sd <= 0.0 {
                    return Err(NormaliseError::NoRange);
                }
                Place::Deviation { mean, sd, at_mean, points }
            }
            Placing::PercentileRank => return Ok((treated, None)),
            _ => Place::Between { low, high },
        };
        Ok((treated, by_rule(treatment, place)))
    }

    fn oriented(&self, values: &[Option<f64>]) -> Vec<f64> {
        values.iter().flatten().map(|value| self.direction.oriented(*value)).collect()
    }

    fn rank_scores(&self, observed: &[f64]) -> Vec<f64> {
        let mut sorted = observed.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = count(observed.len());
        let score = |value: &f64| {
            let below = count(sorted.partition_point(|other| other < value));
            let up_to = count(sorted.partition_point(|other| other <= value));
            // Mean rank less one, without halving: the mean of those below and of those not above.
            self.scale.low() + self.scale.width() * f64::midpoint(below, up_to - 1.0) / (n - 1.0)
        };
        observed.iter().map(score).collect()
    }
}

/// Whether enough units have a value: at least one, and a share of all.
pub(crate) fn enough(observed: usize, units: usize, min_share: f64) -> Result<(), NormaliseError> {
    if observed == 0 || count(observed) + SHARE_TOLERANCE * count(units) < count(units) * min_share {
        return Err(NormaliseError::TooFewObserved);
    }
    Ok(())
}

/// Puts what belongs to the observed back to the places of the observed.
fn put_back(values: &[Option<f64>], observed: impl Iterator<Item = f64>) -> Vec<Option<f64>> {
    let mut observed = observed;
    values.iter().map(|value| value.and_then(|_| observed.next())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    fn normaliser(placing: Placing, direction: Direction) -> Normaliser<'static> {
        let scale = ScoreScale::new(0.0, 10.0).unwrap();
        Normaliser { direction, placing, outliers: OutlierRule::Keep, min_share: 0.5, scale, clip: false }
    }

    #[test]
    fn values_too_close_for_a_deviation_have_no_range_rather_than_no_number() {
        let placing = Placing::ZScore { mean: 5.0, sd: 1.5 };
        let found = normaliser(placing, Direction::MoreIsBetter).fit(&[Some(0.0), Some(1e-300)], &[1.0; 2]);
        assert_eq!(found, Err(NormaliseError::NoRange));
    }

    #[test]
    fn fixed_goalposts_score_one_value_for_everybody_and_turn_with_the_direction() {
        let placing = Placing::Fixed { low: 0.0, high: 4.0 };
        let values = [Some(1.0), Some(1.0)];
        let up = normaliser(placing, Direction::MoreIsBetter).fit(&values, &[1.0; 2]).unwrap();
        assert_eq!(up.scores, [Some(2.5); 2]);
        let down = normaliser(placing, Direction::LessIsBetter).fit(&values, &[1.0; 2]).unwrap();
        assert_eq!((down.scores, down.treated), (vec![Some(7.5); 2], values.to_vec()));
        let beyond = normaliser(placing, Direction::MoreIsBetter).fit(&[Some(6.0)], &[1.0]).unwrap();
        assert_eq!(beyond.scores, [Some(15.0)], "not clipped");
    }

    #[test]
    fn a_value_that_is_its_score_is_mirrored_where_less_is_better() {
        let down = normaliser(Placing::AsObserved, Direction::LessIsBetter).fit(&[Some(3.0)], &[1.0]).unwrap();
        assert_eq!(down.scores, [Some(7.0)]);
    }

    #[test]
    fn percentiles_clamp_however_few_the_values() {
        let mut limits = Method::standard().outliers.clone();
        limits.clamp_low_share.value = 0.25;
        limits.clamp_high_share.value = 0.75;
        let values: Vec<Option<f64>> = [1.0, 2.0, 3.0, 90.0].map(Some).to_vec();
        let mut normaliser = normaliser(Placing::MinMax, Direction::MoreIsBetter);
        normaliser.outliers = OutlierRule::Percentiles(&limits);
        let fitted = normaliser.fit(&values, &[1.0; 4]).unwrap();
        assert_eq!(fitted.scores, [Some(0.0), Some(5.0), Some(10.0), Some(10.0)]);
        assert_eq!(fitted.treated.last(), Some(&Some(3.0)));
    }
}
