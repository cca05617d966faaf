//! PostgreSQL as the sealed, ordered record of what a hub holds, for several hub processes at once.
//!
//! Each process has a copy in its own encrypted file, which answers all questions and can be thrown away at any time.
//! A request that may write locks the head of the record, brings the copy up to date, runs on the copy in a transaction,
//! writes what changed as records with the next versions, and is answered only once PostgreSQL has committed that: only
//! then is the copy's transaction committed too. So versions are given in the order of commits, and whoever has read up to
//! one has everything before it. A request that only reads looks at the head first.
//!
//! All processes are one hub: one device, one key, one log of its own, which they write in turns.

mod clear;
mod copy;
mod error;
mod line;
mod open;
mod seal;
mod write;

use std::sync::Arc;
use std::time::Duration;

use kend_store::Store;
use tokio_postgres::Row;

pub(crate) use self::clear::{Cleared, Clearing};
pub(crate) use self::copy::{is_copy, is_put_back};
pub(crate) use self::error::PostgresError;
pub(crate) use self::line::Reach;
pub(crate) use self::open::Opening;

use self::copy::Position;
use self::line::{ANSWER, Line, Place, Waiter};
use self::seal::Seal;
use self::write::Open;
use crate::error::HubError;
use crate::world;

/// After a connection failed, none is tried for so long: who asks meanwhile hears at once that the database is away.
const BREATH: Duration = Duration::from_secs(1);

/// How often something is tried that another process got in the way of.
const TRIES: u32 = 5;

/// The hub's tables that are each process's own.
pub(crate) const LOCAL_TABLES: &[&str] = &["hub_copied", "hub_upload"];

/// The record, and the way to it.
pub(crate) struct Postgres {
    place: Arc<Place>,
    waiter: Waiter,
    seal: Seal,
    /// None when the last one broke.
    line: Option<Line>,
    /// The open transaction of a request, with the lock on the head.
    open: Option<Open>,
    down_until_ms: u64,
    /// Where the copy stood when this process last looked.
    seen: Option<Position>,
}

/// The newest state of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    version: i64,
    generation: Vec<u8>,
    store_schema: i32,
    hub_schema: i32,
    erased: i64,
    cleared: i64,
}

impl Head {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            version: row.try_get(0)?,
            generation: row.try_get(1)?,
            store_schema: row.try_get(2)?,
            hub_schema: row.try_get(3)?,
            erased: row.try_get(4)?,
            cleared: row.try_get(5)?,
        })
    }

    /// Refuses a record that a newer program wrote: what it holds may not fit into the tables here.
    fn check(&self, store: &Store) -> Result<(), HubError> {
        let (own, added) = store.schema()?;
        let newer = |found: i32, known: u32| u32::try_from(found).map_or(true, |found| found > known);
        if newer(self.store_schema, own) || newer(self.hub_schema, added) {
            return Err(PostgresError::Newer.into());
        }
        Ok(())
    }
}

/// What of a hub's state in memory is to be read again after its copy was brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Caught {
    /// Named documents changed, such as the pack.
    pub(crate) documents: bool,
    /// Settings changed.
    pub(crate) settings: bool,
}

impl Caught {
    fn note(&mut self, table: &str) {
        self.documents |= table == "document";
        self.settings |= table == "setting";
    }

    const fn and(self, other: Self) -> Self {
        Self { documents: self.documents || other.documents, settings: self.settings || other.settings }
    }
}

impl Postgres {
    /// Whether the database answered when it was last asked.
    pub(crate) const fn answers(&self) -> bool {
        self.line.is_some()
    }

    /// A connection that stands, or a new one.
    fn connect(&mut self) -> Result<Line, PostgresError> {
        let now_ms = world::monotonic_ms();
        if now_ms < self.down_until_ms {
            return Err(PostgresError::Down);
        }
        let line = self.waiter.connect(&self.place).and_then(|client| self.waiter.prepare(client));
        line.inspect_err(|error| {
            tracing::warn!(%error, "PostgreSQL can't be reached");
            self.down_until_ms = now_ms.saturating_add(u64::try_from(BREATH.as_millis()).unwrap_or(u64::MAX));
        })
    }

    /// Asks what may be asked twice: a connection that broke since is replaced.
    fn ask<T>(
        &mut self,
        ask: &impl AsyncFn(&Line) -> Result<T, tokio_postgres::Error>,
    ) -> Result<(Line, T), PostgresError> {
        if let Some(line) = self.line.take() {
            match self.waiter.wait(ANSWER, ask(&line)) {
                Ok(answer) => return Ok((line, answer)),
                Err(error) if !line.client.is_closed() => return Err(error),
                Err(_) => {}
            }
        }
        let line = self.connect()?;
        let answer = self.waiter.wait(ANSWER, ask(&line))?;
        Ok((line, answer))
    }
}
