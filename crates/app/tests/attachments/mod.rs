//! Recordings, photos and sheets on one device, through the commands that screens give.

#![expect(clippy::indexing_slicing, clippy::needless_pass_by_value, reason = "a test fails loudly")]

use data_encoding::BASE64;
use kend_app::api::ErrorCode;
use serde_json::{Value, json};

use crate::house::{House, PASSPHRASE};

#[track_caller]
fn repeat<'a>(view: &'a Value, name: &str) -> Option<&'a Value> {
    let mut cards =
        view["sections"].as_array().unwrap().iter().flat_map(|section| section["cards"].as_array().unwrap());
    cards.find(|card| card["name"] == name)
}

/// The only question of the last instance of a repeat that ends so.
#[track_caller]
fn last<'a>(view: &'a Value, of: &str, ending: &str) -> &'a Value {
    let instances = repeat(view, of).unwrap()["instances"].as_array().unwrap();
    let cards = instances.last().unwrap()["cards"].as_array().unwrap();
    cards.iter().find(|card| card["path"].as_str().unwrap().ends_with(ending)).unwrap()
}

impl House {
    #[track_caller]
    fn add(&mut self, interview: &Value, of: &str, ending: &str) -> Value {
        let view = self.ask("add_instance", json!({ "interview": interview, "repeat": of, "answers": [] }));
        last(&view, of, ending)["path"].clone()
    }

    #[track_caller]
    fn keep(&mut self, interview: &Value, path: &Value, at_bytes: usize, piece: &[u8]) -> u64 {
        self.ask("keep_piece", piece_of(interview, path, at_bytes, piece))["size_bytes"].as_u64().unwrap()
    }

    #[track_caller]
    fn attach(&mut self, interview: &Value, path: &Value, media_type: Value) -> Value {
        self.ask("attach", attaching(interview, path, media_type))
    }

    #[track_caller]
    fn read(&mut self, interview: &Value, path: &Value, attachment: &Value) -> Vec<u8> {
        let mut whole = Vec::new();
        loop {
            let part = self.ask("read_attachment", reading(interview, path, attachment, whole.len()));
            let content = BASE64.decode(part["content_base64"].as_str().unwrap().as_bytes()).unwrap();
            if content.is_empty() {
                assert_eq!(part["size_bytes"], whole.len());
                return whole;
            }
            whole.extend(content);
        }
    }
}

fn piece_of(interview: &Value, path: &Value, at_bytes: usize, piece: &[u8]) -> Value {
    json!({ "interview": interview, "path": path, "at_bytes": at_bytes, "content_base64": BASE64.encode(piece) })
}

fn attaching(interview: &Value, path: &Value, media_type: Value) -> Value {
    let (file_name, duration_ms) = ("Dondar, səs.webm", 61_000);
    json!({
        "interview": interview, "path": path, "media_type": media_type,
        "file_name": file_name, "duration_ms": duration_ms,
    })
}

fn reading(interview: &Value, path: &Value, attachment: &Value, at_bytes: usize) -> Value {
    json!({
        "interview": interview, "path": path, "attachment": attachment,
        "at_bytes": at_bytes, "most_bytes": u32::MAX,
    })
}

fn noise(size: usize) -> Vec<u8> {
    let mut noise = vec![0x1a, 0x45, 0xdf, 0xa3];
    noise.extend((4..size).map(|place| u8::try_from(place * 31 % 251).unwrap()));
    noise
}

#[test]
fn a_recording_in_pieces_becomes_an_answer_that_is_read_in_parts_and_taken_back() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "recording", "/recording_sound");
    let sound = noise(2_500_000);
    let mut kept = 0;
    for piece in sound.chunks(300_000) {
        assert_eq!(house.keep(&interview, &path, kept, piece), (kept + piece.len()) as u64);
        // The answer got lost: given again, it is here already.
        assert_eq!(house.keep(&interview, &path, kept, piece), (kept + piece.len()) as u64);
        kept += piece.len();
    }
    let view = house.ask("open_interview", json!({ "interview": interview }));
    let question = last(&view, "recording", "/recording_sound");
    assert_eq!(question["unfinished"], json!({ "size_bytes": 2_500_000, "media_type": "audio/webm" }));
    assert_eq!((&question["attachment"], &question["takes"]["bits_per_second"]), (&Value::Null, &json!(24_000)));

    let view = house.attach(&interview, &path, json!("audio/webm;codecs=opus"));
    let question = last(&view, "recording", "/recording_sound");
    let file = &question["attachment"];
    assert_eq!(question["value"], "Dondar, səs.webm");
    assert_eq!(question["unfinished"], Value::Null);
    assert_eq!((&file["media_type"], &file["size_bytes"]), (&json!("audio/webm"), &json!(2_500_000)));
    assert_eq!((&file["duration_ms"], &file["here"], &file["kept"]), (&json!(61_000), &json!(true), &json!("kept")));
    let attachment = file["attachment"].clone();
    assert_eq!(house.read(&interview, &path, &attachment), sound);

    let view = house.answer(&interview, path.as_str().unwrap(), Value::Null);
    assert_eq!(last(&view, "recording", "/recording_sound")["attachment"], Value::Null);
    let view = house.ask("undo", json!({ "interview": interview }));
    assert_eq!(last(&view, "recording", "/recording_sound")["attachment"]["attachment"], attachment);
    assert_eq!(house.read(&interview, &path, &attachment), sound);
}

#[test]
fn what_was_recorded_until_the_power_went_is_offered_and_can_be_kept() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "recording", "/recording_sound");
    let sound = noise(40_000);
    house.keep(&interview, &path, 0, &sound[..30_000]);
    house.keep(&interview, &path, 30_000, &sound[30_000..]);
    let mut house = house.killed();
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    let view = house.ask("open_interview", json!({ "interview": interview }));
    assert_eq!(last(&view, "recording", "/recording_sound")["unfinished"]["size_bytes"], 40_000);
    let view = house.attach(&interview, &path, Value::Null);
    let file = &last(&view, "recording", "/recording_sound")["attachment"];
    assert_eq!(file["media_type"], "audio/webm");
    let attachment = file["attachment"].clone();
    let mut house = house.killed();
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    assert_eq!(house.read(&interview, &path, &attachment), sound);
}

#[test]
fn what_was_begun_can_be_dropped_and_begun_again() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "photo", "/photo_picture");
    house.keep(&interview, &path, 0, b"half of a picture");
    let view = house.ask("drop_pieces", json!({ "interview": interview, "path": path }));
    assert_eq!(last(&view, "photo", "/photo_picture")["unfinished"], Value::Null);
    assert_eq!(house.refused("attach", attaching(&interview, &path, json!("image/jpeg"))).0, ErrorCode::NotFound);
    house.keep(&interview, &path, 0, b"a picture");
    let view = house.attach(&interview, &path, json!("image/jpeg"));
    let attachment = last(&view, "photo", "/photo_picture")["attachment"]["attachment"].clone();
    assert_eq!(house.read(&interview, &path, &attachment), b"a picture");
}

#[test]
fn bad_requests_are_refused_and_change_nothing() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "photo", "/photo_picture");
    house.keep(&interview, &path, 0, b"picture");
    let before = house.ask("open_interview", json!({ "interview": interview }));
    let piece = |path: &Value, at_bytes: usize, piece: &[u8]| piece_of(&interview, path, at_bytes, piece);
    let large = vec![7; 1024 * 1024 + 1];
    let (gone, text) = (json!("photo/00000000-0000-4000-8000-000000000001/photo_picture"), json!("closing_more"));
    for (request, code) in [
        (piece(&path, 9, b"a gap"), ErrorCode::WrongState),
        (piece(&path, 6, b"longer"), ErrorCode::WrongState),
        (piece(&path, 7, b""), ErrorCode::BadRequest),
        (piece(&path, 7, &large), ErrorCode::TooLarge),
        (piece(&gone, 0, b"a"), ErrorCode::NotFound),
        (piece(&text, 0, b"a"), ErrorCode::BadAnswer),
        (piece(&json!("a/../b"), 0, b"a"), ErrorCode::BadRequest),
        (json!({ "interview": interview, "path": path, "at_bytes": 7, "content_base64": "%" }), ErrorCode::BadRequest),
        (json!({ "interview": interview, "path": path, "at_bytes": -7, "content_base64": "" }), ErrorCode::BadRequest),
    ] {
        assert_eq!(house.refused("keep_piece", request.clone()).0, code, "{request}");
    }
    let attach = |media_type: &str, file_name: &str| {
        json!({
            "interview": interview, "path": path, "media_type": media_type, "file_name": file_name, "duration_ms": null,
        })
    };
    for (request, code) in [
        (attach("text/html", "a.html"), ErrorCode::WrongMedia),
        (attach("image/", "a.jpg"), ErrorCode::BadRequest),
        (attach("image/jpeg", "../a.jpg"), ErrorCode::BadRequest),
        (attach("image/jpeg", &"a".repeat(201)), ErrorCode::BadRequest),
        (attaching(&interview, &path, Value::Null), ErrorCode::WrongMedia),
    ] {
        assert_eq!(house.refused("attach", request.clone()).0, code, "{request}");
    }
    let by_words = json!({ "interview": interview, "path": path, "value": "a.jpg" });
    assert_eq!(house.refused("record_answer", by_words).0, ErrorCode::BadAnswer);
    let nothing = "00".repeat(32);
    for attachment in [nothing.as_str(), "", "ə"] {
        let request = reading(&interview, &path, &json!(attachment), 0);
        assert_eq!(house.refused("read_attachment", request).0, ErrorCode::NotFound, "{attachment}");
    }
    assert_eq!(house.ask("open_interview", json!({ "interview": interview })), before);
}

#[test]
fn the_sheets_limit_holds_for_what_is_kept() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "photo", "/photo_picture");
    let mebibyte = vec![7; 1024 * 1024];
    for number in 0..10 {
        house.keep(&interview, &path, number * mebibyte.len(), &mebibyte);
    }
    let (code, detail) = house.refused("keep_piece", piece_of(&interview, &path, 10 * mebibyte.len(), b"more"));
    assert_eq!((code, detail.as_deref()), (ErrorCode::TooLarge, Some("10485760 bytes at most")));
    house.attach(&interview, &path, json!("image/png"));
}

#[test]
fn nothing_is_recorded_without_consent_and_what_was_is_shown_until_it_is_erased() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "recording", "/recording_sound");
    house.keep(&interview, &path, 0, &noise(5000));
    let view = house.attach(&interview, &path, json!("audio/webm"));
    let attachment = last(&view, "recording", "/recording_sound")["attachment"]["attachment"].clone();
    let second = house.add(&interview, "recording", "/recording_sound");
    house.keep(&interview, &second, 0, &noise(100));

    let view = house.answer(&interview, "consent_record", json!("no"));
    assert_eq!(house.refused("keep_piece", piece_of(&interview, &second, 100, b"more")).0, ErrorCode::WrongState);
    assert_eq!(house.refused("attach", attaching(&interview, &second, json!("audio/webm"))).0, ErrorCode::WrongState);
    let shown = repeat(&view, "recording").unwrap();
    assert_eq!(shown["asked"], false);
    assert_eq!(shown["instances"].as_array().unwrap().len(), 2);
    assert_eq!(last(&view, "recording", "/recording_sound")["asked"], false);
    house.ask("drop_pieces", json!({ "interview": interview, "path": second }));

    let ciphertext = house.folder.path().join("blobs").join(&attachment.as_str().unwrap()[..2]);
    assert_eq!(std::fs::read_dir(&ciphertext).unwrap().count(), 1);
    let view = house.ask("erase_attachment", json!({ "interview": interview, "path": path }));
    assert!(repeat(&view, "recording").is_none());
    assert_eq!(std::fs::read_dir(&ciphertext).unwrap().count(), 0);
    assert_eq!(house.refused("read_attachment", reading(&interview, &path, &attachment, 0)).0, ErrorCode::NotFound);
    assert_eq!(
        house.refused("erase_attachment", json!({ "interview": interview, "path": "closing_more" })).0,
        ErrorCode::NotFound
    );
    assert_eq!(view["summary"]["state"], "draft");
}

#[test]
fn an_erased_interview_leaves_nothing_of_what_was_recorded() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let path = house.add(&interview, "recording", "/recording_sound");
    house.keep(&interview, &path, 0, &noise(100_000));
    house.attach(&interview, &path, json!("audio/webm"));
    house.keep(&interview, &path, 0, &noise(100_000));
    house.ask("erase_interview", json!({ "interview": interview }));
    let left = walk(&house.folder.path().join("blobs"));
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(house.refused("keep_piece", piece_of(&interview, &path, 100_000, b"more")).0, ErrorCode::WrongState);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
