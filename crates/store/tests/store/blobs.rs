//! Attachments: their bytes are whole or not there, and go with the entries that refer to them.

use std::io::Read;
use std::path::Path as FilePath;

use kend_log::{Attachment, BlobId, BlobKey, Op, Reason, Value};
use kend_store::{BlobError, BlobFolder, Copied, NewDevice, Store, StoreError};

use crate::common::{Kit, entry, interview, key, path, person, scope, set};

const PLAIN: &[u8] = b"Su iki gunden bir gelir.";
const KEY: BlobKey = BlobKey([8; 32]);

fn kit(number: u8) -> Kit {
    let mut kit = Kit::new(number);
    kit.store.keep_blobs_in(BlobFolder::beside(&kit.file()).unwrap()).unwrap();
    kit
}

fn reopened(kit: Kit) -> Kit {
    let mut kit = kit.reopened();
    kit.store.keep_blobs_in(BlobFolder::beside(&kit.file()).unwrap()).unwrap();
    kit
}

/// Keeps bytes and attaches them.
fn attach(kit: &mut Kit, at: &str, plain: &[u8], key: BlobKey) -> Attachment {
    let (blob, size_bytes) = kit.store.blob_folder().unwrap().keep(&mut &*plain, &key).unwrap();
    let (media_type, file_name) = ("audio/ogg".to_owned(), String::new());
    let attachment = Attachment { blob, key, size_bytes, media_type, file_name, duration_ms: Some(2_000) };
    let value = Value::Attachment(attachment.clone());
    kit.store.append(entry(vec![Op::Set { path: path(at), value }])).unwrap();
    attachment
}

fn erase(kit: &mut Kit, under: Option<&str>) {
    kit.store.append(entry(vec![Op::Erase { under: under.map(path), reason: Reason::ConsentWithdrawn }])).unwrap();
}

fn read(kit: &Kit, attachment: &Attachment) -> Result<Vec<u8>, BlobError> {
    let mut plain = Vec::new();
    kit.store.blob_folder().unwrap().open(&attachment.blob, &attachment.key)?.read_to_end(&mut plain)?;
    Ok(plain)
}

/// The files of blobs, whole or not.
fn files(folder: &FilePath) -> usize {
    let inner = std::fs::read_dir(folder.join("blobs")).unwrap().map(|folder| folder.unwrap().path());
    inner.map(|folder| std::fs::read_dir(folder).unwrap().count()).sum()
}

#[test]
fn what_is_attached_is_there_after_a_restart_and_no_file_holds_it_in_the_clear() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    let phone = reopened(phone);
    assert_eq!(read(&phone, &attachment).unwrap(), PLAIN);
    assert_eq!(phone.state().value("a/photo").unwrap().as_attachment(), Some(&attachment));
    let file = std::fs::read(phone.store.blob_folder().unwrap().path(&attachment.blob)).unwrap();
    assert!(!file.windows(PLAIN.len()).any(|window| window == PLAIN));
    let blob = phone.store.blob(&attachment.blob).unwrap().unwrap();
    assert_eq!((blob.scope, blob.size_bytes, blob.copied), (scope(), PLAIN.len() as u64 + 16, Copied::No));
}

#[test]
fn an_erasure_removes_the_files_of_what_it_erases_and_no_other() {
    for (under, left) in [(Some("a/photo"), 1), (Some("a"), 0), (None, 0)] {
        let mut phone = kit(1);
        let photo = attach(&mut phone, "a/photo", PLAIN, KEY);
        let speech = attach(&mut phone, "a/speech", b"speech", BlobKey([9; 32]));
        erase(&mut phone, under);
        assert_eq!(files(phone.folder.path()), left, "{under:?}");
        assert_eq!(phone.store.blob(&photo.blob).unwrap(), None);
        assert_eq!(phone.store.blob(&speech.blob).unwrap().is_some(), left == 1);
        assert_eq!(phone.store.gone_blobs().unwrap(), []);
        phone.store.verify().unwrap();
    }
}

#[test]
fn what_was_replaced_can_be_put_back_and_an_erasure_finds_all_of_it() {
    let mut phone = kit(1);
    let first = attach(&mut phone, "a/photo", PLAIN, KEY);
    attach(&mut phone, "a/photo", b"another", BlobKey([9; 32]));
    let back = Op::Set { path: path("a/photo"), value: Value::Attachment(first.clone()) };
    phone.store.append(entry(vec![back])).unwrap();
    assert_eq!((files(phone.folder.path()), read(&phone, &first).unwrap().as_slice()), (2, PLAIN));
    erase(&mut phone, Some("a/photo"));
    assert_eq!(files(phone.folder.path()), 0);
}

#[test]
fn an_order_and_an_erasure_from_elsewhere_remove_the_files_too() {
    let mut phone = kit(1);
    let mut tablet = kit(2);
    tablet.knows(&phone);
    phone.knows(&tablet);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    tablet.pull(&mut phone);
    let copy = tablet.store.blob_folder().unwrap().part(&attachment.blob);
    std::fs::copy(phone.store.blob_folder().unwrap().path(&attachment.blob), copy).unwrap();
    tablet.store.blob_folder().unwrap().finish(&attachment.blob).unwrap();
    assert_eq!(read(&tablet, &attachment).unwrap(), PLAIN);
    phone.store.obey_erasure(1, interview(), Some(&path("a/photo")), Reason::MustNotBeKept).unwrap();
    assert_eq!(files(phone.folder.path()), 0);
    erase(&mut tablet, None);
    assert_eq!(files(tablet.folder.path()), 0);
}

#[test]
fn what_a_stop_left_behind_goes_when_the_store_is_opened() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    let folder = phone.store.blob_folder().unwrap().clone();
    let (unattached, _) = folder.keep(&mut &b"kept, but never attached"[..], &BlobKey([9; 32])).unwrap();
    std::fs::write(phone.folder.path().join("blobs/new/half"), "half").unwrap();
    std::fs::write(folder.part(&attachment.blob), "coming in").unwrap();
    std::fs::write(folder.part(&unattached), "not wanted any more").unwrap();
    let phone = reopened(phone);
    assert!(folder.has(&attachment.blob) && folder.part(&attachment.blob).exists());
    assert_eq!(files(phone.folder.path()), 2);
}

#[test]
fn a_stop_between_an_erasure_and_the_removal_of_its_files_is_made_up_for() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    // A store that was told of no folder erases as one that is stopped before the files go.
    let mut phone = phone.reopened();
    erase(&mut phone, None);
    assert_eq!(phone.store.gone_blobs().unwrap(), [attachment.blob]);
    let phone = reopened(phone);
    assert_eq!((files(phone.folder.path()), phone.store.gone_blobs().unwrap()), (0, vec![]));
}

#[test]
fn damaged_bytes_are_found_and_dropped_only_where_somebody_else_has_them() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    let folder = phone.store.blob_folder().unwrap().clone();
    let mut bytes = std::fs::read(folder.path(&attachment.blob)).unwrap();
    bytes[3] ^= 1;
    std::fs::write(folder.path(&attachment.blob), bytes).unwrap();
    assert!(matches!(read(&phone, &attachment), Err(BlobError::Damaged)));
    assert!(matches!(folder.check(&attachment.blob), Err(BlobError::Damaged)));
    assert!(!phone.store.drop_damaged(&attachment.blob).unwrap());
    assert!(folder.has(&attachment.blob));
    phone.store.note_copied(&attachment.blob, Copied::Hub).unwrap();
    assert!(phone.store.drop_damaged(&attachment.blob).unwrap());
    assert!(matches!(read(&phone, &attachment), Err(BlobError::NotHere)));
}

#[test]
fn what_comes_in_gets_its_name_only_when_its_hash_is_right() {
    let phone = kit(1);
    let folder = phone.store.blob_folder().unwrap();
    let id = BlobId(*blake3::hash(b"ciphertext").as_bytes());
    std::fs::write(folder.part(&id), "something else").unwrap();
    assert!(matches!(folder.finish(&id), Err(BlobError::Damaged)));
    assert!(!folder.part(&id).exists() && !folder.has(&id));
    std::fs::write(folder.part(&id), "ciphertext").unwrap();
    folder.finish(&id).unwrap();
    folder.check(&id).unwrap();
}

#[test]
fn nothing_and_too_much_are_refused_and_leave_nothing() {
    let phone = kit(1);
    let folder = phone.store.blob_folder().unwrap();
    assert!(matches!(folder.keep(&mut &b""[..], &KEY), Err(BlobError::Empty)));
    assert!(matches!(folder.keep(&mut std::io::repeat(1), &KEY), Err(BlobError::TooLarge)));
    assert_eq!(files(phone.folder.path()), 0);
}

#[test]
fn blobs_are_offered_small_ones_first_once_a_hub_has_their_entries() {
    let mut phone = kit(1);
    let large = attach(&mut phone, "a/speech", &[7; 9000], BlobKey([9; 32]));
    let small = attach(&mut phone, "a/photo", PLAIN, KEY);
    let offered = |phone: &Kit| phone.store.blobs_to_offer().unwrap().iter().map(|blob| blob.id).collect::<Vec<_>>();
    assert_eq!(offered(&phone), []);
    let log = phone.log();
    let (seq, hash) = phone.store.log_head(&log).unwrap().unwrap();
    phone.store.acknowledge(&log, seq, hash.prefix()).unwrap();
    assert_eq!(offered(&phone), [small.blob, large.blob]);
    phone.store.note_copied(&small.blob, Copied::Server).unwrap();
    assert_eq!(offered(&phone), [large.blob]);
    phone.store.end_receipts_but_of([1; 16]).unwrap();
    assert_eq!(offered(&phone), [small.blob, large.blob], "the server was put back from a backup");
}

#[test]
fn a_scope_is_left_with_its_files_and_not_before_they_are_safe() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    let log = phone.log();
    let (seq, hash) = phone.store.log_head(&log).unwrap().unwrap();
    phone.store.obey_leave(1, &scope()).unwrap();
    let receipt = kend_store::KeptReceipt { seq, epoch: [1; 16], server_ms: 1, bytes: vec![1] };
    assert!(phone.store.keep_receipt(&log, hash, &receipt).unwrap());
    assert!(!phone.store.clear_left_scope(&scope()).unwrap());
    phone.store.note_copied(&attachment.blob, Copied::Server).unwrap();
    assert!(phone.store.clear_left_scope(&scope()).unwrap());
    assert_eq!((files(phone.folder.path()), phone.store.all_blobs().unwrap()), (0, vec![]));
}

#[test]
fn another_scope_gains_no_blob_by_naming_it() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    let mut elsewhere = entry(vec![Op::Set { path: path("a/photo"), value: Value::Attachment(attachment.clone()) }]);
    elsewhere.scope = "demo/AZ-QUS".parse().unwrap();
    elsewhere.entity = kend_domain::EntityId::from_bytes([10; 16]);
    phone.store.append(elsewhere).unwrap();
    assert_eq!(phone.store.blob(&attachment.blob).unwrap().unwrap().scope, scope());
}

#[test]
fn a_recording_under_way_survives_a_restart_and_ends_with_its_entry_or_its_erasure() {
    let at = path("a/speech");
    let mut phone = kit(1);
    phone.set("a/notes", "x");
    assert_eq!(phone.store.add_recorded(interview(), &at, person(), b"one ").unwrap(), 4);
    assert_eq!(phone.store.add_recorded(interview(), &at, person(), b"two").unwrap(), 7);
    let mut phone = reopened(phone);
    assert_eq!(phone.store.recordings(interview()).unwrap()[0].size_bytes, 7);
    let mut plain = phone.store.recorded(interview(), &at, person());
    let (blob, size_bytes) = phone.store.blob_folder().unwrap().keep(&mut plain, &KEY).unwrap();
    drop(plain);
    let (media_type, file_name) = ("audio/ogg".to_owned(), String::new());
    let attachment = Attachment { blob, key: KEY, size_bytes, media_type, file_name, duration_ms: None };
    let value = Value::Attachment(attachment.clone());
    let mut ends = entry(vec![Op::Set { path: at.clone(), value }]);
    ends.ends_drafts = vec![at.clone()];
    phone.store.append(ends).unwrap();
    assert_eq!(phone.store.recordings(interview()).unwrap(), []);
    assert_eq!(read(&phone, &attachment).unwrap(), b"one two");

    phone.store.add_recorded(interview(), &at, person(), b"three").unwrap();
    erase(&mut phone, Some("a/speech"));
    assert_eq!(phone.store.recordings(interview()).unwrap(), []);
    let late = phone.store.add_recorded(interview(), &at, person(), b"four");
    assert!(matches!(late, Err(StoreError::Erased)));
    let size = kend_store::limits::RECORDED_PIECE_BYTES + 1;
    assert!(phone.store.add_recorded(interview(), &path("a/other"), person(), &vec![1; size]).is_err());
    phone.store.append(entry(vec![set("a/notes", "goes on")])).unwrap();
}

#[test]
fn what_was_read_out_of_a_damaged_store_still_has_its_files() {
    let mut phone = kit(1);
    let attachment = attach(&mut phone, "a/photo", PLAIN, KEY);
    let folder = phone.store.blob_folder().unwrap().clone();
    let (of_a_lost_entry, _) = folder.keep(&mut &b"its entry comes again"[..], &BlobKey([9; 32])).unwrap();
    let Kit { store, folder: home } = phone;
    drop(store);
    let into = home.path().join("mended.db");
    let fresh = NewDevice { device: kend_domain::DeviceId::from_bytes([5; 16]), signing_key: [5; 32] };
    Store::salvage(&home.path().join("kend.db"), &into, &key(), &fresh).unwrap();
    let mut mended = Store::open(&into, &key(), &[]).unwrap();
    mended.keep_blobs_in(BlobFolder::beside(&into).unwrap()).unwrap();
    assert!(mended.blob(&attachment.blob).unwrap().is_some());
    assert!(folder.has(&attachment.blob) && folder.has(&of_a_lost_entry));
}
