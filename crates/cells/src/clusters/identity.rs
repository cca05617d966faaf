//! The same clusters in the next round.

use std::collections::BTreeMap;

use super::{ClusterError, NO_LABEL};
use crate::surface::Surface;

/// What a cluster of a round is called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// The cluster's number in this round.
    pub number: u16,
    /// Its lasting id: that of the cluster it continues, or a new one.
    pub id: u16,
    /// The share of the former cluster's people who live in this one, at least the least share; `None` for a new cluster.
    pub overlap: Option<f64>,
}

/// The lasting ids of a round's clusters, by number.
///
/// A cluster continues the former one of which it holds the most people, if these are at least `least_share` (0 to 1) of
/// all people of that former one; of several that continue one, only the one with the most people of it does. The others get ids
/// from `next_id` on, in the order of their numbers. Source: method 10 via 4 ("largest population overlap, at least
/// 50 %"), with the former cluster's population as the whole: a cluster that grows stays the same, one that breaks up lives on in
/// its largest part. `former` has lasting ids, `now` numbers; `population` counts people in each cell, NaN nobody. Former
/// clusters without people are continued by none. Surfaces of different grids, and more new clusters than ids, are errors.
///
/// ```
/// use kend_cells::{Grid, Surface, carried_identities};
/// let grid = Grid::new(0.0, 0.0, 100.0, 4, 1)?;
/// let former = Surface::new(grid, vec![7, 7, 7, 0])?;
/// let now = Surface::new(grid, vec![2, 2, 1, 1])?;
/// let ids = carried_identities(&former, &now, &Surface::filled(grid, 10.0), 0.5, 8)?;
/// assert_eq!(ids.iter().map(|identity| (identity.number, identity.id)).collect::<Vec<_>>(), [(1, 8), (2, 7)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn carried_identities(
    former: &Surface<u16>,
    now: &Surface<u16>,
    population: &Surface<f32>,
    least_share: f64,
    next_id: u16,
) -> Result<Vec<Identity>, ClusterError> {
    former.same_grid(now, "the clusters of now")?;
    former.same_grid(population, "population")?;
    let mut people_of: BTreeMap<u16, f64> = BTreeMap::new();
    let mut shared: BTreeMap<(u16, u16), f64> = BTreeMap::new();
    let mut numbers: BTreeMap<u16, Option<(u16, f64)>> = BTreeMap::new();
    for ((former, now), people) in former.values().iter().zip(now.values()).zip(population.values()) {
        let people = if people.is_nan() { 0.0 } else { f64::from(*people) };
        if *former != NO_LABEL {
            *people_of.entry(*former).or_default() += people;
        }
        if *now != NO_LABEL {
            numbers.entry(*now).or_default();
            if *former != NO_LABEL {
                *shared.entry((*now, *former)).or_default() += people;
            }
        }
    }
    // From the most people on; of equals the lower number and the lower id.
    let mut pairs: Vec<((u16, u16), f64)> = shared.into_iter().collect();
    pairs.sort_by(|(one, people), (other, more)| more.total_cmp(people).then(one.cmp(other)));
    let mut taken = Vec::new();
    let mut seen = Vec::new();
    for ((number, id), people) in pairs {
        if seen.contains(&number) {
            continue;
        }
        let share = people / people_of.get(&id).copied().unwrap_or_default();
        seen.push(number);
        if share >= least_share && !taken.contains(&id) {
            taken.push(id);
            numbers.insert(number, Some((id, share)));
        }
    }
    let clusters = numbers.len();
    let mut new_ids = next_id..=u16::MAX;
    let identity = |(number, continued): (u16, Option<(u16, f64)>)| {
        let id = match continued {
            Some((id, _)) => id,
            None => new_ids.next().ok_or(ClusterError::TooMany { clusters })?,
        };
        Ok(Identity { number, id, overlap: continued.map(|(_, share)| share) })
    };
    numbers.into_iter().map(identity).collect()
}
