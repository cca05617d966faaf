//! Erasure reaches PostgreSQL's files: what stood there, sealed, stands nowhere any more.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use data_encoding::HEXLOWER;
use kend_domain::EntityId;
use kend_log::{Op, Reason};
use kend_tests::Postgres;

use super::{beside, hub_in, own_server};
use crate::common::{Device, Hub, set};
use crate::people::supervisor;

const TOVUZ: &str = "demo/AZ-TOV";
const MARKER: &str = "QIRMIZI-NISAN-7341";
/// So much of a content is looked for: no other has the same.
const NEEDLE_BYTES: usize = 24;

/// How many of these bytes are found anywhere in any file of a folder.
fn hits(folder: &Path, needles: &[Vec<u8>]) -> usize {
    let found = |needle: &Vec<u8>| {
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), needle).unwrap();
        let mut grep = Command::new("grep");
        grep.env("LC_ALL", "C").args(["-rlaF", "-f"]).arg(list.path()).arg(folder);
        !grep.output().unwrap().stdout.is_empty()
    };
    needles.iter().filter(|needle| found(needle)).count()
}

/// All contents by name.
fn contents(server: &Postgres, database: &str) -> BTreeMap<String, Vec<u8>> {
    let rows = server.sql(database, "SELECT encode(id, 'hex'), encode(content, 'hex') FROM kend.record").unwrap();
    let row = |line: &str| {
        let (id, content) = line.split_once('|').unwrap();
        (id.to_owned(), HEXLOWER.decode(content.as_bytes()).unwrap())
    };
    rows.lines().map(row).collect()
}

/// A run of bytes in a content that `grep` can look for: no line ends in it.
fn needle(content: &[u8]) -> Option<Vec<u8>> {
    let fits = |run: &&[u8]| !run.contains(&b'\n') && !run.contains(&0);
    content.windows(NEEDLE_BYTES).find(fits).map(<[u8]>::to_vec)
}

/// What stood there before and does not any more.
fn gone(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<Vec<u8>> {
    before.iter().filter(|(id, content)| after.get(*id) != Some(*content)).filter_map(|(_, old)| needle(old)).collect()
}

/// A hub with the marker in two people's work, in what was set aside, and much beside it.
async fn marked(hub: &Hub) -> (Device, Device) {
    supervisor(hub);
    let mut aynur = Device::enrolled(hub, 1, "enumerator", "AZ-TOV").await;
    let mut rashad = Device::enrolled(hub, 2, "supervisor", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", MARKER)]);
    aynur.sync(hub).await.unwrap();
    rashad.sync(hub).await.unwrap();
    rashad.write(TOVUZ, 7, vec![set("a/quote/1/words", &MARKER.repeat(300))]);
    // What nobody of this role may write is set aside.
    aynur.write(TOVUZ, 7, vec![set("c/road/text", MARKER)]);
    for entity in 10..60 {
        rashad.write(TOVUZ, entity, vec![set("a/health_notes", &format!("stays {entity} ").repeat(40))]);
    }
    for device in [&mut aynur, &mut rashad] {
        device.sync(hub).await.unwrap();
    }
    (aynur, rashad)
}

#[tokio::test]
async fn after_an_erasure_no_file_of_the_database_holds_what_was_there() {
    let Some(server) = own_server() else { return };
    let (database, files) = (server.database().unwrap(), server.data().unwrap());
    let hub = hub_in(&database);
    let (mut aynur, mut rashad) = marked(&hub).await;
    let before = contents(&server, &database);
    let entity = EntityId::from_bytes([7; 16]).to_string();
    let words = ["--entity", &entity, "--by", "Leyla", "--reason", "must_not_be_kept"];
    // The log alone may hold it in two halves, around the head of a page of its own.
    server.sql(&database, "CHECKPOINT").unwrap();
    let old: Vec<Vec<u8>> = before.values().filter_map(|content| needle(content)).collect();
    assert_eq!(hits(&files, &old), old.len(), "all of it stands in some file");
    let said = hub.command("erase", &words, "");
    assert!(said.contains("hold no trace"), "{said}");
    let after = contents(&server, &database);
    let gone = gone(&before, &after);
    assert!(gone.len() >= 3, "two segments and what was set aside: {}", gone.len());
    println!("{} of {} contents erased", gone.len(), before.len());
    assert_eq!(hits(&files, &gone), 0);
    assert_eq!(hits(&files, &[MARKER.as_bytes().to_vec()]), 0);
    // What is built anew from it has none of it, and devices forget it too.
    let anew = beside(&hub, &database);
    for device in [&mut aynur, &mut rashad] {
        device.sync(&anew).await.unwrap();
        device.sync(&anew).await.unwrap();
        assert!(!format!("{:?}", device.state(7)).contains(MARKER));
    }
    assert!(format!("{:?}", rashad.state(10)).contains("stays"));
    for hub in [&hub, &anew] {
        hub.command("verify", &[], "");
    }
}

#[tokio::test]
async fn an_erasure_that_came_by_a_device_is_cleared_by_whoever_serves_next() {
    let Some(server) = own_server() else { return };
    let (database, files) = (server.database().unwrap(), server.data().unwrap());
    let mut hub = hub_in(&database);
    let (_aynur, mut rashad) = marked(&hub).await;
    let before = contents(&server, &database);
    rashad.write(TOVUZ, 7, vec![Op::Erase { under: None, reason: Reason::ConsentWithdrawn }]);
    assert!(rashad.sync(&hub).await.unwrap().complete);
    let owed = || server.sql(&database, "SELECT erased > cleared FROM kend.head").unwrap();
    assert_eq!(owed(), "t");
    let gone = gone(&before, &contents(&server, &database));
    assert!(gone.len() >= 2 && hits(&files, &gone) > 0, "a trace of it is somewhere");
    hub.kill_and_restart();
    while owed() == "t" {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(hits(&files, &gone), 0);
    assert!(rashad.sync(&hub).await.unwrap().complete);
    hub.command("verify", &[], "");
}
