//! Where things lie: the rayon of a position, distances, and the ids of places that every device derives alike.

use geo::{Closest, ClosestPoint as _, Contains as _, Distance as _, Haversine, LineString, MultiPolygon, Point};
use kend_domain::{EntityId, Position};

use crate::{Cluster, Pack, Polygon, Rayon};

/// How far outside all outlines a position may lie and still belong to the nearest rayon, in kilometres: outlines are
/// simplified, and positions from a phone are off by tens of metres.
pub const NEAREST_RAYON_WITHIN_KM: f64 = 2.0;

const METRES_PER_KILOMETRE: f64 = 1000.0;

/// The great-circle distance between two positions in kilometres (haversine formula, mean Earth radius 6371.0088 km,
/// `geo`'s implementation). Never negative, never NaN, because only valid positions exist.
///
/// ```
/// let baku = kend_domain::Position::new(40.37767, 49.89201)?;
/// let tovuz = kend_domain::Position::new(40.99249, 45.62838)?;
/// assert!((kend_pack::distance_km(baku, tovuz) - 366.0).abs() < 1.0);
/// # Ok::<(), kend_domain::BadPosition>(())
/// ```
pub fn distance_km(from: Position, to: Position) -> f64 {
    Haversine.distance(point(from), point(to)) / METRES_PER_KILOMETRE
}

/// The id of the place that `GeoNames` knows by this number: the first 16 bytes of BLAKE3 of `geonames:<id>`, so that
/// two devices that never met mean the same village.
pub fn geonames_place(geonames_id: u32) -> EntityId {
    derived(&format!("geonames:{geonames_id}"))
}

/// The id of a settlement that no register numbers, by its name and where it lies to five decimals of a degree, a metre:
/// a pack made anew from the same layer means the same village.
///
/// ```
/// let here = kend_domain::Position::new(40.99249, 45.62838)?;
/// let beside = kend_domain::Position::new(40.992_490_4, 45.62838)?;
/// assert_eq!(kend_pack::settlement_place("Tovuz", here), kend_pack::settlement_place("Tovuz", beside));
/// assert_ne!(kend_pack::settlement_place("Tovuz", here), kend_pack::settlement_place("Qovlar", here));
/// # Ok::<(), kend_domain::BadPosition>(())
/// ```
pub fn settlement_place(name: &str, position: Position) -> EntityId {
    derived(&format!("settlement:{:.5}:{:.5}:{name}", position.latitude(), position.longitude()))
}

/// The first 16 bytes of a text's BLAKE3 as an id.
pub(crate) fn derived(text: &str) -> EntityId {
    let hash = blake3::hash(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    EntityId::from_bytes(bytes)
}

impl Pack {
    /// The rayon that holds a position; outside all outlines the nearest within [`NEAREST_RAYON_WITHIN_KM`].
    pub fn rayon_at(&self, position: Position) -> Option<&Rayon> {
        let here = point(position);
        let outlines: Vec<(&Rayon, MultiPolygon)> =
            self.content().rayons.iter().map(|rayon| (rayon, rayon.shape())).collect();
        if let Some((rayon, _)) = outlines.iter().find(|(_, outline)| outline.contains(&here)) {
            return Some(rayon);
        }
        outlines
            .iter()
            .filter_map(|(rayon, outline)| Some((*rayon, distance_to_outline_km(here, outline)?)))
            .filter(|(_, distance)| *distance <= NEAREST_RAYON_WITHIN_KM)
            .min_by(|(_, left), (_, right)| left.total_cmp(right))
            .map(|(rayon, _)| rayon)
    }
}

impl Pack {
    /// The cluster whose outline is around a position, of clusters that are areas.
    pub fn area_around(&self, position: Position) -> Option<&Cluster> {
        let here = point(position);
        let mut clusters = self.content().clusters.iter();
        clusters.find(|cluster| cluster.area.as_ref().is_some_and(|area| outline_shape(&area.outline).contains(&here)))
    }
}

impl Rayon {
    /// The outline as `geo` understands it.
    pub fn shape(&self) -> MultiPolygon {
        outline_shape(&self.outline)
    }
}

/// An outline as `geo` understands it.
pub fn outline_shape(outline: &[Polygon]) -> MultiPolygon {
    let ring = |ring: &Vec<[f64; 2]>| ring.iter().map(|[longitude, latitude]| (*longitude, *latitude)).collect();
    let polygons = outline.iter().map(|rings| {
        let mut rings = rings.iter().map(ring);
        geo::Polygon::new(rings.next().unwrap_or_else(|| LineString::new(Vec::new())), rings.collect())
    });
    MultiPolygon::new(polygons.collect())
}

fn point(position: Position) -> Point {
    Point::new(position.longitude(), position.latitude())
}

/// Kilometres to the closest point of an outline. The closest point is found in degrees with longitudes shrunk to the
/// position's latitude (true to a few metres within 2 km), the distance along the great circle.
fn distance_to_outline_km(here: Point, outline: &MultiPolygon) -> Option<f64> {
    let shrink = here.y().to_radians().cos();
    let local = |coordinate: geo::Coord| geo::Coord { x: coordinate.x * shrink, y: coordinate.y };
    let outline = geo::MapCoords::map_coords(outline, local);
    match outline.closest_point(&Point::from(local(here.0))) {
        Closest::Intersection(closest) | Closest::SinglePoint(closest) => {
            Some(Haversine.distance(here, Point::new(closest.x() / shrink, closest.y())) / METRES_PER_KILOMETRE)
        }
        Closest::Indeterminate => None,
    }
}
