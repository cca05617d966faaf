//! The joining words: where a hub is, the pin that it is known by, and the one-time code, in one line.
//!
//! `kend://HOST:PORT/#pin=...&code=...` is a hub with a certificate of its own: a device believes whoever holds the pinned
//! key, whatever name or date the certificate says, because such a hub has no name and a device's clock may be wrong by
//! years. `https://` is a server with a certificate of the web, and `http://` a hub on the same machine. What follows the
//! `#` is sent to nobody: in a browser the line opens the hub's own page and the code stays in the room.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// Addresses longer than this are none.
const MAX_ADDRESS_BYTES: usize = 200;
/// Joining words longer than this are none.
const MAX_JOINING_BYTES: usize = 500;
/// A hub with a certificate of its own.
const OWN: &str = "kend://";
/// A server with a certificate of the web.
const WEB: &str = "https://";
/// Nothing is encrypted.
const PLAIN: &str = "http://";

/// A hub's pin: SHA-256 of the public key (`SubjectPublicKeyInfo`) of its certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin([u8; 32]);

impl Pin {
    /// The pin of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pin({self})")
    }
}

impl FromStr for Pin {
    type Err = BadJoining;

    fn from_str(text: &str) -> Result<Self, BadJoining> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(BadJoining::Pin)
    }
}

impl TryFrom<String> for Pin {
    type Error = BadJoining;

    fn try_from(text: String) -> Result<Self, BadJoining> {
        text.parse()
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.to_string()
    }
}

/// Words that lead to no hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadJoining {
    /// No address of a hub.
    #[error("this is no address of a hub")]
    Address,
    /// A pin that is none, or is missing where nothing else says which hub it is.
    #[error("the address has no pin, or one that was cut off: copy the hub's joining words whole")]
    Pin,
}

/// Whom a device believes to be the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Whoever answers: nothing is encrypted.
    Anybody,
    /// Who holds the pinned key, and nobody else.
    Pinned(Pin),
    /// Whom the authorities of the web name, and who holds the pinned key if there is one.
    Web(Option<Pin>),
}

/// How to join a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// Scheme, host and port: `kend://192.168.1.5:8470`.
    pub address: String,
    /// The hub's pin.
    pub pin: Option<Pin>,
    /// The one-time code.
    pub code: Option<String>,
}

/// Whom to believe at an address with this pin; nobody where the address needs a pin and has none.
pub fn trust(address: &str, pin: Option<Pin>) -> Result<Trust, BadJoining> {
    match (address, pin) {
        (plain, _) if plain.starts_with(PLAIN) => Ok(Trust::Anybody),
        (web, pin) if web.starts_with(WEB) => Ok(Trust::Web(pin)),
        (own, Some(pin)) if own.starts_with(OWN) => Ok(Trust::Pinned(pin)),
        (own, None) if own.starts_with(OWN) => Err(BadJoining::Pin),
        _ => Err(BadJoining::Address),
    }
}

/// The address as HTTP has it.
pub fn http_address(address: &str) -> String {
    address.strip_prefix(OWN).map_or_else(|| address.to_owned(), |host| format!("{WEB}{host}"))
}

impl FromStr for Joining {
    type Err = BadJoining;

    /// Reads joining words, or an address as people type it: a scheme is added, a path is not wanted.
    fn from_str(typed: &str) -> Result<Self, BadJoining> {
        let typed = typed.trim();
        if typed.len() > MAX_JOINING_BYTES {
            return Err(BadJoining::Address);
        }
        let (address, fragment) = typed.split_once('#').unwrap_or((typed, ""));
        let address = address.trim_end_matches('/');
        let address = match [OWN, WEB, PLAIN].into_iter().any(|scheme| address.starts_with(scheme)) {
            true => address.to_owned(),
            false if is_loopback(address) => format!("{PLAIN}{address}"),
            false => format!("{WEB}{address}"),
        };
        check_host(&address)?;
        let (mut pin, mut code) = (None, None);
        for part in fragment.split('&') {
            match part.split_once('=') {
                Some(("pin", text)) => pin = Some(text.parse()?),
                Some(("code", text)) => code = Some(text.to_owned()),
                _ => {}
            }
        }
        trust(&address, pin)?;
        Ok(Self { address, pin, code })
    }
}

impl fmt::Display for Joining {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/", self.address)?;
        let pin = self.pin.map(|pin| format!("pin={pin}"));
        let code = self.code.as_ref().map(|code| format!("code={code}"));
        let parts: Vec<String> = pin.into_iter().chain(code).collect();
        if parts.is_empty() { Ok(()) } else { write!(formatter, "#{}", parts.join("&")) }
    }
}

fn check_host(address: &str) -> Result<(), BadJoining> {
    let host = address.split_once("://").map_or("", |(_, host)| host);
    let fits = !host.is_empty()
        && host.len() <= MAX_ADDRESS_BYTES
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    if fits { Ok(()) } else { Err(BadJoining::Address) }
}

fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: Pin = Pin::from_bytes([7; 32]);

    #[test]
    fn joining_words_are_read_as_they_were_written() {
        for (address, pin) in
            [("kend://192.168.1.5:8470", Some(PIN)), ("https://hub.example", None), ("http://127.0.0.1:8470", None)]
        {
            for code in [Some("ABCD-EFGH-IJKL-MNOP-2345".to_owned()), None] {
                let joining = Joining { address: address.to_owned(), pin, code };
                assert_eq!(joining.to_string().parse(), Ok(joining));
            }
        }
    }

    #[test]
    fn an_address_as_people_type_it_gets_a_scheme() {
        for (typed, address) in [
            (" 192.168.1.5:8470/ ", "https://192.168.1.5:8470"),
            ("hub.example", "https://hub.example"),
            ("127.0.0.1:8470", "http://127.0.0.1:8470"),
            ("localhost:1", "http://localhost:1"),
            ("http://192.168.1.5:8470", "http://192.168.1.5:8470"),
        ] {
            assert_eq!(typed.parse::<Joining>().map(|joining| joining.address), Ok(address.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_leads_to_no_hub_is_refused() {
        let long = format!("https://{}", "a".repeat(MAX_ADDRESS_BYTES + 1));
        let cut = format!("kend://h:1/#pin={}", &PIN.to_string()[..20]);
        for (typed, error) in [
            ("", BadJoining::Address),
            ("file:///etc/passwd", BadJoining::Address),
            ("https://hub/path", BadJoining::Address),
            ("https://a@b", BadJoining::Address),
            (long.as_str(), BadJoining::Address),
            ("kend://192.168.1.5:8470", BadJoining::Pin),
            (cut.as_str(), BadJoining::Pin),
            ("https://hub.example/#pin=", BadJoining::Pin),
        ] {
            assert_eq!(typed.parse::<Joining>(), Err(error), "{typed}");
        }
    }

    #[test]
    fn who_is_believed_follows_from_the_address() {
        assert_eq!(trust("kend://h:1", Some(PIN)), Ok(Trust::Pinned(PIN)));
        assert_eq!(trust("https://h", Some(PIN)), Ok(Trust::Web(Some(PIN))));
        assert_eq!(trust("http://h", Some(PIN)), Ok(Trust::Anybody));
        assert_eq!(http_address("kend://h:1"), "https://h:1");
    }
}
