//! What truly happened: the simulator's own account, which no replica can see.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::EntityId;
use kend_log::{ChainHash, Chained, Context, Dot, LogId};

/// An entry that somebody wrote.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its log.
    pub log: LogId,
    /// The entry as it was written, with all of its content.
    pub chained: Chained,
    /// Whether the app wrote it. Otherwise somebody who has a key and no app did.
    pub honest: bool,
}

/// An approval, and what the supervisor had on the screen.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The interview.
    pub entity: EntityId,
    /// The entry that approves.
    pub dot: Dot,
    /// Its hash: a cloned device may have written two under one number.
    pub hash: ChainHash,
    /// What it saw.
    pub context: Context,
    /// The canonical bytes of the state it judged.
    pub judged: Vec<u8>,
}

/// The account of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    /// All entries, by chain hash.
    pub written: BTreeMap<ChainHash, Written>,
    /// Entries that a device was told to be durable elsewhere.
    pub acknowledged: BTreeSet<ChainHash>,
    /// Entries of which the last copy went with a backup put back, or with an area left on an answer from before: no protocol
    /// can bring them back.
    pub gone: BTreeSet<ChainHash>,
    /// Logs whose author lost rights meanwhile: hubs may differ in how much they took before.
    pub revoked: BTreeSet<LogId>,
    /// Approvals.
    pub approvals: Vec<Approval>,
    at: BTreeMap<(LogId, u64), Vec<ChainHash>>,
}

impl Ledger {
    /// Notes an entry, once.
    pub fn write(&mut self, log: &LogId, chained: &Chained, honest: bool) {
        if self.written.contains_key(&chained.hash) {
            return;
        }
        self.at.entry((log.clone(), chained.entry.header.seq)).or_default().push(chained.hash);
        self.written.insert(chained.hash, Written { log: log.clone(), chained: chained.clone(), honest });
    }

    /// The entries under one number of a log: more than one when it has branches.
    pub fn at(&self, log: &LogId, seq: u64) -> &[ChainHash] {
        self.at.get(&(log.clone(), seq)).map_or(&[], Vec::as_slice)
    }

    /// The logs that have branches: their device was cloned or put back from a backup, and went on.
    pub fn branched(&self) -> BTreeSet<&LogId> {
        self.at.iter().filter(|(_, hashes)| hashes.len() > 1).map(|((log, _), _)| log).collect()
    }
}
