//! The generated country: real outlines, planted classes, invented figures.

use geo::{
    BoundingRect as _, Contains as _, Coord, Distance as _, Euclidean, MapCoords as _, MultiPolygon, Point, Rect,
};
use kend_cells::EqualArea;
use kend_domain::{AreaCode, Names};

use super::{
    SynthError,
    plan::{EXCLUDED, PEOPLE_PER_KM2, PLANTED, Planted, REGIONS, SHARE_6_TO_16, planned, standing},
    random::{Purpose, Random},
};
use crate::names::{NameTable, shipped_outlines};

/// Square metres in a square kilometre.
pub(super) const M2_PER_KM2: f64 = 1e6;
/// Standings differ by up to this inside a class.
const CHANCE: f64 = 0.04;
/// Zones below this area, km2, are towns: people live close together there.
const TOWN_BELOW_KM2: f64 = 150.0;
/// How much closer.
const TOWN_DENSITY: f64 = 8.0;
/// Rows by economic region.
const BY_REGION: [u8; 2] = [49, 50];

/// A zone with what is planted in it.
pub(super) struct Zone {
    pub(super) code: AreaCode,
    pub(super) names: Names,
    /// Place in [`REGIONS`].
    pub(super) region: usize,
    /// Planted class, 0 to 4.
    pub(super) class: usize,
    /// Whether it is left out of the index.
    pub(super) excluded: bool,
    /// Outline in degrees, as shipped.
    pub(super) degrees: MultiPolygon,
    /// Outline in the plane, metres.
    pub(super) plane: MultiPolygon,
    pub(super) bounds: Rect,
    pub(super) area_km2: f64,
    pub(super) people: f64,
    /// Standing in each row of [`PLANTED`], 0 (worst) to 1 (best).
    standings: Vec<f64>,
}

impl Zone {
    /// Standing in a row of Annex I, 0 (worst) to 1 (best).
    pub(super) fn standing(&self, row: u8) -> f64 {
        place_of(row).and_then(|place| self.standings.get(place)).copied().unwrap_or_default()
    }

    /// Value of a row in the catalogue's unit.
    pub(super) fn value(&self, row: u8) -> f64 {
        planted_row(row).map_or(0.0, |planted| planted.value(self.standing(row)))
    }

    /// Whether the row is planted to lag here.
    pub(super) fn lags(&self, row: u8) -> bool {
        !self.excluded && planted_row(row).is_some_and(|planted| planted.lagging.contains(&self.class))
    }

    /// Persons of 15 to 65 years.
    pub(super) fn people_15_65(&self) -> f64 {
        const PER_CENT: f64 = 100.0;
        self.people * self.value(40) / PER_CENT
    }

    /// Persons of 6 to 16 years.
    pub(super) fn people_6_16(&self) -> f64 {
        self.people * SHARE_6_TO_16
    }

    /// Whether a point of the plane lies in it.
    pub(super) fn holds(&self, x_m: f64, y_m: f64) -> bool {
        let point = Point::new(x_m, y_m);
        self.bounds.contains(&point) && self.plane.contains(&point)
    }
}

fn place_of(row: u8) -> Option<usize> {
    usize::from(row).checked_sub(1)
}

fn planted_row(row: u8) -> Option<&'static Planted> {
    PLANTED.get(place_of(row)?)
}

/// All zones, in the order of `names.csv`.
pub(super) struct Country {
    pub(super) seed: u64,
    pub(super) plane: EqualArea,
    pub(super) zones: Vec<Zone>,
}

impl Country {
    /// The country of a seed.
    pub(super) fn new(seed: u64) -> Result<Self, SynthError> {
        let plane = EqualArea::default();
        let outlines = shipped_outlines().map_err(SynthError::Outlines)?;
        let mut zones = Vec::new();
        for (part, zone) in (0_u64..).zip(NameTable::shipped()?.zones()) {
            let code = zone.code.clone();
            let unplanned = || SynthError::Unplanned { code: code.clone() };
            let (region, class) = planned(code.as_str()).ok_or_else(unplanned)?;
            let degrees = outlines.get(&code).cloned().ok_or_else(unplanned)?;
            let planar = degrees.map_coords(|Coord { x, y }| plane.to_plane(x, y).into());
            let bounds = planar.bounding_rect().ok_or_else(unplanned)?;
            let area_km2 = geo::Area::unsigned_area(&planar) / M2_PER_KM2;
            let is_left_out = EXCLUDED.contains(&code.as_str());
            let mut random = Random::new(seed, Purpose::Standings, part);
            let standings = PLANTED.iter().map(|planted| {
                let lags = !is_left_out && planted.lagging.contains(&class);
                standing(planted.row, class, lags) + random.between(-CHANCE, CHANCE)
            });
            let standings = standings.collect();
            let town = if area_km2 < TOWN_BELOW_KM2 { TOWN_DENSITY } else { 1.0 };
            let density = PEOPLE_PER_KM2.get(class).copied().unwrap_or_default() * town;
            let people = (area_km2 * density * Random::new(seed, Purpose::People, part).between(0.9, 1.1)).round();
            zones.push(Zone {
                names: zone.names.clone(),
                code,
                region,
                class,
                excluded: is_left_out,
                degrees,
                plane: planar,
                bounds,
                area_km2,
                people,
                standings,
            });
        }
        let mut country = Self { seed, plane, zones };
        country.even_out_regions();
        Ok(country)
    }

    /// What is published by economic region stands in all of its zones as the mean of its people.
    fn even_out_regions(&mut self) {
        for row in BY_REGION {
            let Some(place) = place_of(row) else { continue };
            for region in 0..REGIONS.len() {
                let members = self.zones.iter().filter(|zone| zone.region == region);
                let (sum, people) = members.fold((0.0, 0.0), |(sum, people), zone| {
                    (sum + zone.standing(row) * zone.people, people + zone.people)
                });
                for zone in self.zones.iter_mut().filter(|zone| zone.region == region) {
                    if let Some(standing) = zone.standings.get_mut(place) {
                        *standing = sum / people;
                    }
                }
            }
        }
    }

    /// The zone of a point of the plane.
    pub(super) fn zone_at(&self, x_m: f64, y_m: f64) -> Option<usize> {
        self.zones.iter().position(|zone| zone.holds(x_m, y_m))
    }

    /// The zone of a point of the plane; outside of all, the nearest one within a distance.
    pub(super) fn zone_at_or_near(&self, x_m: f64, y_m: f64, reach_m: f64) -> Option<usize> {
        let point = Point::new(x_m, y_m);
        let near = |zone: &&(usize, &Zone)| {
            let (least, greatest) = (zone.1.bounds.min(), zone.1.bounds.max());
            (least.x - reach_m..=greatest.x + reach_m).contains(&x_m)
                && (least.y - reach_m..=greatest.y + reach_m).contains(&y_m)
        };
        let inside = self.zone_at(x_m, y_m);
        inside.or_else(|| {
            let zones: Vec<(usize, &Zone)> = self.zones.iter().enumerate().collect();
            let apart =
                zones.iter().filter(near).map(|(place, zone)| (*place, Euclidean.distance(&point, &zone.plane)));
            let nearest =
                apart.filter(|(_, apart_m)| *apart_m <= reach_m).min_by(|one, other| one.1.total_cmp(&other.1));
            nearest.map(|(place, _)| place)
        })
    }
}
