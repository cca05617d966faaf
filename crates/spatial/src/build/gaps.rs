//! Where classes and clusters lag (method 5), with the variants that show how much the answer depends on the question.

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{
    LagRule, Method,
    cells::{CellWeights, ClassTally, ScoredCells, cell_lag_rule, class_gap, class_tally, quantiles},
    significant_gaps,
};
use serde::{Deserialize, Serialize};

use super::{
    country::{ClusterRecord, ColumnStatus, IndicatorColumn},
    error::BuildError,
    former::Former,
    ground::Ground,
    number::place,
    series::LagVariantsRecord,
};

/// Share of area below which a score lags, in variants.
const MEDIAN: f64 = 0.5;
const BOTTOM_TERCILE: f64 = 1.0 / 3.0;

/// Gaps by dimension, percent.
pub type DimensionGaps = BTreeMap<Dimension, f64>;

/// Which question a gap answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapVariant {
    /// The method: by area, indicators with their weight.
    Area,
    /// All indicators the same: closest to the report's words.
    Unweighted,
    /// By people in place of area.
    Population,
    /// The dimension's own value in place of its indicators'.
    DimensionValue,
    /// Lagging is below the median.
    Median,
    /// Lagging is in the bottom third.
    BottomTercile,
}

impl GapVariant {
    /// All variants, the method first.
    pub const ALL: [Self; 6] =
        [Self::Area, Self::Unweighted, Self::Population, Self::DimensionValue, Self::Median, Self::BottomTercile];

    /// The word for it in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Unweighted => "unweighted",
            Self::Population => "population",
            Self::DimensionValue => "dimension_value",
            Self::Median => "median",
            Self::BottomTercile => "bottom_tercile",
        }
    }
}

/// Where classes and clusters lag.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapTables {
    /// By variant and class; a class without cells has none.
    pub classes: BTreeMap<GapVariant, BTreeMap<ReadinessClass, DimensionGaps>>,
    /// By class the dimensions whose gap is the largest or within 10 points of it, the largest first.
    pub significant: BTreeMap<ReadinessClass, Vec<Dimension>>,
    /// By class and cluster.
    pub clusters: BTreeMap<ReadinessClass, BTreeMap<u16, DimensionGaps>>,
    /// By row and class: the share of an indicator's area that lags, percent.
    pub rows: BTreeMap<u8, BTreeMap<ReadinessClass, f64>>,
}

/// Tallies of one row.
#[derive(Debug)]
struct RowTallies {
    area: ClassTally,
    population: ClassTally,
    median: ClassTally,
    tercile: ClassTally,
    /// By class and cluster, in the place of the lowest class.
    clusters: BTreeMap<ReadinessClass, Vec<ClassTally>>,
}

/// Lag rules of each indicator and of the variants, and all gaps; the rules of a former round where there is one.
pub(super) fn gap_tables(
    columns: &[IndicatorColumn],
    scored: &ScoredCells,
    clusters: &BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    population: &[f32],
    ground: &Ground,
    former: Option<&Former>,
    method: &Method,
) -> Result<(BTreeMap<u8, LagRule>, LagVariantsRecord, GapTables), BuildError> {
    // A rule is a quantile and the minimum (method 5): one look at the scores gives those of all variants.
    let shares = [method.gaps.lag_share.value, MEDIAN, BOTTOM_TERCILE, 0.0];
    let mut rules = BTreeMap::new();
    let mut variants = LagVariantsRecord::default();
    let mut tallies: BTreeMap<u8, RowTallies> = BTreeMap::new();
    for column in columns.iter().filter(|column| column.status == ColumnStatus::Used) {
        let points = column.scores(&ground.zone, |zone| ground.counts(zone), method);
        let tally = |rule: &LagRule, weights| class_tally(&points, &scored.class, weights, rule, |score| score);
        let found = match former {
            Some(former) => former.lag_rules(column.row),
            None => {
                quantiles(&points, CellWeights::Equal, shares, |score| score)?.map(|[own, median, tercile, minimum]| {
                    [own, median, tercile].map(|threshold| LagRule { threshold, minimum })
                })
            }
        };
        let Some([own, median, tercile]) = found else { continue };
        let mut row = RowTallies {
            area: tally(&own, CellWeights::Equal)?,
            population: tally(&own, CellWeights::Each(population))?,
            median: tally(&median, CellWeights::Equal)?,
            tercile: tally(&tercile, CellWeights::Equal)?,
            clusters: BTreeMap::new(),
        };
        for (class, clusters) in clusters {
            let own = clusters.iter().map(|cluster| cluster_tally(cluster, &points, &own));
            row.clusters.insert(*class, own.collect::<Result<_, _>>()?);
        }
        rules.insert(column.row, own);
        variants.median.insert(column.row, median);
        variants.bottom_tercile.insert(column.row, tercile);
        tallies.insert(column.row, row);
    }
    let mut tables = tabled(columns, &tallies, clusters, method);
    let frozen = former.map(|former| &former.manifest.lag_variants.dimension_value);
    let own_values = dimension_gaps(scored, frozen, &mut variants.dimension_value, method)?;
    tables.classes.insert(GapVariant::DimensionValue, own_values);
    Ok((rules, variants, tables))
}

/// The tally of a cluster's cells, in the place of the lowest class.
fn cluster_tally(cluster: &ClusterRecord, scores: &[f32], rule: &LagRule) -> Result<ClassTally, BuildError> {
    let own: Vec<f32> = cluster.cells.iter().filter_map(|cell| scores.get(place(*cell)).copied()).collect();
    Ok(class_tally(&own, &vec![0; own.len()], CellWeights::Equal, rule, |score| score)?)
}

/// The gap of each dimension in a class from the tallies of its indicators.
fn gaps_of(
    columns: &[IndicatorColumn],
    tallies: &BTreeMap<u8, RowTallies>,
    class: ReadinessClass,
    weight: impl Fn(&IndicatorColumn) -> f64,
    of: impl Fn(&RowTallies) -> Option<ClassTally>,
    method: &Method,
) -> DimensionGaps {
    let gap = |dimension: &Dimension| {
        let own = columns.iter().filter(|column| column.dimension == *dimension);
        let rows: Vec<(f64, ClassTally)> =
            own.filter_map(|column| Some((weight(column), of(tallies.get(&column.row)?)?))).collect();
        Some((*dimension, class_gap(&rows, class, method)?))
    };
    Dimension::ALL.iter().filter_map(gap).collect()
}

/// A tally of a row.
type Of = fn(&RowTallies) -> ClassTally;

fn tabled(
    columns: &[IndicatorColumn],
    tallies: &BTreeMap<u8, RowTallies>,
    clusters: &BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    method: &Method,
) -> GapTables {
    let mut tables = GapTables::default();
    let by_class = |weighted: bool, of: fn(&RowTallies) -> ClassTally| -> BTreeMap<ReadinessClass, DimensionGaps> {
        let weight = |column: &IndicatorColumn| if weighted { column.weight } else { 1.0 };
        let gaps = |class: &ReadinessClass| {
            (*class, gaps_of(columns, tallies, *class, weight, |tallies| Some(of(tallies)), method))
        };
        ReadinessClass::ALL.iter().map(gaps).filter(|(_, gaps)| !gaps.is_empty()).collect()
    };
    let variants: [(GapVariant, bool, Of); 5] = [
        (GapVariant::Area, true, |tallies| tallies.area),
        (GapVariant::Unweighted, false, |tallies| tallies.area),
        (GapVariant::Population, true, |tallies| tallies.population),
        (GapVariant::Median, true, |tallies| tallies.median),
        (GapVariant::BottomTercile, true, |tallies| tallies.tercile),
    ];
    for (variant, weighted, of) in variants {
        tables.classes.insert(variant, by_class(weighted, of));
    }
    let own = tables.classes.get(&GapVariant::Area).into_iter().flatten();
    tables.significant = own.map(|(class, gaps)| (*class, significant_gaps(gaps, method))).collect();
    for (class, clusters) in clusters {
        // A tally of one cluster stands in the place of the lowest class.
        let gaps = |(number, cluster): (usize, &ClusterRecord)| {
            let of = |tallies: &RowTallies| tallies.clusters.get(class)?.get(number).copied();
            let lowest = ReadinessClass::Activate;
            (cluster.id, gaps_of(columns, tallies, lowest, |column| column.weight, of, method))
        };
        tables.clusters.insert(*class, clusters.iter().enumerate().map(gaps).collect());
    }
    for (row, tallies) in tallies {
        let gap = |class: &ReadinessClass| Some((*class, class_gap(&[(1.0, tallies.area)], *class, method)?));
        tables.rows.insert(*row, ReadinessClass::ALL.iter().filter_map(gap).collect());
    }
    tables
}

/// The variant in which a dimension lags by its own value.
fn dimension_gaps(
    scored: &ScoredCells,
    frozen: Option<&BTreeMap<Dimension, LagRule>>,
    rules: &mut BTreeMap<Dimension, LagRule>,
    method: &Method,
) -> Result<BTreeMap<ReadinessClass, DimensionGaps>, BuildError> {
    let mut gaps: BTreeMap<ReadinessClass, DimensionGaps> = BTreeMap::new();
    for (dimension, values) in Dimension::ALL.iter().zip(&scored.dimensions) {
        let rule = match frozen {
            Some(frozen) => frozen.get(dimension).copied(),
            None => cell_lag_rule(values, CellWeights::Equal, |value| value, method)?,
        };
        let Some(rule) = rule else { continue };
        rules.insert(*dimension, rule);
        let tally = class_tally(values, &scored.class, CellWeights::Equal, &rule, |value| value)?;
        for class in ReadinessClass::ALL {
            if let Some(gap) = class_gap(&[(1.0, tally)], *class, method) {
                gaps.entry(*class).or_default().insert(*dimension, gap);
            }
        }
    }
    Ok(gaps)
}
