//! `[[areas]]`: clusters that a programme chose beforehand, by their rayons.

use std::collections::BTreeSet;

use kend_domain::{AreaCode, Names};
use serde::Deserialize;

use super::ProjectError;

/// Most areas of a project.
const MAX_AREAS: usize = 1000;

/// A cluster that a programme chose, as whole rayons; the index is told of it as of a cluster that was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaDeclaration {
    /// Its lasting id: small letters, digits and dashes, such as `guba-khachmaz`.
    pub id: String,
    /// Its name in the three languages.
    pub names: Names,
    /// Its rayons, codes of `names.csv`.
    pub rayons: BTreeSet<AreaCode>,
    /// How many villages it has, where the layer of settlements knows fewer.
    #[serde(default)]
    pub villages: u32,
}

/// Whether the declarations hold by themselves; whether the rayons are there shows with the names.
pub(super) fn check(areas: &[AreaDeclaration]) -> Result<(), ProjectError> {
    let fault = |problem: String| Err(ProjectError::Range { key: "areas".to_owned(), problem });
    if areas.len() > MAX_AREAS {
        return fault(format!("expected at most {MAX_AREAS}, found {}", areas.len()));
    }
    let mut ids = BTreeSet::new();
    for area in areas {
        let AreaDeclaration { id, names, rayons, .. } = area;
        let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if id.is_empty() || !id.chars().all(letters) {
            return fault(format!("id \"{}\": expected small letters, digits and dashes", id.escape_default()));
        }
        // Clusters that are found are called so.
        let of_class = id.rsplit_once('-').is_some_and(|(class, number)| {
            class.parse::<kend_domain::ReadinessClass>().is_ok() && number.parse::<u16>().is_ok()
        });
        if of_class || !ids.insert(id) {
            return fault(format!("id \"{id}\": expected one that no other area or cluster has"));
        }
        if names.has_gap() || rayons.is_empty() {
            return fault(format!("{id}: expected a name in three languages and at least one rayon"));
        }
    }
    Ok(())
}
