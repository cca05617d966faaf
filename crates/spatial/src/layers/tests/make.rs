//! A folder of a project with layers that tests make.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use gdal::{
    Dataset, DriverManager,
    raster::{Buffer, GdalType, RasterCreationOptions},
    spatial_ref::{AxisMappingStrategy, SpatialRef},
    vector::{Geometry, Layer, LayerAccess as _, LayerOptions, OGRFieldType},
};
use kend_cells::{EqualArea, Grid};

use crate::{
    layers::{RASTERS, VECTORS},
    project::{Project, RasterDeclaration, VectorDeclaration, ZonesDeclaration},
};

/// A folder with empty `vectors/` and `rasters/`.
pub(super) struct Folder(tempfile::TempDir);

/// Features to be: geometry as text, and the values of the attributes; an empty value is none.
pub(super) type Rows<'a> = &'a [(&'a str, &'a [&'a str])];

impl Folder {
    pub(super) fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        fs::create_dir(scratch.path().join(VECTORS)).unwrap();
        fs::create_dir(scratch.path().join(RASTERS)).unwrap();
        Self(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn vectors(&self, file: &str) -> PathBuf {
        self.path().join(VECTORS).join(file)
    }

    pub(super) fn rasters(&self, file: &str) -> PathBuf {
        self.path().join(RASTERS).join(file)
    }

    /// Makes a file with one layer.
    pub(super) fn layer(&self, driver: &str, file: &str, epsg: Option<u32>, fields: &[&str], rows: Rows<'_>) {
        let driver = DriverManager::get_driver_by_name(driver).unwrap();
        let mut dataset = driver.create_vector_only(self.vectors(file)).unwrap();
        add_layer(&mut dataset, "places", epsg, fields, rows);
        dataset.close().unwrap();
    }

    /// Makes a `GeoTIFF` with one band for each of the values.
    pub(super) fn tiff<T: GdalType + Copy>(&self, file: &str, raster: &Tiff, bands: &[&[T]]) {
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let (columns, rows) = raster.size;
        let options = RasterCreationOptions::new();
        let path = self.rasters(file);
        let mut dataset =
            driver.create_with_band_type_with_options::<T, _>(&path, columns, rows, bands.len(), &options).unwrap();
        dataset.set_geo_transform(&raster.affine).unwrap();
        if let Some(epsg) = raster.epsg {
            dataset.set_spatial_ref(&system(epsg)).unwrap();
        }
        for (number, values) in (1..).zip(bands) {
            let mut band = dataset.rasterband(number).unwrap();
            if let Some(nodata) = raster.nodata {
                band.set_no_data_value(Some(nodata)).unwrap();
            }
            let mut buffer = Buffer::new((columns, rows), values.to_vec());
            band.write((0, 0), (columns, rows), &mut buffer).unwrap();
        }
        dataset.close().unwrap();
    }
}

/// What a `GeoTIFF` says of itself.
pub(super) struct Tiff {
    pub(super) size: (usize, usize),
    pub(super) affine: [f64; 6],
    pub(super) epsg: Option<u32>,
    pub(super) nodata: Option<f64>,
}

pub(super) fn system(epsg: u32) -> SpatialRef {
    let mut system = SpatialRef::from_epsg(epsg).unwrap();
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    system
}

pub(super) fn add_layer(dataset: &mut Dataset, name: &str, epsg: Option<u32>, fields: &[&str], rows: Rows<'_>) {
    let system = epsg.map(system);
    let options = LayerOptions { name, srs: system.as_ref(), ..Default::default() };
    fill(&dataset.create_layer(options).unwrap(), fields, rows);
}

pub(super) fn fill(layer: &Layer<'_>, fields: &[&str], rows: Rows<'_>) {
    for field in fields {
        layer.create_defn_fields(&[(field, OGRFieldType::OFTString)]).unwrap();
    }
    for (text, values) in rows {
        let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
        if !text.is_empty() {
            feature.set_geometry(Geometry::from_wkt(text).unwrap()).unwrap();
        }
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            feature.set_field_string(index, value).unwrap();
        }
        feature.create(layer).unwrap();
    }
}

pub(super) fn plane() -> EqualArea {
    EqualArea::default()
}

/// Two by two cells of a kilometre about the centre of the plane.
pub(super) fn grid() -> Grid {
    Grid::new(-1000.0, 1000.0, 1000.0, 2, 2).unwrap()
}

/// Declarations as in `index.toml`.
fn project(text: &str) -> Project {
    let text = format!("{}\n{text}", crate::init::index_toml().unwrap());
    Project::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn vectors(keys: &str) -> VectorDeclaration {
    project(&format!("[[vectors]]\nyear = 2020\n{keys}")).vectors.remove(0)
}

pub(super) fn rasters(keys: &str) -> RasterDeclaration {
    project(&format!("[[rasters]]\nyear = 2020\n{keys}")).rasters.remove(0)
}

pub(super) fn zones(keys: &str) -> ZonesDeclaration {
    project(&format!("[zones]\n{keys}")).zones.unwrap()
}

/// An error with all its causes.
pub(super) fn said(error: &dyn Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", said(cause))).unwrap_or_default();
    format!("{error}{cause}")
}
