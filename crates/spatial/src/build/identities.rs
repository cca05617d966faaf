//! The same clusters in the next round (method 4, 10): a cluster keeps its id, and no id is given twice.

use std::collections::BTreeMap;

use kend_cells::{ClusterError, Identity, NO_LABEL, Surface, carried_identities};
use kend_domain::ReadinessClass;
use kend_readiness::Method;

use super::{
    country::ClusterRecord,
    error::BuildError,
    former::Former,
    ground::Ground,
    number::place,
    series::{EndedCluster, KeptRecord, RoundRecord},
};

/// Gives clusters, which have their numbers still, their lasting ids, and says which round it is.
///
/// A cluster continues that one of the round before of its class of which it holds the most people, if these are at least half of
/// that one's; people are those of this round. Others get ids above the highest that a cluster of the class ever had.
pub(super) fn named(
    clusters: &mut BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    former: Option<&Former>,
    population: &[f32],
    ground: &Ground,
    method: &Method,
) -> Result<RoundRecord, BuildError> {
    let mut round = RoundRecord {
        number: former.map_or(1, |former| former.record.number.saturating_add(1)),
        former: former.map(|former| former.record.clone()),
        highest_ids: BTreeMap::new(),
        ended: Vec::new(),
        kept: KeptRecord::default(),
    };
    let people = ground.scatter(population, 0.0);
    for (class, own) in clusters {
        if let Some(former) = former {
            carry(*class, own, former, &people, ground, method)?;
            round.ended.extend(ended(*class, own, former));
        }
        let before = former.map_or(0, |former| former.highest_id(*class));
        round.highest_ids.insert(*class, own.iter().map(|cluster| cluster.id).fold(before, u16::max));
    }
    Ok(round)
}

fn carry(
    class: ReadinessClass,
    clusters: &mut [ClusterRecord],
    former: &Former,
    people: &Surface<f32>,
    ground: &Ground,
    method: &Method,
) -> Result<(), BuildError> {
    let numbers = ids(clusters, &ground.land, ground);
    let next = former.highest_id(class).checked_add(1).ok_or(ClusterError::TooMany { clusters: clusters.len() })?;
    let former_ones = former.clusters.get(&class).map_or(&[][..], Vec::as_slice);
    let before = ids(former_ones, &former.land, ground);
    let found = carried_identities(&before, &numbers, people, method.rounds.least_overlap.value, next)?;
    let by_number: BTreeMap<u16, Identity> = found.into_iter().map(|identity| (identity.number, identity)).collect();
    for cluster in clusters {
        if let Some(identity) = by_number.get(&cluster.id) {
            (cluster.id, cluster.continues) = (identity.id, identity.overlap);
        }
    }
    Ok(())
}

/// The ids of clusters in the cells of the grid; `land` is the place in it of each land cell of theirs.
fn ids(clusters: &[ClusterRecord], land: &[u32], ground: &Ground) -> Surface<u16> {
    let mut ids = Surface::filled(ground.grid, NO_LABEL);
    for cluster in clusters {
        for index in cluster.cells.iter().filter_map(|at| land.get(place(*at))) {
            if let Some(id) = ids.values_mut().get_mut(place(*index)) {
                *id = cluster.id;
            }
        }
    }
    ids
}

/// The clusters that none continues.
fn ended<'a>(
    class: ReadinessClass,
    now: &'a [ClusterRecord],
    former: &'a Former,
) -> impl Iterator<Item = EndedCluster> + 'a {
    former.ended(class, now).map(move |cluster| EndedCluster {
        class,
        id: cluster.id,
        names: cluster.names.clone(),
        area_km2: cluster.area_km2,
        population: cluster.population,
    })
}
