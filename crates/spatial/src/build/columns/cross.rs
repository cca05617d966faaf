//! The cells that a line crosses.

use geo::LineString;
use kend_cells::{Cell, Grid};

/// Calls `each` for every cell that a line passes through, in its order; a cell may come several times. Two cells that follow
/// each other share an edge, or a corner that the line runs through exactly, so that no way leads between them.
///
/// Steps from one grid line to the next along each segment (Amanatides and Woo 1987, Eurographics). Parts outside the grid
/// are passed over; coordinates are finite.
pub(super) fn cells_of_line(grid: &Grid, line: &LineString, mut each: impl FnMut(Cell)) {
    let in_cells = |x_m: f64, y_m: f64| ((x_m - grid.west_m()) / grid.cell_m(), (grid.north_m() - y_m) / grid.cell_m());
    for segment in line.lines() {
        let from = in_cells(segment.start.x, segment.start.y);
        let to = in_cells(segment.end.x, segment.end.y);
        let Some((from, to)) = clipped(from, to, f64::from(grid.columns()), f64::from(grid.rows())) else { continue };
        walk(from, to, |column, row| {
            let place = |number: f64, limit: u32| (0.0..f64::from(limit)).contains(&number).then_some(number);
            if let (Some(column), Some(row)) = (place(column, grid.columns()), place(row, grid.rows())) {
                let (x_m, y_m) =
                    (grid.west_m() + (column + 0.5) * grid.cell_m(), grid.north_m() - (row + 0.5) * grid.cell_m());
                grid.cell_at(x_m, y_m).into_iter().for_each(&mut each);
            }
        });
    }
}

type At = (f64, f64);

/// The part of a segment within a rectangle from 0 on (Liang and Barsky 1984), in cells; none outside.
fn clipped(from: At, to: At, columns: f64, rows: f64) -> Option<(At, At)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut begin, mut end) = (0.0_f64, 1.0_f64);
    for (step, distance) in [(-dx, from.0), (dx, columns - from.0), (-dy, from.1), (dy, rows - from.1)] {
        if step == 0.0 {
            if distance < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            begin = begin.max(distance / step);
        } else {
            end = end.min(distance / step);
        }
    }
    let at = |share: f64| (from.0 + share * dx, from.1 + share * dy);
    (begin <= end).then(|| (at(begin), at(end)))
}

/// Calls `each` for column and row of every cell from one point to the other, both in cells.
fn walk(from: At, to: At, mut each: impl FnMut(f64, f64)) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut column, mut row) = (from.0.floor(), from.1.floor());
    let steps = (to.0.floor() - column).abs() + (to.1.floor() - row).abs();
    // Shares of the way at which the next grid line is met, and from one to the next.
    let next = |start: f64, step: f64| {
        if step > 0.0 {
            (start.floor() + 1.0 - start) / step
        } else if step < 0.0 {
            (start - start.floor()) / -step
        } else {
            f64::INFINITY
        }
    };
    let (mut across, mut down) = (next(from.0, dx), next(from.1, dy));
    each(column, row);
    let mut taken = 0.0;
    while taken < steps {
        if across <= down {
            column += dx.signum();
            across += 1.0 / dx.abs();
        } else {
            row += dy.signum();
            down += 1.0 / dy.abs();
        }
        each(column, row);
        taken += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossed(corners: &[(f64, f64)]) -> Vec<(u32, u32)> {
        let grid = Grid::new(0.0, 4.0, 1.0, 5, 4).unwrap();
        let mut cells = Vec::new();
        cells_of_line(&grid, &LineString::from(corners.to_vec()), |cell| cells.push((cell.column, cell.row)));
        cells
    }

    #[test]
    fn a_line_crosses_the_cells_between_its_ends_without_a_gap() {
        assert_eq!(crossed(&[(0.5, 3.5), (2.5, 3.5)]), [(0, 0), (1, 0), (2, 0)]);
        assert_eq!(crossed(&[(0.5, 3.4), (2.5, 1.6)]), [(0, 0), (0, 1), (1, 1), (2, 1), (2, 2)]);
        assert_eq!(crossed(&[(2.5, 1.6), (0.5, 3.4)]), [(2, 2), (2, 1), (1, 1), (0, 1), (0, 0)]);
        assert_eq!(crossed(&[(1.5, 0.5), (1.5, 2.5)]), [(1, 3), (1, 2), (1, 1)]);
        assert_eq!(crossed(&[(1.5, 0.5), (1.5, 0.5)]), [(1, 3)]);
    }

    #[test]
    fn what_lies_outside_the_grid_is_passed_over() {
        assert_eq!(crossed(&[(-3.0, 0.5), (-1.0, 9.0)]), []);
        assert_eq!(crossed(&[(-1e9, 0.5), (1e9, 0.5)]), [(0, 3), (1, 3), (2, 3), (3, 3), (4, 3)]);
        assert_eq!(crossed(&[(4.5, 3.5), (4.5, 90.0)]), [(4, 0)]);
    }
}
