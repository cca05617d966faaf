//! Features of generated layers, and how many of them a planted value asks for.

use std::f64::consts::PI;

use geo::{Coord, Geometry, Line, LineString, MapCoords as _, Point, Polygon};

use super::{
    country::{Country, Zone},
    random::{Purpose, Random},
    settlements::Settlements,
};

/// What stands in a column of attributes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attribute {
    Text(String),
    Number(f64),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A feature: geometry in degrees, attributes in the order of its layer's columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature {
    pub(super) geometry: Geometry,
    pub(super) attributes: Vec<Attribute>,
}

/// Turns numbers of features that are no whole ones into whole ones.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of features, never negative")]
pub(super) fn whole(number: f64) -> usize {
    number.round().max(0.0) as usize
}

#[expect(clippy::cast_precision_loss, reason = "counts of features are far below 2^52")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}

/// Places spread evenly over a zone: an additive recurrence with the plastic number (M. Roberts, "The unreasonable
/// effectiveness of quasirandom sequences", 2018), from a place that chance names. Even, because densities by kernels are
/// to follow what is planted and not the clumps of independent draws.
pub(super) fn spread(country: &Country, zone: usize, layer: u64, wanted: usize) -> Vec<(f64, f64)> {
    /// So many tries for one place: zones fill more than a tenth of their bounds.
    const TRIES: usize = 40;
    let Some(own) = country.zones.get(zone) else { return Vec::new() };
    let all = Additive::new(country, zone, layer).take(wanted * TRIES);
    let all = all.map(|(across, up)| {
        (own.bounds.min().x + across * own.bounds.width(), own.bounds.min().y + up * own.bounds.height())
    });
    all.filter(|(x_m, y_m)| own.holds(*x_m, *y_m)).take(wanted).collect()
}

/// The additive recurrence, in the unit square.
struct Additive {
    across: f64,
    up: f64,
}

impl Additive {
    fn new(country: &Country, zone: usize, layer: u64) -> Self {
        /// More than there are zones.
        const ZONES: u64 = 1000;
        let mut random = Random::new(country.seed, Purpose::Points, layer * ZONES + zone as u64);
        Self { across: random.share(), up: random.share() }
    }
}

impl Iterator for Additive {
    type Item = (f64, f64);

    fn next(&mut self) -> Option<(f64, f64)> {
        /// 1/g and 1/g^2 of the plastic number g.
        const STEPS: (f64, f64) = (0.754_877_666_246_692_8, 0.569_840_290_998_053_2);
        (self.across, self.up) = ((self.across + STEPS.0).fract(), (self.up + STEPS.1).fract());
        Some((self.across, self.up))
    }
}

/// Places at a density per km2 in each zone and within `reach_m` outside of the country, where that of the nearest zone goes
/// on: densities by kernels take in what lies across the border (method 2.2), and would drop towards it otherwise.
pub(super) fn spread_across(
    country: &Country,
    layer: u64,
    reach_m: f64,
    density: impl Fn(&Zone) -> f64,
) -> Vec<(f64, f64)> {
    const M2_PER_KM2: f64 = 1e6;
    let mut places = Vec::new();
    for (place, own) in country.zones.iter().enumerate() {
        let (west, south) = (own.bounds.min().x - reach_m, own.bounds.min().y - reach_m);
        let (width, height) = (own.bounds.width() + 2.0 * reach_m, own.bounds.height() + 2.0 * reach_m);
        let wanted = whole(density(own) * width * height / M2_PER_KM2);
        let all = Additive::new(country, place, layer).take(wanted);
        let all = all.map(|(across, up)| (west + across * width, south + up * height));
        places.extend(all.filter(|&(x_m, y_m)| country.zone_at_or_near(x_m, y_m, reach_m) == Some(place)));
    }
    places
}

/// So many of a list, evenly along it.
pub(super) fn evenly(places: &[usize], wanted: usize) -> Vec<usize> {
    let wanted = wanted.min(places.len());
    (0..wanted).filter_map(|number| places.get((2 * number + 1) * places.len() / (2 * wanted)).copied()).collect()
}

/// A point in degrees.
pub(super) fn point(country: &Country, x_m: f64, y_m: f64) -> Geometry {
    Point::from(country.plane.to_degrees(x_m, y_m)).into()
}

/// A geometry of the plane in degrees.
pub(super) fn in_degrees(country: &Country, geometry: &Geometry) -> Geometry {
    geometry.map_coords(|Coord { x, y }| country.plane.to_degrees(x, y).into())
}

/// Squares of equal size inside a zone that cover a share of it (0 to 1), in degrees. They lie on a lattice, the coarsest of
/// which enough places fit; where the share is more than they can cover they touch.
pub(super) fn squares(country: &Country, zone: &Zone, share: f64) -> Vec<Geometry> {
    /// Sides of lattices, metres.
    const MESHES_M: [f64; 5] = [4000.0, 2000.0, 1000.0, 500.0, 250.0];
    /// So many places have to fit.
    const ENOUGH: usize = 12;
    const HALF: f64 = 0.5;
    let wanted_m2 = share * zone.area_km2 * 1e6;
    for mesh in MESHES_M {
        let (least, greatest) = (zone.bounds.min(), zone.bounds.max());
        let lines = |from: f64, to: f64| {
            let first = (from / mesh).ceil();
            (0..whole((to - from) / mesh)).map(move |step| (first + count(step)) * mesh)
        };
        let centres = lines(least.y, greatest.y).flat_map(|y| lines(least.x, greatest.x).map(move |x| (x, y)));
        let fits = |x: f64, y: f64| {
            let reach = mesh * HALF;
            let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
            corners.into_iter().all(|(across, up)| zone.holds(x + across * reach, y + up * reach))
        };
        let centres: Vec<(f64, f64)> = centres.filter(|(x, y)| fits(*x, *y)).collect();
        if centres.len() < ENOUGH {
            continue;
        }
        let reach = (wanted_m2 / count(centres.len())).sqrt().min(mesh) * HALF;
        let square = |(x, y): (f64, f64)| {
            let ring = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
            let ring: LineString = ring.map(|(across, up)| (x + across * reach, y + up * reach)).to_vec().into();
            in_degrees(country, &Polygon::new(ring, Vec::new()).into())
        };
        return centres.into_iter().map(square).collect();
    }
    Vec::new()
}

/// A polygon of many corners around a place, in degrees.
pub(super) fn ellipse(
    country: &Country,
    (x_m, y_m): (f64, f64),
    (half_width_m, half_height_m): (f64, f64),
) -> Geometry {
    const CORNERS: u32 = 24;
    let corner = |number: u32| {
        let angle = 2.0 * PI * f64::from(number) / f64::from(CORNERS);
        // Sine and cosine of `libm`: the same digits on every machine.
        (x_m + half_width_m * libm::cos(angle), y_m + half_height_m * libm::sin(angle))
    };
    let ring: LineString = (0..CORNERS).map(corner).collect::<Vec<_>>().into();
    in_degrees(country, &Polygon::new(ring, Vec::new()).into())
}

/// Lines beside the links of each zone until their length is what a value asks for, km per 100 km2; links that are taken
/// already are left out and taken ones are marked. Links go in rows (or columns), so that lines are long ones.
pub(super) fn lines(
    country: &Country,
    settlements: &Settlements,
    wanted: impl Fn(&Zone) -> f64,
    beside_m: f64,
    upwards: bool,
    taken: &mut [bool],
) -> Vec<Geometry> {
    const KM2_OF_RATE: f64 = 100.0;
    const M_PER_KM: f64 = 1000.0;
    let mut left: Vec<f64> =
        country.zones.iter().map(|zone| wanted(zone) * zone.area_km2 / KM2_OF_RATE * M_PER_KM).collect();
    let mut lines = Vec::new();
    for (link, taken) in settlements.links.iter().zip(taken) {
        let (Some(one), Some(other)) = (settlements.all.get(link.0), settlements.all.get(link.1)) else { continue };
        let runs_up = (other.y_m - one.y_m).abs() > (other.x_m - one.x_m).abs();
        let Some(left) = left.get_mut(one.zone) else { continue };
        let length_m = one.apart_m(other.x_m, other.y_m);
        let fits = *left >= length_m / 2.0;
        if *taken || one.zone != other.zone || runs_up != upwards || !fits {
            continue;
        }
        *taken = true;
        *left -= length_m;
        let shifted = |x_m: f64, y_m: f64| Coord { x: x_m + beside_m, y: y_m + beside_m };
        let line = Line::new(shifted(one.x_m, one.y_m), shifted(other.x_m, other.y_m));
        lines.push(in_degrees(country, &LineString::from(line).into()));
    }
    lines
}
