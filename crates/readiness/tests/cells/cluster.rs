use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{
    Indicator, Method, Thresholds,
    cells::{
        Caution, CellError, CellIndex, Change, ClusterCells, ClusterColumns, LiftOption, MISSING_SCORE, NO_CLASS,
        SCORE_STEP, ScoreRule, ScoredCells, WhatIf, WhatIfError,
    },
    class_of, dimension_value, index_value, indicators,
};
use proptest::{collection::vec, prelude::*};

fn thresholds() -> Thresholds {
    Thresholds::new([20.0, 40.0, 60.0, 80.0]).unwrap()
}

fn index() -> CellIndex {
    let weights: Vec<_> = indicators().iter().map(|row| (row.dimension, row.weights.criterion)).collect();
    CellIndex::new(&weights, &thresholds(), Method::standard()).unwrap()
}

/// A cluster whose office saw the scores that stand in it.
pub(crate) fn cluster(scores: Vec<Vec<u8>>, population: Vec<f32>, zones: Vec<u16>) -> ClusterCells {
    let cells = zones.len();
    let nothing = vec![f32::NAN; cells];
    let office = ScoredCells {
        dimensions: std::array::from_fn(|_| nothing.clone()),
        index: nothing.clone(),
        class: vec![NO_CLASS; cells],
    };
    let mut columns = ClusterColumns { scores, office, population, zones, cell_km2: 0.01 };
    let blank = ClusterCells::new(index(), columns.clone()).unwrap();
    blank.recompute(&mut columns.office);
    ClusterCells::new(index(), columns).unwrap()
}

fn row(row: u8) -> &'static Indicator {
    &indicators()[usize::from(row) - 1]
}

fn what_if(cluster: &ClusterCells, of: u8, change: &Change<'_>) -> Result<WhatIf, WhatIfError> {
    cluster.what_if(&[(row(of), *change)], Method::standard())
}

/// All scores 40; by hand: one of 53 indicators from 40 to 90 in zone 7 moves the index by its weight times 50.
#[test]
fn a_value_of_a_zone_moves_the_index_of_its_cells_by_its_weight() {
    let steps = 100;
    let cluster = cluster(vec![vec![steps; 4]; 53], vec![10.0, 20.0, 30.0, 40.0], vec![7, 7, 3, 3]);
    assert_eq!(cluster.summary().population.to_vec(), [0.0, 0.0, 100.0, 0.0, 0.0]);
    let change = Change::Zone { zone: 7, from: Some(0.4), to: 0.9, rule: ScoreRule::Coverage };
    let (physicians, governance) = (row(44), row(52));
    for indicator in [physicians, governance] {
        let changed = what_if(&cluster, indicator.row, &change).unwrap();
        let expected = 40.0 + indicator.weights.criterion * 50.0;
        assert!((f64::from(changed.index[0]) - expected).abs() < 1e-4, "{} for {expected}", changed.index[0]);
        assert!((changed.index[3] - 40.0).abs() < 1e-4);
        let mean = 40.0 + 0.3 * indicator.weights.criterion * 50.0;
        assert!((changed.after.index.unwrap() - mean).abs() < 1e-4);
        assert_eq!(changed.before, cluster.summary());
    }
    // Down by five points each: below the threshold of 40, in two cells where 30 people live.
    let change = Change::Zone { zone: 7, from: Some(0.4), to: 0.35, rule: ScoreRule::Coverage };
    let changed = what_if(&cluster, 52, &change).unwrap();
    assert_eq!(changed.class, [1, 1, 2, 2]);
    assert_eq!(changed.after.population.to_vec(), [0.0, 30.0, 70.0, 0.0, 0.0]);
    assert_eq!(changed.after.area_km2.to_vec(), [0.0, 0.02, 0.02, 0.0, 0.0]);
    assert_eq!(changed.after.class, Some(ReadinessClass::ALL[1]));
}

/// With rows 44 and 52 alone, all scores 40, and limits that allow two dimensions: each row is its whole dimension, and each
/// dimension half of the index. By hand: 50 points of one are 25 of the index, and to 60.1 it takes 40.2 points of one.
#[test]
fn a_partial_index_moves_by_what_is_there_of_it() {
    let mut method = Method::standard().clone();
    method.missing.dimension_min_weight_share.value = 0.0;
    method.missing.index_min_dimensions.value = 2;
    let weights: Vec<_> = indicators().iter().map(|row| (row.dimension, row.weights.criterion)).collect();
    let index = || CellIndex::new(&weights, &thresholds(), &method).unwrap();
    let mut scores = vec![vec![MISSING_SCORE; 2]; 53];
    for place in [43, 51] {
        scores[place] = vec![100; 2];
    }
    let nothing = vec![f32::NAN; 2];
    let office = ScoredCells {
        dimensions: std::array::from_fn(|_| nothing.clone()),
        index: nothing.clone(),
        class: vec![NO_CLASS; 2],
    };
    let mut columns = ClusterColumns { scores, office, population: vec![1.0; 2], zones: vec![7; 2], cell_km2: 0.01 };
    ClusterCells::new(index(), columns.clone()).unwrap().recompute(&mut columns.office);
    let cluster = ClusterCells::new(index(), columns).unwrap();
    assert!(cluster.office().index.iter().all(|index| (index - 40.0).abs() < 1e-4));
    let change = Change::Zone { zone: 7, from: Some(0.4), to: 0.9, rule: ScoreRule::Coverage };
    let changed = what_if(&cluster, 44, &change).unwrap();
    assert!(changed.index.iter().all(|index| (index - 65.0).abs() < 1e-4), "{:?}", changed.index);
    let lift = cluster.lift(&[LiftOption { indicator: row(44), cost: 1.0, peers_p80: 100.0 }]).unwrap();
    let raise = lift.cheapest.raises[0].points;
    assert!((raise - 40.2).abs() < 1e-4 && (lift.cheapest.index_of_cells - 60.1).abs() < 1e-4, "{raise}");
}

#[test]
fn a_value_that_stays_as_it_is_moves_nothing_and_a_wrong_one_is_refused() {
    let mut scores = vec![vec![101_u8; 3]; 53];
    scores[43] = vec![101, 101, MISSING_SCORE];
    let cluster = cluster(scores, vec![1.0; 3], vec![1, 1, 2]);
    let rule = ScoreRule::Coverage;
    let zone = |zone, from, to| what_if(&cluster, 44, &Change::Zone { zone, from, to, rule });
    // 40.5 points stand as 101 steps of 0.4.
    let same = zone(1, Some(0.405), 0.405).unwrap();
    assert_eq!((same.index.as_slice(), same.after), (cluster.office().index.as_slice(), same.before));
    let wrong = WhatIfError::NotTheStoredValue { zone: 1, from: Some(0.5) };
    assert_eq!(zone(1, Some(0.5), 0.6), Err(wrong));
    assert!(zone(2, None, 0.9).unwrap().index[2] > cluster.office().index[2], "a value where there was none counts");
    assert_eq!(zone(9, Some(0.4), 0.6), Err(WhatIfError::NoZone { zone: 9 }));
    assert_eq!(zone(1, Some(0.405), f64::NAN), Err(WhatIfError::NotANumber));
    let short = what_if(&cluster, 44, &Change::Scores(&[1.0]));
    assert_eq!(short, Err(WhatIfError::Length { expected: 3, found: 1 }));
    let unknown = Indicator { row: 54, ..row(44).clone() };
    let change = Change::Scores(&[1.0; 3]);
    let none = cluster.what_if(&[(&unknown, change)], Method::standard());
    assert_eq!(none, Err(WhatIfError::NoIndicator { row: 54 }));
}

#[test]
fn disputed_thin_and_fixed_indicators_come_with_a_caution() {
    let cluster = cluster(vec![vec![0; 1]; 53], vec![1.0], vec![1]);
    for indicator in indicators() {
        let found = what_if(&cluster, indicator.row, &Change::Scores(&[1.0])).unwrap().cautions;
        assert_eq!(found.contains(&Caution::Contested), indicator.contested);
        assert_eq!(found.contains(&Caution::Weak), indicator.weak);
        assert_eq!(found.contains(&Caution::NotActionable), !indicator.actionable);
    }
}

#[test]
fn a_pack_that_contradicts_itself_is_refused() {
    let good = cluster(vec![vec![100; 2]; 53], vec![1.0; 2], vec![1; 2]);
    let columns = ClusterColumns {
        scores: vec![vec![100; 2]; 53],
        office: good.office().clone(),
        population: vec![1.0; 2],
        zones: vec![1; 2],
        cell_km2: 0.01,
    };
    let refused = |spoil: fn(&mut ClusterColumns)| {
        let mut spoilt = columns.clone();
        spoil(&mut spoilt);
        ClusterCells::new(index(), spoilt).unwrap_err()
    };
    let value = |what, cell| CellError::Value { what, cell };
    assert_eq!(refused(|columns| columns.scores[3][1] = 251), value("a score", 1));
    assert_eq!(refused(|columns| columns.office.index[0] = 100.5), value("a value of the office", 0));
    assert_eq!(refused(|columns| columns.population[1] = f32::NAN), value("population", 1));
    assert_eq!(refused(|columns| columns.office.class[1] = 5), value("a class", 1));
    assert_eq!(refused(|columns| columns.office.class[0] = NO_CLASS), value("a class", 0));
    assert_eq!(refused(|columns| columns.cell_km2 = 0.0), CellError::CellArea);
    assert!(matches!(refused(|columns| columns.scores.truncate(52)), CellError::Length { found: 52, .. }));
    assert!(matches!(refused(|columns| columns.zones.push(1)), CellError::Length { expected: 3, .. }));
}

fn steps() -> impl Strategy<Value = u8> {
    prop_oneof![5 => 0_u8..=250, 1 => Just(MISSING_SCORE)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn scores_in_steps_are_worth_what_the_plain_functions_say(scores in vec(vec(steps(), 7), 53)) {
        let method = Method::standard();
        let cluster = cluster(scores.clone(), vec![1.0; 7], vec![1; 7]);
        for cell in 0..7 {
            let values: BTreeMap<Dimension, f64> = Dimension::ALL.iter().filter_map(|dimension| {
                let rows: Vec<(f64, Option<f64>)> = indicators().iter().zip(&scores)
                    .filter(|(row, _)| row.dimension == *dimension)
                    .map(|(row, scores)| {
                        let there = scores[cell] != MISSING_SCORE;
                        (row.weights.criterion, there.then(|| f64::from(scores[cell]) * f64::from(SCORE_STEP)))
                    }).collect();
                Some((*dimension, dimension_value(&rows, &method.missing)?.value))
            }).collect();
            let found = cluster.office().index[cell];
            match index_value(&values, &method.missing, method) {
                Some(index) => {
                    prop_assert!((f64::from(found) - index.value).abs() < 1e-3);
                    let class = class_of(f64::from(found), &thresholds());
                    prop_assert_eq!(ReadinessClass::ALL[usize::from(cluster.office().class[cell])], class);
                }
                None => prop_assert!(found.is_nan()),
            }
        }
    }

    #[test]
    fn new_columns_give_what_calculating_all_anew_gives(
        scores in vec(vec(steps(), 9), 53), of in 1_u8..=53, further in 0_u8..52, new in vec(vec(steps(), 9), 2),
    ) {
        let before = cluster(scores.clone(), vec![1.0; 9], vec![1; 9]);
        let points = |new: &Vec<u8>| -> Vec<f32> {
            let points = |steps: &u8| if *steps == MISSING_SCORE { f32::NAN } else { f32::from(*steps) * SCORE_STEP };
            new.iter().map(points).collect()
        };
        let other = (of + further) % 53 + 1;
        let (first, second) = (points(&new[0]), points(&new[1]));
        let changes = [(row(of), Change::Scores(&first)), (row(other), Change::Scores(&second))];
        let changed = before.what_if(&changes, Method::standard()).unwrap();
        let mut scores = scores;
        for (of, new) in [of, other].into_iter().zip(new) {
            scores[usize::from(of) - 1] = new;
        }
        let anew = cluster(scores, vec![1.0; 9], vec![1; 9]);
        for (found, expected) in changed.index.iter().zip(&anew.office().index) {
            prop_assert_eq!(found.is_nan(), expected.is_nan());
            prop_assert!(found.is_nan() || (found - expected).abs() < 2e-3, "{} for {}", found, expected);
        }
        for (found, expected) in changed.after.dimensions.iter().zip(anew.summary().dimensions) {
            prop_assert_eq!(found.is_some(), expected.is_some());
            prop_assert!((found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 2e-3);
        }
        prop_assert_eq!(changed.before, before.summary());
    }
}

#[test]
fn one_place_is_not_changed_twice() {
    let cluster = cluster(vec![vec![100; 2]; 53], vec![1.0; 2], vec![1, 2]);
    let zone = |zone| (row(44), Change::Zone { zone, from: Some(0.4), to: 0.9, rule: ScoreRule::Coverage });
    let method = Method::standard();
    let both = cluster.what_if(&[zone(1), zone(2)], method).unwrap();
    let each = [zone(1), zone(2)].map(|change| cluster.what_if(&[change], method).unwrap().index);
    assert_eq!(both.index, [each[0][0], each[1][1]]);
    let twice = Err(WhatIfError::Twice { row: 44 });
    assert_eq!(cluster.what_if(&[zone(1), zone(1)], method), twice);
    assert_eq!(cluster.what_if(&[zone(1), (row(44), Change::Scores(&[1.0; 2]))], method), twice);
    let missing_scores = cluster.mean_score(54);
    assert_eq!((cluster.mean_score(44).map(f64::round), missing_scores), (Some(40.0), None));
}
