//! What the hub counts of itself, for Prometheus: numbers by route and status, never a person, a device or content.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::blobs::table;
use crate::error::HubError;
use crate::hub::HubState;
use crate::{account, people, world};

/// How long answers take: from a millisecond to half a minute.
const SECONDS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// The route as it is written in the hub, with its method.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

/// All that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    seconds: Family<Route, Histogram>,
    received_bytes: Counter,
    sent_bytes: Counter,
    connections: Gauge,
    connections_refused: Counter,
    handshakes_failed: Counter,
    writes: Counter,
    commits: Counter,
    commit_seconds: Histogram,
    waiting: Gauge,
    resident_bytes: Gauge,
    held: Held,
}

/// What the store holds, read when asked for.
#[derive(Debug, Default)]
struct Held {
    entries: Gauge,
    logs: Gauge,
    set_aside: Gauge,
    people: Gauge,
    devices: Gauge,
    sessions: Gauge,
    blobs: Gauge,
    blob_bytes: Gauge,
    uploads: Gauge,
    /// Of a hub in PostgreSQL only.
    database_answers: Family<[(&'static str, &'static str); 1], Gauge>,
}

/// What the store holds.
pub(crate) struct Counts {
    /// Entries of all logs.
    pub(crate) entries: u64,
    /// Logs.
    pub(crate) logs: u64,
    /// Segments kept aside for a person.
    pub(crate) set_aside: u64,
    /// People.
    pub(crate) people: u64,
    /// Of them, with an account for the browser.
    pub(crate) accounts: u64,
    /// Devices.
    pub(crate) devices: u64,
    /// People signed in.
    pub(crate) sessions: u64,
    /// Attachments that are whole.
    pub(crate) blobs: u64,
    /// Their size.
    pub(crate) blob_bytes: u64,
    /// Attachments that are coming in.
    pub(crate) uploads: u64,
    /// Whether PostgreSQL answers; none when the hub is in a file.
    pub(crate) database_answers: Option<bool>,
}

impl Counts {
    /// Counts.
    pub(crate) fn of(hub: &HubState, database_answers: Option<bool>) -> Result<Self, HubError> {
        let heads = hub.store.logs()?;
        let tables = hub.store.connection();
        let (people, accounts, devices) = people::counts(tables)?;
        let (blobs, blob_bytes, uploads) = table::counts(tables)?;
        Ok(Self {
            entries: heads.iter().map(|head| head.seq).sum(),
            logs: u64::try_from(heads.len()).unwrap_or(u64::MAX),
            set_aside: hub.store.count_quarantined()?,
            people: people.cast_unsigned(),
            accounts: accounts.cast_unsigned(),
            devices: devices.cast_unsigned(),
            sessions: account::sessions(tables, world::wall_ms())?,
            blobs,
            blob_bytes,
            uploads,
            database_answers,
        })
    }
}

/// A connection that is open for as long as this lasts.
pub(crate) struct Open(Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("kend_hub");
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            received_bytes: Counter::default(),
            sent_bytes: Counter::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            handshakes_failed: Counter::default(),
            writes: Counter::default(),
            commits: Counter::default(),
            commit_seconds: histogram(),
            waiting: Gauge::default(),
            resident_bytes: Gauge::default(),
            held: Held::default(),
        };
        registry.register("requests", "Answers by route and status", metrics.requests.clone());
        registry.register_with_unit("answer", "Time to an answer", Unit::Seconds, metrics.seconds.clone());
        registry.register_with_unit("received", "Received", Unit::Bytes, metrics.received_bytes.clone());
        registry.register_with_unit("sent", "Sent", Unit::Bytes, metrics.sent_bytes.clone());
        registry.register("connections", "Open connections", metrics.connections.clone());
        registry.register("connections_refused", "Too many of an address", metrics.connections_refused.clone());
        registry.register("handshakes_failed", "Connections without TLS", metrics.handshakes_failed.clone());
        registry.register("writes", "Requests that may have written", metrics.writes.clone());
        registry.register("commits", "Transactions that these shared", metrics.commits.clone());
        let commit_seconds = metrics.commit_seconds.clone();
        registry.register_with_unit("commit", "Time of a transaction with its requests", Unit::Seconds, commit_seconds);
        registry.register("writes_waiting", "Requests that wait for their turn", metrics.waiting.clone());
        registry.register_with_unit("resident", "Memory in use", Unit::Bytes, metrics.resident_bytes.clone());
        let Held { entries, logs, set_aside, people, devices, sessions, blobs, blob_bytes, uploads, database_answers } =
            &metrics.held;
        registry.register("entries", "Entries of all logs", entries.clone());
        registry.register("logs", "Logs", logs.clone());
        registry.register("segments_set_aside", "Segments that wait for a person", set_aside.clone());
        registry.register("people", "People", people.clone());
        registry.register("devices", "Devices", devices.clone());
        registry.register("sessions", "People signed in", sessions.clone());
        registry.register("blobs", "Attachments", blobs.clone());
        registry.register_with_unit("blobs", "Attachments", Unit::Bytes, blob_bytes.clone());
        registry.register("uploads", "Attachments that are coming in", uploads.clone());
        registry.register("database_answers", "Whether PostgreSQL answers", database_answers.clone());
        Self { registry, ..metrics }
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        self.requests.get_or_create(&Answer { method: method.clone(), route: route.clone(), status }).inc();
        self.seconds.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
    }

    /// Counts bytes that came.
    pub(crate) fn received(&self, bytes: usize) {
        self.received_bytes.inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Counts bytes that went.
    pub(crate) fn sent(&self, bytes: usize) {
        self.sent_bytes.inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Counts a connection while it is open.
    pub(crate) fn connection(self: &Arc<Self>) -> Open {
        self.connections.inc();
        Open(self.connections.clone())
    }

    /// Counts a connection of an address that has too many.
    pub(crate) fn connection_refused(&self) {
        self.connections_refused.inc();
    }

    /// Counts a connection that spoke no TLS, or in vain.
    pub(crate) fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }

    /// Counts requests that one transaction stood for.
    pub(crate) fn committed(&self, writes: u64, took: Duration) {
        self.writes.inc_by(writes);
        self.commits.inc();
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// All numbers as text; so many requests wait for their turn.
    pub(crate) fn write(&self, counts: &Counts, waiting: usize) -> Result<String, std::fmt::Error> {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        if let Some(bytes) = resident_bytes() {
            self.resident_bytes.set(bytes);
        }
        for (gauge, count) in [
            (&self.held.entries, counts.entries),
            (&self.held.logs, counts.logs),
            (&self.held.set_aside, counts.set_aside),
            (&self.held.people, counts.people),
            (&self.held.devices, counts.devices),
            (&self.held.sessions, counts.sessions),
            (&self.held.blobs, counts.blobs),
            (&self.held.blob_bytes, counts.blob_bytes),
            (&self.held.uploads, counts.uploads),
        ] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        if let Some(answers) = counts.database_answers {
            self.held.database_answers.get_or_create(&[("kind", "postgresql")]).set(answers.into());
        }
        let mut written = String::new();
        text::encode(&mut written, &self.registry)?;
        Ok(written)
    }
}

/// The memory that the system says this process has in use; none where it does not say so in this way.
fn resident_bytes() -> Option<i64> {
    const KIB: i64 = 1024;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<i64>().ok()?.checked_mul(KIB)
}
