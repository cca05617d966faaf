use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;

use super::*;
use crate::grid::Grid;
use crate::strategies::between;

const TOP_LEFT: Cell = Cell { row: 0, column: 0 };

fn surface(columns: u32, rows: u32, values: &[f32]) -> Surface<f32> {
    Surface::new(Grid::new(0.0, 0.0, 100.0, columns, rows).unwrap(), values.to_vec()).unwrap()
}

/// The plain algorithm with a heap and f64, for comparison.
fn dijkstra(friction: &Surface<f32>, destinations: &[Cell]) -> Vec<f64> {
    let grid = friction.grid();
    let passable = |index: usize| friction.values()[index].is_finite();
    let mut minutes = vec![f64::INFINITY; grid.cells()];
    let mut heap = BinaryHeap::new();
    for cell in destinations {
        let index = grid.index(*cell).unwrap();
        if passable(index) {
            minutes[index] = 0.0;
            heap.push((Reverse(0_u64), index));
        }
    }
    while let Some((Reverse(bits), index)) = heap.pop() {
        let here = f64::from_bits(bits);
        if here > minutes[index] {
            continue;
        }
        let cell = grid.cell(index).unwrap();
        for (down, right) in (-1_i64..=1).flat_map(|down| (-1_i64..=1).map(move |right| (down, right))) {
            let (row, column) = (i64::from(cell.row) + down, i64::from(cell.column) + right);
            let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else { continue };
            let Some(next) = grid.index(Cell { row, column }).filter(|next| passable(*next)) else { continue };
            let length = grid.cell_m() * if down == 0 || right == 0 { 1.0 } else { std::f64::consts::SQRT_2 };
            let there = here + length * f64::from(friction.values()[index] + friction.values()[next]) / 2.0;
            if there < minutes[next] {
                minutes[next] = there;
                heap.push((Reverse(there.to_bits()), next));
            }
        }
    }
    minutes
}

#[test]
fn the_golden_grid_of_the_method_gives_its_minutes() {
    // Method 2.3, computed there and by scikit-image MCP_Geometric; tolerance: the four decimals printed.
    let friction =
        surface(4, 3, &[0.012, 0.012, 0.012, 0.012, 0.012, 0.0012, 0.0012, 0.012, 0.024, 0.024, 0.0012, 0.012]);
    let times = travel_time(&friction, &[TOP_LEFT], Some(240.0)).unwrap();
    let golden = [0.0, 1.2, 1.7134, 1.9868, 1.2, 0.9334, 1.0534, 1.7134, 2.7153, 2.1934, 1.1031, 1.7631];
    for (minutes, golden) in times.minutes.values().iter().zip(golden) {
        assert!((minutes - golden).abs() < 1e-4, "{minutes} is not {golden}");
    }
}

#[test]
fn an_island_without_a_destination_is_out_of_reach_and_barriers_are_missing() {
    let water = f32::INFINITY;
    let friction = surface(5, 1, &[0.01, 0.01, water, 0.01, f32::NAN]);
    let open = travel_time(&friction, &[TOP_LEFT], None).unwrap();
    let values = open.minutes.values();
    assert_eq!(values[..2], [0.0, 1.0]);
    assert!(values[2].is_nan() && values[4].is_nan());
    assert!(values[3].is_infinite());
    let capped = travel_time(&friction, &[TOP_LEFT], Some(0.5)).unwrap();
    assert_eq!(capped.minutes.values()[..2], [0.0, 0.5]);
    assert!((capped.minutes.values()[3] - 0.5).abs() < f32::EPSILON, "out of reach is the cap");
}

#[test]
fn a_destination_in_the_water_is_named_and_reaches_nothing() {
    let friction = surface(3, 1, &[0.01, f32::INFINITY, 0.01]);
    let middle = Cell { row: 0, column: 1 };
    let times = travel_time(&friction, &[middle, middle], Some(240.0)).unwrap();
    assert_eq!(times.stranded, [middle]);
    assert_eq!(times.minutes.values()[0].to_bits(), 240.0_f32.to_bits());
}

#[test]
fn wrong_input_is_refused_with_its_place() {
    let fine = surface(2, 1, &[0.01, 0.01]);
    let outside = Cell { row: 0, column: 2 };
    let cases = [
        ("zero", travel_time(&surface(2, 1, &[0.01, 0.0]), &[], None), "the friction in column 1, row 0 is 0 minutes"),
        ("negative", travel_time(&surface(2, 1, &[-1.0, 1.0]), &[], None), "the friction in column 0, row 0 is -1"),
        ("outside", travel_time(&fine, &[outside], None), "the destination in column 2, row 0 lies outside"),
        ("NaN cap", travel_time(&fine, &[TOP_LEFT], Some(f32::NAN)), "the cap must be"),
    ];
    for (name, result, reason) in cases {
        assert!(result.unwrap_err().to_string().contains(reason), "{name}");
    }
}

#[test]
fn frictions_at_the_ends_of_what_a_number_can_be_still_give_an_answer() {
    let friction = surface(4, 1, &[f32::MIN_POSITIVE, 1e-30, 1e30, f32::MAX]);
    let times = travel_time(&friction, &[TOP_LEFT], None).unwrap();
    assert!(times.minutes.values()[2] > 1e31);
    assert!(times.minutes.values()[3].is_nan(), "beyond what a number holds is a barrier");
}

#[test]
fn a_cap_leaves_every_time_below_it_as_it_is_even_across_the_horizon_of_the_queue() {
    // One quick cell makes buckets so narrow that most of what waits lies beyond the ring.
    let mut values: Vec<f32> = (0..400_u16).map(|place| 0.01 + f32::from(place % 7)).collect();
    values[399] = 1e-7;
    let friction = surface(20, 20, &values);
    let open = travel_time(&friction, &[TOP_LEFT], None).unwrap();
    for cap in [100.0_f32, 1000.0, 3000.0] {
        let capped = travel_time(&friction, &[TOP_LEFT], Some(cap)).unwrap();
        for (open, capped) in open.minutes.values().iter().zip(capped.minutes.values()) {
            assert_eq!(open.min(cap).to_bits(), capped.to_bits());
        }
    }
}

fn frictions() -> impl Strategy<Value = f32> {
    prop_oneof![
        6 => between(0.0006, 0.06),
        1 => Just(f32::INFINITY),
        1 => between(-12.0, 3.0).prop_map(|power| 10_f32.powf(power)),
    ]
}

proptest! {
    #[test]
    fn times_are_those_of_plain_dijkstra(
        columns in 1_u32..24,
        rows in 1_u32..24,
        frictions in prop::collection::vec(frictions(), 24 * 24),
        places in prop::collection::vec((0_u32..24, 0_u32..24), 0..4),
    ) {
        let friction = surface(columns, rows, &frictions[..(columns * rows) as usize]);
        let destinations: Vec<Cell> =
            places.iter().map(|(row, column)| Cell { row: row % rows, column: column % columns }).collect();
        let expected = dijkstra(&friction, &destinations);
        let times = travel_time(&friction, &destinations, None).unwrap();
        let turned: Vec<Cell> = destinations.iter().rev().copied().collect();
        let turned = travel_time(&friction, &turned, None).unwrap();
        let bits = |times: &TravelTime| times.minutes.values().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&times), bits(&turned), "the order of destinations doesn't matter");
        for ((minutes, expected), friction) in times.minutes.values().iter().zip(expected).zip(friction.values()) {
            if friction.is_infinite() {
                prop_assert!(minutes.is_nan());
            } else if expected.is_infinite() {
                prop_assert!(minutes.is_infinite());
            } else {
                prop_assert!((f64::from(*minutes) - expected).abs() <= 1e-5 * expected + 1e-30, "{minutes} {expected}");
            }
        }
    }
}

#[test]
fn a_new_destination_is_followed_only_where_it_is_nearer_than_before() {
    // By hand: a street of five cells of a minute each, a clinic at the left, a new one at the right end.
    let street = surface(5, 1, &[0.01; 5]);
    let right = Cell { row: 0, column: 4 };
    let before = travel_time(&street, &[TOP_LEFT], None).unwrap().minutes;
    let below = travel_time_below(&street, &[right], &before).unwrap().minutes;
    let out = f32::INFINITY;
    assert_eq!(below.values(), [out, out, out, 1.0, 0.0]);
    // A second one in the place of the first changes nothing, and a barrier stays one.
    assert!(
        travel_time_below(&street, &[TOP_LEFT], &before).unwrap().minutes.values().iter().all(|one| one.is_infinite())
    );
    let walled = surface(3, 1, &[0.01, out, 0.01]);
    let found = travel_time_below(&walled, &[TOP_LEFT], &surface(3, 1, &[9.0, 9.0, f32::NAN])).unwrap();
    assert_eq!(found.minutes.values()[0].to_bits(), 0);
    assert!(found.minutes.values()[1].is_nan());
    assert!(found.minutes.values()[2].is_infinite(), "a limit that is no number lets nobody in");
    let other = surface(4, 1, &[1.0; 4]);
    assert!(travel_time_below(&street, &[right], &other).unwrap_err().to_string().contains("limits"));
}

proptest! {
    #[test]
    fn old_and_new_destinations_together_are_the_least_of_both(
        values in proptest::collection::vec(prop_oneof![8 => between(0.001, 0.05), 1 => Just(f32::INFINITY)], 48),
        old in 0_usize..48, new in 0_usize..48,
    ) {
        let friction = surface(8, 6, &values);
        let at = |index| friction.grid().cell(index).unwrap();
        let before = travel_time(&friction, &[at(old)], None).unwrap().minutes;
        let both = travel_time(&friction, &[at(old), at(new)], None).unwrap().minutes;
        let below = travel_time_below(&friction, &[at(new)], &before).unwrap().minutes;
        for ((before, below), both) in before.values().iter().zip(below.values()).zip(both.values()) {
            let together = before.min(*below);
            prop_assert!(both.is_nan() || (together.is_infinite() && both.is_infinite()) || (together - both).abs() <= 1e-5 * both, "{together} {both}");
        }
    }
}
