//! Passing on by file and taking in a file, as a device does it.

use kend_bundle::SealKey;

use super::Device;
use crate::api::{ApiError, ErrorCode};

impl Device {
    /// The key that opens what was sealed to this device.
    pub fn seal_key(&self) -> Result<SealKey, ApiError> {
        let open = self.open.as_ref().ok_or(ApiError::new(ErrorCode::Locked))?;
        Ok(SealKey::from_bytes(&open.store.derived_key(SealKey::CONTEXT)))
    }
}
