//! A request that may write: lock, run on the copy, record what changed, commit there, then here.
//!
//! Nothing is acknowledged before PostgreSQL said that it has committed. When its answer to that is lost, what it has is
//! asked for, and told. Of requests that are written as one, what each changed is sent while the next one runs. Then the
//! database is waited for once: the rest, the new head and the end of the transaction are sent together, and the end undoes
//! all when one of them is refused.

use std::sync::Arc;

use futures_util::{FutureExt, future};
use kend_store::{Change, Store};
use tokio::task::JoinHandle;
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;

use super::copy::Position;
use super::line::{ANSWER, Line};
use super::seal::{RecordId, Seal};
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

/// Changes as records.
#[derive(Default)]
struct Records {
    ids: Vec<RecordId>,
    versions: Vec<i64>,
    contents: Vec<Vec<u8>>,
    /// Those whose content takes the place of what was there, and its place in the order: whoever has read it heard of the
    /// erasure.
    erased_ids: Vec<RecordId>,
    erased_contents: Vec<Vec<u8>>,
}

/// Something that is being sent. Dropped, it is given up at once, with its hold on the connection: what that has locked there
/// is not to wait for an answer that nobody waits for.
struct Sending(JoinHandle<Result<(), PostgresError>>);

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An open transaction, with the lock on the head.
pub(super) struct Open {
    line: Arc<Line>,
    head: Head,
    /// The version of the newest record.
    version: i64,
    erased: bool,
    last: Option<Last>,
    /// What is being sent, in the order in which it changed.
    sending: Option<Sending>,
}

impl Open {
    /// A transaction that this connection has begun, in which nothing is written yet.
    pub(super) fn new(line: Line, head: Head) -> Self {
        Self { line: Arc::new(line), version: head.version, head, erased: false, last: None, sending: None }
    }
}

/// Waits until all is sent that was to be sent before.
async fn sent(sending: Option<Sending>) -> Result<(), PostgresError> {
    let Some(mut sending) = sending else { return Ok(()) };
    // Whatever kept it from being sent, nothing may be committed without it.
    (&mut sending.0).await.map_err(|_| PostgresError::InDoubt)?
}

impl Records {
    fn last(&self) -> Option<Last> {
        let last = |ids: &[RecordId], contents: &[Vec<u8>]| {
            let (id, content) = ids.last().copied().zip(contents.last().cloned())?;
            Some(Last { id, content })
        };
        last(&self.erased_ids, &self.erased_contents).or_else(|| last(&self.ids, &self.contents))
    }

    /// Sends them when it is first polled.
    async fn put(&self, line: &Line) -> Result<(), Error> {
        let new = async {
            if self.ids.is_empty() {
                return Ok(0);
            }
            let names: Vec<&[u8]> = self.ids.iter().map(RecordId::as_slice).collect();
            line.client.execute(&line.statements.put, &[&names, &self.versions, &self.contents]).await
        };
        let erased = async {
            if self.erased_ids.is_empty() {
                return Ok(0);
            }
            let names: Vec<&[u8]> = self.erased_ids.iter().map(RecordId::as_slice).collect();
            line.client.execute(&line.statements.put_erased, &[&names, &self.erased_contents]).await
        };
        future::try_join(new, erased).await.map(|_| ())
    }
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
                self.open = Some(Open::new(line, head));
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
        let Some(open) = &mut self.open else { return Err(PostgresError::Down.into()) };
        open.head.generation = world::random::<16>()?.to_vec();
        let proof = self.seal.prove(&open.head.generation)?;
        let renew = "UPDATE kend.head SET generation = $1, proof = $2";
        self.waiter.wait(ANSWER, open.line.client.execute(renew, &[&open.head.generation, &proof]))?;
        Ok(())
    }

    /// Sends what changed so far, without waiting for it.
    pub(crate) fn send(&mut self, store: &mut Store) -> Result<(), HubError> {
        while let Some(records) = self.changed(store)? {
            self.put_beside(records)?;
        }
        Ok(())
    }

    /// What changed since it was last asked for, up to what is sent at once.
    fn changed(&mut self, store: &mut Store) -> Result<Option<Records>, HubError> {
        let Some(open) = &mut self.open else { return Err(PostgresError::Down.into()) };
        let changes = store.changes(AT_ONCE_BYTES)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let records = seal_changes(&self.seal, changes, &mut open.version)?;
        open.erased |= !records.erased_ids.is_empty();
        open.last = records.last();
        Ok(Some(records))
    }

    fn put_beside(&mut self, records: Records) -> Result<(), HubError> {
        let Some(open) = &mut self.open else { return Err(PostgresError::Down.into()) };
        let (line, before) = (Arc::clone(&open.line), open.sending.take());
        let sending = async move {
            sent(before).await?;
            Ok(records.put(&line).await?)
        };
        open.sending = Some(Sending(self.waiter.beside(sending)?));
        Ok(())
    }

    /// Undoes what was not committed, there and here.
    pub(crate) fn undo(&mut self, store: &mut Store) {
        drop(self.open.take());
        store.roll_back();
    }

    /// Records what changed since, and commits both. When this fails nothing counts, neither there nor here, once it is
    /// undone.
    pub(crate) fn end(&mut self, store: &mut Store) -> Result<(), HubError> {
        if !store.is_begun() {
            // The disk failed, and with it all that the request did.
            return Err(PostgresError::InDoubt.into());
        }
        let mut rest = None;
        while let Some(records) = self.changed(store)? {
            if let Some(before) = rest.replace(records) {
                self.put_beside(before)?;
            }
        }
        let Some(Open { line, head, version, erased, last, sending }) = self.open.take() else {
            return Err(PostgresError::Slow.into());
        };
        let Some(last) = last else {
            self.waiter.wait(ANSWER, line.client.batch_execute("COMMIT"))?;
            self.line = Arc::into_inner(line);
            return Ok(store.commit()?);
        };
        // An erasure counts as news even where it leaves no new record.
        let version = version.max(head.version + 1);
        let (own, added) = store.schema()?;
        let (own, added) = (i32::try_from(own).unwrap_or(i32::MAX), i32::try_from(added).unwrap_or(i32::MAX));
        let position = Position { generation: head.generation, version, put_back: false };
        position.keep(store)?;
        let news: [&(dyn ToSql + Sync); 4] = [&version, &own, &added, &erased];
        let ended = self.waiter.wait(ANSWER, async {
            sent(sending).await?;
            let rest = future::OptionFuture::from(rest.as_ref().map(|rest| rest.put(&line))).map(Option::transpose);
            let head = line.client.execute(&line.statements.advance, &news);
            Ok::<_, PostgresError>(future::try_join3(rest, head, line.client.batch_execute("COMMIT")).await?)
        });
        match ended {
            Ok(_) => self.line = Arc::into_inner(line),
            Err(error) if error.undid_all() => return Err(error.into()),
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

fn seal_changes(seal: &Seal, changes: Vec<Change>, version: &mut i64) -> Result<Records, HubError> {
    let mut records = Records::default();
    for change in changes {
        let erased = matches!(change, Change::Segment { erased: true, .. });
        let (id, content) = seal.change(change)?;
        if erased {
            records.erased_ids.push(id);
            records.erased_contents.push(content);
        } else {
            *version += 1;
            records.ids.push(id);
            records.versions.push(*version);
            records.contents.push(content);
        }
    }
    Ok(records)
}
