//! From a passphrase to the database key.
//!
//! The key is random and never changes; the passphrase only wraps it, so it can be changed without rewriting the store,
//! and a wrong one is known by the failing seal, before any database is opened. Argon2id's parameters are stored beside
//! the wrapped key and bound into the seal: 19 MiB and two passes, what a cheap phone does in about a second.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::hex;

/// The format of key files, 2026-11: the first.
const VERSION: u32 = 1;
/// Memory of a derivation.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Most memory that a key file may ask for: one from elsewhere must not take the device down.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Most passes that a key file may ask for.
const MAX_PASSES: u32 = 16;

/// A passphrase that does not open the key file, or no key file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The passphrase is not the one.
    #[error("the passphrase does not open this key file")]
    WrongPassphrase,
    /// The text is no key file, or one with parameters out of range.
    #[error("this is no key file")]
    Damaged,
    /// Written by a newer Kend.
    #[error("the key file has version {0}, which this Kend does not know")]
    Newer(u32),
}

/// The 256-bit key of a store's file. Wiped from memory when dropped.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    /// The key with these bytes (random ones, or those of a platform's key store).
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key for one other purpose: neither says anything about the other, and there is no second secret to lose.
    pub fn derived(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, &*self.0))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DatabaseKey(..)")
    }
}

/// Random bytes for a key file, fresh for every seal.
#[derive(Debug, Clone, Copy)]
pub struct KeyFileSeeds {
    /// The salt of the derivation.
    pub salt: [u8; 16],
    /// The nonce of the seal.
    pub nonce: [u8; 24],
}

/// A wrapped database key: a small JSON text that whoever opens the store keeps beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFile {
    version: u32,
    memory_kib: u32,
    passes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

impl KeyFile {
    /// Wraps a key with a passphrase.
    pub fn seal(key: &DatabaseKey, passphrase: &str, seeds: &KeyFileSeeds) -> Result<Self, VaultError> {
        let mut file = Self {
            version: VERSION,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt: hex::encode(&seeds.salt),
            nonce: hex::encode(&seeds.nonce),
            sealed: String::new(),
        };
        let payload = Payload { msg: key.bytes(), aad: &file.bound() };
        let sealed = file.cipher(passphrase)?.encrypt(&XNonce::from(seeds.nonce), payload);
        file.sealed = hex::encode(&sealed.map_err(|_| VaultError::Damaged)?);
        Ok(file)
    }

    /// The key, with the right passphrase. Takes about a second on a cheap phone.
    pub fn open(&self, passphrase: &str) -> Result<DatabaseKey, VaultError> {
        if self.version != VERSION {
            return Err(VaultError::Newer(self.version));
        }
        let nonce: [u8; 24] = hex::decode(&self.nonce).ok_or(VaultError::Damaged)?;
        let sealed: [u8; 48] = hex::decode(&self.sealed).ok_or(VaultError::Damaged)?;
        let payload = Payload { msg: &sealed, aad: &self.bound() };
        let opened = self.cipher(passphrase)?.decrypt(&XNonce::from(nonce), payload);
        let opened = Zeroizing::new(opened.map_err(|_| VaultError::WrongPassphrase)?);
        let key = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| VaultError::Damaged)?;
        Ok(DatabaseKey::from_bytes(key))
    }

    /// The text to write.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The key file with this text.
    pub fn from_json(text: &str) -> Result<Self, VaultError> {
        serde_json::from_str(text).map_err(|_| VaultError::Damaged)
    }

    fn cipher(&self, passphrase: &str) -> Result<XChaCha20Poly1305, VaultError> {
        if self.memory_kib > MAX_MEMORY_KIB || self.passes > MAX_PASSES {
            return Err(VaultError::Damaged);
        }
        let salt: [u8; 16] = hex::decode(&self.salt).ok_or(VaultError::Damaged)?;
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).map_err(|_| VaultError::Damaged)?;
        let mut wrapping = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, wrapping.as_mut())
            .map_err(|_| VaultError::Damaged)?;
        XChaCha20Poly1305::new_from_slice(wrapping.as_ref()).map_err(|_| VaultError::Damaged)
    }

    fn bound(&self) -> Vec<u8> {
        format!("kend key file {} {} {}", self.version, self.memory_kib, self.passes).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEDS: KeyFileSeeds = KeyFileSeeds { salt: [1; 16], nonce: [2; 24] };

    #[test]
    fn the_right_passphrase_opens_and_a_wrong_one_is_known_by_the_seal() {
        let file = KeyFile::seal(&DatabaseKey::from_bytes([7; 32]), "bir iki üç dörd", &SEEDS).unwrap();
        let file = KeyFile::from_json(&file.to_json()).unwrap();
        assert_eq!(file.open("bir iki üç dörd").unwrap().bytes(), &[7; 32]);
        assert_eq!(file.open("bir iki üç").unwrap_err(), VaultError::WrongPassphrase);
    }

    #[test]
    fn an_altered_key_file_is_refused_without_taking_the_device_down() {
        let file = KeyFile::seal(&DatabaseKey::from_bytes([7; 32]), "passphrase", &SEEDS).unwrap();
        let altered = |change: fn(&mut KeyFile)| {
            let mut file = file.clone();
            change(&mut file);
            file.open("passphrase").unwrap_err()
        };
        assert_eq!(altered(|file| file.memory_kib = u32::MAX), VaultError::Damaged);
        assert_eq!(altered(|file| file.passes = 0), VaultError::Damaged);
        assert_eq!(altered(|file| file.passes = 3), VaultError::WrongPassphrase);
        assert_eq!(altered(|file| file.version = 9), VaultError::Newer(9));
        assert_eq!(altered(|file| file.sealed.clear()), VaultError::Damaged);
        assert_eq!(KeyFile::from_json("{").unwrap_err(), VaultError::Damaged);
    }
}
