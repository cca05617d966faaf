//! Files that are there whole or not at all: each is written beside its place and takes its name when all are written.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write {}", file.display())]
pub struct OutputError {
    file: PathBuf,
    #[source]
    source: io::Error,
}

/// Files that were written beside their places. What has no name of its own when this is dropped is removed.
#[derive(Debug, Default)]
pub struct Outputs {
    staged: Vec<(PathBuf, PathBuf)>,
}

impl Outputs {
    /// Writes a file beside its place; its folder is made if it is not there.
    pub fn stage(&mut self, file: &Path, bytes: impl AsRef<[u8]>) -> Result<(), OutputError> {
        let failed = |source| OutputError { file: file.to_owned(), source };
        // A folder, a device or a pipe must not be replaced by a file.
        if fs::metadata(file).is_ok_and(|there| !there.is_file()) {
            return Err(failed(io::Error::other("there is something else of that name, which is no file")));
        }
        let folder = file.parent().unwrap_or_else(|| Path::new(""));
        if !folder.as_os_str().is_empty() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        // The process in the name: two runs at once don't write into one file.
        let mut part = OsString::from(".");
        part.push(file.file_name().ok_or_else(|| failed(io::Error::from(io::ErrorKind::InvalidFilename)))?);
        part.push(format!(".{}.part", std::process::id()));
        let part = folder.join(part);
        self.staged.push((part.clone(), file.to_owned()));
        let mut opened = File::create(&part).map_err(failed)?;
        opened.write_all(bytes.as_ref()).and_then(|()| opened.sync_all()).map_err(failed)
    }

    /// Gives all files their names.
    pub fn commit(mut self) -> Result<(), OutputError> {
        while let Some((part, file)) = self.staged.first().cloned() {
            fs::rename(&part, &file).map_err(|source| OutputError { file, source })?;
            self.staged.remove(0);
        }
        Ok(())
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        for (part, _) in &self.staged {
            // One that was never made, or can't be removed, is no reason to hide the first error.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<OsString> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_take_their_names_together_and_one_that_fails_leaves_none() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.csv"), "before").unwrap();
        fs::create_dir(at("taken")).unwrap();
        let mut outputs = Outputs::default();
        outputs.stage(&at("a.csv"), "after").unwrap();
        assert_eq!(fs::read_to_string(at("a.csv")).unwrap(), "before");
        assert!(outputs.stage(&at("taken"), "x").is_err());
        drop(outputs);
        assert_eq!(names(folder.path()), ["a.csv", "taken"]);
        assert_eq!(fs::read_to_string(at("a.csv")).unwrap(), "before");

        let mut outputs = Outputs::default();
        outputs.stage(&at("a.csv"), "after").unwrap();
        outputs.stage(&at("new/b.csv"), "b").unwrap();
        outputs.commit().unwrap();
        assert_eq!(names(folder.path()), ["a.csv", "new", "taken"]);
        assert_eq!(names(&at("new")), ["b.csv"]);
        assert_eq!(fs::read_to_string(at("a.csv")).unwrap(), "after");
    }
}
