//! Clusters of all five classes (method 4), named and described.

use std::collections::BTreeMap;

use kend_cells::{ClusterRules, Clusters, NO_LABEL, Surface, clusters, population_shares};
use kend_domain::{AreaCode, Dimension, Names, ReadinessClass};
use kend_readiness::{Thresholds, cells::ScoredCells, class_of};

use super::{
    country::{AreaRecord, ClusterRecord, FIRST_AREA_ID},
    error::BuildError,
    ground::Ground,
    mean::Mean,
    number::{place, real},
};
use crate::{
    names::Zone,
    project::{AreaDeclaration, ClusterSettings},
};

/// A zone gives its name from this share of the people on (method 4 (7)).
pub(crate) const NAMING_SHARE: f64 = 0.15;
/// Clusters of the report [R 44], to which the least area is calibrated once.
const REPORTED_CLUSTERS: usize = 14;
/// Area of its smallest one, square kilometres.
const REPORTED_SMALLEST_KM2: f64 = 228.0;

/// Clusters of each class, and the rules they were made by: those of a former round where there is one.
pub(super) fn all_clusters(
    ground: &Ground,
    names: &[Zone],
    population: &[f32],
    scored: &ScoredCells,
    settings: &ClusterSettings,
    former: Option<ClusterRules>,
) -> Result<(BTreeMap<ReadinessClass, Vec<ClusterRecord>>, ClusterRules), BuildError> {
    let people = ground.scatter(population, 0.0);
    let counts: Vec<bool> = ground.zone.iter().map(|zone| !ground.counts(*zone)).collect();
    // What is no land is out as well: the majority filter may fill a gap beyond the coast.
    let excluded = ground.scatter(&counts, true);
    let mut rules = former.unwrap_or(ClusterRules {
        least_area_km2: settings.least_area_km2,
        least_population: settings.least_population,
        merge_within_m: settings.merge_within_m,
        ..ClusterRules::default()
    });
    let of_class = |class: usize, rules: &ClusterRules| {
        let mask: Vec<bool> = scored.class.iter().map(|own| usize::from(*own) == class).collect();
        clusters(&ground.scatter(&mask, false), &people, &excluded, rules)
    };
    if settings.calibrate && former.is_none() {
        let top = ReadinessClass::ALL.len() - 1;
        let open = of_class(top, &ClusterRules { least_area_km2: 0.0, ..rules })?;
        rules.least_area_km2 = calibrated(&open).unwrap_or(rules.least_area_km2);
    }
    let mut all = BTreeMap::new();
    for (place, class) in ReadinessClass::ALL.iter().enumerate() {
        let found = of_class(place, &rules)?;
        all.insert(*class, described(*class, &found, ground, names, &people, population, scored)?);
    }
    Ok((all, rules))
}

/// The least area with which the number of clusters is nearest to the report's, and of those areas the one whose smallest
/// cluster is nearest to the report's smallest. `None` without clusters.
fn calibrated(open: &Clusters) -> Option<f64> {
    let mut areas: Vec<f64> = open.clusters.iter().map(|cluster| cluster.area_km2).collect();
    areas.sort_by(|one, other| other.total_cmp(one));
    let kept = |area: f64| areas.iter().filter(|other| **other >= area).count();
    let distance = |area: &f64| (kept(*area).abs_diff(REPORTED_CLUSTERS), (area - REPORTED_SMALLEST_KM2).abs());
    areas.iter().copied().min_by(|one, other| {
        let (one, other) = (distance(one), distance(other));
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
    })
}

fn described(
    class: ReadinessClass,
    found: &Clusters,
    ground: &Ground,
    names: &[Zone],
    people: &Surface<f32>,
    population: &[f32],
    scored: &ScoredCells,
) -> Result<Vec<ClusterRecord>, BuildError> {
    let mut cells: Vec<Vec<u32>> = vec![Vec::new(); found.clusters.len()];
    for (at, index) in (0..).zip(&ground.land) {
        let label = found.labels.values().get(place(*index)).copied().unwrap_or(NO_LABEL);
        if let Some(cells) = usize::from(label).checked_sub(1).and_then(|number| cells.get_mut(number)) {
            cells.push(at);
        }
    }
    let shares: BTreeMap<u16, _> = population_shares(&found.labels, &ground.labels, people)?.into_iter().collect();
    let mut records = Vec::with_capacity(found.clusters.len());
    for (cluster, cells) in found.clusters.iter().zip(cells) {
        let zone_of = |label: u16| usize::from(label).checked_sub(1).and_then(|zone| names.get(zone));
        let shares = shares.get(&cluster.number).into_iter().flatten();
        let zones: Vec<(&Zone, f64)> = shares.filter_map(|share| Some((zone_of(share.zone)?, share.share))).collect();
        records.push(ClusterRecord {
            id: cluster.number,
            class,
            names: named(&zones),
            area_km2: cluster.area_km2,
            population: cluster.population,
            zones: zones.iter().map(|(zone, share)| (zone.code.clone(), *share)).collect(),
            ..means(cells, population, scored)
        });
    }
    Ok(records)
}

/// A record of which nothing is known but its cells and their means.
fn means(cells: Vec<u32>, population: &[f32], scored: &ScoredCells) -> ClusterRecord {
    let mean = |values: &[f32]| {
        let value = |at: usize| values.get(at).copied().filter(|value| !value.is_nan());
        Mean::over(cells.iter().map(|cell| place(*cell)), population, value)
    };
    let index = mean(&scored.index);
    let dimensions = Dimension::ALL.iter().zip(&scored.dimensions);
    ClusterRecord {
        id: NO_LABEL,
        continues: None,
        class: ReadinessClass::Activate,
        names: Names::default(),
        area_km2: 0.0,
        population: 0.0,
        zones: Vec::new(),
        dimensions: dimensions.filter_map(|(of, values)| Some((*of, mean(values).by_people()?))).collect(),
        index: index.by_people(),
        index_by_area: index.by_area(),
        cells,
    }
}

/// The areas that a project chose: all cells of their rayons. One without an index, as nobody lives in a cell that has one, is
/// an error.
pub(super) fn areas(
    ground: &Ground,
    names: &[Zone],
    declared: &[AreaDeclaration],
    population: &[f32],
    scored: &ScoredCells,
    thresholds: &Thresholds,
) -> Result<Vec<AreaRecord>, BuildError> {
    let area = |(number, area): (u16, &AreaDeclaration)| {
        let is_own = |(zone, cells): (&Zone, usize)| (cells > 0 && area.rayons.contains(&zone.code)).then_some(0.0);
        let mut own: Vec<Option<f64>> = names.iter().zip(ground.cells()).map(is_own).collect();
        let mut cells = Vec::new();
        for (at, (zone, people_here)) in (0..).zip(ground.zone.iter().zip(population)) {
            if let Some(Some(people)) = own.get_mut(usize::from(*zone)) {
                *people += f64::from(people_here.max(0.0));
                cells.push(at);
            }
        }
        let all: f64 = own.iter().flatten().sum();
        let with_people = names.iter().zip(own).filter_map(|(zone, people)| Some((zone.code.clone(), people? / all)));
        let mut zones: Vec<(AreaCode, f64)> = with_people.collect();
        zones.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let area_km2 = real(cells.len()) * ground.grid.cell_km2();
        let record = means(cells, population, scored);
        let index = record.index.ok_or_else(|| BuildError::Area { id: area.id.clone() })?;
        let class = class_of(index, thresholds);
        let cluster =
            ClusterRecord { id: number, class, names: area.names.clone(), area_km2, population: all, zones, ..record };
        Ok(AreaRecord { id: area.id.clone(), villages: area.villages, cluster })
    };
    (FIRST_AREA_ID..).zip(declared).map(area).collect()
}

/// Names joined by dashes, the zone with most people first; if nobody lives there, of the first zone.
fn named(zones: &[(&Zone, f64)]) -> Names {
    let mut naming: Vec<&Zone> =
        zones.iter().filter(|(_, share)| *share >= NAMING_SHARE).map(|(zone, _)| *zone).collect();
    if naming.is_empty() {
        naming.extend(zones.first().map(|(zone, _)| *zone));
    }
    let joined = |of: fn(&Names) -> &str| {
        let names: Vec<&str> = naming.iter().map(|zone| of(&zone.names)).filter(|name| !name.is_empty()).collect();
        names.join("\u{2013}")
    };
    Names { az: joined(|names| &names.az), en: joined(|names| &names.en), ru: joined(|names| &names.ru) }
}

/// Share of the variance of cells' values between zones: `sum over zones of n_z (m_z - m)^2 / sum over cells of (x - m)^2`.
///
/// `x` values of cells with one, `n_z` cells of zone `z` with one, `m_z` their mean, `m` the mean of all. Source: method 2.2
/// ("publish for every map the share of index variance between zones"); the correlation ratio squared. `None` where nothing
/// varies.
pub(super) fn between_zones(ground: &Ground, values: &[f32]) -> Option<f64> {
    let present = || ground.zone.iter().zip(values).filter(|(_, value)| !value.is_nan());
    let mut zones: BTreeMap<u16, (f64, usize)> = BTreeMap::new();
    for (zone, value) in present() {
        let (sum, cells) = zones.entry(*zone).or_default();
        (*sum, *cells) = (*sum + f64::from(*value), *cells + 1);
    }
    let cells: usize = zones.values().map(|(_, cells)| cells).sum();
    let mean = zones.values().map(|(sum, _)| sum).sum::<f64>() / real(cells);
    let square = |difference: f64| difference * difference;
    let between: f64 = zones.values().map(|(sum, cells)| real(*cells) * square(sum / real(*cells) - mean)).sum();
    let all: f64 = present().map(|(_, value)| square(f64::from(*value) - mean)).sum();
    (all > 0.0).then(|| (between / all).min(1.0))
}
