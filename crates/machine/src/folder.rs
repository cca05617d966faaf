//! The folder of one installation: small files in it, and where the database lies.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use kend_app::{Shelf, ShelfFile};

const DATABASE: &str = "kend.db";
const MENDED: &str = "mended.db";
const KEY: &str = "kend.key";
/// Ciphertexts of attachments, as the store keeps them beside its database.
const BLOBS: &str = "blobs";
/// Bytes overwritten at the start of a file that is destroyed: all of a key file, and the salt of a database.
const OVERWRITTEN_BYTES: u64 = 64 * 1024;

/// A folder that only its owner reads.
pub struct Folder {
    path: PathBuf,
    database: PathBuf,
    mended: PathBuf,
    /// Held as long as the folder is open: a store has one writer.
    _lock: File,
}

impl Folder {
    /// Opens the folder, making it when it is missing. One that another process holds is refused.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        restrict(&folder, 0o700)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(io::ErrorKind::ResourceBusy, "Kend is open here already"),
            TryLockError::Error(error) => error,
        })?;
        let (database, mended) = (folder.join(DATABASE), folder.join(MENDED));
        // A repair was stopped between its last two steps.
        if mended.try_exists()? && !database.try_exists()? {
            fs::rename(&mended, &database)?;
        }
        Ok(Self { path: folder, database, mended, _lock: lock })
    }

    /// A name that no database has yet.
    fn free_name(&self, why: &str) -> io::Result<String> {
        let mut place = 1_u32;
        loop {
            let name = format!("{why}-{place}");
            if !self.path.join(format!("{name}.db")).try_exists()? {
                return Ok(name);
            }
            place += 1;
        }
    }

    /// Moves the database out of the way under a name; it is never deleted.
    fn set_aside(&self, aside: &str) -> io::Result<()> {
        // What SQLite keeps beside a database belongs to it, and would spoil a new one of its name.
        for beside in ["-wal", "-shm", ""] {
            let file = self.path.join(format!("{DATABASE}{beside}"));
            if file.try_exists()? {
                fs::rename(file, self.path.join(format!("{aside}.db{beside}")))?;
            }
        }
        Ok(())
    }

    /// What repairs have left: the damaged stores, each with its key file, and one that is not yet in its place.
    fn left_by_repairs(&self) -> io::Result<Vec<PathBuf>> {
        let mut left = Vec::new();
        for file in fs::read_dir(&self.path)? {
            let file = file?;
            let name = file.file_name();
            if [MENDED, "damaged-"].iter().any(|start| name.as_encoded_bytes().starts_with(start.as_bytes())) {
                left.push(file.path());
            }
        }
        Ok(left)
    }

    fn place(&self, file: ShelfFile) -> PathBuf {
        self.path.join(match file {
            ShelfFile::Key => KEY,
            ShelfFile::Language => "language",
        })
    }
}

impl Shelf for Folder {
    fn read(&self, file: ShelfFile) -> io::Result<Option<String>> {
        match fs::read_to_string(self.place(file)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes beside, syncs, renames: there is always one whole file.
    fn write(&self, file: ShelfFile, text: &str) -> io::Result<()> {
        let path = self.place(file);
        let beside = path.with_extension("new");
        let mut written = File::create(&beside)?;
        restrict(&beside, 0o600)?;
        written.write_all(text.as_bytes())?;
        written.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(&self.path)?.sync_all()
    }

    fn database(&self) -> &Path {
        &self.database
    }

    fn set_database_aside(&self) -> io::Result<()> {
        if self.database.try_exists()? {
            let aside = self.free_name("without-key")?;
            self.set_aside(&aside)?;
            let blobs = self.path.join(BLOBS);
            if blobs.try_exists()? {
                fs::rename(blobs, self.path.join(format!("{aside}.blobs")))?;
            }
        }
        Ok(())
    }

    fn mended_database(&self) -> &Path {
        &self.mended
    }

    fn put_mended_in_place(&self) -> io::Result<()> {
        // Without it the damaged file could never be read again, once the passphrase is changed.
        let aside = self.free_name("damaged")?;
        fs::copy(self.path.join(KEY), self.path.join(format!("{aside}.key")))?;
        self.set_aside(&aside)?;
        fs::rename(&self.mended, &self.database)?;
        File::open(&self.path)?.sync_all()
    }

    fn destroy(&self) -> io::Result<()> {
        let key = self.place(ShelfFile::Key);
        // Without the key the rest is noise: this is what has to be on the disk before anything else.
        remove(&key)?;
        remove(&key.with_extension("new"))?;
        let repaired = self.left_by_repairs()?;
        // A damaged store is kept with a copy of its key file.
        for file in repaired.iter().filter(|file| file.extension().is_some_and(|kind| kind == "key")) {
            remove(file)?;
        }
        File::open(&self.path)?.sync_all()?;
        for beside in ["", "-wal", "-shm"] {
            remove(&self.path.join(format!("{DATABASE}{beside}")))?;
        }
        for file in repaired {
            remove(&file)?;
        }
        match fs::remove_dir_all(self.path.join(BLOBS)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
        File::open(&self.path)?.sync_all()
    }
}

/// Overwrites a file and removes it. The bytes may live on in a flash chip's spare blocks; the key was wrapped.
fn remove(path: &Path) -> io::Result<()> {
    let length = match fs::metadata(path) {
        Ok(file) => file.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut file = File::options().write(true).open(path)?;
    io::copy(&mut io::repeat(0).take(length.min(OVERWRITTEN_BYTES)), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Folder::open(folder.path().join("device")).unwrap();
        assert_eq!(shelf.read(ShelfFile::Language).unwrap(), None);
        shelf.write(ShelfFile::Language, "az").unwrap();
        shelf.write(ShelfFile::Language, "ru").unwrap();
        assert_eq!(shelf.read(ShelfFile::Language).unwrap().as_deref(), Some("ru"));
    }

    #[test]
    fn a_folder_is_open_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path().to_owned()).unwrap();
        let second = Folder::open(folder.path().to_owned()).err().unwrap();
        assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
        drop(first);
        assert!(Folder::open(folder.path().to_owned()).is_ok());
    }

    #[test]
    fn a_mended_database_takes_the_place_of_the_damaged_one_which_is_kept_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let shelf = Folder::open(folder.path().to_owned()).unwrap();
        write(KEY, "key");
        write(DATABASE, "damaged");
        write("kend.db-wal", "its log");
        write(MENDED, "mended");
        shelf.put_mended_in_place().unwrap();
        let kept = ["damaged-1.db", "damaged-1.db-wal", "damaged-1.key", DATABASE, KEY].map(read);
        assert_eq!(kept, ["damaged", "its log", "key", "mended", "key"]);
        assert!(!shelf.mended_database().exists() && !folder.path().join("kend.db-wal").exists());
    }

    #[test]
    fn a_repair_that_was_stopped_between_its_last_two_steps_is_finished_when_the_folder_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MENDED), "mended").unwrap();
        let shelf = Folder::open(folder.path().to_owned()).unwrap();
        assert_eq!(fs::read_to_string(shelf.database()).unwrap(), "mended");
        fs::write(folder.path().join(MENDED), "half").unwrap();
        drop(shelf);
        let shelf = Folder::open(folder.path().to_owned()).unwrap();
        assert_eq!(fs::read_to_string(shelf.database()).unwrap(), "mended");
    }

    #[test]
    fn destroying_leaves_neither_key_nor_database_and_can_be_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Folder::open(folder.path().to_owned()).unwrap();
        shelf.write(ShelfFile::Key, "wrapped").unwrap();
        shelf.write(ShelfFile::Language, "az").unwrap();
        fs::create_dir_all(folder.path().join("blobs/ab")).unwrap();
        fs::write(folder.path().join("blobs/ab/abcd"), "ciphertext").unwrap();
        for beside in ["", "-wal", "-shm"] {
            fs::write(folder.path().join(format!("{DATABASE}{beside}")), "words").unwrap();
        }
        fs::write(folder.path().join(MENDED), "words").unwrap();
        shelf.put_mended_in_place().unwrap();
        fs::write(folder.path().join(format!("{MENDED}-read")), "half a repair").unwrap();
        shelf.destroy().unwrap();
        shelf.destroy().unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["language", "lock"]);
    }

    #[test]
    fn a_database_without_its_key_is_set_aside_with_all_that_belongs_to_it_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Folder::open(folder.path().to_owned()).unwrap();
        for content in ["first", "second"] {
            for beside in ["", "-wal"] {
                fs::write(folder.path().join(format!("{DATABASE}{beside}")), content).unwrap();
            }
            fs::create_dir(folder.path().join(BLOBS)).unwrap();
            shelf.set_database_aside().unwrap();
        }
        let names = ["without-key-1.db", "without-key-1.db-wal", "without-key-2.db", "without-key-2.db-wal"];
        let contents: Vec<String> =
            names.iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).collect();
        assert_eq!(contents, ["first", "first", "second", "second"]);
        assert!(!shelf.database().exists() && !folder.path().join(BLOBS).exists());
        assert!(
            folder.path().join("without-key-1.blobs").exists() && folder.path().join("without-key-2.blobs").exists()
        );
    }
}
