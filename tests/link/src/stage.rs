//! Where it plays: a hub as it is shipped in a room of its own, a device in the field, and the line between them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use kend_log::LogId;
use kend_store::{DatabaseKey, Store};
use kend_tests::{Hub, HubFiles};

use crate::device::{AREA, Device};
use crate::direction::Quality;
use crate::line::Line;
use crate::rooms::{HUB_ADDRESS, HubRoom};

/// A stage. What runs on it ends with it.
pub(crate) struct Stage {
    hub: Hub,
    pub(crate) line: Arc<Line>,
    pub(crate) room: HubRoom,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Sets it up; the line is as good as the machine until it is made worse.
    pub(crate) fn set_up(seed: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (room, ends) = HubRoom::make()?;
        let line = Line::lay(ends, Quality::PERFECT, seed);
        let program = std::env::var_os("KEND_HUB").context("KEND_HUB is not set: run this by `cargo xtask`")?;
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("ui"))?;
        std::fs::write(path("ui/index.html"), "")?;
        let files = HubFiles { program: program.into(), ui: path("ui"), data: path("hub") };
        let listen = SocketAddr::new(HUB_ADDRESS.parse()?, 0);
        let hub = Hub::start_encrypted(room.command(&files.program), files, listen, &path("hub.log"))?;
        Ok(Self { hub, line, room, folder })
    }

    /// A place for somebody's files.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A device that joins the hub by the words that an administrator would show it.
    pub(crate) async fn device(&self, name: &str, seed: u64) -> Result<Device> {
        let joining = self.hub.files.joining("Aysel", "enumerator", AREA)?;
        Device::join(self.place(name), &joining, seed).await
    }

    /// How far the hub has a log on its disk.
    pub(crate) fn at_hub(&self, log: &LogId) -> Result<u64> {
        let text = std::fs::read_to_string(self.place("hub/hub.key"))?;
        let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes())?;
        let key = DatabaseKey::from_bytes(<[u8; 32]>::try_from(bytes.as_slice())?);
        let store = Store::open(&self.place("hub/hub.db"), &key, &[])?;
        Ok(store.log_head(log)?.map_or(0, |(seq, _)| seq))
    }
}
