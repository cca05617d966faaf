//! The clusters of a pack, each with its cells.

use std::collections::BTreeSet;

use kend_domain::{AreaCode, Dimension, EntityId, ReadinessClass};
use kend_pack::{
    Cluster, ClusterArea, ClusterMap, DimensionValue, IndicatorStatus, IndicatorValue, Layout, MAX_CLUSTER_CELLS,
    NO_SHARE, PackContent, PackError, Sectors, ZoneTravel, cell_index,
};
use kend_readiness::{
    cells::{ClusterCells, ClusterColumns, ScoredCells},
    weighted_quantile,
};

use super::{
    PackSettings,
    content::{Source, filled, in_own_unit, kept, persons, points},
    error::MakePackError,
    facts,
    places::{Settlement, Spot},
    profiles::Profiles,
    rows::{Row, RowOfCluster},
    shapes::{Footprint, outline},
};
use crate::build::{ClusterRecord, ColumnStatus, Country, FIRST_AREA_ID, IndicatorColumn, ValueStatus, number::place};

const MEDIAN: f64 = 0.5;

/// A cluster that a pack is to carry.
pub(super) struct Chosen<'a> {
    pub(super) id: String,
    pub(super) record: &'a ClusterRecord,
    /// Villages that the project says it has.
    villages: u32,
}

/// The clusters that the settings ask for: areas that the project chose, then the best class first, in each the most populous
/// first.
pub(super) fn chosen<'a>(country: &'a Country, settings: &PackSettings) -> Result<Vec<Chosen<'a>>, MakePackError> {
    let all = || {
        let areas = country.areas.iter();
        let areas = areas.map(|area| Chosen { id: area.id.clone(), record: &area.cluster, villages: area.villages });
        let records = country.clusters.values().rev().flatten();
        let found =
            |record: &'a ClusterRecord| Chosen { id: format!("{}-{}", record.class, record.id), record, villages: 0 };
        areas.chain(records.map(found))
    };
    let known: BTreeSet<String> = all().map(|cluster| cluster.id).collect();
    if let Some(id) = settings.clusters.iter().find(|id| !known.contains(*id)) {
        let there = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(MakePackError::NoCluster { id: id.clone(), there });
    }
    let by_default = settings.classes.is_empty() && settings.clusters.is_empty();
    let no_areas = country.areas.is_empty();
    let asked = |Chosen { id, record, .. }: &Chosen<'_>| {
        let of_default = if no_areas { record.class == ReadinessClass::Amplify } else { record.id >= FIRST_AREA_ID };
        let of_class = record.id < FIRST_AREA_ID && settings.classes.contains(&record.class);
        (by_default && of_default) || of_class || settings.clusters.contains(id)
    };
    let found: Vec<Chosen<'a>> = all().filter(asked).collect();
    if found.is_empty() { Err(MakePackError::NoClusters) } else { Ok(found) }
}

/// Puts a cluster into the content and gives its cells; or why it can't be in a pack. `number` is its place among the chosen.
pub(super) fn cluster(
    source: &Source<'_>,
    Chosen { id, record, villages: declared }: &Chosen<'_>,
    number: usize,
    rows: &[Row],
    profiles: &Profiles<'_>,
    content: &mut PackContent,
) -> Result<Result<ClusterMap, String>, MakePackError> {
    let country = source.country;
    let cells = record.cells.len();
    if cells == 0 || u32::try_from(cells).is_ok_and(|cells| cells > MAX_CLUSTER_CELLS) {
        return Ok(Err(format!("it has {cells} cells, and a device holds 1 to {MAX_CLUSTER_CELLS}")));
    }
    let Some(index) = record.index else {
        return Ok(Err("nobody lives in a cell of it that has an index".to_owned()));
    };
    let Some(dimensions) = dimensions(country, record) else {
        return Ok(Err("a dimension of it has no value, or nothing is known of how sure it is".to_owned()));
    };
    let gathered: Vec<u32> = gather(record, &country.land);
    let footprint = Footprint::of(&country.grid, &gathered)?;
    let of_cluster = || rows.iter().map(|row| row.clusters.get(number));
    let map = map(country, record, &footprint, of_cluster().flatten(), content)?;
    let inside = |spot: &Spot| {
        let at = spot.cell.and_then(|cell| u32::try_from(cell).ok());
        at.is_some_and(|at| record.cells.binary_search(&at).is_ok())
    };
    let own: Vec<&Settlement> = profiles.settlements.iter().filter(|settlement| inside(&settlement.spot)).collect();
    let mean = |column: &IndicatorColumn| {
        let row = country.indicators.iter().position(|own| own.row == column.row)?;
        rows.get(row)?.clusters.get(number)?.value
    };
    let rayons = rayons(country, record);
    let told = country.indicators.iter().zip(of_cluster());
    let gaps = country.gaps.clusters.get(&record.class).and_then(|clusters| clusters.get(&record.id));
    // Of all villages of a country a device would read too much before it shows a first number.
    if let Some(calculator) = &mut content.calculator {
        calculator.villages.extend(own.iter().filter_map(|settlement| facts::village(source, settlement)));
    }
    let villages: Vec<EntityId> = own.iter().map(|settlement| settlement.place.village).collect();
    content.clusters.push(Cluster {
        id: id.clone(),
        names: filled(&record.names),
        villages_total: u32::try_from(villages.len()).unwrap_or(u32::MAX).max(1).max(*declared),
        population: persons(record.population).unwrap_or_default(),
        population_year: source.population_year(),
        index: kept(index),
        dimensions,
        indicators: told.map(|(column, row)| indicator(source, column, row, &rayons)).collect(),
        area: Some(ClusterArea {
            class: record.class,
            area_km2: record.area_km2,
            // Stairs of cells become slopes.
            outline: outline(&source.plane, &footprint.outline, country.grid.cell_m()),
            window: footprint.window,
            villages,
            gaps: gaps.map(facts::in_order).unwrap_or_default(),
            class_frequencies: class_frequencies(country, record),
            profile: profiles.numbers(source, inside, mean),
            sectors: sectors(country, record),
        }),
        rayons,
    });
    Ok(Ok(map))
}

/// The values of a cluster's cells.
fn gather<T: Copy>(record: &ClusterRecord, values: &[T]) -> Vec<T> {
    record.cells.iter().filter_map(|cell| values.get(place(*cell)).copied()).collect()
}

fn map<'a>(
    country: &Country,
    record: &ClusterRecord,
    footprint: &Footprint,
    rows: impl Iterator<Item = &'a RowOfCluster>,
    content: &PackContent,
) -> Result<ClusterMap, MakePackError> {
    let scored = &country.scored;
    let people = gather(record, &country.population);
    let columns = ClusterColumns {
        scores: rows.map(|row| row.steps.clone()).collect(),
        office: ScoredCells {
            dimensions: scored.dimensions.each_ref().map(|values| gather(record, values)),
            index: gather(record, &scored.index),
            class: gather(record, &scored.class),
        },
        population: people.into_iter().map(|people| if people > 0.0 { people } else { 0.0 }).collect(),
        zones: gather(record, &country.zone),
        cell_km2: country.grid.cell_km2(),
    };
    let cells = columns.zones.len();
    let cells_of = ClusterCells::new(cell_index(content)?, columns)?;
    let layout = Layout {
        window: footprint.window,
        runs: footprint.runs.clone(),
        // Empty where the build was not asked for it.
        class_frequency: if country.class_frequency.is_empty() {
            vec![NO_SHARE; cells]
        } else {
            gather(record, &country.class_frequency)
        },
        tourism: country.sectors.as_ref().map(|own| gather(record, &own.tourism)).unwrap_or_default(),
        crops: country
            .sectors
            .iter()
            .flat_map(|own| &own.crops)
            .map(|own| (own.crop.crop.clone(), gather(record, &own.flags)))
            .collect(),
    };
    let grid = content.calculator.as_ref().map(|calculator| calculator.grid);
    let grid = grid.ok_or_else(|| PackError::Inconsistent { what: "cells without a grid".to_owned() })?;
    Ok(ClusterMap::new(cells_of, layout, &grid)?)
}

/// How often it has each class when weights are drawn anew; nothing where the build was not asked for it.
fn class_frequencies(country: &Country, record: &ClusterRecord) -> Option<[f64; ReadinessClass::ALL.len()]> {
    country.robustness.cluster_classes.get(&record.class)?.get(&record.id).copied()
}

/// The crops whose cells are flagged, and the ways from its zones.
fn sectors(country: &Country, record: &ClusterRecord) -> Option<Sectors> {
    let own = country.sectors.as_ref()?;
    let ways = own.clusters.get(&record.class).and_then(|clusters| clusters.get(&record.id)).into_iter().flatten();
    Some(Sectors {
        crops: own.crops.iter().map(|own| own.crop.clone()).collect(),
        travel: ways.map(|way| ZoneTravel { minutes: kept(way.minutes), ..way.clone() }).collect(),
    })
}

/// All dimensions with data; `None` where one lacks a value or its uncertainty.
fn dimensions(country: &Country, record: &ClusterRecord) -> Option<Vec<DimensionValue>> {
    let sd = country.robustness.clusters.get(&record.class).and_then(|clusters| clusters.get(&record.id));
    let of = |dimension: &Dimension| {
        let nothing = DimensionValue { dimension: *dimension, value: None, thresholds: None, sd_mc: None };
        let Some(thresholds) = country.dimension_thresholds.get(dimension) else { return Some(nothing) };
        Some(DimensionValue {
            value: Some(kept(*record.dimensions.get(dimension)?)),
            thresholds: Some(thresholds.values()),
            sd_mc: Some(kept(*sd?.get(dimension)?)),
            ..nothing
        })
    };
    Dimension::ALL.iter().map(of).collect()
}

/// The zones of its cells, that with most of its people first.
fn rayons(country: &Country, record: &ClusterRecord) -> Vec<AreaCode> {
    let zones: BTreeSet<u16> = gather(record, &country.zone).into_iter().collect();
    let codes = zones.iter().filter_map(|zone| country.zones.get(usize::from(*zone))).map(|zone| &zone.code);
    let codes: Vec<&AreaCode> = codes.collect();
    let peopled: Vec<&AreaCode> =
        record.zones.iter().map(|(code, _)| code).filter(|code| codes.contains(code)).collect();
    let others = codes.iter().copied().filter(|code| !peopled.contains(code));
    peopled.iter().copied().chain(others).cloned().collect()
}

/// An indicator of a cluster; missing where it has no value or no score.
fn indicator(
    source: &Source<'_>,
    column: &IndicatorColumn,
    row: Option<&RowOfCluster>,
    rayons: &[AreaCode],
) -> IndicatorValue {
    let (country, texts) = (source.country, source.texts(column.row));
    let own = kend_readiness::indicator(column.row);
    let of_catalogue = || own.filter(|_| in_own_unit(column)).map_or_else(points, |own| filled(&own.unit_name));
    let unit = texts.and_then(|texts| texts.unit.clone()).unwrap_or_else(of_catalogue);
    let missing = IndicatorValue {
        row: column.row,
        status: IndicatorStatus::Missing,
        value: None,
        unit,
        score: None,
        norm: None,
        period: None,
        publisher: None,
        remark: None,
    };
    let values = row.and_then(|row| Some((row.value?, row.score?)));
    let sourced = column.year.zip(source.publisher(column)).filter(|_| column.status == ColumnStatus::Used);
    let (Some((value, score)), Some(norm), Some((year, publisher))) = (values, norm(country, column.row), sourced)
    else {
        return missing;
    };
    let of_rayons = country.zones.iter().filter(|zone| rayons.contains(&zone.code));
    let statuses = of_rayons.map(|zone| zone.values.get(&column.row).map(|value| value.status));
    let mut observed = statuses.map(|status| status == Some(ValueStatus::Observed));
    IndicatorValue {
        status: if observed.all(|observed| observed) { IndicatorStatus::Observed } else { IndicatorStatus::Imputed },
        value: Some(value),
        score: Some(kept(score)),
        norm: Some(kept(norm)),
        period: Some(year.to_string()),
        publisher: Some(publisher),
        remark: texts.and_then(|texts| texts.remark.clone()),
        ..missing
    }
}

/// The median score of all rayons that count.
fn norm(country: &Country, row: u8) -> Option<f64> {
    let counting = country.zones.iter().filter(|zone| !zone.excluded);
    let scores: Vec<(f64, f64)> = counting.filter_map(|zone| Some((*zone.scores.get(&row)?, 1.0))).collect();
    weighted_quantile(&scores, MEDIAN)
}
