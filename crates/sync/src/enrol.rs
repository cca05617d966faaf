//! Enrolment: a one-time code becomes a certificate.
//!
//! The device makes its keys and its person's id; the code brings role and areas. The device signs the request, which
//! proves that it has the key; the hub signs the answer to just this request, which proves that it has the key that the
//! certificate names. Sending the same request again gives the same certificate: a lost answer costs no second code.

use kend_domain::{DeviceId, PersonId};
use kend_log::PublicKeyBytes;
use minicbor::{Decode, Encode};

use crate::codec::{self, BadBody};
use crate::message::{Epoch, Refusal, RefusalCode};
use crate::protocol::{ENROL_PATH, MAX_ENROL_BODY_BYTES, MAX_NAME_BYTES, PROTOCOL};
use crate::signing::{self, HttpRequest, HttpResponse, RequestDigest, Sign};
use crate::ticket::Ticket;
use crate::{Certificate, SignedCertificate};

/// What a device says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolRequest {
    /// The version of the protocol that the device speaks.
    #[n(0)]
    pub protocol: u32,
    /// The one-time code, as it was typed.
    #[n(1)]
    pub code: String,
    /// The device.
    #[cbor(n(2), with = "codec::device")]
    pub device: DeviceId,
    /// Its public key.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub device_key: PublicKeyBytes,
    /// The person's id, made on the device.
    #[cbor(n(4), with = "codec::person")]
    pub person: PersonId,
    /// The name they chose; empty for the name that the hub gave with the code.
    #[n(5)]
    pub person_name: String,
}

impl EnrolRequest {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        if body.len() > MAX_ENROL_BODY_BYTES {
            return Err(BadBody::TooLarge { what: "bytes", limit: MAX_ENROL_BODY_BYTES });
        }
        let request: Self = codec::decode_head(body)?;
        if request.person_name.len() > MAX_NAME_BYTES || request.code.len() > MAX_NAME_BYTES {
            return Err(BadBody::TooLarge { what: "bytes of name or code", limit: MAX_NAME_BYTES });
        }
        Ok(request)
    }
}

/// What the device gets.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EnrolResponse {
    /// The version of the protocol that the hub speaks.
    #[n(0)]
    pub protocol: u32,
    /// The hub's epoch.
    #[n(1)]
    pub epoch: Epoch,
    /// The device's certificate. It names the hub and its key; certificates of other devices come with their logs.
    #[n(2)]
    pub certificate: SignedCertificate,
    /// The ticket for the first exchange.
    #[n(3)]
    pub ticket: Ticket,
}

impl EnrolResponse {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        codec::decode_head(body)
    }
}

/// What a device keeps of its enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// Its certificate: who it is, and the hub's name, device and key.
    pub certificate: Certificate,
    /// The certificate as the hub signed it, to keep with [`crate::Replica::keep_certificate`].
    pub signed: SignedCertificate,
    /// The ticket for the first exchange.
    pub ticket: Ticket,
}

/// Why an enrolment did not succeed. Nothing changed on the device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// What answered is no hub, or its answer is damaged.
    #[error("what answered is no hub, or its answer is damaged")]
    NoHub,
    /// The hub refuses.
    #[error("the hub refuses: {}", .0.word())]
    Refused(RefusalCode),
}

/// An enrolment under way: send the request, hand the answer to [`Enrolment::receive`].
#[derive(Debug)]
pub struct Enrolment {
    device: DeviceId,
    device_key: PublicKeyBytes,
    person: PersonId,
    digest: RequestDigest,
}

impl Enrolment {
    /// The request, signed with the device's new key.
    pub fn start(request: &EnrolRequest, sign: Sign<'_>) -> (Self, HttpRequest) {
        let (http, digest) = signing::sign_request(ENROL_PATH, request.device, &Ticket::NONE, sign, request.encode());
        let EnrolRequest { device, device_key, person, .. } = *request;
        (Self { device, device_key, person, digest }, http)
    }

    /// Reads the answer.
    pub fn receive(&self, response: &HttpResponse) -> Result<Enrolled, EnrolError> {
        if response.body.len() > MAX_ENROL_BODY_BYTES {
            return Err(EnrolError::NoHub);
        }
        if response.status != 200 {
            let refusal = Refusal::decode(&response.body).map_err(|_| EnrolError::NoHub)?;
            return Err(EnrolError::Refused(refusal.code));
        }
        let answer = EnrolResponse::decode(&response.body).map_err(|_| EnrolError::NoHub)?;
        let certificate = answer.certificate.verify_first().map_err(|_| EnrolError::NoHub)?;
        let ours = certificate.device == self.device
            && certificate.device_key == self.device_key
            && certificate.person == self.person
            && answer.protocol == PROTOCOL;
        if !ours || !signing::answer_holds(&certificate.hub_key, &self.digest, response) {
            return Err(EnrolError::NoHub);
        }
        Ok(Enrolled { certificate, signed: answer.certificate, ticket: answer.ticket })
    }
}
