//! What is being typed: durable at once, an entry only when the card is left.
//!
//! One row per person and path is written over, so hours of typing leave no trail; the entry that ends a draft deletes
//! it in its own transaction ([`crate::Append::ends_drafts`]).

use kend_domain::{EntityId, PersonId};
use kend_log::Path;

use crate::{Draft, Store, StoreError, row};

impl Store {
    /// Keeps what is being typed, durable when it returns. What lies under an erased path is refused, and so is a
    /// text with zeros in it: nobody types them.
    pub fn keep_draft(&mut self, entity: EntityId, path: &Path, actor: PersonId, text: &str) -> Result<(), StoreError> {
        if text.len() > kend_log::limits::MAX_VALUE_BYTES || text.contains('\0') {
            return Err(kend_log::BadEntry::Value(path.clone()).into());
        }
        if self.is_erased(entity, path)? {
            return Err(StoreError::Erased);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO draft (entity, path, actor, text) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (entity, path, actor) DO UPDATE SET text = excluded.text",
            )?
            .execute((entity.as_bytes(), path.as_str(), actor.as_bytes(), text))?;
        Ok(())
    }

    /// Drops a draft.
    pub fn drop_draft(&mut self, entity: EntityId, path: &Path, actor: PersonId) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM draft WHERE entity = ?1 AND path = ?2 AND actor = ?3")?
            .execute((entity.as_bytes(), path.as_str(), actor.as_bytes()))?;
        Ok(())
    }

    /// The drafts of an entity, by path.
    pub fn drafts(&self, entity: EntityId) -> Result<Vec<Draft>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT path, actor, text FROM draft WHERE entity = ?1 ORDER BY path, actor")?;
        let mut rows = statement.query([entity.as_bytes()])?;
        let mut drafts = Vec::new();
        while let Some(found) = rows.next()? {
            let text: String = found.get(2)?;
            // A page that was wiped reads as zeros, without an error, where a long text goes on.
            if text.contains('\0') {
                return Err(StoreError::Damaged("a draft".to_owned()));
            }
            drafts.push(Draft { path: row::path(found, 0)?, actor: PersonId::from_bytes(found.get(1)?), text });
        }
        Ok(drafts)
    }
}
