//! What a check says: types that are written as JSON, and the remarks beside an indicator.

use std::collections::BTreeMap;

use kend_domain::{AreaCode, Dimension};
use kend_readiness::{Indicator, IndicatorKind};
use serde::Serialize;

use crate::project::{Declaration, Profile};

/// What a project folder holds and what it lacks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong and at least one indicator can be used.
    pub usable: bool,
    /// Zones of the index.
    pub zones: usize,
    /// Zones left out.
    pub excluded: Vec<AreaCode>,
    /// All indicators, by row of Annex I.
    pub indicators: Vec<IndicatorReport>,
    /// Figures that indicators are divided by.
    pub figures: Vec<FigureReport>,
    /// What that is for the dimensions.
    pub dimensions: Vec<DimensionReport>,
    /// What is wrong and where.
    pub problems: Vec<Problem>,
    /// Rows with a figure whose name is no zone's.
    pub not_matched: Vec<NotMatched>,
    /// Tables that may have broken off, with why.
    pub tables_to_see: Vec<String>,
    /// Files that nothing is declared of, with their folders.
    pub not_used: Vec<String>,
    /// Layers of maps, in the order of their declarations.
    pub layers: Vec<LayerReport>,
    /// What `kend index build` needs and does not find yet.
    pub build_lacks: Vec<String>,
}

/// A use of a layer and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerReport {
    /// The file with its folder.
    pub file: String,
    /// Name of the layer, or the band.
    pub layer: String,
    /// What it is of: `zones`, `indicator 42`, `role roads`.
    pub of: String,
    /// The set of destinations.
    pub set: Option<String>,
    /// The declared year.
    pub year: Option<u16>,
    /// Whether it can be read.
    pub usable: bool,
    /// Reference system of the file.
    pub crs: String,
    /// `points`, `lines`, `areas` or `raster`.
    pub kind: String,
    /// Features of the layer.
    pub read: usize,
    /// Features that are used.
    pub used: usize,
    /// Features in each zone that has some, by their middle and cells of 500 m; none where there are no outlines.
    pub by_zone: Option<BTreeMap<AreaCode, usize>>,
    /// West, south, east, north, degrees.
    pub extent_degrees: Option<[f64; 4]>,
    /// What the values of a raster are.
    pub range: Option<RasterRange>,
    /// What was left out or repaired.
    pub warnings: Vec<String>,
}

impl LayerReport {
    /// Nothing yet.
    pub(super) fn new(file: String, of: String) -> Self {
        Self {
            file,
            layer: String::new(),
            of,
            set: None,
            year: None,
            usable: false,
            crs: String::new(),
            kind: String::new(),
            read: 0,
            used: 0,
            by_zone: None,
            extent_degrees: None,
            range: None,
            warnings: Vec::new(),
        }
    }
}

/// The part of a raster over the zones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RasterRange {
    /// Columns over the rectangle of the zones.
    pub columns: u32,
    /// Rows over it.
    pub rows: u32,
    /// What the values are; none if there are too many to be looked at.
    pub values: Option<RasterValues>,
}

/// Values of a raster, times the factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RasterValues {
    /// Cells with a value.
    pub observed: u64,
    /// The smallest.
    pub minimum: f64,
    /// The largest.
    pub maximum: f64,
    /// All together.
    pub sum: f64,
}

/// Whether an indicator can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It can.
    Ready,
    /// It can, but what is declared differs from the method; the remarks say in what.
    Differs,
    /// Too few zones have a value.
    TooFew,
    /// No file is declared for it.
    Undeclared,
    /// What is declared for it cannot be read.
    Wrong,
    /// The project leaves it out.
    Dropped,
}

impl Status {
    /// Whether an index can be made with it.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Ready | Self::Differs)
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Differs => "differs",
            Self::TooFew => "too few",
            Self::Undeclared => "undeclared",
            Self::Wrong => "wrong",
            Self::Dropped => "dropped",
        }
    }
}

/// An indicator and what was found for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndicatorReport {
    /// Row of Annex I.
    pub row: u8,
    /// English name.
    pub name: String,
    /// Its dimension.
    pub dimension: Dimension,
    /// How the method computes it.
    pub kind: IndicatorKind,
    /// Its unit in the catalogue.
    pub unit: String,
    /// Its denominator in the catalogue.
    pub denominator: String,
    /// Whether it can be used.
    pub status: Status,
    /// What was read.
    pub found: Option<Found>,
    /// Zones without a value.
    pub zones_missing: Vec<AreaCode>,
    /// What differs from the method.
    pub remarks: Vec<String>,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The file.
    pub file: String,
    /// The sheet of a workbook; empty for delimited text.
    pub sheet: String,
    /// The header cell of the column.
    pub header: String,
    /// Year of the figures, as declared.
    pub year: u16,
    /// Unit of the figures, as declared.
    pub unit: String,
    /// The figure they are divided by.
    pub per: Option<String>,
    /// Zones with a value.
    pub zones_observed: usize,
    /// Their share of all zones, 0 to 1.
    pub coverage: f64,
}

/// A figure that indicators are divided by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureReport {
    /// Its name.
    pub name: String,
    /// What was read; nothing if it is wrong.
    pub found: Option<Found>,
}

/// How much of a dimension is ready.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionReport {
    /// The dimension.
    pub dimension: Dimension,
    /// Share of its weight whose indicators can be used, 0 to 1.
    pub weight_share: f64,
    /// Whether that is enough for a value (method 2.4).
    pub may_have_value: bool,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where.
    pub place: String,
    /// What.
    pub message: String,
}

/// A row that found no zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotMatched {
    /// Its file.
    pub file: String,
    /// Its sheet; empty for delimited text.
    pub sheet: String,
    /// Its row, from 1.
    pub row: u32,
    /// The name in it.
    pub name: String,
}

/// Words of the catalogue for a source that is divided already.
const ALREADY_A_RATE: &str = "already a rate";

/// What figures are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Division {
    /// Nothing.
    None,
    /// Something that is made of layers.
    Layer,
    /// Other figures.
    Figures {
        /// Their year.
        year: u16,
    },
}

/// What is declared differently from the method. It may be right, so it is no problem, but it has to be seen.
pub(super) fn remarks(indicator: &Indicator, own: &Declaration, division: Division, profile: Profile) -> Vec<String> {
    let mut remarks = Vec::new();
    let has_denominator = !indicator.denominator.is_empty() && indicator.denominator != ALREADY_A_RATE;
    // As printed in Annex I, these are totals; the catalogue has the unit of the divided measure only.
    let takes_total = has_denominator && profile == Profile::Faithful;
    if own.unit != indicator.unit && !takes_total {
        remarks.push(format!("unit is `{}`, the catalogue has `{}`", own.unit, indicator.unit));
    }
    match division {
        Division::None if has_denominator && !takes_total => {
            remarks.push(format!("not divided here, the catalogue divides by {}", indicator.denominator));
        }
        Division::None => {}
        _ if takes_total => remarks.push("divided here, the profile takes totals as printed".to_owned()),
        _ if !has_denominator => remarks.push("divided here, the catalogue does not divide".to_owned()),
        Division::Figures { year } if year != own.year => {
            remarks.push(format!("divided by figures of another year, {year}"));
        }
        Division::Layer | Division::Figures { .. } => {}
    }
    match indicator.kind {
        IndicatorKind::StatRegion if own.region => {}
        _ if own.region => remarks.push("by economic region, the method has it by rayon or in cells".to_owned()),
        IndicatorKind::StatRayon
        | IndicatorKind::CountRayon
        | IndicatorKind::DensityArea
        | IndicatorKind::LengthRayon
        | IndicatorKind::ArealHeatmap => {}
        IndicatorKind::StatRegion => remarks.push("by rayon, the method has it by economic region".to_owned()),
        IndicatorKind::Kde
        | IndicatorKind::LineKde
        | IndicatorKind::TravelTime
        | IndicatorKind::Coverage
        | IndicatorKind::Raster
        | IndicatorKind::Gridded => remarks.push("by rayon, the method computes it in cells".to_owned()),
    }
    remarks
}
