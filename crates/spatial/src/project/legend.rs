//! `[roads]` and `[land_cover]`: what the words and numbers of maps mean. The defaults are the legends of the maps that the
//! report names, so that a project with these maps declares neither.

use std::collections::BTreeMap;

use kend_cells::{LandCover, RoadClass};
use serde::{Deserialize, Deserializer, de::Error};

/// Values of the attribute with the class of a road. Default: `highway` of `OpenStreetMap` (method 2.3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoadsLegend {
    /// Motorways and trunk roads.
    pub motorway: Vec<String>,
    /// Primary roads.
    pub primary: Vec<String>,
    /// Secondary roads.
    pub secondary: Vec<String>,
    /// Tertiary roads.
    pub tertiary: Vec<String>,
    /// Residential and unclassified roads.
    pub residential: Vec<String>,
    /// Tracks.
    pub track: Vec<String>,
}

impl Default for RoadsLegend {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            motorway: words(&["motorway", "motorway_link", "trunk", "trunk_link"]),
            primary: words(&["primary", "primary_link"]),
            secondary: words(&["secondary", "secondary_link"]),
            tertiary: words(&["tertiary", "tertiary_link"]),
            residential: words(&["residential", "unclassified", "living_street", "service"]),
            track: words(&["track"]),
        }
    }
}

impl RoadsLegend {
    const fn classes(&self) -> [(&'static str, RoadClass, &Vec<String>); 6] {
        [
            ("motorway", RoadClass::MotorwayOrTrunk, &self.motorway),
            ("primary", RoadClass::Primary, &self.primary),
            ("secondary", RoadClass::Secondary, &self.secondary),
            ("tertiary", RoadClass::Tertiary, &self.tertiary),
            ("residential", RoadClass::Residential, &self.residential),
            ("track", RoadClass::Track, &self.track),
        ]
    }

    /// The class of a value; none for what nobody drives on, such as a footway.
    pub fn class(&self, value: &str) -> Option<RoadClass> {
        let found = self.classes().into_iter().find(|(_, _, values)| values.iter().any(|other| other == value));
        found.map(|(_, class, _)| class)
    }

    pub(super) fn problem(&self) -> Option<(String, String)> {
        let mut seen = BTreeMap::new();
        for (key, _, values) in self.classes() {
            for value in values {
                if let Some(first) = seen.insert(value.as_str(), key) {
                    return Some((format!("roads.{key}"), format!("`{value}` stands in roads.{first} already")));
                }
            }
        }
        None
    }
}

/// What the numbers of a map of land cover mean. Default: the legend of ESA CCI-LC (Product User Guide, version 2.0, 2017,
/// table 3-1).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LandCoverLegend {
    /// Share of a cell of this category that is cropland, 0 to 1 (row 4).
    #[serde(deserialize_with = "shares")]
    pub cropland: BTreeMap<u16, f64>,
    /// Built-up land.
    pub built: Vec<u16>,
    /// Bare ground, sparse plants, snow.
    pub bare: Vec<u16>,
    /// Grass and crops.
    pub low: Vec<u16>,
    /// Shrubs, orchards, mosaics of them.
    pub medium: Vec<u16>,
    /// Forest.
    pub dense: Vec<u16>,
    /// Water, which nobody crosses.
    pub water: Vec<u16>,
}

/// Keys of TOML are texts.
fn shares<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u16, f64>, D::Error> {
    let texts = BTreeMap::<String, f64>::deserialize(deserializer)?;
    let number = |text: &str| {
        text.parse().map_err(|_| D::Error::custom(format!("expected the number of a category, found `{text}`")))
    };
    texts.into_iter().map(|(text, share)| Ok((number(&text)?, share))).collect()
}

impl Default for LandCoverLegend {
    fn default() -> Self {
        Self {
            // 30 is a mosaic of more than half cropland.
            cropland: [(10, 1.0), (11, 1.0), (12, 1.0), (20, 1.0), (30, 0.5)].into(),
            built: vec![190],
            bare: vec![150, 151, 152, 153, 200, 201, 202, 220],
            low: vec![10, 11, 20, 30, 110, 130, 140],
            medium: vec![12, 40, 100, 120, 121, 122, 180],
            dense: vec![50, 60, 61, 62, 70, 71, 72, 80, 81, 82, 90, 160, 170],
            water: vec![210],
        }
    }
}

impl LandCoverLegend {
    const fn classes(&self) -> [(&'static str, LandCover, &Vec<u16>); 6] {
        [
            ("built", LandCover::BareOrBuilt, &self.built),
            ("bare", LandCover::BareOrBuilt, &self.bare),
            ("low", LandCover::LowVegetation, &self.low),
            ("medium", LandCover::MediumVegetation, &self.medium),
            ("dense", LandCover::DenseVegetation, &self.dense),
            ("water", LandCover::Barrier, &self.water),
        ]
    }

    /// What people walk over on a category; none for one that the legend doesn't have.
    pub fn class(&self, category: u16) -> Option<LandCover> {
        let found = self.classes().into_iter().find(|(_, _, categories)| categories.contains(&category));
        found.map(|(_, class, _)| class)
    }

    /// Share of cropland of a category, 0 to 1; 0 for one that isn't listed.
    pub fn cropland_share(&self, category: u16) -> f64 {
        self.cropland.get(&category).copied().unwrap_or_default()
    }

    pub(super) fn problem(&self) -> Option<(String, String)> {
        let share = self.cropland.iter().find(|(_, share)| !(0.0..=1.0).contains(*share));
        if let Some((category, share)) = share {
            let problem = format!("category {category}: expected a share from 0 to 1, found {share}");
            return Some(("land_cover.cropland".to_owned(), problem));
        }
        let mut seen = BTreeMap::new();
        for (key, _, categories) in self.classes() {
            for category in categories {
                if let Some(first) = seen.insert(category, key) {
                    let problem = format!("category {category} stands in land_cover.{first} already");
                    return Some((format!("land_cover.{key}"), problem));
                }
            }
        }
        None
    }
}
