//! The real hub as a process, and what is asked of it on the command line.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::Process;

/// A hub that starts says its address within this time, also on a loaded machine.
const TIME_TO_START: Duration = Duration::from_secs(20);
/// The words before the address in what the hub prints.
const BEFORE_ADDRESS: &str = "kend-hub listens on ";

/// What a hub is made of.
#[derive(Debug, Clone)]
pub struct HubFiles {
    /// The program.
    pub program: PathBuf,
    /// The folder of the built UI that it serves.
    pub ui: PathBuf,
    /// The folder of its data.
    pub data: PathBuf,
}

/// The password that the hub made for a person who signs in.
#[derive(Debug, Clone)]
pub struct Password(pub String);

impl HubFiles {
    /// A code that one device can join with.
    pub fn enrol(&self, name: &str, role: &str, area: &str) -> Result<String> {
        let joining = self.joining(name, role, area)?;
        Ok(joining.rsplit("code=").next().unwrap_or_default().to_owned())
    }

    /// The joining words for one device: where the hub is, its pin, and a code.
    pub fn joining(&self, name: &str, role: &str, area: &str) -> Result<String> {
        self.ask(&["enrol", "--name", name, "--role", role, "--area", area])
    }

    /// An account for a person who signs in with a browser.
    pub fn person(&self, name: &str, role: &str, area: &str) -> Result<Password> {
        Ok(Password(self.ask(&["people", "add", "--name", name, "--role", role, "--area", area])?))
    }

    /// Runs one command to its end; the last word that it prints is the answer.
    fn ask(&self, arguments: &[&str]) -> Result<String> {
        let printed = self.command(arguments)?;
        let word = printed.split_whitespace().last();
        word.map(str::to_owned).with_context(|| format!("kend-hub {} printed nothing", arguments.join(" ")))
    }

    /// Runs one command to its end, and gives what it prints.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.program)
            .args(arguments)
            .arg("--data")
            .arg(&self.data)
            .output()
            .with_context(|| format!("can't start {}", self.program.display()))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let (words, said) = (arguments.join(" "), String::from_utf8_lossy(&output.stderr));
            bail!("kend-hub {words} gave no answer ({}): {printed}{said}", output.status);
        }
        Ok(printed.into_owned())
    }
}

/// A running hub.
#[derive(Debug)]
pub struct Hub {
    /// What it is made of.
    pub files: HubFiles,
    address: String,
    process: Process,
}

impl Hub {
    /// Starts a hub and waits until it says its address; port 0 lets the system choose a free one.
    pub fn start(files: HubFiles, listen: SocketAddr, log: &Path) -> Result<Self> {
        // A browser of the tests trusts no hub's own authority.
        Self::start_by(Command::new(&files.program), files, listen, log, &["--plain-http"])
    }

    /// Starts a hub that encrypts as it is shipped, by a command that runs its program somewhere else.
    pub fn start_encrypted(command: Command, files: HubFiles, listen: SocketAddr, log: &Path) -> Result<Self> {
        Self::start_by(command, files, listen, log, &[])
    }

    fn start_by(
        mut command: Command,
        files: HubFiles,
        listen: SocketAddr,
        log: &Path,
        options: &[&str],
    ) -> Result<Self> {
        let listen = listen.to_string();
        command.args([OsStr::new("serve"), OsStr::new("--data"), files.data.as_os_str()]);
        command.args(options).args([
            OsStr::new("--listen"),
            OsStr::new(&listen),
            OsStr::new("--ui"),
            files.ui.as_os_str(),
        ]);
        let mut process = Process::start("the hub", &mut command, log)?;
        let address = process.wait_for_line(TIME_TO_START, "its address", address_in)?;
        Ok(Self { files, address, process })
    }

    /// Where it listens, as an address for a browser or a device.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// The address in a line, wherever the line begins: a log may put a time before it.
fn address_in(line: &str) -> Option<String> {
    let (_, after) = line.split_once(BEFORE_ADDRESS)?;
    after.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_line_that_names_it() {
        assert_eq!(address_in("kend-hub listens on http://127.0.0.1:8470"), Some("http://127.0.0.1:8470".to_owned()));
        assert_eq!(address_in("opening data/hub.db"), None);
    }

    #[test]
    fn a_refused_command_shows_what_the_hub_said() {
        let files = HubFiles { program: "false".into(), ui: PathBuf::new(), data: PathBuf::new() };
        let error = files.enrol("Aysel", "enumerator", "AZ-TOV").unwrap_err().to_string();
        assert!(error.contains("kend-hub enrol --name Aysel") && error.contains("exit status: 1"), "{error}");
    }
}
