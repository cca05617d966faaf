//! Cells as polygons: for maps that draw outlines, and programs that read no cells.

use std::collections::BTreeMap;

use geo::{Area as _, Coord, LineString, MultiPolygon, Polygon};

use crate::clusters::NO_LABEL;
use crate::surface::Surface;

/// The cells of each label as polygons whose edges are exactly the edges of cells, by label, metres.
///
/// Cells that share an edge are of one polygon; cells that share a corner alone are of two that touch there. Rings have a corner
/// only where they turn; exteriors run clockwise, as east, then south; polygons stand in the order of their first cells
/// from the north-west. Every ring is simple, so that [`crate::coverage`] of the polygons is 1 in the cells of the label and 0
/// in all others. Cells labelled [`NO_LABEL`] have no outline.
///
/// ```
/// use kend_cells::{Grid, Surface, outlines};
/// let labels = Surface::new(Grid::new(0.0, 200.0, 100.0, 2, 2)?, vec![7, 7, 0, 7])?;
/// let outlines = outlines(&labels);
/// let corners: Vec<(f64, f64)> = outlines[&7].0[0].exterior().coords().map(|at| (at.x, at.y)).collect();
/// let expected = [(200., 200.), (200., 0.), (100., 0.), (100., 100.), (0., 100.), (0., 200.), (200., 200.)];
/// assert_eq!(corners, expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn outlines(labels: &Surface<u16>) -> BTreeMap<u16, MultiPolygon> {
    let mut tracing = Tracing { labels, passed: vec![false; labels.grid().cells()] };
    let mut part_of = Surface::filled(*labels.grid(), NO_PART);
    // Of each part the label, the exterior and the holes.
    let mut parts: Vec<(u16, LineString, Vec<LineString>)> = Vec::new();
    for row in 0..labels.grid().rows() {
        for column in 0..labels.grid().columns() {
            let (row, column) = (i64::from(row), i64::from(column));
            let label = tracing.label(row, column);
            if label == NO_LABEL || tracing.label(row - 1, column) == label || tracing.is_passed(row, column) {
                continue;
            }
            let rings = simple_rings(tracing.walk(row, column, label)).into_iter().map(|ring| tracing.in_metres(&ring));
            // The first cell of a part is met on its exterior; it is the only ring of the part that runs clockwise.
            if part(&part_of, row, column) == NO_PART {
                mark(labels, &mut part_of, (row, column), parts.len());
                parts.push((label, LineString::new(Vec::new()), Vec::new()));
            }
            let Some((_, exterior, holes)) = parts.get_mut(part(&part_of, row, column)) else { continue };
            for ring in rings {
                let around = Polygon::new(ring, Vec::new());
                let clockwise = around.signed_area() < 0.0;
                let (ring, _) = around.into_inner();
                if clockwise {
                    *exterior = ring;
                } else {
                    holes.push(ring);
                }
            }
        }
    }
    let mut outlines: BTreeMap<u16, Vec<Polygon>> = BTreeMap::new();
    for (label, exterior, holes) in parts {
        outlines.entry(label).or_default().push(Polygon::new(exterior, holes));
    }
    outlines.into_iter().map(|(label, polygons)| (label, MultiPolygon::new(polygons))).collect()
}

/// The cell is of no part yet.
const NO_PART: usize = usize::MAX;

/// A corner of cells: row and column of the cell south-east of it.
type Corner = (i64, i64);

fn index(surface: &Surface<impl Clone>, row: i64, column: i64) -> Option<usize> {
    let (row, column) = (u32::try_from(row).ok()?, u32::try_from(column).ok()?);
    surface.grid().index(crate::grid::Cell { row, column })
}

fn part(part_of: &Surface<usize>, row: i64, column: i64) -> usize {
    index(part_of, row, column).and_then(|index| part_of.values().get(index)).copied().unwrap_or(NO_PART)
}

/// Gives all cells that hang together with one by edges its part.
fn mark(labels: &Surface<u16>, part_of: &mut Surface<usize>, first: (i64, i64), number: usize) {
    let label = |row, column| index(labels, row, column).and_then(|index| labels.values().get(index)).copied();
    let own = label(first.0, first.1);
    let mut open = vec![first];
    while let Some((row, column)) = open.pop() {
        let Some(index) = index(part_of, row, column) else { continue };
        let Some(part) = part_of.values_mut().get_mut(index).filter(|part| **part == NO_PART) else { continue };
        if label(row, column) != own {
            continue;
        }
        *part = number;
        open.extend([(row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)]);
    }
}

struct Tracing<'a> {
    labels: &'a Surface<u16>,
    /// Cells whose northern edge a walk has passed.
    passed: Vec<bool>,
}

impl Tracing<'_> {
    fn label(&self, row: i64, column: i64) -> u16 {
        index(self.labels, row, column).and_then(|index| self.labels.values().get(index)).copied().unwrap_or(NO_LABEL)
    }

    fn is_passed(&self, row: i64, column: i64) -> bool {
        index(self.labels, row, column).and_then(|index| self.passed.get(index)).copied().unwrap_or_default()
    }

    /// The corners where a walk turns that begins along the northern edge of a cell, eastwards, with the label at its right
    /// hand. At a corner where cells of the label meet crosswise it keeps to the cell that it comes along.
    fn walk(&mut self, row: i64, column: i64, label: u16) -> Vec<Corner> {
        let begin = ((row, column), (0, 1));
        let (mut at, mut heading): (Corner, (i64, i64)) = begin;
        let mut turns = Vec::new();
        loop {
            if heading == (0, 1)
                && let Some(passed) = index(self.labels, at.0, at.1).and_then(|index| self.passed.get_mut(index))
            {
                *passed = true;
            }
            at = (at.0 + heading.0, at.1 + heading.1);
            // Right of a heading (down, right) is (right, -down).
            let right = (heading.1, -heading.0);
            let cell = |forward: (i64, i64), side: (i64, i64)| {
                // A corner's cells lie half a step forward and half a step to a side.
                let down = at.0 + (forward.0 + side.0 - 1).div_euclid(2);
                let across = at.1 + (forward.1 + side.1 - 1).div_euclid(2);
                self.label(down, across) == label
            };
            let left = (-right.0, -right.1);
            let next = match (cell(heading, right), cell(heading, left)) {
                (false, _) => right,
                (true, false) => heading,
                (true, true) => left,
            };
            if next != heading {
                turns.push(at);
            }
            heading = next;
            if (at, heading) == begin {
                return turns;
            }
        }
    }

    fn in_metres(&self, ring: &[Corner]) -> LineString {
        let grid = self.labels.grid();
        let number = |count: i64| u32::try_from(count).map_or(0.0, f64::from);
        ring.iter()
            .map(|(row, column)| Coord {
                x: grid.west_m() + number(*column) * grid.cell_m(),
                y: grid.north_m() - number(*row) * grid.cell_m(),
            })
            .collect()
    }
}

/// A closed walk cut where it comes to a corner again: there a hole touches the exterior, or another hole.
fn simple_rings(walk: Vec<Corner>) -> Vec<Vec<Corner>> {
    let mut rings = Vec::new();
    let mut open: Vec<Corner> = Vec::new();
    let mut place_of: BTreeMap<Corner, usize> = BTreeMap::new();
    for corner in walk {
        if let Some(begin) = place_of.get(&corner).copied() {
            let ring = open.split_off(begin);
            for passed in &ring {
                place_of.remove(passed);
            }
            rings.push(ring);
        }
        place_of.insert(corner, open.len());
        open.push(corner);
    }
    rings.push(open);
    rings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::coverage::coverage;
    use crate::grid::Grid;

    fn of(columns: u32, labels: &[u16]) -> BTreeMap<u16, MultiPolygon> {
        let rows = u32::try_from(labels.len()).unwrap() / columns;
        let grid = Grid::new(0.0, 0.0, 100.0, columns, rows).unwrap();
        outlines(&Surface::new(grid, labels.to_vec()).unwrap())
    }

    fn rings(polygons: &MultiPolygon) -> Vec<(usize, usize)> {
        polygons.iter().map(|polygon| (polygon.exterior().0.len(), polygon.interiors().len())).collect()
    }

    #[test]
    fn holes_corners_and_islands_are_told_apart() {
        let ring = of(3, &[1, 1, 1, 1, 0, 1, 1, 1, 1]);
        assert_eq!(rings(&ring[&1]), [(5, 1)]);
        let crosswise = of(2, &[1, 0, 0, 1]);
        assert_eq!(rings(&crosswise[&1]), [(5, 0), (5, 0)]);
        // The hole touches the exterior where the ring is closed by a corner alone.
        let horseshoe = of(3, &[1, 1, 1, 1, 0, 1, 1, 1, 0]);
        assert_eq!(rings(&horseshoe[&1]), [(7, 1)]);
        let island = of(5, &[1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
        assert_eq!(rings(&island[&1]), [(5, 1), (5, 0)]);
        let two = of(2, &[3, 9, 3, 9]);
        assert_eq!(two.keys().copied().collect::<Vec<_>>(), [3, 9]);
        assert!(of(2, &[0, 0]).is_empty());
    }

    proptest! {
        #[test]
        fn outlines_cover_the_cells_of_their_label_and_no_other(
            labels in prop::collection::vec(0_u16..3, 12 * 11),
        ) {
            let grid = Grid::new(-300.0, 700.0, 100.0, 12, 11).unwrap();
            let surface = Surface::new(grid, labels).unwrap();
            let outlines = outlines(&surface);
            for label in 1..3 {
                let Some(polygons) = outlines.get(&label) else {
                    prop_assert!(surface.values().iter().all(|other| *other != label));
                    continue;
                };
                let covered = coverage(&grid, polygons).unwrap();
                for (other, share) in surface.values().iter().zip(covered.values()) {
                    prop_assert_eq!(share.to_bits(), f64::from(u8::from(*other == label)).to_bits());
                }
                // No corner on a straight stretch.
                for ring in polygons.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors())) {
                    for three in ring.0.windows(3) {
                        let across = |one: usize| three[one].x.to_bits() != three[one + 1].x.to_bits();
                        prop_assert!(across(0) != across(1));
                    }
                }
            }
        }
    }
}
