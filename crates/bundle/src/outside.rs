//! What anybody can tell of a volume without a key: whether it may be one, and for how many it is sealed.

use std::io::{self, Read};

use crate::limits::MAX_ENVELOPE_BYTES;

const FIRST_LINE: &[u8] = b"age-encryption.org/v1";
const RECIPIENT: &[u8] = b"-> X25519 ";
/// What the envelope's last line begins with, and how long its code is.
const ENVELOPE_END: &[u8] = b"\n--- ";
const ENVELOPE_CODE_BYTES: usize = 43;

/// A volume from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside {
    /// How many it is sealed to.
    pub recipients: usize,
}

/// Looks at the beginning of a file; none when it is no bundle.
pub fn look(input: impl Read) -> io::Result<Option<Outside>> {
    let begin = read_begin(input)?;
    let lines = begin.split(|byte| *byte == b'\n');
    let is_age = begin.starts_with(FIRST_LINE) && holds_envelope(&begin);
    let recipients =
        lines.take_while(|line| !line.starts_with(b"---")).filter(|line| line.starts_with(RECIPIENT)).count();
    Ok((is_age && recipients > 0).then_some(Outside { recipients }))
}

/// Where the envelope of a volume must have come to its end.
pub(crate) fn read_begin(input: impl Read) -> io::Result<Vec<u8>> {
    let mut begin = Vec::new();
    let room = u64::try_from(MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX);
    input.take(room).read_to_end(&mut begin)?;
    Ok(begin)
}

/// Whether a file begins with a whole envelope, its last line included.
pub(crate) fn holds_envelope(begin: &[u8]) -> bool {
    let last_line = begin.windows(ENVELOPE_END.len()).position(|bytes| bytes == ENVELOPE_END);
    let end = last_line.and_then(|place| begin.get(place + ENVELOPE_END.len() + ENVELOPE_CODE_BYTES));
    end == Some(&b'\n')
}
