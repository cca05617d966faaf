//! A part of a blob, without what comes before it: what it takes to play from the middle.
//!
//! Chunks are numbered, so each is opened by itself, and none is taken for another: a chunk from elsewhere, or the last one
//! in another place, does not open.

use std::ops::Range;

use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::aead::array::Array;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use kend_log::{BlobId, BlobKey};

use super::cipher::{CHUNK_BYTES, TAG_BYTES, ciphertext_bytes};
use super::folder::{BlobError, BlobFolder};

/// A part of the plaintext of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobRange {
    size_bytes: u64,
    from: u64,
    to: u64,
}

impl BlobRange {
    /// At most so many bytes from a place on, of a blob of this size. None where there are none.
    pub fn new(size_bytes: u64, from: u64, most_bytes: u64) -> Option<Self> {
        let to = from.saturating_add(most_bytes).min(size_bytes);
        (from < to).then_some(Self { size_bytes, from, to })
    }

    /// The place of its first byte.
    pub const fn from(&self) -> u64 {
        self.from
    }

    /// The place after its last byte.
    pub const fn to(&self) -> u64 {
        self.to
    }

    fn first_chunk(&self) -> u64 {
        self.from / CHUNK_BYTES as u64
    }

    /// The bytes of the ciphertext that it is read from.
    pub fn sealed(&self) -> Range<u64> {
        let step = (CHUNK_BYTES + TAG_BYTES) as u64;
        let end = self.to.div_ceil(CHUNK_BYTES as u64) * step;
        self.first_chunk() * step..end.min(ciphertext_bytes(self.size_bytes))
    }

    /// Opens these bytes of the ciphertext.
    pub fn open(&self, sealed: &[u8], key: &BlobKey) -> Result<Vec<u8>, BlobError> {
        let stream = StreamBE32::from_aead(ChaCha20Poly1305::new(&key.0.into()), &Array::default());
        let last = self.size_bytes.div_ceil(CHUNK_BYTES as u64).saturating_sub(1);
        let span = self.sealed();
        if sealed.len() as u64 != span.end - span.start {
            return Err(BlobError::Damaged);
        }
        let mut plain = Vec::new();
        for (place, chunk) in (self.first_chunk()..).zip(sealed.chunks(CHUNK_BYTES + TAG_BYTES)) {
            let number = u32::try_from(place).map_err(|_| BlobError::TooLarge)?;
            let opened = stream.decrypt(number, place == last, chunk).map_err(|_| BlobError::Damaged)?;
            plain.extend_from_slice(&opened);
        }
        let before = usize::try_from(self.from % CHUNK_BYTES as u64).map_err(|_| BlobError::TooLarge)?;
        let length = usize::try_from(self.to - self.from).map_err(|_| BlobError::TooLarge)?;
        plain.get(before..before + length).map(<[u8]>::to_vec).ok_or(BlobError::Damaged)
    }
}

impl BlobFolder {
    /// Reads a part of a blob that is here.
    pub fn read_range(&self, id: &BlobId, key: &BlobKey, range: &BlobRange) -> Result<Vec<u8>, BlobError> {
        let span = range.sealed();
        range.open(&self.read_at(id, span.start, span.end - span.start)?, key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: BlobKey = BlobKey([7; 32]);

    #[test]
    fn any_part_is_read_as_it_was_and_nothing_beyond_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let folder = BlobFolder::beside(&folder.path().join("kend.db")).unwrap();
        for size in [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5] {
            let plain: Vec<u8> = (0..size).map(|place| u8::try_from(place * 31 % 251).unwrap()).collect();
            let (id, size_bytes) = folder.keep(&mut &*plain, &KEY).unwrap();
            for from in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, size - 1, size] {
                for most in [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, usize::MAX] {
                    let wanted = plain.get(from..from.saturating_add(most).min(size)).unwrap_or_default();
                    let range = BlobRange::new(size_bytes, from as u64, most as u64);
                    let read = range.map(|range| folder.read_range(&id, &KEY, &range).unwrap());
                    assert_eq!(read.unwrap_or_default(), wanted, "{size}: {most} from {from}");
                }
            }
        }
    }

    #[test]
    fn what_was_changed_or_cut_off_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = BlobFolder::beside(&folder.path().join("kend.db")).unwrap();
        let plain = vec![7; 2 * CHUNK_BYTES + 9];
        let (id, size_bytes) = folder.keep(&mut &*plain, &KEY).unwrap();
        let all = BlobRange::new(size_bytes, 0, u64::MAX).unwrap();
        let sealed = std::fs::read(folder.path(&id)).unwrap();
        let step = CHUNK_BYTES + TAG_BYTES;
        let mut flipped = sealed.clone();
        flipped[step + 3] ^= 1;
        let swapped = [&sealed[step..2 * step], &sealed[..step], &sealed[2 * step..]].concat();
        for (what, bytes) in [("flipped", flipped), ("swapped", swapped), ("cut", sealed[..2 * step].to_vec())] {
            assert!(matches!(all.open(&bytes, &KEY), Err(BlobError::Damaged)), "{what}");
        }
        // The first chunk of a shorter blob is its last.
        let shorter = BlobRange::new(CHUNK_BYTES as u64, 0, u64::MAX).unwrap();
        assert!(matches!(shorter.open(&sealed[..step], &KEY), Err(BlobError::Damaged)));
        assert!(matches!(all.open(&sealed, &BlobKey([8; 32])), Err(BlobError::Damaged)));
        folder.remove(&id).unwrap();
        assert!(matches!(folder.read_range(&id, &KEY, &all), Err(BlobError::NotHere)));
    }
}
