//! What `examples/azerbaijan` ships is what was published; skipped with a line where the originals are not.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
};

use kend_pack::{Polygon, outline_shape};
use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/azerbaijan")
}

fn document(file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(example().join(file)).unwrap()).unwrap()
}

/// Figure, unit and value of each line.
fn statistics() -> Vec<(String, String, f64)> {
    let mut reader = csv::Reader::from_path(example().join("statistics/statistics.csv")).unwrap();
    let lines = reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap);
    lines.map(|line| (line["figure"].clone(), line["unit_id"].clone(), line["value"].parse().unwrap())).collect()
}

/// The folder of originals, which stands beside the repository where the demo was made and nowhere else.
fn originals() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    // The test harness swallows `println!` of a passing test; a skip must be seen.
    let line =
        format!("SKIPPED: {} is not here: shipped figures are not compared with their originals\n", folder.display());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

/// The unit that a unit of the originals was dissolved into.
fn dissolved(unit: &str) -> &str {
    match unit {
        "AZ-LA" => "AZ-LAN",
        "AZ-SA" => "AZ-SAK",
        "AZ-YE" => "AZ-YEV",
        "AZ-SUS-city" => "AZ-SUS",
        other => other,
    }
}

#[test]
fn the_shipped_statistics_are_the_published_ones() {
    let Some(folder) = originals() else { return };
    let names = BTreeMap::from([
        (("population_mid_year_derived", "2023"), "population"),
        (("employees", "2024-07-01"), "employees"),
        (("physicians_per_10k", "2023"), "physicians_per_10000"),
        (("bank_branches", "2026-02"), "bank_branches"),
    ]);
    let mut published: BTreeMap<(String, String), f64> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(folder.join("stats/az_rayon_indicators_long.csv")).unwrap();
    for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let Some(figure) = names.get(&(row["indicator"].as_str(), row["period"].as_str())) else { continue };
        if row["level"] == "rayon" {
            let unit = dissolved(&row["unit_id"]).to_owned();
            *published.entry(((*figure).to_owned(), unit)).or_default() += row["value"].parse::<f64>().unwrap();
        }
    }
    let shipped: BTreeMap<(String, String), f64> = statistics()
        .into_iter()
        .filter(|(figure, ..)| figure != "cropland_share")
        .map(|(figure, unit, value)| ((figure, unit), value))
        .collect();
    assert_eq!(shipped.len(), 73 + 52 + 51 + 74);
    assert_eq!(shipped, published);
}

#[test]
fn the_shipped_places_and_outlines_are_the_published_ones() {
    let Some(folder) = originals() else { return };
    let mut reader = csv::Reader::from_path(folder.join("settlements/az_places_geonames500.csv")).unwrap();
    let published: BTreeMap<u32, BTreeMap<String, String>> = reader
        .deserialize::<BTreeMap<String, String>>()
        .map(Result::unwrap)
        .map(|row| (row["geonames_id"].parse().unwrap(), row))
        .collect();
    let places = document("vectors/places.geojson");
    for place in places["features"].as_array().unwrap() {
        let own = &place["properties"];
        let original = &published[&u32::try_from(own["geonames_id"].as_u64().unwrap()).unwrap()];
        let same = |key: &str, value: &Value| {
            assert!((original[key].parse::<f64>().unwrap() - value.as_f64().unwrap()).abs() < 1e-9, "{key}: {place}");
        };
        same("lon", &place["geometry"]["coordinates"][0]);
        same("lat", &place["geometry"]["coordinates"][1]);
        if !own["population"].is_null() {
            same("population", &own["population"]);
        }
    }
    let text = std::fs::read_to_string(folder.join("boundaries/az_admin1_naturalearth.geojson")).unwrap();
    let outlines: Value = serde_json::from_str(&text).unwrap();
    let mut corners = BTreeSet::new();
    collect_corners(&outlines["features"], &mut corners);
    let mut shipped = BTreeSet::new();
    collect_corners(&document("vectors/rayons.geojson")["features"], &mut shipped);
    assert_eq!(shipped.difference(&corners).count(), 0);
    // Dissolving four cities loses the few corners inside.
    assert!(corners.difference(&shipped).count() < 20);
}

/// A position in units of 0.00001 degrees, so that it can be compared.
#[expect(clippy::cast_possible_truncation, reason = "degrees times 100000 fit an i32")]
fn corner(longitude: f64, latitude: f64) -> (i32, i32) {
    ((longitude * 1e5).round() as i32, (latitude * 1e5).round() as i32)
}

fn collect_corners(value: &Value, corners: &mut BTreeSet<(i32, i32)>) {
    match value {
        Value::Array(items) => match items.as_slice() {
            [Value::Number(longitude), Value::Number(latitude)] => {
                corners.insert(corner(longitude.as_f64().unwrap(), latitude.as_f64().unwrap()));
            }
            items => items.iter().for_each(|item| collect_corners(item, corners)),
        },
        Value::Object(fields) => fields.values().for_each(|field| collect_corners(field, corners)),
        _ => {}
    }
}

#[test]
fn the_shipped_cropland_is_sampled_from_the_published_raster() {
    use geo::{BoundingRect as _, Contains as _};
    const WEST: f64 = 44.5;
    const NORTH: f64 = 42.0;
    const CELL: f64 = 0.05;
    /// Samples along each side of a cell.
    const SAMPLES: u32 = 20;
    const COLUMNS: usize = 122;

    let Some(folder) = originals() else { return };
    let file = std::fs::File::open(folder.join("rasters/az_landcover_modis_mcd12c1_2019.tif")).unwrap();
    let image = tiff::decoder::Decoder::new(std::io::BufReader::new(file)).unwrap().read_image().unwrap();
    let tiff::decoder::DecodingResult::U8(classes) = image else { panic!("not of bytes") };
    let step = CELL / f64::from(SAMPLES);
    let outlines = document("vectors/rayons.geojson");
    for (_, unit, value) in statistics().into_iter().filter(|(figure, ..)| figure == "cropland_share") {
        let rayons = outlines["features"].as_array().unwrap();
        let rayon = rayons.iter().find(|rayon| rayon["properties"]["code"] == unit.as_str()).unwrap();
        let shape =
            outline_shape(&serde_json::from_value::<Vec<Polygon>>(rayon["geometry"]["coordinates"].clone()).unwrap());
        let bounds = shape.bounding_rect().unwrap();
        let (mut crops, mut all) = (0.0, 0.0);
        let mut latitude = NORTH - step / 2.0;
        let mut line = 0_u32;
        while latitude > bounds.min().y {
            let weight = latitude.to_radians().cos();
            let mut column = 0_u32;
            let mut longitude = WEST + step / 2.0;
            while latitude < bounds.max().y && longitude < bounds.max().x {
                if longitude > bounds.min().x && shape.contains(&geo::Point::new(longitude, latitude)) {
                    all += weight;
                    crops += weight
                        * match classes[(line / SAMPLES) as usize * COLUMNS + (column / SAMPLES) as usize] {
                            12 => 1.0,
                            14 => 0.5,
                            _ => 0.0,
                        };
                }
                column += 1;
                longitude = WEST + step * (f64::from(column) + 0.5);
            }
            line += 1;
            latitude = NORTH - step * (f64::from(line) + 0.5);
        }
        // Shipped with one decimal; samples on an outline may fall to either side.
        assert!((100.0 * crops / all - value).abs() < 0.2, "{unit}: {} {value}", 100.0 * crops / all);
    }
}
