//! Computations on a regular grid of cells: what turns layers of a map into one number per cell, and cells into clusters.
//!
//! Used by the office for a whole country (about 20 million cells in its bounding box) and by a device for one cluster
//! (some 200,000), with the same digits in both places: values in, values out, no file, no clock, no randomness, no
//! thread; sums run in one canonical order, and logarithm, exponential and sine are those of `libm`. Cells are
//! measured in metres of a plane; [`EqualArea`] is the plane that Kend uses. What is missing is NaN.
//!
//! Start with [`Grid`] and [`Surface`]; then [`travel_time()`] is a typical computation.

mod clusters;
mod coverage;
mod error;
mod grid;
mod heat_map;
mod kernel;
mod number;
mod outlines;
mod projection;
mod resample;
mod slope;
#[cfg(test)]
mod strategies;
mod surface;
mod travel_time;
mod zonal;

pub use clusters::{
    Cluster, ClusterError, ClusterRules, Clusters, Identity, MAX_MERGE_CELLS, NO_LABEL, Neighbours, carried_identities,
    clusters, majority_filtered,
};
pub use coverage::{CoverageError, RingPlace, ZoneLabelsError, check_polygons, coverage, zone_labels};
pub use error::{GridError, SurfaceError};
pub use grid::{Cell, Grid, MAX_CELLS};
pub use heat_map::{HeatMapError, MAX_BANDWIDTH_CELLS, heat_map};
pub use kernel::{KernelError, LINE_PIECE_M, WeightedPoint, kernel_density, line_density, quartic_kernel};
pub use outlines::outlines;
pub use projection::EqualArea;
pub use resample::{Affine, AreaMean, AreaSum, ResampleError, Source, filled_from_nearest};
pub use slope::slope;
pub use surface::Surface;
pub use travel_time::{
    LandCover, RoadClass, Speeds, SpeedsError, TravelTime, TravelTimeError, friction, friction_surface, tobler_factor,
    travel_time, travel_time_below,
};
pub use zonal::{ClassShare, PopulationShare, ZoneMean, class_shares, population_shares, zone_means, zone_sums};
