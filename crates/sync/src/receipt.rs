//! Receipts: the server's word that it has a log up to an entry.
//!
//! Only the server signs them, the hub that has no other above it; its key is in every certificate. So *safe at the server*
//! is never a hub's claim: a hub stores receipts and passes them on, and can make none. A receipt names the whole chain
//! hash, so it counts for one branch of a log only.

use kend_domain::{DeviceId, Scope};
use kend_log::{ChainHash, LogId, PublicKeyBytes};
use minicbor::{Decode, Encode};

use crate::codec;
use crate::message::Epoch;
use crate::signed::{BadSigned, Signed};
use crate::signing::Sign;

const PURPOSE: &str = "receipt 1";

/// That the server has a log up to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Receipt {
    /// The device whose log it is.
    #[cbor(n(0), with = "codec::device")]
    pub device: DeviceId,
    /// The log's scope.
    #[cbor(n(1), with = "codec::scope")]
    pub scope: Scope,
    /// The last entry that is on the server's disk.
    #[n(2)]
    pub seq: u64,
    /// The chain hash there.
    #[cbor(n(3), with = "codec::chain_hash")]
    pub hash: ChainHash,
    /// The server's epoch.
    #[n(4)]
    pub epoch: Epoch,
    /// The server's clock, milliseconds since 1970 UTC.
    #[n(5)]
    pub server_ms: i64,
}

impl Receipt {
    /// The log.
    pub fn log(&self) -> LogId {
        LogId { device: self.device, scope: self.scope.clone() }
    }
}

/// A receipt as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SignedReceipt(Signed);

impl SignedReceipt {
    /// The receipt, signed by the server.
    pub fn sign(receipt: &Receipt, sign: Sign<'_>) -> Self {
        Self(Signed::sign(PURPOSE, receipt, sign))
    }

    /// The receipt, if the server with this key signed it.
    pub fn verify(&self, server_key: &PublicKeyBytes) -> Result<Receipt, BadSigned> {
        self.0.verify(PURPOSE, server_key)
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// Reads stored bytes. Signature and content are checked by [`Self::verify`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSigned> {
        Signed::from_bytes(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: [u8; 32] = [5; 32];

    fn receipt() -> Receipt {
        Receipt {
            device: DeviceId::from_bytes([1; 16]),
            scope: "demo/AZ-TOV".parse().unwrap(),
            seq: 7,
            hash: ChainHash([2; 32]),
            epoch: Epoch([3; 16]),
            server_ms: 4,
        }
    }

    #[test]
    fn a_receipt_is_read_back_and_an_altered_or_forged_one_refused() {
        let sign = |key: [u8; 32]| move |purpose: &str, message: &[u8]| kend_log::sign(&key, purpose, message);
        let signed = SignedReceipt::sign(&receipt(), &sign(SERVER));
        let key = kend_log::public_key(&SERVER);
        assert_eq!(SignedReceipt::from_bytes(&signed.to_bytes()).unwrap().verify(&key), Ok(receipt()));
        for place in 0..signed.0.bytes.len() {
            let mut altered = signed.clone();
            altered.0.bytes[place] ^= 1;
            assert!(altered.verify(&key).is_err(), "{place}");
        }
        let forged = SignedReceipt::sign(&receipt(), &sign([6; 32]));
        assert_eq!(forged.verify(&key), Err(BadSigned::Signature));
        let of_another_purpose = SignedReceipt(Signed::sign("order 1", &receipt(), &sign(SERVER)));
        assert_eq!(of_another_purpose.verify(&key), Err(BadSigned::Signature));
    }
}
