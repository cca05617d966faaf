//! A meeting as screens show it: with its counts in the room, with small ones kept back outside of it.

use std::collections::BTreeMap;

use kend_log::{Live, Path, Value};
use kend_readiness::interventions;
use kend_sync::rights::{self, Deed, Reading};

use super::card::{Card, Priority};
use super::record::{self, ORDER, Record};
use crate::api::{
    ApiError, CardOutcome, CardVerdictView, CountView, MeetingConflictView, MeetingPart, MeetingState, MeetingSummary,
    MeetingValueView, MeetingView, PriorityView, count,
};
use crate::desk::{Desk, Found, text, writer_name};
use crate::interview::{undo::last_change, view::drafts};
use crate::village::rayon_name;
use crate::world::iso;

/// Fewer people than this are "<5" to who was not in the room (method 9).
const FEW: u32 = 5;

/// The meeting as it is held; who may not hold it sees what is told outside.
pub(crate) fn of(desk: &Desk<'_>, found: &Found) -> Result<MeetingView, ApiError> {
    let record = Record::of(found);
    let summary = summary(desk, found, true)?;
    let names = |priorities: Vec<Priority>| priorities.iter().filter_map(|one| priority(desk, one)).collect();
    let conflicts = if summary.edit { found.state.conflicts() } else { Vec::new() };
    Ok(MeetingView {
        offered: if record.state == MeetingState::Erased { Vec::new() } else { names(record.offered()) },
        conflicts: conflicts.into_iter().filter_map(|path| conflict(desk, found, path)).collect(),
        can_undo: summary.edit && last_change(desk, found)?.is_some(),
        summary,
    })
}

/// The meeting with its verdict, in a list or, for who holds it, in the room.
pub(crate) fn summary(desk: &Desk<'_>, found: &Found, in_room: bool) -> Result<MeetingSummary, ApiError> {
    let record = Record::of(found);
    let holds = desk.may(found, Deed::Meet);
    // Who reads results alone is told of no person.
    let named = holds || rights::reads(desk.person.role, Reading::Interviews);
    let told = Told { exactly: in_room && holds };
    let drafts = if in_room { drafts(desk, found)? } else { BTreeMap::new() };
    let state = record.state;
    let closed = record.closed();
    let changed = match closed {
        Some(judged) => record.log.paths_changed_since(judged),
        None => Vec::new(),
    };
    let erased = state == MeetingState::Erased;
    let cards = if erased { Vec::new() } else { record.cards() };
    let first = record.log.first();
    let cluster = record.cluster.clone().unwrap_or_default();
    let known = desk.library.pack.cluster(&cluster);
    let order = text(record.log, ORDER).unwrap_or_default();
    Ok(MeetingSummary {
        meeting: found.entity,
        cluster_name: known.map_or_else(|| cluster.clone(), |known| known.names.get(desk.language).to_owned()),
        cluster,
        rayon_name: rayon_name(desk, found.scope.area()),
        state,
        began_at: iso(first.map_or(0, |first| first.said.wall_ms)),
        closed_at: closed.map(|judged| iso(judged.said.wall_ms)),
        person_name: first.filter(|_| named).map(|first| writer_name(record.log, first.actor)),
        synthetic: record.synthetic(),
        pack: text(record.log, "m/pack").unwrap_or_default(),
        round_year: match record.log.value("m/round") {
            Some(Value::Number(year)) => Some(year.get()),
            _ => None,
        },
        class: record.class,
        fingerprint: text(record.log, "m/fingerprint").unwrap_or_default(),
        women: told.count(record.people("w/women")),
        men: told.count(record.people("w/men")),
        youth: told.count(record.people("w/youth")),
        cards: cards.into_iter().map(|card| told.card(&record, card, &drafts, &changed)).collect(),
        priorities: record::order(&order).iter().filter_map(|one| priority(desk, one)).collect(),
        conflicts: count(record.log.conflicts().len()),
        kept: found.kept,
        edit: !erased && holds,
        erase: !erased && desk.may(found, Deed::Erase),
    })
}

/// How much is told of counts.
#[derive(Clone, Copy)]
struct Told {
    exactly: bool,
}

impl Told {
    fn count(self, people: Option<u32>) -> CountView {
        let few = people.is_some_and(|people| people < FEW);
        CountView { count: people.filter(|_| self.exactly || !few), few }
    }

    fn card(
        self,
        record: &Record<'_>,
        card: Card,
        drafts: &BTreeMap<String, String>,
        changed: &[&Path],
    ) -> CardVerdictView {
        let place = format!("v/{card}");
        let hands = |hand: &str| record.people(&format!("{place}/{hand}"));
        let (agree, object) = (hands("agree"), hands("object"));
        let comment = format!("{place}/comment");
        CardVerdictView {
            card: card.to_string(),
            subject: card.subject(),
            dimension: card.dimension(),
            theme: card.theme(),
            outcome: outcome(agree.unwrap_or(0), object.unwrap_or(0)),
            agree: self.count(agree),
            object: self.count(object),
            abstain: self.count(hands("abstain")),
            comment: text(record.log, &comment),
            draft: drafts.get(&comment).cloned(),
            corrected: changed.iter().any(|path| path.as_str().starts_with(&format!("{place}/"))),
        }
    }
}

fn outcome(agree: u32, object: u32) -> CardOutcome {
    match agree.cmp(&object) {
        std::cmp::Ordering::Greater => CardOutcome::Agreed,
        std::cmp::Ordering::Less => CardOutcome::Objected,
        std::cmp::Ordering::Equal if agree > 0 => CardOutcome::Divided,
        std::cmp::Ordering::Equal => CardOutcome::Open,
    }
}

/// A priority in the session's language. An intervention that is in no table any more is left out.
fn priority(desk: &Desk<'_>, of: &Priority) -> Option<PriorityView> {
    let view = |dimension, theme, text| PriorityView { priority: of.id(), kind: of.kind(), dimension, theme, text };
    Some(match of {
        Priority::Dimension(dimension) => view(Some(*dimension), None, None),
        Priority::Theme(theme) => view(None, Some(*theme), None),
        Priority::Intervention(id) => {
            let known = interventions().iter().find(|known| known.id == *id)?;
            view(Some(known.dimension), None, Some(known.text.get(desk.language).to_owned()))
        }
    })
}

fn conflict(desk: &Desk<'_>, found: &Found, path: &Path) -> Option<MeetingConflictView> {
    let mut parts = path.as_str().split('/');
    let (part, card) = match (parts.next()?, parts.next()?, parts.next()) {
        ("w", "women", None) => (MeetingPart::Women, None),
        ("w", "men", None) => (MeetingPart::Men, None),
        ("w", "youth", None) => (MeetingPart::Youth, None),
        ("r", "order", None) => (MeetingPart::Order, None),
        ("v", card, Some("agree")) => (MeetingPart::Agree, Some(card)),
        ("v", card, Some("object")) => (MeetingPart::Object, Some(card)),
        ("v", card, Some("abstain")) => (MeetingPart::Abstain, Some(card)),
        ("v", card, Some("comment")) => (MeetingPart::Comment, Some(card)),
        _ => return None,
    };
    let values = found.state.distinct(path.as_str()).into_iter().map(|live| value(desk, found, part, live));
    Some(MeetingConflictView { part, card: card.map(str::to_owned), values: values.collect() })
}

fn value(desk: &Desk<'_>, found: &Found, part: MeetingPart, live: &Live) -> MeetingValueView {
    let words = live.value.as_ref().and_then(Value::as_text);
    let order = words.filter(|_| part == MeetingPart::Order).map(record::order).unwrap_or_default();
    MeetingValueView {
        count: live.value.as_ref().and_then(record::people),
        text: words.filter(|_| part == MeetingPart::Comment).map(str::to_owned),
        order: order.iter().filter_map(|one| priority(desk, one)).collect(),
        person_name: writer_name(&found.state, live.actor),
        said_at: iso(live.said.wall_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method 9: under five is "<5" outside of the room, zero too; five is told.
    #[test]
    fn outside_of_the_room_fewer_than_five_are_not_told() {
        let (outside, inside) = (Told { exactly: false }, Told { exactly: true });
        for (people, told, few) in [(None, None, false), (Some(0), None, true), (Some(4), None, true)] {
            assert_eq!(outside.count(people), CountView { count: told, few });
            assert_eq!(inside.count(people).count, people);
        }
        assert_eq!(outside.count(Some(5)), CountView { count: Some(5), few: false });
    }

    #[test]
    fn hands_come_to_an_outcome_that_hides_nothing_of_who_was_more() {
        assert_eq!(outcome(0, 0), CardOutcome::Open);
        assert_eq!(outcome(3, 3), CardOutcome::Divided);
        assert_eq!([outcome(4, 3), outcome(3, 4)], [CardOutcome::Agreed, CardOutcome::Objected]);
    }
}
