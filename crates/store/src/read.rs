//! Reading entities.

use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{Chained, EntityKind, EntityState};
use rusqlite::OptionalExtension;

use crate::{EntityHead, Store, StoreError, as_written, numbers, row};

/// Looks at the ends of what an entity has, whatever lies before them.
const HEAD: &str = "
    SELECT t.id, t.kind, s.name,
      EXISTS (SELECT 1 FROM entry WHERE entity = t.no AND log = own.no AND seq > own.acknowledged),
      EXISTS (SELECT 1 FROM entry WHERE entity = t.no AND log = own.no AND seq > coalesce(r.seq, 0)),
      EXISTS (SELECT 1 FROM entry WHERE entity = t.no AND log < coalesce(own.no, 0))
        OR EXISTS (SELECT 1 FROM entry WHERE entity = t.no AND log > coalesce(own.no, 0))
    FROM entity t JOIN scope s ON s.no = t.scope
    LEFT JOIN log own ON own.device = ?1 AND own.scope = t.scope LEFT JOIN receipt r ON r.log = own.no";

impl Store {
    /// What an entity is now; none when there is no entry of it.
    pub fn entity(&self, entity: EntityId) -> Result<Option<Arc<EntityState>>, StoreError> {
        let mut held = self.held.borrow_mut();
        let Some(found) = held.take(&self.connection, entity)? else { return Ok(None) };
        let state = Arc::clone(&found.state);
        held.put(entity, found);
        Ok(Some(state))
    }

    /// The entities of a kind, in the order in which they came here.
    pub fn entities(&self, kind: EntityKind) -> Result<Vec<EntityHead>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{HEAD} WHERE t.kind = ?2 ORDER BY t.no"))?;
        let heads = statement.query_map((self.device.as_bytes(), kind.code()), head)?;
        heads.map(|head| head?).collect()
    }

    /// One entity as in the list.
    pub fn entity_head(&self, entity: EntityId) -> Result<Option<EntityHead>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{HEAD} WHERE t.id = ?2"))?;
        statement.query_row((self.device.as_bytes(), entity.as_bytes()), head).optional()?.transpose()
    }

    /// The last entry of an entity that this device wrote; 0 for none.
    pub fn own_last_seq(&self, entity: EntityId) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(max(e.seq), 0) FROM entity t JOIN entry e ON e.entity = t.no JOIN log l ON l.no = e.log
             WHERE t.id = ?1 AND l.device = ?2",
        )?;
        statement.query_row((entity.as_bytes(), self.device.as_bytes()), |found| Ok(row::number(found, 0)))?
    }

    /// The entries of an entity in the order of Lamport number, device and sequence number, those that wait included.
    /// Where content was erased, its slots are left.
    pub fn history(&self, entity: EntityId) -> Result<Vec<Chained>, StoreError> {
        let Some(found) = numbers::find_entity(&self.connection, entity)? else { return Ok(Vec::new()) };
        let scope = found.scope;
        let mut statement = self.connection.prepare_cached(
            "SELECT l.device, e.hash, e.header, e.slots FROM entry e JOIN log l ON l.no = e.log
             WHERE e.entity = ?1 ORDER BY e.lamport, l.device, e.seq",
        )?;
        let mut rows = statement.query([found.no])?;
        let mut entries = Vec::new();
        while let Some(found) = rows.next()? {
            let device = DeviceId::from_bytes(found.get(0)?);
            let chained = Chained { device, hash: row::hash(found, 1)?, entry: row::entry(found, 2, 3)? };
            as_written::entry(&self.connection, scope, &chained)?;
            entries.push(chained);
        }
        Ok(entries)
    }
}

fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<EntityHead, StoreError>> {
    let kind = EntityKind::from_code(row.get(1)?);
    let scope = Scope::try_from(row.get::<_, String>(2)?);
    let (Some(kind), Ok(scope)) = (kind, scope) else {
        return Ok(Err(StoreError::Damaged("the head of an entity".to_owned())));
    };
    let entity = EntityId::from_bytes(row.get(0)?);
    let (unacknowledged, not_safe, of_others) = (row.get(3)?, row.get(4)?, row.get(5)?);
    Ok(Ok(EntityHead { entity, kind, scope, unacknowledged, not_safe, of_others }))
}
