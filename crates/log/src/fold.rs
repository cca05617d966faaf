//! The fold: what a set of entries of one entity amounts to.
//!
//! Invariant: the state depends on the set of entries alone, not on the order, grouping or repetition in which they came;
//! equal sets give equal bytes ([`EntityState::to_bytes`]).
//!
//! How: an entry is taken in only when every entry that its context names is in, with the hash that it names; until then
//! it waits, in the state. So whatever an entry supersedes is there before it, and live values are all that has to be
//! remembered. An entry that names what never existed waits for ever and changes nothing. Two things are needed of the
//! logs, and a store checks them where entries come in: each entry names its device's previous entry of the entity
//! ([`crate::Entry::follows`]), and a log has one branch. Erasures alone do not wait: they hold from the moment they are
//! known, for what was there and for what comes later, so they too are indifferent to order.
//!
//! No wall clock takes part. Of concurrent values one is shown meanwhile, chosen by anchored time, Lamport number and
//! device, which every replica computes alike; the others stay live and are shown as a conflict.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{DeviceId, EntityId, PersonId};

use crate::codec::{self, Writer};
use crate::limits::MAX_LAMPORT_STEP;
use crate::state::{Erasure, Judged, Live, Mark, Projection, Step};
use crate::{Chained, Context, Dot, Element, Header, Op, Path, Seen};

/// What an entity is after a set of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityState {
    pub(crate) entity: EntityId,
    pub(crate) marks: BTreeMap<DeviceId, BTreeMap<u64, Mark>>,
    pub(crate) context: Context,
    pub(crate) lamport: u64,
    pub(crate) contributors: BTreeSet<PersonId>,
    pub(crate) first: Option<Step>,
    pub(crate) last: Option<Step>,
    pub(crate) registers: BTreeMap<Path, Vec<Live>>,
    pub(crate) sets: BTreeMap<Path, BTreeMap<Element, BTreeSet<Dot>>>,
    pub(crate) judgements: Vec<Judged>,
    pub(crate) erasures: BTreeSet<Erasure>,
    pub(crate) waiting: BTreeMap<Dot, Chained>,
}

/// What taking one entry in did: what a store has to write anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// Entries taken in: this one and those that had waited for it. Empty when it waits itself or was there already.
    pub applied: Vec<Dot>,
    /// Paths whose live values changed, each with the entries whose values lived there before.
    pub registers: BTreeMap<Path, Vec<Dot>>,
    /// Paths whose set changed.
    pub sets: BTreeSet<Path>,
    /// People who had not written an entry before.
    pub contributors: BTreeSet<PersonId>,
    /// What was erased now and was not before: paths, or none for everything.
    pub erased: BTreeSet<Option<Path>>,
}

impl Folded {
    /// What taking in this and then what came later did, together.
    pub fn join(&mut self, later: Self) {
        self.applied.extend(later.applied);
        for (path, before) in later.registers {
            self.registers.entry(path).or_insert(before);
        }
        self.sets.extend(later.sets);
        self.contributors.extend(later.contributors);
        self.erased.extend(later.erased);
    }
}

impl EntityState {
    /// An entity of which nothing is known.
    pub fn new(entity: EntityId) -> Self {
        Self {
            entity,
            marks: BTreeMap::new(),
            context: Context::default(),
            lamport: 0,
            contributors: BTreeSet::new(),
            first: None,
            last: None,
            registers: BTreeMap::new(),
            sets: BTreeMap::new(),
            judgements: Vec::new(),
            erasures: BTreeSet::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// The state of a set of entries; entries of other entities are left out.
    pub fn fold<'a>(entity: EntityId, entries: impl IntoIterator<Item = &'a Chained>) -> Self {
        let mut state = Self::new(entity);
        for entry in entries {
            state.apply(entry);
        }
        state
    }

    /// The state that a store had projected, read back.
    pub fn restore(entity: EntityId, projection: Projection) -> Self {
        let mut state = Self::new(entity);
        for (dot, mark) in projection.marks {
            state.mark(dot, mark);
        }
        for (path, live) in projection.live {
            state.registers.entry(path).or_default().push(live);
        }
        for live in state.registers.values_mut() {
            live.sort_by(Live::shown_first);
        }
        for (path, element, dot) in projection.elements {
            state.sets.entry(path).or_default().entry(element).or_default().insert(dot);
        }
        state.judgements = projection.judgements;
        state.judgements.sort_by_key(Judged::order);
        state.erasures = projection.erasures.into_iter().collect();
        state.waiting = projection.waiting.into_iter().map(|entry| (entry.dot(), entry)).collect();
        state.contributors = projection.contributors.into_iter().collect();
        state.first = projection.first;
        state.last = projection.last;
        state
    }

    /// Takes an entry in, or keeps it waiting for what it had seen. Entries of other entities change nothing.
    pub fn apply(&mut self, entry: &Chained) -> Folded {
        let mut folded = Folded::default();
        let dot = entry.dot();
        if entry.entry.header.entity != self.entity || self.is_applied(dot) || self.waiting.contains_key(&dot) {
            return folded;
        }
        self.erase_as_told(entry, &mut folded);
        if !self.is_ready(&entry.entry.header) {
            let mut waiting = entry.clone();
            for erasure in &self.erasures {
                waiting.entry.erase(erasure.under.as_ref());
            }
            self.waiting.insert(dot, waiting);
            return folded;
        }
        self.take_in(entry, &mut folded);
        let mut taken = vec![dot];
        while let Some(dot) = taken.pop() {
            for next in self.ready_after(dot) {
                self.take_in(&next, &mut folded);
                taken.push(next.dot());
            }
        }
        folded
    }

    /// The waiting entries that had waited for this one only. No other can have become ready.
    fn ready_after(&mut self, dot: Dot) -> Vec<Chained> {
        let names = |header: &Header| header.context.of(dot.device).is_some_and(|seen| seen.seq == dot.seq);
        let ready = self.waiting.iter().filter(|(_, waiting)| {
            let header = &waiting.entry.header;
            names(header) && self.is_ready(header)
        });
        let ready: Vec<Dot> = ready.map(|(dot, _)| *dot).collect();
        ready.iter().filter_map(|dot| self.waiting.remove(dot)).collect()
    }

    fn is_applied(&self, dot: Dot) -> bool {
        self.marks.get(&dot.device).is_some_and(|marks| marks.contains_key(&dot.seq))
    }

    /// Everything the entry had seen is in, with the hashes that it names, and its Lamport number follows from them.
    fn is_ready(&self, header: &Header) -> bool {
        let mut lamport = 0;
        for (device, seen) in header.context.iter() {
            match self.marks.get(&device).and_then(|marks| marks.get(&seen.seq)) {
                Some(mark) if mark.prefix == seen.prefix => lamport = lamport.max(mark.lamport),
                _ => return false,
            }
        }
        (lamport + 1..=lamport + MAX_LAMPORT_STEP).contains(&header.lamport)
    }

    /// A device's last entry of the entity, whether it was taken in or waits.
    pub fn last_of(&self, device: DeviceId) -> Option<Seen> {
        let of_device = Dot { device, seq: 0 }..=Dot { device, seq: u64::MAX };
        let waits = self.waiting.range(of_device).next_back();
        let waits = waits.map(|(dot, waiting)| Seen { seq: dot.seq, prefix: waiting.hash.prefix() });
        self.context.of(device).into_iter().chain(waits).max_by_key(|seen| seen.seq)
    }

    fn mark(&mut self, dot: Dot, mark: Mark) {
        self.context.see(dot.device, Seen { seq: dot.seq, prefix: mark.prefix });
        self.lamport = self.lamport.max(mark.lamport);
        self.marks.entry(dot.device).or_default().insert(dot.seq, mark);
    }

    fn take_in(&mut self, chained: &Chained, folded: &mut Folded) {
        let header = &chained.entry.header;
        let dot = chained.dot();
        let judges = chained.entry.judges();
        self.mark(dot, Mark { prefix: chained.hash.prefix(), lamport: header.lamport, judges });
        if self.contributors.insert(header.actor) {
            folded.contributors.insert(header.actor);
        }
        let step = Step { dot, lamport: header.lamport, kind: header.kind, actor: header.actor, said: header.said };
        self.first = self.first.into_iter().chain([step]).min_by_key(Step::order);
        self.last = self.last.into_iter().chain([step]).max_by_key(Step::order);
        for op in chained.entry.ops() {
            self.take_op(op, chained, folded);
        }
        folded.applied.push(dot);
    }

    fn take_op(&mut self, op: &Op, chained: &Chained, folded: &mut Folded) {
        let header = &chained.entry.header;
        let dot = chained.dot();
        if self.erasures.iter().any(|erasure| op.is_erased_by(erasure.under.as_ref())) {
            return;
        }
        let superseded = |earlier: Dot| header.context.holds(earlier) || earlier == dot;
        match op {
            Op::Set { path, .. } | Op::Clear { path } => {
                let value = if let Op::Set { value, .. } = op { Some(value.clone()) } else { None };
                let live = self.registers.entry(path.clone()).or_default();
                folded.registers.entry(path.clone()).or_insert_with(|| dots(live));
                live.retain(|live| !superseded(live.dot));
                live.push(Live { value, dot, actor: header.actor, lamport: header.lamport, said: header.said });
                live.sort_by(Live::shown_first);
            }
            Op::Add { path, element } => {
                let elements = self.sets.entry(path.clone()).or_default();
                let dots = elements.entry(element.clone()).or_default();
                dots.retain(|earlier| !superseded(*earlier));
                dots.insert(dot);
                folded.sets.insert(path.clone());
            }
            Op::Remove { path, element, seen } => {
                if let Some(elements) = self.sets.get_mut(path) {
                    if let Some(dots) = elements.get_mut(element) {
                        dots.retain(|added| !seen.contains(added));
                        if dots.is_empty() {
                            elements.remove(element);
                        }
                    }
                    if elements.is_empty() {
                        self.sets.remove(path);
                    }
                }
                folded.sets.insert(path.clone());
            }
            Op::Judge { act } => {
                let mut pin = header.context.clone();
                pin.see(dot.device, Seen { seq: dot.seq, prefix: chained.hash.prefix() });
                let judged =
                    Judged { dot, act: *act, actor: header.actor, lamport: header.lamport, said: header.said, pin };
                let place = self.judgements.partition_point(|known| known.order() <= judged.order());
                self.judgements.insert(place, judged);
            }
            Op::Erase { .. } => {}
        }
    }

    /// Erasures hold at once, also those of an entry that still waits.
    fn erase_as_told(&mut self, chained: &Chained, folded: &mut Folded) {
        let header = &chained.entry.header;
        for op in chained.entry.ops() {
            let Op::Erase { under, reason } = op else { continue };
            let erasure = Erasure {
                dot: chained.dot(),
                under: under.clone(),
                reason: *reason,
                actor: header.actor,
                lamport: header.lamport,
                said: header.said,
            };
            if !self.erasures.insert(erasure) {
                continue;
            }
            folded.erased.insert(under.clone());
            let goes = |path: &Path| under.as_ref().is_none_or(|under| path.is_under(under));
            for (path, live) in self.registers.iter().filter(|(path, _)| goes(path)) {
                folded.registers.entry(path.clone()).or_insert_with(|| dots(live));
            }
            folded.sets.extend(self.sets.keys().filter(|path| goes(path)).cloned());
            self.registers.retain(|path, _| !goes(path));
            self.sets.retain(|path, _| !goes(path));
            for waiting in self.waiting.values_mut() {
                waiting.entry.erase(under.as_ref());
            }
        }
    }

    /// The state in one canonical encoding: replicas with the same entries have the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer::default();
        let dot_to = |to: &mut Writer, dot: Dot| {
            to.raw(dot.device.as_bytes());
            to.number(dot.seq);
        };
        to.raw(self.entity.as_bytes());
        for (device, marks) in &self.marks {
            to.raw(device.as_bytes());
            to.count(marks.len());
            for (seq, mark) in marks {
                to.number(*seq);
                to.raw(&mark.prefix);
                to.number(mark.lamport);
                to.byte(u8::from(mark.judges));
            }
        }
        to.count(self.contributors.len());
        for person in &self.contributors {
            to.raw(person.as_bytes());
        }
        to.count(self.registers.len());
        for (path, live) in &self.registers {
            to.text(path.as_str());
            to.count(live.len());
            for live in live {
                dot_to(&mut to, live.dot);
                if let Some(value) = &live.value {
                    codec::write_value(&mut to, value);
                } else {
                    to.byte(0);
                }
            }
        }
        to.count(self.sets.len());
        for (path, elements) in &self.sets {
            to.text(path.as_str());
            to.count(elements.len());
            for (element, dots) in elements {
                to.text(element.as_str());
                to.count(dots.len());
                for dot in dots {
                    dot_to(&mut to, *dot);
                }
            }
        }
        to.count(self.judgements.len());
        for judged in &self.judgements {
            dot_to(&mut to, judged.dot);
            to.byte(judged.act.code());
        }
        to.count(self.erasures.len());
        for erasure in &self.erasures {
            dot_to(&mut to, erasure.dot);
            to.text(erasure.under.as_ref().map_or("", Path::as_str));
            to.byte(erasure.reason.code());
        }
        to.count(self.waiting.len());
        for (dot, waiting) in &self.waiting {
            dot_to(&mut to, *dot);
            to.raw(&waiting.hash.0);
        }
        to.0
    }

    /// Hash over [`EntityState::to_bytes`]: what two replicas compare.
    pub fn digest(&self) -> [u8; 32] {
        *blake3::hash(&self.to_bytes()).as_bytes()
    }
}

fn dots(live: &[Live]) -> Vec<Dot> {
    live.iter().map(|live| live.dot).collect()
}
