use proptest::prelude::*;

use super::*;
use crate::strategies::between;

/// The plain sums for comparison.
fn brute(zones: &Surface<u16>, weights: &Surface<f32>, totals: &[f64], bandwidth_m: f64) -> Vec<f64> {
    let grid = zones.grid();
    let cells: Vec<(f64, f64)> = (0..grid.cells()).map(|index| grid.centre(grid.cell(index).unwrap())).collect();
    let label = |index: usize| zones.values()[index];
    let smooth = |at: usize| -> f64 {
        let sources = (0..grid.cells()).filter(|source| label(*source) == label(at));
        let kernel = |source: usize| {
            let distance_m = (cells[at].0 - cells[source].0).hypot(cells[at].1 - cells[source].1);
            let weight = f64::from(weights.values()[source]);
            if distance_m < bandwidth_m { weight * (1.0 - (distance_m / bandwidth_m).powi(2)).powi(2) } else { 0.0 }
        };
        sources.map(kernel).sum()
    };
    let smooth: Vec<f64> = (0..grid.cells()).map(smooth).collect();
    (0..grid.cells())
        .map(|at| {
            let sum: f64 =
                (0..grid.cells()).filter(|other| label(*other) == label(at)).map(|other| smooth[other]).sum();
            let total = totals.get(usize::from(label(at))).copied().filter(|_| label(at) != NO_LABEL);
            total.map_or(f64::NAN, |total| if sum > 0.0 { total * smooth[at] / sum } else { 0.0 * total })
        })
        .collect()
}

#[test]
fn zones_without_a_total_are_missing_and_those_without_weight_have_nothing() {
    let grid = Grid::new(0.0, 0.0, 100.0, 5, 1).unwrap();
    let zones = Surface::new(grid, vec![0, 1, 2, 3, 4]).unwrap();
    let weights = Surface::new(grid, vec![1.0, 1.0, f32::NAN, 1.0, 1.0]).unwrap();
    let map = heat_map(&zones, &weights, &[1.0, 5.0, 6.0, f64::NAN], 500.0).unwrap();
    assert_eq!(map.values()[1..3], [5.0, 0.0]);
    assert!([0, 3, 4].into_iter().all(|place| map.values()[place].is_nan()));
}

#[test]
fn wrong_input_is_refused_with_its_place() {
    let grid = Grid::new(0.0, 0.0, 100.0, 2, 1).unwrap();
    let (zones, weights) = (Surface::filled(grid, 1), Surface::filled(grid, 1.0));
    let heavy = Surface::new(grid, vec![0.0, 1.5]).unwrap();
    let error =
        |weights, total, bandwidth_m| heat_map(&zones, weights, &[0.0, total], bandwidth_m).unwrap_err().to_string();
    assert_eq!(error(&heavy, 1.0, 100.0), "the weight in column 1, row 0 is 1.5: it must be from 0 to 1");
    assert_eq!(error(&weights, -1.0, 100.0), "the total of zone 1 cannot be -1");
    assert!(error(&weights, 1.0, 0.0).starts_with("the bandwidth must be above 0"));
    assert!(error(&weights, 1.0, f64::NAN).contains("not NaN m"));
    assert!(error(&weights, 1.0, 1e6).contains("at most 1000 cells"));
}

proptest! {
    #[test]
    fn maps_are_those_of_the_plain_sums_and_keep_their_totals(
        columns in 1_u32..90,
        cells in prop::collection::vec((0_u16..4, prop_oneof![2 => Just(0.0_f32), 1 => between(0.0, 1.0)]), 90 * 12),
        stripes in any::<bool>(),
        bandwidth_m in prop_oneof![1.0_f64..900.0, Just(100.0), Just(500.0)],
    ) {
        let grid = Grid::new(0.0, 0.0, 100.0, columns, 12).unwrap();
        let cells = &cells[..grid.cells()];
        let label = |(index, (label, _)): (usize, &(u16, f32))| if stripes { u16::try_from(index / 200 % 4).unwrap() } else { *label };
        let zones = Surface::new(grid, cells.iter().enumerate().map(label).collect()).unwrap();
        let weights = Surface::new(grid, cells.iter().map(|(_, weight)| *weight).collect()).unwrap();
        let totals = [0.0, 1000.0, 70.0, 0.5];
        let expected = brute(&zones, &weights, &totals, bandwidth_m);
        let map = heat_map(&zones, &weights, &totals, bandwidth_m).unwrap();
        let mut sums = [0.0; 4];
        let mut held = [false; 4];
        for (index, (value, expected)) in map.values().iter().zip(&expected).enumerate() {
            let label = usize::from(zones.values()[index]);
            if label == 0 {
                prop_assert!(value.is_nan());
                continue;
            }
            sums[label] += f64::from(*value);
            held[label] |= weights.values()[index] > 0.0;
            let tolerance = 1e-6 * expected + 1e-12 * totals[label];
            prop_assert!((f64::from(*value) - expected).abs() <= tolerance, "{value} {expected}");
            prop_assert!(*expected > 0.0 || *value == 0.0, "nothing is nothing");
        }
        for label in 1..4 {
            let total = if held[label] { totals[label] } else { 0.0 };
            prop_assert!((sums[label] - total).abs() <= 1e-6 * total);
        }
    }
}
