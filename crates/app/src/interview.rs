//! Holding an interview: start it, answer, type, add people and quotes, take back.

pub(crate) mod attachment;
pub(crate) mod facts;
pub(crate) mod sitting;
pub(crate) mod twice;
pub(crate) mod undo;
pub(crate) mod view;

pub(crate) use twice::say_the_same;
pub(crate) use undo::undo;

use kend_domain::{EntityId, InstanceId, ParticipantCode};
use kend_form::{Answer, AnswerPath, AnswerProblem, RawValue, Sitting};
use kend_log::{Element, EntityKind, Op, Path, Value};
use kend_sync::rights::Reading;

use crate::answers;
use crate::api::{
    AddInstance, ApiError, ErrorCode, InterviewSummary, InterviewView, KeepDraft, KeptView, Nothing, OpenInterview,
    RecordAnswer, RemoveInstance, StartInterview, count,
};
use crate::desk::{Change, Desk, Found, path, text};
use crate::failure::bad_answer;
use crate::review::refusal;
use crate::village;
use crate::world::random_id;

/// The repeat whose instances get a participant's code.
const PARTICIPANT: &str = "participant";

/// Starts an interview in a village of the person's areas.
pub(crate) fn start(desk: &mut Desk<'_>, request: &StartInterview) -> Result<InterviewView, ApiError> {
    let village = village::find(desk, request.village)?.ok_or(ApiError::new(ErrorCode::NotFound))?;
    let instrument = desk.library.instruments.get(&request.kind).ok_or(ApiError::new(ErrorCode::NotFound))?;
    let set = |place: &str, value: String| Op::Set { path: path(place), value: Value::Text(value) };
    let mut ops = vec![
        set("m/village", village.id.to_string()),
        set("m/kind", request.kind.to_string()),
        set("m/language", request.language.to_string()),
        set("m/instrument", instrument.id().to_owned()),
        set("m/version", instrument.version().to_owned()),
    ];
    if request.example == Some(true) {
        ops.push(Op::Set { path: path("m/example"), value: Value::Flag(true) });
    }
    let entity = EntityId::from_bytes(random_id(desk.world));
    let (scope, kind) = (desk.scope(village.rayon), EntityKind::Interview);
    desk.write(Change { scope, entity, kind, ops, ends_drafts: Vec::new(), names_writer: true })?;
    view::fresh(desk, entity)
}

/// The interviews that the person may see, the latest first.
pub(crate) fn list(desk: &mut Desk<'_>, _: &Nothing) -> Result<Vec<InterviewSummary>, ApiError> {
    let mut found = desk.all(EntityKind::Interview, Reading::Interviews)?;
    found.sort_by_key(|found| {
        let latest = found.state.last().map(|last| last.said.anchored_ms().unwrap_or(last.said.wall_ms));
        std::cmp::Reverse((latest, found.entity))
    });
    found.iter().map(|found| view::summary(desk, found)).collect()
}

/// One interview in full.
pub(crate) fn open(desk: &mut Desk<'_>, request: &OpenInterview) -> Result<InterviewView, ApiError> {
    view::fresh(desk, request.interview)
}

/// Gives, changes or clears an answer, once the instrument has found nothing wrong with it.
pub(crate) fn record_answer(desk: &mut Desk<'_>, request: &RecordAnswer) -> Result<InterviewView, ApiError> {
    let found = editable(desk, request.interview)?;
    let answer_path = answer_path(&request.path)?;
    let place = path(&format!("a/{answer_path}"));
    let sitting = sitting::sit(desk, &found)?;
    let op = answering(&sitting, &answer_path, request.value.raw())
        .map_err(|problem| bad_answer(&problem, desk.language.word()))?;
    let unchanged = match &op {
        Op::Set { value, .. } => found.state.value(place.as_str()) == Some(value),
        _ => found.state.value(place.as_str()).is_none(),
    };
    if unchanged && found.state.distinct(place.as_str()).len() < 2 {
        desk.store.drop_draft(found.entity, &place, desk.person.person)?;
    } else {
        desk.change(&found, vec![op], vec![place])?;
    }
    view::fresh(desk, request.interview)
}

/// Keeps what is being typed. It is not checked: half a sentence is no answer yet, and must not be lost.
pub(crate) fn keep_draft(desk: &mut Desk<'_>, request: &KeepDraft) -> Result<KeptView, ApiError> {
    let found = editable(desk, request.interview)?;
    let answer_path = answer_path(&request.path)?;
    let characters = request.text.chars().count();
    if characters > kend_form::limits::TEXT_CHARACTERS {
        let limit = kend_form::limits::TEXT_CHARACTERS;
        return Err(ApiError::with(ErrorCode::TooLarge, format_args!("{limit} characters at most")));
    }
    let place = path(&format!("a/{answer_path}"));
    desk.store.keep_draft(found.entity, &place, desk.person.person, &request.text)?;
    Ok(KeptView { characters: count(characters) })
}

/// Adds a participant or a quote with its first answers: one entry, all or nothing.
pub(crate) fn add_instance(desk: &mut Desk<'_>, request: &AddInstance) -> Result<InterviewView, ApiError> {
    let found = editable(desk, request.interview)?;
    let mut sitting = sitting::sit(desk, &found)?;
    let instance = desk.next_instance(&found)?;
    sitting.add_instance(&request.repeat, instance).map_err(|problem| ApiError::with(ErrorCode::BadAnswer, problem))?;
    let mut ops = vec![Op::Add { path: path(&format!("i/{}", request.repeat)), element: element(instance)? }];
    for given in &request.answers {
        let answer_path = AnswerPath::inside(&request.repeat, instance, &given.name);
        let language = desk.language.word();
        let answer =
            sitting.parse(&answer_path, given.value.raw()).map_err(|problem| bad_answer(&problem, language))?;
        sitting.set(&answer_path, answer.clone()).map_err(|problem| bad_answer(&problem, language))?;
        if let Some(answer) = answer {
            ops.push(Op::Set { path: log_path(&answer_path)?, value: storable(&answer)? });
        }
    }
    if request.repeat == PARTICIPANT {
        let code = next_code(&found);
        ops.push(Op::Set { path: path(&format!("n/{instance}")), value: Value::Text(code.to_string()) });
    }
    desk.change(&found, ops, Vec::new())?;
    view::fresh(desk, request.interview)
}

/// Removes a participant or a quote; its answers stay in the log, so that undo brings it back whole.
pub(crate) fn remove_instance(desk: &mut Desk<'_>, request: &RemoveInstance) -> Result<InterviewView, ApiError> {
    let found = editable(desk, request.interview)?;
    let set: Path = log_path_of(&format!("i/{}", request.repeat))?;
    let wanted = element(request.instance)?;
    let elements = found.state.elements(set.as_str());
    let (element, seen) =
        elements.into_iter().find(|(element, _)| **element == wanted).ok_or(ApiError::new(ErrorCode::NotFound))?;
    let op = Op::Remove { path: set, element: element.clone(), seen };
    desk.change(&found, vec![op], Vec::new())?;
    view::fresh(desk, request.interview)
}

/// An interview that the person may change now.
fn editable(desk: &Desk<'_>, interview: EntityId) -> Result<Found, ApiError> {
    let found = desk.find(interview, EntityKind::Interview)?;
    if view::rights(desk, &found).edit { Ok(found) } else { Err(refusal(desk, &found)) }
}

/// What an answer, or an empty value, does at its place in the log, once its question has found nothing wrong with it.
pub(crate) fn answering(sitting: &Sitting, asked: &AnswerPath, raw: RawValue<'_>) -> Result<Op, AnswerProblem> {
    let place = path(&format!("a/{asked}"));
    let Some(answer) = sitting.parse(asked, raw)? else { return Ok(Op::Clear { path: place }) };
    sitting.try_answer(asked, &answer)?;
    let value = answers::kept(&answer).ok_or(AnswerProblem::TooLarge)?;
    Ok(Op::Set { path: place, value })
}

fn storable(answer: &Answer) -> Result<Value, ApiError> {
    answers::kept(answer).ok_or(ApiError::new(ErrorCode::BadAnswer))
}

fn answer_path(text: &str) -> Result<AnswerPath, ApiError> {
    let answer_path: AnswerPath = text.parse().map_err(|error| ApiError::with(ErrorCode::BadRequest, error))?;
    log_path(&answer_path)?;
    Ok(answer_path)
}

fn log_path(answer_path: &AnswerPath) -> Result<Path, ApiError> {
    log_path_of(&format!("a/{answer_path}"))
}

fn log_path_of(text: &str) -> Result<Path, ApiError> {
    text.parse().map_err(|error| ApiError::with(ErrorCode::BadRequest, error))
}

fn element(instance: InstanceId) -> Result<Element, ApiError> {
    instance.to_string().parse().map_err(|error| ApiError::with(ErrorCode::Internal, error))
}

/// One more than any code given so far, also to people who were removed: a code never changes hands.
fn next_code(found: &Found) -> ParticipantCode {
    let codes = found.state.paths("n/").filter_map(|path| text(&found.state, path.as_str())?.parse().ok());
    let highest = codes.map(|code: ParticipantCode| code.0).max().unwrap_or(0);
    ParticipantCode(highest.saturating_add(1))
}
