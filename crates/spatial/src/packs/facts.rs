//! What a device knows of rayons and villages beside the index: raw values with year and source, travel times.

use kend_domain::Dimension;
use kend_pack::{
    Calculator, ClassGaps, IndicatorStatus, PlaneGrid, RowAddition, RowLag, RowRule, TravelTime, VillageFacts,
    VillageValue, ZoneValue,
};
use kend_readiness::{IndicatorKind, indicator};

use super::{
    content::{Source, in_own_unit},
    places::Settlement,
    rows::Row,
};
use crate::build::{ColumnStatus, ColumnValues, DimensionGaps, GapVariant, IndicatorColumn, ValueStatus};

/// What calculations on cells rest on; what is known of villages comes with the clusters.
pub(super) fn calculator(source: &Source<'_>, rows: &[Row], additions: Vec<RowAddition>) -> Calculator {
    let country = source.country;
    let grid = &country.grid;
    let rules = country.indicators.iter().filter(|column| column.status == ColumnStatus::Used);
    let of_classes = country.gaps.classes.get(&GapVariant::Area).into_iter().flatten();
    Calculator {
        grid: PlaneGrid {
            west_m: grid.west_m(),
            north_m: grid.north_m(),
            cell_m: grid.cell_m(),
            columns: grid.columns(),
            rows: grid.rows(),
        },
        weights: source.scheme,
        limits: source.limits,
        rules: rules.filter_map(|column| Some(RowRule { row: column.row, rule: column.rule? })).collect(),
        additions,
        lag: country.lag_rules.iter().map(|(row, rule)| RowLag { row: *row, rule: *rule }).collect(),
        peers: rows.iter().flat_map(|row| row.peers.iter().copied()).collect(),
        gaps: of_classes.map(|(class, gaps)| ClassGaps { class: *class, gaps: in_order(gaps) }).collect(),
        zones: zone_values(source),
        villages: Vec::new(),
    }
}

/// Gaps of the dimensions in their order.
pub(super) fn in_order(gaps: &DimensionGaps) -> [Option<f64>; Dimension::ALL.len()] {
    std::array::from_fn(|place| gaps.get(Dimension::ALL.get(place)?).copied())
}

fn zone_values(source: &Source<'_>) -> Vec<ZoneValue> {
    let mut all = Vec::new();
    for zone in source.country.zones.iter().filter(|zone| !zone.excluded) {
        for column in source.country.indicators.iter().filter(|column| column.status == ColumnStatus::Used) {
            let Some(known) = zone.values.get(&column.row) else { continue };
            let status = match (known.status, known.value) {
                (_, None) => IndicatorStatus::Missing,
                (ValueStatus::Imputed, _) => IndicatorStatus::Imputed,
                _ => IndicatorStatus::Observed,
            };
            all.push(ZoneValue {
                rayon: zone.code.clone(),
                row: column.row,
                value: known.value,
                status,
                year: Some(known.year),
                source: source.publisher(column),
                unit: (!in_own_unit(column)).then(super::content::points),
            });
        }
    }
    all
}

/// What is known of a settlement where it lies; nothing where that is no land of the index.
pub(super) fn village(source: &Source<'_>, settlement: &Settlement) -> Option<VillageFacts> {
    let at = settlement.spot.cell?;
    let columns = source.country.indicators.iter().filter(|column| {
        let in_cells = matches!(column.values, ColumnValues::Cells(_));
        in_cells && column.status == ColumnStatus::Used && in_own_unit(column)
    });
    let value = |column: &IndicatorColumn| column.value(&source.country.zone, at).map(tidy);
    let known: Vec<(&IndicatorColumn, f64)> = columns.filter_map(|column| Some((column, value(column)?))).collect();
    let travel = known.iter().filter(|(column, _)| column.kind == IndicatorKind::TravelTime);
    let travel = travel.filter_map(|(column, minutes)| {
        let indicator = indicator(column.row)?;
        Some(TravelTime { to: indicator.name.clone(), minutes: *minutes })
    });
    Some(VillageFacts {
        village: settlement.place.village,
        travel: travel.collect(),
        values: known.iter().map(|(column, value)| VillageValue { row: column.row, value: *value }).collect(),
        profile: Vec::new(),
    })
}

/// The shortest decimal that means the same: cells are kept with seven digits, and more would be noise.
fn tidy(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}
