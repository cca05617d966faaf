//! People in a browser: signing in, what a page may do, what is refused.

use crate::common::{Device, Hub, binary};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "a long enough one";

pub(crate) fn supervisor(hub: &Hub) {
    let who = ["--name", "Leyla", "--role", "supervisor", "--area", "AZ-TOV", "--password-stdin"];
    assert_eq!(hub.command("people add", &who, PASSWORD), "");
}

pub(crate) fn command(hub: &Hub, command: &str, request: &Value) -> RequestBuilder {
    Client::new().post(hub.url(&format!("/api/{command}"))).json(request)
}

pub(crate) fn cookie(response: &Response) -> String {
    let cookie = response.headers().get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

pub(crate) async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let error: Value = response.json().await.unwrap();
    (status, error["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_person_signs_in_works_and_signs_out() {
    let hub = Hub::start();
    supervisor(&hub);
    let closed: Value = command(&hub, "status", &json!({})).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&closed["place"], &closed["state"], &closed["person"]),
        (&json!("browser"), &json!("locked"), &json!(null))
    );
    let response = command(&hub, "sign_in", &json!({"name": " leyla ", "password": PASSWORD})).send().await.unwrap();
    let session = cookie(&response);
    let open: Value = response.json().await.unwrap();
    assert_eq!((&open["state"], &open["person"]["role"]), (&json!("open"), &json!("supervisor")));
    let status = command(&hub, "status", &json!({})).header("cookie", &session).send().await.unwrap();
    assert_eq!(status.json::<Value>().await.unwrap()["person"]["name"], "Leyla");
    let list = command(&hub, "list_interviews", &json!({})).header("cookie", &session).send().await.unwrap();
    assert_eq!(list.json::<Value>().await.unwrap(), json!([]));
    command(&hub, "sign_out", &json!({})).header("cookie", &session).send().await.unwrap();
    let after = command(&hub, "list_interviews", &json!({})).header("cookie", &session).send().await.unwrap();
    assert_eq!(code(after).await, (401, "not_signed_in".to_owned()));
}

#[tokio::test]
async fn who_only_reads_results_is_shown_no_interview_and_nobody_below_national_replaces_the_pack() {
    let hub = Hub::start();
    supervisor(&hub);
    let who = ["--name", "Komitə", "--role", "committee", "--area", "AZ-TOV", "--password-stdin"];
    hub.command("people add", &who, PASSWORD);
    let session = async |name: &str| {
        cookie(&command(&hub, "sign_in", &json!({"name": name, "password": PASSWORD})).send().await.unwrap())
    };
    let (leyla, committee) = (session("Leyla").await, session("Komitə").await);
    let ask = async |session: &str, word: &str, request: Value| {
        command(&hub, word, &request).header("cookie", session).send().await.unwrap()
    };
    let villages: Value = ask(&leyla, "list_villages", json!({"near": null})).await.json().await.unwrap();
    let request = json!({"village": villages[0]["village"], "kind": "fgd", "language": "az"});
    let started: Value = ask(&leyla, "start_interview", request.clone()).await.json().await.unwrap();
    let interview = json!({"interview": started["summary"]["interview"]});

    let list: Value = ask(&committee, "list_interviews", json!({})).await.json().await.unwrap();
    assert_eq!(list, json!([]));
    for (word, request) in [("open_interview", interview), ("start_interview", request)] {
        assert_eq!(code(ask(&committee, word, request).await).await, (403, "not_allowed".to_owned()), "{word}");
    }
    let pack = json!({"content_base64": ""});
    assert_eq!(code(ask(&leyla, "import_pack", pack).await).await, (403, "not_allowed".to_owned()));
    assert_eq!(ask(&committee, "read_readiness", json!({"cluster": null})).await.status().as_u16(), 200);
}

#[tokio::test]
async fn nobody_approves_what_they_began_themselves() {
    let hub = Hub::start();
    supervisor(&hub);
    let signed_in = command(&hub, "sign_in", &json!({"name": "Leyla", "password": PASSWORD})).send().await.unwrap();
    let session = cookie(&signed_in);
    let ask = async |word: &str, request: Value| {
        command(&hub, word, &request).header("cookie", &session).send().await.unwrap()
    };
    let villages: Value = ask("list_villages", json!({"near": null})).await.json().await.unwrap();
    let request = json!({"village": villages[0]["village"], "kind": "fgd", "language": "az"});
    let started: Value = ask("start_interview", request).await.json().await.unwrap();
    let interview = &started["summary"]["interview"];
    // The group declined: nothing more is asked, and the interview ends here.
    let declined = json!({"interview": interview, "path": "consent_take_part", "value": "no"});
    ask("record_answer", declined).await;
    let signed: Value = ask("sign_off", json!({"interview": interview})).await.json().await.unwrap();
    assert_eq!((&signed["summary"]["state"], &signed["rights"]["review"]), (&json!("complete"), &json!(false)));
    let approval = ask("approve_interview", json!({"interview": interview})).await;
    assert_eq!(code(approval).await, (403, "not_allowed".to_owned()));
}

#[tokio::test]
async fn what_is_written_in_a_browser_stands_in_the_hubs_log_and_reaches_a_device() {
    let hub = Hub::start();
    supervisor(&hub);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let signed_in = command(&hub, "sign_in", &json!({"name": "Leyla", "password": PASSWORD})).send().await.unwrap();
    let session = cookie(&signed_in);
    let village = json!({"name": "Yeni kənd", "position": {"latitude": 40.99, "longitude": 45.63}});
    let added = command(&hub, "add_village", &village).header("cookie", &session).send().await.unwrap();
    assert_eq!(added.status().as_u16(), 200, "{}", added.text().await.unwrap());
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_received, outcome.complete), (1, true));
}

#[tokio::test]
async fn the_sixth_try_in_a_minute_is_refused_even_with_the_right_password() {
    let hub = Hub::start();
    supervisor(&hub);
    for name in ["Leyla", "nobody"] {
        for _ in 0..5 {
            let wrong =
                command(&hub, "sign_in", &json!({"name": name, "password": "not the one"})).send().await.unwrap();
            assert_eq!(code(wrong).await, (401, "wrong_sign_in".to_owned()), "{name}");
        }
        let right = command(&hub, "sign_in", &json!({"name": name, "password": PASSWORD})).send().await.unwrap();
        assert_eq!(code(right).await, (429, "too_many_tries".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_command_from_another_page_or_not_in_json_is_refused() {
    let hub = Hub::start();
    let own = hub.address.clone();
    let cases = [
        ("another origin", vec![("content-type", "application/json"), ("origin", "http://elsewhere.example")]),
        ("another site", vec![("content-type", "application/json"), ("sec-fetch-site", "cross-site")]),
        ("a form", vec![("content-type", "application/x-www-form-urlencoded")]),
        ("plain text", vec![("content-type", "text/plain")]),
        ("no type", vec![]),
    ];
    for (name, headers) in cases {
        let mut request = Client::new().post(hub.url("/api/status")).body("{}");
        for (header, value) in headers {
            request = request.header(header, value);
        }
        assert_eq!(code(request.send().await.unwrap()).await, (400, "bad_request".to_owned()), "{name}");
    }
    let same = command(&hub, "status", &json!({})).header("origin", own).header("sec-fetch-site", "same-origin");
    assert_eq!(same.send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn a_request_that_is_no_command_is_refused_and_quotes_nothing() {
    let hub = Hub::start();
    let rubbish = Client::new().post(hub.url("/api/sign_in")).header("content-type", "application/json");
    let response = rubbish.body(r#"{"name": "Leyla", "password": ["secret words"]}"#).send().await.unwrap();
    let text = response.text().await.unwrap();
    assert!(text.contains("bad_request") && !text.contains("secret"), "{text}");
    let large = command(&hub, "sign_in", &json!({"name": "x".repeat(5000), "password": "y"})).send().await.unwrap();
    assert_eq!(code(large).await, (413, "too_large".to_owned()));
    let forged =
        command(&hub, "list_interviews", &json!({})).header("cookie", format!("kend_session={}", "0".repeat(64)));
    assert_eq!(code(forged.send().await.unwrap()).await, (401, "not_signed_in".to_owned()));
}

#[tokio::test]
async fn the_language_is_remembered_before_and_after_signing_in() {
    let hub = Hub::start();
    let first: Value = command(&hub, "status", &json!({})).send().await.unwrap().json().await.unwrap();
    assert_eq!(first["language"], "az");
    let changed = command(&hub, "set_language", &json!({"language": "ru"})).send().await.unwrap();
    let language = cookie(&changed);
    assert_eq!(changed.json::<Value>().await.unwrap()["language"], "ru");
    let later: Value =
        command(&hub, "status", &json!({})).header("cookie", language).send().await.unwrap().json().await.unwrap();
    assert_eq!(later["language"], "ru");
}

#[tokio::test]
async fn every_page_comes_with_the_headers_that_keep_others_out() {
    let hub = Hub::start();
    for path in ["/", "/interviews/7", "/healthz", "/v1/time", "/api/nothing/here"] {
        let response = reqwest::get(hub.url(path)).await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        let kind = header("content-type").unwrap_or_default();
        assert!(!kind.starts_with("text/") || kind.ends_with("; charset=utf-8"), "{path}: {kind}");
        let page = matches!(path, "/" | "/interviews/7");
        assert_eq!(response.text().await.unwrap().contains("<title>Kend</title>"), page, "{path}");
    }
    assert_eq!(reqwest::get(hub.url("/api/nothing/here")).await.unwrap().status().as_u16(), 404);
    assert_eq!(reqwest::get(hub.url("/api/status")).await.unwrap().status().as_u16(), 405);
}

#[tokio::test]
async fn a_made_up_password_works_and_a_second_account_of_the_name_is_refused() {
    let hub = Hub::start();
    let who = ["--name", "Orxan", "--role", "national", "--area", "AZ"];
    let password = hub.command("people add", &who, "");
    assert_eq!(password.len(), 19, "four groups of four");
    let signed_in = command(&hub, "sign_in", &json!({"name": "Orxan", "password": password})).send().await.unwrap();
    assert_eq!(signed_in.status().as_u16(), 200);
    hub.command_fails("people add", &["--name", "ORXAN", "--role", "national", "--area", "AZ"]);
    let status = hub.command("status", &[], "");
    assert!(status.contains("1 people, 1 with an account, 0 devices"), "{status}");
}

#[test]
fn a_hub_encrypts_nothing_only_on_this_machine_unless_told_to() {
    let data = tempfile::TempDir::new().unwrap();
    let mut serve = binary("serve", data.path());
    let output = serve.args(["--plain-http", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--plain-http-beyond-loopback"));
    assert!(output.stdout.is_empty());
}

#[test]
fn the_key_of_the_data_is_for_its_owner_only_or_sealed_with_the_passphrase() {
    use std::os::unix::fs::PermissionsExt;
    let status = |data: &std::path::Path, passphrase: Option<&str>| {
        let mut process = binary("status", data);
        process.envs(passphrase.map(|passphrase| ("KEND_HUB_PASSPHRASE", passphrase)));
        process.output().unwrap().status.success()
    };
    let bare = tempfile::TempDir::new().unwrap();
    assert!(status(bare.path(), None));
    let mode = std::fs::metadata(bare.path().join("hub.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let sealed = tempfile::TempDir::new().unwrap();
    assert!(status(sealed.path(), Some("bir iki üç dörd")));
    assert!(status(sealed.path(), Some("bir iki üç dörd")));
    assert!(!status(sealed.path(), Some("another")));
    assert!(!status(sealed.path(), None));
    assert!(!sealed.path().join("hub.key").exists());
}
