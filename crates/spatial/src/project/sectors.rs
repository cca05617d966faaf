//! `[[sectors]]`: the crops of the sector view. Tourism, processing and sale are layers of their roles.

use std::collections::BTreeSet;

use kend_domain::Names;
use serde::Deserialize;

use super::{Project, ProjectError, ROW_OF_PRODUCTS, VectorRole};

/// A crop whose concentration is looked at (report 5.7).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectorDeclaration {
    /// Its word: small letters and `_`.
    pub crop: String,
    /// Its names.
    pub names: Names,
    /// The product of row 8 that it is; without it that of its word.
    pub product: Option<String>,
}

impl SectorDeclaration {
    /// The product of row 8 that it is.
    pub fn product(&self) -> &str {
        self.product.as_deref().unwrap_or(&self.crop)
    }
}

impl Project {
    pub(super) fn check_sectors(&self) -> Result<(), ProjectError> {
        let mut known = BTreeSet::new();
        for (number, SectorDeclaration { crop, names, product }) in (1..).zip(&self.sectors) {
            let wrong = |key: &str, problem: String| {
                Err(ProjectError::Range { key: format!("sectors {number}, {key}"), problem })
            };
            if crop.is_empty() || !crop.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') {
                return wrong("crop", format!("expected a word of small letters, found `{crop}`"));
            }
            if !known.insert(crop.as_str()) {
                return wrong("crop", format!("`{crop}` is declared twice"));
            }
            if names.has_gap() {
                return wrong("names", "a name is empty".to_owned());
            }
            let product = product.as_ref().unwrap_or(crop);
            let is_own = |declared: &super::Declaration| {
                declared.indicator == Some(ROW_OF_PRODUCTS) && declared.product.as_ref() == Some(product)
            };
            if !self.statistics.iter().any(is_own) {
                return wrong("product", format!("no statistics of row {ROW_OF_PRODUCTS} are of product `{product}`"));
            }
        }
        for (number, declared) in (1..).zip(&self.vectors) {
            let of_crop = declared.role.is_some_and(VectorRole::is_of_crop);
            let problem = match declared.crop.as_deref() {
                None if of_crop => "crop: expected the crop that it is of".to_owned(),
                Some(_) if !of_crop => "crop: only roles processing and commercialisation have one".to_owned(),
                Some(crop) if !known.contains(crop) => format!("crop: no [[sectors]] declare `{crop}`"),
                _ => continue,
            };
            let file = declared.file.clone();
            return Err(ProjectError::Declaration { list: "vectors", number, file, problem });
        }
        Ok(())
    }
}
