use proptest::prelude::*;

use super::*;

/// The plain sum for comparison.
fn brute(grid: &Grid, points: &[WeightedPoint], bandwidth_m: f64) -> Vec<f64> {
    let cells = (0..grid.cells()).map(|index| grid.centre(grid.cell(index).unwrap()));
    cells
        .map(|(x_m, y_m)| {
            let kernel = |point: &WeightedPoint| {
                point.weight * quartic_kernel((point.x_m - x_m).hypot(point.y_m - y_m), bandwidth_m)
            };
            points.iter().map(kernel).sum()
        })
        .collect()
}

#[test]
fn the_kernel_has_the_golden_values_of_the_method() {
    // Method 2.3: h = 300 m, per square kilometre; tolerance: the five decimals printed.
    let golden = [
        (0.0, 10.61033),
        (100.0, 8.38347),
        (100.0 * std::f64::consts::SQRT_2, 6.41859),
        (200.0, 3.27479),
        (300.0, 0.0),
    ];
    for (distance_m, per_km2) in golden {
        assert!((quartic_kernel(distance_m, 300.0) - per_km2).abs() < 1e-5, "{distance_m}");
    }
    let grid = Grid::new(-50.0, 350.0, 100.0, 4, 4).unwrap();
    let density = kernel_density(&grid, &[WeightedPoint { x_m: 0.0, y_m: 300.0, weight: 1.0 }], 300.0).unwrap();
    let at = |row, column| f64::from(*density.get(Cell { row, column }).unwrap());
    for (value, per_km2) in [(at(0, 0), 10.61033), (at(0, 1), 8.38347), (at(1, 1), 6.41859), (at(2, 0), 3.27479)] {
        assert!((value - per_km2).abs() < 1e-5, "{value} is not {per_km2}");
    }
    assert_eq!(at(0, 3).to_bits(), 0.0_f64.to_bits(), "a point as far as the bandwidth adds nothing at all");
}

#[test]
fn wrong_input_is_refused_with_its_place() {
    let grid = Grid::new(0.0, 0.0, 100.0, 2, 2).unwrap();
    let point = WeightedPoint { x_m: 0.0, y_m: 0.0, weight: 1.0 };
    let nan = WeightedPoint { x_m: f64::NAN, ..point };
    let negative = WeightedPoint { weight: -1.0, ..point };
    let error =
        |points: &[WeightedPoint], bandwidth_m| kernel_density(&grid, points, bandwidth_m).unwrap_err().to_string();
    assert!(error(&[point, nan], 300.0).starts_with("point 1 at (NaN, 0)"));
    assert!(error(&[negative], 300.0).contains("weight -1"));
    assert!(error(&[point], 0.0).contains("not 0"));
    assert!(error(&[point], f64::NAN).contains("not NaN"));
    let line = geo::LineString::from(vec![(0.0, 0.0), (f64::INFINITY, 0.0)]);
    assert!(line_density(&grid, &[line], 300.0).unwrap_err().to_string().starts_with("line 0"));
}

#[test]
fn a_bandwidth_far_larger_or_smaller_than_the_grid_works() {
    let grid = Grid::new(0.0, 100.0, 10.0, 10, 10).unwrap();
    let points =
        [WeightedPoint { x_m: 55.0, y_m: 55.0, weight: 2.0 }, WeightedPoint { x_m: 1e6, y_m: 0.0, weight: 1.0 }];
    for bandwidth_m in [1e-3, 9.0, 1e4, 1e9] {
        let expected = brute(&grid, &points, bandwidth_m);
        let density = kernel_density(&grid, &points, bandwidth_m).unwrap();
        for (value, expected) in density.values().iter().zip(expected) {
            assert!((f64::from(*value) - expected).abs() <= 1e-6 * expected, "{bandwidth_m}: {value} {expected}");
        }
    }
}

proptest! {
    #[test]
    fn densities_are_those_of_the_plain_sum_in_any_order(
        places in prop::collection::vec((-400.0_f64..1500.0, -400.0_f64..1500.0, 0.0_f64..5.0), 0..20),
        bandwidth_m in 5.0_f64..600.0,
    ) {
        let grid = Grid::new(0.0, 1000.0, 31.0, 40, 30).unwrap();
        let mut points: Vec<WeightedPoint> =
            places.iter().map(|&(x_m, y_m, weight)| WeightedPoint { x_m, y_m, weight }).collect();
        let expected = brute(&grid, &points, bandwidth_m);
        let highest = expected.iter().copied().fold(0.0, f64::max);
        let density = kernel_density(&grid, &points, bandwidth_m).unwrap();
        for (value, expected) in density.values().iter().zip(&expected) {
            let tolerance = 1e-7 * expected + 1e-12 * highest;
            prop_assert!((f64::from(*value) - expected).abs() <= tolerance, "{value} {expected}");
            prop_assert!(*expected > 0.0 || *value == 0.0, "nothing is nothing");
        }
        points.reverse();
        prop_assert_eq!(kernel_density(&grid, &points, bandwidth_m).unwrap(), density);
    }
}
