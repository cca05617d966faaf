//! The way to the hub.

use std::time::Duration;

use kend_app::{Question, Unreachable};
use kend_sync::HttpResponse;

/// A slow link is normal; a silent one is given up.
const SILENCE: Duration = Duration::from_mins(1);
const CONNECT: Duration = Duration::from_secs(20);

/// The header under which a hub signs its answers.
const SIGNATURE: &str = "Kend-Signature";

/// Connections to hubs, kept warm between exchanges.
pub struct Network(reqwest::Client);

impl Network {
    /// A client without connections yet.
    pub fn new() -> reqwest::Result<Self> {
        // A redirect would carry a signed request to somebody else; a proxy of the system is not asked for the room's hub.
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    /// Carries a question to the hub. What breaks off in the middle is handed on as far as it came: it will not pass.
    pub async fn ask(&self, question: Question) -> Result<HttpResponse, Unreachable> {
        let Question { address, request } = question;
        let mut outgoing = self.0.post(format!("{address}{}", request.path)).body(request.body);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let answer = outgoing.send().await.map_err(|_| Unreachable)?;
        let signature = answer.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|_| Unreachable)?.to_vec();
        Ok(HttpResponse { status, signature, body })
    }
}
