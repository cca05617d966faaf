//! Points of the generated open map: amenities, attractions, towers, airports. As on a real one, what is not there may not
//! be mapped: some zones have next to nothing (method 2.4).

use super::{
    country::{Country, Zone},
    features::{Feature, evenly, point, spread, whole},
    layers::equipped,
    plan::ZONES_UNMAPPED,
    settlements::Settlements,
    vectors::{Format, Layer, Shape},
};

/// Columns of the map: each point has one of them.
const COLUMNS: [&str; 6] = ["amenity", "tourism", "man_made", "internet_access", "aeroway", "shop"];

/// Whether next to nothing of a zone is on the open map, so that what is missing there says nothing.
pub(super) fn is_unmapped(zone: &Zone) -> bool {
    ZONES_UNMAPPED.contains(&zone.code.as_str())
}

/// What a settlement has, by the row of Annex I that travels there, with the values that go round.
const DESTINATIONS: [(u8, &str, &[&str]); 5] = [
    (17, "internet_access", &["wlan"]),
    (42, "amenity", &["school", "kindergarten", "school", "college"]),
    (43, "amenity", &["clinic", "pharmacy", "doctors", "hospital", "dentist"]),
    (47, "amenity", &["bank", "atm"]),
    (51, "amenity", &["marketplace"]),
];

/// What is counted in a zone.
const COUNTED: [(u8, &str, &[&str]); 4] = [
    (11, "tourism", &["attraction", "viewpoint", "museum", "gallery"]),
    (21, "man_made", &["communications_tower"]),
    (31, "amenity", &["toilets"]),
    (32, "amenity", &["waste_disposal"]),
];

/// The layer of points.
pub(super) fn open_map(country: &Country, settlements: &Settlements) -> Layer {
    let mut features = Vec::new();
    for (place, zone) in country.zones.iter().enumerate() {
        let at = |settlement: &usize| settlements.all.get(*settlement).map(|own| (own.x_m, own.y_m));
        for (row, column, values) in DESTINATIONS {
            let places: Vec<(f64, f64)> =
                equipped(country, settlements, (place, zone), row).iter().filter_map(at).collect();
            features.extend(tagged(country, &places, column, values));
        }
        if !zone.lags(25) {
            const ONE_FOR_KM2: f64 = 900.0;
            let fields = evenly(&settlements.of(place), whole((zone.area_km2 / ONE_FOR_KM2).ceil()));
            let fields: Vec<(f64, f64)> = fields.iter().filter_map(at).collect();
            features.extend(tagged(country, &fields, "aeroway", &["aerodrome"]));
        }
        for (row, column, values) in COUNTED {
            let places = spread(country, place, u64::from(row), counted(zone, row));
            features.extend(tagged(country, &places, column, values));
        }
        features.extend(others(country, settlements, place, zone));
    }
    Layer {
        file: "open_map.gpkg",
        format: Format::Gpkg,
        name: "points",
        epsg: 4326,
        shape: Shape::Points,
        columns: COLUMNS.to_vec(),
        features,
    }
}

/// How many of a counted row are in a zone.
fn counted(zone: &Zone, row: u8) -> usize {
    const KM2_OF_RATE: f64 = 100.0;
    const PEOPLE_OF_RATE: f64 = 10_000.0;
    let base = if row == 11 { zone.area_km2 / KM2_OF_RATE } else { zone.people / PEOPLE_OF_RATE };
    if is_unmapped(zone) && row != 11 && row != 21 { 0 } else { whole(zone.value(row) * base) }
}

/// Amenities that no row looks at: how well a zone is mapped. More where there is little else, so that none but the unmapped
/// is taken for one (method 2.4).
fn others(country: &Country, settlements: &Settlements, place: usize, zone: &Zone) -> Vec<Feature> {
    const PEOPLE_OF_ONE: f64 = 2500.0;
    const PEOPLE_OF_ONE_IN_LOWEST: f64 = 600.0;
    const LAYER: u64 = 1002;
    let mapped = zone.people / if zone.class == 0 { PEOPLE_OF_ONE_IN_LOWEST } else { PEOPLE_OF_ONE };
    let wanted = if is_unmapped(zone) { 1 } else { whole(mapped).max(1) };
    let places = spread(country, place, LAYER, wanted.min(settlements.all.len()));
    tagged(country, &places, "amenity", &["cafe", "fuel", "restaurant", "police"])
}

/// Points with a value in one column.
fn tagged(country: &Country, places: &[(f64, f64)], column: &str, values: &[&str]) -> Vec<Feature> {
    let feature = |(&(x_m, y_m), value): (&(f64, f64), &&str)| Feature {
        geometry: point(country, x_m, y_m),
        attributes: COLUMNS.iter().map(|own| if *own == column { *value } else { "" }.into()).collect(),
    };
    places.iter().zip(values.iter().cycle()).map(feature).collect()
}
