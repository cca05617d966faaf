//! The share of every cell that polygons cover, exactly.
//!
//! No polygon is cut with a cell. Each edge adds, to the cells of a row that it passes and to the one after them, what of
//! them lies east of it, with the sign of its direction; the sum along the row is then the covered area, as letters
//! are drawn on screens ([`edge`]). That is exact but for rounding, and costs the length of the outlines and one pass over
//! the cells, however large the polygons are.

pub(crate) mod edge;
mod labels;
mod simple;

use geo::{LineString, MultiPolygon, Polygon};
use thiserror::Error;

use crate::grid::Grid;
use crate::number::place;
use crate::surface::Surface;
use edge::Window;

pub use labels::{ZoneLabelsError, zone_labels};

/// Shares as near as this to 0 or 1 are 0 or 1: rounding, over rows of thousands of cells, stays a hundred times below.
const SNAP: f64 = 1e-11;

/// Which ring of a polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingPlace {
    /// Which polygon, from 0.
    pub polygon: usize,
    /// Which ring of it: 0 is the outline, the holes follow.
    pub ring: usize,
}

impl std::fmt::Display for RingPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ring {
            0 => write!(f, "the outline of polygon {}", self.polygon),
            hole => write!(f, "hole {hole} of polygon {}", self.polygon),
        }
    }
}

/// Why there is no coverage.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum CoverageError {
    /// A coordinate that is NaN or infinite.
    #[error("{place} has a coordinate that is not finite: ({x_m}, {y_m})")]
    NotFinite {
        /// Which ring.
        place: RingPlace,
        /// Easting, metres.
        x_m: f64,
        /// Northing, metres.
        y_m: f64,
    },
    /// A ring that meets itself.
    #[error("{place} meets itself near ({x_m}, {y_m})")]
    MeetsItself {
        /// Which ring.
        place: RingPlace,
        /// Easting, metres.
        x_m: f64,
        /// Northing, metres.
        y_m: f64,
    },
    /// Two rings of a polygon that cross, or share a stretch.
    #[error("{place} crosses ring {other} of its polygon near ({x_m}, {y_m})")]
    Crosses {
        /// Which ring.
        place: RingPlace,
        /// The other ring of the polygon.
        other: usize,
        /// Easting, metres.
        x_m: f64,
        /// Northing, metres.
        y_m: f64,
    },
    /// A hole outside the outline.
    #[error("{place} lies outside the outline")]
    HoleOutside {
        /// Which ring.
        place: RingPlace,
    },
}

/// The share of each cell that the polygons of a layer cover, 0 to 1.
///
/// `c = area(cell and layer) / area(cell)`, by planar geometry; rounding is below 1e-11, and what is as near to 0 or 1 is
/// 0 or 1. Source: method 2.2 `coverage`; the sum of signed areas under edges is that of font rasterisers. Polygons of one
/// layer must not overlap: where they do, their shares are added and held at 1, so whoever has overlapping polygons
/// unites them first. The direction of rings doesn't matter, polygons may reach beyond the grid, empty ones cover
/// nothing. A coordinate that isn't finite, a ring that meets itself, rings that cross and a hole
/// outside its outline are errors that name the ring.
///
/// ```
/// use geo::{MultiPolygon, polygon};
/// let grid = kend_cells::Grid::new(0.0, 100.0, 100.0, 2, 1)?;
/// let layer = MultiPolygon::new(vec![polygon![(x: 50.0, y: 0.0), (x: 150.0, y: 0.0), (x: 150.0, y: 50.0), (x: 50.0, y: 50.0)]]);
/// assert_eq!(kend_cells::coverage(&grid, &layer)?.values(), [0.25, 0.25]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn coverage(grid: &Grid, layer: &MultiPolygon) -> Result<Surface<f64>, CoverageError> {
    check_polygons(layer)?;
    let mut shares = Surface::filled(*grid, 0.0);
    let mut window = Window::new(grid.columns(), grid.rows(), shares.values_mut());
    for polygon in layer {
        add_polygon(grid, polygon, &mut window);
    }
    for row in shares.values_mut().chunks_exact_mut(place(grid.columns())) {
        let mut sum = 0.0;
        for share in row {
            sum += *share;
            *share = snapped(sum);
        }
    }
    Ok(shares)
}

/// Refuses polygons that [`coverage`] refuses: for whoever reads them long before there is a grid.
///
/// ```
/// use geo::{MultiPolygon, polygon};
/// let bow_tie = MultiPolygon::new(vec![polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0), (x: 1.0, y: 0.0), (x: 0.0, y: 1.0)]]);
/// let error = kend_cells::check_polygons(&bow_tie).unwrap_err();
/// assert_eq!(error.to_string(), "the outline of polygon 0 meets itself near (0.5, 0.5)");
/// ```
pub fn check_polygons(layer: &MultiPolygon) -> Result<(), CoverageError> {
    (0..).zip(layer).try_for_each(|(number, polygon)| simple::check(number, polygon))
}

fn snapped(share: f64) -> f64 {
    if share < SNAP {
        0.0
    } else if share > 1.0 - SNAP {
        1.0
    } else {
        share
    }
}

fn add_polygon(grid: &Grid, polygon: &Polygon, window: &mut Window<'_>) {
    add_ring(grid, polygon.exterior(), 1.0, window);
    for hole in polygon.interiors() {
        add_ring(grid, hole, -1.0, window);
    }
}

/// Adds what lies within a ring, whichever way round it runs.
fn add_ring(grid: &Grid, ring: &LineString, weight: f64, window: &mut Window<'_>) {
    let in_cells = |coordinate: &geo::Coord| grid.in_cells(coordinate.x, coordinate.y);
    let edges = || ring.0.iter().zip(ring.0.iter().skip(1)).map(|(from, to)| (in_cells(from), in_cells(to)));
    // From the ring's first corner: far from the origin the products would lose digits.
    let Some((corner, _)) = edges().next() else { return };
    let doubled: f64 =
        edges().map(|((x0, y0), (x1, y1))| (x0 - corner.0) * (y1 - corner.1) - (x1 - corner.0) * (y0 - corner.1)).sum();
    // Rows run downwards: a ring that has its western side going down encloses a negative doubled area.
    let weight = if doubled > 0.0 { -weight } else { weight };
    for (from, to) in edges() {
        window.add_edge(from, to, weight);
    }
}

#[cfg(test)]
mod tests;
