//! The worked examples of the method, number by number. The numbers are printed in the method (2.5, 5, 7.5), were worked
//! out by hand and by an independent script of the standard library, and hold to 1e-4.

mod support;

use kend_domain::{
    Dimension::{EconomicPotential, EconomicSources, Governance, HumanCapital, Infrastructure},
    Evidence, InterviewKind, Level, ReadinessClass, Relation,
    Theme::{self, Agriculture, Digital, Finance, Utilities},
};
use kend_readiness::{
    Direction, Goalposts, InterviewInput, MergeInput, MergeParameters, Method, Normalisation, ThemeInput, Verdict,
    dimension_value, gap_percent, judge, lambda_table, merge, ordinal_alpha, quadratic_kappa, scores, theme_voice,
    village_position,
};
use support::example;

const TOLERANCE: f64 = 1e-4;

#[track_caller]
#[expect(clippy::expect_used, reason = "a number that is not there fails the test")]
fn near(found: impl Into<Option<f64>>, expected: f64) {
    let found = found.into().expect("a number");
    // The printed numbers are themselves rounded to four decimals.
    assert!((found - expected).abs() <= TOLERANCE, "expected {expected}, found {found}");
}

#[test]
fn normalisation_and_frozen_goalposts_give_the_scores_of_2_5() {
    let method = Method::standard();
    let raw = [
        ([Some(2.0), Some(5.0), Some(8.0)], Direction::MoreIsBetter),
        ([Some(30.0), Some(10.0), Some(20.0)], Direction::LessIsBetter),
        ([None, Some(40.0), Some(60.0)], Direction::MoreIsBetter),
    ];
    let weights = [0.25, 0.25, 0.5];
    let expected =
        [[Some(0.0), Some(50.0), Some(100.0)], [Some(0.0), Some(100.0), Some(50.0)], [None, Some(0.0), Some(100.0)]];
    let areas = [1.0; 3];
    for ((values, direction), expected) in raw.iter().zip(expected) {
        let found = scores(values, &areas, *direction, Normalisation::MinMax, method).unwrap();
        assert_eq!(found, expected);
    }
    let of_zone = |zone: usize| {
        let indicators: Vec<_> = weights.iter().zip(expected).map(|(weight, scores)| (*weight, scores[zone])).collect();
        dimension_value(&indicators, &method.missing).map(|dimension| dimension.value)
    };
    assert_eq!(of_zone(0), None, "only half of the weight is observed");
    near(of_zone(1), 37.5);
    near(of_zone(2), 87.5);

    let later: Vec<(f64, Option<f64>)> = raw
        .iter()
        .zip([9.0, 10.0, 45.0])
        .zip(weights)
        .map(|(((values, direction), value), weight)| {
            (weight, Some(Goalposts::fit(values, &areas, *direction, method).unwrap().score(value, method)))
        })
        .collect();
    for ((_, score), expected) in later.iter().zip([100.0, 100.0, 25.0]) {
        near(*score, expected);
    }
    near(dimension_value(&later, &method.missing).map(|dimension| dimension.value), 62.5);
}

#[test]
fn lagging_area_gives_the_gaps_of_5() {
    use kend_readiness::{GapIndicator, LagRule};
    let method = Method::standard();
    let indicator = |weight, threshold, minimum, scores: [f64; 4]| GapIndicator {
        weight,
        rule: LagRule { threshold, minimum },
        scores: scores.map(Some).to_vec(),
    };
    let indicators = [
        indicator(0.25, 40.0, 10.0, [10.0, 50.0, 60.0, 80.0]),
        indicator(0.25, 100.0, 0.0, [0.0, 100.0, 100.0, 100.0]),
        indicator(0.5, 0.0, 0.0, [0.0, 0.0, 0.0, 30.0]),
    ];
    near(gap_percent(&indicators, &[1.0; 4], method), 50.0);
}

#[test]
fn villages_and_themes_give_the_first_table_of_7_5() {
    let method = Method::standard();
    // Positions and weights as 7.2 step 1 makes them: level 2 is 30, evidence 2 is 0.75.
    for (fgd, kii, expected) in [
        (vec![(30.0, 1.0)], vec![(50.0, 1.0)], 38.0),
        (vec![(30.0, 0.75)], vec![], 30.0),
        (vec![(60.0, 0.75)], vec![], 60.0),
        (vec![(20.0, 0.75)], vec![(30.0, 0.25)], 21.8182),
    ] {
        near(village_position(&fgd, &kii, 0.6), expected);
    }

    let output = merge(&example(), method).unwrap();
    for (theme, q, sum_of_squares, moderated, v) in [
        (Digital, 24.0, 392.0, 337.6, 126.6),
        (Utilities, 40.0, 200.0, 299.2, 112.2),
        (Agriculture, 55.0, 50.0, 269.2, 100.95),
        (Finance, 25.9091, 33.4711, 265.8942, 99.7103),
    ] {
        let found = output.themes[&theme];
        near(found.q, q);
        near(found.v, v);
        assert_eq!(found.villages, 2);
        // The two steps in between, from the result: V = s2 / 2 * (1 - 2 / 8), s2 = (4 * 324 + SS) / 5.
        let s2 = found.v.unwrap() * 2.0 / 0.75;
        near(s2, moderated);
        assert!((s2 * 5.0 - 1296.0 - sum_of_squares).abs() < 5.0 * TOLERANCE);
    }
    for theme in [Theme::Governance, Theme::Tourism, Theme::Transport, Theme::Education, Theme::Health] {
        assert_eq!((output.themes[&theme].q, output.themes[&theme].v, output.themes[&theme].villages), (None, None, 0));
    }
}

#[test]
fn dimensions_give_the_second_table_of_7_5() {
    let output = merge(&example(), Method::standard()).unwrap();
    // P, U, cov, P', x', Var, g of every dimension.
    for (dimension, expected) in [
        (EconomicSources, [58.4615, 85.0, 0.5, 58.0332, 43.7216, 113.0218, 0.65]),
        (Infrastructure, [41.6667, 74.0, 0.68, 40.4167, 36.25, 102.948, 0.6]),
        (HumanCapital, [70.0, 98.0, 0.12, 70.0, 52.0, 98.0, 0.6]),
        (EconomicPotential, [45.7143, 113.0, 0.7143, 41.9366, 27.3556, 197.7161, 0.7]),
        (Governance, [78.0952, 130.0, 0.2, 78.0952, 61.0, 130.0, 1.05]),
    ] {
        let found = output.dimensions[&dimension];
        let numbers = [
            found.position,
            found.u,
            Some(found.coverage),
            found.merged_position,
            found.merged,
            found.variance,
            found.slope,
        ];
        for (found, expected) in numbers.into_iter().zip(expected) {
            near(found, expected);
        }
    }
    // Q, V, kappa, delta, z of those with voices.
    for (dimension, expected, label) in [
        (EconomicSources, [55.0, 300.95, 0.1237, -3.4615, -0.1762], Relation::Confirm),
        (Infrastructure, [33.4118, 207.3474, 0.1514, -8.2549, -0.4921], Relation::Confirm),
        (EconomicPotential, [25.9091, 239.7103, 0.1907, -19.8052, -1.0546], Relation::QualLower),
    ] {
        let found = output.dimensions[&dimension];
        for (found, expected) in [found.q, found.v, found.kappa, found.delta, found.z].into_iter().zip(expected) {
            near(found, expected);
        }
        assert_eq!(found.label, Some(label));
    }
    for dimension in [HumanCapital, Governance] {
        let found = output.dimensions[&dimension];
        assert_eq!([found.q, found.v, found.kappa, found.delta, found.z], [None; 5]);
        assert_eq!(found.label, Some(Relation::Silent));
    }
    let infrastructure = output.dimensions[&Infrastructure];
    assert!((infrastructure.merged_position.unwrap() - 40.41668).abs() < 5e-6);
    assert!((infrastructure.merged.unwrap() - 36.25001).abs() < 5e-6);
}

#[test]
fn the_index_gives_the_final_numbers_of_7_5() {
    let output = merge(&example(), Method::standard()).unwrap();
    let index = &output.index;
    near(index.value, 44.8);
    assert_eq!(index.class, Some(ReadinessClass::AccelerateHigh));
    near(index.merged, 44.0654);
    near(index.se, 3.7963);
    assert_eq!(index.merged_class, Some(ReadinessClass::AccelerateMedium));
    near(index.range_low, 37.8205);
    near(index.range_high, 50.3104);
    let medium_to_high = vec![ReadinessClass::AccelerateMedium, ReadinessClass::AccelerateHigh];
    assert_eq!(index.range_classes, Some(medium_to_high));
    for (found, expected) in index.probabilities.unwrap().into_iter().zip([0.0, 0.0040, 0.5416, 0.4500, 0.0044]) {
        near(found, expected);
    }
    assert!(!index.provisional && !output.partial);
}

#[test]
fn lambda_gives_the_table_of_7_5() {
    let table = lambda_table(&example(), Method::standard()).unwrap();
    let (high, medium) = (ReadinessClass::AccelerateHigh, ReadinessClass::AccelerateMedium);
    let expected = [
        (0.0, 44.8, 3.4440, high),
        (0.25, 44.3969, 3.6513, medium),
        (0.5, 44.0654, 3.7963, medium),
        (0.75, 43.7887, 3.8689, medium),
        (1.0, 43.5760, 3.7136, medium),
    ];
    assert_eq!(table.len(), expected.len());
    for (row, (lambda, value, se, class)) in table.iter().zip(expected) {
        near(row.lambda, lambda);
        near(row.value, value);
        near(row.se, se);
        assert_eq!(row.class, class);
    }
}

#[test]
fn double_scores_give_the_agreement_of_7_5() {
    let level = |number: u8| Level::try_from(number).unwrap();
    let pairs = [(2, 2), (2, 2), (3, 4), (2, 1)].map(|(one, other)| (level(one), level(other)));
    let units: Vec<Vec<Level>> = pairs.iter().map(|(one, other)| vec![*one, *other]).collect();
    near(ordinal_alpha(&units), 0.7266);
    near(quadratic_kappa(&pairs), 0.6364);
    assert_eq!(judge(0.7266, 1, Method::standard()), Verdict::TooFew);
}

#[expect(clippy::unwrap_used, reason = "the levels of these tests are levels")]
fn official(theme: Theme, level: u8) -> InterviewInput {
    let levels = vec![Level::try_from(level).unwrap()];
    let input = ThemeInput { levels, consensus: None, evidence: Evidence::Seen, in_domain: true };
    InterviewInput { village: None, kind: InterviewKind::Kii, themes: [(theme, input)].into() }
}

#[test]
fn an_official_of_the_rayon_speaks_only_where_no_village_has() {
    let method = Method::standard();
    let before = merge(&example(), method).unwrap();
    let mut input = example();
    input.interviews.push(official(Finance, 5));
    input.interviews.push(official(Theme::Health, 4));
    input.interviews.push(official(Theme::Health, 2));
    let after = merge(&input, method).unwrap();

    assert_eq!(after.themes[&Finance], before.themes[&Finance], "the villages have spoken about finance");
    // One pseudo-village: q = (70 + 30) / 2, V = (4 * 324) / 4 * (1 - 1 / 8).
    near(after.themes[&Theme::Health].q, 50.0);
    near(after.themes[&Theme::Health].v, 283.5);
    assert_eq!(after.themes[&Theme::Health].villages, 1);
    let alone = theme_voice(&[50.0], 8, &MergeParameters::default()).unwrap();
    assert_eq!(after.themes[&Theme::Health].v, Some(alone.v));
    // Digital and health: (0.3 + 1) / 2.5 of human capital's themes, now heard.
    let human_capital = after.dimensions[&HumanCapital];
    near(human_capital.coverage, 0.52);
    near(human_capital.q, (0.3 * 24.0 + 50.0) / 1.3);
    assert!(!after.index.provisional);
}

#[test]
fn few_villages_or_no_focus_group_leave_the_merged_class_provisional() {
    let provisional = |keep: fn(&InterviewInput) -> bool| {
        let mut input: MergeInput = example();
        input.interviews.retain(keep);
        merge(&input, Method::standard()).unwrap().index.provisional
    };
    assert!(!provisional(|_| true));
    assert!(provisional(|interview| interview.village.as_deref() == Some("A")));
    assert!(provisional(|interview| interview.kind == InterviewKind::Kii));
    assert!(provisional(|_| false));
}
