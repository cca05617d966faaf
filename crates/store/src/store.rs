//! Opening, closing and holding the file.
//!
//! One connection writes. Folded entities in use are held in memory beside it; they are dropped when another process has
//! written to the file, and when a transaction did not come to its end.

use std::cell::RefCell;
use std::path::Path as FilePath;
use std::sync::Once;

use kend_domain::DeviceId;
use kend_log::{PublicKeyBytes, SigningKeyBytes};
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::projection::Held;
use crate::shared::Watched;
use crate::transaction::Step;
use crate::{BlobFolder, DatabaseKey, Migration, NewDevice, OpenError, StoreError, hex, migrate, wal};

/// Bytes of a file's salt, its first in the clear.
const SALT_BYTES: usize = 16;
/// Statements kept prepared: all of the store's, and room for a hub's and for copying.
const PREPARED_STATEMENTS: usize = 256;
/// How long a statement waits for another process before it gives up.
const BUSY_MS: u64 = 5_000;
/// Pages that the write-ahead log grows by before it is brought home: rarer than one append in a hundred.
const CHECKPOINT_PAGES: u32 = 2_000;

/// An open store. One writer: guard it with a lock where several threads use it.
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) device: DeviceId,
    pub(crate) signing_key: Zeroizing<SigningKeyBytes>,
    /// Asked for with every exchange, and not for nothing.
    public_key: PublicKeyBytes,
    pub(crate) held: RefCell<Held>,
    /// An erasure is committed, but its traces may still stand in the write-ahead log.
    pub(crate) traces: bool,
    /// Tables whose changes are noted; none until that is asked for.
    pub(crate) watched: Watched,
    /// The bytes of segments are kept, for many will ask for them.
    pub(crate) passes_on: bool,
    /// The open transaction copies what is elsewhere.
    pub(crate) copying: bool,
    /// Where the ciphertexts of attachments lie.
    pub(crate) blobs: Option<BlobFolder>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").field("device", &self.device).finish_non_exhaustive()
    }
}

impl Store {
    /// Creates a store. `added` are the migrations of whoever opens it (a hub's tables), from number 100.
    ///
    /// A creation that was cut off is taken up again when the key is the same. So that the key is never lost, keep the
    /// key file before, and count the store as made only after.
    pub fn create(
        path: &FilePath,
        key: &DatabaseKey,
        device: &NewDevice,
        added: &[Migration],
    ) -> Result<Self, OpenError> {
        Self::create_by(path, Some(key), device, added)
    }

    /// Creates a store that is not encrypted: what the cipher costs is measured against it. Nothing opens it again.
    #[cfg(feature = "unencrypted")]
    pub fn create_unencrypted(path: &FilePath, device: &NewDevice, added: &[Migration]) -> Result<Self, OpenError> {
        Self::create_by(path, None, device, added)
    }

    fn create_by(
        path: &FilePath,
        key: Option<&DatabaseKey>,
        device: &NewDevice,
        added: &[Migration],
    ) -> Result<Self, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = match connect_by(path, key, flags) {
            Err(OpenError::WrongKey | OpenError::Damaged(_)) => return Err(OpenError::Exists),
            connected => connected?,
        };
        if migrate::version(&connection).map_err(OpenError::from_sqlite)? > 0 && own_device(&connection).is_ok() {
            return Err(OpenError::Exists);
        }
        migrate::migrate(&mut connection, migrate::OWN, added)?;
        connection
            .execute(
                "INSERT INTO own_device (one, device, signing_key) VALUES (1, ?1, ?2)",
                (device.device.as_bytes(), device.signing_key),
            )
            .map_err(OpenError::from_sqlite)?;
        Self::ready(connection)
    }

    /// Opens a store and brings its schema up to date. What an erasure left in the write-ahead log when the power went is
    /// cleared.
    pub fn open(path: &FilePath, key: &DatabaseKey, added: &[Migration]) -> Result<Self, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = connect(path, key, flags)?;
        if migrate::version(&connection).map_err(OpenError::from_sqlite)? == 0 {
            return Err(OpenError::Damaged("there is no store in the file".to_owned()));
        }
        migrate::migrate(&mut connection, migrate::OWN, added)?;
        let mut store = Self::ready(connection)?;
        store.traces = true;
        store.clear_traces();
        Ok(store)
    }

    fn ready(connection: Connection) -> Result<Self, OpenError> {
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        let (device, signing_key) = own_device(&connection).map_err(OpenError::from_sqlite)?;
        Ok(Self {
            connection,
            device,
            public_key: kend_log::public_key(&signing_key),
            signing_key,
            held: RefCell::default(),
            traces: false,
            watched: Watched::default(),
            passes_on: false,
            copying: false,
            blobs: None,
        })
    }

    /// Reads every page and compares it with its checksum.
    pub fn check(&self) -> Result<(), StoreError> {
        for pragma in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check"] {
            let mut statement = self.connection.prepare(pragma)?;
            let mut rows = statement.query([])?;
            while let Some(found) = rows.next()? {
                let found: String = found.get(0)?;
                if found != "ok" {
                    return Err(StoreError::Damaged(found));
                }
            }
        }
        Ok(())
    }

    /// The versions of its schema: the store's own, and that of whoever opened it.
    pub fn schema(&self) -> Result<(u32, u32), StoreError> {
        let added = "SELECT coalesce(max(version), 0) FROM added_migration";
        Ok((migrate::version(&self.connection)?, self.connection.query_row(added, [], |row| row.get(0))?))
    }

    /// This device.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// This device's public key.
    pub const fn public_key(&self) -> PublicKeyBytes {
        self.public_key
    }

    /// Signs a message that is no segment (a request to a hub, a receipt); see [`kend_log::verifies`].
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        kend_log::sign(&self.signing_key, purpose, message)
    }

    /// A key for one other purpose, derived from this device's signing key: neither says anything about the other, and
    /// there is no second secret to lose.
    pub fn derived_key(&self, context: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(context, &*self.signing_key))
    }

    /// Runs statements on the tables of whoever opened the store with migrations of its own, all or nothing. The store's
    /// own tables are not to be written here.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        run: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = Step::begin(&self.connection).map_err(StoreError::from)?;
        let done = run(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// To read the tables of whoever opened the store with migrations of its own.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Empties the write-ahead log after an erasure, and removes the files of attachments that went with it. When a reader
    /// or the disk is in the way, what was committed stays committed, and the next write tries again.
    pub(crate) fn clear_traces(&mut self) {
        if self.traces {
            self.remove_gone();
            let left = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
            self.traces = left.unwrap_or(true);
        }
    }
}

pub(crate) fn own_device(connection: &Connection) -> rusqlite::Result<(DeviceId, Zeroizing<SigningKeyBytes>)> {
    connection.query_row("SELECT device, signing_key FROM own_device WHERE one = 1", [], |row| {
        Ok((DeviceId::from_bytes(row.get(0)?), Zeroizing::new(row.get(1)?)))
    })
}

/// `SQLCipher` says that it is ready before its functions are registered: of two first connections at once, one would
/// lack them. So the very first is opened alone.
static FIRST: Once = Once::new();

pub(crate) fn connect(path: &FilePath, key: &DatabaseKey, flags: OpenFlags) -> Result<Connection, OpenError> {
    connect_by(path, Some(key), flags)
}

fn connect_by(path: &FilePath, key: Option<&DatabaseKey>, flags: OpenFlags) -> Result<Connection, OpenError> {
    FIRST.call_once(|| drop(Connection::open_in_memory()));
    // Asked first: opening brings the log home, and what does not verify would be gone.
    if wal::is_rotten_beside(path) {
        return Err(OpenError::Damaged("its write-ahead log".to_owned()));
    }
    let connection = Connection::open_with_flags(path, flags).map_err(OpenError::from_sqlite)?;
    match prepare(&connection, key) {
        Ok(()) => Ok(connection),
        Err(error) => Err(match OpenError::from_sqlite(error) {
            // The file's salt comes from the key: when it is there, the key is right and the page is damaged.
            OpenError::WrongKey if key.is_some_and(|key| begins_with_salt(path, key)) => {
                OpenError::Damaged("its first page".to_owned())
            }
            other => other,
        }),
    }
}

fn prepare(connection: &Connection, key: Option<&DatabaseKey>) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    // SQLCipher would write about a wrong key on standard error; the error is enough.
    connection.query_row("PRAGMA cipher_log_level = NONE", [], |_| Ok(()))?;
    if let Some(key) = key {
        let raw = Zeroizing::new([&key.bytes()[..], &file_salt(key)].concat());
        let text = Zeroizing::new(hex::encode(&raw));
        let statement = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", *text));
        connection.execute_batch(&statement)?;
    }
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    bring_home_every(connection, CHECKPOINT_PAGES)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// How many pages the write-ahead log grows by before it is brought home.
pub(crate) fn bring_home_every(connection: &Connection, pages: u32) -> rusqlite::Result<()> {
    connection.query_row(&format!("PRAGMA wal_autocheckpoint = {pages}"), [], |_| Ok(()))
}

fn file_salt(key: &DatabaseKey) -> [u8; SALT_BYTES] {
    let derived = blake3::derive_key("kend 2026 file salt", key.bytes());
    let mut salt = [0; SALT_BYTES];
    for (to, from) in salt.iter_mut().zip(derived) {
        *to = from;
    }
    salt
}

fn begins_with_salt(path: &FilePath, key: &DatabaseKey) -> bool {
    use std::io::Read;
    let mut first = [0; SALT_BYTES];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == file_salt(key)
}
