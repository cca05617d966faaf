//! `[[rasters]]` of numbers: means and sums of their cells on the grid.

use std::path::Path;

use kend_cells::{AreaMean, AreaSum, EqualArea, Grid, ResampleError, Surface, filled_from_nearest};

use super::{
    LayerError, LayerFault,
    window::{Piece, PieceSource, Raster},
};
use crate::project::RasterDeclaration;

/// How far a cell without a value looks for one, metres (method 2.2 `raster`).
pub(super) const NEAREST_WITHIN_M: f64 = 1000.0;

/// Reads a raster from `rasters/` in the folder of a project: the mean of its cells in each cell of the grid by area, times
/// the factor; where there is none, the nearest within 1 km, else NaN (method 2.2 `raster`; [`AreaMean`]).
///
/// A value that is infinite is an error with its column and row; NaN and the file's number for "no value" are missing. Scale
/// and offset of the file are applied before the factor.
pub fn read_raster_mean(
    folder: &Path,
    declared: &RasterDeclaration,
    grid: Grid,
    plane: &EqualArea,
) -> Result<Surface<f32>, LayerError> {
    let mut mean = AreaMean::new(grid);
    each_piece(folder, declared, grid, plane, |source| mean.add(source, |value| Some(value * declared.factor)))?;
    Ok(filled_from_nearest(&mean.surface(0.0), NEAREST_WITHIN_M))
}

/// Reads a raster of counts, such as persons: the sum in each cell of the grid, each cell of the raster spread evenly over
/// its area, times the factor (method 2.1; [`AreaSum`]). What of the raster lies on the grid is preserved; where there is none,
/// the sum is 0.
///
/// A count below 0 or infinite is an error with its column and row; NaN and the file's number for "no value" count nothing.
pub fn read_raster_sum(
    folder: &Path,
    declared: &RasterDeclaration,
    grid: Grid,
    plane: &EqualArea,
) -> Result<Surface<f32>, LayerError> {
    let mut sum = AreaSum::new(grid);
    each_piece(folder, declared, grid, plane, |source| sum.add(source, |count| Some(count * declared.factor)))?;
    Ok(sum.surface())
}

/// Hands out what of a raster lies on the grid, piece by piece; what is wrong is told by its place in the whole raster.
fn each_piece(
    folder: &Path,
    declared: &RasterDeclaration,
    grid: Grid,
    plane: &EqualArea,
    mut take: impl FnMut(&PieceSource<'_>) -> Result<(), ResampleError>,
) -> Result<(), LayerError> {
    let raster = Raster::open(folder, declared, plane)?;
    let read = raster
        .window(&grid)
        .and_then(|window| raster.pieces(window, |piece, source| take(source).map_err(|error| fault(error, piece))));
    read.map_err(|fault| fault.at(raster.place.clone()))
}

/// What is wrong with a piece, by column and row of the whole raster.
pub(super) fn fault(error: ResampleError, piece: Piece) -> LayerFault {
    match error {
        ResampleError::Value { index, value } => {
            let (index, columns) = (index as u64, u64::from(piece.columns));
            let column = u64::from(piece.column) + index % columns;
            let row = u64::from(piece.row) + index / columns;
            LayerFault::Value { column, row, value }
        }
        ResampleError::Corner { column, row, x_m, y_m } => {
            let (column, row) = (column + piece.column, row + piece.row);
            ResampleError::Corner { column, row, x_m, y_m }.into()
        }
        other @ ResampleError::Surface(_) => other.into(),
    }
}
