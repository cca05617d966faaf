//! Signed requests and signed answers.
//!
//! A device signs method, path, its id, a ticket and the hash of the body; the hub signs status and body together with
//! the request it answers. So a portal's page, a proxy that rewrites, or an old answer played back acknowledges nothing,
//! even on a line without TLS. No time is in it: clocks lie in the field.

use kend_domain::DeviceId;
use kend_log::PublicKeyBytes;

use crate::protocol::{
    CONTENT_TYPE, DEVICE_HEADER, METHOD, PROTOCOL, PROTOCOL_FOLLOWING, PROTOCOL_HEADER, SIGNATURE_HEADER, TICKET_HEADER,
};
use crate::ticket::Ticket;

const REQUEST_PURPOSE: &str = "request 1";
const ANSWER_PURPOSE: &str = "answer 1";

/// Signs a message for a purpose with a key that stays where it is: [`kend_log::sign`] with the key bound.
pub type Sign<'a> = &'a dyn Fn(&str, &[u8]) -> [u8; 64];

/// A request, for whatever speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: &'static str,
    /// The path at the hub's address.
    pub path: &'static str,
    /// Headers to send.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The header `Kend-Signature`, if there is one.
    pub signature: Option<String>,
    /// The body. When it came to an end too early, hand over what came: it will not pass.
    pub body: Vec<u8>,
}

/// What the headers of a request claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The device.
    pub device: DeviceId,
    /// The ticket.
    pub ticket: Ticket,
    /// The signature over both, method, path and body.
    pub signature: [u8; 64],
    /// The newest version of the exchange that the device reads, as far as this hub speaks it. Nobody signed it.
    pub reads: u32,
}

impl Claim {
    /// Reads the headers; none when one of the three that have to be there is missing or not of its form.
    pub fn read<'a>(header: impl Fn(&'static str) -> Option<&'a str>) -> Option<Self> {
        Some(Self {
            device: header(DEVICE_HEADER)?.parse().ok()?,
            ticket: Ticket(read_hex(header(TICKET_HEADER)?)?),
            signature: read_hex(header(SIGNATURE_HEADER)?)?,
            reads: header(PROTOCOL_HEADER)
                .and_then(|text| text.parse::<u32>().ok())
                .map_or(PROTOCOL, |newest| newest.clamp(PROTOCOL, PROTOCOL_FOLLOWING)),
        })
    }

    /// Whether the device with this key signed the request.
    pub fn holds(&self, key: &PublicKeyBytes, path: &str, body: &[u8]) -> bool {
        self.holds_target(key, METHOD, path, &blake3::hash(body))
    }

    /// What stands for the request in the signature of its answer.
    pub fn digest(&self, path: &str, body: &[u8]) -> RequestDigest {
        self.digest_of_target(METHOD, path, &blake3::hash(body))
    }

    pub(crate) fn holds_target(&self, key: &PublicKeyBytes, method: &str, target: &str, body: &blake3::Hash) -> bool {
        let message = request_message(method, target, self.device, &self.ticket, body);
        kend_log::verifies(key, REQUEST_PURPOSE, &message, &self.signature)
    }

    pub(crate) fn digest_of_target(&self, method: &str, target: &str, body: &blake3::Hash) -> RequestDigest {
        RequestDigest::of(&request_message(method, target, self.device, &self.ticket, body))
    }
}

/// Stands for one request in the signature of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
    fn of(message: &[u8]) -> Self {
        Self(*blake3::hash(message).as_bytes())
    }
}

/// A signed request, and what its answer has to be signed with.
pub(crate) fn sign_request(
    path: &'static str,
    device: DeviceId,
    ticket: &Ticket,
    sign: Sign<'_>,
    body: Vec<u8>,
) -> (HttpRequest, RequestDigest) {
    let (digest, signature) = sign_target(METHOD, path, device, ticket, &blake3::hash(&body), sign);
    let headers = vec![
        ("Content-Type", CONTENT_TYPE.to_owned()),
        (DEVICE_HEADER, device.to_string()),
        (TICKET_HEADER, write_hex(&ticket.0)),
        (SIGNATURE_HEADER, write_hex(&signature)),
    ];
    (HttpRequest { method: METHOD, path, headers, body }, digest)
}

/// Signs a request to a target (the path, and whatever else the request says) whose body has this hash.
pub(crate) fn sign_target(
    method: &str,
    target: &str,
    device: DeviceId,
    ticket: &Ticket,
    body: &blake3::Hash,
    sign: Sign<'_>,
) -> (RequestDigest, [u8; 64]) {
    let message = request_message(method, target, device, ticket, body);
    (RequestDigest::of(&message), sign(REQUEST_PURPOSE, &message))
}

/// The header `Kend-Signature` of an answer.
pub fn sign_answer(sign: Sign<'_>, request: &RequestDigest, status: u16, body: &[u8]) -> String {
    write_hex(&sign(ANSWER_PURPOSE, &answer_message(request, status, body)))
}

/// Whether the hub with this key gave this answer to this request.
pub(crate) fn answer_holds(key: &PublicKeyBytes, request: &RequestDigest, response: &HttpResponse) -> bool {
    let signature = response.signature.as_deref();
    signature.is_some_and(|signature| answer_is_signed(key, request, response.status, &response.body, signature))
}

/// Whether the hub with this key answered this to this request.
pub(crate) fn answer_is_signed(
    key: &PublicKeyBytes,
    request: &RequestDigest,
    status: u16,
    body: &[u8],
    signature: &str,
) -> bool {
    let Some(signature) = read_hex(signature) else { return false };
    kend_log::verifies(key, ANSWER_PURPOSE, &answer_message(request, status, body), &signature)
}

/// Names an answer by the start of its signature.
pub(crate) fn answer_id(response: &HttpResponse) -> [u8; 16] {
    let signature: Option<[u8; 64]> = response.signature.as_deref().and_then(read_hex);
    signature.and_then(|signature| signature.first_chunk().copied()).unwrap_or_default()
}

fn request_message(method: &str, target: &str, device: DeviceId, ticket: &Ticket, body: &blake3::Hash) -> Vec<u8> {
    let mut message = method.as_bytes().to_vec();
    message.push(b'\n');
    message.extend_from_slice(target.as_bytes());
    message.push(b'\n');
    message.extend_from_slice(device.as_bytes());
    message.extend_from_slice(&ticket.0);
    message.extend_from_slice(body.as_bytes());
    message
}

fn answer_message(request: &RequestDigest, status: u16, body: &[u8]) -> Vec<u8> {
    let mut message = request.0.to_vec();
    message.extend_from_slice(&status.to_le_bytes());
    message.extend_from_slice(blake3::hash(body).as_bytes());
    message
}

pub(crate) fn write_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

pub(crate) fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    // The length is looked at first, so that a header of any size costs nothing.
    if text.len() != 2 * N {
        return None;
    }
    data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SYNC_PATH;

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);

    fn claim(request: &HttpRequest) -> Claim {
        Claim::read(|name| request.headers.iter().find(|(head, _)| *head == name).map(|(_, text)| text.as_str()))
            .unwrap()
    }

    fn key(byte: u8) -> (PublicKeyBytes, impl Fn(&str, &[u8]) -> [u8; 64]) {
        let key = [byte; 32];
        (kend_log::public_key(&key), move |purpose: &str, message: &[u8]| kend_log::sign(&key, purpose, message))
    }

    #[test]
    fn a_request_holds_only_with_its_path_body_ticket_and_key() {
        let (public, sign) = key(3);
        let (request, digest) = sign_request(SYNC_PATH, DEVICE, &Ticket([4; 32]), &sign, b"body".to_vec());
        let claim = claim(&request);
        assert!(claim.holds(&public, SYNC_PATH, b"body"));
        assert_eq!(claim.digest(SYNC_PATH, b"body"), digest);
        assert!(!claim.holds(&public, "/v1/enrol", b"body"));
        assert!(!claim.holds(&public, SYNC_PATH, b"Body"));
        assert!(!Claim { ticket: Ticket([5; 32]), ..claim }.holds(&public, SYNC_PATH, b"body"));
        assert!(!claim.holds(&key(9).0, SYNC_PATH, b"body"));
    }

    #[test]
    fn an_answer_holds_only_for_the_request_that_it_answers() {
        let (public, sign) = key(3);
        let (one, other) = (RequestDigest([1; 32]), RequestDigest([2; 32]));
        let signature = Some(sign_answer(&sign, &one, 200, b"kept"));
        let response = HttpResponse { status: 200, signature, body: b"kept".to_vec() };
        assert!(answer_holds(&public, &one, &response));
        assert!(!answer_holds(&public, &other, &response));
        assert!(!answer_holds(&public, &one, &HttpResponse { status: 202, ..response.clone() }));
        assert!(!answer_holds(&public, &one, &HttpResponse { signature: None, ..response }));
    }
}
