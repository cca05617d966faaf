//! Orders: what the server tells a device to do, before anything else.
//!
//! Erasures, revocations, the end of a device's rights in an area, and the end of the device itself travel as orders,
//! because they must reach a device also where the log does not: an entity outside of its areas, a device that holds
//! nothing any more. Only the server signs them, each for one device, numbered from 1 without a gap, so that a hub on the
//! way can hold one back but neither make one, nor play one to another device, nor leave one out unnoticed.

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{Path, PublicKeyBytes, Reason};
use minicbor::{Decode, Encode};

use crate::codec;
use crate::message::LogHead;
use crate::protocol::MAX_LIST;
use crate::signed::{BadSigned, Signed, Statement};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Deed {
    /// Content of an entity is erased for good, whether or not it is on the device yet.
    #[n(1)]
    #[cbor(array)]
    Erase {
        /// The entity.
        #[cbor(n(0), with = "codec::entity")]
        entity: EntityId,
        /// The path under which everything goes; none for all of the entity.
        #[cbor(n(1), with = "codec::optional_path")]
        under: Option<Path>,
        /// Why.
        #[cbor(n(2), with = "codec::reason")]
        reason: Reason,
    },
    /// Everything on the device goes: the key of its store first.
    #[n(2)]
    Wipe,
    /// Another device was revoked: of its logs, only what the server had accepted counts.
    #[n(3)]
    #[cbor(array)]
    Revoke {
        /// The device.
        #[cbor(n(0), with = "codec::device")]
        device: DeviceId,
        /// The last accepted entry of each of its logs that this device may hold.
        #[n(1)]
        accepted: Vec<LogHead>,
    },
    /// A scope is not this device's any more: its content goes once the device's own entries there are safe.
    #[n(4)]
    #[cbor(array)]
    Leave {
        /// The scope.
        #[cbor(n(0), with = "codec::scope")]
        scope: Scope,
    },
}

impl Deed {
    /// Its word, in tables and for people who mend things.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Erase { .. } => "erase",
            Self::Wipe => "wipe",
            Self::Revoke { .. } => "revoke",
            Self::Leave { .. } => "leave",
        }
    }

    /// The bytes to store until the order is signed and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads stored bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSigned> {
        Ok(codec::decode_head(bytes)?)
    }
}

/// An order to one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Order {
    /// The device.
    #[cbor(n(0), with = "codec::device")]
    pub device: DeviceId,
    /// Its number among the device's orders, from 1 without a gap.
    #[n(1)]
    pub number: u64,
    /// What is to be done.
    #[n(2)]
    pub deed: Deed,
}

impl Statement for Order {
    const PURPOSE: &'static str = "order 1";

    fn check(&self, _: &PublicKeyBytes) -> Result<(), BadSigned> {
        match &self.deed {
            Deed::Revoke { accepted, .. } if accepted.len() > MAX_LIST => Err(BadSigned::Form),
            _ => Ok(()),
        }
    }
}

/// An order as it travels, signed by the server.
pub type SignedOrder = Signed<Order>;

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: [u8; 32] = [5; 32];

    fn sign(key: [u8; 32]) -> impl Fn(&str, &[u8]) -> [u8; 64] {
        move |purpose: &str, message: &[u8]| kend_log::sign(&key, purpose, message)
    }

    #[test]
    fn every_deed_is_read_back_and_an_altered_order_refused() {
        let entity = EntityId::from_bytes([7; 16]);
        let scope: Scope = "demo/AZ-TOV".parse().unwrap();
        let device = DeviceId::from_bytes([2; 16]);
        let accepted = vec![LogHead { device, scope: scope.clone(), seq: 4, prefix: [1, 2, 3, 4] }];
        let deeds = [
            Deed::Erase { entity, under: None, reason: Reason::ConsentWithdrawn },
            Deed::Erase { entity, under: Some("n/1".parse().unwrap()), reason: Reason::MustNotBeKept },
            Deed::Wipe,
            Deed::Revoke { device, accepted },
            Deed::Leave { scope },
        ];
        let key = kend_log::public_key(&SERVER);
        for deed in deeds {
            assert_eq!(Deed::from_bytes(&deed.to_bytes()).as_ref(), Ok(&deed));
            let order = Order { device: DeviceId::from_bytes([1; 16]), number: 3, deed };
            let signed = SignedOrder::sign(&order, &sign(SERVER));
            assert_eq!(SignedOrder::from_bytes(&signed.to_bytes()).unwrap().verify(&key).as_ref(), Ok(&order));
            assert_eq!(SignedOrder::sign(&order, &sign([6; 32])).verify(&key), Err(BadSigned::Signature));
            for place in 0..signed.raw.bytes.len() {
                let mut altered = signed.clone();
                altered.raw.bytes[place] ^= 1;
                assert!(altered.verify(&key).is_err(), "{}: {place}", order.deed.word());
            }
        }
    }
}
