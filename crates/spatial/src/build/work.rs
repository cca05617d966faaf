//! Columns kept on disk: what is finished is not computed again after a kill, and what a finished country is read from.
//!
//! A column of the work is named by a hash of everything that it depends on, so a stale one is never found; one of the
//! result by a hash of what it holds. Each is written beside and renamed, and ends with a hash of itself: what is damaged
//! counts as not there.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use super::{error::BuildError, lock::LOCK};
use crate::outputs::Outputs;

/// The folder of columns in that of the result.
pub(super) const WORK: &str = ".work";
/// What a file of a column begins with; another layout has another number.
const MAGIC: &[u8; 8] = b"KENDCOL1";
const HASH_BYTES: usize = blake3::OUT_LEN;
/// Quick, and still a third of the size.
const ZSTD_LEVEL: i32 = 1;
/// Bytes of the numbers of a head.
const LENGTH_BYTES: usize = size_of::<u64>();

/// A number of a column.
pub(super) trait Element: Copy {
    const BYTES: usize;
    fn put(self, bytes: &mut Vec<u8>);
    fn take(bytes: &[u8]) -> Option<Self>;
}

macro_rules! elements {
    ($($kind:ty),+) => { $(
        impl Element for $kind {
            const BYTES: usize = size_of::<Self>();
            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }
            fn take(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )+ };
}
elements!(u8, u16, u32, u64, f32, f64);

/// A column with its head, and its file.
#[derive(Debug)]
pub(super) struct Kept<H, T> {
    pub(super) head: H,
    pub(super) values: Vec<T>,
    pub(super) file: String,
}

/// The folder of columns.
#[derive(Debug)]
pub(super) struct Work {
    folder: PathBuf,
}

/// The bytes of a column.
fn plain<T: Element>(values: &[T]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(values.len() * T::BYTES);
    for value in values {
        value.put(&mut plain);
    }
    plain
}

/// A hash over parts, each with its length.
#[derive(Debug, Clone)]
pub(super) struct Key(blake3::Hasher);

impl Key {
    pub(super) fn new(name: &str) -> Self {
        Self(blake3::Hasher::new()).with(name)
    }

    pub(super) fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.0.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(part);
        self
    }

    fn hex(&self) -> String {
        /// Half of the hash is enough that no two columns ever meet.
        const LETTERS: usize = 32;
        self.0.finalize().to_hex().chars().take(LETTERS).collect()
    }

    /// The name of the column's file.
    pub(super) fn file(&self, name: &str) -> String {
        format!("{name}-{}.column", self.hex())
    }
}

impl Work {
    pub(super) fn new(out: &Path) -> Self {
        Self { folder: out.join(WORK) }
    }

    /// The head and values of a column; none where it is not there or damaged.
    pub(super) fn read<H: DeserializeOwned, T: Element>(&self, file: &str) -> Option<(H, Vec<T>)> {
        let bytes = fs::read(self.folder.join(file)).ok()?;
        let (body, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH_BYTES)?)?;
        if blake3::hash(body).as_bytes() != hash {
            return None;
        }
        let (head, rest) = body.strip_prefix(MAGIC)?.split_at_checked(LENGTH_BYTES)?;
        let (head, rest) = rest.split_at_checked(usize::try_from(u64::take(head)?).ok()?)?;
        let (count, packed) = rest.split_at_checked(LENGTH_BYTES)?;
        let length = usize::try_from(u64::take(count)?).ok()?.checked_mul(T::BYTES)?;
        let plain = zstd::bulk::decompress(packed, length).ok().filter(|plain| plain.len() == length)?;
        let values = plain.chunks_exact(T::BYTES).map(T::take).collect::<Option<_>>()?;
        Some((serde_json::from_slice(head).ok()?, values))
    }

    /// Writes a column under a name.
    pub(super) fn write<H: Serialize, T: Element>(&self, file: &str, head: &H, values: &[T]) -> Result<(), BuildError> {
        let head = serde_json::to_vec(head)?;
        let plain = plain(values);
        let path = self.folder.join(file);
        let failed = |source| BuildError::Work { path: path.clone(), source };
        let packed = zstd::bulk::compress(&plain, ZSTD_LEVEL).map_err(failed)?;
        drop(plain);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(u64::try_from(head.len()).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend(head);
        bytes.extend(u64::try_from(values.len()).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend(packed);
        let hash = blake3::hash(&bytes);
        bytes.extend(hash.as_bytes());
        let mut outputs = Outputs::default();
        outputs.stage(&path, &bytes)?;
        Ok(outputs.commit()?)
    }

    /// A column by its key: found, or made and kept. What makes it fills in the head.
    pub(super) fn kept<H: Default + Serialize + DeserializeOwned, T: Element>(
        &self,
        name: &str,
        key: &Key,
        make: impl FnOnce(&mut H) -> Result<Vec<T>, BuildError>,
    ) -> Result<Kept<H, T>, BuildError> {
        let file = key.file(name);
        if let Some((head, values)) = self.read(&file) {
            return Ok(Kept { head, values, file });
        }
        let mut head = H::default();
        let values = make(&mut head)?;
        self.write(&file, &head, &values)?;
        Ok(Kept { head, values, file })
    }

    /// Keeps a column of the result under a hash of what it holds; gives the name of its file.
    pub(super) fn keep<T: Element>(&self, name: &str, values: &[T]) -> Result<String, BuildError> {
        let plain = plain(values);
        let file = Key::new(name).with(&plain).file(name);
        drop(plain);
        if self.read::<(), T>(&file).is_none() {
            self.write(&file, &(), values)?;
        }
        Ok(file)
    }

    /// A column of a result, if it is what it was when it was kept.
    pub(super) fn read_kept<T: Element>(&self, file: &str) -> Option<Vec<T>> {
        let (_, values) = self.read::<serde::de::IgnoredAny, T>(file)?;
        let (name, _) = file.rsplit_once('-')?;
        (Key::new(name).with(plain(&values)).file(name) == file).then_some(values)
    }

    /// Removes columns of before and what a kill left half written.
    pub(super) fn retain(&self, files: &[String]) -> Result<(), BuildError> {
        let failed = |source| BuildError::Work { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let name: OsString = entry.map_err(failed)?.file_name();
            if name != LOCK && !files.iter().any(|file| name == file.as_str()) {
                fs::remove_file(self.folder.join(&name)).map_err(failed)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_comes_back_as_it_was_and_a_damaged_one_is_not_there() {
        let scratch = tempfile::tempdir().unwrap();
        let work = Work::new(scratch.path());
        let values = [1.5_f32, f32::NAN, -0.0];
        let file = Key::new("people").with("1").file("people");
        assert_eq!(work.read::<String, f32>(&file), None);
        work.write(&file, &"head", &values).unwrap();
        let (head, read): (String, Vec<f32>) = work.read(&file).unwrap();
        assert_eq!(head, "head");
        assert_eq!(read.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), values.map(f32::to_bits));
        let path = scratch.path().join(WORK).join(&file);
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(work.read::<String, f32>(&file).is_none(), "{place}");
            fs::write(&path, &whole[..place]).unwrap();
            assert!(work.read::<String, f32>(&file).is_none(), "{place}");
        }
    }

    #[test]
    fn parts_of_a_name_cannot_run_into_each_other() {
        assert_ne!(Key::new("a").with("bc").file("x"), Key::new("ab").with("c").file("x"));
    }

    #[test]
    fn what_is_not_of_the_result_is_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let work = Work::new(scratch.path());
        work.retain(&[]).unwrap();
        let kept = work.keep("a", &[1_u16, 2]).unwrap();
        let other = work.keep("b", &[3_u8]).unwrap();
        work.retain(std::slice::from_ref(&kept)).unwrap();
        assert_eq!(work.read_kept::<u16>(&kept).unwrap(), [1, 2]);
        assert!(work.read::<(), u8>(&other).is_none());
        // Another column under its name is whole, and still not the one.
        work.write(&kept, &(), &[1_u16, 3]).unwrap();
        assert!(work.read::<(), u16>(&kept).is_some() && work.read_kept::<u16>(&kept).is_none());
    }
}
