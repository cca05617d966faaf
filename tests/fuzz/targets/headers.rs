//! Texts from outside that are no bodies: headers and names of requests about attachments, joining words, names of files, paths
//! and codes. What is read is said in one way.
#![no_main]

use kend_domain::{AreaCode, DeviceId, EntityId, Scope};
use kend_fuzz::{DEVICE, HUB, area, begin_with, sign};
use kend_log::{BlobId, Element, Path};
use kend_sync::join::{Joining, Pin};
use kend_sync::{
    BlobAnswer, BlobDeed, BlobReceipt, BlobRequest, Claim, Epoch, SignedBlobReceipt, Ticket, read_blob_digest,
};
use libfuzzer_sys::fuzz_target;

const ID: BlobId = BlobId([0xab; 32]);

fn as_text(first: &str, headers: &[(&'static str, String)]) -> Vec<u8> {
    let lines = headers.iter().map(|(name, value)| format!("{name}: {value}"));
    [first.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n").into_bytes()
}

fn beginnings() -> Vec<(&'static str, Vec<u8>)> {
    let body = blake3::hash(b"");
    let deeds = [
        ("create", BlobDeed::Create { length: 9 }),
        ("offset", BlobDeed::Offset),
        ("append", BlobDeed::Append { offset: 5 }),
        ("fetch", BlobDeed::Fetch { offset: 7, most_bytes: Some(9) }),
    ];
    let head = |(name, deed)| {
        let request = BlobRequest { id: ID, deed };
        let head = request.sign(DEVICE, &Ticket([2; 32]), &body, &sign);
        (name, as_text(&format!("{} {ID}", head.method), &head.headers))
    };
    let mut all: Vec<_> = deeds.into_iter().map(head).collect();
    let request = BlobRequest { id: ID, deed: BlobDeed::Offset };
    let digest = request.sign(DEVICE, &Ticket([2; 32]), &body, &sign).digest;
    let receipt = BlobReceipt { blob: ID, size_bytes: 9, epoch: Epoch([3; 16]), server_ms: 4 };
    let receipt = SignedBlobReceipt::sign(&receipt, &sign);
    let answer = BlobAnswer {
        status: 200,
        offset: 4,
        length: 9,
        complete: false,
        receipt: Some(receipt),
        ticket: Ticket([3; 32]),
    };
    all.push(("answer", as_text("200", &answer.headers(&digest, &sign))));
    let pin = Pin::from_bytes([4; 32]);
    all.push(("join", format!("kend://192.168.1.5:8470/#pin={pin}&code=ABCD-EFGH").into_bytes()));
    all.push(("web", b"https://kend.example.org/".to_vec()));
    all.push(("file", kend_bundle::name::volume(&kend_bundle::name::of(&area("demo"), &[5; 16]), 1, 2).into_bytes()));
    all.push(("scope", b"demo/AZ-TOV".to_vec()));
    all.push(("path", b"a/quote/7/words".to_vec()));
    all
}

/// What is read from a text says itself so that it is read as the same.
fn is_said_as_read<T: std::str::FromStr + ToString + PartialEq>(text: &str) {
    if let Ok(read) = text.parse::<T>() {
        let again = read.to_string().parse::<T>().ok();
        assert!(again == Some(read), "{text:?} is said in another way");
    }
}

fuzz_target!(init: begin_with(beginnings()), |text: &str| {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    let header = |name: &'static str| {
        headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    };
    let claim = Claim::read(header);
    if let Some((method, id)) = first.split_once(' ')
        && let Some(request) = BlobRequest::read(method, id, header)
    {
        assert_eq!(request.method(), method);
        if let Some(claim) = claim {
            let key = kend_log::public_key(&[9; 32]);
            assert!(!request.is_signed(&claim, &key, &blake3::hash(b"")), "a request of nobody");
        }
    }
    let request = BlobRequest { id: ID, deed: BlobDeed::Offset };
    let digest = request.sign(DEVICE, &Ticket([2; 32]), &blake3::hash(b""), &sign).digest;
    if let Some(answer) = BlobAnswer::read(&kend_log::public_key(&HUB), &digest, 200, header) {
        assert_eq!((answer.offset, answer.length), (4, 9), "an answer that nobody gave");
    }
    let _ = read_blob_digest(first);
    let _ = kend_bundle::name::read(text);
    is_said_as_read::<Joining>(text);
    is_said_as_read::<Pin>(text);
    is_said_as_read::<BlobId>(text);
    is_said_as_read::<DeviceId>(text);
    is_said_as_read::<EntityId>(text);
    is_said_as_read::<AreaCode>(text);
    is_said_as_read::<Scope>(text);
    if let Ok(path) = text.parse::<Path>() {
        assert_eq!(path.as_str(), text);
    }
    if let Ok(element) = text.parse::<Element>() {
        assert_eq!(element.as_str(), text);
    }
});
