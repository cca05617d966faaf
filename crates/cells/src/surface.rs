//! A surface: one value for each cell of a grid.

use crate::error::SurfaceError;
use crate::grid::{Cell, Grid};
use crate::number::place;

/// One value for each cell, row by row from the north. Of numbers, NaN is a value that is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface<T> {
    grid: Grid,
    values: Vec<T>,
}

impl<T> Surface<T> {
    /// Values for each cell of a grid, row by row from the north; another number of values is an error.
    pub fn new(grid: Grid, values: Vec<T>) -> Result<Self, SurfaceError> {
        if values.len() == grid.cells() {
            Ok(Self { grid, values })
        } else {
            Err(SurfaceError::Length { cells: grid.cells(), values: values.len() })
        }
    }

    /// The grid.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// All values, row by row from the north.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All values, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// All values, without the grid.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// The value of a cell; `None` outside.
    pub fn get(&self, cell: Cell) -> Option<&T> {
        self.grid.index(cell).and_then(|index| self.values.get(index))
    }

    /// The rows from the north, each from the west.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[T]> + DoubleEndedIterator {
        self.values.chunks_exact(place(self.grid.columns()))
    }

    /// A surface of what a function makes of each value.
    pub fn map<U>(&self, change: impl FnMut(&T) -> U) -> Surface<U> {
        Surface { grid: self.grid, values: self.values.iter().map(change).collect() }
    }

    /// Refuses a surface of another grid.
    pub(crate) fn same_grid<U>(&self, other: &Surface<U>, what: &'static str) -> Result<(), SurfaceError> {
        if self.grid == other.grid { Ok(()) } else { Err(SurfaceError::OtherGrid { what }) }
    }
}

impl<T: Clone> Surface<T> {
    /// The same value in each cell.
    pub fn filled(grid: Grid, value: T) -> Self {
        Self { grid, values: vec![value; grid.cells()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surface_has_one_value_for_each_cell() {
        let grid = Grid::new(0.0, 0.0, 1.0, 2, 2).unwrap();
        assert_eq!(Surface::new(grid, vec![1]), Err(SurfaceError::Length { cells: 4, values: 1 }));
        let surface = Surface::new(grid, vec![1, 2, 3, 4]).unwrap();
        assert_eq!(surface.get(Cell { row: 1, column: 0 }), Some(&3));
        assert_eq!(surface.get(Cell { row: 2, column: 0 }), None);
        assert_eq!(surface.rows().collect::<Vec<_>>(), [&[1, 2][..], &[3, 4][..]]);
        assert_eq!(surface.map(|value| value * 2).into_values(), [2, 4, 6, 8]);
    }
}
