//! A storage as the device's side of an exchange.

use kend_domain::DeviceId;
use kend_log::{Entry, HashPrefix, LogId};
use kend_store::{Authority, Code, Device, Received};
use kend_sync::{Certificate, LogHead, Marks, Replica};

use crate::storage::{Storage, StorageError};

/// A storage lent to an exchange.
pub struct Side<'a>(pub &'a mut dyn Storage);

/// On a device the hub has the say on rights, as in `kend_sync`'s own replica.
struct HubSaidYes;

impl Authority for HubSaidYes {
    fn refuses(&self, _: &Device, _: &LogId, _: &Entry) -> Option<Code> {
        None
    }
}

impl Replica for Side<'_> {
    type Error = StorageError;

    fn device(&self) -> DeviceId {
        self.0.device()
    }

    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        self.0.sign(purpose, message)
    }

    fn marks(&self) -> Result<Marks, StorageError> {
        self.0.marks()
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), StorageError> {
        self.0.keep_marks(marks)
    }

    fn heads(&self) -> Result<Vec<LogHead>, StorageError> {
        self.0.heads()
    }

    fn segments(&mut self, log: &LogId, after_seq: u64, budget_bytes: usize) -> Result<Vec<Vec<u8>>, StorageError> {
        self.0.segments(log, after_seq, budget_bytes)
    }

    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StorageError> {
        self.0.acknowledge(log, seq, prefix)
    }

    fn put_certificate(&mut self, certificate: &Certificate) -> Result<(), StorageError> {
        self.0.put_device(&certificate.to_device())
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<Received, StorageError> {
        self.0.receive(bytes, &HubSaidYes)
    }
}
