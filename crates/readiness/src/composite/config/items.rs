//! Indicators and nodes, as they are written.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, de::Visitor};

use super::{Imputation, NormalisationConfig, OutlierName};
use crate::catalogue::Direction;

/// An indicator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorConfig {
    /// Unique among indicators and nodes; names the columns of the result.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Unit of the value after the denominator.
    #[serde(default)]
    pub unit: String,
    /// Column of the table; the id where it is left out.
    pub column: Option<String>,
    /// The node above.
    #[serde(deserialize_with = "one_parent")]
    pub parent: String,
    /// Relative weight among the children of the parent.
    #[serde(default = "one")]
    pub weight: f64,
    /// Weights under other schemes, by the name of the scheme.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
    /// Whether more is better.
    #[serde(default = "more")]
    pub direction: Direction,
    /// What the value is divided by.
    pub denominator: Option<Denominator>,
    /// Taken of the value before goalposts.
    #[serde(default)]
    pub transform: Transform,
    /// Added to the value before the logarithm, unit of the value.
    #[serde(default)]
    pub transform_offset: f64,
    /// Treatment of outliers.
    pub outliers: Option<OutlierName>,
    /// Normalisation.
    pub normalisation: Option<NormalisationConfig>,
    /// Least and greatest value of the scale, in the unit of the value.
    pub goalposts: Option<[f64; 2]>,
    /// Whether scores are clipped to the scale.
    pub clip: Option<bool>,
    /// Imputation.
    pub impute: Option<Imputation>,
    /// Least share of units observed.
    pub min_share: Option<f64>,
}

const fn one() -> f64 {
    1.0
}

const fn more() -> Direction {
    Direction::MoreIsBetter
}

/// Reads a parent, so that a list of them is told what is wrong with it.
fn one_parent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Reader;
    impl Visitor<'_> for Reader {
        type Value = String;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the id of one node: everything has one parent")
        }
        fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<String, E> {
            Ok(id.to_owned())
        }
    }
    deserializer.deserialize_any(Reader)
}

fn perhaps_one_parent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    one_parent(deserializer).map(Some)
}

/// What a value is divided by: `x = value / denominator * factor`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denominator {
    /// A column of the table.
    pub column: Option<String>,
    /// Or the column of another indicator, as read.
    pub indicator: Option<String>,
    /// Times this, e.g. 10,000 for physicians per 10,000 people.
    #[serde(default = "one")]
    pub factor: f64,
    /// What a denominator of 0 means.
    #[serde(default)]
    pub zero: ZeroDenominator,
}

/// What a denominator of 0 means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroDenominator {
    /// A mistake in the table.
    #[default]
    Error,
    /// There is nothing to relate the value to, as where nobody lives: the value is missing.
    Missing,
}

/// Taken of a value before goalposts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Nothing.
    #[default]
    None,
    /// Natural logarithm.
    Ln,
    /// Logarithm to base 10.
    Log10,
}

/// A node: a mean of its children.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Unique among indicators and nodes.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// The node above; none for the index.
    #[serde(default, deserialize_with = "perhaps_one_parent")]
    pub parent: Option<String>,
    /// Relative weight among the children of the parent.
    #[serde(default = "one")]
    pub weight: f64,
    /// Weights under other schemes, by the name of the scheme.
    #[serde(default)]
    pub weights: BTreeMap<String, f64>,
    /// Kind of mean.
    pub mean: Option<MeanName>,
    /// Exponent of a power mean, not 0.
    pub power: Option<f64>,
    /// Least share of weight present.
    pub min_share: Option<f64>,
    /// Scores are carried to this scale before the mean is taken.
    pub rescale: Option<[f64; 2]>,
    /// Whether the mean is carried back to the common scale.
    #[serde(default = "yes")]
    pub rescale_back: bool,
    /// Whether the mean is taken of the mirrored scores and mirrored again.
    #[serde(default)]
    pub mirrored: bool,
}

const fn yes() -> bool {
    true
}

/// Kind of mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeanName {
    /// Weighted arithmetic mean.
    #[default]
    Arithmetic,
    /// Weighted geometric mean.
    Geometric,
    /// Weighted harmonic mean.
    Harmonic,
    /// Weighted power mean.
    Power,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}
