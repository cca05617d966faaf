//! The raster of land cover: what most of each cell is, and how much of it is cropland.

use std::{collections::BTreeSet, path::Path};

use kend_cells::{AreaMean, EqualArea, Grid, LandCover, Surface, filled_from_nearest};

use super::{
    LayerError, LayerFault,
    rasters::{NEAREST_WITHIN_M, fault},
    window::Raster,
};
use crate::project::{LandCoverLegend, RasterDeclaration};

/// Classes of land cover, in the order that decides between two of the same area.
const CLASSES: [LandCover; 5] = [
    LandCover::BareOrBuilt,
    LandCover::LowVegetation,
    LandCover::MediumVegetation,
    LandCover::DenseVegetation,
    LandCover::Barrier,
];
/// Rows of the grid that are summed at once: six sums for each cell of a country would be 2 GB.
const BAND_ROWS: u32 = 256;

/// Land cover on the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct LandCoverShares {
    /// Share of each cell that is cropland, 0 to 1 (row 4); NaN where nothing is known within 1 km.
    pub cropland: Surface<f32>,
    /// What most of each cell is; none where nothing is known.
    pub cover: Surface<Option<LandCover>>,
    /// Categories of the file that the legend doesn't have; their cells count as missing.
    pub unknown: BTreeSet<u16>,
}

/// Reads a raster of categories from `rasters/` in the folder of a project.
///
/// The share of cropland is the mean over the known part of a cell of the shares that the legend gives to categories, by area
/// (method 2.2: categories by fraction). A category that is no whole number from 0 to 65535 is an error with its column and row.
pub fn read_raster_shares(
    folder: &Path,
    declared: &RasterDeclaration,
    legend: &LandCoverLegend,
    grid: Grid,
    plane: &EqualArea,
) -> Result<LandCoverShares, LayerError> {
    let raster = Raster::open(folder, declared, plane)?;
    bands(&raster, legend, grid).map_err(|fault| fault.at(raster.place.clone()))
}

fn bands(raster: &Raster, legend: &LandCoverLegend, grid: Grid) -> Result<LandCoverShares, LayerFault> {
    let mut cropland = Vec::with_capacity(grid.cells());
    let mut cover = Vec::with_capacity(grid.cells());
    let mut unknown = BTreeSet::new();
    // That the raster meets the grid at all.
    raster.window(&grid)?;
    let mut first = 0;
    while first < grid.rows() {
        let rows = BAND_ROWS.min(grid.rows() - first);
        let north = grid.north_m() - f64::from(first) * grid.cell_m();
        let part = Grid::new(grid.west_m(), north, grid.cell_m(), grid.columns(), rows)
            .map_err(|error| LayerFault::geometry(error.to_string()))?;
        let (shares, classes) = band(raster, legend, part, &mut unknown)?;
        cropland.extend(shares);
        cover.extend(classes);
        first += rows;
    }
    let surface = |error: kend_cells::SurfaceError| LayerFault::Resample(error.into());
    let cropland = Surface::new(grid, cropland).map_err(surface)?;
    Ok(LandCoverShares {
        cropland: filled_from_nearest(&cropland, NEAREST_WITHIN_M),
        cover: Surface::new(grid, cover).map_err(surface)?,
        unknown,
    })
}

/// The category of a value, if the legend doesn't have it; what is no category is told where shares are read.
pub(crate) fn unknown_category(value: f64, legend: &LandCoverLegend) -> Option<u16> {
    category(value).unwrap_or_default().filter(|category| legend.class(*category).is_none())
}

type Band = (Vec<f32>, Vec<Option<LandCover>>);

/// Some rows of the grid.
fn band(
    raster: &Raster,
    legend: &LandCoverLegend,
    grid: Grid,
    unknown: &mut BTreeSet<u16>,
) -> Result<Band, LayerFault> {
    let mut cropland = AreaMean::new(grid);
    let mut classes = CLASSES.map(|class| (class, AreaMean::new(grid)));
    let window = match raster.window(&grid) {
        Err(LayerFault::Outside) => return Ok((vec![f32::NAN; grid.cells()], vec![None; grid.cells()])),
        window => window?,
    };
    raster.pieces(window, |piece, source| {
        let mut categories = Vec::with_capacity(source.values.len());
        for (index, value) in source.values.iter().enumerate() {
            let category =
                category(*value).map_err(|value| fault(kend_cells::ResampleError::Value { index, value }, piece))?;
            if let Some(category) = category.filter(|category| legend.class(*category).is_none()) {
                unknown.insert(category);
            }
            categories.push(category.and_then(|category| Some((category, legend.class(category)?))));
        }
        let source = kend_cells::Source {
            columns: source.columns,
            rows: source.rows,
            values: &categories,
            corner: source.corner,
        };
        let share = |known: &Option<(u16, LandCover)>| known.map(|(category, _)| legend.cropland_share(category));
        cropland.add(&source, share).map_err(|error| fault(error, piece))?;
        for (class, mean) in &mut classes {
            let of = |known: &Option<(u16, LandCover)>| known.map(|(_, other)| f64::from(u8::from(other == *class)));
            mean.add(&source, of).map_err(|error| fault(error, piece))?;
        }
        Ok(())
    })?;
    let mut most: Vec<(f32, Option<LandCover>)> = vec![(0.0, None); grid.cells()];
    for (class, mean) in classes {
        for (most, share) in most.iter_mut().zip(mean.surface(0.0).values()) {
            if *share > most.0 {
                *most = (*share, Some(class));
            }
        }
    }
    Ok((cropland.surface(0.0).into_values(), most.into_iter().map(|(_, class)| class).collect()))
}

/// The category of a value, or the value that is none. NaN is missing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number in the range of u16")]
fn category(value: f64) -> Result<Option<u16>, f64> {
    if value.is_nan() {
        return Ok(None);
    }
    let whole = (0.0..=f64::from(u16::MAX)).contains(&value) && value.fract() == 0.0;
    if whole { Ok(Some(value as u16)) } else { Err(value) }
}
