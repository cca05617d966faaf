//! How long something new on the map of the largest cluster takes: `cargo bench -p kend-pack --bench added`. Beside a new
//! destination stands what a full search for the ways to it takes in the same run.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use kend_cells::{Cell, Grid, Surface, travel_time};
use kend_pack::{ClusterMap, Friction, Layout, PlaneGrid, Run, Window, cell_index, synthetic};
use kend_readiness::{
    Direction, Goalposts, Indicator, Method, Treatment,
    cells::{Addition, Change, ClusterCells, ClusterColumns, NO_CLASS, Raised, ScoreRule, ScoredCells, score_steps},
    indicator,
};

/// Side of the largest cluster of method 8: 202,500 cells.
const SIDE: u32 = 450;
const CELL_M: f64 = 100.0;
/// Clinics there are already: one in a village of every 50 square kilometres.
const CLINICS: u32 = 40;
/// Cells between two roads, and minutes per metre on and off them.
const ROADS: u32 = 50;
const ON_ROAD: f32 = 0.06 / 45.0;
const ON_FOOT: f32 = 0.06 / 4.0;
const BANDWIDTH_KM: f64 = 10.0;
const RADIUS_KM: f64 = 10.0;
/// One frame of a screen with 60 frames a second, milliseconds.
const FRAME_MS: f64 = 16.0;
const TURNS: usize = 9;

/// Made-up bits.
fn bits(one: u32, other: u32) -> u32 {
    let mixed = (one ^ other.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B);
    (mixed ^ (mixed >> 15)).wrapping_mul(0xC2B2_AE35) >> 16
}

fn narrow(value: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "scores are kept in f32")]
    let value = value as f32;
    value
}

fn goalposts(direction: Direction, low: f64, high: f64) -> ScoreRule {
    ScoreRule::Goalposts(Goalposts { direction, treatment: Treatment::Clamped { low, high }, low, high })
}

/// The best of some turns, milliseconds.
fn ms<T>(mut work: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64() * 1000.0
    };
    (0..TURNS).map(time).fold(f64::INFINITY, f64::min)
}

/// A cluster of which one row has these scores.
fn cluster(row: &Indicator, scores: &[f32]) -> ClusterMap {
    let count = SIDE * SIDE;
    let all = usize::try_from(count).expect("few");
    let mut steps: Vec<Vec<u8>> = (0..53)
        .map(|row| (0..count).map(|cell| u8::try_from(bits(cell, row) % 251).expect("small")).collect())
        .collect();
    let own = steps.get_mut(usize::from(row.row) - 1).expect("a row");
    own.clear();
    own.extend(scores.iter().map(|score| score_steps(*score)));
    let office = ScoredCells {
        dimensions: std::array::from_fn(|_| vec![f32::NAN; all]),
        index: vec![f32::NAN; all],
        class: vec![NO_CLASS; all],
    };
    let mut columns =
        ClusterColumns { scores: steps, office, population: vec![1.0; all], zones: vec![0; all], cell_km2: 0.01 };
    let index = cell_index(synthetic::pack().expect("the made-up pack").content()).expect("weights");
    let blank = ClusterCells::new(index.clone(), columns.clone()).expect("cells");
    blank.recompute(&mut columns.office);
    let layout = Layout {
        window: Window { row: 0, column: 0, rows: SIDE, columns: SIDE },
        runs: vec![Run { skipped: 0, cells: count }],
        class_frequency: vec![0; all],
        tourism: Vec::new(),
        crops: BTreeMap::new(),
    };
    let grid = PlaneGrid { west_m: 0.0, north_m: 0.0, cell_m: CELL_M, columns: SIDE, rows: SIDE };
    ClusterMap::new(ClusterCells::new(index, columns).expect("cells"), layout, &grid).expect("a map")
}

/// One point: what it brings, the scores after it, and the cluster with them.
fn what_if(map: &ClusterMap, row: &Indicator, raised: &Raised) -> Option<f64> {
    let changes = [(row, Change::Raised(&raised.scores))];
    map.cells().what_if(&changes, Method::standard()).expect("valid").after.index
}

fn within(what: &str, time_ms: f64) {
    println!("  {what}: {time_ms:.1} ms, {:.2} of a frame", time_ms / FRAME_MS);
}

fn main() {
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let method = Method::standard();
    let grid = Grid::new(0.0, 0.0, CELL_M, SIDE, SIDE).expect("a grid");
    let on_road = |cell: Cell| cell.row.is_multiple_of(ROADS) || cell.column.is_multiple_of(ROADS);
    let ground = (0..grid.cells()).filter_map(|index| grid.cell(index));
    let ground = ground.map(|cell| if on_road(cell) { ON_ROAD } else { ON_FOOT }).collect();
    let stored = Friction::of(&Surface::new(grid, ground).expect("a surface")).expect("friction");
    let friction = stored.minutes_per_metre();
    let clinics: Vec<Cell> =
        (0..CLINICS).map(|number| Cell { row: bits(number, 1) % SIDE, column: bits(number, 2) % SIDE }).collect();
    let new = [Cell { row: SIDE / 3, column: SIDE / 2 }];
    let (x_m, y_m) = grid.centre(Cell { row: SIDE / 3, column: SIDE / 2 });

    println!("{} cells, {CLINICS} clinics", SIDE * SIDE);
    let clinic = indicator(43).expect("row 43");
    let rule = goalposts(Direction::LessIsBetter, -120.0, -5.0);
    let before = travel_time(&friction, &clinics, Some(240.0)).expect("times").minutes;
    let scores: Vec<f32> =
        before.values().iter().map(|minutes| narrow(rule.score(f64::from(*minutes), method))).collect();
    let map = cluster(clinic, &scores);
    let raised = || {
        let limits = map.cells().useful_minutes(clinic, rule, stored.error(), method).expect("limits");
        let minutes = map.minutes_to(&friction, &new, &limits).expect("minutes");
        map.cells().raised(clinic, Addition::Minutes(&minutes), rule, method).expect("scores")
    };
    let better = raised().scores.iter().zip(&scores).filter(|(after, before)| **after > **before + 0.5).count();
    let full_ms = ms(|| travel_time(&friction, &new, Some(240.0)).expect("times"));
    let pruned_ms = ms(raised);
    println!("  ways to all cells: {full_ms:.1} ms");
    println!(
        "  ways and scores where they help ({better} cells): {pruned_ms:.1} ms, {:.2} of that",
        pruned_ms / full_ms
    );
    within("what if, a clinic", ms(|| what_if(&map, clinic, &raised())));

    let project = indicator(52).expect("row 52");
    let rule = goalposts(Direction::MoreIsBetter, 0.0, 0.2);
    let map = cluster(project, &vec![30.0; grid.cells()]);
    let raised = || {
        let density = map.density_added(&[(x_m, y_m)], BANDWIDTH_KM).expect("a density");
        map.cells().raised(project, Addition::Density(&density), rule, method).expect("scores")
    };
    within("what if, a project", ms(|| what_if(&map, project, &raised())));

    let mast = indicator(20).expect("row 20");
    let raised = || {
        let shares = map.share_covered(&[((x_m, y_m), RADIUS_KM)]).expect("shares");
        map.cells().raised(mast, Addition::Coverage(&shares), ScoreRule::Coverage, method).expect("scores")
    };
    within("what if, a mast", ms(|| what_if(&map, mast, &raised())));
}
