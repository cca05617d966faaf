//! Answers: what a person gave, its text in the lexical form of `XForms`, and how raw values become answers.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat};
use kend_domain::{Position, QuestionKind};

use crate::attachment::Attached;
use crate::expression::value::{Value, decimal_of, number_to_text, time_of};
use crate::instrument::List;
use crate::limits;
use crate::problem::AnswerProblem;

/// An answer to one question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Words.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Decimal(f64),
    /// A day.
    Date(NaiveDate),
    /// A time of day.
    Time(NaiveTime),
    /// A day and time, with the offset of the clock that said it.
    DateTime(DateTime<FixedOffset>),
    /// The name of the chosen one.
    One(String),
    /// The names of the chosen ones, in the order of the list.
    Many(Vec<String>),
    /// A place on the ground.
    Position {
        /// Where.
        position: Position,
        /// Height in metres, as far as known.
        altitude_m: Option<f64>,
        /// Radius of uncertainty in metres, as far as known.
        accuracy_m: Option<f64>,
    },
    /// A yes given by a tap.
    Acknowledged,
    /// A file.
    Attached(Attached),
}

/// A value as it comes from outside, before its question says what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RawValue<'a> {
    /// Nothing.
    None,
    /// A number.
    Number(f64),
    /// A text in the lexical form of `XForms`.
    Text(&'a str),
    /// Names of choices.
    Choices(&'a [String]),
    /// A file.
    Attached(&'a Attached),
}

/// What `XForms` writes for a tap.
const ACKNOWLEDGED: &str = "OK";

impl Answer {
    /// The answer as `XForms` writes it; [`crate::Instrument::parse`] reads it back, but for a file, of which `XForms` writes
    /// the name alone.
    pub fn canonical(&self) -> String {
        match self {
            Self::Text(text) | Self::One(text) => text.clone(),
            Self::Integer(integer) => integer.to_string(),
            Self::Decimal(number) => number_to_text(*number),
            Self::Date(date) => date.to_string(),
            Self::Time(time) => time.format("%H:%M:%S%.3f").to_string(),
            Self::DateTime(moment) => moment.to_rfc3339_opts(SecondsFormat::Millis, false),
            Self::Many(names) => names.join(" "),
            Self::Position { position, altitude_m, accuracy_m } => {
                let (latitude, longitude) = (position.latitude(), position.longitude());
                match (altitude_m, accuracy_m) {
                    (None, None) => format!("{latitude} {longitude}"),
                    // XForms has no way to leave the height out before the accuracy; 0 is what ODK writes.
                    _ => format!("{latitude} {longitude} {} {}", altitude_m.unwrap_or(0.0), accuracy_m.unwrap_or(0.0)),
                }
            }
            Self::Acknowledged => ACKNOWLEDGED.to_owned(),
            Self::Attached(attached) => attached.text().to_owned(),
        }
    }

    /// The answer as a number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(_) | Self::Decimal(_) => match self.value() {
                Value::Number(number) => Some(number),
                _ => None,
            },
            Self::One(text) | Self::Text(text) => decimal_of(text),
            _ => None,
        }
    }

    /// The answer as expressions see it.
    #[expect(clippy::cast_precision_loss, reason = "whole numbers are limited to what a float holds exactly")]
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Integer(integer) => Value::Number(*integer as f64),
            Self::Decimal(number) => Value::Number(*number),
            Self::Date(date) => Value::Date(*date),
            Self::Time(time) => Value::Time(*time),
            Self::DateTime(moment) => Value::DateTime(*moment),
            Self::Text(_)
            | Self::One(_)
            | Self::Many(_)
            | Self::Position { .. }
            | Self::Acknowledged
            | Self::Attached(_) => Value::Text(self.canonical()),
        }
    }

    /// A calculated value as an answer; nothing for the empty text.
    pub(crate) fn of_value(value: &Value) -> Option<Self> {
        match value {
            value if value.is_empty() => None,
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the limit, just checked")]
            #[expect(clippy::cast_precision_loss, reason = "the limit is a float exactly")]
            Value::Number(number) if number.fract() == 0.0 && number.abs() <= limits::INTEGER as f64 => {
                Some(Self::Integer(*number as i64))
            }
            Value::Number(number) => Some(Self::Decimal(*number)),
            Value::Date(date) => Some(Self::Date(*date)),
            Value::DateTime(moment) => Some(Self::DateTime(*moment)),
            Value::Time(time) => Some(Self::Time(*time)),
            Value::Text(_) | Value::Boolean(_) | Value::Nodes(_) => Some(Self::Text(value.text())),
        }
    }
}

/// Whether an answer is of the kind of its question, its choices in the list, its length and size within the limits.
pub(crate) fn check(kind: QuestionKind, list: Option<&List>, answer: &Answer) -> Result<(), AnswerProblem> {
    let known = |name: &String| match list {
        Some(list) if list.choice_named(name).is_some() => Ok(()),
        _ => Err(AnswerProblem::NotAChoice { name: name.clone() }),
    };
    match (kind, answer) {
        (QuestionKind::Text, Answer::Text(text)) => {
            if text.chars().count() > limits::TEXT_CHARACTERS {
                return Err(AnswerProblem::TooLong { limit_characters: limits::TEXT_CHARACTERS });
            }
            Ok(())
        }
        (QuestionKind::Integer | QuestionKind::Decimal, Answer::Integer(integer)) => {
            if integer.unsigned_abs() > limits::INTEGER.unsigned_abs() {
                return Err(AnswerProblem::TooLarge);
            }
            Ok(())
        }
        (QuestionKind::Decimal, Answer::Decimal(number)) if number.is_finite() => Ok(()),
        (QuestionKind::SelectOne, Answer::One(name)) => known(name),
        (QuestionKind::SelectMultiple, Answer::Many(names)) => {
            let mut seen = std::collections::BTreeSet::new();
            names.iter().try_for_each(|name| {
                known(name)?;
                if seen.insert(name) { Ok(()) } else { Err(AnswerProblem::ChosenTwice { name: name.clone() }) }
            })
        }
        (QuestionKind::Date, Answer::Date(_))
        | (QuestionKind::Time, Answer::Time(_))
        | (QuestionKind::DateTime, Answer::DateTime(_))
        | (QuestionKind::Geopoint, Answer::Position { .. })
        | (QuestionKind::Acknowledge, Answer::Acknowledged)
        | (QuestionKind::Audio | QuestionKind::Image | QuestionKind::File, Answer::Attached(_)) => Ok(()),
        _ => Err(AnswerProblem::WrongType { expected: kind }),
    }
}

/// Makes an answer of a raw value; an empty one clears the answer.
pub(crate) fn parse(
    kind: QuestionKind,
    list: Option<&List>,
    raw: RawValue<'_>,
) -> Result<Option<Answer>, AnswerProblem> {
    let wrong = || AnswerProblem::WrongType { expected: kind };
    let answer = match raw {
        RawValue::None | RawValue::Text("") | RawValue::Choices([]) => return Ok(None),
        RawValue::Number(number) => of_number(kind, number).ok_or_else(wrong)?,
        RawValue::Text(text) => of_text(kind, list, text).ok_or_else(wrong)?,
        RawValue::Choices(names) => match kind {
            QuestionKind::SelectMultiple => Answer::Many(in_list_order(list, names.iter().map(String::as_str))),
            _ => return Err(wrong()),
        },
        RawValue::Attached(attached) => Answer::Attached(attached.clone()),
    };
    check(kind, list, &answer)?;
    Ok(Some(answer))
}

fn of_number(kind: QuestionKind, number: f64) -> Option<Answer> {
    match kind {
        // Levels and the like have numbers for names.
        QuestionKind::SelectOne => Some(Answer::One(number_to_text(number))),
        QuestionKind::Decimal => Some(Answer::Decimal(number)),
        QuestionKind::Integer if number.fract() == 0.0 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "whole; the conversion saturates, the limit follows")]
            Some(Answer::Integer(number as i64))
        }
        _ => None,
    }
}

fn of_text(kind: QuestionKind, list: Option<&List>, text: &str) -> Option<Answer> {
    let trimmed = text.trim();
    Some(match kind {
        QuestionKind::Text => Answer::Text(text.to_owned()),
        QuestionKind::Integer => Answer::Integer(trimmed.parse().ok()?),
        QuestionKind::Decimal => Answer::Decimal(decimal_of(trimmed)?),
        QuestionKind::SelectOne => Answer::One(trimmed.to_owned()),
        QuestionKind::SelectMultiple => Answer::Many(in_list_order(list, trimmed.split_whitespace())),
        QuestionKind::Date => Answer::Date(trimmed.parse().ok()?),
        QuestionKind::Time => Answer::Time(time_of(trimmed)?),
        QuestionKind::DateTime => Answer::DateTime(DateTime::parse_from_rfc3339(trimmed).ok()?),
        QuestionKind::Geopoint => position(trimmed)?,
        QuestionKind::Acknowledge if trimmed == ACKNOWLEDGED => Answer::Acknowledged,
        QuestionKind::Acknowledge
        | QuestionKind::Calculate
        | QuestionKind::Audio
        | QuestionKind::Image
        | QuestionKind::File => return None,
    })
}

fn position(text: &str) -> Option<Answer> {
    let numbers = text.split_whitespace().map(decimal_of).collect::<Option<Vec<_>>>()?;
    let (latitude, longitude, rest) = match numbers.as_slice() {
        [latitude, longitude, rest @ ..] if rest.len() <= 2 => (*latitude, *longitude, rest),
        _ => return None,
    };
    let position = Position::new(latitude, longitude).ok()?;
    Some(Answer::Position { position, altitude_m: rest.first().copied(), accuracy_m: rest.get(1).copied() })
}

/// Names in the order of their list, so that the same choice is the same answer; strangers last, to be refused by name.
fn in_list_order<'a>(list: Option<&List>, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names = names.map(str::to_owned).collect::<Vec<_>>();
    let place = |name: &String| list.and_then(|list| list.choice_named(name)).unwrap_or(usize::MAX);
    names.sort_by_key(place);
    names
}
