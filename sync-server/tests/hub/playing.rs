//! A recording at the hub, for people in a browser: in any part, and for nobody who may not read the interview.

use data_encoding::BASE64;
use reqwest::header::{HeaderMap, RANGE};
use serde_json::{Value, json};

use crate::common::Hub;
use crate::people::{PASSWORD, command, cookie};
use crate::phone::Phone;

const SIZE_BYTES: usize = 2_500_000;

fn sound() -> Vec<u8> {
    let mut bytes = vec![0; SIZE_BYTES];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes[..4].copy_from_slice(b"OggS");
    bytes
}

/// A device with a recording; gives the address of it at the hub.
async fn record(phone: &Phone, sound: &[u8]) -> (String, Value) {
    let villages = phone.give("list_villages", json!({ "near": null })).await;
    let village = villages.as_array().unwrap().iter().find(|village| village["rayon"] == "AZ-TOV").unwrap();
    let request = json!({ "village": village["village"], "kind": "fgd", "language": "az" });
    let interview = phone.give("start_interview", request).await["summary"]["interview"].clone();
    for consent in ["consent_take_part", "consent_record"] {
        phone.give("record_answer", json!({ "interview": interview, "path": consent, "value": "yes" })).await;
    }
    let request = json!({ "interview": interview, "repeat": "recording", "answers": [] });
    let view = phone.give("add_instance", request).await;
    let cards = view["sections"].as_array().unwrap().iter().flat_map(|section| section["cards"].as_array().unwrap());
    let repeat = cards.into_iter().find(|card| card["name"] == "recording").unwrap();
    let path = repeat["instances"][0]["cards"][0]["path"].as_str().unwrap();
    let mut at_bytes = 0;
    for piece in sound.chunks(1_000_000) {
        let content = BASE64.encode(piece);
        let request = json!({ "interview": interview, "path": path, "at_bytes": at_bytes, "content_base64": content });
        phone.give("keep_piece", request).await;
        at_bytes += piece.len();
    }
    let request = json!({
        "interview": interview, "path": path, "media_type": "audio/ogg", "file_name": "səs.ogg", "duration_ms": 5000,
    });
    let view = phone.give("attach", request).await;
    let cards = view["sections"].as_array().unwrap().iter().flat_map(|section| section["cards"].as_array().unwrap());
    let repeat = cards.into_iter().find(|card| card["name"] == "recording").unwrap();
    let file = &repeat["instances"][0]["cards"][0]["attachment"];
    (format!("/attachments/{}/{}/{path}", interview.as_str().unwrap(), file["attachment"].as_str().unwrap()), interview)
}

async fn signed_in(hub: &Hub, name: &str, role: &str, area: &str) -> String {
    let arguments = ["--name", name, "--role", role, "--area", area, "--password-stdin"];
    hub.command("people add", &arguments, PASSWORD);
    cookie(&command(hub, "sign_in", &json!({ "name": name, "password": PASSWORD })).send().await.unwrap())
}

async fn get(hub: &Hub, path: &str, session: &str, range: Option<&str>) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = reqwest::Client::new().get(hub.url(path)).header("cookie", session);
    if let Some(range) = range {
        request = request.header(RANGE, range);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn who_may_read_the_interview_plays_it_from_any_place_and_nobody_else_learns_that_it_is_there() {
    let hub = Hub::start();
    let phone = Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await;
    let sound = sound();
    let (address, interview) = record(&phone, &sound).await;
    let leyla = signed_in(&hub, "Leyla", "supervisor", "AZ-TOV").await;
    phone.sync().await;
    assert_eq!(get(&hub, &address, &leyla, None).await.0, 404, "the words are at the hub, the sound is not");
    let open = async |session: &str| {
        let asked = command(&hub, "open_interview", &json!({ "interview": interview })).header("cookie", session);
        asked.send().await.unwrap().text().await.unwrap()
    };
    assert!(open(&leyla).await.contains(r#""here":false"#));
    phone.moves().await.unwrap();
    assert!(open(&leyla).await.contains(r#""here":true"#));

    let (status, headers, bytes) = get(&hub, &address, &leyla, None).await;
    assert_eq!((status, bytes == sound), (200, true));
    assert_eq!(
        (&headers["content-type"], &headers["accept-ranges"]),
        (&"audio/ogg".parse().unwrap(), &"bytes".parse().unwrap())
    );
    assert!(headers["cache-control"].to_str().unwrap().contains("no-store"));
    for (range, wanted) in [
        ("bytes=0-", &sound[..]),
        ("bytes=0-0", &sound[..1]),
        ("bytes=65535-65536", &sound[65_535..65_537]),
        ("bytes=1048575-2200000", &sound[1_048_575..2_200_001]),
        ("bytes=-7", &sound[SIZE_BYTES - 7..]),
    ] {
        let (status, headers, bytes) = get(&hub, &address, &leyla, Some(range)).await;
        assert_eq!((status, bytes == wanted), (206, true), "{range}");
        assert!(headers["content-range"].to_str().unwrap().ends_with("/2500000"), "{range}");
        assert!(!headers.contains_key("content-encoding"), "{range}");
    }
    assert_eq!(get(&hub, &address, &leyla, Some("bytes=2500000-")).await.0, 416);

    let elsewhere = signed_in(&hub, "Kamran", "supervisor", "AZ-QBA").await;
    let committee = signed_in(&hub, "Sevda", "committee", "AZ-TOV").await;
    for (who, session, status) in
        [("nobody", "", 401), ("of another rayon", &*elsewhere, 404), ("the committee", &*committee, 403)]
    {
        let (refused, _, said) = get(&hub, &address, session, None).await;
        assert_eq!((refused, said.len()), (status, 0), "{who}");
    }
    let other_name = address.replace("/recording/", "/photo/");
    for wrong in ["/attachments/x/y/z", &other_name, &address.replace("recording_sound", "../recording_sound")] {
        assert!(matches!(get(&hub, wrong, &leyla, None).await.0, 400 | 404), "{wrong}");
    }

    phone.give("erase_interview", json!({ "interview": interview })).await;
    phone.sync().await;
    assert_eq!(get(&hub, &address, &leyla, None).await.0, 404, "what is erased is nobody's");
}
