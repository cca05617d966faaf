//! Whether what calculations need agrees with itself.

use std::collections::BTreeSet;

use kend_domain::{AreaCode, EntityId, ReadinessClass};

use super::{INDICATORS, YEARS, areas, ensure, names, points};
use crate::{
    AddedKind, Calculator, IndicatorStatus, PackError, PartialLimits, Peers, RowAddition, VillageFacts, ZoneValue,
};
use kend_readiness::{Direction, Goalposts, IndicatorKind, cells::ScoreRule, indicator};

/// Widths of kernels, km.
const LEAST_BANDWIDTH_KM: f64 = 0.01;
const MOST_BANDWIDTH_KM: f64 = 1000.0;

pub(super) fn check(
    calculator: &Calculator,
    codes: &BTreeSet<&AreaCode>,
    villages: &BTreeSet<EntityId>,
) -> Result<(), PackError> {
    calculator.grid.grid().map_err(|error| PackError::inconsistent(format!("the country's grid: {error}")))?;
    if let Some(PartialLimits { dimension_min_weight_share: share, index_min_dimensions: dimensions }) =
        calculator.limits
    {
        let fits = (0.0..=1.0).contains(&share) && (1..=5).contains(&dimensions);
        ensure(fits, || format!("the limits of a partial index: {share} and {dimensions}"))?;
    }
    rows("the rules", calculator.rules.iter().map(|rule| rule.row))?;
    for rule in &calculator.rules {
        let ScoreRule::Goalposts(Goalposts { low, high, .. }) = rule.rule else { continue };
        ensure(low < high && low.is_finite() && high.is_finite(), || {
            format!("the goalposts of row {}: {low} and {high}", rule.row)
        })?;
    }
    rows("the additions", calculator.additions.iter().map(|addition| addition.row))?;
    calculator.additions.iter().try_for_each(|addition| check_addition(calculator, addition))?;
    rows("the lag rules", calculator.lag.iter().map(|lag| lag.row))?;
    for lag in &calculator.lag {
        points("the country", "a lag threshold", lag.rule.threshold)?;
        points("the country", "a lag minimum", lag.rule.minimum)?;
    }
    let mut peers = BTreeSet::new();
    for of in &calculator.peers {
        ensure(row(of.row) && peers.insert((of.class, of.row)), || peers_twice(of.class, of.row))?;
        check_peers(of)?;
    }
    let mut classes = BTreeSet::new();
    for gaps in &calculator.gaps {
        ensure(classes.insert(gaps.class), || format!("gaps of {} twice", gaps.class))?;
        areas::percents(gaps.class.word(), &gaps.gaps)?;
    }
    let mut zones = BTreeSet::new();
    for value in &calculator.zones {
        let ZoneValue { rayon, row: of, .. } = value;
        ensure(codes.contains(rayon), || format!("a value of {rayon}, which is no rayon of the pack"))?;
        ensure(row(*of) && zones.insert((rayon, *of)), || format!("row {of} of {rayon} is unknown or there twice"))?;
        check_value(value)?;
    }
    let mut seen = BTreeSet::new();
    for facts in &calculator.villages {
        let village = facts.village;
        ensure(villages.contains(&village), || format!("facts of {village}, which is no place of the pack"))?;
        ensure(seen.insert(village), || format!("facts of {village} twice"))?;
        check_village(facts)?;
    }
    Ok(())
}

fn peers_twice(class: ReadinessClass, row: u8) -> String {
    format!("peers of row {row} in {class} are of an unknown row or there twice")
}

fn row(row: u8) -> bool {
    (1..=INDICATORS).contains(&row)
}

fn rows(of: &str, rows: impl Iterator<Item = u8> + Clone) -> Result<(), PackError> {
    let known = rows.clone().all(row) && rows.is_sorted_by(|one, next| one < next);
    ensure(known, || format!("{of} are not of rows 1 to {INDICATORS} in their order"))
}

/// What is added fits the kind of the row, and the row has a rule of its direction.
fn check_addition(calculator: &Calculator, addition: &RowAddition) -> Result<(), PackError> {
    let row = addition.row;
    let kind = indicator(row).map(|indicator| indicator.kind);
    let rule = calculator.rules.iter().find(|rule| rule.row == row).map(|rule| rule.rule);
    let direction = match rule {
        Some(ScoreRule::Goalposts(goalposts)) => Some(goalposts.direction),
        _ => None,
    };
    let fits = match addition.added {
        AddedKind::Point { bandwidth_km } => {
            let wide = (LEAST_BANDWIDTH_KM..=MOST_BANDWIDTH_KM).contains(&bandwidth_km);
            wide && kind == Some(IndicatorKind::Kde) && direction == Some(Direction::MoreIsBetter)
        }
        AddedKind::Destination => kind == Some(IndicatorKind::TravelTime) && direction == Some(Direction::LessIsBetter),
        AddedKind::Mast => kind == Some(IndicatorKind::Coverage) && rule == Some(ScoreRule::Coverage),
    };
    ensure(fits, || format!("what can be added to row {row} does not fit its kind, its rule or a kernel"))
}

fn check_peers(peers: &Peers) -> Result<(), PackError> {
    let all = peers.percentiles();
    ensure(all.is_sorted(), || format!("the percentiles of row {} in {} descend", peers.row, peers.class))?;
    all.iter().try_for_each(|score| points(peers.class.word(), "a percentile", *score))
}

fn check_value(value: &ZoneValue) -> Result<(), PackError> {
    let ZoneValue { rayon, row, status, .. } = value;
    if let Some(unit) = &value.unit {
        names("a unit", unit)?;
    }
    let missing = *status == IndicatorStatus::Missing;
    ensure(missing == value.value.is_none(), || format!("row {row} of {rayon}: value and status do not agree"))?;
    let finite = value.value.is_none_or(f64::is_finite);
    let year = value.year.is_none_or(|year| YEARS.contains(&f64::from(year)));
    ensure(finite && year, || format!("row {row} of {rayon}: the value or its year is no number"))
}

fn check_village(facts: &VillageFacts) -> Result<(), PackError> {
    let village = facts.village;
    rows("the values of a village", facts.values.iter().map(|value| value.row))?;
    for value in &facts.values {
        ensure(value.value.is_finite(), || format!("row {} of village {village} is no number", value.row))?;
    }
    for way in &facts.travel {
        names("a service", &way.to)?;
        ensure(way.minutes >= 0.0 && way.minutes.is_finite(), || format!("a way from village {village}"))?;
    }
    areas::profile(&village.to_string(), &facts.profile)
}
