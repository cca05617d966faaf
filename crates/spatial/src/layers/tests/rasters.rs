use gdal::{
    DriverManager,
    raster::{Buffer, GdalType, RasterCreationOptions},
};
use kend_cells::{Grid, LandCover, Surface};

use super::make::{Folder, Tiff, grid, plane, rasters, said};
use crate::{
    LandCoverLegend,
    layers::{read_raster_mean, read_raster_shares, read_raster_sum},
};

/// A raster in degrees about the centre: ten by ten cells, reaching over the grid.
fn degrees(nodata: Option<f64>) -> Tiff {
    Tiff { size: (10, 10), affine: [47.45, 0.01, 0.0, 40.25, 0.0, -0.01], epsg: Some(4326), nodata }
}

#[track_caller]
fn near(surface: &Surface<f32>, expected: f32) {
    assert!(surface.values().iter().all(|value| (value - expected).abs() < 1e-4), "{:?}", surface.values());
}

fn mean(folder: &Folder, keys: &str, grid: Grid) -> Result<Surface<f32>, String> {
    let declared = rasters(&format!("indicator = 33\n{keys}"));
    read_raster_mean(folder.path(), &declared, grid, &plane()).map_err(|error| said(&error))
}

#[test]
fn the_mean_of_a_raster_is_its_value_where_it_has_one() {
    let folder = Folder::new();
    folder.tiff("a.tif", &degrees(Some(-9999.0)), &[&[1.0_f32; 100], &[5.0_f32; 100]]);
    near(&mean(&folder, "file = \"a.tif\"\nband = 2\nfactor = 0.5", grid()).unwrap(), 2.5);
    let cases = [
        ("band = 3", "rasters/a.tif: there is no band 3, only 2"),
        ("nodata = 0", "rasters/a.tif: the file says that -9999 is no value, `nodata` says 0"),
        (
            "crs = \"EPSG:3857\"",
            "rasters/a.tif: the file says that it is in EPSG:4326 (WGS 84), `crs` says EPSG:3857 (WGS 84 / Pseudo-Mercator)",
        ),
    ];
    for (key, expected) in cases {
        assert_eq!(mean(&folder, &format!("file = \"a.tif\"\n{key}"), grid()).unwrap_err(), expected);
    }
}

#[test]
fn a_raster_without_a_place_or_a_system_is_refused() {
    let folder = Folder::new();
    folder.tiff("a.tif", &Tiff { epsg: None, ..degrees(None) }, &[&[1.0_f32; 100]]);
    assert!(mean(&folder, "file = \"a.tif\"", grid()).unwrap_err().ends_with("declare it by `crs`"));
    near(&mean(&folder, "file = \"a.tif\"\ncrs = \"EPSG:4326\"", grid()).unwrap(), 1.0);
    let elsewhere = Tiff { affine: [10.0, 0.01, 0.0, 50.0, 0.0, -0.01], ..degrees(None) };
    folder.tiff("b.tif", &elsewhere, &[&[1.0_f32; 100]]);
    assert_eq!(mean(&folder, "file = \"b.tif\"", grid()).unwrap_err(), "rasters/b.tif, band 1: lies outside the zones");
    let flat = Tiff { affine: [47.45, 0.0, 0.0, 40.25, 0.0, 0.0], ..degrees(None) };
    folder.tiff("c.tif", &flat, &[&[1.0_f32; 100]]);
    let error = mean(&folder, "file = \"c.tif\"", grid()).unwrap_err();
    assert_eq!(error, "rasters/c.tif: the file doesn't say where its cells lie");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let dataset = driver.create_with_band_type::<u8, _>(folder.rasters("d.tif"), 2, 2, 1).unwrap();
    dataset.close().unwrap();
    let error = mean(&folder, "file = \"d.tif\"\ncrs = \"EPSG:4326\"", grid()).unwrap_err();
    assert_eq!(error, "rasters/d.tif: the file doesn't say where its cells lie");
}

#[test]
fn what_is_missing_is_nobodys_and_is_taken_from_the_nearest_within_a_kilometre() {
    // The western half is missing, in each of the ways in which a file says so.
    let value = |missing: f32| -> Vec<f32> { (0..100).map(|cell| if cell % 10 < 5 { missing } else { 8.0 }).collect() };
    let lowest = -3.402_823_466_385_288_6e38_f64;
    #[expect(clippy::cast_possible_truncation, reason = "the lowest number of a file in single precision")]
    let cases = [
        (f32::NAN, None, ""),
        (-9999.0, Some(-9999.0), ""),
        (-9999.0, None, "nodata = -9999"),
        (lowest as f32, Some(-3.4028234663852886e38), ""),
    ];
    // Cells of 200 m, ten to each side of the line between what is missing and what is there.
    let fine = Grid::new(-2000.0, 100.0, 200.0, 20, 1).unwrap();
    for (missing, nodata, key) in cases {
        let folder = Folder::new();
        folder.tiff("a.tif", &degrees(nodata), &[&value(missing)]);
        let found = mean(&folder, &format!("file = \"a.tif\"\n{key}"), fine).unwrap();
        let known: Vec<bool> = found.values().iter().map(|value| !value.is_nan()).collect();
        assert_eq!(known.iter().filter(|known| !**known).count(), 5, "{missing} {nodata:?} {key}");
        assert!(found.values().iter().all(|value| value.is_nan() || (value - 8.0).abs() < 1e-6));
    }
}

#[test]
fn an_infinite_value_is_named_by_column_and_row() {
    let folder = Folder::new();
    let mut values = [1.0_f32; 100];
    values[45] = f32::INFINITY;
    folder.tiff("a.tif", &degrees(None), &[&values]);
    let error = mean(&folder, "file = \"a.tif\"", grid()).unwrap_err();
    assert_eq!(error, "rasters/a.tif, band 1: the cell in column 5, row 4 has the value inf");
}

#[test]
fn a_raster_that_is_turned_lies_where_it_says() {
    // A quarter turn: columns run south, rows run west, from the north-eastern corner on.
    let turned = Tiff { affine: [47.55, 0.0, -0.01, 40.25, -0.01, 0.0], ..degrees(None) };
    let folder = Folder::new();
    let values: Vec<f32> = (0..100_u8).map(|cell| f32::from(cell % 10)).collect();
    folder.tiff("a.tif", &turned, &[&values]);
    let found = mean(&folder, "file = \"a.tif\"", grid()).unwrap();
    let [north_west, north_east, south_west, south_east] = found.values() else { panic!("four cells") };
    // The cell of a kilometre north of the centre lies in the fifth column from the north, the southern in the sixth.
    for (found, expected) in [(north_west, 4.0), (north_east, 4.0), (south_west, 5.0), (south_east, 5.0)] {
        assert!((found - expected).abs() < 1e-3, "{found:?}");
    }
}

#[test]
fn people_are_neither_lost_nor_made() {
    let folder = Folder::new();
    let people: Vec<f32> = (0..100_u8).map(f32::from).collect();
    folder.tiff("p.tif", &degrees(None), &[&people]);
    let wide = Grid::new(-20_000.0, 20_000.0, 1000.0, 40, 40).unwrap();
    let declared = rasters("file = \"p.tif\"\nrole = \"population\"");
    let sum = read_raster_sum(folder.path(), &declared, wide, &plane()).unwrap();
    let total: f64 = sum.values().iter().copied().map(f64::from).sum();
    assert!((total - 4950.0).abs() < 0.01, "{total}");
    let mut wrong = people;
    wrong[44] = -1.0;
    folder.tiff("n.tif", &degrees(None), &[&wrong]);
    let declared = rasters("file = \"n.tif\"\nrole = \"population\"");
    let error = said(&read_raster_sum(folder.path(), &declared, wide, &plane()).unwrap_err());
    assert_eq!(error, "rasters/n.tif, band 1: the cell in column 4, row 4 has the value -1");
}

#[test]
fn land_cover_is_what_most_of_a_cell_is() {
    let folder = Folder::new();
    // West of the centre cropland of category 30, east of it water; a category in the south that no legend has.
    let category = |index: u8| match (index / 10, index % 10) {
        (9, _) => 99,
        (_, 0..5) => 30,
        _ => 210,
    };
    let categories: Vec<u8> = (0..100).map(category).collect();
    folder.tiff("c.tif", &degrees(Some(0.0)), &[&categories]);
    let declared = rasters("file = \"c.tif\"\nrole = \"land_cover\"");
    let legend = LandCoverLegend::default();
    let cover = read_raster_shares(folder.path(), &declared, &legend, grid(), &plane()).unwrap();
    let (low, water) = (Some(LandCover::LowVegetation), Some(LandCover::Barrier));
    assert_eq!(cover.cover.values(), [low, water, low, water]);
    assert!(cover.cropland.values().iter().zip([0.5, 0.0, 0.5, 0.0]).all(|(one, other)| (one - other).abs() < 1e-3));
    assert!(cover.unknown.is_empty(), "it lies outside the grid");
    // More rows than are summed at once, and the unknown category in them.
    let high = Grid::new(-100.0, 5000.0, 20.0, 10, 600).unwrap();
    let cover = read_raster_shares(folder.path(), &declared, &legend, high, &plane()).unwrap();
    assert_eq!(cover.unknown, [99].into());
    // It begins at 40.16 degrees, 4442 m south of the centre: in row 472.
    assert_eq!(cover.cover.values().iter().filter(|cover| cover.is_none()).count() / 10, 600 - 473);
    folder.tiff("f.tif", &degrees(None), &[&[10.5_f32; 100]]);
    let declared = rasters("file = \"f.tif\"\nrole = \"land_cover\"");
    let error = said(&read_raster_shares(folder.path(), &declared, &legend, grid(), &plane()).unwrap_err());
    assert!(error.ends_with("has the value 10.5"), "{error}");
}

/// A `GeoTIFF` of which nothing is written.
fn sparse<T: GdalType + Copy>(folder: &Folder, side: usize, options: &[&str]) {
    let options = RasterCreationOptions::from_iter([&["SPARSE_OK=TRUE", "BIGTIFF=YES"], options].concat());
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let path = folder.rasters("a.tif");
    let mut dataset = driver.create_with_band_type_with_options::<T, _>(&path, side, side, 1, &options).unwrap();
    let step = 10.0 / 250_000.0;
    dataset.set_geo_transform(&[42.5, step, 0.0, 45.2, 0.0, -step]).unwrap();
    dataset.set_spatial_ref(&super::make::system(4326)).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    let mut buffer = Buffer::new((512, 512), vec![7.0_f64; 512 * 512]);
    band.write((125_000 - 256, 125_000 - 256), (512, 512), &mut buffer).unwrap();
    dataset.close().unwrap();
}

#[test]
fn of_a_raster_of_many_gigabytes_only_the_part_over_the_grid_is_read() {
    let folder = Folder::new();
    // 62.5 thousand million cells; the grid of two kilometres takes some 600 by 500 of them.
    sparse::<u8>(&folder, 250_000, &["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256"]);
    let small = Grid::new(-500.0, 500.0, 500.0, 2, 2).unwrap();
    near(&mean(&folder, "file = \"a.tif\"", small).unwrap(), 7.0);
}

#[test]
fn a_raster_whose_blocks_or_part_over_the_grid_are_too_large_is_refused() {
    let folder = Folder::new();
    let height = "BLOCKYSIZE=400";
    sparse::<u8>(&folder, 250_000, &[height]);
    let error = mean(&folder, "file = \"a.tif\"", grid()).unwrap_err();
    assert_eq!(error, "rasters/a.tif: has more than 67108864 cells in a block");
    sparse::<u8>(&folder, 250_000, &["TILED=YES"]);
    let country = Grid::new(-300_000.0, 300_000.0, 1000.0, 600, 600).unwrap();
    let error = mean(&folder, "file = \"a.tif\"", country).unwrap_err();
    assert_eq!(error, "rasters/a.tif, band 1: has more than 5000000000 cells over the grid");
}

#[test]
fn scale_and_offset_of_a_file_are_applied() {
    let folder = Folder::new();
    let driver = DriverManager::get_driver_by_name("netCDF").unwrap();
    let mut dataset = driver.create_with_band_type::<i16, _>(folder.rasters("a.nc"), 10, 10, 1).unwrap();
    dataset.set_geo_transform(&degrees(None).affine).unwrap();
    dataset.set_spatial_ref(&super::make::system(4326)).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.set_no_data_value(Some(-1.0)).unwrap();
    band.set_scale(0.1).unwrap();
    band.set_offset(20.0).unwrap();
    band.write((0, 0), (10, 10), &mut Buffer::new((10, 10), vec![50_i16; 100])).unwrap();
    dataset.close().unwrap();
    near(&mean(&folder, "file = \"a.nc\"", grid()).unwrap(), 25.0);
}

#[test]
fn cells_that_a_mask_of_the_file_hides_are_missing() {
    let folder = Folder::new();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver.create_with_band_type::<u8, _>(folder.rasters("a.tif"), 10, 10, 1).unwrap();
    dataset.set_geo_transform(&degrees(None).affine).unwrap();
    dataset.set_spatial_ref(&super::make::system(4326)).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.write((0, 0), (10, 10), &mut Buffer::new((10, 10), vec![9_u8; 100])).unwrap();
    band.create_mask_band(true).unwrap();
    let mut mask = band.open_mask_band().unwrap();
    mask.write((0, 0), (10, 10), &mut Buffer::new((10, 10), vec![0_u8; 100])).unwrap();
    dataset.close().unwrap();
    let found = mean(&folder, "file = \"a.tif\"", grid()).unwrap();
    assert!(found.values().iter().all(|value| value.is_nan()));
}

#[test]
fn a_raster_that_breaks_off_is_refused() {
    let folder = Folder::new();
    folder.tiff("a.tif", &degrees(None), &[&[1.0_f32; 100]]);
    let whole = std::fs::read(folder.rasters("a.tif")).unwrap();
    for parts in [1, 8, 15] {
        std::fs::write(folder.rasters("a.tif"), &whole[..whole.len() * parts / 16]).unwrap();
        let error = mean(&folder, "file = \"a.tif\"", grid()).unwrap_err();
        assert!(error.contains("broken"), "{parts}: {error}");
    }
}
