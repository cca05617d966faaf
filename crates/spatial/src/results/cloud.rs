//! Surfaces as cloud-optimised `GeoTIFF`: with overviews, so that programs show a country at once.

use gdal::{
    Dataset, DriverManager, Metadata as _,
    raster::{
        Buffer, ColorEntry, ColorInterpretation, ColorTable, GdalType, PaletteInterpretation, RasterCreationOptions,
    },
};
use kend_cells::Grid;
use kend_domain::ReadinessClass;

use super::{
    ResultError,
    memory::{MemoryFile, failed, system},
    table::Labels,
};
use crate::project::GridSettings;

/// Red, green and blue of each class (the ramp of the report's map).
pub const CLASS_COLOURS: [(ReadinessClass, [u8; 3]); 5] = [
    (ReadinessClass::Activate, [0xF2, 0xD5, 0x44]),
    (ReadinessClass::AccelerateLow, [0xC9, 0xD9, 0x8A]),
    (ReadinessClass::AccelerateMedium, [0x6F, 0xB7, 0xC9]),
    (ReadinessClass::AccelerateHigh, [0x2F, 0x7F, 0xB8]),
    (ReadinessClass::Amplify, [0x0B, 0x3C, 0x6F]),
];
/// No class, in a raster of classes.
const NO_CLASS: u8 = 0;

/// Rows of cells that are handed over at once.
const BLOCK_ROWS: usize = 256;

/// Numbers as a cloud-optimised `GeoTIFF` in the plane of the project: 32 bits, NaN for no value, overviews by means. Labels
/// are in its metadata. `values` are those of all cells, row by row from the north: they are never all in memory but in the
/// file that is made.
pub fn raster(
    cells: &Grid,
    values: impl IntoIterator<Item = f32>,
    grid: &GridSettings,
    labels: &Labels,
) -> Result<Vec<u8>, ResultError> {
    let mut dataset = in_memory(cells, values, grid, labels)?;
    dataset.rasterband(1).and_then(|mut band| band.set_no_data_value(Some(f64::NAN))).map_err(failed)?;
    copied(&mut dataset, &["PREDICTOR=FLOATING_POINT", "OVERVIEW_RESAMPLING=AVERAGE"])
}

/// Classes as a cloud-optimised `GeoTIFF`: 1 for the lowest class to 5 for the highest, 0 for none, with the colours of the
/// classes and their words as metadata `CLASS_1` to `CLASS_5`; overviews by the most frequent. Values as in [`raster`].
pub fn class_raster(
    cells: &Grid,
    classes: impl IntoIterator<Item = Option<ReadinessClass>>,
    grid: &GridSettings,
    labels: &Labels,
) -> Result<Vec<u8>, ResultError> {
    let number = |class: Option<ReadinessClass>| {
        let place = class.and_then(|class| CLASS_COLOURS.iter().position(|(other, _)| *other == class));
        place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(NO_CLASS)
    };
    let mut dataset = in_memory(cells, classes.into_iter().map(number), grid, labels)?;
    let mut colours = ColorTable::new(PaletteInterpretation::Rgba);
    colours.set_color_entry(u16::from(NO_CLASS), &ColorEntry::rgba(0, 0, 0, 0));
    for (number, (class, [red, green, blue])) in (1_u16..).zip(CLASS_COLOURS) {
        let entry = ColorEntry::rgba(i16::from(red), i16::from(green), i16::from(blue), i16::from(u8::MAX));
        colours.set_color_entry(number, &entry);
        dataset.set_metadata_item(&format!("CLASS_{number}"), class.word(), "").map_err(failed)?;
    }
    let mut band = dataset.rasterband(1).map_err(failed)?;
    band.set_no_data_value(Some(f64::from(NO_CLASS))).map_err(failed)?;
    band.set_color_interpretation(ColorInterpretation::PaletteIndex).map_err(failed)?;
    band.set_color_table(&colours);
    copied(&mut dataset, &["OVERVIEW_RESAMPLING=MODE"])
}

/// No cell, in a raster of flags.
pub const NO_FLAGS: u8 = u8::MAX;

/// Flags as a cloud-optimised `GeoTIFF`: sums of the numbers of flags, which with their words are metadata `FLAG_1`, `FLAG_2`,
/// `FLAG_4`; [`NO_FLAGS`] where there is no cell; overviews by the most frequent. Values as in [`raster`].
pub fn flag_raster(
    cells: &Grid,
    flags: impl IntoIterator<Item = u8>,
    words: &[(u8, &str)],
    grid: &GridSettings,
    labels: &Labels,
) -> Result<Vec<u8>, ResultError> {
    let mut dataset = in_memory(cells, flags, grid, labels)?;
    for (number, word) in words {
        dataset.set_metadata_item(&format!("FLAG_{number}"), word, "").map_err(failed)?;
    }
    dataset.rasterband(1).and_then(|mut band| band.set_no_data_value(Some(f64::from(NO_FLAGS)))).map_err(failed)?;
    copied(&mut dataset, &["OVERVIEW_RESAMPLING=MODE"])
}

/// A raster that GDAL holds, to be copied into a file.
fn in_memory<N: GdalType + Copy>(
    cells: &Grid,
    values: impl IntoIterator<Item = N>,
    grid: &GridSettings,
    labels: &Labels,
) -> Result<Dataset, ResultError> {
    let system = system(grid)?;
    let size = |count: u32| usize::try_from(count).ok().filter(|_| i32::try_from(count).is_ok());
    let (Some(columns), Some(rows)) = (size(cells.columns()), size(cells.rows())) else {
        return Err(ResultError::TooLarge);
    };
    let driver = DriverManager::get_driver_by_name("MEM").map_err(failed)?;
    let mut dataset = driver.create_with_band_type::<N, _>("", columns, rows, 1).map_err(failed)?;
    let place = [cells.west_m(), cells.cell_m(), 0.0, cells.north_m(), 0.0, -cells.cell_m()];
    dataset.set_geo_transform(&place).map_err(failed)?;
    dataset.set_spatial_ref(&system).map_err(failed)?;
    for (key, value) in labels.pairs() {
        dataset.set_metadata_item(key, value, "").map_err(failed)?;
    }
    let mut band = dataset.rasterband(1).map_err(failed)?;
    let mut values = values.into_iter();
    for first in (0..rows).step_by(BLOCK_ROWS) {
        let size = (columns, BLOCK_ROWS.min(rows - first));
        let block: Vec<N> = values.by_ref().take(size.0 * size.1).collect();
        if block.len() != size.0 * size.1 {
            return Err(ResultError::Cells { found: columns * first + block.len(), expected: columns * rows });
        }
        let row = isize::try_from(first).map_err(|_| ResultError::TooLarge)?;
        band.write((0, row), size, &mut Buffer::new(size, block)).map_err(failed)?;
    }
    if values.next().is_some() {
        return Err(ResultError::Cells { found: columns * rows + 1, expected: columns * rows });
    }
    Ok(dataset)
}

fn copied(dataset: &mut Dataset, options: &[&str]) -> Result<Vec<u8>, ResultError> {
    let all = ["COMPRESS=DEFLATE", "BLOCKSIZE=512", "BIGTIFF=IF_SAFER", "NUM_THREADS=1", "OVERVIEWS=AUTO"];
    let options: RasterCreationOptions = all.iter().chain(options).copied().collect();
    let file = MemoryFile::new("tif");
    let driver = DriverManager::get_driver_by_name("COG").map_err(failed)?;
    let copy = dataset.create_copy(&driver, file.path(), &options).map_err(failed)?;
    copy.close().map_err(failed)?;
    file.bytes()
}
