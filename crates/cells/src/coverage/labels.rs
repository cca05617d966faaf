//! The zone that each cell belongs to.

use geo::{BoundingRect as _, MultiPolygon};
use thiserror::Error;

use super::{CoverageError, coverage};
use crate::clusters::NO_LABEL;
use crate::grid::Grid;
use crate::number::{floor_within, narrow, place};
use crate::surface::Surface;

/// Why cells have no zones.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ZoneLabelsError {
    /// The polygons of a zone are wrong.
    #[error("zone {zone}: {source}")]
    Zone {
        /// The zone's label.
        zone: u16,
        /// What is wrong.
        source: CoverageError,
    },
    /// More zones than labels.
    #[error("{zones} zones are more than the {} that can be labelled", u16::MAX)]
    TooMany {
        /// How many.
        zones: usize,
    },
}

/// The label of the zone that covers most of each cell; the first zone has label 1. Of zones that cover as much (to f32) the
/// earlier has it. A cell that all zones together cover less than `least_share` of (0 to 1) has [`NO_LABEL`]; so has one
/// that none covers. Wrong polygons are errors as in [`coverage`], with the zone.
///
/// ```
/// use geo::{MultiPolygon, polygon};
/// let square = |west: f64, east: f64| {
///     MultiPolygon::new(vec![polygon![(x: west, y: 0.0), (x: east, y: 0.0), (x: east, y: 100.0), (x: west, y: 100.0)]])
/// };
/// let grid = kend_cells::Grid::new(0.0, 100.0, 100.0, 4, 1)?;
/// let labels = kend_cells::zone_labels(&grid, &[square(0.0, 130.0), square(130.0, 230.0)], 0.5)?;
/// assert_eq!(labels.values(), [1, 2, 0, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zone_labels(grid: &Grid, zones: &[MultiPolygon], least_share: f64) -> Result<Surface<u16>, ZoneLabelsError> {
    let mut labels = Surface::filled(*grid, NO_LABEL);
    // The largest share so far, and all shares together.
    let mut shares = vec![(0.0_f32, 0.0_f32); grid.cells()];
    for (index, polygons) in zones.iter().enumerate() {
        let zone = u16::try_from(index + 1).map_err(|_| ZoneLabelsError::TooMany { zones: zones.len() })?;
        let Some((part, first_row, first_column)) = part_of(grid, polygons) else {
            // Nothing of it is on the grid, and yet it must be right.
            let cell = grid.part(0, 0, 1, 1);
            coverage(&cell, polygons).map_err(|source| ZoneLabelsError::Zone { zone, source })?;
            continue;
        };
        let covered = coverage(&part, polygons).map_err(|source| ZoneLabelsError::Zone { zone, source })?;
        for (row, covered) in (place(first_row)..).zip(covered.rows()) {
            let begin = row * place(grid.columns()) + place(first_column);
            let cells = begin..begin + covered.len();
            let shares = shares.get_mut(cells.clone()).unwrap_or_default();
            let labels = labels.values_mut().get_mut(cells).unwrap_or_default();
            for (((largest, sum), label), covered) in shares.iter_mut().zip(labels).zip(covered) {
                let share = narrow(*covered);
                *sum += share;
                if share > *largest {
                    (*largest, *label) = (share, zone);
                }
            }
        }
    }
    for (label, (_, sum)) in labels.values_mut().iter_mut().zip(shares) {
        if f64::from(sum) < least_share {
            *label = NO_LABEL;
        }
    }
    Ok(labels)
}

/// The part of a grid that polygons lie in, and its first row and column. `None` where they lie outside, or where a coordinate
/// is NaN.
fn part_of(grid: &Grid, polygons: &MultiPolygon) -> Option<(Grid, u32, u32)> {
    let extent = polygons.bounding_rect()?;
    let (west, north) = grid.in_cells(extent.min().x, extent.max().y);
    let (east, south) = grid.in_cells(extent.max().x, extent.min().y);
    let range = |from: f64, to: f64, limit: u32| {
        let meets = to > 0.0 && from < f64::from(limit);
        meets.then(|| (floor_within(from, limit - 1), floor_within(to, limit - 1)))
    };
    let (first_column, last_column) = range(west, east, grid.columns())?;
    let (first_row, last_row) = range(north, south, grid.rows())?;
    let part = grid.part(first_row, first_column, last_row - first_row + 1, last_column - first_column + 1);
    Some((part, first_row, first_column))
}

#[cfg(test)]
mod tests {
    use geo::polygon;

    use super::*;

    fn square(west: f64, south: f64, side: f64) -> MultiPolygon {
        let (east, north) = (west + side, south + side);
        MultiPolygon::new(vec![
            polygon![(x: west, y: south), (x: east, y: south), (x: east, y: north), (x: west, y: north)],
        ])
    }

    #[test]
    fn a_cell_belongs_to_whoever_has_most_of_it() {
        let grid = Grid::new(0.0, 4.0, 1.0, 4, 4).unwrap();
        let zones =
            [square(-10.0, 1.4, 12.4), square(2.4, 1.4, 50.0), MultiPolygon::new(vec![]), square(90.0, 90.0, 1.0)];
        let labels = zone_labels(&grid, &zones, 0.5).unwrap();
        let rows: Vec<&[u16]> = labels.rows().collect();
        assert_eq!(rows, [[1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2], [0, 0, 0, 0]]);
        let labels = zone_labels(&grid, &zones, 0.7).unwrap();
        assert_eq!(labels.rows().nth(2).unwrap(), [0; 4]);
    }

    #[test]
    fn halves_go_to_the_earlier_zone() {
        let grid = Grid::new(0.0, 1.0, 1.0, 1, 1).unwrap();
        let labels = zone_labels(&grid, &[square(0.5, 0.0, 1.0), square(-0.5, 0.0, 1.0)], 1.0).unwrap();
        assert_eq!(labels.values(), [1]);
    }

    #[test]
    fn a_wrong_zone_is_named_even_outside_the_grid() {
        let grid = Grid::new(0.0, 1.0, 1.0, 1, 1).unwrap();
        let eight = polygon![(x: 50.0, y: 0.0), (x: 52.0, y: 2.0), (x: 52.0, y: 0.0), (x: 50.0, y: 2.0)];
        let nan = polygon![(x: f64::NAN, y: 0.0), (x: 0.0, y: 2.0), (x: 1.0, y: 0.0)];
        for wrong in [eight, nan] {
            let error = zone_labels(&grid, &[square(0.0, 0.0, 1.0), wrong.into()], 0.5).unwrap_err().to_string();
            assert!(error.starts_with("zone 2: the outline of polygon 0"), "{error}");
        }
    }
}
