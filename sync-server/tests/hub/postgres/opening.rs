//! Which folder and which database belong together, and what a backup does to both.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;

use super::{beside, entries, hub_in, server};
use crate::common::{Device, Hub, binary, put_in, set};
use crate::people::{PASSWORD, command, supervisor};

const TOVUZ: &str = "demo/AZ-TOV";
const MARKER: &str = "the road floods in spring";

/// What the hub of a folder says of itself, or why it does not open.
fn status(data: &Path, database: Option<&str>) -> (bool, String) {
    put_in(data, database);
    let Output { status, stdout, stderr } = binary("status", data).env("KEND_LOG", "off").output().unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test]
async fn a_hub_moves_into_an_empty_database_with_all_that_it_holds_and_its_folder_is_a_copy_from_then_on() {
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let data = TempDir::new().unwrap();
    put_in(data.path(), None);
    let hub = Hub::start_on(data, &["--plain-http"]);
    supervisor(&hub);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", MARKER)]);
    // A committee's deed, which is set aside.
    aynur.write(TOVUZ, 8, vec![set("c/road/text", MARKER)]);
    aynur.sync(&hub).await.unwrap();
    let before = (hub.command("status", &[], ""), hub.command("people list", &[], ""));
    let set_aside = hub.command("quarantine list", &[], "");
    let data = hub.into_data();
    put_in(data.path(), Some(&database));
    let hub = Hub::start_on(data, &["--plain-http"]);
    let other = beside(&hub, &database);
    for hub in [&hub, &other] {
        let people = hub.command("people list", &[], "");
        assert_eq!(people, before.1);
        assert_eq!(hub.command("quarantine list", &[], ""), set_aside);
        let lines = |status: &str| status.lines().take(3).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(&hub.command("status", &[], "")), lines(&before.0));
        hub.command("verify", &[], "");
    }
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "dry")]);
    assert!(aynur.sync(&other).await.unwrap().complete);
    let (opened, said) = status(hub.data.path(), None);
    assert!(!opened && said.contains("--database-url"), "{said}");
    // Nothing that anybody said, and nobody's name, is in the database in the clear.
    let everything = server.sql(&database, "SELECT encode(content, 'escape') FROM kend.record").unwrap();
    for told in [MARKER, "Leyla", "argon2", "AZ-TOV", "hub_person"] {
        assert!(!everything.contains(told), "{told}");
    }
}

#[tokio::test]
async fn a_folder_with_another_key_another_hub_or_another_database_is_refused_and_nothing_is_changed() {
    let Some(server) = server() else { return };
    let (database, another) = (server.database().unwrap(), server.database().unwrap());
    let hub = hub_in(&database);
    let content =
        || server.sql(&database, "SELECT md5(string_agg(content::text, '' ORDER BY id)) FROM kend.record").unwrap();
    let before = content();
    let no_key = TempDir::new().unwrap();
    let (opened, said) = status(no_key.path(), Some(&database));
    assert!(!opened && said.contains("copy hub.key"), "{said}");
    assert!(!no_key.path().join("hub.key").exists());
    let stranger = TempDir::new().unwrap();
    assert!(status(stranger.path(), None).0);
    let (opened, said) = status(stranger.path(), Some(&database));
    assert!(!opened && said.contains("another key"), "{said}");
    assert!(status(stranger.path(), None).0, "it is what it was");
    // The same key, another hub: its key was copied before it was first started.
    let twin = TempDir::new().unwrap();
    std::fs::copy(hub.data.path().join("hub.key"), twin.path().join("hub.key")).unwrap();
    assert!(status(twin.path(), None).0);
    let (opened, said) = status(twin.path(), Some(&database));
    assert!(!opened && said.contains("another hub's"), "{said}");
    assert_eq!(content(), before);
    // A copy of one database is no start for another.
    let data = hub.into_data();
    let (opened, said) = status(data.path(), Some(&another));
    assert!(!opened && said.contains("another database"), "{said}");
    assert!(status(data.path(), Some(&database)).0);
    assert!(!status(data.path(), Some("postgres://kend@db.invalid/kend?sslmode=disable")).0);
    let (opened, said) = status(data.path(), Some("postgres:///kend?host=/nowhere&password=planted-secret"));
    assert!(!opened && !said.contains("planted-secret"), "{said}");
}

#[tokio::test]
async fn a_copy_that_is_thrown_away_is_made_anew_and_a_newer_programs_database_is_left_alone() {
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let hub = hub_in(&database);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    for entity in 1..20 {
        aynur.write(TOVUZ, entity, vec![set("a/health_notes", MARKER)]);
        aynur.sync(&hub).await.unwrap();
    }
    let there = hub.command("status", &["--json"], "");
    let data = hub.into_data();
    for name in ["hub.db", "hub.db-wal", "hub.db-shm"] {
        let _ = std::fs::remove_file(data.path().join(name));
    }
    let hub = Hub::start_on(data, &["--plain-http"]);
    assert_eq!(entries(&hub), 19);
    let known = |status: &str| serde_json::from_str::<serde_json::Value>(status).unwrap()["device"].clone();
    assert_eq!(known(&hub.command("status", &["--json"], "")), known(&there));
    hub.command("verify", &[], "");
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "dry")]);
    assert!(aynur.sync(&hub).await.unwrap().complete);
    server.sql(&database, "UPDATE kend.head SET hub_schema = 9999").unwrap();
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "wet")]);
    assert!(aynur.sync(&hub).await.is_err(), "a running process stops taking in");
    let said = hub.command_fails("status", &[]);
    assert!(said.contains("newer"), "{said}");
    server.sql(&database, "UPDATE kend.head SET hub_schema = 0").unwrap();
    assert!(aynur.sync(&hub).await.unwrap().complete);
}

#[tokio::test]
async fn a_backup_put_back_takes_the_place_of_all_and_processes_that_run_make_their_copies_anew() {
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let mut hub = hub_in(&database);
    let other = beside(&hub, &database);
    supervisor(&hub);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "before")]);
    aynur.sync(&other).await.unwrap();
    let folder = TempDir::new().unwrap();
    let backup = folder.path().join("backup");
    hub.command("backup", &[backup.to_str().unwrap()], "");
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "after")]);
    aynur.sync(&other).await.unwrap();
    let late = Device::enrolled(&hub, 2, "enumerator", "AZ-TOV").await;
    let list = hub.command("people list", &[], "");
    assert!(list.contains(&late.store.device().to_string()));
    hub.stop();
    let said = hub.command_fails("restore", &[backup.to_str().unwrap()]);
    assert!(said.contains("--replace"), "{said}");
    let said = hub.command("restore", &[backup.to_str().unwrap(), "--replace"], "");
    assert!(said.contains("a new epoch"), "{said}");
    // The other process was never stopped.
    assert!(!other.command("people list", &[], "").contains(&late.store.device().to_string()));
    assert_eq!(entries(&other), 1);
    let signed_in = command(&other, "sign_in", &json!({"name": "Leyla", "password": PASSWORD})).send().await.unwrap();
    assert_eq!(signed_in.status().as_u16(), 200);
    let outcome = aynur.sync(&other).await.unwrap();
    assert!(outcome.complete && outcome.entries_sent == 1, "{outcome:?}");
    assert_eq!((entries(&other), aynur.store.unacknowledged().unwrap().entries()), (2, 0));
    other.command("verify", &[], "");
    // Without the folder's own hub in the way, the database's still is.
    let elsewhere = TempDir::new().unwrap();
    std::fs::copy(hub.data.path().join("hub.key"), elsewhere.path().join("hub.key")).unwrap();
    put_in(elsewhere.path(), Some(&database));
    let refused = binary("restore", elsewhere.path()).arg(&backup).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in the database"));
    assert_eq!(entries(&other), 2);
}

#[tokio::test]
async fn a_database_that_is_itself_put_back_from_a_backup_is_noticed_and_devices_offer_what_it_lacks() {
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let hub = hub_in(&database);
    let other = beside(&hub, &database);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "before")]);
    aynur.sync(&hub).await.unwrap();
    let keep = "CREATE TABLE kept AS TABLE kend.record; CREATE TABLE kept_head AS TABLE kend.head";
    server.sql(&database, keep).unwrap();
    for round in 0..3 {
        aynur.write(TOVUZ, 7, vec![set("a/health_notes", &format!("after {round}"))]);
        aynur.sync(if round == 1 { &other } else { &hub }).await.unwrap();
    }
    assert_eq!((entries(&hub), entries(&other)), (4, 4));
    let put_back = "BEGIN; TRUNCATE kend.record, kend.head; INSERT INTO kend.record TABLE kept;
        INSERT INTO kend.head TABLE kept_head; COMMIT";
    server.sql(&database, put_back).unwrap();
    let outcome = aynur.sync(&other).await.unwrap();
    assert!(outcome.complete && outcome.entries_sent == 3, "{outcome:?}");
    for hub in [&hub, &other, &beside(&hub, &database)] {
        assert_eq!(entries(hub), 4);
        hub.command("verify", &[], "");
    }
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_sent, 0);
}
