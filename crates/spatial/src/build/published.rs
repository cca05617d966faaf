//! The files of a result: each is written beside its place as soon as it is made, so that no two are in memory together;
//! all take their names when the last is there, the manifest after all others.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path},
};

use super::error::BuildError;
use crate::{
    outputs::Outputs,
    results::{ResultError, Table},
};

/// Files that were written beside their places.
pub(super) struct Published<'a> {
    out: &'a Path,
    staged: Outputs,
    hashes: BTreeMap<String, String>,
}

impl<'a> Published<'a> {
    pub(super) fn new(out: &'a Path) -> Self {
        Self { out, staged: Outputs::default(), hashes: BTreeMap::new() }
    }

    /// Writes a file beside its place. `file` is its path in the result, with `/`.
    pub(super) fn put(&mut self, file: &str, bytes: &[u8]) -> Result<(), BuildError> {
        let path = self.out.join(file);
        remove_parts(&path)?;
        self.staged.stage(&path, bytes)?;
        self.hashes.insert(file.to_owned(), blake3::hash(bytes).to_hex().to_string());
        Ok(())
    }

    /// The same of a file that may not have come to be.
    pub(super) fn put_made(&mut self, file: &str, made: Result<Vec<u8>, ResultError>) -> Result<(), BuildError> {
        let bytes = made.map_err(|source| BuildError::Result { file: file.to_owned(), source })?;
        self.put(file, &bytes)
    }

    /// A table in both of its formats.
    pub(super) fn put_table(
        &mut self,
        table: &Table,
        formats: [(&str, Result<Vec<u8>, ResultError>); 2],
    ) -> Result<(), BuildError> {
        for (ending, made) in formats {
            self.put_made(&format!("{}.{ending}", table.name), made)?;
        }
        Ok(())
    }

    /// BLAKE3 of each file so far.
    pub(super) fn hashes(&self) -> BTreeMap<String, String> {
        self.hashes.clone()
    }

    /// Gives all files their names in the order in which they were written, and removes those of the result before that this
    /// one does not have and nobody changed.
    pub(super) fn commit(self, before: &BTreeMap<String, String>) -> Result<(), BuildError> {
        let Self { out, staged, hashes } = self;
        staged.commit()?;
        for (file, hash) in before.iter().filter(|(file, _)| !hashes.contains_key(*file)) {
            let path = out.join(file);
            // Whoever wrote the manifest, nothing outside the folder is touched.
            let is_below = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
            if is_below && fs::read(&path).is_ok_and(|bytes| *hash == blake3::hash(&bytes).to_hex().to_string()) {
                fs::remove_file(&path).map_err(|source| BuildError::Work { path, source })?;
            }
        }
        Ok(())
    }
}

/// Removes what a kill left half written of a file.
fn remove_parts(path: &Path) -> Result<(), BuildError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let failed = |source| BuildError::Work { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    let begin = format!(".{name}.");
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let is_part = |name: &str| name.starts_with(&begin) && Path::new(name).extension() == Some("part".as_ref());
        if entry.file_name().to_str().is_some_and(is_part) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}
