//! Devices that work apart, exchange what they have, and end up with a history.

use kend_domain::{DeviceId, EntityId, PersonId, Scope};
use kend_log::{
    Act, Anchor, ChainHash, Chained, Element, EntityKind, EntityState, Entry, Header, LogId, Op, Path, Reason, Said,
    Segment, SigningKeyBytes, Value,
};
use proptest::prelude::*;

pub(crate) const DEVICES: usize = 3;

pub(crate) fn path(text: &str) -> Path {
    text.parse().unwrap()
}

pub(crate) fn entity() -> EntityId {
    EntityId::from_bytes([9; 16])
}

pub(crate) fn scope() -> Scope {
    "demo/AZ-TOV".parse().unwrap()
}

pub(crate) fn device(number: usize) -> DeviceId {
    DeviceId::from_bytes([u8::try_from(number).unwrap() + 1; 16])
}

pub(crate) fn log(number: usize) -> LogId {
    LogId { device: device(number), scope: scope() }
}

pub(crate) fn key(number: usize) -> SigningKeyBytes {
    [u8::try_from(number).unwrap() + 101; 32]
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Set(usize, u8),
    Clear(usize),
    Add(usize),
    Remove(usize),
    Judge(Act),
    Erase(Option<usize>),
    Pull(usize),
}

/// What a device does, and what its wall clock says meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) device: usize,
    pub(crate) action: Action,
    pub(crate) wall_ms: i64,
    pub(crate) anchored: bool,
}

pub(crate) const PATHS: [&str; 4] = ["a/health_level", "a/quote/7/words", "a/quote/8/words", "m/village"];

pub(crate) fn steps(erasing: bool) -> impl Strategy<Value = Vec<Step>> {
    let erase = u32::from(erasing);
    let action = prop_oneof![
        8 => (0..PATHS.len(), 0_u8..3).prop_map(|(path, value)| Action::Set(path, value)),
        1 => (0..PATHS.len()).prop_map(Action::Clear),
        2 => (0_usize..3).prop_map(Action::Add),
        2 => (0_usize..3).prop_map(Action::Remove),
        1 => prop::sample::select(Act::ALL).prop_map(Action::Judge),
        erase => prop::sample::select(vec![None, Some("a/quote/7"), Some("i/quote")])
            .prop_map(|under| Action::Erase(under.map(|under| usize::from(under == "i/quote")))),
        6 => (0..DEVICES).prop_map(Action::Pull),
    ];
    let step = (0..DEVICES, action, any::<i64>(), any::<bool>()).prop_map(|(device, action, wall_ms, anchored)| Step {
        device,
        action,
        wall_ms,
        anchored,
    });
    prop::collection::vec(step, 1..60)
}

/// One replica.
#[derive(Clone)]
pub(crate) struct Replica {
    pub(crate) number: usize,
    pub(crate) state: EntityState,
    pub(crate) head: ChainHash,
    pub(crate) seq: u64,
    /// What it holds, in the order in which it came.
    pub(crate) holds: Vec<Chained>,
}

impl Replica {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number,
            state: EntityState::new(entity()),
            head: ChainHash::start(&log(number)),
            seq: 0,
            holds: Vec::new(),
        }
    }

    pub(crate) fn said(&self, wall_ms: i64, anchored: bool) -> Said {
        let anchor = Anchor { id: [1; 16], hub_ms: 1_000_000, monotonic_ms: 5 };
        Said { wall_ms, monotonic_ms: 10 + self.seq, boot: [2; 16], anchor: anchored.then_some(anchor) }
    }

    pub(crate) fn header(&self, said: Said) -> Header {
        Header {
            seq: self.seq + 1,
            entity: entity(),
            // What an entity is comes from its first entry, whatever later ones say: each replica says another.
            kind: EntityKind::ALL[self.number % EntityKind::ALL.len()],
            actor: PersonId::from_bytes([u8::try_from(self.number).unwrap() + 51; 16]),
            lamport: self.state.lamport_of(self.state.context()) + 1,
            context: self.state.context().clone(),
            said,
            form_version: 1,
        }
    }

    pub(crate) fn write_as(&mut self, said: Said, ops: Vec<Op>) -> Chained {
        let entry = Entry::new(device(self.number), self.header(said), ops, &[7; 16]).unwrap();
        self.push(entry)
    }

    pub(crate) fn write(&mut self, ops: Vec<Op>) -> Chained {
        self.write_as(self.said(0, false), ops)
    }

    pub(crate) fn set(&mut self, at: &str, value: &str) -> Chained {
        self.write(vec![Op::Set { path: path(at), value: Value::text(value) }])
    }

    /// Puts any entry into the log, also one that an honest device would not write.
    pub(crate) fn push(&mut self, entry: Entry) -> Chained {
        let chained = Chained { device: device(self.number), hash: entry.chain(&self.head), entry };
        self.head = chained.hash;
        self.seq += 1;
        self.state.apply(&chained);
        self.holds.push(chained.clone());
        chained
    }

    pub(crate) fn pull(&mut self, other: &Self) {
        for chained in &other.holds {
            self.state.apply(chained);
            if self.holds.iter().all(|held| held.dot() != chained.dot()) {
                self.holds.push(chained.clone());
            }
        }
    }

    fn ops(&self, action: &Action) -> Option<Vec<Op>> {
        let element = |number: &usize| format!("participant-{number}").parse::<Element>().unwrap();
        Some(vec![match action {
            Action::Set(at, value) => Op::Set { path: path(PATHS[*at]), value: Value::Integer((*value).into()) },
            Action::Clear(at) => Op::Clear { path: path(PATHS[*at]) },
            Action::Add(number) => Op::Add { path: path("i/quote"), element: element(number) },
            Action::Remove(number) => {
                let element = element(number);
                let elements = self.state.elements("i/quote");
                let (_, seen) = elements.into_iter().find(|(known, _)| **known == element)?;
                Op::Remove { path: path("i/quote"), element, seen }
            }
            Action::Judge(act) => Op::Judge { act: *act },
            Action::Erase(under) => Op::Erase {
                under: under.map(|which| path(if which == 1 { "i/quote" } else { "a/quote/7" })),
                reason: Reason::ConsentWithdrawn,
            },
            Action::Pull(_) => return None,
        }])
    }
}

/// Puts things into an order that the seed says.
pub(crate) fn shuffle<T>(things: &mut [T], seed: u64) {
    let mut random = seed | 1;
    for place in (1..things.len()).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        things.swap(place, usize::try_from(random >> 33).unwrap() % (place + 1));
    }
}

/// Runs the steps; the replicas as they stand after.
pub(crate) fn run(steps: &[Step]) -> Vec<Replica> {
    let mut replicas: Vec<Replica> = (0..DEVICES).map(Replica::new).collect();
    for step in steps {
        if let Action::Pull(from) = step.action {
            let other = replicas[from].clone();
            replicas[step.device].pull(&other);
        } else if let Some(ops) = replicas[step.device].ops(&step.action) {
            let said = replicas[step.device].said(step.wall_ms, step.anchored);
            replicas[step.device].write_as(said, ops);
        }
    }
    replicas
}

/// Everything that was written, device by device.
pub(crate) fn history(replicas: &[Replica]) -> Vec<Chained> {
    let own = |replica: &Replica| {
        let own = replica.holds.iter().filter(|chained| chained.device == device(replica.number));
        own.cloned().collect::<Vec<_>>()
    };
    replicas.iter().flat_map(own).collect()
}

/// A replica's whole log as one signed segment.
pub(crate) fn segment(replica: &Replica) -> Segment {
    let own = history(std::slice::from_ref(replica));
    let entries = own.into_iter().map(|chained| chained.entry).collect();
    let number = replica.number;
    Segment::sign(log(number), ChainHash::start(&log(number)), entries, |_| Some([7; 16]), &key(number)).unwrap()
}
