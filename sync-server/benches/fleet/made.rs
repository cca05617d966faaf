//! The devices' logs, made by the real path before any clock runs: a store per device, an entry per screen, signed and
//! packed as it would be sent. What is kept of a device is its key and its segments, so that thousands fit into one process.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use kend_domain::{DeviceId, PersonId, Scope};
use kend_log::{EntityKind, LogId, PublicKeyBytes, Said};
use kend_store::{Addressee, Append, DatabaseKey, NewDevice, Packed, Store};
use kend_sync::LogHead;

use crate::Failed;
use crate::work::{self, area, entity, id};

/// What is kept of a device.
pub(crate) struct Made {
    pub(crate) device: DeviceId,
    pub(crate) signing_key: [u8; 32],
    pub(crate) scope: Scope,
    pub(crate) head: LogHead,
    /// The hash over all that lives in its scope.
    pub(crate) digest: [u8; 16],
    pub(crate) segments: Vec<Packed>,
}

impl Made {
    /// The device's public key.
    pub(crate) fn key(&self) -> PublicKeyBytes {
        kend_log::public_key(&self.signing_key)
    }

    /// Makes a device's log in a folder.
    fn of(device_number: u32, folder: &Path, words: &[&str]) -> Result<Self, Failed> {
        let id = id(device_number);
        let mut signing_key = [9; 32];
        for (to, from) in signing_key.iter_mut().zip(id) {
            *to = from;
        }
        let device = NewDevice { device: DeviceId::from_bytes(id), signing_key };
        let path = folder.join(format!("{device_number}.db"));
        let mut store = Store::create(&path, &DatabaseKey::from_bytes([6; 32]), &device, &[])?;
        let scope: Scope = format!("demo/{}", area(device_number)).parse()?;
        // Its transaction is not measured: one for all spares the waits.
        store.begin()?;
        for ((interview, ops), at) in work::work(device_number, words).zip(0_u32..) {
            let entity = entity(device_number, interview);
            store.append(Append {
                scope: scope.clone(),
                entity,
                kind: EntityKind::Interview,
                actor: PersonId::from_bytes(id),
                ops,
                said: Said { wall_ms: i64::from(at), monotonic_ms: u64::from(at), boot: [4; 16], anchor: None },
                form_version: 1,
                seen: None,
                ends_drafts: Vec::new(),
                salt: *entity.as_bytes(),
            })?;
        }
        store.commit()?;
        let log = LogId { device: device.device, scope: scope.clone() };
        // Whole: a device's first exchange sends no others.
        let segments = store.segments_to_send(&log, 0, usize::MAX, Addressee::Anybody)?;
        let (seq, hash) = store.log_head(&log)?.ok_or("an empty log")?;
        let digest = store.digest(&scope)?;
        drop(store);
        std::fs::remove_file(&path)?;
        let head = LogHead { device: device.device, scope: scope.clone(), seq, prefix: hash.prefix() };
        Ok(Self { device: device.device, signing_key, scope, head, digest, segments })
    }
}

/// Makes the logs of devices, on all cores.
pub(crate) fn make(numbers: std::ops::Range<u32>) -> Result<Vec<Made>, Failed> {
    let folder = crate::memory_folder()?;
    let words = work::words();
    let next = AtomicU32::new(numbers.start);
    let worker = || -> Result<Vec<Made>, Failed> {
        let mut made = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return Ok(made);
            }
            made.push(Made::of(number, folder.path(), &words)?);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut made = std::thread::scope(|scope| -> Result<Vec<Made>, Failed> {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let mut made = Vec::new();
        for worker in workers {
            made.extend(worker.join().map_err(|_| "a worker panicked")??);
        }
        Ok(made)
    })?;
    made.sort_by_key(|made| made.device);
    Ok(made)
}
