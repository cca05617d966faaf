//! Tables by columns: one description for all formats.

use std::collections::{BTreeMap, BTreeSet};

use super::ResultError;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// Version of the method that it was made by.
    pub method_version: String,
    /// Whether the data are invented.
    pub synthetic: bool,
    /// What else there is to say: profile, round, title.
    pub more: BTreeMap<String, String>,
}

/// The key by which a file says that its data are invented.
pub(super) const SYNTHETIC: &str = "SYNTHETIC";

impl Labels {
    /// All of it, by key.
    pub(super) fn pairs(&self) -> BTreeMap<&str, &str> {
        let mut pairs: BTreeMap<&str, &str> =
            self.more.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        pairs.insert("method_version", &self.method_version);
        if self.synthetic {
            pairs.insert(SYNTHETIC, "invented data, not of any place");
        }
        pairs
    }
}

/// The values of a column; what is missing is none. NaN and infinite numbers are written as missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Texts.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
}

impl Values {
    /// How many.
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Number(values) => values.len(),
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, with the unit of a bare number in it: `area_km2`.
    pub name: String,
    /// Its values, one for each row.
    pub values: Values,
}

impl Column {
    /// A column of texts.
    pub fn text(name: impl Into<String>, values: impl IntoIterator<Item = Option<String>>) -> Self {
        Self { name: name.into(), values: Values::Text(values.into_iter().collect()) }
    }

    /// A column of whole numbers.
    pub fn whole(name: impl Into<String>, values: impl IntoIterator<Item = Option<i64>>) -> Self {
        Self { name: name.into(), values: Values::Whole(values.into_iter().collect()) }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<String>, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self { name: name.into(), values: Values::Number(values.into_iter().collect()) }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
}

impl Table {
    /// How many rows there are. Columns of different lengths, of the same name or without one are errors.
    pub fn rows(&self) -> Result<usize, ResultError> {
        let expected = self.columns.first().map_or(0, |column| column.values.len());
        let table = || self.name.clone();
        let mut names = BTreeSet::new();
        for Column { name, values } in &self.columns {
            let (column, found) = (name.clone(), values.len());
            if name.trim().is_empty() || self.name.trim().is_empty() {
                return Err(ResultError::NoName { table: table() });
            }
            // Programs that read tables don't tell `Code` from `code`.
            if !names.insert(name.to_lowercase()) {
                return Err(ResultError::Twice { table: table(), column });
            }
            if found != expected {
                return Err(ResultError::Length { table: table(), column, found, expected });
            }
        }
        Ok(expected)
    }
}
