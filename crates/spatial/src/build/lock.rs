//! One build at a time in a folder of a result: two would take each other's columns and files away.
//!
//! The system holds the lock for as long as the process lives, so a kill leaves none; the empty file that it is held on stays
//! among the columns. What a build made only to hold it is removed with it when nothing came of the build.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{error::BuildError, work::WORK};

/// The file that a build locks, in the folder of columns.
pub(super) const LOCK: &str = "lock";

/// The right to build into a folder; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    /// Folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl Lock {
    /// Takes the right to build into `out`, or says that another build has it.
    pub(super) fn take(out: &Path) -> Result<Self, BuildError> {
        let folder = out.join(WORK);
        let failed = |source: io::Error| BuildError::Work { path: folder.clone(), source };
        let made: Vec<PathBuf> = folder
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .map(Path::to_owned)
            .collect();
        let path = folder.join(LOCK);
        loop {
            fs::create_dir_all(&folder).map_err(failed)?;
            let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
            let file = match opened {
                // Its folder went with a build that came to nothing.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened.map_err(failed)?,
            };
            match file.try_lock() {
                // So did the file itself, between the two.
                Ok(()) if !path.exists() => {}
                Ok(()) => return Ok(Self { file, path, made }),
                Err(TryLockError::WouldBlock) => return Err(BuildError::Busy { path: out.to_owned() }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A folder with anything in it stays: only where nothing was kept is the file of the lock all there is.
        if let Some(folder) = self.made.first() {
            let alone = fs::read_dir(folder).is_ok_and(|entries| entries.take(2).count() < 2);
            if alone && fs::remove_file(&self.path).is_ok() {
                let _ = self.made.iter().try_for_each(fs::remove_dir);
            }
        }
        // Closing the file would do it as well; who waits for nothing needs no error.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_build_is_told_the_folder_and_a_later_one_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let out = scratch.path().join("new/out");
        let first = Lock::take(&out).unwrap();
        let refused = Lock::take(&out).unwrap_err();
        assert!(matches!(&refused, BuildError::Busy { path } if *path == out), "{refused}");
        assert!(refused.to_string().contains("new/out"), "{refused}");
        drop(first);
        assert!(!scratch.path().join("new").exists(), "nothing came of it");
        drop(Lock::take(&out).unwrap());
    }

    #[test]
    fn what_was_kept_stays_with_the_file_of_the_lock() {
        let scratch = tempfile::tempdir().unwrap();
        let lock = Lock::take(scratch.path()).unwrap();
        fs::write(scratch.path().join(WORK).join("a.column"), "kept").unwrap();
        drop(lock);
        assert!(scratch.path().join(WORK).join("a.column").exists());
        drop(Lock::take(scratch.path()).unwrap());
        assert!(scratch.path().join(WORK).join(LOCK).exists(), "the folder was there before");
    }
}
