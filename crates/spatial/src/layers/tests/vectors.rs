use gdal::{DriverManager, spatial_ref::SpatialRef, vector::LayerOptions};
use geo::{Area as _, Geometry};

use super::make::{Folder, Rows, add_layer, fill, plane, said, vectors};
use crate::layers::{Features, LayerError, read_vectors};

const SCHOOLS: Rows<'_> = &[
    ("POINT (47.5 40.2)", &["school", "12 №-li məktəb", "30"]),
    ("POINT (47.6 40.3)", &["bank", "", ""]),
    ("MULTIPOINT (47.7 40.2, 47.8 40.2)", &["college", "Ədliyyə", "7.5"]),
];
const FIELDS: &[&str] = &["amenity", "ad", "pupils"];
const FORMATS: [(&str, &str); 4] =
    [("GPKG", "a.gpkg"), ("GeoJSON", "a.geojson"), ("FlatGeobuf", "a.fgb"), ("ESRI Shapefile", "a.shp")];

fn read(folder: &Folder, keys: &str) -> Result<Features, LayerError> {
    read_vectors(folder.path(), &vectors(keys), &plane())
}

#[track_caller]
fn refused(folder: &Folder, keys: &str) -> String {
    said(&read(folder, keys).unwrap_err())
}

/// A layer of one kind of geometry in `GeoJSON`, which takes any text.
fn of(rows: Rows<'_>, keys: &str) -> Result<Features, LayerError> {
    let folder = Folder::new();
    folder.layer("GeoJSON", "a.geojson", Some(4326), FIELDS, rows);
    read(&folder, &format!("file = \"a.geojson\"\n{keys}"))
}

#[test]
fn features_that_are_asked_for_are_read_from_all_formats() {
    for (driver, file) in FORMATS {
        let folder = Folder::new();
        // A shapefile has one kind of geometry.
        let several: Rows<'_> =
            &[(SCHOOLS[0].0, SCHOOLS[0].1), (SCHOOLS[1].0, SCHOOLS[1].1), ("POINT (47.7 40.2)", SCHOOLS[2].1)];
        let rows = if file == "a.shp" { several } else { SCHOOLS };
        folder.layer(driver, file, Some(4326), FIELDS, rows);
        let keys = format!(
            "file = \"{file}\"\nindicator = 42\nwhere = {{ amenity = [\"school\", \"college\"] }}\nweight = \"pupils\""
        );
        let found = read(&folder, &keys).unwrap_or_else(|error| panic!("{file}: {}", said(&error)));
        assert_eq!((found.read, found.year, found.warnings.len()), (3, 2020, 0), "{file}");
        assert!(found.crs.starts_with("EPSG:4326") || file == "a.geojson", "{}", found.crs);
        assert_eq!(found.features.len(), if file == "a.shp" { 2 } else { 3 }, "{file}");
        // A spatial index sorts features.
        let school = found.features.iter().find(|feature| feature.attributes["amenity"] == "school").unwrap();
        let Geometry::Point(place) = school.geometry else { panic!("{file}: a point") };
        assert!(place.x().abs() < 1e-6 && place.y().abs() < 1e-6, "{file}");
        assert_eq!(school.attributes["pupils"], "30", "{file}");
    }
}

#[test]
fn coordinates_of_any_system_come_to_the_same_place_of_the_plane() {
    // Web Mercator by its formula: R times the longitude, R ln tan(45 degrees + half the latitude), R = 6378137 m.
    let expected = plane().to_plane(47.8, 40.5);
    let places = [(4326, "POINT (47.8 40.5)"), (3857, "POINT (5321071.660 4938869.176)")];
    for (epsg, text) in places {
        let folder = Folder::new();
        folder.layer("GPKG", "a.gpkg", Some(epsg), &[], &[(text, &[])]);
        let found = read(&folder, "file = \"a.gpkg\"\nindicator = 53").unwrap();
        let Geometry::Point(point) = found.features[0].geometry else { panic!("a point") };
        assert!(
            (point.x() - expected.0).abs() < 0.01 && (point.y() - expected.1).abs() < 0.01,
            "{epsg}: {point:?} {expected:?}"
        );
    }
}

#[test]
fn a_layer_without_a_reference_system_needs_one_declared_and_one_with_another_is_refused() {
    let folder = Folder::new();
    folder.layer("ESRI Shapefile", "a.shp", None, &["n"], &[("POINT (47.8 40.5)", &["1"])]);
    let keys = "file = \"a.shp\"\nindicator = 53\n";
    assert!(refused(&folder, keys).ends_with("layer a: the file says no reference system; declare it by `crs`"));
    assert_eq!(read(&folder, &format!("{keys}crs = \"EPSG:4326\"")).unwrap().features.len(), 1);
    let unknown = refused(&folder, &format!("{keys}crs = \"EPSG:999999\""));
    assert!(unknown.contains("the reference system EPSG:999999 can't be used"), "{unknown}");

    let folder = Folder::new();
    folder.layer("GPKG", "a.gpkg", Some(4326), &[], &[("POINT (47.8 40.5)", &[])]);
    let keys = "file = \"a.gpkg\"\nindicator = 53\n";
    assert!(read(&folder, &format!("{keys}crs = \"EPSG:4326\"")).is_ok());
    let other = refused(&folder, &format!("{keys}crs = \"EPSG:32639\""));
    assert!(other.contains("the file says that it is in EPSG:4326 (WGS 84), `crs` says EPSG:32639"), "{other}");
}

#[test]
fn exchanged_or_far_coordinates_are_seen() {
    let far = refused(&Folder::new(), "file = \"a.gpkg\"\nindicator = 53");
    assert!(far.starts_with("vectors/a.gpkg: can't be read"), "{far}");
    let exchanged = said(&of(&[("POINT (40.2 47.5)", &[])], "indicator = 53").unwrap_err());
    assert!(exchanged.ends_with("none is used; latitude and longitude seem to be exchanged"), "{exchanged}");
    let null_island = said(&of(&[("POINT (0 0)", &[])], "indicator = 53").unwrap_err());
    assert!(null_island.contains("lies far from the centre of the plane"), "{null_island}");
    let some = of(&[("POINT (0 0)", &[]), ("POINT (47 40)", &[]), ("POINT (1 0)", &[])], "indicator = 53").unwrap();
    assert_eq!(some.features.len(), 1);
    let far = "2 lie far from the centre of the plane and are left out, the first is feature 0";
    assert_eq!(some.warnings[0].message, far);
    let beyond = said(&of(&[("POINT (47 95)", &[])], "indicator = 53").unwrap_err());
    assert!(beyond.contains("feature 0: has the coordinate (47, 95), which is no place of"), "{beyond}");
}

#[test]
fn one_kind_of_geometry_is_not_taken_for_another() {
    const SQUARE: &str = "POLYGON ((47 40, 47.1 40, 47.1 40.1, 47 40.1, 47 40))";
    let areas: Rows<'_> = &[(SQUARE, &[])];
    let lines: Rows<'_> = &[("LINESTRING (47 40, 47.1 40)", &[])];
    let cases = [
        (areas, "indicator = 53", "is an area where a point is wanted; `areas_as_points` takes a point inside it"),
        (areas, "indicator = 22", "is an area where a line is wanted"),
        (lines, "indicator = 18", "is a line where an area is wanted"),
        (lines, "indicator = 53\nareas_as_points = true", "is a line where a point is wanted"),
        (&[("POINT (47 40)", &[])], "role = \"water\"", "is a point where a line or an area is wanted"),
        (&[("GEOMETRYCOLLECTION (POINT (47 40))", &[])], "indicator = 53", "is a collection of several kinds"),
    ];
    for (rows, keys, expected) in cases {
        let said = said(&of(rows, keys).unwrap_err());
        assert!(said.ends_with(&format!("feature 0: {expected}")), "{said}");
    }
    let inside = of(areas, "indicator = 53\nareas_as_points = true").unwrap();
    assert!(matches!(inside.features[0].geometry, Geometry::Point(_)));
    let left_out = of(&[(SQUARE, &[]), ("POINT (47 40)", &[])], "indicator = 53\ninvalid = \"leave_out\"").unwrap();
    assert_eq!(
        (left_out.features.len(), left_out.warnings.len(), left_out.warnings[0].feature.as_str()),
        (1, 1, "feature 0")
    );
}

#[test]
fn heights_are_dropped_and_parts_are_kept() {
    let found =
        of(&[("MULTILINESTRING Z ((47 40 5, 47.1 40 6), (47 41 5, 47.1 41 6))", &[])], "indicator = 22").unwrap();
    let Geometry::MultiLineString(lines) = &found.features[0].geometry else { panic!("lines") };
    assert_eq!(lines.0.len(), 2);
}

#[test]
fn an_area_that_crosses_itself_is_an_error_is_left_out_or_is_repaired_as_declared() {
    let rows: Rows<'_> = &[
        ("POLYGON ((47 40, 47.2 40.2, 47.2 40, 47 40.2, 47 40))", &[]),
        ("POLYGON ((48 40, 48.1 40, 48.1 40.1, 48 40.1, 48 40))", &[]),
    ];
    let error = said(&of(rows, "indicator = 18").unwrap_err());
    assert!(error.contains("feature 0: the outline of polygon 0 meets itself near ("), "{error}");
    let left_out = of(rows, "indicator = 18\ninvalid = \"leave_out\"").unwrap();
    assert_eq!((left_out.features.len(), left_out.warnings[0].feature.as_str()), (1, "feature 0"));
    let repaired = of(rows, "indicator = 18\ninvalid = \"repair\"").unwrap();
    assert_eq!((repaired.features.len(), repaired.warnings.len()), (2, 1));
    let Geometry::MultiPolygon(areas) = &repaired.features[0].geometry else { panic!("areas") };
    // Two triangles of a quarter of the square each.
    assert_eq!(areas.0.len(), 2);
    let square = 17_050.0 * 22_207.0;
    assert!((areas.unsigned_area() / square - 0.5).abs() < 0.01, "{}", areas.unsigned_area());
}

#[test]
fn a_geometry_without_extent_is_refused() {
    let cases = [
        ("", "53", "has no geometry"),
        ("POINT EMPTY", "53", "is empty, or has an empty part"),
        ("LINESTRING (47 40, 47 40)", "22", "is a line without length"),
        ("POLYGON ((47 40, 47.1 40, 47 40))", "18", ""),
    ];
    for (text, row, expected) in cases {
        let folder = Folder::new();
        folder.layer("GPKG", "a.gpkg", Some(4326), &[], &[(text, &[])]);
        let said = refused(&folder, &format!("file = \"a.gpkg\"\nindicator = {row}"));
        assert!(said.contains("feature 1: ") && said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn weights_are_numbers_and_who_has_none_is_left_out() {
    let rows =
        |weight: &'static str| vec![("POINT (47 40)", vec!["", "", weight]), ("POINT (47 40)", vec!["", "", "2"])];
    let read = |weight| {
        let rows = rows(weight);
        let rows: Vec<(&str, &[&str])> = rows.iter().map(|(text, values)| (*text, values.as_slice())).collect();
        of(&rows, "indicator = 53\nweight = \"pupils\"")
    };
    for wrong in ["many", "-1", "inf", "NaN"] {
        let error = said(&read(wrong).unwrap_err());
        let expected = format!("feature 0: attribute `pupils`: expected a number from 0 on, found `{wrong}`");
        assert!(error.ends_with(&expected), "{error}");
    }
    let found = read("").unwrap();
    assert_eq!((found.features.len(), found.warnings[0].message.as_str()), (1, "is left out: it has no `pupils`"));
}

#[test]
fn a_file_with_several_layers_needs_one_declared() {
    let folder = Folder::new();
    let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut dataset = driver.create_vector_only(folder.vectors("a.gpkg")).unwrap();
    add_layer(&mut dataset, "lines", Some(4326), &[], &[("LINESTRING (47 40, 48 40)", &[])]);
    add_layer(&mut dataset, "points", Some(4326), &["amenity"], &[("POINT (47 40)", &[])]);
    dataset.close().unwrap();
    let keys = "file = \"a.gpkg\"\nindicator = 53\n";
    assert!(refused(&folder, keys).ends_with("has several layers (`lines`, `points`); declare which by `layer`"));
    assert_eq!(read(&folder, &format!("{keys}layer = \"points\"")).unwrap().features.len(), 1);
    let none = refused(&folder, &format!("{keys}layer = \"Points\""));
    assert!(none.ends_with("there is no layer `Points`, only `lines`, `points`"), "{none}");
    let attribute = refused(&folder, &format!("{keys}layer = \"points\"\nwhere = {{ shop = [\"*\"] }}"));
    assert!(attribute.ends_with("there is no attribute `shop`, only `amenity`"), "{attribute}");
}

#[test]
fn the_plane_is_that_of_proj_to_a_millimetre() {
    // A file in the plane's own system goes to degrees by PROJ and back by Kend; the country reaches 260 km.
    let folder = Folder::new();
    let system = SpatialRef::from_proj4("+proj=laea +lat_0=40.2 +lon_0=47.5 +datum=WGS84 +units=m").unwrap();
    let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut dataset = driver.create_vector_only(folder.vectors("a.gpkg")).unwrap();
    let options = LayerOptions { name: "a", srs: Some(&system), ..Default::default() };
    let layer = dataset.create_layer(options).unwrap();
    let places = [(0.0, 0.0), (250_000.0, 190_000.0), (-250_000.0, -190_000.0), (260_000.0, -190_000.0)];
    let texts = places.map(|(x, y)| format!("POINT ({x} {y})"));
    let rows: Vec<(&str, &[&str])> = texts.iter().map(|text| (text.as_str(), &[][..])).collect();
    fill(&layer, &[], &rows);
    dataset.close().unwrap();
    let found = read(&folder, "file = \"a.gpkg\"\nindicator = 53").unwrap();
    for (feature, (x, y)) in found.features.iter().zip(places) {
        let Geometry::Point(point) = feature.geometry else { panic!("a point") };
        assert!((point.x() - x).abs() < 1e-3 && (point.y() - y).abs() < 1e-3, "{point:?}");
    }
    assert_eq!(found.features.len(), places.len());
}
