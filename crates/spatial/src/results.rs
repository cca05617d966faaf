//! Results as files that other programs read: rasters, layers of areas, tables.
//!
//! Each writer makes the whole file in memory and gives its bytes, so that whoever keeps results writes all of them beside
//! their places and renames them together. The bytes are the same each time: no file says when it was made. What is made of
//! invented data says so in itself.

mod areas;
mod cloud;
mod csv;
mod error;
mod memory;
mod parquet;
mod table;

pub use areas::{AreaLayer, geopackage};
pub use cloud::{CLASS_COLOURS, NO_FLAGS, class_raster, flag_raster, raster};
pub use csv::csv;
pub use error::ResultError;
pub use parquet::parquet;
pub use table::{Column, Labels, Table, Values};

#[cfg(test)]
mod tests;
