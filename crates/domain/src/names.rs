//! A name in the three languages, carried with the data so that no screen has to translate a place.

use serde::{Deserialize, Serialize};

use crate::Language;

/// A name, title or remark in the three languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Azerbaijani.
    pub az: String,
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

impl Names {
    /// The name in a language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Az => &self.az,
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }

    /// Whether one of the three is empty.
    pub fn has_gap(&self) -> bool {
        [&self.az, &self.en, &self.ru].iter().any(|name| name.trim().is_empty())
    }
}
