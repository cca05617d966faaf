//! One conversation that was recorded twice: two people each began it on the spot, and now two interviews tell of it.
//!
//! One of them says which other it is the same as. It stays as it is, word for word, and no longer counts: one conversation
//! is one voice. Two people who say it of each other's interview at the same time take neither voice away.

use kend_domain::{EntityId, InterviewState};
use kend_log::{EntityKind, EntityState, Op, Value};

use crate::api::{ApiError, ErrorCode, InterviewView, SayTheSame};
use crate::desk::{Desk, Found, path, word};
use crate::interview::facts::Facts;
use crate::interview::{editable, view};

/// Where an interview says which other it is the same as.
const SAME_AS: &str = "m/same_as";

/// Says which interview this one is the same as, or that it is one of its own.
pub(crate) fn say_the_same(desk: &mut Desk<'_>, request: &SayTheSame) -> Result<InterviewView, ApiError> {
    let found = editable(desk, request.interview)?;
    let op = match request.same_as {
        None => Op::Clear { path: path(SAME_AS) },
        Some(other) => {
            let other = desk.find(other, EntityKind::Interview)?;
            may_be_the_same(desk, &found, &other)?;
            Op::Set { path: path(SAME_AS), value: Value::Text(other.entity.to_string()) }
        }
    };
    desk.change(&found, vec![op], Vec::new())?;
    view::fresh(desk, request.interview)
}

fn may_be_the_same(desk: &Desk<'_>, found: &Found, other: &Found) -> Result<(), ApiError> {
    let (of, to) = (Facts::of(found), Facts::of(other));
    let alike = found.scope == other.scope && of.village == to.village && of.kind == to.kind;
    if !alike || found.entity == other.entity {
        return Err(ApiError::with(ErrorCode::BadRequest, "the same conversation has one village and one kind"));
    }
    if to.state == InterviewState::Erased || counted_by(desk, other)?.is_some() {
        return Err(ApiError::with(ErrorCode::WrongState, "the other interview does not count itself"));
    }
    Ok(())
}

/// The interview that counts in place of this one; none when it counts itself.
pub(crate) fn counted_by(desk: &Desk<'_>, found: &Found) -> Result<Option<EntityId>, ApiError> {
    let said = |state: &EntityState| word::<EntityId>(state, SAME_AS);
    let Some(first) = said(&found.state) else { return Ok(None) };
    let (mut circle, mut next) = (vec![found.entity], first);
    loop {
        if next == found.entity {
            // Said of each other at once: the first of them by its id counts.
            return Ok((circle.iter().min() != Some(&found.entity)).then_some(first));
        }
        if circle.contains(&next) {
            return Ok(Some(first));
        }
        let Some(state) = desk.store.entity(next)? else {
            // What is not here yet can't count in its place.
            return Ok((next != first).then_some(first));
        };
        circle.push(next);
        let Some(further) = said(&state) else { return Ok(Some(first)) };
        next = further;
    }
}
