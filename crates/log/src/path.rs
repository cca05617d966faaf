//! Where in an entity something stands.
//!
//! Paths are plain text rather than numbers from a table, so that an entry can be read without the form version it was
//! written with; compression takes the repetition back out.

use std::borrow::Borrow;

use crate::limits::{MAX_ELEMENT_BYTES, MAX_PATH_BYTES};

/// A text that is no path, or no element of a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// Not `/`-separated parts of `a-z`, `0-9`, `_` and `-`, or longer than 200 bytes.
    #[error("`{0}` is not a path")]
    Path(String),
    /// Empty, or longer than 200 bytes.
    #[error("an element of a set has 1 to 200 bytes, not {0}")]
    Element(usize),
}

/// A place in an entity: `/`-separated parts of `a-z`, `0-9`, `_` and `-`, 1 to 200 bytes (`a/health_level`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Box<str>);

impl Path {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path is `ancestor` or lies below it: `a/quote/7/words` lies under `a/quote/7`, `a/quote/70` does not.
    pub fn is_under(&self, ancestor: &Self) -> bool {
        self.0.strip_prefix(&*ancestor.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl TryFrom<String> for Path {
    type Error = BadPath;
    fn try_from(text: String) -> Result<Self, BadPath> {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
        };
        if text.len() <= MAX_PATH_BYTES && text.split('/').all(part) {
            Ok(Self(text.into_boxed_str()))
        } else {
            Err(BadPath::Path(text))
        }
    }
}

impl std::str::FromStr for Path {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        Self::try_from(text.to_owned())
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0)
    }
}

impl AsRef<str> for Path {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Path {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// An element of a set: 1 to 200 bytes of text, for instance the id of a participant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element(Box<str>);

impl Element {
    /// The element as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Element {
    type Error = BadPath;
    fn try_from(text: String) -> Result<Self, BadPath> {
        if (1..=MAX_ELEMENT_BYTES).contains(&text.len()) {
            Ok(Self(text.into_boxed_str()))
        } else {
            Err(BadPath::Element(text.len()))
        }
    }
}

impl std::str::FromStr for Element {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        Self::try_from(text.to_owned())
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0)
    }
}

impl AsRef<str> for Element {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Element {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_back_as_itself_and_rubbish_is_refused() {
        for path in ["m/village", "a/quote/6b1c2f5e-0000-4000-8000-000000000001/health_quote_words", "x"] {
            assert_eq!(path.parse::<Path>().unwrap().as_str(), path);
        }
        let long = "a".repeat(MAX_PATH_BYTES + 1);
        for rubbish in ["", "/", "a/", "/a", "a//b", "A", "a b", "kənd", long.as_str()] {
            assert!(rubbish.parse::<Path>().is_err(), "{rubbish}");
        }
    }

    #[test]
    fn a_path_lies_under_itself_and_its_ancestors_only() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        assert!(path("a/quote/7/words").is_under(&path("a/quote/7")));
        assert!(path("a/quote/7").is_under(&path("a/quote/7")));
        assert!(!path("a/quote/70").is_under(&path("a/quote/7")));
        assert!(!path("a/quote").is_under(&path("a/quote/7")));
    }
}
