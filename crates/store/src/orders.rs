//! Carrying out orders of the server: each in one transaction with its number, so that stopping anywhere repeats it whole
//! and a second time changes nothing.
//!
//! Whoever calls has checked that the order is the server's, for this device, and the next one.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{LogId, Path, Reason};
use rusqlite::{Connection, OptionalExtension};

use crate::transaction::Step;
use crate::{Store, StoreError, blob, digest, erase, erasures, numbers, rebuild, row};

impl Store {
    /// The last order carried out; 0 before the first.
    pub fn orders_done(&self) -> Result<u64, StoreError> {
        done(&self.connection)
    }

    /// Erases content of an entity for good, also when nothing of it is here yet.
    pub fn obey_erasure(
        &mut self,
        number: u64,
        entity: EntityId,
        under: Option<&Path>,
        reason: Reason,
    ) -> Result<(), StoreError> {
        let transaction = Step::begin(&self.connection)?;
        if done(&transaction)? >= number {
            return Ok(());
        }
        erasures::note(&transaction, entity, under, reason)?;
        // What is in memory is older than what the transaction leaves.
        self.held.get_mut().forget(entity);
        if let Some(found) = numbers::find_entity(&transaction, entity)? {
            erase::content(&transaction, entity, found, under)?;
            rebuild::entity(&transaction, entity, found)?;
        } else {
            erase::outside_of_the_log(&transaction, entity, under)?;
        }
        note_done(&transaction, number)?;
        transaction.commit()?;
        self.traces = true;
        self.clear_traces();
        Ok(())
    }

    /// Takes in nothing more of a revoked device but what the server had accepted of its logs.
    pub fn obey_revocation(
        &mut self,
        number: u64,
        device: DeviceId,
        accepted: &[(Scope, u64)],
    ) -> Result<(), StoreError> {
        let transaction = Step::begin(&self.connection)?;
        if done(&transaction)? >= number {
            return Ok(());
        }
        revoke(&transaction, device, accepted)?;
        note_done(&transaction, number)?;
        Ok(transaction.commit()?)
    }

    /// Notes that a scope was taken away: [`Store::clear_left_scope`] removes its content once nothing is lost by that.
    pub fn obey_leave(&mut self, number: u64, scope: &Scope) -> Result<(), StoreError> {
        let transaction = Step::begin(&self.connection)?;
        if done(&transaction)? >= number {
            return Ok(());
        }
        let no = numbers::scope(&transaction, scope)?;
        transaction
            .prepare_cached(
                "INSERT INTO left_scope (scope, own_seq) VALUES (?1, NULL)
                 ON CONFLICT (scope) DO UPDATE SET own_seq = NULL",
            )?
            .execute([no])?;
        note_done(&transaction, number)?;
        Ok(transaction.commit()?)
    }

    /// Revokes a device here, where the decision is made.
    pub fn revoke(&mut self, device: DeviceId, accepted: &[(Scope, u64)]) -> Result<(), StoreError> {
        let transaction = Step::begin(&self.connection)?;
        revoke(&transaction, device, accepted)?;
        Ok(transaction.commit()?)
    }

    /// The last entry of a log that counts; none when its device is not revoked.
    pub fn accepted_until(&self, log: &LogId) -> Result<Option<u64>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(max(CASE WHEN scope = ?2 THEN last_seq END), 0) FROM revoked WHERE device = ?1
             GROUP BY device",
        )?;
        let mut rows = statement.query((log.device.as_bytes(), log.scope.to_string()))?;
        rows.next()?.map(|found| row::number(found, 0)).transpose()
    }

    /// Whether any device was revoked.
    pub fn has_revoked_devices(&self) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM revoked)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Scopes that were taken away and whose content is still here.
    pub fn scopes_to_leave(&self) -> Result<Vec<Scope>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.name FROM left_scope l JOIN scope s ON s.no = l.scope WHERE l.own_seq IS NULL ORDER BY s.name",
        )?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        names.map(|name| Scope::try_from(name?).map_err(|_| StoreError::Damaged("a scope".to_owned()))).collect()
    }

    /// Keeps a scope that was to be left: it was given back before its content went.
    pub fn keep_scope(&mut self, scope: &Scope) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "DELETE FROM left_scope WHERE own_seq IS NULL AND scope = (SELECT no FROM scope WHERE name = ?1)",
            )?
            .execute([scope.to_string()])?;
        Ok(())
    }

    /// Whether every entry of this device in a scope is safe at the server with all attachments that are here, and nothing is
    /// being typed or recorded there.
    pub fn nothing_is_only_here(&self, scope: &Scope) -> Result<bool, StoreError> {
        let log = LogId { device: self.device, scope: scope.clone() };
        let Some(no) = numbers::find_scope(&self.connection, scope)? else { return Ok(true) };
        let typing: bool = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM draft d JOIN entity t ON t.id = d.entity WHERE t.scope = ?1)
                     OR EXISTS (SELECT 1 FROM recorded r JOIN entity t ON t.id = r.entity WHERE t.scope = ?1)",
            )?
            .query_row([no], |row| row.get(0))?;
        let own_seq = match numbers::find_log(&self.connection, self.device, no)? {
            Some(own) => numbers::head(&self.connection, own, &log)?.0,
            None => 0,
        };
        let safe_seq = self.receipt(&log)?.map_or(0, |receipt| receipt.seq);
        Ok(!typing && own_seq <= safe_seq && !self.has_blob_only_here(no)?)
    }

    /// Removes the content of a scope that was taken away, if [`Store::nothing_is_only_here`]. The place of this device's
    /// own log stays known, so that it never writes a second branch of it. True when the content is gone.
    pub fn clear_left_scope(&mut self, scope: &Scope) -> Result<bool, StoreError> {
        if !self.nothing_is_only_here(scope)? {
            return Ok(false);
        }
        let own = LogId { device: self.device, scope: scope.clone() };
        let transaction = Step::begin(&self.connection)?;
        let Some(no) = numbers::find_scope(&transaction, scope)? else { return Ok(true) };
        let own_seq = match numbers::find_log(&transaction, self.device, no)? {
            Some(log) => numbers::head(&transaction, log, &own)?.0,
            None => 0,
        };
        for table in ["live", "element", "remembered", "contributor"] {
            let entities = "(SELECT no FROM entity WHERE scope = ?1)";
            transaction.execute(&format!("DELETE FROM {table} WHERE entity IN {entities}"), [no])?;
        }
        transaction.execute("DELETE FROM receipt WHERE log IN (SELECT no FROM log WHERE scope = ?1)", [no])?;
        digest::forget(&transaction, no)?;
        blob::forget_scope(&transaction, no)?;
        transaction.execute("DELETE FROM segment WHERE scope = ?1", [no])?;
        transaction.execute("DELETE FROM entry WHERE log IN (SELECT no FROM log WHERE scope = ?1)", [no])?;
        transaction.execute("DELETE FROM entity WHERE scope = ?1", [no])?;
        transaction.execute("DELETE FROM log WHERE scope = ?1", [no])?;
        transaction.execute("UPDATE left_scope SET own_seq = ?2 WHERE scope = ?1", (no, row::sql(own_seq)))?;
        transaction.commit()?;
        self.held.get_mut().forget_all();
        self.traces = true;
        self.clear_traces();
        Ok(true)
    }
}

/// Whether this device's log of a scope must come back before anything is written there.
pub(crate) fn is_left(connection: &Connection, scope: i64, head_seq: u64) -> Result<bool, StoreError> {
    let own_seq: Option<Option<i64>> = connection
        .prepare_cached("SELECT own_seq FROM left_scope WHERE scope = ?1")?
        .query_row([scope], |row| row.get(0))
        .optional()?;
    Ok(own_seq.flatten().is_some_and(|own_seq| row::sql(head_seq) < own_seq))
}

/// Said again, it only moves on: a person may release more of what was set aside.
fn revoke(transaction: &Connection, device: DeviceId, accepted: &[(Scope, u64)]) -> Result<(), StoreError> {
    let others = (String::new(), 0);
    let rows = accepted.iter().map(|(scope, seq)| (scope.to_string(), row::sql(*seq))).chain([others]);
    for (scope, last_seq) in rows {
        transaction
            .prepare_cached(
                "INSERT INTO revoked (device, scope, last_seq) VALUES (?1, ?2, ?3)
                 ON CONFLICT (device, scope) DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)",
            )?
            .execute((device.as_bytes(), scope, last_seq))?;
    }
    Ok(())
}

fn done(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT number FROM orders_done WHERE one = 1")?;
    let mut rows = statement.query([])?;
    rows.next()?.map_or(Ok(0), |found| row::number(found, 0))
}

fn note_done(transaction: &Connection, number: u64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO orders_done (one, number) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET number = excluded.number",
        )?
        .execute([row::sql(number)])?;
    Ok(())
}
