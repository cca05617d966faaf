//! Whom a device believes to be its hub, as TLS has it: 1.3 only, sessions resumed.
//!
//! A hub of its own authority is known by its key: names and dates of its certificate are not looked at, since a hub in a
//! room has no name and a device's clock may be wrong by years. That the other side holds the key is what the handshake's
//! signature shows, and it is always checked.

use std::sync::Arc;

use kend_sync::join::{Pin, Trust};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::version::TLS13;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme};
use rustls_platform_verifier::Verifier;
use sha2::{Digest, Sha256};

/// How to meet the other side; none where nothing is encrypted.
pub(crate) fn client_config(trust: Trust) -> Result<Option<ClientConfig>, Error> {
    let provider = Arc::new(provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anybody => return Ok(None),
        Trust::Pinned(pin) => Arc::new(Pinned { pin, algorithms: provider.signature_verification_algorithms }),
        Trust::Web(None) => Arc::new(Verifier::new(Arc::clone(&provider))?),
        Trust::Web(Some(pin)) => Arc::new(NamedAndPinned { pin, web: Verifier::new(Arc::clone(&provider))? }),
    };
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13])?;
    Ok(Some(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

/// One small key share: the larger ones of the post-quantum groups would more than double a handshake, which is what a
/// slow link pays most for.
fn provider() -> CryptoProvider {
    let groups = vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
    CryptoProvider { kx_groups: groups, ..aws_lc_rs::default_provider() }
}

fn check_pin(pin: Pin, certificate: &CertificateDer<'_>) -> Result<(), Error> {
    let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
    let found = Pin::from_bytes(Sha256::digest(key.as_ref()).into());
    if found == pin { Ok(()) } else { Err(CertificateError::ApplicationVerificationFailure.into()) }
}

/// Who holds the pinned key.
#[derive(Debug)]
struct Pinned {
    pin: Pin,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        check_pin(self.pin, end_entity)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::Tls12NotOffered.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whom the authorities of the web name, and who holds the pinned key.
#[derive(Debug)]
struct NamedAndPinned {
    pin: Pin,
    web: Verifier,
}

impl ServerCertVerifier for NamedAndPinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        check_pin(self.pin, end_entity)?;
        self.web.verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web.supported_verify_schemes()
    }
}
