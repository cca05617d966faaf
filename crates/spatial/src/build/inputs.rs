//! The files that a build is made of, each with a hash: the manifest lists them, and columns are named by them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::error::BuildError;
use crate::{
    folder::ProjectFolder,
    init::{INDEX_TOML, INDICATORS, NAMES, REGIONS, STATISTICS},
    layers::{RASTERS, VECTORS},
};

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of its content, hexadecimal.
    pub blake3: String,
}

/// All files, by path in the folder of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inputs(pub(super) BTreeMap<String, InputFile>);

impl Inputs {
    /// Hashes the own files of a project and all that it declares, with the files of the same name beside a layer: a
    /// shapefile's attributes and reference system lie in files of their own.
    pub(super) fn read(folder: &ProjectFolder) -> Result<Self, BuildError> {
        let mut paths: BTreeSet<String> = [INDEX_TOML, INDICATORS, NAMES].map(str::to_owned).into();
        if folder.regions.is_some() {
            paths.insert(REGIONS.to_owned());
        }
        let project = &folder.project;
        paths.extend(project.statistics.iter().map(|declared| format!("{STATISTICS}/{}", declared.file)));
        let zones = project.zones.iter().map(|declared| &declared.file);
        let vectors: BTreeSet<&String> = project.vectors.iter().map(|declared| &declared.file).chain(zones).collect();
        let rasters: BTreeSet<&String> = project.rasters.iter().map(|declared| &declared.file).collect();
        for (of, files) in [(VECTORS, vectors), (RASTERS, rasters)] {
            for file in files {
                paths.extend(beside(&folder.path, of, file)?);
            }
        }
        let hash = |path: String| {
            let full = folder.path.join(&path);
            let file = hashed(&full).map_err(|source| BuildError::Read { path: full, source })?;
            Ok((path, file))
        };
        Ok(Self(paths.into_iter().map(hash).collect::<Result<_, BuildError>>()?))
    }

    /// The hashes of a layer and of the files beside it, as one text.
    pub(super) fn layer(&self, of: &str, file: &str) -> String {
        let own = self.0.iter().filter(|(path, _)| is_beside(path, of, file));
        let lines: Vec<String> = own.map(|(path, file)| format!("{path} {}", file.blake3)).collect();
        lines.join("\n")
    }

    /// The hash of one file; empty if it is not among them.
    pub(super) fn file(&self, path: &str) -> &str {
        self.0.get(path).map_or("", |file| file.blake3.as_str())
    }
}

fn stem(file: &str) -> &str {
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

fn is_beside(path: &str, of: &str, file: &str) -> bool {
    path.strip_prefix(of).and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| stem(name) == stem(file))
}

fn beside(folder: &Path, of: &str, file: &str) -> Result<Vec<String>, BuildError> {
    let path = folder.join(of);
    let failed = |source| BuildError::Read { path: path.clone(), source };
    let mut found = vec![format!("{of}/{file}")];
    let entries = match fs::read_dir(&path) {
        // The layer itself will say that it is not there.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(failed(error)),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if stem(&name) == stem(file) && entry.file_type().map_err(failed)?.is_file() {
            found.push(format!("{of}/{name}"));
        }
    }
    Ok(found)
}

/// The first file of a layer, or file of its own in the folder (`of` empty), that is not the one that a build read; `None`
/// if all are. What the build didn't read counts as another one.
pub(crate) fn changed_file(
    folder: &Path,
    inputs: &BTreeMap<String, InputFile>,
    of: &str,
    file: &str,
) -> Result<Option<String>, (String, io::Error)> {
    let main = if of.is_empty() { file.to_owned() } else { format!("{of}/{file}") };
    if !inputs.contains_key(&main) {
        return Ok(Some(main));
    }
    for (path, known) in inputs.iter().filter(|(path, _)| **path == main || is_beside(path, of, file)) {
        if hashed(&folder.join(path)).map_err(|error| (path.clone(), error))? != *known {
            return Ok(Some(path.clone()));
        }
    }
    Ok(None)
}

fn hashed(path: &Path) -> io::Result<InputFile> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(InputFile { bytes, blake3: hasher.finalize().to_hex().to_string() })
}
