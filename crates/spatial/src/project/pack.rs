//! `[pack]`: what a pack says of the project on screens.

use kend_domain::Names;
use serde::Deserialize;

use super::ProjectError;

/// Texts that packs carry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackTexts {
    /// The title of the project in the three languages; without it its short name.
    pub title: Option<Names>,
    /// Lines that must be shown wherever the data are; without them the names of the files.
    pub attribution: Vec<String>,
}

impl PackTexts {
    pub(super) fn check(&self) -> Result<(), ProjectError> {
        let empty = |key: &str| ProjectError::Range { key: key.to_owned(), problem: "a text is empty".to_owned() };
        if self.title.as_ref().is_some_and(Names::has_gap) {
            return Err(empty("pack.title"));
        }
        if self.attribution.iter().any(|line| line.trim().is_empty()) {
            return Err(empty("pack.attribution"));
        }
        Ok(())
    }
}
