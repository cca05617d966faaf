use geo::{LineString, Polygon};
use proptest::prelude::*;

use super::*;
use crate::coverage::coverage;
use crate::grid::Cell;
use crate::strategies::between;

fn grid() -> Grid {
    Grid::new(0.0, 1000.0, 100.0, 10, 10).unwrap()
}

/// A turned, stretched raster whose corners are bent a little, as a projection does.
fn corner(turn: f64, size_m: f64, origin: (f64, f64)) -> impl Fn(u32, u32) -> (f64, f64) {
    move |column, row| {
        let (east, south) = (f64::from(column) * size_m, f64::from(row) * size_m * 0.8);
        let bend = 1e-5 * east * south;
        (origin.0 + east * turn.cos() + south * turn.sin() + bend, origin.1 + east * turn.sin() - south * turn.cos())
    }
}

#[test]
fn a_source_in_fine_cells_gives_shares_of_classes() {
    let fine = Affine { x: 0.0, x_per_column: 50.0, x_per_row: 0.0, y: 1000.0, y_per_column: 0.0, y_per_row: -50.0 };
    let classes: Vec<u8> = (0..400_u16).map(|index| if index % 20 < 3 { 40 } else { 10 }).collect();
    let source = Source { columns: 20, rows: 20, values: &classes, corner: |column, row| fine.at(column, row) };
    let mut cropland = AreaMean::new(grid());
    cropland.add(&source, |class| Some(if *class == 40 { 1.0 } else { 0.0 })).unwrap();
    let shares = cropland.surface(1.0);
    let row: Vec<f32> = shares.rows().next().unwrap().to_vec();
    assert_eq!(row[..3], [1.0, 0.5, 0.0]);
}

#[test]
fn what_is_missing_takes_no_part() {
    let wide = Affine { x: 0.0, x_per_column: 50.0, x_per_row: 0.0, y: 1000.0, y_per_column: 0.0, y_per_row: -1000.0 };
    let values = [3.0, f32::NAN, f32::NAN, 5.0];
    let source = Source { columns: 4, rows: 1, values: &values, corner: |column, row| wide.at(column, row) };
    let mut mean = AreaMean::new(grid());
    mean.add(&source, |value| Some(f64::from(*value))).unwrap();
    assert_eq!(mean.surface(0.5).values()[..2], [3.0, 5.0]);
    assert!(mean.surface(0.51).values()[0].is_nan());
    assert!(mean.surface(0.0).values()[2].is_nan(), "nothing covers it");
}

#[test]
fn wrong_sources_are_refused_with_their_place() {
    let unit = Affine { x: 0.0, x_per_column: 1.0, x_per_row: 0.0, y: 0.0, y_per_column: 0.0, y_per_row: -1.0 };
    let at = |column, row| unit.at(column, row);
    let error = |values: &[f32], columns, rows| {
        let mut sum = AreaSum::new(grid());
        sum.add(&Source { columns, rows, values, corner: at }, |value| Some(f64::from(*value))).unwrap_err().to_string()
    };
    assert_eq!(error(&[1.0], 1, 2), "a surface of 2 cells was given 1 values");
    assert_eq!(error(&[], 0, 0), "a surface of 0 cells was given 0 values");
    assert_eq!(error(&[1.0, -2.0], 1, 2), "source cell 1 has the value -2");
    assert_eq!(error(&[1.0, f32::INFINITY], 1, 2), "source cell 1 has the value inf");
    let bent = |column: u32, row: u32| (if column == 1 && row == 1 { f64::NAN } else { 0.0 }, 0.0);
    let source = Source { columns: 1, rows: 1, values: &[1.0_f32], corner: bent };
    let error = AreaMean::new(grid()).add(&source, |_| None).unwrap_err();
    assert_eq!(error.to_string(), "the corner in column 1, row 1 of the source lies at (NaN, 0)");
}

#[test]
fn counts_where_nobody_is_stay_exactly_nothing() {
    let source = Source {
        columns: 3,
        rows: 3,
        values: &[0.0_f32, 0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0],
        corner: corner(0.3, 90.0, (300.0, 700.0)),
    };
    let mut people = AreaSum::new(grid());
    people.add(&source, |people| Some(f64::from(*people))).unwrap();
    let people = people.surface();
    let touched = people.values().iter().filter(|people| **people != 0.0).count();
    assert!((1..=6).contains(&touched), "{touched} cells");
    assert_eq!(people.get(Cell { row: 9, column: 9 }), Some(&0.0));
}

proptest! {
    #[test]
    fn totals_are_preserved_and_a_constant_stays_constant(
        turn in -0.5_f64..0.5,
        size_m in prop_oneof![5.0_f64..30.0, 60.0_f64..260.0],
        origin in (-500.0_f64..1200.0, -100.0_f64..1500.0),
        counts in prop::collection::vec(prop_oneof![Just(0.0_f32), between(0.0, 50.0)], 12 * 9),
    ) {
        let source = Source { columns: 12, rows: 9, values: &counts, corner: corner(turn, size_m, origin) };
        let mut sum = AreaSum::new(grid());
        sum.add(&source, |count| Some(f64::from(*count))).unwrap();
        let total: f64 = counts.iter().copied().map(f64::from).sum();
        let arrived: f64 = sum.sums.values().iter().sum();
        prop_assert!((arrived + sum.outside() - total).abs() <= 1e-9 * total.max(1.0), "{arrived} {} {total}", sum.outside());
        let mut mean = AreaMean::new(grid());
        mean.add(&source, |_| Some(7.5)).unwrap();
        let corner = &source.corner;
        let outline = (0..12).map(|column| corner(column, 0))
            .chain((0..9).map(|row| corner(12, row)))
            .chain((1..=12).rev().map(|column| corner(column, 9)))
            .chain((1..=9).rev().map(|row| corner(0, row)));
        let outline = Polygon::new(outline.map(geo::Coord::from).collect::<LineString>(), vec![]);
        let covered = coverage(&grid(), &outline.into()).unwrap();
        for ((sum, areas), covered) in mean.sums.values().iter().zip(covered.values()) {
            prop_assert!((areas - covered).abs() < 1e-9, "{areas} {covered}");
            prop_assert!(*areas == 0.0 || (sum / areas - 7.5).abs() < 1e-9);
        }
    }
}
