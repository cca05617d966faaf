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
use crate::signed::{BadSigned, Signed, Statement};

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

impl Statement for Receipt {
    const PURPOSE: &'static str = "receipt 1";

    fn check(&self, _: &PublicKeyBytes) -> Result<(), BadSigned> {
        Ok(())
    }
}

/// A receipt as it travels, signed by the server.
pub type SignedReceipt = Signed<Receipt>;

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
        for place in 0..signed.raw.bytes.len() {
            let mut altered = signed.clone();
            altered.raw.bytes[place] ^= 1;
            assert!(altered.verify(&key).is_err(), "{place}");
        }
        let forged = SignedReceipt::sign(&receipt(), &sign([6; 32]));
        assert_eq!(forged.verify(&key), Err(BadSigned::Signature));
        let as_an_order = |_: &str, message: &[u8]| kend_log::sign(&SERVER, "order 1", message);
        let of_another_purpose = SignedReceipt::sign(&receipt(), &as_an_order);
        assert_eq!(of_another_purpose.verify(&key), Err(BadSigned::Signature));
    }
}
