//! Ids: 16 random bytes each, made at the rim, never carrying a time (clocks lie in the field).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id")]
pub struct BadId(String);

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 16 bytes. Randomness comes from the caller.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes, as they stand in the log and in SQL.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::parse_str(text).map(Self).map_err(|_| BadId(text.to_owned()))
            }
        }
    };
}

id! {
    /// Something the log is about: an interview, a village added on the spot.
    EntityId
}
id! {
    /// One installation of the app, or one hub.
    DeviceId
}
id! {
    /// A person: several may share a device, one may use several.
    PersonId
}
id! {
    /// One instance of a repeat in an interview: a participant, a quote.
    InstanceId
}
