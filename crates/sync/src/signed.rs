//! Something signed, as it travels and is stored: bytes and a signature over just these bytes.
//!
//! What is inside is read only from bytes whose signature held, and it has one way to be written, so that what was signed
//! is what is meant.

use kend_log::PublicKeyBytes;
use minicbor::{Decode, Encode};

use crate::codec::{self, BadBody};
use crate::signing::Sign;

/// Why something signed does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSigned {
    /// It can't be read, or its parts are too many or too long.
    #[error("what was signed can't be read")]
    Form,
    /// Who ought to have signed it did not.
    #[error("the signature does not hold")]
    Signature,
}

impl From<BadBody> for BadSigned {
    fn from(_: BadBody) -> Self {
        Self::Form
    }
}

/// Bytes and who vouches for them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Signed {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) bytes: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) signature: [u8; 64],
}

impl Signed {
    pub(crate) fn sign<T: Encode<()>>(purpose: &str, content: &T, sign: Sign<'_>) -> Self {
        let bytes = codec::encode_head(content);
        let signature = sign(purpose, &bytes);
        Self { bytes, signature }
    }

    pub(crate) fn verify<T>(&self, purpose: &str, key: &PublicKeyBytes) -> Result<T, BadSigned>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
        if !kend_log::verifies(key, purpose, &self.bytes, &self.signature) {
            return Err(BadSigned::Signature);
        }
        self.read()
    }

    /// What the bytes say, whoever signed them.
    pub(crate) fn read<T>(&self) -> Result<T, BadSigned>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
        Ok(codec::decode_head(&self.bytes)?)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, BadSigned> {
        Ok(codec::decode_head(bytes)?)
    }
}
