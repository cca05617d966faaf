//! The keys that bundles are sealed to: X25519, as `age` has them.
//!
//! A device or hub has no second secret to lose: its seal key comes from its signing key by BLAKE3's key derivation under
//! a purpose of its own (`kend_store::Store::derived_key`), so neither use says anything about the other. The public half
//! stands in certificates. The `age` tool opens a bundle with the same key.

use age::secrecy::ExposeSecret;
use bech32::{Bech32, Hrp};
use zeroize::Zeroizing;

use crate::error::WriteError;
use crate::limits::MAX_RECIPIENTS;

const SECRET_PREFIX: Hrp = Hrp::parse_unchecked("AGE-SECRET-KEY-");
const PUBLIC_PREFIX: Hrp = Hrp::parse_unchecked("age");

/// The public half of a seal key: who has it can seal, not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealPublic(pub [u8; 32]);

/// A seal key: opens what was sealed to its public half.
#[derive(Clone)]
pub struct SealKey(age::x25519::Identity);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealKey(..)")
    }
}

impl SealKey {
    /// The context under which a seal key is derived from a signing key.
    pub const CONTEXT: &str = "kend 2026 bundle seal key";

    /// The key of these 32 derived bytes.
    #[expect(clippy::expect_used, reason = "32 bytes are always a key, and their text always one of age's")]
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        let text = Zeroizing::new(
            bech32::encode_upper::<Bech32>(SECRET_PREFIX, bytes.as_slice()).expect("BUG: 32 bytes have no text"),
        );
        Self(text.parse().expect("BUG: the text of a key is none"))
    }

    /// Its public half.
    pub fn public(&self) -> SealPublic {
        let text = self.0.to_public().to_string();
        let bytes = bech32::decode(&text).ok().and_then(|(_, bytes)| bytes.try_into().ok());
        SealPublic(bytes.unwrap_or_default())
    }

    /// The key as the `age` tool takes it, for those who mend things.
    pub fn to_age(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    pub(crate) fn identity(&self) -> &dyn age::Identity {
        &self.0
    }
}

/// An envelope for these recipients.
pub(crate) fn envelope(recipients: &[SealPublic]) -> Result<age::Encryptor, WriteError> {
    if recipients.is_empty() || recipients.len() > MAX_RECIPIENTS {
        return Err(WriteError::Recipients);
    }
    let read = |public: &SealPublic| {
        let text = bech32::encode_lower::<Bech32>(PUBLIC_PREFIX, &public.0).map_err(|_| WriteError::BadRecipient)?;
        text.parse::<age::x25519::Recipient>().map_err(|_| WriteError::BadRecipient)
    };
    let recipients = recipients.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    age::Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as &dyn age::Recipient))
        .map_err(|_| WriteError::Recipients)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_are_the_same_key_and_others_another() {
        let key = |byte| SealKey::from_bytes(&Zeroizing::new([byte; 32]));
        assert_eq!(key(1).public(), key(1).public());
        assert_ne!(key(1).public(), key(2).public());
        assert_ne!(key(1).public(), SealPublic([0; 32]));
        assert!(key(1).to_age().starts_with("AGE-SECRET-KEY-1"));
        assert!(!format!("{:?}", key(1)).contains("AGE"));
    }

    #[test]
    fn nobody_and_everybody_are_no_recipients() {
        let public = SealKey::from_bytes(&Zeroizing::new([1; 32])).public();
        assert!(matches!(envelope(&[]).err(), Some(WriteError::Recipients)));
        assert!(matches!(envelope(&vec![public; MAX_RECIPIENTS + 1]).err(), Some(WriteError::Recipients)));
        assert!(envelope(&[public]).is_ok());
    }
}
