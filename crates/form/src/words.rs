//! Words in several languages, with places that are filled from answers.

use std::collections::BTreeMap;

use crate::expression::lexer::is_name;

/// The same thing in several languages, keyed by language code (`az`, `en`, `ru`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Localized<T> {
    /// From a column without a language.
    pub(crate) plain: Option<T>,
    pub(crate) by_language: BTreeMap<String, T>,
}

impl<T> Default for Localized<T> {
    fn default() -> Self {
        Self { plain: None, by_language: BTreeMap::new() }
    }
}

impl<T> Localized<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_none() && self.by_language.is_empty()
    }

    /// In `language`; else in `default`, without a language, or in any.
    pub(crate) fn pick(&self, language: &str, default: &str) -> Option<&T> {
        self.by_language
            .get(language)
            .or_else(|| self.by_language.get(default))
            .or(self.plain.as_ref())
            .or_else(|| self.by_language.values().next())
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.plain.iter().chain(self.by_language.values())
    }

    pub(crate) fn put(&mut self, language: Option<&str>, value: T) {
        match language {
            Some(language) => _ = self.by_language.insert(language.to_owned(), value),
            None => self.plain = Some(value),
        }
    }
}

/// A text with references to questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(pub(crate) Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Text(String),
    /// A question, by its place in the instrument.
    Answer(usize),
}

impl Template {
    /// Reads `${name}`; the name that nothing has is the error. Other `$` and braces are plain text.
    pub(crate) fn read(text: &str, find: impl Fn(&str) -> Option<usize>) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            plain.push_str(before);
            match after.split_once('}') {
                Some((name, after)) if is_name(name.trim()) => {
                    let node = find(name.trim()).ok_or_else(|| name.trim().to_owned())?;
                    segments.push(Segment::Text(std::mem::take(&mut plain)));
                    segments.push(Segment::Answer(node));
                    rest = after;
                }
                _ => {
                    plain.push_str("${");
                    rest = after;
                }
            }
        }
        plain.push_str(rest);
        segments.push(Segment::Text(plain));
        Ok(Self(segments))
    }

    /// The text with each reference filled.
    pub(crate) fn fill(&self, answer: impl Fn(usize) -> String) -> String {
        self.0
            .iter()
            .map(|segment| match segment {
                Segment::Text(text) => text.clone(),
                Segment::Answer(node) => answer(*node),
            })
            .collect()
    }

    /// The questions that are referred to.
    pub(crate) fn mentions(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Answer(node) => Some(*node),
            Segment::Text(_) => None,
        })
    }
}
