//! The peer on the same line: `OpenRosa` submissions as ODK Collect sends them, and a server that takes them.
//!
//! Collect asks with HEAD before the first submission of a run, where the server answers 204 and a location, and then posts
//! one interview after the other on one connection (its `InstanceServerUploader`). Left out, in its favour: the digest
//! challenge, and the chain of a certificate of the web. TLS is what the hub has: 1.3, X25519, a P-256 key, an authority of
//! its own. The server answers once a submission is on its disk.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use kend_wire::{Interview, openrosa_multipart};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the server prints before its address.
pub(crate) const LISTENS: &str = "openrosa listens on ";
const AUTHORITY: &str = "authority.pem";
const PATH: &str = "/submission";
/// The one that `openrosa_multipart` writes.
const BOUNDARY: &str = "7d26a6e7-2b41-4c4c-9d4f-52a1c8a0f0b3";
const MOST_BYTES: &str = "104857600";
const TAKEN: &str = "<OpenRosaResponse xmlns=\"http://openrosa.org/http/response\" items=\"0\">\n  \
    <message nature=\"\">full submission upload was successful!</message>\n</OpenRosaResponse>";

fn provider() -> Arc<CryptoProvider> {
    let kx_groups = vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
    Arc::new(CryptoProvider { kx_groups, ..aws_lc_rs::default_provider() })
}

/// A server's certificate and key; the authority's certificate is left in the folder for clients.
fn certificate(folder: &Path, address: SocketAddr) -> Result<ServerConfig> {
    let (authority_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    std::fs::write(folder.join(AUTHORITY), authority.self_signed(&authority_key)?.pem())?;
    let issuer = Issuer::new(authority, authority_key);
    let own = CertificateParams::new([address.ip().to_string()])?.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13])?;
    let mut config = builder.with_no_client_auth().with_single_cert(vec![own.into()], key)?;
    config.send_tls13_tickets = 1;
    Ok(config)
}

struct Taking {
    folder: PathBuf,
    taken: AtomicU64,
}

/// Serves until it is killed.
pub(crate) async fn serve(folder: &Path, address: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let tls = TlsAcceptor::from(Arc::new(certificate(folder, address)?));
    let taking = Arc::new(Taking { folder: folder.to_owned(), taken: AtomicU64::new(0) });
    let router = axum::Router::new().route(PATH, axum::routing::post(take).head(look)).with_state(taking);
    println!("{LISTENS}{address}");
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (tls, service) = (tls.clone(), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else { return };
            // A line that broke is the client's business.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn look(headers: HeaderMap) -> impl IntoResponse {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let location = format!("https://{host}{PATH}");
    let headers = [
        ("x-openrosa-version", "1.0".to_owned()),
        ("x-openrosa-accept-content-length", MOST_BYTES.to_owned()),
        ("location", location),
    ];
    (StatusCode::NO_CONTENT, headers)
}

async fn take(State(taking): State<Arc<Taking>>, body: Bytes) -> impl IntoResponse {
    let name = format!("{}.multipart", taking.taken.fetch_add(1, Ordering::Relaxed));
    let path = taking.folder.join(name);
    let kept = tokio::task::spawn_blocking(move || {
        let mut file = File::create(path)?;
        file.write_all(&body)?;
        file.sync_all()
    });
    match kept.await {
        Ok(Ok(())) => {
            let headers = [("x-openrosa-version", "1.0"), ("content-type", "text/xml; charset=utf-8")];
            (StatusCode::CREATED, headers, TAKEN).into_response()
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Who submits.
pub(crate) struct Client {
    http: reqwest::Client,
    address: String,
}

impl Client {
    /// One that has no connection yet.
    pub(crate) fn new(folder: &Path, address: &str) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(folder.join(AUTHORITY)).context("the authority's certificate")?)?;
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13])?;
        let tls = builder.with_root_certificates(roots).with_no_client_auth();
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).https_only(true).no_proxy().build()?;
        Ok(Self { http, address: format!("https://{address}{PATH}") })
    }

    /// Asks where to submit.
    pub(crate) async fn ask(&self) -> Result<()> {
        let answer = self.http.head(&self.address).header("X-OpenRosa-Version", "1.0").send().await?;
        ensure!(answer.status() == StatusCode::NO_CONTENT, "{}", answer.status());
        Ok(())
    }

    /// Submits interviews, one after the other.
    pub(crate) async fn submit(&self, interviews: &[Interview]) -> Result<()> {
        for interview in interviews {
            let post = self.http.post(&self.address).header("X-OpenRosa-Version", "1.0");
            let kind = format!("multipart/form-data; boundary={BOUNDARY}");
            let answer = post.header("content-type", kind).body(openrosa_multipart(interview)?).send().await?;
            ensure!(answer.status() == StatusCode::CREATED, "{}", answer.status());
            answer.bytes().await?;
        }
        Ok(())
    }
}
