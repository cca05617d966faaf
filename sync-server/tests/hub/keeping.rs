//! Keeping a hub: backup, restore, verify, erase and status, by the real commands, while a real hub serves.

use std::fs;
use std::path::Path;

use kend_domain::EntityId;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Device, Hub, binary, set};
use crate::people::supervisor;

const TOVUZ: &str = "demo/AZ-TOV";
const MARKER: &str = "the road floods in spring";

/// Runs a command; whether it succeeded, and all that it said.
fn run(command: &str, data: &Path, arguments: &[&str], passphrase: Option<&str>) -> (bool, String) {
    let mut process = binary(command, data);
    process.args(arguments).envs(passphrase.map(|passphrase| ("KEND_HUB_PASSPHRASE", passphrase)));
    let output = process.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn a_backup_made_while_the_hub_serves_goes_to_another_machine_with_its_key() {
    let hub = Hub::start_with(&["--plain-http"]);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", MARKER)]);
    aynur.sync(&hub).await.unwrap();
    let elsewhere = TempDir::new().unwrap();
    let backup = elsewhere.path().join("backup");
    let said = hub.command("backup", &[backup.to_str().unwrap()], "");
    assert!(said.contains("1 entries in their chains, 1 signed segments, 1 entities"), "{said}");
    assert!(said.contains("keep a copy"), "{said}");
    let names: Vec<_> = fs::read_dir(&backup).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["hub.db"], "the bare key stays away from the backup");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing half made is left");

    let (again, said) = run("backup", hub.data.path(), &[backup.to_str().unwrap()], None);
    assert!(!again && said.contains("is there already"), "{said}");
    let data = elsewhere.path().join("data");
    let (restored, said) = run("restore", &data, &[backup.to_str().unwrap()], None);
    assert!(!restored && said.contains("the key is missing"), "{said}");
    let key = hub.data.path().join("hub.key");
    let with_key = [backup.to_str().unwrap(), "--key", key.to_str().unwrap()];
    let (restored, said) = run("restore", &data, &with_key, None);
    assert!(restored && said.contains("a new epoch"), "{said}");
    let (whole, said) = run("verify", &data, &[], None);
    assert!(whole && said.contains("1 entries"), "{said}");
    let (restored, said) = run("restore", &data, &with_key, None);
    assert!(!restored && said.contains("--replace"), "{said}");
}

#[test]
fn a_backup_of_a_sealed_hub_takes_the_sealed_key_along_and_nothing_else_opens_it() {
    let folder = TempDir::new().unwrap();
    let (data, backup, put_back) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    let (passphrase, wrong) = (Some("bir iki üç dörd"), Some("another"));
    assert!(run("status", &data, &[], passphrase).0);
    assert!(run("backup", &data, &[backup.to_str().unwrap()], passphrase).0);
    assert!(backup.join("hub.keyfile").exists() && !backup.join("hub.key").exists());
    for passphrase in [wrong, None] {
        assert!(!run("restore", &put_back, &[backup.to_str().unwrap()], passphrase).0);
        assert!(!put_back.join("hub.db").exists());
    }
    assert!(run("restore", &put_back, &[backup.to_str().unwrap()], passphrase).0);
    assert!(run("status", &put_back, &[], passphrase).0 && !run("status", &put_back, &[], None).0);
}

#[test]
fn a_damaged_backup_is_refused_and_the_hub_that_is_there_stays() {
    let mut hub = Hub::start();
    let folder = TempDir::new().unwrap();
    let backup = folder.path().join("backup");
    hub.command("backup", &[backup.to_str().unwrap()], "");
    let mut bytes = fs::read(backup.join("hub.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 32].fill(0xff);
    fs::write(backup.join("hub.db"), bytes).unwrap();
    let arguments = [backup.to_str().unwrap(), "--replace"];
    let (restored, said) = run("restore", hub.data.path(), &arguments, None);
    assert!(!restored && said.contains("a hub serves"), "{said}");
    hub.stop();
    let before = fs::read(hub.data.path().join("hub.db")).unwrap();
    let (restored, said) = run("restore", hub.data.path(), &arguments, None);
    assert!(!restored, "{said}");
    assert_eq!(fs::read(hub.data.path().join("hub.db")).unwrap(), before);
    assert!(run("verify", hub.data.path(), &[], None).0);
}

#[test]
fn two_servers_never_share_a_data_folder_which_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let (new, backup) = (folder.path().join("new"), folder.path().join("backup"));
    assert!(run("status", &new, &[], None).0 && run("backup", &new, &[backup.to_str().unwrap()], None).0);
    for folder in [&new, &backup] {
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let served_first = folder.path().join("served");
    assert!(!run("serve", &served_first, &["--listen", "192.0.2.77:1"], None).0, "an address of nobody");
    assert_eq!(fs::metadata(&served_first).unwrap().permissions().mode() & 0o777, 0o700);
    let hub = Hub::start();
    let (served, said) = run("serve", hub.data.path(), &["--listen", "127.0.0.1:0"], None);
    assert!(!served && said.contains("a hub serves"), "{said}");
}

#[tokio::test]
async fn verify_names_what_is_damaged_in_a_hubs_store() {
    let mut hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", &"The road ".repeat(2000))]);
    aynur.sync(&hub).await.unwrap();
    assert!(run("verify", hub.data.path(), &[], None).0, "while it serves");
    hub.stop();
    let file = hub.data.path().join("hub.db");
    let mut bytes = fs::read(&file).unwrap();
    let end = bytes.len() - 2000;
    bytes[end] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (whole, said) = run("verify", hub.data.path(), &[], None);
    assert!(!whole && said.contains("damaged"), "{said}");
    assert!(!run("verify", TempDir::new().unwrap().path(), &[], None).0, "there is no hub");
}

#[tokio::test]
async fn an_erasure_ordered_at_the_hub_reaches_a_device_and_needs_somebody_with_the_right_to_it() {
    let hub = Hub::start();
    supervisor(&hub);
    let who = ["--name", "Komitə", "--role", "committee", "--area", "AZ-TOV", "--password-stdin"];
    hub.command("people add", &who, "a long enough one");
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", MARKER)]);
    aynur.write(TOVUZ, 8, vec![set(&format!("a/participant/{}/age", instance()), MARKER), set("a/kept", "stays")]);
    aynur.sync(&hub).await.unwrap();
    let entity = EntityId::from_bytes([7; 16]).to_string();
    let one = format!("{}/{}", EntityId::from_bytes([8; 16]), instance());
    let unknown = EntityId::from_bytes([9; 16]).to_string();
    for (name, arguments, said) in [
        ("no right", ["--entity", &entity, "--by", "Komitə"], "do not allow"),
        ("nobody", ["--entity", &entity, "--by", "Orxan"], "nobody signs in"),
        ("no entity", ["--entity", &unknown, "--by", "Leyla"], "holds nothing"),
    ] {
        let arguments = [&arguments[..], &["--reason", "consent_withdrawn"]].concat();
        let (erased, found) = run("erase", hub.data.path(), &arguments, None);
        assert!(!erased && found.contains(said), "{name}: {found}");
    }
    for arguments in [["--entity", &entity, "--by", "Leyla"], ["--participant", &one, "--by", "leyla"]] {
        let arguments = [&arguments[..], &["--reason", "must_not_be_kept"]].concat();
        let (erased, found) = run("erase", hub.data.path(), &arguments, None);
        assert!(erased, "{found}");
    }
    aynur.sync(&hub).await.unwrap();
    assert!(!format!("{:?}{:?}", aynur.state(7), aynur.state(8)).contains(MARKER));
    assert!(format!("{:?}", aynur.state(8)).contains("stays"));
    assert!(run("verify", hub.data.path(), &[], None).0);
}

fn instance() -> &'static str {
    "01010101-0101-4101-8101-010101010101"
}

#[tokio::test]
async fn status_and_the_list_of_people_say_the_same_to_people_and_to_programs() {
    let hub = Hub::start();
    supervisor(&hub);
    let _aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let status: Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    assert_eq!((&status["people"], &status["accounts"], &status["devices"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(status["address"], hub.address);
    let people: Value = serde_json::from_str(&hub.command("people list", &["--json"], "")).unwrap();
    let leyla = people.as_array().unwrap().iter().find(|person| person["name"] == "Leyla").unwrap();
    assert_eq!((&leyla["role"], &leyla["areas"]), (&json!("supervisor"), &json!(["AZ-TOV"])));
    assert_eq!((&leyla["account"], &leyla["devices"]), (&json!(true), &json!(0)));
    let listed = hub.command("people list", &[], "");
    assert!(listed.contains("Leyla: supervisor of AZ-TOV, signs in, 0 devices"), "{listed}");
}
