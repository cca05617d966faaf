//! The slope of the ground, which slows walking.

use crate::number::{narrow, place};
use crate::surface::Surface;

/// Slope as rise over run (1 at 45 degrees) of a surface of elevations in metres.
///
/// `s = sqrt(p^2 + q^2)` with `p = ((c + 2 f + i) - (a + 2 d + g)) / (8 l)`, `q` the same from north to south, `a` to `i` the nine
/// elevations around a cell row by row and `l` the cell size in metres. Source: Horn 1981, Hill shading and the reflectance
/// map, Proceedings of the IEEE 69(1). A missing neighbour (NaN, or beyond the grid) counts as high as the cell itself; a
/// missing cell gives NaN, which [`crate::friction`] takes for level ground.
///
/// ```
/// use kend_cells::{Grid, Surface, slope};
/// let grid = Grid::new(0.0, 0.0, 100.0, 3, 3)?;
/// let hillside = Surface::new(grid, vec![0.0, 10.0, 20.0, 0.0, 10.0, 20.0, 0.0, 10.0, 20.0])?;
/// assert_eq!(slope(&hillside).values()[4], 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn slope(elevation: &Surface<f32>) -> Surface<f32> {
    /// Weights of the three neighbours on a side, twice, and the two cells between the sides: 4 + 4.
    const CELLS: f64 = 8.0;
    let run_m = CELLS * elevation.grid().cell_m();
    let columns = place(elevation.grid().columns());
    let beyond = vec![f32::NAN; columns];
    let mut slopes = Surface::filled(*elevation.grid(), f32::NAN);
    let rows: Vec<&[f32]> = elevation.rows().collect();
    let above = std::iter::once(beyond.as_slice()).chain(rows.iter().copied());
    let below = rows.iter().copied().skip(1).chain(std::iter::once(beyond.as_slice()));
    let outs = slopes.values_mut().chunks_exact_mut(columns);
    for (((out, above), here), below) in outs.zip(above).zip(&rows).zip(below) {
        let around = threes(above).zip(threes(here)).zip(threes(below));
        for ((slope, height), (([a, b, c], [d, _, f]), [g, h, i])) in out.iter_mut().zip(*here).zip(around) {
            let height = f64::from(*height);
            let known = |neighbour: f32| if neighbour.is_nan() { height } else { f64::from(neighbour) };
            let side = |one, middle, other| known(one) + 2.0 * known(middle) + known(other);
            let east = (side(c, f, i) - side(a, d, g)) / run_m;
            let south = (side(g, h, i) - side(a, b, c)) / run_m;
            *slope = narrow((east * east + south * south).sqrt());
        }
    }
    slopes
}

/// Each cell of a row between its two neighbours; NaN beyond the ends.
fn threes(row: &[f32]) -> impl Iterator<Item = [f32; 3]> {
    let before = std::iter::once(&f32::NAN).chain(row);
    let after = row.iter().skip(1).chain(std::iter::once(&f32::NAN));
    before.zip(row).zip(after).map(|((before, here), after)| [*before, *here, *after])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::{Cell, Grid};

    #[test]
    fn a_plane_has_one_slope_whichever_way_it_falls() {
        let grid = Grid::new(0.0, 0.0, 50.0, 5, 6).unwrap();
        let heights = (0..grid.cells()).map(|index| {
            let (x_m, y_m) = grid.centre(grid.cell(index).unwrap());
            narrow(0.03 * x_m - 0.04 * y_m)
        });
        let slopes = slope(&Surface::new(grid, heights.collect()).unwrap());
        for (row, column) in (1..5).flat_map(|row| (1..4).map(move |column| (row, column))) {
            let slope = slopes.get(Cell { row, column }).unwrap();
            assert!((slope - 0.05).abs() < 1e-5, "{slope}");
        }
    }

    #[test]
    fn a_gap_is_missing_and_its_neighbours_are_not() {
        let grid = Grid::new(0.0, 0.0, 100.0, 3, 1).unwrap();
        let slopes = slope(&Surface::new(grid, vec![f32::NAN, 5.0, 5.0]).unwrap());
        assert!(slopes.values()[0].is_nan());
        assert_eq!(slopes.values()[1..], [0.0, 0.0]);
    }
}
