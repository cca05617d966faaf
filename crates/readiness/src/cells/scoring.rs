//! From raw values to classes in one pass: scores are made, added up and forgotten while their block is in the cache.
//!
//! Reading the columns from memory is most of the work, so each is read once and nothing is written between. What is
//! constant in a zone is scored once a zone and added up there, for all of a dimension's indicators together.

#![expect(
    clippy::inline_always,
    reason = "`pulp` compiles what is inlined once for each width of instructions, and nothing else"
)]

use kend_domain::Dimension;
use serde::{Deserialize, Serialize};

use super::{
    error::{CellError, same_length},
    kernel::{BLOCK, Line, accumulate, accumulate_lines, means, part, part_mut, present},
    number::narrow,
    weights::{CellIndex, DIMENSIONS},
};
use crate::{
    class::Thresholds,
    method::Method,
    normalise::{Goalposts, coverage_score},
    outliers::Treatment,
};

/// How an indicator's raw values become scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreRule {
    /// By frozen goalposts.
    Goalposts(Goalposts),
    /// A share of the cell covered, 0 to 1.
    Coverage,
}

impl ScoreRule {
    /// The score of a raw value: [`Goalposts::score`] or [`coverage_score`].
    ///
    /// ```
    /// use kend_readiness::{Method, cells::ScoreRule};
    /// assert_eq!(ScoreRule::Coverage.score(0.25, Method::standard()), 25.0);
    /// ```
    pub fn score(&self, value: f64, method: &Method) -> f64 {
        match self {
            Self::Goalposts(goalposts) => goalposts.score(value, method),
            Self::Coverage => coverage_score(value, method),
        }
    }

    /// The raw value that scores so many points: [`Goalposts::value_of`], or the share covered.
    ///
    /// ```
    /// use kend_readiness::{Method, cells::ScoreRule};
    /// assert_eq!(ScoreRule::Coverage.value_of(25.0, Method::standard()), 0.25);
    /// ```
    pub fn value_of(&self, score: f64, method: &Method) -> f64 {
        match self {
            Self::Goalposts(goalposts) => goalposts.value_of(score, method),
            Self::Coverage => (score / method.scale.maximum.value).clamp(0.0, 1.0),
        }
    }
}

/// One indicator of a map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellIndicator {
    /// Its dimension.
    pub dimension: Dimension,
    /// Its weight, any unit, above 0; relative within the dimension.
    pub weight: f64,
    /// How its values become scores.
    pub rule: ScoreRule,
}

/// Where the raw values of an indicator stand. NaN is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Column<'a> {
    /// One for each cell.
    Cells(&'a [f32]),
    /// One for each zone of a surface.
    Zones {
        /// Place of the surface among those of [`CellColumns`].
        layer: usize,
        /// Value of the zone whose label is the place here; zones beyond the end are missing.
        values: &'a [f32],
    },
}

/// All raw values of a piece of land.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellColumns<'a> {
    /// Number of cells.
    pub cells: usize,
    /// Surfaces of zones: the label of each cell's zone.
    pub layers: &'a [&'a [u16]],
    /// A column for each indicator, in the order of the indicators.
    pub columns: &'a [Column<'a>],
}

/// Dimensions, index and class of each cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScoredCells {
    /// Value of each dimension in the order of dimensions, points, NaN where there is none.
    pub dimensions: [Vec<f32>; DIMENSIONS],
    /// The index, points, NaN where there is none.
    pub index: Vec<f32>,
    /// The class, 0 for Activate to 4 for Amplify, [`NO_CLASS`](super::NO_CLASS) where there is none.
    pub class: Vec<u8>,
}

impl ScoredCells {
    /// Makes room for so many cells.
    pub(super) fn resize(&mut self, cells: usize) {
        for values in self.dimensions.iter_mut().chain([&mut self.index]) {
            values.resize(cells, f32::NAN);
        }
        self.class.resize(cells, super::NO_CLASS);
    }
}

/// A rule as it is applied to a column.
#[derive(Debug, Clone, Copy, PartialEq)]
enum FastRule {
    /// A straight line that is held between 0 and an end.
    Line(Line),
    /// Anything else, in f64.
    Other(ScoreRule),
}

impl FastRule {
    fn new(rule: ScoreRule, weight: f32, method: &Method) -> Self {
        let maximum = method.scale.maximum.value;
        let (origin, slope, high) = match rule {
            ScoreRule::Coverage => (0.0, maximum, maximum),
            ScoreRule::Goalposts(goalposts) => {
                let width = goalposts.high - goalposts.low;
                let high = match goalposts.treatment {
                    Treatment::AsObserved => goalposts.high,
                    // What clamps values before they are placed clamps their scores: a line does not change their order.
                    Treatment::Winsorised { low, high, .. } | Treatment::Clamped { low, high }
                        if low <= goalposts.low && high > goalposts.low =>
                    {
                        high.min(goalposts.high)
                    }
                    _ => return Self::Other(rule),
                };
                let oriented = |value| goalposts.direction.oriented(value);
                (oriented(goalposts.low), oriented(maximum / width), maximum * (high - goalposts.low) / width)
            }
        };
        let weigh = |value| narrow(value * f64::from(weight));
        let line = Line { origin: narrow(origin), slope: weigh(slope), high: weigh(high), weight };
        if line.origin.is_finite() && line.slope.is_normal() { Self::Line(line) } else { Self::Other(rule) }
    }
}

/// Everything that turns the raw values of cells into classes, frozen.
#[derive(Debug, Clone, PartialEq)]
pub struct CellScoring<'a> {
    index: CellIndex,
    indicators: Vec<CellIndicator>,
    /// By dimension: place, weight and rule of each of its indicators.
    rules: [Vec<(usize, f32, FastRule)>; DIMENSIONS],
    method: &'a Method,
}

/// Cells that are worked on at once: long enough that memory streams, few enough that sums stay in the second cache.
const SPAN: usize = 65_536;

/// Sums of a dimension's indicators that are constant in the zones of one surface: of weighted scores, of weights.
type ZoneSums = Vec<(f32, f32)>;

impl<'a> CellScoring<'a> {
    /// Freezes rules, weights and thresholds. Goalposts without a range and weights that are no number above 0 are
    /// errors.
    pub fn new(indicators: &[CellIndicator], thresholds: &Thresholds, method: &'a Method) -> Result<Self, CellError> {
        for (place, indicator) in indicators.iter().enumerate() {
            if let ScoreRule::Goalposts(Goalposts { low, high, treatment, .. }) = indicator.rule {
                let clamps = match treatment {
                    Treatment::Winsorised { low, high, .. } | Treatment::Clamped { low, high } => low <= high,
                    _ => true,
                };
                if !(clamps && low < high && (high - low).is_finite()) {
                    return Err(CellError::Goalposts { place, low, high });
                }
            }
        }
        let weights: Vec<_> = indicators.iter().map(|indicator| (indicator.dimension, indicator.weight)).collect();
        let index = CellIndex::new(&weights, thresholds, method)?;
        let fast = |(place, weight): &(usize, f32)| {
            let rule = indicators.get(*place)?.rule;
            Some((*place, *weight, FastRule::new(rule, *weight, method)))
        };
        let rules = index.dimensions.each_ref().map(|dimension| dimension.rows.iter().filter_map(fast).collect());
        Ok(Self { index, indicators: indicators.to_vec(), rules, method })
    }

    /// Dimensions, index and class of each cell: `D_d = sum(w_i s_i) / sum(w_i)` over observed indicators,
    /// `X = sum(w_d D_d) / sum(w_d)`, class the number of thresholds `<= X`.
    ///
    /// `s_i` points, 0 to 100, by the indicator's rule; `w` relative weights. Source: method 2.4, 2.5, 3, 4; the same as
    /// [`crate::dimension_value`] and [`crate::index_value`] of each cell but for f32: a score is off by at most
    /// `2^-22 (|x| + |low|) 100 / (high - low)` points and `D` and `X` by some `1e-4` more. NaN is missing, never 0; a
    /// dimension with less than its share observed and an index without all dimensions are NaN, their class
    /// [`NO_CLASS`](super::NO_CLASS). Infinite values score as the end on their side. `scored` is resized and used again.
    /// Columns of another length, another number of columns and unknown surfaces are errors.
    ///
    /// ```
    /// use kend_domain::Dimension;
    /// use kend_readiness::{Method, Thresholds};
    /// use kend_readiness::cells::{CellColumns, CellIndicator, CellScoring, Column, NO_CLASS, ScoreRule, ScoredCells};
    /// let indicators: Vec<_> = Dimension::ALL.iter()
    ///     .map(|dimension| CellIndicator { dimension: *dimension, weight: 1.0, rule: ScoreRule::Coverage }).collect();
    /// let scoring = CellScoring::new(&indicators, &Thresholds::new([20.0, 40.0, 60.0, 80.0])?, Method::standard())?;
    /// // One indicator by zone, four by cell; the zone of the second cell has no value.
    /// let columns = [Column::Zones { layer: 0, values: &[f32::NAN, 0.5] }, Column::Cells(&[0.25, 1.0]),
    ///     Column::Cells(&[0.25, 1.0]), Column::Cells(&[0.5, 1.0]), Column::Cells(&[1.0, 1.0])];
    /// let mut scored = ScoredCells::default();
    /// scoring.score(&CellColumns { cells: 2, layers: &[&[1, 0]], columns: &columns }, &mut scored)?;
    /// assert_eq!((scored.index[0], scored.class), (50.0, vec![2, NO_CLASS]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn score(&self, columns: &CellColumns<'_>, scored: &mut ScoredCells) -> Result<(), CellError> {
        self.check(columns)?;
        let cells = columns.cells;
        scored.resize(cells);
        let zone_sums = self.zone_sums(columns);
        pulp::Arch::new().dispatch(Spans { scoring: self, columns, zone_sums: &zone_sums, scored });
        Ok(())
    }

    /// Gives scored cells their class under the thresholds of this scoring: the same as [`CellScoring::score`] gives them,
    /// without making the scores again.
    ///
    /// Only the index is looked at: class the number of thresholds `<= X`, [`NO_CLASS`](super::NO_CLASS) where it is NaN.
    /// Source: method 4. `scored.class` gets the length of the index.
    ///
    /// ```
    /// use kend_readiness::{Method, Thresholds};
    /// use kend_readiness::cells::{CellScoring, NO_CLASS, ScoredCells};
    /// let scoring = CellScoring::new(&[], &Thresholds::new([20.0, 40.0, 60.0, 80.0])?, Method::standard())?;
    /// let mut scored = ScoredCells { index: vec![10.0, 40.0, f32::NAN], ..ScoredCells::default() };
    /// scoring.classify(&mut scored);
    /// assert_eq!(scored.class, [0, 2, NO_CLASS]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn classify(&self, scored: &mut ScoredCells) {
        scored.class.clear();
        scored.class.extend(scored.index.iter().map(|index| self.index.class(*index)));
    }

    /// Span by span, in the widest instructions that the machine has: each cell is its own, so the digits are the same.
    #[inline(always)]
    fn spans(&self, columns: &CellColumns<'_>, zone_sums: &[Vec<ZoneSums>], scored: &mut ScoredCells) {
        let (mut all_sums, mut all_observed) = (vec![0.0; SPAN], vec![0.0; SPAN]);
        let mut lines = Vec::with_capacity(self.indicators.len());
        for start in (0..columns.cells).step_by(SPAN) {
            let cells = SPAN.min(columns.cells - start);
            let (sums, observed) = (part_mut(&mut all_sums, 0, cells), part_mut(&mut all_observed, 0, cells));
            let runs: Vec<Vec<(u16, usize)>> =
                columns.layers.iter().map(|zones| runs_of(part(zones, start, cells))).collect();
            for ((rules, zone_sums), values) in self.rules.iter().zip(zone_sums).zip(&mut scored.dimensions) {
                sums.fill(0.0);
                observed.fill(0.0);
                for (runs, by_zone) in runs.iter().zip(zone_sums) {
                    add_zones(sums, observed, runs, by_zone);
                }
                lines.clear();
                for (place, weight, rule) in rules {
                    let Some(Column::Cells(column)) = columns.columns.get(*place) else { continue };
                    let column = part(column, start, cells);
                    match rule {
                        FastRule::Line(line) => lines.push((column, *line)),
                        FastRule::Other(rule) => accumulate(sums, observed, column, *weight, |value: f32| {
                            present(narrow(rule.score(f64::from(value), self.method)))
                        }),
                    }
                }
                accumulate_lines(sums, observed, &lines);
                means(sums, observed, self.index.min_share, self.index.maximum, part_mut(values, start, cells));
            }
            for block in (start..start + cells).step_by(BLOCK) {
                self.index.finish(&scored.dimensions, block, &mut scored.index, &mut scored.class);
            }
        }
    }

    fn check(&self, columns: &CellColumns<'_>) -> Result<(), CellError> {
        same_length("columns", self.indicators.len(), columns.columns.len())?;
        for zones in columns.layers {
            same_length("a surface of zones", columns.cells, zones.len())?;
        }
        for (place, column) in columns.columns.iter().enumerate() {
            match column {
                Column::Cells(values) => same_length("the values of an indicator", columns.cells, values.len())?,
                Column::Zones { layer, .. } if *layer >= columns.layers.len() => {
                    return Err(CellError::NoLayer { place, layer: *layer });
                }
                Column::Zones { .. } => {}
            }
        }
        Ok(())
    }

    /// By dimension, by surface: what the indicators that are constant in its zones add up to in each.
    fn zone_sums(&self, columns: &CellColumns<'_>) -> Vec<Vec<ZoneSums>> {
        let of_dimension = |rows: &[(usize, f32)]| {
            let mut layers: Vec<ZoneSums> = vec![Vec::new(); columns.layers.len()];
            for (place, weight) in rows {
                let (Some(Column::Zones { layer, values }), Some(indicator)) =
                    (columns.columns.get(*place), self.indicators.get(*place))
                else {
                    continue;
                };
                let Some(sums) = layers.get_mut(*layer) else { continue };
                sums.resize(sums.len().max(values.len()), (0.0, 0.0));
                for ((sum, observed), value) in sums.iter_mut().zip(*values) {
                    let (score, there) = present(narrow(indicator.rule.score(f64::from(*value), self.method)));
                    if there {
                        *sum += weight * score;
                        *observed += weight;
                    }
                }
            }
            layers
        };
        self.index.dimensions.iter().map(|dimension| of_dimension(&dimension.rows)).collect()
    }
}

/// The work on all cells, for `pulp` to compile once for each width of instructions: a closure would not be inlined.
struct Spans<'a> {
    scoring: &'a CellScoring<'a>,
    columns: &'a CellColumns<'a>,
    zone_sums: &'a [Vec<ZoneSums>],
    scored: &'a mut ScoredCells,
}

impl pulp::NullaryFnOnce for Spans<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.scoring.spans(self.columns, self.zone_sums, self.scored);
    }
}

/// Runs of neighbours in one zone: its label, and how many. Most cells lie in the zone of the cell before.
fn runs_of(zones: &[u16]) -> Vec<(u16, usize)> {
    zones.chunk_by(|one, next| one == next).filter_map(|run| Some((*run.first()?, run.len()))).collect()
}

/// Adds what the zones of a span's cells add up to.
#[inline(always)]
fn add_zones(sums: &mut [f32], observed: &mut [f32], runs: &[(u16, usize)], by_zone: &[(f32, f32)]) {
    if by_zone.is_empty() {
        return;
    }
    let (mut sums, mut observed) = (sums, observed);
    for (zone, cells) in runs {
        let Some((run_sums, rest_sums)) = sums.split_at_mut_checked(*cells) else { return };
        let Some((run_observed, rest_observed)) = observed.split_at_mut_checked(*cells) else { return };
        (sums, observed) = (rest_sums, rest_observed);
        if let Some((score, weight)) = by_zone.get(usize::from(*zone)) {
            for sum in run_sums {
                *sum += score;
            }
            for observed in run_observed {
                *observed += weight;
            }
        }
    }
}
