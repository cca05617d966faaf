//! The majority filter that takes single cells away and fills single gaps.

use crate::number::place;
use crate::surface::Surface;

/// A mask after one majority filter of 3 x 3 cells: a cell is in if at least five of the nine cells around and including it
/// were. Source: method 4 (2). Cells beyond the edge of the grid count as out.
///
/// ```
/// use kend_cells::{Grid, Surface, majority_filtered};
/// let grid = Grid::new(0.0, 0.0, 100.0, 3, 3)?;
/// let mask = Surface::new(grid, vec![true, true, true, true, false, true, false, false, false])?;
/// let smooth = majority_filtered(&mask);
/// assert_eq!(smooth.values()[4], true, "five of nine");
/// assert_eq!(smooth.values()[0], false, "three of nine");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn majority_filtered(mask: &Surface<bool>) -> Surface<bool> {
    const MAJORITY: u8 = 5;
    let columns = place(mask.grid().columns());
    let outside = vec![0; columns];
    // Each row as the sum of each cell and its two neighbours.
    let thirds: Vec<Vec<u8>> = mask.rows().map(threes).collect();
    let mut smooth = Surface::filled(*mask.grid(), false);
    let above = std::iter::once(&outside).chain(&thirds);
    let below = thirds.iter().skip(1).chain(std::iter::once(&outside));
    let rows = smooth.values_mut().chunks_exact_mut(columns);
    for (((row, above), here), below) in rows.zip(above).zip(&thirds).zip(below) {
        for (((cell, above), here), below) in row.iter_mut().zip(above).zip(here).zip(below) {
            *cell = above + here + below >= MAJORITY;
        }
    }
    smooth
}

fn threes(row: &[bool]) -> Vec<u8> {
    let before = std::iter::once(&false).chain(row);
    let after = row.iter().skip(1).chain(std::iter::once(&false));
    let sum = |((before, here), after): ((&bool, &bool), &bool)| u8::from(*before) + u8::from(*here) + u8::from(*after);
    before.zip(row).zip(after).map(sum).collect()
}
