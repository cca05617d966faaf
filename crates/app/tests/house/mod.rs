//! A device in a folder of its own, with a clock and dice that the test holds.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test's house falls down loudly"
)]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use kend_app::api::{ApiError, ErrorCode};
use kend_app::{Device, Shelf, ShelfFile, Step, Suggestion, World};
use serde_json::{Value, json};

/// 2026-11-24 09:00 UTC.
pub(crate) const MORNING_MS: i64 = 1_795_510_800_000;

/// Clocks that stand still until they are moved, and dice that never repeat.
pub(crate) struct FakeWorld {
    wall_ms: AtomicI64,
    monotonic_ms: AtomicU64,
    dice: AtomicU64,
}

impl FakeWorld {
    pub(crate) fn at(wall_ms: i64, dice: u64) -> Arc<Self> {
        let (monotonic_ms, dice) = (AtomicU64::new(0), AtomicU64::new(dice << 32));
        Arc::new(Self { wall_ms: AtomicI64::new(wall_ms), monotonic_ms, dice })
    }

    pub(crate) fn pass(&self, minutes: u64) {
        self.monotonic_ms.fetch_add(minutes * 60_000, Ordering::Relaxed);
        self.wall_ms.fetch_add(i64::try_from(minutes).unwrap() * 60_000, Ordering::Relaxed);
    }

    pub(crate) fn set_wall(&self, wall_ms: i64) {
        self.wall_ms.store(wall_ms, Ordering::Relaxed);
    }
}

impl World for FakeWorld {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.load(Ordering::Relaxed)
    }

    fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(Ordering::Relaxed)
    }

    fn boot(&self) -> [u8; 16] {
        [7; 16]
    }

    fn random(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64: well spread, never twice the same.
            let mut word = self.dice.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (word ^ (word >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// A folder as a shelf.
pub(crate) struct FolderShelf {
    folder: PathBuf,
    database: PathBuf,
    mended: PathBuf,
}

impl FolderShelf {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), database: folder.join("kend.db"), mended: folder.join("mended.db") }
    }
}

impl Shelf for FolderShelf {
    fn read(&self, file: ShelfFile) -> io::Result<Option<String>> {
        let path = self.folder.join(format!("{file:?}"));
        if path.exists() { std::fs::read_to_string(path).map(Some) } else { Ok(None) }
    }

    fn write(&self, file: ShelfFile, text: &str) -> io::Result<()> {
        std::fs::write(self.folder.join(format!("{file:?}")), text)
    }

    fn database(&self) -> &Path {
        &self.database
    }

    fn set_database_aside(&self) -> io::Result<()> {
        if self.database.exists() { std::fs::rename(&self.database, self.folder.join("aside")) } else { Ok(()) }
    }

    fn mended_database(&self) -> &Path {
        &self.mended
    }

    fn put_mended_in_place(&self) -> io::Result<()> {
        std::fs::rename(&self.database, self.folder.join("damaged"))?;
        std::fs::remove_file(self.folder.join("kend.db-wal")).ok();
        std::fs::rename(&self.mended, &self.database)
    }

    fn destroy(&self) -> io::Result<()> {
        std::fs::remove_file(self.folder.join(format!("{:?}", ShelfFile::Key)))?;
        std::fs::remove_file(&self.database)
    }
}

/// A device and its folder.
pub(crate) struct House {
    pub(crate) device: Device,
    pub(crate) world: Arc<FakeWorld>,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) const PASSPHRASE: &str = "şamaxı üzümü";

impl House {
    /// A new device of somebody, open.
    pub(crate) fn of(name: &str, dice: u64) -> Self {
        let mut house = Self::empty(dice);
        house.ask("create_store", json!({ "passphrase": PASSPHRASE, "name": name, "language": "en" }));
        house
    }

    /// A new device, without a store.
    pub(crate) fn empty(dice: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = FakeWorld::at(MORNING_MS, dice);
        let device = Device::new(Box::new(FolderShelf::new(folder.path())), world.clone(), Suggestion::default());
        Self { device, world, folder }
    }

    /// The device's store, opened beside it.
    pub(crate) fn store(&self) -> kend_store::Store {
        let key = std::fs::read_to_string(self.folder.path().join(format!("{:?}", ShelfFile::Key))).unwrap();
        let key = kend_store::KeyFile::from_json(&key).unwrap().open(PASSPHRASE).unwrap();
        kend_store::Store::open(&self.folder.path().join("kend.db"), &key, &[]).unwrap()
    }

    /// What a kill leaves: the folder alone, locked.
    pub(crate) fn killed(self) -> Self {
        let Self { device, world, folder } = self;
        drop(device);
        let device = Device::new(Box::new(FolderShelf::new(folder.path())), world.clone(), Suggestion::default());
        Self { device, world, folder }
    }

    #[track_caller]
    pub(crate) fn ask(&mut self, command: &str, request: Value) -> Value {
        match self.device.call(command, request) {
            Ok(Step::View(view)) => view,
            other => panic!("{command}: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn refused(&mut self, command: &str, request: Value) -> (ErrorCode, Option<String>) {
        match self.device.call(command, request) {
            Err(ApiError { code, detail }) => (code, detail),
            Ok(step) => panic!("{command} was not refused: {step:?}"),
        }
    }

    /// The id of a village of the demo by its English name.
    #[track_caller]
    pub(crate) fn village(&mut self, name: &str) -> Value {
        let villages = self.ask("list_villages", json!({ "near": null }));
        let found = villages.as_array().unwrap().iter().find(|village| village["name"] == name);
        found.unwrap_or_else(|| panic!("no village {name}"))["village"].clone()
    }

    /// Starts an interview and gives consent.
    #[track_caller]
    pub(crate) fn start(&mut self, village: &str, kind: &str) -> Value {
        let village = self.village(village);
        let view = self.ask("start_interview", json!({ "village": village, "kind": kind, "language": "az" }));
        let interview = view["summary"]["interview"].clone();
        for consent in ["consent_take_part", "consent_record", "consent_quote"] {
            self.answer(&interview, consent, json!("yes"));
        }
        interview
    }

    #[track_caller]
    pub(crate) fn answer(&mut self, interview: &Value, path: &str, value: Value) -> Value {
        self.ask("record_answer", json!({ "interview": interview, "path": path, "value": value }))
    }

    #[track_caller]
    pub(crate) fn participant(&mut self, interview: &Value, sex: &str, age: &str, occupation: &str) -> Value {
        let answers = json!([
            { "name": "participant_sex", "value": sex },
            { "name": "participant_age", "value": age },
            { "name": "participant_occupation", "value": occupation },
        ]);
        self.ask("add_instance", json!({ "interview": interview, "repeat": "participant", "answers": answers }))
    }

    /// Everything that a focus group needs before sign-off: eight people, all themes closed, the end.
    #[track_caller]
    pub(crate) fn fill(&mut self, interview: &Value, levels: [u8; 9]) {
        for place in 0..8 {
            let sex = if place % 2 == 0 { "female" } else { "male" };
            self.participant(interview, sex, "30_59", "farmer");
        }
        for (theme, level) in THEMES.iter().zip(levels) {
            self.answer(interview, &format!("{theme}_discussed"), json!("yes"));
            self.answer(interview, &format!("{theme}_evidence"), json!("2"));
            self.answer(interview, &format!("{theme}_level"), json!(level.to_string()));
        }
        self.answer(interview, "closing_consent_again", json!("yes"));
    }
}

pub(crate) const THEMES: [&str; 9] =
    ["digital", "governance", "agriculture", "tourism", "finance", "transport", "utilities", "education", "health"];
