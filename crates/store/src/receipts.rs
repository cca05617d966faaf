//! What the server is known to have: the latest receipt per log.
//!
//! Whoever calls has checked the server's signature; here a receipt counts only for just this branch of the log. Receipts
//! of an earlier epoch of the server end with the first of a later one: what they spoke of may have been lost there.

use kend_log::{ChainHash, LogId};
use rusqlite::OptionalExtension;

use crate::transaction::Step;
use crate::{Store, StoreError, numbers, row};

/// A receipt of the server, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// The last entry that the server has.
    pub seq: u64,
    /// The server's epoch.
    pub epoch: [u8; 16],
    /// The server's clock when it signed, milliseconds since 1970 UTC.
    pub server_ms: i64,
    /// The signed receipt, as it came.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Keeps a receipt, durably. False when it is not for this branch of the log, or for more than is here; one that says
    /// less than is known changes nothing.
    pub fn keep_receipt(&mut self, log: &LogId, hash: ChainHash, receipt: &KeptReceipt) -> Result<bool, StoreError> {
        let transaction = Step::begin(&self.connection)?;
        let Some(no) = numbers::find_log_of(&transaction, log)? else { return Ok(false) };
        if receipt.seq == 0 || numbers::hash_at(&transaction, no, log, receipt.seq)? != Some(hash) {
            return Ok(false);
        }
        let other_epoch_ms: Option<i64> = transaction
            .prepare_cached("SELECT max(server_ms) FROM receipt WHERE epoch <> ?1")?
            .query_row([receipt.epoch], |row| row.get(0))?;
        if other_epoch_ms.is_some_and(|other_ms| other_ms >= receipt.server_ms) {
            return Ok(true);
        }
        let ended = transaction.prepare_cached("DELETE FROM receipt WHERE epoch <> ?1")?.execute([receipt.epoch])?;
        if ended > 0 {
            // The server was put back from a backup: it may lack attachments that it had.
            transaction.prepare_cached("UPDATE blob SET copied = 0 WHERE copied <> 0")?.execute([])?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO receipt (log, seq, epoch, server_ms, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (log) DO UPDATE
                 SET seq = excluded.seq, server_ms = excluded.server_ms, bytes = excluded.bytes WHERE excluded.seq > seq",
            )?
            .execute((no, row::sql(receipt.seq), receipt.epoch, receipt.server_ms, &receipt.bytes))?;
        transaction.commit()?;
        Ok(true)
    }

    /// The latest receipt for a log.
    pub fn receipt(&self, log: &LogId) -> Result<Option<KeptReceipt>, StoreError> {
        let Some(no) = numbers::find_log_of(&self.connection, log)? else { return Ok(None) };
        let mut statement =
            self.connection.prepare_cached("SELECT seq, epoch, server_ms, bytes FROM receipt WHERE log = ?1")?;
        let read = |row: &rusqlite::Row<'_>| {
            let seq: i64 = row.get(0)?;
            Ok(KeptReceipt { seq: seq.unsigned_abs(), epoch: row.get(1)?, server_ms: row.get(2)?, bytes: row.get(3)? })
        };
        Ok(statement.query_row([no], read).optional()?)
    }

    /// Drops the receipts of all other epochs: the server was put back from a backup. What it had of attachments may be
    /// gone too: they are offered again.
    pub fn end_receipts_but_of(&mut self, epoch: [u8; 16]) -> Result<(), StoreError> {
        let transaction = Step::begin(&self.connection)?;
        transaction.prepare_cached("DELETE FROM receipt WHERE epoch <> ?1")?.execute([epoch])?;
        transaction.prepare_cached("UPDATE blob SET copied = 0 WHERE copied <> 0")?.execute([])?;
        Ok(transaction.commit()?)
    }
}
