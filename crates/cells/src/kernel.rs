//! Density of points and of lines by the quartic kernel.
//!
//! The plain way adds a disc of thousands of cells for each point. Along a row, though, the kernel of a point is one
//! polynomial of the fourth degree between two columns: what is added is five coefficients where it begins and what is
//! taken away is five where it ends ([`row::Row`]), so a point costs its rows instead of its cells.

mod line;
mod row;

use thiserror::Error;

use crate::grid::{Cell, Grid};
use crate::number::{narrow, place};
use crate::surface::Surface;

pub use line::{LINE_PIECE_M, line_density};
use row::Row;

const METRES_PER_KILOMETRE: f64 = 1000.0;

/// A point with what it counts for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedPoint {
    /// Easting, metres.
    pub x_m: f64,
    /// Northing, metres.
    pub y_m: f64,
    /// Weight, from 0 (1 for a plain point).
    pub weight: f64,
}

/// Why there is no density.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum KernelError {
    /// A bandwidth that isn't a positive number.
    #[error("the bandwidth must be a positive number of metres, not {bandwidth_m}")]
    Bandwidth {
        /// Metres.
        bandwidth_m: f64,
    },
    /// A point that isn't finite or whose weight is negative.
    #[error("point {index} at ({}, {}) with weight {}: coordinates must be finite, a weight from 0", .point.x_m, .point.y_m, .point.weight)]
    Point {
        /// Which, from 0.
        index: usize,
        /// The point.
        point: WeightedPoint,
    },
    /// A line with a coordinate that isn't finite.
    #[error("line {index} has a coordinate that is not finite: ({x_m}, {y_m})")]
    Line {
        /// Which, from 0.
        index: usize,
        /// Easting, metres.
        x_m: f64,
        /// Northing, metres.
        y_m: f64,
    },
}

/// The quartic kernel `K(d) = 3 / (pi h^2) (1 - d^2 / h^2)^2` for `d < h`, else 0; `d` distance and `h` bandwidth in metres,
/// `K` per square kilometre. Its integral over the plane is 1. Source: method 2.2 (Silverman 1986, eq. 4.5). NaN gives
/// NaN; a bandwidth of 0 gives 0.
///
/// ```
/// assert!((kend_cells::quartic_kernel(200.0, 300.0) - 3.27479).abs() < 1e-5);
/// assert_eq!(kend_cells::quartic_kernel(300.0, 300.0), 0.0);
/// ```
pub fn quartic_kernel(distance_m: f64, bandwidth_m: f64) -> f64 {
    if distance_m >= bandwidth_m {
        return 0.0;
    }
    let left = 1.0 - (distance_m / bandwidth_m).powi(2);
    peak_per_km2(bandwidth_m) * left * left
}

/// `K(0)`, per square kilometre.
fn peak_per_km2(bandwidth_m: f64) -> f64 {
    /// Makes the kernel's integral 1.
    const VOLUME: f64 = 3.0;
    VOLUME / (std::f64::consts::PI * (bandwidth_m / METRES_PER_KILOMETRE).powi(2))
}

/// Kernel density of points at the middle of each cell: `sum of w K(d)` over all points within the bandwidth `h`, per
/// square kilometre, with `K` the [`quartic_kernel`], `d` the distance to the point and `w` its weight.
///
/// Source: method 2.2 `kde`. Points outside the grid but within `h` of a cell count. The order of points doesn't matter.
/// Without points 0 everywhere, and exactly 0 where no point is within `h`; elsewhere within 1e-12 of the surface's
/// highest value before rounding to f32. A point that isn't finite, a negative weight or a bandwidth that isn't positive
/// is an error.
///
/// ```
/// use kend_cells::{Grid, WeightedPoint, kernel_density};
/// let grid = Grid::new(0.0, 100.0, 100.0, 4, 1)?;
/// let density = kernel_density(&grid, &[WeightedPoint { x_m: 50.0, y_m: 50.0, weight: 1.0 }], 300.0)?;
/// assert!((density.values()[1] - 8.38347).abs() < 1e-5);
/// assert_eq!(density.values()[3], 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn kernel_density(grid: &Grid, points: &[WeightedPoint], bandwidth_m: f64) -> Result<Surface<f32>, KernelError> {
    if !(bandwidth_m.is_finite() && bandwidth_m > 0.0) {
        return Err(KernelError::Bandwidth { bandwidth_m });
    }
    let wrong = points.iter().position(|point| {
        !(point.x_m.is_finite() && point.y_m.is_finite() && point.weight.is_finite() && point.weight >= 0.0)
    });
    if let Some((index, &point)) = wrong.and_then(|index| Some((index, points.get(index)?))) {
        return Err(KernelError::Point { index, point });
    }
    // From the north, and equal ones by the rest: sums run in one order whatever the order of the input.
    let mut points: Vec<WeightedPoint> = points.iter().copied().filter(|point| point.weight > 0.0).collect();
    points.sort_unstable_by(|one, other| {
        other.y_m.total_cmp(&one.y_m).then(one.x_m.total_cmp(&other.x_m)).then(one.weight.total_cmp(&other.weight))
    });
    let peak = peak_per_km2(bandwidth_m);
    let mut density = Surface::filled(*grid, 0.0);
    let mut row = Row::new(grid, bandwidth_m);
    let mut near = points.as_slice();
    for (number, values) in (0..).zip(density.values_mut().chunks_exact_mut(place(grid.columns()))) {
        let (_, y_m) = grid.centre(Cell { row: number, column: 0 });
        let passed = near.iter().take_while(|point| point.y_m - y_m >= bandwidth_m).count();
        near = near.get(passed..).unwrap_or_default();
        let within = near.iter().take_while(|point| y_m - point.y_m < bandwidth_m);
        within.for_each(|point| row.add(*point, y_m));
        row.take(|column, value| {
            if let Some(cell) = values.get_mut(column) {
                *cell = narrow(peak * value);
            }
        });
    }
    Ok(density)
}

#[cfg(test)]
mod tests;
