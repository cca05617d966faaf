//! What the merge takes: the same type for the screens and for a document on the command line.
//!
//! Reading checks form (unknown keys, wrong types, levels), [`MergeInput::check`] checks sense (ranges, villages), for a
//! document as for values built in code. Both name the place as a JSON pointer into the document's form.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{Dimension, Evidence, InterviewKind, Level, Theme};
use serde::{Deserialize, Serialize};

use crate::{
    class::Thresholds,
    json::{self, Fault, step},
    method::Method,
};

/// Raters of one theme of one interview, at most.
pub const MAX_RATERS: usize = 16;
/// Interviews of one cluster, at most.
pub const MAX_INTERVIEWS: usize = 100_000;
/// Years between data and visits, at most.
pub const MAX_YEARS: f64 = 200.0;

/// Everything the merge of a cluster needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeInput {
    /// The dimensions from data; one left out has no data.
    #[serde(deserialize_with = "json::word_objects")]
    pub dimensions: BTreeMap<Dimension, DimensionInput>,
    /// Frozen thresholds of the index.
    pub index_thresholds: Thresholds,
    /// Years between the data and the visits, 0 to 200.
    #[serde(deserialize_with = "json::number")]
    pub years: f64,
    /// Villages of the cluster, from 1, not fewer than were visited.
    #[serde(deserialize_with = "json::count")]
    pub villages_total: u32,
    /// Parameters in use; the method's where left out.
    #[serde(default, deserialize_with = "json::object")]
    pub parameters: MergeParameters,
    /// The interviews that count, in any order.
    #[serde(deserialize_with = "json::objects")]
    pub interviews: Vec<InterviewInput>,
}

/// A dimension from data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionInput {
    /// Points, 0 to 100; `None` without data, and the other two are not read.
    #[serde(default, deserialize_with = "json::number_or_null")]
    pub value: Option<f64>,
    /// Frozen thresholds of the dimension.
    #[serde(default)]
    pub thresholds: Option<Thresholds>,
    /// Standard deviation of the position by choices of the method, position points, 0 to 100.
    #[serde(default, deserialize_with = "json::number_or_null")]
    pub sd_mc: Option<f64>,
}

/// Parameters of one merge; ranges and sources are in [`crate::MergeRules`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MergeParameters {
    /// Weight of the voices, 0 to 1; 0 is data alone.
    #[serde(deserialize_with = "json::number")]
    pub lambda: f64,
    /// Weight of focus groups against informants, 0 to 1.
    #[serde(deserialize_with = "json::number")]
    pub alpha: f64,
    /// Prior degrees of freedom of the variance between villages.
    #[serde(deserialize_with = "json::number")]
    pub nu0: f64,
    /// Prior variance between villages, position points squared.
    #[serde(deserialize_with = "json::number")]
    pub sigma0_sq: f64,
    /// Variance between rubric and index, position points squared.
    #[serde(deserialize_with = "json::number")]
    pub sigma_m_sq: f64,
    /// Position points by which data grow uncertain a year.
    #[serde(deserialize_with = "json::number")]
    pub a: f64,
    /// Greatest weight of the voices, 0 to 1.
    #[serde(deserialize_with = "json::number")]
    pub kappa_cap: f64,
}

impl Default for MergeParameters {
    fn default() -> Self {
        Self::of(Method::standard())
    }
}

impl MergeParameters {
    /// The defaults of a method.
    pub const fn of(method: &Method) -> Self {
        let rules = &method.merge;
        Self {
            lambda: rules.lambda.value,
            alpha: rules.alpha.value,
            nu0: rules.nu0.value,
            sigma0_sq: rules.sigma0_sq.value,
            sigma_m_sq: rules.sigma_m_sq.value,
            a: rules.a.value,
            kappa_cap: rules.kappa_cap.value,
        }
    }

    /// Whether all are in the ranges of a method.
    pub fn check(&self, method: &Method) -> Result<(), Fault> {
        let rules = &method.merge;
        for (name, value, rule) in [
            ("lambda", self.lambda, &rules.lambda),
            ("alpha", self.alpha, &rules.alpha),
            ("nu0", self.nu0, &rules.nu0),
            ("sigma0_sq", self.sigma0_sq, &rules.sigma0_sq),
            ("sigma_m_sq", self.sigma_m_sq, &rules.sigma_m_sq),
            ("a", self.a, &rules.a),
            ("kappa_cap", self.kappa_cap, &rules.kappa_cap),
        ] {
            rule.admits(&value).map_err(|expected| Fault::expected(format!("/parameters/{name}"), expected, value))?;
        }
        Ok(())
    }
}

/// An interview, as far as the merge needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterviewInput {
    /// The village, by any text that is equal for equal villages; `None` for a key informant who speaks for the whole
    /// cluster.
    #[serde(default)]
    pub village: Option<String>,
    /// Focus group or key informant.
    pub kind: InterviewKind,
    /// The themes discussed.
    #[serde(deserialize_with = "json::word_objects")]
    pub themes: BTreeMap<Theme, ThemeInput>,
}

/// One theme of an interview. A theme that was not discussed is left out of the interview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeInput {
    /// A level for each rater who scored alone, at least one.
    #[serde(deserialize_with = "json::levels")]
    pub levels: Vec<Level>,
    /// The level the raters agreed on afterwards; it stands in place of theirs.
    #[serde(default, deserialize_with = "json::level_or_null")]
    pub consensus: Option<Level>,
    /// Strength of the evidence.
    #[serde(deserialize_with = "json::evidence")]
    pub evidence: Evidence,
    /// False for an informant outside the own sector; true where left out.
    #[serde(default = "in_domain")]
    pub in_domain: bool,
}

const fn in_domain() -> bool {
    true
}

impl MergeInput {
    /// Reads the document of `kend readiness merge` (`schema/json-schema/readiness-merge-input.schema.json`).
    pub fn read(document: &str) -> Result<Self, Fault> {
        json::read_object(document)
    }

    /// Checks ranges and what must hold between parts; [`crate::merge()`] does so itself.
    pub fn check(&self, method: &Method) -> Result<(), Fault> {
        let maximum = method.scale.maximum.value;
        for (dimension, input) in &self.dimensions {
            let Some(value) = input.value else { continue };
            let at = format!("/dimensions/{dimension}");
            within(&format!("{at}/value"), value, maximum)?;
            if input.thresholds.is_none() {
                return Err(Fault::expected(format!("{at}/thresholds"), "four thresholds beside a value", "none"));
            }
            let sd_at = format!("{at}/sd_mc");
            match input.sd_mc {
                Some(sd) => within(&sd_at, sd, maximum)?,
                None => return Err(Fault::expected(sd_at, "a number beside a value", "none")),
            }
        }
        within("/years", self.years, MAX_YEARS)?;
        self.parameters.check(method)?;
        if self.interviews.len() > MAX_INTERVIEWS {
            let expected = format_args!("at most {MAX_INTERVIEWS} interviews");
            return Err(Fault::expected("/interviews", expected, self.interviews.len()));
        }
        for (place, interview) in self.interviews.iter().enumerate() {
            interview.check(&step(&place.to_string()))?;
        }
        let visited = self.interviews.iter().filter_map(|interview| interview.village.as_deref());
        let visited = visited.collect::<BTreeSet<_>>().len();
        if crate::method::count(visited) > f64::from(self.villages_total) {
            let expected = format_args!("at least the {visited} villages with interviews");
            return Err(Fault::expected("/villages_total", expected, self.villages_total));
        }
        if self.villages_total == 0 {
            return Err(Fault::expected("/villages_total", "at least one village", 0));
        }
        Ok(())
    }
}

impl InterviewInput {
    fn check(&self, place: &str) -> Result<(), Fault> {
        let at = format!("/interviews{place}");
        match &self.village {
            None if self.kind == InterviewKind::Fgd => {
                let expected = "a village, as only a key informant speaks for a whole cluster";
                return Err(Fault::expected(format!("{at}/village"), expected, "none"));
            }
            Some(village) if village.is_empty() => {
                return Err(Fault::expected(format!("{at}/village"), "a village or null", "an empty text"));
            }
            _ => {}
        }
        for (theme, input) in &self.themes {
            if !(1..=MAX_RATERS).contains(&input.levels.len()) {
                let expected = format_args!("1 to {MAX_RATERS} levels");
                return Err(Fault::expected(format!("{at}/themes/{theme}/levels"), expected, input.levels.len()));
            }
        }
        Ok(())
    }
}

/// Refuses what is not a number from 0 to `maximum`, NaN among it.
fn within(pointer: &str, value: f64, maximum: f64) -> Result<(), Fault> {
    if (0.0..=maximum).contains(&value) {
        Ok(())
    } else {
        Err(Fault::expected(pointer, format_args!("a number from 0 to {maximum}"), value))
    }
}
