//! A meeting of a committee: it looks at the cards of its cluster's readiness one by one, says by hands whether they are so,
//! and puts priorities in an order. Its verdict is data of its own; the readiness doesn't change by it.
//!
//! What it looked at is written down with its beginning: the pack, the class, the gaps and what was offered. So a verdict keeps
//! its meaning when later interviews or packs say something else, and a tap costs no calculation.
//!
//! | path | what |
//! | --- | --- |
//! | `m/...` | cluster, pack, round, fingerprint, class, gaps, offered interventions, made up |
//! | `w/women`, `w/men`, `w/youth` | people in the room, counted |
//! | `v/CARD/agree`, `object`, `abstain`, `comment` | hands and words on a card |
//! | `r/order` | the priorities, as ids with spaces between: one value, so that an order is chosen as a whole |
//! | `u/undone` | changes taken back |
//!
//! A judgement of the kind *submit* closes it, and pins what it closed: what comes after is a correction and shows as one.

mod card;
mod record;
mod view;

use kend_domain::EntityId;
use kend_log::{Act, EntityKind, Op, Path, Value};
use kend_sync::rights::{Deed, Reading};

use self::card::Card;
use self::record::Record;
use crate::api::{
    ApiError, BeginMeeting, CommentOnCard, CountHands, CountPeople, ErrorCode, Hand, KeptView, MeetingState,
    MeetingSummary, MeetingView, OfCluster, OpenMeeting, PeopleGroup, RankPriorities, ReadReadiness, count,
};
use crate::calculator::Subject;
use crate::desk::{Change, Desk, Found, path};
use crate::interview::undo::take_back;
use crate::readiness;
use crate::world::random_id;

/// More people are not counted by taps.
const MOST_PEOPLE: u32 = 999;
const COMMENT_CHARACTERS: usize = 2000;

/// The meetings about a cluster, the latest first.
pub(crate) fn list(desk: &mut Desk<'_>, request: &OfCluster) -> Result<Vec<MeetingSummary>, ApiError> {
    let mut found = desk.all(EntityKind::Meeting, Reading::Results)?;
    found.retain(|found| Record::of(found).cluster.as_deref() == Some(request.cluster.as_str()));
    found.sort_by_key(|found| {
        let began = found.state.first().map(|first| first.said.anchored_ms().unwrap_or(first.said.wall_ms));
        std::cmp::Reverse((began, found.entity))
    });
    found.iter().map(|found| view::summary(desk, found, false)).collect()
}

/// Begins a meeting, and writes down what it looks at.
pub(crate) fn begin(desk: &mut Desk<'_>, request: &BeginMeeting) -> Result<MeetingView, ApiError> {
    let library = desk.library.clone();
    let Subject { cluster, .. } = Subject::find(desk, &library, &request.cluster)?;
    let mut scopes = cluster.rayons.iter().map(|rayon| desk.scope(rayon.clone()));
    let scope = scopes.find(|scope| desk.may_begin(scope, EntityKind::Meeting, Deed::Meet));
    let scope = scope.ok_or(ApiError::new(ErrorCode::NotAllowed))?;
    let looked_at = ReadReadiness { cluster: Some(cluster.id.clone()) };
    let readiness = readiness::read_for_committee(desk, &looked_at)?;
    let entity = EntityId::from_bytes(random_id(desk.world));
    let ops = record::beginning(library.pack.content(), &readiness)?;
    let kind = EntityKind::Meeting;
    desk.write(Change { scope, entity, kind, ops, ends_drafts: Vec::new(), names_writer: true })?;
    fresh(desk, entity)
}

/// One meeting.
pub(crate) fn read(desk: &mut Desk<'_>, request: &OpenMeeting) -> Result<MeetingView, ApiError> {
    fresh(desk, request.meeting)
}

/// Counts the people of a group in the room.
pub(crate) fn count_people(desk: &mut Desk<'_>, request: &CountPeople) -> Result<MeetingView, ApiError> {
    let found = editable(desk, request.meeting)?;
    set(desk, &found, people_path(request.group), counted(request.count)?, Vec::new())
}

/// Counts the hands on a card.
pub(crate) fn count_hands(desk: &mut Desk<'_>, request: &CountHands) -> Result<MeetingView, ApiError> {
    let found = editable(desk, request.meeting)?;
    let card = card_of(&found, &request.card)?;
    set(desk, &found, hand_path(card, request.hand), counted(request.count)?, Vec::new())
}

/// Keeps what is being typed of a comment.
pub(crate) fn keep_comment(desk: &mut Desk<'_>, request: &CommentOnCard) -> Result<KeptView, ApiError> {
    let found = editable(desk, request.meeting)?;
    let place = comment_path(card_of(&found, &request.card)?);
    let characters = short_enough(&request.text)?;
    desk.store.keep_draft(found.entity, &place, desk.person.person, &request.text)?;
    Ok(KeptView { characters: count(characters) })
}

/// Gives, changes or clears the comment on a card, and ends its draft.
pub(crate) fn comment(desk: &mut Desk<'_>, request: &CommentOnCard) -> Result<MeetingView, ApiError> {
    let found = editable(desk, request.meeting)?;
    let place = comment_path(card_of(&found, &request.card)?);
    short_enough(&request.text)?;
    let text = request.text.trim();
    let value = (!text.is_empty()).then(|| Value::text(text));
    set(desk, &found, place.clone(), value, vec![place])
}

/// Puts the priorities in an order.
pub(crate) fn rank(desk: &mut Desk<'_>, request: &RankPriorities) -> Result<MeetingView, ApiError> {
    let found = editable(desk, request.meeting)?;
    let offered = Record::of(&found).offered();
    for (place, priority) in request.order.iter().enumerate() {
        let again = request.order.iter().take(place).any(|earlier| earlier == priority);
        if again || !offered.iter().any(|known| known.id() == *priority) {
            return Err(ApiError::with(ErrorCode::BadRequest, "a priority is not offered, or named twice"));
        }
    }
    let value = (!request.order.is_empty()).then(|| Value::text(request.order.join(" ")));
    set(desk, &found, path(record::ORDER), value, Vec::new())
}

/// Closes a meeting, or closes it again after corrections. What was typed and not left becomes a comment with it.
pub(crate) fn close(desk: &mut Desk<'_>, request: &OpenMeeting) -> Result<MeetingView, ApiError> {
    let found = editable(desk, request.meeting)?;
    if !found.state.conflicts().is_empty() {
        return Err(ApiError::with(ErrorCode::WrongState, "values were given apart: choose one of each first"));
    }
    let (mut ops, mut ends) = (Vec::new(), Vec::new());
    for draft in desk.own_drafts(found.entity)? {
        let text = draft.text.trim();
        ops.push(if text.is_empty() {
            Op::Clear { path: draft.path.clone() }
        } else {
            Op::Set { path: draft.path.clone(), value: Value::text(text) }
        });
        ends.push(draft.path);
    }
    ops.push(Op::Judge { act: Act::Submit });
    desk.change(&found, ops, ends)?;
    fresh(desk, found.entity)
}

/// Takes back the person's last change.
pub(crate) fn undo(desk: &mut Desk<'_>, request: &OpenMeeting) -> Result<MeetingView, ApiError> {
    let found = editable(desk, request.meeting)?;
    take_back(desk, &found)?;
    fresh(desk, found.entity)
}

/// Erases all that a meeting said, here and everywhere.
pub(crate) fn erase(desk: &mut Desk<'_>, request: &OpenMeeting) -> Result<MeetingView, ApiError> {
    let found = desk.find(request.meeting, EntityKind::Meeting)?;
    if found.state.erased() {
        return Err(ApiError::new(ErrorCode::WrongState));
    }
    desk.erase(&found, None)?;
    fresh(desk, found.entity)
}

fn fresh(desk: &Desk<'_>, meeting: EntityId) -> Result<MeetingView, ApiError> {
    view::of(desk, &desk.find(meeting, EntityKind::Meeting)?)
}

/// A meeting that the person may go on with now.
fn editable(desk: &Desk<'_>, meeting: EntityId) -> Result<Found, ApiError> {
    let found = desk.find(meeting, EntityKind::Meeting)?;
    match Record::of(&found).state {
        MeetingState::Erased => Err(ApiError::new(ErrorCode::WrongState)),
        _ if desk.may(&found, Deed::Meet) => Ok(found),
        _ => Err(ApiError::new(ErrorCode::NotAllowed)),
    }
}

/// Gives a place a value, or clears it; what is so already is no change, unless it settles a conflict.
fn set(
    desk: &mut Desk<'_>,
    found: &Found,
    place: Path,
    value: Option<Value>,
    ends_drafts: Vec<Path>,
) -> Result<MeetingView, ApiError> {
    let unchanged = found.state.value(place.as_str()) == value.as_ref();
    if unchanged && found.state.distinct(place.as_str()).len() < 2 {
        for draft in &ends_drafts {
            desk.store.drop_draft(found.entity, draft, desk.person.person)?;
        }
    } else {
        let op = match value {
            Some(value) => Op::Set { path: place, value },
            None => Op::Clear { path: place },
        };
        desk.change(found, vec![op], ends_drafts)?;
    }
    fresh(desk, found.entity)
}

fn counted(people: Option<u32>) -> Result<Option<Value>, ApiError> {
    match people {
        Some(people) if people > MOST_PEOPLE => {
            Err(ApiError::with(ErrorCode::TooLarge, format_args!("{MOST_PEOPLE} people at most")))
        }
        people => Ok(people.map(|people| Value::Integer(i64::from(people)))),
    }
}

fn short_enough(text: &str) -> Result<usize, ApiError> {
    let characters = text.chars().count();
    if characters > COMMENT_CHARACTERS {
        return Err(ApiError::with(ErrorCode::TooLarge, format_args!("{COMMENT_CHARACTERS} characters at most")));
    }
    Ok(characters)
}

fn card_of(found: &Found, word: &str) -> Result<Card, ApiError> {
    let known = Record::of(found).cards().into_iter().find(|card| card.to_string() == word);
    known.ok_or_else(|| ApiError::with(ErrorCode::BadRequest, "there is no such card"))
}

fn people_path(group: PeopleGroup) -> Path {
    path(match group {
        PeopleGroup::Women => "w/women",
        PeopleGroup::Men => "w/men",
        PeopleGroup::Youth => "w/youth",
    })
}

fn hand_path(card: Card, hand: Hand) -> Path {
    let hand = match hand {
        Hand::Agree => "agree",
        Hand::Object => "object",
        Hand::Abstain => "abstain",
    };
    path(&format!("v/{card}/{hand}"))
}

fn comment_path(card: Card) -> Path {
    path(&format!("v/{card}/comment"))
}
