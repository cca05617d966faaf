//! What was set aside, for a person to decide on: listed, released, or dropped.

use kend_domain::DeviceId;
use kend_log::Segment;
use rusqlite::OptionalExtension;

use crate::{Store, StoreError};

/// A segment that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Hash of its bytes, by which it is named.
    pub digest: [u8; 32],
    /// The device that signed it; none when that is not known.
    pub device: Option<DeviceId>,
    /// Why it was set aside.
    pub code: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The word for what follows something set aside, beside those of [`crate::Code`].
pub(crate) const FOLLOWING: &str = "follows";

impl Quarantined {
    /// The segment, when the bytes are one.
    pub fn segment(&self) -> Option<Segment> {
        Segment::from_bytes(&self.bytes).ok()
    }
}

const SELECT: &str = "SELECT digest, device, code, raw FROM quarantine";

impl Store {
    /// Everything that is set aside, by device.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{SELECT} ORDER BY device, digest"))?;
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// What a device signed and that was set aside only because it follows something set aside.
    pub fn following(&self, device: DeviceId) -> Result<Vec<Quarantined>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{SELECT} WHERE device = ?1 AND code = ?2"))?;
        Ok(statement.query_map((device.as_bytes(), FOLLOWING), read)?.collect::<Result<_, _>>()?)
    }

    /// The names of all that is set aside.
    pub fn quarantined_digests(&self) -> Result<Vec<[u8; 32]>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT digest FROM quarantine")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// How many there are.
    pub fn count_quarantined(&self) -> Result<u64, StoreError> {
        let count: i64 = self.connection.query_row("SELECT count(*) FROM quarantine", [], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// One of them.
    pub fn quarantined_of(&self, digest: &[u8; 32]) -> Result<Option<Quarantined>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{SELECT} WHERE digest = ?1"))?;
        Ok(statement.query_row([digest], read).optional()?)
    }

    /// Drops one for good: it was taken in, or a person decided so. False when there is none.
    pub fn drop_quarantined(&mut self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        let dropped = self.connection.prepare_cached("DELETE FROM quarantine WHERE digest = ?1")?.execute([digest])?;
        Ok(dropped > 0)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Quarantined> {
    let device: Vec<u8> = row.get(1)?;
    let device = <[u8; 16]>::try_from(device).ok().map(DeviceId::from_bytes);
    Ok(Quarantined { digest: row.get(0)?, device, code: row.get(2)?, bytes: row.get(3)? })
}
