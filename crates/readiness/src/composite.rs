//! The engine of composite indices: one set of formulas, any hierarchy, by configuration.
//!
//! An index is a table of units by indicators and a tree above them. The steps are always the same and always in this
//! order: denominator, imputation, transform, direction, outliers, normalisation, weighted means up the tree, classes,
//! ranks. The readiness of villages (`score_table`, `dimension_values`, `index_value`) uses the same functions with the
//! numbers of its method; other indices say theirs in an [`IndexConfig`]. Nothing is rounded on the way, nothing missing
//! is taken as 0, and what was left out is named with the reason.
//!
//! Start with [`CompositeIndex::new`], which checks a configuration, and [`CompositeIndex::score`]. Every key of the
//! configuration is described in `docs/composite.md`.

mod check;
mod classes;
mod config;
mod frozen;
mod hierarchy;
mod index;
mod mean;
mod normalise;
mod print;
mod scale;
mod score;
mod sheet;
mod table;
mod tree;
mod values;

pub(crate) use classes::rounded;
pub use classes::{class_place, quantile_thresholds, ranks};
pub use config::{
    AlternativeData, ClassConfig, Defaults, Denominator, DrawnMean, DrawnNormalisation, Encoding, Imputation,
    IndexConfig, IndicatorConfig, MeanName, MissingConfig, NodeConfig, NormalisationConfig, OutlierConfig, OutlierName,
    OutputConfig, QuantileWeight, RobustnessConfig, ScaleConfig, TableConfig, Transform, ZScoreConfig, ZeroDenominator,
};
pub use frozen::{Frozen, FrozenError, FrozenIndicator};
pub use hierarchy::HierarchyError;
pub use index::{CompositeIndex, ConfigError};
pub(crate) use mean::plain_mean;
pub use mean::{Mean, MeanOver, NegativeScore, weighted_mean};
pub(crate) use normalise::enough;
pub use normalise::{Fitted, Normaliser, OutlierRule, Place, Placing, Rule};
pub(crate) use print::{Table, number};
pub use print::{indicators_csv, results_csv};
pub use scale::ScoreScale;
pub use score::{IndicatorCell, IndicatorResult, ScoreError, Scored, Status};
pub use sheet::{Sheet, SheetError, decoded};
pub use table::{TableError, UnitTable};
pub(crate) use tree::{NodeMean, Weighing};
pub use tree::{NodeMeanError, NodeScore};
