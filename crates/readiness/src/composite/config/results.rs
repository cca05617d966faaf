//! What is made of the index: classes, tables, experiments.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Classes of the index, lowest first.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassConfig {
    /// Names, one more than thresholds.
    pub names: Vec<String>,
    /// Fixed thresholds, points; each belongs to the class above it.
    pub thresholds: Option<Vec<f64>>,
    /// Or shares of units at which thresholds are taken.
    pub quantiles: Option<Vec<f64>>,
    /// What a unit counts for in quantiles.
    #[serde(default)]
    pub by: QuantileWeight,
    /// Quantile thresholds are rounded to whole multiples of this, points.
    pub round_to: Option<f64>,
}

/// What a unit counts for in quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileWeight {
    /// 1.
    #[default]
    Count,
    /// The weight column of the table.
    Weight,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutputConfig {
    /// Decimals of scores, values of nodes and the index.
    pub decimals: u8,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self { decimals: 4 }
    }
}

/// Which choices are varied, and how often.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RobustnessConfig {
    /// Seed of the draws.
    pub seed: u64,
    /// Draws of the Monte Carlo experiment.
    pub draws: u32,
    /// Base sample of the effects: `N (k + 2)` runs.
    pub effects_base: u32,
    /// Weights are multiplied by 1 plus or minus up to this share.
    pub weight_spread: f64,
    /// Normalisations to choose among.
    pub normalisations: Vec<DrawnNormalisation>,
    /// Weights to choose among: `as_configured`, `equal`, or the name of a scheme.
    pub weights: Vec<String>,
    /// Means to choose among, at the nodes of `means_at`.
    pub means: Vec<DrawnMean>,
    /// Nodes whose mean is varied; the index alone where it is left out.
    pub means_at: Option<Vec<String>>,
    /// Indicators that are as they are or left out.
    pub drop: Vec<String>,
    /// Indicators whose direction is as it is or the other.
    pub flip: Vec<String>,
    /// Indicators whose data are as they are or others.
    pub alternative: Vec<AlternativeData>,
}

/// Data that could have been taken as well: another width of a kernel, another source, another denominator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlternativeData {
    /// Name of the choice.
    pub name: String,
    /// What there is beside the data as configured: by id of an indicator the column of the table that takes its place.
    pub options: Vec<BTreeMap<String, String>>,
}

impl Default for RobustnessConfig {
    fn default() -> Self {
        let rules = &crate::Method::standard().robustness;
        Self {
            seed: 1,
            draws: rules.draws.value,
            effects_base: 128,
            weight_spread: rules.weight_spread.value,
            normalisations: vec![
                DrawnNormalisation::AsConfigured,
                DrawnNormalisation::MinMax,
                DrawnNormalisation::ZScore,
                DrawnNormalisation::PercentileRank,
            ],
            weights: vec!["as_configured".to_owned(), "equal".to_owned()],
            means: vec![DrawnMean::AsConfigured, DrawnMean::Arithmetic, DrawnMean::Geometric],
            means_at: None,
            drop: Vec::new(),
            flip: Vec::new(),
            alternative: Vec::new(),
        }
    }
}

/// A normalisation to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnNormalisation {
    /// Each indicator by its own.
    AsConfigured,
    /// Min-max for all.
    MinMax,
    /// Z-scores for all, clipped.
    ZScore,
    /// Percentile ranks for all.
    PercentileRank,
}

/// A mean to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrawnMean {
    /// Each node by its own.
    AsConfigured,
    /// Arithmetic.
    Arithmetic,
    /// Geometric, of scores in the upper nine tenths of the scale.
    Geometric,
    /// Harmonic, of scores in the upper nine tenths of the scale.
    Harmonic,
}
