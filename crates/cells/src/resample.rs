//! Rasters of other cells brought to the grid, by area.
//!
//! Each source cell is the quadrilateral of its four corners in the plane of the grid, and each target cell takes part in it
//! by the exact area they share ([`overlap`]). Neighbouring source cells share corners, so no area is counted twice or
//! lost, however the source is turned or projected: totals are preserved by construction. Sources may come in tiles.

mod nearest;
mod overlap;

use thiserror::Error;

use crate::error::SurfaceError;
use crate::grid::Grid;
use crate::number::narrow;
use crate::surface::Surface;
use overlap::overlaps;

pub use nearest::filled_from_nearest;

/// Why a source can't be brought to the grid.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ResampleError {
    /// There is not one value for each source cell.
    #[error(transparent)]
    Surface(#[from] SurfaceError),
    /// A corner that isn't finite.
    #[error("the corner in column {column}, row {row} of the source lies at ({x_m}, {y_m})")]
    Corner {
        /// Column of the corner: that of the cell east of it.
        column: u32,
        /// Row of the corner: that of the cell south of it.
        row: u32,
        /// Easting, metres.
        x_m: f64,
        /// Northing, metres.
        y_m: f64,
    },
    /// A value that is infinite, or a count that is negative.
    #[error("source cell {index} has the value {value}")]
    Value {
        /// Which source cell, row by row.
        index: usize,
        /// Its value.
        value: f64,
    },
}

/// Where rows and columns of a raster lie: `x = x_0 + x_c c + x_r r`, `y = y_0 + y_c c + y_r r` with `c` columns and `r` rows
/// from the first corner, as in the header of a `GeoTIFF`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// First coordinate of the first corner.
    pub x: f64,
    /// First coordinate per column.
    pub x_per_column: f64,
    /// First coordinate per row.
    pub x_per_row: f64,
    /// Second coordinate of the first corner.
    pub y: f64,
    /// Second coordinate per column.
    pub y_per_column: f64,
    /// Second coordinate per row.
    pub y_per_row: f64,
}

impl Affine {
    /// Where a corner lies.
    pub fn at(&self, column: u32, row: u32) -> (f64, f64) {
        let (column, row) = (f64::from(column), f64::from(row));
        (
            self.x + self.x_per_column * column + self.x_per_row * row,
            self.y + self.y_per_column * column + self.y_per_row * row,
        )
    }
}

/// The cells of a source: how many, their values row by row, and where corners lie in the plane of the grid.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a, T, C> {
    /// Number of columns.
    pub columns: u32,
    /// Number of rows.
    pub rows: u32,
    /// One value for each cell, row by row.
    pub values: &'a [T],
    /// Easting and northing in metres of the corner north-west of the cell in a column and row. The corners of the last
    /// column and row are those beyond it. [`Affine::at`] for a source in the grid's plane; followed by the projection for
    /// one in degrees.
    pub corner: C,
}

/// Means of values by area: of a slope, a yield, a share of land cover.
///
/// `x_c = sum of v_s a_cs / sum of a_cs` over the source cells `s` with a value, `a_cs` the area that cell `c` of the grid
/// and source cell `s` share. Source: method 2.2 `raster`. Holds all that was added; sources must not overlap each other.
///
/// ```
/// use kend_cells::{Affine, AreaMean, Grid, Source};
/// let grid = Grid::new(0.0, 100.0, 100.0, 2, 1)?;
/// let halves = Affine { x: -25.0, x_per_column: 75.0, x_per_row: 0.0, y: 100.0, y_per_column: 0.0, y_per_row: -100.0 };
/// let source = Source { columns: 2, rows: 1, values: &[4.0_f32, 8.0], corner: |column, row| halves.at(column, row) };
/// let mut mean = AreaMean::new(grid);
/// mean.add(&source, |value| Some(f64::from(*value)))?;
/// let mean = mean.surface(0.2);
/// assert_eq!(mean.values(), [6.0, 8.0], "half and half; a quarter of the second cell is enough");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AreaMean {
    /// For each cell the sum of values times areas, and of areas, in cells.
    sums: Surface<(f64, f64)>,
}

impl AreaMean {
    /// Nothing yet.
    pub fn new(grid: Grid) -> Self {
        Self { sums: Surface::filled(grid, (0.0, 0.0)) }
    }

    /// Adds a source. `value_of` gives a source cell's value, or `None` where it is missing; for the share of listed classes
    /// it gives 1 for these and 0 for the others. An infinite value counts as an error, NaN as missing.
    pub fn add<T, C: Fn(u32, u32) -> (f64, f64)>(
        &mut self,
        source: &Source<'_, T, C>,
        value_of: impl Fn(&T) -> Option<f64>,
    ) -> Result<(), ResampleError> {
        let grid = *self.sums.grid();
        let sums = self.sums.values_mut();
        let value_of = |value: &T| value_of(value).filter(|value| !value.is_nan());
        overlaps(
            &grid,
            source,
            value_of,
            |_| true,
            |value, cell, area, _| {
                if let Some((sum, areas)) = sums.get_mut(cell) {
                    *sum += value * area;
                    *areas += area;
                }
            },
        )?;
        Ok(())
    }

    /// The means; NaN where less than `least_share` (0 to 1) of a cell is covered by source cells with a value.
    pub fn surface(&self, least_share: f64) -> Surface<f32> {
        /// A cell that is covered but for rounding is covered.
        const ROUNDING: f64 = 1e-9;
        self.sums.map(|(sum, areas)| {
            let covered = *areas > 0.0 && *areas + ROUNDING >= least_share;
            if covered { narrow(sum / areas) } else { f32::NAN }
        })
    }
}

/// Sums of counts by area: people, buildings.
///
/// `n_c = sum of n_s a_cs / a_s`, `a_s` the whole area of source cell `s` (see [`AreaMean`] for the rest): each source cell is
/// spread evenly over its area. The total of all cells and of what lies outside is the total of the sources. Source: method 2.1.
/// Where no source cell with a count is, the sum is exactly 0.
///
/// ```
/// use kend_cells::{Affine, AreaSum, Grid, Source};
/// let grid = Grid::new(0.0, 100.0, 100.0, 2, 1)?;
/// let wide = Affine { x: 50.0, x_per_column: 200.0, x_per_row: 0.0, y: 100.0, y_per_column: 0.0, y_per_row: -100.0 };
/// let source = Source { columns: 1, rows: 1, values: &[12.0_f32], corner: |column, row| wide.at(column, row) };
/// let mut people = AreaSum::new(grid);
/// people.add(&source, |people| Some(f64::from(*people)))?;
/// assert_eq!((people.surface().values(), people.outside()), (&[3.0, 6.0][..], 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AreaSum {
    sums: Surface<f64>,
    outside: f64,
}

impl AreaSum {
    /// Nothing yet.
    pub fn new(grid: Grid) -> Self {
        Self { sums: Surface::filled(grid, 0.0), outside: 0.0 }
    }

    /// Adds a source; `count_of` gives a source cell's count, or `None` where there is none. An infinite or negative count
    /// is an error, NaN counts nothing.
    pub fn add<T, C: Fn(u32, u32) -> (f64, f64)>(
        &mut self,
        source: &Source<'_, T, C>,
        count_of: impl Fn(&T) -> Option<f64>,
    ) -> Result<(), ResampleError> {
        let grid = *self.sums.grid();
        let sums = self.sums.values_mut();
        let count_of = |value: &T| count_of(value).filter(|count| !count.is_nan() && *count != 0.0);
        self.outside += overlaps(
            &grid,
            source,
            count_of,
            |count| count > 0.0,
            |count, cell, _, share| {
                if let Some(sum) = sums.get_mut(cell) {
                    *sum += count * share;
                }
            },
        )?;
        Ok(())
    }

    /// The sums.
    pub fn surface(&self) -> Surface<f32> {
        self.sums.map(|sum| narrow(*sum))
    }

    /// What of the sources lies outside the grid.
    pub const fn outside(&self) -> f64 {
        self.outside
    }
}

#[cfg(test)]
mod tests;
