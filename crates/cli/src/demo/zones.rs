//! The rayons that count, with their raw values, scores, dimensions and index; a cluster is a mean over them.

use std::collections::BTreeMap;

use geo::GeodesicArea as _;
use kend_domain::{AreaCode, Dimension};
use kend_pack::Rayon;
use kend_readiness::{
    Method, Normalisation, ScoreTable, Thresholds, WeightScheme, ZoneTable, baseline_thresholds, dimension_values,
    index_value, indicators, score_table,
};

use super::{
    DemoError,
    build::rounded,
    figures::{self, Figure},
    files::Files,
};

/// Areas are kept to 0.1 km2.
const AREA_STEPS: f64 = 10.0;
const SQUARE_METRES_PER_SQUARE_KILOMETRE: f64 = 1e6;

/// Values, scores and dimensions of the rayons that count.
pub(super) struct Zones {
    pub(super) codes: Vec<AreaCode>,
    pub(super) table: ZoneTable,
    pub(super) scored: ScoreTable,
    pub(super) population: Vec<f64>,
    pub(super) dimensions: BTreeMap<Dimension, Vec<Option<f64>>>,
    pub(super) index: Vec<Option<f64>>,
}

/// Works out the rayons that count: all but those the project leaves out.
pub(super) fn zones(
    files: &Files,
    rayons: &[Rayon],
    figures: &BTreeMap<String, Figure>,
    inhabitants: &Figure,
    method: &Method,
    scheme: WeightScheme,
) -> Result<Zones, DemoError> {
    let counted: Vec<&Rayon> =
        rayons.iter().filter(|rayon| !files.project.excluded.rayons.contains(&rayon.code)).collect();
    let codes: Vec<AreaCode> = counted.iter().map(|rayon| rayon.code.clone()).collect();
    let areas = counted.iter().map(|rayon| area_km2(rayon)).collect();
    let population = codes.iter().map(|code| inhabitants.by_rayon.get(code).copied().unwrap_or_default()).collect();
    let mut values = BTreeMap::new();
    for joined in &files.project.indicator {
        values.insert(joined.row, figures::values(joined, figures, &codes)?);
    }
    let table = ZoneTable { areas, values };
    let scored = score_table(&table, indicators(), Normalisation::MinMax, method);
    if let Some((row, reason)) = scored.left_out.first_key_value() {
        return Err(DemoError::Unfit(format!("row {row} gives no scores: {reason}")));
    }
    let dimensions: BTreeMap<Dimension, Vec<Option<f64>>> = Dimension::ALL
        .iter()
        .map(|dimension| {
            let values = dimension_values(&scored, indicators(), *dimension, scheme, |_| 1.0, codes.len(), method);
            (*dimension, values.into_iter().map(|value| value.map(|value| value.value)).collect())
        })
        .collect();
    let index = (0..codes.len())
        .map(|zone| {
            let there = dimensions
                .iter()
                .filter_map(|(dimension, values)| Some((*dimension, values.get(zone).copied().flatten()?)))
                .collect();
            index_value(&there, &method.missing, method).map(|index| index.value)
        })
        .collect();
    Ok(Zones { codes, table, scored, population, dimensions, index })
}

impl Zones {
    pub(super) fn zone(&self, code: &AreaCode) -> Option<usize> {
        self.codes.iter().position(|own| own == code)
    }

    pub(super) fn value(&self, code: &AreaCode, values: &[Option<f64>]) -> Option<f64> {
        values.get(self.zone(code)?).copied().flatten()
    }

    /// The mean of some rayons weighed by population, over those with a value (method 2.2).
    pub(super) fn mean(&self, rayons: &[AreaCode], values: &[Option<f64>]) -> Option<f64> {
        let present: Vec<(f64, f64)> = rayons
            .iter()
            .filter_map(|code| Some((self.value(code, values)?, *self.population.get(self.zone(code)?)?)))
            .collect();
        let total: f64 = present.iter().map(|(_, population)| population).sum();
        (total > 0.0).then(|| present.iter().map(|(value, population)| value * population).sum::<f64>() / total)
    }

    /// Area quintiles over the rayons with a value.
    pub(super) fn thresholds(
        &self,
        of: &str,
        values: &[Option<f64>],
        method: &Method,
    ) -> Result<Thresholds, DemoError> {
        let areas = &self.table.areas;
        let cells: Vec<(f64, f64)> =
            values.iter().zip(areas).filter_map(|(value, area)| value.map(|value| (value, *area))).collect();
        baseline_thresholds(&cells, method).map_err(|source| DemoError::Thresholds { of: of.to_owned(), source })
    }
}

fn area_km2(rayon: &Rayon) -> f64 {
    rounded(rayon.shape().geodesic_area_unsigned() / SQUARE_METRES_PER_SQUARE_KILOMETRE, AREA_STEPS)
}
