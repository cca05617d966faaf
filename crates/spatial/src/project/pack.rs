//! `[pack]`: what a pack says of the project on screens.

use std::collections::BTreeSet;

use kend_domain::Names;
use serde::Deserialize;

use super::{ANNEX_ROWS, ProjectError};

/// Texts that packs carry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackTexts {
    /// The title of the project in the three languages; without it its short name.
    pub title: Option<Names>,
    /// Lines that must be shown wherever the data are; without them the names of the files.
    pub attribution: Vec<String>,
    /// What is said of an index that is partial; without it how many rows there are.
    pub partial: Option<Names>,
    /// What is said of rows.
    pub rows: Vec<RowTexts>,
}

/// What a pack says of a row in place of the catalogue and the names of files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowTexts {
    /// Row of Annex I.
    pub row: u8,
    /// Who published it.
    pub publisher: Option<String>,
    /// Its unit, where it is not that of the catalogue.
    pub unit: Option<Names>,
    /// What a reader has to know of it.
    pub remark: Option<Names>,
}

impl PackTexts {
    pub(super) fn check(&self) -> Result<(), ProjectError> {
        let empty = |key: &str| ProjectError::Range { key: key.to_owned(), problem: "a text is empty".to_owned() };
        if self.title.as_ref().is_some_and(Names::has_gap) {
            return Err(empty("pack.title"));
        }
        if self.partial.as_ref().is_some_and(Names::has_gap) {
            return Err(empty("pack.partial"));
        }
        let mut rows = BTreeSet::new();
        for RowTexts { row, publisher, unit, remark } in &self.rows {
            if !ANNEX_ROWS.contains(row) || !rows.insert(row) {
                let problem = format!("expected each row from 1 to 53 once, found {row}");
                return Err(ProjectError::Range { key: "pack.rows".to_owned(), problem });
            }
            let gap = [unit, remark].into_iter().flatten().any(Names::has_gap);
            if gap || publisher.as_ref().is_some_and(|text| text.trim().is_empty()) {
                return Err(empty("pack.rows"));
            }
        }
        if self.attribution.iter().any(|line| line.trim().is_empty()) {
            return Err(empty("pack.attribution"));
        }
        Ok(())
    }
}
