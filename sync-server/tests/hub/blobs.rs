//! Attachments at a real hub: handed in, broken off, gone on with, fetched, refused, erased, kept.

use std::path::{Path, PathBuf};

use kend_log::{Attachment, BlobId, BlobKey, Op, Reason, Value};
use kend_store::ciphertext_bytes;
use kend_sync::{BlobAnswer, BlobDeed, BlobRequest, Refusal, RefusalCode, Ticket};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{Device, Hub, set};
use crate::s3::S3;

const TOVUZ: &str = "demo/AZ-TOV";

/// What came back: what the hub says, its refusal, bytes.
#[derive(Debug)]
enum Said {
    Answer(BlobAnswer, Vec<u8>),
    Refusal(u16, Option<Refusal>),
}

impl Said {
    #[track_caller]
    fn answer(self) -> BlobAnswer {
        match self {
            Self::Answer(answer, _) => answer,
            Self::Refusal(status, refusal) => panic!("{status} {refusal:?}"),
        }
    }

    #[track_caller]
    fn refusal(self) -> Option<RefusalCode> {
        match self {
            Self::Refusal(_, refusal) => refusal.map(|refusal| refusal.code),
            Self::Answer(answer, _) => panic!("{answer:?}"),
        }
    }
}

/// Noise that stands for a ciphertext, and what refers to it.
fn attachment(size_bytes: u64, seed: u8) -> (Vec<u8>, Attachment) {
    let mut bytes = vec![0; usize::try_from(ciphertext_bytes(size_bytes)).unwrap()];
    blake3::Hasher::new_keyed(&[seed; 32]).finalize_xof().fill(&mut bytes);
    let (blob, key) = (BlobId(*blake3::hash(&bytes).as_bytes()), BlobKey([seed; 32]));
    let (media_type, file_name) = ("audio/ogg".to_owned(), String::new());
    (bytes, Attachment { blob, key, size_bytes, media_type, file_name, duration_ms: None })
}

fn attach(device: &mut Device, entity: u8, attachment: &Attachment) {
    let value = Value::Attachment(attachment.clone());
    device.write(TOVUZ, entity, vec![Op::Set { path: "a/photo".parse().unwrap(), value }]);
}

/// Asks with a ticket that was asked for before: whoever is refused while sending much may never hear why.
async fn ask(device: &Device, hub: &Hub, id: BlobId, deed: BlobDeed, body: &[u8]) -> Said {
    let ticket = fresh_ticket(device, hub, id).await;
    ask_with(ticket, device, hub, id, deed, body, blake3::hash(body)).await
}

/// The ticket that comes with a refusal, but for strangers.
async fn fresh_ticket(device: &Device, hub: &Hub, id: BlobId) -> Ticket {
    match ask_with(Ticket::NONE, device, hub, id, BlobDeed::Append { offset: 0 }, b"", blake3::hash(b"")).await {
        Said::Refusal(_, Some(refusal)) => refusal.ticket.unwrap_or(Ticket::NONE),
        other => panic!("{other:?}"),
    }
}

async fn ask_with(
    ticket: Ticket,
    device: &Device,
    hub: &Hub,
    id: BlobId,
    deed: BlobDeed,
    body: &[u8],
    announced: blake3::Hash,
) -> Said {
    let sign = |purpose: &str, message: &[u8]| device.store.sign(purpose, message);
    let head = BlobRequest { id, deed }.sign(device.store.device(), &ticket, &announced, &sign);
    let mut http = reqwest::Client::new().request(head.method.parse().unwrap(), hub.url(&head.path));
    for (name, value) in &head.headers {
        http = http.header(*name, value);
    }
    let response = http.body(body.to_vec()).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let find = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(answer) = BlobAnswer::read(&device.keys.hub, &head.digest, status, find) {
        return Said::Answer(answer, response.bytes().await.unwrap().to_vec());
    }
    Said::Refusal(status, Refusal::decode(&response.bytes().await.unwrap()).ok())
}

async fn create(device: &Device, hub: &Hub, bytes: &[u8], id: BlobId, body: &[u8]) -> Said {
    ask(device, hub, id, BlobDeed::Create { length: bytes.len() as u64 }, body).await
}

async fn fetch(device: &Device, hub: &Hub, id: BlobId, offset: u64) -> Vec<u8> {
    match ask(device, hub, id, BlobDeed::Fetch { offset, most_bytes: None }, b"").await {
        Said::Answer(_, bytes) => bytes,
        refusal @ Said::Refusal(..) => panic!("{refusal:?}"),
    }
}

/// Sends the head of a request and some of its body, and breaks off.
async fn break_off(device: &Device, hub: &Hub, id: BlobId, offset: u64, rest: &[u8], sent: usize) {
    let fresh =
        ask(device, hub, id, BlobDeed::Create { length: offset + rest.len() as u64 }, b"").await.answer().ticket;
    let sign = |purpose: &str, message: &[u8]| device.store.sign(purpose, message);
    let request = BlobRequest { id, deed: BlobDeed::Append { offset } };
    let head = request.sign(device.store.device(), &fresh, &blake3::hash(rest), &sign);
    let mut text = format!("{} {} HTTP/1.1\r\nHost: hub\r\nContent-Length: {}\r\n", head.method, head.path, rest.len());
    for (name, value) in &head.headers {
        text.extend([name, ": ", value.as_str(), "\r\n"]);
    }
    text.push_str("\r\n");
    let mut line = tokio::net::TcpStream::connect(hub.address.strip_prefix("http://").unwrap()).await.unwrap();
    line.write_all(text.as_bytes()).await.unwrap();
    line.write_all(&rest[..sent]).await.unwrap();
    line.shutdown().await.unwrap();
    let mut said = Vec::new();
    let _ = line.read_to_end(&mut said).await;
}

/// Waits for what the hub does by itself.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..600 {
        if done() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it does not come to that");
}

fn stored(data: &Path, id: BlobId) -> PathBuf {
    data.join("blobs").join(&id.to_string()[..2]).join(id.to_string())
}

#[tokio::test]
async fn an_attachment_is_handed_in_at_once_and_fetched_by_another_device_from_anywhere_in_it() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let ben = Device::enrolled(&hub, 2, "supervisor", "AZ-TOV").await;
    let (bytes, attachment) = attachment(100_000, 7);
    attach(&mut aynur, 7, &attachment);
    assert_eq!(create(&aynur, &hub, &bytes, attachment.blob, &bytes).await.refusal(), Some(RefusalCode::NotFound));
    aynur.sync(&hub).await.unwrap();
    let done = create(&aynur, &hub, &bytes, attachment.blob, &bytes).await.answer();
    assert!(done.complete && done.offset == bytes.len() as u64);
    let receipt = done.receipt.expect("the server signs for it").verify(&aynur.keys.server).unwrap();
    assert_eq!((receipt.blob, receipt.size_bytes), (attachment.blob, bytes.len() as u64));
    assert_eq!(std::fs::read(stored(hub.data.path(), attachment.blob)).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(hub.data.path().join("uploads")).unwrap().count(), 0);
    let again = create(&aynur, &hub, &bytes, attachment.blob, b"").await.answer();
    assert!(again.complete);
    // An answer to HEAD has no body, and so no fresh ticket when it refuses one.
    let ticket = create(&ben, &hub, &bytes, attachment.blob, b"").await.answer().ticket;
    let nothing = blake3::hash(b"");
    let known = ask_with(ticket, &ben, &hub, attachment.blob, BlobDeed::Offset, b"", nothing).await.answer();
    assert!(known.complete);
    assert_eq!(fetch(&ben, &hub, attachment.blob, 0).await, bytes);
    assert_eq!(fetch(&ben, &hub, attachment.blob, 99_000).await, bytes[99_000..]);
    let past = BlobDeed::Fetch { offset: bytes.len() as u64, most_bytes: None };
    assert_eq!(ask(&ben, &hub, attachment.blob, past, b"").await.answer().status, 416);
    let status: serde_json::Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    assert_eq!((&status["blobs"], &status["uploads"]), (&1.into(), &0.into()));
    hub.command("verify", &[], "");
}

#[tokio::test]
async fn what_a_broken_line_brought_is_kept_through_a_power_cut_and_gone_on_with() {
    let mut hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let (bytes, attachment) = attachment(3_000_000, 7);
    let id = attachment.blob;
    attach(&mut aynur, 7, &attachment);
    aynur.sync(&hub).await.unwrap();
    break_off(&aynur, &hub, id, 0, &bytes, 1_000_000).await;
    let begun = create(&aynur, &hub, &bytes, id, b"").await.answer();
    assert_eq!((begun.offset, begun.complete), (1_000_000, false));
    hub.kill_and_restart();
    let begun = create(&aynur, &hub, &bytes, id, b"").await.answer();
    assert_eq!(begun.offset, 1_000_000);
    let elsewhere = ask(&aynur, &hub, id, BlobDeed::Append { offset: 5 }, &bytes[5..]).await.answer();
    assert_eq!((elsewhere.status, elsewhere.offset), (409, 1_000_000));
    let rest = ask(&aynur, &hub, id, BlobDeed::Append { offset: 1_000_000 }, &bytes[1_000_000..]).await.answer();
    assert!(rest.complete);
    assert_eq!(fetch(&aynur, &hub, id, 0).await, bytes);
}

#[tokio::test]
async fn what_is_not_what_was_announced_is_taken_back_and_what_is_not_the_attachment_thrown_away() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let (bytes, attachment) = attachment(300_000, 7);
    let id = attachment.blob;
    attach(&mut aynur, 7, &attachment);
    aynur.sync(&hub).await.unwrap();
    create(&aynur, &hub, &bytes, id, &bytes[..1000]).await.answer();
    let append = BlobDeed::Append { offset: 1000 };
    let ticket = fresh_ticket(&aynur, &hub, id).await;
    let altered = ask_with(ticket, &aynur, &hub, id, append, &bytes[2000..], blake3::hash(&bytes[1000..])).await;
    assert_eq!(altered.refusal(), Some(RefusalCode::Damaged));
    assert_eq!(create(&aynur, &hub, &bytes, id, b"").await.answer().offset, 1000);
    let too_much = ask(&aynur, &hub, id, append, &bytes).await;
    assert_eq!(too_much.refusal(), Some(RefusalCode::Damaged));
    let mut other = bytes[1000..].to_vec();
    other[9] ^= 1;
    assert_eq!(ask(&aynur, &hub, id, append, &other).await.refusal(), Some(RefusalCode::Damaged));
    assert_eq!(create(&aynur, &hub, &bytes, id, b"").await.answer().offset, 0, "nothing of it is kept");
    let short = ask(&aynur, &hub, id, BlobDeed::Create { length: 9 }, b"").await;
    assert_eq!(short.refusal(), Some(RefusalCode::BadRequest));
    assert!(create(&aynur, &hub, &bytes, id, &bytes).await.answer().complete);
}

#[tokio::test]
async fn nobody_outside_of_the_scope_learns_that_there_is_an_attachment() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let mut elsewhere = Device::enrolled(&hub, 2, "supervisor", "AZ-SKR").await;
    let committee = Device::enrolled(&hub, 3, "committee", "AZ-TOV").await;
    let stranger = Device::new(4);
    let (bytes, attachment) = attachment(1000, 7);
    let id = attachment.blob;
    attach(&mut aynur, 7, &attachment);
    aynur.sync(&hub).await.unwrap();
    create(&aynur, &hub, &bytes, id, &bytes).await.answer();
    // Who knows the id and names it in an entry of their own gains nothing.
    let value = Value::Attachment(attachment.clone());
    elsewhere.write("demo/AZ-SKR", 8, vec![Op::Set { path: "a/photo".parse().unwrap(), value }]);
    elsewhere.sync(&hub).await.unwrap();
    for deed in [
        BlobDeed::Create { length: bytes.len() as u64 },
        BlobDeed::Append { offset: 0 },
        BlobDeed::Fetch { offset: 0, most_bytes: None },
        BlobDeed::Offset,
    ] {
        for (device, status) in [(&elsewhere, 404), (&committee, 404), (&stranger, 401)] {
            let known = ask(device, &hub, id, deed, b"").await;
            let unknown = ask(device, &hub, BlobId([1; 32]), deed, b"").await;
            for said in [known, unknown] {
                assert!(matches!(said, Said::Refusal(found, _) if found == status), "{deed:?} {said:?}");
            }
        }
    }
    let device = aynur.store.device().to_string();
    hub.command("people revoke", &["--device", &device], "");
    let refused = ask(&aynur, &hub, id, BlobDeed::Fetch { offset: 0, most_bytes: None }, b"").await;
    assert_eq!(refused.refusal(), Some(RefusalCode::NotFound));
}

#[tokio::test]
async fn an_erasure_removes_what_is_whole_and_what_is_coming_in() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let (bytes, whole) = attachment(1000, 7);
    let (more, half) = attachment(2_000_000, 8);
    attach(&mut aynur, 7, &whole);
    attach(&mut aynur, 7, &half);
    aynur.sync(&hub).await.unwrap();
    create(&aynur, &hub, &bytes, whole.blob, &bytes).await.answer();
    create(&aynur, &hub, &more, half.blob, &more[..1_000_000]).await.answer();
    let (there, staged) = (stored(hub.data.path(), whole.blob), hub.data.path().join("uploads"));
    assert!(there.exists() && staged.join(half.blob.to_string()).exists());
    let erase = Op::Erase { under: None, reason: Reason::ConsentWithdrawn };
    aynur.write(TOVUZ, 7, vec![erase]);
    aynur.sync(&hub).await.unwrap();
    let refused = ask(&aynur, &hub, whole.blob, BlobDeed::Fetch { offset: 0, most_bytes: None }, b"").await;
    assert_eq!(refused.refusal(), Some(RefusalCode::NotFound));
    until(|| !there.exists() && std::fs::read_dir(&staged).unwrap().count() == 0).await;
    hub.command("verify", &[], "");
}

#[tokio::test]
async fn a_backup_takes_attachments_along_and_verify_finds_damaged_ones() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let (bytes, attachment) = attachment(1000, 7);
    attach(&mut aynur, 7, &attachment);
    aynur.write(TOVUZ, 7, vec![set("a/notes", "x")]);
    aynur.sync(&hub).await.unwrap();
    create(&aynur, &hub, &bytes, attachment.blob, &bytes).await.answer();
    let elsewhere = TempDir::new().unwrap();
    let backup = elsewhere.path().join("backup");
    hub.command("backup", &[backup.to_str().unwrap()], "");
    assert_eq!(std::fs::read(stored(&backup, attachment.blob)).unwrap(), bytes);

    let data = hub.into_data();
    std::fs::write(stored(&backup, attachment.blob), "damaged").unwrap();
    let mut restore = crate::common::binary("restore", data.path());
    let restored = restore.arg(&backup).arg("--replace").output().unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let hub = Hub::start_on(data, &["--plain-http"]);
    // What the backup had damaged counts as not there, and is handed in again.
    aynur.sync(&hub).await.unwrap();
    assert!(create(&aynur, &hub, &bytes, attachment.blob, &bytes).await.answer().complete);
    hub.command("verify", &[], "");
    std::fs::write(stored(hub.data.path(), attachment.blob), "damaged").unwrap();
    assert!(hub.command_fails("verify", &[]).contains("missing or damaged"));
}

#[tokio::test]
async fn attachments_go_to_an_s3_store_in_parts_and_come_back_from_it() {
    let s3 = S3::start().await;
    let hub = Hub::start_with_environment(&["--plain-http", "--blobs", "s3://village/kend"], &s3.environment());
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let (small, photo) = attachment(1000, 7);
    let (large, speech) = attachment(11_000_000, 8);
    attach(&mut aynur, 7, &photo);
    attach(&mut aynur, 8, &speech);
    aynur.sync(&hub).await.unwrap();
    for (bytes, attachment) in [(&small, &photo), (&large, &speech)] {
        assert!(create(&aynur, &hub, bytes, attachment.blob, bytes).await.answer().complete);
        assert_eq!(&fetch(&aynur, &hub, attachment.blob, 0).await, bytes);
        assert_eq!(fetch(&aynur, &hub, attachment.blob, 900).await, bytes[900..]);
    }
    let name = speech.blob.to_string();
    assert_eq!(s3.object(&format!("village/kend/{}/{name}", &name[..2])).as_deref(), Some(&large[..]));
    assert!(!hub.data.path().join("blobs").exists());
    let erase = Op::Erase { under: None, reason: Reason::ConsentWithdrawn };
    aynur.write(TOVUZ, 8, vec![erase]);
    aynur.sync(&hub).await.unwrap();
    until(|| s3.count() == 1).await;
}

#[tokio::test]
async fn a_hub_whose_disk_is_full_keeps_what_it_has_and_goes_on_when_there_is_room() {
    let first = Hub::start();
    let mut aynur = Device::enrolled(&first, 1, "enumerator", "AZ-TOV").await;
    let (bytes, attachment) = attachment(3_000_000, 7);
    attach(&mut aynur, 7, &attachment);
    aynur.sync(&first).await.unwrap();
    let full = Hub::start_on_small_disk(first.into_data(), 1500);
    let refused = create(&aynur, &full, &bytes, attachment.blob, &bytes).await;
    assert_eq!(refused.refusal(), Some(RefusalCode::Busy));
    let roomy = Hub::start_on(full.into_data(), &["--plain-http"]);
    let begun = create(&aynur, &roomy, &bytes, attachment.blob, b"").await.answer();
    assert!(begun.offset > 1_000_000 && !begun.complete, "{begun:?}");
    let rest = BlobDeed::Append { offset: begun.offset };
    let from = usize::try_from(begun.offset).unwrap();
    assert!(ask(&aynur, &roomy, attachment.blob, rest, &bytes[from..]).await.answer().complete);
}

#[tokio::test]
async fn a_device_that_finishes_nothing_is_refused_more() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let mut refused = None;
    for seed in 1..7 {
        // Nobody hashes them before they are whole.
        let size_bytes = kend_log::limits::MAX_ATTACHMENT_BYTES;
        let (blob, key) = (BlobId([seed; 32]), BlobKey([seed; 32]));
        let (media_type, file_name) = ("audio/ogg".to_owned(), String::new());
        attach(&mut aynur, seed, &Attachment { blob, key, size_bytes, media_type, file_name, duration_ms: None });
        aynur.sync(&hub).await.unwrap();
        let create = BlobDeed::Create { length: ciphertext_bytes(size_bytes) };
        if let Said::Refusal(status, refusal) = ask(&aynur, &hub, blob, create, b"").await {
            refused = Some((seed, status, refusal.map(|refusal| refusal.code)));
            break;
        }
    }
    assert_eq!(refused, Some((4, 429, Some(RefusalCode::Quota))));
}
