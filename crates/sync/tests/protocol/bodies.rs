//! Bodies: read back as themselves, one way to write them, and nothing that makes a reader panic.

use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{ChainHash, Reason};
use kend_sync::{
    BadBody, Cursor, Deed, EnrolRequest, EnrolResponse, Epoch, LogHead, Order, Receipt, Refusal, RefusalCode,
    ScopeDigest, SetAside, SetAsideCode, SignedCertificate, SignedOrder, SignedReceipt, SyncRequest, SyncResponse,
    Ticket, protocol,
};
use proptest::prelude::*;

fn head() -> impl Strategy<Value = LogHead> {
    (any::<[u8; 16]>(), "[a-z]{1,8}/AZ-[A-Z]{3}", any::<u64>(), any::<[u8; 4]>()).prop_map(
        |(device, scope, seq, prefix)| LogHead {
            device: DeviceId::from_bytes(device),
            scope: scope.parse().unwrap(),
            seq,
            prefix,
        },
    )
}

fn cursor() -> impl Strategy<Value = Cursor> {
    ("[a-z]{1,8}/AZ-[A-Z]{3}", any::<u64>())
        .prop_map(|(scope, position)| Cursor { scope: scope.parse().unwrap(), position })
}

fn blobs() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..4)
}

fn request() -> impl Strategy<Value = SyncRequest> {
    let lists = (prop::collection::vec((head(), any::<u64>()), 0..4), prop::collection::vec(cursor(), 0..4));
    let numbers = (any::<u32>(), any::<u64>(), any::<u64>());
    (any::<u32>(), prop::option::of(any::<[u8; 16]>()), lists, numbers, blobs()).prop_map(
        |(protocol, epoch, (heads, cursors), (budget_bytes, orders_done, certificate_serial), segments)| {
            let (heads, safe) = heads.into_iter().unzip();
            SyncRequest {
                protocol,
                epoch: epoch.map(Epoch),
                heads,
                safe,
                cursors,
                budget_bytes,
                orders_done,
                certificate_serial,
                segments,
            }
        },
    )
}

fn order(number: u32) -> Order {
    let entity = EntityId::from_bytes([4; 16]);
    let deed = Deed::Erase { entity, under: None, reason: Reason::ConsentWithdrawn };
    Order { device: DeviceId::from_bytes([1; 16]), number: u64::from(number), deed }
}

fn receipt(server_ms: i64) -> Receipt {
    let scope = "demo/AZ-TOV".parse().unwrap();
    let hash = ChainHash([5; 32]);
    Receipt { device: DeviceId::from_bytes([1; 16]), scope, seq: 300, hash, epoch: Epoch([7; 16]), server_ms }
}

fn response() -> impl Strategy<Value = SyncResponse> {
    let lists = (prop::collection::vec(head(), 0..4), prop::collection::vec(cursor(), 0..4), blobs());
    (any::<[u8; 16]>(), lists, any::<bool>(), any::<i64>(), any::<[u8; 32]>(), any::<u32>()).prop_map(
        |(epoch, (acks, cursors, segments), more, hub_ms, ticket, index)| SyncResponse {
            protocol: 1,
            epoch: Epoch(epoch),
            orders: vec![SignedOrder::sign(&order(index), &|_, _| [2; 64])],
            acks,
            set_aside: vec![SetAside { index, code: SetAsideCode::Fork, kept: more }],
            receipts: vec![SignedReceipt::sign(&receipt(hub_ms), &|_, _| [3; 64])],
            certificate: None,
            certificates: Vec::new(),
            cursors,
            digests: vec![ScopeDigest { scope: "demo/AZ-TOV".parse().unwrap(), digest: [8; 16] }],
            more,
            hub_ms,
            ticket: Ticket(ticket),
            segments,
        },
    )
}

proptest! {
    #[test]
    fn messages_are_read_back_as_themselves(request in request(), response in response()) {
        prop_assert_eq!(SyncRequest::decode(&request.encode()), Ok(request));
        prop_assert_eq!(SyncResponse::decode(&response.encode()), Ok(response));
    }

    #[test]
    fn a_message_cut_anywhere_is_refused(request in request(), response in response()) {
        let (request, response) = (request.encode(), response.encode());
        for length in 0..request.len() {
            prop_assert!(SyncRequest::decode(&request[..length]).is_err());
        }
        for length in 0..response.len() {
            prop_assert!(SyncResponse::decode(&response[..length]).is_err());
        }
    }

    #[test]
    fn whatever_is_read_from_altered_bytes_would_be_written_just_so(
        request in request(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = request.encode();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = SyncRequest::decode(&bytes) {
            prop_assert_eq!(read.encode(), bytes);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = SyncRequest::decode(&bytes);
        let _ = SyncResponse::decode(&bytes);
        let _ = EnrolRequest::decode(&bytes);
        let _ = EnrolResponse::decode(&bytes);
        let _ = Refusal::decode(&bytes);
        let _ = SignedCertificate::from_bytes(&bytes);
        let _ = SignedReceipt::from_bytes(&bytes);
        let _ = SignedOrder::from_bytes(&bytes);
        let _ = Deed::from_bytes(&bytes);
        // As a head within a body, where the lengths are right.
        let mut body = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        body.extend_from_slice(&bytes);
        body.extend_from_slice(&[0; 4]);
        let _ = SyncRequest::decode(&body);
        let _ = SyncResponse::decode(&body);
    }
}

#[test]
fn a_length_that_promises_more_than_there_is_holds_no_memory() {
    let mut body = u32::MAX.to_le_bytes().to_vec();
    body.extend_from_slice(&[0; 100]);
    assert_eq!(SyncRequest::decode(&body), Err(BadBody::Length));
    // A list of 2^62 heads.
    let head = [&[0x88, 1, 0xf6, 0x9b][..], &[0x3f; 8], &[0; 8]].concat();
    let mut body = u32::try_from(head.len()).unwrap().to_le_bytes().to_vec();
    body.extend_from_slice(&head);
    body.extend_from_slice(&[0; 4]);
    assert_eq!(SyncRequest::decode(&body), Err(BadBody::Form));
}

#[test]
fn lists_over_their_limit_are_refused() {
    let cursor = Cursor { scope: "demo/AZ-TOV".parse().unwrap(), position: 1 };
    let request = SyncRequest {
        protocol: 1,
        epoch: None,
        heads: Vec::new(),
        safe: Vec::new(),
        cursors: vec![cursor; protocol::MAX_LIST + 1],
        budget_bytes: 0,
        orders_done: 0,
        certificate_serial: 0,
        segments: Vec::new(),
    };
    let error = SyncRequest::decode(&request.encode()).unwrap_err();
    assert_eq!(error, BadBody::TooLarge { what: "cursors", limit: protocol::MAX_LIST });
    let many = SyncRequest { cursors: Vec::new(), segments: vec![Vec::new(); protocol::MAX_SEGMENTS + 1], ..request };
    let error = SyncRequest::decode(&many.encode()).unwrap_err();
    assert_eq!(error, BadBody::TooLarge { what: "segments", limit: protocol::MAX_SEGMENTS });
}

/// The bytes of protocol 1: a change here is a new version of the protocol.
#[test]
fn the_bytes_of_the_first_version_stay_as_they_are() {
    let request = SyncRequest {
        protocol: 1,
        epoch: Some(Epoch([7; 16])),
        heads: vec![LogHead {
            device: DeviceId::from_bytes([1; 16]),
            scope: "demo/AZ-TOV".parse().unwrap(),
            seq: 300,
            prefix: [1, 2, 3, 4],
        }],
        safe: vec![299],
        cursors: vec![Cursor { scope: "demo/AZ-TOV".parse().unwrap(), position: 9 }],
        budget_bytes: 32_768,
        orders_done: 2,
        certificate_serial: 3,
        segments: vec![b"segment".to_vec()],
    };
    assert_eq!(hex(&request.encode()), include_str!("sync_request_1.hex").trim());
    let enrol = EnrolRequest {
        protocol: 1,
        code: "ABCD-EFGH-IJKL-MNOP-2345".to_owned(),
        device: DeviceId::from_bytes([1; 16]),
        device_key: [2; 32],
        person: PersonId::from_bytes([3; 16]),
        person_name: "Aynur".to_owned(),
        seal_key: [4; 32],
    };
    assert_eq!(hex(&enrol.encode()), include_str!("enrol_request_1.hex").trim());
    let sign = |purpose: &str, message: &[u8]| kend_log::sign(&[5; 32], purpose, message);
    let response = SyncResponse {
        protocol: 1,
        epoch: Epoch([7; 16]),
        orders: vec![SignedOrder::sign(&order(3), &sign)],
        acks: request.heads.clone(),
        set_aside: vec![SetAside { index: 0, code: SetAsideCode::Fork, kept: true }],
        receipts: vec![SignedReceipt::sign(&receipt(1_700_000_000_000), &sign)],
        certificate: None,
        certificates: Vec::new(),
        cursors: request.cursors.clone(),
        digests: vec![ScopeDigest { scope: "demo/AZ-TOV".parse().unwrap(), digest: [8; 16] }],
        more: false,
        hub_ms: 1_700_000_000_000,
        ticket: Ticket([6; 32]),
        segments: vec![b"segment".to_vec()],
    };
    assert_eq!(hex(&response.encode()), include_str!("sync_response_1.hex").trim());
    // The second version: the number, and what is lacking.
    let request = SyncRequest { protocol: 2, ..request };
    assert_eq!(hex(&request.encode()), include_str!("sync_request_2.hex").trim());
    let lacking = vec![SetAside { index: 0, code: SetAsideCode::Lacking, kept: false }];
    let response = SyncResponse { protocol: 2, set_aside: lacking, ..response };
    assert_eq!(hex(&response.encode()), include_str!("sync_response_2.hex").trim());
    assert_eq!(hex(&Refusal { code: RefusalCode::Ticket, ticket: None }.encode()), "8103");
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
