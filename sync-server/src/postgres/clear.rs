//! What an erasure leaves behind in PostgreSQL: dead rows in the table, and old pages in the write-ahead log.
//!
//! `UPDATE` writes beside what it replaces, `VACUUM` frees the room without clearing it, and the log's files are kept and
//! used again. So the table is written anew, and then the log is led on until every file that is there was begun after
//! that. What was archived before is the archive's: it must not be kept longer than erased content may be.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::line::{ANSWER, Place, Waiter};
use super::{Postgres, PostgresError};

/// Held by whoever clears.
const CLEARING: i64 = 0x6b65_6e64_0002;
/// Writing the table anew takes as long as it takes.
const REWRITE: Duration = Duration::from_hours(2);
/// Files of the log that are led through at most; at 16 MB each, more than anybody keeps.
const MOST_FILES: u32 = 4096;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cleared {
    /// There was nothing to clear, or another process is at it.
    Nothing,
    /// Neither the table nor the log holds a trace.
    All,
    /// The table holds none; the log is not this user's to lead on.
    TableOnly,
}

impl Postgres {
    /// Whoever clears, on a connection of its own and without being in a request's way here.
    pub(crate) fn clearing(&self) -> Clearing {
        Clearing(Arc::clone(&self.place))
    }
}

/// Clears what erasures left behind.
#[derive(Clone)]
pub(crate) struct Clearing(Arc<Place>);

impl Clearing {
    /// Clears, when there is anything to clear.
    pub(crate) fn run(&self) -> Result<Cleared, PostgresError> {
        clear(&Waiter::new()?, &self.0)
    }
}

fn clear(waiter: &Waiter, place: &Place) -> Result<Cleared, PostgresError> {
    let client = waiter.connect(place)?;
    let ask = "SELECT erased, erased > cleared AND pg_try_advisory_lock($1) FROM kend.head";
    let row = waiter.wait(ANSWER, client.query_opt(ask, &[&CLEARING]))?;
    let Some(row) = row.filter(|row| row.try_get(1).unwrap_or(false)) else { return Ok(Cleared::Nothing) };
    let erased: i64 = row.try_get(0)?;
    // Whoever is in the way is waited for as long as the session says, and no longer: requests queue up behind.
    waiter.wait(ANSWER, client.batch_execute("SET statement_timeout = 0"))?;
    waiter.wait(REWRITE, client.batch_execute("VACUUM FULL kend.record"))?;
    let log = lead_log_on(waiter, &client);
    let done = "UPDATE kend.head SET cleared = greatest(cleared, $1)";
    waiter.wait(ANSWER, client.execute(done, &[&erased]))?;
    match log {
        Ok(()) => Ok(Cleared::All),
        Err(PostgresError::Refused(error)) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            Ok(Cleared::TableOnly)
        }
        Err(error) => Err(error),
    }
}

/// Leads the log on past every file that is there.
fn lead_log_on(waiter: &Waiter, client: &Client) -> Result<(), PostgresError> {
    // A file without a record is not left.
    const NEXT: &str = "UPDATE kend.head SET one = 1; SELECT pg_switch_wal()";
    const LAST: &str = "SELECT max(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'";
    const BEYOND: &str = "SELECT pg_walfile_name(pg_current_wal_lsn()) > $1";
    // From here on the files of before are free to be used again, under the names of those to come.
    waiter.wait(REWRITE, client.batch_execute(NEXT))?;
    waiter.wait(REWRITE, client.batch_execute("CHECKPOINT"))?;
    let last: String = waiter.wait(ANSWER, client.query_one(LAST, &[]))?.try_get(0)?;
    for _ in 0..MOST_FILES {
        waiter.wait(REWRITE, client.batch_execute(NEXT))?;
        if waiter.wait(ANSWER, client.query_one(BEYOND, &[&last]))?.try_get(0)? {
            break;
        }
    }
    waiter.wait(REWRITE, client.batch_execute("CHECKPOINT"))
}
