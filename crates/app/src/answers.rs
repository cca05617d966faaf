//! One answer in its three shapes: on the screen, in the form engine, in the log.

use kend_form::{Answer, Instrument, RawValue};
use kend_log::Value;

use crate::api::AnswerValue;
use crate::interview::attachment::as_answer;

impl AnswerValue {
    /// As the form engine reads it.
    pub(crate) fn raw(&self) -> RawValue<'_> {
        match self {
            Self::None => RawValue::None,
            Self::Number(number) => RawValue::Number(*number),
            Self::Text(text) => RawValue::Text(text),
            Self::Choices(names) => RawValue::Choices(names),
        }
    }
}

/// As the screen shows it.
pub(crate) fn shown(answer: Option<&Answer>) -> AnswerValue {
    match answer {
        None => AnswerValue::None,
        Some(Answer::Many(names)) => AnswerValue::Choices(names.clone()),
        Some(answer @ (Answer::Integer(_) | Answer::Decimal(_))) => {
            answer.number().map_or(AnswerValue::None, AnswerValue::Number)
        }
        Some(other) => AnswerValue::Text(other.canonical()),
    }
}

/// As the log keeps it; nothing for a number that no log can hold, and for a file, of which the log keeps more.
pub(crate) fn kept(answer: &Answer) -> Option<Value> {
    Some(match answer {
        Answer::Integer(integer) => Value::Integer(*integer),
        Answer::Decimal(number) => Value::number(*number).ok()?,
        Answer::Many(names) => Value::names(names.iter().cloned()),
        Answer::Attached(_) => return None,
        other => Value::Text(other.canonical()),
    })
}

/// From the log. What the question no longer takes comes as text, to be shown with its problem: nothing is dropped.
#[expect(clippy::cast_precision_loss, reason = "the form engine limits whole numbers to what a float holds exactly")]
pub(crate) fn read(instrument: &Instrument, question: &str, value: &Value) -> Option<Answer> {
    let parsed = match value {
        Value::Text(text) => instrument.parse(question, RawValue::Text(text)),
        Value::Integer(integer) => instrument.parse(question, RawValue::Number(*integer as f64)),
        Value::Number(number) => instrument.parse(question, RawValue::Number(number.get())),
        Value::Flag(flag) => instrument.parse(question, RawValue::Text(if *flag { "true" } else { "false" })),
        Value::Names(names) => {
            let names: Vec<String> = names.iter().cloned().collect();
            instrument.parse(question, RawValue::Choices(&names))
        }
        Value::Attachment(file) => instrument.parse(question, RawValue::Attached(&as_answer(file))),
    };
    parsed.unwrap_or_else(|_| Some(Answer::Text(plain(value))))
}

/// A value as words, where no question can say it better.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(integer) => integer.to_string(),
        Value::Number(number) => number.get().to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Names(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
        Value::Attachment(attachment) if attachment.file_name.is_empty() => attachment.media_type.clone(),
        Value::Attachment(attachment) => attachment.file_name.clone(),
    }
}
