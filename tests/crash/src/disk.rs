//! From a recording, the states that a disk may be in after the power went.
//!
//! The rules are those of a disk with a cache and a file system that orders nothing: what was synced is there; of what was
//! not, each write may be lost, kept, or torn at the bounds of sectors, and one that came later may be there while an earlier
//! one is not; a file may have grown over bytes that nobody wrote; a name that was given or taken away may be as before,
//! until the folder was synced. Bytes beside a write stay as they are (`SQLite`'s `SQLITE_IOCAP_POWERSAFE_OVERWRITE`).

use std::collections::BTreeMap;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Event, Recording};

/// The least that a disk writes as a whole.
const SECTOR_BYTES: usize = 512;

/// A state of the disk after a crash.
#[derive(Debug, Clone)]
pub struct CrashState {
    /// How many events of the recording had happened.
    pub after_events: usize,
    /// The seed that says what became of the un-synced ones.
    pub seed: u64,
    /// How many steps of the workload had been acknowledged.
    pub acknowledged: usize,
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Debug, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// Left over by a failed sync: at the mercy of the disk for ever.
    adrift: Vec<Change>,
}

#[derive(Debug, Default)]
struct Disk {
    files: BTreeMap<usize, File>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    acknowledged: usize,
}

/// Hands every crash state to `take`: after each event from `from_event` on, one for each seed, or a single one where
/// nothing is un-synced.
pub fn crash_states(recording: &Recording, from_event: usize, seeds: &[u64], mut take: impl FnMut(CrashState)) {
    let mut disk = Disk::default();
    for (name, file, content) in &recording.before {
        disk.files.insert(*file, File { durable: content.clone(), ..File::default() });
        disk.names.insert(name.clone(), *file);
    }
    disk.durable_names = disk.names.clone();
    for (index, event) in recording.events.iter().enumerate() {
        disk.happen(event);
        if index < from_event || matches!(event, Event::Acknowledged(_)) {
            continue;
        }
        for seed in if disk.is_settled() { seeds.get(..1).unwrap_or_default() } else { seeds } {
            take(disk.crash(index + 1, *seed));
        }
    }
}

impl Disk {
    fn happen(&mut self, event: &Event) {
        match event {
            Event::Create { name, file } => {
                self.files.insert(*file, File::default());
                self.names.insert(name.clone(), *file);
            }
            Event::Delete { name } => {
                self.names.remove(name);
            }
            Event::SyncFolder => self.durable_names = self.names.clone(),
            Event::Acknowledged(steps) => self.acknowledged = *steps,
            Event::Write { file, offset, bytes } => {
                self.file(*file).pending.push(Change::Write { offset: *offset, bytes: bytes.clone() });
            }
            Event::Truncate { file, size_bytes } => self.file(*file).pending.push(Change::Truncate(*size_bytes)),
            Event::Sync { file } => {
                let file = self.file(*file);
                for change in std::mem::take(&mut file.pending) {
                    apply(&mut file.durable, &change);
                }
            }
            Event::FailedSync { file } => {
                let file = self.file(*file);
                let pending = std::mem::take(&mut file.pending);
                file.adrift.extend(pending);
            }
        }
    }

    fn file(&mut self, file: usize) -> &mut File {
        self.files.entry(file).or_default()
    }

    fn is_settled(&self) -> bool {
        self.names == self.durable_names
            && self
                .names
                .values()
                .all(|file| self.files.get(file).is_none_or(|file| file.pending.is_empty() && file.adrift.is_empty()))
    }

    fn crash(&self, after_events: usize, seed: u64) -> CrashState {
        let mut dice = ChaCha8Rng::seed_from_u64(seed ^ (u64::try_from(after_events).unwrap_or(0) << 20));
        let fate = Fate::draw(&mut dice);
        let mut names = self.durable_names.clone();
        let all: Vec<&String> = self.names.keys().chain(self.durable_names.keys()).collect();
        for name in all {
            if fate.keeps(&mut dice) {
                match self.names.get(name) {
                    Some(file) => names.insert(name.clone(), *file),
                    None => names.remove(name),
                };
            }
        }
        let mut files = BTreeMap::new();
        for (name, file) in names {
            let content = self.files.get(&file).map(|file| file.after_crash(fate, &mut dice)).unwrap_or_default();
            files.insert(name, content);
        }
        CrashState { after_events, seed, acknowledged: self.acknowledged, files }
    }
}

/// What becomes of un-synced changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    AllLost,
    AllKept,
    /// Each change by itself; so a later one may be there without an earlier one.
    EachByItself,
    /// Each sector by itself.
    Torn,
    /// As torn; and where a file has grown, what nobody wrote is not zero.
    TornOverGarbage,
    /// Only the last change is there.
    LastOnly,
}

impl Fate {
    fn draw(dice: &mut ChaCha8Rng) -> Self {
        match dice.random_range(0..8) {
            0 => Self::AllLost,
            1 => Self::AllKept,
            2 | 3 => Self::EachByItself,
            4 | 5 => Self::Torn,
            6 => Self::TornOverGarbage,
            _ => Self::LastOnly,
        }
    }

    fn keeps(self, dice: &mut ChaCha8Rng) -> bool {
        match self {
            Self::AllLost => false,
            Self::AllKept => true,
            _ => dice.random_bool(0.5),
        }
    }
}

impl File {
    fn after_crash(&self, fate: Fate, dice: &mut ChaCha8Rng) -> Vec<u8> {
        let mut content = self.durable.clone();
        let changes: Vec<&Change> = self.adrift.iter().chain(&self.pending).collect();
        if fate == Fate::TornOverGarbage {
            let end = changes.iter().map(|change| change.end()).max().unwrap_or(0);
            let grown_from = content.len();
            if end > grown_from {
                content.resize(end, 0);
                dice.fill_bytes(&mut content[grown_from..]);
            }
        }
        for (index, change) in changes.iter().enumerate() {
            match (fate, change) {
                (Fate::Torn | Fate::TornOverGarbage, Change::Write { offset, bytes }) => {
                    for (from, sector) in sectors(*offset, bytes) {
                        if dice.random_bool(0.5) {
                            write(&mut content, from, sector);
                        }
                    }
                }
                (Fate::LastOnly, _) if index + 1 == changes.len() => apply(&mut content, change),
                (Fate::LastOnly, _) => (),
                _ if fate.keeps(dice) => apply(&mut content, change),
                _ => (),
            }
        }
        content
    }
}

impl Change {
    fn end(&self) -> usize {
        match self {
            Self::Write { offset, bytes } => offset + bytes.len(),
            Self::Truncate(_) => 0,
        }
    }
}

/// A write in pieces that end where sectors end.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= bytes.len() {
            return None;
        }
        let at = offset + from;
        let to = (from + SECTOR_BYTES - at % SECTOR_BYTES).min(bytes.len());
        let piece = &bytes[from..to];
        from = to;
        Some((at, piece))
    })
}

fn apply(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => write(content, *offset, bytes),
        Change::Truncate(size_bytes) => content.resize(*size_bytes, 0),
    }
}

fn write(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(events: Vec<Event>) -> Vec<BTreeMap<String, Vec<u8>>> {
        let mut recording = Recording::default();
        recording.events = events;
        let mut all = Vec::new();
        let last = recording.events.len() - 1;
        crash_states(&recording, last, &(0..400).collect::<Vec<u64>>(), |state| all.push(state.files));
        all
    }

    fn created() -> Vec<Event> {
        vec![Event::Create { name: "a".to_owned(), file: 0 }, Event::SyncFolder]
    }

    fn wrote(offset: usize, byte: u8, size: usize) -> Event {
        Event::Write { file: 0, offset, bytes: vec![byte; size] }
    }

    #[test]
    fn what_was_synced_is_there_in_every_state() {
        let mut events = created();
        events.extend([wrote(0, 1, 2_000), Event::Sync { file: 0 }, wrote(1_000, 2, 100)]);
        let all = states(events);
        assert!(all.iter().all(|files| files["a"][..1_000] == [1; 1_000]));
        assert!(all.iter().any(|files| files["a"][1_000] == 2) && all.iter().any(|files| files["a"][1_000] == 1));
    }

    #[test]
    fn what_was_not_synced_is_lost_kept_torn_or_there_before_its_turn() {
        let mut events = created();
        events.extend([wrote(0, 1, 512), wrote(512, 2, 1_024)]);
        let all = states(events);
        let has = |wanted: &dyn Fn(&[u8]) -> bool| all.iter().any(|files| files.get("a").is_some_and(|a| wanted(a)));
        assert!(has(&|a| a.is_empty()), "lost");
        assert!(has(&|a| a.len() == 1_536 && a[0] == 1 && a[512] == 2 && a[1_024] == 2), "kept");
        assert!(has(&|a| a.len() == 1_536 && (a[512] == 2) != (a[1_024] == 2)), "torn");
        assert!(has(&|a| a.len() == 1_536 && a[0] == 0 && a[512..] == [2; 1_024]), "the later one alone");
        assert!(has(&|a| a.len() == 1_536 && !matches!(a[0], 0 | 1)), "bytes that nobody wrote");
    }

    #[test]
    fn what_a_failed_sync_left_is_never_sure_again() {
        let mut events = created();
        events.extend([wrote(0, 1, 512), Event::FailedSync { file: 0 }, Event::Sync { file: 0 }]);
        assert!(states(events).iter().any(|files| files["a"].is_empty()));
    }

    #[test]
    fn a_name_given_or_taken_away_is_sure_once_the_folder_was_synced() {
        let mut events = created();
        events.push(Event::Delete { name: "a".to_owned() });
        let all = states(events.clone());
        assert!(all.iter().any(BTreeMap::is_empty) && all.iter().any(|files| files.contains_key("a")));
        events.push(Event::SyncFolder);
        assert!(states(events).iter().all(BTreeMap::is_empty));
    }
}
