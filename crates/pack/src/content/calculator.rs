//! What a device needs of the whole country to ask a cluster what if: frozen rules, peers, gaps, and raw values by zone.

use kend_cells::{Grid, GridError};
use kend_domain::{AreaCode, Dimension, EntityId, Names, ReadinessClass};
use kend_readiness::{LagRule, WeightScheme, cells::ScoreRule};
use serde::{Deserialize, Serialize};

use super::IndicatorStatus;

/// Frozen numbers of the round that calculations on cells rest on (method 8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calculator {
    /// The country's grid, in the plane of the method.
    pub grid: PlaneGrid,
    /// How indicators share the weight of their dimension.
    pub weights: WeightScheme,
    /// How little may be there, where the office lowered the method's limits for an index that is partial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<PartialLimits>,
    /// How raw values become scores, for rows that have a rule, ascending.
    pub rules: Vec<RowRule>,
    /// What can be added to rows that differ from cell to cell, ascending by row; none in packs made before there was any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additions: Vec<RowAddition>,
    /// When an indicator lags, ascending by row.
    pub lag: Vec<RowLag>,
    /// Scores of each class and row.
    pub peers: Vec<Peers>,
    /// Gaps of each class.
    pub gaps: Vec<ClassGaps>,
    /// Raw values by rayon.
    pub zones: Vec<ZoneValue>,
    /// What is known of villages.
    pub villages: Vec<VillageFacts>,
}

/// How little of an index may be there (method 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialLimits {
    /// Least share of a dimension's weight, 0 to 1.
    pub dimension_min_weight_share: f64,
    /// Least number of dimensions, 1 to 5.
    pub index_min_dimensions: u32,
}

/// A grid in the plane of method 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaneGrid {
    /// Western edge, metres.
    pub west_m: f64,
    /// Northern edge, metres.
    pub north_m: f64,
    /// Side of a cell, metres.
    pub cell_m: f64,
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
}

impl PlaneGrid {
    /// The grid, or why it can't be.
    pub fn grid(&self) -> Result<Grid, GridError> {
        Grid::new(self.west_m, self.north_m, self.cell_m, self.columns, self.rows)
    }

    /// Whether a point of the plane lies in a window of the grid.
    pub fn is_within(&self, window: Window, (x_m, y_m): (f64, f64)) -> bool {
        let cell = self.grid().ok().and_then(|grid| grid.cell_at(x_m, y_m));
        cell.is_some_and(|cell| {
            cell.row.checked_sub(window.row).is_some_and(|row| row < window.rows)
                && cell.column.checked_sub(window.column).is_some_and(|column| column < window.columns)
        })
    }
}

/// A part of the country's grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First row, from the north.
    pub row: u32,
    /// First column, from the west.
    pub column: u32,
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
}

/// How an indicator's raw values become scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Row of Annex I.
    pub row: u8,
    /// The rule.
    pub rule: ScoreRule,
}

/// What something new on the map does to a row (method 8).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowAddition {
    /// Row of Annex I.
    pub row: u8,
    /// What can be added.
    pub added: AddedKind,
}

/// What can be added to a row. A row whose score is a mean over several sets of destinations takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AddedKind {
    /// A point that counts once in a kernel density.
    Point {
        /// The width of the row's kernel.
        bandwidth_km: f64,
    },
    /// A destination of travel; needs the friction of the cluster.
    Destination,
    /// A mast, which covers a circle.
    Mast,
}

/// When an indicator lags (method 5).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowLag {
    /// Row of Annex I.
    pub row: u8,
    /// The frozen rule.
    pub rule: LagRule,
}

/// Percentiles of an indicator's score over the cells of a class, weighted with area, points. They do not descend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// The class.
    pub class: ReadinessClass,
    /// Row of Annex I.
    pub row: u8,
    /// 10th percentile.
    pub p10: f64,
    /// 25th percentile.
    pub p25: f64,
    /// The median.
    pub p50: f64,
    /// 75th percentile.
    pub p75: f64,
    /// 80th percentile: no cluster is asked for more (method 8).
    pub p80: f64,
    /// 90th percentile.
    pub p90: f64,
}

impl Peers {
    /// All in their order.
    pub const fn percentiles(&self) -> [f64; 6] {
        [self.p10, self.p25, self.p50, self.p75, self.p80, self.p90]
    }
}

/// Where a class lags, percent of each dimension in their order; null where nothing is observed (method 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassGaps {
    /// The class.
    pub class: ReadinessClass,
    /// By dimension.
    pub gaps: [Option<f64>; Dimension::ALL.len()],
}

/// A raw value of a rayon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneValue {
    /// The rayon.
    pub rayon: AreaCode,
    /// Row of Annex I.
    pub row: u8,
    /// The value in the unit of the row; null when missing.
    pub value: Option<f64>,
    /// Whether it was seen.
    pub status: IndicatorStatus,
    /// The year it is of.
    pub year: Option<u16>,
    /// Who published it.
    pub source: Option<String>,
    /// The unit where it is not that of the row.
    pub unit: Option<Names>,
}

/// What is known of a village.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VillageFacts {
    /// The village, one of the pack's places.
    pub village: EntityId,
    /// Raw values of rows that differ from cell to cell, where the village lies; ascending by row.
    pub values: Vec<VillageValue>,
    /// Minutes to services.
    pub travel: Vec<TravelTime>,
    /// Further numbers of a profile.
    pub profile: Vec<ProfileNumber>,
}

/// A raw value where a village lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VillageValue {
    /// Row of Annex I.
    pub row: u8,
    /// In the unit of the row.
    pub value: f64,
}

/// How long the way to a service is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TravelTime {
    /// The service.
    pub to: Names,
    /// Minutes.
    pub minutes: f64,
}

/// A number of a profile (Table 7 of the report), with its own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileNumber {
    /// What is counted or measured.
    pub name: Names,
    /// How many or how much.
    pub value: f64,
    /// The unit; null for a count.
    pub unit: Option<Names>,
}
