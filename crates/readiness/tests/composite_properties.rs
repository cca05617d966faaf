//! What holds of composite indices whatever comes in.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "strategies build valid values only")]

use kend_readiness::composite::{
    CompositeIndex, Frozen, IndexConfig, Sheet, UnitTable, class_place, ranks, weighted_mean,
};
use proptest::prelude::*;
use serde_json::json;

fn index(normalisation: &str, outliers: &str, mean: &str) -> CompositeIndex {
    let config: IndexConfig = serde_json::from_value(json!({
        "name": "any", "table": {"file": "t.csv", "unit": "unit"},
        "missing": {"indicator_min_share": 0.2, "node_min_share": 0.3},
        "defaults": {"normalisation": normalisation, "outliers": outliers, "impute": "mean"},
        "indicator": [
            {"id": "x", "parent": "branch"},
            {"id": "y", "parent": "branch", "direction": "-", "weight": 0.5},
            {"id": "z", "parent": "top", "impute": "none"},
        ],
        "node": [{"id": "top", "mean": mean}, {"id": "branch", "parent": "top", "mean": mean}],
        "classes": {"names": ["low", "high"], "quantiles": [0.5]},
    }))
    .unwrap();
    CompositeIndex::new(config).unwrap()
}

fn any_index() -> impl Strategy<Value = CompositeIndex> {
    (
        prop::sample::select(vec!["min_max", "z_score", "percentile_rank"]),
        prop::sample::select(vec!["none", "skew_kurtosis", "percentiles"]),
        prop::sample::select(vec!["arithmetic", "geometric", "harmonic", "minimum", "maximum"]),
        prop::sample::select(vec![None, Some([1.0, 10.0]), Some([10.0, 100.0]), Some([0.0, 1.0])]),
        any::<bool>(),
    )
        .prop_map(|(normalisation, outliers, mean, rescale, mirrored)| {
            let mut config = index(normalisation, outliers, mean).config().clone();
            (config.node[1].rescale, config.node[1].mirrored) = (rescale, mirrored);
            CompositeIndex::new(config).unwrap()
        })
}

type Units = Vec<[Option<f64>; 3]>;

fn any_units() -> impl Strategy<Value = Units> {
    let number = prop_oneof![
        4 => (-1e3..1e3).prop_map(Some),
        1 => (-1e75..1e75).prop_map(Some),
        1 => prop::sample::select(vec![Some(0.0), Some(1e-300), Some(1e75), None]),
    ];
    prop::collection::vec([number.clone(), number.clone(), number], 0..40)
}

fn table(units: &Units) -> UnitTable {
    let columns = ["x", "y", "z"].into_iter().enumerate();
    let columns = columns.map(|(place, name)| (name.to_owned(), units.iter().map(|unit| unit[place]).collect()));
    UnitTable::new((0..units.len()).map(|unit| unit.to_string()).collect(), columns.collect()).unwrap()
}

proptest! {
    #[test]
    fn any_table_gives_values_on_the_scale_or_none(index in any_index(), units in any_units()) {
        let scored = index.score(&table(&units), None).unwrap();
        let nodes = scored.nodes.iter().flatten().filter_map(|node| node.value);
        let scores = scored.indicators.iter().flat_map(|indicator| &indicator.cells).filter_map(|cell| cell.score);
        for value in nodes.chain(scores) {
            prop_assert!((-1e-9..=100.0 + 1e-9).contains(&value), "{value}");
        }
        prop_assert_eq!(scored.index.len(), units.len());
    }

    #[test]
    fn the_baseline_scored_by_its_own_frozen_goalposts_stays_as_it_is(
        units in any_units(),
        kinds in (
            prop::sample::select(vec!["min_max", "z_score"]),
            prop::sample::select(vec!["none", "skew_kurtosis", "percentiles"]),
        ),
        clip in any::<bool>(),
    ) {
        let mut config = index(kinds.0, kinds.1, "arithmetic").config().clone();
        config.defaults.clip = Some(clip);
        let index = CompositeIndex::new(config).unwrap();
        let table = table(&units);
        let scored = index.score(&table, None).unwrap();
        let frozen = Frozen::of(&index, &scored).unwrap();
        prop_assert_eq!(index.score(&table, Some(&frozen)).unwrap(), scored);
    }

    #[test]
    fn any_bytes_are_a_table_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "[a-c,;\t\"\r\n0-9.x\u{FEFF}-]{0,80}",
        encoding in prop::sample::select(vec!["utf-8", "latin-1", "utf-16"]),
    ) {
        let config = json!({"file": "t.csv", "unit": "a", "encoding": encoding});
        let config = serde_json::from_value(config).unwrap();
        let index = index("min_max", "none", "arithmetic");
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            if let Ok(sheet) = Sheet::read(bytes, &config) {
                let _ = UnitTable::read(&sheet, &index);
            }
        }
    }

    #[test]
    fn means_lie_between_the_least_and_the_greatest_score_and_in_their_order(
        items in prop::collection::vec((0.01..10.0_f64, 0.01..100.0_f64), 1..10),
    ) {
        use kend_readiness::composite::Mean::{Arithmetic, Geometric, Harmonic, Maximum, Minimum, Power};
        let items: Vec<(f64, Option<f64>)> = items.into_iter().map(|(weight, score)| (weight, Some(score))).collect();
        let means: Vec<f64> = [Minimum, Power(-3.0), Harmonic, Geometric, Power(0.5), Arithmetic, Power(3.0), Maximum]
            .into_iter()
            .map(|mean| weighted_mean(&items, mean, 1.0).unwrap().unwrap().value)
            .collect();
        prop_assert!(means.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-9)), "{means:?}");
    }

    #[test]
    fn a_better_value_never_ranks_behind_nor_falls_into_a_lower_class(
        values in prop::collection::vec(prop::option::of(-100.0..100.0_f64), 0..30),
        thresholds in prop::collection::vec(-100.0..100.0_f64, 0..5),
    ) {
        let found = ranks(&values);
        for (one, one_rank) in values.iter().zip(&found) {
            for (other, other_rank) in values.iter().zip(&found) {
                if let (Some(one), Some(other)) = (one, other) {
                    prop_assert!(one <= other || one_rank < other_rank);
                    prop_assert!(one <= other || class_place(*one, &thresholds) >= class_place(*other, &thresholds));
                }
            }
        }
    }
}
