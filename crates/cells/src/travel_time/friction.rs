//! Friction: how many minutes a metre takes on the ground of a cell.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::TravelTimeError;
use crate::number::narrow;
use crate::surface::Surface;

/// Minutes per metre at one kilometre per hour.
const MINUTES_PER_METRE_AT_1_KMH: f64 = 60.0 / 1000.0;

/// The quickest road in a cell, by the classes of `OpenStreetMap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    /// `motorway`, `trunk` and their links.
    MotorwayOrTrunk,
    /// `primary`.
    Primary,
    /// `secondary`.
    Secondary,
    /// `tertiary`.
    Tertiary,
    /// `residential`, `unclassified`, `living_street`, `service`.
    Residential,
    /// `track`.
    Track,
}

/// What people walk over where there is no road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LandCover {
    /// Bare ground or built-up land.
    BareOrBuilt,
    /// Grass, crops.
    LowVegetation,
    /// Shrubs, orchards.
    MediumVegetation,
    /// Forest.
    DenseVegetation,
    /// Water, a closed border: nobody passes without a road.
    Barrier,
}

/// Speeds in kilometres per hour; [`Default`] has those of method 2.3 (in the style of `AccessMod` 5). A document that
/// leaves some out has those of the default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speeds {
    /// On motorways and trunk roads, km/h.
    pub motorway_or_trunk_kmh: f64,
    /// On primary roads, km/h.
    pub primary_kmh: f64,
    /// On secondary roads, km/h.
    pub secondary_kmh: f64,
    /// On tertiary roads, km/h.
    pub tertiary_kmh: f64,
    /// On residential and unclassified roads, km/h.
    pub residential_kmh: f64,
    /// On tracks, km/h.
    pub track_kmh: f64,
    /// On foot over bare or built-up ground, km/h.
    pub bare_or_built_kmh: f64,
    /// On foot through low vegetation, km/h.
    pub low_vegetation_kmh: f64,
    /// On foot through medium vegetation, km/h.
    pub medium_vegetation_kmh: f64,
    /// On foot through dense vegetation, km/h.
    pub dense_vegetation_kmh: f64,
}

/// A speed that isn't a positive number.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("a speed must be a positive number of kilometres per hour, not {speed_kmh}")]
pub struct SpeedsError {
    /// Kilometres per hour.
    pub speed_kmh: f64,
}

impl Default for Speeds {
    fn default() -> Self {
        Self {
            motorway_or_trunk_kmh: 90.0,
            primary_kmh: 70.0,
            secondary_kmh: 55.0,
            tertiary_kmh: 45.0,
            residential_kmh: 25.0,
            track_kmh: 12.0,
            bare_or_built_kmh: 5.0,
            low_vegetation_kmh: 4.0,
            medium_vegetation_kmh: 3.0,
            dense_vegetation_kmh: 2.0,
        }
    }
}

impl Speeds {
    /// All speeds times a factor: method 3 tries 0.8 and 1.2.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            motorway_or_trunk_kmh: self.motorway_or_trunk_kmh * factor,
            primary_kmh: self.primary_kmh * factor,
            secondary_kmh: self.secondary_kmh * factor,
            tertiary_kmh: self.tertiary_kmh * factor,
            residential_kmh: self.residential_kmh * factor,
            track_kmh: self.track_kmh * factor,
            bare_or_built_kmh: self.bare_or_built_kmh * factor,
            low_vegetation_kmh: self.low_vegetation_kmh * factor,
            medium_vegetation_kmh: self.medium_vegetation_kmh * factor,
            dense_vegetation_kmh: self.dense_vegetation_kmh * factor,
        }
    }

    const fn on_road(&self, road: RoadClass) -> f64 {
        match road {
            RoadClass::MotorwayOrTrunk => self.motorway_or_trunk_kmh,
            RoadClass::Primary => self.primary_kmh,
            RoadClass::Secondary => self.secondary_kmh,
            RoadClass::Tertiary => self.tertiary_kmh,
            RoadClass::Residential => self.residential_kmh,
            RoadClass::Track => self.track_kmh,
        }
    }

    const fn on_foot(&self, land: LandCover) -> Option<f64> {
        match land {
            LandCover::BareOrBuilt => Some(self.bare_or_built_kmh),
            LandCover::LowVegetation => Some(self.low_vegetation_kmh),
            LandCover::MediumVegetation => Some(self.medium_vegetation_kmh),
            LandCover::DenseVegetation => Some(self.dense_vegetation_kmh),
            LandCover::Barrier => None,
        }
    }

    /// Whether all are positive numbers.
    pub fn check(&self) -> Result<(), SpeedsError> {
        let speeds = [
            self.motorway_or_trunk_kmh,
            self.primary_kmh,
            self.secondary_kmh,
            self.tertiary_kmh,
            self.residential_kmh,
            self.track_kmh,
            self.bare_or_built_kmh,
            self.low_vegetation_kmh,
            self.medium_vegetation_kmh,
            self.dense_vegetation_kmh,
        ];
        let wrong = speeds.into_iter().find(|speed| !(speed.is_finite() && *speed > 0.0));
        wrong.map_or(Ok(()), |speed_kmh| Err(SpeedsError { speed_kmh }))
    }
}

/// The share `T` of the level walking speed that a slope leaves, as the mean of the ways up and down.
///
/// `T = (h(s) + h(-s)) / 2` with `h(s) = exp(-3.5 |s + 0.05|) / exp(-3.5 * 0.05)`, `s` the slope as rise over run (0 on
/// the level, 1 at 45 degrees; its sign doesn't matter). Source: Tobler 1993, hiking function; method 2.3. NaN gives NaN,
/// an infinite slope 0.
///
/// ```
/// assert_eq!(kend_cells::tobler_factor(0.0), 1.0);
/// assert!((kend_cells::tobler_factor(0.1) - 0.8523).abs() < 1e-4);
/// ```
pub fn tobler_factor(slope: f64) -> f64 {
    const DECAY: f64 = 3.5;
    const SLOPE_OF_THE_HIGHEST_SPEED: f64 = 0.05;
    const HALF: f64 = 0.5;
    let way = |slope: f64| {
        libm::exp(-DECAY * (slope + SLOPE_OF_THE_HIGHEST_SPEED).abs()) / libm::exp(-DECAY * SLOPE_OF_THE_HIGHEST_SPEED)
    };
    HALF * (way(slope) + way(-slope))
}

/// Friction `f` in minutes per metre: `f = 0.06 / v`, `v` the speed in km/h on the road if there is one, else on foot
/// over the land cover times [`tobler_factor`] of the slope.
///
/// Source: method 2.3; a road bridges barriers, and vehicles keep the speed of their road on slopes as in `AccessMod` 5.
/// A barrier without a road is infinite, which [`super::travel_time()`] takes for a barrier. A NaN slope counts as level
/// ground, since a gap in an elevation model is no wall; an infinite slope is a barrier.
///
/// ```
/// use kend_cells::{LandCover, RoadClass, Speeds, friction};
/// let speeds = Speeds::default();
/// assert!((friction(None, LandCover::BareOrBuilt, 0.0, &speeds) - 0.012).abs() < 1e-12);
/// assert!((friction(Some(RoadClass::Track), LandCover::Barrier, 0.3, &speeds) - 0.005).abs() < 1e-12);
/// assert_eq!(friction(None, LandCover::Barrier, 0.0, &speeds), f64::INFINITY);
/// ```
pub fn friction(road: Option<RoadClass>, land: LandCover, slope: f64, speeds: &Speeds) -> f64 {
    let speed_kmh = road.map(|road| speeds.on_road(road)).or_else(|| {
        let level_kmh = speeds.on_foot(land)?;
        Some(if slope.is_nan() { level_kmh } else { level_kmh * tobler_factor(slope) })
    });
    speed_kmh.map_or(f64::INFINITY, |speed_kmh| MINUTES_PER_METRE_AT_1_KMH / speed_kmh)
}

/// [`friction`] of every cell. `slope` is rise over run; NaN counts as level. Surfaces of different grids and speeds that
/// aren't positive are errors.
///
/// ```
/// use kend_cells::{Grid, LandCover, RoadClass, Speeds, Surface, friction_surface};
/// let grid = Grid::new(0.0, 0.0, 100.0, 2, 1)?;
/// let roads = Surface::new(grid, vec![None, Some(RoadClass::Track)])?;
/// let land = Surface::filled(grid, LandCover::BareOrBuilt);
/// let level = Surface::filled(grid, 0.0);
/// let friction = friction_surface(&roads, &land, &level, &Speeds::default())?;
/// assert_eq!(friction.values(), [0.012, 0.005]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn friction_surface(
    roads: &Surface<Option<RoadClass>>,
    land: &Surface<LandCover>,
    slope: &Surface<f32>,
    speeds: &Speeds,
) -> Result<Surface<f32>, TravelTimeError> {
    speeds.check()?;
    roads.same_grid(land, "land cover")?;
    roads.same_grid(slope, "slope")?;
    let grounds = roads.values().iter().zip(land.values()).zip(slope.values());
    let values = grounds.map(|((road, land), slope)| narrow(friction(*road, *land, f64::from(*slope), speeds)));
    Ok(Surface::new(*roads.grid(), values.collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;

    #[test]
    fn both_ways_of_a_slope_count_and_its_sign_does_not() {
        // Uphill exp(-3.5 * 0.15) / exp(-3.5 * 0.05) = exp(-0.35); downhill exp(-3.5 * 0.05) / exp(-3.5 * 0.05) = 1.
        assert!((tobler_factor(0.1) - 0.5 * (f64::exp(-0.35) + 1.0)).abs() < 1e-12);
        assert!((tobler_factor(0.2) - tobler_factor(-0.2)).abs() < 1e-15);
        assert!(tobler_factor(f64::NAN).is_nan());
        assert!(tobler_factor(f64::INFINITY).abs() < f64::EPSILON);
    }

    #[test]
    fn a_gap_in_the_elevation_is_level_ground_and_a_wall_is_a_barrier() {
        let speeds = Speeds::default();
        let level = friction(None, LandCover::DenseVegetation, 0.0, &speeds);
        assert!((friction(None, LandCover::DenseVegetation, f64::NAN, &speeds) - level).abs() < 1e-15);
        assert!(friction(None, LandCover::BareOrBuilt, f64::INFINITY, &speeds).is_infinite());
    }

    #[test]
    fn speeds_that_are_no_speeds_are_refused() {
        let grid = Grid::new(0.0, 0.0, 100.0, 1, 1).unwrap();
        let (roads, land) = (Surface::filled(grid, None), Surface::filled(grid, LandCover::Barrier));
        let speeds = Speeds { track_kmh: 0.0, ..Speeds::default() };
        let error = friction_surface(&roads, &land, &Surface::filled(grid, 0.0), &speeds).unwrap_err();
        assert_eq!(error.to_string(), "a speed must be a positive number of kilometres per hour, not 0");
        let other = Surface::filled(Grid::new(1.0, 0.0, 100.0, 1, 1).unwrap(), 0.0);
        let error = friction_surface(&roads, &land, &other, &Speeds::default()).unwrap_err();
        assert!(error.to_string().contains("slope lies on another grid"));
        assert!(Speeds::default().scaled(f64::NAN).check().is_err());
    }
}
