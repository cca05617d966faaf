//! The folder of one installation: small files in it, and where the database lies.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kend_app::{Shelf, ShelfFile};

/// A folder that only its owner reads.
pub struct Folder {
    folder: PathBuf,
    database: PathBuf,
}

impl Folder {
    /// Opens the folder, making it when it is missing.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        restrict(&folder, 0o700)?;
        let database = folder.join("kend.db");
        Ok(Self { folder, database })
    }

    fn path(&self, file: ShelfFile) -> PathBuf {
        self.folder.join(match file {
            ShelfFile::Key => "kend.key",
            ShelfFile::Language => "language",
        })
    }
}

impl Shelf for Folder {
    fn read(&self, file: ShelfFile) -> io::Result<Option<String>> {
        match fs::read_to_string(self.path(file)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes beside, syncs, renames: there is always one whole file.
    fn write(&self, file: ShelfFile, text: &str) -> io::Result<()> {
        let path = self.path(file);
        let beside = path.with_extension("new");
        let mut written = File::create(&beside)?;
        restrict(&beside, 0o600)?;
        written.write_all(text.as_bytes())?;
        written.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(&self.folder)?.sync_all()
    }

    fn database(&self) -> &Path {
        &self.database
    }

    fn set_database_aside(&self) -> io::Result<()> {
        if !self.database.try_exists()? {
            return Ok(());
        }
        let mut place = 1_u32;
        loop {
            let aside = self.folder.join(format!("kend.db.without-key-{place}"));
            if !aside.try_exists()? {
                return fs::rename(&self.database, aside);
            }
            place += 1;
        }
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Elsewhere the folder lies in the person's own profile, which the system restricts.
#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
