//! What was done to the files of a folder, in order, and what is refused.

use std::collections::BTreeMap;
use std::path::Path;

/// What happened to a file. Files are numbered as they are created: a name may stand for another file later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file was created under a name.
    Create {
        /// The name in the folder.
        name: String,
        /// Its number.
        file: usize,
    },
    /// Bytes were written.
    Write {
        /// The file.
        file: usize,
        /// Where.
        offset: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// The length was set.
    Truncate {
        /// The file.
        file: usize,
        /// The length.
        size_bytes: usize,
    },
    /// What was written to the file is on the disk.
    Sync {
        /// The file.
        file: usize,
    },
    /// A sync failed: what it was to bring to the disk may be gone from the system's memory, and no later sync brings it.
    FailedSync {
        /// The file.
        file: usize,
    },
    /// Which names there are is on the disk.
    SyncFolder,
    /// A name was taken away.
    Delete {
        /// The name in the folder.
        name: String,
    },
    /// The workload heard that its n-th step is done; no event of a file.
    Acknowledged(usize),
}

/// What the disk refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A write or truncation fails with an input or output error.
    Write,
    /// A write finds no room.
    Full,
    /// A sync fails.
    Sync,
    /// A read fails with an input or output error.
    Read,
    /// A read ends half-way.
    ShortRead,
}

/// Refusal from the n-th call of a kind on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What is refused.
    pub kind: FaultKind,
    /// The first call that is refused, counted from 1.
    pub at: usize,
    /// Whether all later calls are refused too.
    pub lasting: bool,
}

/// Everything that was done to the files of a folder.
#[derive(Debug, Default)]
pub struct Recording {
    /// The files that were there before: name, number, content.
    pub before: Vec<(String, usize, Vec<u8>)>,
    /// What happened then.
    pub events: Vec<Event>,
    fault: Option<Fault>,
    paused: bool,
    calls: usize,
    refused: usize,
    names: BTreeMap<String, usize>,
    files: usize,
}

impl Recording {
    /// A recording that begins with what is in the folder.
    pub(crate) fn of(folder: &Path) -> std::io::Result<Self> {
        let mut recording = Self::default();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let content = std::fs::read(entry.path())?;
            let file = recording.number(&name);
            recording.before.push((name, file, content));
        }
        Ok(recording)
    }

    /// How many calls the disk has refused.
    pub const fn refused(&self) -> usize {
        self.refused
    }

    pub(crate) const fn set_fault(&mut self, fault: Option<Fault>) {
        self.fault = fault;
        self.calls = 0;
    }

    pub(crate) const fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    fn number(&mut self, name: &str) -> usize {
        let file = self.files;
        self.files += 1;
        self.names.insert(name.to_owned(), file);
        file
    }

    /// The number of the file under a name, given now when it was created.
    pub(crate) fn opened(&mut self, name: &str, created: bool) -> usize {
        match self.names.get(name) {
            Some(file) if !created => *file,
            _ => {
                let file = self.number(name);
                self.events.push(Event::Create { name: name.to_owned(), file });
                file
            }
        }
    }

    pub(crate) fn deleted(&mut self, name: &str, synced: bool) {
        if self.names.remove(name).is_some() {
            self.events.push(Event::Delete { name: name.to_owned() });
        }
        if synced {
            self.events.push(Event::SyncFolder);
        }
    }

    /// Whether the call that is made now is refused.
    pub(crate) fn refuses(&mut self, kinds: &[FaultKind]) -> Option<FaultKind> {
        let fault = self.fault.filter(|fault| !self.paused && kinds.contains(&fault.kind))?;
        self.calls += 1;
        let refused = if fault.lasting { self.calls >= fault.at } else { self.calls == fault.at };
        self.refused += usize::from(refused);
        refused.then_some(fault.kind)
    }
}
