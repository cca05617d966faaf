//! One pass over each indicator's column: percentiles of each class, and scores of the cells that a pack carries.

use kend_domain::ReadinessClass;
use kend_pack::Peers;
use kend_readiness::{
    Method,
    cells::{CellError, CellWeights, quantiles, score_steps},
};

use super::clusters::Chosen;
use crate::build::{Country, number::place};

/// The shares of area of [`Peers`], in their order.
const SHARES: [f64; 6] = [0.1, 0.25, 0.5, 0.75, 0.8, 0.9];

/// What a row says of classes and clusters.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) peers: Vec<Peers>,
    /// Of each chosen cluster.
    pub(super) clusters: Vec<RowOfCluster>,
}

/// What a row says of a cluster.
#[derive(Debug)]
pub(super) struct RowOfCluster {
    /// Scores of its cells in steps.
    pub(super) steps: Vec<u8>,
    /// Mean raw value, in the unit of the column.
    pub(super) value: Option<f64>,
    /// Mean score, points.
    pub(super) score: Option<f64>,
}

/// All rows of the country, row 1 first.
pub(super) fn rows(country: &Country, chosen: &[Chosen<'_>]) -> Result<Vec<Row>, CellError> {
    let eligible: Vec<bool> = country.zones.iter().map(|zone| !zone.excluded).collect();
    let counts = |zone: u16| eligible.get(usize::from(zone)) == Some(&true);
    let mut rows = Vec::with_capacity(country.indicators.len());
    for column in &country.indicators {
        let scores = column.scores(&country.zone, counts, Method::standard());
        let score = |at: usize| scores.get(at).copied().filter(|score| !score.is_nan());
        let clusters = chosen.iter().map(|Chosen { record, .. }| RowOfCluster {
            steps: record.cells.iter().map(|at| score_steps(score(place(*at)).unwrap_or(f32::NAN))).collect(),
            value: record.mean(&country.population, |at| score(at).and_then(|_| column.value(&country.zone, at))),
            score: record.mean(&country.population, score),
        });
        let clusters = clusters.collect();
        rows.push(Row { peers: peers(column.row, &scores, &country.scored.class)?, clusters });
    }
    Ok(rows)
}

/// Percentiles of the scores of each class over its area; a class without scores has none.
fn peers(row: u8, scores: &[f32], classes: &[u8]) -> Result<Vec<Peers>, CellError> {
    let cells: Vec<(f32, u8)> = scores.iter().copied().zip(classes.iter().copied()).collect();
    let mut all = Vec::new();
    for (own, class) in (0_u8..).zip(ReadinessClass::ALL) {
        let of_class = |(score, class): (f32, u8)| if class == own { score } else { f32::NAN };
        let Some([p10, p25, p50, p75, p80, p90]) = quantiles(&cells, CellWeights::Equal, SHARES, of_class)? else {
            continue;
        };
        all.push(Peers { class: *class, row, p10, p25, p50, p75, p80, p90 });
    }
    Ok(all)
}
