//! Index, classes, field evidence, merge, gaps: the readiness of a village cluster as pure functions.
//!
//! Values in, values out: this crate reads no file, no clock and makes no randomness; the numbers of the method come
//! from `schema/` at build time as a [`Method`]. It must stay bit-equal on every device: sums run in one canonical
//! order, and logarithm and error function are those of `libm`, not the platform's.
//!
//! Start with [`merge()`], which takes a [`MergeInput`] and gives a [`MergeOutput`]: what the screens show and what
//! `kend readiness merge` prints. What comes before it (scores, dimensions, thresholds) starts in [`score_table`].
//! The same on millions of cells, for the office's map and a device's calculator, is [`cells`].
//! Any other index is a configuration of the same engine: [`composite`], and [`robustness`] for what depends on choices.

mod aggregate;
mod agreement;
mod catalogue;
pub mod cells;
mod class;
pub mod composite;
mod field;
mod gap;
mod interventions;
mod json;
mod merge;
mod method;
mod normalise;
mod outliers;
mod quantile;
pub mod robustness;
mod uncertainty;
mod zones;

pub use aggregate::{DimensionValue, IndexValue, dimension_value, index_value};
pub use agreement::{Verdict, judge, ordinal_alpha, quadratic_kappa, sigma_m_sq_for};
pub use catalogue::{
    Direction, INDICATORS_CSV, Indicator, IndicatorKind, IndicatorsError, Repair, Vocabulary, WeightScheme, Weights,
    indicator, indicator_weight, indicators, read_indicators, vocabulary,
};
pub use class::{
    BadThresholds, THRESHOLD_COUNT, Thresholds, ThresholdsError, ValueAt, baseline_thresholds, class_of, position,
    value_at,
};
pub use field::{Voice, level_position, theme_voice, village_position};
pub use gap::{ClassGap, GapIndicator, LagRule, gap_percent, gaps_to_next_class, significant_gaps};
pub use interventions::{Fitting, Intervention, interventions, interventions_for, read_interventions};
pub use json::Fault;
pub use merge::{
    DimensionInput, DimensionOutput, IndexOutput, InterviewInput, LambdaRow, MAX_INTERVIEWS, MAX_RATERS, MAX_YEARS,
    MergeInput, MergeOutput, MergeParameters, MergedDimension, ThemeInput, ThemeOutput, class_probabilities,
    lambda_table, merge, merge_dimension, relation,
};
pub use method::{
    AgreementRules, Alternatives, ClassRules, FieldRules, GapRules, LabelRules, MergeRules, Method, MethodError,
    MissingLimits, Outliers, Parameter, RobustnessRules, Scale, ThemeRow,
};
pub use normalise::{Goalposts, Normalisation, NormaliseError, coverage_score, scores};
pub use outliers::{Treatment, kurtosis, skewness, treat_outliers};
pub use quantile::weighted_quantile;
pub use uncertainty::{FLIPPED_ROW, ValueChoice, position_sd};
pub use zones::{ScoreTable, ZoneTable, dimension_values, score_table};
