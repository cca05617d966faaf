//! A table of zones: from raw values of many indicators to the five dimensions of every zone.
//!
//! Zones are whatever the values are known for: rayons in a demonstration, villages or cells elsewhere. Indicators that
//! give no scores are named with the reason, never dropped in silence.

use std::collections::BTreeMap;

use kend_domain::Dimension;

use crate::{
    aggregate::{DimensionValue, dimension_value},
    catalogue::{Indicator, IndicatorKind, WeightScheme},
    method::Method,
    normalise::{Normalisation, NormaliseError, coverage_score, scores},
};

/// Raw values of zones.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneTable {
    /// Area of each zone, any unit, at least 0.
    pub areas: Vec<f64>,
    /// By row of Annex I: a value for each zone in the same order, `None` where missing.
    pub values: BTreeMap<u8, Vec<Option<f64>>>,
}

/// Scores of zones.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTable {
    /// By row of Annex I: a score for each zone.
    pub scores: BTreeMap<u8, Vec<Option<f64>>>,
    /// Rows that give no scores, and why.
    pub left_out: BTreeMap<u8, NormaliseError>,
}

/// Scores of every indicator of a table under one kind of normalisation: [`scores`] row by row, [`coverage_score`] for
/// coverage rows.
///
/// Units and treatment of missing values as there; rows of the table that are no indicator are left out of the result;
/// an empty table gives no scores. Source: method 2.2, 2.5.
///
/// ```
/// use kend_readiness::{Method, Normalisation, ZoneTable, indicators, score_table};
/// let values = [(44, vec![Some(10.0), Some(20.0), Some(30.0)]), (45, vec![Some(1.0); 3])].into();
/// let table = ZoneTable { areas: vec![1.0; 3], values };
/// let scored = score_table(&table, indicators(), Normalisation::MinMax, Method::standard());
/// assert_eq!(scored.scores[&44], [Some(0.0), Some(50.0), Some(100.0)]);
/// assert!(scored.left_out.contains_key(&45), "crimes are equal everywhere");
/// ```
pub fn score_table(table: &ZoneTable, indicators: &[Indicator], kind: Normalisation, method: &Method) -> ScoreTable {
    let mut scored = ScoreTable { scores: BTreeMap::new(), left_out: BTreeMap::new() };
    for indicator in indicators {
        let Some(values) = table.values.get(&indicator.row) else { continue };
        let row = if indicator.kind == IndicatorKind::Coverage {
            Ok(values.iter().map(|value| value.map(|share| coverage_score(share, method))).collect())
        } else {
            scores(values, &table.areas, indicator.direction, kind, method)
        };
        match row {
            Ok(row) => {
                scored.scores.insert(indicator.row, row);
            }
            Err(reason) => {
                scored.left_out.insert(indicator.row, reason);
            }
        }
    }
    scored
}

/// Value of one dimension in every zone: [`dimension_value`] with the weights of a scheme, each times a factor.
///
/// `factor` gives a number at least 0 for a row (1 leaves the weight as it is). The observed share counts all rows of
/// the dimension, also those without scores. `zones` is the number of zones; a row that is shorter counts as missing.
/// Source: method 3.
///
/// ```
/// use kend_domain::Dimension;
/// use kend_readiness::{Method, ScoreTable, WeightScheme, dimension_values, indicators};
/// let scores = [(52, vec![Some(40.0), Some(80.0)]), (53, vec![Some(60.0), None])].into();
/// let table = ScoreTable { scores, left_out: Default::default() };
/// let (scheme, method) = (WeightScheme::Criterion, Method::standard());
/// let governance = dimension_values(&table, indicators(), Dimension::Governance, scheme, |_| 1.0, 2, method);
/// assert_eq!(governance[0].unwrap().value, 50.0);
/// assert!(governance[1].is_none(), "half of the weight is missing");
/// ```
pub fn dimension_values(
    table: &ScoreTable,
    indicators: &[Indicator],
    dimension: Dimension,
    scheme: WeightScheme,
    factor: impl Fn(u8) -> f64,
    zones: usize,
    method: &Method,
) -> Vec<Option<DimensionValue>> {
    let rows: Vec<(f64, Option<&Vec<Option<f64>>>)> = indicators
        .iter()
        .filter(|indicator| indicator.dimension == dimension)
        .map(|indicator| (indicator.weights.of(scheme) * factor(indicator.row), table.scores.get(&indicator.row)))
        .collect();
    (0..zones)
        .map(|zone| {
            let present: Vec<(f64, Option<f64>)> = rows
                .iter()
                .map(|(weight, row)| (*weight, row.and_then(|row| row.get(zone)).copied().flatten()))
                .collect();
            dimension_value(&present, &method.missing)
        })
        .collect()
}
