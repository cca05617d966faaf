//! The settlements of the project as places to visit, and the cell that each lies in.

use std::collections::BTreeSet;

use geo::{Distance as _, Euclidean, Geometry, Intersects as _, MultiPolygon, Point};
use kend_domain::Names;
use kend_pack::{NEAREST_RAYON_WITHIN_KM, Place, geonames_place, settlement_place};

use super::{content::Source, error::MakePackError, shapes};
use crate::project::VectorRole;

const METRES_PER_KILOMETRE: f64 = 1000.0;

/// A place to visit.
#[derive(Debug)]
pub(super) struct Settlement {
    pub(super) place: Place,
    /// In the plane, metres.
    pub(super) at: (f64, f64),
    pub(super) spot: Spot,
}

/// Where a point lies.
#[derive(Debug)]
pub(super) struct Spot {
    /// The place of its cell among the land cells; none where it lies on none.
    pub(super) cell: Option<usize>,
    /// The place of its zone: that of its cell, or without one the first whose outline holds it, or the nearest.
    pub(super) zone: usize,
}

impl Spot {
    /// Of a point of the plane; `None` farther from all zones than outlines are coarse.
    pub(super) fn of(source: &Source<'_>, point: Point) -> Option<Self> {
        let cell = source.land_at((point.x(), point.y()));
        let around = || source.country.outlines.iter().position(|outline| outline.intersects(&point));
        let nearest = || {
            let away = |outline: &MultiPolygon| Euclidean.distance(&point, outline);
            let all = source.country.outlines.iter().map(away).enumerate();
            let near = all.filter(|(_, metres)| *metres <= NEAREST_RAYON_WITHIN_KM * METRES_PER_KILOMETRE);
            near.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(zone, _)| zone)
        };
        let zone = cell.and_then(|cell| source.zone_of(cell)).or_else(around).or_else(nearest)?;
        Some(Self { cell, zone })
    }
}

/// All settlements that lie in a zone: by zone, the most populous first.
///
/// Those in no zone, and all but the first of one name in one place, are left out and counted.
pub(super) fn places(source: &Source<'_>, remarks: &mut Vec<String>) -> Result<Vec<Settlement>, MakePackError> {
    let mut found: Vec<Settlement> = Vec::new();
    let (mut outside, mut twice, mut ids) = (0, 0, BTreeSet::new());
    for declared in source.role(VectorRole::Settlements) {
        for feature in source.features(declared, remarks)? {
            let (Geometry::Point(point), Some(key)) = (&feature.geometry, &declared.name) else { continue };
            // The reader has left out what has no name.
            let Some(name) = feature.attributes.get(key).map(|name| name.trim()) else { continue };
            let at = (point.x(), point.y());
            let Some(spot) = Spot::of(source, *point) else {
                outside += 1;
                continue;
            };
            let Some(rayon) = source.country.zones.get(spot.zone).map(|zone| zone.code.clone()) else { continue };
            let position = shapes::position(&source.plane, at, name)?;
            let attribute = |key: &Option<String>| {
                let text = key.as_ref().and_then(|key| feature.attributes.get(key)).map(|text| text.trim());
                text.filter(|text| !text.is_empty())
            };
            let number = attribute(&declared.geonames).and_then(|text| text.parse().ok());
            let village = number.map_or_else(|| settlement_place(name, position), geonames_place);
            if !ids.insert(village) {
                twice += 1;
                continue;
            }
            let people = attribute(&declared.population).and_then(|text| text.parse().ok());
            let population = people.and_then(super::content::persons);
            let other = |key: &Option<String>| attribute(key).unwrap_or(name).to_owned();
            let (en, ru) = (other(&declared.name_en), other(&declared.name_ru));
            let names = Names { az: name.to_owned(), en, ru };
            let place = Place { village, names, rayon, population, position };
            found.push(Settlement { place, at, spot });
        }
    }
    for (number, what) in [(outside, "lie in no zone"), (twice, "stand in one place under one name")] {
        if number > 0 {
            remarks.push(format!("{number} settlements are left out: they {what}"));
        }
    }
    if found.is_empty() {
        return Err(MakePackError::NoSettlements);
    }
    found.sort_by(|one, other| {
        let people = other.place.population.cmp(&one.place.population);
        let name = one.place.names.az.cmp(&other.place.names.az);
        one.spot.zone.cmp(&other.spot.zone).then(people).then(name).then(one.place.village.cmp(&other.place.village))
    });
    Ok(found)
}
