//! The raw values of every indicator, by its kind (method 2.2).

mod areas;
mod cross;
mod kept;
mod points;
pub(crate) use points::told;
pub(super) use travel::CAP_MINUTES;
mod sectors;
mod travel;
mod zones;

use std::collections::BTreeSet;

use kend_cells::{HeatMapError, WeightedPoint, heat_map, kernel_density, line_density};
use kend_readiness::{Indicator, IndicatorKind, Method};

use self::zones::per;
use super::{
    country::NativeUnit,
    error::BuildError,
    figures::{Denominators, RowFigures, Tables},
    ground::Ground,
    inputs::Inputs,
    number::or_nan,
    score::{RawColumn, RawValues},
    work::{Key, Work},
};
use crate::{
    folder::ProjectFolder,
    project::{Profile, ROW_OF_PRODUCTS, RasterDeclaration, RasterRole, VectorDeclaration, VectorRole},
};

const METRES_PER_KILOMETRE: f64 = 1000.0;
const PER_CENT: f32 = 100.0;
/// Arable land (method 1).
const ROW_OF_CROPLAND: u8 = 4;

/// Everything that columns are made of.
pub(super) struct Columns<'a> {
    pub(super) folder: &'a ProjectFolder,
    pub(super) ground: &'a Ground,
    pub(super) inputs: &'a Inputs,
    pub(super) work: &'a Work,
    pub(super) method: &'a Method,
    pub(super) tables: &'a Tables<'a>,
    pub(super) denominators: Denominators<'a>,
    pub(super) population: &'a [f32],
    pub(super) working_age: Option<&'a [f32]>,
    /// What everything on the ground depends on.
    pub(super) ground_key: Key,
    /// Files of columns that this build uses.
    pub(super) files: BTreeSet<String>,
    /// What was left out or taken for granted.
    pub(super) warnings: Vec<String>,
}

impl Columns<'_> {
    /// The raw values of an indicator; `None` if nothing is declared for it.
    pub(super) fn raw(&mut self, indicator: &Indicator) -> Result<Option<RawColumn>, BuildError> {
        if indicator.kind == IndicatorKind::ArealHeatmap {
            return self.spread(indicator.row);
        }
        if let Some(figures) = self.tables.row(indicator.row, self.denominators, self.method)? {
            return Ok(Some(of_zones(figures)));
        }
        let profile = self.folder.project.profile;
        match indicator.kind {
            IndicatorKind::StatRayon | IndicatorKind::StatRegion | IndicatorKind::ArealHeatmap => Ok(None),
            IndicatorKind::CountRayon | IndicatorKind::DensityArea | IndicatorKind::LengthRayon => {
                self.layer_of_zones(indicator, profile)
            }
            IndicatorKind::Kde => self.kernel_of(indicator.row, self.folder.project.kernel.point_km),
            IndicatorKind::LineKde => self.line_kernel(indicator.row),
            IndicatorKind::TravelTime => self.travel(indicator.row),
            IndicatorKind::Coverage => self.coverage(indicator.row),
            IndicatorKind::Raster => self.raster(indicator.row),
            IndicatorKind::Gridded => Ok(self.working_share()),
        }
    }

    pub(super) fn vectors(&self, row: u8) -> Vec<&VectorDeclaration> {
        self.folder.project.vectors.iter().filter(|declared| declared.indicator == Some(row)).collect()
    }

    pub(super) fn role(&self, role: VectorRole) -> Vec<&VectorDeclaration> {
        self.folder.project.vectors.iter().filter(|declared| declared.role == Some(role)).collect()
    }

    pub(super) fn raster_role(&self, role: RasterRole) -> Option<&RasterDeclaration> {
        self.folder.project.rasters.iter().find(|declared| declared.role == Some(role))
    }

    /// The raw values of an indicator whose measure another profile divides otherwise; `None` where both are the same, or no
    /// figure to divide is declared.
    pub(super) fn in_profile(
        &mut self,
        indicator: &Indicator,
        profile: Profile,
    ) -> Result<Option<RawColumn>, BuildError> {
        /// What `indicators.csv` says of measures that are printed as rates: their totals are in no profile.
        const RATE: &str = "already a rate";
        let of_zones_alone = matches!(
            indicator.kind,
            IndicatorKind::StatRayon
                | IndicatorKind::StatRegion
                | IndicatorKind::CountRayon
                | IndicatorKind::DensityArea
                | IndicatorKind::LengthRayon
        );
        if !of_zones_alone {
            return Ok(None);
        }
        if self.tables.has(indicator.row) {
            let totals = profile == Profile::Faithful && indicator.denominator != RATE;
            return Ok(if totals { self.tables.undivided(indicator.row, self.method).map(of_zones) } else { None });
        }
        if per(indicator.row, profile) == per(indicator.row, self.folder.project.profile) {
            return Ok(None);
        }
        self.layer_of_zones(indicator, profile)
    }

    /// Kernel density of points. Without points it is 0 (method 2.2 `kde`).
    pub(super) fn kernel_of(&mut self, row: u8, width_km: f64) -> Result<Option<RawColumn>, BuildError> {
        let declared = self.vectors(row);
        if declared.is_empty() {
            return Ok(None);
        }
        let bandwidth_m = width_km * METRES_PER_KILOMETRE;
        let key = self.vector_key("kde", row, &declared).with(bandwidth_m.to_bits().to_le_bytes());
        let values = self.kept(&format!("row{row}-{width_km}km"), &key, |warnings| {
            let points: Vec<WeightedPoint> = self.points(&declared, warnings)?;
            let density = kernel_density(&self.ground.grid, &points, bandwidth_m)
                .map_err(|source| BuildError::Kernel { row, source })?;
            Ok(self.ground.gather(&density))
        })?;
        let values = self.taken(values);
        Ok(Some(of_cells(values, &self.vectors(row))))
    }

    fn line_kernel(&mut self, row: u8) -> Result<Option<RawColumn>, BuildError> {
        let declared = self.vectors(row);
        if declared.is_empty() {
            return Ok(None);
        }
        let bandwidth_m = self.folder.project.kernel.line_km * METRES_PER_KILOMETRE;
        let key = self.vector_key("line_kde", row, &declared).with(bandwidth_m.to_bits().to_le_bytes());
        let values = self.kept(&format!("row{row}"), &key, |warnings| {
            let lines: Vec<geo::LineString> = self.lines(&declared, warnings)?.into_iter().flatten().collect();
            let density = line_density(&self.ground.grid, &lines, bandwidth_m)
                .map_err(|source| BuildError::Kernel { row, source })?;
            Ok(self.ground.gather(&density))
        })?;
        let mut values = self.taken(values);
        self.forget_unmapped(row, &mut values)?;
        Ok(Some(of_cells(values, &self.vectors(row))))
    }

    /// The totals of zones spread over their cropland, per square kilometre (method 2.2 `areal_heatmap`).
    fn spread(&mut self, row: u8) -> Result<Option<RawColumn>, BuildError> {
        let figures = if row == ROW_OF_PRODUCTS {
            self.tables.product_ranks(self.method).map(|(figures, left_out)| {
                self.warnings.extend(left_out);
                figures
            })
        } else {
            self.tables.totals(row)
        };
        let Some(figures) = figures else { return Ok(None) };
        let failed = |source: HeatMapError| BuildError::HeatMap { row, source };
        let values = RawValues::Cells(self.spread_over_cropland(&format!("row{row}"), &figures.values, failed)?);
        Ok(Some(RawColumn { native: NativeUnit::Cell, values, year: figures.year, files: figures.files }))
    }

    /// Totals of zones spread over their cropland, per square kilometre.
    fn spread_over_cropland(
        &mut self,
        name: &str,
        totals: &[Option<f64>],
        failed: impl FnOnce(HeatMapError) -> BuildError,
    ) -> Result<Vec<f32>, BuildError> {
        let cropland = self.cropland()?.ok_or(BuildError::Lacking { what: "raster of role land_cover" })?;
        let bandwidth_m = self.folder.project.kernel.heat_map_km * METRES_PER_KILOMETRE;
        let totals: Vec<f64> =
            std::iter::once(f64::NAN).chain(totals.iter().map(|value| value.unwrap_or(f64::NAN))).collect();
        let mut key = self.ground_key.clone().with("heat_map").with(bandwidth_m.to_bits().to_le_bytes());
        key = key.with(self.raster_text(RasterRole::LandCover));
        for total in &totals {
            key = key.with(total.to_bits().to_le_bytes());
        }
        let kept = self.kept(name, &key, |_| {
            let weights = self.ground.scatter(&cropland, 0.0);
            let map = heat_map(&self.ground.labels, &weights, &totals, bandwidth_m).map_err(failed)?;
            let cell_km2 = super::number::narrow(self.ground.grid.cell_km2());
            Ok(self.ground.gather(&map).into_iter().map(|amount| amount / cell_km2).collect())
        })?;
        Ok(self.taken(kept))
    }

    /// Persons from 15 to 65 among all persons of a cell, per cent; a cell without people has none (method 2.2 `gridded`).
    fn working_share(&self) -> Option<RawColumn> {
        let declared = self.raster_role(RasterRole::Population15To65)?;
        let share = |(working, all): (&f32, &f32)| if *all > 0.0 { PER_CENT * working / all } else { f32::NAN };
        let values = self.working_age?.iter().zip(self.population).map(share).collect();
        let all = self.raster_role(RasterRole::Population)?;
        Some(RawColumn {
            native: NativeUnit::InhabitedCell,
            values: RawValues::Cells(values),
            year: declared.year.min(all.year),
            files: vec![declared.file.clone(), all.file.clone()],
        })
    }

    fn raster(&mut self, row: u8) -> Result<Option<RawColumn>, BuildError> {
        let land_cover = self.raster_role(RasterRole::LandCover).filter(|_| row == ROW_OF_CROPLAND);
        let own = self.folder.project.rasters.iter().find(|declared| declared.indicator == Some(row));
        let Some(declared) = own.or(land_cover).cloned() else { return Ok(None) };
        let values = if row == ROW_OF_CROPLAND {
            let shares = self.cropland()?.unwrap_or_default();
            shares.into_iter().map(|share| PER_CENT * share).collect()
        } else {
            self.raster_mean(&format!("row{row}"), &declared)?
        };
        let (year, files) = (declared.year, vec![declared.file]);
        Ok(Some(RawColumn { native: NativeUnit::Cell, values: RawValues::Cells(values), year, files }))
    }
}

/// Values of cells as a column.
fn of_cells(values: Vec<f32>, declared: &[&VectorDeclaration]) -> RawColumn {
    RawColumn {
        native: NativeUnit::Cell,
        values: RawValues::Cells(values),
        year: declared.iter().map(|declared| declared.year).min().unwrap_or_default(),
        files: declared.iter().map(|declared| declared.file.clone()).collect(),
    }
}

/// Figures of zones as a column.
pub(super) fn of_zones(figures: RowFigures) -> RawColumn {
    RawColumn {
        native: figures.native,
        values: RawValues::Zones {
            values: figures.values.iter().map(|value| or_nan(*value)).collect(),
            native: figures.native_values,
            observed_share: figures.observed_share,
            status: figures.status,
            exact: figures.values,
        },
        year: figures.year,
        files: figures.files,
    }
}
