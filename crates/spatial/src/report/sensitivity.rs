//! How far the index of zones depends on choices, from their own scores: ranks over draws, importance, removal, effects
//! (method 3, robustness), by the engine of composite indices.
//!
//! Values are the points that the build gave, so that what is varied starts from just the index of own values; other widths of
//! kernels, other speeds and the other profile come as points of their own ([`OtherRow`]).

use std::collections::BTreeMap;

use kend_domain::{AreaCode, Dimension};
use kend_readiness::{
    FLIPPED_ROW, Indicator, WeightScheme,
    composite::{CompositeIndex, ConfigError, IndexConfig, ScoreError, Scored, TableError, UnitTable},
    indicator,
    robustness::{
        Effect, Experiment, Importance, RankRange, Removal, effects, importances, mean_rank_shift, rank_ranges,
        removals,
    },
};
use serde_json::{Value, json};

use crate::{
    build::{ColumnStatus, Country, DataChoice, IndicatorColumn, OtherRow, RayonSummary},
    random::uniform,
};

/// Zones that it takes to rank or correlate.
const LEAST_ZONES: usize = 2;
const TOP: &str = "index";

/// Why the dependence on choices cannot be worked out.
#[derive(Debug, thiserror::Error)]
pub enum SensitivityError {
    /// The configuration cannot be read.
    #[error("the configuration of the draws cannot be read")]
    Read(#[from] serde_json::Error),
    /// The configuration cannot be.
    #[error("the configuration of the draws cannot be")]
    Config(#[from] ConfigError),
    /// Scores of zones are no table.
    #[error("scores of zones are no table")]
    Table(#[from] TableError),
    /// They cannot be scored.
    #[error("zones cannot be scored anew")]
    Score(#[from] ScoreError),
}

/// What is looked at: an indicator or a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Row(u8),
    Dimension(Dimension),
}

impl Item {
    fn read(id: &str) -> Option<Self> {
        let row = id.strip_prefix("row").and_then(|row| row.parse().ok());
        row.map(Self::Row).or_else(|| id.parse().ok().map(Self::Dimension))
    }

    fn id(row: u8) -> String {
        format!("row{row}")
    }
}

/// A choice that is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Normalisation,
    Weights,
    Mean,
    Contested(Item),
    Data(DataChoice),
    Weight(Item),
}

impl Choice {
    fn read(name: &str) -> Option<Self> {
        match name {
            "normalisation" => Some(Self::Normalisation),
            "weights" => Some(Self::Weights),
            "mean" => Some(Self::Mean),
            _ => {
                let contested = name.strip_prefix("contested: ").and_then(Item::read).map(Self::Contested);
                let choice = |word: &str| DataChoice::ALL.into_iter().find(|choice| choice.word() == word);
                let data = name.strip_prefix("data: ").and_then(choice).map(Self::Data);
                contested.or(data).or_else(|| name.strip_prefix("weight of ").and_then(Item::read).map(Self::Weight))
            }
        }
    }
}

/// How far the index of zones depends on choices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sensitivity {
    pub(super) draws: u32,
    /// Ranks of each zone that has an index of its own values.
    pub(super) ranks: BTreeMap<AreaCode, RankRange>,
    /// Of each indicator and dimension.
    pub(super) importances: Vec<(Item, Importance)>,
    /// The largest, from the largest on.
    pub(super) removals: Vec<(u8, Removal)>,
    /// By choice, the largest total effect first; empty where no choice moves a rank.
    pub(super) effects: Vec<(Choice, Effect)>,
}

impl Sensitivity {
    /// Works it out; none where fewer than two zones have an index of their own values.
    pub(super) fn of(country: &Country) -> Result<Option<Self>, SensitivityError> {
        let with_index = |rayon: &&RayonSummary| rayon.index_of_values.is_some();
        let rayons: Vec<&RayonSummary> = country.rayons.iter().filter(with_index).collect();
        if rayons.len() < LEAST_ZONES {
            return Ok(None);
        }
        let used: Vec<(&Indicator, &IndicatorColumn)> = country
            .indicators
            .iter()
            .filter(|column| column.status == ColumnStatus::Used && column.weight > 0.0)
            .filter_map(|column| Some((indicator(column.row)?, column)))
            .collect();
        let index = CompositeIndex::new(config(&used, country)?)?;
        let table = table(&used, &rayons, country)?;
        let scored = index.score(&table, None)?;
        let experiment = Experiment::new(&index, &table, &scored)?;
        let codes = rayons.iter().map(|rayon| rayon.code.clone());
        let (draws, seed) = (index.config().robustness.draws, index.config().robustness.seed);
        let ranks = codes.zip(rank_ranges(&experiment, draws, uniform(seed))?).collect();
        let with_item = |importance: Importance| Some((Item::read(&importance.item)?, importance));
        let of_row = |removal: Removal| match Item::read(&removal.indicator)? {
            Item::Row(row) => Some((row, removal)),
            Item::Dimension(_) => None,
        };
        Ok(Some(Self {
            draws,
            ranks,
            importances: importances(&index, &scored).into_iter().filter_map(with_item).collect(),
            removals: removals(&experiment, &scored)?.into_iter().filter_map(of_row).collect(),
            effects: choices(&experiment, &scored)?,
        }))
    }
}

/// Total and first-order effects on the mean shift of ranks against the index as it is.
fn choices(experiment: &Experiment<'_>, scored: &Scored) -> Result<Vec<(Choice, Effect)>, SensitivityError> {
    let rules = &experiment.index().config().robustness;
    let factors = experiment.factors();
    let shift = |point: &[f64]| -> Result<f64, ScoreError> {
        Ok(mean_rank_shift(&scored.index, &experiment.run(point)?).map_or(0.0, |(mean, _)| mean))
    };
    let found = effects(factors.len(), rules.effects_base, uniform(rules.seed), shift)?;
    let named = factors.iter().zip(found.into_iter().flatten());
    let mut named: Vec<(Choice, Effect)> =
        named.filter_map(|(factor, effect)| Some((Choice::read(factor)?, effect))).collect();
    named.sort_by(|one, other| other.1.total.total_cmp(&one.1.total));
    Ok(named)
}

fn config(used: &[(&Indicator, &IndicatorColumn)], country: &Country) -> Result<IndexConfig, SensitivityError> {
    let rows = used.iter().map(|(indicator, column)| {
        let weights = |scheme| indicator.weights.of(scheme);
        json!({
            "id": Item::id(column.row), "parent": column.dimension.word(), "weight": column.weight,
            "weights": {
                "criterion": weights(WeightScheme::Criterion), "flat": weights(WeightScheme::Flat),
                "category": weights(WeightScheme::Category),
            },
            "normalisation": "none",
        })
    });
    let dimensions = Dimension::ALL.iter().filter(|of| used.iter().any(|(_, column)| column.dimension == **of));
    let nodes = dimensions.map(|of| json!({"id": of.word(), "parent": TOP})).chain([json!({"id": TOP})]);
    let contested = || used.iter().filter(|(indicator, _)| indicator.contested).map(|(own, _)| own.row);
    let drop: Vec<String> = contested().map(Item::id).collect();
    let flip: Vec<String> = contested().filter(|row| *row == FLIPPED_ROW).map(Item::id).collect();
    let config = json!({
        "name": TOP, "table": {"file": "", "unit": "zone"},
        // The build has held what is missing against the limits already.
        "missing": {"indicator_min_share": 0.0, "node_min_share": 0.0},
        "indicator": rows.collect::<Vec<Value>>(), "node": nodes.collect::<Vec<Value>>(),
        "classes": {
            "names": kend_domain::ReadinessClass::ALL.iter().map(|class| class.word()).collect::<Vec<_>>(),
            "thresholds": country.thresholds.values(),
        },
        "robustness": {
            "seed": country.robustness.seed, "draws": country.robustness.draws,
            "normalisations": ["as_configured", "z_score", "percentile_rank"],
            "weights": ["criterion", "flat", "category"], "means": ["as_configured", "geometric"],
            "drop": drop, "flip": flip, "alternative": alternatives(used, country),
        },
    });
    Ok(serde_json::from_value(config)?)
}

/// What used rows could have been made of as well.
fn others<'a>(used: &'a [(&Indicator, &IndicatorColumn)], country: &'a Country) -> impl Iterator<Item = &'a OtherRow> {
    let is_used = |other: &&OtherRow| used.iter().any(|(_, column)| column.row == other.row);
    country.robustness.others.iter().filter(is_used)
}

/// Name of the column of points.
fn other_id(other: &OtherRow) -> String {
    format!("{}: {}, {}", Item::id(other.row), other.choice.word(), other.option)
}

/// By choice its options, each with the columns that take the place of rows.
fn alternatives(used: &[(&Indicator, &IndicatorColumn)], country: &Country) -> Vec<Value> {
    let of = |choice: DataChoice| {
        let mut options: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        for other in others(used, country).filter(|other| other.choice == choice) {
            options.entry(&other.option).or_default().insert(Item::id(other.row), other_id(other));
        }
        let options: Vec<_> = options.into_values().collect();
        (!options.is_empty()).then(|| json!({"name": choice.word(), "options": options}))
    };
    DataChoice::ALL.into_iter().filter_map(of).collect()
}

/// Scores of zones; those of a dimension that the zone has no value of are not there.
fn table(
    used: &[(&Indicator, &IndicatorColumn)],
    rayons: &[&RayonSummary],
    country: &Country,
) -> Result<UnitTable, TableError> {
    let zones: BTreeMap<&AreaCode, usize> =
        country.zones.iter().enumerate().map(|(place, zone)| (&zone.code, place)).collect();
    let column = |of: &IndicatorColumn, score: &dyn Fn(usize) -> Option<f64>| {
        let score = |rayon: &&RayonSummary| {
            rayon.dimensions_of_values.get(&of.dimension)?;
            score(*zones.get(&rayon.code)?)
        };
        rayons.iter().map(score).collect::<Vec<_>>()
    };
    let own = used
        .iter()
        .map(|(_, of)| (Item::id(of.row), column(of, &|zone| country.zones.get(zone)?.scores.get(&of.row).copied())));
    let others = others(used, country).filter_map(|other| {
        let (_, of) = used.iter().find(|(_, column)| column.row == other.row)?;
        Some((other_id(other), column(of, &|zone| other.scores.get(zone).copied().flatten())))
    });
    UnitTable::new(rayons.iter().map(|rayon| rayon.code.to_string()).collect(), own.chain(others).collect())
}
