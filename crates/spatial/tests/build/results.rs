//! Maps, layers and tables of a result, read back as other programs read them.

use std::{fs, fs::File, path::Path};

use gdal::{
    Dataset, Metadata as _,
    vector::{Geometry, LayerAccess as _, ToGdal as _},
};
use kend_domain::{Dimension, ReadinessClass};
use kend_spatial::{Country, RayonSummary};
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Row,
};

use crate::{
    country::{CELL_M, Case, SIDE, files},
    scores::quadratic,
};

const TABLES: [&str; 5] = ["indicators", "values", "rayons", "clusters", "gaps"];

fn with_stability() -> Case {
    let case = quadratic();
    let toml = case.read("index.toml").replace("draws = 20\n", "draws = 20\nstability = true\n");
    let pack = "[pack]\nattribution = [\"Made by the test\", \"and nobody else\"]\n";
    case.write("index.toml", &format!("synthetic = true\n{toml}\n{pack}"));
    case
}

#[track_caller]
fn map(out: &Path, file: &str) -> Dataset {
    Dataset::open(out.join("maps").join(format!("{file}.tif"))).unwrap()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn maps_hold_the_cells_of_the_country_where_they_lie() {
    let case = with_stability();
    let country = case.built();
    let out = case.out();
    assert_eq!(country.cells(), SIDE * SIDE, "all cells are land, so maps are columns");
    let dimensions = Dimension::ALL.iter().zip(&country.scored.dimensions).map(|(of, values)| (of.word(), values));
    for (file, values) in [("index", &country.scored.index)].into_iter().chain(dimensions) {
        let map = map(&out, file);
        let found = map.rasterband(1).unwrap().read_band_as::<f32>().unwrap();
        assert_eq!(bits(found.data()), bits(values), "{file}");
        let place = map.geo_transform().unwrap();
        assert_eq!(place, [country.grid.west_m(), CELL_M, 0.0, country.grid.north_m(), 0.0, -CELL_M]);
        assert!(map.projection().contains("Lambert_Azimuthal_Equal_Area"), "{}", map.projection());
        assert_eq!(map.metadata_item("method_version", "").as_ref(), Some(&country.manifest.method_version));
        assert_eq!(map.metadata_item("profile", "").as_ref(), Some(&country.manifest.profile));
        assert_eq!(map.metadata_item("attribution", "").as_deref(), Some("Made by the test\nand nobody else"));
        assert!(map.metadata_item("SYNTHETIC", "").is_some());
    }
    let classes = map(&out, "class").rasterband(1).unwrap().read_band_as::<u8>().unwrap();
    assert_eq!(classes.data(), country.scored.class.iter().map(|class| class + 1).collect::<Vec<_>>());
    assert!(map(&out, "class").rasterband(1).unwrap().color_table().is_some());
    let shares = map(&out, "stability").rasterband(1).unwrap().read_band_as::<f32>().unwrap();
    let kept: Vec<f32> = country.class_frequency.iter().map(|kept| f32::from(*kept) / 100.0).collect();
    assert_eq!(bits(shares.data()), bits(&kept));
}

#[test]
fn cells_without_an_index_have_none_on_maps_and_zones_left_out_stay_in_their_layer() {
    let case = quadratic();
    case.write("index.toml", &case.read("index.toml").replace("rayons = []", "rayons = [\"AZ-NE\"]"));
    case.built();
    let out = case.out();
    let out_of = |row: usize, column: usize| row < SIDE / 2 && column >= SIDE / 2;
    let index = map(&out, "index").rasterband(1).unwrap().read_band_as::<f32>().unwrap();
    let classes = map(&out, "class").rasterband(1).unwrap().read_band_as::<u8>().unwrap();
    for (at, (index, class)) in index.data().iter().zip(classes.data()).enumerate() {
        let out = out_of(at / SIDE, at % SIDE);
        assert_eq!((index.is_nan(), *class == 0), (out, out), "{at}");
    }
    assert_eq!(rows(&out, "rayons").len(), 3);
    let layers = Dataset::open(out.join("index.gpkg")).unwrap();
    let mut zones = layers.layer_by_name("rayons").unwrap();
    let told = |name: &str, feature: &gdal::vector::Feature<'_>| {
        feature.field_as_string(feature.field_index(name).unwrap()).unwrap()
    };
    let excluded: Vec<_> = zones.features().map(|zone| (told("code", &zone), told("excluded", &zone))).collect();
    assert_eq!(excluded.len(), 4);
    for (code, excluded) in excluded {
        assert_eq!(excluded.as_deref(), Some(if code.as_deref() == Some("AZ-NE") { "1" } else { "0" }));
    }
}

#[test]
fn layers_hold_every_cluster_and_zone_with_its_attributes() {
    let case = with_stability();
    let country = case.built();
    let layers = Dataset::open(case.out().join("index.gpkg")).unwrap();
    assert_eq!(layers.layers().map(|layer| layer.name()).collect::<Vec<_>>(), ["clusters", "rayons"]);
    assert!(layers.metadata_item("SYNTHETIC", "").is_some());
    let mut found = layers.layer_by_name("clusters").unwrap();
    let all: Vec<_> = country.clusters.values().flatten().collect();
    assert!(all.iter().any(|cluster| cluster.class == ReadinessClass::Amplify));
    assert_eq!(usize::try_from(found.feature_count()).unwrap(), all.len());
    for (feature, cluster) in found.features().zip(all) {
        let number = |name: &str| feature.field_as_double(feature.field_index(name).unwrap()).unwrap();
        let text = |name: &str| feature.field_as_string(feature.field_index(name).unwrap()).unwrap();
        assert_eq!(text("class").as_deref(), Some(cluster.class.word()));
        assert_eq!(number("population"), Some(cluster.population));
        let gap = country.gaps.clusters[&cluster.class][&cluster.id].get(&Dimension::Governance).copied();
        assert_eq!(number("gap_governance"), gap);
        let area: &Geometry = feature.geometry().unwrap();
        assert!(area.is_valid());
        assert!((area.area() / 1e6 - cluster.area_km2).abs() < 1e-9, "exactly its cells");
        let (x_m, y_m) =
            country.grid.centre(country.grid.cell(country.land[cluster.cells[0] as usize] as usize).unwrap());
        assert!(area.contains(&geo::Point::new(x_m, y_m).to_gdal().unwrap()), "where its cells lie");
    }
    let mut found = layers.layer_by_name("rayons").unwrap();
    for (feature, (zone, outline)) in found.features().zip(country.zones.iter().zip(&country.outlines)) {
        assert!(*feature.geometry().unwrap() == outline.to_gdal().unwrap());
        let number = |name: &str| feature.field_as_double(feature.field_index(name).unwrap()).unwrap();
        let summary: &RayonSummary = country.rayons.iter().find(|summary| summary.code == zone.code).unwrap();
        assert_eq!(number("index"), summary.index);
        assert_eq!(number("index_of_values"), summary.index_of_values);
        assert_eq!(number("share_amplify"), Some(summary.class_shares[4]));
        for (row, value) in &zone.values {
            assert_eq!(number(&format!("row{row}_value")), value.value);
            assert_eq!(number(&format!("row{row}_score")), zone.scores.get(row).copied());
        }
        let status = feature.field_as_string(feature.field_index("row1_status").unwrap()).unwrap();
        assert_eq!(status.as_deref(), Some("observed"));
    }
}

#[track_caller]
fn rows(out: &Path, table: &str) -> Vec<Row> {
    let file = File::open(out.join(format!("{table}.parquet"))).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// The rows of a table as text, missing values empty.
fn text(out: &Path, table: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(out.join(format!("{table}.csv"))).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect()).collect()
}

#[test]
fn each_table_is_the_same_as_text_and_as_parquet() {
    let case = with_stability();
    case.built();
    let out = case.out();
    for table in TABLES {
        let (found, expected) = (rows(&out, table), text(&out, table));
        assert!(!found.is_empty() && found.len() == expected.len(), "{table}");
        for (found, expected) in found.iter().zip(expected) {
            let columns = found.get_column_iter().count();
            // Text says in a column of its own that data are invented.
            assert_eq!((expected.len(), expected.last().unwrap().as_str()), (columns + 1, "yes"));
            for ((name, value), expected) in found.get_column_iter().zip(expected) {
                let value = match value {
                    parquet::record::Field::Null => String::new(),
                    parquet::record::Field::Str(text) => text.clone(),
                    parquet::record::Field::Double(number) => number.to_string(),
                    other => other.to_string(),
                };
                assert_eq!(value, expected, "{table}, {name}");
            }
        }
    }
}

#[test]
fn the_manifest_lists_every_file_and_what_is_no_longer_made_is_removed() {
    let case = with_stability();
    let first = case.built();
    let out = case.out();
    let listed = || {
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
        manifest["outputs"].as_object().unwrap().clone()
    };
    let there = || {
        let all = files(&out).into_iter().map(|(path, _)| path.strip_prefix(&out).unwrap().to_owned());
        let own = all.filter(|path| !path.starts_with(".work") && path != Path::new("manifest.json"));
        own.map(|path| path.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(there().len(), 2 * TABLES.len() + ["index", "class", "stability"].len() + 5 + 2);
    for (file, hash) in listed() {
        assert_eq!(hash, blake3::hash(&fs::read(out.join(&file)).unwrap()).to_hex().to_string(), "{file}");
    }
    assert_eq!(listed().keys().cloned().collect::<std::collections::BTreeSet<_>>(), there().into_iter().collect());

    let before = files(&out);
    let again: Country = case.built();
    assert_eq!(format!("{first:?}"), format!("{again:?}"));
    assert!(files(&out) == before, "the same bytes");

    fs::write(out.join("maps/own.tif"), "of the office").unwrap();
    fs::write(out.join("maps/.index.tif.1.part"), "half").unwrap();
    case.write("index.toml", &case.read("index.toml").replace("stability = true\n", ""));
    case.built();
    assert!(!out.join("maps/stability.tif").exists());
    assert!(!out.join("maps/.index.tif.1.part").exists());
    assert!(out.join("maps/own.tif").exists(), "what is not of the result stays");
}
