//! One row of cells that polynomials are added to.

use crate::grid::{Cell, Grid};
use crate::kernel::WeightedPoint;
use crate::number::{floor_within, place};

/// Coefficients of a polynomial of the fourth degree, from the constant upwards.
type Quartic = [f64; 5];

/// What begins or ends in a column.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    polynomial: Quartic,
    /// Polynomials that begin less those that end: where none is, the value is exactly 0.
    active: i32,
}

/// A row of cells, cut into blocks about as wide as a kernel. Each block's polynomials are in distances from the block's own
/// middle, in bandwidths, and all end with it: numbers stay near 1, and nothing that rounding leaves is carried on.
pub(super) struct Row {
    grid: Grid,
    bandwidth_m: f64,
    block: u32,
    changes: Vec<Change>,
}

impl Row {
    pub(super) fn new(grid: &Grid, bandwidth_m: f64) -> Self {
        let wide = 2.0 * bandwidth_m / grid.cell_m();
        let block = floor_within(wide, grid.columns()).max(1);
        Self { grid: *grid, bandwidth_m, block, changes: vec![Change::default(); place(grid.columns())] }
    }

    /// The easting of a column's middle.
    fn middle_m(&self, column: u32) -> f64 {
        self.grid.centre(Cell { row: 0, column }).0
    }

    /// Adds `w (1 - d^2 / h^2)^2` of a point to the cells of the row at `y_m`.
    pub(super) fn add(&mut self, point: WeightedPoint, y_m: f64) {
        let down = (point.y_m - y_m) / self.bandwidth_m;
        let left = 1.0 - down * down;
        let half_m = self.bandwidth_m * left.max(0.0).sqrt();
        let within = |column: u32| {
            let across = (self.middle_m(column) - point.x_m) / self.bandwidth_m;
            across * across < left
        };
        // The cells whose middles lie within, and one more on each side in case rounding left it out.
        let (from, _) = self.grid.in_cells(point.x_m - half_m, y_m);
        let (to, _) = self.grid.in_cells(point.x_m + half_m, y_m);
        if to < 0.0 || from > f64::from(self.grid.columns()) {
            return;
        }
        let limit = self.grid.columns();
        let candidates = floor_within(from - 1.0, limit)..floor_within(to + 1.0, limit);
        let Some(first) = candidates.clone().find(|column| within(*column)) else { return };
        let Some(last) = candidates.rev().find(|column| within(*column)) else { return };
        self.add_between(first, last + 1, point, left);
    }

    /// Adds `w (a - ((x - x_p) / h)^2)^2` from one column to before another, `a` = `left`.
    fn add_between(&mut self, mut first: u32, end: u32, point: WeightedPoint, left: f64) {
        while first < end {
            let block_begin = first - first % self.block;
            let block_end = block_begin.saturating_add(self.block);
            let shift = (point.x_m - self.block_middle_m(block_begin)) / self.bandwidth_m;
            let rest = left - shift * shift;
            // (rest + 2 shift v - v^2)^2, by powers of v.
            let polynomial = [rest * rest, 4.0 * rest * shift, 4.0 * shift * shift - 2.0 * rest, -4.0 * shift, 1.0]
                .map(|coefficient| point.weight * coefficient);
            self.change(first, &polynomial, 1);
            if end < block_end {
                self.change(end, &polynomial.map(|coefficient| -coefficient), -1);
            }
            first = block_end;
        }
    }

    fn block_middle_m(&self, block_begin: u32) -> f64 {
        const HALF: f64 = 0.5;
        self.middle_m(block_begin) + HALF * f64::from(self.block - 1) * self.grid.cell_m()
    }

    fn change(&mut self, column: u32, polynomial: &Quartic, active: i32) {
        if let Some(change) = self.changes.get_mut(place(column)) {
            change.active += active;
            change.polynomial.iter_mut().zip(polynomial).for_each(|(sum, coefficient)| *sum += coefficient);
        }
    }

    /// Hands out the value of each column and empties the row.
    pub(super) fn take(&mut self, mut value_of: impl FnMut(usize, f64)) {
        const HALF: f64 = 0.5;
        let step = self.grid.cell_m() / self.bandwidth_m;
        let half = HALF * f64::from(self.block - 1);
        let mut column = 0;
        for block in self.changes.chunks_mut(place(self.block)) {
            let mut sum = Change::default();
            for (place, change) in (0_u32..).zip(block) {
                sum.active += change.active;
                sum.polynomial.iter_mut().zip(change.polynomial).for_each(|(sum, coefficient)| *sum += coefficient);
                *change = Change::default();
                if sum.active > 0 {
                    let v = (f64::from(place) - half) * step;
                    let value = sum.polynomial.iter().rev().fold(0.0, |value, coefficient| value * v + coefficient);
                    value_of(column, value.max(0.0));
                } else {
                    sum = Change::default();
                }
                column += 1;
            }
        }
    }
}
