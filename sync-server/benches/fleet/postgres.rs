//! The hub in PostgreSQL beside the least that a server could do with the same answers: insert them, a device's in batches
//! of an interview or of all, without `COPY`, into a table with a key.
//!
//! Turn by turn, on one server that syncs each commit to the disk. The hub's time has everything in it: TLS, HTTP, the
//! devices' own part, signatures, fold, its copy in `SQLCipher`, sealing, and the answer. The bar: at least 0.30 of the rows
//! a second.

use std::time::Duration;

use kend_tests::{Disk, Postgres};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::device::Device;
use crate::server::{Place, Server};
use crate::work::{self, ANSWERS, Rows};
use crate::{Failed, at_once, figure, made, now};

/// Devices, when none are asked for.
pub(crate) const DEVICES: u32 = 240;
/// Turns.
const TURNS: u32 = 4;
/// Devices that speak at the same time.
const AT_ONCE: usize = 32;
const BAR: f64 = 0.30;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS answer (device bytea NOT NULL, entity bytea NOT NULL, path text NOT NULL,
    seq bigint NOT NULL, value text NOT NULL, PRIMARY KEY (entity, path, device, seq)); TRUNCATE answer; CHECKPOINT";
const INSERT: &str = "INSERT INTO answer (device, entity, seq, path, value)
    SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::text[], $5::text[])";

/// Inserts each device's answers, so many at once.
async fn insert(client: &Client, devices: &[(u32, Rows)], batch: usize) -> Result<Duration, Failed> {
    client.batch_execute(TABLE).await?;
    let statement = client.prepare(INSERT).await?;
    let began = now();
    for (number, rows) in devices {
        let (number, columns) = (number.to_be_bytes(), rows);
        for at in (0..columns.seqs.len()).step_by(batch) {
            let to = at.saturating_add(batch).min(columns.seqs.len());
            let (entities, seqs) = (columns.entities.get(at..to), columns.seqs.get(at..to));
            let (paths, values) = (columns.paths.get(at..to), columns.values.get(at..to));
            client.execute(&statement, &[&&number[..], &entities, &seqs, &paths, &values]).await?;
        }
    }
    Ok(began.elapsed())
}

/// Measures, and says whether the bar is met.
pub(crate) async fn measure(devices: u32) -> Result<(), Failed> {
    let server = Postgres::start(Disk::Synced)?.ok_or("PostgreSQL is not on this machine")?;
    let address = server.database()?;
    let data = TempDir::new()?;
    let place = Place { data: data.path(), database: Some(&address) };
    let hub = Server::start(&place, devices)?;
    let (client, connection) = tokio_postgres::connect(&server.database()?, NoTls).await?;
    let driven = tokio::spawn(connection);
    let words = work::words();
    let (mut rows, mut in_hub, mut by_interview, mut by_device) = (0, 0.0, 0.0, 0.0);
    for turn in 0..TURNS {
        let numbers = turn * devices / TURNS..(turn + 1) * devices / TURNS;
        let beside: Vec<(u32, Rows)> = numbers.clone().map(|number| (number, Rows::of(number, &words))).collect();
        let fleet = place.enrol(made::make(numbers.clone())?, numbers.start).await?;
        rows += beside.iter().map(|(_, rows)| rows.seqs.len()).sum::<usize>();
        by_interview += insert(&client, &beside, ANSWERS).await?.as_secs_f64();
        let began = now();
        at_once(fleet, AT_ONCE, Device::sync).await?;
        in_hub += began.elapsed().as_secs_f64();
        by_device += insert(&client, &beside, usize::MAX).await?.as_secs_f64();
    }
    let rate = |seconds: f64| figure(rows) / seconds;
    println!("{devices} devices, {rows} answers                 answers/s   the hub's ratio to it");
    println!("the hub in PostgreSQL                  {:10.0}", rate(in_hub));
    for (name, seconds) in [("INSERT, an interview at a time", by_interview), ("INSERT, a device at a time", by_device)]
    {
        println!("{name:<38} {:10.0}{:10.2}", rate(seconds), seconds / in_hub);
    }
    println!("memory of the hub: {:.0} MB at most", hub.memory_mb("VmHWM:")?);
    drop(client);
    driven.abort();
    let ratio = by_device.min(by_interview) / in_hub;
    let met = ratio >= BAR;
    println!("bar: at least {BAR} x the faster: {}", if met { "met" } else { "NOT met" });
    if met { Ok(()) } else { Err("the hub takes in too slowly".into()) }
}
