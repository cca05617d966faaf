//! What goes wrong, and how.

use std::collections::BTreeSet;

use kend_domain::Scope;
use kend_log::{ChainHash, Segment};
use kend_sync::protocol::{PROTOCOL, PROTOCOL_FOLLOWING};
use kend_sync::{Addressee, Deed, Epoch, SyncRequest};

use crate::invariants::Violation;
use crate::node::{Backup, NodeNo, Promised};
use crate::setup::Fault;
use crate::storage::Storage;
use crate::world::{Event, Stick, World, scopes};

/// Most sticks on their way.
const MOST_STICKS: usize = 6;

impl World<'_> {
    /// The line: when a message arrives, how often, and what became of it.
    pub fn over_the_line<T: Clone>(&mut self, message: T, body: impl Fn(&mut T) -> &mut Vec<u8>) -> Vec<(u64, T)> {
        let dice = &mut self.dice.network;
        let usual_ms = dice.pick(50..900);
        if !self.setup.faults.contains(&Fault::Network) {
            return vec![(usual_ms, message)];
        }
        let mut altered = message.clone();
        match dice.pick(0..100) {
            0..12 => return Vec::new(),
            12..20 => return vec![(usual_ms, message.clone()), (usual_ms + dice.pick(1..5_000), message)],
            20..28 => return vec![(usual_ms + dice.pick(1_000..20_000), message)],
            28..34 => {
                let bytes = body(&mut altered);
                let length = dice.pick(0..=bytes.len());
                bytes.truncate(length);
            }
            34..40 => {
                let bytes = body(&mut altered);
                if !bytes.is_empty() {
                    let place = dice.pick(0..bytes.len());
                    bytes[place] ^= 1 << dice.pick(0..8);
                }
            }
            _ => {}
        }
        vec![(usual_ms, altered)]
    }

    /// Something goes wrong.
    pub fn goes_wrong(&mut self, fault: Fault) -> Result<(), Violation> {
        match fault {
            Fault::Network => {}
            Fault::Partition => {
                let node = self.dice.faults.pick(0..self.nodes.len());
                let until = self.now_ms + self.dice.faults.pick(1_000..30_000);
                self.cut_off.insert(node, until);
                let name = self.name(node);
                self.say(format_args!("{name} reaches nobody until {until} ms"));
            }
            Fault::Crash => {
                let node = self.dice.faults.pick(0..self.nodes.len());
                if !self.nodes[node].down {
                    self.light_fuse(node);
                }
            }
            Fault::Clocks => {
                let node = self.dice.faults.pick(0..self.nodes.len());
                if self.nodes[node].hub.is_none() {
                    self.nodes[node].clock.jump(self.now_ms, &mut self.dice.clocks);
                    let (name, said) = (self.name(node), self.nodes[node].clock.said(self.now_ms));
                    self.say(format_args!("{name}'s wall clock says {} ms", said.wall_ms));
                }
            }
            Fault::DeviceBackup => self.back_up_or_restore(false),
            Fault::HubBackup => self.back_up_or_restore(true),
            Fault::Clone => self.clone_device(),
            Fault::Stick => self.stick()?,
            Fault::Hostile => self.hostile()?,
            Fault::Replay => {
                let recorded = self.recorded.clone();
                if let Some((hub, request)) = self.dice.faults.one(&recorded).cloned() {
                    let name = self.name(hub);
                    self.say(format_args!("somebody plays an old request back to {name}"));
                    self.later(10, Event::Request { hub, from: None, request });
                }
            }
            Fault::Rights => self.rights_change(),
            Fault::Versions => self.version_change(),
        }
        Ok(())
    }

    /// A hub's program becomes an older or a newer one, or an app does.
    fn version_change(&mut self) {
        let hubs = self.hubs();
        let Some(place) = self.dice.faults.one(&hubs).copied() else { return };
        let app = self.dice.faults.pick(0..self.nodes.len());
        let (device, changes_app) = (self.nodes[app].device(), self.dice.faults.percent(50));
        let (name, app) = (self.name(place), self.name(app));
        let Some(hub) = &mut self.nodes[place].hub else { return };
        if changes_app {
            let old = &mut hub.desk.old_apps;
            let now_old = old.insert(device);
            if !now_old {
                old.remove(&device);
            }
            self.say(format_args!("the app of {app} is {} at {name}", if now_old { "an old one" } else { "new" }));
        } else {
            hub.desk.speaks = PROTOCOL + PROTOCOL_FOLLOWING - hub.desk.speaks;
            let speaks = hub.desk.speaks;
            self.say(format_args!("the program of {name} speaks {speaks}"));
        }
    }

    fn back_up_or_restore(&mut self, of_hubs: bool) {
        let fits = |node: &NodeNo| self.nodes[*node].hub.is_some() == of_hubs && !self.nodes[*node].down;
        let nodes: Vec<NodeNo> = (0..self.nodes.len()).filter(fits).collect();
        let Some(node) = self.dice.faults.one(&nodes).copied() else { return };
        match self.nodes[node].backup.take() {
            Some(backup) => self.restore(node, backup),
            None => self.back_up(node),
        }
    }

    /// Takes a backup.
    pub fn back_up(&mut self, node: NodeNo) {
        let at = &mut self.nodes[node];
        let desk = at.hub.as_ref().map(|hub| hub.desk.clone());
        at.backup = Some(Backup { storage: at.storage.copy(), desk });
        let name = self.name(node);
        self.say(format_args!("a backup of {name} is taken"));
    }

    /// Puts a backup back. A hub begins a new epoch, as its administrator's command makes it.
    pub fn restore(&mut self, node: NodeNo, backup: Backup) {
        let name = self.name(node);
        self.say(format_args!("{name} is put back from its backup"));
        // What was durable without anybody knowing is now only in the account.
        self.learn(node);
        let before: Vec<_> = self.hashes(node);
        self.put_storage(node, backup.storage);
        let epoch = Epoch(self.dice.faults.bytes());
        let at = &mut self.nodes[node];
        at.underway = None;
        at.screen = kend_log::Context::default();
        if let (Some(hub), Some(desk)) = (&mut at.hub, backup.desk) {
            // People and devices are administered apart from the log: they are as they were.
            hub.desk = kept_known(desk, &hub.desk);
            hub.desk.epoch = epoch;
            hub.promised = Promised::default();
        }
        self.note_gone(before);
    }

    /// Of these entries, those that nobody holds any more are gone, or only somebody hostile, who hands over what they like.
    pub fn note_gone(&mut self, before: Vec<ChainHash>) {
        let honest = (0..self.nodes.len()).filter(|node| !self.nodes[*node].hostile);
        let still: BTreeSet<ChainHash> = honest.flat_map(|node| self.hashes(node)).collect();
        self.ledger.gone.extend(before.into_iter().filter(|hash| !still.contains(hash)));
    }

    /// A device was told to destroy what is on it.
    pub fn wipe(&mut self, node: NodeNo) {
        let name = self.name(node);
        self.say(format_args!("{name} wipes itself"));
        self.learn(node);
        let before = self.hashes(node);
        let at = &self.nodes[node];
        let empty = crate::memory::Memory::new(at.device(), at.signing_key);
        self.put_storage(node, Box::new(empty));
        let at = &mut self.nodes[node];
        at.forked = true;
        at.hubs = Vec::new();
        self.note_gone(before);
    }

    fn clone_device(&mut self) {
        let whole = |node: &NodeNo| {
            let at = &self.nodes[*node];
            at.hub.is_none() && !at.down && !at.hostile && !at.name.ends_with("clone")
        };
        let nodes: Vec<NodeNo> = (0..self.nodes.len()).filter(whole).collect();
        let Some(node) = self.dice.faults.one(&nodes).copied() else { return };
        let name = self.name(node);
        if self.nodes.iter().any(|other| other.name == format!("{name}'s clone")) {
            return;
        }
        self.say(format_args!("{name}'s device is cloned"));
        self.clone_of(node);
    }

    /// A second device with the same id, key and content.
    pub fn clone_of(&mut self, node: NodeNo) -> NodeNo {
        let storage = self.nodes[node].storage.copy();
        let at = &self.nodes[node];
        let clone = crate::node::Node {
            name: format!("{}'s clone", at.name),
            storage: crate::fuse::Fuse::new(storage),
            signing_key: at.signing_key,
            member: at.member.clone(),
            hubs: at.hubs.clone(),
            hub: None,
            clock: at.clock.clone(),
            underway: None,
            exchanges: 0,
            outcome: kend_sync::Outcome::default(),
            down: false,
            forked: at.forked,
            hostile: false,
            screen: at.screen.clone(),
            backup: None,
        };
        self.nodes.push(clone);
        let number = self.nodes.len() - 1;
        self.later(100, Event::Act(number));
        self.later(1_500, Event::Contact(number));
        number
    }

    fn stick(&mut self) -> Result<(), Violation> {
        if self.sticks.len() < MOST_STICKS && self.dice.faults.percent(50) {
            let node = self.dice.faults.pick(0..self.nodes.len());
            if !self.nodes[node].down && self.nodes[node].hub.is_none() && !self.nodes[node].hostile {
                self.write_stick(node);
            }
            return Ok(());
        }
        if self.sticks.is_empty() {
            return Ok(());
        }
        let stick = self.dice.faults.pick(0..self.sticks.len());
        let hubs = self.hubs();
        let hub = *self.dice.faults.one(&hubs).expect("a server");
        self.read_stick(stick, hub)
    }

    /// A device writes all it has onto a stick.
    pub fn write_stick(&mut self, from: NodeNo) {
        let mut segments = Vec::new();
        let Ok(heads) = self.nodes[from].storage.heads() else { return self.goes_dark(from) };
        for head in heads {
            match self.nodes[from].storage.segments(&head.log(), 0, usize::MAX, Addressee::Anybody) {
                Ok(more) => segments.extend(more.into_iter().map(|packed| packed.bytes)),
                Err(_) => return self.goes_dark(from),
            }
        }
        let name = self.name(from);
        self.say(format_args!("{name} writes a stick of {} segments", segments.len()));
        self.sticks.push(Stick { from, segments });
    }

    /// A stick comes to a hub: out of order, cut off, altered, not for the first time.
    fn read_stick(&mut self, stick: usize, hub: NodeNo) -> Result<(), Violation> {
        let Stick { from, segments } = &self.sticks[stick];
        let (from, mut segments) = (*from, segments.clone());
        match self.dice.faults.pick(0..4) {
            0 => self.dice.faults.shuffle(&mut segments),
            1 => segments.truncate(self.dice.faults.pick(0..=segments.len())),
            2 if !segments.is_empty() => {
                let place = self.dice.faults.pick(0..segments.len());
                let byte = self.dice.faults.pick(0..segments[place].len());
                segments[place][byte] ^= 1 << self.dice.faults.pick(0..8);
            }
            _ => {}
        }
        let (carrier, name) = (self.name(from), self.name(hub));
        self.say(format_args!("{carrier}'s stick is read by {name}: {} segments", segments.len()));
        self.bring_segments(hub, from, segments)
    }

    /// Segments come to a hub from the hand of a device.
    pub fn bring_segments(&mut self, hub: NodeNo, from: NodeNo, segments: Vec<Vec<u8>>) -> Result<(), Violation> {
        let request = SyncRequest::handing_over(segments);
        let device = self.nodes[from].device();
        self.bring(hub, device, request).map(drop)
    }

    fn hostile(&mut self) -> Result<(), Violation> {
        let Some(node) = (0..self.nodes.len()).find(|node| self.nodes[*node].hostile) else { return Ok(()) };
        let segments = self.forge(node);
        let hubs = self.hubs();
        let hub = *self.dice.faults.one(&hubs).expect("a server");
        let (name, at) = (self.name(node), self.name(hub));
        self.say(format_args!("{name} brings {at} {} forged segments", segments.len()));
        self.bring_segments(hub, node, segments)
    }

    fn rights_change(&mut self) {
        let honest = |node: &NodeNo| self.nodes[*node].hub.is_none() && !self.nodes[*node].name.ends_with("clone");
        let devices: Vec<NodeNo> = (0..self.nodes.len()).filter(honest).collect();
        let Some(node) = self.dice.faults.one(&devices).copied() else { return };
        if self.dice.faults.percent(30) { self.revoke(node) } else { self.reassign(node, "AZ-TOV") }
    }

    /// A device is revoked at all hubs.
    pub fn revoke(&mut self, node: NodeNo) {
        let device = self.nodes[node].device();
        for hub in self.hubs() {
            let counter = self.nodes[hub].counter().expect("a hub");
            let is_server = counter.is_server();
            // A hub without power learns of it from its administrator later: here at once.
            let done = counter.desk.revoke(counter.storage.below_mut(), device, is_server);
            done.expect("the store below the fuse has its power");
        }
        for scope in scopes() {
            self.ledger.revoked.insert(self.nodes[node].log(&scope));
        }
        let name = self.name(node);
        self.say(format_args!("{name}'s device is revoked"));
    }

    /// A person has one area from now on; all hubs know it at once, the device does not.
    pub fn reassign(&mut self, node: NodeNo, area: &str) {
        let areas = kend_domain::Areas([area.parse().expect("an area")].into());
        let held: Vec<Scope> =
            scopes().into_iter().filter(|scope| self.nodes[node].member.areas.hold(scope.area())).collect();
        let mut enrolled = self.nodes[node].enrolled();
        enrolled.areas = areas;
        for hub in self.hubs() {
            let counter = self.nodes[hub].counter().expect("a hub");
            let is_server = counter.is_server();
            counter.desk.know(counter.storage.below_mut(), &enrolled).expect("the store below the fuse has its power");
            for scope in held.iter().filter(|scope| is_server && !enrolled.areas.hold(scope.area())) {
                counter.desk.give(enrolled.device, Deed::Leave { scope: scope.clone() });
            }
        }
        for scope in scopes().iter().filter(|scope| !enrolled.areas.hold(scope.area())) {
            self.ledger.revoked.insert(self.nodes[node].log(scope));
        }
        let name = self.name(node);
        self.say(format_args!("{name} has only {area} from now on"));
    }

    /// All entries that a node holds, in its log or set aside.
    pub fn hashes(&self, node: NodeNo) -> Vec<ChainHash> {
        let storage = self.nodes[node].storage.below();
        let in_log = storage.entities().into_iter().flat_map(|entity| storage.history(entity));
        let mut hashes: Vec<_> = in_log.map(|chained| chained.hash).collect();
        hashes.extend(self.aside(node).iter().flat_map(Segment::chained).map(|chained| chained.hash));
        hashes
    }

    /// Whether a node holds an entry, in its log or set aside.
    pub fn holds(&self, node: NodeNo, hash: &ChainHash) -> bool {
        self.hashes(node).contains(hash)
    }

    /// The segments that a node set aside, as far as they can be read.
    pub fn aside(&self, node: NodeNo) -> Vec<Segment> {
        let at = &self.nodes[node];
        let bytes = at.storage.below().aside();
        bytes.iter().filter_map(|bytes| Segment::from_bytes(bytes).ok()).collect()
    }

    /// Everything that can go wrong stops going wrong.
    pub fn heal(&mut self) -> Result<(), Violation> {
        self.forget_queue();
        self.cut_off.clear();
        self.setup.faults.clear();
        for node in 0..self.nodes.len() {
            self.nodes[node].underway = None;
            if self.nodes[node].storage.is_blown() {
                self.nodes[node].down = true;
            }
            if self.nodes[node].down {
                self.power_returns(node)?;
            } else {
                self.nodes[node].storage.mend();
            }
        }
        Ok(())
    }
}

fn kept_known(mut backup: crate::hub::Desk, now: &crate::hub::Desk) -> crate::hub::Desk {
    backup.known = now.known.clone();
    backup
}
