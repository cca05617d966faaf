//! A hub in a room and the server above it: two processes, and devices that meet only one of them.

use std::time::Duration;

use kend_log::{Op, Reason};
use tempfile::TempDir;

use crate::common::{Device, Hub, in_postgres, put_in, set};

const TOVUZ: &str = "demo/AZ-TOV";
/// Both hubs are asked again so often that a minute goes by in all.
const LOOKS: u32 = 240;
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// A hub in a room is in a file, whatever the server is in.
fn in_a_room(arguments: &[&str]) -> Hub {
    let data = TempDir::new().unwrap();
    put_in(data.path(), None);
    Hub::start_on(data, arguments)
}

/// The server, and a hub that a supervisor of Tovuz runs.
pub(crate) fn above_and_below() -> (Hub, Hub) {
    let (server, room) = (Hub::start(), in_a_room(&["--plain-http"]));
    let words = server.joining("supervisor", "AZ-TOV");
    assert_eq!(room.command("join", &[&words], ""), "joined Kend hub");
    (server, room)
}

/// Lets a device sync at its hub until this holds.
async fn until(device: &mut Device, hub: &Hub, what: &str, holds: impl Fn(&Device) -> bool) {
    for _ in 0..LOOKS {
        device.sync(hub).await.unwrap();
        if holds(device) {
            return;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("not within {LOOKS} looks: {what}");
}

fn is_safe(device: &Device) -> bool {
    device.store.nothing_is_only_here(&TOVUZ.parse().unwrap()).unwrap()
}

#[tokio::test]
async fn what_a_device_in_the_room_wrote_is_safe_at_the_server_and_on_devices_that_never_met_the_hub() {
    let (server, room) = above_and_below();
    let mut here = Device::enrolled(&room, 1, "enumerator", "AZ-TOV").await;
    let mut far = Device::enrolled(&server, 2, "enumerator", "AZ-TOV").await;
    here.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    far.write(TOVUZ, 8, vec![set("a/health_notes", "The well")]);
    here.sync(&room).await.unwrap();
    assert!(!is_safe(&here), "the hub in the room can't sign for the server");
    until(&mut here, &room, "a receipt of the server", is_safe).await;
    until(&mut far, &server, "the other interview", |far| !far.state(7).is_empty()).await;
    until(&mut here, &room, "the other interview", |here| !here.state(8).is_empty()).await;
    assert_eq!((here.state(7), here.state(8)), (far.state(7), far.state(8)));
    assert_eq!(server.command("quarantine list", &[], ""), "");
    assert_eq!(room.command("quarantine list", &[], ""), "");
    let status: serde_json::Value = serde_json::from_str(&room.command("status", &["--json"], "")).unwrap();
    assert!(status["server"]["last_ms"].is_number(), "{status}");
}

#[tokio::test]
async fn an_erasure_at_the_server_is_carried_out_in_the_room_and_confirmed_above() {
    let (server, room) = above_and_below();
    let mut here = Device::enrolled(&room, 1, "enumerator", "AZ-TOV").await;
    let mut far = Device::enrolled(&server, 2, "supervisor", "AZ-TOV").await;
    here.write(TOVUZ, 7, vec![set("a/health_notes", "Said in confidence")]);
    until(&mut here, &room, "a receipt of the server", is_safe).await;
    until(&mut far, &server, "the interview", |far| !far.state(7).is_empty()).await;
    far.write(TOVUZ, 7, vec![Op::Erase { under: None, reason: Reason::ConsentWithdrawn }]);
    far.sync(&server).await.unwrap();
    until(&mut here, &room, "the erasure", |here| here.store.orders_done().unwrap() == 1).await;
    assert_eq!(here.state(7), Vec::<String>::new());
    let confirmed = async {
        for _ in 0..LOOKS {
            far.sync(&server).await.unwrap();
            here.sync(&room).await.unwrap();
            if !server.command("status", &[], "").contains("not confirmed") {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("the erasure is not confirmed: {}", server.command("status", &[], ""));
    };
    confirmed.await;
}

#[tokio::test]
async fn rights_taken_away_at_the_server_end_in_the_room_and_a_phone_revoked_in_the_room_ends_at_the_server() {
    let (server, room) = above_and_below();
    let mut here = Device::enrolled(&room, 1, "enumerator", "AZ-TOV").await;
    let mut lost = Device::enrolled(&room, 3, "enumerator", "AZ-TOV").await;
    here.write(TOVUZ, 7, vec![set("a/health_notes", "Before")]);
    lost.write(TOVUZ, 9, vec![set("a/health_notes", "Before the loss")]);
    lost.sync(&room).await.unwrap();
    until(&mut here, &room, "a receipt of the server", is_safe).await;
    until(&mut lost, &room, "a receipt of the server", is_safe).await;

    room.command("people revoke", &["--device", &lost.store.device().to_string()], "");
    let person = here.person.to_string();
    server.command("people set", &["--person", &person, "--role", "committee"], "");
    let refused = room.command_fails("people set", &["--person", &person, "--role", "supervisor"]);
    assert!(refused.contains("change it there"), "{refused}");
    until(&mut here, &room, "the order to leave", |here| here.state(7).is_empty()).await;
    let listed = |hub: &Hub| hub.command("people list", &[], "");
    assert!(listed(&room).contains("committee") && listed(&server).contains("committee"));
    let revoked = format!("device {}, revoked", lost.store.device());
    assert!(listed(&server).contains(&revoked), "{}", listed(&server));
    assert!(server.command("status", &["--json"], "").contains("\"entries\": 2"));
    until_wiped(&mut lost, &room).await;
}

async fn until_wiped(lost: &mut Device, room: &Hub) {
    for _ in 0..LOOKS {
        if lost.sync(room).await.unwrap().wipe {
            return;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("the lost phone was not told to wipe itself");
}

#[tokio::test]
async fn a_hub_brings_nobody_above_its_keeper_and_joins_only_a_server_of_its_project_before_it_has_devices() {
    let (server, room) = above_and_below();
    let mut above = Device::enrolled(&room, 4, "national", "AZ").await;
    let mut elsewhere = Device::enrolled(&room, 5, "enumerator", "AZ-QBA").await;
    elsewhere.write("demo/AZ-QBA", 7, vec![set("a/health_notes", "Not theirs")]);
    elsewhere.sync(&room).await.unwrap();
    let mut here = Device::enrolled(&room, 1, "enumerator", "AZ-TOV").await;
    here.write(TOVUZ, 8, vec![set("a/health_notes", "Theirs")]);
    until(&mut here, &room, "a receipt of the server", is_safe).await;
    above.sync(&room).await.unwrap();
    let people = server.command("people list", &[], "");
    assert!(people.contains(&here.person.to_string()), "{people}");
    assert!(!people.contains(&above.person.to_string()) && !people.contains(&elsewhere.person.to_string()), "{people}");
    assert!(server.command("status", &["--json"], "").contains("\"entries\": 1"));

    let second = server.joining("supervisor", "AZ-TOV");
    assert!(room.command_fails("join", &[&second]).contains("has a server already"));
    let late = in_a_room(&["--plain-http"]);
    Device::enrolled(&late, 6, "enumerator", "AZ-TOV").await;
    assert!(late.command_fails("join", &[&second]).contains("1 devices were enrolled here"));
    let foreign = in_a_room(&["--plain-http", "--project", "other"]);
    assert!(foreign.command_fails("join", &[&second]).contains("is of the project demo"));
    assert!(foreign.command_fails("join", &["http://127.0.0.1:1/"]).contains("no code"));
    if in_postgres() {
        assert!(Hub::start().command_fails("join", &[&second]).contains("is a server"));
    }
}
