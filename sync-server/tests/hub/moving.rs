//! Attachments between real devices and a real hub: over lines that break, through kills, full disks, rot and erasures.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use kend_domain::EntityId;
use kend_log::{Attachment, BlobId, Op, Reason};
use kend_machine::moving::Moved;
use serde_json::json;

use crate::breaking_line::BreakingLine;
use crate::common::Hub;
use crate::hub_to_hub::above_and_below;
use crate::phone::{Phone, opened};

/// Tells the process below where its device is, and what to do.
const FOLDER: &str = "KEND_TEST_DEVICE";
pub(crate) const MIB: u64 = 1024 * 1024;
/// A hub that has a server speaks to it at least every minute.
const LOOKS: u32 = 400;

impl Phone {
    /// How far the only attachment of an interview is.
    async fn state(&self, interview: u8) -> serde_json::Value {
        let interview = EntityId::from_bytes([interview; 16]);
        let of = self.desktop().call("attachments_of", json!({ "interview": interview })).await;
        of.unwrap_or_default()[0].clone()
    }

    pub(crate) async fn state_word(&self, interview: u8) -> String {
        self.state(interview).await["state"].as_str().unwrap_or_default().to_owned()
    }

    async fn want(&self, interview: u8, attachment: &Attachment) -> serde_json::Value {
        let interview = EntityId::from_bytes([interview; 16]);
        let request = json!({ "interview": interview, "attachment": attachment.blob.to_string() });
        self.give("fetch_attachment", request).await
    }

    async fn erase(&mut self, interview: u8) {
        let ops = vec![Op::Erase { under: None, reason: Reason::ConsentWithdrawn }];
        self.write(|store, append| append(store, interview, ops)).await;
    }

    /// Runs this device in a process of its own, under a limit of the shell's if there is one.
    fn process(&self, limits: &str) -> std::process::Child {
        let run = format!("{limits} exec \"$@\"");
        Command::new("bash")
            .args(["-c", &run, "bash"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "moving::a_device_that_moves_until_it_is_killed", "--nocapture"])
            .env(FOLDER, self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

pub(crate) fn stored(hub: &Hub, id: BlobId) -> PathBuf {
    hub.data.path().join("blobs").join(&id.to_string()[..2]).join(id.to_string())
}

pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come to that: {what}");
}

/// What a damaged file has instead of a byte in its middle.
pub(crate) fn rot(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// Not a test of its own: the device that others kill. Without its folder it has nothing to do.
#[tokio::test]
async fn a_device_that_moves_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let desktop = opened(&folder).await;
    println!("{:?}", desktop.move_attachments().await);
}

#[tokio::test]
async fn after_an_exchange_attachments_go_up_small_ones_first_and_come_to_who_asks_for_them() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let ben = Phone::joined(&hub.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 3 * MIB).await;
    let photo = aynur.attach(8, 40_000).await;
    assert_eq!((aynur.state_word(7).await, aynur.state_word(8).await), ("kept".to_owned(), "kept".to_owned()));
    let moved = aynur.moves().await.unwrap();
    assert_eq!(moved.handed_in, 0, "the hub has no entry that refers to them");
    aynur.sync().await;
    let moved = aynur.moves().await.unwrap();
    assert_eq!((moved.handed_in, moved.wrong), (2, 0));
    for attachment in [&speech, &photo] {
        let file = std::fs::read(stored(&hub, attachment.blob)).unwrap();
        assert_eq!(file, std::fs::read(aynur.file(attachment.blob)).unwrap());
    }
    let all = aynur.give("attachments_state", json!({})).await;
    assert_eq!((&all["kept"], &all["safe"], &all["moving"]), (&json!(0), &json!(2), &json!(null)), "{all}");
    assert_eq!(aynur.moves().await.unwrap().bytes_up, 0);
    // What the server has not signed for stays, whatever is asked.
    let later = aynur.attach(9, 1000).await;
    let all = aynur.give("make_room", json!({})).await;
    assert_eq!((&all["kept"], &all["not_here"]), (&json!(1), &json!(2)), "{all}");
    assert!(aynur.file(later.blob).exists() && !aynur.file(speech.blob).exists());
    aynur.want(7, &speech).await;
    assert_eq!(aynur.moves().await.unwrap().fetched, 1);

    ben.sync().await;
    assert_eq!(ben.moves().await.unwrap().fetched, 0, "nobody asked for it");
    assert_eq!(ben.state_word(7).await, "not_here");
    let wanted = ben.want(7, &speech).await;
    assert_eq!((&wanted["state"], &wanted["total_kb"]), (&json!("coming_down"), &json!(3073)), "{wanted}");
    assert_eq!(ben.moves().await.unwrap().fetched, 1);
    assert_eq!(ben.state_word(7).await, "safe");
    assert_eq!(std::fs::read(ben.file(speech.blob)).unwrap(), std::fs::read(aynur.file(speech.blob)).unwrap());
    assert_eq!(ben.give("attachments_state", json!({})).await["not_here"], 1);
    let unknown = ben.desktop().call(
        "fetch_attachment",
        json!({
            "interview": EntityId::from_bytes([7; 16]), "attachment": photo.blob.to_string()
        }),
    );
    assert!(unknown.await.is_err(), "of another interview");
}

#[tokio::test]
async fn over_a_line_that_breaks_all_the_time_almost_nothing_goes_twice() {
    let hub = Hub::start();
    let line = BreakingLine::to(&hub.address).await;
    let mut aynur = Phone::joined(&line.address, &hub.code("enumerator", "AZ-TOV")).await;
    let ben = Phone::joined(&line.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 6 * MIB).await;
    aynur.sync().await;
    line.break_every(500_000, u64::MAX);
    let (before, _) = line.bytes();
    let moved = aynur.moves().await.unwrap();
    assert_eq!((moved.handed_in, moved.wrong), (1, 0));
    let (after, _) = line.bytes();
    let size_bytes = size(&stored(&hub, speech.blob));
    assert!((after - before) * 100 <= size_bytes * 105, "{} of {size_bytes}", after - before);

    ben.sync().await;
    ben.want(7, &speech).await;
    line.break_every(u64::MAX, 500_000);
    let (_, before) = line.bytes();
    assert_eq!(ben.moves().await.unwrap().fetched, 1);
    let (_, after) = line.bytes();
    assert!((after - before) * 100 <= size_bytes * 105, "{} of {size_bytes}", after - before);
    assert_eq!(std::fs::read(ben.file(speech.blob)).unwrap(), std::fs::read(aynur.file(speech.blob)).unwrap());
}

#[tokio::test]
async fn a_hub_killed_in_the_middle_goes_on_where_its_disk_was() {
    let mut hub = Hub::start();
    let line = BreakingLine::to(&hub.address).await;
    let mut aynur = Phone::joined(&line.address, &hub.code("enumerator", "AZ-TOV")).await;
    let speech = aynur.attach(7, 6 * MIB).await;
    aynur.sync().await;
    line.hold_after(3 * MIB, u64::MAX);
    let staged = hub.data.path().join("uploads").join(speech.blob.to_string());
    let (moved, ()) = tokio::join!(aynur.moves(), async {
        until("half of it is there", || size(&staged) > 2 * MIB).await;
        hub.kill_and_restart();
        line.lead_to(&hub.address);
        line.go_on();
    });
    assert_eq!(moved.unwrap().handed_in, 1);
    // What was in the hub's memory goes twice, and no more.
    assert!(line.bytes().0 < 7 * MIB + MIB / 2, "{:?}", line.bytes());
    assert_eq!(std::fs::read(stored(&hub, speech.blob)).unwrap(), std::fs::read(aynur.file(speech.blob)).unwrap());
}

#[tokio::test]
async fn a_device_killed_in_the_middle_goes_on_where_both_disks_were() {
    let hub = Hub::start();
    let line = BreakingLine::to(&hub.address).await;
    let mut aynur = Phone::joined(&line.address, &hub.code("enumerator", "AZ-TOV")).await;
    let mut ben = Phone::joined(&line.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 6 * MIB).await;
    aynur.sync().await;
    aynur.close();
    let (before, _) = line.bytes();
    line.hold_after(3 * MIB, u64::MAX);
    let staged = hub.data.path().join("uploads").join(speech.blob.to_string());
    let mut process = aynur.process("");
    until("half of it is there", || size(&staged) > 2 * MIB).await;
    process.kill().unwrap();
    process.wait().unwrap();
    line.go_on();
    aynur.reopen().await;
    assert_eq!(aynur.state_word(7).await, "kept");
    assert_eq!(aynur.moves().await.unwrap().handed_in, 1);
    assert!(line.bytes().0 - before < 7 * MIB, "{:?}", line.bytes());

    ben.sync().await;
    ben.want(7, &speech).await;
    ben.close();
    let (_, before) = line.bytes();
    // The first pieces are small: some of them are on the disk when the line holds still.
    line.hold_after(u64::MAX, 3 * MIB);
    let mut process = ben.process("");
    let part = ben.part(speech.blob);
    until("some of it is there", || size(&part) > 0).await;
    process.kill().unwrap();
    process.wait().unwrap();
    let there = size(&part);
    line.go_on();
    ben.reopen().await;
    assert_eq!(ben.state_word(7).await, "coming_down", "what was asked for is asked for still");
    let moved = ben.moves().await.unwrap();
    assert_eq!((moved.fetched, moved.bytes_down), (1, size(&stored(&hub, speech.blob)) - there));
    assert!(line.bytes().1 - before < 10 * MIB, "{:?}", line.bytes());
}

#[tokio::test]
async fn a_device_whose_disk_is_full_keeps_what_came_and_its_records_and_goes_on_with_room() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let mut ben = Phone::joined(&hub.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 6 * MIB).await;
    aynur.sync().await;
    aynur.moves().await.unwrap();
    ben.sync().await;
    ben.want(7, &speech).await;
    ben.close();
    let output = ben.process("trap '' XFSZ; ulimit -f 3000;").wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("Err(Disk)"), "{said}");
    let there = size(&ben.part(speech.blob));
    assert!(there <= 3000 * 1024 && !ben.file(speech.blob).exists());
    ben.reopen().await;
    assert_eq!(ben.state_word(7).await, "coming_down");
    let moved = ben.moves().await.unwrap();
    assert_eq!((moved.fetched, moved.bytes_down), (1, size(&stored(&hub, speech.blob)) - there));
}

#[tokio::test]
async fn a_revoked_device_and_one_of_another_area_move_nothing_and_keep_what_they_have() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let elsewhere = Phone::joined(&hub.address, &hub.code("supervisor", "AZ-SKR")).await;
    let speech = aynur.attach(7, MIB).await;
    aynur.sync().await;
    let listed = hub.command("people list", &[], "");
    let devices: Vec<&str> = listed.lines().filter_map(|line| line.trim().strip_prefix("device ")).collect();
    for device in devices {
        hub.command("people revoke", &["--device", device], "");
    }
    let moved = aynur.moves().await.unwrap();
    assert_eq!((moved.handed_in, moved.bytes_up), (0, 0));
    assert_eq!(aynur.state_word(7).await, "kept");
    assert!(aynur.file(speech.blob).exists());
    assert_eq!(elsewhere.moves().await.unwrap(), Moved::default());
    assert!(!hub.data.path().join("uploads").join(speech.blob.to_string()).exists());
}

#[tokio::test]
async fn an_attachment_that_is_damaged_here_and_nowhere_else_is_refused_by_the_hub_and_told() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let speech = aynur.attach(7, MIB).await;
    aynur.sync().await;
    rot(&aynur.file(speech.blob));
    let moved = aynur.moves().await.unwrap();
    assert_eq!((moved.handed_in, moved.wrong, moved.damaged_here), (0, 1, 1));
    assert_eq!(aynur.state_word(7).await, "damaged");
    assert!(aynur.file(speech.blob).exists(), "what can be heard of it is kept");
    assert_eq!(aynur.moves().await.unwrap().bytes_up, 0, "it is not offered for ever");
    assert!(!stored(&hub, speech.blob).exists());
}

#[tokio::test]
async fn an_attachment_that_rots_at_the_hub_is_refused_by_who_fetches_it_and_asked_for_from_who_has_it() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let ben = Phone::joined(&hub.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, MIB).await;
    aynur.sync().await;
    aynur.moves().await.unwrap();
    ben.sync().await;
    ben.want(7, &speech).await;
    rot(&stored(&hub, speech.blob));
    let moved = ben.moves().await.unwrap();
    assert_eq!((moved.fetched, moved.wrong), (0, 2));
    assert!(!ben.file(speech.blob).exists() && !ben.part(speech.blob).exists());
    // The next time the hub is told, looks, and asks for it.
    let mut handed_in = 0;
    for _ in 0..60 {
        ben.moves().await.unwrap();
        handed_in += aynur.moves().await.unwrap().handed_in;
        if ben.file(speech.blob).exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(handed_in, 1);
    assert_eq!(std::fs::read(ben.file(speech.blob)).unwrap(), std::fs::read(aynur.file(speech.blob)).unwrap());
    hub.command("verify", &[], "");
}

#[tokio::test]
async fn what_rots_on_the_way_is_thrown_away_on_either_side_and_comes_again() {
    let hub = Hub::start();
    let line = BreakingLine::to(&hub.address).await;
    let mut aynur = Phone::joined(&line.address, &hub.code("enumerator", "AZ-TOV")).await;
    let ben = Phone::joined(&line.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 3 * MIB).await;
    aynur.sync().await;
    aynur.give("limit_attachments", json!({ "most_kb": 1000 })).await;
    let moved = aynur.moves().await.unwrap();
    assert!(moved.more && moved.bytes_up <= 1_024_000, "{moved:?}");
    rot(&hub.data.path().join("uploads").join(speech.blob.to_string()));
    assert!(aynur.moves().await.unwrap().more, "nothing is left of what may be sent");
    aynur.give("limit_attachments", json!({ "most_kb": null })).await;
    let moved = aynur.moves().await.unwrap();
    assert_eq!((moved.handed_in, moved.wrong), (1, 1));

    ben.sync().await;
    ben.want(7, &speech).await;
    ben.give("limit_attachments", json!({ "most_kb": 1000 })).await;
    assert!(ben.moves().await.unwrap().more);
    let state = ben.state(7).await;
    assert!(state["done_kb"].as_u64().unwrap() > 500 && state["state"] == "coming_down", "{state}");
    rot(&ben.part(speech.blob));
    ben.give("limit_attachments", json!({ "most_kb": null })).await;
    let moved = ben.moves().await.unwrap();
    assert_eq!((moved.fetched, moved.wrong), (1, 1));
    assert_eq!(std::fs::read(ben.file(speech.blob)).unwrap(), std::fs::read(aynur.file(speech.blob)).unwrap());
}

#[tokio::test]
async fn an_interview_erased_while_its_attachment_moves_leaves_nothing_of_it_anywhere() {
    let hub = Hub::start();
    let line = BreakingLine::to(&hub.address).await;
    let mut aynur = Phone::joined(&line.address, &hub.code("enumerator", "AZ-TOV")).await;
    let mut ben = Phone::joined(&hub.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 4 * MIB).await;
    aynur.sync().await;
    ben.sync().await;
    line.hold_after(2 * MIB, u64::MAX);
    let staged = hub.data.path().join("uploads").join(speech.blob.to_string());
    let (moved, ()) = tokio::join!(aynur.moves(), async {
        until("half of it is there", || size(&staged) > MIB).await;
        ben.erase(7).await;
        ben.sync().await;
        line.go_on();
    });
    assert_eq!(moved.unwrap().handed_in, 0);
    aynur.sync().await;
    assert!(!aynur.file(speech.blob).exists());
    until("nothing is left at the hub", || !staged.exists() && !stored(&hub, speech.blob).exists()).await;
    assert_eq!(aynur.give("attachments_state", json!({})).await["kept"], 0);
    hub.command("verify", &[], "");
}

#[tokio::test]
async fn an_interview_erased_while_its_attachment_comes_in_leaves_nothing_of_it_here() {
    let hub = Hub::start();
    let line = BreakingLine::to(&hub.address).await;
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let ben = Phone::joined(&line.address, &hub.code("supervisor", "AZ-TOV")).await;
    let speech = aynur.attach(7, 4 * MIB).await;
    aynur.sync().await;
    aynur.moves().await.unwrap();
    ben.sync().await;
    ben.want(7, &speech).await;
    ben.give("limit_attachments", json!({ "most_kb": 500 })).await;
    assert!(ben.moves().await.unwrap().more);
    assert!(ben.part(speech.blob).exists());
    aynur.erase(7).await;
    aynur.sync().await;
    ben.sync().await;
    assert!(!ben.part(speech.blob).exists());
    ben.give("limit_attachments", json!({ "most_kb": null })).await;
    let moved = ben.moves().await.unwrap();
    assert_eq!((moved.fetched, moved.bytes_down), (0, 0));
    assert!(!ben.part(speech.blob).exists() && !ben.file(speech.blob).exists());
}

#[tokio::test]
async fn a_hub_in_a_room_hands_attachments_on_and_fetches_what_its_devices_ask_for() {
    let (server, room) = above_and_below();
    let mut here = Phone::joined(&room.address, &room.code("enumerator", "AZ-TOV")).await;
    let mut far = Phone::joined(&server.address, &server.code("supervisor", "AZ-TOV")).await;
    let speech = here.attach(7, 3 * MIB).await;
    here.sync().await;
    assert_eq!(here.moves().await.unwrap().handed_in, 1);
    assert_eq!(here.state_word(7).await, "copied", "the hub in the room can't sign for the server");
    until("the server has it", || stored(&server, speech.blob).exists()).await;
    let mut state = String::new();
    for _ in 0..LOOKS {
        here.moves().await.unwrap();
        state = here.state_word(7).await;
        if state == "safe" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(state, "safe", "the server's receipt comes by the room's hub");
    assert_eq!(size(&stored(&server, speech.blob)), size(&here.file(speech.blob)));

    let photo = far.attach(8, MIB).await;
    far.sync().await;
    assert_eq!(far.moves().await.unwrap().handed_in, 1);
    for _ in 0..LOOKS {
        here.sync().await;
        if here.state_word(8).await == "not_here" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    here.want(8, &photo).await;
    for _ in 0..LOOKS {
        if here.moves().await.unwrap().fetched == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(std::fs::read(here.file(photo.blob)).unwrap(), std::fs::read(far.file(photo.blob)).unwrap());
    assert!(stored(&room, photo.blob).exists());
    for hub in [&server, &room] {
        hub.command("verify", &[], "");
    }
}
