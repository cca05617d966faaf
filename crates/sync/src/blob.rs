//! Attachments over a line: one resource per blob, `/v1/blobs/{id}`, resumable at the byte in both directions.
//!
//! Header names and their meaning are those of the IETF's resumable uploads (draft-ietf-httpbis-resumable-upload-08), of
//! which the parts are left out that a device of ours never needs (hints, limits, 104 responses). A blob is known before it is
//! sent, so `POST` creates its upload or finds the one that is under way, and `PATCH` goes on from the offset that it names.
//! Requests are signed as exchanges are, over the digest of their body, so that a hub knows whose bytes come before they
//! do; answers are signed over what their headers say. A blob itself needs no signature: its name is its hash.

mod inquiry;
mod pace;
mod receipt;

use kend_domain::DeviceId;
use kend_log::{BlobId, PublicKeyBytes};

pub use self::inquiry::{BlobStanding, BlobsRequest, BlobsResponse, Inquiry, InquiryAnswer};
pub use self::pace::{MAX_PIECE_BYTES, PiecePace};
pub use self::receipt::{BlobReceipt, SignedBlobReceipt};

use crate::protocol::{
    BLOB_DIGEST_HEADER, BLOBS_PATH, DEVICE_HEADER, PART_CONTENT_TYPE, RECEIPT_HEADER, SIGNATURE_HEADER, TICKET_HEADER,
    UPLOAD_COMPLETE_HEADER, UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER,
};
use crate::signing::{self, Claim, RequestDigest, Sign};
use crate::ticket::Ticket;

/// What is asked about a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobDeed {
    /// Begin to hand it in, or find out how far that is. The body may be all of it.
    Create {
        /// Its size.
        length: u64,
    },
    /// How far it is handed in.
    Offset,
    /// Hand in more of it, from here on.
    Append {
        /// From where.
        offset: u64,
    },
    /// Fetch it from here on.
    Fetch {
        /// From where.
        offset: u64,
        /// No more than this; to its end when there is no bound.
        most_bytes: Option<u64>,
    },
}

/// A request about a blob, without its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobRequest {
    /// Which.
    pub id: BlobId,
    /// What.
    pub deed: BlobDeed,
}

/// The head of a signed request, for whatever speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobHead {
    /// The method.
    pub method: &'static str,
    /// The path at the hub's address.
    pub path: String,
    /// Headers to send.
    pub headers: Vec<(&'static str, String)>,
    /// What the answer has to be signed with.
    pub digest: RequestDigest,
}

impl BlobRequest {
    /// The method.
    pub const fn method(&self) -> &'static str {
        match self.deed {
            BlobDeed::Create { .. } => "POST",
            BlobDeed::Offset => "HEAD",
            BlobDeed::Append { .. } => "PATCH",
            BlobDeed::Fetch { .. } => "GET",
        }
    }

    /// Reads a request. None when something is missing or not of its form.
    pub fn read<'a>(method: &str, id: &str, header: impl Fn(&'static str) -> Option<&'a str>) -> Option<Self> {
        let id = id.parse().ok()?;
        let number = |name| header(name).and_then(read_number);
        let deed = match method {
            "POST" => BlobDeed::Create { length: number(UPLOAD_LENGTH_HEADER)? },
            "HEAD" => BlobDeed::Offset,
            "PATCH" => BlobDeed::Append { offset: number(UPLOAD_OFFSET_HEADER)? },
            "GET" => {
                let (offset, most_bytes) = match header("range") {
                    None => (0, None),
                    Some(range) => read_range(range)?,
                };
                BlobDeed::Fetch { offset, most_bytes }
            }
            _ => return None,
        };
        Some(Self { id, deed })
    }

    /// Signs a request whose body has this hash.
    pub fn sign(&self, device: DeviceId, ticket: &Ticket, body: &blake3::Hash, sign: Sign<'_>) -> BlobHead {
        let (digest, signature) = signing::sign_target(self.method(), &self.target(), device, ticket, body, sign);
        let mut headers = vec![
            (DEVICE_HEADER, device.to_string()),
            (TICKET_HEADER, signing::write_hex(&ticket.0)),
            (SIGNATURE_HEADER, signing::write_hex(&signature)),
            (BLOB_DIGEST_HEADER, body.to_hex().to_string()),
        ];
        match self.deed {
            BlobDeed::Create { length } => {
                headers.push((UPLOAD_LENGTH_HEADER, length.to_string()));
                headers.push(("Content-Type", PART_CONTENT_TYPE.to_owned()));
            }
            BlobDeed::Offset => {}
            BlobDeed::Append { offset } => {
                headers.push((UPLOAD_OFFSET_HEADER, offset.to_string()));
                // The hub knows the length: no request need say that it is the last.
                headers.push((UPLOAD_COMPLETE_HEADER, write_flag(false)));
                headers.push(("Content-Type", PART_CONTENT_TYPE.to_owned()));
            }
            BlobDeed::Fetch { offset, most_bytes } => headers.push(("Range", write_range(offset, most_bytes))),
        }
        BlobHead { method: self.method(), path: format!("{BLOBS_PATH}/{}", self.id), headers, digest }
    }

    /// Whether the device with this key signed the request, with a body of this hash.
    pub fn is_signed(&self, claim: &Claim, key: &PublicKeyBytes, body: &blake3::Hash) -> bool {
        claim.holds_target(key, self.method(), &self.target(), body)
    }

    /// What stands for the request in the signature of its answer.
    pub fn digest(&self, claim: &Claim, body: &blake3::Hash) -> RequestDigest {
        claim.digest_of_target(self.method(), &self.target(), body)
    }

    /// All that the request says beside its method and body: each deed says it in one way.
    fn target(&self) -> String {
        match self.deed {
            BlobDeed::Create { length } => format!("{BLOBS_PATH}/{} length {length}", self.id),
            BlobDeed::Offset => format!("{BLOBS_PATH}/{}", self.id),
            BlobDeed::Append { offset } => format!("{BLOBS_PATH}/{} offset {offset}", self.id),
            BlobDeed::Fetch { offset, most_bytes } => {
                format!("{BLOBS_PATH}/{} {}", self.id, write_range(offset, most_bytes))
            }
        }
    }
}

/// Reads the digest that a request says its body has.
pub fn read_blob_digest(header: &str) -> Option<blake3::Hash> {
    signing::read_hex::<32>(header).map(Into::into)
}

/// What a hub says of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobAnswer {
    /// The status.
    pub status: u16,
    /// How much of it the hub has on its disk.
    pub offset: u64,
    /// Its size.
    pub length: u64,
    /// Whether the hub has all of it, hash and all.
    pub complete: bool,
    /// That the server has all of it.
    pub receipt: Option<SignedBlobReceipt>,
    /// A ticket for the next request.
    pub ticket: Ticket,
}

impl BlobAnswer {
    /// The headers of the answer, signed.
    pub fn headers(&self, request: &RequestDigest, sign: Sign<'_>) -> Vec<(&'static str, String)> {
        let signature = signing::sign_answer(sign, request, self.status, self.said().as_bytes());
        let mut headers = vec![
            (UPLOAD_OFFSET_HEADER, self.offset.to_string()),
            (UPLOAD_LENGTH_HEADER, self.length.to_string()),
            (UPLOAD_COMPLETE_HEADER, write_flag(self.complete)),
            (TICKET_HEADER, signing::write_hex(&self.ticket.0)),
            (SIGNATURE_HEADER, signature),
        ];
        headers.extend(self.receipt.as_ref().map(|receipt| (RECEIPT_HEADER, receipt.to_header())));
        headers
    }

    /// Reads an answer that the hub with this key gave to this request. None when it is none.
    pub fn read<'a>(
        hub: &PublicKeyBytes,
        request: &RequestDigest,
        status: u16,
        header: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Option<Self> {
        let number = |name| header(name).and_then(read_number);
        let answer = Self {
            status,
            offset: number(UPLOAD_OFFSET_HEADER)?,
            length: number(UPLOAD_LENGTH_HEADER)?,
            complete: read_flag(header(UPLOAD_COMPLETE_HEADER)?)?,
            receipt: match header(RECEIPT_HEADER) {
                Some(text) => Some(SignedBlobReceipt::from_header(text)?),
                None => None,
            },
            ticket: Ticket(signing::read_hex(header(TICKET_HEADER)?)?),
        };
        let signature = header(SIGNATURE_HEADER)?;
        signing::answer_is_signed(hub, request, status, answer.said().as_bytes(), signature).then_some(answer)
    }

    fn said(&self) -> String {
        let Self { offset, length, complete, ticket, .. } = self;
        let ticket = signing::write_hex(&ticket.0);
        let receipt = self.receipt.as_ref().map_or_else(String::new, SignedBlobReceipt::to_header);
        format!("offset {offset} length {length} complete {complete} receipt {receipt} ticket {ticket}")
    }
}

/// A number is written in one way.
fn read_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A range of bytes as HTTP has it: its last byte belongs to it.
fn write_range(offset: u64, most_bytes: Option<u64>) -> String {
    match most_bytes {
        None => format!("bytes={offset}-"),
        Some(most_bytes) => format!("bytes={offset}-{}", offset.saturating_add(most_bytes.saturating_sub(1))),
    }
}

fn read_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let offset = read_number(first)?;
    if last.is_empty() {
        return Some((offset, None));
    }
    let most_bytes = read_number(last)?.checked_sub(offset)?.checked_add(1)?;
    Some((offset, Some(most_bytes)))
}

/// A boolean of HTTP's structured fields.
fn write_flag(flag: bool) -> String {
    if flag { "?1" } else { "?0" }.to_owned()
}

fn read_flag(text: &str) -> Option<bool> {
    match text {
        "?1" => Some(true),
        "?0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);
    const ID: BlobId = BlobId([0xab; 32]);

    fn sign(purpose: &str, message: &[u8]) -> [u8; 64] {
        kend_log::sign(&[3; 32], purpose, message)
    }

    fn find<'a>(headers: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
        headers.iter().find(|(head, _)| head.eq_ignore_ascii_case(name)).map(|(_, text)| text.as_str())
    }

    #[test]
    fn every_request_is_read_back_as_itself_and_holds_for_nothing_else() {
        let key = kend_log::public_key(&[3; 32]);
        let (body, other) = (blake3::hash(b"body"), blake3::hash(b"Body"));
        let deeds = [
            BlobDeed::Create { length: 9 },
            BlobDeed::Offset,
            BlobDeed::Append { offset: 0 },
            BlobDeed::Append { offset: 7 },
            BlobDeed::Fetch { offset: 0, most_bytes: None },
            BlobDeed::Fetch { offset: 7, most_bytes: None },
            BlobDeed::Fetch { offset: 7, most_bytes: Some(1) },
            BlobDeed::Fetch { offset: 7, most_bytes: Some(3) },
        ];
        for deed in deeds {
            let request = BlobRequest { id: ID, deed };
            let head = request.sign(DEVICE, &Ticket([4; 32]), &body, &sign);
            let name = head.path.rsplit('/').next().unwrap();
            let read = BlobRequest::read(head.method, name, |name| find(&head.headers, name)).unwrap();
            assert_eq!(read, request);
            let claim = Claim::read(|name| find(&head.headers, name)).unwrap();
            assert!(read.is_signed(&claim, &key, &body));
            assert_eq!(read.digest(&claim, &body), head.digest);
            assert!(!read.is_signed(&claim, &key, &other));
            for changed in deeds.into_iter().filter(|changed| *changed != deed) {
                assert!(!BlobRequest { id: ID, deed: changed }.is_signed(&claim, &key, &body), "{deed:?} {changed:?}");
            }
            assert!(!BlobRequest { id: BlobId([1; 32]), deed }.is_signed(&claim, &key, &body));
        }
    }

    #[test]
    fn an_answer_that_was_changed_on_the_way_is_none() {
        let key = kend_log::public_key(&[3; 32]);
        let request = BlobRequest { id: ID, deed: BlobDeed::Offset };
        let head = request.sign(DEVICE, &Ticket([4; 32]), &blake3::hash(b""), &sign);
        let (ticket, status) = (Ticket([5; 32]), 204);
        let receipt = BlobReceipt { blob: ID, size_bytes: 9, epoch: crate::Epoch([3; 16]), server_ms: 4 };
        let receipt = Some(SignedBlobReceipt::sign(&receipt, &sign));
        let answer = BlobAnswer { status, offset: 3, length: 9, complete: false, receipt, ticket };
        let headers = answer.headers(&head.digest, &sign);
        let read = |headers: &[(&'static str, String)], status| {
            BlobAnswer::read(&key, &head.digest, status, |name| find(headers, name))
        };
        assert_eq!(read(&headers, 204), Some(answer));
        assert_eq!(read(&headers, 200), None);
        let without = [&headers[..5], &headers[6..]].concat();
        assert_eq!(read(&without, 204), None, "no receipt");
        for (place, forged) in [(0, "9"), (1, "3"), (2, "?1"), (5, "82"), (0, "03"), (2, "yes"), (3, "ab")] {
            let mut changed = headers.clone();
            forged.clone_into(&mut changed[place].1);
            assert_eq!(read(&changed, 204), None, "{forged}");
        }
    }

    #[test]
    fn what_is_no_request_is_not_read() {
        for (method, headers) in [
            ("POST", vec![]),
            ("POST", vec![(UPLOAD_LENGTH_HEADER, "+9")]),
            ("PATCH", vec![(UPLOAD_OFFSET_HEADER, "-1")]),
            ("GET", vec![("range", "bytes=5-4")]),
            ("GET", vec![("range", "bytes=0-18446744073709551615")]),
            ("GET", vec![("range", "bytes=1-5,7-9")]),
            ("GET", vec![("range", "bytes=-5")]),
            ("DELETE", vec![]),
        ] {
            let find = |name: &str| headers.iter().find(|(head, _)| *head == name).map(|(_, text)| *text);
            assert_eq!(BlobRequest::read(method, &ID.to_string(), find), None, "{method} {headers:?}");
        }
        assert_eq!(BlobRequest::read("HEAD", "../hub.db", |_| None), None);
    }
}
