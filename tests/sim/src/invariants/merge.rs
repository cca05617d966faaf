//! Two texts written apart, put together as a screen does it.

use std::collections::BTreeMap;

use kend_log::{Live, Path, Value, common_ancestor, merge, merged_text};

use super::fold::Folded;
use super::{Invariant, Violation, check};

impl Folded<'_> {
    /// 10: of every conflict between two texts the merged view, which has each word that either of them added.
    pub(super) fn merged(&self) -> Result<BTreeMap<Path, String>, Violation> {
        let mut merged = BTreeMap::new();
        for path in self.state.conflicts() {
            let distinct = self.state.distinct(path);
            let [one, other] = distinct.as_slice() else { continue };
            let (Some(first), Some(second)) = (text(one), text(other)) else { continue };
            let ancestor = common_ancestor(self.history, path, one.dot, other.dot).and_then(Value::as_text);
            let ancestor = ancestor.unwrap_or_default();
            let Some(pieces) = merge(ancestor, first, second) else { continue };
            let whole = merged_text(&pieces);
            for side in [first, second] {
                let lost =
                    more_often_than(side, ancestor).into_iter().find(|(word, times)| count(&whole, word) < *times);
                check(lost.is_none(), Invariant::MergeView, || {
                    format!("{}: {lost:?} of {side:?} is not in {whole:?} at {path}", self.at)
                })?;
            }
            merged.insert(path.clone(), whole);
        }
        Ok(merged)
    }
}

fn text(live: &Live) -> Option<&str> {
    live.value.as_ref().and_then(Value::as_text)
}

fn count(text: &str, word: &str) -> usize {
    text.split_whitespace().filter(|other| *other == word).count()
}

/// The words that a text has more often than its ancestor, and how much more often.
fn more_often_than<'a>(text: &'a str, ancestor: &str) -> BTreeMap<&'a str, usize> {
    let words = text.split_whitespace().map(|word| (word, count(text, word).saturating_sub(count(ancestor, word))));
    words.filter(|(_, times)| *times > 0).collect()
}
