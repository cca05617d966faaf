//! Which cells of the grid a source cell shares area with.

use super::{ResampleError, Source};
use crate::coverage::edge::Window;
use crate::error::SurfaceError;
use crate::grid::Grid;
use crate::number::{floor_within, place};

/// A corner, in cells of the grid.
type Corner = (f64, f64);
/// Corners of a source cell, one after the other round it.
type Quadrilateral = [Corner; 4];

/// Hands out, for each source cell with a value and each cell of the grid that it shares area with: the value, the place of
/// the cell, the shared area in cells, and its share of the source cell. Gives the sum of the values times their shares
/// outside the grid. Source cells without area share none, and lie outside. Values that `allowed` refuses, or that are
/// infinite, are errors.
pub(super) fn overlaps<T, C: Fn(u32, u32) -> (f64, f64)>(
    grid: &Grid,
    source: &Source<'_, T, C>,
    value_of: impl Fn(&T) -> Option<f64>,
    allowed: impl Fn(f64) -> bool,
    mut shared: impl FnMut(f64, usize, f64, f64),
) -> Result<f64, ResampleError> {
    let cells = place(source.columns) * place(source.rows);
    if source.values.len() != cells || cells == 0 {
        return Err(SurfaceError::Length { cells, values: source.values.len() }.into());
    }
    let line = |row: u32| -> Result<Vec<Corner>, ResampleError> {
        let corner = |column| {
            let (x_m, y_m) = (source.corner)(column, row);
            if x_m.is_finite() && y_m.is_finite() {
                Ok(grid.in_cells(x_m, y_m))
            } else {
                Err(ResampleError::Corner { column, row, x_m, y_m })
            }
        };
        (0..=source.columns).map(corner).collect()
    };
    let mut patch = Vec::new();
    let mut outside = 0.0;
    let mut north = line(0)?;
    for (row, values) in (0_u32..).zip(source.values.chunks_exact(place(source.columns))) {
        let south = line(row + 1)?;
        let north_pairs = north.iter().zip(north.iter().skip(1));
        let south_pairs = south.iter().zip(south.iter().skip(1));
        for (column, (value, ((nw, ne), (sw, se)))) in values.iter().zip(north_pairs.zip(south_pairs)).enumerate() {
            let Some(value) = value_of(value) else { continue };
            if value.is_infinite() || !allowed(value) {
                let index = place(row) * place(source.columns) + column;
                return Err(ResampleError::Value { index, value });
            }
            let mut inside = 0.0;
            share(grid, &[*nw, *sw, *se, *ne], &mut patch, |cell, area, share| {
                inside += share;
                shared(value, cell, area, share);
            });
            outside += value * (1.0 - inside).max(0.0);
        }
        north = south;
    }
    Ok(outside)
}

/// Hands out the place, the shared area in cells and its share of the quadrilateral for each cell of the grid.
fn share(grid: &Grid, corners: &Quadrilateral, patch: &mut Vec<f64>, mut shared: impl FnMut(usize, f64, f64)) {
    let extent = |of: fn(&Corner) -> f64, limit: u32| {
        let values = corners.iter().map(of);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let meets = high > 0.0 && low < f64::from(limit);
        meets.then(|| (floor_within(low, limit - 1), floor_within(high, limit - 1)))
    };
    let (Some((west, east)), Some((north, south))) =
        (extent(|corner| corner.0, grid.columns()), extent(|corner| corner.1, grid.rows()))
    else {
        return;
    };
    let area = area(corners);
    let whole = area.abs();
    if whole <= 0.0 {
        return;
    }
    let (columns, rows) = (east - west + 1, south - north + 1);
    let at = |row: u32, column: u32| place(row) * place(grid.columns()) + place(column);
    // A source much finer than the grid: most of its cells lie in one cell.
    let holds = |corner: &Corner| {
        let (x, y) = (corner.0 - f64::from(west), corner.1 - f64::from(north));
        (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y)
    };
    if columns == 1 && rows == 1 && corners.iter().all(holds) {
        shared(at(north, west), whole, 1.0);
        return;
    }
    patch.clear();
    patch.resize(place(columns) * place(rows), 0.0);
    let mut window = Window::new(columns, rows, patch);
    let moved = |corner: &Corner| (corner.0 - f64::from(west), corner.1 - f64::from(north));
    let round = corners.iter().zip(corners.iter().cycle().skip(1));
    round.for_each(|(from, to)| window.add_edge(moved(from), moved(to), area.signum()));
    // What rounding leaves of cells that aren't touched.
    let least = whole * 1e-12;
    for (row, cells) in (north..).zip(patch.chunks_exact(place(columns))) {
        let mut sum = 0.0;
        for (column, cell) in (west..).zip(cells) {
            sum += cell;
            if sum > least {
                shared(at(row, column), sum, sum / whole);
            }
        }
    }
}

/// The area of a quadrilateral, in cells: positive where its western side is taken downwards, as edges count.
fn area(corners: &Quadrilateral) -> f64 {
    const HALF: f64 = 0.5;
    let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = *corners;
    // Half the cross product of the diagonals; rows run downwards.
    HALF * ((x3 - x1) * (y2 - y0) - (x2 - x0) * (y3 - y1))
}
