//! The method on cells of 100 m: a whole country in the office, one cluster on a device.
//!
//! What [`crate::dimension_value`] and [`crate::index_value`] are for one zone, this is for millions of cells: columns of
//! plain numbers in, one for each indicator, columns out. No grid is known here: a cell is a place in all columns. Scores
//! are added up in f32, each cell's in one order, so results are the same bits on every machine and
//! however many cells are taken at once; sums over cells run in the order of the cells in f64.
//!
//! [`CellScoring`] makes dimensions, index and class of the country; [`quantiles`], [`cell_goalposts`], [`cell_thresholds`]
//! and [`cell_lag_rule`] freeze a baseline; [`class_tally`] and [`class_gap`] say where a class lags. [`ClusterCells`] is what a device
//! asks what if, what something new would bring, and what would lift the cluster one class.

mod addition;
mod cluster;
mod error;
mod gap;
mod kernel;
mod knapsack;
mod lift;
mod number;
mod quantile;
mod scoring;
mod weights;
mod what_if;

pub use addition::{Addition, Raised};
pub use cluster::{ClusterCells, ClusterColumns, ClusterSummary, MISSING_SCORE, SCORE_STEP, score_steps};
pub use error::CellError;
pub use gap::{ByClass, ClassTally, cell_lag_rule, class_gap, class_tally, class_totals};
pub use knapsack::{KnapsackItem, KnapsackPlan, cheapest_plan, cheapest_sets};
pub use lift::{LIFT_MARGIN, Lift, LiftError, LiftOption, LiftPlan, Raise};
pub use quantile::{CellWeights, cell_goalposts, cell_thresholds, quantiles};
pub use scoring::{CellColumns, CellIndicator, CellScoring, Column, ScoreRule, ScoredCells};
pub use weights::CellIndex;
pub use what_if::{Caution, Change, WhatIf, WhatIfError, cautions};

/// Stands for the class of a cell that has no index.
pub const NO_CLASS: u8 = 255;
