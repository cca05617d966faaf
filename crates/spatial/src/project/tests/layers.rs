use kend_cells::{LandCover, RoadClass};

use super::*;

#[track_caller]
fn refused_after(valid: &str, from: &str, to: &str) -> String {
    assert!(valid.contains(from), "{from}");
    declared(&valid.replacen(from, to, 1)).unwrap_err().to_string()
}

const PORTS: &str =
    "[[vectors]]\nfile = \"osm.gpkg\"\nlayer = \"points\"\nindicator = 9\nset = \"ports\"\nyear = 2020\n";
const PEOPLE: &str = "[[rasters]]\nfile = \"people.tif\"\nrole = \"population\"\nyear = 2020\n";
const ZONES: &str = "[zones]\nfile = \"zones.gpkg\"\ncode = \"code\"\n";

#[test]
fn layers_are_declared_with_all_their_keys() {
    let text = r#"
        [zones]
        file = "zones.shp"
        name = "name_az"
        crs = "EPSG:4326"
        encoding = "windows-1254"
        invalid = "repair"
        [roads]
        motorway = ["magistral"]
        [land_cover]
        cropland = { 40 = 1.0 }
        [[vectors]]
        file = "osm.gpkg"
        layer = "points"
        indicator = 42
        where = { amenity = ["school", "college"] }
        weight = "pupils"
        areas_as_points = true
        invalid = "leave_out"
        year = 2020
        [[vectors]]
        file = "roads.fgb"
        role = "roads"
        road_class = "sinif"
        year = 2020
        [[rasters]]
        file = "dni.tif"
        indicator = 33
        band = 2
        nodata = -9999
        factor = 0.1
        crs = "EPSG:32639"
        year = 2019
        "#;
    let project = declared(text).unwrap();
    let zones = project.zones.unwrap();
    assert_eq!((zones.invalid, zones.encoding), (InvalidRule::Repair, Some(Encoding::Windows1254)));
    let [schools, roads] = project.vectors.as_slice() else { panic!("two layers") };
    assert_eq!(schools.geometry_use(), Some(GeometryUse::Points));
    assert_eq!(schools.attributes(), BTreeSet::from(["amenity", "pupils"]));
    assert_eq!((roads.geometry_use(), roads.road_class()), (Some(GeometryUse::Lines), "sinif"));
    assert_eq!((project.rasters[0].band, project.rasters[0].nodata), (2, Some(-9999.0)));
    assert_eq!(project.roads.class("magistral"), Some(RoadClass::MotorwayOrTrunk));
    assert_eq!((project.land_cover.cropland_share(40), project.land_cover.cropland_share(10)), (1.0, 0.0));
}

#[test]
fn the_default_legends_are_those_of_the_maps_that_the_report_names() {
    let project = declared("").unwrap();
    let classes = [
        ("trunk_link", Some(RoadClass::MotorwayOrTrunk)),
        ("service", Some(RoadClass::Residential)),
        ("track", Some(RoadClass::Track)),
        ("footway", None),
    ];
    for (value, class) in classes {
        assert_eq!(project.roads.class(value), class, "{value}");
    }
    let cover = &project.land_cover;
    // CCI-LC has 37 categories beside "no data", 0.
    assert_eq!((0..=u16::MAX).filter(|category| cover.class(*category).is_some()).count(), 37);
    assert_eq!((cover.class(210), cover.class(0)), (Some(LandCover::Barrier), None));
    assert_eq!((cover.cropland_share(30), cover.cropland_share(130)), (0.5, 0.0));
    assert!(project.zones.is_none() && project.vectors.is_empty() && project.rasters.is_empty());
}

#[test]
fn a_layer_that_could_mean_two_things_is_refused() {
    assert!(declared(&format!("{ZONES}{PORTS}{PEOPLE}")).is_ok());
    let vectors = [
        ("osm.gpkg", "/vsicurl/x", "file: expected the name of a file in vectors/"),
        ("osm.gpkg", "PG:host=x", "file: expected the name of a file in vectors/"),
        ("indicator = 9\n", "", "expected either indicator (a row of Annex I) or role"),
        ("set", "role = \"roads\"\nset", "expected either indicator (a row of Annex I) or role"),
        ("indicator = 9", "indicator = 44", "indicator: row 44 of Annex I is not made of points, lines or areas"),
        ("year = 2020", "year = 20", "year: expected a year from 1900 to 2100, found 20"),
        ("year", "crs = \"+proj=x\"\nyear", "crs: expected `EPSG:` and a number, found `+proj=x`"),
        ("indicator = 9", "indicator = 53", "set: only rows of travel time have sets of destinations"),
        ("year", "encoding = \"latin-1\"\nyear", "encoding: only shapefiles have one, and never UTF-16"),
        ("year", "road_class = \"x\"\nyear", "road_class: only role roads has one"),
        ("year", "population = \"x\"\nyear", "population: only role settlements has one"),
        (
            "year",
            "zones_in_top_quintile_of = \"e\"\nyear",
            "zones_in_top_quintile_of: no statistics declare figure = \"e\"",
        ),
        (
            "year",
            "where = { a = [] }\nyear",
            "where: expected an attribute with a list of texts, found `a` without any",
        ),
        ("year", "weight = \"\"\nyear", "expected a name, found an empty text"),
        (
            "indicator = 9\nset = \"ports\"",
            "role = \"settlements\"",
            "name: role settlements needs the attribute with the name",
        ),
        ("indicator = 9\nset = \"ports\"", "role = \"roads\"\nweight = \"w\"", "weight: only points of a row have one"),
        (
            "indicator = 9\nset = \"ports\"",
            "role = \"roads\"\nareas_as_points = true",
            "areas_as_points: no points are wanted here",
        ),
        (
            "indicator = 9\nset = \"ports\"",
            "role = \"amenities\"\ncomplete = true",
            "complete: only layers of a row are registers",
        ),
    ];
    for (from, to, expected) in vectors {
        let file = if from == "osm.gpkg" { to } else { "osm.gpkg" };
        assert_eq!(refused_after(PORTS, from, to), format!("vectors 1 ({file}): {expected}"));
    }
    let rasters = [
        ("role = \"population\"", "indicator = 4", "indicator: row 4 is made of role = \"land_cover\""),
        ("role = \"population\"", "indicator = 40", "indicator: row 40 of Annex I is not the mean of a raster"),
        ("role = \"population\"\n", "", "expected either indicator (a row of Annex I) or role"),
        ("year", "band = 0\nyear", "band: the first is 1"),
        ("year", "factor = -1\nyear", "factor: expected a number other than 0, found -1"),
        ("population\"", "land_cover\"\nfactor = 2", "factor: categories have none"),
        ("year = 2020", "year = 3000", "year: expected a year from 1900 to 2100, found 3000"),
    ];
    for (from, to, expected) in rasters {
        assert_eq!(refused_after(PEOPLE, from, to), format!("rasters 1 (people.tif): {expected}"));
    }
    assert_eq!(refused_after(ZONES, "code = \"code\"", ""), "zones: expected either code or name (an attribute)");
    let left_out = refused_after(ZONES, "code", "invalid = \"leave_out\"\ncode");
    assert_eq!(left_out, "zones.invalid: a zone can't be left out; expected `error` or `repair`");
    assert!(refused_after(ZONES, "code", "kode = 1\ncode").contains("unknown field `kode`"));
}

#[test]
fn one_thing_is_declared_once() {
    let said = |text: String| declared(&text).unwrap_err().to_string();
    assert_eq!(said(format!("{PORTS}{PORTS}")), "vectors 2 (osm.gpkg): the same as vectors 1");
    assert!(declared(&format!("{PORTS}{}", PORTS.replace("ports", "markets"))).is_ok());
    assert_eq!(said(format!("{PEOPLE}{PEOPLE}")), "rasters 2 (people.tif): measures the same as rasters 1");
    let table = "[[statistics]]\nfile = \"a.csv\"\nindicator = 9\nyear = 2018\nunit = \"minutes\"\n";
    assert_eq!(said(format!("{table}{PORTS}")), "vectors 1 (osm.gpkg): indicator: row 9 is declared by statistics too");
    let roads = "[roads]\ntrack = [\"primary\"]\n";
    assert_eq!(said(roads.to_owned()), "roads.track: `primary` stands in roads.primary already");
    let cover = "[land_cover]\nwater = [190]\n";
    assert_eq!(said(cover.to_owned()), "land_cover.water: category 190 stands in land_cover.built already");
    let share = "[land_cover]\ncropland = { 10 = 1.5 }\n";
    assert_eq!(said(share.to_owned()), "land_cover.cropland: category 10: expected a share from 0 to 1, found 1.5");
    assert!(said("[land_cover]\ncropland = { crops = 1.0 }\n".to_owned()).contains("the number of a category"));
}
