//! Attachments by stick: whole, cut off, rotten, and the server's word on the way back.

use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::common::{Hub, binary};
use crate::moving::{MIB, rot, size, stored};
use crate::phone::Phone;

/// Writes a bundle to a stick, and says where it is.
async fn passed_on(phone: &Phone, stick: &Path) -> (PathBuf, serde_json::Value) {
    let passed = phone.give("pass_on_by_file", json!({ "folder": stick })).await;
    (stick.join(passed["files"][0].as_str().unwrap()), passed)
}

/// What the command says of a bundle, and whether it succeeds.
fn import(hub: &Hub, file: &Path) -> (bool, String) {
    let output = binary("bundle import", hub.data.path()).arg(file).env("KEND_LOG", "off").output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[tokio::test]
async fn an_attachment_goes_by_stick_on_after_every_break_and_the_way_back_says_that_it_is_safe() {
    let mut hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let (stick, back) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    hub.stop();
    let speech = aynur.attach(7, 3 * MIB).await;
    let photo = aynur.attach(8, 100_000).await;
    let (file, passed) = passed_on(&aynur, stick.path()).await;
    assert_eq!(passed["attachments"], 2, "{passed}");
    let bytes = std::fs::read(&file).unwrap();
    let staged = hub.data.path().join("uploads").join(speech.blob.to_string());

    // Pulled out too early.
    let cut = stick.path().join("cut.kendbundle");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let (done, said) = import(&hub, &cut);
    assert!(!done && said.contains("1 recordings and pictures are new") && said.contains("before the break"), "{said}");
    let there = size(&staged);
    assert!(stored(&hub, photo.blob).exists() && there > MIB && there < 2 * MIB, "{there}");

    // A frame that rots is refused; what lies before it counts.
    std::fs::write(&cut, &bytes).unwrap();
    let place = u64::try_from(bytes.len()).unwrap() * 3 / 4;
    let mut rotten = bytes.clone();
    rotten[usize::try_from(place).unwrap()] ^= 1;
    std::fs::write(&cut, &rotten).unwrap();
    let (done, said) = import(&hub, &cut);
    assert!(!done && said.contains("before the break") && !said.contains("are new,"), "{said}");
    assert!(size(&staged) > there && !stored(&hub, speech.blob).exists());

    let (done, said) = import(&hub, &file);
    assert!(done && said.contains("1 recordings and pictures are new"), "{said}");
    assert_eq!(std::fs::read(stored(&hub, speech.blob)).unwrap(), std::fs::read(aynur.file(speech.blob)).unwrap());
    assert!(!staged.exists());
    let (done, said) = import(&hub, &file);
    assert!(done && said.contains("0 entries are new") && !said.contains("pictures are new"), "{said}");

    let listed = hub.command("people list", &[], "");
    let device = listed.lines().find_map(|line| line.trim().strip_prefix("device ")).unwrap().to_owned();
    let out = back.path().to_str().unwrap();
    hub.command("bundle export", &["--device", &device, "--out", out], "");
    let taken = aynur.give("take_in_file", json!({ "paths": [out] })).await;
    assert_eq!(
        (&taken["receipts"], &taken["refused"], &taken["whole"]),
        (&json!(3), &json!(0), &json!(true)),
        "{taken}"
    );
    assert_eq!((aynur.state_word(7).await, aynur.state_word(8).await), ("safe".to_owned(), "safe".to_owned()));
    let (_, passed) = passed_on(&aynur, stick.path()).await;
    assert_eq!(passed["attachments"], 0, "what is safe is not given again");
}

#[tokio::test]
async fn an_attachment_that_rotted_before_it_is_passed_on_by_stick_is_told_and_the_others_go() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let stick = TempDir::new().unwrap();
    let speech = aynur.attach(7, MIB).await;
    let photo = aynur.attach(8, 100_000).await;
    rot(&aynur.file(speech.blob));
    let (file, passed) = passed_on(&aynur, stick.path()).await;
    assert_eq!(passed["attachments"], 1, "{passed}");
    assert_eq!(aynur.state_word(7).await, "damaged");
    let (done, said) = import(&hub, &file);
    assert!(done && said.contains("1 recordings and pictures are new"), "{said}");
    assert!(stored(&hub, photo.blob).exists() && !stored(&hub, speech.blob).exists());
}

#[tokio::test]
async fn a_bundle_over_http_says_what_became_of_its_attachments() {
    let hub = Hub::start();
    let mut aynur = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let stick = TempDir::new().unwrap();
    let speech = aynur.attach(7, MIB).await;
    let (file, _) = passed_on(&aynur, stick.path()).await;
    let post = || reqwest::Client::new().post(hub.url("/v1/bundles")).body(std::fs::read(&file).unwrap());
    let said: serde_json::Value = post().send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&said["blobs_new"], &said["blobs_refused"], &said["whole"]),
        (&json!(1), &json!(0), &json!(true)),
        "{said}"
    );
    assert!(stored(&hub, speech.blob).exists());
    // By the line nothing is left to be done.
    aynur.sync().await;
    assert_eq!(aynur.moves().await.unwrap().bytes_up, 0);
    assert_eq!(aynur.state_word(7).await, "safe");
}
