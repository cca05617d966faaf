//! What one edge adds to the cells of a window.

use crate::number::{floor_within, place};

/// Cells that edges are added to. Coordinates are in cells: columns from the western edge, rows from the northern edge
/// downwards. The running sum along a row is then what lies east of all edges, in cells.
pub(crate) struct Window<'a> {
    columns: u32,
    rows: u32,
    values: &'a mut [f64],
}

impl<'a> Window<'a> {
    /// A window on `columns x rows` values, row by row from the north.
    pub(crate) const fn new(columns: u32, rows: u32, values: &'a mut [f64]) -> Self {
        Self { columns, rows, values }
    }

    /// Adds an edge with a weight: positive downwards, negative upwards. An edge and its reverse add exactly opposite
    /// numbers, so that polygons which share an edge leave no gap between them. What lies west of the window counts as its
    /// western edge; what lies elsewhere outside counts nothing.
    pub(crate) fn add_edge(&mut self, from: (f64, f64), to: (f64, f64), weight: f64) {
        let ((x0, y0), (x1, y1), weight) = if from.1 <= to.1 { (from, to, weight) } else { (to, from, -weight) };
        let rows = f64::from(self.rows);
        if y0 >= y1 || y1 <= 0.0 || y0 >= rows {
            return;
        }
        let slope = (x1 - x0) / (y1 - y0);
        let x_at = |y: f64| if y >= y1 { x1 } else { x0 + (y - y0) * slope };
        let mut y = y0.max(0.0);
        let mut x = x_at(y);
        let end = y1.min(rows);
        let mut row = floor_within(y, self.rows);
        while y < end {
            let next_y = f64::from(row + 1).min(end);
            let next_x = x_at(next_y);
            self.add_in_row(row, x, next_x, weight * (next_y - y));
            (y, x) = (next_y, next_x);
            row += 1;
        }
    }

    /// Adds a piece of an edge that stays in one row, of so many rows' height, between two columns' coordinates.
    fn add_in_row(&mut self, row: u32, from_x: f64, to_x: f64, height: f64) {
        const HALF: f64 = 0.5;
        let begin = place(row) * place(self.columns);
        let columns = self.columns;
        let Some(values) = self.values.get_mut(begin..begin + place(columns)) else { return };
        let mut add = |column: u32, amount: f64| {
            if let Some(value) = values.get_mut(place(column)) {
                *value += amount;
            }
        };
        let (west, east) = if from_x <= to_x { (from_x, to_x) } else { (to_x, from_x) };
        if east <= 0.0 {
            add(0, height);
            return;
        }
        if west >= f64::from(columns) {
            return;
        }
        let (first, last) = (floor_within(west, columns), floor_within(east, columns));
        if first == last && west >= 0.0 {
            let covered = height * (HALF * (west + east) - f64::from(first));
            add(first, height - covered);
            add(first + 1, covered);
            return;
        }
        let per_column = height / (east - west);
        if west < 0.0 {
            add(0, per_column * -west);
        }
        let mut x = west.max(0.0);
        for column in first..=last.min(columns - 1) {
            let next_x = f64::from(column + 1).min(east);
            let part = per_column * (next_x - x);
            let covered = part * (HALF * (x + next_x) - f64::from(column));
            add(column, part - covered);
            add(column + 1, covered);
            x = next_x;
        }
    }
}
