//! Zone totals as a smooth surface: spread over the cells that can hold them, then smoothed within the zone.

mod smooth;

use thiserror::Error;

use crate::clusters::NO_LABEL;
use crate::error::SurfaceError;
use crate::grid::{Cell, Grid};
use crate::number::{narrow, place};
use crate::surface::Surface;
use smooth::Smoother;

/// Why there is no heat map.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum HeatMapError {
    /// The surfaces don't fit together.
    #[error(transparent)]
    Surface(#[from] SurfaceError),
    /// A bandwidth that isn't a positive number, or of more than [`MAX_BANDWIDTH_CELLS`] cells.
    #[error("the bandwidth must be above 0 and at most {MAX_BANDWIDTH_CELLS} cells, not {bandwidth_m} m")]
    Bandwidth {
        /// Metres.
        bandwidth_m: f64,
    },
    /// A total that is negative or not finite.
    #[error("the total of zone {zone} cannot be {total}")]
    Total {
        /// The zone's label.
        zone: u16,
        /// Its total.
        total: f64,
    },
    /// A weight that isn't from 0 to 1.
    #[error("the weight in column {}, row {} is {weight}: it must be from 0 to 1", .cell.column, .cell.row)]
    Weight {
        /// Where.
        cell: Cell,
        /// The weight.
        weight: f32,
    },
}

/// The widest bandwidth, in cells: 20 km of cells of 100 m, five times over.
pub const MAX_BANDWIDTH_CELLS: f64 = 1000.0;

/// The amount of each zone's total that falls to each of its cells.
///
/// `a_c = T S_c / sum of S over the zone's cells`, `S_c = sum of w_s (1 - d^2/h^2)^2` over the zone's cells `s` nearer than
/// `h`; `T` the zone's total in `totals` (its place is the label: `totals[0]` is unused), `w` the `weights` from 0 to 1 (the
/// share of the cell that can hold it, for instance cropland; NaN is 0), `d` the distance of the middles and `h` the
/// bandwidth, metres. Source: method 2.2 `areal_heatmap`: spread evenly over the weighted cells, smoothed by the quartic
/// kernel, renormalised inside the zone, so that each zone's cells sum to its total (to f32). Divide by the area of a cell for
/// a density.
///
/// Cells without a zone, or of a zone beyond the end of `totals` or with a NaN total, are NaN: nothing is known of them. A zone without weight gets 0, as method 2.2
/// has it, and so do cells with no weighted cell within `h`. An infinite or negative total, a weight outside 0 to 1 and a
/// bandwidth that isn't positive are errors.
///
/// ```
/// use kend_cells::{Grid, Surface, heat_map};
/// let grid = Grid::new(0.0, 0.0, 100.0, 4, 1)?;
/// let zones = Surface::filled(grid, 1);
/// let cropland = Surface::new(grid, vec![1.0, 0.0, 0.0, 0.0])?;
/// let map = heat_map(&zones, &cropland, &[f64::NAN, 90.0], 200.0)?;
/// assert_eq!(map.values(), [57.6, 32.4, 0.0, 0.0], "as 1 to (1 - 1/4)^2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn heat_map(
    zones: &Surface<u16>,
    weights: &Surface<f32>,
    totals: &[f64],
    bandwidth_m: f64,
) -> Result<Surface<f32>, HeatMapError> {
    zones.same_grid(weights, "the weights")?;
    let radius = bandwidth_m / zones.grid().cell_m();
    if !(radius > 0.0 && radius <= MAX_BANDWIDTH_CELLS) {
        return Err(HeatMapError::Bandwidth { bandwidth_m });
    }
    let wrong = weights.values().iter().position(|weight| !(weight.is_nan() || (0.0..=1.0).contains(weight)));
    if let Some((cell, weight)) = wrong.and_then(|at| Some((weights.grid().cell(at)?, *weights.values().get(at)?))) {
        return Err(HeatMapError::Weight { cell, weight });
    }
    for (zone, total) in (0..=u16::MAX).zip(totals).skip(1) {
        if total.is_infinite() || *total < 0.0 {
            return Err(HeatMapError::Total { zone, total: *total });
        }
    }
    let mut map = Surface::filled(*zones.grid(), f32::NAN);
    let mut smoother = Smoother::new(radius);
    for (extent, total) in extents(zones).into_iter().zip(totals) {
        if let Some(extent) = extent.filter(|_| !total.is_nan()) {
            Zone { zones, weights, extent }.fill(*total, &mut smoother, &mut map);
        }
    }
    Ok(map)
}

/// The rows and columns that a zone lies in; the ends are not part of it.
#[derive(Debug, Clone, Copy)]
struct Extent {
    label: u16,
    rows: (u32, u32),
    columns: (u32, u32),
}

/// The extent of each zone, by label.
fn extents(zones: &Surface<u16>) -> Vec<Option<Extent>> {
    let labels = usize::from(zones.values().iter().copied().max().unwrap_or(NO_LABEL)) + 1;
    let mut extents: Vec<Option<Extent>> = vec![None; labels];
    for (row, labels) in (0..).zip(zones.rows()) {
        let mut column = 0;
        for run in labels.chunk_by(|one, other| one == other) {
            let end = column + u32::try_from(run.len()).unwrap_or(u32::MAX);
            if let Some(&label) = run.first().filter(|label| **label != NO_LABEL)
                && let Some(slot) = extents.get_mut(usize::from(label))
            {
                let extent = slot.get_or_insert(Extent { label, rows: (row, row + 1), columns: (column, end) });
                extent.rows.1 = row + 1;
                extent.columns = (extent.columns.0.min(column), extent.columns.1.max(end));
            }
            column = end;
        }
    }
    extents
}

/// A zone and what it lies in.
struct Zone<'a> {
    zones: &'a Surface<u16>,
    weights: &'a Surface<f32>,
    extent: Extent,
}

impl Zone<'_> {
    fn fill(&self, total: f64, smoother: &mut Smoother, map: &mut Surface<f32>) {
        let columns = place(self.extent.columns.1 - self.extent.columns.0);
        let mut weights = Vec::with_capacity(columns * place(self.extent.rows.1 - self.extent.rows.0));
        let mut inside = Vec::with_capacity(weights.capacity());
        for range in self.rows() {
            let labels = self.zones.values().get(range.clone()).unwrap_or_default();
            let cells = self.weights.values().get(range).unwrap_or_default();
            for (label, weight) in labels.iter().zip(cells) {
                let here = *label == self.extent.label;
                inside.push(here);
                weights.push(if here && *weight > 0.0 { f64::from(*weight) } else { 0.0 });
            }
        }
        let smooth = smoother.smooth(&weights, &inside, columns);
        let sum: f64 = smooth.iter().sum();
        let scale = if sum > 0.0 { total / sum } else { 0.0 };
        for ((range, smooth), inside) in self.rows().zip(smooth.chunks(columns)).zip(inside.chunks(columns)) {
            let cells = map.values_mut().get_mut(range).unwrap_or_default();
            for ((cell, smooth), inside) in cells.iter_mut().zip(smooth).zip(inside) {
                if *inside {
                    *cell = narrow(scale * smooth);
                }
            }
        }
    }

    /// Where the zone's rows stand in a surface, within its columns.
    fn rows(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let grid: Grid = *self.zones.grid();
        let (first, end) = self.extent.columns;
        (self.extent.rows.0..self.extent.rows.1).map(move |row| {
            let begin = place(row) * place(grid.columns());
            begin + place(first)..begin + place(end)
        })
    }
}

#[cfg(test)]
mod tests;
