use std::{collections::BTreeMap, io::Write as _};

use ::parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::RowAccessor as _,
};
use gdal::{
    Dataset, Metadata as _,
    spatial_ref::SpatialRef,
    vector::{LayerAccess as _, ToGdal as _},
    vsi::create_mem_file,
};
use kend_cells::{Grid, Surface, outlines};
use kend_domain::ReadinessClass;

use super::{memory::MemoryFile, *};
use crate::project::GridSettings;

fn settings() -> GridSettings {
    GridSettings { centre_longitude: 47.5, centre_latitude: 40.2, cell_m: 100.0 }
}

fn labels(synthetic: bool) -> Labels {
    let more = BTreeMap::from([("profile".to_owned(), "recommended".to_owned())]);
    Labels { method_version: "2024-01".to_owned(), synthetic, more }
}

/// 600 by 700 cells: more than a block, so that there are overviews.
fn surface() -> Surface<f32> {
    let grid = Grid::new(-30_000.0, 35_000.0, 100.0, 600, 700).unwrap();
    let value = |index: usize| {
        if index.is_multiple_of(7) { f32::NAN } else { f32::from(u16::try_from(index % 1000).unwrap()) / 10.0 }
    };
    Surface::new(grid, (0..grid.cells()).map(value).collect()).unwrap()
}

fn of_surface(surface: &Surface<f32>, labels: &Labels) -> Result<Vec<u8>, ResultError> {
    raster(surface.grid(), surface.values().iter().copied(), &settings(), labels)
}

/// Opens bytes as a file in memory.
fn opened(bytes: &[u8], ending: &str) -> (Dataset, MemoryFile) {
    let file = MemoryFile::new(ending);
    create_mem_file(file.path(), bytes.to_vec()).unwrap();
    (Dataset::open(file.path()).unwrap(), file)
}

/// Whether a file lies in the plane of the project: a place in degrees comes to where Kend has it.
#[track_caller]
fn lies_in_the_plane(system: &SpatialRef) {
    use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
    let [mut degrees, mut plane] = [SpatialRef::from_epsg(4326).unwrap(), system.clone()];
    for system in [&mut degrees, &mut plane] {
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    }
    let (mut x, mut y) = ([49.0], [40.9]);
    CoordTransform::new(&degrees, &plane).unwrap().transform_coords(&mut x, &mut y, &mut []).unwrap();
    let (x_m, y_m) = kend_cells::EqualArea::default().to_plane(49.0, 40.9);
    assert!((x[0] - x_m).abs() < 1e-3 && (y[0] - y_m).abs() < 1e-3, "{x:?} {y:?} {x_m} {y_m}");
}

#[test]
fn a_raster_comes_back_bit_by_bit_with_its_place_and_labels() {
    let surface = surface();
    let bytes = of_surface(&surface, &labels(true)).unwrap();
    assert_eq!(bytes, of_surface(&surface, &labels(true)).unwrap(), "the same bytes each time");
    let (dataset, _file) = opened(&bytes, "tif");
    assert_eq!(dataset.metadata_item("LAYOUT", "IMAGE_STRUCTURE").as_deref(), Some("COG"));
    assert_eq!(dataset.metadata_item("method_version", "").as_deref(), Some("2024-01"));
    assert!(dataset.metadata_item("SYNTHETIC", "").is_some());
    assert_eq!(
        dataset.geo_transform().unwrap().map(f64::to_bits),
        [-30_000.0, 100.0, 0.0, 35_000.0, 0.0, -100.0].map(f64::to_bits)
    );
    lies_in_the_plane(&dataset.spatial_ref().unwrap());
    let band = dataset.rasterband(1).unwrap();
    assert!(band.no_data_value().unwrap().is_nan());
    assert!(band.overview_count().unwrap() >= 1);
    let values = band.read_band_as::<f32>().unwrap();
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(values.data()), bits(surface.values()));
    let (dataset, _file) = opened(&of_surface(&surface, &labels(false)).unwrap(), "tif");
    assert!(dataset.metadata_item("SYNTHETIC", "").is_none());
}

#[test]
fn classes_have_their_numbers_words_and_colours() {
    let grid = Grid::new(0.0, 200.0, 100.0, 3, 2).unwrap();
    let classes = || ReadinessClass::ALL.iter().copied().map(Some).chain([None]);
    let bytes = class_raster(&grid, classes(), &settings(), &labels(false)).unwrap();
    let (dataset, _file) = opened(&bytes, "tif");
    let band = dataset.rasterband(1).unwrap();
    assert_eq!(band.read_band_as::<u8>().unwrap().data(), [1, 2, 3, 4, 5, 0]);
    assert_eq!(band.no_data_value(), Some(0.0));
    let colours = band.color_table().unwrap();
    let amplify = colours.entry_as_rgb(5).unwrap();
    assert_eq!((amplify.r, amplify.g, amplify.b, amplify.a), (0x0B, 0x3C, 0x6F, 255));
    assert_eq!(colours.entry_as_rgb(0).unwrap().a, 0);
    assert_eq!(dataset.metadata_item("CLASS_1", "").as_deref(), Some("activate"));
    assert_eq!(CLASS_COLOURS.map(|(class, _)| class).as_slice(), ReadinessClass::ALL);
    for (wrong, found) in [(classes().skip(1).collect::<Vec<_>>(), 5), (classes().chain([None]).collect(), 7)] {
        let refused = class_raster(&grid, wrong, &settings(), &labels(false)).unwrap_err();
        assert!(matches!(refused, ResultError::Cells { found: other, expected: 6 } if other == found), "{refused}");
    }
}

#[test]
fn colours_are_those_of_the_screens() {
    let tokens = include_str!("../../../../ui/src/lib/look/tokens.css");
    for (class, [red, green, blue]) in CLASS_COLOURS {
        let token = format!("--class-{}: #{red:02x}{green:02x}{blue:02x};", class.word().replace('_', "-"));
        assert!(tokens.contains(&token), "{token}");
    }
}

fn table() -> Table {
    let column = |name: &str, values| Column { name: name.to_owned(), values };
    let columns = vec![
        column("name", Values::Text(vec![Some("Şəki, \"köhnə\"".to_owned()), None])),
        column("cells", Values::Whole(vec![Some(12_345_678_901), None])),
        column("index", Values::Number(vec![Some(0.1 + 0.2), Some(f64::NAN)])),
    ];
    Table { name: "clusters".to_owned(), columns }
}

#[test]
fn a_table_is_text_that_gives_its_numbers_back() {
    let text = String::from_utf8(csv(&table(), &labels(false)).unwrap()).unwrap();
    assert_eq!(text, "name,cells,index\n\"Şəki, \"\"köhnə\"\"\",12345678901,0.30000000000000004\n,,\n");
    let marked = String::from_utf8(csv(&table(), &labels(true)).unwrap()).unwrap();
    assert!(marked.starts_with("name,cells,index,SYNTHETIC\n") && marked.ends_with(",,,yes\n"), "{marked}");
}

#[test]
fn a_table_comes_back_from_parquet_with_its_labels() {
    let bytes = parquet(&table(), &labels(true)).unwrap();
    assert_eq!(bytes, parquet(&table(), &labels(true)).unwrap(), "the same bytes each time");
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    assert!(metadata.iter().any(|pair| pair.key == "SYNTHETIC"));
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].get_string(0).unwrap(), "Şəki, \"köhnə\"");
    assert_eq!(rows[0].get_long(1).unwrap(), 12_345_678_901);
    assert_eq!(rows[0].get_double(2).unwrap().to_bits(), (0.1_f64 + 0.2).to_bits());
    assert_eq!(rows[1].to_string(), "{name: null, cells: null, index: null}");
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let mut short = table();
    short.columns[1].values = Values::Whole(vec![None]);
    assert_eq!(
        csv(&short, &labels(false)).unwrap_err().to_string(),
        "table clusters: column cells has 1 values, the first has 2"
    );
    let mut twice = table();
    twice.columns[1].name = "NAME".to_owned();
    assert!(matches!(csv(&twice, &labels(false)), Err(ResultError::Twice { .. })));
    let mut unnamed = table();
    unnamed.columns[0].name = " ".to_owned();
    assert!(matches!(csv(&unnamed, &labels(false)), Err(ResultError::NoName { .. })));
    let layer = AreaLayer { table: table(), areas: Vec::new() };
    assert!(matches!(geopackage(&[layer], &settings(), &labels(false)), Err(ResultError::Length { .. })));
}

#[test]
fn areas_come_back_with_their_attributes() {
    let grid = Grid::new(-200.0, 200.0, 100.0, 4, 4).unwrap();
    let clusters = Surface::new(grid, vec![1, 1, 0, 0, 1, 0, 0, 2, 1, 1, 0, 2, 0, 0, 1, 2]).unwrap();
    let areas: Vec<_> = outlines(&clusters).into_values().collect();
    let layers = [
        AreaLayer { table: table(), areas: areas.clone() },
        AreaLayer { table: Table { name: "gaps".to_owned(), ..table() }, areas: areas.clone() },
    ];
    let bytes = geopackage(&layers, &settings(), &labels(true)).unwrap();
    assert_eq!(bytes, geopackage(&layers, &settings(), &labels(true)).unwrap(), "the same bytes each time");
    let (dataset, _file) = opened(&bytes, "gpkg");
    assert_eq!(dataset.metadata_item("method_version", "").as_deref(), Some("2024-01"));
    assert!(dataset.metadata_item("SYNTHETIC", "").is_some());
    assert_eq!(dataset.layers().map(|layer| layer.name()).collect::<Vec<_>>(), ["clusters", "gaps"]);
    let mut layer = dataset.layer(0).unwrap();
    lies_in_the_plane(&layer.spatial_ref().unwrap());
    let found: Vec<_> = layer
        .features()
        .map(|feature| {
            let geometry = feature.geometry_by_index(0).unwrap();
            let values: Vec<Option<String>> = (0..3).map(|index| feature.field_as_string(index).unwrap()).collect();
            (geometry.clone(), values)
        })
        .collect();
    for ((geometry, _), area) in found.iter().zip(&areas) {
        assert!(*geometry == area.to_gdal().unwrap());
        assert!(geometry.is_valid());
    }
    assert_eq!(found[0].1[0].as_deref(), Some("Şəki, \"köhnə\""));
    assert_eq!(found[0].1[1].as_deref(), Some("12345678901"));
    assert_eq!(found[1].1, [None, None, None]);
}
