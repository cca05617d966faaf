//! On the way: a real hub that encrypts, real devices with their whole machine, and somebody in between.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use kend_app::Suggestion;
use kend_app::api::ErrorCode;
use kend_machine::Desktop;
use kend_machine::nearby::Announced;
use kend_sync::join::Joining;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::Hub;

const PASSPHRASE: &str = "yeddi dağ arxasında";
/// The folder of the device that [`a_device_that_trusts_one_authority`] is, when it is run by another test.
const DEVICE: &str = "KEND_TEST_DEVICE";
/// The joining words that it is to use.
const JOINING: &str = "KEND_TEST_JOINING";

/// A device as the window and the command line have it: with its folder and its own way to the hub.
struct Device {
    desktop: Desktop,
    _folder: TempDir,
}

impl Device {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let desktop = Desktop::open(folder.path().join("device"), Suggestion::default()).unwrap();
        let device = Self { desktop, _folder: folder };
        device
            .call("create_store", json!({"passphrase": PASSPHRASE, "name": "Aynur", "language": "az"}))
            .await
            .unwrap();
        device
    }

    async fn call(&self, command: &str, request: Value) -> Result<Value, ErrorCode> {
        self.desktop.call(command, request).await.map_err(|error| error.code)
    }

    async fn join(&self, joining: &str) -> Result<Value, ErrorCode> {
        self.call("join_hub", json!({"address": joining, "code": ""})).await
    }

    async fn start_interview(&self) {
        let villages = self.call("list_villages", json!({"near": null})).await.unwrap();
        let request = json!({"village": villages[0]["village"], "kind": "fgd", "language": "az"});
        self.call("start_interview", request).await.unwrap();
    }
}

fn parse(joining: &str) -> Joining {
    joining.parse().unwrap()
}

/// A hub that no device finds by itself when the way to it is barred.
#[track_caller]
fn unannounced() -> Hub {
    Hub::start_with(&["--no-announcement"])
}

#[tokio::test]
async fn a_device_joins_by_the_printed_line_and_syncs_encrypted() {
    let hub = Hub::start_with(&[]);
    assert!(hub.address.starts_with("https://"), "{}", hub.address);
    let joining = hub.joining("enumerator", "AZ-TOV");
    assert!(joining.starts_with("kend://127.0.0.1:") && parse(&joining).pin.is_some(), "{joining}");
    let device = Device::new().await;
    device.join(&joining).await.unwrap();
    device.start_interview().await;
    let state = device.call("sync", json!({})).await.unwrap();
    assert_eq!((&state["waiting_entries"], state["last"]["sent"].as_u64() > Some(0)), (&json!(0), true), "{state}");
    // The same line is no secret to who listens: its code was used.
    assert_eq!(Device::new().await.join(&joining).await, Err(ErrorCode::BadCode));
}

#[tokio::test]
async fn a_hub_that_has_another_address_now_is_found_by_its_key_and_only_its_key_is_believed() {
    let mut hub = Hub::start_with(&[]);
    let before = hub.address.clone();
    let joining = hub.joining("enumerator", "AZ-TOV");
    let device = Device::new().await;
    device.join(&joining).await.unwrap();
    device.start_interview().await;
    hub.kill_and_restart();
    assert_ne!(hub.address, before);
    // By the first try the device hears that its line is dead.
    let _ = device.call("sync", json!({})).await;
    let state = device.call("sync", json!({})).await.unwrap();
    assert_eq!(state["waiting_entries"], 0, "{state}");
    // Somebody else who says that they are this hub.
    hub.stop();
    let other = unannounced();
    let at: SocketAddr = other.address.trim_start_matches("https://").parse().unwrap();
    let _lie = Announced::new(parse(&joining).pin.unwrap(), at).unwrap();
    device.start_interview().await;
    let _ = device.call("sync", json!({})).await;
    assert_eq!(device.call("sync", json!({})).await, Err(ErrorCode::HubNotTrusted));
}

#[tokio::test]
async fn a_hub_that_is_not_to_be_announced_is_not() {
    let mut hub = unannounced();
    let device = Device::new().await;
    device.join(&hub.joining("enumerator", "AZ-TOV")).await.unwrap();
    hub.kill_and_restart();
    for _ in 0..2 {
        assert_eq!(device.call("sync", json!({})).await, Err(ErrorCode::HubUnreachable));
    }
}

#[tokio::test]
async fn the_pin_holds_when_the_hub_starts_anew_or_is_put_back_from_a_backup() {
    let mut hub = Hub::start_with(&[]);
    let before = parse(&hub.joining("enumerator", "AZ-TOV")).pin;
    hub.kill_and_restart();
    assert_eq!(parse(&hub.joining("enumerator", "AZ-TOV")).pin, before);
    let backups = TempDir::new().unwrap();
    let backup = backups.path().join("backup").to_str().unwrap().to_owned();
    hub.command("backup", &[&backup], "");
    hub.stop();
    hub.command("restore", &[&backup, "--replace"], "");
    hub.kill_and_restart();
    assert_eq!(parse(&hub.joining("enumerator", "AZ-TOV")).pin, before);
}

#[tokio::test]
async fn a_wrong_pin_another_hub_and_an_unknown_authority_are_told_from_a_hub_that_is_not_there() {
    let (hub, other) = (unannounced(), unannounced());
    let (joining, elsewhere) = (hub.joining("enumerator", "AZ-TOV"), other.joining("enumerator", "AZ-TOV"));
    let (own, foreign) = (parse(&joining), parse(&elsewhere));
    let device = Device::new().await;
    let swapped = Joining { pin: foreign.pin, ..own.clone() }.to_string();
    let web = own.address.replace("kend://", "https://");
    let silent = Joining { address: "kend://127.0.0.1:1".to_owned(), ..own.clone() }.to_string();
    for (name, joining, error) in [
        ("a pin of another hub", swapped, ErrorCode::HubNotTrusted),
        ("a line cut off before its pin", own.address.clone(), ErrorCode::HubNotTrusted),
        ("its own authority, which nobody knows", format!("{web}/#code=ABCD"), ErrorCode::HubNotTrusted),
        ("nobody", silent, ErrorCode::HubUnreachable),
    ] {
        assert_eq!(device.join(&joining).await, Err(error), "{name}");
    }
    // Nothing of these tries cost the code.
    device.join(&joining).await.unwrap();
}

#[tokio::test]
async fn who_stands_in_between_with_another_certificate_learns_nothing() {
    let hub = unannounced();
    let (between, heard) = stand_between().await;
    let own = parse(&hub.joining("enumerator", "AZ-TOV"));
    let diverted = Joining { address: format!("kend://{between}"), ..own };
    assert_eq!(Device::new().await.join(&diverted.to_string()).await, Err(ErrorCode::HubNotTrusted));
    assert_eq!(heard.await.unwrap(), Vec::<u8>::new(), "the request went to who stands in between");
}

#[tokio::test]
async fn who_passes_bytes_on_and_changes_one_breaks_the_line_and_the_device_goes_on_after() {
    let hub = unannounced();
    let joining = hub.joining("enumerator", "AZ-TOV");
    let own = parse(&joining);
    let to: SocketAddr = own.address.trim_start_matches("kend://").parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let between = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(to).await.unwrap();
        let mut piece = [0; 4096];
        let hello = near.read(&mut piece).await.unwrap();
        far.write_all(&piece[..hello]).await.unwrap();
        let answer = far.read(&mut piece).await.unwrap();
        piece[answer - 20] ^= 1;
        near.write_all(&piece[..answer]).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    });
    let device = Device::new().await;
    let diverted = Joining { address: format!("kend://{between}"), ..own };
    assert_eq!(device.join(&diverted.to_string()).await, Err(ErrorCode::HubUnreachable));
    device.join(&joining).await.unwrap();
}

#[tokio::test]
async fn a_browser_that_trusts_the_hubs_authority_signs_in_with_cookies_of_this_host_only() {
    let hub = Hub::start_with(&[]);
    let who = ["--name", "Leyla", "--role", "supervisor", "--area", "AZ-TOV", "--password-stdin"];
    hub.command("people add", &who, "a long enough one");
    let authority = std::fs::read(hub.data.path().join("hub-authority.pem")).unwrap();
    let authority = reqwest::Certificate::from_pem(&authority).unwrap();
    let browser = reqwest::Client::builder().tls_certs_only([authority]).build().unwrap();
    let sign_in = json!({"name": "Leyla", "password": "a long enough one"});
    let address = hub.url("/api/sign_in").replace("127.0.0.1", "localhost");
    let response = browser.post(address).json(&sign_in).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-kend_session=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(cookie.contains("Path=/; HttpOnly; SameSite=Strict") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(response.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");
    let session = cookie.split(';').next().unwrap().to_owned();
    for (name, cookie, status) in
        [("the session", session.clone(), 200), ("the same without its prefix", session.replace("__Host-", ""), 401)]
    {
        let list = browser.post(hub.url("/api/list_interviews")).json(&json!({})).header("cookie", cookie);
        assert_eq!(list.send().await.unwrap().status().as_u16(), status, "{name}");
    }
    let stranger = reqwest::Client::new().get(hub.url("/")).send().await;
    assert!(stranger.is_err(), "a browser that does not know the authority was let through");
}

#[tokio::test]
async fn the_hub_speaks_only_the_newest_tls_and_answers_nothing_else() {
    let hub = Hub::start_with(&[]);
    let old = reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .tls_version_max(reqwest::tls::Version::TLS_1_2)
        .build()
        .unwrap();
    assert!(old.get(hub.url("/healthz")).send().await.is_err());
    let plain = reqwest::Client::new().get(hub.url("/healthz").replace("https://", "http://")).send().await;
    assert!(plain.is_err());
}

#[tokio::test]
async fn a_server_with_a_certificate_of_the_web_is_believed_by_name_and_by_pin() {
    let folder = TempDir::new().unwrap();
    let (certificate, key, authority) = certificate_of_the_web(&folder);
    let (certificate, key) = (certificate.to_str().unwrap().to_owned(), key.to_str().unwrap().to_owned());
    let hub = Hub::start_with(&["--tls-cert", &certificate, "--tls-key", &key]);
    let joining = parse(&hub.joining("enumerator", "AZ-TOV"));
    assert_eq!((joining.address.as_str(), joining.pin), (hub.address.as_str(), None));
    let pin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().ok();
    for (name, joining, trusted) in [
        ("a name that the certificate has not", joining.to_string().replace("127.0.0.1", "localhost"), false),
        ("the right name and a wrong pin", Joining { pin, ..joining.clone() }.to_string(), false),
        ("the right name", joining.to_string(), true),
    ] {
        let device = TempDir::new().unwrap();
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tls::a_device_that_trusts_one_authority", "--ignored", "--nocapture"])
            .env("SSL_CERT_FILE", &authority)
            .env(DEVICE, device.path())
            .env(JOINING, joining)
            .env("KEND_TEST_TRUSTED", trusted.to_string())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stdout));
    }
}

#[tokio::test]
#[ignore = "run by the test of a certificate of the web, in a process that trusts its authority"]
async fn a_device_that_trusts_one_authority() {
    let folder = PathBuf::from(std::env::var(DEVICE).unwrap());
    let device =
        Device { desktop: Desktop::open(folder, Suggestion::default()).unwrap(), _folder: TempDir::new().unwrap() };
    device.call("create_store", json!({"passphrase": PASSPHRASE, "name": "Aynur", "language": "az"})).await.unwrap();
    let joined = device.join(&std::env::var(JOINING).unwrap()).await.map(|_| ());
    let trusted = std::env::var("KEND_TEST_TRUSTED").unwrap() == "true";
    assert_eq!(joined, if trusted { Ok(()) } else { Err(ErrorCode::HubNotTrusted) });
}

/// Files of a certificate for 127.0.0.1, its key and its authority.
fn certificate_of_the_web(folder: &TempDir) -> (PathBuf, PathBuf, PathBuf) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let file = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    (
        file("certificate.pem", certificate.pem()),
        file("key.pem", key.serialize_pem()),
        file("authority.pem", authority_certificate.pem()),
    )
}

/// Somebody with a certificate of their own, and what they hear of one connection.
async fn stand_between() -> (SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.into()], key.into())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        if let Ok(mut stream) = acceptor.accept(stream).await {
            let _ = stream.read_to_end(&mut heard).await;
        }
        heard
    });
    (address, heard)
}
