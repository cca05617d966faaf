//! The cells of one cluster as a device holds them: scores in steps, and beside them what the office computed from exact
//! ones.
//!
//! Dimensions, index and class are the office's and never computed anew from steps: a cell near a threshold would change
//! its class by rounding. Steps serve differences only, and cells of which the office could say nothing.

use kend_domain::ReadinessClass;

use super::{
    NO_CLASS,
    error::{CellError, same_length},
    gap::{ByClass, class_totals},
    kernel::{BLOCK, accumulate, means, part, part_mut},
    number::whole_steps,
    quantile::CellWeights,
    scoring::ScoredCells,
    weights::{CellIndex, DIMENSIONS},
};
use crate::class::class_at;

/// Points of one step of a stored score (method 8): 250 steps are 100 points.
pub const SCORE_STEP: f32 = 0.4;
/// Steps of the highest score.
pub(super) const TOP_STEP: u8 = 250;
/// A stored score that is missing.
pub const MISSING_SCORE: u8 = 255;

/// A score in steps, rounded to the nearest; NaN is missing.
///
/// `s` points, 0 to 100, beyond that taken at the end. The error is at most 0.2 points. Source: method 8.
///
/// ```
/// use kend_readiness::cells::{MISSING_SCORE, score_steps};
/// assert_eq!([0.0, 40.1, 100.0, f32::NAN].map(score_steps), [0, 100, 250, MISSING_SCORE]);
/// ```
pub fn score_steps(score: f32) -> u8 {
    if score.is_nan() { MISSING_SCORE } else { whole_steps(score / SCORE_STEP, TOP_STEP) }
}

/// A stored score in points, and whether it is there.
#[inline]
pub(super) fn points(steps: u8) -> (f32, bool) {
    (f32::from(steps) * SCORE_STEP, steps != MISSING_SCORE)
}

/// What a pack holds of a cluster, a value for each cell in each column.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterColumns {
    /// Scores of each indicator in steps, [`MISSING_SCORE`] where missing; row 1 of Annex I first.
    pub scores: Vec<Vec<u8>>,
    /// Dimensions, index and class as the office computed them.
    pub office: ScoredCells,
    /// People, at least 0.
    pub population: Vec<f32>,
    /// Label of the cell's zone.
    pub zones: Vec<u16>,
    /// Area of one cell, square kilometres.
    pub cell_km2: f64,
}

/// The cells of a cluster, ready to be asked what if.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterCells {
    pub(super) index: CellIndex,
    pub(super) columns: ClusterColumns,
    /// Share of each dimension's weight that is observed.
    pub(super) observed: [Vec<f32>; DIMENSIONS],
}

/// A cluster in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterSummary {
    /// Mean index weighted with people, points; `None` if nobody lives in a cell with an index.
    pub index: Option<f64>,
    /// Its class by the thresholds of the index.
    pub class: Option<ReadinessClass>,
    /// Mean of each dimension over the cells that have a value of it, weighted with people, points.
    pub dimensions: [Option<f64>; DIMENSIONS],
    /// Area of each class, square kilometres, lowest class first.
    pub area_km2: ByClass,
    /// People in each class.
    pub population: ByClass,
}

impl ClusterCells {
    /// A cluster from its columns. Columns of different length, scores above 250 steps that are not missing, values
    /// outside the scale, people that are no number from 0, classes without an index and the reverse are errors.
    pub fn new(index: CellIndex, columns: ClusterColumns) -> Result<Self, CellError> {
        check(&index, &columns)?;
        let cells = columns.zones.len();
        let observed = std::array::from_fn(|_| vec![0.0; cells]);
        let mut cluster = Self { index, columns, observed };
        cluster.observed = cluster.shares(cells);
        Ok(cluster)
    }

    /// Number of cells.
    pub const fn cells(&self) -> usize {
        self.columns.zones.len()
    }

    /// What the office computed.
    pub const fn office(&self) -> &ScoredCells {
        &self.columns.office
    }

    fn shares(&self, cells: usize) -> [Vec<f32>; DIMENSIONS] {
        self.index.dimensions.each_ref().map(|dimension| {
            let (mut sums, mut observed) = (vec![0.0; cells], vec![0.0; cells]);
            for (place, weight) in &dimension.rows {
                let Some(scores) = self.columns.scores.get(*place) else { continue };
                accumulate(&mut sums, &mut observed, scores, *weight, points);
            }
            observed
        })
    }

    /// Dimensions, index and class of all cells from the scores in steps: within 0.2 points of the office's, and therefore
    /// for comparisons only.
    ///
    /// Formulas and missing values: [`CellScoring::score`](super::CellScoring::score). `scored` is resized and used again.
    pub fn recompute(&self, scored: &mut ScoredCells) {
        let cells = self.cells();
        scored.resize(cells);
        for start in (0..cells).step_by(BLOCK) {
            for (dimension, values) in self.index.dimensions.iter().zip(&mut scored.dimensions) {
                let (mut sums, mut observed) = ([0.0; BLOCK], [0.0; BLOCK]);
                for (place, weight) in &dimension.rows {
                    let Some(column) = self.columns.scores.get(*place) else { continue };
                    accumulate(&mut sums, &mut observed, part(column, start, BLOCK), *weight, points);
                }
                let values = part_mut(values, start, BLOCK);
                means(&sums, &observed, self.index.min_share, self.index.maximum, values);
            }
            self.index.finish(&scored.dimensions, start, &mut scored.index, &mut scored.class);
        }
    }

    /// The columns.
    pub const fn columns(&self) -> &ClusterColumns {
        &self.columns
    }

    /// The mean score of a row over the cells that have one, weighted with people, points.
    ///
    /// `sum(p s) / sum(p)`, `p` people, `s` points from steps (within 0.2 of the exact mean). `None` for an unknown row
    /// and where nobody lives in a cell with a score. Source: method 2.2 (cluster values).
    pub fn mean_score(&self, row: u8) -> Option<f64> {
        let scores = self.columns.scores.get(self.index.row(row)?.place)?;
        self.mean(scores.iter().map(|steps| if let (score, true) = points(*steps) { score } else { f32::NAN }))
    }

    /// The mean of the numbers that are there, weighted with people.
    pub(super) fn mean(&self, values: impl Iterator<Item = f32>) -> Option<f64> {
        let (mut sum, mut people) = (0.0, 0.0);
        for (value, population) in values.zip(&self.columns.population) {
            if !value.is_nan() {
                people += f64::from(*population);
                sum += f64::from(*population) * f64::from(value);
            }
        }
        (people > 0.0).then(|| sum / people)
    }

    /// The cluster in numbers as the office computed it.
    pub fn summary(&self) -> ClusterSummary {
        let office = &self.columns.office;
        self.summary_of(office.dimensions.each_ref().map(Vec::as_slice), &office.index, &office.class)
    }

    pub(super) fn summary_of(&self, dimensions: [&[f32]; DIMENSIONS], index: &[f32], class: &[u8]) -> ClusterSummary {
        let mean = self.mean(index.iter().copied());
        let totals = |weights| class_totals(class, weights).unwrap_or_default();
        ClusterSummary {
            index: mean,
            class: mean.map(|mean| class_at(usize::from(self.index.class(super::number::narrow(mean))))),
            dimensions: dimensions.map(|values| self.mean(values.iter().copied())),
            area_km2: totals(CellWeights::Equal).map(|cells| cells * self.columns.cell_km2),
            population: totals(CellWeights::Each(&self.columns.population)),
        }
    }
}

fn check(index: &CellIndex, columns: &ClusterColumns) -> Result<(), CellError> {
    let cells = columns.zones.len();
    same_length("indicators", index.rows, columns.scores.len())?;
    for scores in &columns.scores {
        same_length("the scores of an indicator", cells, scores.len())?;
    }
    let office = &columns.office;
    for values in office.dimensions.iter().chain([&office.index]) {
        same_length("values of the office", cells, values.len())?;
    }
    same_length("classes", cells, office.class.len())?;
    same_length("population", cells, columns.population.len())?;
    let refuse = |what, cell| Err(CellError::Value { what, cell });
    for scores in &columns.scores {
        if let Some(cell) = scores.iter().position(|steps| *steps > TOP_STEP && *steps != MISSING_SCORE) {
            return refuse("a score", cell);
        }
    }
    for values in office.dimensions.iter().chain([&office.index]) {
        if let Some(cell) = values.iter().position(|value| !value.is_nan() && !(0.0..=index.maximum).contains(value)) {
            return refuse("a value of the office", cell);
        }
    }
    if let Some(cell) = columns.population.iter().position(|people| !(*people >= 0.0 && people.is_finite())) {
        return refuse("population", cell);
    }
    let classes = office.class.iter().zip(&office.index);
    let is_class = |class: u8| usize::from(class) < ReadinessClass::ALL.len();
    let fits = |(class, index): (&u8, &f32)| if index.is_nan() { *class == NO_CLASS } else { is_class(*class) };
    if let Some(cell) = classes.map(fits).position(|fits| !fits) {
        return refuse("a class", cell);
    }
    if columns.cell_km2 > 0.0 && columns.cell_km2.is_finite() { Ok(()) } else { Err(CellError::CellArea) }
}
