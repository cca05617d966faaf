//! Connections: taken, encrypted, counted, and brought to their end.
//!
//! HTTP/1.1 only: a device asks one thing at a time, and what is not there can't be abused. There is a limit to all
//! connections, which waits, and one to those of an address, which refuses: one machine can't take the place of a room.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::line::Line;
use crate::metrics::Metrics;
use crate::patience::{HANDSHAKE, HEAD};

/// How long requests under way may take to end after the signal.
const GRACE: Duration = Duration::from_secs(25);
/// How long is waited after the system refused a connection (no more file handles).
const BREATH: Duration = Duration::from_millis(100);
/// Largest head of a request.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most lines of a head.
const MAX_HEAD_LINES: usize = 64;

/// How many connections at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    /// Of all.
    pub(crate) connections: usize,
    /// Of one address, or of one network of IPv6.
    pub(crate) of_an_address: usize,
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) IpAddr);

/// Where connections come in, and what they meet.
pub(crate) struct Door {
    /// Where.
    pub(crate) listener: TcpListener,
    /// How they are encrypted; not at all without.
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// How many.
    pub(crate) most: Most,
    /// A proxy that stands before the hub: not counted as one address.
    pub(crate) proxy: Option<IpAddr>,
    /// What answers.
    pub(crate) router: Router,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
}

impl Door {
    /// Takes connections until told to stop, then lets requests under way come to their end.
    pub(crate) async fn open(self, stop: impl Future<Output = ()>) {
        let (places, counted) = (Arc::new(Semaphore::new(self.most.connections)), Counted::default());
        let graceful = GracefulShutdown::new();
        let tls = self.tls.clone().map(TlsAcceptor::from);
        let mut stop = std::pin::pin!(stop);
        loop {
            let next = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, self.listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = &mut stop => break,
                next = next => next,
            };
            let (stream, caller) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(kind = ?error.kind(), "no connection can be taken");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            let of_an_address = if self.proxy == Some(caller.ip()) { usize::MAX } else { self.most.of_an_address };
            let Some(counted) = counted.one_more(caller.ip(), of_an_address) else {
                self.metrics.connection_refused();
                continue;
            };
            let (router, tls, metrics) = (self.router.clone(), tls.clone(), Arc::clone(&self.metrics));
            let watcher = graceful.watcher();
            tokio::spawn(async move {
                let _places = (place, counted, metrics.connection());
                let stream = Line::new(quick(stream), Arc::clone(&metrics));
                if let Some(tls) = tls {
                    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        Ok(Ok(stream)) => serve(stream, caller, router, watcher).await,
                        _ => metrics.handshake_failed(),
                    }
                } else {
                    serve(stream, caller, router, watcher).await;
                }
            });
        }
        drop(self.listener);
        // A connection that stays open holds nothing: what was acknowledged is on the disk.
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    }
}

/// Small answers go out at once.
fn quick(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(kind = ?error.kind(), "a connection stays slow");
    }
    stream
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    caller: SocketAddr,
    router: Router,
    watcher: Watcher,
) {
    let service = router.map_request(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Caller(caller.ip()));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(MAX_HEAD_LINES)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // A line that broke is the line's business: what was asked is answered again when it is asked again.
    let _: Result<(), hyper::Error> = watcher.watch(connection).await;
}

/// Connections by address.
#[derive(Debug, Clone, Default)]
struct Counted(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them, for as long as it lasts.
#[derive(Debug)]
struct One {
    all: Counted,
    of: IpAddr,
}

impl Counted {
    fn one_more(&self, caller: IpAddr, most: usize) -> Option<One> {
        let of = neighbourhood(caller);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(of).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(held);
        Some(One { all: self.clone(), of })
    }
}

impl Drop for One {
    fn drop(&mut self) {
        let mut held = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.of) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                held.remove(&self.of);
            }
        }
    }
}

/// One machine has as many IPv6 addresses as it likes, all of one network.
pub(crate) fn neighbourhood(caller: IpAddr) -> IpAddr {
    match caller.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The address that this machine has in its network. Nothing is sent: the system only says which way it would go.
pub(crate) fn own_address() -> io::Result<IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    socket.connect("192.0.2.1:9")?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn an_address_has_its_share_of_connections_and_gets_it_back() {
        let counted = Counted::default();
        let (here, there): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let first = counted.one_more(here, 2);
        let second = counted.one_more(here, 2);
        assert!(first.is_some() && second.is_some() && counted.one_more(here, 2).is_none());
        assert!(counted.one_more(there, 2).is_some(), "another address");
        drop(first);
        assert!(counted.one_more(here, 2).is_some());
        drop(second);
        assert!(counted.0.lock().unwrap().is_empty(), "nothing is remembered of who is gone");
    }

    /// What a client hears that sends each piece after a pause, and how long it took until the end.
    async fn converse(pieces: Vec<(&'static [u8], Duration)>) -> (String, Duration) {
        let (mut near, far) = tokio::io::duplex(4096);
        let echo = axum::routing::post(async |body: axum::body::Body| {
            crate::patience::Room::default()
                .read(body, 4096)
                .await
                .map_or_else(|why| format!("{why:?}"), |_| "whole".into())
        });
        let router = Router::new().route("/", echo);
        let graceful = GracefulShutdown::new();
        tokio::spawn(serve(far, ([127, 0, 0, 1], 1).into(), router, graceful.watcher()));
        let began = tokio::time::Instant::now();
        let mut heard = Vec::new();
        for (piece, pause) in pieces {
            tokio::time::sleep(pause).await;
            if near.write_all(piece).await.is_err() {
                break;
            }
        }
        near.read_to_end(&mut heard).await.unwrap();
        (String::from_utf8(heard).unwrap(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_honest_request_is_answered_and_who_holds_a_connection_without_using_it_is_cut() {
        const HEAD_OF_BODY: &[u8] = b"POST / HTTP/1.1\r\nhost: hub\r\ncontent-length: 1024\r\n\r\n";
        const QUARTER: &[u8] = &[b'x'; 256];
        let (second, half_minute) = (Duration::from_secs(1), Duration::from_secs(30));
        let slow = vec![
            (HEAD_OF_BODY, second),
            (QUARTER, half_minute),
            (QUARTER, second),
            (QUARTER, half_minute),
            (QUARTER, half_minute),
        ];
        let (heard, _) = converse(slow).await;
        assert!(heard.starts_with("HTTP/1.1 200") && heard.ends_with("whole"), "{heard}");
        let one_letter: &[u8] = b"p";
        let drip = vec![(one_letter, Duration::from_secs(10)); 20];
        for (name, pieces) in [("nothing", vec![]), ("a head letter by letter", drip)] {
            let (heard, took) = converse(pieces).await;
            assert!(took <= HEAD + Duration::from_secs(10) && !heard.contains("200"), "{name}: {heard} after {took:?}");
        }
        let (heard, took) = converse(vec![(HEAD_OF_BODY, second), (QUARTER, second)]).await;
        assert!(heard.ends_with("Broken") && took <= 2 * HEAD, "half a body: {heard} after {took:?}");
    }

    #[test]
    fn a_machine_with_many_addresses_of_one_network_is_one() {
        let address = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }
}
