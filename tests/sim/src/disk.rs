//! The real store, in a file on a memory disk where there is one.
//!
//! A crash is an image of the file and its write-ahead log taken while the store is open, opened again: what the store
//! had said to be durable has to be in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{
    ChainHash, Chained, EntityKind, EntityState, HashPrefix, LogId, Previous, PublicKeyBytes, Segment, SigningKeyBytes,
};
use kend_store::{
    Addressee, Append, Appended, Authority, DatabaseKey, Device, KeptReceipt, NewDevice, Packed, Page, Received, Store,
    StoreError,
};
use kend_sync::{Certificate, Deed, Epoch, LogHead, Marks, Receipt, Replica, SignedCertificate, SignedReceipt};
use tempfile::TempDir;

use crate::storage::{Storage, StorageError};

/// Where files cost no disk.
const MEMORY_DISK: &str = "/dev/shm";

/// A store in a file of its own.
pub struct Disk {
    /// None only while the power is gone.
    store: Option<Store>,
    folder: TempDir,
    images: u32,
}

impl Disk {
    /// An empty store of a device.
    pub fn new(device: DeviceId, signing_key: SigningKeyBytes) -> Self {
        let folder = folder();
        let device = NewDevice { device, signing_key };
        let store = Store::create(&image(folder.path(), 0), &key(), &device, &[]).expect("a store is created");
        Self { store: Some(passing_on(store)), folder, images: 0 }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("BUG: the store is open except within `restart`")
    }

    fn store_mut(&mut self) -> &mut Store {
        self.store.as_mut().expect("BUG: the store is open except within `restart`")
    }
}

/// Every node keeps segments as they came, as a hub does: what is erased has to go there too.
fn passing_on(mut store: Store) -> Store {
    store.pass_on().expect("a setting of the connection");
    store
}

fn folder() -> TempDir {
    let place = Path::new(MEMORY_DISK);
    let folder = if place.is_dir() { tempfile::tempdir_in(place) } else { tempfile::tempdir() };
    folder.expect("there is room for a folder")
}

fn key() -> DatabaseKey {
    DatabaseKey::from_bytes([6; 32])
}

fn image(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number}.db"))
}

/// Copies a database and its write-ahead log as they are on the disk at this moment.
fn take_image(from: &Path, to: &Path) {
    fs::copy(from, to).expect("an image is taken");
    let beside = |path: &Path| path.with_extension("db-wal");
    if beside(from).exists() {
        fs::copy(beside(from), beside(to)).expect("an image is taken");
    }
}

fn refused(error: &StoreError) -> StorageError {
    StorageError::Refused(error.to_string())
}

impl Storage for Disk {
    fn below(&self) -> &dyn Storage {
        self
    }

    fn below_mut(&mut self) -> &mut dyn Storage {
        self
    }

    fn device(&self) -> DeviceId {
        self.store().device()
    }

    fn public_key(&self) -> PublicKeyBytes {
        self.store().public_key()
    }

    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        self.store().sign(purpose, message)
    }

    fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        self.store_mut().append(append).map_err(|error| refused(&error))
    }

    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        self.store_mut().receive(bytes, authority).map_err(|error| refused(&error))
    }

    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, StorageError> {
        self.store_mut().keep_following(segment, bytes).map_err(|error| refused(&error))
    }

    fn heads(&self) -> Result<Vec<LogHead>, StorageError> {
        Replica::heads(self.store()).map_err(|error| refused(&error))
    }

    fn acknowledged(&self) -> BTreeMap<LogId, u64> {
        let logs = self.store().logs().expect("the logs are read");
        let own = logs.into_iter().filter(|head| head.log.device == self.store().device());
        own.map(|head| (head.log, head.acknowledged)).collect()
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StorageError> {
        self.store().entry_before(device, seq, prefix).map_err(|error| refused(&error))
    }

    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StorageError> {
        self.store_mut().segments_to_send(log, after_seq, budget_bytes, addressee).map_err(|error| refused(&error))
    }

    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        self.store_mut()
            .segments_after(scope, position, except, budget_bytes, addressee)
            .map_err(|error| refused(&error))
    }

    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StorageError> {
        Replica::acknowledge(self.store_mut(), log, seq, prefix).map_err(|error| refused(&error))
    }

    fn put_device(&mut self, device: &Device) -> Result<(), StorageError> {
        self.store_mut().put_device(device).map_err(|error| refused(&error))
    }

    fn receipt(&self, log: &LogId) -> Result<Option<KeptReceipt>, StorageError> {
        self.store().receipt(log).map_err(|error| refused(&error))
    }

    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, StorageError> {
        Replica::keep_receipt(self.store_mut(), receipt, signed).map_err(|error| refused(&error))
    }

    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        Replica::end_receipts_but_of(self.store_mut(), epoch).map_err(|error| refused(&error))
    }

    fn orders_done(&self) -> Result<u64, StorageError> {
        self.store().orders_done().map_err(|error| refused(&error))
    }

    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), StorageError> {
        Replica::obey(self.store_mut(), number, deed).map_err(|error| refused(&error))
    }

    fn own_certificate(&self) -> Result<Option<Certificate>, StorageError> {
        kend_sync::own_certificate(self.store()).map_err(|error| refused(&error))
    }

    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), StorageError> {
        Replica::keep_certificate(self.store_mut(), signed).map_err(|error| refused(&error))
    }

    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, StorageError> {
        Replica::scopes_to_leave(self.store_mut()).map_err(|error| refused(&error))
    }

    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, StorageError> {
        self.store().nothing_is_only_here(scope).map_err(|error| refused(&error))
    }

    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StorageError> {
        self.store_mut().clear_left_scope(scope).map_err(|error| refused(&error))
    }

    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, StorageError> {
        self.store().accepted_until(log).map_err(|error| refused(&error))
    }

    fn revoke(&mut self, device: DeviceId, accepted: &[(Scope, u64)]) -> Result<(), StorageError> {
        self.store_mut().revoke(device, accepted).map_err(|error| refused(&error))
    }

    fn log_head(&self, log: &LogId) -> Result<Option<(u64, ChainHash)>, StorageError> {
        self.store().log_head(log).map_err(|error| refused(&error))
    }

    fn marks(&self) -> Result<Marks, StorageError> {
        Replica::marks(self.store()).map_err(|error| refused(&error))
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), StorageError> {
        Replica::keep_marks(self.store_mut(), marks).map_err(|error| refused(&error))
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], StorageError> {
        self.store().digest(scope).map_err(|error| refused(&error))
    }

    fn refold(&mut self, scope: &Scope) -> Result<(), StorageError> {
        Replica::refold(self.store_mut(), scope).map_err(|error| refused(&error))
    }

    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        self.store().entity(entity).expect("an entity is read")
    }

    fn entities(&self) -> Vec<EntityId> {
        let of = |kind| self.store().entities(kind).expect("the entities are read").into_iter().map(|head| head.entity);
        let mut entities: Vec<EntityId> = EntityKind::ALL.iter().flat_map(|kind| of(*kind)).collect();
        entities.sort();
        entities
    }

    fn scope_of(&self, entity: EntityId) -> Option<Scope> {
        self.store().entity_head(entity).expect("the head of an entity is read").map(|head| head.scope)
    }

    fn history(&self, entity: EntityId) -> Vec<Chained> {
        self.store().history(entity).expect("a history is read")
    }

    fn aside(&self) -> Vec<Vec<u8>> {
        let read = || {
            let mut statement =
                self.store().connection().prepare_cached("SELECT raw FROM quarantine ORDER BY digest")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect::<Result<_, kend_store::rusqlite::Error>>()
        };
        read().expect("what was set aside is read")
    }

    fn copy(&mut self) -> Box<dyn Storage> {
        let folder = folder();
        let path = image(folder.path(), 0);
        take_image(&image(self.folder.path(), self.images), &path);
        let store = Store::open(&path, &key(), &[]).expect("a backup is opened");
        Box::new(Self { store: Some(passing_on(store)), folder, images: 0 })
    }

    fn restart(&mut self) {
        let next = image(self.folder.path(), self.images + 1);
        take_image(&image(self.folder.path(), self.images), &next);
        self.store = None;
        self.images += 1;
        self.store = Some(passing_on(Store::open(&next, &key(), &[]).expect("the store opens after a crash")));
    }
}
