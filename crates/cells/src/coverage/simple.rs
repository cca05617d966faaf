//! Whether the rings of a polygon are what a polygon may have.
//!
//! A sweep from west to east over all edges of the polygon that compares only those whose extents meet. `geo`'s own check
//! compares each edge of a ring with each other: a coast of 100,000 corners would take minutes.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::kernels::{Kernel as _, Orientation, RobustKernel};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line, LineString, Polygon};

use super::{CoverageError, RingPlace};

/// An edge of a ring.
struct Edge {
    line: Line,
    west: f64,
    ring: usize,
    /// Which edge of the ring.
    number: usize,
    /// How many edges the ring has.
    of: usize,
}

/// An edge that the sweep has met and not left yet: what most comparisons need, side by side.
struct Open {
    east: f64,
    south: f64,
    north: f64,
    index: usize,
}

/// Refuses what has no clear inside, and names the ring.
pub(super) fn check(polygon_number: usize, polygon: &Polygon) -> Result<(), CoverageError> {
    let place = |ring| RingPlace { polygon: polygon_number, ring };
    let edges =
        edges(polygon).map_err(|(ring, at)| CoverageError::NotFinite { place: place(ring), x_m: at.x, y_m: at.y })?;
    if let Some((edge, other, Coord { x: x_m, y: y_m })) = wrong_pair(&edges) {
        return Err(if edge.ring == other.ring {
            CoverageError::MeetsItself { place: place(edge.ring), x_m, y_m }
        } else {
            let (first, second) = (edge.ring.min(other.ring), edge.ring.max(other.ring));
            CoverageError::Crosses { place: place(second), other: first, x_m, y_m }
        });
    }
    for (hole, line) in (1..).zip(polygon.interiors()) {
        let mut positions = line.coords().map(|corner| coord_pos_relative_to_ring(*corner, polygon.exterior()));
        if positions.find(|position| *position != CoordPos::OnBoundary) == Some(CoordPos::Outside) {
            return Err(CoverageError::HoleOutside { place: place(hole) });
        }
    }
    Ok(())
}

/// The edges of all rings from west to east, or the ring and the coordinate that isn't finite.
fn edges(polygon: &Polygon) -> Result<Vec<Edge>, (usize, Coord)> {
    let mut edges = Vec::new();
    let rings: Vec<&LineString> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    for (ring, line) in rings.into_iter().enumerate() {
        if let Some(wrong) = line.coords().find(|coordinate| !(coordinate.x.is_finite() && coordinate.y.is_finite())) {
            return Err((ring, *wrong));
        }
        let begin = edges.len();
        let lines = line.lines().filter(|line| line.start != line.end);
        edges.extend(lines.zip(0..).map(|(line, number)| {
            let west = line.start.x.min(line.end.x);
            Edge { line, west, ring, number, of: 0 }
        }));
        let of = edges.len() - begin;
        edges.iter_mut().skip(begin).for_each(|edge| edge.of = of);
    }
    edges.sort_unstable_by(|one, other| {
        one.west.total_cmp(&other.west).then((one.ring, one.number).cmp(&(other.ring, other.number)))
    });
    Ok(edges)
}

/// Two edges that meet where they must not, and where. `edges` from west to east.
fn wrong_pair(edges: &[Edge]) -> Option<(&Edge, &Edge, Coord)> {
    let mut open: Vec<Open> = Vec::new();
    for (index, edge) in edges.iter().enumerate() {
        let Line { start, end } = edge.line;
        let (south, north) = (start.y.min(end.y), start.y.max(end.y));
        let mut place = 0;
        while let Some(before) = open.get(place) {
            if before.east < edge.west {
                open.swap_remove(place);
                continue;
            }
            if before.south <= north
                && south <= before.north
                && let Some(other) = edges.get(before.index)
                && let Some(at) = wrong_meeting(edge, other)
            {
                return Some((edge, other, at));
            }
            place += 1;
        }
        open.push(Open { east: start.x.max(end.x), south, north, index });
    }
    None
}

/// Where two edges meet that must not. Neighbours share a corner, and rings of a polygon may touch in a point.
fn wrong_meeting(edge: &Edge, other: &Edge) -> Option<Coord> {
    if edge.ring == other.ring {
        if edge.number == (other.number + 1) % edge.of {
            return spike(other.line, edge.line);
        }
        if other.number == (edge.number + 1) % edge.of {
            return spike(edge.line, other.line);
        }
    }
    match line_intersection(edge.line, other.line)? {
        LineIntersection::Collinear { intersection } => {
            let touches = intersection.start == intersection.end && edge.ring != other.ring;
            (!touches).then_some(intersection.start)
        }
        LineIntersection::SinglePoint { intersection, is_proper } => {
            let touches = !is_proper && edge.ring != other.ring;
            (!touches).then_some(intersection)
        }
    }
}

/// The corner between an edge and the next, if the next runs back on the first.
fn spike(first: Line, next: Line) -> Option<Coord> {
    let back = first.dx() * next.dx() + first.dy() * next.dy() < 0.0;
    let straight = || RobustKernel::orient2d(first.start, first.end, next.end) == Orientation::Collinear;
    (back && straight()).then_some(first.end)
}
