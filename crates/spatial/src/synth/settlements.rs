//! Settlements on a lattice with chance in it, and the roads between them.
//!
//! A lattice keeps walks to the next road short everywhere (a mesh of 4 km leaves no place farther than some 2 km from one),
//! so that travel times follow where destinations are planted and not where chance left a hole.

use std::collections::{BTreeMap, VecDeque};

use super::{
    country::Country,
    random::{Purpose, Random},
};

/// Side of the mesh, metres.
const MESH_M: f64 = 4000.0;
/// A settlement lies up to this share of the mesh from its place in the lattice.
const SCATTER: f64 = 0.2;

/// A settlement.
pub(super) struct Settlement {
    pub(super) x_m: f64,
    pub(super) y_m: f64,
    /// Place of its zone.
    pub(super) zone: usize,
}

impl Settlement {
    /// Distance to a point of the plane, metres. By a square root, which is the same on every machine; `hypot` is not.
    pub(super) fn apart_m(&self, x_m: f64, y_m: f64) -> f64 {
        let (across_m, up_m) = (self.x_m - x_m, self.y_m - y_m);
        (across_m * across_m + up_m * up_m).sqrt()
    }
}

/// All settlements and what joins them.
pub(super) struct Settlements {
    pub(super) all: Vec<Settlement>,
    /// Pairs of neighbours in the lattice, each once.
    pub(super) links: Vec<(usize, usize)>,
    /// The lattice from south to north: the settlement at each of its places.
    lattice: Lattice,
}

/// Which settlement is at which place of the lattice. Dense, since rasters ask for each pixel.
struct Lattice {
    west: i32,
    south: i32,
    columns: i32,
    settlements: Vec<Option<usize>>,
}

impl Lattice {
    fn at(&self, row: i32, column: i32) -> Option<usize> {
        let column = column - self.west;
        if !(0..self.columns).contains(&column) {
            return None;
        }
        let place = usize::try_from((row - self.south) * self.columns + column).ok()?;
        self.settlements.get(place).copied().flatten()
    }
}

impl Settlements {
    /// The settlements of a country.
    pub(super) fn new(country: &Country) -> Self {
        let extent = country.zones.iter().fold((f64::MAX, f64::MAX, f64::MIN, f64::MIN), |found, zone| {
            let (least, greatest) = (zone.bounds.min(), zone.bounds.max());
            (found.0.min(least.x), found.1.min(least.y), found.2.max(greatest.x), found.3.max(greatest.y))
        });
        let (west, south) = (place_of(extent.0), place_of(extent.1));
        let (east, north) = (place_of(extent.2), place_of(extent.3));
        let mut random = Random::new(country.seed, Purpose::Settlements, 0);
        let mut all = Vec::new();
        let mut lattice = Lattice { west, south, columns: east - west + 1, settlements: Vec::new() };
        for row in south..=north {
            for column in west..=east {
                let x_m = MESH_M * (f64::from(column) + random.between(-SCATTER, SCATTER));
                let y_m = MESH_M * (f64::from(row) + random.between(-SCATTER, SCATTER));
                let zone = country.zone_at(x_m, y_m);
                lattice.settlements.push(zone.map(|_| all.len()));
                all.extend(zone.map(|zone| Settlement { x_m, y_m, zone }));
            }
        }
        let mut found = Self { all, links: Vec::new(), lattice };
        found.give_each_zone_one(country);
        for row in south..=north {
            for column in west..=east {
                let Some(one) = found.lattice.at(row, column) else { continue };
                let next = [found.lattice.at(row, column + 1), found.lattice.at(row + 1, column)];
                found.links.extend(next.into_iter().flatten().map(|other| (one, other)));
            }
        }
        found
    }

    /// Moves the nearest settlement into each zone that is too small for the lattice.
    fn give_each_zone_one(&mut self, country: &Country) {
        use geo::InteriorPoint as _;
        for (place, zone) in country.zones.iter().enumerate() {
            if self.all.iter().any(|settlement| settlement.zone == place) {
                continue;
            }
            let Some(inside) = zone.plane.interior_point() else { continue };
            let apart = |settlement: &Settlement| settlement.apart_m(inside.x(), inside.y());
            let nearest = self.all.iter_mut().min_by(|one, other| apart(one).total_cmp(&apart(other)));
            if let Some(nearest) = nearest {
                *nearest = Settlement { x_m: inside.x(), y_m: inside.y(), zone: place };
            }
        }
    }

    /// Settlements of a zone, from south to north.
    pub(super) fn of(&self, zone: usize) -> Vec<usize> {
        let own = self.all.iter().enumerate().filter(|(_, settlement)| settlement.zone == zone);
        own.map(|(place, _)| place).collect()
    }

    /// The settlement nearest to the middle of its zone.
    pub(super) fn centre(&self, country: &Country, zone: usize) -> Option<usize> {
        let middle = country.zones.get(zone)?.bounds.center();
        let apart = |place: &usize| self.all.get(*place).map_or(f64::MAX, |own| own.apart_m(middle.x, middle.y));
        self.of(zone).into_iter().min_by(|one, other| apart(one).total_cmp(&apart(other)))
    }

    /// Distance to the nearest settlement, metres; infinite where none is within a mesh.
    pub(super) fn nearest_m(&self, x_m: f64, y_m: f64) -> f64 {
        let (row, column) = (place_of(y_m), place_of(x_m));
        let near = (row - 1..=row + 2).flat_map(|row| (column - 1..=column + 2).map(move |column| (row, column)));
        let apart = near.filter_map(|(row, column)| self.all.get(self.lattice.at(row, column)?));
        apart.map(|own| own.apart_m(x_m, y_m)).fold(f64::INFINITY, f64::min)
    }

    /// Links of the shortest routes (in links) that join all zones: a minimum spanning tree over the centres, and what the
    /// second nearest neighbours of each add. As places in `links`.
    pub(super) fn trunk_links(&self, country: &Country) -> Vec<bool> {
        let centres: Vec<usize> = (0..country.zones.len()).filter_map(|zone| self.centre(country, zone)).collect();
        let mut next = vec![Vec::new(); self.all.len()];
        for (link, (one, other)) in self.links.iter().enumerate() {
            for (from, to) in [(*one, *other), (*other, *one)] {
                if let Some(links) = next.get_mut(from) {
                    links.push((to, link));
                }
            }
        }
        let mut trunk = vec![false; self.links.len()];
        for (from, to) in self.routes(&centres) {
            for link in route(&next, from, to) {
                if let Some(is_trunk) = trunk.get_mut(link) {
                    *is_trunk = true;
                }
            }
        }
        trunk
    }

    /// Pairs of centres that a trunk road joins: Prim's tree, and for each centre its nearest one.
    fn routes(&self, centres: &[usize]) -> Vec<(usize, usize)> {
        let apart = |one: usize, other: usize| match (self.all.get(one), self.all.get(other)) {
            (Some(one), Some(other)) => one.apart_m(other.x_m, other.y_m),
            _ => f64::MAX,
        };
        let mut routes = Vec::new();
        let (mut joined, mut left) = (Vec::new(), centres.to_vec());
        joined.extend(left.pop());
        while !left.is_empty() {
            let pairs = left.iter().flat_map(|&to| joined.iter().map(move |&from| (from, to)));
            let Some((from, to)) = pairs.min_by(|one, other| apart(one.0, one.1).total_cmp(&apart(other.0, other.1)))
            else {
                break;
            };
            routes.push((from, to));
            joined.push(to);
            left.retain(|&other| other != to);
        }
        for &from in centres {
            let others = centres.iter().copied().filter(|&to| to != from);
            let farther = others.max_by(|&one, &other| apart(from, other).total_cmp(&apart(from, one)));
            routes.extend(farther.map(|to| (from, to)));
        }
        routes
    }
}

/// Links from one settlement to another by breadth-first search; none where they are not joined.
fn route(next: &[Vec<(usize, usize)>], from: usize, to: usize) -> Vec<usize> {
    let mut came_from: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(place) = queue.pop_front() {
        if place == to {
            break;
        }
        for &(other, link) in next.get(place).into_iter().flatten() {
            if other != from && !came_from.contains_key(&other) {
                came_from.insert(other, (place, link));
                queue.push_back(other);
            }
        }
    }
    let (mut links, mut place) = (Vec::new(), to);
    while let Some(&(before, link)) = came_from.get(&place) {
        links.push(link);
        place = before;
    }
    links
}

/// The place in the lattice at or below a distance.
#[expect(clippy::cast_possible_truncation, reason = "the country is a few hundred meshes wide")]
fn place_of(metres: f64) -> i32 {
    (metres / MESH_M).floor() as i32
}
