//! Bytes to text by a declared encoding; a byte order mark overrules it, as it can stand for nothing else.

use encoding_rs::{WINDOWS_1251, WINDOWS_1254};

use super::SheetError;
use crate::composite::config::Encoding;

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const UTF16_LITTLE_MARK: &[u8] = &[0xFF, 0xFE];
const UTF16_BIG_MARK: &[u8] = &[0xFE, 0xFF];

/// Control characters that no text has; in Windows code pages these bytes are letters.
const CONTROLS: std::ops::RangeInclusive<u8> = 0x80..=0x9F;

const MAYBE_LATIN1: &str = "; if the text is Latin-1, say encoding = \"latin-1\" in [table]";
const MAYBE_UTF16: &str = "; if the text is UTF-16, say encoding = \"utf-16\" in [table]";
const MAYBE_WINDOWS: &str =
    "; it looks like a Windows code page: say encoding = \"windows-1254\" (Turkish) or \"windows-1251\" (Cyrillic)";

/// The text of bytes in an encoding.
///
/// ```
/// use kend_readiness::composite::{Encoding, decoded};
/// assert_eq!(decoded(b"\xDEamax\xFD", Encoding::Windows1254).unwrap(), "Şamaxı");
/// assert!(decoded(b"\xDEamax\xFD", Encoding::Utf8).is_err());
/// ```
pub fn decoded(bytes: &[u8], encoding: Encoding) -> Result<String, SheetError> {
    if let Some(rest) = bytes.strip_prefix(UTF8_MARK) {
        return utf8(rest);
    }
    if let Some(rest) = bytes.strip_prefix(UTF16_LITTLE_MARK) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(UTF16_BIG_MARK) {
        return utf16(rest, u16::from_be_bytes);
    }
    match encoding {
        Encoding::Utf8 => utf8(bytes),
        Encoding::Utf16 => utf16(bytes, u16::from_le_bytes),
        Encoding::Latin1 => latin1(bytes),
        Encoding::Windows1251 => windows(bytes, WINDOWS_1251, "Windows-1251"),
        Encoding::Windows1254 => windows(bytes, WINDOWS_1254, "Windows-1254"),
    }
}

fn line_at(bytes: &[u8], place: usize) -> u64 {
    1 + bytes.iter().take(place).map(|byte| u64::from(*byte == b'\n')).sum::<u64>()
}

fn utf8(bytes: &[u8]) -> Result<String, SheetError> {
    // A letter 0 is valid UTF-8, but in text it is half of a letter of UTF-16.
    let zero = bytes.iter().position(|byte| *byte == 0);
    let at = |place: usize, hint| SheetError::Encoding {
        line: line_at(bytes, place),
        byte: bytes.get(place).copied().unwrap_or_default(),
        encoding: "UTF-8",
        hint,
    };
    if let Some(place) = zero {
        return Err(at(place, MAYBE_UTF16));
    }
    String::from_utf8(bytes.to_vec()).map_err(|error| at(error.utf8_error().valid_up_to(), MAYBE_LATIN1))
}

fn latin1(bytes: &[u8]) -> Result<String, SheetError> {
    match bytes.iter().position(|byte| *byte == 0 || CONTROLS.contains(byte)) {
        Some(place) => {
            let byte = bytes.get(place).copied().unwrap_or_default();
            let hint = if byte == 0 { MAYBE_UTF16 } else { MAYBE_WINDOWS };
            Err(SheetError::Encoding { line: line_at(bytes, place), byte, encoding: "Latin-1", hint })
        }
        None => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// A code page of one byte a letter. What has no letter there is a control character of the same number.
fn windows(bytes: &[u8], page: &'static encoding_rs::Encoding, encoding: &'static str) -> Result<String, SheetError> {
    let is_none = |byte: u8| {
        page.decode_without_bom_handling(&[byte]).0.chars().any(|letter| {
            letter == char::REPLACEMENT_CHARACTER
                || u8::try_from(u32::from(letter)).is_ok_and(|low| CONTROLS.contains(&low))
        })
    };
    match bytes.iter().position(|byte| *byte == 0 || (!byte.is_ascii() && is_none(*byte))) {
        Some(place) => {
            let byte = bytes.get(place).copied().unwrap_or_default();
            let hint = if byte == 0 { MAYBE_UTF16 } else { "" };
            Err(SheetError::Encoding { line: line_at(bytes, place), byte, encoding, hint })
        }
        None => Ok(page.decode_without_bom_handling(bytes).0.into_owned()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, SheetError> {
    let mut text = String::new();
    let (pairs, rest) = bytes.as_chunks::<2>();
    let lines = |text: &str| 1 + text.chars().map(|letter| u64::from(letter == '\n')).sum::<u64>();
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(letter.map_err(|_| SheetError::HalfLetter { line: lines(&text) })?);
    }
    if rest.is_empty() { Ok(text) } else { Err(SheetError::HalfLetter { line: lines(&text) }) }
}
