//! What the parts of a configuration may say, but for the tree and how values are placed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    config::{AlternativeData, ClassConfig, IndexConfig, QuantileWeight},
    scale::sound,
};
use crate::{
    json::Fault,
    method::{Method, Outliers, Parameter},
};

/// Decimals beyond which a number of 64 bits says nothing more.
const MAX_DECIMALS: u8 = 15;

pub(super) fn share(place: &str, value: f64) -> Result<(), Fault> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(Fault::expected(place, "a share from 0 to 1", value)) }
}

pub(super) fn weight(kind: &str, id: &str, weight: f64, schemes: &BTreeMap<String, f64>) -> Result<f64, Fault> {
    let own = std::iter::once((format!("{kind} {id}, weight"), weight));
    let others = schemes.iter().map(|(scheme, weight)| (format!("{kind} {id}, weights, {scheme}"), *weight));
    for (place, weight) in own.chain(others) {
        if !sound(weight) || weight < 0.0 {
            return Err(Fault::expected(place, "a number from 0 on", weight));
        }
    }
    Ok(weight)
}

/// The method's limits with those of the configuration in their place, within the method's own ranges.
pub(super) fn outliers(config: &IndexConfig) -> Result<Outliers, Fault> {
    fn put<T: PartialOrd + std::fmt::Display + Copy>(
        key: &str,
        into: &mut Parameter<T>,
        value: Option<T>,
    ) -> Result<(), Fault> {
        let Some(value) = value else { return Ok(()) };
        into.admits(&value).map_err(|expected| Fault::expected(format!("outliers, {key}"), expected, value))?;
        into.value = value;
        Ok(())
    }
    let mut limits = Method::standard().outliers.clone();
    let own = &config.outliers;
    put("skew_limit", &mut limits.skew_limit, own.skew_limit)?;
    put("kurtosis_limit", &mut limits.kurtosis_limit, own.kurtosis_limit)?;
    put("winsorise_max_points", &mut limits.winsorise_max_points, own.winsorise_max_points)?;
    put("log_offset_share", &mut limits.log_offset_share, own.log_offset_share)?;
    put("many_values", &mut limits.many_values, own.many_values)?;
    put("clamp_low_share", &mut limits.clamp_low_share, own.clamp_low_share)?;
    put("clamp_high_share", &mut limits.clamp_high_share, own.clamp_high_share)?;
    Ok(limits)
}

pub(super) fn classes(classes: &ClassConfig, config: &IndexConfig) -> Result<(), Fault> {
    let (place, limits) = match (&classes.thresholds, &classes.quantiles) {
        (Some(thresholds), None) => ("classes, thresholds", thresholds),
        (None, Some(quantiles)) => ("classes, quantiles", quantiles),
        _ => return Err(Fault::expected("classes", "either thresholds or quantiles", "both or neither")),
    };
    if !limits.is_sorted_by(|lower, upper| lower < upper) || limits.iter().any(|limit| !limit.is_finite()) {
        return Err(Fault::expected(place, "numbers that increase", format!("{limits:?}")));
    }
    if classes.quantiles.is_some() && limits.iter().any(|share| *share <= 0.0 || *share >= 1.0) {
        return Err(Fault::expected(place, "shares above 0 and below 1", format!("{limits:?}")));
    }
    if classes.names.len() != limits.len() + 1 {
        let expected = format!("{} names, one more than limits", limits.len() + 1);
        return Err(Fault::expected("classes, names", expected, classes.names.len()));
    }
    if classes.round_to.is_some_and(|step| !step.is_finite() || step <= 0.0 || classes.quantiles.is_none()) {
        let found = classes.round_to.unwrap_or_default();
        return Err(Fault::expected("classes, round_to", "a step above 0, beside quantiles", found));
    }
    let weighted = classes.by == QuantileWeight::Weight;
    if weighted && (config.table.weight.is_none() || classes.quantiles.is_none()) {
        let expected = "`weight` in [table] and quantiles, for by = \"weight\"";
        return Err(Fault::expected("classes, by", expected, "none"));
    }
    Ok(())
}

pub(super) fn table(config: &IndexConfig) -> Result<(), Fault> {
    let table = &config.table;
    let separators = [',', ';', '\t', '|', ' '];
    if !separators.contains(&table.delimiter) {
        let found = table.delimiter.escape_default();
        return Err(Fault::expected("table, delimiter", "one of , ; \\t | or a space", found));
    }
    if !['.', ','].contains(&table.decimal) {
        return Err(Fault::expected("table, decimal", "a point or a comma", table.decimal.escape_default()));
    }
    if config.output.decimals > MAX_DECIMALS {
        let expected = format!("a number from 0 to {MAX_DECIMALS}");
        return Err(Fault::expected("output, decimals", expected, config.output.decimals));
    }
    Ok(())
}

pub(super) fn robustness(config: &IndexConfig) -> Result<(), Fault> {
    let rules = &config.robustness;
    let method = &Method::standard().robustness;
    method
        .draws
        .admits(&rules.draws)
        .map_err(|expected| Fault::expected("robustness, draws", expected, rules.draws))?;
    method
        .draws
        .admits(&rules.effects_base)
        .map_err(|expected| Fault::expected("robustness, effects_base", expected, rules.effects_base))?;
    method
        .weight_spread
        .admits(&rules.weight_spread)
        .map_err(|expected| Fault::expected("robustness, weight_spread", expected, rules.weight_spread))?;
    for (key, empty) in [
        ("normalisations", rules.normalisations.is_empty()),
        ("weights", rules.weights.is_empty()),
        ("means", rules.means.is_empty()),
    ] {
        if empty {
            return Err(Fault::expected(format!("robustness, {key}"), "at least one to choose", "none"));
        }
    }
    let schemes = config.indicator.iter().map(|item| &item.weights).chain(config.node.iter().map(|item| &item.weights));
    let known: BTreeSet<&str> =
        schemes.flat_map(|weights| weights.keys().map(String::as_str)).chain(["as_configured", "equal"]).collect();
    if let Some(unknown) = rules.weights.iter().find(|scheme| !known.contains(scheme.as_str())) {
        let known: Vec<&str> = known.into_iter().collect();
        return Err(Fault::expected("robustness, weights", format!("one of {}", known.join(", ")), unknown));
    }
    for (key, id) in rules.drop.iter().map(|id| ("drop", id)).chain(rules.flip.iter().map(|id| ("flip", id))) {
        if config.indicator.iter().all(|indicator| indicator.id != *id) {
            return Err(Fault::expected(format!("robustness, {key}"), "the id of an indicator", id));
        }
    }
    let mut names = BTreeSet::new();
    for AlternativeData { name, options } in &rules.alternative {
        if name.trim().is_empty() || !names.insert(name) {
            return Err(Fault::expected("robustness, alternative, name", "a name of its own", format!("\"{name}\"")));
        }
        if options.is_empty() || options.iter().any(BTreeMap::is_empty) {
            return Err(Fault::expected(format!("robustness, alternative {name}"), "at least one column", "none"));
        }
        let mut ids = options.iter().flat_map(BTreeMap::keys);
        if let Some(id) = ids.find(|id| config.indicator.iter().all(|indicator| indicator.id != **id)) {
            return Err(Fault::expected(format!("robustness, alternative {name}"), "the id of an indicator", id));
        }
    }
    let unknown = rules.means_at.iter().flatten().find(|id| config.node.iter().all(|node| node.id != **id));
    unknown.map_or(Ok(()), |id| Err(Fault::expected("robustness, means_at", "the id of a node", id)))
}
