//! How fast a country and a device's largest cluster are calculated: `cargo bench -p kend-readiness --bench cells`.
//! What a country takes stands beside what reading the same bytes once takes on the same machine in the same run.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{hint::black_box, thread, time::Instant};

use kend_readiness::{
    Direction, Goalposts, IndicatorKind, LagRule, Method, Thresholds, Treatment,
    cells::{
        CellColumns, CellIndex, CellIndicator, CellScoring, CellWeights, Change, ClusterCells, ClusterColumns, Column,
        LiftOption, MISSING_SCORE, NO_CLASS, ScoreRule, ScoredCells, cell_thresholds, class_tally, quantiles,
    },
    indicators,
};

/// Cells of 100 m in the country's 86,600 square kilometres.
const COUNTRY_CELLS: u32 = 8_660_000;
/// Zones of the country, label 0 for none.
const ZONES: u32 = 75;
/// Cells of the largest cluster of a device.
const DEVICE_CELLS: u32 = 202_500;
/// What calculating a cluster anew may take, milliseconds.
const FULL_MS: f64 = 50.0;
/// One frame of a screen with 60 frames a second, milliseconds.
const WHAT_IF_MS: f64 = 16.0;
const RUNS: usize = 3;
/// Turns in which reading and scoring are measured.
const ROUNDS: usize = 4;

/// The best of a few runs, milliseconds.
fn best_ms<T>(mut work: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64() * 1000.0
    };
    (0..RUNS).map(time).fold(f64::INFINITY, f64::min)
}

/// Made-up bits of a cell and a row.
fn bits(cell: u32, row: u32) -> u32 {
    let mixed = (cell ^ row.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B);
    (mixed ^ (mixed >> 15)).wrapping_mul(0xC2B2_AE35) >> 16
}

/// A made-up value of 0 to 999; one in a hundred is missing.
fn value(cell: u32, row: u32) -> f32 {
    let bits = bits(cell, row);
    if bits.is_multiple_of(101) { f32::NAN } else { f32::from(u16::try_from(bits % 1000).expect("small")) }
}

/// A made-up score in steps.
fn steps(cell: u32, row: u32) -> u8 {
    u8::try_from(bits(cell, row) % 251).expect("small")
}

/// Reads columns once and adds them up, sixteen sums at a time.
fn stream(columns: &[impl AsRef<[f32]>]) -> f32 {
    let mut sums = [0.0_f32; 16];
    for column in columns {
        for chunk in column.as_ref().chunks_exact(16) {
            sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value);
        }
    }
    sums.iter().sum()
}

fn rules() -> Vec<CellIndicator> {
    let rule = |direction| {
        let (low, high) = if direction == Direction::MoreIsBetter { (20.0, 900.0) } else { (-900.0, -20.0) };
        ScoreRule::Goalposts(Goalposts { direction, treatment: Treatment::Clamped { low, high }, low, high })
    };
    indicators()
        .iter()
        .map(|row| CellIndicator { dimension: row.dimension, weight: row.weights.criterion, rule: rule(row.direction) })
        .collect()
}

/// Whether an indicator is constant in a zone.
const fn is_zonal(kind: IndicatorKind) -> bool {
    use IndicatorKind::{CountRayon, DensityArea, LengthRayon, StatRayon, StatRegion};
    matches!(kind, StatRayon | StatRegion | CountRayon | DensityArea | LengthRayon)
}

fn country() {
    println!("country, {COUNTRY_CELLS} cells, 53 indicators");
    let cells = usize::try_from(COUNTRY_CELLS).expect("few");
    let columns: Vec<Vec<f32>> = (0..53).map(|row| (0..COUNTRY_CELLS).map(|cell| value(cell, row)).collect()).collect();
    let mut scored = ScoredCells::default();
    let thresholds = Thresholds::new([40.0, 47.0, 53.0, 60.0]).expect("thresholds");
    let scoring = CellScoring::new(&rules(), &thresholds, Method::standard()).expect("rules");

    let by_cell: Vec<Column<'_>> = columns.iter().map(|column| Column::Cells(column)).collect();
    let land = CellColumns { cells, layers: &[], columns: &by_cell };
    // Turn by turn, so that what else the machine does meets both alike.
    let (mut stream_ms, mut scoring_ms) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        stream_ms = stream_ms.min(best_ms(|| stream(&columns)));
        scoring_ms = scoring_ms.min(best_ms(|| scoring.score(&land, &mut scored).expect("valid")));
    }
    let gigabytes = f64::from(COUNTRY_CELLS) * 53.0 * 4.0 / 1e9;
    println!("  STREAM-like sum: {stream_ms:.0} ms, {:.1} GB/s", gigabytes / stream_ms * 1000.0);
    let compare = |what: &str, ms: f64| println!("  {what}: {ms:.0} ms, {:.2} of the speed of the sum", stream_ms / ms);

    compare("scoring, all by cell", scoring_ms);
    both_cores(&columns, &scoring);

    let zones: Vec<u16> = (0..COUNTRY_CELLS).map(|cell| u16::try_from(cell / 1000 % ZONES).expect("small")).collect();
    let of_zones: Vec<Vec<f32>> = (0..53).map(|row| (0..ZONES).map(|zone| value(zone, row)).collect()).collect();
    let by_zone: Vec<Column<'_>> = (indicators().iter().zip(&columns).zip(&of_zones))
        .map(
            |((row, column), values)| {
                if is_zonal(row.kind) { Column::Zones { layer: 0, values } } else { Column::Cells(column) }
            },
        )
        .collect();
    let land = CellColumns { cells, layers: &[&zones], columns: &by_zone };
    let ms = best_ms(|| scoring.score(&land, &mut scored).expect("valid"));
    let by_cell = columns.iter().zip(indicators()).filter(|(_, row)| !is_zonal(row.kind)).map(|(column, _)| column);
    let of_cells: Vec<Vec<f32>> = by_cell.cloned().collect();
    let read_ms = best_ms(|| stream(&of_cells));
    println!(
        "  scoring, {} by zone: {ms:.0} ms, {:.2} of the sum of the same columns",
        53 - of_cells.len(),
        read_ms / ms
    );
    baseline(&columns, &scored.index, &scored.class);
}

/// The same on two threads, each with half of the land, beside reading on two.
fn both_cores(columns: &[Vec<f32>], scoring: &CellScoring<'_>) {
    let halves: [Vec<&[f32]>; 2] = [0, 1]
        .map(|half| columns.iter().filter_map(|column| column.chunks(column.len().div_ceil(2)).nth(half)).collect());
    let mut scored = [ScoredCells::default(), ScoredCells::default()];
    let (mut stream_ms, mut scoring_ms) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        stream_ms = stream_ms.min(best_ms(|| {
            thread::scope(|scope| {
                halves.each_ref().map(|half| scope.spawn(|| stream(half))).map(|one| one.join().expect("no panic"))
            })
        }));
        scoring_ms = scoring_ms.min(best_ms(|| {
            thread::scope(|scope| {
                for (half, scored) in halves.iter().zip(&mut scored) {
                    scope.spawn(move || {
                        let columns: Vec<Column<'_>> = half.iter().map(|column| Column::Cells(column)).collect();
                        let cells = half.first().map_or(0, |column| column.len());
                        scoring.score(&CellColumns { cells, layers: &[], columns: &columns }, scored).expect("valid");
                    });
                }
            });
        }));
    }
    println!(
        "  on two threads: sum {stream_ms:.0} ms, scoring {scoring_ms:.0} ms, {:.2} of the speed of the sum",
        stream_ms / scoring_ms
    );
}

/// What freezes a baseline, and the gaps of one class and dimension, over all columns.
fn baseline(columns: &[Vec<f32>], index: &[f32], classes: &[u8]) {
    let method = Method::standard();
    let seconds = |what: &str, start: Instant| println!("  {what}: {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    for column in columns {
        black_box(quantiles(column, CellWeights::Equal, [0.025, 0.4, 0.975], |value| value).expect("valid"));
    }
    seconds("three quantiles of 53 columns", start);
    let start = Instant::now();
    black_box(cell_thresholds(index, CellWeights::Equal, method).expect("valid"));
    seconds("thresholds of the index", start);
    let rule = LagRule { threshold: 400.0, minimum: 0.0 };
    let start = Instant::now();
    for column in columns {
        black_box(class_tally(column, classes, CellWeights::Equal, &rule, |value| value).expect("valid"));
    }
    seconds("where 53 indicators lag in each class", start);
}

/// The largest cluster of method 8, and the budgets of a device for it.
fn device() {
    let cells = usize::try_from(DEVICE_CELLS).expect("few");
    println!("device, {DEVICE_CELLS} cells, 53 indicators");
    let step = |cell, row| if bits(cell, row).is_multiple_of(101) { MISSING_SCORE } else { steps(cell, row) };
    let scores: Vec<Vec<u8>> = (0..53).map(|row| (0..DEVICE_CELLS).map(|cell| step(cell, row)).collect()).collect();
    let zones = (0..DEVICE_CELLS).map(|cell| u16::from(cell % 450 < 200)).collect();
    let weights: Vec<_> = indicators().iter().map(|row| (row.dimension, row.weights.criterion)).collect();
    let thresholds = Thresholds::new([40.0, 47.0, 53.0, 60.0]).expect("thresholds");
    let index = CellIndex::new(&weights, &thresholds, Method::standard()).expect("weights");
    let nothing = ScoredCells {
        dimensions: std::array::from_fn(|_| vec![f32::NAN; cells]),
        index: vec![f32::NAN; cells],
        class: vec![NO_CLASS; cells],
    };
    let population = (0..DEVICE_CELLS).map(|cell| value(cell, 60).max(0.0)).collect();
    let mut columns = ClusterColumns { scores, office: nothing, population, zones, cell_km2: 0.01 };
    // One indicator has a value in each zone.
    let physicians = indicators().iter().find(|row| row.row == 44).expect("row 44");
    *columns.scores.get_mut(43).expect("row 44") = vec![100; cells];
    let blank = ClusterCells::new(index.clone(), columns.clone()).expect("a cluster");
    blank.recompute(&mut columns.office);
    let cluster = ClusterCells::new(index, columns).expect("a cluster");

    let within = |what: &str, ms: f64, budget_ms: f64| {
        println!("  {what}: {ms:.2} ms, {:.3} of {budget_ms} ms", ms / budget_ms);
    };
    let mut again = cluster.office().clone();
    within("full recompute", best_ms(|| cluster.recompute(&mut again)), FULL_MS);
    let ask = |change: &Change<'_>| cluster.what_if(&[(physicians, *change)], Method::standard()).expect("valid");
    let zone = Change::Zone { zone: 1, from: Some(0.4), to: 0.9, rule: ScoreRule::Coverage };
    within("what if, a value of a zone", best_ms(|| ask(&zone)), WHAT_IF_MS);
    let anew: Vec<f32> = (0..DEVICE_CELLS).map(|cell| value(cell, 61) / 10.0).collect();
    within("what if, scores of all cells", best_ms(|| ask(&Change::Scores(&anew))), WHAT_IF_MS);
    let options: Vec<LiftOption<'_>> =
        indicators().iter().map(|indicator| LiftOption { indicator, cost: 1.0, peers_p80: 80.0 }).collect();
    let ms = best_ms(|| cluster.lift(&options).expect("a class above"));
    println!("  what would lift it one class, 53 options: {ms:.2} ms");
}

fn main() {
    device();
    country();
}
