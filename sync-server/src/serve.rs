//! `kend-hub serve`: listen, say where, stop in good order.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use kend_machine::nearby::Announced;
use kend_sync::join::{Joining, Pin};
use rustls::ServerConfig;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::above;
use crate::blobs::{self, Blobs};
use crate::command::print;
use crate::door::Hub;
use crate::hub::HubState;
use crate::listen::{self, Door, Most};
use crate::postgres::{Cleared, Clearing};
use crate::routes::{self, Front, Shared};
use crate::tls::{self, Own};
use crate::world;

/// Where the store keeps how devices reach the hub, for `kend-hub enrol`.
const REACHED: &str = "hub/reached";

/// How soon what an erasure left in the database is cleared.
const CLEAR_EVERY: Duration = Duration::from_mins(10);

/// How the hub is reached.
#[derive(Debug, Args)]
pub(crate) struct Listening {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8470")]
    listen: SocketAddr,
    /// Host, or host and port, that devices reach the hub at, when it is not the address that it listens at.
    #[arg(long, value_name = "HOST[:PORT]")]
    public: Option<String>,
    /// A certificate of the web (PEM, with its chain) in place of the hub's own.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Encrypt nothing: on this machine only, or behind a proxy that encrypts.
    #[arg(long, conflicts_with = "tls_cert")]
    plain_http: bool,
    /// Encrypt nothing although other machines reach the hub: for tests in a network that is nobody's.
    #[arg(long, conflicts_with = "tls_cert")]
    plain_http_beyond_loopback: bool,
    /// The address that a proxy asks from. It has to encrypt, and to name the caller last in `X-Forwarded-For`.
    #[arg(long, value_name = "ADDRESS", requires = "plain_http", requires = "public")]
    behind_proxy: Option<IpAddr>,
    /// Don't tell the network around where the hub is. Otherwise devices that joined it by its key find it again, by
    /// multicast DNS, when its address has changed.
    #[arg(long)]
    no_announcement: bool,
    /// Where the hub says its numbers to Prometheus, on this machine only; nowhere without.
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Most connections at once.
    #[arg(long, default_value_t = 1024)]
    connections: usize,
    /// Most connections of one address at once. A room's devices may all have the same.
    #[arg(long, default_value_t = 256)]
    connections_of_an_address: usize,
    /// Where attachments are: `blobs` for the folder in the data, or `s3://BUCKET/PREFIX` of any S3-compatible store, whose
    /// keys, region and endpoint are read from the environment as for other tools (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`). It is remembered; without, it is where it was.
    #[arg(long, value_name = "ADDRESS")]
    blobs: Option<String>,
    /// The folder with the built UI.
    #[arg(long)]
    ui: Option<PathBuf>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How devices reach the hub.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reached {
    address: String,
    pin: Option<Pin>,
}

impl Reached {
    /// Where the hub listened last; none when it never did.
    pub(crate) fn last(hub: &HubState) -> anyhow::Result<Option<Self>> {
        Ok(hub.store.setting(REACHED)?)
    }

    /// The joining words with a code.
    pub(crate) fn with_code(self, code: String) -> Joining {
        Joining { address: self.address, pin: self.pin, code: Some(code) }
    }

    /// The address that devices reach it at.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Listening {
    const fn is_plain(&self) -> bool {
        self.plain_http || self.plain_http_beyond_loopback
    }

    fn check(&self) -> anyhow::Result<()> {
        let forced = self.plain_http_beyond_loopback || self.behind_proxy.is_some();
        if self.is_plain() && !self.listen.ip().is_loopback() && !forced {
            bail!(
                "{} can be reached from other machines, and nothing would be encrypted on the way. Leave --plain-http \
                 out, name the proxy that encrypts by --behind-proxy, or add --plain-http-beyond-loopback for tests in \
                 a network that is nobody's.",
                self.listen
            );
        }
        if let Some(metrics) = self.metrics.filter(|metrics| !metrics.ip().is_loopback()) {
            bail!("{metrics} can be reached from other machines: the hub says its numbers on this machine only");
        }
        if let Some(ui) = self.ui.as_ref().filter(|ui| !ui.join("index.html").is_file()) {
            bail!("{} holds no index.html: build the UI first", ui.display());
        }
        if let Some(public) = self.public.as_deref().filter(|public| !tls::is_name(split_port(public).0)) {
            bail!("{public} is no host that a certificate could name");
        }
        Ok(())
    }

    /// Host and port that devices are told, and the host alone.
    fn public(&self, bound: SocketAddr) -> (String, String) {
        if let Some(public) = &self.public {
            let (host, port) = split_port(public);
            let own_port = self.behind_proxy.is_none() && self.tls_cert.is_none();
            return match port {
                None if own_port => (format!("{public}:{}", bound.port()), host.to_owned()),
                _ => (public.clone(), host.to_owned()),
            };
        }
        let unspecified = bound.ip().is_unspecified();
        let own = if unspecified { listen::own_address().ok() } else { None };
        let reached = SocketAddr::new(own.unwrap_or_else(|| bound.ip()), bound.port());
        (reached.to_string(), reached.ip().to_string())
    }
}

/// A host and its port. An IPv6 address with one stands in brackets.
fn split_port(public: &str) -> (&str, Option<u16>) {
    let bare = |host: &'_ str| !host.contains(':') || host.starts_with('[');
    let split = public.rsplit_once(':').filter(|(host, _)| bare(host));
    let (host, port) = split.map_or((public, None), |(host, port)| (host, port.parse().ok()));
    (host.trim_start_matches('[').trim_end_matches(']'), port)
}

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn run(mut hub: Hub, data: &Path, listening: Listening) -> anyhow::Result<()> {
    listening.check()?;
    let listen = listening.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} can't be listened on"))?;
    let metrics_listener = match listening.metrics {
        Some(address) => {
            Some(TcpListener::bind(address).await.with_context(|| format!("{address} can't be listened on"))?)
        }
        None => None,
    };
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let bound = listener.local_addr()?;
    // Nothing is served yet: this thread may wait.
    let prepared = tokio::task::block_in_place(|| hub.write(|hub| prepare(hub, data, &listening, bound)));
    let (tls, pin) = prepared??;
    let _announced = pin.filter(|_| !listening.no_announcement).and_then(|pin| announce(pin, bound));
    let address = tokio::task::block_in_place(|| hub.read(blobs::address))??;
    let blobs = Blobs::open(data, address.as_deref())?;
    let front = Front { encrypted: tls.is_some() || listening.behind_proxy.is_some(), proxy: listening.behind_proxy };
    if let Some(listener) = &metrics_listener {
        print(&format!("kend-hub says its numbers on http://{}/metrics", listener.local_addr()?));
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    // Last, on one line: scripts read the address from it, and may read no further.
    print(&format!("kend-hub listens on {scheme}://{bound}"));
    let clearing = hub.clearing();
    let shared = Shared::new(hub, blobs, front);
    tokio::spawn(shared.clone().keep_sweeping());
    tokio::spawn(above::keep_in_touch(shared.clone()));
    let most = Most { connections: listening.connections, of_an_address: listening.connections_of_an_address };
    let door = Door {
        listener,
        tls,
        most,
        proxy: listening.behind_proxy,
        metrics: shared.metrics(),
        router: routes::router(shared.clone(), listening.ui.as_deref()),
    };
    if let Some(clearing) = clearing {
        tokio::spawn(clear_again_and_again(shared.clone(), clearing));
    }
    if let Some(listener) = metrics_listener {
        tokio::spawn(async move { axum::serve(listener, routes::metrics_router(shared)).await });
    }
    door.open(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
    .await;
    Ok(())
}

/// Tells the network around where the hub is. That it can't is no reason not to serve: devices know an address.
fn announce(pin: Pin, bound: SocketAddr) -> Option<Announced> {
    Announced::new(pin, bound).inspect_err(|error| tracing::warn!(%error, "the hub is not announced")).ok()
}

/// Clears what erasures leave behind in PostgreSQL, all of a time together: requests wait meanwhile. A copy that nobody
/// asks for anything hears of erasures here too.
async fn clear_again_and_again(hub: Shared, clearing: Clearing) {
    let mut every = tokio::time::interval(CLEAR_EVERY);
    loop {
        every.tick().await;
        hub.look().await;
        let clearing = clearing.clone();
        match tokio::task::spawn_blocking(move || clearing.run()).await {
            Ok(Ok(Cleared::Nothing)) | Err(_) => {}
            Ok(Ok(cleared)) => tracing::info!(?cleared, "what erasures left in the database is cleared"),
            Ok(Err(error)) => tracing::warn!(%error, "what erasures left in the database is not cleared yet"),
        }
    }
}

/// Makes ready to encrypt, and keeps how devices reach the hub; the pin is that of its own key, where it uses that.
fn prepare(
    hub: &mut HubState,
    data: &Path,
    listening: &Listening,
    bound: SocketAddr,
) -> anyhow::Result<(Option<Arc<ServerConfig>>, Option<Pin>)> {
    let (public, host) = listening.public(bound);
    let (tls, reached) = if let (Some(certificate), Some(key)) = (&listening.tls_cert, &listening.tls_key) {
        let config = tls::from_files(certificate, key)?;
        (Some(config), Reached { address: format!("https://{public}"), pin: None })
    } else if listening.is_plain() {
        let scheme = if listening.behind_proxy.is_some() { "https" } else { "http" };
        (None, Reached { address: format!("{scheme}://{public}"), pin: None })
    } else {
        let own = Own::of(&mut hub.store)?;
        let authority = own.show_authority(data)?;
        tracing::info!(file = %authority.display(), "browsers trust the hub once they trust this certificate");
        let config = own.server(&[host], world::wall_ms())?;
        (Some(config), Reached { address: format!("kend://{public}"), pin: Some(own.pin()) })
    };
    let pin = reached.pin;
    hub.store.set_setting(REACHED, &reached)?;
    if let Some(address) = &listening.blobs {
        blobs::keep_address(hub, address)?;
    }
    Ok((tls.map(Arc::new), pin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_its_port_are_told_apart() {
        for (public, host, port) in [
            ("hub.example", "hub.example", None),
            ("hub.example:443", "hub.example", Some(443)),
            ("10.0.0.1:1", "10.0.0.1", Some(1)),
            ("[::1]:1", "::1", Some(1)),
            ("::1", "::1", None),
        ] {
            assert_eq!(split_port(public), (host, port), "{public}");
        }
    }
}
