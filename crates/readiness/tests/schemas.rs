//! The data of the method match their JSON Schemas, and what a schema cannot say is checked beside it.

mod support;

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass, Theme};
use kend_readiness::{
    Direction, Method, Repair, WeightScheme, indicators, interventions, merge, read_indicators, vocabulary,
};
use serde_json::{Value, json};

const INDICATORS: &str = include_str!("../../../schema/indicators.csv");

macro_rules! schema {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../schema/json-schema/", $name, ".schema.json")))
            .expect("a schema is JSON")
    };
}

#[track_caller]
#[expect(clippy::expect_used, reason = "a schema that is none fails the test")]
fn valid(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).expect("a schema is a schema");
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn every_data_file_matches_its_schema() {
    let file = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    valid(&schema!("method"), &file(include_str!("../../../schema/method.json")));
    valid(&schema!("themes"), &file(include_str!("../../../schema/themes.json")));
    valid(&schema!("dimensions"), &file(include_str!("../../../schema/dimensions.json")));
    valid(&schema!("classes"), &file(include_str!("../../../schema/classes.json")));
    valid(&schema!("interventions"), &file(include_str!("../../../schema/interventions.json")));
    let lines: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(INDICATORS.as_bytes()).into_deserialize().collect::<Result<_, _>>().unwrap();
    valid(&schema!("indicators"), &json!(lines));
}

#[test]
fn the_example_and_its_merge_match_their_schemas() {
    let document: Value = serde_json::from_str(support::EXAMPLE).unwrap();
    valid(&schema!("readiness-merge-input"), &document);
    let mut input = support::example();
    valid(&schema!("readiness-merge-input"), &serde_json::to_value(&input).unwrap());
    let output = schema!("readiness-merge-output");
    valid(&output, &serde_json::to_value(merge(&input, Method::standard()).unwrap()).unwrap());
    input.dimensions.clear();
    valid(&output, &serde_json::to_value(merge(&input, Method::standard()).unwrap()).unwrap());
}

#[test]
fn the_schema_of_the_input_states_the_defaults_of_the_method() {
    let schema = schema!("readiness-merge-input");
    let defaults = serde_json::to_value(kend_readiness::MergeParameters::default()).unwrap();
    for (name, value) in defaults.as_object().unwrap() {
        let stated = &schema["properties"]["parameters"]["properties"][name]["default"];
        assert_eq!(stated.as_f64(), value.as_f64(), "{name}");
    }
}

#[test]
fn the_indicators_are_those_of_the_annex() {
    let indicators = indicators();
    assert_eq!(indicators.len(), 53);
    let rows = |dimension| indicators.iter().filter(|indicator| indicator.dimension == dimension).count();
    let counts: Vec<usize> = Dimension::ALL.iter().map(|dimension| rows(*dimension)).collect();
    assert_eq!(counts, [14, 21, 10, 6, 2]);
    let which = |keep: fn(&kend_readiness::Indicator) -> bool| -> Vec<u8> {
        indicators.iter().filter(|indicator| keep(indicator)).map(|indicator| indicator.row).collect()
    };
    let less_is_better = which(|indicator| indicator.direction == Direction::LessIsBetter);
    assert_eq!(less_is_better, [3, 9, 17, 25, 35, 42, 43, 45, 47, 51]);
    assert_eq!(which(|indicator| indicator.contested), [21, 35]);
    assert_eq!(which(|indicator| indicator.weak), [15, 17, 28, 31, 32]);
    assert_eq!(which(|indicator| indicator.repair == Repair::Inferred), [36]);
    assert_eq!(which(|indicator| indicator.repair == Repair::Moved), (37..=43).collect::<Vec<u8>>());
    assert_eq!(which(|indicator| indicator.actionable).len(), 41);
}

/// Default and flat weights as printed beside the method's list of indicators, to 6 decimals.
#[test]
fn the_weights_are_exact_and_sum_to_one() {
    for scheme in WeightScheme::ALL {
        let sum: f64 = indicators().iter().map(|indicator| indicator.weights.of(scheme)).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{scheme:?}: {sum}");
    }
    for (row, criterion, flat) in [
        (1, 0.016667, 0.014286),
        (4, 0.008333, 0.014286),
        (18, 0.004762, 0.009524),
        (26, 0.003571, 0.009524),
        (36, 0.033333, 0.02),
        (37, 0.011111, 0.02),
        (47, 0.025, 0.033333),
        (53, 0.1, 0.1),
    ] {
        let weights = indicators()[row - 1].weights;
        assert!((weights.criterion - criterion).abs() < 1e-6 && (weights.flat - flat).abs() < 1e-6, "row {row}");
    }
}

#[test]
fn a_sheet_with_a_broken_line_or_a_missing_row_is_refused() {
    let wrong_dimension = INDICATORS.replacen("economic_sources", "economy", 1);
    assert!(read_indicators(&wrong_dimension).unwrap_err().to_string().contains("unknown variant `economy`"));
    let missing: String = INDICATORS
        .lines()
        .enumerate()
        .filter(|(line, _)| *line != 2)
        .fold(String::new(), |sheet, (_, line)| sheet + line + "\n");
    assert!(read_indicators(&missing).unwrap_err().to_string().contains("expected row 2, found row 3"));
}

#[test]
fn themes_name_indicators_that_exist_and_weigh_dimensions_as_the_method_says() {
    let method = Method::standard();
    let column = |dimension| -> f64 { Theme::ALL.iter().map(|theme| method.theme_weight(*theme, dimension)).sum() };
    for (dimension, total) in Dimension::ALL.iter().zip([1.6, 2.5, 2.5, 1.4, 1.0]) {
        assert!((column(*dimension) - total).abs() < 1e-12, "{dimension}");
    }
    let themed: std::collections::BTreeSet<u8> = method.themes.iter().flat_map(|row| row.rows.clone()).collect();
    let quantitative_only: Vec<u8> = (1..=53).filter(|row| !themed.contains(row)).collect();
    assert_eq!(quantitative_only, [1, 2, 34, 35, 36, 40, 45]);
    assert!(themed.iter().all(|row| (1..=53).contains(row)));
}

#[test]
fn dimensions_classes_and_interventions_are_complete() {
    let vocabulary = vocabulary();
    assert!(Dimension::ALL.iter().all(|dimension| vocabulary.dimensions.contains_key(dimension)));
    assert!(ReadinessClass::ALL.iter().all(|class| vocabulary.class_meanings.contains_key(class)));
    let typical = |class| -> Vec<Dimension> {
        let mut dimensions: Vec<Dimension> =
            interventions().iter().filter(|entry| entry.class == class).map(|entry| entry.dimension).collect();
        dimensions.dedup();
        dimensions
    };
    assert_eq!(typical(ReadinessClass::Amplify), [Dimension::Infrastructure, Dimension::EconomicSources]);
    assert_eq!(typical(ReadinessClass::AccelerateHigh), [Dimension::EconomicSources]);
    assert_eq!(typical(ReadinessClass::AccelerateMedium), [Dimension::HumanCapital]);
    assert_eq!(typical(ReadinessClass::AccelerateLow), [Dimension::EconomicPotential]);
    assert_eq!(typical(ReadinessClass::Activate), [Dimension::Governance]);
    let mut ids: Vec<&str> = interventions().iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), interventions().len(), "every intervention has its own id");
}
