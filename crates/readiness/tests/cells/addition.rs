use kend_readiness::{
    Direction, Goalposts, Indicator, Method, Treatment,
    cells::{Addition, Change, ClusterCells, MISSING_SCORE, Raised, SCORE_STEP, ScoreRule, WhatIfError, score_steps},
    indicators,
};
use proptest::{collection::vec, prelude::*};

use crate::cluster::cluster;

const PROJECTS: u8 = 52;
const CLINIC: u8 = 43;
const MAST: u8 = 20;
/// Half of a stored step, and what f32 leaves over.
const HALF_STEP: f32 = SCORE_STEP / 2.0 + 1e-3;

fn row(row: u8) -> &'static Indicator {
    &indicators()[usize::from(row) - 1]
}

fn goalposts(direction: Direction, treatment: Treatment, low: f64, high: f64) -> ScoreRule {
    ScoreRule::Goalposts(Goalposts { direction, treatment, low, high })
}

/// A cluster of which one row has these scores in steps, and all others 40 points.
fn of_row(row: u8, steps: &[u8]) -> ClusterCells {
    let mut scores = vec![vec![100; steps.len()]; 53];
    scores[usize::from(row) - 1] = steps.to_vec();
    cluster(scores, vec![1.0; steps.len()], vec![1; steps.len()])
}

fn raised(of: u8, steps: &[u8], addition: Addition<'_>, rule: ScoreRule) -> Result<Raised, WhatIfError> {
    of_row(of, steps).raised(row(of), addition, rule, Method::standard())
}

fn near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let same = (found - expected).abs() < 1e-4 || (found.is_nan() && expected.is_nan());
        assert!(same, "{found} for {expected}");
    }
}

#[test]
fn a_project_adds_its_density_to_what_the_score_says_is_there() {
    // By hand: 0 to 5 per square kilometre, so 1 more is 20 points; 40 points are 2 per square kilometre.
    let line = goalposts(Direction::MoreIsBetter, Treatment::AsObserved, 0.0, 5.0);
    let added = Addition::Density(&[1.0, 1.0, 1.0, 0.0, 1.0]);
    let found = raised(PROJECTS, &[100, 0, 240, 100, MISSING_SCORE], added, line).unwrap();
    near(&found.scores, &[60.0, 20.0, 100.0, 40.0, f32::NAN]);
    assert_eq!(found.at_least, 0, "nothing is below a density of 0");
    // From 1 to 5: what scores 0 may be anything from 0 to 1, so at least nothing and at most 25 points are won.
    let from_one = goalposts(Direction::MoreIsBetter, Treatment::Clamped { low: 1.0, high: 5.0 }, 1.0, 5.0);
    let found = raised(PROJECTS, &[100, 0], Addition::Density(&[1.0, 1.0]), from_one).unwrap();
    near(&found.scores, &[65.0, 0.0]);
    assert_eq!(found.at_least, 1);
}

#[test]
fn a_clinic_counts_where_it_is_nearer_and_a_full_score_stays() {
    // By hand: 10 minutes score 100, 110 score 0, a point a minute.
    let minutes = goalposts(Direction::LessIsBetter, Treatment::AsObserved, -110.0, -10.0);
    let added = Addition::Minutes(&[30.0, 90.0, f32::INFINITY, f32::NAN, 5.0, 200.0, 1.0]);
    let found = raised(CLINIC, &[100, 100, 100, 100, 250, 0, MISSING_SCORE], added, minutes).unwrap();
    near(&found.scores, &[80.0, 40.0, 40.0, 40.0, 100.0, 0.0, f32::NAN]);
    assert_eq!(found.at_least, 0);
}

#[test]
fn a_mast_covers_what_it_reaches_and_says_where_it_may_overlap() {
    let added = Addition::Coverage(&[1.0, 0.5, 0.5, 0.0, 1.0, 0.5]);
    let steps = [100, 100, 0, 100, MISSING_SCORE, MISSING_SCORE];
    let found = raised(MAST, &steps, added, ScoreRule::Coverage).unwrap();
    near(&found.scores, &[100.0, 50.0, 50.0, 40.0, 100.0, f32::NAN]);
    assert_eq!(found.at_least, 1, "40 and 50 of a hundred may overlap by none or by all");
}

#[test]
fn a_new_destination_is_looked_for_only_below_what_can_help() {
    let minutes = goalposts(Direction::LessIsBetter, Treatment::AsObserved, -110.0, -10.0);
    let limits = |error| {
        let cells = of_row(CLINIC, &[0, 1, 100, 250, MISSING_SCORE]);
        cells.useful_minutes(row(CLINIC), minutes, error, Method::standard()).unwrap()
    };
    // By hand: 40 points are 70 minutes, half a step less is 0.2 minutes more.
    near(&limits(0.0), &[110.0, 109.8, 70.2, 10.2, 110.0]);
    near(&limits(0.01), &[110.0, 110.0, 70.902, 10.302, 110.0]);
}

#[test]
fn what_does_not_fit_the_indicator_is_refused() {
    let minutes = goalposts(Direction::LessIsBetter, Treatment::AsObserved, -110.0, -10.0);
    let wrong = raised(CLINIC, &[0], Addition::Density(&[1.0]), minutes);
    assert_eq!(wrong, Err(WhatIfError::TakesNone { row: CLINIC }));
    assert_eq!(
        raised(MAST, &[0], Addition::Minutes(&[1.0]), ScoreRule::Coverage),
        Err(WhatIfError::TakesNone { row: MAST })
    );
    let short = raised(MAST, &[0, 0], Addition::Coverage(&[1.0]), ScoreRule::Coverage);
    assert_eq!(short, Err(WhatIfError::Length { expected: 2, found: 1 }));
    let limits = of_row(MAST, &[0]).useful_minutes(row(MAST), ScoreRule::Coverage, 0.0, Method::standard());
    assert_eq!(limits, Err(WhatIfError::TakesNone { row: MAST }));
}

#[test]
fn raised_scores_move_the_index_by_less_than_a_step_too() {
    let cells = of_row(PROJECTS, &[100, 100]);
    let moved = cells.what_if(&[(row(PROJECTS), Change::Raised(&[40.1, 40.0]))], Method::standard()).unwrap();
    let gain = f64::from(moved.index[0] - cells.office().index[0]);
    assert!((gain - 0.1 * row(PROJECTS).weights.criterion).abs() < 1e-5, "{gain}");
    assert_eq!(moved.index[1].to_bits(), cells.office().index[1].to_bits());
}

fn treatments() -> impl Strategy<Value = Treatment> {
    prop_oneof![
        Just(Treatment::AsObserved),
        Just(Treatment::Clamped { low: 0.0, high: 100.0 }),
        Just(Treatment::Logarithm { origin: 0.0, offset: 1.0 }),
    ]
}

proptest! {
    /// Against the score of the raw value itself, which a device doesn't have.
    #[test]
    fn a_density_that_grows_scores_as_its_raw_value_would_within_half_a_step(
        values in vec((0.0_f64..120.0, 0.0_f32..50.0), 1..20), treatment in treatments(),
    ) {
        let (low, high) = match treatment {
            Treatment::Logarithm { .. } => (0.0, 101.0_f64.ln()),
            _ => (0.0, 100.0),
        };
        let rule = goalposts(Direction::MoreIsBetter, treatment, low, high);
        #[expect(clippy::cast_possible_truncation, reason = "scores are kept in f32")]
        let score = |value: f64| rule.score(value, Method::standard()) as f32;
        let steps: Vec<u8> = values.iter().map(|(value, _)| score_steps(score(*value))).collect();
        let added: Vec<f32> = values.iter().map(|(_, added)| *added).collect();
        let found = raised(PROJECTS, &steps, Addition::Density(&added), rule).unwrap();
        for (((value, added), steps), found) in values.iter().zip(&steps).zip(&found.scores) {
            let exact = score(value + f64::from(*added));
            prop_assert!((found - exact).abs() <= HALF_STEP, "{found} for {exact}");
            prop_assert!(*found >= f32::from(*steps) * SCORE_STEP, "an addition never lowers");
        }
    }

    #[test]
    fn nothing_that_is_added_lowers_a_score_or_leaves_the_scale(
        cells in vec((0_u8..=250, prop_oneof![Just(f32::INFINITY), 0.0_f32..300.0]), 1..20), what in 0..3,
    ) {
        let steps: Vec<u8> = cells.iter().map(|(steps, _)| *steps).collect();
        let added: Vec<f32> = cells.iter().map(|(_, added)| *added).collect();
        let shares: Vec<f32> = added.iter().map(|added| (added / 300.0).min(1.0)).collect();
        let amounts: Vec<f32> = added.iter().map(|added| added.min(300.0)).collect();
        let more = goalposts(Direction::MoreIsBetter, Treatment::AsObserved, 3.0, 200.0);
        let less = goalposts(Direction::LessIsBetter, Treatment::AsObserved, -240.0, -3.0);
        let found = match what {
            0 => raised(PROJECTS, &steps, Addition::Density(&amounts), more),
            1 => raised(CLINIC, &steps, Addition::Minutes(&added), less),
            _ => raised(MAST, &steps, Addition::Coverage(&shares), ScoreRule::Coverage),
        };
        for (steps, found) in steps.iter().zip(found.unwrap().scores) {
            prop_assert!(found >= f32::from(*steps) * SCORE_STEP && found <= 100.001, "{found}");
        }
    }
}
