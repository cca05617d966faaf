//! The configuration of an index, as it is written: types only. What it may say is checked in
//! [`CompositeIndex::new`](super::CompositeIndex::new), and `docs/composite.md` describes every key.
//!
//! Unknown keys are refused while it is read: a misspelt key must not quietly leave a default in place.

mod items;
mod results;

use serde::Deserialize;

pub use items::{Denominator, IndicatorConfig, MeanName, NodeConfig, Transform, ZeroDenominator};
pub use results::{
    AlternativeData, ClassConfig, DrawnMean, DrawnNormalisation, OutputConfig, QuantileWeight, RobustnessConfig,
};

/// A whole configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexConfig {
    /// Name of the index.
    pub name: String,
    /// Edition, year or version.
    #[serde(default)]
    pub version: String,
    /// Where the data come from and whose they are.
    #[serde(default)]
    pub source: String,
    /// The table of units.
    pub table: TableConfig,
    /// The scale of scores and node values.
    #[serde(default)]
    pub scale: ScaleConfig,
    /// How much may be missing.
    #[serde(default)]
    pub missing: MissingConfig,
    /// What holds for indicators and nodes that say nothing else.
    #[serde(default)]
    pub defaults: Defaults,
    /// Limits of the treatment of outliers.
    #[serde(default)]
    pub outliers: OutlierConfig,
    /// Mean and spread of z-scores.
    #[serde(default)]
    pub z_score: ZScoreConfig,
    /// The indicators, leaves of the tree.
    pub indicator: Vec<IndicatorConfig>,
    /// The nodes above them; one has no parent and is the index.
    pub node: Vec<NodeConfig>,
    /// Classes of the index.
    pub classes: Option<ClassConfig>,
    /// How results are written.
    #[serde(default)]
    pub output: OutputConfig,
    /// Which choices are varied.
    #[serde(default)]
    pub robustness: RobustnessConfig,
}

/// The table of units by columns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableConfig {
    /// Path of the file, from the folder of the configuration.
    pub file: String,
    /// Column with the name or code of the unit, unique.
    pub unit: String,
    /// Column with the group of the unit, for imputation.
    pub group: Option<String>,
    /// Column with the weight of the unit (area, population) for percentiles and quantiles; 1 for all without.
    pub weight: Option<String>,
    /// The character between cells.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// The character before decimals, `.` or `,`.
    #[serde(default = "point")]
    pub decimal: char,
    /// How letters are encoded; a file that begins with a byte order mark says it itself.
    #[serde(default)]
    pub encoding: Encoding,
    /// Texts that stand for a missing number, beside the empty cell.
    #[serde(default)]
    pub missing: Vec<String>,
}

const fn comma() -> char {
    ','
}

const fn point() -> char {
    '.'
}

/// How letters are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1.
    #[serde(rename = "latin-1")]
    Latin1,
    /// UTF-16, little-endian unless a byte order mark says otherwise.
    #[serde(rename = "utf-16")]
    Utf16,
    /// Windows-1251, Cyrillic.
    #[serde(rename = "windows-1251")]
    Windows1251,
    /// Windows-1254, Turkish; Azerbaijani but for its `ə`.
    #[serde(rename = "windows-1254")]
    Windows1254,
}

/// The scale of scores and node values.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScaleConfig {
    /// Lower end, points.
    pub minimum: f64,
    /// Upper end, points.
    pub maximum: f64,
}

impl Default for ScaleConfig {
    fn default() -> Self {
        Self { minimum: 0.0, maximum: crate::Method::standard().scale.maximum.value }
    }
}

/// How much may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MissingConfig {
    /// Least share of units observed for an indicator to be used.
    pub indicator_min_share: f64,
    /// Least share of a node's weight present for it to have a value.
    pub node_min_share: f64,
}

impl Default for MissingConfig {
    fn default() -> Self {
        let limits = &crate::Method::standard().missing;
        Self {
            indicator_min_share: limits.indicator_min_share.value,
            node_min_share: limits.dimension_min_weight_share.value,
        }
    }
}

/// What holds for indicators and nodes that say nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// Normalisation of indicators without goalposts.
    pub normalisation: NormalisationConfig,
    /// Treatment of outliers.
    pub outliers: OutlierName,
    /// Imputation.
    pub impute: Imputation,
    /// Whether scores are clipped to the scale.
    pub clip: Option<bool>,
    /// Mean of nodes.
    pub mean: MeanName,
}

/// How an indicator is put on the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NormalisationConfig {
    /// Between least and greatest treated value.
    #[default]
    MinMax,
    /// Between fixed goalposts.
    Goalposts,
    /// Distance from the mean in standard deviations.
    ZScore,
    /// Mean rank.
    PercentileRank,
    /// The value is the score.
    None,
}

/// What is done about outliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierName {
    /// Nothing.
    #[default]
    None,
    /// Winsorised or log-transformed while skewed and heavy-tailed.
    SkewKurtosis,
    /// Clamped to percentiles.
    Percentiles,
}

/// What stands in for a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imputation {
    /// Nothing: it stays missing.
    #[default]
    None,
    /// The mean of the units of the same group.
    GroupMean,
    /// The mean of all units.
    Mean,
}

/// Limits of the treatment of outliers; what is left out is the method's.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutlierConfig {
    /// Skewness from which a distribution counts as skewed.
    pub skew_limit: Option<f64>,
    /// Kurtosis from which it counts as heavy-tailed.
    pub kurtosis_limit: Option<f64>,
    /// Values that may be pulled in.
    pub winsorise_max_points: Option<u32>,
    /// Added inside the logarithm, as a share of the range.
    pub log_offset_share: Option<f64>,
    /// From more values than this percentiles are clamped.
    pub many_values: Option<u32>,
    /// Lower percentile, share of weight.
    pub clamp_low_share: Option<f64>,
    /// Upper percentile, share of weight.
    pub clamp_high_share: Option<f64>,
}

/// Mean and spread of z-scores; what is left out is the method's, carried over to the scale.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZScoreConfig {
    /// Score of the mean, points.
    pub mean: Option<f64>,
    /// Points of one standard deviation.
    pub sd: Option<f64>,
}
