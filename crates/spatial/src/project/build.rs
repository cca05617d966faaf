//! `[clusters]` and `[robustness]`: how clusters are made, and how often choices are drawn anew.

use kend_cells::ClusterRules;
use kend_readiness::Method;
use serde::Deserialize;

use super::{ProjectError, within};

/// How clusters are made, where it differs from the method (4).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterSettings {
    /// The least area, square kilometres.
    pub least_area_km2: f64,
    /// The least number of people.
    pub least_population: f64,
    /// Parts closer than this are one cluster, metres.
    pub merge_within_m: f64,
    /// Whether the least area is set such that there are nearly as many Amplify clusters as in the report.
    pub calibrate: bool,
}

impl Default for ClusterSettings {
    fn default() -> Self {
        let ClusterRules { least_area_km2, least_population, merge_within_m, .. } = ClusterRules::default();
        Self { least_area_km2, least_population, merge_within_m, calibrate: false }
    }
}

/// How far results depend on choices (method 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RobustnessSettings {
    /// Draws of the Monte Carlo estimate over zones and clusters.
    pub draws: u32,
    /// The seed of the draws.
    pub seed: u64,
    /// Whether it is drawn for each cell too how often it keeps its class.
    pub stability: bool,
}

impl Default for RobustnessSettings {
    fn default() -> Self {
        Self { draws: Method::standard().robustness.draws.value, seed: 1, stability: false }
    }
}

impl ClusterSettings {
    pub(super) fn check(&self, cell_m: f64) -> Result<(), ProjectError> {
        /// The largest country.
        const MAX_AREA_KM2: f64 = 2e7;
        /// As many as there are people.
        const MAX_PEOPLE: f64 = 1e10;
        within("clusters.least_area_km2", self.least_area_km2, (0.0, MAX_AREA_KM2))?;
        within("clusters.least_population", self.least_population, (0.0, MAX_PEOPLE))?;
        within("clusters.merge_within_m", self.merge_within_m, (0.0, kend_cells::MAX_MERGE_CELLS * cell_m))
    }
}

impl RobustnessSettings {
    pub(super) fn check(self) -> Result<(), ProjectError> {
        let bounds = &Method::standard().robustness.draws;
        let problem = format!("expected a whole number from 2 to {}, found {}", bounds.maximum, self.draws);
        let fits = (2..=bounds.maximum).contains(&self.draws);
        if fits { Ok(()) } else { Err(ProjectError::Range { key: "robustness.draws".to_owned(), problem }) }
    }
}
