//! The door to a hub: whoever reads or changes anything of it comes through here.
//!
//! A hub in one file is just that file. Of a hub in PostgreSQL, the file is a copy: it is brought up to date before a
//! request, and what a request changed counts only once it counts there. The request itself sees no difference.

use crate::error::HubError;
use crate::hub::HubState;
use crate::postgres::{Caught, Clearing, Postgres, is_put_back};

/// A piece of work that may change something.
pub(crate) type Work = Box<dyn FnOnce(&mut HubState) -> Told + Send>;

/// Tells whoever waits for a piece of work what came of it.
pub(crate) type Told = Box<dyn FnOnce() + Send>;

/// A hub, behind its door.
pub(crate) struct Hub {
    state: HubState,
    postgres: Option<Postgres>,
}

impl Hub {
    /// A hub in one file.
    pub(crate) const fn in_file(state: HubState) -> Self {
        Self { state, postgres: None }
    }

    /// A hub in PostgreSQL, and this process's copy of it.
    pub(crate) const fn in_postgres(state: HubState, postgres: Postgres) -> Self {
        Self { state, postgres: Some(postgres) }
    }

    /// Runs pieces of work one after the other, as many as `next` gives, all as one write: one wait for the disk or the
    /// database stands for all of them. Once all of it holds each is told, and how many there were is returned; when it
    /// fails, nothing of it counts and nobody is told.
    pub(crate) fn write_together(&mut self, mut next: impl FnMut() -> Option<Work>) -> Result<u64, HubError> {
        let told = self.in_one(|state, mut postgres| {
            let mut told = Vec::new();
            while let Some(work) = next() {
                told.push(work(state));
                // When the disk fails SQLite undoes all of it, and what came next would stand alone.
                if !state.store.is_begun() {
                    break;
                }
                if let Some(postgres) = postgres.as_deref_mut() {
                    postgres.send(&mut state.store)?;
                }
            }
            Ok(told)
        })?;
        let count = u64::try_from(told.len()).unwrap_or(u64::MAX);
        for tell in told {
            tell();
        }
        Ok(count)
    }

    fn in_one<T>(
        &mut self,
        run: impl FnOnce(&mut HubState, Option<&mut Postgres>) -> Result<T, HubError>,
    ) -> Result<T, HubError> {
        self.mend()?;
        let Self { state, postgres } = self;
        let done = if let Some(postgres) = postgres {
            begin(state, postgres)?;
            let done = run(state, Some(&mut *postgres)).and_then(|done| {
                postgres.end(&mut state.store)?;
                Ok(done)
            });
            if done.is_err() {
                postgres.undo(&mut state.store);
            }
            done
        } else {
            state.store.begin()?;
            run(state, None).and_then(|done| {
                state.store.commit()?;
                Ok(done)
            })
        };
        if done.is_err() {
            // What it left in memory was taken back in the file.
            refresh(state, Caught { documents: true, settings: true })?;
        }
        done
    }

    /// Undoes what a panic cut off.
    fn mend(&mut self) -> Result<(), HubError> {
        if self.state.store.is_begun() {
            self.state.store.roll_back();
            refresh(&mut self.state, Caught { documents: true, settings: true })?;
        }
        Ok(())
    }

    /// Runs what may change something. What it returns holds when this returns it.
    pub(crate) fn write<T>(&mut self, run: impl FnOnce(&mut HubState) -> T) -> Result<T, HubError> {
        if self.postgres.is_some() {
            return self.in_one(|state, _| Ok(run(state)));
        }
        self.mend()?;
        Ok(run(&mut self.state))
    }

    /// Runs what only reads, on all that counts now.
    pub(crate) fn read<T>(&mut self, run: impl FnOnce(&HubState) -> T) -> Result<T, HubError> {
        self.mend()?;
        let Some(postgres) = &mut self.postgres else { return Ok(run(&self.state)) };
        let caught = postgres.look(&mut self.state.store)?;
        refresh(&mut self.state, caught)?;
        if is_put_back(&self.state.store)? {
            self.write(|_| ())?;
        }
        self.state.store.begin_reading()?;
        let done = run(&self.state);
        // Nobody else would ever hear of what is written here.
        self.state.store.end_reading()?;
        Ok(done)
    }

    /// The hub as it was last known here, for numbers.
    pub(crate) const fn known(&self) -> &HubState {
        &self.state
    }

    /// Whoever clears what erasures leave behind in PostgreSQL; none when the hub is not there.
    pub(crate) fn clearing(&self) -> Option<Clearing> {
        self.postgres.as_ref().map(Postgres::clearing)
    }

    /// Whether PostgreSQL answers; none when the hub is not there.
    pub(crate) fn database_answers(&self) -> Option<bool> {
        self.postgres.as_ref().map(Postgres::answers)
    }
}

/// Begins to write, on all that counts now.
fn begin(state: &mut HubState, postgres: &mut Postgres) -> Result<(), HubError> {
    let caught = postgres.begin(&mut state.store)?;
    refresh(state, caught)?;
    if is_put_back(&state.store)? {
        // Devices are to offer again what the database lacks now.
        tracing::warn!("the database was put back from a backup of it: a new epoch begins");
        postgres.renew()?;
        state.begin_epoch()?;
    }
    Ok(())
}

fn refresh(state: &mut HubState, caught: Caught) -> Result<(), HubError> {
    if caught.documents {
        state.read_library()?;
    }
    if caught.settings {
        state.read_identity()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::hub::NewHub;

    fn hub(folder: &tempfile::TempDir) -> Hub {
        let new = NewHub { project: "demo".parse().unwrap(), name: "Demo".to_owned() };
        HubState::open(folder.path(), None, &new, None).unwrap()
    }

    fn work(key: &'static str, tell: &Sender<&'static str>) -> Work {
        let tell = tell.clone();
        Box::new(move |state| {
            state.store.set_setting(key, &true).unwrap();
            Box::new(move || tell.send(key).unwrap())
        })
    }

    fn there(hub: &mut Hub, key: &str) -> bool {
        hub.read(|state| state.store.setting::<bool>(key).unwrap()).unwrap().is_some()
    }

    #[test]
    fn what_is_written_together_is_told_once_all_of_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut hub = hub(&folder);
        let (tell, told) = channel();
        let mut waiting = vec![work("two", &tell), work("one", &tell)];
        assert_eq!(hub.write_together(|| waiting.pop()).unwrap(), 2);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["one", "two"]);
        drop(hub);
        let mut hub = self::hub(&folder);
        assert!(there(&mut hub, "one") && there(&mut hub, "two"));
    }

    #[test]
    fn a_panic_undoes_what_was_written_with_it_and_nobody_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut hub = hub(&folder);
        let (tell, told) = channel();
        let panics: Work = Box::new(|_| -> Told { panic!("planted") });
        let mut waiting = vec![panics, work("one", &tell)];
        let panicked = catch_unwind(AssertUnwindSafe(|| hub.write_together(|| waiting.pop())));
        assert!(panicked.is_err());
        assert_eq!(told.try_iter().count(), 0);
        assert!(!there(&mut hub, "one"));
        assert_eq!(hub.write_together(|| waiting.pop()).unwrap(), 0);
        let mut waiting = vec![work("two", &tell)];
        hub.write_together(|| waiting.pop()).unwrap();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["two"]);
        assert!(there(&mut hub, "two") && !there(&mut hub, "one"));
    }

    #[test]
    fn when_the_store_undoes_all_nobody_is_told_and_what_comes_next_stands_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let mut hub = hub(&folder);
        let (tell, told) = channel();
        // As SQLite does by itself when the disk fails.
        let undo: Work = Box::new(|state| {
            state.store.roll_back();
            Box::new(|| unreachable!("nobody is told"))
        });
        let mut waiting = vec![work("two", &tell), undo, work("one", &tell)];
        assert!(hub.write_together(|| waiting.pop()).is_err());
        assert_eq!(told.try_iter().count(), 0);
        assert!(!there(&mut hub, "one"));
        assert_eq!(hub.write_together(|| waiting.pop()).unwrap(), 1);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["two"]);
    }
}
