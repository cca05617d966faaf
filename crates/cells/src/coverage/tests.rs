use geo::{Coord, polygon};
use proptest::prelude::*;

use super::*;
use crate::grid::Cell;

/// The area of a ring within a square, by clipping the ring at the square's four sides (Sutherland and Hodgman 1974).
fn clipped_area(ring: &[(f64, f64)], west: f64, south: f64, side: f64) -> f64 {
    let mut ring = ring.to_vec();
    for (which, sign, limit) in [(0, 1.0, west), (0, -1.0, west + side), (1, 1.0, south), (1, -1.0, south + side)] {
        let distance = |point: &(f64, f64)| sign * (if which == 0 { point.0 } else { point.1 } - limit);
        let mut next = Vec::new();
        for (index, to) in ring.iter().enumerate() {
            let from = ring[(index + ring.len() - 1) % ring.len()];
            let (d0, d1) = (distance(&from), distance(to));
            if (d0 > 0.0) != (d1 > 0.0) {
                let share = d0 / (d0 - d1);
                next.push((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
            }
            if d1 > 0.0 {
                next.push(*to);
            }
        }
        ring = next;
    }
    let next = |index: usize| ring[(index + 1) % ring.len()];
    let doubled: f64 = ring.iter().enumerate().map(|(i, (x, y))| x * next(i).1 - next(i).0 * y).sum();
    doubled.abs() / 2.0
}

fn layer(rings: Vec<Vec<(f64, f64)>>) -> MultiPolygon {
    let mut rings = rings.into_iter().map(LineString::from);
    MultiPolygon::new(vec![Polygon::new(rings.next().unwrap(), rings.collect())])
}

#[test]
fn a_hole_an_outside_and_a_split_cell_have_their_exact_shares() {
    let grid = Grid::new(0.0, 300.0, 100.0, 3, 3).unwrap();
    let square = |from: f64, to: f64| vec![(from, from), (to, from), (to, to), (from, to), (from, from)];
    let shares = coverage(&grid, &layer(vec![square(-500.0, 250.0), square(100.0, 200.0)])).unwrap();
    assert_eq!(shares.values(), [0.5, 0.5, 0.25, 1.0, 0.0, 0.5, 1.0, 1.0, 0.5]);
    let turned = |ring: Vec<(f64, f64)>| ring.into_iter().rev().collect();
    let turned = coverage(&grid, &layer(vec![square(-500.0, 250.0), turned(square(100.0, 200.0))])).unwrap();
    assert_eq!(turned, shares, "the direction of rings doesn't matter");
    let triangle = layer(vec![vec![(0.0, 0.0), (300.0, 0.0), (0.0, 300.0)]]);
    let shares = coverage(&grid, &triangle).unwrap();
    assert_eq!(shares.get(Cell { row: 1, column: 1 }), Some(&0.5));
    assert_eq!(coverage(&grid, &MultiPolygon::new(vec![])).unwrap(), Surface::filled(grid, 0.0));
}

#[test]
fn polygons_that_overlap_cover_no_more_than_the_whole() {
    let grid = Grid::new(0.0, 1.0, 1.0, 2, 1).unwrap();
    let one = polygon![(x: 0.0, y: 0.0), (x: 1.5, y: 0.0), (x: 1.5, y: 1.0), (x: 0.0, y: 1.0)];
    let shares = coverage(&grid, &MultiPolygon::new(vec![one.clone(), one])).unwrap();
    assert_eq!(shares.values(), [1.0, 1.0]);
}

#[test]
fn rings_without_a_clear_inside_are_named() {
    let outline = || vec![(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
    let cases = [
        ("NaN", vec![vec![(0.0, 0.0), (f64::NAN, 0.0), (1.0, 1.0)]], "the outline of polygon 0 has a coordinate"),
        (
            "eight",
            vec![vec![(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)]],
            "the outline of polygon 0 meets itself near (1, 1)",
        ),
        (
            "touch",
            vec![vec![(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0)]],
            "meets itself near (1, 1)",
        ),
        ("spike", vec![vec![(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (2.0, 5.0), (2.0, 2.0), (0.0, 2.0)]], "meets itself"),
        (
            "hole crosses",
            vec![outline(), vec![(5.0, 5.0), (15.0, 5.0), (5.0, 6.0)]],
            "hole 1 of polygon 0 crosses ring 0",
        ),
        (
            "hole outside",
            vec![outline(), vec![(20.0, 5.0), (25.0, 5.0), (20.0, 6.0)]],
            "hole 1 of polygon 0 lies outside",
        ),
        (
            "hole twice",
            vec![outline(), vec![(1.0, 1.0), (2.0, 1.0), (1.0, 2.0)], vec![(1.0, 1.0), (2.0, 1.0), (1.0, 2.0)]],
            "hole 2 of polygon 0 crosses ring 1",
        ),
    ];
    let grid = Grid::new(0.0, 10.0, 1.0, 10, 10).unwrap();
    for (name, rings, reason) in cases {
        let error = coverage(&grid, &layer(rings)).unwrap_err().to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

#[test]
fn a_hole_that_touches_the_outline_in_a_point_is_allowed() {
    let grid = Grid::new(0.0, 10.0, 10.0, 1, 1).unwrap();
    let rings =
        vec![vec![(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)], vec![(0.0, 5.0), (5.0, 2.5), (5.0, 7.5)]];
    assert_eq!(coverage(&grid, &layer(rings)).unwrap().values(), [0.875]);
}

/// A ring round a middle: simple, however its radii lie.
fn star() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let middle = (-5.0_f64..25.0, -5.0_f64..25.0);
    (middle, prop::collection::vec(0.01_f64..15.0, 3..30)).prop_map(|((x, y), radii)| {
        let corners = f64::from(u32::try_from(radii.len()).unwrap());
        let angle = |number: u32| f64::from(number) * std::f64::consts::TAU / corners;
        (0..)
            .zip(radii)
            .map(|(number, radius)| (x + radius * angle(number).cos(), y + radius * angle(number).sin()))
            .collect()
    })
}

proptest! {
    #[test]
    fn shares_are_those_of_clipping_each_cell(ring in star()) {
        let grid = Grid::new(0.0, 20.0, 1.0, 20, 20).unwrap();
        let shares = coverage(&grid, &layer(vec![ring.clone()])).unwrap();
        for (index, share) in shares.values().iter().enumerate() {
            let (x, y) = grid.centre(grid.cell(index).unwrap());
            let expected = clipped_area(&ring, x - 0.5, y - 0.5, 1.0);
            prop_assert!((share - expected).abs() < 1e-10, "{share} {expected}");
            prop_assert!(expected > 1e-10 || *share < 2e-10);
        }
    }

    #[test]
    fn halves_that_share_a_crooked_border_add_up_to_the_whole(border in prop::collection::vec(0.0_f64..20.0, 2..12)) {
        let grid = Grid::new(0.0, 20.0, 1.0, 20, 20).unwrap();
        let last = f64::from(u32::try_from(border.len()).unwrap() - 1);
        let border: Vec<Coord> =
            (0..).map(f64::from).zip(&border).map(|(step, x)| Coord { x: *x, y: 20.0 * step / last }).collect();
        let side = |x: f64| {
            let mut ring = vec![Coord { x, y: 0.0 }];
            ring.extend(&border);
            ring.push(Coord { x, y: 20.0 });
            MultiPolygon::new(vec![Polygon::new(LineString::new(ring), vec![])])
        };
        let (west, east) = (coverage(&grid, &side(-1.0)).unwrap(), coverage(&grid, &side(21.0)).unwrap());
        for (west, east) in west.values().iter().zip(east.values()) {
            prop_assert!((west + east - 1.0).abs() < 1e-12);
        }
    }
}
