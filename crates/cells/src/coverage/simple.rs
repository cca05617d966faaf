//! Whether the rings of a polygon are what a polygon may have.
//!
//! A sweep from west to east over all edges of the polygon that compares only those whose extents meet. `geo`'s own check
//! compares each edge of a ring with each other: a coast of 100,000 corners would take minutes.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line, LineString, Polygon};

use super::{CoverageError, RingPlace};

/// An edge of a ring, with its extent.
struct Edge {
    line: Line,
    ring: usize,
    /// Which edge of the ring.
    number: usize,
    /// How many edges the ring has.
    of: usize,
    east: f64,
    south: f64,
    north: f64,
}

impl Edge {
    fn west(&self) -> f64 {
        self.line.start.x.min(self.line.end.x)
    }

    /// Whether both follow each other in one ring.
    fn beside(&self, other: &Self) -> bool {
        let apart = self.number.abs_diff(other.number);
        self.ring == other.ring && (apart == 1 || apart == self.of - 1)
    }
}

/// Refuses what has no clear inside, and names the ring.
pub(super) fn check(polygon_number: usize, polygon: &Polygon) -> Result<(), CoverageError> {
    let place = |ring| RingPlace { polygon: polygon_number, ring };
    let mut edges = Vec::new();
    for (ring, line) in rings(polygon).enumerate() {
        if let Some(wrong) = line.coords().find(|coordinate| !(coordinate.x.is_finite() && coordinate.y.is_finite())) {
            return Err(CoverageError::NotFinite { place: place(ring), x_m: wrong.x, y_m: wrong.y });
        }
        let begin = edges.len();
        edges.extend(line.lines().filter(|line| line.start != line.end).zip(0..).map(|(line, number)| Edge {
            line,
            ring,
            number,
            of: 0,
            east: line.start.x.max(line.end.x),
            south: line.start.y.min(line.end.y),
            north: line.start.y.max(line.end.y),
        }));
        let of = edges.len() - begin;
        edges.iter_mut().skip(begin).for_each(|edge| edge.of = of);
    }
    edges.sort_unstable_by(|one, other| {
        one.west().total_cmp(&other.west()).then((one.ring, one.number).cmp(&(other.ring, other.number)))
    });
    let mut open: Vec<&Edge> = Vec::new();
    for edge in &edges {
        let west = edge.west();
        open.retain(|other| other.east >= west);
        for other in open.iter().filter(|other| other.south <= edge.north && edge.south <= other.north) {
            if let Some(at) = wrong_meeting(edge, other) {
                let (x_m, y_m) = (at.x, at.y);
                return Err(if edge.ring == other.ring {
                    CoverageError::MeetsItself { place: place(edge.ring), x_m, y_m }
                } else {
                    let (first, second) = (edge.ring.min(other.ring), edge.ring.max(other.ring));
                    CoverageError::Crosses { place: place(second), other: first, x_m, y_m }
                });
            }
        }
        open.push(edge);
    }
    for (hole, line) in (1..).zip(polygon.interiors()) {
        let positions = line.coords().map(|corner| coord_pos_relative_to_ring(*corner, polygon.exterior()));
        let position = positions.into_iter().find(|position| *position != CoordPos::OnBoundary);
        if position == Some(CoordPos::Outside) {
            return Err(CoverageError::HoleOutside { place: place(hole) });
        }
    }
    Ok(())
}

fn rings(polygon: &Polygon) -> impl Iterator<Item = &LineString> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

/// Where two edges meet that must not. Neighbours share a corner, and rings of a polygon may touch in a point.
fn wrong_meeting(edge: &Edge, other: &Edge) -> Option<Coord> {
    match line_intersection(edge.line, other.line)? {
        LineIntersection::Collinear { intersection } => {
            let only_a_corner = intersection.start == intersection.end;
            let allowed = only_a_corner && (edge.beside(other) || edge.ring != other.ring);
            (!allowed).then_some(intersection.start)
        }
        LineIntersection::SinglePoint { intersection, is_proper } => {
            let allowed = !is_proper && (edge.beside(other) || edge.ring != other.ring);
            (!allowed).then_some(intersection)
        }
    }
}
