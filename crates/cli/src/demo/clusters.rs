//! The priority clusters: each the mean of its rayons, with thresholds and the uncertainty of its positions.

use std::collections::BTreeMap;

use kend_domain::{Dimension, Names};
use kend_pack::{Cluster, DimensionValue, IndicatorStatus, IndicatorValue, Place};
use kend_readiness::{Indicator, Method, Thresholds, index_value, indicators, position_sd, weighted_quantile};

use super::{
    DemoError,
    build::{kept, persons},
    figures::Figure,
    files::{ClusterEntry, Files},
    zones::Zones,
};
use kend_spatial::uniform;

const HALF: f64 = 0.5;

/// What clusters are made of.
pub(super) struct Clusters<'build> {
    pub(super) files: &'build Files,
    pub(super) figures: &'build BTreeMap<String, Figure>,
    pub(super) zones: &'build Zones,
    pub(super) places: &'build [Place],
    /// Of the dimensions with data.
    pub(super) thresholds: &'build BTreeMap<Dimension, Thresholds>,
    pub(super) method: &'build Method,
}

impl Clusters<'_> {
    /// All clusters in the order of the file.
    pub(super) fn all(&self) -> Result<Vec<Cluster>, DemoError> {
        let sd = self.position_sd()?;
        self.files
            .clusters
            .iter()
            .enumerate()
            .map(|(place, entry)| {
                let zone = self.zones.codes.len() + place;
                self.one(entry, |dimension| sd.get(&dimension)?.get(zone).copied().flatten())
            })
            .collect()
    }

    /// `sd_mc` of the rayons and then of the clusters. A cluster joins the table as a zone without area: thresholds do
    /// not know it, and its values lie between those of its rayons.
    fn position_sd(&self) -> Result<BTreeMap<Dimension, Vec<Option<f64>>>, DemoError> {
        let mut table = self.zones.table.clone();
        for entry in &self.files.clusters {
            table.areas.push(0.0);
            for (row, values) in &self.zones.table.values {
                let lost = || DemoError::Unfit(format!("row {row} is lost"));
                table.values.get_mut(row).ok_or_else(lost)?.push(self.zones.mean(&entry.rayons, values));
            }
        }
        let uniform = uniform(self.files.project.robustness.seed);
        Ok(position_sd(&table, &[], indicators(), self.method.robustness.draws.value, uniform, self.method))
    }

    fn one(&self, entry: &ClusterEntry, sd_of: impl Fn(Dimension) -> Option<f64>) -> Result<Cluster, DemoError> {
        let unfit = |what: &str| DemoError::Unfit(format!("cluster {}: {what}", entry.id));
        let mut values = BTreeMap::new();
        let mut dimensions = Vec::new();
        for dimension in Dimension::ALL {
            let mut told = DimensionValue { dimension: *dimension, value: None, thresholds: None, sd_mc: None };
            if let Some(thresholds) = self.thresholds.get(dimension) {
                let row = self.zones.dimensions.get(dimension).ok_or_else(|| unfit("a dimension is lost"))?;
                let mean = self.zones.mean(&entry.rayons, row);
                let value = mean.ok_or_else(|| unfit("no value although the dimension has data"))?;
                values.insert(*dimension, value);
                told.value = Some(kept(value));
                told.thresholds = Some(thresholds.values());
                told.sd_mc = Some(kept(sd_of(*dimension).ok_or_else(|| unfit("no uncertainty"))?));
            }
            dimensions.push(told);
        }
        let index = index_value(&values, &self.method.missing, self.method);
        let population = entry
            .rayons
            .iter()
            .map(|code| self.zones.population.get(self.zones.zone(code)?))
            .sum::<Option<f64>>()
            .ok_or_else(|| unfit("a rayon is unknown or left out"))?;
        let listed = self.places.iter().filter(|place| entry.rayons.contains(&place.rayon)).count();
        let listed = u32::try_from(listed).map_err(|_| unfit("too many places"))?;
        let told = indicators()
            .iter()
            .map(|indicator| self.indicator(indicator, entry).ok_or_else(|| unfit("an indicator is lost")));
        Ok(Cluster {
            id: entry.id.clone(),
            names: entry.names.clone(),
            rayons: entry.rayons.clone(),
            // The report's count is of an area it never published, the list holds what GeoNames knows: the larger.
            villages_total: entry.villages_in_report.max(listed),
            population: persons(population)?,
            population_year: self.files.project.population.year,
            index: kept(index.ok_or_else(|| unfit("too few dimensions"))?.value),
            dimensions,
            indicators: told.collect::<Result<_, DemoError>>()?,
            area: None,
        })
    }

    /// `None` only when a joined row was lost on the way.
    fn indicator(&self, indicator: &Indicator, entry: &ClusterEntry) -> Option<IndicatorValue> {
        let missing = IndicatorValue {
            row: indicator.row,
            status: IndicatorStatus::Missing,
            value: None,
            unit: Names {
                az: indicator.unit_name.az.clone(),
                en: indicator.unit_name.en.clone(),
                ru: indicator.unit_name.ru.clone(),
            },
            score: None,
            norm: None,
            period: None,
            publisher: None,
            remark: None,
        };
        let joined = self.files.project.indicator.iter().find(|joined| joined.row == indicator.row);
        let Some(joined) = joined else { return Some(missing) };
        let values = self.zones.table.values.get(&joined.row)?;
        let scores = self.zones.scored.scores.get(&joined.row)?;
        let figure = self.figures.get(&joined.figure)?;
        let Some(value) = self.zones.mean(&entry.rayons, values) else { return Some(missing) };
        let all = entry.rayons.iter().all(|code| self.zones.value(code, values).is_some());
        let of_all_rayons: Vec<(f64, f64)> = scores.iter().flatten().map(|score| (*score, 1.0)).collect();
        Some(IndicatorValue {
            status: if all { IndicatorStatus::Observed } else { IndicatorStatus::Imputed },
            value: Some(kept(value)),
            unit: joined.unit.clone(),
            score: Some(kept(self.zones.mean(&entry.rayons, scores)?)),
            norm: Some(kept(weighted_quantile(&of_all_rayons, HALF)?)),
            period: Some(figure.period.clone()),
            publisher: Some(figure.publisher.clone()),
            remark: Some(joined.remark.clone()),
            ..missing
        })
    }
}
