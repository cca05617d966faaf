//! The door to a hub: whoever reads or changes anything of it comes through here.
//!
//! A hub in one file is just that file. Of a hub in PostgreSQL, the file is a copy: it is brought up to date before a
//! request, and what a request changed counts only once it counts there. The request itself sees no difference.

use crate::error::HubError;
use crate::hub::HubState;
use crate::postgres::{Caught, Clearing, Postgres, is_put_back};

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

    /// Runs what may change something. What it returns holds when this returns it.
    pub(crate) fn write<T>(&mut self, run: impl FnOnce(&mut HubState) -> T) -> Result<T, HubError> {
        let Some(postgres) = &mut self.postgres else { return Ok(run(&mut self.state)) };
        let caught = postgres.begin(&mut self.state.store)?;
        refresh(&mut self.state, caught)?;
        if is_put_back(&self.state.store)? {
            // Devices are to offer again what the database lacks now.
            tracing::warn!("the database was put back from a backup of it: a new epoch begins");
            postgres.renew()?;
            self.state.begin_epoch()?;
        }
        let done = run(&mut self.state);
        if let Err(error) = postgres.end(&mut self.state.store) {
            // What it left in memory was taken back in the file.
            refresh(&mut self.state, Caught { documents: true, settings: true })?;
            return Err(error);
        }
        Ok(done)
    }

    /// Runs what only reads, on all that counts now.
    pub(crate) fn read<T>(&mut self, run: impl FnOnce(&HubState) -> T) -> Result<T, HubError> {
        if let Some(postgres) = &mut self.postgres {
            let caught = postgres.look(&mut self.state.store)?;
            refresh(&mut self.state, caught)?;
            if is_put_back(&self.state.store)? {
                self.write(|_| ())?;
            }
        }
        // Who writes here all the same is refused: nobody else would ever hear of it.
        if self.postgres.is_some() {
            self.state.store.only_read(true)?;
        }
        let done = run(&self.state);
        if self.postgres.is_some() {
            self.state.store.only_read(false)?;
        }
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

fn refresh(state: &mut HubState, caught: Caught) -> Result<(), HubError> {
    if caught.documents {
        state.read_library()?;
    }
    if caught.settings {
        state.read_identity()?;
    }
    Ok(())
}
