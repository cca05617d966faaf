//! What is wrong with a pack.

/// Why bytes are no pack. The pack in use is never touched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The file ends before its declared length.
    #[error("the pack is truncated: {got_bytes} bytes of {expected_bytes}")]
    Truncated {
        /// Bytes that are there.
        got_bytes: u64,
        /// Bytes that the header asks for.
        expected_bytes: u64,
    },
    /// The content is not what was written.
    #[error("the pack was altered: its content does not match its hash or length")]
    Altered,
    /// It names a signer who did not sign it.
    #[error("the pack was not signed by whom it names")]
    Signature,
    /// Not a pack, or of a format that this version does not know.
    #[error("unknown format: {0}")]
    UnknownFormat(String),
    /// Larger than accepted.
    #[error("the pack is too large: {bytes} bytes, at most {limit_bytes}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit that it passes.
        limit_bytes: u64,
    },
    /// Whole, but it does not agree with itself.
    #[error("the pack is inconsistent: {what}")]
    Inconsistent {
        /// What does not agree.
        what: String,
    },
}

impl PackError {
    pub(crate) fn inconsistent(what: impl Into<String>) -> Self {
        Self::Inconsistent { what: what.into() }
    }
}
