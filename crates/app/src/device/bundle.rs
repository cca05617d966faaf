//! Passing on by file and taking in a file, as a device does it.
//!
//! Whoever holds the files asks for records piece by piece and hands in records one by one, so that the lock on the device
//! is never held while a slow card is written or read. A bundle counts as given only when all of it is on the medium.

use kend_bundle::carry::{self, Foreign, Outgoing};
use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{Bundle, Contents, Direction, Header, OpenError, Record, SealKey, SealPublic};
use kend_store::{Blob, Copied};
use kend_sync::{Certificate, Delivery, SignedBlobReceipt};

use super::{Device, Open};
use crate::api::{ApiError, ErrorCode, PassedOnView, TakenInView, count};
use crate::given::Given;
use crate::sync;
use crate::world::random_id;

/// A bundle for the hub on its way to a stick.
#[derive(Debug)]
pub struct PassingOn {
    /// What its volumes say of themselves.
    pub bundle: Bundle,
    /// About how much it will hold, in bytes.
    pub content_bytes: u64,
    /// Attachments that go in after the records: those that the server has not signed for.
    pub attachments: Vec<Blob>,
    outgoing: Outgoing,
    contents: Contents,
}

/// Bundles of the hub on their way in.
#[derive(Debug)]
pub struct TakingIn {
    certificate: Certificate,
    delivery: Delivery,
    contents: Contents,
    /// Receipts of the server for attachments, and those that were not its own.
    attachments_safe: u32,
    receipts_refused: u32,
    whole: bool,
}

impl Device {
    /// The key that opens what was sealed to this device.
    pub fn seal_key(&self) -> Result<SealKey, ApiError> {
        let open = self.open()?;
        Ok(SealKey::from_bytes(&open.store.derived_key(SealKey::CONTEXT)))
    }

    /// Signs a bundle's header or footer.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> Result<[u8; 64], ApiError> {
        let open = self.open()?;
        Ok(open.store.sign(purpose, message))
    }

    /// Begins a bundle with everything that the server has not signed for, sealed to it and to the hub.
    pub fn begin_passing_on(&mut self) -> Result<PassingOn, ApiError> {
        let id = random_id(&*self.world);
        let open = self.open_mut()?;
        let certificate = certificate(open)?;
        let mut recipients = vec![SealPublic(certificate.hub_seal_key), SealPublic(certificate.server_seal_key)];
        recipients.dedup();
        let mut passing = PassingOn {
            bundle: Bundle {
                id,
                direction: Direction::ToHub,
                project: certificate.project,
                maker: open.store.device(),
                maker_key: open.store.public_key(),
                recipients,
                volume_bytes: MAX_VOLUME_BYTES,
            },
            content_bytes: 0,
            attachments: open.store.blobs_only_here()?,
            outgoing: Outgoing::plan(&open.store)?,
            contents: Contents::default(),
        };
        // Read once beforehand: a card that is full in the middle is worse than a second of work.
        let mut sizing = Outgoing::plan(&open.store)?;
        let mut size = Contents::default();
        loop {
            let records = sizing.next(&mut open.store)?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                size.add(record);
            }
        }
        let attached_bytes: u64 = passing.attachments.iter().map(|blob| blob.size_bytes).sum();
        passing.content_bytes = size.size_bytes().saturating_add(attached_bytes);
        Ok(passing)
    }

    /// The next records; none when there are no more.
    pub fn more_to_pass_on(&mut self, passing: &mut PassingOn) -> Result<Vec<Record>, ApiError> {
        let records = passing.outgoing.next(&mut self.open_mut()?.store)?;
        for record in &records {
            passing.contents.add(record);
        }
        Ok(records)
    }

    /// Remembers that the bundle is on the medium, under these names.
    pub fn passed_on(&mut self, passing: &PassingOn, files: Vec<String>) -> Result<PassedOnView, ApiError> {
        let at_ms = self.world.wall_ms();
        Given::keep(&mut self.open_mut()?.store, passing.outgoing.given(), at_ms)?;
        let PassingOn { contents, .. } = passing;
        Ok(PassedOnView {
            files,
            interviews: count(contents.interviews()),
            entries: count(contents.entries()),
            attachments: count(contents.blobs()),
            size_kb: count(contents.size_bytes().div_ceil(1024)),
        })
    }

    /// Begins to take in what the hub gave.
    pub fn begin_taking_in(&mut self) -> Result<TakingIn, ApiError> {
        let certificate = certificate(self.open_mut()?)?;
        let delivery = Delivery::new(certificate.keys());
        let (contents, attachments_safe, receipts_refused) = (Contents::default(), 0, 0);
        Ok(TakingIn { certificate, delivery, contents, attachments_safe, receipts_refused, whole: true })
    }

    /// Takes in a record.
    pub fn take_in(&mut self, taking: &mut TakingIn, record: Record) -> Result<(), ApiError> {
        taking.contents.add(&record);
        let store = &mut self.open_mut()?.store;
        if let Record::BlobReceipt(bytes) = &record {
            let signed = SignedBlobReceipt::from_bytes(bytes);
            match signed.and_then(|signed| signed.verify(&taking.certificate.server_key)) {
                Ok(receipt) => {
                    store.note_copied(&receipt.blob, Copied::Server)?;
                    taking.attachments_safe += 1;
                }
                Err(_) => taking.receipts_refused += 1,
            }
        }
        carry::take_at_device(record, &mut taking.delivery, store).map_err(sync::exchange_failed)?;
        Ok(())
    }

    /// Ends it. A device that was ordered to wipe itself does so now.
    pub fn taken_in(&mut self, taking: TakingIn) -> Result<TakenInView, ApiError> {
        let open = self.open_mut()?;
        let delivered = taking.delivery.finish(&mut open.store).map_err(sync::exchange_failed)?;
        if delivered.outcome.wipe {
            return Err(self.wipe());
        }
        if let Some(certificate) = &delivered.outcome.certificate {
            open.take_rights(certificate)?;
        }
        let outcome = delivered.outcome;
        Ok(TakenInView {
            interviews: count(taking.contents.interviews()),
            entries_new: count(outcome.entries_received),
            receipts: delivered.receipts_kept + taking.attachments_safe,
            orders: outcome.orders_obeyed,
            early: delivered.segments_early,
            refused: delivered.pieces_refused
                + outcome.receipts_refused
                + outcome.orders_refused
                + taking.receipts_refused,
            whole: taking.whole,
            waiting_interviews: sync::waiting_interviews(&open.store)?,
        })
    }
}

impl PassingOn {
    /// Notes what was written beside the records that the device handed out.
    pub fn note_written(&mut self, record: &Record) {
        self.contents.add(record);
    }
}

impl TakingIn {
    /// Whether a volume is for here: of this project, and made by this device's hub.
    pub fn check(&self, header: &Header) -> Result<(), ApiError> {
        let Certificate { project, hub_device, hub_key, .. } = &self.certificate;
        carry::check_at_device(header, project, *hub_device, hub_key).map_err(foreign)
    }

    /// Notes that a volume broke off or is damaged; what came before counts.
    pub const fn note_broken(&mut self) {
        self.whole = false;
    }
}

/// A volume that can't be opened, for the screen.
pub fn not_opened(error: &OpenError) -> ApiError {
    match error {
        OpenError::NotABundle => ApiError::new(ErrorCode::NotABundle),
        OpenError::NotForUs => ApiError::new(ErrorCode::BundleForOthers),
        OpenError::Newer(_) => ApiError::with(ErrorCode::BundleNewer, error),
        OpenError::Io(_) => ApiError::with(ErrorCode::StickFailed, error),
    }
}

fn foreign(error: Foreign) -> ApiError {
    ApiError::with(ErrorCode::BundleForOthers, error)
}

fn certificate(open: &Open) -> Result<Certificate, ApiError> {
    kend_sync::own_certificate(&open.store)?.ok_or(ApiError::with(ErrorCode::NotFound, "join a hub first"))
}
