//! A PostgreSQL of the tests' own: made, started, and gone with its owner. It listens on a socket in its folder only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::Process;

/// Names the folder of a socket: tests then use the server that listens there.
pub const SHARED_SERVER: &str = "KEND_TESTS_POSTGRES";
/// Where Debian puts each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";
/// It starts within this time, also on a loaded machine.
const TIME_TO_START: Duration = Duration::from_secs(30);
/// The user that it runs as: it refuses to be root.
const USER: &str = "postgres";

/// How a server is to treat the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// As in earnest: each commit is on the disk.
    Synced,
    /// Fast: a process that is killed loses nothing, a power cut would.
    Unsynced,
}

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    socket: PathBuf,
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    folder: TempDir,
    process: Option<Process>,
    disk: Disk,
}

impl Postgres {
    /// The folder with PostgreSQL's programs; none when they are not there.
    pub fn programs() -> Option<PathBuf> {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let folder = entry.ok()?.path();
                Some((folder.file_name()?.to_str()?.parse().ok()?, folder.join("bin")))
            })
            .filter(|(_, programs)| programs.join("initdb").is_file())
            .collect();
        versions.sort();
        Some(versions.pop()?.1)
    }

    /// The server that was started for all tests; none when there is none.
    pub fn shared() -> Option<Self> {
        let socket = std::env::var_os(SHARED_SERVER).filter(|socket| !socket.is_empty())?;
        Some(Self { programs: Self::programs()?, socket: socket.into(), own: None })
    }

    /// Makes and starts a server; none when PostgreSQL is not on this machine.
    pub fn start(disk: Disk) -> Result<Option<Self>> {
        let Some(programs) = Self::programs() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("kend-pg").tempdir()?;
        let socket = folder.path().join("socket");
        fs::create_dir(&socket)?;
        if is_root() {
            let owner = format!("{USER}:");
            run(Command::new("chown").args(["-R", &owner]).arg(folder.path()))?;
        }
        let mut server = Self { programs, socket, own: Some(Own { folder, process: None, disk }) };
        let words = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
        run(server.program("initdb").args(words).arg(server.data().context("BUG: it was just made")?))?;
        server.go_on()?;
        Ok(Some(server))
    }

    /// Makes an empty database, and returns its address.
    pub fn database(&self) -> Result<String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("kend_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(Command::new(self.programs.join("createdb")).args(["-U", USER, "-h"]).arg(&self.socket).arg(&name))?;
        Ok(format!("postgres:///{name}?host={}&user={USER}", self.socket.display()))
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// All its files; none of a shared one.
    pub fn data(&self) -> Option<PathBuf> {
        Some(self.own.as_ref()?.folder.path().join("data"))
    }

    /// Runs statements in a database, and returns what they print.
    pub fn sql(&self, address: &str, statements: &str) -> Result<String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-A", "-t", "-q", "-d", address, "-c", statements])
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Ends it at once, as a crash would.
    pub fn stop(&mut self) {
        if let Some(process) = self.own.as_mut().and_then(|own| own.process.take()) {
            let _ = run(Command::new("kill").args(["-QUIT", &process.id().number().to_string()]));
        }
    }

    /// Starts it on the data that is there.
    pub fn go_on(&mut self) -> Result<()> {
        let (Some(data), Some(disk)) = (self.data(), self.own.as_ref().map(|own| own.disk)) else { return Ok(()) };
        let mut command = self.program("postgres");
        command.arg("-D").arg(&data).args(["-c", "listen_addresses=", "-c", "log_min_messages=warning", "-k"]);
        command.arg(&self.socket);
        if disk == Disk::Unsynced {
            command.args(["-c", "fsync=off"]);
        }
        let own = self.own.as_mut().context("BUG: it is its own")?;
        let log = own.folder.path().join("log");
        own.process = Some(Process::start("PostgreSQL", &mut command, &log)?);
        let deadline = crate::Deadline::after(TIME_TO_START);
        let mut ready = Command::new(self.programs.join("pg_isready"));
        ready.args(["-q", "-U", USER, "-h"]).arg(&self.socket);
        while !ready.status()?.success() {
            ensure!(!deadline.has_passed(), "{}", deadline.in_vain("PostgreSQL"));
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// One of its programs, not as root, and ended with whoever started it.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if is_root() {
            command.args(["--reuid", USER, "--regid", USER, "--init-groups"]);
        }
        command.arg(self.programs.join(name));
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("can't start {}", command.get_program().display()))?;
    ensure!(output.status.success(), "{:?}: {}", command, String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_made_serves_and_goes_on_after_a_crash() {
        let Some(mut server) = Postgres::start(Disk::Unsynced).unwrap() else {
            println!("left out: PostgreSQL is not on this machine");
            return;
        };
        let address = server.database().unwrap();
        server.sql(&address, "CREATE TABLE kept (one int); INSERT INTO kept VALUES (7)").unwrap();
        server.stop();
        assert!(server.sql(&address, "SELECT 1").is_err());
        server.go_on().unwrap();
        assert_eq!(server.sql(&address, "SELECT one FROM kept").unwrap(), "7");
    }
}
