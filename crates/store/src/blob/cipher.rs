//! Encryption of blobs: STREAM with ChaCha20-Poly1305 over chunks of 64 KiB.
//!
//! STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015)
//! numbers the chunks and marks the last one, so that none can be changed, swapped, left out or added unseen, and a reader
//! needs one chunk in memory. A key is used for one blob, so the nonce's fixed part is zero.

use std::io::{self, Read, Write};

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::aead::array::Array;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use kend_log::BlobKey;
use zeroize::Zeroizing;

/// Bytes of a chunk before encryption.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;
/// What encryption adds to a chunk.
pub(crate) const TAG_BYTES: usize = 16;

/// Size of the ciphertext of a blob of this size.
pub const fn ciphertext_bytes(size_bytes: u64) -> u64 {
    let chunks = size_bytes.div_ceil(CHUNK_BYTES as u64);
    size_bytes + TAG_BYTES as u64 * if chunks == 0 { 1 } else { chunks }
}

/// Encrypts all that can be read, up to `most_bytes`, and returns how much that was. Reading more is an error.
pub(super) fn seal(plain: &mut dyn Read, key: &BlobKey, to: &mut dyn Write, most_bytes: u64) -> io::Result<u64> {
    let mut encryptor = EncryptorBE32::from_aead(ChaCha20Poly1305::new(&key.0.into()), &Array::default());
    let (mut chunk, mut next) = (Zeroizing::new(Vec::new()), Zeroizing::new(Vec::new()));
    let mut size_bytes = fill(plain, &mut chunk, CHUNK_BYTES)?;
    loop {
        let more = fill(plain, &mut next, CHUNK_BYTES)?;
        if size_bytes.saturating_add(more) > most_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if more == 0 {
            let sealed = encryptor.encrypt_last(chunk.as_slice()).map_err(|_| io::ErrorKind::InvalidData)?;
            to.write_all(&sealed)?;
            return Ok(size_bytes);
        }
        let sealed = encryptor.encrypt_next(chunk.as_slice()).map_err(|_| io::ErrorKind::InvalidData)?;
        to.write_all(&sealed)?;
        size_bytes += more;
        std::mem::swap(&mut chunk, &mut next);
    }
}

/// Reads the plaintext of a ciphertext. An error of kind `InvalidData` means that it is not what was encrypted: what was
/// read before it was.
pub struct BlobReader<R> {
    sealed: R,
    decryptor: Option<DecryptorBE32<ChaCha20Poly1305>>,
    /// The chunk to be opened next, read ahead to know whether it is the last.
    ahead: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    taken: usize,
}

impl<R: Read> BlobReader<R> {
    pub(super) fn new(mut sealed: R, key: &BlobKey) -> io::Result<Self> {
        let decryptor = DecryptorBE32::from_aead(ChaCha20Poly1305::new(&key.0.into()), &Array::default());
        let mut ahead = Vec::new();
        fill(&mut sealed, &mut ahead, CHUNK_BYTES + TAG_BYTES)?;
        Ok(Self { sealed, decryptor: Some(decryptor), ahead, plain: Zeroizing::default(), taken: 0 })
    }

    fn open_next(&mut self) -> io::Result<()> {
        let Some(mut decryptor) = self.decryptor.take() else { return Ok(()) };
        let mut after = Vec::new();
        let more = fill(&mut self.sealed, &mut after, CHUNK_BYTES + TAG_BYTES)?;
        let opened = if more == 0 {
            decryptor.decrypt_last(self.ahead.as_slice())
        } else {
            let opened = decryptor.decrypt_next(self.ahead.as_slice());
            self.decryptor = Some(decryptor);
            opened
        };
        self.plain = Zeroizing::new(opened.map_err(|_| io::ErrorKind::InvalidData)?);
        (self.ahead, self.taken) = (after, 0);
        Ok(())
    }
}

impl<R: Read> Read for BlobReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.plain.len() && self.decryptor.is_some() {
            self.open_next()?;
        }
        let mut rest = self.plain.get(self.taken..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.taken += read;
        Ok(read)
    }
}

impl<R> std::fmt::Debug for BlobReader<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BlobReader(..)")
    }
}

/// Fills a buffer up to a size, or with what is left.
fn fill(from: &mut dyn Read, buffer: &mut Vec<u8>, size: usize) -> io::Result<u64> {
    buffer.clear();
    Ok(from.take(size as u64).read_to_end(buffer)? as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: BlobKey = BlobKey([7; 32]);

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        let size_bytes = seal(&mut &*plain, &KEY, &mut sealed, u64::MAX).unwrap();
        assert_eq!((size_bytes, sealed.len() as u64), (plain.len() as u64, ciphertext_bytes(size_bytes)));
        sealed
    }

    fn opened(sealed: &[u8], key: &BlobKey) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        BlobReader::new(sealed, key)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    fn noise(size: usize) -> Vec<u8> {
        (0..size).map(|place| u8::try_from(place * 31 % 251).unwrap()).collect()
    }

    #[test]
    fn a_blob_of_any_size_is_read_back_as_it_was() {
        for size in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain = noise(size);
            assert_eq!(opened(&sealed(&plain), &KEY).unwrap(), plain, "{size}");
        }
    }

    #[test]
    fn what_was_changed_cut_off_swapped_added_to_or_is_of_another_key_is_not_read() {
        let whole = sealed(&noise(2 * CHUNK_BYTES + 9));
        let step = CHUNK_BYTES + TAG_BYTES;
        let flipped = |place: usize| {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            bytes
        };
        for (what, bytes) in [
            ("first bit", flipped(0)),
            ("last bit", flipped(whole.len() - 1)),
            ("last chunk", whole[..2 * step].to_vec()),
            ("last byte", whole[..whole.len() - 1].to_vec()),
            ("all", Vec::new()),
            ("swapped", [&whole[step..2 * step], &whole[..step], &whole[2 * step..]].concat()),
            ("longer", [&whole[..], &[0]].concat()),
        ] {
            assert_eq!(opened(&bytes, &KEY).unwrap_err().kind(), io::ErrorKind::InvalidData, "{what}");
        }
        assert!(opened(&whole, &BlobKey([8; 32])).is_err());
    }

    #[test]
    fn more_than_may_be_kept_is_refused() {
        let plain = noise(CHUNK_BYTES + 1);
        let refused = seal(&mut &*plain, &KEY, &mut io::sink(), CHUNK_BYTES as u64).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
        seal(&mut &*plain, &KEY, &mut io::sink(), CHUNK_BYTES as u64 + 1).unwrap();
    }
}
