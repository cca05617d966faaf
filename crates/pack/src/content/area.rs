//! Clusters as areas of cells rather than lists of rayons, and what rayons and clusters are known by beside the index.

use kend_domain::{Dimension, EntityId, Names, ReadinessClass};
use serde::{Deserialize, Serialize};

use super::{Polygon, ProfileNumber, Window};

/// Classes of the index.
const CLASSES: usize = ReadinessClass::ALL.len();

/// A cluster that is an area of cells; it may hold parts of rayons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterArea {
    /// Its class of readiness.
    pub class: ReadinessClass,
    /// Its area, square kilometres.
    pub area_km2: f64,
    /// Its simplified outline.
    pub outline: Vec<Polygon>,
    /// The part of the country's grid that holds it.
    pub window: Window,
    /// The places of the pack that lie in it.
    pub villages: Vec<EntityId>,
    /// Where it lags, percent of each dimension in their order.
    pub gaps: [Option<f64>; Dimension::ALL.len()],
    /// How often it has each class under changes of the method, shares from Activate to Amplify.
    pub class_frequencies: Option<[f64; CLASSES]>,
    /// Numbers of its profile.
    pub profile: Vec<ProfileNumber>,
    /// Agriculture and tourism in it.
    pub sectors: Option<Sectors>,
}

/// What the sector view needs beside the flags of the cells (report 5.7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sectors {
    /// The crops whose cells are flagged.
    pub crops: Vec<Crop>,
    /// Ways between zones.
    pub travel: Vec<ZoneTravel>,
}

/// A crop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crop {
    /// Its word, e.g. `grapes`.
    pub crop: String,
    /// Its name.
    pub names: Names,
}

/// A kind of zone of the sector view: cells in the top quintile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectorZone {
    /// Where a crop is grown.
    Production,
    /// Where it is processed.
    Processing,
    /// Where it is sold.
    Commercialisation,
    /// Attractions and lodging.
    TourismSupply,
    /// Visitors.
    TourismDemand,
    /// Supply and demand together.
    TourismOptimised,
    /// Production of a crop and optimised tourism together.
    Agritourism,
}

/// The way from one zone to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneTravel {
    /// The crop, for zones of one.
    pub crop: Option<String>,
    /// From.
    pub from: SectorZone,
    /// To.
    pub to: SectorZone,
    /// Minutes, weighted with people.
    pub minutes: f64,
}

/// The readiness of a rayon: three columns that differ, and a reader must see it (method 4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RayonReadiness {
    /// Mean index of its cells, weighted with people; null without an index.
    pub index: Option<f64>,
    /// Index of the rayon's own values.
    pub index_of_values: Option<f64>,
    /// Mean of each dimension in their order.
    pub dimensions: [Option<f64>; Dimension::ALL.len()],
    /// Share of its area in each class, Activate first.
    pub class_shares: [f64; CLASSES],
    /// Its area, square kilometres.
    pub area_km2: f64,
    /// Numbers of its profile.
    pub profile: Vec<ProfileNumber>,
}
