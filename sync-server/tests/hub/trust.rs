//! Receipts, orders and rights that move, against the real binary.

use kend_domain::{EntityId, Role};
use kend_log::{LogId, Op, Reason};
use kend_store::Addressee;
use kend_sync::{Replica, own_certificate};

use tokio::io::AsyncWriteExt;

use crate::common::{Device, Hub, set};

const TOVUZ: &str = "demo/AZ-TOV";
const GUBA: &str = "demo/AZ-QBA";

async fn enumerator(hub: &Hub, name: u8) -> Device {
    Device::enrolled(hub, name, "enumerator", "AZ-TOV").await
}

fn erase() -> Op {
    Op::Erase { under: None, reason: Reason::ConsentWithdrawn }
}

fn own_log(device: &Device, scope: &str) -> LogId {
    LogId { device: device.store.device(), scope: scope.parse().unwrap() }
}

/// Lines of `status` about erasures that nobody confirmed.
fn unconfirmed(hub: &Hub) -> Vec<String> {
    let status = hub.command("status", &[], "");
    status.lines().filter(|line| line.starts_with("erasure of")).map(str::to_owned).collect()
}

#[tokio::test]
async fn what_the_server_has_is_safe_in_one_round_trip_and_stays_so_over_a_restart_of_the_device() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let head = |device: &Device| device.store.entity_head(EntityId::from_bytes([7; 16])).unwrap().unwrap();
    assert_eq!((head(&aynur).unacknowledged, head(&aynur).not_safe), (true, true));
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.round_trips, outcome.receipts_refused), (1, 0));
    assert_eq!((head(&aynur).unacknowledged, head(&aynur).not_safe), (false, false));
    let receipt = aynur.store.receipt(&own_log(&aynur, TOVUZ)).unwrap().unwrap();
    assert_eq!(receipt.seq, 1);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road is bad")]);
    assert!(head(&aynur).not_safe);
}

#[tokio::test]
async fn an_erasure_reaches_every_device_of_the_area_first_and_the_hub_knows_who_has_not_confirmed() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let mut elsewhere = Device::enrolled(&hub, 3, "enumerator", "AZ-QBA").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "Said in confidence")]);
    aynur.sync(&hub).await.unwrap();
    rashad.sync(&hub).await.unwrap();
    aynur.write(TOVUZ, 7, vec![erase()]);
    assert_eq!(aynur.sync(&hub).await.unwrap().orders_obeyed, 1);
    let open = unconfirmed(&hub);
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].contains(&rashad.store.device().to_string()) && open[0].ends_with("did not ask since"));
    let outcome = rashad.sync(&hub).await.unwrap();
    assert_eq!((outcome.orders_obeyed, outcome.orders_refused), (1, 0));
    assert_eq!(rashad.state(7), Vec::<String>::new());
    assert_eq!(unconfirmed(&hub), Vec::<String>::new());
    assert_eq!(
        elsewhere.sync(&hub).await.unwrap().orders_obeyed,
        0,
        "of an entity outside its area it is told nothing"
    );
}

#[tokio::test]
async fn what_was_erased_before_it_came_does_not_revive_whoever_brings_it() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "Said in confidence")]);
    let before =
        aynur.store.segments_to_send(&own_log(&aynur, TOVUZ), 0, 1 << 20, Addressee::Anybody).unwrap().remove(0).bytes;
    aynur.sync(&hub).await.unwrap();
    aynur.write(TOVUZ, 7, vec![erase()]);
    aynur.sync(&hub).await.unwrap();
    // Rashad's device never held the interview; an old stick brings it as it was.
    let outcome = rashad.sync(&hub).await.unwrap();
    assert_eq!(outcome.orders_obeyed, 1);
    let mut third = enumerator(&hub, 3).await;
    third.store.obey_erasure(1, EntityId::from_bytes([7; 16]), None, Reason::ConsentWithdrawn).unwrap();
    let known = rashad.store.known_device(aynur.store.device()).unwrap().unwrap();
    third.store.put_device(&known).unwrap();
    for device in [&mut rashad, &mut third] {
        Replica::receive(&mut device.store, &before).unwrap();
        assert_eq!(device.state(7), Vec::<String>::new());
        device.write(TOVUZ, 8, vec![set("a/health_notes", "another interview")]);
    }
    let path = "a/health_notes".parse().unwrap();
    let (entity, person) = (EntityId::from_bytes([7; 16]), third.person);
    assert!(third.store.keep_draft(entity, &path, person, "again").is_err(), "nor is it typed anew");
}

#[tokio::test]
async fn a_revoked_device_is_told_to_wipe_itself_and_its_later_work_waits_for_a_person() {
    let hub = Hub::start();
    let (mut lost, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    lost.write(TOVUZ, 7, vec![set("a/health_notes", "Before the loss")]);
    lost.sync(&hub).await.unwrap();
    let device = lost.store.device().to_string();
    hub.command("people revoke", &["--device", &device], "");
    lost.write(TOVUZ, 7, vec![set("a/finance_notes", "After the loss")]);
    let outcome = lost.sync(&hub).await.unwrap();
    assert_eq!((outcome.wipe, outcome.entries_sent, outcome.entries_received), (true, 0, 0));
    assert!(hub.command("people list", &[], "").contains(&format!("device {device}, revoked")));
    let told = rashad.sync(&hub).await.unwrap();
    assert_eq!((told.entries_received, told.orders_obeyed), (1, 1), "what came before counts");
    assert_eq!(rashad.store.accepted_until(&own_log(&lost, TOVUZ)).unwrap(), Some(1));
    let aside = hub.command("quarantine list", &[], "");
    assert!(aside.contains("not_allowed") && aside.contains("entries 2-2"), "{aside}");
    let name = aside.split_whitespace().next().unwrap();
    assert_eq!(hub.command("quarantine release", &[name], ""), "1 entries taken in");
    assert_eq!(hub.command("quarantine list", &[], ""), "");
    let outcome = rashad.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_received, outcome.segments_aside_here), (1, 0), "the honest work reaches everybody");
    assert_eq!(rashad.state(7).len(), 2);
}

#[tokio::test]
async fn what_a_person_drops_from_quarantine_is_gone() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    aynur.write(GUBA, 7, vec![set("a/health_notes", "Not her area")]);
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_set_aside(), 1);
    let aside = hub.command("quarantine list", &[], "");
    let name = aside.split_whitespace().next().unwrap().to_owned();
    hub.command("quarantine drop", &[&name], "");
    assert_eq!(hub.command("quarantine list", &[], ""), "");
}

#[tokio::test]
async fn an_area_that_is_taken_away_leaves_the_device_and_comes_back_whole_when_it_is_given_back() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    rashad.write(TOVUZ, 8, vec![set("a/health_notes", "The clinic")]);
    aynur.sync(&hub).await.unwrap();
    rashad.sync(&hub).await.unwrap();
    aynur.sync(&hub).await.unwrap();
    let person = aynur.person.to_string();
    hub.command("people set", &["--person", &person, "--role", "supervisor", "--area", "AZ-QBA"], "");
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!(outcome.certificate.map(|own| own.role), Some(Role::Supervisor));
    assert_eq!(outcome.scopes_left, [TOVUZ.parse().unwrap()]);
    assert_eq!((aynur.state(7), aynur.state(8)), (Vec::new(), Vec::new()));
    assert_eq!(own_certificate(&aynur.store).unwrap().unwrap().role, Role::Supervisor);
    let quiet = aynur.sync(&hub).await.unwrap();
    assert_eq!((quiet.round_trips, quiet.restored, quiet.complete), (1, false, true));
    // Back again: her own entries first of all, so that her log goes on where it was.
    hub.command("people set", &["--person", &person, "--role", "enumerator", "--area", "AZ-TOV"], "");
    aynur.sync(&hub).await.unwrap();
    aynur.sync(&hub).await.unwrap();
    assert_eq!((aynur.state(7).len(), aynur.state(8).len()), (1, 1));
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road is bad")]);
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_sent, 1);
    assert!(aynur.store.unacknowledged().unwrap().logs.is_empty());
}

#[tokio::test]
async fn a_scope_with_work_that_is_nowhere_else_is_not_removed() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    aynur.sync(&hub).await.unwrap();
    let person = aynur.person.to_string();
    hub.command("people set", &["--person", &person, "--area", "AZ-QBA"], "");
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "Written on the way")]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_set_aside(), outcome.scopes_left.len()), (1, 0));
    assert_eq!(aynur.state(7).len(), 1);
    let aside = hub.command("quarantine list", &[], "");
    hub.command("quarantine release", &[aside.split_whitespace().next().unwrap()], "");
    assert_eq!(aynur.sync(&hub).await.unwrap().scopes_left.len(), 1, "released, safe, and only then gone");
}

#[tokio::test]
async fn orders_given_after_a_hub_was_put_back_from_a_backup_are_carried_out_all_the_same() {
    let mut hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let folder = tempfile::TempDir::new().unwrap();
    let backup = folder.path().join("backup");
    hub.command("backup", &[backup.to_str().unwrap()], "");
    // Two orders that the backup does not know of.
    for entity in [7, 8] {
        aynur.write(TOVUZ, entity, vec![set("a/health_notes", "Said in confidence")]);
        aynur.write(TOVUZ, entity, vec![erase()]);
    }
    aynur.sync(&hub).await.unwrap();
    assert_eq!(rashad.sync(&hub).await.unwrap().orders_obeyed, 2);
    hub.stop();
    hub.command("restore", &[backup.to_str().unwrap(), "--replace"], "");
    hub.kill_and_restart();
    // Both are ordered again, since the hub learns of the erasures again; and a new one.
    aynur.write(TOVUZ, 9, vec![set("a/health_notes", "Said later")]);
    aynur.write(TOVUZ, 9, vec![erase()]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.orders_refused, outcome.complete), (0, true));
    let outcome = rashad.sync(&hub).await.unwrap();
    assert_eq!((outcome.orders_obeyed, outcome.orders_refused), (3, 0), "{outcome:?}");
    assert_eq!(unconfirmed(&hub), Vec::<String>::new());
}

#[tokio::test]
async fn an_erasure_also_clears_what_is_kept_because_it_follows_something_set_aside() {
    let mut hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    let mut supervisor = Device::enrolled(&hub, 3, "supervisor", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    aynur.sync(&hub).await.unwrap();
    supervisor.sync(&hub).await.unwrap();
    aynur.write(TOVUZ, 7, vec![Op::Judge { act: kend_log::Act::Approve }]);
    aynur.sync(&hub).await.unwrap();
    aynur.write(TOVUZ, 7, vec![set("a/finance_notes", "Said in confidence")]);
    assert_eq!(aynur.sync(&hub).await.unwrap().set_aside[0].code, kend_sync::SetAsideCode::Gap);
    supervisor.write(TOVUZ, 7, vec![erase()]);
    supervisor.sync(&hub).await.unwrap();
    // Of what was erased, this comes when it is erased already.
    aynur.write(TOVUZ, 7, vec![set("a/finance_notes", "Said in confidence too")]);
    aynur.sync(&hub).await.unwrap();
    let kept = || {
        let key = std::fs::read_to_string(hub.data.path().join("hub.key")).unwrap();
        let key: [u8; 32] = data_encoding::HEXLOWER.decode(key.trim().as_bytes()).unwrap().try_into().unwrap();
        let key = kend_store::DatabaseKey::from_bytes(key);
        let store = kend_store::Store::open(&hub.data.path().join("hub.db"), &key, &[]).unwrap();
        store.following(aynur.store.device()).unwrap()
    };
    let segments: Vec<_> = kept().into_iter().map(|kept| kept.segment().unwrap()).collect();
    assert_eq!(segments.len(), 2);
    for segment in segments {
        assert_eq!(segment.entries()[0].ops().count(), 0, "the content is gone and the entry stays");
    }
    hub.stop();
}

/// Opens a connection, sends the head of a request and the first bytes of its body, and keeps the line open.
async fn send_part(hub: &Hub, request: &kend_sync::HttpRequest, body_bytes: usize) -> tokio::net::TcpStream {
    let address = hub.address.strip_prefix("http://").unwrap();
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (path, headers, length) = (request.path, headers.concat(), request.body.len());
    let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n");
    line.write_all(head.as_bytes()).await.unwrap();
    line.write_all(&request.body[..body_bytes]).await.unwrap();
    line
}

/// Entries that the hub holds.
fn entries(hub: &Hub) -> u64 {
    let status: serde_json::Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    status["entries"].as_u64().unwrap()
}

/// Waits until the hub holds so many entries.
async fn wait_for(hub: &Hub, wanted: u64) -> bool {
    for _ in 0..100 {
        if entries(hub) == wanted {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    false
}

/// Two segments in one request: the second begins where the device had to cut.
fn two_segments(device: &mut Device) -> kend_sync::HttpRequest {
    device.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    device.store.segments_to_send(&own_log(device, TOVUZ), 0, 1 << 20, Addressee::Anybody).unwrap();
    device.write(TOVUZ, 7, vec![set("a/finance_notes", "No bank")]);
    device.request()
}

#[tokio::test]
async fn a_body_that_is_cut_in_the_middle_keeps_its_whole_segments_and_nothing_is_answered_for_it() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    let request = two_segments(&mut aynur);
    drop(send_part(&hub, &request, request.body.len() - 1).await);
    assert!(wait_for(&hub, 1).await, "the first segment was whole");
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.complete), (2, true), "the device knows nothing of it, and goes on");
    assert_eq!(entries(&hub), 2);
}

#[tokio::test]
async fn a_slow_body_is_taken_in_segment_by_segment_while_it_comes() {
    let hub = Hub::start();
    let mut aynur = enumerator(&hub, 1).await;
    let request = two_segments(&mut aynur);
    let last = request.body.len() - 2;
    let mut line = send_part(&hub, &request, last).await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    line.write_all(&request.body[last..=last]).await.unwrap();
    assert!(wait_for(&hub, 1).await, "its body has not ended");
    line.write_all(&request.body[last + 1..]).await.unwrap();
    assert!(wait_for(&hub, 2).await);
}

#[tokio::test]
async fn what_somebody_else_claims_or_forges_is_not_taken_in_from_a_body_that_breaks_off() {
    let hub = Hub::start();
    let (mut aynur, mut rashad) = (enumerator(&hub, 1).await, enumerator(&hub, 2).await);
    let honest = two_segments(&mut aynur);
    let header = |request: &kend_sync::HttpRequest| {
        request.headers.iter().find(|(name, _)| *name == kend_sync::protocol::DEVICE_HEADER).unwrap().1.clone()
    };
    let other = header(&rashad.request());
    let mut claimed = honest.clone();
    for (name, value) in &mut claimed.headers {
        if *name == kend_sync::protocol::DEVICE_HEADER {
            value.clone_from(&other);
        }
    }
    let mut forged = honest.clone();
    // The last byte of the first segment's signature or content: whatever it is, it does not hold any more.
    let place = forged.body.len() / 2 - 8;
    forged.body[place] ^= 1;
    for request in [claimed, forged] {
        drop(send_part(&hub, &request, request.body.len() - 1).await);
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(entries(&hub), 0);
    let status: serde_json::Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    assert_eq!(status["segments_set_aside"], 0, "nor can anybody without a key fill the quarantine");
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_sent, 2);
}
