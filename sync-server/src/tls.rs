//! The hub's certificate: one of its own authority, or one of the web's from files.
//!
//! A hub in a room has no name that the web's authorities could vouch for. So it makes an authority and a key of its own,
//! once, and keeps them in its encrypted store: they go into every backup, and no key lies bare in a file. Devices know the
//! hub by the key ([`Pin`]), which stays the same while the certificate is made anew at every start with the names of the
//! day. For browsers the authority's certificate lies in the data folder, to be trusted once.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::BASE64;
use kend_store::{Store, StoreError};
use kend_sync::join::Pin;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData,
};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

/// Where the store keeps authority and key.
const SETTING: &str = "hub/tls";
/// The authority's certificate, for browsers.
const AUTHORITY_FILE: &str = "hub-authority.pem";
/// No Kend is older: a hub whose clock says less is wrong.
const FIRST_YEAR: i32 = 2026;
/// How long the authority's certificate holds.
const AUTHORITY_YEARS: i32 = 30;
/// How long a server's certificate holds: the longest that every browser accepts of an authority that people trust by hand.
const SERVER_DAYS: i64 = 800;
/// Names that the machine itself has.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// No way to encrypt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A certificate can't be made.
    #[error("the hub's certificate can't be made: {0}")]
    Make(#[from] rcgen::Error),
    /// Certificate and key do not work.
    #[error("the certificate can't be used: {0}")]
    Use(#[from] rustls::Error),
    /// A file with a certificate or key can't be read.
    #[error("{}: {source}", .path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The authority's certificate can't be written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What the store keeps is no key.
    #[error("the hub's key in its store is damaged")]
    Damaged,
}

/// As it stands in the store.
#[derive(Serialize, Deserialize)]
struct Kept {
    authority_certificate: String,
    authority_key: String,
    server_key: String,
}

/// A hub's own authority and key.
pub(crate) struct Own {
    authority_certificate: CertificateDer<'static>,
    authority: Issuer<'static, KeyPair>,
    server_key: KeyPair,
}

impl Own {
    /// Those of the store; made when there are none.
    pub(crate) fn of(store: &mut Store) -> Result<Self, TlsError> {
        if let Some(kept) = store.setting::<Kept>(SETTING)? {
            let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| TlsError::Damaged);
            let key = |text: &str| Ok::<_, TlsError>(KeyPair::try_from(bytes(text)?.as_slice())?);
            let authority_key = key(&kept.authority_key)?;
            return Ok(Self {
                authority_certificate: bytes(&kept.authority_certificate)?.into(),
                authority: Issuer::new(authority_params(&authority_key), authority_key),
                server_key: key(&kept.server_key)?,
            });
        }
        let (authority_key, server_key) = (KeyPair::generate()?, KeyPair::generate()?);
        let params = authority_params(&authority_key);
        let certificate = params.self_signed(&authority_key)?;
        store.set_setting(
            SETTING,
            &Kept {
                authority_certificate: BASE64.encode(certificate.der()),
                authority_key: BASE64.encode(authority_key.serialized_der()),
                server_key: BASE64.encode(server_key.serialized_der()),
            },
        )?;
        let authority = Issuer::new(params, authority_key);
        Ok(Self { authority_certificate: certificate.into(), authority, server_key })
    }

    /// What devices know the hub by.
    pub(crate) fn pin(&self) -> Pin {
        Pin::from_bytes(Sha256::digest(self.server_key.subject_public_key_info()).into())
    }

    /// Writes the authority's certificate beside the store, for browsers. It is no secret.
    pub(crate) fn show_authority(&self, data: &Path) -> Result<PathBuf, TlsError> {
        let path = data.join(AUTHORITY_FILE);
        let lines = BASE64.encode(&self.authority_certificate);
        let lines: Vec<_> = lines.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
        fs::write(&path, pem).map_err(|source| TlsError::File { path: path.clone(), source })?;
        Ok(path)
    }

    /// To serve with a certificate for these names and addresses.
    pub(crate) fn server(&self, names: &[String], wall_ms: i64) -> Result<ServerConfig, TlsError> {
        let own = OWN_NAMES.iter().map(|name| (*name).to_owned());
        let mut params = CertificateParams::new(own.chain(names.iter().cloned()).collect::<Vec<_>>())?;
        params.distinguished_name.push(DnType::CommonName, "Kend hub");
        let now = OffsetDateTime::from_unix_timestamp(wall_ms / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        params.not_before = rcgen::date_time_ymd(FIRST_YEAR, 1, 1);
        params.not_after = now.max(params.not_before).saturating_add(Duration::days(SERVER_DAYS));
        params.not_before = params.not_before.max(params.not_after.saturating_sub(Duration::days(SERVER_DAYS + 1)));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.server_key, &self.authority)?;
        let key = PrivatePkcs8KeyDer::from(self.server_key.serialize_der());
        server_config(vec![certificate.into()], key.into())
    }
}

/// The authority as it signs: the same at every start, so that only its key and first certificate are kept.
fn authority_params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mark: String = Pin::from_bytes(Sha256::digest(key.subject_public_key_info()).into()).to_string();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Kend hub authority {}", mark.get(..8).unwrap_or("")));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(FIRST_YEAR, 1, 1);
    params.not_after = rcgen::date_time_ymd(FIRST_YEAR + AUTHORITY_YEARS, 1, 1);
    params
}

/// To serve with a certificate of the web.
pub(crate) fn from_files(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let bad = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect).map_err(bad(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(bad(key))?;
    server_config(chain, key)
}

/// TLS 1.3 only; sessions are resumed by tickets, whose keys change by themselves and are kept nowhere.
fn server_config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig, TlsError> {
    let kx_groups = vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
    let provider = CryptoProvider { kx_groups, ..aws_lc_rs::default_provider() };
    let builder = ServerConfig::builder_with_provider(Arc::new(provider)).with_protocol_versions(&[&TLS13])?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    // A device keeps one connection: the second ticket would only be bytes on a slow link.
    config.send_tls13_tickets = 1;
    Ok(config)
}

/// Whether a name can stand in a certificate.
pub(crate) fn is_name(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    name.parse::<IpAddr>().is_ok() || (!name.is_empty() && name.len() <= 253 && name.bytes().all(letters))
}

#[cfg(test)]
mod tests {
    use kend_domain::DeviceId;
    use kend_store::{DatabaseKey, NewDevice};

    use super::*;

    fn store(folder: &Path) -> Store {
        let device = NewDevice { device: DeviceId::from_bytes([1; 16]), signing_key: [1; 32] };
        Store::create(&folder.join("hub.db"), &DatabaseKey::from_bytes([1; 32]), &device, &[]).unwrap()
    }

    #[test]
    fn the_pin_outlives_the_certificate_and_is_another_hubs_never() {
        let (folder, other) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
        let mut first_store = store(folder.path());
        let first = Own::of(&mut first_store).unwrap();
        for wall_ms in [0, 1_800_000_000_000, 4_000_000_000_000] {
            first.server(&["192.168.1.5".to_owned(), "hub.local".to_owned()], wall_ms).unwrap();
        }
        assert_eq!(Own::of(&mut first_store).unwrap().pin(), first.pin());
        assert_ne!(Own::of(&mut store(other.path())).unwrap().pin(), first.pin());
    }

    #[test]
    fn a_name_that_no_certificate_can_have_is_told_apart() {
        for (name, fits) in [("hub.local", true), ("::1", true), ("10.0.0.1", true), ("", false), ("qovşaq", false)] {
            assert_eq!(is_name(name), fits, "{name}");
        }
    }
}
