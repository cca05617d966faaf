//! Columns that are found again after a kill, and the rasters that several of them need.

use kend_cells::Surface;

use super::Columns;
use crate::{
    build::{
        error::BuildError,
        number::narrow,
        work::{self, Element, Key},
    },
    layers::{RASTERS, VECTORS, read_raster_mean, read_raster_shares},
    project::{RasterDeclaration, RasterRole, VectorDeclaration},
};

/// A column with what was to be seen while it was made.
type Kept<T> = work::Kept<Vec<String>, T>;

impl Columns<'_> {
    /// A column by its key: found, or made and kept.
    pub(super) fn kept<T: Element>(
        &self,
        name: &str,
        key: &Key,
        make: impl FnOnce(&mut Vec<String>) -> Result<Vec<T>, BuildError>,
    ) -> Result<Kept<T>, BuildError> {
        self.work.kept(name, key, make)
    }

    /// The values; what was to be seen is told, and the file stays.
    pub(super) fn taken<T>(&mut self, kept: Kept<T>) -> Vec<T> {
        self.warnings.extend(kept.head);
        self.files.insert(kept.file);
        kept.values
    }

    /// What a column of layers depends on. Declarations are written out by their `Debug`: another word in one is another key.
    pub(super) fn vector_key(&self, kind: &str, row: u8, declared: &[&VectorDeclaration]) -> Key {
        let mut key = self.ground_key.clone().with(kind).with([row]);
        for declared in declared {
            key = key.with(format!("{declared:?}")).with(self.inputs.layer(VECTORS, &declared.file));
        }
        key
    }

    pub(super) fn raster_key(&self, declared: &RasterDeclaration) -> Key {
        let key = self.ground_key.clone().with("raster");
        key.with(format!("{declared:?}")).with(self.inputs.layer(RASTERS, &declared.file))
    }

    /// A raster as text for keys.
    pub(super) fn raster_text(&self, role: RasterRole) -> String {
        let legend = format!("{:?}", self.folder.project.land_cover);
        self.raster_role(role).map_or_else(String::new, |declared| {
            format!("{declared:?} {} {legend}", self.inputs.layer(RASTERS, &declared.file))
        })
    }

    /// The mean of a raster in land cells.
    pub(super) fn raster_mean(&mut self, name: &str, declared: &RasterDeclaration) -> Result<Vec<f32>, BuildError> {
        let kept = self.kept(name, &self.raster_key(declared), |_| {
            let plane = self.folder.project.plane();
            let mean = read_raster_mean(&self.folder.path, declared, self.ground.grid, &plane)?;
            Ok(self.ground.gather(&mean))
        })?;
        Ok(self.taken(kept))
    }

    /// Share of each land cell that is cropland; none without a raster of land cover.
    pub(super) fn cropland(&mut self) -> Result<Option<Vec<f32>>, BuildError> {
        let Some(declared) = self.raster_role(RasterRole::LandCover) else { return Ok(None) };
        let key = self.ground_key.clone().with("cropland").with(self.raster_text(RasterRole::LandCover));
        let kept = self.kept("cropland", &key, |warnings| {
            let project = &self.folder.project;
            let (grid, plane) = (self.ground.grid, project.plane());
            let shares = read_raster_shares(&self.folder.path, declared, &project.land_cover, grid, &plane)?;
            if !shares.unknown.is_empty() {
                let unknown: Vec<String> = shares.unknown.iter().map(u16::to_string).collect();
                let file = &declared.file;
                warnings.push(format!("{RASTERS}/{file}: categories without a meaning: {}", unknown.join(", ")));
            }
            Ok(self.ground.gather(&shares.cropland))
        })?;
        Ok(Some(self.taken(kept)))
    }

    /// Shares of cells as f32.
    pub(super) fn narrowed(&self, shares: &Surface<f64>) -> Vec<f32> {
        self.ground.gather(shares).into_iter().map(narrow).collect()
    }
}
