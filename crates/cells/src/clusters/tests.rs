use proptest::prelude::*;

use super::*;
use crate::grid::{Cell, Grid};

const NO_LIMITS: ClusterRules =
    ClusterRules { neighbours: Neighbours::Eight, merge_within_m: 0.0, least_area_km2: 0.0, least_population: 0.0 };

/// A mask from a picture: `#` is in.
fn mask(picture: &[&str]) -> Surface<bool> {
    let (columns, rows) = (picture[0].len(), picture.len());
    let grid = Grid::new(0.0, 0.0, 100.0, u32::try_from(columns).unwrap(), u32::try_from(rows).unwrap()).unwrap();
    Surface::new(grid, picture.iter().flat_map(|row| row.chars().map(|cell| cell == '#')).collect()).unwrap()
}

/// The parts of a mask without the filter.
fn parts(mask: &Surface<bool>, neighbours: Neighbours, merge_within_m: f64) -> Vec<Option<usize>> {
    let mut parts = components(mask, neighbours);
    parts.merge_within(merge_within_m);
    parts.labels().collect()
}

fn count(picture: &[&str], neighbours: Neighbours, merge_within_m: f64) -> usize {
    let labels = parts(&mask(picture), neighbours, merge_within_m);
    labels.into_iter().flatten().max().map_or(0, |most| most + 1)
}

#[test]
fn corners_join_eight_neighbours_and_not_four() {
    let picture = ["##...", "..#..", "#..##"];
    assert_eq!(count(&picture, Neighbours::Eight, 0.0), 2);
    assert_eq!(count(&picture, Neighbours::Four, 0.0), 4);
    assert_eq!(count(&["....."], Neighbours::Eight, 500.0), 0);
}

#[test]
fn parts_nearer_than_five_hundred_metres_are_one() {
    assert_eq!(count(&["#....#"], Neighbours::Eight, 500.0), 1, "400 m lie between");
    assert_eq!(count(&["#.....#"], Neighbours::Eight, 500.0), 2, "500 m lie between");
    // Three rows and three columns between: 424 m; three and four: exactly 500 m.
    let picture = |last: &'static str| ["#.....", "......", "......", "......", last];
    assert_eq!(count(&picture("....#."), Neighbours::Eight, 500.0), 1);
    assert_eq!(count(&picture(".....#"), Neighbours::Eight, 500.0), 2);
    assert_eq!(count(&["#", ".", ".", ".", ".", "#"], Neighbours::Eight, 500.0), 1);
    assert_eq!(count(&["#", ".", ".", ".", ".", ".", "#"], Neighbours::Eight, 500.0), 2);
}

#[test]
fn clusters_are_numbered_by_people_and_small_ones_fall_away() {
    let picture = ["###...###..###", "###...###..###", "###...###..###"];
    let in_class = mask(&picture);
    let grid = *in_class.grid();
    let people = |column: u32| [1.0, 3.0, 0.1][usize::from(column > 4) + usize::from(column > 9)];
    let values = (0..grid.cells()).map(|index| people(grid.cell(index).unwrap().column)).collect();
    let population = Surface::new(grid, values).unwrap();
    let excluded = Surface::filled(grid, false);
    let rules = ClusterRules { least_area_km2: 0.05, least_population: 2.0, ..NO_LIMITS };
    let found = clusters(&in_class, &population, &excluded, &rules).unwrap();
    // The filter takes the four corners of each square: five cells are left.
    let numbers: Vec<_> =
        found.clusters.iter().map(|cluster| (cluster.number, cluster.cells, cluster.population)).collect();
    assert_eq!(numbers, [(1, 5, 15.0), (2, 5, 5.0)]);
    assert_eq!(found.labels.get(Cell { row: 1, column: 7 }), Some(&1));
    assert_eq!(found.labels.get(Cell { row: 1, column: 1 }), Some(&2));
    assert_eq!(found.labels.get(Cell { row: 1, column: 12 }), Some(&NO_LABEL));
    let larger = ClusterRules { least_area_km2: 0.051, ..rules };
    assert_eq!(clusters(&in_class, &population, &excluded, &larger).unwrap().clusters, []);
}

#[test]
fn excluded_cells_leave_a_cluster_after_it_was_found_large_enough() {
    let in_class = mask(&[".###.", "#####", "#####", "#####", ".###."]);
    let grid = *in_class.grid();
    let population = Surface::filled(grid, 1.0);
    let excluded = Surface::new(grid, (0..25).map(|index| index % 5 < 4).collect()).unwrap();
    let rules = ClusterRules { least_area_km2: 0.15, ..NO_LIMITS };
    let found = clusters(&in_class, &population, &excluded, &rules).unwrap();
    assert_eq!(found.clusters.len(), 1);
    assert_eq!((found.clusters[0].cells, found.clusters[0].population), (3, 3.0));
    let all = Surface::filled(grid, true);
    assert_eq!(clusters(&in_class, &population, &all, &rules).unwrap().clusters, []);
}

#[test]
fn wrong_rules_and_grids_are_refused() {
    let in_class = mask(&["#"]);
    let grid = *in_class.grid();
    let (population, excluded) = (Surface::filled(grid, 1.0), Surface::filled(grid, false));
    for (rules, name) in [
        (ClusterRules { merge_within_m: f64::NAN, ..NO_LIMITS }, "`merge_within_m` cannot be NaN"),
        (ClusterRules { merge_within_m: 1e6, ..NO_LIMITS }, "`merge_within_m`"),
        (ClusterRules { least_area_km2: -1.0, ..NO_LIMITS }, "`least_area_km2` cannot be -1"),
    ] {
        let error = clusters(&in_class, &population, &excluded, &rules).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let other = Surface::filled(Grid::new(5.0, 0.0, 100.0, 1, 1).unwrap(), 1.0);
    assert!(clusters(&in_class, &other, &excluded, &NO_LIMITS).is_err());
}

#[test]
fn a_cluster_that_breaks_up_lives_on_in_its_largest_part_and_one_that_grows_stays() {
    let grid = Grid::new(0.0, 0.0, 100.0, 8, 1).unwrap();
    let surface = |labels: [u16; 8]| Surface::new(grid, labels.to_vec()).unwrap();
    let population = Surface::filled(grid, 1.0);
    let ids = |former, now| {
        let identities = carried_identities(&surface(former), &surface(now), &population, 0.5, 20).unwrap();
        identities.into_iter().map(|identity| identity.id).collect::<Vec<_>>()
    };
    assert_eq!(ids([9, 9, 9, 9, 9, 9, 0, 0], [1, 1, 1, 1, 0, 2, 0, 0]), [9, 20], "breaks up");
    assert_eq!(ids([9, 9, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 0]), [9], "grows");
    assert_eq!(ids([9, 9, 9, 4, 4, 0, 0, 0], [1, 1, 1, 1, 1, 0, 0, 0]), [9], "two become one");
    assert_eq!(ids([9, 9, 9, 9, 9, 0, 0, 0], [1, 1, 2, 2, 0, 0, 0, 0]), [20, 21], "less than half each");
    assert_eq!(ids([9, 9, 4, 4, 0, 0, 0, 0], [2, 2, 0, 0, 0, 1, 0, 0]), [20, 9], "gone and new");
    let two = surface([1, 0, 2, 0, 0, 0, 0, 0]);
    assert!(carried_identities(&surface([0; 8]), &two, &population, 0.5, u16::MAX).is_err(), "one id for two");
}

/// Parts by looking at each pair of cells.
fn brute(mask: &Surface<bool>, touching: impl Fn(u32, u32) -> bool) -> Vec<Option<usize>> {
    let grid = mask.grid();
    let mut labels: Vec<Option<usize>> =
        mask.values().iter().zip(0..).map(|(inside, index)| inside.then_some(index)).collect();
    loop {
        let before = labels.clone();
        for one in 0..grid.cells() {
            for other in 0..grid.cells() {
                let (a, b) = (grid.cell(one).unwrap(), grid.cell(other).unwrap());
                if let (Some(left), Some(right)) = (labels[one], labels[other])
                    && touching(a.row.abs_diff(b.row), a.column.abs_diff(b.column))
                {
                    labels[one] = Some(left.min(right));
                }
            }
        }
        if labels == before {
            break;
        }
    }
    let mut roots: Vec<usize> = labels.iter().copied().flatten().collect();
    roots.sort_unstable();
    roots.dedup();
    labels.into_iter().map(|label| roots.iter().position(|root| Some(*root) == label)).collect()
}

proptest! {
    #[test]
    fn parts_are_those_of_comparing_all_cells(
        columns in 1_u32..12,
        cells in prop::collection::vec(prop::bool::weighted(0.2), 12 * 10),
        distance_m in prop_oneof![Just(0.0), 50.0_f64..450.0],
    ) {
        let grid = Grid::new(0.0, 0.0, 100.0, columns, 10).unwrap();
        let mask = Surface::new(grid, cells[..(columns * 10) as usize].to_vec()).unwrap();
        let expected = brute(&mask, |down, across| {
            let gap = |apart: u32| 100.0 * f64::from(apart.saturating_sub(1));
            (down <= 1 && across <= 1) || gap(down).hypot(gap(across)) < distance_m
        });
        prop_assert_eq!(parts(&mask, Neighbours::Eight, distance_m), expected);
    }

    #[test]
    fn the_majority_is_counted_right(cells in prop::collection::vec(any::<bool>(), 7 * 5)) {
        let grid = Grid::new(0.0, 0.0, 100.0, 7, 5).unwrap();
        let mask = Surface::new(grid, cells).unwrap();
        let smooth = majority_filtered(&mask);
        for index in 0..grid.cells() {
            let cell = grid.cell(index).unwrap();
            let near = (0..grid.cells()).filter(|other| {
                let other = grid.cell(*other).unwrap();
                cell.row.abs_diff(other.row) <= 1 && cell.column.abs_diff(other.column) <= 1
            });
            let inside = near.filter(|other| mask.values()[*other]).count();
            prop_assert_eq!(smooth.values()[index], inside >= 5);
        }
    }
}
