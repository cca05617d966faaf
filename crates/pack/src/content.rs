//! What a pack holds, as it stands in its JSON (`schema/json-schema/pack.schema.json`).
//!
//! Plain data with public fields: the builder fills it, `check` says whether it agrees with itself. Unknown fields are
//! refused, because a device that ignores half of a newer pack would show numbers under the wrong method. What came with
//! cells may be missing: packs without cells stay as they are.

mod area;
mod calculator;

pub use area::{ClusterArea, Crop, RayonReadiness, SectorZone, Sectors, ZoneTravel};
pub use calculator::{
    AddedKind, Calculator, ClassGaps, PartialLimits, Peers, PlaneGrid, ProfileNumber, RowAddition, RowLag, RowRule,
    TravelTime, VillageFacts, VillageValue, Window, ZoneValue,
};

use kend_domain::{AreaCode, Dimension, EntityId, Names, Position};
use kend_readiness::MergeParameters;
use serde::{Deserialize, Serialize};

/// Everything in a pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackContent {
    /// The version of this pack of this project, e.g. `2026.1`.
    pub version: String,
    /// The version of the method that made the numbers.
    pub method_version: String,
    /// Which reading of the annex the numbers follow.
    pub profile: Profile,
    /// The project.
    pub project: Project,
    /// Lines that must be shown wherever the data are.
    pub attribution: Vec<String>,
    /// Said beside every number when indicators are missing; null when all 53 are there.
    pub partial: Option<Partial>,
    /// Mean year of the data, weighted as the indicators are, e.g. 2023.4.
    pub data_year: f64,
    /// The middle of the round's field work, e.g. 2026.9. `years` of the merge is this less `data_year`: a round has one age
    /// of its data, whatever the clocks of devices say.
    pub round_year: f64,
    /// Which round of the index it is, where that is a later one than the first; clusters keep their ids over rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
    /// The four thresholds of the index.
    pub index_thresholds: [f64; 4],
    /// The parameters of the merge for this project.
    pub merge: MergeParameters,
    /// The priority clusters.
    pub clusters: Vec<Cluster>,
    /// All rayons.
    pub rayons: Vec<Rayon>,
    /// The towns and villages to visit.
    pub places: Vec<Place>,
    /// Nothing in it is a fact: made up, to look at screens and to test. Said on every screen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub synthetic: bool,
    /// What calculations on cells need; packs without cells have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculator: Option<Calculator>,
}

/// Which reading of Annex I the numbers follow (method 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Measures as printed, raw totals, flat weights.
    Faithful,
    /// Denominated measures, criterion-equal weights.
    Recommended,
}

/// The project a pack belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its short name, the first half of every scope (`demo/AZ-TOV`).
    pub name: AreaCode,
    /// Its title.
    pub title: Names,
    /// A demonstration: shown as one on every screen.
    pub demo: bool,
}

/// What a partial index rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partial {
    /// Rows of Annex I that are present, ascending.
    pub indicators_present: Vec<u8>,
    /// Rows of Annex I in all.
    pub indicators_total: u8,
    /// Dimensions without any data.
    pub dimensions_without_data: Vec<Dimension>,
    /// What that means, in words.
    pub remark: Names,
}

/// A priority cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Its id, e.g. `shamkir-tovuz`.
    pub id: String,
    /// Its name.
    pub names: Names,
    /// Its rayons. A rayon is in at most one cluster, unless all that it is in are areas of cells.
    pub rayons: Vec<AreaCode>,
    /// Towns and villages it holds: N of method 7.2.
    pub villages_total: u32,
    /// Inhabitants of its rayons.
    pub population: u32,
    /// The year of `population`.
    pub population_year: u16,
    /// The index from data alone, 0 to 100.
    pub index: f64,
    /// The five dimensions in their order.
    pub dimensions: Vec<DimensionValue>,
    /// The 53 indicators in their order.
    pub indicators: Vec<IndicatorValue>,
    /// The cluster as an area of cells; null where it is a list of rayons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<ClusterArea>,
}

/// A dimension of a cluster. The three values are all there or all null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionValue {
    /// Which.
    pub dimension: Dimension,
    /// 0 to 100.
    pub value: Option<f64>,
    /// The four thresholds between its classes.
    pub thresholds: Option<[f64; 4]>,
    /// Standard deviation of its class position under changes of the method, position points.
    pub sd_mc: Option<f64>,
}

/// Whether an indicator was seen for a cluster (method 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorStatus {
    /// Published for all rayons of the cluster.
    Observed,
    /// Published for some, or filled by the mean of the economic region.
    Imputed,
    /// No data: nothing is put in its place.
    Missing,
}

/// One of the 53 indicators of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorValue {
    /// Row of Annex I, 1 to 53.
    pub row: u8,
    /// Whether it was seen.
    pub status: IndicatorStatus,
    /// The value of the cluster, in `unit`.
    pub value: Option<f64>,
    /// The unit.
    pub unit: Names,
    /// Score, 0 to 100.
    pub score: Option<f64>,
    /// The median score of all rayons.
    pub norm: Option<f64>,
    /// Period of the figures, e.g. `2023` or `2024-07`.
    pub period: Option<String>,
    /// Who published them.
    pub publisher: Option<String>,
    /// What a reader must know: another denominator, parts not counted.
    pub remark: Option<Names>,
}

/// A polygon as in `GeoJSON`: the outer ring, then holes; positions are `[longitude, latitude]`, rings closed.
pub type Polygon = Vec<Vec<[f64; 2]>>;

/// A rayon, or a city of its rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rayon {
    /// ISO 3166-2 code.
    pub code: AreaCode,
    /// Its name.
    pub names: Names,
    /// Inhabitants, where a source says.
    pub population: Option<u32>,
    /// A position inside, for a label.
    pub centre: Position,
    /// Its simplified outline.
    pub outline: Vec<Polygon>,
    /// Its own readiness; null where the pack doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<RayonReadiness>,
}

/// A town or village to visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its id: the same on every device.
    pub village: EntityId,
    /// Its name.
    pub names: Names,
    /// The rayon it lies in.
    pub rayon: AreaCode,
    /// Inhabitants, where a source says.
    pub population: Option<u32>,
    /// Where it lies.
    pub position: Position,
}
