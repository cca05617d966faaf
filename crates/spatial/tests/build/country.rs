//! A country of 20 x 20 cells of a kilometre and four zones of a quarter each, made by the test.

use std::{
    fmt::Write as _,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use gdal::{
    DriverManager,
    raster::Buffer,
    spatial_ref::{AxisMappingStrategy, SpatialRef},
};
use kend_cells::EqualArea;
use kend_spatial::{BuildError, Country, build, init};

/// Cells of the country in a row, and of a zone.
pub(crate) const SIDE: usize = 20;
pub(crate) const HALF: usize = SIDE / 2;
pub(crate) const CELL_M: f64 = 1000.0;
pub(crate) const ZONES: [&str; 4] = ["AZ-NW", "AZ-NE", "AZ-SW", "AZ-SE"];
/// Pixels of a raster in degrees: several lie whole in each cell.
const PIXEL_DEGREES: f64 = 0.0025;

/// A project folder and where its index goes.
pub(crate) struct Case {
    scratch: tempfile::TempDir,
}

/// People in each cell, row by row from the north: as many as its zone's number, and none in the last column.
pub(crate) fn people(row: usize, column: usize) -> f64 {
    if column == SIDE - 1 { 0.0 } else { 100.0 * (zone_of(row, column) + 1) as f64 }
}

pub(crate) fn zone_of(row: usize, column: usize) -> usize {
    2 * (row / HALF) + column / HALF
}

/// The middle of a cell in the plane.
pub(crate) fn centre(row: usize, column: usize) -> (f64, f64) {
    let offset = SIDE as f64 / 2.0;
    ((column as f64 + 0.5 - offset) * CELL_M, (offset - row as f64 - 0.5) * CELL_M)
}

pub(crate) fn degrees((x_m, y_m): (f64, f64)) -> (f64, f64) {
    EqualArea::default().to_degrees(x_m, y_m)
}

/// A polygon of corners in the plane as `GeoJSON` coordinates.
pub(crate) fn ring(corners: &[(f64, f64)]) -> String {
    let closed = corners.iter().chain(corners.first());
    let texts: Vec<String> = closed.map(|corner| degrees(*corner)).map(|(x, y)| format!("[{x:.12},{y:.12}]")).collect();
    format!("[{}]", texts.join(","))
}

pub(crate) fn rectangle(west: f64, south: f64, east: f64, north: f64) -> String {
    ring(&[(west, south), (east, south), (east, north), (west, north)])
}

pub(crate) fn collection(features: &[String]) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","))
}

pub(crate) fn feature(kind: &str, coordinates: &str, properties: &str) -> String {
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{{properties}}},\"geometry\":{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}}}"
    )
}

pub(crate) fn point(at: (f64, f64), properties: &str) -> String {
    let (longitude, latitude) = degrees(at);
    feature("Point", &format!("[{longitude:.12},{latitude:.12}]"), properties)
}

impl Case {
    /// A country with outlines and people, and settings after those of a new project.
    pub(crate) fn new(settings: &str) -> Self {
        let case = Self { scratch: tempfile::tempdir().unwrap() };
        init(&case.folder()).unwrap();
        let toml = case.read("index.toml");
        let toml = toml
            .replace("cell_m = 100", "cell_m = 1000")
            .replace("rayons = [\"AZ-BA\", \"AZ-ABS\", \"AZ-SM\"]", "rayons = []");
        let own = "[zones]\nfile = \"zones.geojson\"\ncode = \"code\"\n\
            [[rasters]]\nfile = \"people.tif\"\nrole = \"population\"\nyear = 2020\n";
        case.write("index.toml", &format!("{toml}\n{own}\n{settings}"));
        let regions = ["R1", "R1", "R2", "R2"];
        let lines = ZONES.iter().zip(regions).map(|(code, region)| format!("{code},{code},{code},{code},,{region}"));
        let lines: Vec<String> = std::iter::once("code,az,en,ru,other,region".to_owned()).chain(lines).collect();
        case.write("names.csv", &(lines.join("\n") + "\n"));
        case.write("regions.csv", "code,az,en,ru,other\nR1,North,North,North,\nR2,South,South,South,\n");
        // A metre short of the outer border, so that the grid has no margin; borders between zones lie on its lines.
        let reach = HALF as f64 * CELL_M - 1.0;
        let corners = [(-reach, 0.0), (0.0, 0.0), (-reach, -reach), (0.0, -reach)];
        let outlines: Vec<String> = ZONES
            .iter()
            .zip(corners)
            .map(|(code, (west, south))| {
                let outline = rectangle(west, south, west + reach, south + reach);
                feature("Polygon", &format!("[{outline}]"), &format!("\"code\":\"{code}\""))
            })
            .collect();
        case.write("vectors/zones.geojson", &collection(&outlines));
        case.counts("people.tif", people);
        case
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.scratch.path().join("office")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.scratch.path().join("out")
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder().join(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.folder().join(file), text).unwrap();
    }

    /// A raster of counts in degrees: all of a cell's count in the pixel at its middle, which lies whole in the cell.
    pub(crate) fn counts(&self, file: &str, count: impl Fn(usize, usize) -> f64) {
        self.raster(file, |size, pixel_of| {
            let mut values = vec![0.0_f64; size.0 * size.1];
            for row in 0..SIDE {
                for column in 0..SIDE {
                    let (x, y) = pixel_of(degrees(centre(row, column)));
                    values[y * size.0 + x] += count(row, column);
                }
            }
            values
        });
    }

    /// A raster in degrees in which each pixel has the value of the cell that its middle lies in.
    pub(crate) fn values(&self, file: &str, value: impl Fn(f64, f64) -> f64) {
        let plane = EqualArea::default();
        self.raster(file, |size, _| {
            let (west, north) = corner();
            (0..size.0 * size.1)
                .map(|at| {
                    let (column, row) = ((at % size.0) as f64 + 0.5, (at / size.0) as f64 + 0.5);
                    let (x_m, y_m) = plane.to_plane(west + column * PIXEL_DEGREES, north - row * PIXEL_DEGREES);
                    value(x_m, y_m)
                })
                .collect()
        });
    }

    fn raster(&self, file: &str, values: impl Fn((usize, usize), &dyn Fn((f64, f64)) -> (usize, usize)) -> Vec<f64>) {
        let (west, north) = corner();
        let size = (120, 90);
        let pixel_of = |(longitude, latitude): (f64, f64)| {
            let floor = |number: f64| number.floor() as usize;
            (floor((longitude - west) / PIXEL_DEGREES), floor((north - latitude) / PIXEL_DEGREES))
        };
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let path = self.folder().join("rasters").join(file);
        let mut dataset = driver.create_with_band_type::<f64, _>(&path, size.0, size.1, 1).unwrap();
        dataset.set_geo_transform(&[west, PIXEL_DEGREES, 0.0, north, 0.0, -PIXEL_DEGREES]).unwrap();
        let mut system = SpatialRef::from_epsg(4326).unwrap();
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        dataset.set_spatial_ref(&system).unwrap();
        let mut buffer = Buffer::new(size, values(size, &pixel_of));
        dataset.rasterband(1).unwrap().write((0, 0), size, &mut buffer).unwrap();
        dataset.close().unwrap();
    }

    /// Tables of rows by zone, declared as the catalogue has them.
    pub(crate) fn tables(&self, rows: &[(u8, [Option<f64>; 4])], keys: &str) {
        let mut toml = self.read("index.toml");
        for (row, values) in rows {
            let mut text = "zone,2018\n".to_owned();
            for (zone, value) in ZONES.iter().zip(values) {
                let value = value.map_or_else(|| "...".to_owned(), |value| value.to_string());
                writeln!(text, "{zone},{value}").unwrap();
            }
            self.write(&format!("statistics/row{row}.csv"), &text);
            write!(
                toml,
                "\n[[statistics]]\nfile = \"row{row}.csv\"\nindicator = {row}\nyear = 2018\nunit = \"u\"\n{keys}"
            )
            .unwrap();
        }
        self.write("index.toml", &toml);
    }

    pub(crate) fn add(&self, toml: &str) {
        let text = self.read("index.toml");
        self.write("index.toml", &format!("{text}\n{toml}"));
    }

    pub(crate) fn build(&self) -> Result<Country, BuildError> {
        build(&self.folder(), &self.out(), &mut |_| ControlFlow::Continue(()))
    }

    #[track_caller]
    pub(crate) fn built(&self) -> Country {
        self.build().unwrap_or_else(|error| panic!("{}", said(&error)))
    }

    #[track_caller]
    pub(crate) fn refused(&self) -> String {
        said(&self.build().unwrap_err())
    }
}

/// North-western corner of the rasters, degrees.
fn corner() -> (f64, f64) {
    (47.5 - 60.0 * PIXEL_DEGREES, 40.2 + 45.0 * PIXEL_DEGREES)
}

/// An error with its causes.
pub(crate) fn said(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", said(cause))).unwrap_or_default();
    format!("{error}{cause}")
}

/// Every file below a folder with its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return all };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            all.push((path, bytes));
        }
    }
    all.sort();
    all
}
