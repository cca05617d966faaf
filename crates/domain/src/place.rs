//! Positions on the ground.

use serde::{Deserialize, Serialize};

/// A position in WGS 84 degrees. Only valid ones exist.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPosition")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Position {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "bindings", derive(schemars::JsonSchema))]
struct RawPosition {
    #[cfg_attr(feature = "bindings", schemars(range(min = -90, max = 90)))]
    latitude: f64,
    #[cfg_attr(feature = "bindings", schemars(range(min = -180, max = 180)))]
    longitude: f64,
}

impl TryFrom<RawPosition> for Position {
    type Error = BadPosition;
    fn try_from(raw: RawPosition) -> Result<Self, BadPosition> {
        Self::new(raw.latitude, raw.longitude)
    }
}

/// Degrees outside the globe, or not numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("latitude {latitude}, longitude {longitude} is not on the globe (-90 to 90, -180 to 180)")]
pub struct BadPosition {
    latitude: f64,
    longitude: f64,
}

impl Position {
    /// A position from degrees north (-90 to 90) and degrees east (-180 to 180).
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, BadPosition> {
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self { latitude, longitude })
        } else {
            Err(BadPosition { latitude, longitude })
        }
    }

    /// Degrees north, -90 to 90.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east, -180 to 180.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }
}
