//! Layers made by GDAL in the test, read back.

mod make;
mod rasters;
mod vectors;
mod zones;
