//! From a mask of cells to numbered clusters, and the same clusters in the next round.

mod components;
mod identity;
mod majority;

use thiserror::Error;

use crate::error::SurfaceError;
use crate::surface::Surface;
use components::{Components, components};

pub use components::Neighbours;
pub use identity::{Identity, carried_identities};
pub use majority::majority_filtered;

/// The label of a cell that belongs to nothing. Labels of zones and clusters begin at 1.
pub const NO_LABEL: u16 = 0;

/// How clusters are made of cells; [`Default`] has the values of method 4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterRules {
    /// Which cells touch each other.
    pub neighbours: Neighbours,
    /// Parts with less than this between their nearest edges are one cluster, metres.
    pub merge_within_m: f64,
    /// The least area of a cluster, square kilometres.
    pub least_area_km2: f64,
    /// The least population of a cluster.
    pub least_population: f64,
}

impl Default for ClusterRules {
    fn default() -> Self {
        Self { neighbours: Neighbours::Eight, merge_within_m: 500.0, least_area_km2: 100.0, least_population: 5000.0 }
    }
}

/// Why there are no clusters.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ClusterError {
    /// The surfaces don't fit together.
    #[error(transparent)]
    Surface(#[from] SurfaceError),
    /// A rule that is negative or NaN, or a distance to merge of more than [`MAX_MERGE_CELLS`] cells.
    #[error("the rule `{rule}` cannot be {value}")]
    Rule {
        /// Its name.
        rule: &'static str,
        /// Its value.
        value: f64,
    },
    /// More clusters than labels.
    #[error("{clusters} clusters are more than the {} that can be numbered", u16::MAX)]
    TooMany {
        /// How many.
        clusters: usize,
    },
}

/// The farthest that parts may be merged over, in cells: each cell looks at all others within.
pub const MAX_MERGE_CELLS: f64 = 100.0;

/// A cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// Its number, from 1: the label of its cells.
    pub number: u16,
    /// Number of cells.
    pub cells: usize,
    /// Area, square kilometres.
    pub area_km2: f64,
    /// People.
    pub population: f64,
}

/// Clusters and the surface of their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// From the most populous on.
    pub clusters: Vec<Cluster>,
    /// The number of the cluster of each cell, [`NO_LABEL`] where none is.
    pub labels: Surface<u16>,
}

/// Clusters of the cells of a class.
///
/// Source: method 4, in its order: the mask `in_class` is smoothed once by [`majority_filtered`]; touching cells are one part;
/// parts with less than `merge_within_m` between their edges are one cluster (nothing is filled in between); a cluster
/// stays if it has the least area and population; cells of `excluded` leave it after that, so that the edge of a city
/// does not make the village beside it too small; what is left is numbered by population, then area, then from the
/// north-west. `population` counts people in each cell; NaN counts nobody. An empty mask gives no clusters; negative or NaN rules and
/// surfaces of different grids are errors.
///
/// ```
/// use kend_cells::{ClusterRules, Grid, Surface, clusters};
/// let grid = Grid::new(0.0, 0.0, 1000.0, 20, 10)?;
/// let in_class = Surface::filled(grid, true);
/// let population = Surface::filled(grid, 50.0);
/// let found = clusters(&in_class, &population, &Surface::filled(grid, false), &ClusterRules::default())?;
/// assert_eq!(found.clusters.len(), 1);
/// assert_eq!(found.clusters[0].population, 196.0 * 50.0, "the majority filter rounds the four corners off");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn clusters(
    in_class: &Surface<bool>,
    population: &Surface<f32>,
    excluded: &Surface<bool>,
    rules: &ClusterRules,
) -> Result<Clusters, ClusterError> {
    in_class.same_grid(population, "population")?;
    in_class.same_grid(excluded, "the excluded cells")?;
    check(rules, in_class.grid().cell_m())?;
    let smooth = majority_filtered(in_class);
    let mut parts = components(&smooth, rules.neighbours);
    parts.merge_within(rules.merge_within_m);
    number(&parts, population, excluded, rules)
}

fn check(rules: &ClusterRules, cell_m: f64) -> Result<(), ClusterError> {
    let rule = |rule, value: f64, limit: f64| {
        if value >= 0.0 && value <= limit { Ok(()) } else { Err(ClusterError::Rule { rule, value }) }
    };
    rule("merge_within_m", rules.merge_within_m, MAX_MERGE_CELLS * cell_m)?;
    rule("least_area_km2", rules.least_area_km2, f64::INFINITY)?;
    rule("least_population", rules.least_population, f64::INFINITY)
}

/// What a cluster holds, before it has a number.
#[derive(Debug, Clone, Copy, Default)]
struct Holding {
    cells: u32,
    population: f64,
    /// Without the excluded cells.
    kept_cells: u32,
    kept_population: f64,
}

fn number(
    parts: &Components,
    population: &Surface<f32>,
    excluded: &Surface<bool>,
    rules: &ClusterRules,
) -> Result<Clusters, ClusterError> {
    let cell_km2 = population.grid().cell_km2();
    let mut holdings = vec![Holding::default(); parts.count()];
    let cells = || parts.labels().zip(population.values()).zip(excluded.values());
    for ((label, people), excluded) in cells() {
        let Some(holding) = label.and_then(|label| holdings.get_mut(label)) else { continue };
        let people = if people.is_nan() { 0.0 } else { f64::from(*people) };
        holding.cells += 1;
        holding.population += people;
        if !excluded {
            holding.kept_cells += 1;
            holding.kept_population += people;
        }
    }
    let stays = |holding: &Holding| {
        f64::from(holding.cells) * cell_km2 >= rules.least_area_km2
            && holding.population >= rules.least_population
            && holding.kept_cells > 0
    };
    let mut order: Vec<(usize, &Holding)> = holdings.iter().enumerate().filter(|(_, holding)| stays(holding)).collect();
    // Stable: parts are already in the order of their first cells.
    order.sort_by(|(_, one), (_, other)| {
        other.kept_population.total_cmp(&one.kept_population).then(other.kept_cells.cmp(&one.kept_cells))
    });
    let mut number_of = vec![NO_LABEL; holdings.len()];
    let mut clusters = Vec::with_capacity(order.len());
    for (place, (part, holding)) in order.iter().enumerate() {
        let number = u16::try_from(place + 1).map_err(|_| ClusterError::TooMany { clusters: order.len() })?;
        if let Some(slot) = number_of.get_mut(*part) {
            *slot = number;
        }
        clusters.push(Cluster {
            number,
            cells: crate::number::place(holding.kept_cells),
            area_km2: f64::from(holding.kept_cells) * cell_km2,
            population: holding.kept_population,
        });
    }
    let labels = cells().map(|((label, _), excluded)| {
        let number = label.filter(|_| !excluded).and_then(|label| number_of.get(label));
        number.copied().unwrap_or(NO_LABEL)
    });
    Ok(Clusters { clusters, labels: Surface::new(*population.grid(), labels.collect())? })
}

#[cfg(test)]
mod tests;
