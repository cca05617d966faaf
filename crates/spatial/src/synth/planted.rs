//! What the generator expects to be found: the clusters of each class and where each class lags, from what it planted itself.

use std::collections::BTreeMap;

use geo::{Area as _, BoundingRect as _, Distance as _, Euclidean, Polygon, Rect};
use kend_cells::ClusterRules;
use kend_domain::{AreaCode, Dimension, ReadinessClass};
use kend_readiness::{
    GapIndicator, LagRule, Method, Normalisation, ScoreTable, WeightScheme, ZoneTable, dimension_values, gap_percent,
    indicators, interventions_for, score_table, significant_gaps,
};
use serde::Serialize;

use super::{
    LABEL,
    country::{Country, M2_PER_KM2, Zone},
    plan::{HIGHEST, LEAST_CLUSTER_KM2, PLANTED},
    sectors::{PlantedSectors, planted_sectors},
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
    /// Clusters of all classes, from the lowest on: those have to be found, and no others.
    pub clusters: Vec<PlantedCluster>,
    /// Where each class lags.
    pub classes: Vec<PlantedClass>,
    /// Where agriculture and tourism are.
    pub sectors: PlantedSectors,
}

/// Zones of one class that are one cluster by the rules of method 4.
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
        clusters: (0..=HIGHEST).flat_map(|class| clusters(&zones, class)).collect(),
        classes: ReadinessClass::ALL.iter().map(|class| expected(&zones, &table, *class)).collect(),
        sectors: planted_sectors(&zones),
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

/// A part of a zone: one polygon of its outline.
struct Part<'a> {
    zone: &'a Zone,
    degrees: &'a Polygon,
    plane: &'a Polygon,
    bounds: Rect,
}

impl Part<'_> {
    fn area_km2(&self) -> f64 {
        self.plane.unsigned_area() / M2_PER_KM2
    }

    /// Those of its zone, who live evenly over it.
    fn people(&self) -> f64 {
        self.zone.people * self.area_km2() / self.zone.area_km2
    }

    /// Whether two parts touch, at a corner or along a side, or have less than a distance between them.
    fn is_within(&self, other: &Self, apart_m: f64) -> bool {
        let gap = |least: f64, greatest: f64| least - greatest >= apart_m;
        let (own, others) = (self.bounds, other.bounds);
        let is_far = gap(others.min().x, own.max().x)
            || gap(own.min().x, others.max().x)
            || gap(others.min().y, own.max().y)
            || gap(own.min().y, others.max().y);
        !is_far && Euclidean.distance(self.plane, other.plane) < apart_m
    }
}

/// Clusters of a class by the rules of method 4 on outlines: parts that touch or have less than its distance between them are
/// one; it stays with the least area and people.
fn clusters(zones: &[&Zone], class: usize) -> Vec<PlantedCluster> {
    let rules = ClusterRules { least_area_km2: LEAST_CLUSTER_KM2, ..ClusterRules::default() };
    let own = zones.iter().filter(|zone| zone.class == class);
    let parts: Vec<Part> = own
        .flat_map(|zone| {
            zone.degrees
                .iter()
                .zip(&zone.plane)
                .filter_map(|(degrees, plane)| Some(Part { zone, degrees, plane, bounds: plane.bounding_rect()? }))
        })
        .collect();
    let mut group: Vec<usize> = (0..parts.len()).collect();
    for (one, part) in parts.iter().enumerate() {
        for (other, _) in
            parts.iter().enumerate().take(one).filter(|(_, other)| part.is_within(other, rules.merge_within_m))
        {
            if let (Some(&from), Some(&to)) = (group.get(one), group.get(other)) {
                group.iter_mut().filter(|member| **member == from).for_each(|member| *member = to);
            }
        }
    }
    let mut found: BTreeMap<usize, Vec<&Part>> = BTreeMap::new();
    for (part, group) in parts.iter().zip(&group) {
        found.entry(*group).or_default().push(part);
    }
    let clusters = found.into_values().filter_map(|parts| cluster(&parts));
    clusters.filter(|own| own.area_km2 >= rules.least_area_km2 && own.people >= rules.least_population).collect()
}

fn cluster(parts: &[&Part]) -> Option<PlantedCluster> {
    let mut zones: Vec<AreaCode> = parts.iter().map(|part| part.zone.code.clone()).collect();
    zones.dedup();
    Some(PlantedCluster {
        class: class(parts.first()?.zone)?,
        zones,
        area_km2: parts.iter().map(|part| part.area_km2()).sum(),
        people: parts.iter().map(|part| part.people()).sum(),
        outline: outline(parts.iter().map(|part| part.degrees)),
    })
}

pub(super) fn outline<'a>(parts: impl Iterator<Item = &'a Polygon>) -> Outline {
    Outline { kind: "MultiPolygon", coordinates: parts.map(rings).collect() }
}

fn rings(part: &Polygon) -> Vec<Vec<[f64; 2]>> {
    let ring = |ring: &geo::LineString| ring.coords().map(|corner| [corner.x, corner.y]).collect();
    std::iter::once(part.exterior()).chain(part.interiors()).map(ring).collect()
}
