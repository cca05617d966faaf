//! Layers made by GDAL in the test, read back.

mod broken;
mod make;
mod osm;
mod rasters;
mod vectors;
mod zones;
