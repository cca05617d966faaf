//! Named devices, each with a store of its own in a folder that goes with it.

use kend_domain::{DeviceId, EntityId, PersonId, Scope};
use kend_log::{EntityKind, EntityState, LogId, Op, Path, Said, Value};
use kend_store::{Addressee, Append, Appended, DatabaseKey, Device, NewDevice, OwnScopes, Received, Store, StoreError};
use tempfile::TempDir;

pub(crate) fn path(text: &str) -> Path {
    text.parse().unwrap()
}

pub(crate) fn scope() -> Scope {
    "demo/AZ-TOV".parse().unwrap()
}

pub(crate) fn interview() -> EntityId {
    EntityId::from_bytes([9; 16])
}

pub(crate) fn person() -> PersonId {
    PersonId::from_bytes([3; 16])
}

pub(crate) fn key() -> DatabaseKey {
    DatabaseKey::from_bytes([6; 32])
}

pub(crate) fn set(at: &str, value: &str) -> Op {
    Op::Set { path: path(at), value: Value::text(value) }
}

pub(crate) fn entry(ops: Vec<Op>) -> Append {
    Append {
        scope: scope(),
        entity: interview(),
        kind: EntityKind::Interview,
        actor: person(),
        ops,
        said: Said { wall_ms: 5, monotonic_ms: 6, boot: [4; 16], anchor: None },
        form_version: 1,
        seen: None,
        ends_drafts: Vec::new(),
        salt: [5; 16],
    }
}

/// A device with its store.
pub(crate) struct Kit {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
}

impl Kit {
    pub(crate) fn new(number: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let device = NewDevice { device: DeviceId::from_bytes([number; 16]), signing_key: [number + 100; 32] };
        let store = Store::create(&folder.path().join("kend.db"), &key(), &device, &[]).unwrap();
        Self { store, folder }
    }

    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("kend.db")
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopened(self) -> Self {
        let Self { store, folder } = self;
        drop(store);
        let store = Store::open(&folder.path().join("kend.db"), &key(), &[]).unwrap();
        Self { store, folder }
    }

    #[track_caller]
    pub(crate) fn set(&mut self, at: &str, value: &str) -> Appended {
        self.store.append(entry(vec![set(at, value)])).unwrap()
    }

    pub(crate) fn log(&self) -> LogId {
        LogId { device: self.store.device(), scope: scope() }
    }

    pub(crate) fn state(&self) -> EntityState {
        EntityState::clone(&self.store.entity(interview()).unwrap().unwrap())
    }

    /// What a refold of the log gives.
    pub(crate) fn refold(&self) -> EntityState {
        EntityState::fold(interview(), &self.store.history(interview()).unwrap())
    }

    /// Lets this store take in what the other's device signs, in the common scope.
    pub(crate) fn knows(&mut self, other: &Self) {
        let (device, public_key) = (other.store.device(), other.store.public_key());
        self.store.put_device(&Device { device, public_key, person: person(), scopes: vec![scope()] }).unwrap();
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Result<Received, StoreError> {
        self.store.receive(bytes, &OwnScopes)
    }

    /// Takes in all that the other has of the scope.
    #[track_caller]
    pub(crate) fn pull(&mut self, other: &mut Self) {
        for segment in other.store.segments_after(&scope(), 0, None, usize::MAX, Addressee::Anybody).unwrap().segments {
            let received = self.receive(&segment.bytes).unwrap();
            assert!(matches!(received, Received::Appended { .. } | Received::Known { .. }), "{received:?}");
        }
    }

    pub(crate) fn sent(&mut self) -> Vec<Vec<u8>> {
        self.sent_after(0, Addressee::Anybody)
    }

    /// What it sends of its own log after an entry.
    pub(crate) fn sent_after(&mut self, after: u64, addressee: Addressee) -> Vec<Vec<u8>> {
        let log = self.log();
        let segments = self.store.segments_to_send(&log, after, usize::MAX, addressee).unwrap();
        segments.into_iter().map(|segment| segment.bytes).collect()
    }

    /// Everything that is in any table, in the clear.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let plain = self.folder.path().join("plain.db");
        std::fs::write(&plain, b"").unwrap();
        let connection = self.store.connection();
        connection.execute("ATTACH DATABASE ?1 AS plain KEY ''", [plain.to_str().unwrap()]).unwrap();
        connection.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
        connection.execute_batch("DETACH DATABASE plain").unwrap();
        std::fs::read(plain).unwrap()
    }
}

pub(crate) fn holds(bytes: &[u8], marker: &str) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
}
