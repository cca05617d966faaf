//! Where the logs stand, and what a hub has acknowledged.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{ChainHash, HashPrefix, LogId};

use crate::{LogHead, Store, StoreError, Unacknowledged, numbers, row};

impl Store {
    /// Where the logs stand here, by scope and device.
    pub fn logs(&self) -> Result<Vec<LogHead>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT l.device, s.name, l.acknowledged, e.seq, e.hash, coalesce(r.seq, 0)
             FROM log l JOIN scope s ON s.no = l.scope LEFT JOIN receipt r ON r.log = l.no
             LEFT JOIN entry e ON e.log = l.no AND e.seq = (SELECT max(seq) FROM entry WHERE log = l.no)
             ORDER BY s.name, l.device",
        )?;
        let mut rows = statement.query([])?;
        let mut logs = Vec::new();
        while let Some(found) = rows.next()? {
            let log = log_id(found)?;
            let (seq, hash) = match found.get::<_, Option<i64>>(3)? {
                None => (0, ChainHash::start(&log)),
                Some(_) => (row::number(found, 3)?, row::hash(found, 4)?),
            };
            let (acknowledged, safe) = (row::number(found, 2)?, row::number(found, 5)?);
            logs.push(LogHead { log, seq, hash, acknowledged, safe });
        }
        Ok(logs)
    }

    /// The last entry of a log and its chain hash; none when nothing of it is here.
    pub fn log_head(&self, log: &LogId) -> Result<Option<(u64, ChainHash)>, StoreError> {
        let Some(no) = numbers::find_log_of(&self.connection, log)? else { return Ok(None) };
        let (seq, hash) = numbers::head(&self.connection, no, log)?;
        Ok((seq > 0).then_some((seq, hash)))
    }

    /// The scopes that anything is in, by name.
    pub fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT name FROM scope s WHERE EXISTS (SELECT 1 FROM log l WHERE l.scope = s.no) ORDER BY name",
        )?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        names.map(|name| Scope::try_from(name?).map_err(|_| StoreError::Damaged("a scope".to_owned()))).collect()
    }

    /// Entries of this device that no hub has acknowledged.
    pub fn unacknowledged(&self) -> Result<Unacknowledged, StoreError> {
        let mut waiting = Unacknowledged::default();
        let mut statement = self.connection.prepare_cached(
            "SELECT l.device, s.name, count(*), sum(length(e.header) + length(e.slots))
             FROM log l JOIN scope s ON s.no = l.scope JOIN entry e ON e.log = l.no AND e.seq > l.acknowledged
             WHERE l.device = ?1 GROUP BY l.no ORDER BY s.name",
        )?;
        let mut rows = statement.query([self.device.as_bytes()])?;
        while let Some(found) = rows.next()? {
            waiting.logs.push((log_id(found)?, found.get(2)?));
            waiting.size_bytes += row::number(found, 3)?;
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT t.id, count(*) FROM log l JOIN entry e ON e.log = l.no AND e.seq > l.acknowledged
             JOIN entity t ON t.no = e.entity WHERE l.device = ?1 GROUP BY t.no ORDER BY t.no",
        )?;
        let entities = statement
            .query_map([self.device.as_bytes()], |row| Ok((EntityId::from_bytes(row.get(0)?), row.get(1)?)))?;
        waiting.entities = entities.collect::<Result<_, _>>()?;
        Ok(waiting)
    }

    /// Notes that a hub has a log of this device up to `seq` on its disk. The prefix shows that it is this branch of the
    /// log; an earlier acknowledgement than known changes nothing.
    pub fn acknowledge(&mut self, log: &LogId, seq: u64, prefix: HashPrefix) -> Result<(), StoreError> {
        let Some(no) = numbers::find_log_of(&self.connection, log)? else { return Err(StoreError::OtherBranch) };
        let hash = numbers::hash_at(&self.connection, no, log, seq)?;
        if hash.is_none_or(|hash| hash.prefix() != prefix) {
            return Err(StoreError::OtherBranch);
        }
        self.connection
            .prepare_cached("UPDATE log SET acknowledged = ?2 WHERE no = ?1 AND acknowledged < ?2")?
            .execute((no, row::sql(seq)))?;
        Ok(())
    }
}

fn log_id(row: &rusqlite::Row<'_>) -> Result<LogId, StoreError> {
    Ok(LogId { device: DeviceId::from_bytes(row.get(0)?), scope: row::scope(row, 1)? })
}
