//! A good project of four zones and the index of it, to be spoiled: made once by the real binary, copied for each case.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use gdal::{
    DriverManager,
    raster::{Buffer, RasterCreationOptions},
    spatial_ref::{AxisMappingStrategy, SpatialRef},
    vector::{Geometry, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType},
};

/// What is declared. An index needs the three dimensions that something is known of.
pub(crate) const SETTINGS: &str = r#"profile = "recommended"
[grid]
cell_m = 5000
[excluded]
rayons = []
[kernel]
point_km = 10
line_km = 5
heat_map_km = 5
[missing]
dimension_min_weight_share = 0.01
index_min_dimensions = 3
[robustness]
draws = 20
[zones]
file = "zones.geojson"
code = "code"
[[statistics]]
file = "population.csv"
figure = "population"
year = 2018
unit = "persons"
[[statistics]]
file = "physicians.csv"
indicator = 44
year = 2018
unit = "physicians per 10000 inhabitants"
[[vectors]]
file = "unions.geojson"
indicator = 53
year = 2020
complete = true
[[vectors]]
file = "network.geojson"
indicator = 18
year = 2020
complete = true
[[rasters]]
file = "irradiation.tif"
indicator = 33
year = 2020
"#;

/// Zones with their south-western corners, degrees; each is half a degree to each side.
const ZONES: [(&str, f64, f64); 4] =
    [("AZ-NW", 47.0, 40.2), ("AZ-NE", 47.5, 40.2), ("AZ-SW", 47.0, 39.7), ("AZ-SE", 47.5, 39.7)];
const SIDE: f64 = 0.5;

pub(crate) struct Office(tempfile::TempDir);

static GOOD: LazyLock<Office> = LazyLock::new(|| {
    let office = Office(tempfile::tempdir().unwrap());
    assert!(kend(&["init".as_ref(), office.folder().as_os_str()]).status.success());
    office.write("index.toml", SETTINGS);
    let names: Vec<String> = ZONES.iter().map(|(code, ..)| format!("{code},{code},{code},{code},\n")).collect();
    office.write("names.csv", format!("code,az,en,ru,other\n{}", names.concat()));
    office.write("vectors/zones.geojson", collection(ZONES.map(|(code, west, south)| square(west, south, code))));
    office.write("statistics/population.csv", "zone,2018\nAZ-NW,90000\nAZ-NE,80000\nAZ-SW,70000\nAZ-SE,60000\n");
    office.write("statistics/physicians.csv", "zone,2018\nAZ-NW,10\nAZ-NE,20\nAZ-SW,30\nAZ-SE,40\n");
    office.write("vectors/unions.geojson", collection([point(47.2, 40.4), point(47.7, 39.9), point(47.7, 40.0)]));
    office.write("vectors/network.geojson", collection([square(47.1, 39.8, "a"), square(47.4, 40.0, "b")]));
    office.raster("irradiation.tif", |column, row| 1000.0 + f64::from(column) + 2.0 * f64::from(row));
    let built = office.build(&office.out());
    assert!(built.status.success(), "{}", told(&built.stderr));
    office
});

pub(crate) fn kend(arguments: &[&std::ffi::OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kend")).arg("index").args(arguments).output().unwrap()
}

pub(crate) fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn collection(features: impl IntoIterator<Item = String>) -> String {
    let features: Vec<String> = features.into_iter().collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","))
}

pub(crate) fn feature(kind: &str, coordinates: &str, code: &str) -> String {
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{code}\"}},\"geometry\":{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}}}"
    )
}

pub(crate) fn point(longitude: f64, latitude: f64) -> String {
    feature("Point", &format!("[{longitude},{latitude}]"), "")
}

/// A zone's square, or one like it.
pub(crate) fn square(west: f64, south: f64, code: &str) -> String {
    let (east, north) = (west + SIDE, south + SIDE);
    let ring = format!("[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]");
    feature("Polygon", &ring, code)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let beside = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &beside);
        } else {
            fs::copy(entry.path(), beside).unwrap();
        }
    }
}

/// Every file of a folder with its bytes, by its path.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return all };
    for entry in entries.map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    all
}

/// Files of a result, without the columns that are kept for the next try.
pub(crate) fn result_files(out: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(out).into_iter().filter(|(path, _)| !path.starts_with(out.join(".work"))).collect()
}

impl Office {
    /// A copy of the good project, and of its index.
    pub(crate) fn good() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        copy(&GOOD.folder(), &office.folder());
        copy(&GOOD.out(), &office.out());
        office
    }

    pub(crate) fn scratch(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.scratch().join("office")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.scratch().join("out")
    }

    pub(crate) fn at(&self, file: &str) -> PathBuf {
        self.folder().join(file)
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        fs::write(self.at(file), text).unwrap();
    }

    /// Puts one text of the settings in place of another.
    #[track_caller]
    pub(crate) fn declare(&self, old: &str, new: &str) {
        let text = fs::read_to_string(self.at("index.toml")).unwrap();
        assert!(text.contains(old), "{old}");
        self.write("index.toml", text.replace(old, new));
    }

    /// Cuts a file in the middle.
    pub(crate) fn cut(&self, file: &str) {
        let bytes = fs::read(self.at(file)).unwrap();
        self.write(file, &bytes[..bytes.len() / 2]);
    }

    /// Points in another format in place of those of row 53; enough that the middle of the file lies within them.
    pub(crate) fn unions(&self, driver: &str, file: &str, first: (f64, f64), epsg: u32) {
        let driver = DriverManager::get_driver_by_name(driver).unwrap();
        let mut dataset = driver.create_vector_only(self.at("vectors").join(file)).unwrap();
        let system = system(epsg);
        let layer = dataset
            .create_layer(LayerOptions {
                name: "unions",
                srs: Some(&system),
                ty: OGRwkbGeometryType::wkbPoint,
                ..Default::default()
            })
            .unwrap();
        layer.create_defn_fields(&[("code", OGRFieldType::OFTString)]).unwrap();
        for number in 0..200 {
            let at = if number == 0 { first } else { (47.2 + f64::from(number % 20) * 0.03, 39.9) };
            let mut geometry = Geometry::empty(OGRwkbGeometryType::wkbPoint).unwrap();
            geometry.set_point_2d(0, at);
            let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
            feature.set_geometry(geometry).unwrap();
            feature.set_field_string(0, &format!("union {number}")).unwrap();
            feature.create(&layer).unwrap();
        }
        dataset.close().unwrap();
        self.declare("unions.geojson", file);
    }

    /// A raster of a hundredth of a degree over all zones.
    pub(crate) fn raster(&self, file: &str, value: impl Fn(u32, u32) -> f64) {
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let size = 120;
        let mut dataset = driver.create_with_band_type::<f64, _>(self.at("rasters").join(file), size, size, 1).unwrap();
        dataset.set_geo_transform(&[46.9, 0.01, 0.0, 40.8, 0.0, -0.01]).unwrap();
        dataset.set_spatial_ref(&system(4326)).unwrap();
        let values = (0..120_u32).flat_map(|row| (0..120_u32).map(move |column| (column, row)));
        let values: Vec<f64> = values.map(|(column, row)| value(column, row)).collect();
        dataset.rasterband(1).unwrap().write((0, 0), (size, size), &mut Buffer::new((size, size), values)).unwrap();
        dataset.close().unwrap();
    }

    /// A raster of 50 GB by its size, of which a corner of a few kilobytes is written, over some degrees about the zones.
    pub(crate) fn sparse(&self, file: &str, degrees: f64) {
        const SIDE: usize = 225_000;
        let options = ["SPARSE_OK=TRUE", "BIGTIFF=YES", "TILED=YES"];
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let mut dataset = driver
            .create_with_band_type_with_options::<u8, _>(
                self.at("rasters").join(file),
                SIDE,
                SIDE,
                1,
                &RasterCreationOptions::from_iter(options),
            )
            .unwrap();
        let step = degrees / 225_000.0;
        dataset.set_geo_transform(&[47.0, step, 0.0, 40.7, 0.0, -step]).unwrap();
        dataset.set_spatial_ref(&system(4326)).unwrap();
        let mut corner = Buffer::new((256, 256), vec![7_u8; 256 * 256]);
        dataset.rasterband(1).unwrap().write((0, 0), (256, 256), &mut corner).unwrap();
        dataset.close().unwrap();
    }

    pub(crate) fn build(&self, out: &Path) -> Output {
        let options = ["--quiet".as_ref(), "--out".as_ref(), out.as_os_str()];
        kend(&[&["build".as_ref(), self.folder().as_os_str()][..], &options].concat())
    }

    /// The build says what is wrong in one line, and neither the result that was there nor anything else in its place changed.
    #[track_caller]
    pub(crate) fn refused(&self, says: &[&str]) {
        let before = result_files(&self.out());
        assert!(before.keys().any(|path| path.ends_with("manifest.json")));
        let output = self.build(&self.out());
        let said = told(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with("kend: ") && said.lines().count() == 1, "{said}");
        for part in says {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(result_files(&self.out()) == before, "the result changed: {said}");
        let parts = files(&self.out()).into_keys().find(|path| path.extension().is_some_and(|end| end == "part"));
        assert_eq!(parts, None, "{said}");
    }

    /// The build goes through and says what is to be seen.
    #[track_caller]
    pub(crate) fn built(&self, says: &[&str]) {
        let output = self.build(&self.out());
        assert!(output.status.success(), "{}", told(&output.stderr));
        assert_eq!(told(&output.stderr), "");
        let said = told(&output.stdout);
        for part in says {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    /// A table of the result, or another of its files.
    pub(crate) fn result(&self, file: &str) -> String {
        fs::read_to_string(self.out().join(file)).unwrap()
    }
}

fn system(epsg: u32) -> SpatialRef {
    let mut system = SpatialRef::from_epsg(epsg).unwrap();
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    system
}
