//! What waits to be written. Whoever's turn it is writes all of it as one: the disk or the database is waited for once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::door::Work;

type Place = Arc<Mutex<Option<Work>>>;

/// Work that waits for its turn, in the order in which it came.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<VecDeque<Place>>);

/// Somebody waits for a piece of work. When they leave before their turn, it goes with all that it holds.
pub(crate) struct Wish {
    place: Place,
    settled: bool,
}

impl Wish {
    /// Their turn has come: it is done, whether they stay or not.
    pub(crate) const fn settle(&mut self) {
        self.settled = true;
    }

    /// It could not be done.
    pub(crate) const fn withdraw(&mut self) {
        self.settled = false;
    }
}

impl Waiting {
    /// Adds a piece of work.
    pub(crate) fn push(&self, work: Work) -> Wish {
        let place = Arc::new(Mutex::new(Some(work)));
        lock(&self.0).push_back(Arc::clone(&place));
        Wish { place, settled: false }
    }

    /// Takes the next one that is still wished for.
    pub(crate) fn next(&self) -> Option<Work> {
        loop {
            let place = lock(&self.0).pop_front()?;
            let work = lock(&place).take();
            if work.is_some() {
                return work;
            }
        }
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        lock(&self.0).len()
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        if !self.settled {
            drop(lock(&self.place).take());
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(dropped: &Arc<()>) -> Work {
        let held = Arc::clone(dropped);
        Box::new(move |_| Box::new(move || drop(held)))
    }

    #[test]
    fn what_nobody_waits_for_any_more_goes_at_once_and_is_never_done() {
        let (waiting, held) = (Waiting::default(), Arc::new(()));
        let first = waiting.push(work(&held));
        let second = waiting.push(work(&held));
        assert_eq!((Arc::strong_count(&held), waiting.count()), (3, 2));
        drop(first);
        assert_eq!(Arc::strong_count(&held), 2, "what it held is given back");
        assert!(waiting.next().is_some());
        assert!(waiting.next().is_none());
        drop(second);
        assert_eq!(Arc::strong_count(&held), 1);
        let mut third = waiting.push(work(&held));
        third.settle();
        drop(third);
        assert!(waiting.next().is_some(), "its turn had come");
        let mut fourth = waiting.push(work(&held));
        fourth.settle();
        fourth.withdraw();
        drop(fourth);
        assert!(waiting.next().is_none(), "nothing could be written");
    }
}
