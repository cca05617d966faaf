//! Numbers and names as each language writes them.

use kend_domain::Language;

/// Digits between separators of thousands.
const GROUP: usize = 3;
/// Digits that tell a value from its neighbours.
const TELLING_DIGITS: usize = 3;
/// Width of a letter of twelve units of a drawing: Cyrillic letters are wider, and strong ones by a part.
const LETTER: f64 = 6.7;
const CYRILLIC_LETTER: f64 = 7.6;
const STRONG: f64 = 1.1;

/// A number with so many decimals: a point in English, else a comma; thousands apart.
pub(super) fn number(value: f64, decimals: usize, language: Language) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let (separator, mark) = match language {
        Language::En => (',', '.'),
        // A space that does not break.
        Language::Az | Language::Ru => ('\u{a0}', ','),
    };
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|digit| matches!(digit, b'1'..=b'9')) {
        text.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(GROUP) {
            text.push(separator);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(mark);
        text.push_str(fraction);
    }
    text
}

/// A number with as many decimals as it takes to tell it from its neighbours.
pub(super) fn telling(value: f64, language: Language) -> String {
    let size = value.abs();
    // Below 1 zeros behind the mark tell nothing; what is smaller than a hundredth is written as it comes.
    let whole = format!("{size:.0}").len();
    let decimals = match size {
        size if size.fract() == 0.0 => 0,
        size if size >= 1.0 => TELLING_DIGITS.saturating_sub(whole),
        size if size >= 0.1 => TELLING_DIGITS - 1,
        _ => TELLING_DIGITS + 1,
    };
    number(value, decimals, language)
}

/// How wide a label of a drawing is, near enough.
pub(super) fn width(text: &str, strong: bool) -> f64 {
    let letter = |letter| if matches!(letter, 'Ѐ'..='ӿ') { CYRILLIC_LETTER } else { LETTER };
    text.chars().map(letter).sum::<f64>() * if strong { STRONG } else { 1.0 }
}

/// A label cut such that it fits into a width.
pub(super) fn fitting(text: &str, room: f64, strong: bool) -> String {
    if width(text, strong) <= room {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while !kept.is_empty() && width(&kept, strong) + LETTER > room {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_each_language() {
        assert_eq!(number(1_234_567.25, 1, Language::En), "1,234,567.2");
        assert_eq!(number(1234.5, 1, Language::Az), "1\u{a0}234,5");
        assert_eq!(number(-0.04, 1, Language::Ru), "0,0", "no minus before nothing");
        assert_eq!(number(-12.0, 0, Language::Ru), "−12");
        assert_eq!(number(f64::NAN, 1, Language::En), "–");
    }

    #[test]
    fn a_telling_number_has_no_idle_digits() {
        let written = [0.0, 100.0, 187.4, 55.27, 7.461, 0.8571, 0.0487].map(|value| telling(value, Language::En));
        assert_eq!(written, ["0", "100", "187", "55.3", "7.46", "0.86", "0.0487"]);
    }

    #[test]
    fn a_label_is_cut_to_its_room() {
        assert_eq!(["Abşeron", "Şəki"].map(|name| fitting(name, 5.0 * LETTER, false)), ["Abşe…", "Şəki"]);
    }
}
