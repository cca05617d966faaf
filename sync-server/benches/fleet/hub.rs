//! All devices of a fleet at once, all new to the hub: what comes of it, how fast, and in how much memory.
//!
//! The devices speak real TLS from this process, each by a connection of its own; the hub is a process of its own, and both
//! share the machine's cores. The bars: every device hears that all is acknowledged and safe without ever having to ask
//! twice; the hub afterwards holds every entry, whole; never more than 300 MB in memory, and no more for the last quarter of
//! the devices than for the second but what its caches may take.

use std::time::Duration;

use kend_tests::{Disk, Postgres};
use tempfile::TempDir;

use crate::device::Device;
use crate::server::{Place, Server};
use crate::work::{ANSWERS, ENTRIES, INTERVIEWS};
use crate::{Failed, at_once, figure, made, now, percentile_ms};

/// Devices, when none are asked for.
pub(crate) const DEVICES: u32 = 500;
const BAR_MB: f64 = 300.0;

/// Measures, and says whether the bars are met.
pub(crate) async fn measure(devices: u32, in_postgres: bool) -> Result<(), Failed> {
    let server = if in_postgres { Some(Postgres::start(Disk::Synced)?.ok_or("PostgreSQL is not here")?) } else { None };
    let database = server.as_ref().map(Postgres::database).transpose()?;
    let data = TempDir::new()?;
    let place = Place { data: data.path(), database: database.as_deref() };
    let hub = Server::start(&place, devices)?;
    let fleet = place.enrol(made::make(0..devices)?, 0).await?;
    let at_rest_mb = hub.memory_mb("VmRSS:")?;
    let watch = hub.watch();
    let began = now();
    let sent = at_once(fleet, usize::MAX >> 4, Device::sync).await?;
    let took = began.elapsed();
    let seen = watch.end();
    let peak_mb = hub.memory_mb("VmHWM:")?;

    let count = usize::try_from(devices)?;
    let interviews = count * usize::from(INTERVIEWS);
    let mut times: Vec<Duration> = sent.iter().flat_map(|sent| sent.took.iter().copied()).collect();
    let bytes: usize = sent.iter().map(|sent| sent.bytes).sum();
    let again: u32 = sent.iter().map(|sent| sent.again).sum();
    let kind = if in_postgres { "in PostgreSQL" } else { "in a file" };
    println!(
        "{devices} devices x {INTERVIEWS} interviews at once, {} requests, {:.0} bytes an interview; the hub {kind}",
        times.len(),
        figure(bytes) / figure(interviews)
    );
    let rate = |of: usize| figure(of) / took.as_secs_f64();
    println!("{:.0} answers/s, {:.0} interviews/s", rate(interviews * ANSWERS), rate(interviews));
    println!(
        "answered after {:.0} ms (p50), {:.0} ms (p99)",
        percentile_ms(&mut times, 0.5),
        percentile_ms(&mut times, 0.99)
    );
    let quarter = |place: usize| {
        let (from, to) = (seen.len() * (place - 1) / 4, seen.len() * place / 4);
        seen.get(from..to).unwrap_or_default().iter().copied().fold(0.0, f64::max)
    };
    let quarters: Vec<String> = (1..=4).map(|place| format!("{:.0}", quarter(place))).collect();
    println!(
        "memory of the hub: {at_rest_mb:.0} MB at rest, {} MB at most in each quarter, {peak_mb:.0} MB at most",
        quarters.join(" / ")
    );
    println!("requests made again: {again}");

    let status: serde_json::Value = serde_json::from_str(&place.run("status", &["--json"])?)?;
    let held = status.get("entries").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let whole = held == ENTRIES * u64::from(devices);
    println!("afterwards: {held} entries; {}", place.run("verify", &[])?);
    let met = whole && again == 0 && peak_mb <= BAR_MB;
    println!("bars: all there, nothing asked twice, at most {BAR_MB} MB: {}", if met { "met" } else { "NOT met" });
    if met { Ok(()) } else { Err("the hub does not carry the fleet".into()) }
}
