//! The app on a machine, closed now and then to write what no screen can write yet.

use std::path::{Path, PathBuf};

use kend_app::Suggestion;
use kend_domain::{EntityId, PersonId};
use kend_log::{Attachment, BlobId, BlobKey, EntityKind, Op, Said, Value};
use kend_machine::Desktop;
use kend_machine::moving::{MoveError, Moved};
use kend_store::{Append, BlobFolder, KeyFile, Store};
use serde_json::json;
use tempfile::TempDir;

const TOVUZ: &str = "demo/AZ-TOV";
const PASSPHRASE: &str = "üzüm bağı";

/// The app on a machine, closed now and then to write what no screen can write yet.
pub(crate) struct Phone {
    pub(crate) folder: TempDir,
    desktop: Option<Desktop>,
    written: u8,
}

impl Phone {
    /// A device that joined the hub at an address with this code.
    pub(crate) async fn joined(address: &str, code: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let desktop = Desktop::open(folder.path().to_owned(), Suggestion::default()).unwrap();
        let phone = Self { folder, desktop: Some(desktop), written: 0 };
        phone.give("create_store", json!({ "name": "Aynur", "passphrase": PASSPHRASE, "language": "az" })).await;
        phone.give("join_hub", json!({ "address": address, "code": code })).await;
        phone
    }

    pub(crate) fn desktop(&self) -> &Desktop {
        self.desktop.as_ref().unwrap()
    }

    pub(crate) async fn give(&self, command: &str, request: serde_json::Value) -> serde_json::Value {
        self.desktop().call(command, request).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    pub(crate) async fn sync(&self) {
        self.give("sync", json!({})).await;
    }

    pub(crate) async fn moves(&self) -> Result<Moved, MoveError> {
        self.desktop().move_attachments().await
    }

    pub(crate) fn close(&mut self) {
        self.desktop = None;
    }

    pub(crate) async fn reopen(&mut self) {
        self.desktop = Some(opened(self.folder.path()).await);
    }

    /// Writes to the closed store as a use case would.
    pub(crate) async fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Store, &mut dyn FnMut(&mut Store, u8, Vec<Op>)) -> T,
    ) -> T {
        self.close();
        let text = std::fs::read_to_string(self.folder.path().join("kend.key")).unwrap();
        let key = KeyFile::from_json(&text).unwrap().open(PASSPHRASE).unwrap();
        let database = self.folder.path().join("kend.db");
        let mut store = Store::open(&database, &key, &[]).unwrap();
        store.keep_blobs_in(BlobFolder::beside(&database).unwrap()).unwrap();
        let person: serde_json::Value = store.setting("person").unwrap().unwrap();
        let actor: PersonId = serde_json::from_value(person["person"].clone()).unwrap();
        let written = &mut self.written;
        let mut append = |store: &mut Store, interview: u8, ops: Vec<Op>| {
            *written += 1;
            let wall_ms = i64::from(*written);
            store
                .append(Append {
                    scope: TOVUZ.parse().unwrap(),
                    entity: EntityId::from_bytes([interview; 16]),
                    kind: EntityKind::Interview,
                    actor,
                    ops,
                    said: Said { wall_ms, monotonic_ms: u64::from(*written), boot: [1; 16], anchor: None },
                    form_version: 1,
                    seen: None,
                    ends_drafts: Vec::new(),
                    salt: [*written; 16],
                })
                .unwrap();
        };
        let done = write(&mut store, &mut append);
        drop(store);
        self.reopen().await;
        done
    }

    /// Attaches noise to an interview.
    pub(crate) async fn attach(&mut self, interview: u8, size_bytes: u64) -> Attachment {
        let seed = interview;
        self.write(|store, append| {
            let key = BlobKey([seed; 32]);
            let mut noise = vec![0; usize::try_from(size_bytes).unwrap()];
            blake3::Hasher::new_keyed(&[seed; 32]).finalize_xof().fill(&mut noise);
            let (blob, size_bytes) = store.blob_folder().unwrap().keep(&mut &*noise, &key).unwrap();
            let (media_type, file_name) = ("audio/ogg".to_owned(), String::new());
            let attachment = Attachment { blob, key, size_bytes, media_type, file_name, duration_ms: None };
            let value = Value::Attachment(attachment.clone());
            append(store, interview, vec![Op::Set { path: "a/recording".parse().unwrap(), value }]);
            attachment
        })
        .await
    }

    pub(crate) fn file(&self, id: BlobId) -> PathBuf {
        self.folder.path().join("blobs").join(&id.to_string()[..2]).join(id.to_string())
    }

    pub(crate) fn part(&self, id: BlobId) -> PathBuf {
        self.folder.path().join("blobs/part").join(id.to_string())
    }
}

/// The device in a folder, unlocked.
pub(crate) async fn opened(folder: &Path) -> Desktop {
    let desktop = Desktop::open(folder.to_owned(), Suggestion::default()).unwrap();
    desktop.call("unlock", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    desktop
}
