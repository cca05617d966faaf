//! Rounding, and dates as text.

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};

/// Beyond this many places, either way, ODK's rounding gives not-a-number.
const PLACES: f64 = 30.0;
/// Halves are rounded up.
const HALF: f64 = 0.5;

/// `number` rounded to `places` decimals (below 0: to tens, hundreds...); a half goes up, as `XPath` has it.
pub(super) fn round(number: f64, places: f64) -> f64 {
    let places = places.trunc();
    if !number.is_finite() {
        return number;
    }
    if !(-PLACES..=PLACES).contains(&places) {
        return f64::NAN;
    }
    // Shifting the decimal text and not the number keeps 1.005 from being 1.00499999.
    let shifted = format!("{number}e{places}").parse::<f64>().unwrap_or(f64::NAN);
    let below = shifted.floor();
    let rounded = if shifted - below >= HALF { below + 1.0 } else { below };
    format!("{rounded}e{}", -places).parse().unwrap_or(f64::NAN)
}

/// A local date with time in ISO 8601, without an offset.
pub(super) fn moment(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

/// `format-date`: the codes that ODK documents; what it does not know stands as written.
pub(super) fn date(moment: NaiveDateTime, pattern: &str) -> String {
    let mut text = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let Some(code) = characters.next() else {
            text.push('%');
            break;
        };
        match part(moment, code) {
            Some(part) => text.push_str(&part),
            None => text.extend(['%', code]),
        }
    }
    text
}

fn part(moment: NaiveDateTime, code: char) -> Option<String> {
    Some(match code {
        'Y' => format!("{:04}", moment.year()),
        'y' => format!("{:02}", moment.year().rem_euclid(100)),
        'm' => format!("{:02}", moment.month()),
        'n' => moment.month().to_string(),
        'b' => month(moment.month()).to_owned(),
        'd' => format!("{:02}", moment.day()),
        'e' => moment.day().to_string(),
        'H' => format!("{:02}", moment.hour()),
        'h' => moment.hour().to_string(),
        'M' => format!("{:02}", moment.minute()),
        'S' => format!("{:02}", moment.second()),
        '3' => format!("{:03}", moment.and_utc().timestamp_subsec_millis()),
        'a' => day(moment.weekday()).to_owned(),
        '%' => "%".to_owned(),
        _ => return None,
    })
}

const fn month(month: u32) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

const fn day(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Mon",
        Weekday::Tue => "Tue",
        Weekday::Wed => "Wed",
        Weekday::Thu => "Thu",
        Weekday::Fri => "Fri",
        Weekday::Sat => "Sat",
        Weekday::Sun => "Sun",
    }
}
