//! Keeping an entry of this device.

use std::sync::Arc;

use kend_log::{Chained, Context, Dot, EntityState, Entry, Header, LogId, Op, Salt, Seen};
use rusqlite::{Connection, OptionalExtension};

use crate::projection::{self, Entity, New};
use crate::transaction::Step;
use crate::{Append, Appended, Store, StoreError, digest, erase, erasures, numbers, orders, row};

impl Store {
    /// Keeps an entry, what it does to the projection, and the end of its drafts, in one transaction: durable when it
    /// returns, and nothing is changed when it fails. An erasure also clears what it erases from the file.
    pub fn append(&mut self, append: Append) -> Result<Appended, StoreError> {
        let transaction = Step::begin(&self.connection)?;
        let scope = numbers::scope(&transaction, &append.scope)?;
        let log_id = LogId { device: self.device, scope: append.scope.clone() };
        let log = numbers::log(&transaction, self.device, scope)?;
        let mut entity = match self.held.get_mut().take(&transaction, append.entity)? {
            Some(entity) if entity.row.scope != scope => return Err(StoreError::OtherScope),
            Some(entity) => entity,
            None => Entity {
                row: numbers::new_entity(&transaction, append.entity, scope, append.kind)?,
                state: Arc::new(EntityState::new(append.entity)),
            },
        };
        let ordered = erasures::of(&transaction, append.entity)?;
        let erased =
            |op: &Op| op.path().is_some_and(|path| entity.state.is_erased(path) || erasures::holds(&ordered, path));
        if append.ops.iter().any(erased) {
            return Err(StoreError::Erased);
        }
        let (last, prior) = numbers::head(&transaction, log, &log_id)?;
        if orders::is_left(&transaction, scope, last)? {
            return Err(StoreError::ScopeLeft);
        }
        let context = context(&entity.state, self.device, append.seen)?;
        let header = Header {
            seq: last + 1,
            entity: append.entity,
            kind: append.kind,
            actor: append.actor,
            lamport: entity.state.lamport_of(&context) + 1,
            context,
            said: append.said,
            form_version: append.form_version,
        };
        let lamport = header.lamport;
        let salt = salt_in_use(&transaction, log, entity.row.no)?.unwrap_or(append.salt);
        let entry = Entry::new(self.device, header, append.ops, &salt)?;
        let chained = Chained { device: self.device, hash: entry.chain(&prior), entry };
        projection::insert(&transaction, log, entity.row, &chained, Some(salt))?;
        let folded = Arc::make_mut(&mut entity.state).apply(&chained);
        let change = projection::save(&transaction, &mut entity, &[New::of(log, &chained)], &folded)?;
        digest::change(&transaction, scope, change)?;
        for path in &append.ends_drafts {
            for sql in [
                "DELETE FROM draft WHERE entity = ?1 AND path = ?2 AND actor = ?3",
                "DELETE FROM recorded WHERE entity = ?1 AND path = ?2 AND actor = ?3",
            ] {
                transaction.prepare_cached(sql)?.execute((
                    append.entity.as_bytes(),
                    path.as_str(),
                    append.actor.as_bytes(),
                ))?;
            }
        }
        for under in &folded.erased {
            erase::content(&transaction, append.entity, entity.row, under.as_ref())?;
        }
        transaction.commit()?;
        self.held.get_mut().put(append.entity, entity);
        self.traces |= !folded.erased.is_empty();
        self.clear_traces();
        Ok(Appended { dot: chained.dot(), lamport, hash: chained.hash })
    }
}

/// What the entry has seen: all that is here, or what the person had on the screen; of this device always everything.
fn context(state: &EntityState, device: kend_domain::DeviceId, seen: Option<Context>) -> Result<Context, StoreError> {
    let Some(mut context) = seen else { return Ok(state.context().clone()) };
    let is_here = |(device, seen): (_, Seen)| {
        state.mark_of(Dot { device, seq: seen.seq }).is_some_and(|mark| mark.prefix == seen.prefix)
    };
    if !context.iter().all(is_here) {
        return Err(StoreError::NotSeen);
    }
    if let Some(own) = state.context().of(device) {
        context.see(device, own);
    }
    Ok(context)
}

/// The salt of the entity's entries that will go into the next segment, if there is one that nothing was erased under.
fn salt_in_use(connection: &Connection, log: i64, entity: i64) -> Result<Option<Salt>, StoreError> {
    let last: Option<(i64, Option<Salt>)> = connection
        .prepare_cached(
            "SELECT e.seq, e.salt FROM entry e WHERE e.log = ?1 AND e.seq = (
               SELECT max(seq) FROM entry WHERE entity = ?2 AND log = ?1)",
        )?
        .query_row((log, entity), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((seq, Some(salt))) = last else { return Ok(None) };
    let cut = numbers::cut(connection, log)?;
    Ok((seq > row::sql(cut)).then_some(salt))
}
