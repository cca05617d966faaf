//! Files opened by GDAL, with the few drivers that are meant, and what it says while it reads.

use std::{cell::RefCell, fs, io, path::Path, sync::Once};

use gdal::{
    Dataset, DatasetOptions, GdalOpenFlags,
    config::{set_config_option, set_error_handler},
    errors::CplErrType,
};
use kend_readiness::composite::Encoding;

use super::{LayerFault, MAX_VECTOR_BYTES};

/// Formats of points, lines and areas. Other drivers of GDAL never see a file: it has two hundred.
const VECTOR_DRIVERS: [&str; 5] = ["GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "OSM"];
/// Formats of rasters.
const RASTER_DRIVERS: [&str; 2] = ["GTiff", "netCDF"];
/// Megabytes of blocks that GDAL keeps; its own choice is a share of the machine's memory.
const CACHE_MB: &str = "256";
/// The most messages that are kept: a broken file may give one for each of its features.
const MAX_MESSAGES: usize = 20;

thread_local! {
    /// What GDAL said on this thread, and whether it was an error.
    static SAID: RefCell<Vec<(bool, String)>> = const { RefCell::new(Vec::new()) };
}

/// Sends what GDAL says here instead of to the terminal, once for the process; what was said before is forgotten.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_error_handler(|kind, _, message| {
            let failure = match kind {
                CplErrType::Failure | CplErrType::Fatal => true,
                CplErrType::Warning => false,
                CplErrType::None | CplErrType::Debug => return,
            };
            // A panic must not pass through C: what cannot be kept is dropped.
            let _ = SAID.try_with(|said| {
                if let Ok(mut said) = said.try_borrow_mut()
                    && said.len() < MAX_MESSAGES
                {
                    said.push((failure, message.trim().to_owned()));
                }
            });
        });
        // Names of options have no zero byte, the only error there is.
        let _ = set_config_option("GDAL_CACHEMAX", CACHE_MB);
        let _ = set_config_option("GDAL_PAM_ENABLED", "NO");
    });
    drop(said());
}

/// What GDAL said since it was last asked.
pub(super) fn said() -> Vec<(bool, String)> {
    SAID.with(RefCell::take)
}

/// The first error that GDAL told of since it was last asked.
pub(super) fn failure() -> Option<String> {
    said().into_iter().find(|(failure, _)| *failure).map(|(_, text)| text)
}

/// What GDAL said, in one line.
pub(crate) fn said_text() -> String {
    let mut texts: Vec<String> = said().into_iter().map(|(_, text)| text).collect();
    texts.dedup();
    if texts.is_empty() { "nothing more is known".to_owned() } else { texts.join("; ") }
}

/// Whether there is a file, and how large it is.
fn bytes(path: &Path) -> Result<u64, LayerFault> {
    let metadata = fs::metadata(path).map_err(LayerFault::Read)?;
    if !metadata.is_file() {
        return Err(LayerFault::NoFile);
    }
    // Without the right to read, GDAL only says that it knows no format of it.
    fs::File::open(path).map_err(LayerFault::Read)?;
    let outside = path.starts_with("/vsi");
    if outside { Err(LayerFault::Read(io::ErrorKind::InvalidFilename.into())) } else { Ok(metadata.len()) }
}

fn open(path: &Path, drivers: &[&str], flags: GdalOpenFlags, options: &[&str]) -> Result<Dataset, LayerFault> {
    listen();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR | flags,
        allowed_drivers: Some(drivers),
        open_options: Some(options),
        sibling_files: None,
    };
    Dataset::open_ex(path, options).map_err(|_| LayerFault::Format { formats: drivers.join(", "), said: said_text() })
}

/// Opens a file of points, lines or areas.
pub(super) fn open_vectors(path: &Path, encoding: Option<Encoding>) -> Result<Dataset, LayerFault> {
    if bytes(path)? > MAX_VECTOR_BYTES {
        return Err(LayerFault::TooLarge { limit: MAX_VECTOR_BYTES });
    }
    let encoding = encoding.map(|encoding| {
        let name = match encoding {
            Encoding::Utf8 | Encoding::Utf16 => "UTF-8",
            Encoding::Latin1 => "ISO-8859-1",
            Encoding::Windows1251 => "CP1251",
            Encoding::Windows1254 => "CP1254",
        };
        format!("ENCODING={name}")
    });
    let options: Vec<&str> = encoding.iter().map(String::as_str).collect();
    open(path, &VECTOR_DRIVERS, GdalOpenFlags::GDAL_OF_VECTOR, &options)
}

/// Opens a raster.
pub(super) fn open_raster(path: &Path) -> Result<Dataset, LayerFault> {
    bytes(path)?;
    open(path, &RASTER_DRIVERS, GdalOpenFlags::GDAL_OF_RASTER, &[])
}
