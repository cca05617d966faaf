//! The devices whose segments are taken in.

use kend_domain::{DeviceId, PersonId, Scope};
use rusqlite::OptionalExtension;

use crate::{Device, Store, StoreError};

impl Store {
    /// Makes a device known, or changes what is known of it.
    pub fn put_device(&mut self, device: &Device) -> Result<(), StoreError> {
        let scopes = serde_json::to_string(&device.scopes).map_err(|_| StoreError::Damaged("scopes".to_owned()))?;
        self.connection
            .prepare_cached(
                "INSERT INTO device (device, public_key, person, scopes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (device) DO UPDATE
                 SET public_key = excluded.public_key, person = excluded.person, scopes = excluded.scopes",
            )?
            .execute((device.device.as_bytes(), device.public_key, device.person.as_bytes(), scopes))?;
        Ok(())
    }

    /// A known device.
    pub fn known_device(&self, device: DeviceId) -> Result<Option<Device>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT device, public_key, person, scopes FROM device WHERE device = ?1")?;
        statement.query_row([device.as_bytes()], read).optional()?.transpose()
    }

    /// All known devices, by id.
    pub fn known_devices(&self) -> Result<Vec<Device>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT device, public_key, person, scopes FROM device ORDER BY device")?;
        statement.query_map([], read)?.map(|device| device?).collect()
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Device, StoreError>> {
    let scopes: String = row.get(3)?;
    let scopes: Result<Vec<Scope>, _> = serde_json::from_str(&scopes);
    let (device, person) = (DeviceId::from_bytes(row.get(0)?), PersonId::from_bytes(row.get(2)?));
    let public_key = row.get(1)?;
    Ok(scopes
        .map(|scopes| Device { device, public_key, person, scopes })
        .map_err(|_| StoreError::Damaged("the scopes of a device".to_owned())))
}
