//! A hub's data folder, opened: the store, who the hub is, and what it remembers while it runs.
//!
//! The folder holds `hub.db` (encrypted) and its key: `hub.key` with the bare key, for its owner's eyes only, or
//! `hub.keyfile` sealed with the passphrase of `KEND_HUB_PASSPHRASE`. Several processes may have the folder open: the
//! server and one of the commands for its administrator. When the hub is in PostgreSQL, `hub.db` is a copy of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kend_app::Library;
use kend_bundle::SealKey;
use kend_domain::{AreaCode, DeviceId};
use kend_log::{BlobId, PublicKeyBytes};
use kend_store::{DatabaseKey, KeyFile, KeyFileSeeds, Migration, NewDevice, OpenError, Store};
use kend_sync::{Epoch, Tickets};
use serde::{Deserialize, Serialize};

use crate::ahead::Keys;
use crate::door::Hub;
use crate::error::{HubError, OpenHubError};
use crate::limit::Tries;
use crate::postgres::{Opening, PostgresError, Reach, is_copy};
use crate::world::{self, Machine};
use crate::{orders, people};

/// The store.
pub(crate) const STORE_FILE: &str = "hub.db";
/// The bare key.
pub(crate) const KEY_FILE: &str = "hub.key";
/// The key, sealed by a passphrase.
pub(crate) const SEALED_KEY_FILE: &str = "hub.keyfile";
const IDENTITY: &str = "hub/identity";
/// The key of the server above; set when the hub joins it.
pub(crate) const SERVER_KEY: &str = "hub/server_key";
/// Its public seal key.
pub(crate) const SERVER_SEAL_KEY: &str = "hub/server_seal_key";

/// The hub's own tables.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 100, sql: include_str!("../../schema/sql/100_hub.sql") },
    Migration { version: 101, sql: include_str!("../../schema/sql/101_orders.sql") },
    Migration { version: 102, sql: include_str!("../../schema/sql/102_second_factor.sql") },
    Migration { version: 103, sql: include_str!("../../schema/sql/103_copied.sql") },
    Migration { version: 104, sql: include_str!("../../schema/sql/104_roster.sql") },
    Migration { version: 105, sql: include_str!("../../schema/sql/105_blobs.sql") },
    Migration { version: 106, sql: include_str!("../../schema/sql/106_blob_receipts.sql") },
];

/// Who the hub is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The project.
    pub(crate) project: AreaCode,
    /// What it calls itself.
    pub(crate) name: String,
    /// Drawn anew when the store is put back from a backup: devices then offer what it lacks.
    pub(crate) epoch: Epoch,
}

/// How a new hub is to be called.
pub(crate) struct NewHub {
    /// The project.
    pub(crate) project: AreaCode,
    /// The name.
    pub(crate) name: String,
}

/// A hub.
pub(crate) struct HubState {
    /// Log, projection and the hub's tables.
    pub(crate) store: Store,
    /// Who it is.
    pub(crate) identity: Identity,
    /// Pack, instruments and method in use.
    pub(crate) library: Arc<Library>,
    /// Clocks and randomness for the use cases.
    pub(crate) machine: Machine,
    /// Tickets of this run.
    pub(crate) tickets: Tickets,
    /// Recent tries to enrol or sign in.
    pub(crate) tries: Tries,
    /// Attachments that devices found damaged, to be looked at.
    pub(crate) doubted: BTreeSet<BlobId>,
    /// Attachments that devices asked for and that are not here: to be fetched from the server above.
    pub(crate) wanted: BTreeSet<BlobId>,
    /// Attachments that came from the server above and were not what their names say.
    pub(crate) doubted_above: BTreeSet<BlobId>,
    /// What of an exchange is checked before its turn is checked by these.
    pub(crate) keys: Arc<Keys>,
    folder: PathBuf,
}

impl HubState {
    /// Opens a data folder, and sets it up when it is new; with the database that the hub is in, if there is one.
    pub(crate) fn open(
        data: &Path,
        passphrase: Option<&str>,
        new: &NewHub,
        reach: Option<&Reach>,
    ) -> Result<Hub, OpenHubError> {
        make_folder(data).map_err(|source| file_error(data, source))?;
        match reach {
            None => Self::open_file(data, passphrase, new),
            Some(reach) => Self::open_copy(data, passphrase, new, reach),
        }
    }

    fn open_file(data: &Path, passphrase: Option<&str>, new: &NewHub) -> Result<Hub, OpenHubError> {
        let store = open_store(data, &open_key(data, passphrase)?, &new_device()?)?;
        if is_copy(&store)? {
            return Err(OpenHubError::InDatabase);
        }
        Ok(Hub::in_file(Self::of(identify(store, new)?, data)?))
    }

    fn open_copy(data: &Path, passphrase: Option<&str>, new: &NewHub, reach: &Reach) -> Result<Hub, OpenHubError> {
        let opening = Opening::begin(reach).map_err(HubError::from)?;
        let there = opening.holds_a_hub().map_err(HubError::from)?;
        if there && !data.join(KEY_FILE).exists() && !data.join(SEALED_KEY_FILE).exists() {
            return Err(HubError::from(PostgresError::NoKey).into());
        }
        let key = open_key(data, passphrase)?;
        let (store, mut postgres) = if there {
            let device = opening.device(&key)?;
            let mut store = open_store(data, &key, &device)?;
            if store.device() != device.device {
                return Err(HubError::from(PostgresError::OtherHub).into());
            }
            if !is_copy(&store)? && store.setting::<Identity>(IDENTITY).map_err(HubError::from)?.is_some() {
                return Err(HubError::from(PostgresError::Unmoved).into());
            }
            let postgres = opening.join(&key, &mut store)?;
            (store, postgres)
        } else {
            let mut store = identify(open_store(data, &key, &new_device()?)?, new)?;
            let postgres = opening.move_in(&key, &mut store)?;
            (store, postgres)
        };
        postgres.opened().map_err(HubError::from)?;
        Ok(Hub::in_postgres(Self::of(store, data)?, postgres))
    }

    /// Opens the store of a backup that was put in a data folder, before it counts anywhere.
    pub(crate) fn put_back(data: &Path, key: &DatabaseKey) -> Result<Self, OpenHubError> {
        Self::of(Store::open(&data.join(STORE_FILE), key, MIGRATIONS)?, data)
    }

    fn of(mut store: Store, data: &Path) -> Result<Self, OpenHubError> {
        store.pass_on().map_err(HubError::from)?;
        let identity = store.setting(IDENTITY).map_err(HubError::from)?;
        let keys = Keys::default();
        for (device, key) in people::keys(store.connection())? {
            keys.note(device, key);
        }
        Ok(Self {
            library: Arc::new(Library::open(&store)?),
            machine: Machine::new().map_err(HubError::from)?,
            tickets: Tickets::new(world::random().map_err(HubError::from)?),
            tries: Tries::default(),
            doubted: BTreeSet::new(),
            wanted: BTreeSet::new(),
            doubted_above: BTreeSet::new(),
            keys: Arc::new(keys),
            folder: data.to_owned(),
            store,
            identity: identity.ok_or(HubError::Damaged("setting"))?,
        })
    }

    /// Reads pack and instruments again: another process may have put others in their place.
    pub(crate) fn read_library(&mut self) -> Result<(), HubError> {
        self.library = Arc::new(Library::open(&self.store)?);
        Ok(())
    }

    /// Reads again who the hub is.
    pub(crate) fn read_identity(&mut self) -> Result<(), HubError> {
        self.identity = self.store.setting(IDENTITY)?.ok_or(HubError::Damaged("setting"))?;
        Ok(())
    }

    /// The key of the server, which signs receipts and orders: this hub's own, unless it has a server above it.
    pub(crate) fn server_key(&self) -> Result<PublicKeyBytes, HubError> {
        Ok(self.store.setting(SERVER_KEY)?.unwrap_or_else(|| self.store.public_key()))
    }

    /// The key that opens what was sealed to this hub.
    pub(crate) fn seal_key(&self) -> SealKey {
        SealKey::from_bytes(&self.store.derived_key(SealKey::CONTEXT))
    }

    /// The public seal key of the server: this hub's own, unless it has a server above it.
    pub(crate) fn server_seal_key(&self) -> Result<PublicKeyBytes, HubError> {
        Ok(self.store.setting(SERVER_SEAL_KEY)?.unwrap_or_else(|| self.seal_key().public().0))
    }

    /// Whether this hub is the server.
    pub(crate) fn is_server(&self) -> Result<bool, HubError> {
        Ok(self.server_key()? == self.store.public_key())
    }

    /// Destroys the key of the store and the store, at the order of the server above. The hub is of no use after that.
    pub(crate) fn destroy(&self) -> std::io::Result<()> {
        destroy(&self.folder)
    }

    /// Draws a new epoch: what devices had acknowledged before may be missing here.
    pub(crate) fn begin_epoch(&mut self) -> Result<(), HubError> {
        self.store.transaction(orders::forget_numbers)?;
        self.identity.epoch = Epoch(world::random()?);
        Ok(self.store.set_setting(IDENTITY, &self.identity)?)
    }
}

/// Creating takes up a creation that was cut off; only a whole store is opened.
fn open_store(data: &Path, key: &DatabaseKey, device: &NewDevice) -> Result<Store, OpenHubError> {
    let path = data.join(STORE_FILE);
    match Store::create(&path, key, device, MIGRATIONS) {
        Err(OpenError::Exists) => Ok(Store::open(&path, key, MIGRATIONS)?),
        created => Ok(created?),
    }
}

fn new_device() -> Result<NewDevice, HubError> {
    Ok(NewDevice { device: DeviceId::from_bytes(world::random()?), signing_key: world::random()? })
}

/// A new hub is given its name.
fn identify(mut store: Store, new: &NewHub) -> Result<Store, HubError> {
    if store.setting::<Identity>(IDENTITY)?.is_none() {
        let epoch = Epoch(world::random()?);
        store.set_setting(IDENTITY, &Identity { project: new.project.clone(), name: new.name.clone(), epoch })?;
    }
    Ok(store)
}

/// Removes the hub's key, and then what it opened: without the key the rest is noise.
fn destroy(data: &Path) -> std::io::Result<()> {
    let database = ["", "-wal", "-shm"].map(|beside| format!("{STORE_FILE}{beside}"));
    for file in [KEY_FILE, SEALED_KEY_FILE].into_iter().chain(database.iter().map(String::as_str)) {
        match fs::remove_file(data.join(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => fs::File::open(data)?.sync_all()?,
        }
    }
    Ok(())
}

/// A new folder is for its owner only.
pub(crate) fn make_folder(data: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}

/// The key of the data; a new one when there is none.
pub(crate) fn open_key(data: &Path, passphrase: Option<&str>) -> Result<DatabaseKey, OpenHubError> {
    let (bare, sealed) = (data.join(KEY_FILE), data.join(SEALED_KEY_FILE));
    match (passphrase, bare.exists(), sealed.exists()) {
        (None, false, true) => {
            Err(OpenHubError::OtherKey { is: "sealed with a passphrase", mend: "set KEND_HUB_PASSPHRASE" })
        }
        (Some(_), true, _) => {
            Err(OpenHubError::OtherKey { is: "in the file hub.key", mend: "start without KEND_HUB_PASSPHRASE" })
        }
        (Some(passphrase), false, true) => {
            let text = fs::read_to_string(&sealed).map_err(|source| file_error(&sealed, source))?;
            Ok(KeyFile::from_json(&text)?.open(passphrase)?)
        }
        (None, true, _) => read_key(&bare),
        (Some(passphrase), false, false) => {
            let key = DatabaseKey::from_bytes(world::random().map_err(HubError::from)?);
            let seeds = KeyFileSeeds {
                salt: world::random().map_err(HubError::from)?,
                nonce: world::random().map_err(HubError::from)?,
            };
            write_secret(&sealed, &KeyFile::seal(&key, passphrase, &seeds)?.to_json())?;
            Ok(key)
        }
        (None, false, false) => {
            let key: [u8; 32] = world::random().map_err(HubError::from)?;
            write_secret(&bare, &data_encoding::HEXLOWER.encode(&key))?;
            Ok(DatabaseKey::from_bytes(key))
        }
    }
}

/// The key in a file that holds it bare.
pub(crate) fn read_key(bare: &Path) -> Result<DatabaseKey, OpenHubError> {
    let text = fs::read_to_string(bare).map_err(|source| file_error(bare, source))?;
    let key = data_encoding::HEXLOWER.decode(text.trim().as_bytes()).ok();
    let key = key.and_then(|key| key.try_into().ok()).map(DatabaseKey::from_bytes);
    key.ok_or_else(|| OpenHubError::BadKey(bare.display().to_string()))
}

/// Writes a new file that only its owner may read, durably: without it the store is lost.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), OpenHubError> {
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> OpenHubError {
    OpenHubError::File { path: path.display().to_string(), source }
}
