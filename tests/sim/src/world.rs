//! Who takes part in a run, the queue of what happens next, and the account of what happened.

use std::collections::BTreeMap;
use std::fmt::Arguments;

use kend_domain::{Areas, DeviceId, EntityId, PersonId, Role, Scope};
use kend_log::{ChainHash, Context, SigningKeyBytes};
use kend_sync::rights::Member;
use kend_sync::{Epoch, HttpRequest, HttpResponse, Tickets};

use crate::clock::Clock;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::fuse::Fuse;
use crate::hub::Desk;
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::node::{HubPart, Node, NodeNo, Promised};
use crate::setup::{Fault, Setup};
use crate::storage::Storage;

/// Something that happens at a time.
#[derive(Debug, Clone)]
pub enum Event {
    /// A person does something.
    Act(NodeNo),
    /// A device or hub goes to one of its hubs.
    Contact(NodeNo),
    /// A request arrives.
    Request {
        /// Where.
        hub: NodeNo,
        /// Whose it is, and which of their exchanges.
        from: Option<(NodeNo, u64)>,
        /// The request.
        request: HttpRequest,
    },
    /// An answer arrives.
    Response {
        /// Where.
        to: NodeNo,
        /// For which exchange.
        number: u64,
        /// The answer.
        response: HttpResponse,
        /// The server's epoch when it was given.
        epoch: Epoch,
    },
    /// No answer came.
    GiveUp {
        /// Where.
        node: NodeNo,
        /// For which exchange.
        number: u64,
    },
    /// The power comes back.
    Restart(NodeNo),
    /// Something goes wrong.
    Fault(Fault),
}

/// The streams of chance of a run.
pub struct Streams {
    /// What people do.
    pub people: Dice,
    /// What the network does, and when things happen.
    pub network: Dice,
    /// What else goes wrong.
    pub faults: Dice,
    /// What clocks say.
    pub clocks: Dice,
}

/// A stick: segments of one scope, and who carries it.
pub struct Stick {
    /// Who wrote it.
    pub from: NodeNo,
    /// What is on it.
    pub segments: Vec<Vec<u8>>,
}

/// Wraps the store of each node: a test of the tests plants a bug here.
pub type Plant<'a> = &'a dyn Fn(Seat, Box<dyn Storage>) -> Box<dyn Storage>;

/// Whose store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// A device's.
    Device,
    /// A hub's or server's.
    Hub,
}

/// No bug planted.
pub fn as_it_is(_: Seat, storage: Box<dyn Storage>) -> Box<dyn Storage> {
    storage
}

/// A run under way.
pub struct World<'a> {
    /// What it is.
    pub setup: Setup,
    /// Milliseconds since the start.
    pub now_ms: u64,
    /// Everybody; the server is the first.
    pub nodes: Vec<Node>,
    /// What truly happened.
    pub ledger: Ledger,
    /// Chance.
    pub dice: Streams,
    /// Nodes that reach nobody for now, and until when.
    pub cut_off: BTreeMap<NodeNo, u64>,
    /// Sticks on their way.
    pub sticks: Vec<Stick>,
    /// Requests that somebody recorded.
    pub recorded: Vec<(NodeNo, HttpRequest)>,
    /// The bytes of each segment that went over a line, by its end and signature.
    pub seen: BTreeMap<(ChainHash, [u8; 64]), Vec<u8>>,
    /// Words written so far, to make each text a new one.
    pub words: u32,
    queue: BTreeMap<(u64, u64), Event>,
    queued: u64,
    plant: Plant<'a>,
    trace: Option<Vec<String>>,
}

/// The server's place.
pub const SERVER: NodeNo = 0;
/// Where interviews are held.
pub const SCOPES: [&str; 2] = ["demo/AZ-TOV", "demo/AZ-QBA"];
/// Interviews planned in each scope: several devices work on one.
pub const PLANNED: u8 = 2;
const NAMES: [&str; 8] = ["Aynur", "Rashad", "Leyla", "Kamran", "Nigar", "Elvin", "Gunel", "Orxan"];

/// The scopes of a run.
pub fn scopes() -> Vec<Scope> {
    SCOPES.iter().map(|scope| scope.parse().expect("a scope")).collect()
}

/// A planned interview.
pub fn planned(scope: usize, number: u8) -> EntityId {
    let scope = u8::try_from(scope).expect("few scopes");
    EntityId::from_bytes([0xe0 + scope * PLANNED + number; 16])
}

/// Id and key of the device that takes a seat, counted from 1.
pub fn keys(seed: u64, number: u8) -> (DeviceId, SigningKeyBytes) {
    let mut dice = Dice::new(seed ^ u64::from(number), "device");
    let mut id = dice.bytes::<16>();
    id[0] = number;
    (DeviceId::from_bytes(id), dice.bytes())
}

impl<'a> World<'a> {
    /// Everybody at their place, nothing written.
    pub fn new(setup: &Setup, plant: Plant<'a>, traced: bool) -> Self {
        let dice = |purpose| Dice::new(setup.seed, purpose);
        let mut world = Self {
            now_ms: 0,
            nodes: Vec::new(),
            ledger: Ledger::default(),
            dice: Streams {
                people: dice("people"),
                network: dice("network"),
                faults: dice("faults"),
                clocks: Dice::new(setup.clocks, "clocks"),
            },
            cut_off: BTreeMap::new(),
            sticks: Vec::new(),
            recorded: Vec::new(),
            seen: BTreeMap::new(),
            words: 0,
            queue: BTreeMap::new(),
            queued: 0,
            plant,
            trace: traced.then(Vec::new),
            setup: setup.clone(),
        };
        world.seat_everybody();
        world
    }

    fn seat_everybody(&mut self) {
        let mut dice = Dice::new(self.setup.seed, "seats");
        let server = self.seat("Server", Seat::Hub, Role::National, &["AZ"], vec![]);
        let mut hubs = vec![server];
        if self.setup.relay {
            hubs.push(self.seat("Hub", Seat::Hub, Role::ClusterUnit, &["AZ"], vec![server]));
        }
        for number in 0..self.setup.devices {
            let roles = [Role::Enumerator, Role::Supervisor, Role::Enumerator, Role::ClusterUnit, Role::National];
            let role = match dice.pick(0..10) {
                0..3 if number == 4 => Role::Analyst,
                3..7 if number == 4 => Role::Committee,
                0 if number == 2 => Role::Committee,
                _ => roles[number % roles.len()],
            };
            let areas: &[&str] = match dice.pick(0..4) {
                0 => &["AZ-TOV", "AZ-QBA"],
                1 => &["AZ-QBA"],
                _ => &["AZ-TOV"],
            };
            let goes_to = match dice.pick(0..3) {
                0 => vec![server],
                1 => vec![hubs[hubs.len() - 1]],
                _ => hubs.clone(),
            };
            self.seat(NAMES[number % NAMES.len()], Seat::Device, role, areas, goes_to);
        }
        if self.setup.has(Fault::Hostile) {
            let mallory = self.seat("Mallory", Seat::Device, Role::Enumerator, &["AZ-TOV"], vec![server]);
            self.nodes[mallory].hostile = true;
        }
        for hub in hubs {
            for node in 0..self.nodes.len() {
                self.introduce(hub, node);
            }
        }
        self.exchange_keys();
    }

    /// A hub is a device whose key comes with everybody's own certificate.
    pub fn exchange_keys(&mut self) {
        for node in 0..self.nodes.len() {
            for hub in self.nodes[node].hubs.clone() {
                let known = kend_store::Device {
                    device: self.nodes[hub].device(),
                    public_key: self.nodes[hub].storage.public_key(),
                    person: self.nodes[hub].member.person,
                    scopes: Vec::new(),
                };
                self.nodes[node].storage.put_device(&known).expect("the power is there");
            }
        }
    }

    /// A new device or hub.
    pub fn seat(&mut self, name: &str, seat: Seat, role: Role, areas: &[&str], hubs: Vec<NodeNo>) -> NodeNo {
        let number = u8::try_from(self.nodes.len() + 1).expect("few nodes");
        let (device, signing_key) = keys(self.setup.seed, number);
        let storage: Box<dyn Storage> = if self.setup.disk {
            Box::new(Disk::new(device, signing_key))
        } else {
            Box::new(Memory::new(device, signing_key))
        };
        let server_key =
            self.nodes.first().map_or(kend_log::public_key(&signing_key), |server| server.storage.public_key());
        let areas = Areas(areas.iter().map(|area| area.parse().expect("an area")).collect());
        let node = Node {
            name: name.to_owned(),
            storage: Fuse::new((self.plant)(seat, storage)),
            signing_key,
            member: Member { person: PersonId::from_bytes([number; 16]), role, areas },
            hubs,
            hub: (seat == Seat::Hub).then(|| HubPart {
                desk: Desk::new(Epoch([number; 16]), server_key),
                tickets: Tickets::new([1; 32]),
                promised: Promised::default(),
            }),
            clock: Clock::new([number; 16]),
            underway: None,
            exchanges: 0,
            outcome: kend_sync::Outcome::default(),
            down: false,
            forked: false,
            hostile: false,
            screen: Context::default(),
            backup: None,
        };
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Makes a device known to a hub.
    pub fn introduce(&mut self, hub: NodeNo, node: NodeNo) {
        let enrolled = self.nodes[node].enrolled();
        let counter = self.nodes[hub].counter().expect("a hub");
        counter.desk.know(counter.storage, &enrolled).expect("the power is there");
        let certificate = counter.desk.certificate_of(enrolled.device).cloned();
        if self.nodes[node].hubs.last() == Some(&hub)
            && let Some(certificate) = certificate
        {
            self.nodes[node].storage.keep_certificate(&certificate).expect("the power is there");
        }
    }

    /// Puts another store under a node: a backup, with the same bug planted.
    pub fn put_storage(&mut self, node: NodeNo, bare: Box<dyn Storage>) {
        let seat = if self.nodes[node].hub.is_some() { Seat::Hub } else { Seat::Device };
        self.nodes[node].storage = Fuse::new((self.plant)(seat, bare));
    }

    /// Lets something happen in so many milliseconds.
    pub fn later(&mut self, in_ms: u64, event: Event) {
        self.queued += 1;
        self.queue.insert((self.now_ms + in_ms, self.queued), event);
    }

    /// What happens next; the time moves to it.
    pub fn next_event(&mut self) -> Option<Event> {
        let ((at_ms, _), event) = self.queue.pop_first()?;
        self.now_ms = at_ms;
        Some(event)
    }

    /// Nothing that is on its way arrives.
    pub fn forget_queue(&mut self) {
        self.queue.clear();
    }

    /// Writes a line of the trace, when one is wanted.
    pub fn say(&mut self, line: Arguments<'_>) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>7} ms  {line}", self.now_ms));
        }
    }

    /// The trace so far.
    pub fn trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    /// The name of a node.
    pub fn name(&self, node: NodeNo) -> String {
        self.nodes.get(node).map_or_else(|| "nobody".to_owned(), |node| node.name.clone())
    }

    /// The hubs.
    pub fn hubs(&self) -> Vec<NodeNo> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].hub.is_some()).collect()
    }

    /// Whether a node reaches a hub now.
    pub fn reaches(&self, node: NodeNo, hub: NodeNo) -> bool {
        let cut = |node| self.cut_off.get(&node).is_some_and(|until| *until > self.now_ms);
        !cut(node) && !cut(hub)
    }
}
