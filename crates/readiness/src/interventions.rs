//! Kinds of intervention for a gap (Table 6 of the report, method 5).
//!
//! Looked up by dimension and class. Where the report names nothing for that pair, what it names for the dimension in
//! other classes is offered and marked as not typical: a cluster may lag where its class does not.

use std::sync::LazyLock;

use kend_domain::{Dimension, Names, ReadinessClass, Tag};
use serde::Deserialize;

use crate::{json, json::Fault};

const INTERVENTIONS_JSON: &str = include_str!("../../../schema/interventions.json");

/// A kind of intervention.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// Its key in the file.
    pub id: String,
    /// The dimension whose gap it closes.
    pub dimension: Dimension,
    /// The class whose row of Table 6 it stands in.
    pub class: ReadinessClass,
    /// What it is.
    pub text: Names,
    /// Where the report says so.
    pub source: String,
    /// Smart interventions of Table 1 that serve it.
    pub related: Vec<String>,
    /// Tags that, heard in the field, speak for it.
    pub supporting_tags: Vec<Tag>,
    /// Tags that speak against it.
    pub opposing_tags: Vec<Tag>,
}

/// An intervention that fits a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fitting {
    /// The intervention.
    pub intervention: &'static Intervention,
    /// It stands in the row of the class itself, not only of the dimension.
    pub typical: bool,
}

/// Reads the text of `interventions.json`; a dimension without any intervention is refused.
pub fn read_interventions(interventions_json: &str) -> Result<Vec<Intervention>, Fault> {
    let read: Vec<Intervention> = json::read(interventions_json)?;
    match Dimension::ALL.iter().find(|dimension| !read.iter().any(|entry| entry.dimension == **dimension)) {
        Some(dimension) => Err(Fault::expected("", format_args!("an intervention for `{dimension}`"), "none")),
        None => Ok(read),
    }
}

static INTERVENTIONS: LazyLock<Vec<Intervention>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test reads it")]
    read_interventions(INTERVENTIONS_JSON).expect("BUG: the shipped interventions are valid")
});

/// All kinds of intervention as shipped, in the order of Table 6.
pub fn interventions() -> &'static [Intervention] {
    &INTERVENTIONS
}

/// What fits a gap in `dimension` for a cluster of `class`: the entries of that pair, or else all of the dimension.
pub fn interventions_for(dimension: Dimension, class: ReadinessClass) -> Vec<Fitting> {
    let of_dimension = interventions().iter().filter(|entry| entry.dimension == dimension);
    let fitting: Vec<Fitting> =
        of_dimension.map(|intervention| Fitting { intervention, typical: intervention.class == class }).collect();
    let typical: Vec<Fitting> = fitting.iter().copied().filter(|fitting| fitting.typical).collect();
    if typical.is_empty() { fitting } else { typical }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_the_table_gives_its_own_row_only() {
        let fitting = interventions_for(Dimension::EconomicSources, ReadinessClass::AccelerateHigh);
        assert_eq!(fitting.len(), 3);
        assert!(fitting.iter().all(|fitting| fitting.typical));
    }

    #[test]
    fn a_pair_outside_the_table_falls_back_to_the_dimension_and_is_not_typical() {
        let fitting = interventions_for(Dimension::HumanCapital, ReadinessClass::Amplify);
        assert_eq!(fitting.len(), 2);
        assert!(fitting.iter().all(|fitting| !fitting.typical));
    }

    #[test]
    fn a_file_that_leaves_a_dimension_without_help_is_refused() {
        assert!(read_interventions("[]").unwrap_err().to_string().contains("economic_sources"));
    }
}
