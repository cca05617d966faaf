//! Taking back, from the log itself, so that it works after a kill as before.
//!
//! An entry that takes another back names it in the set `u/undone`. A change is taken back only while what it set is
//! still what is shown: newer words of somebody else are never overwritten by an undo.

use std::collections::BTreeSet;

use kend_log::{Chained, Element, EntityKind, Op};

use crate::api::{ApiError, ErrorCode, InterviewView, Undo};
use crate::desk::{Desk, Found, path};
use crate::interview::{editable, view};

const UNDONE: &str = "u/undone";

/// Takes back the person's last change.
pub(crate) fn undo(desk: &mut Desk<'_>, request: &Undo) -> Result<InterviewView, ApiError> {
    let found = editable(desk, request.interview)?;
    take_back(desk, &found)?;
    view::fresh(desk, request.interview)
}

/// Takes back the person's last change of something that they may change.
pub(crate) fn take_back(desk: &mut Desk<'_>, found: &Found) -> Result<(), ApiError> {
    let last = last_change(desk, found)?;
    let (undone, mut ops) = last.ok_or(ApiError::with(ErrorCode::WrongState, "there is nothing to take back"))?;
    ops.push(Op::Add { path: path(UNDONE), element: name(&undone)? });
    desk.change(found, ops, Vec::new())
}

/// The person's last change that is not taken back and still stands, with what takes it back.
pub(crate) fn last_change(desk: &Desk<'_>, found: &Found) -> Result<Option<(Chained, Vec<Op>)>, ApiError> {
    let history = desk.store.history(found.entity)?;
    let undone: BTreeSet<String> =
        found.state.elements(UNDONE).into_iter().map(|(element, _)| element.as_str().to_owned()).collect();
    for (place, entry) in history.iter().enumerate().rev() {
        let own = entry.entry.header.actor == desk.person.person;
        let takes_back = entry.entry.ops().any(|op| op.path().is_some_and(|path| path.as_str() == UNDONE));
        if own && !takes_back && !entry.entry.judges() && !undone.contains(name(entry)?.as_str()) {
            let before = history.get(..place).unwrap_or_default();
            let inverse: Option<Vec<Op>> = entry
                .entry
                .ops()
                .filter(|op| changes_content(found.kind, op))
                .map(|op| inverse(op, before, found))
                .collect();
            match inverse {
                Some(ops) if !ops.is_empty() => return Ok(Some((entry.clone(), ops))),
                _ => {}
            }
        }
    }
    Ok(None)
}

/// What a person said, of an interview or a meeting; not what it is about.
fn changes_content(kind: EntityKind, op: &Op) -> bool {
    let parts: &[&str] = match kind {
        EntityKind::Interview => &["a/", "i/"],
        EntityKind::Meeting => &["w/", "v/", "r/"],
        EntityKind::Village => &[],
    };
    op.path().is_some_and(|path| parts.iter().any(|part| path.as_str().starts_with(part)))
}

/// What takes an op back; nothing when what it did no longer stands.
fn inverse(op: &Op, before: &[Chained], found: &Found) -> Option<Op> {
    match op {
        Op::Set { path, .. } | Op::Clear { path } => {
            let set = if let Op::Set { value, .. } = op { Some(value) } else { None };
            if found.state.value(path.as_str()) != set || found.state.distinct(path.as_str()).len() > 1 {
                return None;
            }
            let earlier = before.iter().rev().flat_map(|entry| entry.entry.ops()).find(|op| op.path() == Some(path));
            Some(match earlier {
                Some(Op::Set { value, .. }) => Op::Set { path: path.clone(), value: value.clone() },
                _ => Op::Clear { path: path.clone() },
            })
        }
        Op::Add { path, element } => {
            let elements = found.state.elements(path.as_str());
            let (_, seen) = elements.into_iter().find(|(known, _)| *known == element)?;
            Some(Op::Remove { path: path.clone(), element: element.clone(), seen })
        }
        Op::Remove { path, element, .. } => Some(Op::Add { path: path.clone(), element: element.clone() }),
        Op::Judge { .. } | Op::Erase { .. } => None,
    }
}

fn name(entry: &Chained) -> Result<Element, ApiError> {
    let name = format!("{}-{}", entry.device, entry.entry.header.seq);
    name.parse().map_err(|error| ApiError::with(ErrorCode::Internal, error))
}
