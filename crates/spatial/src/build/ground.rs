//! The grid over the zones, and which cells are land of which zone.

use std::collections::BTreeMap;

use geo::{Area as _, MultiPolygon, Rect};
use kend_cells::{Grid, NO_LABEL, Surface, zone_labels};
use kend_domain::AreaCode;

use super::{error::BuildError, mean::Mean, number::place};
use crate::folder::ProjectFolder;

/// A cell is land if the zones cover at least this share of it.
const LEAST_LAND: f64 = 0.5;
const M2_PER_KM2: f64 = 1e6;

/// Where the land is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ground {
    pub(super) grid: Grid,
    /// Place in the grid of each land cell, ascending.
    pub(super) land: Vec<u32>,
    /// Place of its zone in `names.csv`.
    pub(super) zone: Vec<u16>,
    /// The label of each cell: the place of its zone and 1.
    pub(super) labels: Surface<u16>,
    pub(super) outlines: Vec<MultiPolygon>,
    /// The rectangle of each outline.
    pub(super) extents: Vec<Option<Rect>>,
    /// Whether each zone counts.
    pub(super) eligible: Vec<bool>,
    pub(super) areas_km2: Vec<f64>,
}

impl Ground {
    /// The ground of outlines in the plane; every zone of the folder has one.
    pub(super) fn new(
        folder: &ProjectFolder,
        mut outlines: BTreeMap<AreaCode, MultiPolygon>,
        file: &str,
    ) -> Result<Self, BuildError> {
        let zones = folder.names.zones();
        let outlines: Vec<MultiPolygon> = zones
            .iter()
            .map(|zone| outlines.remove(&zone.code).unwrap_or_else(|| MultiPolygon::new(Vec::new())))
            .collect();
        let grid = covering(&outlines, folder.project.grid.cell_m)?;
        let labels = zone_labels(&grid, &outlines, LEAST_LAND)
            .map_err(|source| BuildError::Zones { file: file.to_owned(), source })?;
        let eligible: Vec<bool> = zones.iter().map(|zone| folder.zones.contains(&zone.code)).collect();
        let (mut land, mut zone) = (Vec::new(), Vec::new());
        for (index, label) in (0..).zip(labels.values()) {
            if *label != NO_LABEL {
                land.push(index);
                zone.push(label - 1);
            }
        }
        if !zone.iter().any(|zone| eligible.get(usize::from(*zone)) == Some(&true)) {
            return Err(BuildError::NoLand);
        }
        let areas_km2 = outlines.iter().map(|outline| outline.unsigned_area() / M2_PER_KM2).collect();
        let extents = outlines.iter().map(geo::BoundingRect::bounding_rect).collect();
        Ok(Self { grid, land, zone, labels, outlines, extents, eligible, areas_km2 })
    }

    /// The values of land cells.
    pub(super) fn gather<T: Copy>(&self, surface: &Surface<T>) -> Vec<T> {
        self.land.iter().filter_map(|index| surface.values().get(place(*index)).copied()).collect()
    }

    /// A surface of values of land cells, with another value elsewhere.
    pub(super) fn scatter<T: Copy>(&self, values: &[T], elsewhere: T) -> Surface<T> {
        let mut surface = Surface::filled(self.grid, elsewhere);
        for (index, value) in self.land.iter().zip(values) {
            if let Some(cell) = surface.values_mut().get_mut(place(*index)) {
                *cell = *value;
            }
        }
        surface
    }

    /// 1 for each land cell that counts, 0 for the others: cells are of one size.
    pub(super) fn weights(&self) -> Vec<f32> {
        let weight = |zone: &u16| if self.counts(*zone) { 1.0 } else { 0.0 };
        self.zone.iter().map(weight).collect()
    }

    /// Whether a zone counts.
    pub(super) fn counts(&self, zone: u16) -> bool {
        self.eligible.get(usize::from(zone)) == Some(&true)
    }

    /// Sums by zone, in the order of land cells; NaN counts nothing.
    pub(super) fn sums(&self, values: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.outlines.len()];
        for (zone, value) in self.zone.iter().zip(values) {
            if let Some(sum) = sums.get_mut(usize::from(*zone)).filter(|_| !value.is_nan()) {
                *sum += f64::from(*value);
            }
        }
        sums
    }

    /// Land cells of each zone.
    pub(super) fn cells(&self) -> Vec<usize> {
        let mut cells = vec![0; self.outlines.len()];
        for zone in &self.zone {
            if let Some(count) = cells.get_mut(usize::from(*zone)) {
                *count += 1;
            }
        }
        cells
    }

    /// The means of each zone over its land cells in their order; NaN counts nothing.
    pub(super) fn means(&self, values: &[f32], population: &[f32]) -> Vec<Mean> {
        let mut means = vec![Mean::default(); self.outlines.len()];
        for ((zone, value), people) in self.zone.iter().zip(values).zip(population) {
            if let Some(mean) = means.get_mut(usize::from(*zone)).filter(|_| !value.is_nan()) {
                mean.add(*value, *people);
            }
        }
        means
    }
}

fn covering(outlines: &[MultiPolygon], cell_m: f64) -> Result<Grid, BuildError> {
    let extents = outlines.iter().filter_map(geo::BoundingRect::bounding_rect);
    let (mut west, mut south) = (f64::INFINITY, f64::INFINITY);
    let (mut east, mut north) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for extent in extents {
        (west, south) = (west.min(extent.min().x), south.min(extent.min().y));
        (east, north) = (east.max(extent.max().x), north.max(extent.max().y));
    }
    Ok(Grid::covering(west, south, east, north, cell_m)?)
}
