//! What `kend index build` does with bad input: one good project, spoiled in one way each, by the real binary.
//!
//! Each is a line that names file and place with exit code 2 (1 where the machine is at fault), or a listed warning; the
//! result that was there before is the same to the byte, and nothing half-written lies beside it.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod office;

use std::{fs, path::Path, process::Command};

use office::{Office, collection, feature, files, kend, point, result_files, square, told};

#[test]
fn the_good_project_is_built_and_says_what_it_lacks() {
    let office = Office::good();
    office.built(&[
        "PARTIAL: its classes are not those of the full index",
        "dimensions without a value anywhere: economic_sources, economic_potential",
        "missing.index_min_dimensions is lowered to 3, the method has 5",
        "people: no raster of role population",
    ]);
    assert!(office.result("rayons.csv").lines().nth(1).unwrap().ends_with("partial: 4 of 53 indicators"));
}

// Reference systems and geometry

#[test]
fn a_reference_system_that_is_not_the_files_own() {
    let office = Office::good();
    office.declare("indicator = 53", "indicator = 53\ncrs = \"EPSG:3857\"");
    office.refused(&["vectors/unions.geojson", "EPSG:4326", "EPSG:3857"]);
    // Degrees in a file that says metres lie all on one spot, far away.
    let office = Office::good();
    office.unions("GPKG", "unions.gpkg", (47.2, 40.0), 32638);
    office.refused(&["vectors/unions.gpkg", "none is used"]);
}

#[test]
fn latitude_before_longitude() {
    let office = Office::good();
    office.write("vectors/unions.geojson", collection([point(40.4, 47.2), point(39.9, 47.7)]));
    office.refused(&["vectors/unions.geojson", "latitude and longitude seem to be exchanged"]);
}

#[test]
fn a_polygon_that_crosses_itself() {
    let office = Office::good();
    let bow = "[[[47.1,39.8],[47.6,40.3],[47.6,39.8],[47.1,40.3],[47.1,39.8]]]";
    office.write("vectors/network.geojson", collection([square(47.1, 39.8, "a"), feature("Polygon", bow, "b")]));
    office.refused(&["vectors/network.geojson", "feature 1"]);
    office.declare("indicator = 18", "indicator = 18\ninvalid = \"repair\"");
    office.built(&["to be seen: vectors/network.geojson", "feature 1"]);
}

#[test]
fn a_coordinate_that_is_no_number() {
    let office = Office::good();
    office.unions("GPKG", "unions.gpkg", (f64::NAN, 40.0), 4326);
    office.refused(&["vectors/unions.gpkg", "feature 1"]);
}

#[test]
fn a_zone_twice_or_unknown_among_the_outlines() {
    let office = Office::good();
    let outlines = fs::read_to_string(office.at("vectors/zones.geojson")).unwrap();
    office.write("vectors/zones.geojson", outlines.replace("AZ-SE", "AZ-NW"));
    office.refused(&["vectors/zones.geojson", "feature 3", "is AZ-NW"]);
    office.write("vectors/zones.geojson", outlines.replace("AZ-SE", "AZ-XX"));
    office.refused(&["vectors/zones.geojson", "feature 3", "`AZ-XX` is not in names.csv"]);
    let three = collection([square(47.0, 40.2, "AZ-NW"), square(47.5, 40.2, "AZ-NE"), square(47.0, 39.7, "AZ-SW")]);
    office.write("vectors/zones.geojson", three);
    office.refused(&["vectors/zones.geojson", "there is no outline of AZ-SE"]);
}

// Rasters

#[test]
fn a_raster_with_missing_and_with_infinite_values() {
    let office = Office::good();
    office.raster("irradiation.tif", |column, row| if column == row { f64::NAN } else { f64::from(column) });
    office.built(&[]);
    let office = Office::good();
    office.raster("irradiation.tif", |column, row| if (column, row) == (50, 60) { f64::INFINITY } else { 1.0 });
    office.refused(&["rasters/irradiation.tif", "column 50, row 60", "inf"]);
}

#[test]
fn a_raster_of_fifty_gigabytes() {
    // Over the whole country it is more than is read; with its corner alone over the zones no more than that is.
    let office = Office::good();
    office.sparse("irradiation.tif", 1.0);
    assert!(fs::metadata(office.at("rasters/irradiation.tif")).unwrap().len() < 100_000_000);
    office.refused(&["rasters/irradiation.tif", "5000000000"]);
    office.sparse("irradiation.tif", 225.0);
    office.built(&[]);
}

// Tables

#[test]
fn a_rayon_in_two_rows_of_a_table() {
    let office = Office::good();
    office.write("statistics/physicians.csv", "zone,2018\nAZ-NW,10\nAZ-NE,20\nAZ-NW,30\nAZ-SE,40\n");
    office.refused(&["statistics/physicians.csv (indicator 44)", "rows 2 (`AZ-NW`) and 4 (`AZ-NW`) are both AZ-NW"]);
}

#[test]
fn a_column_that_is_not_there() {
    let office = Office::good();
    office.declare("unit = \"physicians", "column = \"Total\"\nunit = \"physicians");
    office.refused(&["statistics/physicians.csv (indicator 44)", "no column is headed `Total`; headers: 2018"]);
}

#[test]
fn a_header_row_full_of_years() {
    let office = Office::good();
    let rows = "AZ-NW,1,2,3,4\nAZ-NE,5,6,7,8\nAZ-SW,9,10,11,12\nAZ-SE,13,14,15,16\n";
    office.write("statistics/physicians.csv", format!("zone,2016,2017,2018,2019\n{rows}"));
    office.built(&[]);
    assert!(office.result("values.csv").contains("AZ-SE,44,15,"), "the year that is declared");
    office.write("statistics/physicians.csv", format!("zone,2016,2018,2018,2019\n{rows}"));
    office.refused(&["statistics/physicians.csv (indicator 44)", "columns C1, D1 are all headed `2018`"]);
    office.write("statistics/physicians.csv", format!("zone,2014,2015,2016,2017\n{rows}"));
    office.refused(&["statistics/physicians.csv (indicator 44)", "no column is headed `2018`"]);
}

#[test]
fn text_that_is_latin_1() {
    let table = b"zone,2018,source\nAZ-NW,10,Z\xfcrich\nAZ-NE,20,\nAZ-SW,30,\nAZ-SE,40,\n";
    let office = Office::good();
    office.write("statistics/physicians.csv", table);
    office.refused(&["statistics/physicians.csv (indicator 44)", "encoding"]);
    office.declare("unit = \"physicians", "encoding = \"latin-1\"\nunit = \"physicians");
    office.built(&[]);
    office.write("names.csv", b"code,az,en,ru,other\nAZ-NW,G\xf6y,,,\n");
    office.refused(&["names.csv", "UTF-8"]);
}

#[test]
fn a_zone_that_nobody_knows() {
    let office = Office::good();
    office.write("statistics/physicians.csv", "zone,2018\nAZ-NW,10\nAZ-NE,20\nAZ-SW,30\nAZ-SE,40\nAtlantis,50\n");
    office.built(&["to be seen: statistics/physicians.csv: rows whose name is no zone's: Atlantis (row 6)"]);
    office.declare("rayons = []", "rayons = [\"AZ-XX\"]");
    office.refused(&["index.toml: excluded.rayons: AZ-XX is not in names.csv"]);
}

// Files that break off

#[test]
fn a_file_of_each_format_that_breaks_off() {
    for (driver, file) in [("GPKG", "unions.gpkg"), ("ESRI Shapefile", "unions.shp"), ("FlatGeobuf", "unions.fgb")] {
        let office = Office::good();
        office.unions(driver, file, (47.2, 40.0), 4326);
        office.built(&[]);
        office.cut(&format!("vectors/{file}"));
        office.refused(&[&format!("vectors/{file}"), "broken"]);
    }
    for (file, says) in [
        ("vectors/zones.geojson", "broken"),
        ("rasters/irradiation.tif", "broken"),
        // What is left of a table is a table: zones without a figure.
        ("index.toml", "line"),
    ] {
        let office = Office::good();
        office.cut(file);
        office.refused(&[file, says]);
    }
    let office = Office::good();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, (name, value)) in
        (0..).zip([("zone", 2018.0), ("AZ-NW", 1.0), ("AZ-NE", 2.0), ("AZ-SW", 3.0), ("AZ-SE", 4.0)])
    {
        sheet.write(row, 0, name).unwrap().write(row, 1, value).unwrap();
    }
    book.save(office.at("statistics/physicians.xlsx")).unwrap();
    office.declare("physicians.csv", "physicians.xlsx");
    office.built(&[]);
    office.cut("statistics/physicians.xlsx");
    office.refused(&["statistics/physicians.xlsx (indicator 44)", "damaged workbook"]);
}

#[test]
fn a_table_that_breaks_off_lacks_zones_and_that_is_said() {
    let office = Office::good();
    office.cut("statistics/physicians.csv");
    // One zone is left of four, fewer than an indicator needs, and with it goes its dimension.
    office.refused(&["no cell has an index", "only infrastructure, governance have values"]);
    office.declare("index_min_dimensions = 3", "index_min_dimensions = 2");
    office.built(&["row 44 is left out", "human_capital"]);
    // Nobody can see of the text alone that a figure was longer.
    let office = Office::good();
    office.write("statistics/physicians.csv", "zone,2018\nAZ-NW,10\nAZ-NE,20\nAZ-SW,30\nAZ-SE,4");
    office.built(&["to be seen: statistics/physicians.csv: ends within a line, so it may have broken off"]);
}

// Folders

#[test]
fn a_folder_without_a_project() {
    let office = Office::good();
    fs::remove_dir_all(office.folder()).unwrap();
    office.refused(&["index.toml", "can't be read"]);
    fs::create_dir(office.folder()).unwrap();
    office.refused(&["index.toml", "can't be read"]);
    let check = kend(&["check".as_ref(), office.folder().as_os_str()]);
    assert_eq!(check.status.code(), Some(2));
}

#[test]
fn a_place_that_cannot_be_written() {
    let office = Office::good();
    let taken = office.scratch().join("taken");
    fs::write(&taken, "mine").unwrap();
    for out in [taken.clone(), taken.join("below")] {
        let output = office.build(&out);
        let said = told(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("kend: ") && said.contains("taken") && said.lines().count() == 1, "{said}");
        assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
    }
    // The project itself has files of the names of a result.
    let before = files(&office.folder());
    let output = office.build(&office.folder());
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output.stderr).contains("is a project folder: the result needs a folder of its own"));
    assert!(files(&office.folder()) == before);
}

#[test]
fn a_disk_that_is_full() {
    let office = Office::good();
    let disk = office.scratch().join("disk");
    fs::create_dir(&disk).unwrap();
    let mount = |size: &str| {
        let size = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&disk).output();
        mounted.is_ok_and(|output| output.status.success())
    };
    for size in ["8k", "24k", "48k"] {
        if !mount(size) {
            println!("skipped: a small disk can only be made by root, where mounting is allowed");
            return;
        }
        let _unmount = Mounted(&disk);
        let out = disk.join("out");
        let output = office.build(&out);
        let said = told(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{size}: {said}");
        assert!(said.starts_with("kend: can't write ") && said.lines().count() == 1, "{size}: {said}");
        assert!(result_files(&out).is_empty(), "{size}: {:?}", result_files(&out).keys());
    }
}

struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).output();
    }
}

#[test]
fn a_folder_that_holds_another_build() {
    let office = Office::good();
    let other = Office::good();
    other.write("statistics/physicians.csv", "zone,2018\nAZ-NW,44\nAZ-NE,33\nAZ-SW,22\nAZ-SE,11\n");
    // Its own files are not Kend's to touch; those of the build before are replaced as a whole.
    fs::write(office.out().join("notes.txt"), "mine").unwrap();
    let fresh = other.scratch().join("fresh");
    assert!(other.build(&fresh).status.success());
    assert!(other.build(&office.out()).status.success());
    assert_eq!(office.result("notes.txt"), "mine");
    fs::remove_file(office.out().join("notes.txt")).unwrap();
    let below = |out: &Path| {
        let names = files(out).into_iter();
        names.map(|(path, bytes)| (path.strip_prefix(out).unwrap().to_owned(), bytes)).collect::<Vec<_>>()
    };
    assert!(below(&fresh) == below(&office.out()));
}
