//! Layers of maps as they lie in files, brought to the plane of the project: points, lines, areas, rasters.
//!
//! Files come from outside and are read by GDAL, so everything that it could guess is taken from it: which drivers may look
//! at a file, which reference system holds, what a broken file gives. What it says while it reads is collected; what it says
//! is an error is one here. Nothing is repaired or left out but by the words of `index.toml`, and what is left out is listed.
//!
//! Coordinates are brought from the file's system to degrees of WGS 84 by PROJ, and from there to the plane by
//! [`kend_cells::EqualArea`]; degrees of WGS 84 are not touched by PROJ at all, so that most layers have the same digits on
//! every machine.

mod attributes;
mod error;
mod geometry;
mod open;
mod rasters;
mod read;
mod reference;
mod shares;
mod vectors;
mod warnings;
mod window;
mod zones;

pub use error::{LayerError, LayerFault};
pub(crate) use open::{listen, said_text};
pub use rasters::{read_raster_mean, read_raster_sum};
pub(crate) use shares::unknown_category;
pub use shares::{LandCoverShares, read_raster_shares};
pub use vectors::{Feature, Features, read_vectors};
pub use warnings::LayerWarning;
pub(crate) use window::Raster;
pub use zones::{Outlines, read_outlines};

/// The folder of points, lines and areas.
pub(crate) const VECTORS: &str = "vectors";
/// The folder of rasters.
pub(crate) const RASTERS: &str = "rasters";

/// The largest file of points, lines and areas that is read, bytes: the whole of `OpenStreetMap` in Azerbaijan has 40 MB.
pub const MAX_VECTOR_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The most features of a layer that are used.
pub const MAX_FEATURES: usize = 5_000_000;
/// The most corners that the used features of a layer may have: 800 MB.
pub const MAX_CORNERS: usize = 50_000_000;
/// How far from the centre of the plane a feature may lie to be of the country, metres to each side: Azerbaijan reaches
/// 260 km. What lies farther is left out and listed.
pub const REACH_M: f64 = 500_000.0;

#[cfg(test)]
mod tests;
