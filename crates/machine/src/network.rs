//! The way to the hub.
//!
//! A connection is made for one [`Trust`] and never used for another, so that what a device was told to believe holds for
//! resumed sessions too. Before a request goes out, the other side has shown that it is the hub.

use std::error::Error;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kend_app::{NoAnswer, Question};
use kend_sync::HttpResponse;
use kend_sync::join::Trust;

use crate::trust;

/// A slow link is normal; a silent one is given up.
const SILENCE: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(20);

/// The header under which a hub signs its answers.
const SIGNATURE: &str = "Kend-Signature";

/// No client can be set up.
#[derive(Debug, thiserror::Error)]
enum NoClient {
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// Connections to the hub, kept warm between exchanges. A device speaks to one hub at a time.
#[derive(Debug, Default)]
pub struct Network(Mutex<Option<(Trust, reqwest::Client)>>);

impl Network {
    /// Carries a question to the hub. What breaks off in the middle is handed on as far as it came: it will not pass.
    pub async fn ask(&self, question: Question) -> Result<HttpResponse, NoAnswer> {
        let Question { address, trust, request } = question;
        let client = self.client(trust).map_err(|_| NoAnswer::Unreachable)?;
        let mut outgoing = client.post(format!("{address}{}", request.path)).body(request.body);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let answer = outgoing.send().await.map_err(|error| why(&error))?;
        let signature = answer.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|error| why(&error))?.to_vec();
        Ok(HttpResponse { status, signature, body })
    }

    fn client(&self, trust: Trust) -> Result<reqwest::Client, NoClient> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, client)) = held.as_ref()
            && *of == trust
        {
            return Ok(client.clone());
        }
        // A redirect would carry a signed request to somebody else; a proxy of the system is not asked for the room's hub.
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let client = match trust::client_config(trust)? {
            Some(tls) => builder.tls_backend_preconfigured(tls).https_only(true),
            None => builder,
        }
        .build()?;
        *held = Some((trust, client.clone()));
        Ok(client)
    }
}

/// Whether the other side was refused, or there was none. A certificate that was refused is wrapped by every layer between
/// TLS and HTTP, and an [`io::Error`] does not show what it holds as its source.
fn why(error: &reqwest::Error) -> NoAnswer {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = error.downcast_ref().or_else(|| held.and_then(|held| held.downcast_ref()));
        match tls {
            Some(rustls::Error::InvalidCertificate(_)) => return NoAnswer::NotTrusted,
            Some(_) => return NoAnswer::Unreachable,
            None => cause = held.map_or_else(|| error.source(), |held| Some(held)),
        }
    }
    NoAnswer::Unreachable
}
