//! The server's word that it has an attachment, every byte of it hashed and on its disk.
//!
//! As with the log, only the server signs it and a hub on the way passes it on. It names no device, so one receipt counts for
//! all who hold the attachment; it goes in answers of a line and in bundles alike.

use kend_log::{BlobId, PublicKeyBytes};
use minicbor::{Decode, Encode};

use crate::codec;
use crate::message::Epoch;
use crate::signed::{BadSigned, Signed, Statement};
use crate::signing;

/// No receipt is longer, as hexadecimal digits of a header.
const MAX_HEADER_BYTES: usize = 1024;

/// That the server has an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BlobReceipt {
    /// Which.
    #[cbor(n(0), with = "codec::blob")]
    pub blob: BlobId,
    /// Size of the ciphertext.
    #[n(1)]
    pub size_bytes: u64,
    /// The server's epoch.
    #[n(2)]
    pub epoch: Epoch,
    /// The server's clock, milliseconds since 1970 UTC.
    #[n(3)]
    pub server_ms: i64,
}

impl Statement for BlobReceipt {
    const PURPOSE: &'static str = "attachment receipt 1";

    fn check(&self, _: &PublicKeyBytes) -> Result<(), BadSigned> {
        Ok(())
    }
}

/// A receipt as it travels, signed by the server.
pub type SignedBlobReceipt = Signed<BlobReceipt>;

impl SignedBlobReceipt {
    /// Whether the server with this key says that it has this attachment.
    pub fn holds(&self, server_key: &PublicKeyBytes, blob: &BlobId) -> bool {
        self.verify(server_key).is_ok_and(|receipt| receipt.blob == *blob)
    }

    pub(super) fn to_header(&self) -> String {
        signing::write_hex(&self.to_bytes())
    }

    pub(super) fn from_header(text: &str) -> Option<Self> {
        if text.len() > MAX_HEADER_BYTES {
            return None;
        }
        Self::from_bytes(&data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: [u8; 32] = [5; 32];
    const BLOB: BlobId = BlobId([1; 32]);

    #[test]
    fn a_receipt_counts_for_its_attachment_and_from_the_server_alone() {
        let sign = |key: [u8; 32]| move |purpose: &str, message: &[u8]| kend_log::sign(&key, purpose, message);
        let receipt = BlobReceipt { blob: BLOB, size_bytes: 9, epoch: Epoch([3; 16]), server_ms: 4 };
        let signed = SignedBlobReceipt::sign(&receipt, &sign(SERVER));
        let key = kend_log::public_key(&SERVER);
        let read = SignedBlobReceipt::from_header(&signed.to_header()).unwrap();
        assert_eq!(read.verify(&key), Ok(receipt));
        assert!(read.holds(&key, &BLOB));
        assert!(!read.holds(&key, &BlobId([2; 32])));
        assert!(!SignedBlobReceipt::sign(&receipt, &sign([6; 32])).holds(&key, &BLOB));
        for place in 0..signed.raw.bytes.len() {
            let mut altered = signed.clone();
            altered.raw.bytes[place] ^= 1;
            assert!(!altered.holds(&key, &BLOB), "{place}");
        }
        for rubbish in ["", "zz", "ab", &"ab".repeat(2000)] {
            assert_eq!(SignedBlobReceipt::from_header(rubbish), None, "{rubbish}");
        }
    }
}
