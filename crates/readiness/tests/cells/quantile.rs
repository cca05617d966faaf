use kend_readiness::{
    Direction, Goalposts, LagRule, Method, baseline_thresholds,
    cells::{CellError, CellWeights, cell_goalposts, cell_lag_rule, cell_thresholds, quantiles},
    weighted_quantile,
};
use proptest::{collection::vec, prelude::*, sample::select};

fn pairs(values: &[f32], weights: &[f32]) -> Vec<(f64, f64)> {
    let there = values.iter().zip(weights).filter(|(value, _)| !value.is_nan());
    there.map(|(value, weight)| (f64::from(*value), f64::from(*weight))).collect()
}

/// Values of all sizes and signs with many ties; whole weights, whose sums are exact.
fn cells(
    value: impl Strategy<Value = f32>,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    vec((value, 0_u8..4), count)
        .prop_map(|cells| cells.into_iter().map(|(value, weight)| (value, f32::from(weight))).unzip())
}

fn any_value() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<f32>(),
        -1.0..1.0_f32,
        select(vec![0.0, -0.0, 1.0, -1.0, 1.0 + f32::EPSILON, f32::NAN, f32::MAX, f32::NEG_INFINITY]),
    ]
}

#[test]
fn nothing_has_no_quantile_and_weights_must_fit() {
    let none = |values: &[f32], weights| quantiles(values, weights, [0.5], |value| value).unwrap();
    assert_eq!(none(&[], CellWeights::Equal), None);
    assert_eq!(none(&[f32::NAN], CellWeights::Equal), None);
    assert_eq!(none(&[1.0, 2.0], CellWeights::Each(&[0.0, f32::NAN])), None);
    let short = quantiles(&[1.0], CellWeights::Each(&[]), [0.5], |value| value);
    assert_eq!(short, Err(CellError::Length { what: "weights", expected: 1, found: 0 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn selection_finds_what_sorting_finds((values, weights) in cells(any_value(), 1..300), share in -0.1..1.1_f64) {
        let shares = [0.0, 0.025, 0.2, 0.4, 0.5, 0.975, 1.0, share];
        let found = quantiles(&values, CellWeights::Each(&weights), shares, |value| value).unwrap();
        let expected: Option<Vec<f64>> =
            shares.iter().map(|share| weighted_quantile(&pairs(&values, &weights), *share)).collect();
        prop_assert_eq!(found.map(|found| found.to_vec()), expected);
        let equal = quantiles(&values, CellWeights::Equal, shares, |value| -value).unwrap();
        let mirrored: Vec<f32> = values.iter().map(|value| -value).collect();
        let ones = vec![1.0; values.len()];
        let expected: Option<Vec<f64>> =
            shares.iter().map(|share| weighted_quantile(&pairs(&mirrored, &ones), *share)).collect();
        prop_assert_eq!(equal.map(|found| found.to_vec()), expected);
    }

    #[test]
    fn columns_freeze_the_same_baseline_as_lists(
        (values, weights) in cells(prop_oneof![0.0..=100.0_f32, Just(0.0), Just(f32::NAN), Just(40.0)], 1..200),
    ) {
        let (method, each) = (Method::standard(), CellWeights::Each(&weights));
        let cells = pairs(&values, &weights);
        prop_assert_eq!(cell_thresholds(&values, each, method), baseline_thresholds(&cells, method));
        prop_assert_eq!(cell_lag_rule(&values, each, |value| value, method).unwrap(), LagRule::fit(&cells, method));
    }

    #[test]
    fn many_cells_have_the_goalposts_of_many_values(
        values in vec(prop_oneof![9 => -50.0..50.0_f32, 1 => Just(f32::NAN)], 1500), less in any::<bool>(),
    ) {
        let direction = if less { Direction::LessIsBetter } else { Direction::MoreIsBetter };
        let list: Vec<Option<f64>> =
            values.iter().map(|value| (!value.is_nan()).then_some(f64::from(*value))).collect();
        let expected = Goalposts::fit(&list, &vec![1.0; list.len()], direction, Method::standard());
        prop_assert_eq!(cell_goalposts(&values, CellWeights::Equal, direction, Method::standard()), expected);
    }
}
