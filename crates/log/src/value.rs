//! What can be recorded at a path.
//!
//! Each value has one encoding, so that equal values are equal bytes on every device: numbers are finite and have no
//! negative zero, names are a sorted set.

use std::collections::BTreeSet;

use crate::Attachment;

/// A number that is not finite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a number has to be finite")]
pub struct NotFinite;

/// A finite number with a total order. Negative zero becomes zero.
#[derive(Debug, Clone, Copy)]
pub struct Number(f64);

impl Number {
    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Number {
    type Error = NotFinite;
    fn try_from(number: f64) -> Result<Self, NotFinite> {
        // Adding zero turns negative zero into zero and leaves all others as they are.
        if number.is_finite() { Ok(Self(number + 0.0)) } else { Err(NotFinite) }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// A recorded value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A text: notes, the name of a choice, an ISO date.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A decimal number.
    Number(Number),
    /// Yes or no.
    Flag(bool),
    /// The names of the chosen ones, in the order of the alphabet: two people who tick the same boxes in another order
    /// agree.
    Names(BTreeSet<String>),
    /// A recording, a photo, a file: its bytes are kept and sent beside the log.
    Attachment(Attachment),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A decimal number.
    pub fn number(number: f64) -> Result<Self, NotFinite> {
        Number::try_from(number).map(Self::Number)
    }

    /// Names of chosen ones.
    pub fn names<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::Names(names.into_iter().map(Into::into).collect())
    }

    /// The attachment, if it is one.
    pub const fn as_attachment(&self) -> Option<&Attachment> {
        match self {
            Self::Attachment(attachment) => Some(attachment),
            _ => None,
        }
    }

    /// The text of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}
