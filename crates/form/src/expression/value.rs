//! What an expression gives, and how one kind becomes another.
//!
//! Conversions are `JavaRosa`'s (`XPathFuncExpr`): texts become numbers by the plain decimal notation only, a decimal
//! comma is taken for a point. Two departures, both towards the written ODK specification: a text that is an ISO date
//! converts as that date, so that `. > '2026-01-01'` means what it says, and a date with time keeps its time of day as
//! a fraction. All times are the local ones of the [`crate::Surroundings`].

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Timelike};

/// What counts as zero and as equal, as in `JavaRosa`.
const TOLERANCE: f64 = 1e-12;
const SECONDS_PER_DAY: f64 = 86_400.0;
const NANOSECONDS_PER_SECOND: f64 = 1e9;

/// A value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Boolean(bool),
    Date(NaiveDate),
    DateTime(DateTime<FixedOffset>),
    Time(NaiveTime),
    Nodes(Vec<NodeValue>),
}

/// One node of a node-set: a question in one instance, or one choice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NodeValue {
    /// Document order and identity.
    pub(crate) place: (usize, usize),
    pub(crate) value: Value,
}

impl Value {
    pub(crate) const EMPTY: Self = Self::Text(String::new());

    /// Empty text, not a number, or nodes that are all so.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Number(number) => number.is_nan(),
            Self::Nodes(nodes) => nodes.iter().all(|node| node.value.is_empty()),
            Self::Boolean(_) | Self::Date(_) | Self::DateTime(_) | Self::Time(_) => false,
        }
    }

    /// The value of the first node; itself otherwise.
    pub(crate) fn single(self) -> Self {
        match self {
            Self::Nodes(nodes) => nodes.into_iter().next().map_or(Self::EMPTY, |node| node.value),
            other => other,
        }
    }

    pub(crate) fn boolean(&self) -> bool {
        match self {
            Self::Boolean(boolean) => *boolean,
            Self::Number(number) => !number.is_nan() && number.abs() > TOLERANCE,
            Self::Text(text) => !text.is_empty(),
            Self::Date(_) | Self::DateTime(_) | Self::Time(_) => true,
            Self::Nodes(nodes) => nodes.iter().any(|node| node.value.boolean()),
        }
    }

    pub(crate) fn number(&self) -> f64 {
        match self {
            Self::Boolean(boolean) => f64::from(u8::from(*boolean)),
            Self::Number(number) => *number,
            Self::Text(text) => text_to_number(text),
            Self::Date(date) => days(*date),
            Self::DateTime(moment) => days(moment.naive_local().date()) + share_of_day(moment.naive_local().time()),
            Self::Time(time) => share_of_day(*time),
            Self::Nodes(nodes) => nodes.first().map_or(f64::NAN, |node| node.value.number()),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Boolean(boolean) => boolean.to_string(),
            Self::Number(number) => number_to_text(*number),
            Self::Text(text) => text.clone(),
            Self::Date(date) => date.to_string(),
            Self::DateTime(moment) => moment.to_rfc3339_opts(SecondsFormat::Millis, false),
            Self::Time(time) => time.format("%H:%M:%S%.3f").to_string(),
            Self::Nodes(nodes) => nodes.first().map_or_else(String::new, |node| node.value.text()),
        }
    }

    /// All its values: one, or those of its nodes; an empty node-set has none.
    pub(crate) fn all(&self) -> Vec<&Self> {
        match self {
            Self::Nodes(nodes) => nodes.iter().map(|node| &node.value).collect(),
            other => vec![other],
        }
    }

    /// Its values for a comparison, where no node reads as one empty text.
    fn compared(&self) -> Vec<&Self> {
        const EMPTY: &Value = &Value::EMPTY;
        match self {
            Self::Nodes(nodes) if nodes.is_empty() => vec![EMPTY],
            other => other.all(),
        }
    }

    /// Whether some pair of values is equal (`wanted`) or unequal.
    pub(crate) fn equals(&self, other: &Self, wanted: bool) -> bool {
        self.compared().into_iter().any(|left| other.compared().into_iter().any(|right| equal(left, right) == wanted))
    }

    /// Whether some pair of values is so ordered, as numbers.
    pub(crate) fn ordered(&self, other: &Self, holds: impl Fn(f64, f64) -> bool) -> bool {
        self.compared()
            .into_iter()
            .any(|left| other.compared().into_iter().any(|right| holds(left.number(), right.number())))
    }

    /// As a date with time; dates begin at midnight.
    pub(crate) fn moment(&self) -> Option<NaiveDateTime> {
        match self {
            Self::Date(date) => date.and_hms_opt(0, 0, 0),
            Self::DateTime(moment) => Some(moment.naive_local()),
            Self::Text(text) => moment_of(text),
            Self::Number(number) => {
                let date = date_of_days(*number)?;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 86 399")]
                let seconds = ((number - number.floor()) * SECONDS_PER_DAY) as u32;
                Some(date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?))
            }
            Self::Nodes(nodes) => nodes.first()?.value.moment(),
            Self::Boolean(_) | Self::Time(_) => None,
        }
    }

    /// As a time of day.
    pub(crate) fn time(&self) -> Option<NaiveTime> {
        match self {
            Self::Time(time) => Some(*time),
            Self::Text(text) => time_of(text).or_else(|| moment_of(text).map(|moment| moment.time())),
            Self::Nodes(nodes) => nodes.first()?.value.time(),
            other => other.moment().map(|moment| moment.time()),
        }
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    use Value::{Boolean, Date, DateTime, Number};
    match (left, right) {
        (Boolean(_), _) | (_, Boolean(_)) => left.boolean() == right.boolean(),
        (Number(_), _) | (_, Number(_)) | (Date(_) | DateTime(_), Date(_) | DateTime(_)) => {
            let (left, right) = (left.number(), right.number());
            // The difference of two infinities is not a number.
            (left - right).abs() < TOLERANCE || (left.is_infinite() && left.total_cmp(&right).is_eq())
        }
        _ => left.text() == right.text(),
    }
}

/// Days from 1970-01-01.
fn days(date: NaiveDate) -> f64 {
    // Whole days of chrono's dates fit an i32.
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).map_or(f64::NAN, f64::from)
}

fn share_of_day(time: NaiveTime) -> f64 {
    let seconds = f64::from(time.num_seconds_from_midnight()) + f64::from(time.nanosecond()) / NANOSECONDS_PER_SECOND;
    seconds / SECONDS_PER_DAY
}

/// The date that many days after 1970-01-01.
pub(crate) fn date_of_days(days: f64) -> Option<NaiveDate> {
    if !days.is_finite() || days.abs() > f64::from(i32::MAX) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within i32, just checked")]
    let days = days.floor() as i64;
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::try_days(days)?)
}

/// A date with time in ISO 8601, in its own local time; a bare date begins at midnight.
fn moment_of(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.naive_local());
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return date.and_hms_opt(0, 0, 0);
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .ok()
}

/// A time of day: `14:05`, `14:05:30`, `14:05:30.250`, with or without an offset (which says nothing here).
pub(crate) fn time_of(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let bare = text.find(['+', 'Z', '-']).and_then(|end| text.get(..end)).unwrap_or(text);
    NaiveTime::parse_from_str(bare, "%H:%M:%S%.f").or_else(|_| NaiveTime::parse_from_str(bare, "%H:%M")).ok()
}

/// The number that a text is in plain decimal notation.
pub(crate) fn decimal_of(text: &str) -> Option<f64> {
    let plain = text.trim().replace(',', ".");
    let allowed = |character: char| character.is_ascii_digit() || matches!(character, '-' | '.');
    if plain.chars().all(allowed) { plain.parse().ok() } else { None }
}

fn text_to_number(text: &str) -> f64 {
    decimal_of(text)
        .or_else(|| moment_of(text).map(|moment| days(moment.date()) + share_of_day(moment.time())))
        .unwrap_or(f64::NAN)
}

/// A number as `JavaRosa` writes it: whole numbers without a point, never an exponent.
pub(crate) fn number_to_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if number.abs() < TOLERANCE {
        "0".to_owned()
    } else if (number - number.round()).abs() < TOLERANCE {
        number.round().to_string()
    } else {
        number.to_string()
    }
}
