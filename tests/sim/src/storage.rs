//! What the simulator needs of a store, so that one in memory and the real one stand in for each other.
//!
//! It is the surface of `kend_store::Store` that the protocol and the use cases stand on, and little more: what a test
//! may look at, copying (a backup, a clone) and coming back after a crash. Every method has a default that asks the
//! storage below, so that a wrapper (a crash, a planted bug) is written in the few methods that it changes. A storage
//! at the bottom is below itself and has all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{ChainHash, Chained, EntityState, HashPrefix, LogId, Previous, PublicKeyBytes, Segment};
use kend_store::{Addressee, Append, Appended, Authority, Device, KeptReceipt, Packed, Page, Received};
use kend_sync::{Certificate, Deed, Epoch, LogHead, Marks, Receipt, SignedCertificate, SignedReceipt};

/// Why a storage did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The power is gone. Everything fails until [`Storage::restart`].
    #[error("the power is gone")]
    Crashed,
    /// The store says no, and changed nothing.
    #[error("the store refuses: {0}")]
    Refused(String),
}

/// A store of one device or hub.
pub trait Storage {
    /// The storage that this one wraps; a storage at the bottom is its own.
    fn below(&self) -> &dyn Storage;
    /// The same, to change it.
    fn below_mut(&mut self) -> &mut dyn Storage;

    /// This device.
    fn device(&self) -> DeviceId {
        self.below().device()
    }

    /// Its public key.
    fn public_key(&self) -> PublicKeyBytes {
        self.below().public_key()
    }

    /// Signs with its key.
    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        self.below().sign(purpose, message)
    }

    /// Keeps an entry of this device.
    fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        self.below_mut().append(append)
    }

    /// Verifies a segment and takes it in.
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        self.below_mut().receive(bytes, authority)
    }

    /// Keeps a segment aside that follows one set aside.
    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, StorageError> {
        self.below_mut().keep_following(segment, bytes)
    }

    /// Where the logs stand.
    fn heads(&self) -> Result<Vec<LogHead>, StorageError> {
        self.below().heads()
    }

    /// How far a hub acknowledged each own log.
    fn acknowledged(&self) -> BTreeMap<LogId, u64> {
        self.below().acknowledged()
    }

    /// The entry of a device that a segment was written against.
    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StorageError> {
        self.below().entry_before(device, seq, prefix)
    }

    /// Segments of a log after an entry.
    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StorageError> {
        self.below_mut().segments(log, after_seq, budget_bytes, addressee)
    }

    /// Segments of a scope after a cursor, without those of one device.
    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        self.below_mut().after(scope, position, except, budget_bytes, addressee)
    }

    /// Notes that a hub has an own log up to `seq`. False when the hash there is another.
    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StorageError> {
        self.below_mut().acknowledge(log, seq, prefix)
    }

    /// Makes a device known.
    fn put_device(&mut self, device: &Device) -> Result<(), StorageError> {
        self.below_mut().put_device(device)
    }

    /// The latest receipt of the server for a log.
    fn receipt(&self, log: &LogId) -> Result<Option<KeptReceipt>, StorageError> {
        self.below().receipt(log)
    }

    /// Keeps a receipt that was checked. False when it is not for this branch of the log, or for more than is here.
    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, StorageError> {
        self.below_mut().keep_receipt(receipt, signed)
    }

    /// Drops the receipts of all other epochs.
    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        self.below_mut().end_receipts_but_of(epoch)
    }

    /// The last order carried out.
    fn orders_done(&self) -> Result<u64, StorageError> {
        self.below().orders_done()
    }

    /// Carries an order out.
    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), StorageError> {
        self.below_mut().obey(number, deed)
    }

    /// The device's own certificate, as it last came.
    fn own_certificate(&self) -> Result<Option<Certificate>, StorageError> {
        self.below().own_certificate()
    }

    /// Keeps it.
    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), StorageError> {
        self.below_mut().keep_certificate(signed)
    }

    /// Scopes that were taken away and whose content is here.
    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, StorageError> {
        self.below_mut().scopes_to_leave()
    }

    /// Whether all that this device wrote in a scope is safe at the server.
    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, StorageError> {
        self.below().nothing_is_only_here(scope)
    }

    /// Removes the content of a scope that was taken away, unless something is only here.
    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StorageError> {
        self.below_mut().clear_left_scope(scope)
    }

    /// The last entry of a log that counts; none when its device is not revoked.
    fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, StorageError> {
        self.below().accepted_until(log)
    }

    /// Revokes a device where the decision is made.
    fn revoke(&mut self, device: DeviceId, accepted: &[(Scope, u64)]) -> Result<(), StorageError> {
        self.below_mut().revoke(device, accepted)
    }

    /// Where a log ends, with the whole hash.
    fn log_head(&self, log: &LogId) -> Result<Option<(u64, ChainHash)>, StorageError> {
        self.below().log_head(log)
    }

    /// What is remembered of the hub.
    fn marks(&self) -> Result<Marks, StorageError> {
        self.below().marks()
    }

    /// Remembers it.
    fn keep_marks(&mut self, marks: &Marks) -> Result<(), StorageError> {
        self.below_mut().keep_marks(marks)
    }

    /// What an entity is.
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        self.below().entity(entity)
    }

    /// The hash over all that lives in a scope.
    fn digest(&self, scope: &Scope) -> Result<[u8; 16], StorageError> {
        self.below().digest(scope)
    }

    /// Folds a scope anew from the log.
    fn refold(&mut self, scope: &Scope) -> Result<(), StorageError> {
        self.below_mut().refold(scope)
    }

    /// The entities there are.
    fn entities(&self) -> Vec<EntityId> {
        self.below().entities()
    }

    /// Where an entity lives.
    fn scope_of(&self, entity: EntityId) -> Option<Scope> {
        self.below().scope_of(entity)
    }

    /// All entries of an entity, those that wait included.
    fn history(&self, entity: EntityId) -> Vec<Chained> {
        self.below().history(entity)
    }

    /// The bytes that were set aside.
    fn aside(&self) -> Vec<Vec<u8>> {
        self.below().aside()
    }

    /// A copy of what is durable now: a backup, or a clone of the device.
    fn copy(&mut self) -> Box<dyn Storage> {
        self.below_mut().copy()
    }

    /// The power comes back: what was not durable is gone.
    fn restart(&mut self) {
        self.below_mut().restart();
    }
}
