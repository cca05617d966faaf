//! Monte Carlo: where each unit ranks when the choices fall otherwise.

use std::collections::BTreeMap;

use super::experiment::Experiment;
use crate::{
    composite::{ScoreError, class_place, ranks},
    method::count,
    quantile::weighted_quantile,
};

/// Shares at which ranks are told: median and 90 % range. Source: method 3 (i).
const LOW: f64 = 0.05;
const MEDIAN: f64 = 0.5;
const HIGH: f64 = 0.95;

/// The ranks of a unit over all draws.
#[derive(Debug, Clone, PartialEq)]
pub struct RankRange {
    /// As configured.
    pub nominal: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// 5th percentile.
    pub low: Option<f64>,
    /// 95th percentile.
    pub high: Option<f64>,
    /// Share of draws in which the unit had an index, 0 to 1.
    pub present_share: f64,
    /// Share of these draws in each class, lowest first; empty without classes.
    pub class_shares: Vec<f64>,
}

/// Median and 5 to 95 % rank, and class frequencies, of every unit over random choices.
///
/// Each of `draws` draws takes a point of the unit cube from `uniform` (numbers in [0, 1), one a factor, in their order)
/// and ranks the index there; ranks are told as the smallest rank with at least that share of draws at or below it.
/// Quantile thresholds are taken anew in each draw. Fixed ones stay where scores are made as configured; under another
/// normalisation, whose points mean something else, each class takes the same share of units as it has as configured.
/// Source: method 3 (i). No draws give `None` everywhere.
///
/// ```
/// use kend_readiness::{composite::{CompositeIndex, IndexConfig, UnitTable}, robustness::{Experiment, rank_ranges}};
/// let config: IndexConfig = serde_json::from_value(serde_json::json!({
///     "name": "t", "table": {"file": "t.csv", "unit": "u"},
///     "indicator": [{"id": "x", "parent": "top"}, {"id": "y", "parent": "top"}], "node": [{"id": "top"}],
/// })).unwrap();
/// let index = CompositeIndex::new(config).unwrap();
/// let columns = [("x", [1.0, 2.0, 9.0]), ("y", [1.0, 5.0, 6.0])];
/// let columns = columns.map(|(name, values)| (name.to_owned(), values.map(Some).to_vec())).into();
/// let table = UnitTable::new(["A", "B", "C"].map(str::to_owned).to_vec(), columns).unwrap();
/// let scored = index.score(&table, None).unwrap();
/// let experiment = Experiment::new(&index, &table, &scored).unwrap();
/// let mut step = 0_u32;
/// let ranges = rank_ranges(&experiment, 50, || { step = (step + 7) % 97; f64::from(step) / 97.0 }).unwrap();
/// assert_eq!(ranges[2].low.zip(ranges[2].high), Some((1.0, 1.0)), "first whatever the choices");
/// ```
pub fn rank_ranges(
    experiment: &Experiment<'_>,
    draws: u32,
    mut uniform: impl FnMut() -> f64,
) -> Result<Vec<RankRange>, ScoreError> {
    let units = experiment.table().units().len();
    let names = experiment.index().config().classes.as_ref().map_or(0, |classes| classes.names.len());
    // How often each rank was reached, by its bits: these sort as ranks do, which are above 0.
    let mut ranks_of: Vec<BTreeMap<u64, f64>> = vec![BTreeMap::new(); units];
    let mut frequencies = vec![vec![0.0; names]; units];
    let factors = experiment.factors().len();
    for _ in 0..draws {
        let point: Vec<f64> = (0..factors).map(|_| uniform()).collect();
        let values = experiment.run(&point)?;
        let classes = classes(experiment, &point, &values);
        let results = ranks(&values).into_iter().zip(classes).zip(ranks_of.iter_mut().zip(&mut frequencies));
        for ((rank, class), (ranks, frequencies)) in results {
            if let Some(rank) = rank {
                *ranks.entry(rank.to_bits()).or_default() += 1.0;
            }
            if let Some(frequency) = class.and_then(|class| frequencies.get_mut(class)) {
                *frequency += 1.0;
            }
        }
    }
    let nominal = ranks(experiment.nominal());
    Ok(ranks_of
        .iter()
        .zip(frequencies)
        .zip(nominal)
        .map(|((ranks, frequencies), nominal)| {
            let ranks: Vec<(f64, f64)> = ranks.iter().map(|(bits, times)| (f64::from_bits(*bits), *times)).collect();
            let present: f64 = ranks.iter().map(|(_, times)| times).sum();
            RankRange {
                nominal,
                median: weighted_quantile(&ranks, MEDIAN),
                low: weighted_quantile(&ranks, LOW),
                high: weighted_quantile(&ranks, HIGH),
                present_share: if draws == 0 { 0.0 } else { present / f64::from(draws) },
                class_shares: frequencies
                    .iter()
                    .map(|times| if present > 0.0 { times / present } else { 0.0 })
                    .collect(),
            }
        })
        .collect())
}

/// Classes of the units in one draw.
fn classes(experiment: &Experiment<'_>, point: &[f64], values: &[Option<f64>]) -> Vec<Option<usize>> {
    let (index, table) = (experiment.index(), experiment.table());
    let fixed = index.config().classes.as_ref().and_then(|classes| classes.thresholds.as_ref());
    match fixed {
        Some(thresholds) if !experiment.keeps_normalisation(point) => {
            let (before, after) = (sorted(experiment.nominal()), sorted(values));
            let below = |sorted: &[f64], limit: f64| count(sorted.partition_point(|value| *value < limit));
            let (all_before, all_after) = (count(before.len()), count(after.len()));
            let class = |value: f64| {
                let share = below(&after, value) * all_before;
                thresholds.iter().filter(|threshold| below(&before, **threshold) * all_after <= share).count()
            };
            values.iter().map(|value| value.map(class)).collect()
        }
        _ => {
            let thresholds = index.thresholds(values, table);
            let class = |value| thresholds.as_ref().map(|thresholds| class_place(value, thresholds));
            values.iter().map(|value| value.and_then(class)).collect()
        }
    }
}

fn sorted(values: &[Option<f64>]) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    values
}
