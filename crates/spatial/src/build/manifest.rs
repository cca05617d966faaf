//! What a country was made of and how: everything that a later round has to keep.

use std::collections::BTreeMap;

use kend_cells::{ClusterRules, Grid};
use kend_domain::{AreaCode, Dimension};
use kend_readiness::{
    LagRule, Method, Thresholds,
    cells::{ScoreRule, ScoredCells},
};
use serde::{Deserialize, Serialize};

use super::{
    country::{ColumnStatus, IndicatorColumn},
    inputs::InputFile,
    series::{LagVariantsRecord, RoundRecord, SettledRecord},
};

/// Layout of the manifest and of the documents beside it.
pub(super) const FORMAT: u16 = 3;

/// What a country was made of and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout of the documents.
    pub format: u16,
    /// Whether everything but outlines and names is invented: every result has to say so.
    pub synthetic: bool,
    /// Version of Kend.
    pub kend_version: String,
    /// Version of the computation of columns.
    pub pipeline_version: u16,
    /// Version of the method.
    pub method_version: String,
    /// `recommended` or `faithful`.
    pub profile: String,
    /// Lines that must be shown wherever the data are.
    pub attribution: Vec<String>,
    /// Longitude and latitude of the centre of the plane, degrees.
    pub centre: (f64, f64),
    /// The grid.
    pub grid: GridRecord,
    /// Land cells, and those of them that count.
    pub cells: (usize, usize),
    /// People in land cells.
    pub population: f64,
    /// Zones left out.
    pub excluded: Vec<AreaCode>,
    /// Thresholds of the index.
    pub thresholds: Thresholds,
    /// Thresholds of each dimension.
    pub dimension_thresholds: BTreeMap<Dimension, Thresholds>,
    /// How values become scores, by row.
    pub rules: BTreeMap<u8, ScoreRule>,
    /// The same of each set of destinations, where a row has several.
    pub set_rules: BTreeMap<u8, Vec<ScoreRule>>,
    /// When an indicator lags, by row.
    pub lag_rules: BTreeMap<u8, LagRule>,
    /// The same in the variants of gaps.
    pub lag_variants: LagVariantsRecord,
    /// How clusters were made.
    pub clusters: ClusterRulesRecord,
    /// What else has to be the same in every round.
    pub settled: SettledRecord,
    /// Which round it is.
    pub round: RoundRecord,
    /// What the index is made without.
    pub missing: MissingRecord,
    /// What was left out, repaired or taken for granted.
    pub warnings: Vec<String>,
    /// The files that were read, by path in the project.
    pub inputs: BTreeMap<String, InputFile>,
}

/// What an index is made without.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingRecord {
    /// Rows of Annex I that are not in it.
    pub rows: Vec<u8>,
    /// Dimensions that no cell has a value of.
    pub dimensions: Vec<Dimension>,
    /// Limits of missing data that are lower than the method's, by key of `[missing]`: the limit, and the method's.
    pub limits: BTreeMap<String, (f64, f64)>,
}

impl MissingRecord {
    /// Whether the index is partial: under the method's own limits (2.4) there would be none, or another one. Every number
    /// of it has to be shown as partial.
    pub fn is_partial(&self) -> bool {
        !(self.dimensions.is_empty() && self.limits.is_empty())
    }
}

/// What columns and scores lack, and by how much the limits of `method` are lower than the standard ones.
pub(super) fn missing(columns: &[IndicatorColumn], cells: &ScoredCells, method: &Method) -> MissingRecord {
    let (own, standard) = (&method.missing, &Method::standard().missing);
    let limits = [
        ("indicator_min_share", own.indicator_min_share.value, standard.indicator_min_share.value),
        ("dimension_min_weight_share", own.dimension_min_weight_share.value, standard.dimension_min_weight_share.value),
        (
            "index_min_dimensions",
            f64::from(own.index_min_dimensions.value),
            f64::from(standard.index_min_dimensions.value),
        ),
    ];
    let nowhere = |values: &[f32]| values.iter().all(|value| value.is_nan());
    let dimensions = Dimension::ALL.iter().zip(&cells.dimensions);
    MissingRecord {
        rows: columns.iter().filter(|column| column.status != ColumnStatus::Used).map(|column| column.row).collect(),
        dimensions: dimensions.filter(|(_, values)| nowhere(values)).map(|(dimension, _)| *dimension).collect(),
        limits: limits
            .into_iter()
            .filter(|(_, own, standard)| own < standard)
            .map(|(key, own, standard)| (key.to_owned(), (own, standard)))
            .collect(),
    }
}

/// A grid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridRecord {
    /// Easting of the western edge, metres.
    pub west_m: f64,
    /// Northing of the northern edge, metres.
    pub north_m: f64,
    /// Side of a cell, metres.
    pub cell_m: f64,
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
}

impl GridRecord {
    pub(super) fn of(grid: &Grid) -> Self {
        Self {
            west_m: grid.west_m(),
            north_m: grid.north_m(),
            cell_m: grid.cell_m(),
            columns: grid.columns(),
            rows: grid.rows(),
        }
    }
}

/// [`ClusterRules`] as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterRulesRecord {
    /// Neighbours of a cell.
    pub neighbours: u8,
    /// Metres.
    pub merge_within_m: f64,
    /// Square kilometres.
    pub least_area_km2: f64,
    /// People.
    pub least_population: f64,
}

impl From<ClusterRules> for ClusterRulesRecord {
    fn from(rules: ClusterRules) -> Self {
        Self {
            neighbours: Self::count(rules.neighbours),
            merge_within_m: rules.merge_within_m,
            least_area_km2: rules.least_area_km2,
            least_population: rules.least_population,
        }
    }
}

#[cfg(test)]
mod tests {
    use kend_readiness::{Direction, Goalposts, Treatment};

    use super::*;

    /// Manifests of format 3 hold exactly these texts: other ones need another number.
    #[test]
    fn rules_are_written_as_manifests_have_them() {
        let goalposts = |treatment| {
            ScoreRule::Goalposts(Goalposts { direction: Direction::LessIsBetter, treatment, low: -2.5, high: 4.0 })
        };
        let json = |treatment: &str| {
            format!(r#"{{"goalposts":{{"direction":"-","treatment":{treatment},"low":-2.5,"high":4.0}}}}"#)
        };
        let rules = [
            (ScoreRule::Coverage, r#""coverage""#.to_owned()),
            (goalposts(Treatment::AsObserved), json(r#""as_observed""#)),
            (
                goalposts(Treatment::Winsorised { points: 2, low: -3.0, high: 5.0 }),
                json(r#"{"winsorised":{"points":2,"low":-3.0,"high":5.0}}"#),
            ),
            (
                goalposts(Treatment::Logarithm { origin: 1.0, offset: 0.5 }),
                json(r#"{"logarithm":{"origin":1.0,"offset":0.5}}"#),
            ),
            (goalposts(Treatment::Clamped { low: -2.5, high: 4.0 }), json(r#"{"clamped":{"low":-2.5,"high":4.0}}"#)),
        ];
        for (rule, json) in rules {
            assert_eq!(serde_json::to_string(&rule).unwrap(), json);
            assert_eq!(serde_json::from_str::<ScoreRule>(&json).unwrap(), rule);
        }
        let json = r#"{"threshold":40.5,"minimum":0.0}"#;
        let rule = LagRule { threshold: 40.5, minimum: 0.0 };
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
        assert_eq!(serde_json::from_str::<LagRule>(json).unwrap(), rule);
        assert!(serde_json::from_str::<ScoreRule>(r#"{"goalposts":{"low":0.0}}"#).is_err());
        assert!(serde_json::from_str::<LagRule>(r#"{"threshold":1.0,"minimum":0.0,"more":1}"#).is_err());
    }
}
