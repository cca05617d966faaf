//! Attachments: what an entry says of bytes that do not travel in the log.
//!
//! The bytes are encrypted on the device that recorded them and known by the hash of what comes of that. Their key stands
//! here alone, in the body of the entry that refers to them: when the body is erased, every copy of the ciphertext, on any
//! stick, is noise.

use crate::limits::{MAX_ATTACHMENT_BYTES, MAX_FILE_NAME_BYTES, MAX_MEDIA_TYPE_BYTES};

/// Which bytes: BLAKE3 over the ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 32]);

impl std::fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for BlobId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "BlobId({self})")
    }
}

/// A text that names no blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a blob is named by 64 hexadecimal digits in lower case")]
pub struct NotABlob;

impl std::str::FromStr for BlobId {
    type Err = NotABlob;
    fn from_str(text: &str) -> Result<Self, NotABlob> {
        let digits = text.as_bytes();
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(NotABlob),
        };
        let mut id = [0; 32];
        if digits.len() != 2 * id.len() {
            return Err(NotABlob);
        }
        for (byte, pair) in id.iter_mut().zip(digits.chunks(2)) {
            for digit in pair {
                *byte = *byte << 4 | value(*digit)?;
            }
        }
        Ok(Self(id))
    }
}

/// The key of one blob, 32 random bytes, used for this blob alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(pub [u8; 32]);

impl std::fmt::Debug for BlobKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BlobKey(..)")
    }
}

/// A reference to bytes, and what opens them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attachment {
    /// The ciphertext.
    pub blob: BlobId,
    /// Its key.
    pub key: BlobKey,
    /// Size before encryption.
    pub size_bytes: u64,
    /// Media type without parameters, in lower case: `audio/ogg`.
    pub media_type: String,
    /// What people call the file; may be empty.
    pub file_name: String,
    /// How long it plays; none for what does not.
    pub duration_ms: Option<u64>,
}

impl Attachment {
    /// Whether it keeps all limits.
    pub fn is_valid(&self) -> bool {
        (1..=MAX_ATTACHMENT_BYTES).contains(&self.size_bytes)
            && is_media_type(&self.media_type)
            && self.file_name.len() <= MAX_FILE_NAME_BYTES
            && !self.file_name.chars().any(|character| character.is_control() || matches!(character, '/' | '\\'))
            && self.duration_ms.is_none_or(|duration_ms| duration_ms < u64::MAX)
    }
}

/// Type and subtype by RFC 6838, in lower case.
fn is_media_type(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'+' | b'-' | b'_'))
    };
    text.len() <= MAX_MEDIA_TYPE_BYTES && text.split_once('/').is_some_and(|(kind, sub)| word(kind) && word(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Attachment {
        Attachment {
            blob: BlobId([0xab; 32]),
            key: BlobKey([7; 32]),
            size_bytes: 9,
            media_type: "audio/ogg".to_owned(),
            file_name: "Dondar, səs.ogg".to_owned(),
            duration_ms: Some(61_000),
        }
    }

    #[test]
    fn a_blob_is_named_in_one_way_only() {
        let id = BlobId([0xab; 32]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for rubbish in ["", "ab", &"AB".repeat(32), &"ab".repeat(33), &"zz".repeat(32), &"ə".repeat(32)] {
            assert_eq!(rubbish.parse::<BlobId>(), Err(NotABlob), "{rubbish}");
        }
    }

    #[test]
    fn what_is_printed_of_an_attachment_does_not_open_it() {
        assert!(!format!("{:?}", recording()).contains("7, 7"));
    }

    #[test]
    fn an_attachment_out_of_its_limits_is_not_valid() {
        assert!(recording().is_valid());
        for (what, wrong) in [
            ("empty", Attachment { size_bytes: 0, ..recording() }),
            ("huge", Attachment { size_bytes: MAX_ATTACHMENT_BYTES + 1, ..recording() }),
            ("no type", Attachment { media_type: String::new(), ..recording() }),
            ("half a type", Attachment { media_type: "audio/".to_owned(), ..recording() }),
            ("a parameter", Attachment { media_type: "audio/ogg; codecs=opus".to_owned(), ..recording() }),
            ("upper case", Attachment { media_type: "Audio/ogg".to_owned(), ..recording() }),
            ("a folder", Attachment { file_name: "../kend.db".to_owned(), ..recording() }),
            ("a long name", Attachment { file_name: "a".repeat(MAX_FILE_NAME_BYTES + 1), ..recording() }),
            ("for ever", Attachment { duration_ms: Some(u64::MAX), ..recording() }),
        ] {
            assert!(!wrong.is_valid(), "{what}");
        }
    }
}
