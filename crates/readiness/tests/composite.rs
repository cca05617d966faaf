//! One engine: the readiness of villages is a configuration of the composite index, and every step of the engine does
//! what its configuration says.

use std::collections::BTreeMap;

use kend_domain::Dimension;
use kend_readiness::{
    IndicatorKind, Method, Normalisation, WeightScheme, ZoneTable, baseline_thresholds,
    composite::{CompositeIndex, Frozen, IndexConfig, Scored, Status, UnitTable, results_csv},
    dimension_values, index_value, indicators,
    robustness::{Experiment, effects, importances, mean_rank_shift, rank_ranges, ranks_csv, removals},
    score_table,
};
use serde_json::{Value, json};

#[expect(clippy::unwrap_used, reason = "a configuration that is none fails the test")]
fn index(config: Value) -> CompositeIndex {
    CompositeIndex::new(serde_json::from_value::<IndexConfig>(config).unwrap()).unwrap()
}

#[expect(clippy::unwrap_used, reason = "a table that is none fails the test")]
fn table(units: usize, columns: &[(&str, Vec<Option<f64>>)]) -> UnitTable {
    let columns = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    UnitTable::new((0..units).map(|unit| format!("unit {unit}")).collect(), columns).unwrap()
}

fn values(numbers: &[f64]) -> Vec<Option<f64>> {
    numbers.iter().map(|number| (!number.is_nan()).then_some(*number)).collect()
}

/// Whole numbers that look random, some of them missing and the last ones far out.
fn made_up(row: u8, zones: u32) -> Vec<Option<f64>> {
    (0..zones)
        .map(|zone| {
            let number = (zone * (7 + u32::from(row) * 2) + u32::from(row)) % 97;
            let far = if zone % 29 == 28 { 40.0 } else { 1.0 };
            (!(zone + u32::from(row)).is_multiple_of(11)).then_some(f64::from(number) * far)
        })
        .collect()
}

/// The 53 indicators, as shipped.
#[expect(clippy::unwrap_used, reason = "a configuration that is none fails the test")]
fn readiness() -> IndexConfig {
    toml::from_str(include_str!("../../../examples/readiness/readiness.toml")).unwrap()
}

#[test]
fn the_shipped_configuration_of_the_readiness_says_what_the_sheet_of_indicators_says() {
    let config = readiness();
    assert_eq!(config.indicator.len(), indicators().len());
    for (found, row) in config.indicator.iter().zip(indicators()) {
        let said = (found.id.clone(), found.parent.as_str(), found.unit.as_str(), found.direction, found.goalposts);
        let goalposts = (row.kind == IndicatorKind::Coverage).then_some([0.0, 1.0]);
        assert_eq!(
            said,
            (format!("row{}", row.row), row.dimension.word(), row.unit.as_str(), row.direction, goalposts)
        );
        let schemes = [found.weight, found.weights["flat"], found.weights["category"]];
        let expected = [WeightScheme::Criterion, WeightScheme::Flat, WeightScheme::Category];
        let expected = expected.map(|scheme| row.weights.of(scheme).to_bits());
        assert_eq!(schemes.map(f64::to_bits), expected, "row {}", row.row);
    }
}

#[test]
fn the_readiness_of_villages_is_a_configuration_of_the_engine_bit_for_bit() {
    let method = Method::standard();
    for zones in [40_u32, 1200] {
        let rows: BTreeMap<u8, Vec<Option<f64>>> =
            indicators().iter().map(|indicator| (indicator.row, made_up(indicator.row, zones))).collect();
        let areas: Vec<f64> = (0..zones).map(|zone| f64::from(1 + zone % 5)).collect();
        let columns: Vec<(String, Vec<Option<f64>>)> =
            rows.iter().map(|(row, values)| (format!("row{row}"), values.clone())).collect();
        let columns: Vec<(&str, Vec<Option<f64>>)> =
            columns.iter().map(|(name, values)| (name.as_str(), values.clone())).collect();
        let units = table(usize::try_from(zones).unwrap(), &columns).with_weights(areas.clone()).unwrap();
        let engine = CompositeIndex::new(readiness()).unwrap();
        let scored = engine.score(&units, None).unwrap();

        let zone_table = ZoneTable { areas, values: rows };
        let table = score_table(&zone_table, indicators(), Normalisation::MinMax, method);
        for (indicator, result) in indicators().iter().zip(&scored.indicators) {
            let found: Vec<Option<f64>> = result.cells.iter().map(|cell| cell.score).collect();
            match table.scores.get(&indicator.row) {
                Some(expected) => assert_eq!(&found, expected, "row {}", indicator.row),
                None => assert_eq!(result.rule, Err(table.left_out[&indicator.row])),
            }
        }
        let mut by_zone: Vec<BTreeMap<Dimension, f64>> = vec![BTreeMap::new(); units.units().len()];
        for (place, dimension) in Dimension::ALL.iter().enumerate() {
            let scheme = WeightScheme::Criterion;
            let expected = dimension_values(&table, indicators(), *dimension, scheme, |_| 1.0, by_zone.len(), method);
            for ((found, expected), zone) in scored.nodes[place + 1].iter().zip(expected).zip(&mut by_zone) {
                assert_eq!(found.value, expected.map(|expected| expected.value));
                zone.extend(found.value.map(|value| (*dimension, value)));
            }
        }
        let expected: Vec<Option<f64>> =
            by_zone.iter().map(|zone| index_value(zone, &method.missing, method).map(|index| index.value)).collect();
        assert_eq!(scored.index, expected);
        let cells: Vec<(f64, f64)> =
            expected.iter().zip(units.weights()).filter_map(|(value, area)| Some(((*value)?, *area))).collect();
        let thresholds = baseline_thresholds(&cells, method).unwrap().values();
        assert_eq!(scored.thresholds.as_deref(), Some(thresholds.as_slice()));
        assert!(scored.with_index() > 0, "the comparison is not empty");
    }
}

#[expect(clippy::indexing_slicing, reason = "a key of a JSON object")]
fn two(extra: &Value) -> Value {
    let mut config = json!({
        "name": "two", "table": {"file": "t.csv", "unit": "unit"},
        "indicator": [{"id": "x", "parent": "top"}, {"id": "y", "parent": "top"}],
        "node": [{"id": "top"}],
    });
    for (key, value) in extra.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    config
}

#[expect(clippy::unwrap_used, reason = "a table that cannot be scored fails the test")]
fn score(config: Value, units: &UnitTable) -> Scored {
    index(config).score(units, None).unwrap()
}

/// The order of steps of `COINr`, on numbers worked out by hand: per 100 people 10, 20, -, 40; the missing one is the mean of
/// its group (the two others in it, 10 and 20); so 0, 1/3, 1/6, 1 of the scale.
#[test]
fn denominators_come_before_imputation_and_imputation_before_goalposts() {
    let config = json!({
        "name": "t", "table": {"file": "t.csv", "unit": "unit", "group": "region"},
        "indicator": [{
            "id": "x", "parent": "top", "impute": "group_mean",
            "denominator": {"column": "people", "factor": 100},
        }],
        "node": [{"id": "top"}],
    });
    let engine = index(config);
    let text = "unit,region,x,people\nA,n,1,10\nB,n,4,20\nC,n,,5\nD,s,2,5\n";
    let sheet = kend_readiness::composite::Sheet::read(text.as_bytes(), &engine.config().table).unwrap();
    let units = UnitTable::read(&sheet, &engine).unwrap();
    let scored = engine.score(&units, None).unwrap();
    let found: Vec<f64> = scored.index.iter().flatten().copied().collect();
    for (found, expected) in found.iter().zip([0.0, 100.0 / 3.0, 50.0 / 3.0, 100.0]) {
        assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
    }
    let statuses: Vec<Status> = scored.indicators[0].cells.iter().map(|cell| cell.status).collect();
    assert_eq!(statuses, [Status::Observed, Status::Observed, Status::Imputed, Status::Observed]);
    assert_eq!(scored.nodes[0][2].observed_share.to_bits(), 0.0_f64.to_bits(), "imputed is not observed");
}

#[test]
fn an_indicator_with_too_few_units_is_left_out_and_its_weight_is_missed() {
    let nan = f64::NAN;
    let units = table(4, &[("x", values(&[1.0, 2.0, 3.0, 4.0])), ("y", values(&[1.0, nan, nan, 4.0]))]);
    let scored = score(two(&json!({})), &units);
    assert!(scored.indicators[1].rule.is_err());
    assert_eq!(scored.with_index(), 0, "half of the weight is too little");
    let lower = score(two(&json!({"missing": {"node_min_share": 0.5}})), &units);
    assert_eq!(lower.index.last(), Some(&Some(100.0)));
    assert_eq!(lower.nodes[0][0].present_share.to_bits(), 0.5_f64.to_bits());
}

#[test]
fn a_later_round_is_scored_by_the_frozen_goalposts_and_thresholds_of_the_baseline() {
    let config = two(&json!({"classes": {"names": ["low", "high"], "quantiles": [0.5], "round_to": 0.1}}));
    let engine = index(config);
    let baseline = table(3, &[("x", values(&[0.0, 5.0, 10.0])), ("y", values(&[0.0, 5.0, 10.0]))]);
    let scored = engine.score(&baseline, None).unwrap();
    let frozen = Frozen::of(&engine, &scored).unwrap();
    let frozen: Frozen = serde_json::from_str(&serde_json::to_string(&frozen).unwrap()).unwrap();
    let later = table(2, &[("x", values(&[7.5, 12.0])), ("y", values(&[7.5, -3.0]))]);
    let scored = engine.score(&later, Some(&frozen)).unwrap();
    assert_eq!(scored.index, [Some(75.0), Some(50.0)], "clipped at both ends");
    assert_eq!(scored.thresholds, Some(vec![50.0]));
    assert_eq!(scored.classes, [Some(1), Some(1)]);

    let other = index(two(&json!({"scale": {"maximum": 10}})));
    let error = other.score(&later, Some(&frozen)).unwrap_err().to_string();
    assert!(error.contains("the scale is [0.0, 100.0] there and [0.0, 10.0] here"), "{error}");
    let ranks = index(two(&json!({"defaults": {"normalisation": "percentile_rank"}})));
    let no_classes = Frozen { thresholds: None, ..frozen };
    let error = ranks.score(&later, Some(&no_classes)).unwrap_err().to_string();
    assert!(error.contains("normalisation of indicator x is min_max there and percentile_rank here"), "{error}");
    let by_rank = ranks.score(&baseline, None).unwrap();
    assert!(Frozen::of(&ranks, &by_rank).unwrap_err().to_string().contains("can't be frozen"));
}

#[test]
fn what_cannot_be_worked_out_is_told_by_indicator_and_unit() {
    let mut config = two(&json!({}));
    config["indicator"][0]["transform"] = json!("ln");
    let engine = index(config);
    let units = table(2, &[("x", values(&[1.0, 0.0])), ("y", values(&[1.0, 2.0]))]);
    let said = engine.score(&units, None).unwrap_err().to_string();
    assert!(said.starts_with("indicator x, unit unit 1: the logarithm needs a value above 0, found 0"), "{said}");

    let mut config = two(&json!({}));
    config["indicator"][0]["denominator"] = json!({"indicator": "y"});
    let units = table(2, &[("x", values(&[1.0, 2.0])), ("y", values(&[1.0, 0.0]))]);
    let said = index(config).score(&units, None).unwrap_err().to_string();
    assert_eq!(said, "indicator x, unit unit 1: the denominator `y` has to be above 0, found 0");

    let mut config = two(&json!({"missing": {"indicator_min_share": 0}}));
    config["indicator"][0]["denominator"] = json!({"indicator": "y", "zero": "missing"});
    let where_nobody_lives = index(config).score(&units, None).unwrap().indicators[0].cells[1];
    assert_eq!((where_nobody_lives.value, where_nobody_lives.status), (None, Status::Missing));

    let mut config = two(&json!({"defaults": {"normalisation": "none", "clip": false}}));
    config["node"][0]["mean"] = json!("geometric");
    let units = table(2, &[("x", values(&[1.0, -2.0])), ("y", values(&[1.0, 4.0]))]);
    let said = index(config).score(&units, None).unwrap_err().to_string();
    assert!(said.starts_with("node top, unit unit 1: the score -2 of `x` is below 0"), "{said}");
}

/// What is said, and the change it is said to.
type Change<'a> = (&'a str, &'a dyn Fn(&mut Value));

#[test]
fn a_configuration_that_says_what_cannot_be_is_refused_with_its_place() {
    let said = |change: &dyn Fn(&mut Value)| {
        let mut config = two(&json!({}));
        change(&mut config);
        let config: Result<IndexConfig, _> = serde_json::from_value(config);
        match config {
            Ok(config) => CompositeIndex::new(config).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        }
    };
    let changes: [Change<'_>; 19] = [
        ("indicator x, weight: expected a number from 0 on", &|c| c["indicator"][0]["weight"] = json!(-1)),
        ("node top: expected a child with a weight above 0, found weights that are all 0", &|c| {
            c["indicator"][0]["weight"] = json!(0);
            c["indicator"][1]["weight"] = json!(0);
        }),
        ("indicator x, goalposts: expected the lesser value first", &|c| {
            c["indicator"][0]["goalposts"] = json!([2, 1]);
        }),
        ("where the transform exists", &|c| {
            c["indicator"][0]["goalposts"] = json!([0, 1]);
            c["indicator"][0]["transform"] = json!("ln");
        }),
        ("indicator x, goalposts: expected none beside", &|c| {
            c["indicator"][0]["goalposts"] = json!([0, 1]);
            c["indicator"][0]["normalisation"] = json!("z_score");
        }),
        ("indicator x, impute: expected `group` in [table]", &|c| c["indicator"][0]["impute"] = json!("group_mean")),
        ("missing, node_min_share: expected a share", &|c| c["missing"] = json!({"node_min_share": 66})),
        ("scale: expected a minimum below the maximum", &|c| c["scale"] = json!({"minimum": 100})),
        ("outliers, skew_limit: expected a number from 0 to 100", &|c| c["outliers"] = json!({"skew_limit": -1})),
        ("node top, power: expected an exponent of 0.01 to 100", &|c| c["node"][0]["mean"] = json!("power")),
        ("node top, rescale_back: expected false only at the index, beside", &|c| {
            c["node"][0]["rescale_back"] = json!(false);
        }),
        ("classes, names: expected 2 names", &|c| c["classes"] = json!({"names": ["a"], "thresholds": [1]})),
        ("classes, thresholds: expected numbers that increase", &|c| {
            c["classes"] = json!({"names": ["a", "b", "c"], "thresholds": [2, 1]});
        }),
        ("robustness, drop: expected the id of an indicator, found z", &|c| c["robustness"] = json!({"drop": ["z"]})),
        ("robustness, weights: expected one of as_configured, equal, found flat", &|c| {
            c["robustness"] = json!({"weights": ["flat"]});
        }),
        ("robustness, alternative source: expected the id of an indicator, found z", &|c| {
            c["robustness"] = json!({"alternative": [{"name": "source", "options": [{"z": "other"}]}]});
        }),
        ("robustness, alternative source: expected at least one column, found none", &|c| {
            c["robustness"] = json!({"alternative": [{"name": "source", "options": [{}]}]});
        }),
        ("robustness, alternative, name: expected a name of its own", &|c| {
            let source = json!({"name": "source", "options": [{"x": "other"}]});
            c["robustness"] = json!({"alternative": [source, source]});
        }),
        ("unknown field `wieght`", &|c| c["indicator"][0]["wieght"] = json!(1)),
    ];
    for (expected, change) in changes {
        let found = said(change);
        assert!(found.contains(expected), "{found}\nwithout: {expected}");
    }
}

fn uniform(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 4_294_967_296.0
    }
}

#[test]
fn experiments_over_choices_are_equal_for_one_seed_and_leave_a_clear_order_alone() {
    let config = two(&json!({
        "classes": {"names": ["low", "high"], "quantiles": [0.5]},
        "robustness": {"drop": ["y"], "flip": ["y"]},
    }));
    let engine = index(config);
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let y: Vec<f64> = (0..20).map(|unit| f64::from((unit * 7) % 20)).collect();
    let units = table(20, &[("x", values(&x)), ("y", values(&y))]);
    let scored = engine.score(&units, None).unwrap();
    let experiment = Experiment::new(&engine, &units, &scored).unwrap();
    let factors = experiment.factors();
    assert_eq!(factors, ["normalisation", "weights", "mean", "contested: y", "weight of x", "weight of y"]);
    let ranges = |seed| rank_ranges(&experiment, 200, uniform(seed)).unwrap();
    assert_eq!(ranges(1), ranges(1));
    assert_ne!(ranges(1), ranges(2));
    let of_first = &ranges(1)[0];
    assert!(of_first.low < of_first.high, "{of_first:?}");
    assert!((of_first.class_shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(ranks_csv(&engine, &units, &ranges(1)).starts_with("unit,rank,median,p5,p95,present_share,class: low"));

    let shift = |point: &[f64]| -> Result<f64, kend_readiness::composite::ScoreError> {
        Ok(mean_rank_shift(experiment.nominal(), &experiment.run(point)?).map_or(0.0, |(mean, _)| mean))
    };
    let found = effects(factors.len(), 200, uniform(3), shift).unwrap().unwrap();
    let contested = found[3].total;
    assert!(found.iter().all(|effect| effect.total <= contested), "flipping half of the index matters most: {found:?}");
}

#[test]
fn other_data_take_the_place_of_the_configured_ones_under_every_normalisation() {
    let config = two(&json!({"robustness": {
        "weights": ["as_configured"], "means": ["as_configured"], "weight_spread": 0.0,
        "alternative": [{"name": "source", "options": [{"y": "y of another survey"}]}],
    }}));
    let engine = index(config);
    assert_eq!(engine.number_columns(), ["x", "y", "y of another survey"]);
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let (y, other): (Vec<f64>, Vec<f64>) =
        (0..20).map(|unit| (f64::from((unit * 7) % 20), f64::from((unit * 3) % 20))).unzip();
    let units = table(20, &[("x", values(&x)), ("y", values(&y)), ("y of another survey", values(&other))]);
    let scored = engine.score(&units, None).unwrap();
    let experiment = Experiment::new(&engine, &units, &scored).unwrap();
    assert_eq!(experiment.factors(), ["normalisation", "data: source"]);
    let swapped = table(20, &[("x", values(&x)), ("y", values(&other)), ("y of another survey", values(&y))]);
    let of_swapped = engine.score(&swapped, None).unwrap();
    let turned = Experiment::new(&engine, &swapped, &of_swapped).unwrap();
    assert_eq!(experiment.run(&[0.0, 0.9]).unwrap(), of_swapped.index);
    for kind in [0.0, 0.3, 0.6, 0.9] {
        assert_eq!(experiment.run(&[kind, 0.9]).unwrap(), turned.run(&[kind, 0.0]).unwrap());
        assert_ne!(experiment.run(&[kind, 0.0]).unwrap(), experiment.run(&[kind, 0.9]).unwrap());
    }
}

#[test]
fn removal_and_importance_name_what_carries_the_index_and_what_pulls_against_it() {
    let mut config = two(&json!({}));
    config["indicator"][0]["weight"] = json!(4);
    let engine = index(config);
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| 19.0 - x).collect();
    let units = table(20, &[("x", values(&x)), ("y", values(&y))]);
    let scored = engine.score(&units, None).unwrap();
    let experiment = Experiment::new(&engine, &units, &scored).unwrap();
    let removed = removals(&experiment, &scored).unwrap();
    // Without x the order turns round: shifts of 19, 17, ... 1, 1, ... 19, mean 10. Without y nothing moves.
    assert_eq!(removed[0].indicator, "x");
    assert_eq!((removed[0].mean_rank_shift, removed[0].largest_shift), (Some(10.0), Some(19.0)));
    assert_eq!((removed[1].indicator.as_str(), removed[1].mean_rank_shift), ("y", Some(0.0)));
    let found = importances(&engine, &scored);
    let words: Vec<Option<&str>> =
        found.iter().map(|item| item.flag.map(kend_readiness::robustness::Flag::word)).collect();
    assert_eq!(words, [None, Some("negative")]);
    assert!((found[0].weight - 0.8).abs() < 1e-12);
}

#[test]
fn the_result_has_every_step_of_every_unit() {
    let units = table(3, &[("x", values(&[1.0, 2.0, 3.0])), ("y", values(&[1.0, 4.0, f64::NAN]))]);
    let engine = index(two(&json!({"output": {"decimals": 1}})));
    let scored = engine.score(&units, None).unwrap();
    let text = results_csv(&engine, &units, &scored);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "unit,index,rank,class,top.score,top.present_share,top.observed_share,\
             x.raw,x.value,x.treated,x.score,x.status,y.raw,y.value,y.treated,y.score,y.status",
            "unit 0,0.0,2,,0.0,1.0,1.0,1,1,1,0.0,observed,1,1,1,0.0,observed",
            "unit 1,75.0,1,,75.0,1.0,1.0,2,2,2,50.0,observed,4,4,4,100.0,observed",
            "unit 2,,,,,0.5,0.5,3,3,3,100.0,observed,,,,,missing",
        ]
    );
}
