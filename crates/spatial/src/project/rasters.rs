//! `[[rasters]]`: what grids of numbers or categories in `rasters/` are used for.

use kend_readiness::{IndicatorKind, indicator};
use serde::Deserialize;

use super::{ROW_OF_CROPLAND, crs_problem, file_problem, layer_of, one, year_problem};

/// What a raster is, where it measures no row of Annex I itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RasterRole {
    /// Persons in each cell.
    Population,
    /// Persons of 15 to 65 years in each cell (row 40).
    #[serde(rename = "population_15_65")]
    Population15To65,
    /// Categories of land cover (row 4, and friction).
    LandCover,
    /// Metres above the sea.
    Elevation,
}

impl RasterRole {
    /// The word for it in `index.toml`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::Population15To65 => "population_15_65",
            Self::LandCover => "land_cover",
            Self::Elevation => "elevation",
        }
    }
}

/// One use of a band of a raster.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RasterDeclaration {
    /// Name of the file in `rasters/`.
    pub file: String,
    /// What it is; this or `indicator`.
    pub role: Option<RasterRole>,
    /// Row of Annex I that it measures; this or `role`.
    pub indicator: Option<u8>,
    /// Which band, from 1.
    #[serde(default = "first")]
    pub band: u16,
    /// Reference system, where the file says none: `EPSG:` and a number.
    pub crs: Option<String>,
    /// The number that means that there is no value, where the file says none.
    pub nodata: Option<f64>,
    /// What values are multiplied by.
    #[serde(default = "one")]
    pub factor: f64,
    /// The year that it is of.
    pub year: u16,
}

const fn first() -> u16 {
    1
}

impl RasterDeclaration {
    /// What it is of, for messages: `indicator 33` or `role population`.
    pub fn of(&self) -> String {
        layer_of(self.indicator, self.role.map(RasterRole::word))
    }

    pub(super) fn problem(&self) -> Option<String> {
        if let Some(problem) = file_problem(&self.file, "rasters").or_else(|| crs_problem(self.crs.as_deref())) {
            return Some(problem);
        }
        let is_raster = |row| indicator(row).is_some_and(|indicator| indicator.kind == IndicatorKind::Raster);
        match (self.indicator, self.role) {
            (Some(ROW_OF_CROPLAND), None) => {
                return Some("indicator: row 4 is made of role = \"land_cover\"".to_owned());
            }
            (Some(row), None) if !is_raster(row) => {
                return Some(format!("indicator: row {row} of Annex I is not the mean of a raster"));
            }
            (Some(_), None) | (None, Some(_)) => {}
            _ => return Some("expected either indicator (a row of Annex I) or role".to_owned()),
        }
        if self.band == 0 {
            return Some("band: the first is 1".to_owned());
        }
        let counts = matches!(self.role, Some(RasterRole::Population | RasterRole::Population15To65));
        if !self.factor.is_finite() || self.factor == 0.0 || (counts && self.factor < 0.0) {
            return Some(format!("factor: expected a number other than 0, found {}", self.factor));
        }
        if self.role == Some(RasterRole::LandCover) && self.factor.to_bits() != one().to_bits() {
            return Some("factor: categories have none".to_owned());
        }
        if let Some(problem) = year_problem(self.year) {
            return Some(problem);
        }
        None
    }
}
