//! How long it takes until interviews are durable on the other side of a bad line: Kend beside `OpenRosa`, turn by turn.
//!
//! Everything is as shipped: the device with its store, the hub with its TLS, the system's TCP. The bars: one interview
//! within 0.60 of the time of `OpenRosa`, ten within 0.30, from the first packet of a new connection to the answer that
//! says it is on the disk; one round trip when a connection is there, three when not.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use kend_tests::{Process, Stopwatch};

use crate::device::Device;
use crate::direction::Quality;
use crate::openrosa::{Client, LISTENS};
use crate::rooms::HUB_ADDRESS;
use crate::stage::Stage;

/// How many interviews, and the bar.
const COUNTS: [(usize, f64); 2] = [(1, 0.60), (10, 0.30)];
const LINES: [(&str, Quality); 2] = [("no loss", Quality::EDGE), ("2 % loss", Quality::LOSSY_EDGE)];
/// Interviews in one request, as long as they fit into the first.
const IN_ONE_REQUEST: [usize; 3] = [1, 2, 3];
const TIME_TO_START: Duration = Duration::from_secs(20);

/// Both sides of the comparison.
struct Pair {
    stage: Stage,
    device: Device,
    _server: Process,
    address: String,
    seconds: Times,
}

#[derive(Default)]
struct Times {
    kend: Vec<f64>,
    openrosa: Vec<f64>,
}

/// Measures all; true when all bars are met.
pub(crate) async fn measure(rounds: u32, seed: u64) -> Result<bool> {
    let stage = Stage::set_up(seed)?;
    let device = stage.device("device", seed).await?;
    let folder = stage.place("openrosa");
    std::fs::create_dir_all(&folder)?;
    let mut command = stage.room.command(std::env::current_exe()?);
    command.arg("receive").arg(&folder).arg(SocketAddr::new(HUB_ADDRESS.parse()?, 0).to_string());
    let mut server = Process::start("the OpenRosa server", &mut command, &stage.place("openrosa.log"))?;
    let address =
        server.wait_for_line(TIME_TO_START, "its address", |line| line.strip_prefix(LISTENS).map(str::to_owned))?;
    let mut pair = Pair { stage, device, _server: server, address, seconds: Times::default() };
    let mut met = pair.count_round_trips().await?;
    for (name, quality) in LINES {
        pair.stage.line.set_quality(quality);
        println!("\n800 ms there and back, 60 kbit/s, {name}; {rounds} rounds, medians (worst) in seconds");
        println!("interviews  connection        Kend      OpenRosa   ratio     bar");
        for (count, bar) in COUNTS {
            for cold in [true, false] {
                met &= pair.compare(rounds, count, cold, bar).await?;
            }
        }
    }
    Ok(met)
}

impl Pair {
    /// Round trips, told by a line that is far and otherwise perfect: time in there-and-backs.
    async fn count_round_trips(&mut self) -> Result<bool> {
        let far = Quality { bits_per_s: None, ..Quality::EDGE };
        self.stage.line.set_quality(far);
        let mut met = true;
        println!("round trips of 800 ms on a line of any rate, TCP and TLS included");
        for (cold, bar) in [(true, 3), (false, 1)] {
            for count in IN_ONE_REQUEST {
                let took = self.kend(count, cold).await?.as_secs_f64() / far.round_trip.as_secs_f64();
                let within = took < f64::from(bar) + 0.5;
                met &= within;
                let connection = if cold { "new" } else { "warm" };
                println!("{count} interviews, {connection} connection: {took:.2}, bar {bar}: {}", word(within));
            }
        }
        Ok(met)
    }

    async fn compare(&mut self, rounds: u32, count: usize, cold: bool, bar: f64) -> Result<bool> {
        self.seconds = Times::default();
        let mut alone = Vec::new();
        for round in 0..rounds {
            // Who comes second finds the machine as the first left it.
            for turn in 0..2 {
                if (round + turn) % 2 == 0 {
                    let took = self.kend(count, cold).await?;
                    self.seconds.kend.push(took.as_secs_f64());
                } else {
                    let took = self.openrosa(count, cold, cold).await?;
                    self.seconds.openrosa.push(took.as_secs_f64());
                }
            }
            if cold && count == 1 {
                alone.push(self.openrosa(count, cold, false).await?.as_secs_f64());
            }
        }
        let Times { kend, openrosa } = &mut self.seconds;
        let (kend, openrosa) = (spread(kend)?, spread(openrosa)?);
        let ratio = kend.0 / openrosa.0;
        let verdict = if cold { format!("{bar:.2} {}", word(ratio <= bar)) } else { "-".to_owned() };
        println!(
            "{count:10}  {:<10} {:6.2} ({:5.2}) {:6.2} ({:5.2})   {ratio:.3}  {verdict}",
            if cold { "new" } else { "warm" },
            kend.0,
            kend.1,
            openrosa.0,
            openrosa.1,
        );
        if !alone.is_empty() {
            let alone = spread(&mut alone)?;
            let ratio = kend.0 / alone.0;
            println!("            if Collect did not ask first: {:6.2} ({:5.2})   {ratio:.3}", alone.0, alone.1);
        }
        Ok(!cold || ratio <= bar)
    }

    /// From a tap on *sync now* until the device knows that the hub has it on its disk.
    async fn kend(&mut self, count: usize, cold: bool) -> Result<Duration> {
        let interviews = self.device.make_up(count)?;
        if cold {
            self.device.restart().await?;
        } else {
            self.device.sync_all().await?;
        }
        self.device.keep(&interviews)?;
        let watch = Stopwatch::start();
        self.device.sync_all().await?;
        Ok(watch.elapsed())
    }

    /// From *send* until the last submission is answered.
    async fn openrosa(&mut self, count: usize, cold: bool, asks: bool) -> Result<Duration> {
        let interviews = self.device.make_up(count)?;
        let client = Client::new(&self.stage.place("openrosa"), &self.address)?;
        if !cold {
            client.ask().await?;
        }
        let watch = Stopwatch::start();
        if asks {
            client.ask().await?;
        }
        client.submit(&interviews).await?;
        Ok(watch.elapsed())
    }
}

const fn word(met: bool) -> &'static str {
    if met { "met" } else { "NOT met" }
}

/// Median and worst.
fn spread(seconds: &mut [f64]) -> Result<(f64, f64)> {
    seconds.sort_unstable_by(f64::total_cmp);
    let median = seconds.get(seconds.len() / 2).context("nothing was measured")?;
    let worst = seconds.last().context("nothing was measured")?;
    Ok((*median, *worst))
}
