use gdal::{
    DriverManager,
    raster::Buffer,
    spatial_ref::SpatialRef,
    vector::{Geometry, LayerAccess as _, LayerOptions, OGRFieldType},
};

use super::*;
use crate::project::RasterRole;

/// Two zones in place of the 74, and none left out.
const NAMES_CSV: &str = "code,az,en,ru,other\nAZ-A,Şəki,,,\nAZ-B,Oğuz,,,\n";
const WEST: &str = "POLYGON ((47 40, 47.5 40, 47.5 40.5, 47 40.5, 47 40))";
const EAST: &str = "POLYGON ((47.5 40, 48 40, 48 40.5, 47.5 40.5, 47.5 40))";

fn layer(case: &Case, file: &str, field: &str, rows: &[(&str, &str)]) {
    let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut dataset = driver.create_vector_only(case.folder().join(VECTORS).join(file)).unwrap();
    let mut system = SpatialRef::from_epsg(4326).unwrap();
    system.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
    let options = LayerOptions { name: "all", srs: Some(&system), ..Default::default() };
    let layer = dataset.create_layer(options).unwrap();
    layer.create_defn_fields(&[(field, OGRFieldType::OFTString)]).unwrap();
    for (text, value) in rows {
        let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
        feature.set_geometry(Geometry::from_wkt(text).unwrap()).unwrap();
        feature.set_field_string(0, value).unwrap();
        feature.create(&layer).unwrap();
    }
    dataset.close().unwrap();
}

/// Ten by ten cells over both zones and beyond.
fn raster(case: &Case, file: &str, value: u8) {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver.create_with_band_type::<u8, _>(case.folder().join(RASTERS).join(file), 10, 10, 1).unwrap();
    dataset.set_geo_transform(&[46.0, 0.3, 0.0, 42.0, 0.0, -0.3]).unwrap();
    dataset.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.write((0, 0), (10, 10), &mut Buffer::new((10, 10), vec![value; 100])).unwrap();
    dataset.close().unwrap();
}

fn case(declarations: &str) -> Case {
    let case = Case::new(&[], declarations);
    let settings = case.folder().join(INDEX_TOML);
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("[\"AZ-BA\", \"AZ-ABS\", \"AZ-SM\"]", "[]")).unwrap();
    fs::write(case.folder().join(NAMES), NAMES_CSV).unwrap();
    layer(&case, "zones.gpkg", "code", &[(WEST, "AZ-A"), (EAST, "AZ-B")]);
    layer(
        &case,
        "schools.gpkg",
        "kind",
        &[("POINT (47.1 40.1)", "school"), ("POINT (47.2 40.1)", "bank"), ("POINT (0 0)", "school")],
    );
    layer(&case, "roads.gpkg", "highway", &[("LINESTRING (47.1 40.1, 47.9 40.2)", "primary")]);
    for (file, value) in [("cover.tif", 30), ("relief.tif", 100), ("spare.tif", 0)] {
        raster(&case, file, value);
    }
    case
}

const ZONES: &str = "[zones]\nfile = \"zones.gpkg\"\ncode = \"code\"\n";
const SCHOOLS: &str =
    "[[vectors]]\nfile = \"schools.gpkg\"\nindicator = 42\nwhere = { kind = [\"school\"] }\nyear = 2020\n";
const GROUND: &str = "[[vectors]]\nfile = \"roads.gpkg\"\nrole = \"roads\"\nyear = 2020\n\
    [[rasters]]\nfile = \"cover.tif\"\nrole = \"land_cover\"\nyear = 2018\n\
    [[rasters]]\nfile = \"relief.tif\"\nrole = \"elevation\"\nyear = 2000\n";

#[test]
fn each_layer_says_what_was_found_in_it() {
    let case = case(&format!("{ZONES}{SCHOOLS}{GROUND}"));
    let report = case.report();
    assert!(report.usable, "{:?}", report.problems);
    assert_eq!(report.not_used, ["rasters/spare.tif"]);
    let [zones, schools, roads, cover, relief] = report.layers.as_slice() else { panic!("{:?}", report.layers) };
    assert_eq!((zones.of.as_str(), zones.used, zones.kind.as_str()), ("zones", 2, "areas"));
    assert_eq!((schools.file.as_str(), schools.layer.as_str()), ("vectors/schools.gpkg", "all"));
    assert_eq!((schools.read, schools.used, schools.kind.as_str(), schools.year), (3, 1, "points", Some(2020)));
    assert_eq!(schools.crs, "EPSG:4326 (WGS 84)");
    assert_eq!(schools.warnings, ["1 lie far from the centre of the plane and are left out, the first is feature 3"]);
    let counts: Vec<(&str, usize)> =
        schools.by_zone.iter().flatten().map(|(code, count)| (code.as_str(), *count)).collect();
    assert_eq!(counts, [("AZ-A", 1)]);
    let [west, south, east, north] = roads.extent_degrees.unwrap();
    assert!((west - 47.1).abs() < 0.01 && (south - 40.1).abs() < 0.01);
    assert!((east - 47.9).abs() < 0.01 && (north - 40.2).abs() < 0.01);
    let values = cover.range.unwrap().values.unwrap();
    assert_eq!((values.minimum, values.maximum), (30.0, 30.0));
    assert!(relief.usable && relief.layer == "band 1");
    // Row 4 is made of land cover, row 42 of schools, roads, land cover and relief.
    assert_eq!((row(&report, 4).status, row(&report, 42).status), (Status::Ready, Status::Ready));
    assert_eq!(row(&report, 42).found.as_ref().unwrap().file, "schools.gpkg");
    assert_eq!(row(&report, 40).status, Status::Undeclared);
}

#[test]
fn categories_that_the_legend_lacks_are_told() {
    let case = case(&format!("{ZONES}{GROUND}"));
    raster(&case, "cover.tif", 13);
    let warnings = case.report().layers.into_iter().flat_map(|layer| layer.warnings).collect::<Vec<_>>();
    assert_eq!(warnings, ["categories that [land_cover] doesn't have: 13"]);
}

#[test]
fn travel_time_needs_roads_and_ground() {
    let report = case(&format!("{ZONES}{SCHOOLS}")).report();
    assert_eq!(row(&report, 42).status, Status::Undeclared);
    assert_eq!(row(&report, 42).remarks, ["needs layers of role roads, land_cover, elevation"]);
    assert!(report.problems.is_empty() && !report.usable);
    assert_eq!(RasterRole::LandCover.word(), "land_cover");
}

#[test]
fn a_layer_that_cannot_be_read_is_told_with_its_place() {
    let case = case(&format!("{ZONES}{}{GROUND}", SCHOOLS.replace("kind", "sort")));
    fs::write(case.folder().join(RASTERS).join("cover.tif"), "II*\0").unwrap();
    let report = case.report();
    let places: Vec<&str> = report.problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["vectors/schools.gpkg, layer all (indicator 42)", "rasters/cover.tif (role land_cover)"]);
    assert_eq!(report.problems[0].message, "there is no attribute `sort`, only `kind`");
    assert_eq!((row(&report, 42).status, row(&report, 4).status), (Status::Wrong, Status::Wrong));
    assert!(!report.usable);
}

#[test]
fn a_table_of_a_row_counts_and_not_the_layers_that_would_make_it() {
    let people = "[[rasters]]\nfile = \"relief.tif\"\nrole = \"population\"\nyear = 2020\n\
        [[rasters]]\nfile = \"relief.tif\"\nrole = \"population_15_65\"\nyear = 2020\n";
    let tables = "[[statistics]]\nfile = \"arable.csv\"\nindicator = 4\nyear = 2018\nunit = \"%\"\n\
        [[statistics]]\nfile = \"working.csv\"\nindicator = 40\nyear = 2018\nunit = \"%\"\n";
    let case = case(&format!("{ZONES}{GROUND}{people}{tables}"));
    let table = |file: &str, text: &str| fs::write(case.folder().join(STATISTICS).join(file), text).unwrap();
    table("arable.csv", "zone,2018\nŞəki,7\nOğuz,8\n");
    table("working.csv", "zone,2018\nŞəki,60\n");
    let report = case.report();
    let arable = row(&report, 4);
    assert_eq!(arable.found.as_ref().map(|found| (found.file.as_str(), found.year)), Some(("arable.csv", 2018)));
    assert_eq!((arable.status, arable.zones_missing.len()), (Status::Differs, 0));
    let working = row(&report, 40);
    assert_eq!((working.status, working.zones_missing.len()), (Status::TooFew, 1), "one zone of two");
    assert_eq!(working.found.as_ref().map(|found| found.file.as_str()), Some("working.csv"));

    table("arable.csv", "zone,2018\nŞəki,7\nSheki,8\n");
    assert_eq!(row(&case.report(), 4).status, Status::Wrong, "a table that can't be read is told, not passed over");
}
