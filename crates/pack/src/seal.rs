//! Who made a pack: the office signs what its file says of all its sections, and a device shows the name.
//!
//! The key stands in the file, so a signature alone says only that whoever made this pack made that one too. Whether
//! a key is the office's, a person decides once, when the name appears for the first time.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::hex;

/// Keeps signatures of packs apart from all others.
const PURPOSE: &[u8] = b"kend 2026 message\0pack 2\0";
/// The longest name, characters.
pub(crate) const NAME_CHARACTERS: usize = 80;

/// Who signed a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackSigner {
    /// The name the signer gave: shown beside the key, never instead of it.
    pub name: String,
    /// The Ed25519 public key.
    #[serde(with = "hex::bytes32")]
    pub key: [u8; 32],
}

impl PackSigner {
    /// The first eight bytes of the key's BLAKE3 in groups of four hex digits, to compare by eye.
    ///
    /// ```
    /// let signer = kend_pack::PackSigner { name: "Office".to_owned(), key: [7; 32] };
    /// assert_eq!(signer.key_words(), "ebaf 85b4 65a0 9de2");
    /// ```
    pub fn key_words(&self) -> String {
        let hash = blake3::hash(&self.key).to_hex();
        let groups = hash.as_bytes().chunks(4).take(4).map(|group| String::from_utf8_lossy(group).into_owned());
        groups.collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn signed(&self, manifest: &[u8; 32], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.key)
            .is_ok_and(|key| key.verify_strict(&message(manifest), &Signature::from_bytes(signature)).is_ok())
    }
}

/// The office's key and name.
pub struct PackKey {
    name: String,
    key: SigningKey,
}

impl PackKey {
    /// A key from 32 secret bytes and the name to show.
    pub fn new(name: String, secret: &[u8; 32]) -> Self {
        Self { name, key: SigningKey::from_bytes(secret) }
    }

    /// What a pack says of its signer.
    pub fn signer(&self) -> PackSigner {
        PackSigner { name: self.name.clone(), key: self.key.verifying_key().to_bytes() }
    }

    pub(crate) fn sign(&self, manifest: &[u8; 32]) -> [u8; 64] {
        self.key.sign(&message(manifest)).to_bytes()
    }
}

fn message(manifest: &[u8; 32]) -> Vec<u8> {
    [PURPOSE, manifest].concat()
}
