//! The parameters of the method: every number a formula uses, with its range, unit and source.
//!
//! They live in `schema/method.json` and `schema/themes.json`, are read once and checked while they are read, so a
//! [`Method`] that exists is valid and no formula has to ask. Changing a number there changes the method: raise
//! `method_version` with it. A struct and not a map of names: a parameter that no formula reads is refused as unknown.

mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use kend_domain::{Dimension, Evidence, Names, ReadinessClass, Theme};
use serde::Deserialize;

pub use rules::{
    AgreementRules, Alternatives, ClassRules, FieldRules, GapRules, LabelRules, MergeRules, MissingLimits, Outliers,
    Parameter, RobustnessRules, RoundRules, Scale,
};

use crate::{json, json::Fault};

/// The method's files as shipped.
const METHOD_JSON: &str = include_str!("../../../schema/method.json");
const THEMES_JSON: &str = include_str!("../../../schema/themes.json");

/// How far the weights of one theme may be from a sum of 1, for decimal fractions.
const WEIGHT_SUM_TOLERANCE: f64 = 1e-9;

/// One theme of the map from themes to dimensions (6.6).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeRow {
    /// The theme.
    pub theme: Theme,
    /// Its name in three languages.
    pub name: Names,
    /// The dimensions it speaks to, with shares that sum to 1.
    #[serde(deserialize_with = "json::words")]
    pub weights: BTreeMap<Dimension, f64>,
    /// Rows of Annex I it is compared with.
    pub rows: BTreeSet<u8>,
    /// Where the row comes from.
    pub source: String,
}

/// All parameters of the method, valid.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// Version of the method; results of different versions do not compare.
    pub method_version: String,
    /// Name of the profile, `recommended` or `faithful`.
    pub profile: String,
    /// The common scale.
    pub scale: Scale,
    /// How much may be missing.
    pub missing: MissingLimits,
    /// Treatment of outliers.
    pub outliers: Outliers,
    /// Alternatives to min-max.
    pub normalisation: Alternatives,
    /// Relative weights of the dimensions, all five present.
    pub dimension_weights: BTreeMap<Dimension, Parameter>,
    /// Class thresholds.
    pub classes: ClassRules,
    /// Gap analysis.
    pub gaps: GapRules,
    /// Field evidence.
    pub field: FieldRules,
    /// Defaults and ranges of the merge.
    pub merge: MergeRules,
    /// Labels, ranges and guards.
    pub labels: LabelRules,
    /// Agreement of raters.
    pub agreement: AgreementRules,
    /// Robustness.
    pub robustness: RobustnessRules,
    /// Later rounds of a series.
    pub rounds: RoundRules,
    /// Values of lambda always one tap away.
    pub lambda_table: Vec<f64>,
    /// The nine themes in their order.
    pub themes: Vec<ThemeRow>,
}

/// `method.json` as it stands, before the themes join it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MethodDocument {
    method_version: String,
    profile: String,
    scale: Scale,
    missing: MissingLimits,
    outliers: Outliers,
    normalisation: Alternatives,
    #[serde(deserialize_with = "json::words")]
    dimension_weights: BTreeMap<Dimension, Parameter>,
    classes: ClassRules,
    gaps: GapRules,
    field: FieldRules,
    merge: MergeRules,
    labels: LabelRules,
    agreement: AgreementRules,
    robustness: RobustnessRules,
    rounds: RoundRules,
    lambda_table: Vec<f64>,
}

/// A file of the method that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file} cannot be used: {fault}")]
pub struct MethodError {
    /// `method.json` or `themes.json`.
    pub file: &'static str,
    /// What is wrong in it, and where.
    #[source]
    pub fault: Fault,
}

static STANDARD: LazyLock<Method> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the files are part of the program; a test reads them")]
    Method::read(METHOD_JSON, THEMES_JSON).expect("BUG: the method's own files are valid")
});

impl Method {
    /// The method as shipped.
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// Reads a method from the texts of `method.json` and `themes.json`; anything out of range, unknown or missing is
    /// refused.
    pub fn read(method_json: &str, themes_json: &str) -> Result<Self, MethodError> {
        let in_method = |fault| MethodError { file: "method.json", fault };
        let in_themes = |fault| MethodError { file: "themes.json", fault };
        let document: MethodDocument = json::read(method_json).map_err(in_method)?;
        let mut themes: Vec<ThemeRow> = json::read(themes_json).map_err(in_themes)?;
        themes.sort_by_key(|row| row.theme);
        check_themes(&themes).map_err(in_themes)?;

        let MethodDocument {
            method_version,
            profile,
            scale,
            missing,
            outliers,
            normalisation,
            dimension_weights,
            classes,
            gaps,
            field,
            merge,
            labels,
            agreement,
            robustness,
            rounds,
            lambda_table,
        } = document;
        for dimension in Dimension::ALL {
            if !dimension_weights.get(dimension).is_some_and(|weight| weight.value > 0.0) {
                let pointer = format!("/dimension_weights/{dimension}");
                return Err(in_method(Fault::expected(pointer, "a weight above 0", "none")));
            }
        }
        for (index, lambda) in lambda_table.iter().enumerate() {
            merge
                .lambda
                .admits(lambda)
                .map_err(|expected| in_method(Fault::expected(format!("/lambda_table/{index}"), expected, lambda)))?;
        }
        Ok(Self {
            method_version,
            profile,
            scale,
            missing,
            outliers,
            normalisation,
            dimension_weights,
            classes,
            gaps,
            field,
            merge,
            labels,
            agreement,
            robustness,
            rounds,
            lambda_table,
            themes,
        })
    }

    /// Width of a class on the position scale, 20 of 100.
    pub fn class_width(&self) -> f64 {
        self.scale.maximum.value / count(ReadinessClass::ALL.len())
    }

    /// Relative weight of a dimension in the index.
    pub fn dimension_weight(&self, dimension: Dimension) -> f64 {
        self.dimension_weights.get(&dimension).map_or(0.0, |weight| weight.value)
    }

    /// Weight of a strength of evidence (6.4), 0 to 1.
    pub const fn evidence_weight(&self, evidence: Evidence) -> f64 {
        match evidence {
            Evidence::Opinion => self.field.evidence_opinion.value,
            Evidence::Example => self.field.evidence_example.value,
            Evidence::Seen => self.field.evidence_seen.value,
        }
    }

    /// Share of a theme that speaks to a dimension (6.6), 0 to 1.
    pub fn theme_weight(&self, theme: Theme, dimension: Dimension) -> f64 {
        self.themes
            .iter()
            .find(|row| row.theme == theme)
            .and_then(|row| row.weights.get(&dimension))
            .map_or(0.0, |weight| *weight)
    }
}

/// A count as a number of formulas; a count beyond 2^32 cannot occur in a village's world and is infinite.
pub(crate) fn count(items: usize) -> f64 {
    u32::try_from(items).map_or(f64::INFINITY, f64::from)
}

fn check_themes(themes: &[ThemeRow]) -> Result<(), Fault> {
    if !themes.iter().map(|row| row.theme).eq(Theme::ALL.iter().copied()) {
        return Err(Fault::expected("", "each of the nine themes once", format_args!("{} rows", themes.len())));
    }
    for row in themes {
        let sum: f64 = row.weights.values().sum();
        let shares = row.weights.values().all(|weight| *weight > 0.0);
        if !shares || (sum - 1.0).abs() > WEIGHT_SUM_TOLERANCE {
            return Err(Fault::expected(format!("/{}/weights", row.theme), "shares that sum to 1", sum));
        }
    }
    match Dimension::ALL.iter().find(|dimension| !themes.iter().any(|row| row.weights.contains_key(dimension))) {
        Some(dimension) => {
            Err(Fault::expected("", "a theme for every dimension", format_args!("none for {dimension}")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_method_is_valid() {
        assert_eq!(Method::read(METHOD_JSON, THEMES_JSON).unwrap(), *Method::standard());
    }

    #[test]
    fn a_parameter_out_of_its_range_is_refused_with_its_place() {
        let broken = METHOD_JSON.replacen("{\"value\": 0.65", "{\"value\": 1.65", 1);
        let error = Method::read(&broken, THEMES_JSON).unwrap_err();
        assert_eq!(error.fault.pointer, "/missing/indicator_min_share");
        assert!(error.to_string().contains("from 0 to 1, found 1.65"), "{error}");
    }

    #[test]
    fn an_unknown_parameter_and_a_missing_one_are_refused() {
        let unknown = METHOD_JSON.replacen("\"skew_limit\"", "\"skew\"", 1);
        assert!(Method::read(&unknown, THEMES_JSON).unwrap_err().to_string().contains("unknown field `skew`"));
        let missing = METHOD_JSON.replacen("\"profile\": \"recommended\",", "", 1);
        assert!(Method::read(&missing, THEMES_JSON).unwrap_err().to_string().contains("missing field `profile`"));
    }

    #[test]
    fn a_theme_map_whose_shares_do_not_sum_to_one_is_refused() {
        let broken = THEMES_JSON.replacen("0.7", "0.6", 1);
        assert_ne!(broken, THEMES_JSON);
        assert_eq!(Method::read(METHOD_JSON, &broken).unwrap_err().fault.pointer, "/digital/weights");
    }
}
