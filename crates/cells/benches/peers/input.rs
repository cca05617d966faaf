//! Made-up land: the same bits on every machine.

use kend_cells::{Cell, Grid};

/// A hash of a place: the last step of the generator `SplitMix64`.
pub(crate) fn hash(row: u32, column: u32, salt: u64) -> u64 {
    let mut bits = (u64::from(row) << 32 | u64::from(column)).wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A number from 0 to 1 for a place.
pub(crate) fn share(row: u32, column: u32, salt: u64) -> f64 {
    const STEPS: f64 = 65_536.0;
    f64::from(u16::try_from(hash(row, column, salt) >> 48).expect("16 bits")) / STEPS
}

/// A grid of about so many cells of 100 m, five wide and four high.
pub(crate) fn grid(cells: f64) -> Grid {
    let side = (cells / 20.0).sqrt().ceil();
    Grid::covering(0.0, 0.0, 500.0 * side, 400.0 * side, 100.0).expect("a grid of this size can be")
}

/// Minutes per metre: patches of land cover on slopes, a net of roads of five classes, lakes.
pub(crate) fn friction(grid: &Grid) -> Vec<f32> {
    const PATCH: u32 = 12;
    const LAKE: u32 = 60;
    const NET: u32 = 37;
    let speeds = [5.0, 4.0, 3.0, 2.0_f32];
    let roads = [90.0, 70.0, 55.0, 45.0, 25.0_f32];
    let pick = |of: &[f32], hash: u64| {
        let place = usize::try_from(hash % 1_000_003).expect("small") % of.len();
        of.iter().copied().nth(place).expect("within")
    };
    let mut values = Vec::with_capacity(grid.cells());
    for row in 0..grid.rows() {
        for column in 0..grid.columns() {
            let bend = u32::from(hash(row / 16, column / 16, 7).is_multiple_of(3));
            let speed = if (row + bend).is_multiple_of(NET) && !hash(row / NET, column / 160, 2).is_multiple_of(5) {
                pick(&roads, hash(row / NET, 0, 3))
            } else if (column + bend).is_multiple_of(NET) && !hash(row / 160, column / NET, 4).is_multiple_of(5) {
                pick(&roads, hash(0, column / NET, 5))
            } else if hash(row / LAKE, column / LAKE, 6).is_multiple_of(25) {
                0.0
            } else {
                let slope = 0.3 + 0.7 * share(row / 3, column / 3, 1);
                #[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is what is wanted")]
                let slope = slope as f32;
                pick(&speeds, hash(row / PATCH, column / PATCH, 8)) * slope
            };
            values.push(0.06 / speed);
        }
    }
    values
}

/// About one destination for each 20,000 cells, none in a lake.
pub(crate) fn destinations(grid: &Grid, friction: &[f32]) -> Vec<Cell> {
    const CELLS_EACH: u64 = 20_000;
    let all = (0..grid.cells()).filter_map(|index| grid.cell(index)).zip(friction);
    all.filter(|(cell, friction)| friction.is_finite() && hash(cell.row, cell.column, 9).is_multiple_of(CELLS_EACH))
        .map(|(cell, _)| cell)
        .collect()
}
