//! Gaps filled from the nearest cell with a value.

use crate::number::{floor_within, place};
use crate::surface::Surface;

/// No cell of the row has a value.
const NONE: u32 = u32::MAX;

/// A surface in which a missing value (NaN) is that of the nearest cell with a value, if their middles are at most
/// `within_m` metres apart. Of cells equally near the one in the row nearest, then north, then west is taken. Source: method 2.2 `raster`
/// (1 km). A distance that is negative or NaN fills nothing.
///
/// ```
/// use kend_cells::{Grid, Surface, filled_from_nearest};
/// let grid = Grid::new(0.0, 0.0, 100.0, 5, 1)?;
/// let surface = Surface::new(grid, vec![1.0, f32::NAN, f32::NAN, f32::NAN, f32::NAN])?;
/// let filled = filled_from_nearest(&surface, 300.0);
/// assert_eq!(filled.values()[..4], [1.0; 4]);
/// assert!(filled.values()[4].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn filled_from_nearest(surface: &Surface<f32>, within_m: f64) -> Surface<f32> {
    let grid = surface.grid();
    let within = within_m / grid.cell_m();
    let mut filled = surface.clone();
    if within.is_nan() || within < 0.0 {
        return filled;
    }
    let columns = place(grid.columns());
    // In each row the nearest column with a value; then only rows have to be tried.
    let nearest: Vec<u32> = surface.rows().flat_map(nearest_in_row).collect();
    let reach = floor_within(within, grid.rows());
    for row in 0..grid.rows() {
        let begin = place(row) * columns;
        let cells = filled.values_mut().get_mut(begin..begin + columns).unwrap_or_default();
        for (column, cell) in (0_u32..).zip(cells) {
            if !cell.is_nan() {
                continue;
            }
            let mut best = (within * within, None);
            for down in 0..=reach {
                let down_squared = f64::from(down) * f64::from(down);
                if down_squared > best.0 {
                    break;
                }
                let rows = [row.checked_sub(down), Some(row + down).filter(|below| down > 0 && *below < grid.rows())];
                for other in rows.into_iter().flatten() {
                    let line = place(other) * columns;
                    let Some(&near) = nearest.get(line + place(column)).filter(|near| **near != NONE) else { continue };
                    let across = f64::from(near.abs_diff(column));
                    let distance_squared = across * across + down_squared;
                    if distance_squared < best.0 || (best.1.is_none() && distance_squared <= best.0) {
                        best = (distance_squared, Some(line + place(near)));
                    }
                }
            }
            if let Some(value) = best.1.and_then(|index| surface.values().get(index)) {
                *cell = *value;
            }
        }
    }
    filled
}

/// For each cell of a row the nearest column with a value; of two equally near the western.
fn nearest_in_row(row: &[f32]) -> Vec<u32> {
    let mut nearest = Vec::with_capacity(row.len());
    let mut last = NONE;
    for (column, value) in (0_u32..).zip(row) {
        if !value.is_nan() {
            last = column;
        }
        nearest.push(last);
    }
    let mut next = NONE;
    let columns = 0..u32::try_from(row.len()).unwrap_or(NONE);
    for ((value, nearest), column) in row.iter().zip(&mut nearest).rev().zip(columns.rev()) {
        if !value.is_nan() {
            next = column;
        }
        let nearer = *nearest == NONE || next.abs_diff(column) < column.abs_diff(*nearest);
        if next != NONE && nearer {
            *nearest = next;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grid::Grid;
    use crate::strategies::between;

    proptest! {
        #[test]
        fn a_gap_is_filled_from_no_farther_than_the_nearest_value(
            values in prop::collection::vec(prop_oneof![4 => Just(f32::NAN), 1 => between(0.0, 9.0)], 11 * 9),
            within_m in prop_oneof![0.0_f64..700.0, Just(500.0)],
        ) {
            let surface = Surface::new(Grid::new(0.0, 0.0, 100.0, 11, 9).unwrap(), values).unwrap();
            let grid = surface.grid();
            let filled = filled_from_nearest(&surface, within_m);
            for (index, value) in filled.values().iter().enumerate() {
                let (x, y) = grid.centre(grid.cell(index).unwrap());
                let distance = |other: usize| {
                    let (x_m, y_m) = grid.centre(grid.cell(other).unwrap());
                    (x - x_m).hypot(y - y_m)
                };
                let known: Vec<usize> = (0..grid.cells()).filter(|other| !surface.values()[*other].is_nan()).collect();
                let nearest = known.iter().map(|other| distance(*other)).fold(f64::INFINITY, f64::min);
                if nearest > within_m {
                    prop_assert!(value.is_nan());
                } else {
                    let same = |other: &&usize| surface.values()[**other].to_bits() == value.to_bits();
                    prop_assert!(known.iter().filter(same).any(|other| distance(*other) <= nearest));
                }
            }
        }
    }
}
