//! Shapes as a pack has them: simplified, in degrees to a metre; and the part of the grid that holds a cluster.

use geo::{Area as _, Coord, LineString, MultiPolygon, Simplify as _};
use kend_cells::{Cell, EqualArea, Grid, Surface, outlines};
use kend_domain::Position;
use kend_pack::{Run, Window};

use super::error::MakePackError;
use crate::build::number::place;

/// Degrees have five decimals, about a metre.
const STEPS: f64 = 1e5;
/// A closed ring of three corners.
const LEAST_CORNERS: usize = 4;
/// The label of a cluster's cells.
const OWN: u16 = 1;

/// Degrees east and north of a point of the plane.
pub(super) fn degrees(plane: &EqualArea, (x_m, y_m): (f64, f64)) -> [f64; 2] {
    let (longitude, latitude) = plane.to_degrees(x_m, y_m);
    [longitude, latitude].map(|degrees| (degrees * STEPS).round() / STEPS)
}

/// A position of a point of the plane; `of` names it should it be off the globe.
pub(super) fn position(plane: &EqualArea, point: (f64, f64), of: &str) -> Result<Position, MakePackError> {
    let [longitude, latitude] = degrees(plane, point);
    Position::new(latitude, longitude).map_err(|source| MakePackError::Position { of: of.to_owned(), source })
}

/// An outline with corners left out that lie within so many metres of a line through the others (Douglas and Peucker 1973).
/// Of a polygon that would vanish all corners stay; holes that would are left out.
pub(super) fn outline(plane: &EqualArea, area: &MultiPolygon, tolerance_m: f64) -> Vec<kend_pack::Polygon> {
    let ring = |line: &LineString| line.coords().map(|at| degrees(plane, (at.x, at.y))).collect();
    let polygons = area.iter().map(|polygon| {
        let simple = polygon.exterior().simplify(tolerance_m);
        let exterior = if simple.0.len() < LEAST_CORNERS { polygon.exterior() } else { &simple };
        let holes = polygon.interiors().iter().map(|hole| hole.simplify(tolerance_m));
        let holes = holes.filter(|hole| hole.0.len() >= LEAST_CORNERS);
        std::iter::once(ring(exterior)).chain(holes.map(|hole| ring(&hole))).collect()
    });
    polygons.collect()
}

/// The largest ring of an outline, simplified; `None` where it is smaller than a square of the tolerance.
pub(super) fn exterior(polygon: &geo::Polygon, tolerance_m: f64) -> Option<LineString> {
    let simple = polygon.exterior().simplify(tolerance_m);
    (polygon.unsigned_area() >= tolerance_m * tolerance_m && simple.0.len() >= LEAST_CORNERS).then_some(simple)
}

/// Points of a line, as a pack's lines take them.
pub(super) fn points(line: &LineString) -> impl Iterator<Item = (f64, f64)> {
    line.coords().map(|Coord { x, y }| (*x, *y))
}

/// Where the cells of a cluster lie.
#[derive(Debug)]
pub(super) struct Footprint {
    pub(super) window: Window,
    pub(super) runs: Vec<Run>,
    /// Exactly along the edges of cells, in the plane.
    pub(super) outline: MultiPolygon,
}

impl Footprint {
    /// Of places in a grid, ascending and not empty.
    pub(super) fn of(grid: &Grid, places: &[u32]) -> Result<Self, MakePackError> {
        let cells: Vec<Cell> = places.iter().filter_map(|index| grid.cell(place(*index))).collect();
        let (mut row, mut column, mut last_row, mut last_column) = (u32::MAX, u32::MAX, 0, 0);
        for cell in &cells {
            (row, column) = (row.min(cell.row), column.min(cell.column));
            (last_row, last_column) = (last_row.max(cell.row), last_column.max(cell.column));
        }
        let span = |first: u32, last: u32| last.saturating_sub(first).saturating_add(1);
        let window = Window { row, column, rows: span(row, last_row), columns: span(column, last_column) };
        let own = window.grid(grid)?;
        let mut labels = Surface::filled(own, kend_cells::NO_LABEL);
        let (mut runs, mut end): (Vec<Run>, u32) = (Vec::new(), 0);
        for cell in cells {
            let at = Cell { row: cell.row - row, column: cell.column - column };
            let Some(index) = own.index(at) else { continue };
            if let Some(label) = labels.values_mut().get_mut(index) {
                *label = OWN;
            }
            let index = at.row * window.columns + at.column;
            match runs.last_mut().filter(|_| index == end) {
                Some(run) => run.cells += 1,
                None => runs.push(Run { skipped: index - end, cells: 1 }),
            }
            end = index + 1;
        }
        let outline = outlines(&labels).remove(&OWN).unwrap_or_else(|| MultiPolygon::new(Vec::new()));
        Ok(Self { window, runs, outline })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_cluster_are_told_by_runs_over_the_least_window_around_them() {
        let grid = Grid::new(0.0, 400.0, 100.0, 5, 4).unwrap();
        // Rows 1 and 2, columns 1 to 3: a corner is missing.
        let Footprint { window, runs, outline } = Footprint::of(&grid, &[6, 7, 8, 11, 13]).unwrap();
        assert_eq!(window, Window { row: 1, column: 1, rows: 2, columns: 3 });
        assert_eq!(runs, [Run { skipped: 0, cells: 4 }, Run { skipped: 1, cells: 1 }]);
        assert!((outline.unsigned_area() - 5e4).abs() < 1e-6);
        let rect = geo::BoundingRect::bounding_rect(&outline).unwrap();
        assert_eq!((rect.min().x, rect.max().y), (100.0, 300.0));
    }

    #[test]
    fn a_simplified_outline_is_closed_and_keeps_small_islands() {
        let square = |west: f64, side: f64| {
            let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
            geo::Polygon::new(corners.into_iter().map(|(x, y)| (west + x, y)).collect(), Vec::new())
        };
        let area = MultiPolygon::new(vec![square(0.0, 5000.0), square(9000.0, 10.0)]);
        let simple = outline(&EqualArea::default(), &area, 100.0);
        assert_eq!(simple.len(), 2);
        for polygon in simple {
            assert_eq!((polygon.len(), polygon[0].len()), (1, 5));
            assert_eq!(polygon[0].first(), polygon[0].last());
        }
    }
}
