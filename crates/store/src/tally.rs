//! How far the entities of a kind have come, counted without reading each: what is settled costs nothing, however much of
//! it there is.

use kend_domain::EntityId;
use kend_log::EntityKind;

use crate::{Store, StoreError};

/// The entities that this device wrote on after a mark of its logs.
const BEYOND: &str = "
    SELECT DISTINCT t.no, t.id FROM log l LEFT JOIN receipt r ON r.log = l.no
    CROSS JOIN entry e ON e.log = l.no AND e.seq > MARK JOIN entity t ON t.no = e.entity
    WHERE l.device = ?1 AND t.kind = ?2";

fn waiting() -> String {
    BEYOND.replace("MARK", "l.acknowledged")
}

fn not_safe() -> String {
    BEYOND.replace("MARK", "coalesce(r.seq, 0)")
}

/// The entities of a kind, told apart by how far they have come. See [`crate::EntityHead`] for one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub entities: u32,
    /// Those with entries of this device that no hub has acknowledged, in the order in which they came here.
    pub unacknowledged: Vec<EntityId>,
    /// Of the others, those with entries of this device of which the server's receipt is not here.
    pub not_safe: u32,
}

impl Store {
    /// How many entities of a kind have entries of this device that no hub has acknowledged.
    pub fn waiting(&self, kind: EntityKind) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM ({})", waiting());
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row((self.device.as_bytes(), kind.code()), |row| row.get(0))?)
    }

    /// How far the entities of a kind have come.
    pub fn tally(&self, kind: EntityKind) -> Result<Tally, StoreError> {
        let of = (self.device.as_bytes(), kind.code());
        let mut statement = self.connection.prepare_cached(&format!("{} ORDER BY t.no", waiting()))?;
        let found = statement.query_map(of, |row| row.get(1).map(EntityId::from_bytes))?;
        let unacknowledged: Vec<EntityId> = found.collect::<Result<_, _>>()?;
        let sql = format!(
            "SELECT (SELECT count(*) FROM entity WHERE kind = ?2),
               (SELECT count(*) FROM (SELECT no FROM ({}) EXCEPT SELECT no FROM ({})))",
            not_safe(),
            waiting()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let (entities, not_safe) = statement.query_row(of, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Tally { entities, unacknowledged, not_safe })
    }

    /// Of the entities of a kind whose every entry of this device is safe, how many have entries of others. Each is looked
    /// at.
    pub fn settled_with_others(&self, kind: EntityKind) -> Result<u32, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM entity t WHERE t.kind = ?2
               AND EXISTS (SELECT 1 FROM entry e JOIN log l ON l.no = e.log WHERE e.entity = t.no AND l.device <> ?1)
               AND t.no NOT IN (SELECT no FROM ({}) UNION SELECT no FROM ({}))",
            not_safe(),
            waiting()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row((self.device.as_bytes(), kind.code()), |row| row.get(0))?)
    }
}
