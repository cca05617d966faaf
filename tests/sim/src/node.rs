//! One device or hub of a run.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{DeviceId, Scope};
use kend_log::{ChainHash, Context, HashPrefix, LogId, SigningKeyBytes};
use kend_sync::rights::Member;
use kend_sync::{Epoch, Exchange, Outcome, Tickets};

use crate::clock::Clock;
use crate::fuse::Fuse;
use crate::hub::{Counter, Desk, Enrolled};
use crate::storage::Storage;

/// The place of a node in its run.
pub type NodeNo = usize;

/// An exchange that waits for an answer.
pub struct Underway {
    /// Counts the node's exchanges: a late answer to an earlier one finds nobody.
    pub number: u64,
    /// With whom.
    pub hub: NodeNo,
    /// Its state.
    pub exchange: Exchange,
}

/// What a hub said that it holds, in its present epoch.
#[derive(Debug, Default)]
pub struct Promised {
    /// Per log the last entry, and the start of the chain hash there.
    pub logs: BTreeMap<LogId, (u64, HashPrefix)>,
    /// Segments kept aside, by log, last entry and hash there: an erasure changes none of these.
    pub aside: BTreeSet<(LogId, u64, ChainHash)>,
}

/// What a hub has that a device has not.
pub struct HubPart {
    /// People, certificates, what was set aside.
    pub desk: Desk,
    /// Tickets of this run of its process.
    pub tickets: Tickets,
    /// What it promised.
    pub promised: Promised,
}

/// A backup.
pub struct Backup {
    /// The store.
    pub storage: Box<dyn Storage>,
    /// A hub's tables.
    pub desk: Option<Desk>,
}

/// A device, or a hub, which is one too.
pub struct Node {
    /// Its name, or its owner's.
    pub name: String,
    /// Its store, and the fuse of its power.
    pub storage: Fuse,
    /// Its key; a person with it needs no app.
    pub signing_key: SigningKeyBytes,
    /// Who uses it.
    pub member: Member,
    /// The hubs that it goes to.
    pub hubs: Vec<NodeNo>,
    /// What makes it a hub.
    pub hub: Option<HubPart>,
    /// Its clocks.
    pub clock: Clock,
    /// The exchange under way.
    pub underway: Option<Underway>,
    /// Exchanges begun.
    pub exchanges: u64,
    /// What its last exchange came to.
    pub outcome: Outcome,
    /// Whether its power is gone.
    pub down: bool,
    /// Whether it learned that its log has another branch at a hub: its person gets a new device, this one writes no more.
    pub forked: bool,
    /// Whether it writes what no app would write.
    pub hostile: bool,
    /// What its person has had on the screen for a while.
    pub screen: Context,
    /// The last backup.
    pub backup: Option<Backup>,
}

impl Node {
    /// The node's id as a device.
    pub fn device(&self) -> DeviceId {
        self.storage.device()
    }

    /// How hubs know it.
    pub fn enrolled(&self) -> Enrolled {
        Enrolled {
            device: self.device(),
            key: self.storage.public_key(),
            person: self.member.person,
            role: self.member.role,
            areas: self.member.areas.clone(),
        }
    }

    /// Storage and desk of a hub. None for a device.
    pub fn counter(&mut self) -> Option<Counter<'_>> {
        let desk = &mut self.hub.as_mut()?.desk;
        Some(Counter { storage: &mut self.storage, desk })
    }

    /// The epoch of a hub.
    pub fn epoch(&self) -> Option<Epoch> {
        self.hub.as_ref().map(|hub| hub.desk.epoch)
    }

    /// This node's log of a scope.
    pub fn log(&self, scope: &Scope) -> LogId {
        LogId { device: self.device(), scope: scope.clone() }
    }
}
