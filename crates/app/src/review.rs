//! From sign-off to approval: each step pins what it judged, so nothing approved ever changes silently.

use kend_domain::InterviewState;
use kend_form::{AnswerPath, RawValue, Sitting};
use kend_log::{Act, EntityKind, Op, Path, Value};
use kend_sync::rights::Deed;

use crate::answers;
use crate::api::{
    AnswerComment, ApiError, ApproveInterview, EraseInterview, ErrorCode, InterviewView, ReturnInterview, SignOff,
};
use crate::desk::{Desk, Found, checked_text, path};
use crate::interview::facts::Facts;
use crate::interview::view::{self, rights};
use crate::interview::{answering, sitting};
use crate::world::random_id;

const COMMENT_CHARACTERS: usize = 2000;
const COMMENTS: usize = 100;

/// Signs an interview off once nothing is missing.
pub(crate) fn sign_off(desk: &mut Desk<'_>, request: &SignOff) -> Result<InterviewView, ApiError> {
    let found = desk.find(request.interview, EntityKind::Interview)?;
    let current = view::of(desk, &found)?;
    if !current.rights.edit {
        return Err(refusal(desk, &found));
    }
    if let Some(missing) = current.missing.first() {
        return Err(ApiError::with(ErrorCode::MissingAnswers, &missing.label));
    }
    let sitting = sitting::sit(desk, &found)?;
    let (mut ops, ends_drafts) = drafts_as_answers(desk, &found, &sitting)?;
    ops.extend(calculated(desk, &sitting));
    ops.push(Op::Judge { act: Act::Submit });
    desk.change(&found, ops, ends_drafts)?;
    view::fresh(desk, found.entity)
}

/// What was typed and left before its card was (a kill, an empty battery) becomes an answer with the sign-off, so that no
/// word stays behind on the device. One that its question refuses holds the sign-off up.
fn drafts_as_answers(desk: &Desk<'_>, found: &Found, sitting: &Sitting) -> Result<(Vec<Op>, Vec<Path>), ApiError> {
    let (mut ops, mut ends) = (Vec::new(), Vec::new());
    for draft in desk.own_drafts(found.entity)? {
        let asked = draft.path.as_str().strip_prefix("a/").and_then(|asked| asked.parse().ok());
        let Some(asked): Option<AnswerPath> = asked else { continue };
        let refused = |_| {
            ApiError::with(ErrorCode::MissingAnswers, sitting.label(&asked, desk.language.word()).unwrap_or_default())
        };
        ops.push(answering(sitting, &asked, RawValue::Text(&draft.text)).map_err(refused)?);
        ends.push(draft.path);
    }
    Ok((ops, ends))
}

/// What the instrument works out, kept with the sign-off: lists and readiness read it without an instrument.
fn calculated(desk: &Desk<'_>, sitting: &Sitting) -> Vec<Op> {
    let values = sitting::calculated(sitting, desk.language.word()).into_iter().filter_map(|(answer_path, answer)| {
        let value = answers::kept(&answer)?;
        Some(Op::Set { path: path(&format!("a/{answer_path}")), value })
    });
    values.collect()
}

/// Sends an interview back with comments, one entry for all.
pub(crate) fn return_with_comments(desk: &mut Desk<'_>, request: &ReturnInterview) -> Result<InterviewView, ApiError> {
    let found = reviewed(desk, request.interview)?;
    if request.comments.is_empty() {
        return Err(ApiError::with(ErrorCode::BadRequest, "a return needs a comment"));
    }
    if request.comments.len() > COMMENTS {
        return Err(ApiError::with(ErrorCode::TooLarge, format_args!("{COMMENTS} comments at most")));
    }
    let mut ops = Vec::new();
    for comment in &request.comments {
        let id = kend_domain::InstanceId::from_bytes(random_id(desk.world));
        let mut set = |part: &str, value: String| {
            ops.push(Op::Set { path: path(&format!("c/{id}/{part}")), value: Value::Text(value) });
        };
        set("text", checked_text(&comment.text, COMMENT_CHARACTERS)?);
        set("by", desk.person.person.to_string());
        if let Some(about) = &comment.path {
            let about: AnswerPath = about.parse().map_err(|error| ApiError::with(ErrorCode::BadRequest, error))?;
            set("path", about.to_string());
        }
    }
    judge(desk, &found, Act::Return, ops)
}

/// Accepts an interview as it stands.
pub(crate) fn approve(desk: &mut Desk<'_>, request: &ApproveInterview) -> Result<InterviewView, ApiError> {
    let found = reviewed(desk, request.interview)?;
    if !found.state.conflicts().is_empty() {
        return Err(ApiError::with(ErrorCode::WrongState, "two values exclude each other; choose first"));
    }
    judge(desk, &found, Act::Approve, Vec::new())
}

/// Answers a comment.
pub(crate) fn answer_comment(desk: &mut Desk<'_>, request: &AnswerComment) -> Result<InterviewView, ApiError> {
    let found = desk.find(request.interview, EntityKind::Interview)?;
    if !rights(desk, &found).edit {
        return Err(refusal(desk, &found));
    }
    if found.state.value(format!("c/{}/text", request.comment)).is_none() {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let answer = checked_text(&request.text, COMMENT_CHARACTERS)?;
    let place = path(&format!("c/{}/answer", request.comment));
    desk.change(&found, vec![Op::Set { path: place, value: Value::Text(answer) }], Vec::new())?;
    view::fresh(desk, request.interview)
}

/// Erases the content for good.
pub(crate) fn erase(desk: &mut Desk<'_>, request: &EraseInterview) -> Result<InterviewView, ApiError> {
    let found = desk.find(request.interview, EntityKind::Interview)?;
    if !rights(desk, &found).erase {
        return Err(refusal(desk, &found));
    }
    desk.erase(&found, None)?;
    view::fresh(desk, request.interview)
}

/// An interview that the person may judge now.
fn reviewed(desk: &Desk<'_>, interview: kend_domain::EntityId) -> Result<Found, ApiError> {
    let found = desk.find(interview, EntityKind::Interview)?;
    let own = Facts::of(&found).person == Some(desk.person.person);
    if own || !desk.may(&found, Deed::Review) {
        return Err(ApiError::new(ErrorCode::NotAllowed));
    }
    if rights(desk, &found).review { Ok(found) } else { Err(ApiError::new(ErrorCode::WrongState)) }
}

fn judge(desk: &mut Desk<'_>, found: &Found, act: Act, mut ops: Vec<Op>) -> Result<InterviewView, ApiError> {
    ops.push(Op::Judge { act });
    desk.change(found, ops, Vec::new())?;
    view::fresh(desk, found.entity)
}

/// Why an interview can't be changed: the person may not, or its state does not allow it.
pub(crate) fn refusal(desk: &Desk<'_>, found: &Found) -> ApiError {
    let state = Facts::of(found).state;
    let fixed = matches!(state, InterviewState::Approved | InterviewState::Erased);
    let code = if fixed && desk.may(found, Deed::Record) { ErrorCode::WrongState } else { ErrorCode::NotAllowed };
    ApiError::new(code)
}
