//! From the columns of the table to the values that are normalised: denominator, imputation, transform.

use std::collections::BTreeMap;

use super::{
    config::{Imputation, IndicatorConfig, ZeroDenominator},
    index::CompositeIndex,
    mean::plain_mean,
    scale::sound,
    score::{ScoreError, Status},
    table::UnitTable,
};

/// The values of an indicator, each list in the order of the units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// As read.
    pub(crate) raw: Vec<Option<f64>>,
    /// After denominator and imputation.
    pub(crate) value: Vec<Option<f64>>,
    /// After the transform.
    pub(crate) transformed: Vec<Option<f64>>,
    pub(crate) status: Vec<Status>,
}

impl Series {
    /// Units observed, without those imputed.
    pub(crate) fn observed(&self) -> usize {
        self.status.iter().filter(|status| **status == Status::Observed).count()
    }
}

impl CompositeIndex {
    /// The values of an indicator in every unit: `x = value / denominator * factor`, a missing one imputed if asked, then
    /// transformed. Imputation takes the plain mean of observed values.
    pub(crate) fn series(&self, indicator: &IndicatorConfig, table: &UnitTable) -> Result<Series, ScoreError> {
        let raw = table.column(indicator.column())?.to_vec();
        let mut value = raw.clone();
        if let (Some(denominator), Some(column)) = (&indicator.denominator, self.denominator_column(indicator)) {
            let divisors = table.column(column)?;
            for ((value, divisor), unit) in value.iter_mut().zip(divisors).zip(table.units()) {
                let divisor = divisor.filter(|divisor| *divisor != 0.0 || denominator.zero == ZeroDenominator::Error);
                if let Some(found) = divisor.filter(|divisor| *divisor <= 0.0) {
                    return Err(ScoreError::Denominator {
                        indicator: indicator.id.clone(),
                        column: column.to_owned(),
                        unit: unit.clone(),
                        found,
                    });
                }
                *value = value.zip(divisor).map(|(value, divisor)| value / divisor * denominator.factor);
                if let Some(found) = value.filter(|value| !sound(*value)) {
                    return Err(ScoreError::TooLarge { indicator: indicator.id.clone(), unit: unit.clone(), found });
                }
            }
        }
        let mut status: Vec<Status> =
            value.iter().map(|value| if value.is_some() { Status::Observed } else { Status::Missing }).collect();
        let by_group = match indicator.impute.unwrap_or(self.config().defaults.impute) {
            Imputation::None => None,
            Imputation::GroupMean => Some(true),
            Imputation::Mean => Some(false),
        };
        if let Some(by_group) = by_group {
            let group = |unit: usize| if by_group { table.group(unit) } else { Some("") };
            let mut observed: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
            for (unit, value) in value.iter().enumerate() {
                if let Some((group, value)) = group(unit).zip(*value) {
                    observed.entry(group).or_default().push(value);
                }
            }
            let means: BTreeMap<&str, f64> =
                observed.into_iter().map(|(group, values)| (group, plain_mean(&values))).collect();
            for (unit, (value, status)) in value.iter_mut().zip(&mut status).enumerate() {
                if value.is_none()
                    && let Some(mean) = group(unit).and_then(|group| means.get(group))
                {
                    (*value, *status) = (Some(*mean), Status::Imputed);
                }
            }
        }
        let transformed = value
            .iter()
            .zip(table.units())
            .map(|(value, unit)| {
                let Some(value) = value else { return Ok(None) };
                let transformed = indicator.transform.of(*value, indicator.transform_offset);
                transformed.map(Some).ok_or_else(|| ScoreError::Logarithm {
                    indicator: indicator.id.clone(),
                    unit: unit.clone(),
                    found: value + indicator.transform_offset,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Series { raw, value, transformed, status })
    }
}
