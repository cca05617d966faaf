//! Clearing erased content from the file.
//!
//! Headers and commitments stay, so chains and signatures still verify. Cleared are the ops and their keys, the salts that
//! those keys came from, drafts and recordings under way, attachments, the projection (the fold does that) and what was set aside. Deleted bytes are overwritten
//! (`secure_delete`), and the write-ahead log is emptied once the transaction is committed.

use std::collections::BTreeSet;

use kend_domain::EntityId;
use kend_log::{Path, Salt, Segment};
use rusqlite::Connection;

use crate::numbers::EntityRow;
use crate::{StoreError, blob, row};

/// Clears an entity's content under a path (none: all of it).
pub(crate) fn content(
    connection: &Connection,
    id: EntityId,
    entity: EntityRow,
    under: Option<&Path>,
) -> Result<(), StoreError> {
    entries(connection, entity, under)?;
    outside_of_the_log(connection, id, under)
}

/// Clears what is being typed and what was set aside of an entity, also one that has no entry here.
pub(crate) fn outside_of_the_log(
    connection: &Connection,
    id: EntityId,
    under: Option<&Path>,
) -> Result<(), StoreError> {
    drafts(connection, id, under)?;
    quarantine(connection, id, under)
}

fn entries(connection: &Connection, entity: EntityRow, under: Option<&Path>) -> Result<(), StoreError> {
    let mut changed = Vec::new();
    let mut salts = BTreeSet::new();
    let mut statement = connection.prepare_cached("SELECT log, salt, header, slots FROM entry WHERE entity = ?1")?;
    let mut rows = statement.query([entity.no])?;
    while let Some(found) = rows.next()? {
        let mut entry = row::entry(found, 2, 3)?;
        if entry.erase(under) {
            changed.push((found.get::<_, i64>(0)?, entry));
            salts.extend(found.get::<_, Option<Salt>>(1)?);
        }
    }
    for (log, entry) in &changed {
        connection.prepare_cached("UPDATE entry SET slots = ?3 WHERE log = ?1 AND seq = ?2")?.execute((
            log,
            row::sql(entry.header.seq),
            kend_log::slots_bytes(&entry.slots),
        ))?;
        blob::unrefer(connection, *log, entry)?;
    }
    if !changed.is_empty() {
        blob::release(connection)?;
    }
    for salt in salts {
        connection
            .prepare_cached("UPDATE entry SET salt = NULL WHERE entity = ?1 AND salt = ?2")?
            .execute((entity.no, salt))?;
    }
    Ok(())
}

fn drafts(connection: &Connection, id: EntityId, under: Option<&Path>) -> Result<(), StoreError> {
    let mut gone = Vec::new();
    let mut statement = connection
        .prepare_cached("SELECT path FROM draft WHERE entity = ?1 UNION SELECT path FROM recorded WHERE entity = ?1")?;
    let mut rows = statement.query([id.as_bytes()])?;
    while let Some(found) = rows.next()? {
        let path = row::path(found, 0)?;
        if under.is_none_or(|under| path.is_under(under)) {
            gone.push(path);
        }
    }
    for path in gone {
        for sql in [
            "DELETE FROM draft WHERE entity = ?1 AND path = ?2",
            "DELETE FROM recorded WHERE entity = ?1 AND path = ?2",
        ] {
            connection.prepare_cached(sql)?.execute((id.as_bytes(), path.as_str()))?;
        }
    }
    Ok(())
}

/// Set-aside bytes that can't be read go altogether: nobody can say what they hold.
fn quarantine(connection: &Connection, id: EntityId, under: Option<&Path>) -> Result<(), StoreError> {
    let mut changed = Vec::new();
    let mut statement = connection.prepare_cached("SELECT digest, raw FROM quarantine")?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        let digest: [u8; 32] = found.get(0)?;
        let raw = found.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        match Segment::from_bytes(raw) {
            Ok(mut segment) => {
                if segment.erase(id, under) {
                    changed.push((digest, Some(segment.to_bytes()?)));
                }
            }
            Err(_) => changed.push((digest, None)),
        }
    }
    for (digest, raw) in changed {
        match raw {
            Some(raw) => {
                connection.prepare_cached("UPDATE quarantine SET raw = ?2 WHERE digest = ?1")?.execute((digest, raw))?
            }
            None => connection.prepare_cached("DELETE FROM quarantine WHERE digest = ?1")?.execute([digest])?,
        };
    }
    Ok(())
}
