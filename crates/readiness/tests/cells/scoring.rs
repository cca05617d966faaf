use std::collections::BTreeMap;

use kend_domain::Dimension;
use kend_readiness::{
    Direction, Goalposts, Method, Thresholds, Treatment,
    cells::{CellColumns, CellError, CellIndicator, CellScoring, Column, NO_CLASS, ScoreRule, ScoredCells},
    class_of, dimension_value, index_value,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn thresholds() -> Thresholds {
    Thresholds::new([20.0, 40.0, 60.0, 80.0]).unwrap()
}

/// By hand in method 2.5: zones A, B, C; `missing` is NaN.
#[test]
fn the_worked_example_of_the_method_gives_its_dimension_values() {
    let method = Method::standard();
    let fit = |values: [Option<f64>; 3], direction| {
        ScoreRule::Goalposts(Goalposts::fit(&values, &[1.0; 3], direction, method).unwrap())
    };
    let rules = [
        fit([Some(2.0), Some(5.0), Some(8.0)], Direction::MoreIsBetter),
        fit([Some(30.0), Some(10.0), Some(20.0)], Direction::LessIsBetter),
        fit([None, Some(40.0), Some(60.0)], Direction::MoreIsBetter),
    ];
    let indicators: Vec<CellIndicator> = rules
        .into_iter()
        .zip([0.25, 0.25, 0.5])
        .map(|(rule, weight)| CellIndicator { dimension: Dimension::HumanCapital, weight, rule })
        .collect();
    let scoring = CellScoring::new(&indicators, &thresholds(), method).unwrap();
    // The fourth cell is zone B in the next round.
    let first = [2.0, 5.0, 8.0, 9.0];
    let second = [30.0, 10.0, 20.0, 10.0];
    let third = [f32::NAN, 40.0, 60.0, 45.0];
    let by_cell = [Column::Cells(&first), Column::Cells(&second), Column::Cells(&third)];
    let zones: [u16; 4] = [0, 1, 2, 3];
    let by_zone = [
        Column::Zones { layer: 0, values: &first },
        Column::Cells(&second),
        Column::Zones { layer: 0, values: &third },
    ];
    for (columns, layers) in [(&by_cell, &[][..]), (&by_zone, &[&zones[..]][..])] {
        let mut scored = ScoredCells::default();
        scoring.score(&CellColumns { cells: 4, layers, columns }, &mut scored).unwrap();
        let human_capital = &scored.dimensions[2];
        assert!(human_capital[0].is_nan(), "half of the weight is too little");
        assert_eq!(human_capital[1..], [37.5, 87.5, 62.5]);
        assert!(scored.index.iter().all(|index| index.is_nan()), "one dimension is no index");
        assert_eq!(scored.class, [NO_CLASS; 4]);
    }
}

/// A country is worked on in spans of 65,536 cells: the second of them ends within this one, and has the digits of the first.
#[test]
fn cells_far_down_a_column_are_scored_as_the_first_ones() {
    const PERIOD: usize = 2500;
    const CELLS: usize = 72_500;
    let indicators: Vec<CellIndicator> = Dimension::ALL
        .iter()
        .flat_map(|dimension| [1.0, 2.0].map(|weight| (*dimension, weight)))
        .map(|(dimension, weight)| CellIndicator { dimension, weight, rule: ScoreRule::Coverage })
        .collect();
    let share = |cell, row| f32::from(u8::try_from(cell % PERIOD * (row + 3) % 101).unwrap()) / 100.0;
    let shares: Vec<Vec<f32>> =
        (0..indicators.len()).map(|row| (0..CELLS).map(|cell| share(cell, row)).collect()).collect();
    let zones: Vec<u16> = (0..CELLS).map(|cell| u16::try_from(cell % PERIOD / 700).unwrap()).collect();
    let by_zone = [0.2, f32::NAN, 0.7, 0.9];
    let columns: Vec<Column<'_>> = shares
        .iter()
        .enumerate()
        .map(|(row, shares)| match row {
            5 => Column::Zones { layer: 0, values: &by_zone },
            _ => Column::Cells(shares),
        })
        .collect();
    let mut scored = ScoredCells::default();
    let scoring = CellScoring::new(&indicators, &thresholds(), Method::standard()).unwrap();
    scoring.score(&CellColumns { cells: CELLS, layers: &[&zones], columns: &columns }, &mut scored).unwrap();
    let (first, rest) = scored.index.split_at(PERIOD);
    assert!(first.iter().any(|index| !index.is_nan()) && scored.class.contains(&NO_CLASS));
    for (place, index) in rest.iter().enumerate() {
        assert_eq!(index.to_bits(), first[place % PERIOD].to_bits(), "cell {}", PERIOD + place);
    }
    assert!(scored.class.iter().enumerate().all(|(cell, class)| *class == scored.class[cell % PERIOD]));
}

/// Baselines are scored under any thresholds first, since their own follow from the index.
#[test]
fn classes_under_other_thresholds_are_those_of_scoring_anew() {
    let indicators: Vec<CellIndicator> = Dimension::ALL
        .iter()
        .map(|dimension| CellIndicator { dimension: *dimension, weight: 1.0, rule: ScoreRule::Coverage })
        .collect();
    // Every whole number of points, ends of classes among them, and a cell without an index.
    let shares: Vec<f32> = (0..=100_u8).map(|points| f32::from(points) / 100.0).chain([f32::NAN]).collect();
    let columns = vec![Column::Cells(&shares); indicators.len()];
    let input = CellColumns { cells: shares.len(), layers: &[], columns: &columns };
    let method = Method::standard();
    let under = |thresholds| CellScoring::new(&indicators, &Thresholds::new(thresholds).unwrap(), method).unwrap();
    let own = under([25.0, 34.0, 50.0, 54.5]);
    let (mut scored, mut anew) = (ScoredCells::default(), ScoredCells::default());
    under([20.0, 40.0, 60.0, 80.0]).score(&input, &mut scored).unwrap();
    own.score(&input, &mut anew).unwrap();
    assert_ne!(scored.class, anew.class);
    own.classify(&mut scored);
    assert_eq!(scored.class, anew.class);
    assert_eq!(scored.class.last(), Some(&NO_CLASS));
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let indicator = |weight, rule| CellIndicator { dimension: Dimension::Governance, weight, rule };
    let method = Method::standard();
    let new = |indicator| CellScoring::new(&[indicator], &thresholds(), method);
    assert!(matches!(new(indicator(f64::NAN, ScoreRule::Coverage)), Err(CellError::Weight { place: 0, .. })));
    let goalposts = |treatment, high| {
        ScoreRule::Goalposts(Goalposts { direction: Direction::MoreIsBetter, treatment, low: 1.0, high })
    };
    assert!(matches!(
        new(indicator(1.0, goalposts(Treatment::AsObserved, 1.0))),
        Err(CellError::Goalposts { place: 0, .. })
    ));
    let upside_down = Treatment::Clamped { low: 3.0, high: 2.0 };
    assert!(matches!(new(indicator(1.0, goalposts(upside_down, 4.0))), Err(CellError::Goalposts { .. })));

    let scoring = new(indicator(1.0, ScoreRule::Coverage)).unwrap();
    let score = |layers: &[&[u16]], columns: &[Column<'_>]| {
        scoring.score(&CellColumns { cells: 2, layers, columns }, &mut ScoredCells::default()).unwrap_err()
    };
    assert_eq!(score(&[], &[]), CellError::Length { what: "columns", expected: 1, found: 0 });
    assert!(matches!(score(&[], &[Column::Cells(&[1.0])]), CellError::Length { expected: 2, found: 1, .. }));
    assert!(matches!(score(&[&[1]], &[Column::Cells(&[1.0; 2])]), CellError::Length { expected: 2, found: 1, .. }));
    assert_eq!(score(&[], &[Column::Zones { layer: 0, values: &[] }]), CellError::NoLayer { place: 0, layer: 0 });
}

fn goalposts() -> impl Strategy<Value = Goalposts> {
    let treatment = prop_oneof![
        Just(Treatment::AsObserved),
        (-100.0..0.0_f64, 0.0..100.0_f64).prop_map(|(low, high)| Treatment::Clamped { low, high }),
        (-100.0..0.0_f64, 0.0..100.0_f64).prop_map(|(low, high)| Treatment::Winsorised { points: 1, low, high }),
        (-100.0..0.0_f64).prop_map(|origin| Treatment::Logarithm { origin, offset: 1.0 }),
        (0.0..100.0_f64).prop_map(|origin| Treatment::MirroredLogarithm { origin, offset: 1.0 }),
    ];
    (treatment, any::<bool>(), -100.0..0.0_f64, 1.0..100.0_f64).prop_map(|(treatment, more, low, high)| {
        let direction = if more { Direction::MoreIsBetter } else { Direction::LessIsBetter };
        Goalposts { direction, treatment, low, high }
    })
}

fn indicator() -> impl Strategy<Value = CellIndicator> {
    let rule = prop_oneof![4 => goalposts().prop_map(ScoreRule::Goalposts), 1 => Just(ScoreRule::Coverage)];
    (select(Dimension::ALL), 0.01..1.0_f64, rule).prop_map(|(dimension, weight, rule)| CellIndicator {
        dimension,
        weight,
        rule,
    })
}

type Land = (Vec<(CellIndicator, Option<usize>)>, Vec<Vec<f32>>, Vec<u16>);

/// Indicators, whether each is constant in zones, raw values of a few thousand cells or of zones.
fn land() -> impl Strategy<Value = Land> {
    let value = prop_oneof![8 => -120.0..120.0_f32, 1 => Just(f32::NAN), 1 => select(vec![f32::INFINITY, f32::NEG_INFINITY]), 1 => 0.0..1.0_f32];
    let indicators = vec((indicator(), option::of(0_usize..2)), 5..16);
    (indicators, vec(vec(value, 7), 16), vec(0_u16..9, 2500))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn each_cell_is_worth_what_the_plain_functions_say((indicators, values, zones) in land()) {
        let method = Method::standard();
        let (indicators, layers): (Vec<CellIndicator>, Vec<Option<usize>>) = indicators.into_iter().unzip();
        let other: Vec<u16> = zones.iter().rev().copied().collect();
        let surfaces = [zones.as_slice(), other.as_slice()];
        let cells = zones.len();
        // More than one block of cells, from seven values each.
        let by_cell: Vec<Vec<f32>> =
            values.iter().map(|values| (0..cells).map(|cell| values[(cell * cell / 3) % 7]).collect()).collect();
        let columns: Vec<Column<'_>> = layers.iter().zip(&values).zip(&by_cell).map(|((layer, values), cells)| {
            layer.map_or(Column::Cells(cells), |layer| Column::Zones { layer, values })
        }).collect();
        let scoring = CellScoring::new(&indicators, &thresholds(), method).unwrap();
        let mut scored = ScoredCells::default();
        scoring.score(&CellColumns { cells, layers: &surfaces, columns: &columns }, &mut scored).unwrap();

        for cell in (0..cells).step_by(13) {
            let mut expected = BTreeMap::new();
            for (place, dimension) in Dimension::ALL.iter().enumerate() {
                let rows: Vec<(f64, Option<f64>)> = indicators.iter().zip(&columns).filter(|(row, _)| {
                    row.dimension == *dimension
                }).map(|(row, column)| {
                    let value = match column {
                        Column::Cells(values) => values[cell],
                        Column::Zones { layer, values } => {
                            values.get(usize::from(surfaces[*layer][cell])).copied().unwrap_or(f32::NAN)
                        }
                    };
                    let value = (!value.is_nan()).then_some(f64::from(value));
                    (row.weight, value.map(|value| row.rule.score(value, method)))
                }).collect();
                let found = f64::from(scored.dimensions[place][cell]);
                match dimension_value(&rows, &method.missing) {
                    Some(value) => {
                        prop_assert!((found - value.value).abs() < 0.002, "{found} for {}", value.value);
                        expected.insert(*dimension, value.value);
                    }
                    None => prop_assert!(found.is_nan()),
                }
            }
            let found = scored.index[cell];
            match index_value(&expected, &method.missing, method) {
                Some(index) => {
                    prop_assert!((f64::from(found) - index.value).abs() < 0.002, "{found} for {}", index.value);
                    let class = class_of(f64::from(found), &thresholds());
                    prop_assert_eq!(usize::from(scored.class[cell]), class as usize);
                }
                None => prop_assert!(found.is_nan() && scored.class[cell] == NO_CLASS),
            }
        }
        // However the cells are cut, the digits are the same.
        let cut = 1000;
        let rest: Vec<Column<'_>> = columns.iter().map(|column| match column {
            Column::Cells(values) => Column::Cells(&values[cut..]),
            zones @ Column::Zones { .. } => *zones,
        }).collect();
        let mut again = ScoredCells::default();
        let layers = surfaces.map(|zones| &zones[cut..]);
        scoring.score(&CellColumns { cells: cells - cut, layers: &layers, columns: &rest }, &mut again).unwrap();
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
        prop_assert_eq!(bits(&again.index), bits(&scored.index[cut..]));
    }
}
