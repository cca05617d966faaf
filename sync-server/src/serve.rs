//! `kend-hub serve`: listen, say where, stop in good order.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::hub::HubState;
use crate::routes::{self, Shared};

/// How long requests under way may take to end after the signal.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn run(
    hub: HubState,
    listen: SocketAddr,
    ui: Option<&Path>,
    plain_http_beyond_loopback: bool,
) -> anyhow::Result<()> {
    if !listen.ip().is_loopback() && !plain_http_beyond_loopback {
        bail!(
            "{listen} can be reached from other machines, and what goes over the line is not encrypted yet. \
             Listen on 127.0.0.1, or add --plain-http-beyond-loopback in a network you trust."
        );
    }
    if let Some(ui) = ui.filter(|ui| !ui.join("index.html").is_file()) {
        bail!("{} holds no index.html: build the UI first", ui.display());
    }
    let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} can't be listened on"))?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let router = routes::router(Shared::new(hub), ui);
    announce(listener.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let ask = async {
            // Also when the sender is gone: then nobody wants this any more.
            let _ = stopped.await;
        };
        axum::serve(listener, router).with_graceful_shutdown(ask).await
    });
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    drop(stop);
    match tokio::time::timeout(GRACE, serving).await {
        Ok(served) => Ok(served??),
        // A connection that stays open holds nothing: what was acknowledged is on the disk.
        Err(_) => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "scripts read the address from this line")]
fn announce(address: SocketAddr) {
    println!("kend-hub listens on http://{address}");
}
