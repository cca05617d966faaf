//! Transactions, and one around several of them.
//!
//! Every operation of the store is a transaction of its own. Whoever keeps a copy of the store elsewhere needs more: that
//! all of what a request changed counts here only once it counts there. Between [`Store::begin`] and [`Store::commit`]
//! the operations' transactions are parts of one, and what they report as done is done when that one is committed.

use std::ops::Deref;

use rusqlite::{Connection, TransactionState};

use crate::{Store, StoreError};

/// An operation's transaction: of its own, or a part of the one that is open. Dropped before it is committed, it leaves
/// nothing behind.
pub(crate) struct Step<'a> {
    connection: &'a Connection,
    end: &'static str,
    undo: &'static str,
    open: bool,
}

impl<'a> Step<'a> {
    pub(crate) fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        let (begin, end, undo) = if connection.is_autocommit() {
            ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        } else {
            ("SAVEPOINT step", "RELEASE step", "ROLLBACK TO step; RELEASE step")
        };
        connection.execute_batch(begin)?;
        Ok(Self { connection, end, undo, open: true })
    }

    pub(crate) fn commit(mut self) -> rusqlite::Result<()> {
        // One that fails to commit is still open, and undone when it is dropped.
        self.connection.execute_batch(self.end)?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Step<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        // SQLite itself undoes a transaction whose disk fails.
        if self.open && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch(self.undo);
        }
    }
}

impl Store {
    /// Begins a transaction around all that follows. One that was never ended (a panic) is undone first.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.roll_back();
        Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Begins to read, all of it in one view. That reading only reads is seen at its end: what `SQLite` has
    /// to refuse writing (`query_only`) makes it prepare every statement anew.
    pub fn begin_reading(&mut self) -> Result<(), StoreError> {
        self.roll_back();
        Ok(self.connection.execute_batch("BEGIN")?)
    }

    /// Ends reading. What somebody wrote all the same is undone, and an error.
    pub fn end_reading(&mut self) -> Result<(), StoreError> {
        if self.connection.transaction_state(None::<&str>)? == TransactionState::Write {
            self.roll_back();
            return Err(StoreError::WroteWhileReading);
        }
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    /// Whether the transaction is still open: when its disk fails, `SQLite` itself undoes it.
    pub fn is_begun(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Makes all of it count. When this fails nothing of it does.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        let noted = if self.copying { self.forget_changes() } else { Ok(()) };
        let committed = noted.and_then(|()| Ok(self.connection.execute_batch("COMMIT")?));
        if committed.is_err() {
            self.roll_back();
        } else {
            self.end();
            self.clear_traces();
        }
        committed
    }

    /// Undoes all of it.
    pub fn roll_back(&mut self) {
        if self.is_begun() {
            let _ = self.connection.execute_batch("ROLLBACK");
            self.held.get_mut().forget_all();
        }
        self.end();
    }

    fn end(&mut self) {
        if self.copying {
            let _ = self.connection.execute_batch("PRAGMA foreign_keys = ON");
            self.copying = false;
        }
    }
}
