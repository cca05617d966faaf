//! What if indicators were different: the index and the classes of a cluster before and after.
//!
//! Differences are added to what the office computed from exact scores, so nothing moves where nothing changed. This is
//! the arithmetic of the index, not a forecast.

use std::borrow::Cow;

use super::{
    cluster::{ClusterCells, ClusterSummary, points, score_steps},
    number::narrow,
    scoring::ScoreRule,
    weights::{DIMENSIONS, Row},
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
    /// Scores of all cells, computed anew elsewhere. Points, NaN missing; taken to the nearest step, as stored ones are.
    Scores(&'a [f32]),
    /// Scores of all cells after something was added ([`ClusterCells::raised`]). Points, NaN missing; taken as they are.
    Raised(&'a [f32]),
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
    /// Two changes of one indicator in the same place.
    #[error("row {row} is changed twice in the same place")]
    Twice {
        /// Row of Annex I.
        row: u8,
    },
    /// A value that is no number.
    #[error("the value to try is not a number")]
    NotANumber,
    /// What was added is not what the indicator measures.
    #[error("nothing of this kind can be added to row {row}")]
    TakesNone {
        /// Row of Annex I.
        row: u8,
    },
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
    /// The cluster with indicators changed: `X' = X + w_d (D' - D) / V`, `D' = D + w_i (s_new - s_old) / W`.
    ///
    /// `s` points by frozen goalposts (a zone), from steps, old and new alike (scores of cells), or raised from steps by what
    /// was added; `w_i` weight of the
    /// indicator, `W` observed weight of its dimension in the cell, `w_d` weight of the dimension, `V` that of
    /// all dimensions with a value in the cell. Source: method 8. Where
    /// a score was missing and is not any more, or the reverse, weights are renormalised anew. Results stay in the scale;
    /// cells that do not change keep the office's index and class. Several changes are made one after the other, each on
    /// what the ones before left. Unknown rows and zones, what is changed twice, scores of another length, NaN as a value,
    /// and a value `from` that does not belong to the stored scores are errors.
    pub fn what_if(&self, changes: &[(&Indicator, Change<'_>)], method: &Method) -> Result<WhatIf, WhatIfError> {
        let mut trial = Trial::of(self);
        let mut found = Vec::new();
        for (number, (indicator, change)) in changes.iter().enumerate() {
            let before = changes.iter().take(number).filter(|(other, _)| other.row == indicator.row);
            if before.into_iter().any(|(_, other)| other.meets(change)) {
                return Err(WhatIfError::Twice { row: indicator.row });
            }
            trial.make(indicator, change, method)?;
            found.extend(cautions(indicator));
        }
        found.sort();
        found.dedup();
        let before = self.summary();
        let after = self.summary_of(trial.dimensions.each_ref().map(|values| &**values), &trial.index, &trial.class);
        Ok(WhatIf { index: trial.index, class: trial.class, before, after, cautions: found })
    }
}

impl Change<'_> {
    /// Whether both would change one cell.
    fn meets(&self, other: &Change<'_>) -> bool {
        match (self, other) {
            (Self::Zone { zone, .. }, Change::Zone { zone: other, .. }) => zone == other,
            _ => true,
        }
    }
}

/// A cluster while it is being changed. What is not changed is the cluster's own.
struct Trial<'a> {
    cluster: &'a ClusterCells,
    dimensions: [Cow<'a, [f32]>; DIMENSIONS],
    observed: [Cow<'a, [f32]>; DIMENSIONS],
    index: Vec<f32>,
    class: Vec<u8>,
    /// Scores of the rows that were changed, by their place; NaN missing.
    changed: Vec<(usize, Vec<f32>)>,
}

impl<'a> Trial<'a> {
    fn of(cluster: &'a ClusterCells) -> Self {
        let office = &cluster.columns.office;
        Self {
            cluster,
            dimensions: office.dimensions.each_ref().map(|values| Cow::Borrowed(values.as_slice())),
            observed: cluster.observed.each_ref().map(|shares| Cow::Borrowed(shares.as_slice())),
            index: office.index.clone(),
            class: office.class.clone(),
            changed: Vec::new(),
        }
    }

    fn make(&mut self, indicator: &Indicator, change: &Change<'_>, method: &Method) -> Result<(), WhatIfError> {
        let cluster = self.cluster;
        let missing = WhatIfError::NoIndicator { row: indicator.row };
        let Some(row) = cluster.index.row(indicator.row) else { return Err(missing) };
        let Some(stored) = cluster.columns.scores.get(row.place) else { return Err(missing) };
        let mut scores = match self.changed.iter().position(|(place, _)| *place == row.place) {
            Some(place) => self.changed.swap_remove(place).1,
            None => stored.iter().map(|steps| there(*steps).unwrap_or(f32::NAN)).collect(),
        };
        match *change {
            Change::Scores(new) | Change::Raised(new) if new.len() != cluster.cells() => {
                return Err(WhatIfError::Length { expected: cluster.cells(), found: new.len() });
            }
            Change::Scores(new) | Change::Raised(new) => {
                let in_steps = matches!(change, Change::Scores(_));
                for (cell, (score, new)) in scores.iter_mut().zip(new).enumerate() {
                    let new = if in_steps { there(score_steps(*new)) } else { Some(*new).filter(|new| !new.is_nan()) };
                    self.set(cell, row, Some(*score).filter(|score| !score.is_nan()), new);
                    *score = new.unwrap_or(f32::NAN);
                }
            }
            Change::Zone { zone, from, to, rule } => {
                let of = |value: f64| Some(narrow(rule.score(value, method))).filter(|score| !score.is_nan());
                let old = from.and_then(of);
                let new = of(to).ok_or(WhatIfError::NotANumber)?;
                let belongs = |steps: u8| match (there(steps), old) {
                    (Some(stored), Some(old)) => (stored - old).abs() <= super::SCORE_STEP,
                    (stored, old) => stored == old,
                };
                let mut cells = 0;
                let all = stored.iter().zip(&mut scores).zip(&cluster.columns.zones).enumerate();
                for (cell, ((stored, score), _)) in all.filter(|(_, (_, of))| **of == zone) {
                    if !belongs(*stored) {
                        return Err(WhatIfError::NotTheStoredValue { zone, from });
                    }
                    self.set(cell, row, old, Some(new));
                    *score = new;
                    cells += 1;
                }
                if cells == 0 {
                    return Err(WhatIfError::NoZone { zone });
                }
            }
        }
        self.changed.push((row.place, scores));
        Ok(())
    }

    /// One score of a cell: its dimension, index and class follow.
    fn set(&mut self, cell: usize, row: Row, old: Option<f32>, new: Option<f32>) {
        if old == new {
            return;
        }
        let Some(rows) = self.cluster.index.dimensions.get(row.dimension) else { return };
        let at = |values: &Cow<'_, [f32]>| values.get(cell).copied().unwrap_or(f32::NAN);
        let mut dimensions = self.dimensions.each_ref().map(at);
        let value = dimensions.get(row.dimension).copied().unwrap_or(f32::NAN);
        let observed = self.observed.get(row.dimension).map_or(f32::NAN, at);
        let (weight, mut share) = (row.weight, observed);
        let after = match (old, new) {
            (Some(old), Some(new)) if !value.is_nan() => value + weight * (new - old) / observed,
            _ => {
                // Without a value of the office the other scores are added up from their steps.
                let others = if value.is_nan() {
                    self.sum_without(cell, &rows.rows, row.place)
                } else {
                    value * observed - weight * old.unwrap_or(0.0)
                };
                let weight_of = |score: Option<f32>| score.map_or(0.0, |_| weight);
                share = observed - weight_of(old) + weight_of(new);
                let sum = others + weight * new.unwrap_or(0.0);
                if share > 0.0 && share >= self.cluster.index.min_share { sum / share } else { f32::NAN }
            }
        };
        let after = after.clamp(0.0, self.cluster.index.maximum);
        let change = self.cluster.index.share_of(row.dimension, &dimensions) * (after - value);
        if let Some(place) = dimensions.get_mut(row.dimension) {
            *place = after;
        }
        let put = |columns: &mut [Cow<'_, [f32]>; DIMENSIONS], value: f32| {
            if let Some(place) = columns.get_mut(row.dimension).and_then(|column| column.to_mut().get_mut(cell)) {
                *place = value;
            }
        };
        put(&mut self.dimensions, after);
        if share.to_bits() != observed.to_bits() {
            put(&mut self.observed, share);
        }
        let (Some(index), Some(class)) = (self.index.get_mut(cell), self.class.get_mut(cell)) else { return };
        let whole = &self.cluster.index;
        let after = if index.is_nan() || change.is_nan() {
            whole.index_of(&dimensions)
        } else {
            (*index + change).clamp(0.0, whole.maximum)
        };
        if index.to_bits() != after.to_bits() {
            (*index, *class) = (after, whole.class(after));
        }
    }

    /// What the scores of a cell add up to but for one indicator.
    fn sum_without(&self, cell: usize, rows: &[(usize, f32)], place: usize) -> f32 {
        let others = rows.iter().filter(|(row, _)| *row != place);
        let weighted = others.filter_map(|(row, weight)| {
            let changed = self.changed.iter().find(|(place, _)| place == row);
            let score = match changed {
                Some((_, scores)) => scores.get(cell).copied().filter(|score| !score.is_nan()),
                None => self.cluster.columns.scores.get(*row)?.get(cell).copied().and_then(there),
            };
            score.map(|score| weight * score)
        });
        weighted.sum()
    }
}

/// A stored score, if it is there.
fn there(steps: u8) -> Option<f32> {
    let (score, there) = points(steps);
    there.then_some(score)
}
