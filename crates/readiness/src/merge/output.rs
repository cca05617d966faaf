//! What the merge gives: the same type for the screens and for the document the command line prints.
//!
//! Keys that do not apply are null and never left out, so that a script can rely on them; only `partial` appears just
//! when it is true.

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass, Relation, Theme};
use serde::{Deserialize, Serialize};

/// Merged readiness of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeOutput {
    /// The index.
    pub index: IndexOutput,
    /// All five dimensions.
    pub dimensions: BTreeMap<Dimension, DimensionOutput>,
    /// All nine themes.
    pub themes: BTreeMap<Theme, ThemeOutput>,
    /// A dimension has no data: the index is over the others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// The index, from data and merged. All but `provisional` are null when no dimension has data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexOutput {
    /// From data alone, points.
    pub value: Option<f64>,
    /// Its class.
    pub class: Option<ReadinessClass>,
    /// Merged, points.
    pub merged: Option<f64>,
    /// Standard error of the merged index, points.
    pub se: Option<f64>,
    /// Class of the merged index, at most one from `class`.
    pub merged_class: Option<ReadinessClass>,
    /// Lower end of the 90 % range, points; the formula may lead below 0.
    pub range_low: Option<f64>,
    /// Upper end, points; the formula may lead above 100.
    pub range_high: Option<f64>,
    /// Classes the range touches, lowest first.
    pub range_classes: Option<Vec<ReadinessClass>>,
    /// Probability of each class, Activate first.
    pub probabilities: Option<[f64; ReadinessClass::ALL.len()]>,
    /// Fewer than two villages or no focus group: the class of the data stays official.
    pub provisional: bool,
}

/// A dimension, from data, from voices and merged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionOutput {
    /// Class position of the data, 0 to 100; null without data.
    pub position: Option<f64>,
    /// Variance of the position of the data; null without data.
    pub u: Option<f64>,
    /// Share of the theme weight heard, 0 to 1.
    pub coverage: f64,
    /// Class position of the voices; null when silent.
    pub q: Option<f64>,
    /// Its variance; null when silent.
    pub v: Option<f64>,
    /// Weight of the voices in the merge; null when silent or without data.
    pub kappa: Option<f64>,
    /// `q - position`; null when silent or without data.
    pub delta: Option<f64>,
    /// `delta` in standard deviations; null when silent, without data, or when both variances are 0.
    pub z: Option<f64>,
    /// How voices relate to data; null when there are voices and no data.
    pub label: Option<Relation>,
    /// Merged class position; null without data.
    pub merged_position: Option<f64>,
    /// Merged value, points; null without data.
    pub merged: Option<f64>,
    /// Variance of the merged position; null without data.
    pub variance: Option<f64>,
    /// Points of value for one point of position at the merged position; null without data.
    pub slope: Option<f64>,
}

/// A theme.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeOutput {
    /// Class position of the voices; null when not discussed.
    pub q: Option<f64>,
    /// Its variance; null when not discussed.
    pub v: Option<f64>,
    /// Villages it comes from; informants for the whole cluster count as one where no village has spoken.
    pub villages: u32,
}

impl MergeOutput {
    /// Merged class positions of the dimensions with data, for [`crate::gaps_to_next_class`].
    pub fn merged_positions(&self) -> BTreeMap<Dimension, f64> {
        let positions = self.dimensions.iter();
        positions.filter_map(|(dimension, output)| Some((*dimension, output.merged_position?))).collect()
    }
}
