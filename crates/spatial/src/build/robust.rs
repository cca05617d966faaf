//! How far zones and clusters depend on choices of the method (3, robustness (i)): `sd_mc` of each dimension.

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{Indicator, Method, ValueChoice, ZoneTable, position_sd};
use serde::{Deserialize, Serialize};

use super::{
    country::{ClusterRecord, ColumnStatus, IndicatorColumn, ZoneRecord},
    ground::Ground,
    others::{OtherColumn, OtherRow, choices},
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
    /// What rows could have been made of as well, each with the scores of zones.
    #[serde(default)]
    pub others: Vec<OtherRow>,
}

/// Shares of draws in each class, Activate first, by class and cluster.
pub type ClusterClasses = BTreeMap<ReadinessClass, BTreeMap<u16, [f64; ReadinessClass::ALL.len()]>>;

/// [`position_sd`] of the zones that count, and of all clusters together, from their raw values and what else those could be.
pub(super) fn robustness(
    zones: &[ZoneRecord],
    clusters: &BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    (columns, others): (&[IndicatorColumn], &[OtherColumn]),
    indicators: &[Indicator],
    (population, ground): (&[f32], &Ground),
    settings: RobustnessSettings,
    method: &Method,
) -> Robustness {
    let used = || columns.iter().filter(|column| column.status == ColumnStatus::Used);
    let counts = |zone: &ZoneRecord| !zone.excluded && zone.cells > 0;
    let counting: Vec<&ZoneRecord> = zones.iter().filter(|zone| counts(zone)).collect();
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
    let choices_of_zones = choices(others, |other| {
        let values = zones.iter().zip(&other.zones);
        values.filter(|(zone, _)| counts(zone)).map(|(_, value)| *value).collect()
    });
    let choices_of_clusters = choices(others, |other| {
        let own = columns.iter().find(|column| column.row == other.told.row);
        let mean = |cluster: &&ClusterRecord| {
            own.and_then(|own| cluster.mean(population, |at| other.value(own, &ground.zone, at)))
        };
        all.iter().map(mean).collect()
    });
    let draw = |table: &ZoneTable, choices: &[ValueChoice]| {
        let mut draws = uniform(settings.seed);
        position_sd(table, choices, indicators, settings.draws, &mut draws, method)
    };
    let of = |all: &BTreeMap<Dimension, Vec<Option<f64>>>, unit: usize| -> PositionSd {
        all.iter().filter_map(|(of, units)| Some((*of, units.get(unit).copied().flatten()?))).collect()
    };
    let (zone_sd, cluster_sd) = (draw(&of_zones, &choices_of_zones), draw(&of_clusters, &choices_of_clusters));
    let mut found = Robustness { draws: settings.draws, seed: settings.seed, ..Robustness::default() };
    found.zones = counting.iter().enumerate().map(|(unit, zone)| (zone.code.to_string(), of(&zone_sd, unit))).collect();
    for (unit, cluster) in all.iter().enumerate() {
        found.clusters.entry(cluster.class).or_default().insert(cluster.id, of(&cluster_sd, unit));
    }
    found
}
