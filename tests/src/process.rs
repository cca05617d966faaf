//! A process that the harness started: what it prints is kept in a file, and it ends with its owner.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{Deadline, ProcessId};

/// How long a process may take to end after it was asked to, before it is killed.
const TIME_TO_END: Duration = Duration::from_secs(5);
/// How often a wait looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Lines of its output that an error shows.
const LINES_SHOWN: usize = 40;

/// A running child with its descendants.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    id: ProcessId,
    log: PathBuf,
}

impl Process {
    /// Starts it; what it prints goes to `log`. It stays in the process group of its owner, so that Ctrl-C in a terminal
    /// and the time limit of a test runner reach it too.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("can't write {}", log.display()))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("can't start {name} ({})", command.get_program().display()))?;
        let Some(id) = ProcessId::of(child.id()) else {
            child.kill().ok();
            bail!("{name} can't be found in /proc");
        };
        Ok(Self { name: name.to_owned(), child, id, log: log.to_owned() })
    }

    /// Waits until a line that it prints is picked.
    pub fn wait_for_line<T>(&mut self, limit: Duration, what: &str, pick: impl Fn(&str) -> Option<T>) -> Result<T> {
        let deadline = Deadline::after(limit);
        loop {
            // Asked before the output is read: what it printed last is not overlooked.
            let ended = self.has_ended()?;
            if let Some(found) = self.output().lines().find_map(&pick) {
                return Ok(found);
            }
            if let Some(status) = ended {
                bail!("{} ended ({status}) before it gave {what}; it printed:\n{}", self.name, self.last_lines());
            }
            if deadline.has_passed() {
                bail!("{} of {}; it printed:\n{}", deadline.in_vain(what), self.name, self.last_lines());
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Its status, once it has ended.
    pub fn has_ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("can't ask whether {} has ended", self.name))
    }

    /// The process itself.
    pub fn id(&self) -> &ProcessId {
        &self.id
    }

    /// All that it printed so far.
    pub fn output(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The end of what it printed.
    pub fn last_lines(&self) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        lines.get(lines.len().saturating_sub(LINES_SHOWN)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Process {
    /// Asks it to end, and kills what is left of it and its descendants.
    fn drop(&mut self) {
        // Listed before the first signal: an orphan no longer tells whose child it was.
        let descendants = self.id.descendants();
        let deadline = Deadline::after(TIME_TO_END);
        self.id.ask_to_end();
        while !deadline.has_passed() && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(LOOK_AGAIN);
        }
        // Both are no errors when it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
        for descendant in descendants {
            descendant.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, folder: &Path) -> Process {
        Process::start("shell", Command::new("sh").args(["-c", script]), &folder.join("shell.log")).unwrap()
    }

    #[test]
    fn a_line_is_waited_for_and_the_process_ends_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell("sleep 100 & echo ready 7; wait", folder.path());
        let seven = process
            .wait_for_line(Duration::from_secs(10), "the line", |line| line.strip_prefix("ready ").map(str::to_owned));
        assert_eq!(seven.unwrap(), "7");
        let family: Vec<ProcessId> = process.id().descendants();
        assert_eq!(family.len(), 1);
        drop(process);
        let deadline = Deadline::after(Duration::from_secs(10));
        while family.iter().any(ProcessId::runs) {
            assert!(!deadline.has_passed(), "a grandchild outlived its owner");
            thread::sleep(LOOK_AGAIN);
        }
    }

    #[test]
    fn a_process_that_ends_early_says_what_it_printed() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell("echo no such file >&2; exit 3", folder.path());
        let error =
            process.wait_for_line(Duration::from_secs(10), "its address", |_| None::<()>).unwrap_err().to_string();
        assert!(error.contains("before it gave its address") && error.contains("no such file"), "{error}");
    }

    #[test]
    fn a_wait_in_vain_says_what_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = shell("echo starting; sleep 100", folder.path());
        let error =
            process.wait_for_line(Duration::from_millis(200), "its address", |_| None::<()>).unwrap_err().to_string();
        assert!(error.contains("waited 0.2 s for its address") && error.contains("starting"), "{error}");
    }
}
