//! What something new on the map brings to each cell of a cluster: density, minutes, a covered share. The numbers are those
//! of `kend_cells` over the cluster's window; here they are joined to the cells of the pack.

use geo::{LineString, MultiPolygon, Polygon};
use kend_cells::{
    Cell, CoverageError, KernelError, Surface, TravelTimeError, WeightedPoint, coverage, kernel_density,
    travel_time_below,
};

use crate::{ClusterMap, number::narrow};

/// Corners of the polygon that stands for a circle: as large as it to the last digit, nowhere further from it than a
/// hundred-thousandth of its radius.
const CORNERS: u32 = 720;
const METRES_PER_KILOMETRE: f64 = 1000.0;

impl ClusterMap {
    /// The values of the cluster's cells in a surface over its window, in the order of the columns.
    pub fn gather<T: Copy>(&self, surface: &Surface<T>) -> Vec<T> {
        let mut values = Vec::with_capacity(self.cells().cells());
        for range in self.ranges() {
            values.extend(surface.values().get(range).unwrap_or_default());
        }
        values
    }

    /// A surface over the window of a value of each cell, with another value where no cell is.
    pub fn scatter<T: Copy>(&self, values: &[T], elsewhere: T) -> Surface<T> {
        let mut surface = Surface::filled(*self.grid(), elsewhere);
        let mut rest = values;
        for range in self.ranges() {
            let Some(places) = surface.values_mut().get_mut(range) else { continue };
            let (own, after) = rest.split_at_checked(places.len()).unwrap_or((rest, &[]));
            places.iter_mut().zip(own).for_each(|(place, value)| *place = *value);
            rest = after;
        }
        surface
    }

    /// By how much points raise the kernel density of each cell, per square kilometre ([`kernel_density`]); `bandwidth_km` is
    /// the width of the row's kernel.
    pub fn density_added(&self, points_m: &[(f64, f64)], bandwidth_km: f64) -> Result<Vec<f32>, KernelError> {
        let points: Vec<WeightedPoint> =
            points_m.iter().map(|(x_m, y_m)| WeightedPoint { x_m: *x_m, y_m: *y_m, weight: 1.0 }).collect();
        let density = kernel_density(self.grid(), &points, bandwidth_km * METRES_PER_KILOMETRE)?;
        Ok(self.gather(&density))
    }

    /// Minutes from each cell to the nearest of these places, infinite where that is not below the cell's limit
    /// ([`travel_time_below`]). Ways may run through cells of the window that are not the cluster's, as far as the greatest
    /// of the limits; ways that leave the window are not seen, so a time is never too short.
    pub fn minutes_to(
        &self,
        friction: &Surface<f32>,
        places: &[Cell],
        limits: &[f32],
    ) -> Result<Vec<f32>, TravelTimeError> {
        let greatest = limits.iter().copied().fold(0.0, f32::max);
        let times = travel_time_below(friction, places, &self.scatter(limits, greatest))?;
        Ok(self.gather(&times.minutes))
    }

    /// The share of each cell that circles cover, 0 to 1 ([`coverage`]); where circles overlap, that of the one that covers
    /// most of the cell, so never too much. Radii in kilometres.
    pub fn share_covered(&self, circles: &[((f64, f64), f64)]) -> Result<Vec<f32>, CoverageError> {
        let mut most = vec![0.0; self.cells().cells()];
        for ((x_m, y_m), radius_km) in circles {
            let shares = coverage(self.grid(), &circle((*x_m, *y_m), radius_km * METRES_PER_KILOMETRE))?;
            for (most, share) in most.iter_mut().zip(self.gather(&shares)) {
                *most = f32::max(*most, narrow(share));
            }
        }
        Ok(most)
    }
}

/// A circle as a polygon of the same area.
fn circle((x_m, y_m): (f64, f64), radius_m: f64) -> MultiPolygon {
    let turn = std::f64::consts::TAU / f64::from(CORNERS);
    // n / 2 sin(turn) R^2 = pi r^2.
    let corner_m = radius_m * (turn / libm::sin(turn)).sqrt();
    let corner = |number: u32| {
        let angle = turn * f64::from(number % CORNERS);
        (x_m + corner_m * libm::cos(angle), y_m + corner_m * libm::sin(angle))
    };
    MultiPolygon::new(vec![Polygon::new((0..=CORNERS).map(corner).collect::<LineString>(), Vec::new())])
}
