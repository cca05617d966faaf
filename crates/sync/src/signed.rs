//! Something signed, as it travels and is stored: bytes and a signature over just these bytes.
//!
//! What is inside is read only from bytes whose signature held, and it has one way to be written, so that what was signed
//! is what is meant.

use std::fmt;
use std::marker::PhantomData;

use kend_log::PublicKeyBytes;
use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
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

/// What may be signed: each kind under a purpose of its own, so that no signature counts for another kind.
pub trait Statement: Encode<()> + for<'b> Decode<'b, ()> {
    /// What the signature is for.
    const PURPOSE: &'static str;

    /// Whether it may count, signed by who holds this key: within its limits, and not contradicting the signer.
    fn check(&self, signer: &PublicKeyBytes) -> Result<(), BadSigned>;
}

/// A statement as it travels: its bytes, and who vouches for them.
pub struct Signed<T> {
    pub(crate) raw: Raw,
    of: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Raw {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) bytes: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

// By hand: what is derived would ask of the statement what only its bytes have to be.
impl<T> From<Raw> for Signed<T> {
    fn from(raw: Raw) -> Self {
        Self { raw, of: PhantomData }
    }
}

impl<T> Clone for Signed<T> {
    fn clone(&self) -> Self {
        self.raw.clone().into()
    }
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Eq for Signed<T> {}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(formatter)
    }
}

impl<T, C> Encode<C> for Signed<T> {
    fn encode<W: Write>(&self, encoder: &mut Encoder<W>, context: &mut C) -> Result<(), EncodeError<W::Error>> {
        self.raw.encode(encoder, context)
    }
}

impl<T, C> Decode<'_, C> for Signed<T> {
    fn decode(decoder: &mut Decoder<'_>, context: &mut C) -> Result<Self, DecodeError> {
        Raw::decode(decoder, context).map(Self::from)
    }
}

impl<T: Statement> Signed<T> {
    /// The statement, signed.
    pub fn sign(statement: &T, sign: Sign<'_>) -> Self {
        let bytes = codec::encode_head(statement);
        let signature = sign(T::PURPOSE, &bytes);
        Raw { bytes, signature }.into()
    }

    /// The statement, if who holds this key signed it and may.
    pub fn verify(&self, signer: &PublicKeyBytes) -> Result<T, BadSigned> {
        if !kend_log::verifies(signer, T::PURPOSE, &self.raw.bytes, &self.raw.signature) {
            return Err(BadSigned::Signature);
        }
        let statement = self.read()?;
        statement.check(signer)?;
        Ok(statement)
    }

    /// What it says, whoever signed it. Only of use where that was checked or does not matter.
    pub fn read(&self) -> Result<T, BadSigned> {
        Ok(codec::decode_head(&self.raw.bytes)?)
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode_head(&self.raw)
    }

    /// Reads stored bytes. Signature and content are checked by [`Self::verify`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSigned> {
        Ok(codec::decode_head::<Raw>(bytes)?.into())
    }
}
