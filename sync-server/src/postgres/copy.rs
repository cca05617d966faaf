//! Bringing this process's copy up to date.
//!
//! Records are read in the order of their versions, in one view of the database, and put into the copy in one transaction
//! together with the place that was reached: the copy is always what the record was at one version.

use futures_util::future;
use kend_store::Store;
use kend_store::rusqlite::OptionalExtension;

use super::line::{ANSWER, Line};
use super::seal::{Content, RecordId};
use super::{Caught, Head, Postgres, PostgresError, TRIES};
use crate::error::HubError;

/// Records read at once.
const AT_ONCE: i64 = 200;

/// Where a copy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) generation: Vec<u8>,
    pub(super) version: i64,
    /// The record has less than it had, and no epoch began since.
    pub(super) put_back: bool,
}

impl Position {
    /// Where this copy stands; none when it is no copy.
    pub(super) fn of(store: &Store) -> Result<Option<Self>, HubError> {
        let mut statement =
            store.connection().prepare_cached("SELECT generation, version, put_back FROM hub_copied WHERE one = 1")?;
        let read = |row: &kend_store::rusqlite::Row<'_>| {
            Ok(Self { generation: row.get(0)?, version: row.get(1)?, put_back: row.get(2)? })
        };
        Ok(statement.query_row([], read).optional()?)
    }

    /// Notes it, in the open transaction.
    pub(super) fn keep(&self, store: &Store) -> Result<(), HubError> {
        store
            .connection()
            .prepare_cached(
                "INSERT INTO hub_copied (one, generation, version, put_back) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, version = excluded.version,
                   put_back = excluded.put_back",
            )?
            .execute((&self.generation, self.version, self.put_back))?;
        Ok(())
    }

    /// How many versions it is behind; none when it has to be made anew.
    pub(super) fn behind(position: Option<&Self>, head: &Head) -> Option<i64> {
        let of_it = position.filter(|position| position.generation == head.generation);
        of_it.map(|position| head.version - position.version).filter(|behind| *behind >= 0)
    }
}

/// Whether the record that a store is a copy of was put back, and no epoch began since.
pub(crate) fn is_put_back(store: &Store) -> Result<bool, HubError> {
    Ok(Position::of(store)?.is_some_and(|position| position.put_back))
}

/// Whether a store is a copy of a hub in PostgreSQL.
pub(crate) fn is_copy(store: &Store) -> Result<bool, HubError> {
    Ok(Position::of(store)?.is_some())
}

impl Postgres {
    /// Looks whether there is news, and takes it in.
    pub(crate) fn look(&mut self, store: &mut Store) -> Result<Caught, HubError> {
        let others = self.taken_in_by_others(store)?;
        let caught = self.look_for_news(store)?;
        self.seen = Position::of(store)?;
        Ok(others.and(caught))
    }

    /// Another process of the same folder may have brought the copy further, and nobody here knows what came in.
    pub(super) fn taken_in_by_others(&self, store: &Store) -> Result<Caught, HubError> {
        let any = Position::of(store)? != self.seen;
        Ok(Caught { documents: any, settings: any })
    }

    fn look_for_news(&mut self, store: &mut Store) -> Result<Caught, HubError> {
        for _ in 0..TRIES {
            // Read first: a copy is never further than a head that is read later, unless the database was put back.
            let position = Position::of(store)?;
            let (line, row) = self.ask(&async |line: &Line| line.client.query_one(&line.statements.look, &[]).await)?;
            let head = Head::read(&row).map_err(PostgresError::from)?;
            head.check(store)?;
            if Position::behind(position.as_ref(), &head) == Some(0) {
                self.line = Some(line);
                return Ok(Caught::default());
            }
            // One view for all that is read, without being in anybody's way.
            let ((), row) = self.waiter.wait(ANSWER, async {
                future::try_join(
                    line.client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
                    line.client.query_one(&line.statements.look, &[]),
                )
                .await
            })?;
            let head = Head::read(&row).map_err(PostgresError::from)?;
            let caught = self.copy(&line, store, position.as_ref(), &head)?;
            self.waiter.wait(ANSWER, line.client.batch_execute("COMMIT"))?;
            self.line = Some(line);
            if let Some(caught) = caught {
                return Ok(caught);
            }
        }
        Err(PostgresError::Slow.into())
    }

    /// Takes in what is new from a position up to a head, within a view of the database that has nothing newer. None when
    /// another process moved the copy meanwhile: then all is to be asked again.
    pub(super) fn copy(
        &self,
        line: &Line,
        store: &mut Store,
        from: Option<&Position>,
        head: &Head,
    ) -> Result<Option<Caught>, HubError> {
        head.check(store)?;
        if Position::behind(from, head) == Some(0) {
            return Ok(Some(Caught::default()));
        }
        store.begin_copying()?;
        if Position::of(store)?.as_ref() != from {
            store.roll_back();
            return Ok(None);
        }
        match self.copy_within(line, store, from, head) {
            Ok(caught) => {
                store.commit()?;
                Ok(Some(caught))
            }
            Err(error) => {
                store.roll_back();
                Err(error)
            }
        }
    }

    fn copy_within(
        &self,
        line: &Line,
        store: &mut Store,
        from: Option<&Position>,
        head: &Head,
    ) -> Result<Caught, HubError> {
        let of_it = from.filter(|position| position.generation == head.generation);
        let put_back = of_it.is_some_and(|position| position.put_back || position.version > head.version);
        let mut caught = Caught::default();
        let mut version = 0;
        if let Some(behind) = Position::behind(from, head) {
            version = head.version - behind;
        } else {
            store.clear()?;
            caught = Caught { documents: true, settings: true };
        }
        loop {
            let rows = self.waiter.wait(ANSWER, line.client.query(&line.statements.after, &[&version, &AT_ONCE]))?;
            for row in &rows {
                let read = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
                let (id, at, sealed): (&[u8], i64, &[u8]) = read().map_err(PostgresError::Refused)?;
                let id = RecordId::try_from(id).map_err(|_| PostgresError::Damaged)?;
                match self.seal.open_record(&id, sealed)? {
                    Content::Segment(bytes) => store.put_segment(&bytes)?,
                    Content::Row(row) => {
                        caught.note(&row.table);
                        store.put_row(&row)?;
                    }
                }
                version = at;
            }
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) < AT_ONCE {
                break;
            }
        }
        Position { generation: head.generation.clone(), version: head.version, put_back }.keep(store)?;
        Ok(caught)
    }
}
