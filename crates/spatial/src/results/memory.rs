//! Files that GDAL makes in memory.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use gdal::{
    errors::GdalError,
    spatial_ref::SpatialRef,
    vsi::{get_vsi_mem_file_bytes_owned, unlink_mem_file},
};

use super::ResultError;
use crate::{
    layers::{listen, said_text},
    project::GridSettings,
};

/// A file in memory with a name that no other has; dropped, it is gone.
pub(super) struct MemoryFile(PathBuf);

impl MemoryFile {
    pub(super) fn new(ending: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        listen();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(PathBuf::from(format!("/vsimem/kend-result-{number}.{ending}")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn bytes(self) -> Result<Vec<u8>, ResultError> {
        get_vsi_mem_file_bytes_owned(&self.0).map_err(failed)
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        // Taken or never made, it is not there any more.
        let _ = unlink_mem_file(&self.0);
    }
}

/// What GDAL says of an error.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(super) fn failed(error: GdalError) -> ResultError {
    ResultError::Gdal { said: format!("{error}; {}", said_text()) }
}

/// The plane of a project as a reference system that all programs read.
pub(super) fn system(grid: &GridSettings) -> Result<SpatialRef, ResultError> {
    let (latitude, longitude) = (grid.centre_latitude, grid.centre_longitude);
    let text = format!(
        "PROJCS[\"Kend equal area\",GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,\
         AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],\
         UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AUTHORITY[\"EPSG\",\"4326\"]],\
         PROJECTION[\"Lambert_Azimuthal_Equal_Area\"],PARAMETER[\"latitude_of_center\",{latitude}],\
         PARAMETER[\"longitude_of_center\",{longitude}],PARAMETER[\"false_easting\",0],PARAMETER[\"false_northing\",0],\
         UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]],AXIS[\"Easting\",EAST],AXIS[\"Northing\",NORTH]]"
    );
    SpatialRef::from_wkt(&text).map_err(failed)
}
