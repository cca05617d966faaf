//! What rows could have been made of as well (method 3 (i)): other widths of kernels, other speeds, the other profile.
//!
//! Each is a column of its own with goalposts of its own. Robustness draws among them; nothing else sees them.

use std::collections::BTreeMap;

use kend_readiness::{Indicator, IndicatorKind, Method, ValueChoice};
use serde::{Deserialize, Serialize};

use super::{
    ZoneValue,
    columns::{CAP_MINUTES, Columns},
    country::{ColumnStatus, ColumnValues, IndicatorColumn},
    error::BuildError,
    ground::Ground,
    score::{RawColumn, RawValues, ruled},
    stated, zone_values,
};
use crate::project::Profile;

/// Widths of the kernel of points that are tried, kilometres. Source: method 3 (i), `h {5, 10, 20}`.
const POINT_KERNELS_KM: [f64; 3] = [5.0, 10.0, 20.0];
/// Speeds that are tried as parts of those declared. Source: method 2.3 and 3 (i), `speeds +-20 %`.
const SPEEDS: [f32; 2] = [0.8, 1.2];

/// A choice of what rows are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataChoice {
    /// The width of the kernel of points.
    Kernel,
    /// All speeds of travel together.
    Speed,
    /// Measures divided or as printed.
    Profile,
}

impl DataChoice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kernel, Self::Speed, Self::Profile];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Speed => "speed",
            Self::Profile => "profile",
        }
    }
}

/// A row under one option of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherRow {
    /// The choice.
    pub choice: DataChoice,
    /// The option, such as `5 km`.
    pub option: String,
    /// Row of Annex I.
    pub row: u8,
    /// The score of each zone by goalposts of its own, points, in the order of the zones.
    pub scores: Vec<Option<f64>>,
}

/// The same with its values.
#[derive(Debug)]
pub(super) struct OtherColumn {
    pub(super) told: OtherRow,
    /// In each zone.
    pub(super) zones: Vec<Option<f64>>,
    cells: OtherCells,
}

/// Values in land cells.
#[derive(Debug)]
enum OtherCells {
    Columns(ColumnValues),
    /// Those of the row itself, minutes, at other speeds: they need not be kept twice.
    AtSpeed(f32),
}

/// Minutes at a part of the speeds. Where nobody comes within the cap as it is, the way is not known to be shorter at any speed.
fn at_speed(minutes: f32, speed: f32) -> f32 {
    if minutes < CAP_MINUTES { (minutes / speed).min(CAP_MINUTES) } else { minutes }
}

impl OtherColumn {
    /// The raw value in a land cell, by the column of the row itself and the zones of land cells.
    pub(super) fn value(&self, own: &IndicatorColumn, zone: &[u16], at: usize) -> Option<f32> {
        match &self.cells {
            OtherCells::AtSpeed(speed) => Some(at_speed(own.value(zone, at)?, *speed)),
            OtherCells::Columns(values) => values.at(zone, at),
        }
    }
}

/// What else a row could have been made of, with what it is made of.
pub(super) fn others(
    columns: &mut Columns<'_>,
    indicator: &Indicator,
    raw: &RawColumn,
    (ground, weights, method): (&Ground, &[f32], &Method),
) -> Result<Vec<OtherColumn>, BuildError> {
    let mut found: Vec<(DataChoice, String, Option<f32>, RawColumn)> = Vec::new();
    if indicator.kind == IndicatorKind::Kde {
        let own = columns.folder.project.kernel.point_km;
        for km in POINT_KERNELS_KM.into_iter().filter(|km| km.to_bits() != own.to_bits()) {
            let raw = columns.kernel_of(indicator.row, km)?;
            found.extend(raw.map(|raw| (DataChoice::Kernel, format!("{km} km"), None, raw)));
        }
    }
    if indicator.kind == IndicatorKind::TravelTime {
        for speed in SPEEDS {
            let scaled = |minutes: &Vec<f32>| minutes.iter().map(|minutes| at_speed(*minutes, speed)).collect();
            let (values, again) = match &raw.values {
                RawValues::Cells(minutes) => (RawValues::Cells(scaled(minutes)), Some(speed)),
                RawValues::Sets(sets) => (RawValues::Sets(sets.iter().map(scaled).collect()), None),
                // A table of an office, at whatever speeds.
                RawValues::Zones { .. } => continue,
            };
            let other = RawColumn { values, files: raw.files.clone(), ..*raw };
            found.push((DataChoice::Speed, format!("{} %", (speed * 100.0).round()), again, other));
        }
    }
    let (other, name) = match columns.folder.project.profile {
        Profile::Recommended => (Profile::Faithful, "faithful"),
        Profile::Faithful => (Profile::Recommended, "recommended"),
    };
    let other = columns.in_profile(indicator, other)?;
    found.extend(other.map(|other| (DataChoice::Profile, name.to_owned(), None, other)));

    let mut all = Vec::new();
    for (choice, option, at_speed, other) in found {
        let from_tables = stated(&other);
        let (column, _) = ruled(indicator, 0.0, Some(other), ground, weights, None, method);
        let zones = zone_values(&column, from_tables, ground, columns.population);
        let (ColumnStatus::Used, Some(rule), Some(zones)) = (column.status, column.rule, zones) else { continue };
        let zones: Vec<Option<f64>> = zones.into_iter().map(|ZoneValue { value, .. }| value).collect();
        let scores = zones.iter().map(|value| value.map(|value| rule.score(value, method))).collect();
        let told = OtherRow { choice, option, row: indicator.row, scores };
        let cells = at_speed.map_or(OtherCells::Columns(column.values), OtherCells::AtSpeed);
        all.push(OtherColumn { told, zones, cells });
    }
    Ok(all)
}

/// The choices that there are; `values` gives those of a column in some units.
pub(super) fn choices(others: &[OtherColumn], values: impl Fn(&OtherColumn) -> Vec<Option<f64>>) -> Vec<ValueChoice> {
    let of = |choice: DataChoice| {
        let mut options: BTreeMap<&str, BTreeMap<u8, Vec<Option<f64>>>> = BTreeMap::new();
        for own in others.iter().filter(|own| own.told.choice == choice) {
            options.entry(&own.told.option).or_default().insert(own.told.row, values(own));
        }
        ValueChoice { others: options.into_values().collect() }
    };
    DataChoice::ALL.into_iter().map(of).filter(|choice| !choice.others.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 60 minutes at 80 % and 120 % of the speed are 75 and 50; beyond the cap nothing is known.
    #[test]
    fn minutes_at_other_speeds_stay_within_the_cap() {
        for ((minutes, speed), expected) in
            [((60.0, 0.8), 75.0), ((60.0, 1.2), 50.0), ((230.0, 0.8), CAP_MINUTES), ((CAP_MINUTES, 1.2), CAP_MINUTES)]
        {
            assert!((at_speed(minutes, speed) - expected).abs() < 1e-4, "{minutes} at {speed}");
        }
        assert!(at_speed(f32::NAN, 0.8).is_nan());
    }
}
