//! What a device's side needs of its store, and the store as one.
//!
//! [`Marks`] are what a device remembers of its hub: they are written last, after what they speak of is durable, so that
//! stopping anywhere only makes the next exchange repeat what is known already.

use kend_domain::{DeviceId, Scope};
use kend_log::{Entry, HashPrefix, LogId, Previous, Segment};
use kend_store::{Addressee, Authority, Code, Device, KeptReceipt, Packed, Received, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::certificate::{Certificate, SignedCertificate};
use crate::message::{Cursor, Epoch, LogHead};
use crate::order::Deed;
use crate::receipt::{Receipt, SignedReceipt};
use crate::ticket::Ticket;

const MARKS: &str = "sync/marks";
const CERTIFICATE: &str = "sync/certificate";

/// How far the hub is known to have taken a log: in its log, or set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The device whose log it is.
    pub device: DeviceId,
    /// The log's scope.
    pub scope: Scope,
    /// The last entry taken.
    pub seq: u64,
    /// Some of it is set aside there: the last entry taken is none that the hub can read another from.
    #[serde(default)]
    pub aside: bool,
}

impl Taken {
    /// The log.
    pub fn log(&self) -> LogId {
        LogId { device: self.device, scope: self.scope.clone() }
    }
}

/// A log of which the hub holds another branch than this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branched {
    /// The device whose log it is.
    pub device: DeviceId,
    /// The log's scope.
    pub scope: Scope,
}

/// What a device remembers of its hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The hub's epoch, as last seen.
    pub epoch: Option<Epoch>,
    /// The ticket that came last.
    pub ticket: Option<Ticket>,
    /// How far each scope was received in this epoch.
    pub cursors: Vec<Cursor>,
    /// How far the hub took each log in this epoch.
    pub taken: Vec<Taken>,
    /// Scopes that were fetched anew because the hub has something else of them, and what it had: once for each.
    #[serde(default)]
    pub fetched_anew: Vec<(Scope, [u8; 16])>,
    /// Logs of which the hub was found to hold another branch in this epoch, or entries that count for nothing here: what
    /// it sends of them can't be joined on.
    #[serde(default)]
    pub branched: Vec<Branched>,
    /// The newest version of the protocol that the hub says it speaks; 0 before it said so.
    #[serde(default)]
    pub protocol: u32,
}

impl Marks {
    /// The marks of a device that was just enrolled.
    pub fn after_enrolment(ticket: Ticket) -> Self {
        Self { ticket: Some(ticket), ..Self::default() }
    }

    /// How far the hub took a log, if it ever spoke of it.
    pub fn taken(&self, log: &LogId) -> Option<u64> {
        self.taken.iter().find(|taken| taken.device == log.device && taken.scope == log.scope).map(|taken| taken.seq)
    }

    /// Whether the hub is known to hold another branch of a log.
    pub fn is_branched(&self, log: &LogId) -> bool {
        self.branched.iter().any(|branched| branched.device == log.device && branched.scope == log.scope)
    }

    pub(crate) fn branch(&mut self, log: &LogId) {
        if !self.is_branched(log) {
            self.branched.push(Branched { device: log.device, scope: log.scope.clone() });
        }
    }

    /// Notes that the hub holds another branch of somebody else's log than this device: this one is handed over from its
    /// beginning, once, for the hub to keep aside. True when that is news.
    pub(crate) fn offer_branch(&mut self, log: &LogId) -> bool {
        let news = !self.is_branched(log);
        if news {
            self.branch(log);
            self.take(log, 0);
        }
        news
    }

    pub(crate) fn take(&mut self, log: &LogId, seq: u64) {
        match self.taken.iter_mut().find(|taken| taken.device == log.device && taken.scope == log.scope) {
            Some(taken) => taken.seq = seq,
            None => self.taken.push(Taken { device: log.device, scope: log.scope.clone(), seq, aside: false }),
        }
    }

    /// Notes whether the hub set aside some of what it took of a log.
    pub(crate) fn note_aside(&mut self, log: &LogId, aside: bool) {
        let of_it = |taken: &&mut Taken| taken.device == log.device && taken.scope == log.scope;
        if let Some(taken) = self.taken.iter_mut().find(of_it) {
            taken.aside = aside;
        }
    }

    /// Whether the last entry that the hub took of a log, if it took any, is known to be in its log.
    pub(crate) fn is_held(&self, log: &LogId) -> bool {
        let of_it = |taken: &&Taken| taken.device == log.device && taken.scope == log.scope;
        self.taken.iter().find(of_it).is_none_or(|taken| !taken.aside) && !self.is_branched(log)
    }

    pub(crate) fn move_cursor(&mut self, moved: &Cursor) {
        match self.cursors.iter_mut().find(|cursor| cursor.scope == moved.scope) {
            Some(cursor) => cursor.position = moved.position,
            None => self.cursors.push(moved.clone()),
        }
    }
}

/// What the device's side needs of a store.
pub trait Replica {
    /// How it fails.
    type Error;

    /// This device.
    fn device(&self) -> DeviceId;
    /// Signs with this device's key: see [`kend_log::sign`].
    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64];
    /// What is remembered of the hub.
    fn marks(&self) -> Result<Marks, Self::Error>;
    /// Remembers it, durably.
    fn keep_marks(&mut self, marks: &Marks) -> Result<(), Self::Error>;
    /// All logs held, the device's own among them.
    fn heads(&self) -> Result<Vec<LogHead>, Self::Error>;
    /// The segments of a log after an entry, without a gap, in the bytes for their addressee: at least one if there is any, then
    /// as many as fit.
    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, Self::Error>;
    /// The entry of a device that a segment was written against: see [`Store::entry_before`].
    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, Self::Error>;
    /// Notes that the hub has this device's log up to `seq`. False when the hash there is another.
    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, Self::Error>;
    /// Makes another device known, whose certificate was verified.
    fn put_certificate(&mut self, certificate: &Certificate) -> Result<(), Self::Error>;
    /// Verifies a segment and takes it in. What it says is durable when it returns.
    fn receive(&mut self, bytes: &[u8]) -> Result<Received, Self::Error>;
    /// The last entry of a log of which the server's receipt is here; 0 for none.
    fn safe_seq(&self, log: &LogId) -> Result<u64, Self::Error>;
    /// Keeps a receipt whose signature was checked. False when it is not for this branch of the log, or for more than is
    /// here.
    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, Self::Error>;
    /// Drops the receipts of all other epochs of the server.
    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), Self::Error>;
    /// The last order that was carried out; 0 for none.
    fn orders_done(&self) -> Result<u64, Self::Error>;
    /// Carries out an order that was checked, durably together with its number. Never a wipe.
    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), Self::Error>;
    /// The serial number of the device's own certificate; 0 for none.
    fn certificate_serial(&self) -> Result<u64, Self::Error>;
    /// Keeps the device's own certificate, which was checked.
    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), Self::Error>;
    /// Scopes that were taken away, whose content is here and which did not come back since.
    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, Self::Error>;
    /// Whether all that this device wrote in a scope is safe at the server.
    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, Self::Error>;
    /// A hash over all that lives in a scope.
    fn digest(&self, scope: &Scope) -> Result<[u8; 16], Self::Error>;
    /// Folds a scope anew from the log. Nothing of the log is changed.
    fn refold(&mut self, scope: &Scope) -> Result<(), Self::Error>;
    /// Removes the content of a scope that was taken away, unless something is only here. True when it is gone.
    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, Self::Error>;
}

/// On a device the hub has the say on rights: it let the segment through. Signature and chain are checked here again, and
/// the end of a revoked device's log is the server's word.
struct HubSaidYes {
    accepted_until: Option<u64>,
}

impl Authority for HubSaidYes {
    fn refuses(&self, _: &Device, _: &LogId, entry: &Entry) -> Option<Code> {
        self.accepted_until.is_some_and(|last_seq| entry.header.seq > last_seq).then_some(Code::NotAllowed)
    }
}

/// The device's own certificate, as it last came.
pub fn own_certificate(store: &Store) -> Result<Option<Certificate>, StoreError> {
    let Some(bytes) = store.document(CERTIFICATE)? else { return Ok(None) };
    let signed = SignedCertificate::from_bytes(&bytes).and_then(|signed| signed.read());
    signed.map(Some).map_err(|_| StoreError::Damaged("the certificate".to_owned()))
}

/// Forgets the certificate of a device that goes on under a new name: it is not the one that was certified.
pub fn forget_certificate(store: &mut Store) -> Result<(), StoreError> {
    store.remove_document(CERTIFICATE)
}

impl Replica for Store {
    type Error = StoreError;

    fn device(&self) -> DeviceId {
        Self::device(self)
    }

    fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 64] {
        Self::sign(self, purpose, message)
    }

    fn marks(&self) -> Result<Marks, StoreError> {
        Ok(self.setting(MARKS)?.unwrap_or_default())
    }

    fn keep_marks(&mut self, marks: &Marks) -> Result<(), StoreError> {
        self.set_setting(MARKS, marks)
    }

    fn heads(&self) -> Result<Vec<LogHead>, StoreError> {
        let head = |head: kend_store::LogHead| LogHead {
            device: head.log.device,
            scope: head.log.scope,
            seq: head.seq,
            prefix: head.hash.prefix(),
        };
        Ok(self.logs()?.into_iter().map(head).collect())
    }

    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StoreError> {
        self.segments_to_send(log, after_seq, budget_bytes, addressee)
    }

    fn entry_before(&self, device: DeviceId, seq: u64, prefix: HashPrefix) -> Result<Option<Previous>, StoreError> {
        Self::entry_before(self, device, seq, prefix)
    }

    fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<bool, StoreError> {
        match Self::acknowledge(self, log, seq, prefix) {
            Ok(()) => Ok(true),
            Err(StoreError::OtherBranch) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn put_certificate(&mut self, certificate: &Certificate) -> Result<(), StoreError> {
        self.put_device(&certificate.to_device())
    }

    fn receive(&mut self, bytes: &[u8]) -> Result<Received, StoreError> {
        // A segment is read twice only where a device was revoked at all.
        let held = |device, seq, prefix| Self::entry_before(self, device, seq, prefix);
        let segment = if self.has_revoked_devices()? { Segment::read(bytes, held)?.ok() } else { None };
        let accepted_until = segment.map_or(Ok(None), |segment| self.accepted_until(segment.log()))?;
        Self::receive(self, bytes, &HubSaidYes { accepted_until })
    }

    fn safe_seq(&self, log: &LogId) -> Result<u64, StoreError> {
        Ok(self.receipt(log)?.map_or(0, |receipt| receipt.seq))
    }

    fn keep_receipt(&mut self, receipt: &Receipt, signed: &SignedReceipt) -> Result<bool, StoreError> {
        let Receipt { seq, hash, epoch, server_ms, .. } = *receipt;
        let kept = KeptReceipt { seq, epoch: epoch.0, server_ms, bytes: signed.to_bytes() };
        Self::keep_receipt(self, &receipt.log(), hash, &kept)
    }

    fn end_receipts_but_of(&mut self, epoch: Epoch) -> Result<(), StoreError> {
        Self::end_receipts_but_of(self, epoch.0)
    }

    fn orders_done(&self) -> Result<u64, StoreError> {
        Self::orders_done(self)
    }

    fn obey(&mut self, number: u64, deed: &Deed) -> Result<(), StoreError> {
        match deed {
            Deed::Erase { entity, under, reason } => self.obey_erasure(number, *entity, under.as_ref(), *reason),
            Deed::Revoke { device, accepted } => {
                let of_it = accepted.iter().filter(|head| head.device == *device);
                let accepted: Vec<_> = of_it.map(|head| (head.scope.clone(), head.seq)).collect();
                self.obey_revocation(number, *device, &accepted)
            }
            Deed::Leave { scope } => self.obey_leave(number, scope),
            // The rim destroys the key: there is nothing to be noted in a store that is no more.
            Deed::Wipe => Ok(()),
        }
    }

    fn certificate_serial(&self) -> Result<u64, StoreError> {
        Ok(own_certificate(self)?.map_or(0, |certificate| certificate.serial))
    }

    fn keep_certificate(&mut self, signed: &SignedCertificate) -> Result<(), StoreError> {
        self.put_document(CERTIFICATE, &signed.to_bytes())
    }

    fn scopes_to_leave(&mut self) -> Result<Vec<Scope>, StoreError> {
        let own = own_certificate(self)?;
        let mut leave = Vec::new();
        for scope in Self::scopes_to_leave(self)? {
            if own.as_ref().is_some_and(|own| own.member().may_hold(&scope)) {
                self.keep_scope(&scope)?;
            } else {
                leave.push(scope);
            }
        }
        Ok(leave)
    }

    fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, StoreError> {
        Self::nothing_is_only_here(self, scope)
    }

    fn digest(&self, scope: &Scope) -> Result<[u8; 16], StoreError> {
        Self::digest(self, scope)
    }

    fn refold(&mut self, scope: &Scope) -> Result<(), StoreError> {
        self.rebuild_scope(scope).map(|_| ())
    }

    fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StoreError> {
        Self::clear_left_scope(self, scope)
    }
}
