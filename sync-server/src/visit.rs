//! A browser's visit: who asks, from which page, and what its cookies say.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use kend_app::api::{ApiError, ErrorCode};
use kend_domain::Language;

use crate::account::{SESSION_MS, Token};
use crate::api::{Remember, Visit};
use crate::listen::Caller;

/// Where a proxy names who asks.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The session.
const SESSION_COOKIE: &str = "kend_session";
/// The language, also of who is not signed in.
const LANGUAGE_COOKIE: &str = "kend_language";
/// How long a browser remembers the language.
const LANGUAGE_SECONDS: i64 = 365 * 24 * 60 * 60;
/// Before the names of both cookies where the way is encrypted: a browser then takes them from this host only.
const HOST_PREFIX: &str = "__Host-";
/// Attributes of both cookies.
const COOKIE_RULES: &str = "Path=/; HttpOnly; SameSite=Strict";
/// With it, in addition. Without TLS on loopback it would hide them from the page.
const ENCRYPTED_COOKIE_RULES: &str = "; Secure";

/// Who asks: the other end of the connection, or whom the proxy names there.
pub(crate) fn caller(caller: Option<&Caller>, headers: &HeaderMap, proxy: Option<IpAddr>) -> IpAddr {
    let end = caller.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |caller| caller.0);
    if proxy != Some(end) {
        return end;
    }
    // Only the last name is the proxy's own: the ones before are what it was told.
    let named = headers.get_all(FORWARDED_FOR).iter().next_back().and_then(|value| value.to_str().ok());
    named.and_then(|named| named.rsplit(',').next()?.trim().parse().ok()).unwrap_or(end)
}

/// A command has to be JSON and from the hub's own page: no other page can make a browser send that.
pub(crate) fn check_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let json = text(&CONTENT_TYPE)
        .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
    let host = text(&HOST).unwrap_or_default();
    let own_origin = text(&ORIGIN)
        .is_none_or(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host));
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    let own_site = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
    if json && own_origin && own_site { Ok(()) } else { Err(ApiError::new(ErrorCode::BadRequest)) }
}

/// What the cookies say.
pub(crate) fn read_visit(headers: &HeaderMap, encrypted: bool) -> Visit {
    let cookies: Vec<(&str, &str)> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .collect();
    let find = |name| {
        let name = cookie_name(name, encrypted);
        cookies.iter().find(|(cookie, _)| *cookie == name).map(|(_, value)| *value)
    };
    Visit {
        token: find(SESSION_COOKIE).and_then(Token::read),
        language: find(LANGUAGE_COOKIE).and_then(|word| word.parse().ok()).unwrap_or(Language::Az),
    }
}

fn cookie_name(name: &str, encrypted: bool) -> String {
    format!("{}{name}", if encrypted { HOST_PREFIX } else { "" })
}

/// The cookie that remembers it.
pub(crate) fn cookie(remember: &Remember, encrypted: bool) -> Option<HeaderValue> {
    let (name, value, seconds) = match remember {
        Remember::Nothing => return None,
        Remember::Session(token) => (SESSION_COOKIE, token.text(), SESSION_MS / 1000),
        Remember::NoSession => (SESSION_COOKIE, String::new(), 0),
        Remember::Language(language) => (LANGUAGE_COOKIE, language.to_string(), LANGUAGE_SECONDS),
    };
    let name = cookie_name(name, encrypted);
    let secure = if encrypted { ENCRYPTED_COOKIE_RULES } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Max-Age={seconds}; {COOKIE_RULES}{secure}")).ok()
}
