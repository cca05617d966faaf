//! How often a secret may be guessed: five times a minute for each name, thirty for each address, then ever more rarely.
//!
//! Names come first: behind one hub's Wi-Fi everybody has the same address. Who used all tries waits a minute, the next time
//! two, and so on up to a quarter of an hour: a guesser gets nowhere, and whose name is guessed at is not locked out for
//! good. A right answer clears the count. What is remembered is bounded; when it is full of fresh names, new ones are
//! refused until some are a minute old.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::listen::neighbourhood;

/// Tries of a name within the window.
pub(crate) const TRIES: u32 = 5;
/// Tries of an address within the window.
pub(crate) const TRIES_OF_AN_ADDRESS: u32 = 30;
/// The window.
pub(crate) const WINDOW_MS: u64 = 60_000;
/// How often the wait doubles.
const MOST_DOUBLINGS: u32 = 4;
/// After this time without a try nothing is held against a name.
const FORGET_MS: u64 = 60 * 60 * 1000;
/// Names remembered at once.
const MAX_NAMES: usize = 10_000;

/// Recent tries by name.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    by_name: BTreeMap<String, Recent>,
}

/// Recent tries of a name.
#[derive(Debug, Default)]
struct Recent {
    since_ms: u64,
    last_ms: u64,
    tries: u32,
    blocked_until_ms: u64,
    doublings: u32,
}

impl Recent {
    const fn is_recent(&self, now_ms: u64) -> bool {
        now_ms < self.blocked_until_ms || now_ms.saturating_sub(self.since_ms) < WINDOW_MS
    }

    fn allow(&mut self, most: u32, now_ms: u64) -> bool {
        if now_ms < self.blocked_until_ms {
            return false;
        }
        if self.tries == 0 || self.tries >= most || now_ms.saturating_sub(self.since_ms) >= WINDOW_MS {
            (self.since_ms, self.tries) = (now_ms, 0);
        }
        if now_ms.saturating_sub(self.last_ms) >= FORGET_MS {
            self.doublings = 0;
        }
        self.last_ms = now_ms;
        self.tries += 1;
        if self.tries >= most {
            self.blocked_until_ms = self.since_ms + (WINDOW_MS << self.doublings);
            self.doublings = (self.doublings + 1).min(MOST_DOUBLINGS);
        }
        true
    }
}

impl Tries {
    /// Counts a try of a name; false when there were too many.
    pub(crate) fn allow(&mut self, name: &str, now_ms: u64) -> bool {
        self.count(name, TRIES, now_ms)
    }

    /// Counts a try from an address; false when there were too many.
    pub(crate) fn allow_from(&mut self, address: IpAddr, now_ms: u64) -> bool {
        self.count(&format!("from {}", neighbourhood(address)), TRIES_OF_AN_ADDRESS, now_ms)
    }

    /// Takes a try from an address back that gave the right answer: a room's people sign in from one.
    pub(crate) fn forgive(&mut self, address: IpAddr) {
        if let Some(recent) = self.by_name.get_mut(&format!("from {}", neighbourhood(address))) {
            recent.tries = recent.tries.saturating_sub(1);
        }
    }

    fn count(&mut self, name: &str, most: u32, now_ms: u64) -> bool {
        if !self.by_name.contains_key(name) && self.by_name.len() >= MAX_NAMES {
            self.by_name.retain(|_, recent| recent.is_recent(now_ms));
            if self.by_name.len() >= MAX_NAMES {
                return false;
            }
        }
        self.by_name.entry(name.to_owned()).or_default().allow(most, now_ms)
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
    fn who_keeps_guessing_waits_ever_longer_and_is_forgiven_after_an_hour() {
        let mut tries = Tries::default();
        let (mut now_ms, mut waits) = (0, Vec::new());
        for _ in 0..7 {
            while tries.allow("aynur", now_ms) {}
            let began_ms = now_ms;
            while !tries.allow("aynur", now_ms) {
                now_ms += 1000;
            }
            waits.push((now_ms - began_ms) / WINDOW_MS);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 16, 16]);
        now_ms += FORGET_MS;
        while tries.allow("aynur", now_ms) {}
        assert!(tries.allow("aynur", now_ms + WINDOW_MS));
    }

    #[test]
    fn an_address_has_more_tries_than_a_name_and_they_are_counted_apart() {
        let mut tries = Tries::default();
        let address = "10.0.0.1".parse().unwrap();
        for _ in 0..TRIES_OF_AN_ADDRESS {
            assert!(tries.allow_from(address, 0));
        }
        assert!(!tries.allow_from(address, 1));
        tries.forgive("10.0.0.3".parse().unwrap());
        assert!(tries.allow_from("10.0.0.2".parse().unwrap(), 1));
        assert!(tries.allow("aynur", 1));
    }

    #[test]
    fn a_room_whose_people_all_sign_in_rightly_is_never_refused() {
        let mut tries = Tries::default();
        let address = "10.0.0.1".parse().unwrap();
        for _ in 0..10 * TRIES_OF_AN_ADDRESS {
            assert!(tries.allow_from(address, 0));
            tries.forgive(address);
        }
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
