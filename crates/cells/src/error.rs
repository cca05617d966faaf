//! What is wrong with a grid or with surfaces that don't fit together.

use thiserror::Error;

use crate::MAX_CELLS;

/// Why there is no such grid.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum GridError {
    /// The origin is NaN or infinite.
    #[error("the origin of a grid must be a finite point, not ({x_m}, {y_m})")]
    Origin {
        /// Easting of the north-western corner, metres.
        x_m: f64,
        /// Northing of the north-western corner, metres.
        y_m: f64,
    },
    /// The cell size is not a positive number.
    #[error("the size of a cell must be a positive number of metres, not {cell_m}")]
    CellSize {
        /// Side of a cell, metres.
        cell_m: f64,
    },
    /// No rows or no columns.
    #[error("a grid needs at least one column and one row, not {columns} x {rows}")]
    Empty {
        /// Columns asked for.
        columns: u32,
        /// Rows asked for.
        rows: u32,
    },
    /// More cells than [`MAX_CELLS`].
    #[error("a grid of {columns} x {rows} cells is larger than {MAX_CELLS} cells")]
    TooLarge {
        /// Columns asked for.
        columns: f64,
        /// Rows asked for.
        rows: f64,
    },
    /// West is not west of east, or south not south of north.
    #[error("the extent from ({west_m}, {south_m}) to ({east_m}, {north_m}) is empty or not finite")]
    Extent {
        /// Western edge, metres.
        west_m: f64,
        /// Southern edge, metres.
        south_m: f64,
        /// Eastern edge, metres.
        east_m: f64,
        /// Northern edge, metres.
        north_m: f64,
    },
}

/// Why values are no surface, or surfaces don't fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SurfaceError {
    /// There is not one value for each cell.
    #[error("a surface of {cells} cells was given {values} values")]
    Length {
        /// Cells of the grid.
        cells: usize,
        /// Values given.
        values: usize,
    },
    /// Two surfaces that are read together lie on different grids.
    #[error("{what} lies on another grid than the surface it is read with")]
    OtherGrid {
        /// Which surface.
        what: &'static str,
    },
}
