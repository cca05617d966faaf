//! What every section needs: the country, a language, and how things are called and written in it.

use kend_domain::{AreaCode, Dimension, Language, Names, ReadinessClass};
use kend_readiness::{indicator, vocabulary};
use maud::{Markup, html};

use super::{
    picture::colour,
    sensitivity::Sensitivity,
    text,
    words::{Words, filled, words},
};
use crate::build::Country;

/// Per cent of a share.
pub(super) const PER_CENT: f64 = 100.0;

/// What stands behind the name of a rayon.
const RAYON_WORDS: [&str; 3] = [" район", " rayonu", " rayon"];

/// The name of a zone without the word for rayon: for maps and plots, where all are.
pub(super) fn short(name: &str) -> &str {
    RAYON_WORDS.iter().find_map(|word| name.strip_suffix(word)).unwrap_or(name)
}

/// A page in a language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) country: &'a Country,
    pub(super) sensitivity: Option<&'a Sensitivity>,
    pub(super) language: Language,
    pub(super) words: &'static Words,
}

impl<'a> Page<'a> {
    pub(super) fn new(country: &'a Country, sensitivity: Option<&'a Sensitivity>, language: Language) -> Self {
        Self { country, sensitivity, language, words: words() }
    }

    pub(super) fn say<'b>(&self, names: &'b Names) -> &'b str {
        names.get(self.language)
    }

    /// A sentence with values in it.
    pub(super) fn told(&self, names: &Names, values: &[(&str, &str)]) -> String {
        filled(self.say(names), values)
    }

    pub(super) fn number(&self, value: f64, decimals: usize) -> String {
        text::number(value, decimals, self.language)
    }

    /// A number that may not be there.
    pub(super) fn maybe(&self, value: Option<f64>, decimals: usize) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.number(value, decimals))
    }

    /// A share in per cent, without decimals unless it would look like nothing.
    pub(super) fn percent(&self, share: f64) -> String {
        let percent = share * PER_CENT;
        self.number(percent, usize::from(percent > 0.0 && percent < 1.0))
    }

    pub(super) fn class(&self, class: ReadinessClass) -> &'static str {
        vocabulary().classes.get(&class).map_or("", |names| names.get(self.language))
    }

    pub(super) fn dimension(&self, dimension: Dimension) -> &'static str {
        vocabulary().dimensions.get(&dimension).map_or("", |names| names.get(self.language))
    }

    pub(super) fn short_dimension(&self, dimension: Dimension) -> &'static str {
        vocabulary().dimensions_short.get(&dimension).map_or("", |names| names.get(self.language))
    }

    pub(super) fn zone(&self, code: &'a AreaCode) -> &'a str {
        self.zone_or_area(code.as_str())
    }

    /// The name of a zone by its code, or of an area that the project chose by its id.
    pub(super) fn zone_or_area(&self, code: &'a str) -> &'a str {
        self.country.names_of(code).map_or(code, |names| names.get(self.language))
    }

    /// [`short`] of a zone's name.
    pub(super) fn short_zone(&self, code: &'a AreaCode) -> &'a str {
        short(self.zone(code))
    }

    pub(super) fn row(&self, row: u8) -> &'static str {
        indicator(row).map_or("", |indicator| indicator.name.get(self.language))
    }

    /// A list of names, or the word for none.
    pub(super) fn listed<T: AsRef<str>>(&self, names: &[T]) -> String {
        if names.is_empty() {
            return self.say(&self.words.head.none).to_owned();
        }
        names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
    }
}

/// A number in a table, which sorts by its value.
pub(super) fn cell(page: &Page<'_>, value: Option<f64>, decimals: usize) -> Markup {
    html! { td.number data-v=[value] { (page.maybe(value, decimals)) } }
}

/// The colour of a class beside its name.
pub(super) fn class_name(page: &Page<'_>, class: ReadinessClass) -> Markup {
    html! { span.class { span.swatch style={ "background:" (colour(class)) } {} (page.class(class)) } }
}

/// A table that scrolls sideways where it is wider than the page, with names of its columns.
pub(super) fn table(head: &[&str], sortable: bool, rows: &Markup) -> Markup {
    html! {
        div.wide {
            table.sortable[sortable] {
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}
