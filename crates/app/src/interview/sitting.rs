//! From the folded log to an interview in progress.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use kend_domain::{InstanceId, InterviewKind, QuestionKind};
use kend_form::{AnswerPath, Instrument, Item, QuestionItem, Sitting, Surroundings};
use kend_log::EntityState;

use crate::answers;
use crate::api::{ApiError, ErrorCode};
use crate::desk::{Desk, Found, text, word};

/// The interview with its instrument, rebuilt from the log.
pub(crate) fn sit(desk: &Desk<'_>, found: &Found) -> Result<Sitting, ApiError> {
    let kind: InterviewKind = word(&found.state, "m/kind").ok_or(ApiError::new(ErrorCode::NotFound))?;
    let instrument = desk.library.instruments.get(&kind).ok_or(ApiError::new(ErrorCode::NotFound))?;
    let instances = instances(instrument, &found.state);
    let surroundings = Surroundings {
        now: moment(desk.world.wall_ms()),
        started_at: found.state.first().map(|first| moment(first.said.wall_ms)),
        device: Some(desk.store.device()),
        language: text(&found.state, "m/language").unwrap_or_else(|| desk.language.to_string()),
    };
    Ok(Sitting::new(Arc::clone(instrument), answers(instrument, &found.state), &instances, surroundings))
}

/// What the instrument works out outside repeats, with its value now.
pub(crate) fn calculated(sitting: &Sitting, language: &str) -> Vec<(AnswerPath, kend_form::Answer)> {
    fn collect(items: Vec<Item>, found: &mut Vec<(AnswerPath, kend_form::Answer)>) {
        for item in items {
            match item {
                Item::Group(group) if group.shown.relevant => collect(group.items, found),
                Item::Question(question) if question.kind == QuestionKind::Calculate && question.shown.relevant => {
                    let QuestionItem { shown, value, .. } = *question;
                    found.extend(value.map(|value| (shown.path, value)));
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(sitting.walk(language), &mut found);
    found
}

fn answers(instrument: &Instrument, state: &EntityState) -> BTreeMap<AnswerPath, kend_form::Answer> {
    state
        .paths("a/")
        .filter_map(|path| {
            let answer_path: AnswerPath = path.as_str().strip_prefix("a/")?.parse().ok()?;
            let answer = answers::read(instrument, &answer_path.name, state.value(path.as_str())?)?;
            Some((answer_path, answer))
        })
        .collect()
}

fn instances(instrument: &Instrument, state: &EntityState) -> BTreeMap<String, Vec<InstanceId>> {
    instrument
        .repeats()
        .map(|repeat| {
            let elements = state.elements(format!("i/{repeat}"));
            (repeat.to_owned(), elements.iter().filter_map(|(element, _)| element.as_str().parse().ok()).collect())
        })
        .collect()
}

fn moment(wall_ms: i64) -> DateTime<FixedOffset> {
    DateTime::from_timestamp_millis(wall_ms).unwrap_or(DateTime::UNIX_EPOCH).fixed_offset()
}
