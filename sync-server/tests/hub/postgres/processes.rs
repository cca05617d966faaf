//! Several processes of one hub: each sees what the others did, at once and in one order, whoever of them is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kend_domain::EntityId;
use serde_json::json;
use tokio_postgres::NoTls;

use super::{beside, entries, hub_in, own_server, server};
use crate::common::{Device, Failure, Hub, set};
use crate::people::{PASSWORD, command, cookie, supervisor};

const TOVUZ: &str = "demo/AZ-TOV";

#[tokio::test]
async fn two_processes_are_one_hub_to_devices_and_to_people() {
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let first = hub_in(&database);
    supervisor(&first);
    let second = beside(&first, &database);
    // A code made at one enrols at the other; what came in at one goes out at the other.
    let mut aynur = Device::new(1);
    aynur.enrol(&second, &first.code("enumerator", "AZ-TOV")).await.unwrap();
    let mut rashad = Device::enrolled(&second, 2, "enumerator", "AZ-TOV").await;
    for round in 0..4 {
        let (here, there) = if round % 2 == 0 { (&first, &second) } else { (&second, &first) };
        aynur.write(TOVUZ, 7, vec![set("a/health_notes", &format!("round {round}"))]);
        assert!(aynur.sync(here).await.unwrap().complete);
        let outcome = rashad.sync(there).await.unwrap();
        assert!(outcome.complete && outcome.scopes_refolded.is_empty(), "{outcome:?}");
        assert_eq!(outcome.entries_received, 1);
        assert_eq!(aynur.state(7), rashad.state(7));
    }
    // Signed in at one is signed in at the other, and so is signed out.
    let signed_in = command(&first, "sign_in", &json!({"name": "Leyla", "password": PASSWORD})).send().await.unwrap();
    let session = cookie(&signed_in);
    let list = async |hub: &Hub| {
        let sent = command(hub, "list_interviews", &json!({})).header("cookie", &session).send().await.unwrap();
        (sent.status().as_u16(), sent.text().await.unwrap())
    };
    assert_eq!(list(&second).await, list(&first).await);
    assert_eq!(list(&second).await.0, 200);
    command(&second, "sign_out", &json!({})).header("cookie", &session).send().await.unwrap();
    assert_eq!((list(&first).await.0, list(&second).await.0), (401, 401));
    // Revoked at one is revoked at the other.
    first.command("people revoke", &["--device", &aynur.store.device().to_string()], "");
    assert!(aynur.sync(&second).await.unwrap().wipe);
    for hub in [&first, &second] {
        hub.command("verify", &[], "");
    }
}

/// Row 20 of the fault matrix: eight writers at two processes, a transaction that is held open all the while, the lock on
/// the head held for a time, and a reader that polls a third process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_misses_nothing_and_hears_nothing_twice_while_eight_write() {
    const WRITERS: u8 = 8;
    const ROUNDS: u64 = 15;
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let first = hub_in(&database);
    let hubs = [beside(&first, &database), beside(&first, &database)];
    let mut reader = Device::enrolled(&first, 100, "supervisor", "AZ-TOV").await;
    let (held, connection) = tokio_postgres::connect(&database, NoTls).await.unwrap();
    let driven = tokio::spawn(connection);
    held.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM kend.record").await.unwrap();
    let mut writers = Vec::new();
    for number in 1..=WRITERS {
        let hub = &hubs[usize::from(number) % 2];
        let (mut device, address) = (Device::enrolled(hub, number, "enumerator", "AZ-TOV").await, hub.address.clone());
        writers.push(tokio::spawn(async move {
            for round in 0..ROUNDS {
                device.write(TOVUZ, number, vec![set("a/health_notes", &format!("round {round}"))]);
                device.write(TOVUZ, 200, vec![set(&format!("a/notes_{number}"), &format!("round {round}"))]);
                while !device.sync_at(&address).await.is_ok_and(|outcome| outcome.complete) {}
            }
            device
        }));
    }
    let (locked, connection) = tokio_postgres::connect(&database, NoTls).await.unwrap();
    let driven_too = tokio::spawn(connection);
    let done = Arc::new(AtomicBool::new(false));
    let holding = {
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                locked.batch_execute("BEGIN; SELECT FROM kend.head FOR UPDATE").await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                locked.batch_execute("COMMIT").await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        })
    };
    let all = u64::from(WRITERS) * ROUNDS * 2;
    let (mut received, mut polls) = (0, 0);
    while received < all {
        let outcome = reader.sync(&first).await.unwrap();
        assert!(outcome.set_aside.is_empty() && outcome.scopes_refolded.is_empty(), "{outcome:?}");
        received += outcome.entries_received;
        polls += 1;
        let here: u64 = reader.store.logs().unwrap().iter().map(|head| head.seq).sum();
        assert_eq!(here, received, "something came twice or was counted and is not here");
    }
    assert_eq!(received, all);
    assert_eq!(reader.sync(&first).await.unwrap().entries_received, 0);
    done.store(true, Ordering::Relaxed);
    holding.await.unwrap();
    for writer in writers {
        let mut writer = writer.await.unwrap();
        let number = writer.store.device().as_bytes()[0];
        assert_eq!(writer.state(number), reader.state(number));
        while !writer.sync(&first).await.is_ok_and(|outcome| outcome.complete) {}
        assert_eq!(writer.state(200), reader.state(200));
    }
    held.batch_execute("COMMIT").await.unwrap();
    drop(held);
    driven.abort();
    driven_too.abort();
    println!("{received} entries of {WRITERS} writers in {polls} polls: none skipped, none twice");
    for hub in hubs.iter().chain([&first]) {
        assert_eq!(entries(hub), all);
    }
}

/// Devices that write and sync without a pause, at whatever address they are told, and how much was acknowledged.
struct Load {
    tasks: Vec<tokio::task::JoinHandle<(Device, u64)>>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
}

impl Load {
    fn begin(devices: Vec<Device>, address: &str) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let work = |mut device: Device| {
            let (stop, acknowledged, address) = (Arc::clone(&stop), Arc::clone(&acknowledged), address.to_owned());
            tokio::spawn(async move {
                let (number, mut sent) = (device.store.device().as_bytes()[0], 0);
                while !stop.load(Ordering::Relaxed) {
                    sent += 1;
                    device.write(TOVUZ, number, vec![set("a/health_notes", &format!("{sent}"))]);
                    match device.sync_at(&address).await {
                        Ok(outcome) => {
                            acknowledged.fetch_add(outcome.entries_sent, Ordering::Relaxed);
                        }
                        Err(Failure::Line) => break,
                        // The hub said that it is busy: the database is away.
                        Err(Failure::Exchange(_)) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                    }
                }
                (device, sent)
            })
        };
        let tasks = devices.into_iter().map(work).collect();
        Self { tasks, stop, acknowledged }
    }

    /// Waits until so much more was acknowledged.
    async fn goes_on(&self, more: u64) {
        let wanted = self.acknowledged.load(Ordering::Relaxed) + more;
        while self.acknowledged.load(Ordering::Relaxed) < wanted {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn end(self) -> Vec<Device> {
        self.stop.store(true, Ordering::Relaxed);
        let mut devices = Vec::new();
        for task in self.tasks {
            devices.push(task.await.unwrap().0);
        }
        devices
    }
}

/// What a device has been told to be on the hub's disk is in a process that was built from the database alone.
async fn nothing_acknowledged_is_missing(devices: &[Device], hub: &Hub, reader: &mut Device) {
    while !reader.sync(hub).await.unwrap().complete {}
    for device in devices {
        let head =
            device.store.logs().unwrap().into_iter().find(|head| head.log.device == device.store.device()).unwrap();
        assert!(head.acknowledged > 0);
        let there = reader.store.log_head(&head.log).unwrap().map_or(0, |(seq, _)| seq);
        assert!(there >= head.acknowledged, "{} acknowledged, {there} there", head.acknowledged);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_under_load_loses_nothing_acknowledged_and_the_others_go_on() {
    const CYCLES: u32 = 6;
    let Some(server) = server() else { return };
    let database = server.database().unwrap();
    let first = hub_in(&database);
    let mut killed = beside(&first, &database);
    let mut devices = Vec::new();
    for number in 1..=4 {
        devices.push(Device::enrolled(&first, number, "enumerator", "AZ-TOV").await);
    }
    let mut reader = Device::enrolled(&first, 100, "supervisor", "AZ-TOV").await;
    for _ in 0..CYCLES {
        let load = Load::begin(devices, &killed.address);
        load.goes_on(12).await;
        killed.kill_and_restart();
        devices = load.end().await;
        reader.sync(&first).await.unwrap();
    }
    let anew = beside(&first, &database);
    nothing_acknowledged_is_missing(&devices, &anew, &mut reader).await;
    for device in &mut devices {
        assert!(device.sync(&killed).await.unwrap().complete);
    }
    assert!(reader.sync(&anew).await.unwrap().complete);
    for (device, number) in devices.iter().zip(1..) {
        assert_eq!(device.store.unacknowledged().unwrap().entries(), 0);
        assert_eq!(device.state(number), reader.state(number));
    }
    for hub in [&first, &killed, &anew] {
        hub.command("verify", &[], "");
        assert_eq!(entries(hub), entries(&first));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_under_load_makes_the_hub_busy_and_loses_nothing_acknowledged() {
    let Some(mut server) = own_server() else { return };
    let database = server.database().unwrap();
    let hub = hub_in(&database);
    supervisor(&hub);
    let mut devices = Vec::new();
    for number in 1..=3 {
        devices.push(Device::enrolled(&hub, number, "enumerator", "AZ-TOV").await);
    }
    let mut reader = Device::enrolled(&hub, 100, "supervisor", "AZ-TOV").await;
    for _ in 0..3 {
        let load = Load::begin(devices, &hub.address);
        load.goes_on(9).await;
        server.stop();
        let refused = command(&hub, "sign_in", &json!({"name": "Leyla", "password": PASSWORD})).send().await.unwrap();
        assert_eq!(refused.status().as_u16(), 503);
        assert_eq!(refused.json::<serde_json::Value>().await.unwrap()["code"], "hub_unreachable");
        // What is known of it holds for a moment.
        let unhealthy = async || {
            let health = reqwest::get(hub.url("/healthz")).await.unwrap();
            health.status().as_u16() == 503 && health.text().await.unwrap().contains(r#""database_answers":false"#)
        };
        while !unhealthy().await {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        server.go_on().unwrap();
        load.goes_on(9).await;
        devices = load.end().await;
    }
    let anew = beside(&hub, &database);
    nothing_acknowledged_is_missing(&devices, &anew, &mut reader).await;
    assert_eq!(reqwest::get(hub.url("/healthz")).await.unwrap().status().as_u16(), 200);
    for hub in [&hub, &anew] {
        hub.command("verify", &[], "");
    }
    let entity = EntityId::from_bytes([1; 16]);
    assert!(reader.store.entity(entity).unwrap().is_some());
}
