//! What a build gives: the whole country in memory. Reports, maps and packs are made of it, after a build or after
//! [`super::read_country`].

use std::collections::BTreeMap;

use geo::MultiPolygon;
use kend_cells::Grid;
use kend_domain::{AreaCode, Dimension, Names, ReadinessClass};
use kend_readiness::{
    IndicatorKind, LagRule, Method, NormaliseError, Thresholds, cells::ScoreRule, cells::ScoredCells,
};
use serde::{Deserialize, Serialize};

use super::{
    changes::Changes,
    gaps::GapTables,
    manifest::Manifest,
    mean::Mean,
    number::{narrow, place},
    robust::Robustness,
    sectors::Sectors,
    summary::RayonSummary,
};

/// A country with its index. Columns run over land cells, in the order of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Country {
    /// The grid over all zones; its lines lie on whole multiples of the cell size.
    pub grid: Grid,
    /// Longitude and latitude of the centre of the plane, degrees.
    pub centre: (f64, f64),
    /// Place in the grid of each land cell, ascending.
    pub land: Vec<u32>,
    /// Place in `zones` of each land cell.
    pub zone: Vec<u16>,
    /// The zones, in the order of `names.csv`.
    pub zones: Vec<ZoneRecord>,
    /// The outline of each zone in the plane, metres, in the order of `zones`.
    pub outlines: Vec<MultiPolygon>,
    /// People in each land cell.
    pub population: Vec<f32>,
    /// The 53 indicators, row 1 first.
    pub indicators: Vec<IndicatorColumn>,
    /// Dimensions, index and class of each land cell; cells of zones left out have none.
    pub scored: ScoredCells,
    /// How often each land cell keeps its class when weights are drawn anew, per cent of the draws; 255 where it has none.
    /// Empty unless `robustness.stability` asks for it.
    pub class_frequency: Vec<u8>,
    /// Thresholds of the index, frozen.
    pub thresholds: Thresholds,
    /// Thresholds of each dimension, frozen.
    pub dimension_thresholds: BTreeMap<Dimension, Thresholds>,
    /// Clusters of each class, from the most populous on.
    pub clusters: BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    /// Clusters that the project chose by their rayons, in its order.
    pub areas: Vec<AreaRecord>,
    /// Where classes and clusters lag.
    pub gaps: GapTables,
    /// Each zone that is not left out, in three columns of the index.
    pub rayons: Vec<RayonSummary>,
    /// When each indicator lags, by row, frozen.
    pub lag_rules: BTreeMap<u8, LagRule>,
    /// How far results depend on choices.
    pub robustness: Robustness,
    /// Share of the variance of the index, and of each dimension, that lies between zones, 0 to 1.
    pub between_zones: BetweenZones,
    /// Minutes per metre of each land cell, infinite on a barrier; empty where no travel times were made.
    pub friction: Vec<f32>,
    /// Agriculture and tourism, where declared.
    pub sectors: Option<Sectors>,
    /// What changed since the round before; none at the baseline.
    pub changes: Option<Changes>,
    /// What it was made of and how.
    pub manifest: Manifest,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneRecord {
    /// Its code.
    pub code: AreaCode,
    /// Its names.
    pub names: Names,
    /// Its economic region.
    pub region: Option<AreaCode>,
    /// Whether it is left out of the index.
    pub excluded: bool,
    /// Area of its outline, square kilometres.
    pub area_km2: f64,
    /// Its land cells.
    pub cells: usize,
    /// People in its cells.
    pub population: f64,
    /// By row of Annex I: its value.
    pub values: BTreeMap<u8, ZoneValue>,
    /// By row of Annex I: the score of its value, points.
    pub scores: BTreeMap<u8, f64>,
}

/// The value of an indicator in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneValue {
    /// In the unit of the indicator; of kinds observed in cells the mean weighted with people, or by area where nobody
    /// lives.
    pub value: Option<f64>,
    /// Of kinds observed in cells, the mean over the area.
    pub area_mean: Option<f64>,
    /// Where it comes from.
    pub status: ValueStatus,
    /// Its year.
    pub year: u16,
}

/// Where a value comes from (method 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueStatus {
    /// It was observed.
    Observed,
    /// It is the mean of its economic region.
    Imputed,
    /// There is none.
    Missing,
}

/// What an indicator is observed in; outliers and goalposts are those of its values there (method 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NativeUnit {
    /// Zones.
    Zone,
    /// Economic regions.
    Region,
    /// Cells.
    Cell,
    /// Cells with people.
    InhabitedCell,
}

/// Whether an indicator is in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnStatus {
    /// It is.
    Used,
    /// Nothing is declared for it.
    Undeclared,
    /// The first round of the series did not use it, so there is nothing to score it by.
    NotInSeries,
    /// The project leaves it out.
    Dropped,
    /// Its values give no scores.
    LeftOut(NormaliseError),
}

/// The raw values of an indicator; NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// One for each zone, in the order of the zones.
    Zones(Vec<f32>),
    /// One for each land cell.
    Cells(Vec<f32>),
}

/// An indicator with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorColumn {
    /// Row of Annex I.
    pub row: u8,
    /// How the method computes it.
    pub kind: IndicatorKind,
    /// Its dimension.
    pub dimension: Dimension,
    /// Its weight in the index under the profile.
    pub weight: f64,
    /// Whether it is in the index.
    pub status: ColumnStatus,
    /// What it is observed in.
    pub native: NativeUnit,
    /// Its values.
    pub values: ColumnValues,
    /// How values become scores, frozen; none where they do not.
    pub rule: Option<ScoreRule>,
    /// Unit of the values: that of the catalogue, or `points` where several sets of destinations were scored and averaged.
    pub unit: String,
    /// Its year; the oldest where there are several.
    pub year: Option<u16>,
    /// The files that it was made of.
    pub files: Vec<String>,
}

/// A cluster: touching cells of one class (method 4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterRecord {
    /// Its lasting id; at the baseline its number, from 1, by population.
    pub id: u16,
    /// The share of the people of the former round's cluster of this id who live in it, 0 to 1; none at the baseline and for a
    /// cluster that is new.
    pub continues: Option<f64>,
    /// Its class.
    pub class: ReadinessClass,
    /// The names of the zones with at least 15 % of its people.
    pub names: Names,
    /// Square kilometres.
    pub area_km2: f64,
    /// People.
    pub population: f64,
    /// Places of its cells among the land cells, ascending.
    #[serde(skip)]
    pub cells: Vec<u32>,
    /// Its zones with their share of its people, the largest first.
    pub zones: Vec<(AreaCode, f64)>,
    /// Mean of each dimension weighted with people, points.
    pub dimensions: BTreeMap<Dimension, f64>,
    /// Mean index weighted with people, points.
    pub index: Option<f64>,
    /// Mean index over the area, points.
    pub index_by_area: Option<f64>,
}

/// A cluster that the project chose by its rayons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaRecord {
    /// Its id in the project.
    pub id: String,
    /// How many villages the project says that it has.
    pub villages: u32,
    /// What is known of it: its class is that of its mean index, its id one from [`FIRST_AREA_ID`] on, under which gaps and
    /// robustness of clusters hold it too.
    pub cluster: ClusterRecord,
}

/// Ids of clusters from here on are those of areas that a project chose; a country has no such number of found ones.
pub const FIRST_AREA_ID: u16 = 60_000;

/// Share of the variance that lies between zones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BetweenZones {
    /// Of the index; none where it does not vary.
    pub index: Option<f64>,
    /// Of each dimension.
    pub dimensions: BTreeMap<Dimension, f64>,
}

impl ColumnValues {
    /// The value in a land cell, by the zones of land cells; `None` where it is missing.
    pub(super) fn at(&self, zone: &[u16], at: usize) -> Option<f32> {
        let value = match self {
            Self::Cells(values) => values.get(at),
            Self::Zones(values) => values.get(usize::from(*zone.get(at)?)),
        };
        value.copied().filter(|value| !value.is_nan())
    }
}

impl IndicatorColumn {
    /// The raw value in a land cell, by the zones of land cells; `None` where it is missing.
    pub(crate) fn value(&self, zone: &[u16], at: usize) -> Option<f32> {
        self.values.at(zone, at)
    }

    /// Its score in each land cell, points; NaN where a value is missing, the zone does not count, or it is not used.
    pub(crate) fn scores(&self, zone: &[u16], counts: impl Fn(u16) -> bool, method: &Method) -> Vec<f32> {
        let Some(rule) = self.rule.filter(|_| self.status == ColumnStatus::Used) else {
            return vec![f32::NAN; zone.len()];
        };
        let score = |value: f32| narrow(rule.score(f64::from(value), method));
        match &self.values {
            ColumnValues::Zones(values) => {
                let of_zone: Vec<f32> = values.iter().map(|value| score(*value)).collect();
                let of = |zone: &u16| of_zone.get(usize::from(*zone)).copied().filter(|_| counts(*zone));
                zone.iter().map(|zone| of(zone).unwrap_or(f32::NAN)).collect()
            }
            ColumnValues::Cells(values) => {
                let cells = values.iter().zip(zone);
                cells.map(|(value, zone)| if counts(*zone) { score(*value) } else { f32::NAN }).collect()
            }
        }
    }
}

impl ClusterRecord {
    /// The mean of its cells weighted with people, or by area where nobody lives in one with a value; `None` where no cell has
    /// one. Source: method 2.2 (cluster values).
    pub(crate) fn mean(&self, population: &[f32], value: impl Fn(usize) -> Option<f32>) -> Option<f64> {
        Mean::over(self.cells.iter().map(|cell| place(*cell)), population, value).by_people_or_area()
    }
}

impl Country {
    /// Number of land cells.
    pub const fn cells(&self) -> usize {
        self.land.len()
    }

    /// The names of a zone by its code, or of an area by its id.
    pub(crate) fn names_of(&self, code: &str) -> Option<&Names> {
        let zone = self.zones.iter().find(|zone| zone.code.as_str() == code).map(|zone| &zone.names);
        zone.or_else(|| Some(&self.areas.iter().find(|area| area.id == code)?.cluster.names))
    }

    /// Whether each land cell lies in a zone that is not left out.
    pub fn eligible(&self) -> impl Iterator<Item = bool> + '_ {
        self.zone.iter().map(|zone| self.zones.get(usize::from(*zone)).is_some_and(|zone| !zone.excluded))
    }
}
