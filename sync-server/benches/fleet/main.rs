//! A fleet against one hub process: 500 devices with 20 interviews each, all new to the hub.
//!
//! The devices are real: stores, signatures and exchanges as in the app, prepared before the clock runs. What a device
//! sends is sent to the hub, and then again, byte for byte and with as many at once, to a server on the same machine that
//! reads a body and answers its length: what HTTP, the loopback and this client cost by themselves. So the ratio is the
//! hub's own work: verify, encrypt, fold, and sync to the disk before it answers.
//!
//! `cargo bench -p kend-hub --bench fleet [-- [--postgres] DEVICES]`. Each device works in an area of its own, so that nothing but what
//! it sends is exchanged. The bar: all acknowledged, and never more than 300 MB in memory, however many devices.

mod device;
mod postgres;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kend_sync::protocol;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::device::{Device, area, send};

const DEVICES: u32 = 500;
const INTERVIEWS: u8 = 20;
/// Screens of an interview, each kept as one entry.
const SCREENS: u32 = 20;
/// Devices that speak at the same time.
const AT_ONCE: usize = 16;
const BAR_MB: f64 = 300.0;
/// Says that this program is to be the server beside.
const BESIDE: &str = "--beside";
/// Says that the hub is to be in PostgreSQL.
const POSTGRES: &str = "--postgres";
/// Words that notes are made of: those of the screens, in the language of most interviews.
const WORDS: &str = include_str!("../../../schema/words/az.json");

type Failed = Box<dyn Error + Send + Sync>;

/// A process that serves, and where.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, Failed> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let address = line.split_whitespace().last().ok_or("no address")?.to_owned();
        Ok(Self { process, address })
    }

    /// A hub, in a file or in a database.
    fn hub(data: &Path, database: Option<&str>) -> Result<Self, Failed> {
        let mut hub = Command::new(env!("CARGO_BIN_EXE_kend-hub"));
        hub.args(["serve", "--plain-http", "--listen", "127.0.0.1:0", "--data"]).arg(data).env("KEND_LOG", "warn");
        Self::start(hub.envs(database.map(|database| ("KEND_HUB_DATABASE_URL", database))))
    }

    /// A line of what the system knows of the process's memory, in MB.
    fn memory_mb(&self, of: &str) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(of)).ok_or("no such line")?;
        Ok(line.split_whitespace().next().ok_or("no number")?.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn enrolment_code(data: &Path, area: &str, database: Option<&str>) -> Result<String, Failed> {
    let arguments = ["--name", "Somebody", "--role", "enumerator", "--area", area];
    let mut enrol = Command::new(env!("CARGO_BIN_EXE_kend-hub"));
    enrol.arg("enrol").arg("--data").arg(data).args(arguments);
    let output = enrol.envs(database.map(|database| ("KEND_HUB_DATABASE_URL", database))).output()?;
    let printed = String::from_utf8(output.stdout)?;
    Ok(printed.trim().rsplit("code=").next().unwrap_or_default().to_owned())
}

/// The server beside: it reads a body and answers its length.
async fn beside() -> Result<(), Failed> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("beside listens on http://{}", listener.local_addr()?);
    let length = axum::routing::post(async |body: axum::body::Bytes| body.len().to_string());
    let router = axum::Router::new().route(protocol::SYNC_PATH, length);
    let router = router.layer(axum::extract::DefaultBodyLimit::max(protocol::MAX_SYNC_BODY_BYTES));
    Ok(axum::serve(listener, router).await?)
}

/// Runs as many at once as are allowed, and returns what each came to.
async fn at_once<Item, Done, Work>(
    items: Vec<Item>,
    work: impl Fn(Item) -> Work + Send + Sync + 'static,
) -> Result<Vec<Done>, Failed>
where
    Item: Send + 'static,
    Done: Send + 'static,
    Work: Future<Output = Result<Done, Failed>> + Send,
{
    let (turns, work) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(work));
    let tasks: Vec<_> = items
        .into_iter()
        .map(|item| {
            let (turns, work) = (Arc::clone(&turns), Arc::clone(&work));
            tokio::spawn(async move {
                let _turn = turns.acquire().await?;
                work(item).await
            })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await??);
    }
    Ok(done)
}

fn percentile_ms(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (times.len() as f64 * share) as usize;
    times.get(rank.min(times.len() - 1)).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// The devices' disks are not what is measured.
fn memory_folder() -> Result<TempDir, Failed> {
    let memory = PathBuf::from("/dev/shm");
    Ok(if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? })
}

fn words() -> Vec<&'static str> {
    WORDS.split(['"', ' ', '\n']).filter(|word| word.len() > 2 && !word.contains(['.', '{'])).collect()
}

async fn measure(devices: u32) -> Result<(), Failed> {
    let data = TempDir::new()?;
    let hub = Server::hub(data.path(), None)?;
    let folder = memory_folder()?;
    let words = words();
    let mut fleet = Vec::new();
    for number in 0..devices {
        let code = enrolment_code(data.path(), &area(number), None)?;
        fleet.push(Device::prepare(number, folder.path(), &hub, &code, &words).await?);
    }
    let at_rest_mb = hub.memory_mb("VmRSS:")?;
    let address = hub.address.clone();
    let began = now();
    let sent = at_once(fleet, move |mut device: Device| {
        let address = address.clone();
        async move { device.sync(&address).await }
    })
    .await?;
    let took = began.elapsed();
    let (peak_mb, end_mb) = (hub.memory_mb("VmHWM:")?, hub.memory_mb("VmRSS:")?);
    let mut times: Vec<Duration> = sent.iter().flat_map(|sent| sent.took.iter().copied()).collect();
    let bytes: usize = sent.iter().flat_map(|sent| &sent.requests).map(|request| request.body.len()).sum();
    drop(hub);

    let echo = Server::start(Command::new(std::env::current_exe()?).arg(BESIDE))?;
    let address = echo.address.clone();
    let began = now();
    let beside = at_once(sent, move |sent| {
        let address = address.clone();
        async move {
            let client = reqwest::Client::new();
            let mut took = Vec::new();
            for request in &sent.requests {
                let began = now();
                send(&client, &address, request).await?;
                took.push(began.elapsed());
            }
            Ok(took)
        }
    })
    .await?;
    let took_beside = began.elapsed();
    let mut times_beside: Vec<Duration> = beside.into_iter().flatten().collect();

    let interviews = f64::from(devices) * f64::from(INTERVIEWS);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let each_bytes = bytes as f64 / interviews;
    println!("{devices} devices x {INTERVIEWS} interviews, {AT_ONCE} at once, {each_bytes:.0} bytes an interview");
    println!("                  interviews/s   p50 ms   p99 ms");
    let rate = interviews / took.as_secs_f64();
    let rate_beside = interviews / took_beside.as_secs_f64();
    let (p50, p99) = (percentile_ms(&mut times, 0.5), percentile_ms(&mut times, 0.99));
    let (p50_beside, p99_beside) = (percentile_ms(&mut times_beside, 0.5), percentile_ms(&mut times_beside, 0.99));
    println!("the hub           {rate:12.0}{p50:9.2}{p99:9.2}");
    println!("the same, echoed  {rate_beside:12.0}{p50_beside:9.2}{p99_beside:9.2}");
    println!("ratio             {:12.3}{:9.1}{:9.1}", rate / rate_beside, p50 / p50_beside, p99 / p99_beside);
    println!("memory of the hub: {at_rest_mb:.0} MB at rest, {peak_mb:.0} MB at most, {end_mb:.0} MB at the end");
    let within = peak_mb <= BAR_MB;
    println!("bar: all acknowledged, at most {BAR_MB} MB: {}", if within { "met" } else { "NOT met" });
    if within { Ok(()) } else { Err("the hub takes too much memory".into()) }
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if arguments.iter().any(|argument| argument == BESIDE) {
        return runtime.block_on(beside());
    }
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let devices = arguments.iter().find_map(|argument| argument.parse().ok());
    if arguments.iter().any(|argument| argument == POSTGRES) {
        return runtime.block_on(postgres::measure(devices.unwrap_or(postgres::DEVICES)));
    }
    runtime.block_on(measure(devices.unwrap_or(DEVICES)))
}
