//! Two texts written apart, put together for a person to look at.
//!
//! A conflict shows both texts whole. For a long one that is no help: both grew from the same words, and mostly in different
//! places. [`merge`] compares word by word with the text that both started from, takes every change that only one of them
//! made, keeps what both added at the same place one after the other, and marks where both changed the same words. Nothing
//! is decided by it: the merged text counts once somebody has read and kept it, as an entry that has seen both.
//!
//! Source: Khanna, Kunal, Pierce, *A Formal Investigation of Diff3*, 2007 (stable and unstable chunks); two additions at one
//! place are united here, which diff3 calls a conflict: two note-takers append to the same note.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::{Chained, Dot, Op, Path, Value};

/// Texts with more words than this are not merged: comparing takes time in the square of what differs.
pub const MAX_MERGED_WORDS: usize = 5_000;

/// A piece of a merged text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Both(String),
    /// Only the first writer's.
    First(String),
    /// Only the second writer's.
    Second(String),
    /// Both changed the same words, in two ways.
    Apart {
        /// The first writer's words.
        first: String,
        /// The second writer's words.
        second: String,
    },
}

/// The text of some pieces: where both changed the same words, both versions, the first writer's first.
pub fn merged_text(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Both(words) | Piece::First(words) | Piece::Second(words) => text.push_str(words),
            Piece::Apart { first, second } => {
                text.push_str(first);
                if !first.is_empty() && !first.ends_with(char::is_whitespace) {
                    text.push(' ');
                }
                text.push_str(second);
            }
        }
    }
    text
}

/// Merges two texts that grew from one; none when they are too long for it. Where only one of them differs from the ancestor
/// the result is that one, to the letter.
pub fn merge(ancestor: &str, first: &str, second: &str) -> Option<Vec<Piece>> {
    let (ancestor, first, second) = (words(ancestor), words(first), words(second));
    if [&ancestor, &first, &second].iter().any(|words| words.len() > MAX_MERGED_WORDS) {
        return None;
    }
    let (in_first, in_second) = (places(&ancestor, &first), places(&ancestor, &second));
    let mut pieces = Pieces::default();
    let (mut at, mut at_first, mut at_second) = (0, 0, 0);
    loop {
        // The next word of the ancestor that stands in both, and what lies before it in each.
        let stable =
            (at..ancestor.len()).find_map(|place| Some((place, (*in_first.get(place)?)?, (*in_second.get(place)?)?)));
        let (next, next_first, next_second) = stable.unwrap_or((ancestor.len(), first.len(), second.len()));
        pieces.changed(&Chunk {
            ancestor: slice(&ancestor, at..next),
            first: slice(&first, at_first..next_first),
            second: slice(&second, at_second..next_second),
        });
        let Some((word, by_first, by_second)) = ancestor
            .get(next)
            .zip(first.get(next_first))
            .zip(second.get(next_second))
            .map(|((word, by_first), by_second)| (word, by_first, by_second))
        else {
            return Some(pieces.0);
        };
        // Of a word that both kept, whoever changed the space after it has their way.
        pieces.both(if by_first.whole == word.whole { by_second } else { by_first });
        (at, at_first, at_second) = (next + 1, next_first + 1, next_second + 1);
    }
}

/// The text at a path that two entries both grew from: the last that both had seen. None when there was none.
pub fn common_ancestor<'a>(history: &'a [Chained], path: &Path, one: Dot, other: Dot) -> Option<&'a Value> {
    let find = |dot: Dot| history.iter().find(|chained| chained.dot() == dot);
    let (one, other) = (find(one)?, find(other)?);
    let seen_by = |by: &Chained, dot: Dot| {
        by.entry.header.context.of(dot.device).is_some_and(|seen| seen.seq >= dot.seq)
            || (by.device == dot.device && by.entry.header.seq > dot.seq)
    };
    let touches = |chained: &&Chained| {
        chained.entry.ops().any(|op| matches!(op, Op::Set { .. } | Op::Clear { .. }) && op.path() == Some(path))
    };
    let last = history
        .iter()
        .filter(|chained| seen_by(one, chained.dot()) && seen_by(other, chained.dot()))
        .filter(touches)
        .max_by_key(|chained| (chained.entry.header.lamport, chained.dot()))?;
    let mut value = None;
    for op in last.entry.ops().filter(|op| op.path() == Some(path)) {
        match op {
            Op::Set { value: set, .. } => value = Some(set),
            Op::Clear { .. } => value = None,
            _ => {}
        }
    }
    value
}

/// A word, and the white space after it.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    bare: &'a str,
    whole: &'a str,
}

impl PartialEq for Word<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bare == other.bare
    }
}

impl Eq for Word<'_> {}

impl PartialOrd for Word<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Word<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bare.cmp(other.bare)
    }
}

impl std::hash::Hash for Word<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bare.hash(state);
    }
}

/// The words of a text; all of it, in order.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let bare_bytes = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (bare, after) = rest.split_at(bare_bytes);
        let space_bytes = after.find(|c: char| !c.is_whitespace()).unwrap_or(after.len());
        let (whole, after) = rest.split_at(bare_bytes + space_bytes);
        words.push(Word { bare, whole });
        rest = after;
    }
    words
}

/// For each word of the ancestor where it stands in a text that grew from it.
fn places(ancestor: &[Word<'_>], text: &[Word<'_>]) -> Vec<Option<usize>> {
    let mut places = vec![None; ancestor.len()];
    for op in capture_diff_slices(Algorithm::Myers, ancestor, text) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for (place, new) in places.iter_mut().skip(old_index).take(len).zip(new_index..) {
                *place = Some(new);
            }
        }
    }
    places
}

fn slice<'a, 'b>(words: &'b [Word<'a>], range: Range<usize>) -> &'b [Word<'a>] {
    words.get(range).unwrap_or_default()
}

/// What lies between two words that both kept.
struct Chunk<'a, 'b> {
    ancestor: &'b [Word<'a>],
    first: &'b [Word<'a>],
    second: &'b [Word<'a>],
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn changed(&mut self, chunk: &Chunk<'_, '_>) {
        let Chunk { ancestor, first, second } = chunk;
        if first == second {
            first.iter().for_each(|word| self.both(word));
        } else if first == ancestor {
            self.push(Piece::Second(text(second)));
        } else if second == ancestor {
            self.push(Piece::First(text(first)));
        } else if ancestor.is_empty() {
            self.push(Piece::First(text(first)));
            self.push(Piece::Second(text(second)));
        } else {
            self.push(Piece::Apart { first: text(first), second: text(second) });
        }
    }

    fn both(&mut self, word: &Word<'_>) {
        if let Some(Piece::Both(words)) = self.0.last_mut() {
            words.push_str(word.whole);
        } else {
            self.push(Piece::Both(word.whole.to_owned()));
        }
    }

    /// Adds a piece. The last word of a text has no space after it: where something follows now, it gets one.
    fn push(&mut self, piece: Piece) {
        let begins = match &piece {
            Piece::Both(words) | Piece::First(words) | Piece::Second(words) => words,
            Piece::Apart { first, second } => {
                if first.is_empty() {
                    second
                } else {
                    first
                }
            }
        };
        if begins.is_empty() {
            return;
        }
        if let Some(Piece::Both(before) | Piece::First(before) | Piece::Second(before)) = self.0.last_mut()
            && !before.ends_with(char::is_whitespace)
            && !begins.starts_with(char::is_whitespace)
        {
            before.push(' ');
        }
        self.0.push(piece);
    }
}

fn text(words: &[Word<'_>]) -> String {
    words.iter().map(|word| word.whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOTE: &str = "The well is dry since May. The road floods in spring.";

    fn merged(first: &str, second: &str) -> String {
        merged_text(&merge(NOTE, first, second).unwrap())
    }

    #[test]
    fn changes_in_different_places_are_all_taken() {
        let first = "The old well is dry since May. The road floods in spring.";
        let second = "The well is dry since May. The road to school floods in spring.";
        let both = "The old well is dry since May. The road to school floods in spring.";
        assert_eq!((merged(first, second), merged(second, first)), (both.to_owned(), both.to_owned()));
    }

    #[test]
    fn what_both_append_stands_one_after_the_other_the_shown_one_first() {
        let (first, second) = (format!("{NOTE} The bus is late."), format!("{NOTE} Nobody came."));
        assert_eq!(merged(&first, &second), format!("{NOTE} The bus is late. Nobody came."));
        assert_eq!(merge("", "One.", "Two."), Some(vec![Piece::First("One. ".into()), Piece::Second("Two.".into())]));
    }

    #[test]
    fn words_that_both_changed_are_marked_and_both_kept() {
        let first = NOTE.replace("May", "June");
        let second = NOTE.replace("May", "April");
        let pieces = merge(NOTE, &first, &second).unwrap();
        assert!(pieces.contains(&Piece::Apart { first: "June. ".into(), second: "April. ".into() }), "{pieces:?}");
        assert_eq!(merged(&first, &second), "The well is dry since June. April. The road floods in spring.");
    }

    #[test]
    fn what_one_removes_is_gone_and_what_one_changes_meanwhile_stays_to_be_looked_at() {
        assert_eq!(merged("The road floods in spring.", NOTE), "The road floods in spring.");
        let pieces = merge(NOTE, "The road floods in spring.", &NOTE.replace("dry", "muddy")).unwrap();
        assert!(merged_text(&pieces).contains("muddy"), "{pieces:?}");
    }

    #[test]
    fn texts_that_are_too_long_are_left_to_the_eye() {
        let long = "word ".repeat(MAX_MERGED_WORDS + 1);
        assert_eq!(merge("", &long, "short"), None);
        assert!(merge("", &long[..long.len() - 5], "short").is_some());
    }

    fn note() -> impl Strategy<Value = String> {
        proptest::collection::vec(("[abc]{1,2}", prop_oneof![Just(" "), Just("\n"), Just("  ")]), 0..30)
            .prop_map(|words| words.into_iter().flat_map(|(word, space)| [word, space.to_owned()]).collect())
    }

    /// Words that a text has more often than its ancestor.
    fn added(ancestor: &str, text: &str) -> Vec<String> {
        let mut before: Vec<&str> = ancestor.split_whitespace().collect();
        let mut added = Vec::new();
        for word in text.split_whitespace() {
            match before.iter().position(|other| *other == word) {
                Some(place) => {
                    before.remove(place);
                }
                None => added.push(word.to_owned()),
            }
        }
        added
    }

    proptest! {
        #[test]
        fn one_changed_text_comes_out_to_the_letter(ancestor in note(), text in note()) {
            for (first, second) in [(&ancestor, &text), (&text, &ancestor), (&text, &text)] {
                prop_assert_eq!(&merged_text(&merge(&ancestor, first, second).unwrap()), &text);
            }
        }

        #[test]
        fn every_word_that_either_added_is_there(ancestor in note(), first in note(), second in note()) {
            let whole = merged_text(&merge(&ancestor, &first, &second).unwrap());
            for text in [&first, &second] {
                let mut there: Vec<&str> = whole.split_whitespace().collect();
                for word in added(&ancestor, text) {
                    let place = there.iter().position(|other| *other == word);
                    prop_assert!(place.is_some(), "{} is not in {}", word, whole);
                    there.remove(place.unwrap());
                }
            }
        }

        #[test]
        fn no_text_makes_merging_panic(ancestor in any::<String>(), first in any::<String>(), second in any::<String>()) {
            prop_assert_eq!(merge(&ancestor, &first, &second), merge(&ancestor, &first, &second));
        }
    }
}
