//! Bodies of commands, in JSON, as the window and the hub hand them to the use cases: to a device with an interview on it.
//! Whatever is asked is answered, or refused by a code that is not for what goes wrong inside; and what was refused changed
//! nothing.
//!
//! The first line is the command, the rest its body. `VILLAGE` and `INTERVIEW` in it stand for those of the device.
#![no_main]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use kend_app::api::ErrorCode;
use kend_app::commands::DESK_COMMANDS;
use kend_app::{Device, Shelf, ShelfFile, Step, Suggestion, World};
use kend_fuzz::begin_with;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use tempfile::TempDir;

/// After so many commands a new device begins, so that no find depends on more than these.
const COMMANDS: u64 = 500;

const SURVEY: &str = include_str!("../../../schema/instruments/kii/survey.csv");
const CHOICES: &str = include_str!("../../../schema/instruments/kii/choices.csv");
const SETTINGS: &str = include_str!("../../../schema/instruments/kii/settings.csv");

/// A clock that stands still, and dice that never repeat.
struct Still(AtomicU64);

impl World for Still {
    fn wall_ms(&self) -> i64 {
        1_795_510_800_000
    }

    fn monotonic_ms(&self) -> u64 {
        1
    }

    fn boot(&self) -> [u8; 16] {
        [7; 16]
    }

    fn random(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let word = self.0.fetch_add(1, Ordering::Relaxed);
            let hash = blake3::hash(&word.to_le_bytes());
            chunk.copy_from_slice(&hash.as_bytes()[..chunk.len()]);
        }
    }
}

struct InFolder {
    folder: PathBuf,
    database: PathBuf,
}

impl Shelf for InFolder {
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
        if self.database.exists() { Err(io::ErrorKind::Unsupported.into()) } else { Ok(()) }
    }

    fn mended_database(&self) -> &Path {
        &self.database
    }

    fn put_mended_in_place(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn destroy(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

struct House {
    device: Device,
    village: String,
    interview: String,
    asked: u64,
    _folder: TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = InFolder { folder: folder.path().to_owned(), database: folder.path().join("kend.db") };
        let device = Device::new(Box::new(shelf), Arc::new(Still(AtomicU64::new(1))), Suggestion::default());
        let mut house = Self { device, village: String::new(), interview: String::new(), asked: 0, _folder: folder };
        house.ask("create_store", json!({ "passphrase": "a long passphrase", "name": "Aynur", "language": "en" }));
        let villages = house.ask("list_villages", json!({ "near": null }));
        house.village = villages[0]["village"].as_str().expect("a village").to_owned();
        let begin = json!({ "village": house.village, "kind": "fgd", "language": "az" });
        let view = house.ask("start_interview", begin);
        house.interview = view["summary"]["interview"].as_str().expect("an interview").to_owned();
        for consent in ["consent_take_part", "consent_record", "consent_quote"] {
            house.ask("record_answer", json!({ "interview": house.interview, "path": consent, "value": "yes" }));
        }
        house
    }

    fn ask(&mut self, command: &str, body: Value) -> Value {
        match self.device.call(command, body) {
            Ok(Step::View(view)) => view,
            other => panic!("{command}: {other:?}"),
        }
    }

    /// Everything that the device shows of its interviews.
    fn shown(&mut self) -> [Value; 2] {
        let open = json!({ "interview": self.interview });
        [self.ask("list_interviews", json!({})), self.ask("open_interview", open)]
    }
}

static HOUSE: LazyLock<Mutex<House>> = LazyLock::new(|| Mutex::new(House::new()));

fn beginnings() -> Vec<(&'static str, Vec<u8>)> {
    let about = |rest: Value| {
        let mut body = json!({ "interview": "INTERVIEW" });
        let (Some(body_map), Value::Object(rest)) = (body.as_object_mut(), rest) else { return body };
        body_map.extend(rest);
        body
    };
    let sex = json!([{ "name": "participant_sex", "value": "female" }]);
    let bodies = [
        ("list_villages", json!({ "near": null })),
        ("list_villages", json!({ "near": { "latitude": 40.9, "longitude": 45.6 } })),
        ("add_village", json!({ "name": "Yeni", "position": { "latitude": 40.9, "longitude": 45.6 } })),
        ("start_interview", json!({ "village": "VILLAGE", "kind": "kii", "language": "ru", "example": true })),
        ("list_interviews", json!({})),
        ("open_interview", about(json!({}))),
        ("record_answer", about(json!({ "path": "digital_level", "value": "3" }))),
        ("record_answer", about(json!({ "path": "digital_notes", "value": "The road is bad." }))),
        ("record_answer", about(json!({ "path": "digital_level", "value": null }))),
        ("keep_draft", about(json!({ "path": "digital_notes", "text": "The" }))),
        ("add_instance", about(json!({ "repeat": "participant", "answers": sex }))),
        ("remove_instance", about(json!({ "repeat": "participant", "instance": "INTERVIEW" }))),
        ("undo", about(json!({}))),
        ("sign_off", about(json!({}))),
        ("return_interview", about(json!({ "comments": [{ "path": "digital_level", "text": "Why?" }] }))),
        ("answer_comment", about(json!({ "comment": "INTERVIEW", "text": "So." }))),
        ("approve_interview", about(json!({}))),
        ("read_readiness", json!({ "cluster": null })),
        ("sync_state", json!({})),
        ("import_pack", json!({ "content_base64": "AAAA" })),
        ("import_instrument", json!({ "survey": SURVEY, "choices": CHOICES, "settings": SETTINGS })),
    ];
    let text = |(command, body): &(&'static str, Value)| (*command, format!("{command}\n{body}").into_bytes());
    bodies.iter().map(text).collect()
}

fuzz_target!(init: begin_with(beginnings()), |text: &str| {
    let Some((command, body)) = text.split_once('\n') else { return };
    if !DESK_COMMANDS.contains(&command) && command != "set_language" {
        return;
    }
    let mut house = HOUSE.lock().expect("no other thread");
    if house.asked == COMMANDS {
        *house = House::new();
    }
    house.asked += 1;
    let body = body.replace("VILLAGE", &house.village).replace("INTERVIEW", &house.interview);
    let Ok(body) = serde_json::from_str::<Value>(&body) else { return };
    let before = house.shown();
    if let Err(error) = house.device.call(command, body) {
        assert!(!matches!(error.code, ErrorCode::Internal | ErrorCode::StoreDamaged), "{command}: {error:?}");
        assert_eq!(house.shown(), before, "{command} was refused and changed something");
    } else if command == "erase_interview" {
        *house = House::new();
    }
});
