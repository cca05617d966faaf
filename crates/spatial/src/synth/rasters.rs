//! Generated rasters: people, land cover, elevation, irradiation. Values follow the zone of each pixel, with edges as sharp
//! as the outlines; where nobody lives there are no people.

use std::path::Path;

use gdal::{
    Dataset, DriverManager, Metadata as _,
    errors::GdalError,
    raster::{Buffer, GdalType, RasterCreationOptions},
    spatial_ref::CoordTransform,
};

use super::{
    LABEL, SynthError,
    country::Country,
    features::whole,
    labels::{Frame, zone_labels},
    random::{Purpose, Random},
    settlements::Settlements,
    vectors::reference,
};

const WGS_84: u32 = 4326;
const UTM_38: u32 = 32638;
/// Degrees of three arc seconds.
const THREE_SECONDS: f64 = 3.0 / 3600.0;
/// Degrees of a pixel of land cover, 10 arc seconds (ESA CCI-LC), and of irradiation; coarser where cells are.
const LAND_COVER_STEP: f64 = 10.0 / 3600.0;
const IRRADIATION_STEP: f64 = 0.01;
/// The cell, metres, at which people are given by three arc seconds.
const FINE_CELL_M: f64 = 100.0;
/// What means that there is no value.
const NODATA: f64 = -99_999.0;

/// Writes all rasters into a folder.
pub(super) fn write(
    folder: &Path,
    country: &Country,
    settlements: &Settlements,
    cell_m: f64,
) -> Result<(), SynthError> {
    let coarser = (cell_m / FINE_CELL_M).max(1.0);
    let failed = |file: &str| {
        let file = file.to_owned();
        move |source| SynthError::Gdal { file, source }
    };
    people(folder, country, settlements, THREE_SECONDS * coarser).map_err(failed("population.tif"))?;
    let step = LAND_COVER_STEP.max(THREE_SECONDS * coarser);
    land_cover(folder, country, settlements, step).map_err(failed("land_cover.tif"))?;
    elevation(folder, country, cell_m).map_err(failed("elevation.tif"))?;
    let step = IRRADIATION_STEP.max(THREE_SECONDS * coarser);
    irradiation(folder, country, step).map_err(failed("irradiation.nc"))
}

fn geotiff<T: GdalType>(path: &Path, frame: &Frame, epsg: u32, nodata: f64) -> Result<Dataset, GdalError> {
    let options = RasterCreationOptions::from_iter(["COMPRESS=DEFLATE", "ZLEVEL=3", "TILED=NO"]);
    let driver = DriverManager::get_driver_by_name("GTiff")?;
    let mut dataset =
        driver.create_with_band_type_with_options::<T, _>(path, frame.columns, frame.rows, 1, &options)?;
    label(&mut dataset, frame, epsg, nodata)?;
    Ok(dataset)
}

fn label(dataset: &mut Dataset, frame: &Frame, epsg: u32, nodata: f64) -> Result<(), GdalError> {
    dataset.set_geo_transform(&[frame.west, frame.step, 0.0, frame.north, 0.0, -frame.step])?;
    dataset.set_spatial_ref(&reference(epsg)?)?;
    dataset.set_metadata_item("SYNTHETIC", LABEL, "")?;
    dataset.rasterband(1)?.set_no_data_value(Some(nodata))
}

fn write_row<T: GdalType + Copy>(dataset: &Dataset, row: usize, values: Vec<T>) -> Result<(), GdalError> {
    let columns = values.len();
    let mut buffer = Buffer::new((columns, 1), values);
    dataset.rasterband(1)?.write((0, isize::try_from(row).unwrap_or(isize::MAX)), (columns, 1), &mut buffer)
}

/// People and those of 15 to 65 years: most near settlements, none beyond a walk from one; zones keep their totals.
fn people(folder: &Path, country: &Country, settlements: &Settlements, step: f64) -> Result<(), GdalError> {
    /// Nobody lives farther from a settlement, metres.
    const REACH_M: f64 = 1300.0;
    /// Where density is half of what it is in the middle, metres.
    const HALF_M: f64 = 500.0;
    /// Shares of the middle age group differ by up to this factor from pixel to pixel.
    const CHANCE: f64 = 0.02;
    const PER_CENT: f64 = 100.0;
    let frame = Frame::of_zones(country, step);
    let labels = zone_labels(country, &frame);
    let mut weights = vec![0.0_f32; labels.len()];
    let mut sums = vec![0.0_f64; country.zones.len()];
    for (row, (labels, weights)) in labels.chunks(frame.columns).zip(weights.chunks_mut(frame.columns)).enumerate() {
        for (column, (label, weight)) in labels.iter().zip(weights).enumerate() {
            let Some(sum) = usize::from(*label).checked_sub(1).and_then(|zone| sums.get_mut(zone)) else { continue };
            let (longitude, latitude) = frame.centre(column, row);
            let (x_m, y_m) = country.plane.to_plane(longitude, latitude);
            let apart_m = settlements.nearest_m(x_m, y_m);
            // A pixel that is wider than the reach still holds the settlement in it.
            if apart_m < REACH_M {
                *weight = narrow(1.0 / (1.0 + (apart_m / HALF_M) * (apart_m / HALF_M)));
                *sum += f64::from(*weight);
            }
        }
    }
    let all = geotiff::<f32>(&folder.join("population.tif"), &frame, WGS_84, NODATA)?;
    let middle = geotiff::<f32>(&folder.join("population_15_65.tif"), &frame, WGS_84, NODATA)?;
    for (row, (labels, weights)) in labels.chunks(frame.columns).zip(weights.chunks(frame.columns)).enumerate() {
        let mut random = Random::new(country.seed, Purpose::Rasters, row as u64);
        let mut values = (Vec::with_capacity(frame.columns), Vec::with_capacity(frame.columns));
        for (label, weight) in labels.iter().zip(weights) {
            let zone = usize::from(*label).checked_sub(1);
            let found = zone.and_then(|zone| Some((country.zones.get(zone)?, *sums.get(zone)?)));
            let Some((zone, sum)) = found else {
                values.0.push(narrow(NODATA));
                values.1.push(narrow(NODATA));
                continue;
            };
            let people = if sum > 0.0 { zone.people * f64::from(*weight) / sum } else { 0.0 };
            let share = zone.value(40) / PER_CENT * random.between(1.0 - CHANCE, 1.0 + CHANCE);
            values.0.push(narrow(people));
            values.1.push(narrow(people * share));
        }
        write_row(&all, row, values.0)?;
        write_row(&middle, row, values.1)?;
    }
    all.close()?;
    middle.close()
}

/// Categories of ESA CCI-LC: cropland in the share that is planted, settlements, and what else there is.
fn land_cover(folder: &Path, country: &Country, settlements: &Settlements, step: f64) -> Result<(), GdalError> {
    /// Built-up to this distance from the middle of a settlement, metres.
    const BUILT_M: f64 = 350.0;
    const BUILT: u8 = 190;
    /// Rain-fed and irrigated.
    const CROPS: [u8; 2] = [10, 20];
    /// Grassland, shrubs, bare ground; how often in twenty.
    const OTHERS: [(u8, u8); 3] = [(130, 15), (120, 3), (200, 2)];
    const TWENTY: f64 = 20.0;
    const PER_CENT: f64 = 100.0;
    let frame = Frame::of_zones(country, step);
    let labels = zone_labels(country, &frame);
    let dataset = geotiff::<u8>(&folder.join("land_cover.tif"), &frame, WGS_84, 0.0)?;
    for (row, labels) in labels.chunks(frame.columns).enumerate() {
        /// Streams of the rows of people come before.
        const BEHIND: u64 = 1 << 20;
        let mut random = Random::new(country.seed, Purpose::Rasters, BEHIND + row as u64);
        let pixel = |(column, label): (usize, &u8)| {
            let Some(zone) = usize::from(*label).checked_sub(1).and_then(|zone| country.zones.get(zone)) else {
                return 0;
            };
            let (longitude, latitude) = frame.centre(column, row);
            let (x_m, y_m) = country.plane.to_plane(longitude, latitude);
            let (chance, kind) = (random.share(), random.share());
            if settlements.nearest_m(x_m, y_m) < BUILT_M {
                return BUILT;
            }
            if chance < zone.value(4) / PER_CENT {
                return if kind < zone.standing(7) { CROPS[1] } else { CROPS[0] };
            }
            let mut left = kind * TWENTY;
            for (category, often) in OTHERS {
                left -= f64::from(often);
                if left < 0.0 {
                    return category;
                }
            }
            OTHERS[0].0
        };
        write_row(&dataset, row, labels.iter().enumerate().map(pixel).collect())?;
    }
    dataset.close()
}

/// Gentle waves: slopes below 4 %, so that walking is slowed down a little and nowhere ends.
fn elevation(folder: &Path, country: &Country, cell_m: f64) -> Result<(), GdalError> {
    /// Of a cell; three arc seconds are some 90 m.
    const SHARE_OF_CELL: f64 = 0.9;
    /// Metres above the sea in the middle of all waves; height of the wide and of the narrow ones and their length, metres.
    const MIDDLE_M: f64 = 700.0;
    const WIDE: (f64, f64) = (500.0, 45_000.0);
    const NARROW: (f64, f64) = (60.0, 9000.0);
    const MARGIN_M: f64 = 5000.0;
    let extent = Frame::of_zones(country, IRRADIATION_STEP);
    let transform = CoordTransform::new(&reference(WGS_84)?, &reference(UTM_38)?)?;
    let points = 21;
    let bounds = [extent.west, extent.south(), extent.east(), extent.north];
    let [west, south, east, north] = transform.transform_bounds(&bounds, points)?;
    let step = cell_m * SHARE_OF_CELL;
    let frame = Frame {
        west: ((west - MARGIN_M) / step).floor() * step,
        north: ((north + MARGIN_M) / step).ceil() * step,
        step,
        columns: whole((east - west + 2.0 * MARGIN_M) / step) + 1,
        rows: whole((north - south + 2.0 * MARGIN_M) / step) + 1,
    };
    let wave = |metres: f64, (height, length): (f64, f64)| height * libm::sin(metres / length);
    let across: Vec<(f64, f64)> = (0..frame.columns)
        .map(|column| frame.centre(column, 0).0)
        .map(|x_m| (libm::sin(x_m / WIDE.1), wave(x_m, NARROW)))
        .collect();
    let dataset = geotiff::<i16>(&folder.join("elevation.tif"), &frame, UTM_38, -32_768.0)?;
    for row in 0..frame.rows {
        let y_m = frame.centre(0, row).1;
        let (wide, narrow) = (wave(y_m, WIDE), wave(y_m, NARROW));
        let height = |(sine, wave): &(f64, f64)| metres(MIDDLE_M + wide * sine + narrow + wave);
        write_row(&dataset, row, across.iter().map(height).collect())?;
    }
    dataset.close()
}

/// Irradiation as `NetCDF`, by zone with a little chance.
fn irradiation(folder: &Path, country: &Country, step: f64) -> Result<(), GdalError> {
    const CHANCE: f64 = 4.0;
    const BEHIND: u64 = 1 << 21;
    let frame = Frame::of_zones(country, step);
    let labels = zone_labels(country, &frame);
    let memory = DriverManager::get_driver_by_name("MEM")?;
    let mut dataset = memory.create_with_band_type::<f32, _>("", frame.columns, frame.rows, 1)?;
    label(&mut dataset, &frame, WGS_84, NODATA)?;
    for (row, labels) in labels.chunks(frame.columns).enumerate() {
        let mut random = Random::new(country.seed, Purpose::Rasters, BEHIND + row as u64);
        let pixel = |label: &u8| {
            let chance = random.between(-CHANCE, CHANCE);
            let zone = usize::from(*label).checked_sub(1).and_then(|zone| country.zones.get(zone));
            zone.map_or(narrow(NODATA), |zone| narrow(zone.value(33) + chance))
        };
        write_row(&dataset, row, labels.iter().map(pixel).collect())?;
    }
    // Without the date of writing: the same seed gives the same bytes.
    let options = RasterCreationOptions::from_iter(["FORMAT=NC", "WRITE_GDAL_HISTORY=NO"]);
    dataset.create_copy(&DriverManager::get_driver_by_name("netCDF")?, folder.join("irradiation.nc"), &options)?.close()
}

#[expect(clippy::cast_possible_truncation, reason = "what a raster of f32 keeps")]
const fn narrow(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_possible_truncation, reason = "heights are below 2000 m")]
fn metres(value: f64) -> i16 {
    value.round() as i16
}
