//! A crash at any call: a storage whose power goes after so many calls.
//!
//! The call in which it goes is done or not done, by the seed, but never answered; nor is any after it. What is durable
//! then is the business of the storage below.

use std::cell::Cell;

use kend_domain::{DeviceId, Scope};
use kend_log::{HashPrefix, LogId, Previous, Segment};
use kend_store::{Addressee, Append, Appended, Authority, Device, Packed, Page, Received};
use kend_sync::{Deed, Epoch, LogHead, Marks, Receipt, SignedCertificate, SignedReceipt};

use crate::storage::{Storage, StorageError};

/// When the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blow {
    /// After so many calls.
    pub calls: u32,
    /// Whether the last call is still done.
    pub done: bool,
}

/// A storage with a fuse.
pub struct Fuse {
    below: Box<dyn Storage>,
    blow: Cell<Option<Blow>>,
}

impl Fuse {
    /// A storage whose power stays, until [`Fuse::set`].
    pub fn new(below: Box<dyn Storage>) -> Self {
        Self { below, blow: Cell::new(None) }
    }

    /// Sets when the power goes.
    pub fn set(&self, blow: Blow) {
        self.blow.set(Some(blow));
    }

    /// The power stays.
    pub fn mend(&self) {
        self.blow.set(None);
    }

    /// Whether the power is gone.
    pub fn is_blown(&self) -> bool {
        self.blow.get().is_some_and(|blow| blow.calls == 0)
    }

    /// Counts a call down. Some: the power went in it; true: and it is still done.
    fn burns(&self) -> Result<Option<bool>, StorageError> {
        let Some(blow) = self.blow.get() else { return Ok(None) };
        if blow.calls == 0 {
            return Err(StorageError::Crashed);
        }
        self.blow.set(Some(Blow { calls: blow.calls - 1, ..blow }));
        Ok((blow.calls == 1).then_some(blow.done))
    }

    fn read<T>(&self, call: impl FnOnce(&dyn Storage) -> Result<T, StorageError>) -> Result<T, StorageError> {
        match self.burns()? {
            None => call(&*self.below),
            Some(_) => Err(StorageError::Crashed),
        }
    }

    fn write<T>(&mut self, call: impl FnOnce(&mut dyn Storage) -> Result<T, StorageError>) -> Result<T, StorageError> {
        match self.burns()? {
            None => call(&mut *self.below),
            Some(done) => {
                if done {
                    call(&mut *self.below)?;
                }
                Err(StorageError::Crashed)
            }
        }
    }
}

impl Storage for Fuse {
    fn below(&self) -> &dyn Storage {
        &*self.below
    }

    fn below_mut(&mut self) -> &mut dyn Storage {
        &mut *self.below
    }

    fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        self.write(|below| below.append(append))
    }

    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        self.write(|below| below.receive(bytes, authority))
    }

    fn keep_following(&mut self, segment: &Segment, bytes: &[u8]) -> Result<bool, StorageError> {
        self.write(|below| below.keep_following(segment, bytes))
    }

    fn heads(&self) -> Result<Vec<LogHead>, StorageError> {
        self.read(|below| below.heads())
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StorageError> {
        self.read(|below| below.entry_before(device, seq, prefix))
    }

    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StorageError> {
        self.write(|below| below.segments(log, after_seq, budget_bytes, addressee))
    }

    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        self.write(|below| below.after(scope, position, except, budget_bytes, addressee))
    }

    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StorageError> {
        self.write(|below| below.acknowledge(log, seq, prefix))
    }

    fn put_device(&mut self, device: &Device) -> Result<(), StorageError> {
        self.write(|below| below.put_device(device))
    }

    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, StorageError> {
        self.write(|below| below.keep_receipt(receipt, signed))
    }

    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        self.write(|below| below.end_receipts_but_of(epoch))
    }

    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), StorageError> {
        self.write(|below| below.obey(number, deed))
    }

    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), StorageError> {
        self.write(|below| below.keep_certificate(signed))
    }

    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StorageError> {
        self.write(|below| below.clear_left_scope(scope))
    }

    fn marks(&self) -> Result<Marks, StorageError> {
        self.read(|below| below.marks())
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), StorageError> {
        self.write(|below| below.keep_marks(marks))
    }

    fn restart(&mut self) {
        self.blow.set(None);
        self.below.restart();
    }
}
