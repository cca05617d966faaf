//! Bundles at a hub: what a device gave by file is taken in as from a line, and what the hub has for devices goes back.
//!
//! A bundle proves itself: it is sealed to this hub, its header is signed by a device that the hub knows, its segments by
//! their authors. So whoever brings it needs no rights of their own, and bringing it twice changes nothing. The lock on
//! the hub is held from one record to the next: no sync waits for a stick.

mod command;
mod line;

use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kend_bundle::carry::{self, Foreign, HubTaken, Returning, ScopeReturning};
use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{
    BlobPiece, Bundle, Contents, Direction, Header, OpenError, ReadError, Reader, Record, SealPublic, Volumes,
    WriteError, Writer, Written,
};
use kend_domain::{DeviceId, Scope};
use kend_sync::{HubReplica, KnownDevice, SyncRequest};
use tokio::runtime::Handle;

pub(crate) use self::command::carry_out;
pub(crate) use self::line::{receive, send};

use crate::blobs::bundled::{self, Bundled};
use crate::door::Hub;
use crate::error::HubError;
use crate::hub::HubState;
use crate::routes::Shared;
use crate::{people, world};

/// Why nothing of a bundle was taken in, or not all of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// It can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is not for here.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The hub fails. What was taken in before is on the disk.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// Why no bundle was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The hub does not know the device, or it has no certificate.
    #[error("the hub knows no such device")]
    UnknownDevice,
    /// No device may hold the scope.
    #[error("no device may hold this scope")]
    NoDevices,
    /// It can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The hub fails.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// What was taken in of a volume.
#[derive(Debug)]
pub(crate) struct Imported {
    /// Who made it, and what of.
    pub(crate) header: Header,
    /// What was in it.
    pub(crate) contents: Contents,
    /// Entries that were new.
    pub(crate) entries: u64,
    /// Segments that were set aside for a person to look at.
    pub(crate) set_aside: u64,
    /// Segments that can't be taken in before another volume: they are to be brought again after it.
    pub(crate) early: u64,
    /// What came of its attachments.
    pub(crate) blobs: Bundled,
    /// How it ended; with none it is whole.
    pub(crate) broken: Option<ReadError>,
    /// Whether it is its bundle's last volume; none when that can't be told.
    pub(crate) last: Option<bool>,
}

/// Takes in a volume, as far as it goes.
pub(crate) fn import(shared: &Shared, runtime: &Handle, input: impl Read) -> Result<Imported, ImportError> {
    let hub = shared.hub();
    let key = lock(hub).known().seal_key();
    let mut reader = Reader::open(input, &key)?;
    let header = reader.header().clone();
    let sender = lock(hub).read(|hub| carry::sender_of(&header, hub))???;
    let mut imported = Imported {
        header,
        contents: Contents::default(),
        entries: 0,
        set_aside: 0,
        early: 0,
        blobs: Bundled::default(),
        broken: None,
        last: None,
    };
    loop {
        match reader.next_record() {
            Ok(Some(record)) => {
                let piece = lock(hub).write(|hub| imported.take(record, &sender, hub))??;
                if let Some(piece) = piece {
                    imported.blobs.take(piece, &sender, shared, runtime)?;
                }
            }
            Ok(None) => {
                imported.last = reader.is_last();
                break;
            }
            Err(error) => {
                imported.broken = Some(error);
                break;
            }
        }
    }
    tracing::info!(
        device = %sender.device,
        volume = imported.header.volume,
        entries = imported.entries,
        attachments = imported.blobs.new,
        set_aside = imported.set_aside,
        whole = imported.broken.is_none(),
        "bundle taken in"
    );
    Ok(imported)
}

impl Imported {
    /// Takes a record in. A piece of an attachment is handed back: that is not written with the lock held.
    fn take(
        &mut self,
        record: Record,
        sender: &KnownDevice,
        hub: &mut HubState,
    ) -> Result<Option<BlobPiece>, HubError> {
        self.contents.add(&record);
        match carry::take_at_hub(record, sender, hub)? {
            HubTaken::Segment(taken) => {
                self.entries += u64::from(taken.entries);
                match taken.aside {
                    None => {}
                    Some((kend_sync::SetAsideCode::Gap, false)) => self.early += 1,
                    Some((code, kept)) => {
                        tracing::warn!(device = %sender.device, code = code.word(), kept, "segment set aside");
                        self.set_aside += 1;
                    }
                }
            }
            HubTaken::Standing(standing) => {
                hub.store.put_document(&standing_name(sender.device), &standing.encode())?;
            }
            HubTaken::Blob(piece) => return Ok(Some(piece)),
            HubTaken::Nothing => {}
        }
        Ok(None)
    }
}

/// Whom a bundle is for.
#[derive(Debug, Clone)]
pub(crate) enum Whom {
    /// One device: everything that the hub would answer it, orders included.
    Device(DeviceId),
    /// All devices that may hold a scope: what is in it, and the receipts for it.
    Scope(Scope),
}

/// What the hub has for devices, record by record.
pub(crate) struct Export<'a> {
    hub: &'a Mutex<Hub>,
    whom: Whom,
    recipients: Vec<SealPublic>,
    /// The device, when it is for one.
    device: Option<ForDevice>,
}

/// A device, and where it said last that it stands.
type ForDevice = (KnownDevice, Option<SyncRequest>);

enum Pieces {
    Device(Returning),
    Scope(ScopeReturning),
}

impl<'a> Export<'a> {
    /// Looks up whom it goes to.
    pub(crate) fn new(hub: &'a Mutex<Hub>, whom: Whom) -> Result<Self, ExportError> {
        let (recipients, device) = lock(hub).read(|held| Self::look_up(held, &whom))??;
        if recipients.is_empty() {
            return Err(ExportError::NoDevices);
        }
        Ok(Self { hub, whom, recipients, device })
    }

    fn look_up(held: &HubState, whom: &Whom) -> Result<(Vec<SealPublic>, Option<ForDevice>), ExportError> {
        Ok(match whom {
            Whom::Device(device) => {
                let known = people::device(held.store.connection(), *device)?;
                let (Some(known), Some(seal_key)) = (known, seal_key(held, *device)?) else {
                    return Err(ExportError::UnknownDevice);
                };
                (vec![seal_key], Some((known, standing_of(held, *device)?)))
            }
            Whom::Scope(scope) => (holders(held, scope)?, None),
        })
    }

    /// What it will hold, in bytes: read once without writing.
    pub(crate) fn size_bytes(&self) -> Result<u64, ExportError> {
        let mut contents = Contents::default();
        self.each(|record| {
            contents.add(record);
            Ok(())
        })?;
        Ok(contents.size_bytes())
    }

    /// Writes it.
    pub(crate) fn write<V: Volumes>(&self, id: [u8; 16], volumes: V) -> Result<(Written, Contents, V), ExportError> {
        let bundle = {
            let held = lock(self.hub);
            let held = held.known();
            Bundle {
                id,
                direction: Direction::ToDevices,
                project: held.identity.project.clone(),
                maker: held.store.device(),
                maker_key: held.store.public_key(),
                recipients: self.recipients.clone(),
                volume_bytes: MAX_VOLUME_BYTES,
            }
        };
        let sign = |purpose: &str, message: &[u8]| lock(self.hub).known().store.sign(purpose, message);
        let mut writer = Writer::new(bundle, &sign, volumes)?;
        let mut contents = Contents::default();
        self.each(|record| {
            contents.add(record);
            Ok(writer.put(record)?)
        })?;
        let (written, volumes) = writer.finish()?;
        Ok((written, contents, volumes))
    }

    fn each(&self, mut run: impl FnMut(&Record) -> Result<(), ExportError>) -> Result<(), ExportError> {
        let mut pieces = match (&self.whom, &self.device) {
            (Whom::Scope(scope), _) => Pieces::Scope(ScopeReturning::new(scope.clone())),
            (Whom::Device(_), Some((known, standing))) => {
                Pieces::Device(Returning::new(known.clone(), standing.clone()))
            }
            (Whom::Device(_), None) => return Err(ExportError::UnknownDevice),
        };
        loop {
            let next = |hub: &mut HubState| match &mut pieces {
                Pieces::Device(pieces) => pieces.next(hub, world::wall_ms()),
                Pieces::Scope(pieces) => pieces.next(hub, world::wall_ms()),
            };
            let records = lock(self.hub).write(next)??;
            if records.is_empty() {
                break;
            }
            for record in &records {
                run(record)?;
            }
        }
        let receipts = |hub: &HubState| match &self.whom {
            Whom::Scope(scope) => bundled::receipts_of_scope(hub, scope),
            Whom::Device(device) => bundled::receipts_of_device(hub, *device),
        };
        let receipts = lock(self.hub).read(receipts)??;
        receipts.iter().try_for_each(run)
    }
}

/// Every change of the store is a transaction: one that a panic cut off left nothing behind.
fn lock(hub: &Mutex<Hub>) -> MutexGuard<'_, Hub> {
    hub.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a device said last that it stands.
fn standing_of(hub: &HubState, device: DeviceId) -> Result<Option<SyncRequest>, HubError> {
    let bytes = hub.store.document(&standing_name(device))?;
    // One of another version says nothing any more.
    Ok(bytes.and_then(|bytes| SyncRequest::decode(&bytes).ok()))
}

fn standing_name(device: DeviceId) -> String {
    format!("bundle/standing/{device}")
}

fn seal_key(hub: &HubState, device: DeviceId) -> Result<Option<SealPublic>, HubError> {
    let certificate = hub.certificate(device)?.map(|signed| signed.read()).transpose();
    let certificate = certificate.map_err(|_| HubError::Damaged("hub_certificate"))?;
    Ok(certificate.map(|certificate| SealPublic(certificate.seal_key)))
}

/// The seal keys of all devices that may hold a scope.
fn holders(hub: &HubState, scope: &Scope) -> Result<Vec<SealPublic>, HubError> {
    let mut holders = Vec::new();
    for device in people::devices(hub.store.connection())? {
        let known = people::device(hub.store.connection(), device)?;
        if known.is_some_and(|known| known.may_hold(scope)) {
            holders.extend(seal_key(hub, device)?);
        }
    }
    Ok(holders)
}
