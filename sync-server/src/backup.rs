//! `kend-hub backup`, `restore` and `verify`.
//!
//! A backup is a folder that appears as a whole or not at all: the store, copied while the server runs and encrypted by the
//! same key, the attachments beside it, and the key's file when a passphrase seals it. The bare key of a hub without passphrase never goes along:
//! whoever finds the backup could read it. Restoring begins a new epoch, so that devices offer again what the backup lacks,
//! and forgets who was signed in and all codes: what was used once is not to be used again. Where the hub is in PostgreSQL,
//! the backup takes the place of all that is there, and every process makes its copy anew.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use data_encoding::HEXLOWER;
use kend_log::BlobId;
use kend_store::{DatabaseKey, Store, StoreError, Verified};

use crate::arguments::Data;
use crate::blobs::{self, Blobs, FOLDER, table};
use crate::command::print;
use crate::error::HubError;
use crate::hub::{self, HubState, KEY_FILE, MIGRATIONS, SEALED_KEY_FILE, STORE_FILE};
use crate::postgres::Opening;
use crate::world;

/// Held by whoever serves the data folder or puts it back.
const LOCK_FILE: &str = "hub.lock";
/// A page that was being written when it was read is whole at a second look.
const LOOKS: u32 = 3;

/// Holds a data folder against another server and against being put back meanwhile.
pub(crate) fn hold(data: &Path) -> anyhow::Result<File> {
    hub::make_folder(data).with_context(|| data.display().to_string())?;
    let path = data.join(LOCK_FILE);
    let lock = File::create(&path).with_context(|| path.display().to_string())?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!("a hub serves {} now: stop it first", data.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Makes a backup of a hub, which may serve meanwhile.
pub(crate) fn back_up(data: &Data, target: &Path) -> anyhow::Result<()> {
    check_there(data)?;
    ensure!(!target.exists(), "{} is there already", target.display());
    let mut hub = data.open()?;
    let key = hub::open_key(&data.folder, data.passphrase.as_deref())?;
    let part = part_beside(target)?;
    hub::make_folder(&part).with_context(|| part.display().to_string())?;
    let made = (|| {
        let copy = part.join(STORE_FILE);
        hub.read(|hub| hub.store.copy_to(&copy, &key))??;
        let verified = check_copy(&copy, &key)?;
        sync(&copy)?;
        let sealed = data.folder.join(SEALED_KEY_FILE);
        if sealed.exists() {
            copy_durably(&sealed, &part.join(SEALED_KEY_FILE))?;
        }
        if hub.read(blobs::address)??.is_none() {
            copy_folder(&data.folder.join(FOLDER), &part.join(FOLDER))?;
        }
        sync(&part)?;
        fs::rename(&part, target).with_context(|| target.display().to_string())?;
        sync(parent(target))?;
        Ok(verified)
    })();
    let verified = made.inspect_err(|_: &anyhow::Error| drop(fs::remove_dir_all(&part)))?;
    print(&format!("backed up and read again: {}", count(verified)));
    if let Some(address) = hub.read(blobs::address)?? {
        print(&format!("Attachments are in {address} and stay there: back them up where they are."));
    }
    if !target.join(SEALED_KEY_FILE).exists() {
        let key = data.folder.join(KEY_FILE);
        print(&format!("Without {} nobody can read the backup: keep a copy of it, elsewhere.", key.display()));
    }
    Ok(())
}

/// Puts a backup in a data folder. What is there is refused, or set aside when it is to be replaced.
pub(crate) fn restore(data: &Data, from: &Path, key_file: Option<&Path>, replace: bool) -> anyhow::Result<()> {
    let backup = from.join(STORE_FILE);
    ensure!(backup.is_file(), "{} is no backup: it holds no {STORE_FILE}", from.display());
    let _held = hold(&data.folder)?;
    let there = data.folder.join(STORE_FILE);
    if there.exists() && !replace {
        bail!("there is a hub in {}: add --replace to set it aside", data.folder.display());
    }
    let sealed = from.join(SEALED_KEY_FILE);
    let (key, key_place, key_text) = if sealed.exists() {
        (hub::open_key(from, data.passphrase.as_deref())?, SEALED_KEY_FILE, fs::read_to_string(&sealed)?)
    } else {
        let bare = key_file.map_or_else(|| data.folder.join(KEY_FILE), Path::to_owned);
        ensure!(bare.exists(), "the key is missing: name the hub's {KEY_FILE} by --key");
        (hub::read_key(&bare)?, KEY_FILE, fs::read_to_string(&bare)?)
    };
    let opening = data.reach().map(|reach| Opening::begin(&reach)).transpose()?;
    if let Some(opening) = opening.as_ref().filter(|_| !replace)
        && opening.holds_a_hub()?
    {
        bail!("there is a hub in the database: add --replace to put the backup in its place");
    }
    let part = part_beside(&there)?;
    copy_durably(&backup, &part)?;
    // Opened and closed, the copy is one file again.
    let verified = check_copy(&part, &key).inspect_err(|_| drop(fs::remove_file(&part)))?;
    set_aside(&data.folder)?;
    hub::write_secret(&data.folder.join(key_place), &key_text)?;
    copy_folder(&from.join(FOLDER), &data.folder.join(FOLDER))?;
    fs::rename(&part, &there).with_context(|| there.display().to_string())?;
    sync(&data.folder)?;
    let mut hub = HubState::put_back(&data.folder, &key)?;
    hub.store.transaction(|tables| {
        tables.execute_batch("DELETE FROM hub_session; DELETE FROM hub_code; DELETE FROM hub_copied;")?;
        Ok::<_, HubError>(())
    })?;
    let missing = missing_blobs(&hub, &data.folder)?;
    hub.store.transaction(|tables| table::keep_only(tables, &missing))?;
    hub.begin_epoch()?;
    if let Some(opening) = opening {
        opening.move_in(&key, &mut hub.store)?;
    }
    print(&format!("restored, and a new epoch begun: {}", count(verified)));
    Ok(())
}

/// Looks at all that a hub holds.
pub(crate) fn verify(data: &Data) -> anyhow::Result<()> {
    check_there(data)?;
    let (verified, damaged) = data.open()?.read(|hub| {
        let verified = look(&hub.store)?;
        anyhow::Ok((verified, missing_blobs(hub, &data.folder)?))
    })??;
    for id in &damaged {
        print(&format!("attachment {id} is missing or damaged"));
    }
    ensure!(damaged.is_empty(), "{} attachments are not what they were", damaged.len());
    print(&format!("whole: {}", count(verified)));
    Ok(())
}

/// Blobs that count as whole and are not.
fn missing_blobs(hub: &HubState, data: &Path) -> anyhow::Result<Vec<BlobId>> {
    let whole = table::whole(hub.store.connection())?;
    if whole.is_empty() {
        return Ok(Vec::new());
    }
    let blobs = Blobs::open(data, blobs::address(hub)?.as_deref())?;
    blobs::wait_for(blobs.check(&whole))?
}

/// Copies a folder of files in folders, if there is anything in it.
fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() || fs::read_dir(from)?.next().is_none() {
        return Ok(());
    }
    hub::make_folder(to).with_context(|| to.display().to_string())?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            copy_durably(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    sync(to)
}

fn look(store: &Store) -> Result<Verified, StoreError> {
    for _ in 1..LOOKS {
        if let Ok(verified) = store.verify() {
            return Ok(verified);
        }
    }
    store.verify()
}

fn check_copy(copy: &Path, key: &DatabaseKey) -> anyhow::Result<Verified> {
    let store = Store::open(copy, key, MIGRATIONS).with_context(|| copy.display().to_string())?;
    store.verify().with_context(|| copy.display().to_string())
}

fn check_there(data: &Data) -> anyhow::Result<()> {
    let there = data.folder.join(STORE_FILE).is_file();
    ensure!(there, "there is no hub in {}", data.folder.display());
    Ok(())
}

/// Moves what is in the folder into one beside it that has no name yet.
fn set_aside(data: &Path) -> anyhow::Result<()> {
    let files = [STORE_FILE, "hub.db-wal", "hub.db-shm", KEY_FILE, SEALED_KEY_FILE, FOLDER];
    if !files.iter().any(|name| data.join(name).exists()) {
        return Ok(());
    }
    let free = |number: &u32| !data.join(format!("before-restore-{number}")).exists();
    let number = (1..=u32::MAX).find(free).context("too many hubs were set aside here")?;
    let aside = data.join(format!("before-restore-{number}"));
    hub::make_folder(&aside).with_context(|| aside.display().to_string())?;
    // The store last: until it is gone, the folder is as it was.
    for name in files.iter().rev().filter(|name| data.join(name).exists()) {
        fs::rename(data.join(name), aside.join(name)).with_context(|| data.join(name).display().to_string())?;
    }
    sync(&aside)?;
    sync(data)
}

fn part_beside(target: &Path) -> anyhow::Result<PathBuf> {
    let name = target.file_name().context("the target has no name")?.to_string_lossy();
    Ok(parent(target).join(format!(".{name}.{}", HEXLOWER.encode(&world::random::<6>()?))))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn copy_durably(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to).with_context(|| to.display().to_string())?;
    sync(to)
}

fn sync(path: &Path) -> anyhow::Result<()> {
    File::open(path).and_then(|file| file.sync_all()).with_context(|| path.display().to_string())
}

fn count(Verified { entries, segments, entities }: Verified) -> String {
    format!("{entries} entries in their chains, {segments} signed segments, {entities} entities as their entries fold")
}
