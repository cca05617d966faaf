//! The grid: square cells in a plane measured in metres, row 0 in the north.
//!
//! A grid is always valid, so no computation has to ask again. Its size is limited, because a wrong cell size would
//! otherwise ask for more memory than a machine has.

use crate::error::GridError;
use crate::number::{floor_within, place};

/// The most cells of a grid: five times the bounding box of Azerbaijan in cells of 100 m.
pub const MAX_CELLS: u32 = 100_000_000;

/// Square cells in a plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    west_m: f64,
    north_m: f64,
    cell_m: f64,
    columns: u32,
    rows: u32,
}

/// One cell by its place; row 0 is the northernmost, column 0 the westernmost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Row, from the north.
    pub row: u32,
    /// Column, from the west.
    pub column: u32,
}

impl Grid {
    /// A grid whose north-western corner is `(west_m, north_m)`, metres, with `columns` x `rows` cells of
    /// `cell_m` metres. An origin that isn't finite, a cell size that isn't positive, no cells or more than
    /// [`MAX_CELLS`] are errors.
    ///
    /// ```
    /// use kend_cells::{Cell, Grid};
    /// let grid = Grid::new(0.0, 300.0, 100.0, 4, 3)?;
    /// assert_eq!(grid.cell_at(150.0, 299.0), Some(Cell { row: 0, column: 1 }));
    /// assert_eq!(grid.cell_at(150.0, 301.0), None);
    /// # Ok::<(), kend_cells::GridError>(())
    /// ```
    pub fn new(west_m: f64, north_m: f64, cell_m: f64, columns: u32, rows: u32) -> Result<Self, GridError> {
        if !(west_m.is_finite() && north_m.is_finite()) {
            return Err(GridError::Origin { x_m: west_m, y_m: north_m });
        }
        if !(cell_m.is_finite() && cell_m > 0.0) {
            return Err(GridError::CellSize { cell_m });
        }
        if columns == 0 || rows == 0 {
            return Err(GridError::Empty { columns, rows });
        }
        if u64::from(columns) * u64::from(rows) > u64::from(MAX_CELLS) {
            return Err(GridError::TooLarge { columns: f64::from(columns), rows: f64::from(rows) });
        }
        Ok(Self { west_m, north_m, cell_m, columns, rows })
    }

    /// The smallest grid that covers an extent, metres, and whose lines lie on whole multiples of the cell size
    /// (method 2.1), so that grids of neighbouring extents fit on each other.
    ///
    /// ```
    /// let grid = kend_cells::Grid::covering(-120.0, 30.0, 90.0, 250.0, 100.0)?;
    /// assert_eq!((grid.west_m(), grid.north_m()), (-200.0, 300.0));
    /// assert_eq!((grid.columns(), grid.rows()), (3, 3));
    /// # Ok::<(), kend_cells::GridError>(())
    /// ```
    pub fn covering(west_m: f64, south_m: f64, east_m: f64, north_m: f64, cell_m: f64) -> Result<Self, GridError> {
        if !(cell_m.is_finite() && cell_m > 0.0) {
            return Err(GridError::CellSize { cell_m });
        }
        let finite = [west_m, south_m, east_m, north_m].iter().all(|edge| edge.is_finite());
        if !finite || west_m >= east_m || south_m >= north_m {
            return Err(GridError::Extent { west_m, south_m, east_m, north_m });
        }
        let (west, north) = ((west_m / cell_m).floor(), (north_m / cell_m).ceil());
        let (columns, rows) = ((east_m / cell_m).ceil() - west, north - (south_m / cell_m).floor());
        if columns * rows > f64::from(MAX_CELLS) {
            return Err(GridError::TooLarge { columns, rows });
        }
        let count = |number| floor_within(number, MAX_CELLS);
        Self::new(west * cell_m, north * cell_m, cell_m, count(columns), count(rows))
    }

    /// Easting of the western edge, metres.
    pub const fn west_m(&self) -> f64 {
        self.west_m
    }

    /// Northing of the northern edge, metres.
    pub const fn north_m(&self) -> f64 {
        self.north_m
    }

    /// Side of a cell, metres.
    pub const fn cell_m(&self) -> f64 {
        self.cell_m
    }

    /// Area of a cell, square kilometres.
    pub fn cell_km2(&self) -> f64 {
        const METRES_PER_KILOMETRE: f64 = 1000.0;
        (self.cell_m / METRES_PER_KILOMETRE).powi(2)
    }

    /// Number of columns.
    pub const fn columns(&self) -> u32 {
        self.columns
    }

    /// Number of rows.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Number of cells.
    pub const fn cells(&self) -> usize {
        place(self.columns) * place(self.rows)
    }

    /// Where a cell's value stands in a surface: row by row from the north. `None` outside.
    pub fn index(&self, cell: Cell) -> Option<usize> {
        let inside = cell.row < self.rows && cell.column < self.columns;
        inside.then(|| place(cell.row) * place(self.columns) + place(cell.column))
    }

    /// The cell of a place in a surface; the opposite of [`Self::index`].
    pub fn cell(&self, index: usize) -> Option<Cell> {
        let index = u32::try_from(index).ok().filter(|index| *index < self.columns * self.rows)?;
        Some(Cell { row: index / self.columns, column: index % self.columns })
    }

    /// The cell that holds a point, metres; its western and northern edge belong to it. `None` outside and for NaN.
    pub fn cell_at(&self, x_m: f64, y_m: f64) -> Option<Cell> {
        let (column, row) = self.in_cells(x_m, y_m);
        let inside = column >= 0.0 && column < f64::from(self.columns) && row >= 0.0 && row < f64::from(self.rows);
        inside.then(|| Cell { row: floor_within(row, self.rows), column: floor_within(column, self.columns) })
    }

    /// The middle of a cell, easting and northing in metres; of a cell outside too, where it would lie.
    pub fn centre(&self, cell: Cell) -> (f64, f64) {
        const HALF: f64 = 0.5;
        let x_m = self.west_m + (f64::from(cell.column) + HALF) * self.cell_m;
        let y_m = self.north_m - (f64::from(cell.row) + HALF) * self.cell_m;
        (x_m, y_m)
    }

    /// A part of this grid, from a row and a column of it on. It must lie within.
    pub(crate) fn part(&self, row: u32, column: u32, rows: u32, columns: u32) -> Self {
        Self {
            west_m: self.west_m + f64::from(column) * self.cell_m,
            north_m: self.north_m - f64::from(row) * self.cell_m,
            cell_m: self.cell_m,
            columns,
            rows,
        }
    }

    /// A point in units of cells: columns from the western edge, rows from the northern edge downwards.
    pub(crate) fn in_cells(&self, x_m: f64, y_m: f64) -> (f64, f64) {
        ((x_m - self.west_m) / self.cell_m, (self.north_m - y_m) / self.cell_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_that_cannot_be_is_refused_with_the_reason() {
        let cases: [(&str, Result<Grid, GridError>, &str); 8] = [
            ("NaN origin", Grid::new(f64::NAN, 0.0, 100.0, 1, 1), "the origin of a grid"),
            ("infinite origin", Grid::new(0.0, f64::INFINITY, 100.0, 1, 1), "the origin of a grid"),
            ("no size", Grid::new(0.0, 0.0, 0.0, 1, 1), "the size of a cell"),
            ("NaN size", Grid::covering(0.0, 0.0, 1.0, 1.0, f64::NAN), "the size of a cell"),
            ("no rows", Grid::new(0.0, 0.0, 1.0, 1, 0), "at least one column"),
            ("too many", Grid::new(0.0, 0.0, 1.0, 100_000, 1_001), "larger than 100000000"),
            ("far too many", Grid::covering(0.0, 0.0, 1e300, 1e300, 1e-9), "larger than 100000000"),
            ("turned round", Grid::covering(0.0, 1.0, 1.0, 0.0, 1.0), "is empty"),
        ];
        for (name, grid, reason) in cases {
            assert!(grid.unwrap_err().to_string().contains(reason), "{name}");
        }
    }

    #[test]
    fn every_cell_is_found_by_its_middle_and_by_its_place() {
        let grid = Grid::new(-250.0, 75.0, 25.0, 7, 5).unwrap();
        for index in 0..grid.cells() {
            let cell = grid.cell(index).unwrap();
            let (x_m, y_m) = grid.centre(cell);
            assert_eq!(grid.cell_at(x_m, y_m), Some(cell));
            assert_eq!(grid.index(cell), Some(index));
        }
        assert_eq!(grid.cell(grid.cells()), None);
        assert_eq!(grid.index(Cell { row: 5, column: 0 }), None);
        assert_eq!(grid.cell_at(f64::NAN, 0.0), None);
    }

    #[test]
    fn an_extent_on_the_lines_of_the_grid_is_covered_without_a_margin() {
        let grid = Grid::covering(100.0, 200.0, 300.0, 500.0, 100.0).unwrap();
        assert_eq!((grid.west_m(), grid.north_m(), grid.columns(), grid.rows()), (100.0, 500.0, 2, 3));
    }
}
