//! What a set of entries amounts to, by definition: by looking at all pairs.

use std::collections::{BTreeMap, BTreeSet};

use kend_log::limits::MAX_LAMPORT_STEP;
use kend_log::{ChainHash, Chained, Dot, Element, EntityState, Op, Path, Value};

use super::{Invariant, Violation, check};
use crate::dice::Dice;

/// A folded entity beside the entries that it was folded from.
pub(super) struct Folded<'a> {
    pub(super) state: &'a EntityState,
    pub(super) history: &'a [Chained],
    /// Whose, for messages.
    pub(super) at: &'a str,
}

/// What an entry writes to a path last; none within for a clearing.
#[expect(clippy::option_option, reason = "not written, cleared and set are three things")]
fn written<'a>(chained: &'a Chained, at: &Path) -> Option<Option<&'a Value>> {
    let ops = chained.entry.ops().filter_map(|op| match op {
        Op::Set { path, value } if path == at => Some(Some(value)),
        Op::Clear { path } if path == at => Some(None),
        _ => None,
    });
    ops.last()
}

impl Folded<'_> {
    fn applied(&self) -> impl Iterator<Item = &Chained> {
        self.history.iter().filter(|chained| self.state.mark_of(chained.dot()).is_some())
    }

    fn paths(&self) -> BTreeSet<&Path> {
        let ops = self.history.iter().flat_map(|chained| chained.entry.ops());
        ops.filter(|op| matches!(op, Op::Set { .. } | Op::Clear { .. })).filter_map(Op::path).collect()
    }

    /// 2.
    pub(super) fn is_what_a_refold_gives(&self, dice: &mut Dice) -> Result<(), Violation> {
        let mut shuffled: Vec<&Chained> = self.history.iter().collect();
        dice.shuffle(&mut shuffled);
        let refolded = EntityState::fold(self.state.entity(), shuffled);
        check(refolded.to_bytes() == self.state.to_bytes(), Invariant::Refold, || {
            format!("{}: a refold of {} gives another state", self.at, self.state.entity())
        })
    }

    /// 7: supersession through context alone, and Lamport numbers that grow along it.
    pub(super) fn supersedes_by_context_alone(&self) -> Result<(), Violation> {
        let applied: BTreeMap<Dot, &Chained> = self.applied().map(|chained| (chained.dot(), chained)).collect();
        for chained in applied.values() {
            let header = &chained.entry.header;
            let seen = header.context.iter().map(|(device, seen)| {
                let there = applied.get(&Dot { device, seq: seen.seq });
                there.filter(|there| there.hash.prefix() == seen.prefix)
            });
            let seen: Option<Vec<u64>> = seen.map(|seen| seen.map(|seen| seen.entry.header.lamport)).collect();
            let follows = seen.is_some_and(|seen| {
                let largest = seen.into_iter().max().unwrap_or(0);
                (largest + 1..=largest + MAX_LAMPORT_STEP).contains(&header.lamport)
            });
            check(follows, Invariant::Causality, || {
                format!("{}: {:?} does not follow what it had seen", self.at, chained.dot())
            })?;
        }
        for path in self.paths() {
            let found: BTreeSet<(Dot, Option<&Value>)> =
                self.state.live(path).iter().map(|live| (live.dot, live.value.as_ref())).collect();
            let expected = self.live_by_definition(path);
            check(found.is_subset(&expected), Invariant::Causality, || {
                format!("{}: superseded values live on at {path}: {found:?}, not {expected:?}", self.at)
            })?;
            check(found == expected, Invariant::NoLostWrite, || {
                format!("{}: at {path} live {found:?}, by definition {expected:?}", self.at)
            })?;
        }
        Ok(())
    }

    fn live_by_definition(&self, path: &Path) -> BTreeSet<(Dot, Option<&Value>)> {
        if self.state.is_erased(path) {
            return BTreeSet::new();
        }
        let superseded = |dot: Dot| {
            self.applied().any(|other| written(other, path).is_some() && other.entry.header.context.holds(dot))
        };
        let writes = self.applied().filter_map(|chained| Some((chained.dot(), written(chained, path)?)));
        writes.filter(|(dot, _)| !superseded(*dot)).collect()
    }

    /// 3, for sets: an addition stays until one who saw it takes it out.
    pub(super) fn keeps_every_addition(&self) -> Result<(), Violation> {
        let mut expected: BTreeSet<(&Path, &Element, Dot)> = BTreeSet::new();
        for chained in self.applied() {
            for op in chained.entry.ops() {
                let Op::Add { path, element } = op else { continue };
                let goes = |other: &Chained| {
                    other.entry.ops().any(|op| match op {
                        Op::Remove { path: at, element: removed, seen } => {
                            at == path && removed == element && seen.contains(&chained.dot())
                        }
                        Op::Add { path: at, element: again } => {
                            at == path && again == element && other.entry.header.context.holds(chained.dot())
                        }
                        _ => false,
                    })
                };
                if !self.applied().any(goes) && !self.state.is_erased(path) {
                    expected.insert((path, element, chained.dot()));
                }
            }
        }
        let sets: Vec<&Path> = self.state.sets().collect();
        let found: BTreeSet<(&Path, &Element, Dot)> = sets
            .iter()
            .flat_map(|path| self.state.elements(path).into_iter().map(move |(element, dots)| (*path, element, dots)))
            .flat_map(|(path, element, dots)| dots.into_iter().map(move |dot| (path, element, dot)))
            .collect();
        check(found == expected, Invariant::NoLostWrite, || {
            format!("{}: the sets have {found:?}, by definition {expected:?}", self.at)
        })
    }

    /// 9.
    pub(super) fn shows_every_conflict(&self) -> Result<(), Violation> {
        let conflicts: BTreeSet<&Path> = self.state.conflicts().into_iter().collect();
        for path in self.paths() {
            let values: BTreeSet<Option<&Value>> =
                self.live_by_definition(path).into_iter().map(|(_, value)| value).collect();
            let shown = conflicts.contains(path) && self.state.distinct(path).len() == values.len();
            let right = if values.len() > 1 { shown } else { !conflicts.contains(path) };
            check(right, Invariant::Conflicts, || format!("{}: {path} has the values {values:?}", self.at))?;
        }
        Ok(())
    }

    /// 8: with any wall clocks the same is shown, in the same order.
    pub(super) fn does_not_look_at_wall_clocks(&self, dice: &mut Dice) -> Result<(), Violation> {
        let mut other = self.history.to_vec();
        for chained in &mut other {
            chained.entry.header.said.wall_ms = dice.any().cast_signed();
        }
        let other = EntityState::fold(self.state.entity(), &other);
        let mut same = other.to_bytes() == self.state.to_bytes();
        for path in self.paths() {
            let order = |state: &EntityState| state.live(path).iter().map(|live| live.dot).collect::<Vec<_>>();
            same &= order(&other) == order(self.state);
        }
        check(same, Invariant::ClockIndependence, || format!("{}: other clocks, another state", self.at))
    }

    /// 12: what was erased is in no entry and not shown.
    pub(super) fn has_nothing_that_was_erased(&self) -> Result<(), Violation> {
        let ops = self.history.iter().flat_map(|chained| chained.entry.ops());
        let left = ops.filter_map(Op::path).find(|path| self.state.is_erased(path));
        check(left.is_none(), Invariant::Erasure, || format!("{}: {left:?} was erased and is in the log", self.at))?;
        let shown = self.state.paths("").find(|path| self.state.is_erased(path));
        check(shown.is_none(), Invariant::Erasure, || format!("{}: {shown:?} was erased and is shown", self.at))
    }

    /// 11, the second half: whatever an approval did not see shows as changed since.
    pub(super) fn shows_changes_since_judgements(&self) -> Result<(), Violation> {
        for judged in self.state.judgements() {
            let later = |chained: &Chained| !chained.entry.judges() && !judged.pin.holds(chained.dot());
            let expected = self.applied().any(later);
            check(self.state.changed_since(judged) == expected, Invariant::ApprovalPins, || {
                format!("{}: changed since {:?} says {}", self.at, judged.dot, !expected)
            })?;
        }
        Ok(())
    }

    /// The hashes, to compare sets of entries by.
    pub(super) fn hashes(&self) -> BTreeSet<ChainHash> {
        self.history.iter().map(|chained| chained.hash).collect()
    }
}
