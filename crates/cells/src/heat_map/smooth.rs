//! Smoothing of weights on cells by the quartic kernel.
//!
//! The plain way multiplies each cell with thousands around it. But over a row of sources the kernel is a polynomial of
//! their column, so what a row gives to a cell follows from five sums over a stretch of the row (of the weights and of the
//! weights times powers of the column), and these from running sums: a cell costs the rows of its disc. Running sums are
//! cut into blocks about as wide as the kernel, in distances from the block's own middle, so that numbers stay near 1.

use crate::number::{floor_within, place, real};

/// Sums over cells: of the weight times the powers of the column from 0 to 4, and of the cells with a weight.
type Sums = [f64; 6];
/// How many of the sums are of powers.
const POWERS: usize = 5;

/// Makes surfaces smooth with one radius; keeps its memory from one to the next.
pub(super) struct Smoother {
    /// The bandwidth in cells.
    radius: f64,
    /// For each distance of rows the columns that still lie within, on each side.
    reaches: Vec<usize>,
    /// Cells of a block.
    block: usize,
    /// For each row the sums over all cells before a place, from [`Self::reach`] cells before a block to as many after.
    running: Vec<Sums>,
}

impl Smoother {
    /// A smoother with a bandwidth in cells, above 0.
    pub(super) fn new(radius: f64) -> Self {
        let mut reaches = Vec::new();
        let mut down = 0.0;
        while down < radius {
            // The largest distance of columns with `across^2 + down^2 < radius^2`.
            let mut across = (radius * radius - down * down).sqrt().ceil();
            while across > 0.0 && across * across + down * down >= radius * radius {
                across -= 1.0;
            }
            reaches.push(place(floor_within(across, u32::MAX)));
            down += 1.0;
        }
        // As wide as a disc: then no distance from a block's middle is above two radii.
        let block = place(floor_within(2.0 * radius, u32::MAX)).max(1);
        Self { radius, reaches, block, running: Vec::new() }
    }

    /// The most columns that lie within, on each side.
    fn reach(&self) -> usize {
        self.reaches.first().copied().unwrap_or_default()
    }

    /// Places of a row's running sums.
    fn length(&self) -> usize {
        self.block + 2 * self.reach() + 1
    }

    /// For each cell `inside` the sum of `w (1 - d^2 / r^2)^2` over all cells nearer than the radius `r`; 0 for the others,
    /// and exactly 0 where no weight is near. `weights` from 0, row by row, as many columns as said.
    pub(super) fn smooth(&mut self, weights: &[f64], inside: &[bool], columns: usize) -> Vec<f64> {
        let mut smooth = vec![0.0; weights.len()];
        let rows: Vec<&[f64]> = weights.chunks(columns).collect();
        let mut begin = 0;
        while begin < columns {
            let end = (begin + self.block).min(columns);
            self.run(&rows, begin);
            for (row, (out, inside)) in smooth.chunks_mut(columns).zip(inside.chunks(columns)).enumerate() {
                let (Some(out), Some(inside)) = (out.get_mut(begin..end), inside.get(begin..end)) else { continue };
                // Only the stretch that has cells of the zone.
                let Some(first) = inside.iter().position(|inside| *inside) else { continue };
                let last = inside.iter().rposition(|inside| *inside).unwrap_or(first);
                let gathered = self.gather(row, first, last + 1 - first);
                let cells = out.iter_mut().zip(inside).skip(first);
                for ((out, inside), (value, near)) in cells.zip(gathered) {
                    if *inside && near > 0.0 {
                        *out = value.max(0.0);
                    }
                }
            }
            begin = end;
        }
        smooth
    }

    /// How far the middle of a cell lies from the middle of its block, in radii. `cell` from the block's first; those
    /// before it count from `-reach`.
    fn offset(&self, cell: f64) -> f64 {
        const HALF: f64 = 0.5;
        (cell - HALF * real(self.block - 1)) / self.radius
    }

    /// Fills the running sums of the block that begins at a column.
    fn run(&mut self, rows: &[&[f64]], begin: usize) {
        let (reach, length) = (self.reach(), self.length());
        let offsets: Vec<f64> = (0..length).map(|place| self.offset(real(place) - real(reach))).collect();
        self.running.clear();
        // Places that lie before the first column.
        let before = reach.saturating_sub(begin);
        let first = begin.saturating_sub(reach);
        for row in rows {
            let mut sums = Sums::default();
            self.running.extend(std::iter::repeat_n(sums, before + 1));
            let cells = row.get(first..(begin + self.block + reach).min(row.len())).unwrap_or_default();
            for (weight, offset) in cells.iter().zip(offsets.iter().skip(before)) {
                let count = f64::from(u8::from(*weight > 0.0));
                let mut power = *weight;
                for sum in sums.iter_mut().take(POWERS) {
                    *sum += power;
                    power *= offset;
                }
                if let Some(sum) = sums.last_mut() {
                    *sum += count;
                }
                self.running.push(sums);
            }
            self.running.extend(std::iter::repeat_n(sums, length - before - 1 - cells.len()));
        }
    }

    /// For so many cells of a row, from one of the block on, the smoothed value and how many weighted cells are near.
    fn gather(&self, row: usize, first: usize, cells: usize) -> Vec<(f64, f64)> {
        let mut gathered = vec![(0.0, 0.0); cells];
        let offsets: Vec<f64> = (0..cells).map(|cell| self.offset(real(first + cell))).collect();
        for (down, reach) in self.reaches.iter().enumerate() {
            let left = 1.0 - (real(down) / self.radius).powi(2);
            let above = row.checked_sub(down).filter(|_| down > 0);
            for row in [Some(row + down), above].into_iter().flatten() {
                let begin = row * self.length() + self.reach() + first;
                let low = self.running.get(begin - reach..).unwrap_or_default();
                let high = self.running.get(begin + reach + 1..).unwrap_or_default();
                for (((value, near), v), (low, high)) in gathered.iter_mut().zip(&offsets).zip(low.iter().zip(high)) {
                    let mut sums = *high;
                    sums.iter_mut().zip(low).for_each(|(high, low)| *high -= low);
                    let [constant, linear, square, cube, fourth, count] = sums;
                    // (left - (u - v)^2)^2 by powers of the source's column u, with rest = left - v^2.
                    let rest = left - v * v;
                    *value += rest * rest * constant + 4.0 * rest * v * linear + (4.0 * v * v - 2.0 * rest) * square
                        - 4.0 * v * cube
                        + fourth;
                    *near += count;
                }
            }
        }
        gathered
    }
}
