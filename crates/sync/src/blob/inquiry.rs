//! How far attachments are at the hub, asked for many at once: `POST /v1/blobs`.
//!
//! One request before anything moves, so that a device goes on where the hub stands and offers only what it lacks. The hub
//! names what it misses of the device's areas too: whoever has it hands it in, also when it had it once and lost it.

use kend_domain::DeviceId;
use kend_log::BlobId;
use minicbor::{Decode, Encode};

use super::receipt::SignedBlobReceipt;
use crate::HubKeys;
use crate::codec::{self, BadBody};
use crate::message::{Refusal, RefusalCode};
use crate::protocol::{BLOBS_PATH, MAX_BLOBS, PROTOCOL};
use crate::signing::{self, HttpRequest, HttpResponse, RequestDigest, Sign};
use crate::ticket::Ticket;

/// What a device asks.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BlobsRequest {
    /// [`PROTOCOL`].
    #[n(0)]
    pub protocol: u32,
    /// How far are these?
    #[cbor(n(1), with = "codec::blobs")]
    pub blobs: Vec<BlobId>,
    /// These came from this hub and are not what their names say: it may have lost them.
    #[cbor(n(2), with = "codec::blobs")]
    pub damaged: Vec<BlobId>,
    /// What the hub lacks is wanted from here on, by id.
    #[cbor(n(3), with = "codec::blob")]
    pub missing_from: BlobId,
}

/// How far one is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BlobStanding {
    /// There is such an attachment, and the device may hold it.
    #[n(0)]
    pub known: bool,
    /// How much of it the hub has on its disk.
    #[n(1)]
    pub offset: u64,
    /// Whether that is all of it, hash and all.
    #[n(2)]
    pub complete: bool,
    /// That the server has it.
    #[n(3)]
    pub receipt: Option<SignedBlobReceipt>,
}

impl BlobStanding {
    /// Of one that does not exist, or that the device may not hold.
    pub const UNKNOWN: Self = Self { known: false, offset: 0, complete: false, receipt: None };
}

/// What the hub answers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BlobsResponse {
    /// [`PROTOCOL`].
    #[n(0)]
    pub protocol: u32,
    /// A ticket for the next request.
    #[n(1)]
    pub ticket: Ticket,
    /// How far each is that was asked for, in that order.
    #[n(2)]
    pub standings: Vec<BlobStanding>,
    /// What the hub lacks, by id.
    #[cbor(n(3), with = "codec::blobs")]
    pub missing: Vec<BlobId>,
    /// Where to go on asking for more of that. None at the end.
    #[cbor(n(4), with = "codec::maybe_blob")]
    pub missing_next: Option<BlobId>,
}

impl BlobsRequest {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        let request: Self = codec::decode_head(body)?;
        for list in [&request.blobs, &request.damaged] {
            if list.len() > MAX_BLOBS {
                return Err(BadBody::TooLarge { what: "attachments", limit: MAX_BLOBS });
            }
        }
        Ok(request)
    }
}

impl BlobsResponse {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode_head(self)
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, BadBody> {
        codec::decode_head(body)
    }
}

/// A question under way.
#[derive(Debug)]
pub struct Inquiry {
    keys: HubKeys,
    digest: RequestDigest,
    asked: usize,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquiryAnswer {
    /// Ask once more, with this ticket.
    Again(Ticket),
    /// What the hub says.
    Told(BlobsResponse),
    /// The hub refuses.
    Refused(RefusalCode),
    /// What answered is no hub, or its answer is damaged.
    NoHub,
}

impl Inquiry {
    /// Asks.
    pub fn ask(
        keys: HubKeys,
        request: &BlobsRequest,
        device: DeviceId,
        ticket: &Ticket,
        sign: Sign<'_>,
    ) -> (Self, HttpRequest) {
        let (http, digest) = signing::sign_request(BLOBS_PATH, device, ticket, sign, request.encode());
        (Self { keys, digest, asked: request.blobs.len() }, http)
    }

    /// Reads the answer.
    pub fn receive(&self, response: &HttpResponse) -> InquiryAnswer {
        if response.status != 200 {
            return match Refusal::decode(&response.body) {
                Ok(Refusal { code: RefusalCode::Ticket, ticket: Some(ticket) }) => InquiryAnswer::Again(ticket),
                Ok(refusal) => InquiryAnswer::Refused(refusal.code),
                Err(_) => InquiryAnswer::NoHub,
            };
        }
        if !signing::answer_holds(&self.keys.hub, &self.digest, response) {
            return InquiryAnswer::NoHub;
        }
        match BlobsResponse::decode(&response.body) {
            Ok(told) if told.protocol == PROTOCOL && told.standings.len() == self.asked => InquiryAnswer::Told(told),
            _ => InquiryAnswer::NoHub,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Epoch;
    use crate::{BlobReceipt, Claim};

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);
    const HUB: [u8; 32] = [5; 32];

    fn sign(purpose: &str, message: &[u8]) -> [u8; 64] {
        kend_log::sign(&HUB, purpose, message)
    }

    fn asked() -> BlobsRequest {
        let blobs = vec![BlobId([1; 32]), BlobId([2; 32])];
        BlobsRequest { protocol: PROTOCOL, blobs, damaged: vec![BlobId([3; 32])], missing_from: BlobId([0; 32]) }
    }

    fn told() -> BlobsResponse {
        let receipt = BlobReceipt { blob: BlobId([1; 32]), size_bytes: 9, epoch: Epoch([3; 16]), server_ms: 4 };
        let receipt = Some(SignedBlobReceipt::sign(&receipt, &sign));
        BlobsResponse {
            protocol: PROTOCOL,
            ticket: Ticket([4; 32]),
            standings: vec![BlobStanding { known: true, offset: 9, complete: true, receipt }, BlobStanding::UNKNOWN],
            missing: vec![BlobId([7; 32])],
            missing_next: None,
        }
    }

    #[test]
    fn questions_and_answers_are_read_back_as_they_were_and_too_long_ones_refused() {
        assert_eq!(BlobsRequest::decode(&asked().encode()), Ok(asked()));
        assert_eq!(BlobsResponse::decode(&told().encode()), Ok(told()));
        let long = BlobsRequest { blobs: vec![BlobId([1; 32]); MAX_BLOBS + 1], ..asked() };
        assert!(matches!(BlobsRequest::decode(&long.encode()), Err(BadBody::TooLarge { .. })));
        assert!(BlobsRequest::decode(b"rubbish").is_err());
    }

    #[test]
    fn only_the_hubs_own_answer_to_this_question_is_believed() {
        let keys = HubKeys { hub: kend_log::public_key(&HUB), server: kend_log::public_key(&HUB) };
        let (inquiry, http) = Inquiry::ask(keys, &asked(), DEVICE, &Ticket([4; 32]), &sign);
        let find = |name: &str| http.headers.iter().find(|(head, _)| *head == name).map(|(_, text)| text.as_str());
        let digest = Claim::read(find).unwrap().digest(BLOBS_PATH, &http.body);
        let answer = |status, body: Vec<u8>| {
            let signature = Some(signing::sign_answer(&sign, &digest, status, &body));
            HttpResponse { status, signature, body }
        };
        assert_eq!(inquiry.receive(&answer(200, told().encode())), InquiryAnswer::Told(told()));
        let unsigned = HttpResponse { signature: None, ..answer(200, told().encode()) };
        assert_eq!(inquiry.receive(&unsigned), InquiryAnswer::NoHub);
        let short = BlobsResponse { standings: Vec::new(), ..told() };
        assert_eq!(inquiry.receive(&answer(200, short.encode())), InquiryAnswer::NoHub);
        let refusal = Refusal { code: RefusalCode::Ticket, ticket: Some(Ticket([9; 32])) };
        assert_eq!(inquiry.receive(&answer(401, refusal.encode())), InquiryAnswer::Again(Ticket([9; 32])));
        assert_eq!(inquiry.receive(&answer(503, b"<html>".to_vec())), InquiryAnswer::NoHub);
    }
}
