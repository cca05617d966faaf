//! `index.toml`, the settings of a project folder. What stands in the method or in `kend-cells` is not said again: a key
//! that is left out has the value from there. Unknown keys are refused, so that a misspelt one is no silent default.

mod build;
mod divisor;
mod layers;
mod legend;
mod pack;
mod rasters;
mod sectors;
mod vectors;

use std::collections::{BTreeMap, BTreeSet};

use kend_cells::{EqualArea, Speeds, SpeedsError};
use kend_domain::AreaCode;
use kend_readiness::{MergeParameters, Method, MissingLimits, Parameter, composite::Encoding};
use serde::Deserialize;

use crate::{figure::Decimal, settings::SettingsError};
pub use build::{ClusterSettings, RobustnessSettings};
pub(crate) use divisor::Divisor;
pub(crate) use layers::epsg;
use layers::{crs_problem, file_problem, layer_of, year_problem};
pub use legend::{LandCoverLegend, RoadsLegend};
pub use pack::PackTexts;
pub use rasters::{RasterDeclaration, RasterRole};
pub use sectors::SectorDeclaration;
pub use vectors::{GeometryUse, InvalidRule, VectorDeclaration, VectorRole, ZonesDeclaration};

/// The settings of a project.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Whether its data are generated rather than observed: every result says so.
    #[serde(default)]
    pub synthetic: bool,
    /// Which measures and weights.
    pub profile: Profile,
    /// Rows that are left out although there are data.
    #[serde(default)]
    pub dropped_rows: BTreeSet<u8>,
    /// The grid of cells.
    pub grid: GridSettings,
    /// Zones that are left out.
    pub excluded: Excluded,
    /// Kernel widths.
    pub kernel: KernelSettings,
    /// How much may be missing, where it differs from the method.
    #[serde(default)]
    pub missing: MissingSettings,
    /// Speeds of travel.
    #[serde(default)]
    pub speeds: Speeds,
    /// Lambda and the priors of the merge.
    #[serde(default)]
    pub merge: MergeParameters,
    /// How clusters are made.
    #[serde(default)]
    pub clusters: ClusterSettings,
    /// How often choices are drawn anew.
    #[serde(default)]
    pub robustness: RobustnessSettings,
    /// What packs say of the project.
    #[serde(default)]
    pub pack: PackTexts,
    /// What is read of which file.
    #[serde(default)]
    pub statistics: Vec<Declaration>,
    /// Outlines of the zones.
    pub zones: Option<ZonesDeclaration>,
    /// What points, lines and areas are used for.
    #[serde(default)]
    pub vectors: Vec<VectorDeclaration>,
    /// What rasters are used for.
    #[serde(default)]
    pub rasters: Vec<RasterDeclaration>,
    /// The crops of the sector view.
    #[serde(default)]
    pub sectors: Vec<SectorDeclaration>,
    /// What classes of roads mean.
    #[serde(default)]
    pub roads: RoadsLegend,
    /// What categories of land cover mean.
    #[serde(default)]
    pub land_cover: LandCoverLegend,
}

/// Which measures and weights (method 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Denominated measures, criterion-equal weights.
    Recommended,
    /// Measures as printed, raw totals, flat weights.
    Faithful,
}

/// The grid of cells (method 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridSettings {
    /// Centre of the projection, degrees east.
    #[serde(default = "centre_longitude")]
    pub centre_longitude: f64,
    /// Centre of the projection, degrees north.
    #[serde(default = "centre_latitude")]
    pub centre_latitude: f64,
    /// Side of a cell, metres.
    pub cell_m: f64,
}

impl GridSettings {
    /// The largest cell, metres.
    pub(crate) const MAX_CELL_M: f64 = 5000.0;
}

const fn centre_longitude() -> f64 {
    EqualArea::CENTRE_LONGITUDE
}

const fn centre_latitude() -> f64 {
    EqualArea::CENTRE_LATITUDE
}

/// Zones that are left out of the index, its goalposts and its thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Their codes, as in `names.csv`.
    pub rayons: BTreeSet<AreaCode>,
}

/// Widths `h` of quartic kernels, km (method 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelSettings {
    /// Of densities of points.
    pub point_km: f64,
    /// Of densities of lines.
    pub line_km: f64,
    /// Of totals of a zone smoothed over its cropland.
    pub heat_map_km: f64,
}

/// How much may be missing, where it differs from the method (2.4).
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingSettings {
    /// Least share of zones observed for an indicator to be used.
    pub indicator_min_share: Option<f64>,
    /// Least share of a dimension's weight observed for it to have a value.
    pub dimension_min_weight_share: Option<f64>,
    /// Least number of dimensions with a value for an index.
    pub index_min_dimensions: Option<u32>,
}

/// What is read of a file of statistics.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Name of the file in `statistics/`.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Row of Annex I that it measures; this or `figure`.
    pub indicator: Option<u8>,
    /// Name of a figure that others are divided by; this or `indicator`.
    pub figure: Option<String>,
    /// The product that it is of: row 8 is declared once for each.
    pub product: Option<String>,
    /// Whether the figures are those of economic regions and not of zones.
    #[serde(default)]
    pub region: bool,
    /// Caption of the column; without it the column is that of the year.
    pub column: Option<String>,
    /// Only rows with these texts in the columns of these captions.
    #[serde(default)]
    pub rows: BTreeMap<String, String>,
    /// The year that the figures are of.
    pub year: u16,
    /// Unit of the figure times the factor.
    pub unit: String,
    /// What figures are multiplied by.
    #[serde(default = "one")]
    pub factor: f64,
    /// The figure that it is divided by.
    pub per: Option<String>,
    /// The character between cells of delimited text.
    pub delimiter: Option<char>,
    /// How letters of delimited text are encoded.
    #[serde(default)]
    pub encoding: Encoding,
    /// The character before decimals in figures that are text.
    #[serde(default)]
    pub decimal: Decimal,
    /// Whether a dash means that there is no value, in place of nil.
    #[serde(default)]
    pub dash_is_missing: bool,
    /// Further texts that mean that there is no value.
    #[serde(default)]
    pub missing: Vec<String>,
}

const fn one() -> f64 {
    1.0
}

/// Settings that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// They cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A value is out of its range.
    #[error("{key}: {problem}")]
    Range {
        /// The key, e.g. `merge.lambda`.
        key: String,
        /// What was expected and found.
        problem: String,
    },
    /// A speed is none.
    #[error("speeds")]
    Speeds(#[from] SpeedsError),
    /// A declaration of statistics, vectors or rasters cannot be.
    #[error("{list} {number} ({file}): {problem}")]
    Declaration {
        /// The list that it stands in.
        list: &'static str,
        /// Its place, from 1.
        number: usize,
        /// Its file.
        file: String,
        /// What is wrong.
        problem: String,
    },
}

/// The widest kernel, km: wider than the country's rayons, and narrow enough to compute.
const MAX_KERNEL_KM: f64 = 50.0;
/// The smallest and largest cell, metres: `kend-cells` holds the country from 30 m on.
pub(crate) const CELL_RANGE_M: (f64, f64) = (30.0, GridSettings::MAX_CELL_M);
/// Degrees of longitude and latitude that a centre may have.
const LONGITUDES: (f64, f64) = (-180.0, 180.0);
const LATITUDES: (f64, f64) = (-89.0, 89.0);
/// Rows of Annex I.
const ANNEX_ROWS: std::ops::RangeInclusive<u8> = 1..=53;
/// Arable land, made of the raster of land cover (method 1).
pub(crate) const ROW_OF_CROPLAND: u8 = 4;
/// Agricultural production, tons by product (method 2.2, `areal_heatmap`).
pub(crate) const ROW_OF_PRODUCTS: u8 = 8;
/// The figure of all inhabitants: a divisor, and people in cells where no raster has them.
pub(crate) const PEOPLE: &str = "population";
/// What every build needs to know where people live.
pub(crate) const PEOPLE_NEEDED: &str = "raster of role population or statistics by zone with figure = \"population\"";
/// Years that figures may be of, and that a header of a table may hold.
pub(crate) const YEARS: std::ops::RangeInclusive<u16> = 1900..=2100;
/// What may stand between cells.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

impl Project {
    /// Reads the text of `index.toml` and checks every range.
    pub fn read(bytes: &[u8]) -> Result<Self, ProjectError> {
        let project: Self = crate::settings::read_settings(bytes)?;
        let GridSettings { centre_longitude, centre_latitude, cell_m } = project.grid;
        within("grid.centre_longitude", centre_longitude, LONGITUDES)?;
        within("grid.centre_latitude", centre_latitude, LATITUDES)?;
        within("grid.cell_m", cell_m, CELL_RANGE_M)?;
        if let Some(row) = project.dropped_rows.iter().find(|row| !ANNEX_ROWS.contains(row)) {
            let problem = format!("expected rows from {} to {}, found {row}", ANNEX_ROWS.start(), ANNEX_ROWS.end());
            return Err(ProjectError::Range { key: "dropped_rows".to_owned(), problem });
        }
        let KernelSettings { point_km, line_km, heat_map_km } = project.kernel;
        for (key, width) in
            [("kernel.point_km", point_km), ("kernel.line_km", line_km), ("kernel.heat_map_km", heat_map_km)]
        {
            // A kernel narrower than a cell would see nothing but the cell.
            within(key, width, (cell_m / METRES_PER_KILOMETRE, MAX_KERNEL_KM))?;
        }
        project.speeds.check()?;
        project.merge.check(Method::standard()).map_err(|fault| {
            let name = fault.pointer.rsplit('/').next().unwrap_or_default();
            ProjectError::Range { key: format!("merge.{name}"), problem: fault.problem }
        })?;
        project.limits()?;
        project.clusters.check(cell_m)?;
        project.robustness.check()?;
        project.pack.check()?;
        project.check_declarations()?;
        project.check_layers()?;
        project.check_sectors()?;
        Ok(project)
    }

    /// The plane of the cells.
    pub fn plane(&self) -> EqualArea {
        EqualArea::about(self.grid.centre_longitude, self.grid.centre_latitude)
    }

    /// How much may be missing: the method's limits with this project's in place of them.
    pub fn limits(&self) -> Result<MissingLimits, ProjectError> {
        let mut limits = Method::standard().missing.clone();
        let own = &self.missing;
        replace("missing.indicator_min_share", &mut limits.indicator_min_share, own.indicator_min_share)?;
        let weight = own.dimension_min_weight_share;
        replace("missing.dimension_min_weight_share", &mut limits.dimension_min_weight_share, weight)?;
        replace("missing.index_min_dimensions", &mut limits.index_min_dimensions, own.index_min_dimensions)?;
        Ok(limits)
    }

    fn check_declarations(&self) -> Result<(), ProjectError> {
        let figures: BTreeSet<&str> = self.statistics.iter().filter_map(|other| other.figure.as_deref()).collect();
        let totals: BTreeSet<u8> = self.statistics.iter().filter_map(|other| other.indicator).collect();
        let mut seen = BTreeMap::new();
        for (number, declaration) in (1..).zip(&self.statistics) {
            let problem = declaration.problem(&figures, &totals).or_else(|| {
                let Declaration { indicator, figure, product, .. } = declaration;
                let first = seen.insert((*indicator, figure.as_deref(), product.as_deref()), number)?;
                Some(format!("measures the same as statistics {first}"))
            });
            if let Some(problem) = problem {
                let file = declaration.file.clone();
                return Err(ProjectError::Declaration { list: "statistics", number, file, problem });
            }
        }
        Ok(())
    }
}

const METRES_PER_KILOMETRE: f64 = 1000.0;

impl Declaration {
    fn problem(&self, figures: &BTreeSet<&str>, totals: &BTreeSet<u8>) -> Option<String> {
        if let Some(problem) = file_problem(&self.file, "statistics") {
            return Some(problem);
        }
        match (self.indicator, self.figure.as_deref()) {
            (Some(row), None) if ANNEX_ROWS.contains(&row) => {}
            (Some(row), None) => return Some(format!("indicator: expected a row of Annex I, 1 to 53, found {row}")),
            (None, Some(name)) if !name.trim().is_empty() => {}
            _ => return Some("expected either indicator (a row of Annex I) or figure (a name)".to_owned()),
        }
        if let Some(problem) = year_problem(self.year) {
            return Some(problem);
        }
        if self.unit.trim().is_empty() {
            return Some("unit: expected a unit, found an empty text".to_owned());
        }
        if !(self.factor.is_finite() && self.factor != 0.0) {
            return Some(format!("factor: expected a number other than 0, found {}", self.factor));
        }
        if let Some(problem) = self.divisor_problem(figures, totals) {
            return Some(problem);
        }
        match (self.indicator == Some(ROW_OF_PRODUCTS), self.product.as_deref().map(str::trim)) {
            (true, None | Some("")) => return Some("product: row 8 is declared once for each product".to_owned()),
            (false, Some(_)) => return Some("product: only row 8 has products".to_owned()),
            _ => {}
        }
        if self.figure.is_some() && self.per.is_some() {
            return Some("per: a figure is not divided, only an indicator is".to_owned());
        }
        if let Some(other) = self.delimiter.filter(|found| !DELIMITERS.contains(found)) {
            return Some(format!("delimiter: expected \",\", \";\", \"\\t\" or \"|\", found {other:?}"));
        }
        None
    }
}

fn within(key: &str, value: f64, (least, greatest): (f64, f64)) -> Result<(), ProjectError> {
    if least <= value && value <= greatest {
        return Ok(());
    }
    let problem = format!("expected a number from {least} to {greatest}, found {value}");
    Err(ProjectError::Range { key: key.to_owned(), problem })
}

fn replace<T: Copy + PartialOrd + std::fmt::Display>(
    key: &str,
    parameter: &mut Parameter<T>,
    value: Option<T>,
) -> Result<(), ProjectError> {
    if let Some(value) = value {
        parameter.admits(&value).map_err(|expected| ProjectError::Range {
            key: key.to_owned(),
            problem: format!("expected {expected}, found {value}"),
        })?;
        parameter.value = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
