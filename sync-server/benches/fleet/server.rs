//! The hub process, and what the system knows of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::device::Device;
use crate::made::Made;
use crate::work::area;
use crate::{Failed, at_once};

const DATABASE: &str = "KEND_HUB_DATABASE_URL";
/// Commands of the hub that run at once.
const COMMANDS: usize = 2;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A hub's folder and database.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    pub(crate) data: &'a Path,
    pub(crate) database: Option<&'a str>,
}

impl Place<'_> {
    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kend-hub"));
        command.arg(word).arg("--data").arg(self.data).env("KEND_LOG", "warn");
        command.envs(self.database.map(|database| (DATABASE, database)));
        command
    }

    /// Runs a command to its end, and returns what it printed.
    pub(crate) fn run(&self, word: &str, arguments: &[&str]) -> Result<String, Failed> {
        let output = self.command(word).args(arguments).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Joins devices to the hub, which serves.
    pub(crate) async fn enrol(&self, made: Vec<Made>, first: u32) -> Result<Vec<Device>, Failed> {
        let mut lines = Vec::new();
        let numbers: Vec<u32> = (first..).take(made.len()).collect();
        for pair in numbers.chunks(COMMANDS) {
            let line = |number: &u32| {
                let area = area(*number);
                let words = ["--name", "Somebody", "--role", "enumerator", "--area", &area];
                self.command("enrol").args(words).stdout(Stdio::piped()).spawn()
            };
            let running = pair.iter().map(line).collect::<Result<Vec<_>, _>>()?;
            for process in running {
                let printed = String::from_utf8(process.wait_with_output()?.stdout)?;
                lines.push(printed.split_whitespace().last().unwrap_or_default().to_owned());
            }
        }
        let joining = made.into_iter().zip(lines).collect();
        at_once(joining, COMMANDS, async |(made, line): (Made, String)| Device::enrol(made, &line).await).await
    }
}

/// A hub process that serves.
pub(crate) struct Server {
    process: Child,
}

impl Server {
    /// Starts a hub, with room for all devices of this machine, which are one address to it.
    pub(crate) fn start(place: &Place<'_>, devices: u32) -> Result<Self, Failed> {
        let most = (devices + 64).to_string();
        let mut command = place.command("serve");
        command.args(["--listen", "127.0.0.1:0", "--connections-of-an-address", &most, "--connections", &most]);
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        if line.is_empty() {
            return Err("the hub does not start".into());
        }
        Ok(Self { process })
    }

    /// Looks at its memory again and again.
    pub(crate) fn watch(&self) -> Watch {
        let (seen, ended) = (Arc::<Mutex<Vec<f64>>>::default(), Arc::<AtomicBool>::default());
        let (process, to, end) = (self.process.id(), Arc::clone(&seen), Arc::clone(&ended));
        let looking = std::thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                if let Ok(resident_mb) = memory_mb(process, "VmRSS:") {
                    to.lock().unwrap_or_else(PoisonError::into_inner).push(resident_mb);
                }
                std::thread::sleep(LOOK);
            }
        });
        Watch { seen, ended, looking: Some(looking) }
    }

    /// A line of what the system knows of its memory, in MB.
    pub(crate) fn memory_mb(&self, of: &str) -> Result<f64, Failed> {
        memory_mb(self.process.id(), of)
    }
}

fn memory_mb(process: u32, of: &str) -> Result<f64, Failed> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(of)).ok_or("no such line")?;
    Ok(line.split_whitespace().next().ok_or("no number")?.parse::<f64>()? / 1024.0)
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A look at a process's memory that goes on.
pub(crate) struct Watch {
    seen: Arc<Mutex<Vec<f64>>>,
    ended: Arc<AtomicBool>,
    looking: Option<JoinHandle<()>>,
}

impl Watch {
    /// All that was seen, in MB, in its order.
    pub(crate) fn end(mut self) -> Vec<f64> {
        self.ended.store(true, Ordering::Relaxed);
        drop(self.looking.take().map(JoinHandle::join));
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
