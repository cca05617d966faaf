//! The files of `schema/demo`, embedded and read into types. Unknown columns and keys are refused, so that a misspelt
//! key of `project.toml` is an error and not a silent default.

use kend_domain::{AreaCode, Names};
use kend_pack::{Polygon, Profile};
use serde::{Deserialize, de::DeserializeOwned};

use super::DemoError;

const PROJECT: &str = include_str!("../../../../schema/demo/project.toml");
const CLUSTERS: &str = include_str!("../../../../schema/demo/clusters.json");
const RAYONS: &str = include_str!("../../../../schema/demo/rayons.geojson");
const PLACES: &str = include_str!("../../../../schema/demo/places.csv");
const STATISTICS: &str = include_str!("../../../../schema/demo/statistics.csv");

/// All files of the demo.
pub(super) struct Files {
    pub(super) project: ProjectFile,
    pub(super) clusters: Vec<ClusterEntry>,
    pub(super) rayons: Vec<RayonFeature>,
    pub(super) places: Vec<PlaceRow>,
    pub(super) statistics: Vec<StatisticsRow>,
}

/// Reads all files of the demo.
pub(super) fn read() -> Result<Files, DemoError> {
    let project = toml::from_str(PROJECT).map_err(|error| wrong("project.toml", error))?;
    let clusters = serde_json::from_str(CLUSTERS).map_err(|error| wrong("clusters.json", error))?;
    let rayons: RayonCollection = serde_json::from_str(RAYONS).map_err(|error| wrong("rayons.geojson", error))?;
    Ok(Files {
        project,
        clusters,
        rayons: rayons.features,
        places: rows("places.csv", PLACES)?,
        statistics: rows("statistics.csv", STATISTICS)?,
    })
}

fn rows<Row: DeserializeOwned>(file: &'static str, sheet: &str) -> Result<Vec<Row>, DemoError> {
    csv::Reader::from_reader(sheet.as_bytes())
        .deserialize()
        .collect::<Result<_, csv::Error>>()
        .map_err(|error| wrong(file, error))
}

fn wrong(file: &'static str, error: impl std::error::Error + Send + Sync + 'static) -> DemoError {
    DemoError::File { file, source: Box::new(error) }
}

/// `project.toml`; what each key means stands there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectFile {
    pub(super) name: AreaCode,
    pub(super) pack_version: String,
    pub(super) round_year: f64,
    pub(super) demo: bool,
    pub(super) profile: Profile,
    pub(super) attribution: Vec<String>,
    pub(super) title: Names,
    pub(super) missing: MissingLimits,
    pub(super) excluded: Excluded,
    pub(super) merge: Merge,
    pub(super) robustness: Robustness,
    pub(super) population: Population,
    pub(super) partial_remark: Names,
    pub(super) indicator: Vec<JoinedIndicator>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MissingLimits {
    pub(super) indicator_min_share: f64,
    pub(super) dimension_min_weight_share: f64,
    pub(super) index_min_dimensions: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Excluded {
    pub(super) rayons: Vec<AreaCode>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    pub(super) lambda: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Robustness {
    pub(super) seed: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Population {
    pub(super) figure: String,
    pub(super) year: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinedIndicator {
    pub(super) row: u8,
    pub(super) figure: String,
    pub(super) per: Option<String>,
    pub(super) factor: f64,
    pub(super) unit: Names,
    pub(super) remark: Names,
}

/// A cluster of the report as a group of rayons.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterEntry {
    pub(super) id: String,
    pub(super) number_in_report: u8,
    pub(super) names: Names,
    pub(super) rayons: Vec<AreaCode>,
    pub(super) villages_in_report: u32,
    pub(super) report_paragraphs: String,
    pub(super) remark: String,
}

#[derive(Debug, Deserialize)]
struct RayonCollection {
    features: Vec<RayonFeature>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RayonFeature {
    pub(super) properties: RayonProperties,
    pub(super) geometry: RayonGeometry,
}

#[derive(Debug, Deserialize)]
pub(super) struct RayonProperties {
    pub(super) code: AreaCode,
    pub(super) name_az: String,
    pub(super) name_en: String,
    pub(super) name_ru: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RayonGeometry {
    pub(super) coordinates: Vec<Polygon>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceRow {
    pub(super) geonames_id: u32,
    pub(super) name_az: String,
    pub(super) name_en: String,
    pub(super) name_ru: String,
    pub(super) rayon: AreaCode,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) population: Option<u32>,
    #[expect(dead_code, reason = "for the reader of the sheet; named so that unknown columns can be refused")]
    remark: String,
}

/// One official figure of one unit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatisticsRow {
    pub(super) level: String,
    pub(super) unit_id: AreaCode,
    pub(super) row: Option<u8>,
    pub(super) figure: String,
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) period: String,
    pub(super) publisher: String,
    pub(super) remark: String,
}
