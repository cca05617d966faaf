//! The settlements of the project as places to visit, and the cell that each lies in.

use std::collections::BTreeSet;

use geo::{Geometry, Intersects as _, Point};
use kend_domain::Names;
use kend_pack::{Place, settlement_place};

use super::{content::Source, error::MakePackError, shapes};
use crate::project::VectorRole;

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
    /// The place of its zone: that of its cell, or without one the first whose outline holds it.
    pub(super) zone: usize,
}

impl Spot {
    /// Of a point of the plane; `None` outside of all zones.
    pub(super) fn of(source: &Source<'_>, point: Point) -> Option<Self> {
        let cell = source.land_at((point.x(), point.y()));
        let around = || source.country.outlines.iter().position(|outline| outline.intersects(&point));
        let zone = cell.and_then(|cell| source.zone_of(cell)).or_else(around)?;
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
            let village = settlement_place(name, position);
            if !ids.insert(village) {
                twice += 1;
                continue;
            }
            let people = declared.population.as_ref().and_then(|key| feature.attributes.get(key));
            let population = people.and_then(|text| text.trim().parse().ok()).and_then(super::content::persons);
            let names = Names { az: name.to_owned(), en: name.to_owned(), ru: name.to_owned() };
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
