//! Reading a folded entity: live values, conflicts, sets, judgements, erasures, and what a new entry has seen.

use std::cmp::{Ordering, Reverse};

use kend_domain::{EntityId, PersonId};

use crate::fold::EntityState;
use crate::{Act, Chained, Context, Dot, Element, EntityKind, HashPrefix, Path, Reason, Said, Value};

/// A value at a path that no entry has superseded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The value; none when it was cleared.
    pub value: Option<Value>,
    /// The entry that set it.
    pub dot: Dot,
    /// Who did.
    pub actor: PersonId,
    /// That entry's Lamport number.
    pub lamport: u64,
    /// What that device's clocks said.
    pub said: Said,
}

impl Live {
    /// The order of concurrent values, the one to show first: anchored before not, then the later anchored time, the
    /// larger Lamport number, the larger device. Total, and the same on every replica.
    pub(crate) fn shown_first(&self, other: &Self) -> Ordering {
        let key = |live: &Self| Reverse((live.said.anchored_ms(), live.lamport, live.dot));
        key(self).cmp(&key(other))
    }
}

/// A step in the review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The entry.
    pub dot: Dot,
    /// Submit, return or approve.
    pub act: Act,
    /// Who.
    pub actor: PersonId,
    /// The entry's Lamport number.
    pub lamport: u64,
    /// What the device's clocks said.
    pub said: Said,
    /// What was judged: what the entry had seen, and the entry itself.
    pub pin: Context,
}

impl Judged {
    pub(crate) const fn order(&self) -> (u64, Dot) {
        (self.lamport, self.dot)
    }
}

/// An erasure: that content was erased, by whom and why is all that is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The entry.
    pub dot: Dot,
    /// The path that went with everything below it, or none for all content.
    pub under: Option<Path>,
    /// Why.
    pub reason: Reason,
    /// Who.
    pub actor: PersonId,
    /// The entry's Lamport number.
    pub lamport: u64,
    /// What the device's clocks said.
    pub said: Said,
}

impl Ord for Erasure {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.lamport, self.dot, &self.under, self.reason).cmp(&(other.lamport, other.dot, &other.under, other.reason))
    }
}

impl PartialOrd for Erasure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One entry without its content: who, when by their clocks, where in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The entry.
    pub dot: Dot,
    /// Its Lamport number.
    pub lamport: u64,
    /// What it says that the entity is.
    pub kind: EntityKind,
    /// Who wrote it.
    pub actor: PersonId,
    /// What the device's clocks said.
    pub said: Said,
}

impl Step {
    pub(crate) const fn order(&self) -> (u64, Dot) {
        (self.lamport, self.dot)
    }
}

/// What the fold remembers of an entry that was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Start of its chain hash.
    pub prefix: HashPrefix,
    /// Its Lamport number.
    pub lamport: u64,
    /// Whether it judges: such an entry is no change of the content.
    pub judges: bool,
}

/// A projected state as a store reads it from its tables, in any order.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// The entries taken in.
    pub marks: Vec<(Dot, Mark)>,
    /// The live values.
    pub live: Vec<(Path, Live)>,
    /// The live additions to sets.
    pub elements: Vec<(Path, Element, Dot)>,
    /// The judgements.
    pub judgements: Vec<Judged>,
    /// The erasures.
    pub erasures: Vec<Erasure>,
    /// The entries that wait for what they had seen.
    pub waiting: Vec<Chained>,
    /// Who wrote any of the entries taken in.
    pub contributors: Vec<PersonId>,
    /// The first entry taken in, by Lamport number and dot.
    pub first: Option<Step>,
    /// The last entry taken in.
    pub last: Option<Step>,
}

impl EntityState {
    /// The entity.
    pub const fn entity(&self) -> EntityId {
        self.entity
    }

    /// What it is, by its first entry. None before there is one.
    pub fn kind(&self) -> Option<EntityKind> {
        self.first.map(|first| first.kind)
    }

    /// The first entry: who started it, and what their clocks said.
    pub const fn first(&self) -> Option<&Step> {
        self.first.as_ref()
    }

    /// The entry that comes last, by Lamport number and dot.
    pub const fn last(&self) -> Option<&Step> {
        self.last.as_ref()
    }

    /// The live values at a path, the one to show first; more than one when they were written apart.
    pub fn live(&self, path: impl AsRef<str>) -> &[Live] {
        self.registers.get(path.as_ref()).map_or(&[], Vec::as_slice)
    }

    /// The live value that is shown. Its `value` is none when it was cleared.
    pub fn shown(&self, path: impl AsRef<str>) -> Option<&Live> {
        self.live(path).first()
    }

    /// The value shown at a path; none when there was never one, or it was cleared.
    pub fn value(&self, path: impl AsRef<str>) -> Option<&Value> {
        self.shown(path)?.value.as_ref()
    }

    /// The live values at a path, one for each distinct value, the one to show first. More than one is a conflict.
    pub fn distinct(&self, path: impl AsRef<str>) -> Vec<&Live> {
        let mut distinct: Vec<&Live> = Vec::new();
        for live in self.live(path) {
            if distinct.iter().all(|known| known.value != live.value) {
                distinct.push(live);
            }
        }
        distinct
    }

    /// The paths with more than one distinct live value (cleared counts as one).
    pub fn conflicts(&self) -> Vec<&Path> {
        let differs = |live: &[Live]| live.iter().any(|other| live.first().is_some_and(|one| one.value != other.value));
        self.registers.iter().filter(|(_, live)| differs(live)).map(|(path, _)| path).collect()
    }

    /// The paths that start with `prefix` and have a live value (also a cleared one), in order.
    pub fn paths<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Path> + 'a {
        let from = (std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded);
        self.registers
            .range::<str, _>(from)
            .map(|(path, _)| path)
            .take_while(move |path| path.as_str().starts_with(prefix))
    }

    /// The elements of the set at a path, each with the additions that a removal has to name. Oldest addition first, by
    /// device and sequence number where devices differ.
    pub fn elements(&self, path: impl AsRef<str>) -> Vec<(&Element, Vec<Dot>)> {
        let Some(elements) = self.sets.get(path.as_ref()) else { return Vec::new() };
        let mut elements: Vec<_> =
            elements.iter().map(|(element, dots)| (element, dots.iter().copied().collect::<Vec<_>>())).collect();
        let added = |dots: &[Dot]| dots.iter().map(|dot| (self.mark_of(*dot).map(|mark| mark.lamport), *dot)).min();
        elements.sort_by(|(one, one_dots), (other, other_dots)| {
            added(one_dots).cmp(&added(other_dots)).then_with(|| one.cmp(other))
        });
        elements
    }

    /// The paths of sets that have elements.
    pub fn sets(&self) -> impl Iterator<Item = &Path> {
        self.sets.keys()
    }

    /// All judgements, in the order of their Lamport numbers.
    pub fn judgements(&self) -> &[Judged] {
        &self.judgements
    }

    /// The judgements that no later one had seen, the last one last. More than one when people judged apart.
    pub fn standing(&self) -> Vec<&Judged> {
        let seen_by_other = |judged: &Judged| {
            self.judgements.iter().any(|other| other.dot != judged.dot && other.pin.holds(judged.dot))
        };
        self.judgements.iter().filter(|judged| !seen_by_other(judged)).collect()
    }

    /// Whether any entry that is no judgement is not in what was judged.
    pub fn changed_since(&self, judged: &Judged) -> bool {
        self.marks.iter().any(|(device, marks)| {
            marks.iter().any(|(seq, mark)| !mark.judges && !judged.pin.holds(Dot { device: *device, seq: *seq }))
        })
    }

    /// The paths with a live value that is not in what was judged.
    pub fn paths_changed_since(&self, judged: &Judged) -> Vec<&Path> {
        let changed = |live: &[Live]| live.iter().any(|live| !judged.pin.holds(live.dot));
        self.registers.iter().filter(|(_, live)| changed(live)).map(|(path, _)| path).collect()
    }

    /// The erasures, in order.
    pub fn erasures(&self) -> impl Iterator<Item = &Erasure> {
        self.erasures.iter()
    }

    /// Whether all content was erased.
    pub fn erased(&self) -> bool {
        self.erasures.iter().any(|erasure| erasure.under.is_none())
    }

    /// Whether content at a path was erased and never comes back.
    pub fn is_erased(&self, path: &Path) -> bool {
        self.erasures.iter().any(|erasure| erasure.under.as_ref().is_none_or(|under| path.is_under(under)))
    }

    /// What a new entry has seen.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The largest Lamport number taken in.
    pub const fn lamport(&self) -> u64 {
        self.lamport
    }

    /// The largest Lamport number among the entries that a context names; a new entry with it carries one more.
    pub fn lamport_of(&self, context: &Context) -> u64 {
        let lamport = |(device, seen): (_, crate::Seen)| self.mark_of(Dot { device, seq: seen.seq });
        context.iter().filter_map(lamport).map(|mark| mark.lamport).max().unwrap_or(0)
    }

    /// The people who wrote the entries taken in.
    pub fn contributors(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.contributors.iter().copied()
    }

    /// How many entries were taken in.
    pub fn entries(&self) -> usize {
        self.marks.values().map(std::collections::BTreeMap::len).sum()
    }

    /// The entries that name something that is not here (yet), and so are not part of the state.
    pub fn waiting(&self) -> impl Iterator<Item = &Chained> {
        self.waiting.values()
    }

    /// What is remembered of an entry taken in.
    pub fn mark_of(&self, dot: Dot) -> Option<Mark> {
        self.marks.get(&dot.device)?.get(&dot.seq).copied()
    }
}
