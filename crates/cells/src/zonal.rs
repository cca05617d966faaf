//! What zones hold: means, sums and the shares of classes.
//!
//! Zones are labels of cells, so a border runs along cells; shares of a cell that two zones have part in are not needed at
//! 100 m. All sums run row by row from the north in f64.

use std::collections::BTreeMap;

use crate::clusters::NO_LABEL;
use crate::error::SurfaceError;
use crate::number::real;
use crate::surface::Surface;

/// What a zone holds of a surface of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneMean {
    /// The zone's label.
    pub label: u16,
    /// Cells of the zone.
    pub cells: usize,
    /// Cells of the zone with a value.
    pub observed_cells: usize,
    /// People in the cells with a value.
    pub observed_population: f64,
    /// Mean weighted with people; `None` if nobody lives in a cell with a value.
    pub population_weighted: Option<f64>,
    /// Mean over the area; `None` if no cell has a value.
    pub area_weighted: Option<f64>,
}

/// Means of each zone that has cells, by label.
///
/// `sum of p x / sum of p` with `p` the people of a cell and `x` its value, over cells with a value, and the plain mean
/// over these (cells are of one size). Source: method 2.2, last lines. A NaN value is missing and drops out; a population
/// that is NaN or not above 0 counts nobody. Cells labelled [`NO_LABEL`] belong to no zone.
///
/// ```
/// use kend_cells::{Grid, Surface, zone_means};
/// let grid = Grid::new(0.0, 0.0, 100.0, 4, 1)?;
/// let zones = Surface::new(grid, vec![1, 1, 1, 0])?;
/// let values = Surface::new(grid, vec![10.0, 40.0, f32::NAN, 7.0])?;
/// let population = Surface::new(grid, vec![3.0, 1.0, 9.0, 1.0])?;
/// let means = zone_means(&zones, &values, &population)?;
/// assert_eq!((means[0].population_weighted, means[0].area_weighted), (Some(17.5), Some(25.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zone_means(
    zones: &Surface<u16>,
    values: &Surface<f32>,
    population: &Surface<f32>,
) -> Result<Vec<ZoneMean>, SurfaceError> {
    #[derive(Clone, Copy, Default)]
    struct Sums {
        cells: usize,
        observed_cells: usize,
        value: f64,
        people: f64,
        people_value: f64,
    }
    zones.same_grid(values, "the values")?;
    zones.same_grid(population, "population")?;
    let pairs = values.values().iter().zip(population.values());
    let sums = by_zone(zones, pairs, |sums: &mut Sums, (value, people)| {
        sums.cells += 1;
        if value.is_nan() {
            return;
        }
        let (value, people) = (f64::from(*value), inhabitants(*people));
        sums.observed_cells += 1;
        sums.value += value;
        sums.people += people;
        sums.people_value += people * value;
    });
    let mean = |(label, sums): (u16, Sums)| ZoneMean {
        label,
        cells: sums.cells,
        observed_cells: sums.observed_cells,
        observed_population: sums.people,
        population_weighted: (sums.people > 0.0).then(|| sums.people_value / sums.people),
        area_weighted: (sums.observed_cells > 0).then(|| sums.value / real(sums.observed_cells)),
    };
    Ok(sums.into_iter().map(mean).collect())
}

/// The sum of the values of each zone that has cells, by label. NaN values drop out: a zone without any value has 0.
///
/// ```
/// use kend_cells::{Grid, Surface, zone_sums};
/// let grid = Grid::new(0.0, 0.0, 100.0, 3, 1)?;
/// let zones = Surface::new(grid, vec![5, 5, 2])?;
/// let people = Surface::new(grid, vec![1.5, f32::NAN, 4.0])?;
/// assert_eq!(zone_sums(&zones, &people)?, [(2, 4.0), (5, 1.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn zone_sums(zones: &Surface<u16>, values: &Surface<f32>) -> Result<Vec<(u16, f64)>, SurfaceError> {
    zones.same_grid(values, "the values")?;
    let sums = by_zone(zones, values.values(), |sum: &mut f64, value| {
        if !value.is_nan() {
            *sum += f64::from(*value);
        }
    });
    Ok(sums.into_iter().collect())
}

/// How much of a zone a class has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassShare {
    /// The class.
    pub class: u8,
    /// Cells of the class in the zone.
    pub cells: usize,
    /// Its share of the zone's cells that have a class, 0 to 1.
    pub area_share: f64,
    /// People in its cells.
    pub population: f64,
}

/// The classes of each zone that has cells, by label and class. `None` is a cell without a class, which drops out of
/// numerator and denominator; a zone without any class has an empty list. A population that is NaN or not above 0 counts
/// nobody.
///
/// ```
/// use kend_cells::{Grid, Surface, class_shares};
/// let grid = Grid::new(0.0, 0.0, 100.0, 5, 1)?;
/// let zones = Surface::filled(grid, 1);
/// let classes = Surface::new(grid, vec![Some(0), Some(4), Some(4), Some(4), None])?;
/// let shares = class_shares(&zones, &classes, &Surface::filled(grid, 2.0))?;
/// let (label, shares) = &shares[0];
/// assert_eq!((*label, shares[1].class, shares[1].area_share, shares[1].population), (1, 4, 0.75, 6.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn class_shares(
    zones: &Surface<u16>,
    classes: &Surface<Option<u8>>,
    population: &Surface<f32>,
) -> Result<Vec<(u16, Vec<ClassShare>)>, SurfaceError> {
    zones.same_grid(classes, "the classes")?;
    zones.same_grid(population, "population")?;
    let pairs = classes.values().iter().zip(population.values());
    let held = by_zone(zones, pairs, |held: &mut BTreeMap<u8, (usize, f64)>, (class, people)| {
        if let Some(class) = class {
            let (cells, population) = held.entry(*class).or_default();
            *cells += 1;
            *population += inhabitants(*people);
        }
    });
    let shares = |held: BTreeMap<u8, (usize, f64)>| {
        let all: usize = held.values().map(|(cells, _)| cells).sum();
        let share =
            |(class, (cells, population))| ClassShare { class, cells, area_share: real(cells) / real(all), population };
        held.into_iter().map(share).collect()
    };
    Ok(held.into_iter().map(|(label, held)| (label, shares(held))).collect())
}

/// A zone that others lie in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PopulationShare {
    /// The zone's label.
    pub zone: u16,
    /// People of the cluster who live in the zone.
    pub population: f64,
    /// Their share of all people of the cluster, 0 to 1; 0 where nobody lives.
    pub share: f64,
}

/// For each cluster, the zones that its people live in, from the most populous on: a cluster is named by the rayons with
/// at least 15 % (method 4 (7)). Cells without a zone count in the cluster's whole, under [`NO_LABEL`].
///
/// ```
/// use kend_cells::{Grid, Surface, population_shares};
/// let grid = Grid::new(0.0, 0.0, 100.0, 4, 1)?;
/// let clusters = Surface::new(grid, vec![1, 1, 1, 0])?;
/// let rayons = Surface::new(grid, vec![30, 31, 31, 31])?;
/// let shares = population_shares(&clusters, &rayons, &Surface::filled(grid, 5.0))?;
/// let (cluster, zones) = &shares[0];
/// assert_eq!((*cluster, zones[0].zone, zones[1].zone, zones[1].population), (1, 31, 30, 5.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn population_shares(
    clusters: &Surface<u16>,
    zones: &Surface<u16>,
    population: &Surface<f32>,
) -> Result<Vec<(u16, Vec<PopulationShare>)>, SurfaceError> {
    clusters.same_grid(zones, "the zones")?;
    clusters.same_grid(population, "population")?;
    let pairs = zones.values().iter().zip(population.values());
    let held = by_zone(clusters, pairs, |held: &mut BTreeMap<u16, f64>, (zone, people)| {
        *held.entry(*zone).or_default() += inhabitants(*people);
    });
    let shares = |held: BTreeMap<u16, f64>| {
        let all: f64 = held.values().sum();
        let share = |(zone, population)| PopulationShare {
            zone,
            population,
            share: if all > 0.0 { population / all } else { 0.0 },
        };
        let mut shares: Vec<PopulationShare> = held.into_iter().map(share).collect();
        shares.sort_by(|one, other| other.population.total_cmp(&one.population));
        shares
    };
    Ok(held.into_iter().map(|(label, held)| (label, shares(held))).collect())
}

fn inhabitants(people: f32) -> f64 {
    if people > 0.0 { f64::from(people) } else { 0.0 }
}

/// Something for each zone that has cells, gathered over its cells.
fn by_zone<T, V: Default + Clone>(
    zones: &Surface<u16>,
    values: impl IntoIterator<Item = T>,
    mut gather: impl FnMut(&mut V, T),
) -> BTreeMap<u16, V> {
    let labels = usize::from(zones.values().iter().copied().max().unwrap_or(NO_LABEL)) + 1;
    let mut gathered: Vec<Option<V>> = vec![None; labels];
    for (label, value) in zones.values().iter().zip(values) {
        if *label != NO_LABEL
            && let Some(slot) = gathered.get_mut(usize::from(*label))
        {
            gather(slot.get_or_insert_default(), value);
        }
    }
    (0..=u16::MAX).zip(gathered).filter_map(|(label, gathered)| Some((label, gathered?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;

    #[test]
    fn a_zone_without_values_or_people_says_so() {
        let grid = Grid::new(0.0, 0.0, 100.0, 3, 1).unwrap();
        let zones = Surface::new(grid, vec![1, 2, u16::MAX]).unwrap();
        let values = Surface::new(grid, vec![f32::NAN, 3.0, 4.0]).unwrap();
        let population = Surface::new(grid, vec![5.0, f32::NAN, -1.0]).unwrap();
        let means = zone_means(&zones, &values, &population).unwrap();
        let means: Vec<_> =
            means.iter().map(|mean| (mean.label, mean.population_weighted, mean.area_weighted)).collect();
        assert_eq!(means, [(1, None, None), (2, None, Some(3.0)), (u16::MAX, None, Some(4.0))]);
        let classes = Surface::new(grid, vec![None, Some(1), Some(1)]).unwrap();
        assert_eq!(class_shares(&zones, &classes, &population).unwrap()[0], (1, vec![]));
        let shares = population_shares(&zones, &zones, &population).unwrap();
        assert_eq!(shares[1], (2, vec![PopulationShare { zone: 2, population: 0.0, share: 0.0 }]));
        assert_eq!(zone_sums(&Surface::filled(grid, NO_LABEL), &values).unwrap(), []);
    }

    #[test]
    fn surfaces_of_other_grids_are_refused() {
        let zones = Surface::filled(Grid::new(0.0, 0.0, 100.0, 2, 1).unwrap(), 1);
        let other = Surface::filled(Grid::new(0.0, 0.0, 100.0, 1, 2).unwrap(), 1.0);
        assert_eq!(zone_sums(&zones, &other), Err(SurfaceError::OtherGrid { what: "the values" }));
    }
}
