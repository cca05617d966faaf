//! Who is who, between a hub and the one above it.
//!
//! A hub in a room enrols devices and gives people accounts that the server never saw; the server changes rights and gives
//! orders to devices that only ever meet the hub. A roster carries what the log does not: upwards the hub's certificates,
//! its own people, whom it revoked and which orders were carried out; downwards the certificates of everybody in the hub's
//! areas and the orders to be passed on. It goes before the exchange of the same contact, so that segments find their
//! authors known.
//!
//! Serial numbers are the cursors of both directions, within one epoch of the server. All of it may be said again: who is
//! known already is no news.

use kend_domain::{Areas, DeviceId, PersonId, Role};
use minicbor::{Decode, Encode};

use crate::certificate::{Certificate, HubKeys, SignedCertificate};
use crate::codec::{self, BadBody};
use crate::message::{Epoch, Refusal, RefusalCode};
use crate::order::SignedOrder;
use crate::protocol::{MAX_AREAS, MAX_NAME_BYTES, MAX_ROSTER, PROTOCOL, ROSTER_PATH};
use crate::signing::{self, HttpRequest, HttpResponse, RequestDigest, Sign};
use crate::ticket::Ticket;

/// Somebody who writes in a hub's own log: signed in there with a browser.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Colleague {
    /// The person.
    #[cbor(n(0), with = "codec::person")]
    pub person: PersonId,
    /// The name they chose.
    #[n(1)]
    pub name: String,
    /// Their role.
    #[cbor(n(2), with = "codec::role")]
    pub role: Role,
    /// Their areas.
    #[cbor(n(3), with = "codec::areas")]
    pub areas: Areas,
}

/// How far a device, and the hub on its way, are with the server's orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OrdersPassed {
    /// The device.
    #[cbor(n(0), with = "codec::device")]
    pub device: DeviceId,
    /// The last order that the device carried out; 0 for none.
    #[n(1)]
    pub done: u64,
    /// The last order that waits at the hub; 0 for none.
    #[n(2)]
    pub held: u64,
}

/// A device that its hub revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Revoked {
    /// The device.
    #[cbor(n(0), with = "codec::device")]
    pub device: DeviceId,
}

/// What a hub says to the one above it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RosterRequest {
    /// The version of the protocol that the hub speaks.
    #[n(0)]
    pub protocol: u32,
    /// The epoch of the server in which `known_serial` was told; none at first.
    #[n(1)]
    pub epoch: Option<Epoch>,
    /// The last of the server's certificates that the hub has; 0 for none.
    #[n(2)]
    pub known_serial: u64,
    /// Certificates that the hub gave, the first new ones.
    #[n(3)]
    pub certificates: Vec<SignedCertificate>,
    /// Everybody who writes in the hub's own log.
    #[n(4)]
    pub colleagues: Vec<Colleague>,
    /// The devices that the hub revoked.
    #[n(5)]
    pub revoked: Vec<Revoked>,
    /// How far its devices are with the orders that it was given for them.
    #[n(6)]
    pub passed: Vec<OrdersPassed>,
}

impl RosterRequest {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        let request: Self = codec::decode_head(body)?;
        check("certificates", request.certificates.len(), MAX_ROSTER)?;
        check("colleagues", request.colleagues.len(), MAX_ROSTER)?;
        check("revoked devices", request.revoked.len(), MAX_ROSTER)?;
        check("devices with orders", request.passed.len(), MAX_ROSTER)?;
        for colleague in &request.colleagues {
            check("bytes of name", colleague.name.len(), MAX_NAME_BYTES)?;
            check("areas", colleague.areas.0.len(), MAX_AREAS)?;
        }
        Ok(request)
    }
}

/// What it is told.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct RosterResponse {
    /// The version of the protocol that the server speaks.
    #[n(0)]
    pub protocol: u32,
    /// The server's epoch: in another one than the hub knew, both sides begin anew.
    #[n(1)]
    pub epoch: Epoch,
    /// The server's certificates after the hub's last, of everybody in the hub's areas.
    #[n(2)]
    pub certificates: Vec<SignedCertificate>,
    /// How far these reach.
    #[n(3)]
    pub known_serial: u64,
    /// Orders to devices that only the hub meets, each device's in their order.
    #[n(4)]
    pub orders: Vec<SignedOrder>,
    /// There is more to be told.
    #[n(5)]
    pub more: bool,
    /// The ticket for the next request.
    #[n(6)]
    pub ticket: Ticket,
}

impl RosterResponse {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        let response: Self = codec::decode_head(body)?;
        check("certificates", response.certificates.len(), MAX_ROSTER)?;
        check("orders", response.orders.len(), MAX_ROSTER)?;
        Ok(response)
    }
}

fn check(what: &'static str, length: usize, limit: usize) -> Result<(), BadBody> {
    if length > limit { Err(BadBody::TooLarge { what, limit }) } else { Ok(()) }
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterAnswer {
    /// The ticket was used up or too old: ask again with this one.
    Again(Ticket),
    /// The answer. Its certificates, read, are the server's, its orders are left to the devices they are for.
    Told {
        /// As it came.
        response: RosterResponse,
        /// Its certificates.
        certificates: Vec<Certificate>,
    },
}

/// Why a roster was not told. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// What answered is no hub, or its answer is damaged.
    #[error("what answered is no hub, or its answer is damaged")]
    NoHub,
    /// The hub refuses.
    #[error("the hub refuses: {}", .0.word())]
    Refused(RefusalCode),
}

/// A roster under way: send the request, hand the answer to [`Roster::receive`].
#[derive(Debug)]
pub struct Roster {
    keys: HubKeys,
    digest: RequestDigest,
}

impl Roster {
    /// The request, signed with the key of the hub that asks.
    pub fn ask(
        keys: HubKeys,
        request: &RosterRequest,
        hub: DeviceId,
        ticket: &Ticket,
        sign: Sign<'_>,
    ) -> (Self, HttpRequest) {
        let (http, digest) = signing::sign_request(ROSTER_PATH, hub, ticket, sign, request.encode());
        (Self { keys, digest }, http)
    }

    /// Reads the answer. All of it is the server's word, or nothing counts.
    pub fn receive(&self, response: &HttpResponse) -> Result<RosterAnswer, RosterError> {
        if response.status != 200 {
            let refusal = Refusal::decode(&response.body).map_err(|_| RosterError::NoHub)?;
            return match (refusal.code, refusal.ticket) {
                (RefusalCode::Ticket, Some(ticket)) => Ok(RosterAnswer::Again(ticket)),
                (code, _) => Err(RosterError::Refused(code)),
            };
        }
        if !signing::answer_holds(&self.keys.hub, &self.digest, response) {
            return Err(RosterError::NoHub);
        }
        let response = RosterResponse::decode(&response.body).map_err(|_| RosterError::NoHub)?;
        if response.protocol != PROTOCOL {
            return Err(RosterError::NoHub);
        }
        let orders_hold = response.orders.iter().all(|order| order.verify(&self.keys.server).is_ok());
        let read = response.certificates.iter().map(|signed| signed.verify(&self.keys.hub));
        match read.collect::<Result<Vec<_>, _>>() {
            Ok(certificates) if orders_hold => Ok(RosterAnswer::Told { response, certificates }),
            _ => Err(RosterError::NoHub),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::sign_answer;
    use crate::{Claim, Deed, Order};

    const SERVER: [u8; 32] = [5; 32];
    const ROOM: [u8; 32] = [6; 32];

    fn by(key: [u8; 32]) -> impl Fn(&str, &[u8]) -> [u8; 64] {
        move |purpose, message| kend_log::sign(&key, purpose, message)
    }

    fn request() -> RosterRequest {
        let device = DeviceId::from_bytes([1; 16]);
        let person = PersonId::from_bytes([2; 16]);
        let areas = Areas(["AZ-TOV".parse().unwrap()].into());
        RosterRequest {
            protocol: PROTOCOL,
            epoch: Some(Epoch([3; 16])),
            known_serial: 7,
            certificates: Vec::new(),
            colleagues: vec![Colleague { person, name: "Leyla".to_owned(), role: Role::Supervisor, areas }],
            revoked: vec![Revoked { device }],
            passed: vec![OrdersPassed { device, done: 1, held: 2 }],
        }
    }

    fn response(order_by: [u8; 32]) -> RosterResponse {
        let order = Order { device: DeviceId::from_bytes([1; 16]), number: 3, deed: Deed::Wipe };
        RosterResponse {
            protocol: PROTOCOL,
            epoch: Epoch([3; 16]),
            certificates: Vec::new(),
            known_serial: 9,
            orders: vec![SignedOrder::sign(&order, &by(order_by))],
            more: false,
            ticket: Ticket([8; 32]),
        }
    }

    /// What a server with this key answers.
    fn answered(key: [u8; 32], response: &RosterResponse) -> Result<RosterAnswer, RosterError> {
        let server = kend_log::public_key(&SERVER);
        let keys = HubKeys { hub: server, server };
        let (roster, http) = Roster::ask(keys, &request(), DeviceId::from_bytes([4; 16]), &Ticket::NONE, &by(ROOM));
        let header = |name| http.headers.iter().find(|(head, _)| *head == name).map(|(_, text)| text.as_str());
        let digest = Claim::read(header).unwrap().digest(ROSTER_PATH, &http.body);
        let body = response.encode();
        let signature = Some(sign_answer(&by(key), &digest, 200, &body));
        roster.receive(&HttpResponse { status: 200, signature, body })
    }

    #[test]
    fn messages_are_read_as_they_were_written_and_limits_hold() {
        assert_eq!(RosterRequest::decode(&request().encode()), Ok(request()));
        assert_eq!(RosterResponse::decode(&response(SERVER).encode()), Ok(response(SERVER)));
        let device = DeviceId::from_bytes([1; 16]);
        let many = RosterRequest { revoked: vec![Revoked { device }; MAX_ROSTER + 1], ..request() };
        assert!(matches!(RosterRequest::decode(&many.encode()), Err(BadBody::TooLarge { limit: MAX_ROSTER, .. })));
        let mut long = request();
        long.colleagues[0].name = "a".repeat(MAX_NAME_BYTES + 1);
        assert!(RosterRequest::decode(&long.encode()).is_err());
        let whole = request().encode();
        for end in 0..whole.len() {
            assert!(RosterRequest::decode(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn only_the_server_tells_and_all_of_it_has_to_be_the_servers() {
        assert!(matches!(answered(SERVER, &response(SERVER)), Ok(RosterAnswer::Told { .. })));
        assert_eq!(answered(ROOM, &response(SERVER)), Err(RosterError::NoHub));
        assert_eq!(answered(SERVER, &response(ROOM)), Err(RosterError::NoHub));
        assert_eq!(answered(SERVER, &RosterResponse { protocol: 99, ..response(SERVER) }), Err(RosterError::NoHub));
    }
}
