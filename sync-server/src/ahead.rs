//! What of an exchange can be done before its turn: checking who signed it, and reading and verifying its segments. That
//! takes about as long as taking them in, and needs no store, so another core does it meanwhile.
//!
//! It needs the device's key, which is remembered from the last time. Nothing is believed on the strength of that: in its
//! turn, an exchange whose device has another key by then is checked and read again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kend_domain::DeviceId;
use kend_log::{Entry, Op, PublicKeyBytes, Segment, Value};
use kend_store::Arrival;
use kend_sync::protocol::SYNC_PATH;
use kend_sync::{Claim, SyncRequest};

/// Keys remembered at most.
const MAX_KEYS: usize = 65_536;
/// What is read of one exchange, unpacked, before its turn; the rest is read in its turn, one segment after the other.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// What an entry, or an op with its path, takes up beside its values.
const BARE_BYTES: usize = 512;
/// What one name of several takes up beside its letters.
const NAME_BYTES: usize = 64;

/// Keys of devices that were here.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<HashMap<DeviceId, PublicKeyBytes>>);

impl Keys {
    /// Remembers a device's key.
    pub(crate) fn note(&self, device: DeviceId, key: PublicKeyBytes) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MAX_KEYS && !keys.contains_key(&device) {
            keys.clear();
        }
        keys.insert(device, key);
    }

    fn of(&self, device: DeviceId) -> Option<PublicKeyBytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&device).copied()
    }
}

/// An exchange that was read before its turn.
pub(crate) struct Ahead {
    /// The key that signed it.
    pub(crate) key: PublicKeyBytes,
    /// What it says.
    pub(crate) request: SyncRequest,
    /// Its first segments, as far as they were read.
    pub(crate) arrivals: Vec<Option<Arrival>>,
}

impl Ahead {
    /// Reads an exchange; none when nothing of it can be known yet, or it is not what it claims.
    pub(crate) fn read(keys: &Keys, claim: &Claim, body: &[u8]) -> Option<Self> {
        let key = keys.of(claim.device)?;
        if !claim.holds(&key, SYNC_PATH, body) {
            return None;
        }
        let request = SyncRequest::decode(body).ok()?;
        let (mut arrivals, mut size_bytes) = (Vec::new(), 0_usize);
        for bytes in &request.segments {
            if size_bytes > MOST_BYTES {
                break;
            }
            let mut arrival = Arrival::read(bytes);
            if let Some(arrival) = &mut arrival {
                size_bytes = size_bytes.saturating_add(unpacked_bytes(arrival.segment()));
                if arrival.segment().log().device == claim.device {
                    arrival.verify(&key);
                }
            }
            arrivals.push(arrival);
        }
        Some(Self { key, request, arrivals })
    }
}

/// Roughly what a segment takes up in memory.
fn unpacked_bytes(segment: &Segment) -> usize {
    let value = |op: &Op| match op {
        Op::Set { value: Value::Text(text), .. } => text.len(),
        Op::Set { value: Value::Names(names), .. } => names.iter().map(|name| NAME_BYTES + name.len()).sum(),
        Op::Remove { seen, .. } => size_of_val(seen.as_slice()),
        _ => 0,
    };
    let ops = |entry: &Entry| BARE_BYTES * entry.slots.len() + entry.ops().map(value).sum::<usize>();
    segment.entries().iter().map(|entry| BARE_BYTES + ops(entry)).sum()
}
