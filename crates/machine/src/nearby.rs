//! Where a hub is now: announced to the network around, and asked of it, by multicast DNS (RFC 6762, DNS-SD RFC 6763).
//!
//! A laptop gets another address with the next router. It announces itself under the pin of its key, so a device that joined
//! it once finds it again with nothing typed. An announcement proves nothing and is not believed: it gives an address to
//! try, and whoever answers there has to hold the pinned key, as ever. So nobody joins a hub by it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use kend_sync::join::Pin;
use mdns_sd::{IfKind, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::time::timeout;

/// What hubs announce themselves as.
const SERVICE: &str = "_kend._tcp.local.";
/// Bytes of a pin that name its hub.
const NAME_BYTES: usize = 10;
/// How long the network around is listened to.
const LISTEN: Duration = Duration::from_secs(5);

/// A hub that is announced until this is dropped.
pub struct Announced(ServiceDaemon);

/// A hub that can't be announced.
#[derive(Debug, thiserror::Error)]
#[error("multicast DNS: {0}")]
pub struct NotAnnounced(#[from] mdns_sd::Error);

impl Announced {
    /// Announces the hub that this pin is of and that listens here; on the interfaces that it listens on and no other.
    pub fn new(pin: Pin, at: SocketAddr) -> Result<Self, NotAnnounced> {
        let name = name(pin);
        let daemon = daemon(at.ip())?;
        let host = format!("{name}.local.");
        let service = if at.ip().is_unspecified() {
            ServiceInfo::new(SERVICE, &name, &host, (), at.port(), None)?.enable_addr_auto()
        } else {
            ServiceInfo::new(SERVICE, &name, &host, at.ip(), at.port(), None)?
        };
        daemon.register(service)?;
        Ok(Self(daemon))
    }
}

impl Drop for Announced {
    /// Says goodbye.
    fn drop(&mut self) {
        drop(self.0.shutdown());
    }
}

/// Where the hub that this pin is of says that it listens, if it is heard within five seconds.
///
/// `last` is where it was last: for a hub on this machine no other network is asked, and for one on the internet none at all.
pub(crate) async fn find(pin: Pin, last: &str) -> Option<SocketAddr> {
    let last: Option<SocketAddr> = last.rsplit("//").next().and_then(|last| last.parse().ok());
    let around = match last.map(|last| last.ip()) {
        Some(IpAddr::V4(last)) if !(last.is_loopback() || last.is_private() || last.is_link_local()) => return None,
        Some(last) if last.is_loopback() => last,
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let daemon = daemon(around).ok()?;
    let found = timeout(LISTEN, listen(&daemon, &name(pin))).await.ok().flatten();
    drop(daemon.shutdown());
    found
}

async fn listen(daemon: &ServiceDaemon, name: &str) -> Option<SocketAddr> {
    let heard = daemon.browse(SERVICE).ok()?;
    while let Ok(event) = heard.recv_async().await {
        let ServiceEvent::ServiceResolved(hub) = event else { continue };
        let is_it = hub.get_fullname().strip_suffix(SERVICE).is_some_and(|start| start.trim_end_matches('.') == name);
        let addresses: Vec<IpAddr> = hub.get_addresses().iter().map(mdns_sd::ScopedIp::to_ip_addr).collect();
        // An address of IPv6 that holds on one interface only can't stand in a URL.
        let address = addresses.iter().find(|address| address.is_ipv4()).or_else(|| addresses.first());
        if let Some(address) = address.filter(|_| is_it) {
            return Some(SocketAddr::new(*address, hub.get_port()));
        }
    }
    None
}

/// A responder on all interfaces but loopback, or, at an address of one, on that one.
fn daemon(around: IpAddr) -> mdns_sd::Result<ServiceDaemon> {
    let daemon = ServiceDaemon::new()?;
    if around.is_unspecified() {
        daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
    } else {
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(if around.is_loopback() { IfKind::LoopbackV4 } else { IfKind::Addr(around) })?;
    }
    Ok(daemon)
}

/// In lower case: names of hosts don't tell case.
fn name(pin: Pin) -> String {
    let bytes = pin.as_bytes().iter().take(NAME_BYTES);
    bytes.fold("kend-".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}
