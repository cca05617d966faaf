//! Something new in the cells of a cluster: a school, a project, a mast. Scores after it, from the scores before and what it
//! brings to each cell, without the raw values, which a device doesn't hold.
//!
//! A stored score tells the raw value to half a step, and at an end of the scale only that it lies beyond. So three things
//! are said apart: what is exact, what is exact but for a step, and what is a bound. Where only a bound is known the
//! lower one is taken ([`Raised::at_least`] counts these cells): a result never promises more than the data hold.

use super::{
    cluster::{ClusterCells, MISSING_SCORE, SCORE_STEP, points},
    number::narrow,
    scoring::ScoreRule,
    what_if::WhatIfError,
};
use crate::{
    catalogue::{Direction, Indicator},
    method::Method,
};

/// Stored scores there can be.
const STEPS: usize = 256;
/// A stored score is the nearest step.
const HALF: f64 = 0.5;

/// What something new brings to each cell of a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Addition<'a> {
    /// Added to a density, in its unit, from 0.
    Density(&'a [f32]),
    /// Minutes to the new destination, infinite or NaN where it is not reached.
    Minutes(&'a [f32]),
    /// The share of the cell that is newly covered, 0 to 1.
    Coverage(&'a [f32]),
}

/// The scores of an indicator after something was added.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    /// Of each cell, points, NaN where missing. Where nothing changed, the stored score.
    pub scores: Vec<f32>,
    /// Cells of which only a lower bound is known.
    pub at_least: usize,
    /// Their mean weighted with people, points; as [`ClusterCells::mean_score`].
    pub mean_score: Option<f64>,
}

impl ClusterCells {
    /// Scores `s'` of an indicator once something is added to its cells. None is below what it was.
    ///
    /// `s` the stored score, points; `x(s)` the raw value that scores `s`, `r(x)` the score of a raw value by the frozen rule.
    ///
    /// - Density: `s' = r(x(s) + k)`, `k` what is added. Between the ends of the scale the change `s' - s` is exact for rules
    ///   that are a line, and within half a step (0.2 points) for a logarithm, whose curve flattens; a mirrored logarithm
    ///   steepens, and half a step grows with it. At 100 nothing rises. At 0 the raw value may lie anywhere from 0 up to
    ///   `x(0)`: it is taken as 0, a bound unless `x(0)` is 0.
    /// - Minutes: `s' = max(s, r(t))`, `t` the minutes to what is new: exact but for the step of `s`, at both ends too.
    /// - Coverage: `s' = max(s, 100 c)`, `c` the share newly covered: exact where one of both is 0 or whole. Where both cover a
    ///   part of the cell, the two may overlap: a bound. A cell of which nothing is known scores if it is covered wholly.
    ///
    /// What is missing stays so else: what is there already is not known, and a first score would move weights. Source:
    /// method 8. A column of another length, an unknown row, and a rule that does not fit what is added are errors.
    pub fn raised(
        &self,
        indicator: &Indicator,
        addition: Addition<'_>,
        rule: ScoreRule,
        method: &Method,
    ) -> Result<Raised, WhatIfError> {
        let stored = self.stored(indicator)?;
        let (Addition::Density(added) | Addition::Minutes(added) | Addition::Coverage(added)) = addition;
        if added.len() != stored.len() {
            return Err(WhatIfError::Length { expected: stored.len(), found: added.len() });
        }
        let score = |value: f64| narrow(rule.score(value, method));
        let cells = || stored.iter().zip(added);
        let mut at_least = 0;
        let scores: Vec<f32> = match (addition, rule) {
            (Addition::Density(_), ScoreRule::Goalposts(goalposts))
                if goalposts.direction == Direction::MoreIsBetter =>
            {
                let values = by_step(|score| rule.value_of(score, method));
                let lowest = values.first().copied().unwrap_or_default();
                let raised = cells().map(|(steps, added)| match points(*steps) {
                    (_, false) => f32::NAN,
                    (old, true) if !is_something(*added) => old,
                    (old, true) => {
                        let beyond = *steps == 0 && lowest > 0.0;
                        at_least += usize::from(beyond);
                        let from =
                            if beyond { 0.0 } else { values.get(usize::from(*steps)).copied().unwrap_or(lowest) };
                        score(from + f64::from(*added)).max(old)
                    }
                });
                raised.collect()
            }
            (Addition::Minutes(_), ScoreRule::Goalposts(goalposts))
                if goalposts.direction == Direction::LessIsBetter =>
            {
                let raised = cells().map(|(steps, minutes)| match points(*steps) {
                    (_, false) => f32::NAN,
                    (old, true) if !minutes.is_finite() => old,
                    (old, true) => score(f64::from(*minutes)).max(old),
                });
                raised.collect()
            }
            (Addition::Coverage(_), ScoreRule::Coverage) => {
                let whole = narrow(method.scale.maximum.value);
                let raised = cells().map(|(steps, share)| match points(*steps) {
                    (_, false) => {
                        if *share >= 1.0 {
                            whole
                        } else {
                            f32::NAN
                        }
                    }
                    (old, true) if !is_something(*share) => old,
                    (old, true) => {
                        at_least += usize::from(old > 0.0 && old < whole && *share < 1.0);
                        score(f64::from(*share)).max(old)
                    }
                });
                raised.collect()
            }
            _ => return Err(WhatIfError::TakesNone { row: indicator.row }),
        };
        Ok(Raised { mean_score: self.mean(scores.iter().copied()), scores, at_least })
    }

    /// Minutes below which a new destination can raise the score of each cell: nothing else need be followed.
    ///
    /// `(1 + e) x(s - h)`, the most minutes that score as the cell does, `h` half a step, `e` = `error`, the largest relative
    /// error of the friction that new times are computed over; for a cell that scores 0 or nothing, `x(0)`, beyond which every
    /// time scores 0. With these as limits a search that goes on only below them finds every cell that gets better:
    /// on the quickest way to such a cell every cell gets better too, by the triangle inequality of the times before, and
    /// its time over a friction that is off by `e` is below `(1 + e)` times its time before. Source: method 8 (travel time). An
    /// unknown row and a rule that is not of minutes are errors.
    pub fn useful_minutes(
        &self,
        indicator: &Indicator,
        rule: ScoreRule,
        error: f64,
        method: &Method,
    ) -> Result<Vec<f32>, WhatIfError> {
        let stored = self.stored(indicator)?;
        if !matches!(rule, ScoreRule::Goalposts(goalposts) if goalposts.direction == Direction::LessIsBetter) {
            return Err(WhatIfError::TakesNone { row: indicator.row });
        }
        let half = HALF * f64::from(SCORE_STEP);
        let worst = rule.value_of(0.0, method);
        let limits = by_step(|score| {
            let most = (1.0 + error) * rule.value_of(score - half, method);
            narrow(if score > 0.0 { most.min(worst) } else { worst })
        });
        let limit = |steps: &u8| {
            let steps = if *steps == MISSING_SCORE { 0 } else { *steps };
            limits.get(usize::from(steps)).copied().unwrap_or_default()
        };
        Ok(stored.iter().map(limit).collect())
    }

    fn stored(&self, indicator: &Indicator) -> Result<&[u8], WhatIfError> {
        let row = self.index.row(indicator.row);
        let scores = row.and_then(|row| self.columns.scores.get(row.place));
        scores.map(Vec::as_slice).ok_or(WhatIfError::NoIndicator { row: indicator.row })
    }
}

/// Whether anything is added.
fn is_something(added: f32) -> bool {
    added > 0.0
}

/// Something of the score of each step.
fn by_step<T>(of: impl Fn(f64) -> T) -> [T; STEPS] {
    let mut step = 0.0;
    std::array::from_fn(|_| {
        let found = of(step * f64::from(SCORE_STEP));
        step += 1.0;
        found
    })
}
