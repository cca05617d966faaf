use kend_cells::{LandCover, Surface};

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

#[test]
fn the_mean_of_a_raster_is_its_value_where_it_has_one() {
    let folder = Folder::new();
    folder.tiff("a.tif", &degrees(Some(-9999.0)), &[&[1.0_f32; 100], &[5.0_f32; 100]]);
    let declared = rasters("file = \"a.tif\"\nindicator = 33\nband = 2\nfactor = 0.5");
    near(&read_raster_mean(folder.path(), &declared, grid(), &plane()).unwrap(), 2.5);
    let band = rasters("file = \"a.tif\"\nindicator = 33\nband = 3");
    let error = said(&read_raster_mean(folder.path(), &band, grid(), &plane()).unwrap_err());
    assert_eq!(error, "rasters/a.tif: there is no band 3, only 2");
    let other = rasters("file = \"a.tif\"\nindicator = 33\nnodata = 0");
    let error = said(&read_raster_mean(folder.path(), &other, grid(), &plane()).unwrap_err());
    assert_eq!(error, "rasters/a.tif: the file says that -9999 is no value, `nodata` says 0");
}

#[test]
fn people_are_neither_lost_nor_made() {
    let folder = Folder::new();
    let people: Vec<f32> = (0..100_u8).map(f32::from).collect();
    folder.tiff("p.tif", &degrees(None), &[&people]);
    let wide = kend_cells::Grid::new(-20_000.0, 20_000.0, 1000.0, 40, 40).unwrap();
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
    // West of the centre cropland of category 30, east of it water.
    let categories: Vec<u8> = (0..100).map(|index| if index % 10 < 5 { 30 } else { 210 }).collect();
    folder.tiff("c.tif", &degrees(Some(0.0)), &[&categories]);
    let declared = rasters("file = \"c.tif\"\nrole = \"land_cover\"");
    let legend = LandCoverLegend::default();
    let cover = read_raster_shares(folder.path(), &declared, &legend, grid(), &plane()).unwrap();
    let (low, water) = (Some(LandCover::LowVegetation), Some(LandCover::Barrier));
    assert_eq!(cover.cover.values(), [low, water, low, water]);
    assert!(cover.cropland.values().iter().zip([0.5, 0.0, 0.5, 0.0]).all(|(one, other)| (one - other).abs() < 1e-3));
    assert!(cover.unknown.is_empty());
}
