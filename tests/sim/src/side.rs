//! A storage as the device's side of an exchange.

use kend_domain::{DeviceId, Scope};
use kend_log::{Entry, HashPrefix, LogId, Previous, Segment};
use kend_store::{Addressee, Authority, Code, Device, Packed, Received};
use kend_sync::{Certificate, Deed, Epoch, LogHead, Marks, Receipt, Replica, SignedCertificate, SignedReceipt};

use crate::storage::{Storage, StorageError};

/// A storage lent to an exchange.
pub struct Side<'a>(pub &'a mut dyn Storage);

/// On a device the hub has the say on rights, as in `kend_sync`'s own replica.
struct HubSaidYes {
    accepted_until: Option<u64>,
}

impl Authority for HubSaidYes {
    fn refuses(&self, _: &Device, _: &LogId, entry: &Entry) -> Option<Code> {
        self.accepted_until.is_some_and(|last_seq| entry.header.seq > last_seq).then_some(Code::NotAllowed)
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

    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StorageError> {
        self.0.segments(log, after_seq, budget_bytes, addressee)
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StorageError> {
        self.0.entry_before(device, seq, prefix)
    }

    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StorageError> {
        self.0.acknowledge(log, seq, prefix)
    }

    fn put_certificate(&mut self, certificate: &Certificate) -> Result<(), StorageError> {
        self.0.put_device(&certificate.to_device())
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<Received, StorageError> {
        let held = |device, seq, prefix| self.0.entry_before(device, seq, prefix);
        let accepted_until = match Segment::read(bytes, held)? {
            Ok(segment) => self.0.accepted_until(segment.log())?,
            Err(_) => None,
        };
        self.0.receive(bytes, &HubSaidYes { accepted_until })
    }

    fn safe_seq(&self, log: &LogId) -> Result<u64, StorageError> {
        Ok(self.0.receipt(log)?.map_or(0, |receipt| receipt.seq))
    }

    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, StorageError> {
        self.0.keep_receipt(receipt, signed)
    }

    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        self.0.end_receipts_but_of(epoch)
    }

    fn orders_done(&self) -> Result<u64, StorageError> {
        self.0.orders_done()
    }

    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), StorageError> {
        self.0.obey(number, deed)
    }

    fn certificate_serial(&self) -> Result<u64, StorageError> {
        Ok(self.0.own_certificate()?.map_or(0, |certificate| certificate.serial))
    }

    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), StorageError> {
        self.0.keep_certificate(signed)
    }

    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, StorageError> {
        self.0.scopes_to_leave()
    }

    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, StorageError> {
        self.0.nothing_is_only_here(scope)
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], StorageError> {
        self.0.digest(scope)
    }

    fn refold(&mut self, scope: &Scope) -> Result<(), StorageError> {
        self.0.refold(scope)
    }

    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StorageError> {
        self.0.clear_left_scope(scope)
    }
}
