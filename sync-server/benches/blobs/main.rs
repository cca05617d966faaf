//! Attachments between real devices and one real hub process.
//!
//! `cargo bench -p kend-hub --bench blobs`. Four figures, each with its bar: how many bytes go over a line that breaks every two
//! megabytes; how much memory the hub takes for many uploads at once; how much of a slow, long line's rate comes through;
//! and how much of an upload's time goes into hashing, on both sides together. The device is the one of the app, with its
//! store; the line is a process-local proxy that counts what passes it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what can't go on ends the benchmark")]

#[path = "../../tests/hub/breaking_line.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod breaking_line;
#[path = "../../tests/hub/phone.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod phone;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::breaking_line::BreakingLine;
use crate::phone::Phone;

const RECORDING_BYTES: u64 = 30_000_000;
const BREAKS_EVERY: u64 = 2_000_000;
const MOST_SENT: f64 = 1.05;
const AT_ONCE: u8 = 20;
const MOST_MB: f64 = 64.0;
/// Lines: bytes a second, way there in milliseconds, size of what goes over it.
const LINES: [(&str, u64, u64, u64); 2] =
    [("60 kbit/s, 800 ms there and back", 7_500, 400, 500_000), ("2 Mbit/s, 300 ms", 250_000, 150, 6_000_000)];
const LEAST_GOODPUT: f64 = 0.85;
const MOST_HASHING: f64 = 0.05;

/// A hub's process, and where its data is.
struct Server {
    process: Child,
    data: TempDir,
    address: String,
}

impl Server {
    fn start() -> Self {
        let data = TempDir::new().unwrap();
        let mut process = hub("serve", data.path())
            .args(["--plain-http", "--listen", "127.0.0.1:0"])
            .env("KEND_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().last().unwrap().to_owned();
        Self { process, data, address }
    }

    fn code(&self, role: &str) -> String {
        let arguments = ["--name", "Somebody", "--role", role, "--area", "AZ-TOV"];
        let printed = hub("enrol", self.data.path()).args(arguments).output().unwrap().stdout;
        String::from_utf8(printed).unwrap().trim().rsplit("code=").next().unwrap().to_owned()
    }

    /// A line of what the system knows of the process's memory, in MB.
    fn memory_mb(&self, of: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(of)).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn hub(command: &str, data: &Path) -> Command {
    let mut hub = Command::new(env!("CARGO_BIN_EXE_kend-hub"));
    hub.arg(command).arg("--data").arg(data);
    hub
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// A device with a recording whose interview the hub has.
async fn recorded(hub: &Server, address: &str, interview: u8, size_bytes: u64) -> (Phone, u64) {
    let mut phone = Phone::joined(address, &hub.code("enumerator")).await;
    let attachment = phone.attach(interview, size_bytes).await;
    phone.sync().await;
    let bytes = std::fs::metadata(phone.file(attachment.blob)).unwrap().len();
    (phone, bytes)
}

/// Moves what there is, and says how long that took.
async fn moved(phone: &Phone) -> Duration {
    let began = now();
    assert_eq!(phone.moves().await.unwrap().handed_in, 1);
    began.elapsed()
}

/// Over a line that breaks: all that went over it, for each byte of the recording.
async fn broken() -> f64 {
    let hub = Server::start();
    let line = BreakingLine::to(&hub.address).await;
    let (phone, size_bytes) = recorded(&hub, &line.address, 1, RECORDING_BYTES).await;
    line.break_every(BREAKS_EVERY, u64::MAX);
    let (before, _) = line.bytes();
    moved(&phone).await;
    ratio(line.bytes().0 - before, size_bytes)
}

/// Many at once: what the hub takes on top of what it has at rest, in MB, and how long an upload takes alone.
async fn crowded() -> (f64, Duration) {
    let hub = Server::start();
    let (alone, _) = recorded(&hub, &hub.address, 0, RECORDING_BYTES).await;
    let took = moved(&alone).await;
    let mut phones = Vec::new();
    for interview in 1..=AT_ONCE {
        phones.push(recorded(&hub, &hub.address, interview, RECORDING_BYTES).await.0);
    }
    let at_rest_mb = hub.memory_mb("VmRSS:");
    let uploads: Vec<_> = phones.into_iter().map(|phone| tokio::spawn(async move { moved(&phone).await })).collect();
    for upload in uploads {
        upload.await.unwrap();
    }
    (hub.memory_mb("VmHWM:") - at_rest_mb, took)
}

/// What of a line's rate comes through as bytes of the recording.
async fn goodput(bytes_per_s: u64, delay_ms: u64, size_bytes: u64) -> f64 {
    let hub = Server::start();
    let line = BreakingLine::to(&hub.address).await;
    let (phone, size_bytes) = recorded(&hub, &line.address, 1, size_bytes).await;
    line.slow_down(bytes_per_s, delay_ms);
    ratio(size_bytes, bytes_per_s) / moved(&phone).await.as_secs_f64()
}

/// How long all hashing of one upload takes: the device hashes each piece, the hub each body and then the whole.
fn hashing() -> Duration {
    let bytes = vec![7; usize::try_from(RECORDING_BYTES).unwrap()];
    let times = (0..5).map(|_| {
        let began = now();
        std::hint::black_box(blake3::hash(std::hint::black_box(&bytes)));
        began.elapsed()
    });
    3 * times.min().unwrap()
}

fn judge(what: &str, figure: &str, met: bool) -> bool {
    println!("{what:<58}{figure:>16}   {}", if met { "met" } else { "NOT met" });
    met
}

async fn measure() -> bool {
    let mut met = true;
    let sent = broken().await;
    met &= judge("30 MB, line broken every 2 MB: bytes sent (<= 1.05)", &format!("{sent:.4}"), sent <= MOST_SENT);
    let (grown_mb, alone) = crowded().await;
    met &= judge(
        "20 uploads of 30 MB at once: hub's memory (<= 64 MB)",
        &format!("+{grown_mb:.1} MB"),
        grown_mb <= MOST_MB,
    );
    for (line, bytes_per_s, delay_ms, size_bytes) in LINES {
        let share = goodput(bytes_per_s, delay_ms, size_bytes).await;
        met &= judge(&format!("{line}: of its rate (>= 0.85)"), &format!("{share:.3}"), share >= LEAST_GOODPUT);
    }
    let share = hashing().as_secs_f64() / alone.as_secs_f64();
    let rate = ratio(RECORDING_BYTES, 1_000_000) / alone.as_secs_f64();
    let what = format!("hashing of an upload over loopback, {rate:.0} MB/s (<= 5 %)");
    met & judge(&what, &format!("{:.1} %", share * 100.0), share <= MOST_HASHING)
}

fn main() {
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let met = tokio::runtime::Runtime::new().unwrap().block_on(measure());
    assert!(met, "a bar is not met");
}
