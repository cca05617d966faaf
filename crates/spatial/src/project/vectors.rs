//! `[zones]`, `[[vectors]]` and `[roads]`: what points, lines and areas in `vectors/` are used for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kend_readiness::{IndicatorKind, composite::Encoding, indicator};
use serde::Deserialize;

use super::{crs_problem, file_problem, layer_of, year_problem};

/// Outlines of the zones of `names.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZonesDeclaration {
    /// Name of the file in `vectors/`.
    pub file: String,
    /// The layer, where the file has several.
    pub layer: Option<String>,
    /// Reference system, where the file says none: `EPSG:` and a number.
    pub crs: Option<String>,
    /// How letters of a shapefile's attributes are encoded, where the file says nothing.
    pub encoding: Option<Encoding>,
    /// Attribute with the code of `names.csv`; this or `name`.
    pub code: Option<String>,
    /// Attribute with a name, found as names in tables are; this or `code`.
    pub name: Option<String>,
    /// What is done with an outline that crosses itself.
    #[serde(default)]
    pub invalid: InvalidRule,
}

/// What is done with a feature whose geometry is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidRule {
    /// The layer is refused with the name of the feature.
    #[default]
    Error,
    /// The feature is left out and listed.
    LeaveOut,
    /// The area is what its outline goes round (`MakeValid` of GEOS), and it is listed.
    Repair,
}

/// What features are, where they measure no row of Annex I themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VectorRole {
    /// Roads that people travel on.
    Roads,
    /// Water that nobody crosses without a road.
    Water,
    /// Borders that nobody crosses.
    ClosedBorders,
    /// All amenities, by which it is seen where a map is empty (method 2.4).
    Amenities,
    /// Places with names and people.
    Settlements,
    /// Where a crop is processed.
    Processing,
    /// Where a crop is sold.
    Commercialisation,
    /// Lodging and attractions.
    TourismSupply,
    /// Visitors.
    TourismDemand,
}

impl VectorRole {
    /// The word for it in `index.toml`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Roads => "roads",
            Self::Water => "water",
            Self::ClosedBorders => "closed_borders",
            Self::Amenities => "amenities",
            Self::Settlements => "settlements",
            Self::Processing => "processing",
            Self::Commercialisation => "commercialisation",
            Self::TourismSupply => "tourism_supply",
            Self::TourismDemand => "tourism_demand",
        }
    }

    /// Whether it is said of one crop.
    pub(super) const fn is_of_crop(self) -> bool {
        matches!(self, Self::Processing | Self::Commercialisation)
    }

    /// Whether the sector view is made of it: of points that may have a weight.
    const fn is_of_sectors(self) -> bool {
        self.is_of_crop() || matches!(self, Self::TourismSupply | Self::TourismDemand)
    }
}

/// One use of a layer of points, lines or areas.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorDeclaration {
    /// Name of the file in `vectors/`.
    pub file: String,
    /// The layer, where the file has several.
    pub layer: Option<String>,
    /// Reference system, where the file says none: `EPSG:` and a number.
    pub crs: Option<String>,
    /// How letters of a shapefile's attributes are encoded, where the file says nothing.
    pub encoding: Option<Encoding>,
    /// Row of Annex I that it measures; this or `role`.
    pub indicator: Option<u8>,
    /// What it is; this or `indicator`.
    pub role: Option<VectorRole>,
    /// Roles processing and commercialisation: the crop.
    pub crop: Option<String>,
    /// Which destinations of a row with several sets.
    pub set: Option<String>,
    /// Only features with one of these texts in these attributes; `*` is any text.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, Vec<String>>,
    /// Attribute that a point counts with; without it a point counts as 1.
    pub weight: Option<String>,
    /// Role roads: attribute with the class.
    pub road_class: Option<String>,
    /// Role settlements: attribute with the name.
    pub name: Option<String>,
    /// Role settlements: attributes with the name in English and Russian.
    pub name_en: Option<String>,
    /// The same in Russian.
    pub name_ru: Option<String>,
    /// Role settlements: attribute with the number in `GeoNames`, by which a place stays the same whatever its name.
    pub geonames: Option<String>,
    /// Role settlements: attribute with the inhabitants.
    pub population: Option<String>,
    /// Only features in zones whose figure of this name is in the top quintile.
    pub zones_in_top_quintile_of: Option<String>,
    /// The year that the features are of.
    pub year: u16,
    /// Whether the layer is the whole register of the country, so that nothing there means that there is none.
    #[serde(default)]
    pub complete: bool,
    /// Whether an area counts as a point inside it, where points are wanted.
    #[serde(default)]
    pub areas_as_points: bool,
    /// What is done with features that are not valid.
    #[serde(default)]
    pub invalid: InvalidRule,
}

/// Which geometry a use takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeometryUse {
    /// Points alone.
    Points,
    /// Lines alone.
    Lines,
    /// Areas alone.
    Areas,
    /// Lines or areas.
    LinesOrAreas,
    /// Points or areas.
    PointsOrAreas,
}

/// The attribute with the class of a road, where none is named: that of `OpenStreetMap`.
const OSM_ROAD_CLASS: &str = "highway";

impl VectorDeclaration {
    /// What it is of, for messages: `indicator 42` or `role roads`.
    pub fn of(&self) -> String {
        layer_of(self.indicator, self.role.map(VectorRole::word))
    }

    /// The attribute with the class of a road.
    pub fn road_class(&self) -> &str {
        self.road_class.as_deref().unwrap_or(OSM_ROAD_CLASS)
    }

    /// Which geometry its use takes; none if a row of Annex I is not made of features.
    pub fn geometry_use(&self) -> Option<GeometryUse> {
        match self.role {
            Some(VectorRole::Roads) => return Some(GeometryUse::Lines),
            Some(VectorRole::Water | VectorRole::ClosedBorders) => return Some(GeometryUse::LinesOrAreas),
            Some(VectorRole::Amenities) => return Some(GeometryUse::PointsOrAreas),
            Some(
                VectorRole::Settlements
                | VectorRole::Processing
                | VectorRole::Commercialisation
                | VectorRole::TourismSupply
                | VectorRole::TourismDemand,
            ) => return Some(GeometryUse::Points),
            None => {}
        }
        match self.kind()? {
            IndicatorKind::CountRayon | IndicatorKind::Kde | IndicatorKind::TravelTime => Some(GeometryUse::Points),
            IndicatorKind::DensityArea => Some(GeometryUse::PointsOrAreas),
            IndicatorKind::LengthRayon | IndicatorKind::LineKde => Some(GeometryUse::Lines),
            IndicatorKind::Coverage => Some(GeometryUse::Areas),
            IndicatorKind::StatRayon
            | IndicatorKind::StatRegion
            | IndicatorKind::ArealHeatmap
            | IndicatorKind::Raster
            | IndicatorKind::Gridded => None,
        }
    }

    fn kind(&self) -> Option<IndicatorKind> {
        indicator(self.indicator?).map(|indicator| indicator.kind)
    }

    /// The attributes that are read.
    pub fn attributes(&self) -> BTreeSet<&str> {
        let road_class = (self.role == Some(VectorRole::Roads)).then(|| self.road_class());
        let named = [&self.weight, &self.name, &self.name_en, &self.name_ru, &self.geonames, &self.population];
        let named = named.into_iter().filter_map(Option::as_deref).chain(road_class);
        self.only.keys().map(String::as_str).chain(named).collect()
    }

    pub(super) fn problem(&self, figures: &BTreeSet<&str>) -> Option<String> {
        let source = file_problem(&self.file, "vectors")
            .or_else(|| crs_problem(self.crs.as_deref()))
            .or_else(|| encoding_problem(&self.file, self.encoding));
        if source.is_some() {
            return source;
        }
        match (self.indicator, self.role) {
            (Some(row), None) if self.geometry_use().is_none() => {
                return Some(format!("indicator: row {row} of Annex I is not made of points, lines or areas"));
            }
            (Some(_), None) | (None, Some(_)) => {}
            _ => return Some("expected either indicator (a row of Annex I) or role".to_owned()),
        }
        if let Some(problem) = year_problem(self.year) {
            return Some(problem);
        }
        let points = matches!(self.geometry_use(), Some(GeometryUse::Points | GeometryUse::PointsOrAreas));
        let travel_time = self.kind() == Some(IndicatorKind::TravelTime);
        let roads = self.role == Some(VectorRole::Roads);
        let settlements = self.role == Some(VectorRole::Settlements);
        let weighed = points && (self.indicator.is_some() || self.role.is_some_and(VectorRole::is_of_sectors));
        let misplaced = [
            ("set", self.set.is_some() && !travel_time, "only rows of travel time have sets of destinations"),
            ("weight", self.weight.is_some() && !weighed, "only points of a row have one"),
            ("areas_as_points", self.areas_as_points && !points, "no points are wanted here"),
            ("road_class", self.road_class.is_some() && !roads, "only role roads has one"),
            ("name", self.name.is_some() && !settlements, "only role settlements has one"),
            ("name_en", self.name_en.is_some() && !settlements, "only role settlements has one"),
            ("name_ru", self.name_ru.is_some() && !settlements, "only role settlements has one"),
            ("geonames", self.geonames.is_some() && !settlements, "only role settlements has one"),
            ("population", self.population.is_some() && !settlements, "only role settlements has one"),
            ("complete", self.complete && self.indicator.is_none(), "only layers of a row are registers"),
            (
                "zones_in_top_quintile_of",
                self.zones_in_top_quintile_of.is_some() && !travel_time,
                "only destinations of travel time are chosen by zones",
            ),
        ];
        if let Some((key, _, problem)) = misplaced.iter().find(|(_, wrong, _)| *wrong) {
            return Some(format!("{key}: {problem}"));
        }
        if settlements && self.name.is_none() {
            return Some("name: role settlements needs the attribute with the name".to_owned());
        }
        let empty = |text: &str| text.trim().is_empty();
        let no_texts = self.only.iter().find(|(name, texts)| empty(name) || texts.is_empty());
        if let Some((name, _)) = no_texts {
            return Some(format!("where: expected an attribute with a list of texts, found `{name}` without any"));
        }
        if let Some(figure) = self.zones_in_top_quintile_of.as_deref().filter(|name| !figures.contains(name)) {
            return Some(format!("zones_in_top_quintile_of: no statistics declare figure = \"{figure}\""));
        }
        let names = [&self.layer, &self.set, &self.weight, &self.road_class, &self.name, &self.population];
        if names.into_iter().flatten().any(|name| empty(name)) {
            return Some("expected a name, found an empty text".to_owned());
        }
        None
    }
}

impl ZonesDeclaration {
    /// The key and what is wrong with it.
    pub(super) fn problem(&self) -> Option<(&'static str, String)> {
        let source = file_problem(&self.file, "vectors")
            .or_else(|| crs_problem(self.crs.as_deref()))
            .or_else(|| encoding_problem(&self.file, self.encoding));
        if let Some(problem) = source {
            return Some(("zones", problem));
        }
        let empty = |name: &Option<String>| name.as_deref().is_some_and(|name| name.trim().is_empty());
        if self.code.is_some() == self.name.is_some() || empty(&self.code) || empty(&self.name) {
            return Some(("zones", "expected either code or name (an attribute)".to_owned()));
        }
        if self.invalid == InvalidRule::LeaveOut {
            return Some(("zones.invalid", "a zone can't be left out; expected `error` or `repair`".to_owned()));
        }
        None
    }
}

/// What is wrong with an encoding: of all formats only shapefiles leave it open.
fn encoding_problem(file: &str, encoding: Option<Encoding>) -> Option<String> {
    let encoding = encoding?;
    let shapefile = Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("shp"));
    let wrong = !shapefile || encoding == Encoding::Utf16;
    wrong.then(|| "encoding: only shapefiles have one, and never UTF-16".to_owned())
}
