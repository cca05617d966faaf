//! The three languages.

use crate::vocabulary;

vocabulary! {
    /// A language of the screens and instruments. Azerbaijani comes first.
    Language, "language" {
        /// Azerbaijani.
        Az = "az",
        /// English.
        En = "en",
        /// Russian.
        Ru = "ru",
    }
}

impl Language {
    /// The name of the language in the language itself, as `XLSForm` writes it in a column's head (`label::English (en)`).
    pub const fn endonym(self) -> &'static str {
        match self {
            Self::Az => "Azərbaycanca",
            Self::En => "English",
            Self::Ru => "Русский",
        }
    }
}
