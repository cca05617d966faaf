//! A figure as a statistical office writes it. What can be read in two ways is refused, with the key that decides.

use serde::Deserialize;

use crate::table::Value;

/// The character before decimals in figures that are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Decimal {
    /// `1234.5`.
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1234,5`.
    #[serde(rename = ",")]
    Comma,
}

/// How figures of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FigureRules<'a> {
    /// The character before decimals.
    pub decimal: Decimal,
    /// Whether a dash means that there is no value, in place of nil.
    pub dash_is_missing: bool,
    /// Further texts that mean that there is no value.
    pub missing: &'a [String],
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// A number.
    Number(f64),
    /// There is no value.
    Missing,
}

/// A cell that is no figure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// It holds something else.
    #[error("`{text}` is no number")]
    NoNumber {
        /// What it holds.
        text: String,
    },
    /// A comma or point may stand before decimals or between thousands.
    #[error(
        "`{text}` has a `{mark}`, which is not the decimal mark: if it is, say decimal = \"{mark}\"; between thousands only spaces are read"
    )]
    Mark {
        /// What it holds.
        text: String,
        /// The comma or point.
        mark: char,
    },
}

/// Dashes for nil: hyphen, minus, en and em dash.
const DASHES: [&str; 4] = ["-", "\u{2212}", "\u{2013}", "\u{2014}"];
/// Not available, and not applicable (Latin and Cyrillic).
const NOT_AVAILABLE: [&str; 7] = ["...", "\u{2026}", "..", "x", "X", "\u{445}", "\u{425}"];
/// Digits between two thousands separators.
const GROUP: usize = 3;

/// Reads a figure. A missing cell is missing; a dash is nil, `...`, `…` and `x` are missing (the signs of the State
/// Statistical Committee); spaces of any width between thousands and footnote marks behind the figure (`1)` after a space,
/// `*`, superscripts) are left out. Infinite and not-a-number cells are refused.
///
/// ```
/// use kend_spatial::{Decimal, Figure, FigureRules, Value, read_figure};
/// let rules = FigureRules { decimal: Decimal::Comma, ..FigureRules::default() };
/// let figure = |text: &str| read_figure(Some(&Value::Text(text.to_owned())), rules);
/// assert_eq!(figure("1\u{a0}234,5 1)"), Ok(Figure::Number(1234.5)));
/// assert_eq!(figure("-"), Ok(Figure::Number(0.0)));
/// assert_eq!(figure("..."), Ok(Figure::Missing));
/// ```
pub fn read_figure(cell: Option<&Value>, rules: FigureRules<'_>) -> Result<Figure, FigureError> {
    let text = match cell {
        None => return Ok(Figure::Missing),
        Some(Value::Number(number)) if number.is_finite() => return Ok(Figure::Number(*number)),
        Some(Value::Text(text)) => text,
        Some(other) => return Err(FigureError::NoNumber { text: other.words() }),
    };
    let trimmed = text.trim();
    if rules.missing.iter().any(|missing| missing == trimmed) {
        return Ok(Figure::Missing);
    }
    let plain = without_marks(trimmed);
    if plain.is_empty() && trimmed.is_empty() || NOT_AVAILABLE.contains(&plain) {
        return Ok(Figure::Missing);
    }
    if DASHES.contains(&plain) {
        return Ok(if rules.dash_is_missing { Figure::Missing } else { Figure::Number(0.0) });
    }
    number(plain, rules.decimal, text).map(Figure::Number)
}

/// The figure without footnote marks behind it.
fn without_marks(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest;
        rest = rest.trim_end().trim_end_matches(['*', '\u{b9}', '\u{b2}', '\u{b3}', '\u{207d}', '\u{207e}']);
        rest = rest.trim_end_matches(|letter| ('\u{2070}'..='\u{2079}').contains(&letter));
        // Digits before a bracket are a mark only behind a space: `12341)` could be 1234 or 123.
        if let Some((figure, mark)) = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(char::is_whitespace))
            && !mark.is_empty()
            && mark.bytes().all(|byte| byte.is_ascii_digit())
        {
            rest = figure;
        }
        if rest == before {
            return rest;
        }
    }
}

fn number(plain: &str, decimal: Decimal, text: &str) -> Result<f64, FigureError> {
    let no_number = || FigureError::NoNumber { text: text.trim().to_owned() };
    let (mark, other) = if decimal == Decimal::Comma { (',', '.') } else { ('.', ',') };
    let unsigned = plain.strip_prefix(['-', '\u{2212}']);
    let digits = unsigned.unwrap_or(plain).trim_start();
    let (whole, fraction) = digits.split_once(mark).map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.contains(other)
        && digits.chars().all(|letter| letter.is_ascii_digit() || letter.is_whitespace() || ",.".contains(letter))
    {
        return Err(FigureError::Mark { text: text.trim().to_owned(), mark: other });
    }
    let groups: Vec<&str> = whole.split(char::is_whitespace).collect();
    let grouped = groups.len() == 1 || groups.iter().skip(1).all(|group| group.len() == GROUP);
    let first_fits = groups.len() == 1 || groups.first().is_some_and(|group| (1..=GROUP).contains(&group.len()));
    if !(grouped && first_fits && groups.iter().all(|group| is_digits(group)) && fraction.is_none_or(is_digits)) {
        return Err(no_number());
    }
    let sign = if unsigned.is_some() { "-" } else { "" };
    let parsed: f64 =
        format!("{sign}{}.{}", groups.concat(), fraction.unwrap_or("0")).parse().map_err(|_| no_number())?;
    if parsed.is_finite() { Ok(parsed) } else { Err(no_number()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, decimal: Decimal) -> Result<Figure, FigureError> {
        read_figure(Some(&Value::Text(text.to_owned())), FigureRules { decimal, ..FigureRules::default() })
    }

    #[test]
    fn figures_are_read_as_offices_write_them() {
        let cases = [
            ("296765", Decimal::Point, 296_765.0),
            (" 22359.8 ", Decimal::Point, 22_359.8),
            ("1\u{2009}234\u{202f}567,25", Decimal::Comma, 1_234_567.25),
            ("-3,5", Decimal::Comma, -3.5),
            ("\u{2212}12", Decimal::Point, -12.0),
            ("12*", Decimal::Point, 12.0),
            ("1 234 2)", Decimal::Point, 1234.0),
            ("7\u{b9}\u{207e}", Decimal::Point, 7.0),
            ("\u{2013}", Decimal::Point, 0.0),
            ("- 1)", Decimal::Point, 0.0),
        ];
        for (text, decimal, expected) in cases {
            assert_eq!(read(text, decimal), Ok(Figure::Number(expected)), "{text}");
        }
        for text in ["...", "\u{2026}", "..", "x", "\u{445}", "...*", ""] {
            assert_eq!(read(text, Decimal::Point), Ok(Figure::Missing), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_no_figure() {
        assert!(matches!(read("1,234", Decimal::Point), Err(FigureError::Mark { mark: ',', .. })));
        assert!(matches!(read("1.234,5", Decimal::Comma), Err(FigureError::Mark { mark: '.', .. })));
        for text in ["12341)", "12 34", "1 2345", "5.", ".5", "1e5", "inf", "NaN", "12 ha", "--", "*"] {
            assert!(matches!(read(text, Decimal::Point), Err(FigureError::NoNumber { .. })), "{text}");
        }
        let not_finite = read_figure(Some(&Value::Number(f64::NAN)), FigureRules::default());
        assert!(not_finite.is_err());
    }

    #[test]
    fn a_dash_and_other_words_may_be_declared_as_missing() {
        let missing = ["n/a".to_owned()];
        let rules = FigureRules { dash_is_missing: true, missing: &missing, ..FigureRules::default() };
        for text in ["-", "n/a"] {
            assert_eq!(read_figure(Some(&Value::Text(text.to_owned())), rules), Ok(Figure::Missing));
        }
    }
}
