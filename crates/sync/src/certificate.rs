//! Certificates: a hub's word on whose device this is.
//!
//! A device gets its own at enrolment and keeps the hub's key from it; those of other devices come with the first
//! segment of their logs, so that their signatures can be checked on the device. They are signed once and passed on as
//! bytes. Rights are decided by the hub from what it knows now: a certificate says who somebody is, and shows to its
//! owner what they may do.

use kend_domain::{AreaCode, Areas, DeviceId, PersonId, Role, Scope};
use kend_log::PublicKeyBytes;
use kend_store::Device;
use minicbor::{Decode, Encode};

use crate::codec;
use crate::protocol::{MAX_AREAS, MAX_NAME_BYTES};
use crate::rights::Member;
use crate::signed::{BadSigned, Signed, Statement};

/// The keys that a device trusts, from its own certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubKeys {
    /// Of the hub: it signs answers and certificates.
    pub hub: PublicKeyBytes,
    /// Of the server: it signs receipts and orders. The hub's own when no other is above it.
    pub server: PublicKeyBytes,
}

/// Whose device this is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Certificate {
    /// The project.
    #[cbor(n(0), with = "codec::area")]
    pub project: AreaCode,
    /// Counts the hub's certificates; of two for one device and person the larger holds.
    #[n(1)]
    pub serial: u64,
    /// What the hub calls itself.
    #[n(2)]
    pub hub_name: String,
    /// The hub's own device id: reviews made in a browser stand in its log.
    #[cbor(n(3), with = "codec::device")]
    pub hub_device: DeviceId,
    /// The hub's public key.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub hub_key: PublicKeyBytes,
    /// The device.
    #[cbor(n(5), with = "codec::device")]
    pub device: DeviceId,
    /// The device's public key.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub device_key: PublicKeyBytes,
    /// The person who uses it.
    #[cbor(n(7), with = "codec::person")]
    pub person: PersonId,
    /// The name they chose for their colleagues.
    #[n(8)]
    pub person_name: String,
    /// Their role.
    #[cbor(n(9), with = "codec::role")]
    pub role: Role,
    /// The areas they are responsible for.
    #[cbor(n(10), with = "codec::areas")]
    pub areas: Areas,
    /// The public key of the server, which signs receipts and orders: the hub's own when no other is above it.
    #[cbor(n(11), with = "minicbor::bytes")]
    pub server_key: PublicKeyBytes,
    /// The public half of the device's seal key (X25519): what is sealed to it only the device opens.
    #[cbor(n(12), with = "minicbor::bytes")]
    pub seal_key: PublicKeyBytes,
    /// That of the hub.
    #[cbor(n(13), with = "minicbor::bytes")]
    pub hub_seal_key: PublicKeyBytes,
    /// That of the server: the hub's own when no other is above it.
    #[cbor(n(14), with = "minicbor::bytes")]
    pub server_seal_key: PublicKeyBytes,
}

impl Certificate {
    /// The device, for a store that is to take in what it signed.
    pub fn to_device(&self) -> Device {
        let scope = |area: &AreaCode| Scope::new(self.project.clone(), area.clone());
        Device {
            device: self.device,
            public_key: self.device_key,
            person: self.person,
            scopes: self.areas.0.iter().map(scope).collect(),
        }
    }

    /// The person, with the rights that it shows.
    pub fn member(&self) -> Member {
        Member { person: self.person, role: self.role, areas: self.areas.clone() }
    }

    /// The keys that this device trusts.
    pub const fn keys(&self) -> HubKeys {
        HubKeys { hub: self.hub_key, server: self.server_key }
    }

    /// The hub itself as a device: reviews made in a browser are signed with its key.
    pub fn hub_as_device(&self) -> Device {
        Device { device: self.hub_device, public_key: self.hub_key, ..self.to_device() }
    }
}

impl Statement for Certificate {
    const PURPOSE: &'static str = "certificate 1";

    fn check(&self, signer: &PublicKeyBytes) -> Result<(), BadSigned> {
        let fits = self.hub_name.len() <= MAX_NAME_BYTES
            && self.person_name.len() <= MAX_NAME_BYTES
            && self.areas.0.len() <= MAX_AREAS;
        match () {
            () if !fits => Err(BadSigned::Form),
            () if self.hub_key != *signer => Err(BadSigned::Signature),
            () => Ok(()),
        }
    }
}

/// A certificate as it travels, signed by the hub.
pub type SignedCertificate = Signed<Certificate>;

impl SignedCertificate {
    /// The certificate with which a device first learns the hub's key: it holds if it is signed with the key it names.
    pub(crate) fn verify_first(&self) -> Result<Certificate, BadSigned> {
        let hub_key = self.read()?.hub_key;
        self.verify(&hub_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: [u8; 32] = [5; 32];

    fn certificate() -> Certificate {
        Certificate {
            project: "demo".parse().unwrap(),
            serial: 1,
            hub_name: "Tovuz".to_owned(),
            hub_device: DeviceId::from_bytes([9; 16]),
            hub_key: kend_log::public_key(&HUB),
            device: DeviceId::from_bytes([1; 16]),
            device_key: [2; 32],
            person: PersonId::from_bytes([3; 16]),
            person_name: "Aynur".to_owned(),
            role: Role::Enumerator,
            areas: Areas(["AZ-TOV".parse().unwrap()].into()),
            server_key: [4; 32],
            seal_key: [6; 32],
            hub_seal_key: [7; 32],
            server_seal_key: [8; 32],
        }
    }

    fn signed_by(key: [u8; 32]) -> SignedCertificate {
        SignedCertificate::sign(&certificate(), &|purpose, message| kend_log::sign(&key, purpose, message))
    }

    #[test]
    fn a_certificate_is_read_back_and_an_altered_one_refused() {
        let signed = signed_by(HUB);
        let read = SignedCertificate::from_bytes(&signed.to_bytes()).unwrap();
        assert_eq!(read.verify(&kend_log::public_key(&HUB)), Ok(certificate()));
        for place in 0..signed.raw.bytes.len() {
            let mut altered = signed.clone();
            altered.raw.bytes[place] ^= 1;
            assert!(altered.verify(&kend_log::public_key(&HUB)).is_err(), "{place}");
        }
    }

    #[test]
    fn a_certificate_of_another_hub_is_refused() {
        let signed = signed_by([6; 32]);
        assert_eq!(signed.verify(&kend_log::public_key(&HUB)), Err(BadSigned::Signature));
        assert_eq!(signed.verify(&kend_log::public_key(&[6; 32])), Err(BadSigned::Signature));
        assert_eq!(signed.verify_first(), Err(BadSigned::Signature));
    }
}
