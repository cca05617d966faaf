//! Values that come again and again, by their place in the order of their first use.

use std::collections::HashMap;
use std::hash::Hash;

use crate::codec::BadBytes;

pub(crate) struct Table<T> {
    values: Vec<T>,
    places: HashMap<T, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> Table<T> {
    /// The place of a value, and whether it is new.
    pub(crate) fn place(&mut self, value: T) -> (usize, bool) {
        let next = self.values.len();
        let place = *self.places.entry(value).or_insert(next);
        if place == next {
            self.values.push(value);
        }
        (place, place == next)
    }

    /// Takes a value in whether or not it is there: what is read may be anything, and is held against its canonical form.
    pub(crate) fn push(&mut self, value: T) {
        self.values.push(value);
    }

    pub(crate) fn at(&self, place: u64) -> Result<T, BadBytes> {
        let place = usize::try_from(place).ok();
        place.and_then(|place| self.values.get(place)).copied().ok_or(BadBytes::NotA("place in a table"))
    }

    /// Whether a value was placed.
    pub(crate) fn has(&self, value: &T) -> bool {
        self.places.contains_key(value)
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Whether a place is the next to be given.
    pub(crate) fn is_next(&self, place: u64) -> bool {
        usize::try_from(place) == Ok(self.values.len())
    }
}
