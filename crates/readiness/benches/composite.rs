//! How long the readiness of villages takes as a composite index: scoring many zones, and what the ranks of the 74 zones of
//! the country depend on.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]

use divan::Bencher;
use kend_readiness::{
    composite::{CompositeIndex, ScoreError, UnitTable},
    robustness::{Experiment, effects, mean_rank_shift, rank_ranges},
};

/// Zones of the country.
const ZONES: u32 = 74;
/// Villages of the country, and more.
const VILLAGES: u32 = 5000;

fn index() -> CompositeIndex {
    let text = include_str!("../../../examples/readiness/readiness.toml");
    CompositeIndex::new(toml::from_str(text).expect("the example is valid")).expect("the example is an index")
}

/// Made-up values for every row, all different enough to have a range.
fn table(units: u32) -> UnitTable {
    let value = |row: u32, unit: u32| f64::from((unit * (2 * row + 7) + row * row) % 1009);
    let columns = (1..=53).map(|row| (format!("row{row}"), (0..units).map(|unit| Some(value(row, unit))).collect()));
    UnitTable::new((0..units).map(|unit| unit.to_string()).collect(), columns.collect()).expect("a table")
}

fn uniform() -> impl FnMut() -> f64 {
    let mut state = 1_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0
    }
}

#[divan::bench]
fn score_5000_units(bencher: Bencher<'_, '_>) {
    let (index, table) = (index(), table(VILLAGES));
    bencher.bench_local(|| index.score(&table, None).expect("a result"));
}

#[divan::bench(sample_count = 10)]
fn rank_ranges_of_74_units_in_500_draws(bencher: Bencher<'_, '_>) {
    let (index, table) = (index(), table(ZONES));
    let scored = index.score(&table, None).expect("a result");
    let experiment = Experiment::new(&index, &table, &scored).expect("an experiment");
    bencher.bench_local(|| rank_ranges(&experiment, 500, uniform()).expect("ranges"));
}

#[divan::bench(sample_count = 3)]
fn effects_of_all_factors_on_74_units(bencher: Bencher<'_, '_>) {
    let (index, table) = (index(), table(ZONES));
    let scored = index.score(&table, None).expect("a result");
    let experiment = Experiment::new(&index, &table, &scored).expect("an experiment");
    let shift = |point: &[f64]| -> Result<f64, ScoreError> {
        Ok(mean_rank_shift(experiment.nominal(), &experiment.run(point)?).map_or(0.0, |(mean, _)| mean))
    };
    let base = index.config().robustness.effects_base;
    bencher.bench_local(|| effects(experiment.factors().len(), base, uniform(), shift).expect("effects"));
}

fn main() {
    divan::main();
}
