//! How long a full recalculation of a cluster's merged readiness takes: 300 interviews of nine themes, merge, table of
//! lambdas, gaps and interventions. Before the report of the benchmark one line says what share of a 16 ms frame it is.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]

use std::{hint::black_box, time::Instant};

use divan::Bencher;
use kend_domain::{Dimension, Evidence, InterviewKind, Level, Theme};
use kend_readiness::{
    InterviewInput, MergeInput, MergeOutput, Method, ThemeInput, gaps_to_next_class, interventions_for, lambda_table,
    merge,
};

/// Interviews of a large campaign.
const INTERVIEWS: u32 = 300;
/// Villages they are held in.
const VILLAGES: u32 = 60;
/// One frame of a screen with 60 frames a second, milliseconds.
const FRAME_MS: f64 = 16.0;
/// Recalculations measured for the line.
const REPEATS: usize = 101;

fn input() -> MergeInput {
    let example = include_str!("../../../schema/examples/readiness-merge-input.json");
    let mut input = MergeInput::read(example).expect("the example is valid");
    input.villages_total = VILLAGES;
    input.interviews = (0..INTERVIEWS)
        .map(|number| {
            let themes = Theme::ALL.iter().zip(0_u32..).map(|(theme, place)| {
                let level = |shift: u32| {
                    let level = u8::try_from((number * 7 + place * 3 + shift) % 5 + 1).expect("1 to 5");
                    Level::try_from(level).expect("1 to 5")
                };
                let levels = vec![level(0), level(number % 2)];
                (*theme, ThemeInput { levels, consensus: None, evidence: Evidence::Example, in_domain: true })
            });
            InterviewInput {
                village: Some(format!("village {}", number % VILLAGES)),
                kind: if number % 3 == 0 { InterviewKind::Kii } else { InterviewKind::Fgd },
                themes: themes.collect(),
            }
        })
        .collect();
    input
}

fn recalculate(input: &MergeInput) -> (MergeOutput, usize) {
    let method = Method::standard();
    let output = merge(input, method).expect("the input is valid");
    let table = lambda_table(input, method).expect("the input is valid");
    let gaps = gaps_to_next_class(&output.merged_positions(), method);
    let class = output.index.merged_class.expect("there are data");
    let fitting: usize = Dimension::ALL.iter().map(|dimension| interventions_for(*dimension, class).len()).sum();
    let shown = table.len() + gaps.len() + fitting;
    (output, shown)
}

#[divan::bench]
fn full_recalculation_of_300_interviews(bencher: Bencher<'_, '_>) {
    let input = input();
    bencher.bench_local(|| recalculate(black_box(&input)));
}

#[divan::bench]
fn merge_of_300_interviews(bencher: Bencher<'_, '_>) {
    let input = input();
    bencher.bench_local(|| merge(black_box(&input), Method::standard()));
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn main() {
    let input = input();
    let mut times_ms: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            black_box(recalculate(black_box(&input)));
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times_ms.sort_by(f64::total_cmp);
    let median_ms = times_ms.get(REPEATS / 2).copied().unwrap_or(f64::NAN);
    let share = 100.0 * median_ms / FRAME_MS;
    println!("full recalculation, {INTERVIEWS} interviews x 9 themes: {median_ms:.3} ms, {share:.1} % of a frame");
    divan::main();
}
