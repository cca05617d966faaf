//! What if an indicator were different: the index and the classes of a cluster before and after.
//!
//! Differences are added to what the office computed from exact scores, so nothing moves where nothing changed. This is
//! the arithmetic of the index, not a forecast.

use super::{
    cluster::{ClusterCells, ClusterSummary, points, score_steps},
    number::narrow,
    scoring::ScoreRule,
    weights::Row,
};
use crate::{catalogue::Indicator, method::Method};

/// What is changed about one indicator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change<'a> {
    /// The raw value of a zone, for indicators that have one value in a zone.
    Zone {
        /// Label of the zone.
        zone: u16,
        /// The value in the pack; `None` where it is missing.
        from: Option<f64>,
        /// The value to try.
        to: f64,
        /// How values become scores.
        rule: ScoreRule,
    },
    /// Scores of all cells, computed anew elsewhere: a coverage, a density, a travel time. Points, NaN missing.
    Scores(&'a [f32]),
}

/// What must be said beside a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caution {
    /// The indicator's direction or denominator is disputed.
    Contested,
    /// Its data are known to be thin.
    Weak,
    /// No village or rayon could change it.
    NotActionable,
}

/// What must be said when this indicator is changed.
///
/// ```
/// use kend_readiness::{cells::{Caution, cautions}, indicators};
/// let contested = indicators().iter().find(|row| row.contested).unwrap();
/// assert!(cautions(contested).contains(&Caution::Contested));
/// ```
pub fn cautions(indicator: &Indicator) -> Vec<Caution> {
    [
        (indicator.contested, Caution::Contested),
        (indicator.weak, Caution::Weak),
        (!indicator.actionable, Caution::NotActionable),
    ]
    .into_iter()
    .filter_map(|(applies, caution)| applies.then_some(caution))
    .collect()
}

/// Why a change cannot be tried.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WhatIfError {
    /// The cluster has no such row.
    #[error("the cluster holds no indicator of row {row}")]
    NoIndicator {
        /// Row of Annex I.
        row: u8,
    },
    /// No cell lies in the zone.
    #[error("no cell of the cluster lies in zone {zone}")]
    NoZone {
        /// Label of the zone.
        zone: u16,
    },
    /// The scores in the pack do not come from the value that is said to stand there.
    #[error("the scores of zone {zone} are not those of the value {from:?}")]
    NotTheStoredValue {
        /// Label of the zone.
        zone: u16,
        /// The value that was said.
        from: Option<f64>,
    },
    /// A value that is no number.
    #[error("the value to try is not a number")]
    NotANumber,
    /// Scores for another number of cells.
    #[error("expected {expected} scores, found {found}")]
    Length {
        /// Cells of the cluster.
        expected: usize,
        /// Scores given.
        found: usize,
    },
}

/// A cluster before and after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// The index of each cell after, points, NaN where there is none.
    pub index: Vec<f32>,
    /// The class of each cell after; before it is the office's.
    pub class: Vec<u8>,
    /// The cluster before.
    pub before: ClusterSummary,
    /// The cluster after.
    pub after: ClusterSummary,
    /// What must be said beside it.
    pub cautions: Vec<Caution>,
}

impl ClusterCells {
    /// The cluster with one indicator changed: `X' = X + w_d (D' - D)`, `D' = D + w_i (s_new - s_old) / W`.
    ///
    /// `s` points by frozen goalposts (a zone) or from steps, old and new alike (scores of cells); `w_i` weight of the
    /// indicator, `W` observed weight of its dimension in the cell, `w_d` weight of the dimension. Source: method 8. Where
    /// a score was missing and is not any more, or the reverse, weights are renormalised anew. Results stay in the scale;
    /// cells that do not change keep the office's index and class. Unknown rows and zones, scores of another length, NaN
    /// as a value, and a value `from` that does not belong to the stored scores are errors.
    pub fn what_if(&self, indicator: &Indicator, change: &Change<'_>, method: &Method) -> Result<WhatIf, WhatIfError> {
        let missing = WhatIfError::NoIndicator { row: indicator.row };
        let Some(row) = self.index.row(indicator.row) else { return Err(missing) };
        let Some(stored) = self.columns.scores.get(row.place) else { return Err(missing) };
        let mut index = self.columns.office.index.clone();
        let mut class = self.columns.office.class.clone();
        let mut set = |cell: usize, old: Option<f32>, new: Option<f32>| {
            if old == new {
                return;
            }
            let after = self.changed_index(cell, row, old, new);
            if let (Some(index), Some(class)) = (index.get_mut(cell), class.get_mut(cell))
                && index.to_bits() != after.to_bits()
            {
                (*index, *class) = (after, self.index.class(after));
            }
        };
        match *change {
            Change::Scores(scores) if scores.len() != self.cells() => {
                return Err(WhatIfError::Length { expected: self.cells(), found: scores.len() });
            }
            Change::Scores(scores) => {
                for (cell, (stored, score)) in stored.iter().zip(scores).enumerate() {
                    set(cell, there(*stored), there(score_steps(*score)));
                }
            }
            Change::Zone { zone, from, to, rule } => {
                let of = |value: f64| Some(narrow(rule.score(value, method))).filter(|score| !score.is_nan());
                let old = from.and_then(of);
                let new = Some(of(to).ok_or(WhatIfError::NotANumber)?);
                let belongs = |steps: u8| match (there(steps), old) {
                    (Some(stored), Some(old)) => (stored - old).abs() <= super::SCORE_STEP,
                    (stored, old) => stored == old,
                };
                let mut cells = 0;
                for (cell, (stored, _)) in
                    stored.iter().zip(&self.columns.zones).enumerate().filter(|(_, (_, of))| **of == zone)
                {
                    if !belongs(*stored) {
                        return Err(WhatIfError::NotTheStoredValue { zone, from });
                    }
                    set(cell, old, new);
                    cells += 1;
                }
                if cells == 0 {
                    return Err(WhatIfError::NoZone { zone });
                }
            }
        }
        let (before, after) = (self.summary(), self.summary_of(&index, &class));
        Ok(WhatIf { index, class, before, after, cautions: cautions(indicator) })
    }

    /// The index of a cell after one score changed.
    fn changed_index(&self, cell: usize, row: Row, old: Option<f32>, new: Option<f32>) -> f32 {
        let office = &self.columns.office;
        let at = |values: &Vec<f32>| values.get(cell).copied().unwrap_or(f32::NAN);
        let mut dimensions = office.dimensions.each_ref().map(at);
        let (index, mut change) = (at(&office.index), f32::NAN);
        let columns = self.index.dimensions.iter().zip(&self.observed).zip(&mut dimensions);
        if let Some(((rows, observed), value)) = columns.into_iter().nth(row.dimension) {
            let weight = row.weight;
            let observed = at(observed);
            let after = match (old, new) {
                (Some(old), Some(new)) if !value.is_nan() => *value + weight * (new - old) / observed,
                _ => {
                    // Without a value of the office the other scores are added up from their steps.
                    let others = if value.is_nan() {
                        self.sum_without(cell, &rows.rows, row.place)
                    } else {
                        *value * observed - weight * old.unwrap_or(0.0)
                    };
                    let weight_of = |score: Option<f32>| score.map_or(0.0, |_| weight);
                    let share = observed - weight_of(old) + weight_of(new);
                    let sum = others + weight * new.unwrap_or(0.0);
                    if share > 0.0 && share >= self.index.min_share { sum / share } else { f32::NAN }
                }
            };
            let after = after.clamp(0.0, self.index.maximum);
            change = rows.weight * (after - *value);
            *value = after;
        }
        if index.is_nan() || change.is_nan() {
            self.index.index_of(&dimensions)
        } else {
            (index + change).clamp(0.0, self.index.maximum)
        }
    }

    /// What the scores of a cell add up to but for one indicator.
    fn sum_without(&self, cell: usize, rows: &[(usize, f32)], place: usize) -> f32 {
        let others = rows.iter().filter(|(row, _)| *row != place);
        let weighted = others.filter_map(|(row, weight)| {
            let steps = self.columns.scores.get(*row)?.get(cell)?;
            there(*steps).map(|score| weight * score)
        });
        weighted.sum()
    }
}

/// A stored score, if it is there.
fn there(steps: u8) -> Option<f32> {
    let (score, there) = points(steps);
    there.then_some(score)
}
