//! What something new on the map brings to a cluster, against the full method with the new place among the old ones.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a pack that can't be made fails the test that asks"
)]

use std::sync::LazyLock;

use kend_cells::{Cell, Grid, Surface, WeightedPoint, coverage, kernel_density, travel_time};
use kend_pack::{AddedKind, ClusterMap, Friction, Pack, PackError, cell_index, synthetic};
use kend_readiness::{
    Direction, Goalposts, Indicator, Method, Treatment,
    cells::{Addition, ClusterCells, SCORE_STEP, ScoreRule, score_steps},
    indicator,
};
use proptest::prelude::*;

static PACK: LazyLock<Pack> = LazyLock::new(|| synthetic::pack().unwrap());
const ID: &str = "synthetic-a";
/// Half of a stored step, and what f32 leaves over.
const HALF_STEP: f32 = SCORE_STEP / 2.0 + 1e-3;

fn goalposts(direction: Direction, low: f64, high: f64) -> ScoreRule {
    ScoreRule::Goalposts(Goalposts { direction, treatment: Treatment::Clamped { low, high }, low, high })
}

fn row(row: u8) -> &'static Indicator {
    indicator(row).unwrap()
}

/// The cluster of the made-up pack with raw values of its own in one row.
fn with_raw(of: u8, raw: &[f32], rule: ScoreRule) -> (ClusterMap, Vec<f32>) {
    let map = PACK.cells(ID).unwrap().unwrap();
    let mut columns = map.cells().columns().clone();
    #[expect(clippy::cast_possible_truncation, reason = "scores are kept in f32")]
    let scores: Vec<f32> = raw.iter().map(|raw| rule.score(f64::from(*raw), Method::standard()) as f32).collect();
    columns.scores[usize::from(of) - 1] = scores.iter().map(|score| score_steps(*score)).collect();
    let cells = ClusterCells::new(cell_index(PACK.content()).unwrap(), columns).unwrap();
    let grid = PACK.content().calculator.as_ref().unwrap().grid;
    (ClusterMap::new(cells, map.layout().clone(), &grid).unwrap(), scores)
}

fn score(rule: ScoreRule, value: f32) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "scores are kept in f32")]
    let score = rule.score(f64::from(value), Method::standard()) as f32;
    score
}

fn window() -> Grid {
    *PACK.friction(ID).unwrap().unwrap().grid()
}

/// A place in the window.
fn spot() -> impl Strategy<Value = (f64, f64)> {
    let grid = window();
    (0..grid.rows(), 0..grid.columns()).prop_map(move |(row, column)| grid.centre(Cell { row, column }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_new_point_scores_as_if_it_had_been_in_the_layer(old in prop::collection::vec(spot(), 1..6), new in spot()) {
        let rule = goalposts(Direction::MoreIsBetter, 0.0, 0.2);
        let map = PACK.cells(ID).unwrap().unwrap();
        let density = |points: &[(f64, f64)]| {
            let points: Vec<_> = points.iter().map(|(x_m, y_m)| WeightedPoint { x_m: *x_m, y_m: *y_m, weight: 1.0 }).collect();
            map.gather(&kernel_density(&window(), &points, 3000.0).unwrap())
        };
        let (map, _) = with_raw(52, &density(&old), rule);
        let added = map.density_added(&[new], 3.0).unwrap();
        let raised = map.cells().raised(row(52), Addition::Density(&added), rule, Method::standard()).unwrap();
        let all: Vec<_> = old.into_iter().chain([new]).collect();
        for (raw, found) in density(&all).into_iter().zip(raised.scores) {
            let exact = score(rule, raw);
            prop_assert!((found - exact).abs() <= HALF_STEP, "{found} for {exact}");
        }
    }

    #[test]
    fn a_new_destination_scores_as_if_it_had_been_among_the_others(
        old in prop::collection::vec(spot(), 0..4), new in prop::collection::vec(spot(), 1..3),
    ) {
        let rule = goalposts(Direction::LessIsBetter, -90.0, -2.0);
        let map = PACK.cells(ID).unwrap().unwrap();
        let stored = PACK.friction(ID).unwrap().unwrap();
        let friction = stored.minutes_per_metre();
        let cell = |at: &(f64, f64)| window().cell_at(at.0, at.1).unwrap();
        let (old, new): (Vec<_>, Vec<_>) = (old.iter().map(cell).collect(), new.iter().map(cell).collect());
        let times = |places: &[Cell]| travel_time(&friction, places, Some(240.0)).unwrap().minutes;
        // Barriers have no minutes, and their cells no score.
        let (map, _) = with_raw(43, &map.gather(&times(&old)), rule);
        let limits = map.cells().useful_minutes(row(43), rule, stored.error(), Method::standard()).unwrap();
        let minutes = map.minutes_to(&friction, &new, &limits).unwrap();
        let raised = map.cells().raised(row(43), Addition::Minutes(&minutes), rule, Method::standard()).unwrap();
        let all: Vec<_> = old.into_iter().chain(new).collect();
        for (raw, found) in map.gather(&times(&all)).into_iter().zip(raised.scores) {
            let exact = score(rule, raw);
            prop_assert!((found - exact).abs() <= HALF_STEP || (found.is_nan() && exact.is_nan()), "{found} for {exact}");
        }
    }

    #[test]
    fn a_mast_never_covers_more_than_the_union_of_both(old in spot(), new in spot(), radius_km in 0.2_f64..4.0) {
        let (map, _) = with_raw(20, &vec![0.0; PACK.cells(ID).unwrap().unwrap().cells().cells()], ScoreRule::Coverage);
        let before = map.share_covered(&[(old, radius_km)]).unwrap();
        let (map, _) = with_raw(20, &before, ScoreRule::Coverage);
        let added = map.share_covered(&[(new, radius_km)]).unwrap();
        let raised = map.cells().raised(row(20), Addition::Coverage(&added), ScoreRule::Coverage, Method::standard()).unwrap();
        let mut bounds = 0;
        for ((before, added), found) in before.iter().zip(&added).zip(&raised.scores) {
            let (least, most) = (100.0 * before.max(*added), 100.0 * (before + added).min(1.0));
            prop_assert!(*found >= least - HALF_STEP && *found <= most + HALF_STEP, "{least} {found} {most}");
            bounds += usize::from(most - least > 0.5);
        }
        prop_assert!(raised.at_least >= bounds, "where both may overlap is counted");
    }
}

#[test]
fn a_circle_covers_its_own_area() {
    let map = PACK.cells(ID).unwrap().unwrap();
    let middle = window().centre(Cell { row: 40, column: 45 });
    let shares = map.share_covered(&[(middle, 1.5)]).unwrap();
    let km2: f64 = shares.iter().map(|share| f64::from(*share) * 0.01).sum();
    // Within the cluster: pi r^2.
    assert!((km2 - std::f64::consts::PI * 1.5 * 1.5).abs() < 1e-4, "{km2}");
    let whole = coverage(&window(), &geo::MultiPolygon::new(Vec::new())).unwrap();
    assert!(map.gather(&whole).iter().all(|share| *share == 0.0));
}

#[test]
fn cells_and_their_window_turn_into_each_other() {
    let map = PACK.cells(ID).unwrap().unwrap();
    let values: Vec<u32> = (1..).take(map.cells().cells()).collect();
    let surface = map.scatter(&values, 0);
    assert_eq!(map.gather(&surface), values);
    for (value, cell) in values.iter().zip(map.places()) {
        assert_eq!(surface.get(cell), Some(value));
    }
    assert_eq!(surface.values().iter().filter(|value| **value == 0).count(), window().cells() - values.len());
}

#[test]
fn friction_is_kept_within_its_own_error_and_barriers_stay_barriers() {
    let grid = Grid::new(0.0, 0.0, 100.0, 512, 1).unwrap();
    // From a motorway to a slope that nobody walks, and beyond.
    let values: Vec<f32> = (0_u16..512).map(|place| 0.000_667 * 1.02_f32.powi(i32::from(place))).collect();
    let mut surface = Surface::new(grid, values).unwrap();
    surface.values_mut()[511] = f32::NAN;
    let friction = Friction::of(&surface).unwrap();
    assert!(friction.error() < 0.0183, "{}", friction.error());
    let back = friction.minutes_per_metre();
    for (own, back) in surface.values().iter().zip(back.values()).take(460) {
        assert!(f64::from((back / own - 1.0).abs()) <= friction.error() + 1e-6, "{own} {back}");
    }
    assert!(back.values()[511].is_infinite());
    assert!(back.values()[510] > 6.6, "what is slower than ten thousand times the quickest is taken for that");
    let walled = Surface::filled(grid, f32::INFINITY);
    assert_eq!(Friction::of(&walled).unwrap().minutes_per_metre(), walled);
    surface.values_mut()[0] = 0.0;
    assert!(matches!(Friction::of(&surface), Err(PackError::Inconsistent { .. })));
}

#[test]
fn friction_travels_in_a_section_of_its_own_that_goes_with_its_cells() {
    let bytes = PACK.write_signed(&synthetic::key()).unwrap();
    let back = Pack::read(&bytes).unwrap();
    back.check_sections().unwrap();
    assert_eq!(back.friction(ID).unwrap(), PACK.friction(ID).unwrap());
    assert!(back.has_friction(ID) && back.friction_bytes(ID) > 0);
    let without = back.clone().without_friction(ID).unwrap();
    assert!(without.has_cells(ID) && !without.has_friction(ID) && without.friction(ID).unwrap().is_none());
    assert_ne!(without.fingerprint(), back.fingerprint());
    assert!(!back.without_cells(ID).unwrap().has_friction(ID), "ways over cells that are not there say nothing");
    let friction = PACK.friction(ID).unwrap().unwrap();
    let bare = Pack::new(PACK.content().clone()).unwrap();
    let alone = bare.with_friction(&[(ID.to_owned(), friction.clone())].into());
    assert!(alone.unwrap_err().to_string().contains("no cells"));
    let swapped = PACK.clone().with_friction(&[("synthetic-b".to_owned(), friction)].into());
    assert!(swapped.unwrap_err().to_string().contains("another window"));
}

#[test]
fn what_can_be_added_to_a_row_fits_its_kind() {
    let mut content = PACK.content().clone();
    let calculator = content.calculator.clone().unwrap();
    let of = |row: u8| calculator.additions.iter().find(|addition| addition.row == row).map(|addition| addition.added);
    assert_eq!(of(43), Some(AddedKind::Destination));
    assert_eq!(of(20), Some(AddedKind::Mast));
    assert!(matches!(of(52), Some(AddedKind::Point { .. })) && of(9).is_none() && of(44).is_none());
    for wrong in [AddedKind::Mast, AddedKind::Point { bandwidth_km: 3.0 }] {
        let mut content = content.clone();
        let addition = content.calculator.as_mut().unwrap().additions.iter_mut().find(|own| own.row == 43).unwrap();
        addition.added = wrong;
        assert!(Pack::new(content).unwrap_err().to_string().contains("row 43"));
    }
    content.calculator.as_mut().unwrap().additions.clear();
    let json = serde_json::to_string(&content).unwrap();
    assert!(!json.contains("additions") && Pack::new(content).is_ok(), "packs of before have none");
}
