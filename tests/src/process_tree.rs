//! Which processes descend from one, read from `/proc`.
//!
//! A driver starts the window, the window starts its renderer, a browser starts ten more. All are ended with the one
//! that the harness started, and nothing else is: a process counts only while its start time is the one that was seen,
//! so a process id that the system gave away again is never hit.

use std::fs;
use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};

/// Position of the start time among the fields of `/proc/<pid>/stat` that follow the name in brackets.
const START_TIME_FIELD: usize = 19;
/// Position of the parent's process id there.
const PARENT_FIELD: usize = 1;
/// Position of the state there.
const STATE_FIELD: usize = 0;

/// One process, told apart from a later one with the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessId {
    number: u32,
    start_time: String,
}

impl ProcessId {
    /// The process that has this number now.
    pub fn of(number: u32) -> Option<Self> {
        let fields = stat_fields(number)?;
        Some(Self { number, start_time: fields.get(START_TIME_FIELD)?.clone() })
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The file it runs.
    pub fn program(&self) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{}/exe", self.number)).ok()
    }

    /// Whether it still runs (one that ended and was not yet collected by its parent does not).
    pub fn runs(&self) -> bool {
        stat_fields(self.number).is_some_and(|fields| {
            fields.get(START_TIME_FIELD) == Some(&self.start_time)
                && fields.get(STATE_FIELD).is_some_and(|state| state != "Z" && state != "X")
        })
    }

    /// Sends SIGKILL, if it still runs.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Sends SIGTERM, if it still runs.
    pub fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.number).ok().and_then(Pid::from_raw);
        if let Some(number) = number.filter(|_| self.runs()) {
            // It may have ended in between: then there is nothing to do.
            kill_process(number, signal).ok();
        }
    }

    /// All that descend from it, nearest first.
    pub fn descendants(&self) -> Vec<Self> {
        let mut everyone = Vec::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let Some(fields) = stat_fields(number) else { continue };
            let parent = fields.get(PARENT_FIELD).and_then(|parent| parent.parse::<u32>().ok());
            if let (Some(parent), Some(start_time)) = (parent, fields.get(START_TIME_FIELD)) {
                everyone.push((parent, Self { number, start_time: start_time.clone() }));
            }
        }
        let mut found: Vec<Self> = Vec::new();
        let mut parents = vec![self.number];
        while !parents.is_empty() {
            let children: Vec<Self> = everyone
                .iter()
                .filter(|(parent, _)| parents.contains(parent))
                .map(|(_, child)| child.clone())
                .collect();
            parents = children.iter().map(Self::number).collect();
            found.extend(children);
        }
        found
    }
}

/// The fields after the program's name, which stands in brackets and may hold blanks and brackets itself.
fn stat_fields(number: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;
    use crate::Deadline;

    #[test]
    fn a_grandchild_is_found_and_an_ended_process_no_longer_runs() {
        let mut parent = Command::new("sh").args(["-c", "sleep 100; true"]).stderr(Stdio::null()).spawn().unwrap();
        let id = ProcessId::of(parent.id()).unwrap();
        let deadline = Deadline::after(Duration::from_secs(10));
        let child = loop {
            let sleeping = id.descendants().into_iter().find(|child| {
                child.program().is_some_and(|path| path.ends_with("sleep") || path.ends_with("coreutils"))
            });
            if let Some(child) = sleeping {
                break child;
            }
            assert!(!deadline.has_passed(), "the grandchild was not found");
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(ProcessId::of(std::process::id()).unwrap().descendants().contains(&child));
        child.kill();
        parent.wait().unwrap();
        assert!(!child.runs() && !id.runs());
    }

    #[test]
    fn a_number_that_was_given_away_again_is_another_process() {
        let mine = ProcessId { number: std::process::id(), start_time: "1".into() };
        assert!(!mine.runs());
        mine.kill();
    }
}
