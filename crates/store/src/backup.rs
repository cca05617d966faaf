//! A copy of the store as it stands, while others write to it.
//!
//! `SQLite`'s own backup copies page by page within one read transaction: writers go on, and the copy is of one moment. It
//! is encrypted by the same key. The copy is on the disk, in one file, when this returns.

use std::path::Path as FilePath;

use rusqlite::OpenFlags;
use rusqlite::backup::{Backup, StepResult};

use crate::store::connect;
use crate::{DatabaseKey, OpenError, Store};

/// Pages copied in a step; all of them.
const ALL_PAGES: i32 = -1;

impl Store {
    /// Copies the store into a file that does not exist yet.
    pub fn copy_to(&self, path: &FilePath, key: &DatabaseKey) -> Result<(), OpenError> {
        if path.exists() {
            return Err(OpenError::Exists);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut copy = connect(path, key, flags)?;
        {
            let backup = Backup::new(&self.connection, &mut copy).map_err(OpenError::from_sqlite)?;
            // One step is one read transaction. Whoever holds the file for a moment is waited for by SQLite itself.
            match backup.step(ALL_PAGES).map_err(OpenError::from_sqlite)? {
                StepResult::Done => {}
                _ => return Err(OpenError::Damaged("the file was in use for too long".to_owned())),
            }
        }
        // Closing the last connection of a file brings its write-ahead log home and removes it.
        copy.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(OpenError::from_sqlite)?;
        copy.close().map_err(|(_, error)| OpenError::from_sqlite(error))?;
        Ok(())
    }
}
