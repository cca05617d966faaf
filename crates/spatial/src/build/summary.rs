//! Each zone in numbers: the index in three columns that differ, which people must see (method 4).

use std::collections::BTreeMap;

use kend_domain::{AreaCode, Dimension, ReadinessClass};
use kend_readiness::{Method, Thresholds, cells::ScoredCells, class_of, dimension_value, index_value};
use serde::{Deserialize, Serialize};

use super::{
    country::{ColumnStatus, IndicatorColumn, ZoneRecord},
    ground::Ground,
    mean::Mean,
    number::real,
};

/// Classes of the index.
const CLASSES: usize = ReadinessClass::ALL.len();

/// A zone that is not left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RayonSummary {
    /// Its code.
    pub code: AreaCode,
    /// Mean index of its cells weighted with people; none where nobody lives in a cell with an index.
    pub index: Option<f64>,
    /// The class of that.
    pub class: Option<ReadinessClass>,
    /// Share of its area in each class, lowest first, of the area with an index.
    pub class_shares: [f64; CLASSES],
    /// Mean of each dimension of its cells weighted with people.
    pub dimensions: BTreeMap<Dimension, f64>,
    /// The index of the zone's own values.
    pub index_of_values: Option<f64>,
    /// The class of that.
    pub class_of_values: Option<ReadinessClass>,
    /// Each dimension of the zone's own values.
    pub dimensions_of_values: BTreeMap<Dimension, f64>,
}

/// Summaries of the zones that are not left out, in their order.
///
/// Index and dimensions: `sum of p x / sum of p` over cells with a value, `p` people; shares over cells with an index;
/// the third column by [`dimension_value`] and [`index_value`] of the scores in [`ZoneRecord::scores`]. Source: method 4.
pub(super) fn summaries(
    zones: &[ZoneRecord],
    columns: &[IndicatorColumn],
    population: &[f32],
    scored: &ScoredCells,
    thresholds: &Thresholds,
    ground: &Ground,
    method: &Method,
) -> Vec<RayonSummary> {
    let means =
        |values: &[f32]| -> Vec<Option<f64>> { ground.means(values, population).iter().map(Mean::by_people).collect() };
    let index = means(&scored.index);
    let dimensions: Vec<Vec<Option<f64>>> = scored.dimensions.iter().map(|values| means(values)).collect();
    let mut cells = vec![[0_usize; CLASSES]; zones.len()];
    for (zone, class) in ground.zone.iter().zip(&scored.class) {
        let count = cells.get_mut(usize::from(*zone)).and_then(|classes| classes.get_mut(usize::from(*class)));
        if let Some(count) = count {
            *count += 1;
        }
    }
    let zones = zones.iter().zip(index).zip(cells).enumerate().filter(|(_, ((zone, _), _))| !zone.excluded);
    zones
        .map(|(place, ((zone, index), cells))| {
            let own = dimensions_of(zone, columns, method);
            let index_of_values = index_value(&own, &method.missing, method).map(|value| value.value);
            let all: usize = cells.iter().sum();
            let of_cells = Dimension::ALL.iter().zip(&dimensions);
            RayonSummary {
                code: zone.code.clone(),
                index,
                class: index.map(|index| class_of(index, thresholds)),
                class_shares: cells.map(|cells| if all == 0 { 0.0 } else { real(cells) / real(all) }),
                dimensions: of_cells
                    .filter_map(|(of, values)| Some((*of, values.get(place).copied().flatten()?)))
                    .collect(),
                index_of_values,
                class_of_values: index_of_values.map(|index| class_of(index, thresholds)),
                dimensions_of_values: own,
            }
        })
        .collect()
}

/// Dimensions of the zone's own values.
fn dimensions_of(zone: &ZoneRecord, columns: &[IndicatorColumn], method: &Method) -> BTreeMap<Dimension, f64> {
    let value = |dimension: &Dimension| {
        let own = columns.iter().filter(|column| column.dimension == *dimension);
        let scores: Vec<(f64, Option<f64>)> = own
            .map(|column| {
                let score = zone.scores.get(&column.row).filter(|_| column.status == ColumnStatus::Used);
                (column.weight, score.copied())
            })
            .collect();
        Some((*dimension, dimension_value(&scores, &method.missing)?.value))
    };
    Dimension::ALL.iter().filter_map(value).collect()
}
