//! How far zones and clusters depend on choices of the method (3, robustness (i)): `sd_mc` of each dimension.

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{Indicator, Method, ZoneTable, position_sd};
use serde::{Deserialize, Serialize};

use super::{
    country::{ClusterRecord, ColumnStatus, IndicatorColumn, ZoneRecord},
    ground::Ground,
};
use crate::{project::RobustnessSettings, random::uniform};

/// Standard deviations of class positions by dimension, position points.
pub type PositionSd = BTreeMap<Dimension, f64>;

/// What choices do to positions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Robustness {
    /// Draws.
    pub draws: u32,
    /// Their seed.
    pub seed: u64,
    /// By code of the zone.
    pub zones: BTreeMap<String, PositionSd>,
    /// By class and cluster.
    pub clusters: BTreeMap<ReadinessClass, BTreeMap<u16, PositionSd>>,
    /// How often clusters have each class when weights are drawn anew. Empty unless `robustness.stability` asks for it.
    #[serde(default)]
    pub cluster_classes: ClusterClasses,
}

/// Shares of draws in each class, Activate first, by class and cluster.
pub type ClusterClasses = BTreeMap<ReadinessClass, BTreeMap<u16, [f64; ReadinessClass::ALL.len()]>>;

/// [`position_sd`] of the zones that count, and of all clusters together, from their raw values.
pub(super) fn robustness(
    zones: &[ZoneRecord],
    clusters: &BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    columns: &[IndicatorColumn],
    indicators: &[Indicator],
    (population, ground): (&[f32], &Ground),
    settings: RobustnessSettings,
    method: &Method,
) -> Robustness {
    let used = || columns.iter().filter(|column| column.status == ColumnStatus::Used);
    let counting: Vec<&ZoneRecord> = zones.iter().filter(|zone| !zone.excluded && zone.cells > 0).collect();
    let of_zones = ZoneTable {
        areas: counting.iter().map(|zone| zone.area_km2).collect(),
        values: used()
            .map(|column| {
                let value = |zone: &&ZoneRecord| zone.values.get(&column.row).and_then(|value| value.value);
                (column.row, counting.iter().map(value).collect())
            })
            .collect(),
    };
    let all: Vec<&ClusterRecord> = clusters.values().flatten().collect();
    let of_clusters = ZoneTable {
        areas: all.iter().map(|cluster| cluster.area_km2).collect(),
        values: used()
            .map(|column| {
                let value = |cluster: &&ClusterRecord| cluster.mean(population, |at| column.value(&ground.zone, at));
                (column.row, all.iter().map(value).collect())
            })
            .collect(),
    };
    let draw = |table: &ZoneTable| {
        let mut draws = uniform(settings.seed);
        position_sd(table, &[], indicators, settings.draws, &mut draws, method)
    };
    let of = |all: &BTreeMap<Dimension, Vec<Option<f64>>>, unit: usize| -> PositionSd {
        all.iter().filter_map(|(of, units)| Some((*of, units.get(unit).copied().flatten()?))).collect()
    };
    let (zone_sd, cluster_sd) = (draw(&of_zones), draw(&of_clusters));
    let mut found = Robustness { draws: settings.draws, seed: settings.seed, ..Robustness::default() };
    found.zones = counting.iter().enumerate().map(|(unit, zone)| (zone.code.to_string(), of(&zone_sd, unit))).collect();
    for (unit, cluster) in all.iter().enumerate() {
        found.clusters.entry(cluster.class).or_default().insert(cluster.id, of(&cluster_sd, unit));
    }
    found
}
