//! What the generator expects to be found: the clusters of each class and where each class lags, from what it planted itself.

use std::collections::{BTreeMap, BTreeSet};

use geo::MultiPolygon;
use kend_domain::{AreaCode, Dimension, ReadinessClass};
use kend_readiness::{
    GapIndicator, LagRule, Method, Normalisation, ScoreTable, WeightScheme, ZoneTable, dimension_values, gap_percent,
    indicators, interventions_for, score_table, significant_gaps,
};
use serde::Serialize;

use super::{
    LABEL,
    country::{Country, Zone},
    plan::{HIGHEST, PLANTED},
    statistics::{MISSING_SHARE, MOSTLY_MISSING},
};

/// What `planted.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedCountry {
    /// Always: nothing in it but outlines and names is real.
    pub synthetic: bool,
    /// The same in words.
    pub label: String,
    /// What it was generated from.
    pub seed: u64,
    /// Share of figures of statistics that are missing.
    pub missing_share: f64,
    /// The row that has too few figures to be used.
    pub left_out_row: u8,
    /// Planted class of each zone that is not left out.
    pub zones: BTreeMap<AreaCode, ReadinessClass>,
    /// Clusters of the highest class: those have to be found. Edges of the classes between blur where travel times and
    /// densities run over them, and small ones of them may not be.
    pub clusters: Vec<PlantedCluster>,
    /// Where each class lags.
    pub classes: Vec<PlantedClass>,
}

/// Neighbouring zones of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedCluster {
    /// Their class.
    pub class: ReadinessClass,
    /// Their codes.
    pub zones: Vec<AreaCode>,
    /// Their area in the equal-area plane, km2.
    pub area_km2: f64,
    /// Their people.
    pub people: f64,
    /// Their outlines, EPSG:4326, longitude first; a polygon for each part of a zone.
    pub outline: Outline,
}

/// A geometry of `GeoJSON`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outline {
    /// Always `MultiPolygon`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Polygons, rings, corners.
    pub coordinates: Vec<Vec<Vec<[f64; 2]>>>,
}

/// What is expected of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedClass {
    /// The class.
    pub class: ReadinessClass,
    /// Gap of each dimension over zones, % (method 5); from cells it will differ, its order at the top will not.
    pub gaps: BTreeMap<Dimension, f64>,
    /// The largest gap and all that are within 10 points of it.
    pub largest: Vec<Dimension>,
    /// Interventions for these.
    pub interventions: Vec<String>,
}

/// Scores of zones as if each row were observed in zones, and the index of each, by the method's own functions.
pub(super) fn scored(zones: &[&Zone]) -> (ScoreTable, Vec<f64>) {
    let method = Method::standard();
    let areas: Vec<f64> = zones.iter().map(|zone| zone.area_km2).collect();
    let rows = PLANTED.iter().filter(|planted| planted.row != MOSTLY_MISSING.0);
    let values = rows.map(|planted| (planted.row, zones.iter().map(|zone| Some(zone.value(planted.row))).collect()));
    let table = ZoneTable { areas, values: values.collect() };
    let table = score_table(&table, indicators(), Normalisation::MinMax, method);
    let mut index = vec![0.0; zones.len()];
    for &dimension in Dimension::ALL {
        let scheme = WeightScheme::Criterion;
        let values = dimension_values(&table, indicators(), dimension, scheme, |_| 1.0, zones.len(), method);
        for (sum, value) in index.iter_mut().zip(values) {
            *sum += value.map_or(f64::NAN, |value| value.value) / 5.0;
        }
    }
    (table, index)
}

/// Zones that are not left out of the index.
pub(super) fn eligible(country: &Country) -> Vec<&Zone> {
    country.zones.iter().filter(|zone| !zone.excluded).collect()
}

/// What is expected to be found.
pub(super) fn planted(country: &Country) -> PlantedCountry {
    let zones = eligible(country);
    let (table, _) = scored(&zones);
    PlantedCountry {
        synthetic: true,
        label: LABEL.to_owned(),
        seed: country.seed,
        missing_share: MISSING_SHARE,
        left_out_row: MOSTLY_MISSING.0,
        zones: zones.iter().filter_map(|zone| Some((zone.code.clone(), class(zone)?))).collect(),
        clusters: clusters(&zones.iter().copied().filter(|zone| zone.class == HIGHEST).collect::<Vec<_>>()),
        classes: ReadinessClass::ALL.iter().map(|class| expected(&zones, &table, *class)).collect(),
    }
}

fn class(zone: &Zone) -> Option<ReadinessClass> {
    ReadinessClass::ALL.get(zone.class).copied()
}

/// Gaps of a class and what follows.
fn expected(zones: &[&Zone], table: &ScoreTable, own: ReadinessClass) -> PlantedClass {
    let method = Method::standard();
    let members: Vec<usize> =
        (0..zones.len()).filter(|place| zones.get(*place).and_then(|zone| class(zone)) == Some(own)).collect();
    let areas: Vec<f64> = members.iter().filter_map(|place| Some(zones.get(*place)?.area_km2)).collect();
    let mut gaps = BTreeMap::new();
    for &dimension in Dimension::ALL {
        let rows = indicators().iter().filter(|indicator| indicator.dimension == dimension);
        let rows = rows.filter_map(|indicator| {
            let scores = table.scores.get(&indicator.row)?;
            let cells: Vec<(f64, f64)> =
                scores.iter().zip(zones).filter_map(|(score, zone)| Some(((*score)?, zone.area_km2))).collect();
            let scores = members.iter().map(|place| scores.get(*place).copied().flatten()).collect();
            Some(GapIndicator {
                weight: indicator.weights.of(WeightScheme::Criterion),
                rule: LagRule::fit(&cells, method)?,
                scores,
            })
        });
        let rows: Vec<GapIndicator> = rows.collect();
        if let Some(gap) = gap_percent(&rows, &areas, method) {
            gaps.insert(dimension, gap);
        }
    }
    let largest = significant_gaps(&gaps, method);
    let fitting = largest.iter().flat_map(|dimension| interventions_for(*dimension, own));
    // Those that are typical of the class come with the others of the dimension; a reader of results sees both.
    let interventions = fitting.map(|fitting| fitting.intervention.id.clone()).collect();
    PlantedClass { class: own, gaps, largest, interventions }
}

/// Groups of zones that share a border.
fn clusters(zones: &[&Zone]) -> Vec<PlantedCluster> {
    let sides = |zone: &Zone| -> BTreeSet<[(u64, u64); 2]> {
        let rings = zone.degrees.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        let lines = rings.flat_map(geo::LineString::lines);
        lines
            .map(|side| {
                let mut ends = [side.start, side.end].map(|end| (end.x.to_bits(), end.y.to_bits()));
                ends.sort_unstable();
                ends
            })
            .collect()
    };
    let sides: Vec<BTreeSet<_>> = zones.iter().map(|zone| sides(zone)).collect();
    let mut group: Vec<usize> = (0..zones.len()).collect();
    for (one, own) in sides.iter().enumerate() {
        for (other, others) in sides.iter().enumerate().take(one) {
            if own.is_disjoint(others) {
                continue;
            }
            if let (Some(&from), Some(&to)) = (group.get(one), group.get(other)) {
                group.iter_mut().filter(|member| **member == from).for_each(|member| *member = to);
            }
        }
    }
    let mut found: BTreeMap<usize, Vec<&Zone>> = BTreeMap::new();
    for (zone, group) in zones.iter().zip(&group) {
        found.entry(*group).or_default().push(zone);
    }
    found.into_values().filter_map(|members| cluster(&members)).collect()
}

fn cluster(members: &[&Zone]) -> Option<PlantedCluster> {
    let mut outline = Outline { kind: "MultiPolygon", coordinates: Vec::new() };
    for zone in members {
        outline.coordinates.extend(rings(&zone.degrees));
    }
    Some(PlantedCluster {
        class: class(members.first()?)?,
        zones: members.iter().map(|zone| zone.code.clone()).collect(),
        area_km2: members.iter().map(|zone| zone.area_km2).sum(),
        people: members.iter().map(|zone| zone.people).sum(),
        outline,
    })
}

fn rings(outline: &MultiPolygon) -> Vec<Vec<Vec<[f64; 2]>>> {
    let ring = |ring: &geo::LineString| ring.coords().map(|corner| [corner.x, corner.y]).collect();
    let part = |part: &geo::Polygon| std::iter::once(part.exterior()).chain(part.interiors()).map(ring).collect();
    outline.iter().map(part).collect()
}
