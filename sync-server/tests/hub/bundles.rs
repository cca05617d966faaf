//! Sync by a file, against the real binary: to the hub and back, broken, repeated, out of order, by the wrong hands.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kend_app::Suggestion;
use kend_app::api::ErrorCode;
use kend_bundle::carry::{Outgoing, check_at_device, take_at_device};
use kend_bundle::limits::MAX_VOLUME_BYTES;
use kend_bundle::{Bundle, Direction, Reader, Record, SealKey, SealPublic, Writer};
use kend_domain::EntityId;
use kend_log::{LogId, Op, Reason};
use kend_machine::Desktop;
use kend_stick::Stick;
use kend_store::Addressee;
use kend_sync::{Delivered, Delivery, own_certificate};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Device, Hub, set};

const TOVUZ: &str = "demo/AZ-TOV";
const GUBA: &str = "demo/AZ-QBA";
const PASSWORD: &str = "a long enough one";

async fn enumerator(hub: &Hub, name: u8) -> Device {
    Device::enrolled(hub, name, "enumerator", "AZ-TOV").await
}

fn seal_key(device: &Device) -> SealKey {
    SealKey::from_bytes(&device.store.derived_key(SealKey::CONTEXT))
}

fn bundle(device: &Device, id: u8, volume_bytes: u64) -> Bundle {
    let certificate = own_certificate(&device.store).unwrap().unwrap();
    Bundle {
        id: [id; 16],
        direction: Direction::ToHub,
        project: certificate.project,
        maker: device.store.device(),
        maker_key: device.store.public_key(),
        recipients: vec![SealPublic(certificate.hub_seal_key)],
        volume_bytes,
    }
}

fn write(device: &mut Device, bundle: Bundle, folder: &Path) -> Vec<PathBuf> {
    let name = format!("kend-{}", bundle.id[0]);
    let stick = Stick::new(folder, &name, 0, Arc::default()).unwrap();
    let mut outgoing = Outgoing::plan(&device.store).unwrap();
    let mut records = Vec::new();
    loop {
        let next = outgoing.next(&mut device.store).unwrap();
        if next.is_empty() {
            break;
        }
        records.extend(next);
    }
    let sign = |purpose: &str, message: &[u8]| device.store.sign(purpose, message);
    let mut writer = Writer::new(bundle, &sign, stick).unwrap();
    for record in &records {
        writer.put(record).unwrap();
    }
    writer.finish().unwrap().1.finish().unwrap()
}

/// Everything a device has for its hub, as files.
fn give(device: &mut Device, id: u8, volume_bytes: u64, folder: &Path) -> Vec<PathBuf> {
    let bundle = bundle(device, id, volume_bytes);
    write(device, bundle, folder)
}

/// A device takes in what its hub gave.
fn take(device: &mut Device, files: &[PathBuf]) -> Delivered {
    let certificate = own_certificate(&device.store).unwrap().unwrap();
    let mut delivery = Delivery::new(certificate.keys());
    for file in files {
        let volume = fs::read(file).unwrap();
        let mut reader = Reader::open(&volume[..], &seal_key(device)).unwrap();
        check_at_device(reader.header(), &certificate.project, certificate.hub_device, &certificate.hub_key).unwrap();
        while let Some(record) = reader.next_record().unwrap() {
            assert_eq!(take_at_device(record, &mut delivery, &mut device.store).unwrap(), None);
        }
    }
    delivery.finish(&mut device.store).unwrap()
}

fn words(files: &[PathBuf]) -> Vec<&str> {
    files.iter().map(|file| file.to_str().unwrap()).collect()
}

fn import(hub: &Hub, files: &[PathBuf]) -> String {
    hub.command("bundle import", &words(files), "")
}

fn import_fails(hub: &Hub, files: &[PathBuf]) -> String {
    hub.command_fails("bundle import", &words(files))
}

/// What the hub writes for somebody.
fn export(hub: &Hub, whom: &[&str], folder: &Path) -> Vec<PathBuf> {
    let out = hub.command("bundle export", &[&["--out", folder.to_str().unwrap()], whom].concat(), "");
    out.lines().filter(|line| line.ends_with(".kendbundle")).map(PathBuf::from).collect()
}

fn to_device(hub: &Hub, device: &Device, folder: &Path) -> Vec<PathBuf> {
    export(hub, &["--device", &device.store.device().to_string()], folder)
}

fn entries(hub: &Hub) -> String {
    let status = hub.command("status", &[], "");
    status.lines().find(|line| line.contains(" entries in ")).unwrap().to_owned()
}

/// Whether the server has not signed for some of an interview, and whether no hub has it.
fn waiting(device: &Device, entity: u8) -> (bool, bool) {
    let head = device.store.entity_head(EntityId::from_bytes([entity; 16])).unwrap().unwrap();
    (head.not_safe, head.unacknowledged)
}

fn noise(entry: u64) -> String {
    let mut bytes = [0; 2_000];
    blake3::Hasher::new().update(&entry.to_le_bytes()).finalize_xof().fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

/// A device with much to say.
async fn talkative(hub: &Hub, name: u8) -> Device {
    let mut device = enumerator(hub, name).await;
    for entry in 0..120 {
        device.write(TOVUZ, 7, vec![set(&format!("a/note_{entry}"), &noise(entry))]);
    }
    device
}

#[tokio::test]
async fn a_site_with_no_network_at_all_hears_that_all_is_safe_and_what_its_supervisor_says() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let mut leyla = Device::enrolled(&hub, 3, "supervisor", "AZ-TOV").await;
    let stick = TempDir::new().unwrap();

    // In the village: nothing but a stick.
    aynur.write(TOVUZ, 7, vec![set("m/village", "Öysüzlü"), set("a/health_notes", "The road")]);
    aynur.write(TOVUZ, 7, vec![Op::Judge { act: kend_log::Act::Submit }]);
    assert_eq!(waiting(&aynur, 7), (true, true));
    let files = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    assert_eq!(waiting(&aynur, 7), (true, true), "given is not safe");
    let said = import(&hub, &files);
    assert!(said.contains("1 interviews") && said.contains("2 entries are new"), "{said}");

    // In the office: others see it, and the supervisor returns it.
    rashad.write(TOVUZ, 8, vec![set("a/health_notes", "Two nurses")]);
    rashad.sync(&hub).await.unwrap();
    assert_eq!(rashad.state(7), aynur.state(7));
    leyla.sync(&hub).await.unwrap();
    leyla.write(TOVUZ, 7, vec![set("c/1/text", "Which road?"), Op::Judge { act: kend_log::Act::Return }]);
    leyla.sync(&hub).await.unwrap();

    // Back in the village.
    let files = to_device(&hub, &aynur, stick.path());
    let delivered = take(&mut aynur, &files);
    assert_eq!((delivered.segments_early, delivered.pieces_refused, delivered.outcome.receipts_refused), (0, 0, 0));
    assert_eq!(waiting(&aynur, 7), (false, false), "safe at the server, with no network at all");
    assert_eq!(aynur.state(7), leyla.state(7));
    assert_eq!(aynur.state(8), rashad.state(8));
    let again = take(&mut aynur, &files);
    assert_eq!((again.outcome.entries_received, again.pieces_refused), (0, 0));
    // What came by file does not come over the line again.
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.entries_received, outcome.complete), (0, 0, true));
}

#[tokio::test]
async fn a_bundle_taken_in_twice_or_after_the_line_changes_nothing() {
    let hub = Hub::start();
    let mut aynur = talkative(&hub, 1).await;
    let stick = TempDir::new().unwrap();
    let files = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    assert!(import(&hub, &files).contains("120 entries are new"));
    let before = entries(&hub);
    assert!(import(&hub, &files).contains("; 0 entries are new"));
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((waiting(&aynur, 7), outcome.complete), ((false, false), true));
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "More")]);
    aynur.sync(&hub).await.unwrap();
    assert!(import(&hub, &files).contains("; 0 entries are new"));
    assert_ne!(entries(&hub), before);
}

#[tokio::test]
async fn of_a_copy_that_broke_off_what_lies_before_the_break_counts_and_the_rest_comes_with_a_whole_one() {
    let hub = Hub::start();
    let mut aynur = talkative(&hub, 1).await;
    let stick = TempDir::new().unwrap();
    let files = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    let whole = fs::read(&files[0]).unwrap();
    let mut taken = Vec::new();
    for pieces in 0..whole.len() / 65_552 {
        fs::write(&files[0], &whole[..pieces * 65_552 + 1_000]).unwrap();
        let said = import_fails(&hub, &files);
        taken.push(entries(&hub));
        let expected = if pieces == 0 { "no bundle" } else { "its copy broke off" };
        assert!(said.contains(expected), "{pieces}: {said}");
    }
    taken.dedup();
    assert!(taken.len() > 2, "{taken:?}");
    fs::write(&files[0], whole).unwrap();
    import(&hub, &files);
    aynur.sync(&hub).await.unwrap();
    let mut rashad = enumerator(&hub, 2).await;
    rashad.sync(&hub).await.unwrap();
    assert_eq!(rashad.state(7), aynur.state(7));
}

#[tokio::test]
async fn volumes_are_taken_in_in_any_order_given_together_and_one_too_early_changes_nothing() {
    let hub = Hub::start();
    let mut aynur = talkative(&hub, 1).await;
    let stick = TempDir::new().unwrap();
    let files = give(&mut aynur, 1, 100_000, stick.path());
    assert!(files.len() >= 3, "{files:?}");
    let before = entries(&hub);
    let said = import_fails(&hub, &files[1..]);
    assert!(said.contains("wait for an earlier volume"), "{said}");
    assert_eq!(entries(&hub), before);
    let turned: Vec<PathBuf> = files.iter().rev().cloned().collect();
    import(&hub, &turned);
    let mut rashad = enumerator(&hub, 2).await;
    rashad.sync(&hub).await.unwrap();
    assert_eq!(rashad.state(7), aynur.state(7));
}

#[tokio::test]
async fn what_is_not_for_this_hub_or_from_nobody_it_knows_changes_nothing() {
    let (hub, other) = (Hub::start(), Hub::start());
    let (mut aynur, mut stranger) = (enumerator(&hub, 1).await, enumerator(&other, 2).await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    stranger.write(TOVUZ, 8, vec![set("a/health_notes", "Elsewhere")]);
    let stick = TempDir::new().unwrap();
    let ours = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    let theirs = give(&mut stranger, 2, MAX_VOLUME_BYTES, stick.path());
    let before = entries(&hub);
    assert!(import_fails(&hub, &theirs).contains("sealed to others"));
    assert!(import_fails(&other, &ours).contains("sealed to others"));
    // Whoever has the hub's public key can seal to it.
    let hub_seal_key = own_certificate(&aynur.store).unwrap().unwrap().hub_seal_key;
    let sealed = Bundle { recipients: vec![SealPublic(hub_seal_key)], ..bundle(&stranger, 3, MAX_VOLUME_BYTES) };
    let sealed = write(&mut stranger, sealed, stick.path());
    assert!(import_fails(&hub, &sealed).contains("nobody here knows who made"));
    let elsewhere = Bundle { project: "other".parse().unwrap(), ..bundle(&aynur, 4, MAX_VOLUME_BYTES) };
    let elsewhere = write(&mut aynur, elsewhere, stick.path());
    assert!(import_fails(&hub, &elsewhere).contains("of another project"));
    let wrong_way = Bundle { direction: Direction::ToDevices, ..bundle(&aynur, 5, MAX_VOLUME_BYTES) };
    let wrong_way = write(&mut aynur, wrong_way, stick.path());
    assert!(import_fails(&hub, &wrong_way).contains("the other way"));
    let note = stick.path().join("note.kendbundle");
    fs::write(&note, "hello").unwrap();
    assert!(import_fails(&hub, &[note]).contains("no bundle"));
    assert_eq!(entries(&hub), before);
}

#[tokio::test]
async fn a_device_passes_on_only_what_its_people_may_write() {
    let hub = Hub::start();
    let (mut aynur, mut guba) = (enumerator(&hub, 1).await, Device::enrolled(&hub, 2, "enumerator", "AZ-QBA").await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    aynur.write(GUBA, 9, vec![set("a/health_notes", "Not hers")]);
    let stick = TempDir::new().unwrap();
    let files = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    let said = import(&hub, &files);
    assert!(said.contains("1 entries are new, 1 segments were set aside"), "{said}");
    guba.sync(&hub).await.unwrap();
    assert_eq!(guba.state(9), Vec::<String>::new());
    // Nor does a bundle back hold anything of another area.
    let files = to_device(&hub, &guba, stick.path());
    assert_eq!(take(&mut guba, &files).outcome.entries_received, 0);
}

#[tokio::test]
async fn orders_come_by_file_to_the_device_that_they_are_for() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "Said in confidence")]);
    aynur.sync(&hub).await.unwrap();
    rashad.sync(&hub).await.unwrap();
    aynur.write(TOVUZ, 7, vec![Op::Erase { under: None, reason: Reason::ConsentWithdrawn }]);
    aynur.sync(&hub).await.unwrap();
    let stick = TempDir::new().unwrap();
    let files = to_device(&hub, &rashad, stick.path());
    let delivered = take(&mut rashad, &files);
    assert_eq!((delivered.outcome.orders_obeyed, delivered.outcome.orders_refused), (1, 0));
    assert_eq!(rashad.state(7), Vec::<String>::new());
    // That it is done comes back by file too.
    let unconfirmed = |hub: &Hub| hub.command("status", &[], "").contains("erasure of");
    assert!(unconfirmed(&hub));
    rashad.write(TOVUZ, 8, vec![set("a/health_notes", "Two nurses")]);
    let files = give(&mut rashad, 2, MAX_VOLUME_BYTES, stick.path());
    import(&hub, &files);
    to_device(&hub, &rashad, stick.path());
    assert!(!unconfirmed(&hub));

    hub.command("people revoke", &["--device", &rashad.store.device().to_string()], "");
    let files = to_device(&hub, &rashad, stick.path());
    assert!(take(&mut rashad, &files).outcome.wipe);
}

#[tokio::test]
async fn one_bundle_serves_all_devices_of_an_area_and_nobody_else() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let guba = Device::enrolled(&hub, 3, "enumerator", "AZ-QBA").await;
    let stick = TempDir::new().unwrap();
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let files = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    import(&hub, &files);
    let files = export(&hub, &["--scope", TOVUZ], stick.path());
    for device in [&mut aynur, &mut rashad] {
        let delivered = take(device, &files);
        assert_eq!((delivered.pieces_refused, delivered.segments_early, delivered.outcome.receipts_refused), (0, 0, 0));
    }
    assert_eq!(waiting(&aynur, 7), (false, false));
    assert_eq!(rashad.state(7), aynur.state(7));
    let volume = fs::read(&files[0]).unwrap();
    assert!(Reader::open(&volume[..], &seal_key(&guba)).is_err());
    assert!(hub.command_fails("bundle export", &["--scope", "demo/AZ-SKR", "--out", "."]).contains("no device"));
}

async fn session(hub: &Hub, name: &str) -> String {
    let who = ["--name", name, "--role", "supervisor", "--area", "AZ-TOV", "--password-stdin"];
    hub.command("people add", &who, PASSWORD);
    let request = json!({ "name": name, "password": PASSWORD });
    let response = Client::new().post(hub.url("/api/sign_in")).json(&request).send().await.unwrap();
    let cookie = response.headers().get("set-cookie").unwrap().to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn over_http_whoever_has_a_stick_hands_it_in_and_who_may_hold_an_area_fetches_its_bundle() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (talkative(&hub, 1).await, enumerator(&hub, 2).await);
    let stick = TempDir::new().unwrap();
    let files = give(&mut aynur, 1, MAX_VOLUME_BYTES, stick.path());
    let whole = fs::read(&files[0]).unwrap();
    let hand_in = async |body: Vec<u8>| {
        let response = Client::new().post(hub.url("/v1/bundles")).body(body).send().await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap())
    };
    let (status, said) = hand_in(whole[..whole.len() / 2].to_vec()).await;
    assert_eq!((status, &said["whole"], &said["last"]), (StatusCode::OK, &json!(false), &json!(null)), "{said}");
    let (status, said) = hand_in(whole.clone()).await;
    assert_eq!((status, &said["whole"], &said["last"]), (StatusCode::OK, &json!(true), &json!(true)), "{said}");
    assert_eq!((hand_in(whole).await.1["entries_new"].clone(), said["interviews"].clone()), (json!(0), json!(1)));
    let (status, said) = hand_in(b"hello".to_vec()).await;
    assert_eq!((status, said["code"].clone()), (StatusCode::BAD_REQUEST, json!("not_a_bundle")));

    let fetch = async |scope: &str, cookie: &str| {
        let url = hub.url(&format!("/v1/bundles?scope={scope}"));
        Client::new().get(url).header("cookie", cookie).send().await.unwrap()
    };
    assert_eq!(fetch(TOVUZ, "").await.status(), StatusCode::UNAUTHORIZED);
    let leyla = session(&hub, "Leyla").await;
    assert_eq!(fetch(GUBA, &leyla).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(fetch("rubbish", &leyla).await.status(), StatusCode::BAD_REQUEST);
    let response = fetch(TOVUZ, &leyla).await;
    assert_eq!(response.status(), StatusCode::OK);
    let file = stick.path().join("fetched.kendbundle");
    fs::write(&file, response.bytes().await.unwrap()).unwrap();
    for device in [&mut aynur, &mut rashad] {
        take(device, std::slice::from_ref(&file));
    }
    assert_eq!((waiting(&aynur, 7), rashad.state(7)), ((false, false), aynur.state(7)));
}

#[tokio::test]
async fn a_bundle_that_a_hub_can_not_use_is_told_apart_record_by_record() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let log = LogId { device: aynur.store.device(), scope: TOVUZ.parse().unwrap() };
    let segment = aynur.store.segments_to_send(&log, 0, 1 << 20, Addressee::Anybody).unwrap().remove(0).bytes;
    let stick = TempDir::new().unwrap();
    let sign = |purpose: &str, message: &[u8]| aynur.store.sign(purpose, message);
    let volumes = Stick::new(stick.path(), "kend-odd", 0, Arc::default()).unwrap();
    let mut writer = Writer::new(bundle(&aynur, 1, MAX_VOLUME_BYTES), &sign, volumes).unwrap();
    let mut altered = segment.clone();
    altered[20] ^= 1;
    for record in [
        Record::Standing(b"rubbish".to_vec()),
        Record::Receipt(b"rubbish".to_vec()),
        Record::Order(b"rubbish".to_vec()),
        Record::Certificate(b"rubbish".to_vec()),
        Record::Segment(b"rubbish".to_vec()),
        Record::Segment(altered),
        Record::Segment(segment),
    ] {
        writer.put(&record).unwrap();
    }
    let files = writer.finish().unwrap().1.finish().unwrap();
    let said = import(&hub, &files);
    assert!(said.contains("1 entries are new, 2 segments were set aside"), "{said}");
    let listed = hub.command("bundle list", &[files[0].to_str().unwrap()], "");
    assert!(listed.contains("3 segment") && listed.contains("whole"), "{listed}");
}

/// The app on a machine, as its window drives it.
struct App {
    desktop: Desktop,
}

impl App {
    async fn joined(hub: &Hub, folder: &Path) -> Self {
        let desktop = Desktop::open(folder.join("device"), Suggestion::default()).unwrap();
        let app = Self { desktop };
        app.give("create_store", json!({ "name": "Aynur", "passphrase": "üzüm bağı", "language": "az" })).await;
        let code = hub.code("enumerator", "AZ-TOV");
        app.give("join_hub", json!({ "address": hub.address, "code": code })).await;
        app
    }

    async fn give(&self, command: &str, request: Value) -> Value {
        self.desktop.call(command, request).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn fail(&self, command: &str, request: Value) -> ErrorCode {
        self.desktop.call(command, request).await.unwrap_err().code
    }

    /// How far the only interview has come.
    async fn kept(&self) -> Value {
        self.give("list_interviews", json!({})).await[0]["kept"].clone()
    }

    async fn start_interview(&self) {
        let villages = self.give("list_villages", json!({ "near": null })).await;
        let village = villages.as_array().unwrap().iter().find(|village| village["rayon"] == "AZ-TOV").unwrap();
        let request = json!({ "village": village["village"], "kind": "kii", "language": "az" });
        self.give("start_interview", request).await;
    }
}

#[tokio::test]
async fn in_the_app_kept_becomes_on_a_stick_and_then_safe_with_no_network_at_all() {
    let mut hub = Hub::start();
    let (stick, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = App::joined(&hub, folder.path()).await;
    hub.stop();
    app.start_interview().await;
    assert_eq!(app.kept().await, "kept");
    let passed = app.give("pass_on_by_file", json!({ "folder": stick.path() })).await;
    assert_eq!((&passed["interviews"], passed["files"].as_array().unwrap().len()), (&json!(1), 1), "{passed}");
    assert_eq!(app.kept().await, "on_stick");
    let state = app.give("sync_state", json!({})).await;
    assert_eq!((&state["waiting_interviews"], &state["given"]["interviews"]), (&json!(1), &json!(1)), "{state}");

    let file = stick.path().join(passed["files"][0].as_str().unwrap());
    let said = import(&hub, &[file]);
    assert!(said.contains("1 interviews"), "{said}");
    let device = hub.command("people list", &[], "");
    let device = device.lines().find_map(|line| line.trim().strip_prefix("device ")).unwrap().to_owned();
    let files = export(&hub, &["--device", &device], stick.path());
    let taken = app.give("take_in_file", json!({ "paths": files })).await;
    assert_eq!(
        (&taken["receipts"], &taken["whole"], &taken["waiting_interviews"]),
        (&json!(1), &json!(true), &json!(0))
    );
    assert_eq!(app.kept().await, "safe");
    let again = app.give("take_in_file", json!({ "paths": files })).await;
    assert_eq!((&again["entries_new"], &again["refused"]), (&json!(0), &json!(0)));
    assert_eq!(app.give("file_progress", json!({})).await["working"], false);
}

#[tokio::test]
async fn what_the_app_can_not_write_or_take_in_is_told_and_changes_nothing() {
    let (hub, other) = (Hub::start(), Hub::start());
    let (stick, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let app = App::joined(&hub, folder.path()).await;
    app.start_interview().await;
    let gone = stick.path().join("gone");
    assert_eq!(app.fail("pass_on_by_file", json!({ "folder": gone })).await, ErrorCode::StickFailed);
    assert_eq!(app.kept().await, "kept");

    let note = stick.path().join("note.kendbundle");
    fs::write(&note, "hello").unwrap();
    assert_eq!(app.fail("take_in_file", json!({ "paths": [note] })).await, ErrorCode::NotABundle);
    let mut stranger = enumerator(&other, 2).await;
    stranger.write(TOVUZ, 8, vec![set("a/health_notes", "Elsewhere")]);
    stranger.sync(&other).await.unwrap();
    let theirs = to_device(&other, &stranger, stick.path());
    assert_eq!(app.fail("take_in_file", json!({ "paths": theirs })).await, ErrorCode::BundleForOthers);
    // Its own bundle goes the other way, and only the hub opens it.
    let passed = app.give("pass_on_by_file", json!({ "folder": stick.path() })).await;
    let own = stick.path().join(passed["files"][0].as_str().unwrap());
    assert_eq!(app.fail("take_in_file", json!({ "paths": [own] })).await, ErrorCode::BundleForOthers);
    // A folder with only such ones is no better; with one for this device, that one is taken in.
    fs::remove_file(stick.path().join("note.kendbundle")).unwrap();
    assert_eq!(app.fail("take_in_file", json!({ "paths": [stick.path()] })).await, ErrorCode::BundleForOthers);
    export(&hub, &["--scope", TOVUZ], stick.path());
    let taken = app.give("take_in_file", json!({ "paths": [stick.path()] })).await;
    assert_eq!(taken["whole"], true, "{taken}");
    app.give("lock", json!({})).await;
    assert_eq!(app.fail("pass_on_by_file", json!({ "folder": stick.path() })).await, ErrorCode::Locked);
}
