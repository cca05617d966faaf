//! Functions on texts; places and lengths count characters.

/// `substr(text, start, end)`: from `start` (0 is the first) up to but without `end`; below 0 counts from the end.
pub(super) fn between(text: &str, start: f64, end: Option<f64>) -> String {
    let length = text.chars().count();
    let place = |at: f64| {
        // Not a number is 0, as in Java's conversion.
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "the conversion saturates")]
        let at = at as i64;
        let at = if at < 0 { length.saturating_add(at) } else { at };
        usize::try_from(at.clamp(0, length)).unwrap_or(0)
    };
    let (start, end) = (place(start), end.map_or(length, place));
    text.chars().skip(start).take(end.saturating_sub(start)).collect()
}

/// `substring(text, start, length)` of `XPath` 1.0, 4.2: the first character is 1, both numbers are rounded.
pub(super) fn part(text: &str, start: f64, length: Option<f64>) -> String {
    let start = super::format::round(start, 0.0);
    let end = length.map_or(f64::INFINITY, |length| start + super::format::round(length, 0.0));
    let mut place = 0.0;
    text.chars()
        .filter(|_| {
            place += 1.0;
            place >= start && place < end
        })
        .collect()
}

/// `translate(text, from, to)`: each character of `from` becomes that of `to` at its place, or goes.
pub(super) fn translate(text: &str, from: &str, to: &str) -> String {
    text.chars()
        .filter_map(|character| match from.chars().position(|candidate| candidate == character) {
            Some(place) => to.chars().nth(place),
            None => Some(character),
        })
        .collect()
}
