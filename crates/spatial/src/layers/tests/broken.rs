use std::fs;

use gdal::{DriverManager, vector::LayerAccess as _};
use geo::Area as _;
use proptest::prelude::*;

use super::make::{Folder, Rows, add_layer, grid, plane, rasters, said, vectors};
use crate::layers::{VECTORS, read_raster_mean, read_vectors};

const FILES: [(&str, &str); 4] =
    [("GPKG", "a.gpkg"), ("GeoJSON", "a.geojson"), ("FlatGeobuf", "a.fgb"), ("ESRI Shapefile", "a.shp")];

fn result(folder: &Folder, file: &str, more: &str) -> Result<usize, String> {
    let declared = vectors(&format!("file = \"{file}\"\nindicator = 18\n{more}"));
    read_vectors(folder.path(), &declared, &plane()).map(|found| found.features.len()).map_err(|error| said(&error))
}

/// A folder with a layer of sixty squares.
fn squares(driver: &str, file: &str) -> Folder {
    let folder = Folder::new();
    let square = |number: u32| {
        let (west, south) = (45.0 + f64::from(number % 10) * 0.2, 39.0 + f64::from(number / 10) * 0.2);
        format!("POLYGON (({west} {south}, {0} {south}, {0} {1}, {west} {1}, {west} {south}))", west + 0.1, south + 0.1)
    };
    let texts: Vec<String> = (0..60).map(square).collect();
    let rows: Vec<(&str, &[&str])> = texts.iter().map(|text| (text.as_str(), &["Şəki"][..])).collect();
    folder.layer(driver, file, Some(4326), &["ad"], &rows);
    folder
}

#[test]
fn a_file_that_breaks_off_is_refused_wherever_it_does() {
    for (driver, file) in FILES {
        let folder = squares(driver, file);
        assert_eq!(result(&folder, file, ""), Ok(60), "{file}");
        let whole = fs::read(folder.vectors(file)).unwrap();
        for parts in [1, 4, 9, 15] {
            fs::write(folder.vectors(file), &whole[..whole.len() * parts / 16]).unwrap();
            let error = result(&folder, file, "").unwrap_err();
            assert!(
                error.starts_with(&format!("vectors/{file}")) && error.contains("broken"),
                "{file} {parts}: {error}"
            );
        }
        fs::write(folder.vectors(file), []).unwrap();
        assert!(result(&folder, file, "").is_err(), "{file}");
    }
}

#[test]
fn a_shapefile_without_its_index_or_table_is_refused() {
    for missing in ["a.shx", "a.dbf"] {
        let folder = squares("ESRI Shapefile", "a.shp");
        fs::remove_file(folder.vectors(missing)).unwrap();
        let error = result(&folder, "a.shp", "where = { ad = [\"*\"] }").unwrap_err();
        assert!(error.starts_with("vectors/a.shp"), "{missing}: {error}");
    }
    let folder = squares("ESRI Shapefile", "a.shp");
    fs::remove_file(folder.vectors("a.prj")).unwrap();
    assert!(result(&folder, "a.shp", "").unwrap_err().contains("says no reference system"));
}

#[test]
fn letters_of_a_shapefile_are_those_that_it_or_the_declaration_says() {
    let folder = Folder::new();
    let driver = DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
    let mut dataset = driver.create_vector_only(folder.vectors("a.shp")).unwrap();
    let rows: Rows<'_> = &[("POLYGON ((47 40, 47.1 40, 47.1 40.1, 47 40))", &["Şuşa, Göyçay ığİ"])];
    let options = gdal::vector::LayerOptions {
        name: "a",
        srs: Some(&super::make::system(4326)),
        options: Some(&["ENCODING=CP1254"]),
        ..Default::default()
    };
    let layer = dataset.create_layer(options).unwrap();
    super::make::fill(&layer, &["ad"], rows);
    dataset.close().unwrap();
    let name = |more: &str| {
        let declared = vectors(&format!("file = \"a.shp\"\nindicator = 18\nwhere = {{ ad = [\"*\"] }}\n{more}"));
        let found = read_vectors(folder.path(), &declared, &plane()).map_err(|error| said(&error))?;
        Ok::<_, String>(found.features[0].attributes["ad"].clone())
    };
    assert_eq!(name("").unwrap(), "Şuşa, Göyçay ığİ");
    // Old programs write neither the file beside it nor the byte for the code page.
    let _ = fs::remove_file(folder.vectors("a.cpg"));
    let mut table = fs::read(folder.vectors("a.dbf")).unwrap();
    table[29] = 0;
    fs::write(folder.vectors("a.dbf"), table).unwrap();
    let error = name("").unwrap_err();
    assert!(error.ends_with("attribute `ad` is not in the letters that the file says; declare `encoding`"), "{error}");
    assert_eq!(name("encoding = \"windows-1254\"").unwrap(), "Şuşa, Göyçay ığİ");
    assert_eq!(name("encoding = \"latin-1\"").unwrap(), "Þuþa, Göyçay ýðÝ");
}

#[test]
fn reading_changes_nothing_in_the_folder() {
    for (driver, file) in FILES {
        let folder = squares(driver, file);
        let listing = || {
            let entries = fs::read_dir(folder.path().join(VECTORS)).unwrap().map(Result::unwrap);
            let mut found: Vec<_> = entries
                .map(|entry| {
                    (entry.file_name(), fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap())
                })
                .collect();
            found.sort();
            found
        };
        let before = listing();
        result(&folder, file, "").unwrap();
        assert_eq!(listing(), before, "{file}");
    }
}

#[test]
fn what_is_no_file_or_of_another_format_is_refused() {
    let folder = Folder::new();
    fs::create_dir(folder.vectors("a.gpkg")).unwrap();
    assert_eq!(result(&folder, "a.gpkg", "").unwrap_err(), "vectors/a.gpkg: is no file");
    // A program that fetches other files is no map: GDAL would follow it, were it asked with all its drivers.
    let other = "<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>";
    fs::write(folder.vectors("a.vrt"), other).unwrap();
    assert!(result(&folder, "a.vrt", "").unwrap_err().contains("of none of the formats GPKG, ESRI Shapefile"));
    fs::write(folder.rasters("a.vrt"), "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"></VRTDataset>").unwrap();
    let declared = rasters("file = \"a.vrt\"\nindicator = 33");
    let error = said(&read_raster_mean(folder.path(), &declared, grid(), &plane()).unwrap_err());
    assert!(error.contains("of none of the formats GTiff, netCDF"), "{error}");
}

/// Beginnings by which drivers know their files.
const BEGINNINGS: [(&str, &[u8]); 8] = [
    ("a.gpkg", b"SQLite format 3\0"),
    ("a.shp", &[0, 0, 0x27, 0x0A]),
    ("a.geojson", b"{\"type\":\"FeatureCollection\",\"features\":["),
    ("a.fgb", b"fgb\x03fgb\x00"),
    ("a.osm", b"<?xml version='1.0'?><osm version=\"0.6\">"),
    ("a.osm.pbf", b"\0\0\0\x0D\x0A\x09OSMHeader\x18\x10"),
    ("a.tif", b"II*\0\x08\0\0\0"),
    ("a.nc", b"CDF\x01\0\0\0\0"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_bytes_are_an_error_and_no_crash(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for (file, beginning) in BEGINNINGS {
            let folder = Folder::new();
            let bytes = [beginning, &bytes].concat();
            fs::write(folder.vectors(file), &bytes).unwrap();
            prop_assert!(result(&folder, file, "").is_err(), "{}", file);
            fs::write(folder.rasters(file), &bytes).unwrap();
            let declared = rasters(&format!("file = \"{file}\"\nindicator = 33"));
            prop_assert!(read_raster_mean(folder.path(), &declared, grid(), &plane()).is_err(), "{}", file);
        }
    }

    #[test]
    fn any_simple_polygon_comes_through_every_format_as_it_is(
        radii in prop::collection::vec(0.01_f64..0.2, 3..40), east in 45.0_f64..50.0, north in 38.7_f64..41.5,
    ) {
        // Corners at equal angles about a middle never cross.
        let count = f64::from(u32::try_from(radii.len()).unwrap());
        let corner = |(number, radius): (u32, &f64)| {
            let angle = f64::from(number) / count * std::f64::consts::TAU;
            (east + radius * angle.cos(), north + radius * angle.sin())
        };
        let mut corners: Vec<(f64, f64)> = (0..).zip(&radii).map(corner).collect();
        corners.push(corners[0]);
        let texts: Vec<String> = corners.iter().map(|(x, y)| format!("{x:.17} {y:.17}")).collect();
        let text = format!("POLYGON (({}))", texts.join(", "));
        let in_plane = corners.iter().map(|(x, y)| plane().to_plane(*x, *y)).collect::<Vec<_>>();
        let expected = geo::Polygon::new(geo::LineString::from(in_plane), Vec::new()).unsigned_area();
        for (driver, file) in FILES {
            let folder = Folder::new();
            folder.layer(driver, file, Some(4326), &[], &[(&text, &[])]);
            let declared = vectors(&format!("file = \"{file}\"\nindicator = 18"));
            let found = read_vectors(folder.path(), &declared, &plane()).unwrap();
            let geo::Geometry::MultiPolygon(areas) = &found.features[0].geometry else { panic!("areas") };
            prop_assert_eq!(areas.0[0].exterior().0.len(), corners.len(), "{}", file);
            // A shapefile has all its digits, GeoJSON fifteen.
            prop_assert!((areas.unsigned_area() / expected - 1.0).abs() < 1e-9, "{}", file);
        }
    }

    #[test]
    fn a_file_with_some_bytes_changed_gives_features_or_an_error(
        file in 0..FILES.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let (driver, file) = FILES[file];
        let folder = squares(driver, file);
        let mut bytes = fs::read(folder.vectors(file)).unwrap();
        for (place, byte) in changes {
            let length = bytes.len();
            bytes[place.index(length)] = byte;
        }
        fs::write(folder.vectors(file), bytes).unwrap();
        // Either is right; what is not is to end the process.
        let _ = result(&folder, file, "invalid = \"repair\"");
    }
}

#[test]
fn layers_without_features_are_refused() {
    let folder = Folder::new();
    let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut dataset = driver.create_vector_only(folder.vectors("a.gpkg")).unwrap();
    add_layer(&mut dataset, "places", Some(4326), &[], &[]);
    assert_eq!(dataset.layer(0).unwrap().feature_count(), 0);
    dataset.close().unwrap();
    assert_eq!(
        result(&folder, "a.gpkg", "").unwrap_err(),
        "vectors/a.gpkg, layer places: 0 features, of which none is used"
    );
}
