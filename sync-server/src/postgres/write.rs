//! A request that may write: lock, run on the copy, record what changed, commit there, then here.
//!
//! Nothing is acknowledged before PostgreSQL said that it has committed. When its answer to that is lost, what it has is
//! asked for, and told.

use futures_util::future;
use kend_store::{Change, Store};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Statement};

use super::copy::Position;
use super::line::{ANSWER, Line};
use super::seal::RecordId;
use super::{Caught, Head, Postgres, PostgresError, TRIES};
use crate::error::HubError;
use crate::world;

/// A copy that is further behind catches up before it locks: others are not to wait for that.
const FAR: i64 = 500;
/// Bytes of changes recorded at once.
const AT_ONCE_BYTES: usize = 4 * 1024 * 1024;

/// The last thing that a transaction wrote: no other ever has the same content.
struct Last {
    id: RecordId,
    content: Vec<u8>,
}

impl Postgres {
    /// Locks the record, brings the copy up to date, and begins the copy's transaction.
    pub(crate) fn begin(&mut self, store: &mut Store) -> Result<Caught, HubError> {
        // Of a request that panicked.
        drop(self.open.take());
        let mut caught = self.taken_in_by_others(store)?;
        for _ in 0..TRIES {
            let (line, ((), row)) = self.ask(&async |line: &Line| {
                let begun = line.client.batch_execute("BEGIN");
                future::try_join(begun, line.client.query_one(&line.statements.lock, &[])).await
            })?;
            let head = Head::read(&row).map_err(PostgresError::from)?;
            let position = Position::of(store)?;
            let is_near = Position::behind(position.as_ref(), &head).is_some_and(|behind| behind <= FAR);
            let copied = if is_near { self.copy(&line, store, position.as_ref(), &head)? } else { None };
            if let Some(copied) = copied {
                store.begin()?;
                self.seen = Position::of(store)?;
                self.open = Some((line, head));
                return Ok(caught.and(copied));
            }
            self.waiter.wait(ANSWER, line.client.batch_execute("ROLLBACK"))?;
            self.line = Some(line);
            caught = caught.and(self.look(store)?);
        }
        Err(PostgresError::Slow.into())
    }

    /// Begins a new generation with this transaction: every other copy is made anew.
    pub(crate) fn renew(&mut self) -> Result<(), HubError> {
        let Some((line, head)) = &mut self.open else { return Err(PostgresError::Down.into()) };
        head.generation = world::random::<16>()?.to_vec();
        let proof = self.seal.prove(&head.generation)?;
        let renew = "UPDATE kend.head SET generation = $1, proof = $2";
        self.waiter.wait(ANSWER, line.client.execute(renew, &[&head.generation, &proof]))?;
        Ok(())
    }

    /// Records what changed since, and commits both. When this fails nothing counts, neither there nor here.
    pub(crate) fn end(&mut self, store: &mut Store) -> Result<(), HubError> {
        let Some((line, head)) = self.open.take() else { return Err(PostgresError::Slow.into()) };
        let ended = self.record(line, head, store);
        if ended.is_err() {
            store.roll_back();
        }
        ended
    }

    fn record(&mut self, line: Line, head: Head, store: &mut Store) -> Result<(), HubError> {
        if !store.is_begun() {
            // The disk failed, and with it all that the request did.
            return Err(PostgresError::InDoubt.into());
        }
        let before = head.version;
        let (mut version, mut erased, mut last) = (before, false, None);
        loop {
            let changes = store.changes(AT_ONCE_BYTES)?;
            if changes.is_empty() {
                break;
            }
            let (gone, new): (Vec<Change>, Vec<Change>) =
                changes.into_iter().partition(|change| matches!(change, Change::Segment { erased: true, .. }));
            erased |= !gone.is_empty();
            last = self.put(&line, new, &mut version)?.or(last);
            last = self.put_erased(&line, gone)?.or(last);
        }
        let Some(last) = last else {
            self.waiter.wait(ANSWER, line.client.batch_execute("COMMIT"))?;
            self.line = Some(line);
            return Ok(store.commit()?);
        };
        // An erasure counts as news even where it leaves no new record.
        version = version.max(before + 1);
        let (own, added) = store.schema()?;
        let (own, added) = (i32::try_from(own).unwrap_or(i32::MAX), i32::try_from(added).unwrap_or(i32::MAX));
        self.execute(&line, &line.statements.advance, &[&version, &own, &added, &erased])?;
        let position = Position { generation: head.generation, version, put_back: false };
        position.keep(store)?;
        match self.waiter.wait(ANSWER, line.client.batch_execute("COMMIT")) {
            Ok(()) => self.line = Some(line),
            Err(error) => {
                drop(line);
                if !self.has_committed(&last)? {
                    return Err(error.into());
                }
            }
        }
        // From here on it is acknowledged, whatever becomes of this copy: it catches up.
        match store.commit() {
            Ok(()) => self.seen = Some(position),
            Err(error) => tracing::error!(%error, "the copy fails"),
        }
        Ok(())
    }

    fn put(&self, line: &Line, changes: Vec<Change>, version: &mut i64) -> Result<Option<Last>, HubError> {
        let (mut ids, mut versions, mut contents) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let (id, content) = self.seal.change(change)?;
            *version += 1;
            ids.push(id);
            versions.push(*version);
            contents.push(content);
        }
        let names: Vec<&[u8]> = ids.iter().map(RecordId::as_slice).collect();
        if !names.is_empty() {
            self.execute(line, &line.statements.put, &[&names, &versions, &contents])?;
        }
        Ok(ids.pop().zip(contents.pop()).map(|(id, content)| Last { id, content }))
    }

    /// Content takes the place of what was there, and its place in the order: whoever has read it heard of the erasure.
    fn put_erased(&self, line: &Line, changes: Vec<Change>) -> Result<Option<Last>, HubError> {
        let sealed = changes.into_iter().map(|change| self.seal.change(change)).collect::<Result<Vec<_>, _>>()?;
        let (mut ids, mut contents): (Vec<RecordId>, Vec<Vec<u8>>) = sealed.into_iter().unzip();
        let names: Vec<&[u8]> = ids.iter().map(RecordId::as_slice).collect();
        if !names.is_empty() {
            self.execute(line, &line.statements.put_erased, &[&names, &contents])?;
        }
        Ok(ids.pop().zip(contents.pop()).map(|(id, content)| Last { id, content }))
    }

    fn execute(
        &self,
        line: &Line,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, PostgresError> {
        self.waiter.wait(ANSWER, line.client.execute(statement, values))
    }

    /// Whether the transaction counts that wrote this last. The lock is waited for, so that the broken one has ended.
    fn has_committed(&mut self, last: &Last) -> Result<bool, PostgresError> {
        for _ in 0..TRIES {
            let asked = self.ask(&async |line: &Line| -> Result<bool, Error> {
                let sql = "SELECT count(*) FROM kend.record WHERE id = $1 AND content = $2";
                line.client.batch_execute("BEGIN").await?;
                line.client.query_one(&line.statements.lock, &[]).await?;
                let found = line.client.query_one(sql, &[&last.id.as_slice(), &last.content]).await?;
                line.client.batch_execute("ROLLBACK").await?;
                Ok(found.try_get::<_, i64>(0)? == 1)
            });
            match asked {
                Ok((line, committed)) => {
                    self.line = Some(line);
                    return Ok(committed);
                }
                Err(error) => tracing::warn!(%error, "PostgreSQL has yet to say whether it committed"),
            }
            std::thread::sleep(super::BREATH);
        }
        Err(PostgresError::InDoubt)
    }
}
