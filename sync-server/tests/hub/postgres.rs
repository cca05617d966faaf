//! A hub in PostgreSQL: what no hub in a file has to show. The other tests run on both.

mod doubt;
mod opening;
mod processes;
mod same;
mod traces;

use kend_tests::{Disk, Postgres};
use tempfile::TempDir;

use crate::common::{Hub, put_in};

/// The server of this run, or one of the test's own; none, with a word about it, where PostgreSQL is not on the machine.
pub(crate) fn server() -> Option<Postgres> {
    Postgres::shared().or_else(own_server)
}

/// A server that the test may stop.
pub(crate) fn own_server() -> Option<Postgres> {
    let server = Postgres::start(Disk::Unsynced).unwrap();
    if server.is_none() {
        println!("left out: PostgreSQL is not on this machine");
    }
    server
}

/// A hub process in a database, with a folder of its own.
#[track_caller]
pub(crate) fn hub_in(database: &str) -> Hub {
    let data = TempDir::new().unwrap();
    put_in(data.path(), Some(database));
    Hub::start_on(data, &["--plain-http"])
}

/// One more process of the same hub: it gets the key and nothing else.
#[track_caller]
pub(crate) fn beside(hub: &Hub, database: &str) -> Hub {
    let data = TempDir::new().unwrap();
    std::fs::copy(hub.data.path().join("hub.key"), data.path().join("hub.key")).unwrap();
    put_in(data.path(), Some(database));
    Hub::start_on(data, &["--plain-http"])
}

/// How many entries a hub holds, by its own word.
#[track_caller]
pub(crate) fn entries(hub: &Hub) -> u64 {
    let status: serde_json::Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    status["entries"].as_u64().unwrap()
}
