//! Running a hub: what it says of itself, what it never says, how it stops, and what it does when the disk is full.

use std::process::Command;

use kend_sync::protocol::{SIGNATURE_HEADER, SYNC_PATH};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{Device, Hub, binary, in_postgres, send, set};

const TOVUZ: &str = "demo/AZ-TOV";

async fn page(url: &str) -> (u16, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_numbers_are_said_on_a_listener_of_their_own_and_name_nobody() {
    let hub = Hub::start_with(&["--plain-http", "--metrics", "127.0.0.1:0"]);
    let _open = TcpStream::connect(hub.address.strip_prefix("http://").unwrap()).await.unwrap();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    aynur.sync(&hub).await.unwrap();
    reqwest::get(hub.url("/v1/made/up/by/somebody")).await.unwrap();
    let (status, numbers) = page(hub.numbers.as_ref().unwrap()).await;
    assert_eq!(status, 200);
    for line in [
        r#"kend_hub_requests_total{method="POST",route="/v1/sync",status="200"} 1"#,
        r#"kend_hub_requests_total{method="GET",route="/v1/{*rest}",status="404"} 1"#,
        r#"kend_hub_answer_seconds_count{method="POST",route="/v1/enrol"} 1"#,
        "kend_hub_entries 1",
        "kend_hub_devices 1",
        "kend_hub_sessions 0",
        "kend_hub_segments_set_aside 0",
    ] {
        assert!(numbers.lines().any(|found| found == line), "{line} is not in:\n{numbers}");
    }
    for counted in ["kend_hub_received_bytes_total ", "kend_hub_sent_bytes_total ", "kend_hub_connections "] {
        let value = numbers.lines().find_map(|line| line.strip_prefix(counted)).unwrap();
        assert!(value.parse::<u64>().unwrap() > 0, "{counted}{value}");
    }
    let names = ["Somebody", "AZ-TOV", "somebody", &aynur.person.to_string(), &aynur.store.device().to_string()];
    for name in names {
        assert!(!numbers.contains(name), "{name} is in:\n{numbers}");
    }
    assert!(!page(&hub.url("/metrics")).await.1.contains("kend_hub"), "the numbers are on the open listener too");
}

#[test]
fn the_numbers_are_said_on_this_machine_only() {
    let data = TempDir::new().unwrap();
    let output = binary("serve", data.path()).args(["--metrics", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("on this machine only"));
}

#[tokio::test]
async fn the_log_of_a_full_exchange_holds_nothing_of_what_was_said_and_no_secret() {
    const NOTE: &str = "planted-note";
    const PASSWORD: &str = "planted-password-1";
    const NAME: &str = "planted-name";
    for (form, is_json) in [("json", true), ("text", false)] {
        let folder = TempDir::new().unwrap();
        let log = folder.path().join("log");
        let hub = Hub::start_logging(form, &log, &["--plain-http"]);
        let who = ["--name", NAME, "--role", "supervisor", "--area", "AZ-TOV", "--password-stdin"];
        hub.command("people add", &who, PASSWORD);
        let code = hub.code("enumerator", "AZ-TOV");
        let mut aynur = Device::new(1);
        aynur.enrol(&hub, &code).await.unwrap();
        aynur.write(TOVUZ, 7, vec![set(&format!("a/{NOTE}"), NOTE)]);
        // A committee's deed, which is set aside with a warning.
        aynur.write(TOVUZ, 8, vec![set(&format!("c/{NOTE}/text"), NOTE)]);
        aynur.sync(&hub).await.unwrap();
        let client = reqwest::Client::new();
        let mut cookie = String::new();
        for (command, request) in [
            ("sign_in", json!({"name": NAME, "password": "planted-password-2"})),
            ("sign_in", json!({"name": NAME, "password": PASSWORD})),
            ("add_village", json!({"name": NAME, "position": {"latitude": 40.99, "longitude": 45.63}})),
            ("list_villages", json!({"near": null, NOTE: NOTE})),
            (NOTE, json!({NOTE: NOTE})),
            ("import_pack", json!({"content_base64": ""})),
            ("sign_in", json!({"name": "planted-password-3", "password": PASSWORD})),
            ("change_password", json!({"password": "planted-password-2", "new_password": "planted-password-3"})),
            ("sign_out", json!({})),
        ] {
            let sent = client.post(hub.url(&format!("/api/{command}?{NOTE}"))).header("cookie", &cookie).json(&request);
            let response = sent.send().await.unwrap();
            if let Some(set) = response.headers().get("set-cookie").filter(|_| command == "sign_in") {
                cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            }
        }
        let foreign = client.post(hub.url("/api/status")).header("origin", "http://elsewhere").json(&json!({}));
        foreign.send().await.unwrap();
        let mut forged = aynur.request();
        forged.body.push(0);
        send(&hub.address, &forged).await;
        let token = cookie.split('=').nth(1).unwrap().to_owned();
        assert_eq!(token.len(), 64);
        drop(hub);
        let logged = std::fs::read_to_string(&log).unwrap();
        assert!(logged.contains("exchange") && logged.contains("segment set aside"), "{logged}");
        for event in [
            "signed in",
            "sign-in refused",
            "signed out",
            "command refused",
            "password change refused",
            "command from another page refused",
            "device refused",
        ] {
            assert!(logged.contains(event), "{event} is not in the log:\n{logged}");
        }
        if is_json {
            let lines = logged.lines().map(serde_json::from_str::<Value>);
            assert!(lines.into_iter().all(|line| line.is_ok()), "{logged}");
        }
        let signature = SIGNATURE_HEADER.to_lowercase();
        for secret in ["planted", code.as_str(), code.rsplit('-').next().unwrap(), &token, &signature] {
            assert!(!logged.contains(secret), "{secret} is in the log:\n{logged}");
        }
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_the_signal_and_nobody_else_is_let_in() {
    let mut hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The road")]);
    let request = aynur.request();
    let address = hub.address.strip_prefix("http://").unwrap().to_owned();
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let headers = headers.concat();
    let head =
        format!("POST {SYNC_PATH} HTTP/1.1\r\nhost: hub\r\n{headers}content-length: {}\r\n\r\n", request.body.len());
    let (first, second) = request.body.split_at(request.body.len() / 2);
    let mut line = TcpStream::connect(&address).await.unwrap();
    line.write_all(&[head.as_bytes(), first].concat()).await.unwrap();
    // An answer to another shows that this one is being read: connections are taken in order.
    page(&hub.url("/healthz")).await;
    assert!(Command::new("kill").args(["-TERM", &hub.process_id()]).status().unwrap().success());
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    line.write_all(second).await.unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    assert!(hub.wait().success());
    hub.kill_and_restart();
    let status: Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    assert_eq!(status["entries"], 1);
}

#[tokio::test]
async fn an_address_with_too_many_connections_is_refused_more_and_let_in_when_one_ends() {
    let hub = Hub::start_with(&["--plain-http", "--connections-of-an-address", "3"]);
    let address = hub.address.strip_prefix("http://").unwrap().to_owned();
    let ask = async |line: &mut TcpStream| {
        let mut answer = vec![0; 4096];
        let _ = line.write_all(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n").await;
        let length = line.read(&mut answer).await.unwrap_or(0);
        answer[..length].starts_with(b"HTTP/1.1 200")
    };
    let mut lines = Vec::new();
    for _ in 0..3 {
        let mut line = TcpStream::connect(&address).await.unwrap();
        assert!(ask(&mut line).await);
        lines.push(line);
    }
    let mut one_more = TcpStream::connect(&address).await.unwrap();
    assert!(!ask(&mut one_more).await);
    assert!(ask(&mut lines[0]).await, "who was there is served on");
    drop(lines.pop());
    let mut let_in = false;
    while !let_in {
        let mut line = TcpStream::connect(&address).await.unwrap();
        let_in = ask(&mut line).await;
    }
}

#[tokio::test]
async fn a_full_disk_is_told_acknowledges_nothing_and_loses_nothing() {
    let hub = Hub::start();
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let mut rashad = Device::enrolled(&hub, 2, "enumerator", "AZ-TOV").await;
    let (status, health) = page(&hub.url("/healthz")).await;
    let mut healthy = json!({"disk_takes_writes": true, "lives": true});
    if in_postgres() {
        healthy["database_answers"] = json!(true);
    }
    assert_eq!((status, serde_json::from_str(&health).ok()), (200, Some(healthy)));
    let hub = Hub::start_on_small_disk(hub.into_data(), 256);
    for number in 0..40 {
        aynur.write(TOVUZ, 7, vec![set(&format!("a/notes_{number}"), &format!("{number} ").repeat(8000))]);
    }
    let refused = aynur.sync(&hub).await;
    // What PostgreSQL has may be acknowledged, though the copy of it has no room any more.
    if !in_postgres() {
        assert!(refused.is_err(), "a full disk acknowledged {refused:?}");
        assert!(aynur.store.unacknowledged().unwrap().entries() > 0);
    }
    let mut written = 0;
    loop {
        rashad.write(TOVUZ, 8, vec![set("a/notes", &written.to_string())]);
        written += 1;
        if rashad.sync(&hub).await.is_err() {
            break;
        }
    }
    // What is known of the disk holds for a moment, and each look takes a little of what is left.
    while page(&hub.url("/healthz")).await.0 != 503 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let hub = Hub::start_on(hub.into_data(), &["--plain-http"]);
    assert_eq!(page(&hub.url("/healthz")).await.0, 200);
    let outcome = aynur.sync(&hub).await.unwrap();
    assert!(outcome.complete && rashad.sync(&hub).await.unwrap().complete);
    assert_eq!(aynur.store.unacknowledged().unwrap().entries(), 0);
    let status: Value = serde_json::from_str(&hub.command("status", &["--json"], "")).unwrap();
    assert_eq!(status["entries"], 40 + written);
    hub.command("verify", &[], "");
}

#[tokio::test]
async fn behind_a_proxy_the_caller_is_whom_the_proxy_names_last_and_the_line_is_the_proxys() {
    let proxied = ["--plain-http", "--behind-proxy", "127.0.0.1", "--public", "hub.example"];
    let hub = Hub::start_with(&proxied);
    let joining = hub.joining("enumerator", "AZ-TOV");
    assert!(joining.starts_with("https://hub.example/#code="), "{joining}");
    let client = reqwest::Client::new();
    let guess = async |name: String, from: &str| {
        let request = json!({"name": name, "password": "not the one"});
        let sent = client.post(hub.url("/api/sign_in")).header("x-forwarded-for", from).json(&request).send();
        sent.await.unwrap().status().as_u16()
    };
    // What the caller claims of itself stands before; only the proxy's own word counts.
    for number in 0..30 {
        assert_eq!(guess(format!("name {number}"), &format!("10.0.0.{number}, 192.0.2.1")).await, 401);
    }
    assert_eq!(guess("one more".to_owned(), "10.0.0.99, 192.0.2.1").await, 429);
    assert_eq!(guess("one more".to_owned(), "192.0.2.1, 192.0.2.2").await, 401);
    let who = ["--name", "Leyla", "--role", "supervisor", "--area", "AZ-TOV", "--password-stdin"];
    hub.command("people add", &who, "a long enough one");
    let sign_in = json!({"name": "Leyla", "password": "a long enough one"});
    let sent = client.post(hub.url("/api/sign_in")).header("x-forwarded-for", "192.0.2.3").json(&sign_in);
    let cookie = sent.send().await.unwrap().headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-kend_session=") && cookie.ends_with("; Secure"), "{cookie}");
}
