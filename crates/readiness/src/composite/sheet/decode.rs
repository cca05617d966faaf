//! Bytes to text by a declared encoding; a byte order mark overrules it, as it can stand for nothing else.

use super::SheetError;
use crate::composite::config::Encoding;

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const UTF16_LITTLE_MARK: &[u8] = &[0xFF, 0xFE];
const UTF16_BIG_MARK: &[u8] = &[0xFE, 0xFF];

/// Control characters of Latin-1 that no text has; in Windows code pages these bytes are letters.
const LATIN1_CONTROLS: std::ops::RangeInclusive<u8> = 0x80..=0x9F;

const MAYBE_LATIN1: &str = "; if the text is Latin-1, say encoding = \"latin-1\" in [table]";
const MAYBE_UTF16: &str = "; if the text is UTF-16, say encoding = \"utf-16\" in [table]";
const MAYBE_WINDOWS: &str = "; it looks like a Windows code page: save the file as UTF-8";

pub(super) fn text(bytes: &[u8], encoding: Encoding) -> Result<String, SheetError> {
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
    match bytes.iter().position(|byte| *byte == 0 || LATIN1_CONTROLS.contains(byte)) {
        Some(place) => {
            let byte = bytes.get(place).copied().unwrap_or_default();
            let hint = if byte == 0 { MAYBE_UTF16 } else { MAYBE_WINDOWS };
            Err(SheetError::Encoding { line: line_at(bytes, place), byte, encoding: "Latin-1", hint })
        }
        None => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
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
