//! Receipts, orders and rights that move, against the real binary.

use kend_domain::{EntityId, Role};
use kend_log::{LogId, Op, Reason};
use kend_sync::{Replica, own_certificate};

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
    assert_eq!((head(&aynur).unacknowledged, head(&aynur).not_safe), (1, 1));
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.round_trips, outcome.receipts_refused), (1, 0));
    assert_eq!((head(&aynur).unacknowledged, head(&aynur).not_safe), (0, 0));
    let receipt = aynur.store.receipt(&own_log(&aynur, TOVUZ)).unwrap().unwrap();
    assert_eq!(receipt.seq, 1);
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road is bad")]);
    assert_eq!(head(&aynur).not_safe, 1);
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
    let before = aynur.store.segments_to_send(&own_log(&aynur, TOVUZ), 0, 1 << 20).unwrap().remove(0);
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
    hub.command("people", &["revoke", "--device", &device], "");
    lost.write(TOVUZ, 7, vec![set("a/finance_notes", "After the loss")]);
    let outcome = lost.sync(&hub).await.unwrap();
    assert_eq!((outcome.wipe, outcome.entries_sent, outcome.entries_received), (true, 0, 0));
    assert!(hub.command("people", &["list"], "").contains(&format!("device {device}, revoked")));
    let told = rashad.sync(&hub).await.unwrap();
    assert_eq!((told.entries_received, told.orders_obeyed), (1, 1), "what came before counts");
    assert_eq!(rashad.store.accepted_until(&own_log(&lost, TOVUZ)).unwrap(), Some(1));
    let aside = hub.command("quarantine", &["list"], "");
    assert!(aside.contains("not_allowed") && aside.contains("entries 2-2"), "{aside}");
    let name = aside.split_whitespace().next().unwrap();
    assert_eq!(hub.command("quarantine", &["release", name], ""), "1 entries taken in");
    assert_eq!(hub.command("quarantine", &["list"], ""), "");
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
    let aside = hub.command("quarantine", &["list"], "");
    let name = aside.split_whitespace().next().unwrap().to_owned();
    hub.command("quarantine", &["drop", &name], "");
    assert_eq!(hub.command("quarantine", &["list"], ""), "");
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
    hub.command("people", &["set", "--person", &person, "--role", "supervisor", "--area", "AZ-QBA"], "");
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!(outcome.certificate.map(|own| own.role), Some(Role::Supervisor));
    assert_eq!(outcome.scopes_left, [TOVUZ.parse().unwrap()]);
    assert_eq!((aynur.state(7), aynur.state(8)), (Vec::new(), Vec::new()));
    assert_eq!(own_certificate(&aynur.store).unwrap().unwrap().role, Role::Supervisor);
    let quiet = aynur.sync(&hub).await.unwrap();
    assert_eq!((quiet.round_trips, quiet.restored, quiet.complete), (1, false, true));
    // Back again: her own entries first of all, so that her log goes on where it was.
    hub.command("people", &["set", "--person", &person, "--role", "enumerator", "--area", "AZ-TOV"], "");
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
    hub.command("people", &["set", "--person", &person, "--area", "AZ-QBA"], "");
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "Written on the way")]);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_set_aside(), outcome.scopes_left.len()), (1, 0));
    assert_eq!(aynur.state(7).len(), 1);
    let aside = hub.command("quarantine", &["list"], "");
    hub.command("quarantine", &["release", aside.split_whitespace().next().unwrap()], "");
    assert_eq!(aynur.sync(&hub).await.unwrap().scopes_left.len(), 1, "released, safe, and only then gone");
}
