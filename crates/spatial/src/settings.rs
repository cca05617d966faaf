//! TOML that a person wrote: what is wrong is told by line and column.

use serde::de::DeserializeOwned;

/// Settings that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The bytes are no UTF-8.
    #[error("line {line}: the file is not UTF-8, as TOML has to be")]
    Encoding {
        /// Line of the first other byte.
        line: usize,
    },
    /// The text is no TOML, or has other keys or values than it may have.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// Where it begins.
        line: usize,
        /// Letters before it, and 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
}

/// Reads settings of any kind.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Wells { deep: bool }
/// assert!(kend_spatial::read_settings::<Wells>(b"deep = true").unwrap().deep);
/// let error = kend_spatial::read_settings::<Wells>(b"\ndeep = 3").unwrap_err();
/// assert!(error.to_string().starts_with("line 2, column 8: "));
/// ```
pub fn read_settings<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SettingsError> {
    let line_at = |end: usize| 1 + bytes.iter().take(end).filter(|byte| **byte == b'\n').count();
    let text =
        std::str::from_utf8(bytes).map_err(|error| SettingsError::Encoding { line: line_at(error.valid_up_to()) })?;
    // Editors on Windows begin files with a byte order mark; it is no part of what was written.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let column = 1 + before.chars().rev().take_while(|letter| *letter != '\n').count();
        let line = 1 + before.matches('\n').count();
        SettingsError::Toml { line, column, message: plain(error.message()) }
    })
}

/// A message in words of a document instead of those of Rust.
fn plain(message: &str) -> String {
    let words = [
        ("expected f64", "expected a number"),
        ("expected u8", "expected a whole number from 0 on"),
        ("expected u32", "expected a whole number from 0 on"),
        ("expected u64", "expected a whole number from 0 on"),
        ("expected a borrowed string", "expected a text"),
        ("expected a string", "expected a text"),
    ];
    words.into_iter().fold(message.to_owned(), |message, (of_rust, of_people)| message.replace(of_rust, of_people))
}
