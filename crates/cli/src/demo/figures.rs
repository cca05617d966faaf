//! From official figures to raw values of indicators by rayon (method 2.2, kinds `stat_rayon` and `count_rayon`).

use std::collections::BTreeMap;

use kend_domain::AreaCode;

use super::{
    DemoError,
    files::{JoinedIndicator, StatisticsRow},
};

/// Months of a year.
const MONTHS: f64 = 12.0;
/// The middle of a year or month stands for it.
const MIDDLE: f64 = 0.5;

/// A figure by rayon, with where it comes from.
pub(super) struct Figure {
    pub(super) by_rayon: BTreeMap<AreaCode, f64>,
    pub(super) period: String,
    pub(super) publisher: String,
}

/// Groups the sheet by figure. Period and publisher must be the same for all rayons of a figure.
pub(super) fn by_name(rows: &[StatisticsRow]) -> Result<BTreeMap<String, Figure>, DemoError> {
    let mut figures: BTreeMap<String, Figure> = BTreeMap::new();
    for row in rows {
        let StatisticsRow { figure: name, unit_id, .. } = row;
        let sourced = ![&row.unit, &row.period, &row.publisher, &row.remark].iter().any(|text| text.is_empty());
        if row.level != "rayon" || !sourced || !row.value.is_finite() {
            return Err(DemoError::Unfit(format!(
                "{name} of {unit_id} lacks level, unit, period, publisher or remark"
            )));
        }
        let figure = figures.entry(name.clone()).or_insert_with(|| Figure {
            by_rayon: BTreeMap::new(),
            period: row.period.clone(),
            publisher: row.publisher.clone(),
        });
        if figure.period != row.period || figure.publisher != row.publisher {
            return Err(DemoError::Unfit(format!("{name} is of two periods or publishers")));
        }
        if figure.by_rayon.insert(unit_id.clone(), row.value).is_some() {
            return Err(DemoError::Unfit(format!("{name} stands twice for {unit_id}")));
        }
    }
    Ok(figures)
}

/// The raw value of an indicator in each rayon: figure, divided by another where the indicator says so, times a factor.
/// Missing where one of the two is missing, or where the divisor is not above 0.
pub(super) fn values(
    joined: &JoinedIndicator,
    figures: &BTreeMap<String, Figure>,
    rayons: &[AreaCode],
) -> Result<Vec<Option<f64>>, DemoError> {
    let find =
        |name: &str| figures.get(name).ok_or_else(|| DemoError::Unfit(format!("row {} asks for `{name}`", joined.row)));
    let figure = find(&joined.figure)?;
    let divisor = joined.per.as_deref().map(find).transpose()?;
    Ok(rayons
        .iter()
        .map(|rayon| {
            let value = figure.by_rayon.get(rayon)?;
            let per = match divisor {
                Some(divisor) => *divisor.by_rayon.get(rayon).filter(|per| **per > 0.0)?,
                None => 1.0,
            };
            Some(value / per * joined.factor)
        })
        .collect())
}

/// A period as a point in time: `2023` is the middle of the year (2023.5), `2024-07` the middle of that month.
pub(super) fn point_in_time(period: &str) -> Option<f64> {
    let (year, month) = match period.split_once('-') {
        Some((year, month)) => (year, Some(month.parse::<u8>().ok().filter(|month| (1..=12).contains(month))?)),
        None => (period, None),
    };
    let year = f64::from(year.parse::<u16>().ok()?);
    Some(year + month.map_or(MIDDLE, |month| (f64::from(month) - MIDDLE) / MONTHS))
}
