//! How often a secret may be guessed: five times a minute for each name.
//!
//! Counted per name, not per address: behind one hub's Wi-Fi everybody has the same. A right answer clears the count.
//! What is remembered is bounded; when it is full of fresh names, new ones are refused until some are a minute old.

use std::collections::BTreeMap;

/// Tries within the window.
pub(crate) const TRIES: usize = 5;
/// The window.
pub(crate) const WINDOW_MS: u64 = 60_000;
/// Names remembered at once.
const MAX_NAMES: usize = 10_000;

/// Recent tries by name.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    by_name: BTreeMap<String, Vec<u64>>,
}

impl Tries {
    /// Counts a try; false when there were too many.
    pub(crate) fn allow(&mut self, name: &str, now_ms: u64) -> bool {
        let recent = |at_ms: &u64| now_ms.saturating_sub(*at_ms) < WINDOW_MS;
        if !self.by_name.contains_key(name) && self.by_name.len() >= MAX_NAMES {
            self.by_name.retain(|_, tries| tries.iter().any(recent));
            if self.by_name.len() >= MAX_NAMES {
                return false;
            }
        }
        let tries = self.by_name.entry(name.to_owned()).or_default();
        tries.retain(recent);
        if tries.len() >= TRIES {
            return false;
        }
        tries.push(now_ms);
        true
    }

    /// Forgets the tries of a name that gave the right answer.
    pub(crate) fn clear(&mut self, name: &str) {
        self.by_name.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_within_a_minute_is_refused_and_a_later_one_allowed() {
        let mut tries = Tries::default();
        for at_ms in 0..5 {
            assert!(tries.allow("aynur", at_ms));
        }
        assert!(!tries.allow("aynur", 5));
        assert!(tries.allow("rashad", 5), "another name");
        assert!(tries.allow("aynur", WINDOW_MS), "the first try is a minute old");
    }

    #[test]
    fn a_right_answer_clears_the_count() {
        let mut tries = Tries::default();
        for at_ms in 0..5 {
            tries.allow("aynur", at_ms);
        }
        tries.clear("aynur");
        assert!(tries.allow("aynur", 6));
    }

    #[test]
    fn a_flood_of_names_is_bounded() {
        let mut tries = Tries::default();
        for name in 0..MAX_NAMES {
            assert!(tries.allow(&name.to_string(), 0));
        }
        assert!(!tries.allow("one more", 1));
        assert!(tries.allow("one more", WINDOW_MS + 1));
    }
}
