//! The way to the hub.
//!
//! A connection is made for one [`Trust`] and never used for another, so that what a device was told to believe holds for
//! resumed sessions too. Before a request goes out, the other side has shown that it is the hub.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kend_app::{NoAnswer, Question};
use kend_sync::join::{Pin, Trust};
use kend_sync::{HttpRequest, HttpResponse};
use reqwest::Method;
use reqwest::header::HeaderMap;

use crate::{nearby, trust};

/// A slow link is normal; a silent one is given up.
const SILENCE: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(20);
/// A connection is kept for the next exchange so long: well below the 75 s after which a hub closes it, since what is sent
/// while its good-bye is on the way is lost.
const KEPT: Duration = Duration::from_secs(55);
/// How long what was sent may stay without a sign of the other side. A line that died takes its connections with it, and
/// the next contact may last only seconds: they are not to be spent on a dead connection. The system counts from the first
/// time that it sent anything again, and by then it knows how long a sign takes on this line.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NO_SIGN: Duration = Duration::from_secs(10);
/// Who waits for an answer asks so often whether the other side is still there.
const ASK_FOR_SIGN: Duration = Duration::from_secs(5);

/// The header under which a hub signs its answers.
const SIGNATURE: &str = "Kend-Signature";

/// Answers that hold no bytes of an attachment are no longer than this.
const MAX_SMALL_BYTES: usize = 1024 * 1024;

/// A request of any method.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    /// The method.
    pub(crate) method: Method,
    /// The path at the hub's address.
    pub(crate) path: String,
    /// Headers to send.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// No more than this is wanted of an attachment.
    pub(crate) most_bytes: u64,
}

impl From<HttpRequest> for Carried {
    fn from(request: HttpRequest) -> Self {
        let HttpRequest { path, headers, body, .. } = request;
        // All that is asked in this way is posted.
        Self { method: Method::POST, path: path.to_owned(), headers, body, most_bytes: 0 }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Brought {
    /// The status.
    pub(crate) status: u16,
    /// The hub's signature, if there is one.
    pub(crate) signature: Option<String>,
    headers: HeaderMap,
    /// The body, as far as it came.
    pub(crate) body: Vec<u8>,
    /// Whether that is all of it.
    pub(crate) whole: bool,
}

impl Brought {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

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
pub struct Network {
    client: Mutex<Option<(Trust, reqwest::Client)>>,
    /// Where a hub that was not at its address was found.
    moved: Mutex<Option<(Pin, SocketAddr)>>,
}

impl Network {
    /// Carries a question to the hub. What breaks off in the middle is handed on as far as it came: it will not pass.
    ///
    /// A hub with a pin that is not where it was is looked for in the network around.
    pub async fn ask(&self, question: Question) -> Result<HttpResponse, NoAnswer> {
        let Question { address, trust, request } = question;
        let client = self.client(trust).map_err(|_| NoAnswer::Unreachable)?;
        let carried = Carried { most_bytes: u64::MAX, ..Carried::from(request) };
        let brought = match (trust, carry(&client, &self.known(&address, trust), carried.clone()).await) {
            // Nobody is there, or somebody else: it may have another address now.
            (Trust::Pinned(pin), Err(error)) if error.is_connect() => {
                let found = nearby::find(pin, &address).await;
                *self.moved() = found.map(|at| (pin, at));
                let at = found.ok_or_else(|| why(&error))?;
                carry(&client, &url(at), carried).await
            }
            (_, brought) => brought,
        };
        match brought.map_err(|error| why(&error))? {
            Brought { status, signature, body, whole: true, .. } => Ok(HttpResponse { status, signature, body }),
            Brought { whole: false, .. } => Err(NoAnswer::Unreachable),
        }
    }

    /// Where the hub is, as far as that is known.
    fn known(&self, address: &str, trust: Trust) -> String {
        let found = self.moved().filter(|(pin, _)| trust == Trust::Pinned(*pin));
        found.map_or_else(|| address.to_owned(), |(_, at)| url(at))
    }

    fn moved(&self) -> MutexGuard<'_, Option<(Pin, SocketAddr)>> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries a request to the hub and brings back what came of the answer, also when it breaks off in the middle. No more
    /// is read of it than was asked for.
    pub(crate) async fn bring(&self, address: &str, trust: Trust, carried: Carried) -> Result<Brought, NoAnswer> {
        let client = self.client(trust).map_err(|_| NoAnswer::Unreachable)?;
        carry(&client, &self.known(address, trust), carried).await.map_err(|error| why(&error))
    }

    fn client(&self, trust: Trust) -> Result<reqwest::Client, NoClient> {
        let mut held = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, client)) = held.as_ref()
            && *of == trust
        {
            return Ok(client.clone());
        }
        // A redirect would carry a signed request to somebody else; a proxy of the system is not asked for the room's hub.
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .pool_idle_timeout(KEPT)
            .tcp_keepalive(ASK_FOR_SIGN)
            .tcp_keepalive_interval(ASK_FOR_SIGN)
            .tcp_keepalive_retries(2);
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let builder = builder.tcp_user_timeout(NO_SIGN);
        let builder = builder.redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = match trust::client_config(trust)? {
            Some(tls) => builder.tls_backend_preconfigured(tls).https_only(true),
            None => builder,
        }
        .build()?;
        *held = Some((trust, client.clone()));
        Ok(client)
    }
}

/// The way to a hub that encrypts with a key of its own.
fn url(at: SocketAddr) -> String {
    format!("https://{at}")
}

/// Carries a request, and brings back its answer as far as that comes.
async fn carry(client: &reqwest::Client, address: &str, carried: Carried) -> reqwest::Result<Brought> {
    let url = format!("{address}{}", carried.path);
    let mut outgoing = client.request(carried.method, url).body(carried.body);
    for (name, value) in carried.headers {
        outgoing = outgoing.header(name, value);
    }
    let mut answer = outgoing.send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let most_bytes = usize::try_from(carried.most_bytes).unwrap_or(usize::MAX).max(MAX_SMALL_BYTES);
    let mut body = Vec::new();
    let whole = loop {
        match answer.chunk().await {
            Ok(Some(bytes)) if body.len() + bytes.len() <= most_bytes => body.extend_from_slice(&bytes),
            Ok(None) => break true,
            Ok(Some(_)) | Err(_) => break false,
        }
    };
    Ok(Brought { status, signature, headers, body, whole })
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
