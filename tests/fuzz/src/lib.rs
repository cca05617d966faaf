//! What the targets share: beginnings that have to be made, and people and hubs that are none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kend_domain::{AreaCode, Areas, DeviceId, EntityId, PersonId, Role};
use kend_log::{BlobId, ChainHash, Context, EntityKind, Entry, Header, LogId, Op, Said, Segment, Value};
use kend_sync::{
    BlobReceipt, Certificate, Deed, Epoch, LogHead, Order, Receipt, SignedBlobReceipt, SignedCertificate, SignedOrder,
    SignedReceipt,
};

/// The signing key of the hub and server of these tests.
pub const HUB: [u8; 32] = [5; 32];
/// The folder with a target's beginnings, as `cargo xtask fuzz` names it.
const CORPUS: &str = "KEND_FUZZ_CORPUS";

/// Puts beginnings that are made here into the corpus before the fuzzer reads it.
pub fn begin_with(beginnings: impl IntoIterator<Item = (&'static str, Vec<u8>)>) {
    let Some(corpus) = std::env::var_os(CORPUS) else { return };
    for (place, (name, bytes)) in beginnings.into_iter().enumerate() {
        fs::write(Path::new(&corpus).join(format!("{name}-{place}")), bytes).expect("the corpus can be written");
    }
}

/// Signs as the hub.
pub fn sign(purpose: &str, message: &[u8]) -> [u8; 64] {
    kend_log::sign(&HUB, purpose, message)
}

/// A device.
pub const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);
/// Its signing key.
pub const DEVICE_KEY: [u8; 32] = [3; 32];

/// A project that is also an area.
pub fn area(code: &str) -> AreaCode {
    code.parse().expect("a code")
}

/// A segment of one entry.
pub fn segment() -> Segment {
    let log = LogId { device: DEVICE, scope: "demo/AZ-TOV".parse().expect("a scope") };
    let header = Header {
        seq: 1,
        entity: EntityId::from_bytes([9; 16]),
        kind: EntityKind::Interview,
        actor: PersonId::from_bytes([4; 16]),
        lamport: 1,
        context: Context::default(),
        said: Said { wall_ms: 7, monotonic_ms: 8, boot: [2; 16], anchor: None },
        form_version: 1,
    };
    let ops = vec![Op::Set { path: "a/health_notes".parse().expect("a path"), value: Value::text("The road is bad.") }];
    let entry = Entry::new(DEVICE, header, ops, &[7; 16]).expect("an entry");
    let start = ChainHash::start(&log);
    Segment::sign(log, start, vec![entry], |_| Some([7; 16]), &DEVICE_KEY).expect("a segment")
}

/// A certificate of the device.
pub fn certificate() -> SignedCertificate {
    let certificate = Certificate {
        project: area("demo"),
        serial: 2,
        hub_name: "Room".to_owned(),
        hub_device: DeviceId::from_bytes([8; 16]),
        hub_key: kend_log::public_key(&HUB),
        device: DEVICE,
        device_key: kend_log::public_key(&DEVICE_KEY),
        person: PersonId::from_bytes([4; 16]),
        person_name: "Aynur".to_owned(),
        role: Role::Supervisor,
        areas: areas(),
        server_key: kend_log::public_key(&HUB),
        seal_key: [6; 32],
        hub_seal_key: [7; 32],
        server_seal_key: [7; 32],
    };
    SignedCertificate::sign(&certificate, &sign)
}

/// Two areas.
pub fn areas() -> Areas {
    Areas(BTreeSet::from([area("AZ-TOV"), area("AZ-QAX")]))
}

/// A receipt for the device's log.
pub fn receipt() -> SignedReceipt {
    let segment = segment();
    let receipt = Receipt {
        device: DEVICE,
        scope: segment.log().scope.clone(),
        seq: 1,
        hash: segment.head(),
        epoch: Epoch([3; 16]),
        server_ms: 4,
    };
    SignedReceipt::sign(&receipt, &sign)
}

/// A receipt for an attachment.
pub fn blob_receipt() -> SignedBlobReceipt {
    let receipt = BlobReceipt { blob: BlobId([9; 32]), size_bytes: 9, epoch: Epoch([3; 16]), server_ms: 4 };
    SignedBlobReceipt::sign(&receipt, &sign)
}

/// One order of each kind.
pub fn orders() -> Vec<SignedOrder> {
    let (entity, scope) = (EntityId::from_bytes([9; 16]), segment().log().scope.clone());
    let accepted = vec![LogHead { device: DEVICE, scope: scope.clone(), seq: 4, prefix: [1, 2, 3, 4] }];
    let under = Some("a".parse().expect("a path"));
    let deeds = [
        Deed::Erase { entity, under, reason: kend_log::Reason::ConsentWithdrawn },
        Deed::Wipe,
        Deed::Revoke { device: DEVICE, accepted },
        Deed::Leave { scope },
    ];
    let order = |(number, deed)| SignedOrder::sign(&Order { device: DEVICE, number, deed }, &sign);
    (1..).zip(deeds).map(order).collect()
}
