//! What holds for any input: the merge stays in its scale, is reversible, and does not depend on order.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "strategies build valid values only")]

mod support;

use std::collections::BTreeMap;

use kend_domain::{Dimension, Evidence, InterviewKind, Level, ReadinessClass, Theme};
use kend_readiness::{
    DimensionInput, InterviewInput, MergeInput, MergeParameters, Method, ThemeInput, Thresholds, baseline_thresholds,
    merge, position, value_at,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn thresholds() -> impl Strategy<Value = Thresholds> {
    vec(1_u32..2000, 4).prop_map(|steps| {
        let mut reached = 0;
        let knots: Vec<f64> = steps
            .iter()
            .map(|step| {
                f64::from({
                    reached += step;
                    reached
                }) / 100.0
            })
            .collect();
        Thresholds::new([knots[0], knots[1], knots[2], knots[3]]).unwrap()
    })
}

fn dimension() -> impl Strategy<Value = DimensionInput> {
    (0.0..=100.0_f64, thresholds(), 0.0..40.0_f64).prop_map(|(value, thresholds, sd_mc)| DimensionInput {
        value: Some(value),
        thresholds: Some(thresholds),
        sd_mc: Some(sd_mc),
    })
}

fn level() -> impl Strategy<Value = Level> {
    (1_u8..=5).prop_map(|level| level.try_into().unwrap())
}

fn theme() -> impl Strategy<Value = ThemeInput> {
    (vec(level(), 1..4), option::of(level()), 1_u8..=3, any::<bool>()).prop_map(
        |(levels, consensus, evidence, in_domain)| ThemeInput {
            levels,
            consensus,
            evidence: Evidence::try_from(evidence).unwrap(),
            in_domain,
        },
    )
}

fn interview() -> impl Strategy<Value = InterviewInput> {
    let themes = proptest::collection::btree_map(select(Theme::ALL), theme(), 0..9);
    (option::of(select(vec!["A", "B", "C", "D"])), any::<bool>(), themes).prop_map(|(village, fgd, themes)| {
        let kind = if fgd && village.is_some() { InterviewKind::Fgd } else { InterviewKind::Kii };
        InterviewInput { village: village.map(str::to_owned), kind, themes }
    })
}

fn parameters() -> impl Strategy<Value = MergeParameters> {
    (0.0..=1.0_f64, 0.0..=1.0_f64, 0.0..20.0_f64, 0.0..900.0_f64, 0.0..400.0_f64, 0.0..5.0_f64, 0.0..=1.0_f64).prop_map(
        |(lambda, alpha, nu0, sigma0_sq, sigma_m_sq, a, kappa_cap)| MergeParameters {
            lambda,
            alpha,
            nu0,
            sigma0_sq,
            sigma_m_sq,
            a,
            kappa_cap,
        },
    )
}

fn input() -> impl Strategy<Value = MergeInput> {
    let dimensions = proptest::collection::btree_map(select(Dimension::ALL), dimension(), 0..=5);
    (dimensions, thresholds(), 0.0..60.0_f64, 4_u32..40, parameters(), vec(interview(), 0..12)).prop_map(
        |(dimensions, index_thresholds, years, villages_total, parameters, interviews)| MergeInput {
            dimensions,
            index_thresholds,
            years,
            villages_total,
            parameters,
            interviews,
        },
    )
}

proptest! {
    #[test]
    fn the_merged_index_stays_in_the_scale_and_every_number_is_one(input in input()) {
        let output = merge(&input, Method::standard()).unwrap();
        if let Some(merged) = output.index.merged {
            prop_assert!((0.0..=100.0).contains(&merged));
            prop_assert!(output.index.se.unwrap() >= 0.0);
            let sum: f64 = output.index.probabilities.unwrap().iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            let classes = |class: Option<ReadinessClass>| {
                ReadinessClass::ALL.iter().position(|other| Some(*other) == class).unwrap()
            };
            prop_assert!(classes(output.index.class).abs_diff(classes(output.index.merged_class)) <= 1);
        } else {
            prop_assert!(input.dimensions.is_empty());
        }
        for dimension in output.dimensions.values() {
            prop_assert!(dimension.kappa.is_none_or(|kappa| (0.0..=input.parameters.kappa_cap).contains(&kappa)));
            let position = |position: f64| (0.0..=100.0).contains(&position);
            prop_assert!([dimension.position, dimension.q, dimension.merged_position, dimension.merged]
                .into_iter().flatten().all(position));
            prop_assert!([dimension.u, dimension.v, dimension.variance].into_iter().flatten().all(|var| var >= 0.0));
        }
        prop_assert_eq!(output.partial, input.dimensions.len() < Dimension::ALL.len());
    }

    #[test]
    fn lambda_zero_gives_the_index_back_bit_for_bit(mut input in input()) {
        input.parameters.lambda = 0.0;
        let output = merge(&input, Method::standard()).unwrap();
        prop_assert_eq!(output.index.merged.map(f64::to_bits), output.index.value.map(f64::to_bits));
        prop_assert_eq!(output.index.merged_class, output.index.class);
    }

    #[test]
    fn the_order_of_interviews_and_raters_does_not_move_a_bit((input, shuffled) in input().prop_flat_map(|input| {
        let shuffled = Just(input.interviews.clone()).prop_shuffle();
        (Just(input), shuffled)
    })) {
        let output = merge(&input, Method::standard()).unwrap();
        let mut other = MergeInput { interviews: shuffled, ..input };
        for theme in other.interviews.iter_mut().flat_map(|interview| interview.themes.values_mut()) {
            theme.levels.reverse();
        }
        let other = merge(&other, Method::standard()).unwrap();
        // Debug prints the shortest text that reads back as the same bits, and the sign of a zero.
        prop_assert_eq!(format!("{output:?}"), format!("{other:?}"));
    }

    #[test]
    fn one_more_interview_is_merged_or_refused_and_never_panics(mut input in input(), extra in interview()) {
        input.villages_total = 3;
        input.interviews.push(extra);
        let visited: std::collections::BTreeSet<_> =
            input.interviews.iter().filter_map(|interview| interview.village.clone()).collect();
        prop_assert_eq!(merge(&input, Method::standard()).is_ok(), visited.len() <= 3);
    }

    #[test]
    fn a_document_reads_back_as_the_input_it_was_written_from(input in input()) {
        let document = serde_json::to_string(&input).unwrap();
        prop_assert_eq!(MergeInput::read(&document).unwrap(), input);
    }

    #[test]
    fn a_position_leads_back_to_its_value(value in 0.0..=100.0_f64, thresholds in thresholds()) {
        let method = Method::standard();
        let back = value_at(position(value, &thresholds, method), &thresholds, method);
        prop_assert!((back.value - value).abs() < 1e-9);
    }

    #[test]
    fn any_baseline_with_something_above_zero_gives_thresholds(cells in vec((0.0..=100.0_f64, 0.1..5.0_f64), 1..30)) {
        let above_zero = cells.iter().any(|(value, _)| *value > 0.0);
        prop_assert!(baseline_thresholds(&cells, Method::standard()).is_ok() || !above_zero);
    }

    #[test]
    fn any_text_is_read_or_refused_and_never_panics(text in ".{0,200}") {
        let _ = MergeInput::read(&text);
    }
}

#[test]
fn a_dimension_without_data_keeps_its_voices_and_the_index_is_over_the_others() {
    let method = Method::standard();
    let mut input = support::example();
    let whole = merge(&input, method).unwrap();
    input.dimensions.remove(&Dimension::Infrastructure);
    let output = merge(&input, method).unwrap();
    let infrastructure = output.dimensions[&Dimension::Infrastructure];
    assert!(output.partial);
    assert_eq!(infrastructure.q, whole.dimensions[&Dimension::Infrastructure].q);
    assert_eq!((infrastructure.position, infrastructure.merged, infrastructure.label), (None, None, None));
    assert!((output.index.value.unwrap() - (44.0 + 52.0 + 30.0 + 61.0) / 4.0).abs() < 1e-9);

    let nulls = DimensionInput { value: None, thresholds: None, sd_mc: None };
    input.dimensions.insert(Dimension::Infrastructure, nulls);
    assert_eq!(merge(&input, method).unwrap(), output, "null and left out mean the same");

    input.dimensions = BTreeMap::new();
    let nothing = merge(&input, method).unwrap();
    assert_eq!((nothing.index.value, nothing.index.merged), (None, None));
    assert!(kend_readiness::lambda_table(&input, method).unwrap().is_empty());
}
