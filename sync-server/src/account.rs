//! Accounts for the browser, and who is signed in.
//!
//! Passwords are hashed with Argon2id outside of the lock on the store; a name that nobody has costs the same time as one
//! that somebody has. A session is 32 random bytes in a cookie, of which the hub keeps a hash.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use kend_domain::PersonId;
use kend_store::rusqlite::{Connection, OptionalExtension, params};

use crate::error::HubError;
use crate::people::{self, Person};
use crate::world;

/// Shortest password.
pub(crate) const MIN_PASSWORD_CHARACTERS: usize = 10;
/// Longest name or password that is looked at.
pub(crate) const MAX_SIGN_IN_BYTES: usize = 200;
/// How long somebody stays signed in.
pub(crate) const SESSION_MS: i64 = 12 * 60 * 60 * 1000;
/// Hash of nothing in particular, checked when there is no such account.
const NO_ACCOUNT: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$a2VuZC1uby1hY2NvdW50$i3fAM3x3EQ+tsPFOqDjwB9a0ZzGwh9Lz4E6oWn4hTdI";

/// A session's secret, as it stands in the cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token([u8; 32]);

impl Token {
    /// Reads a cookie's value.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() != 64 {
            return None;
        }
        data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// The cookie's value.
    pub(crate) fn text(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    fn hash(self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }
}

/// How a name is looked up: people write it as they like.
pub(crate) fn sign_in_name(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A password's hash, to be stored.
pub(crate) fn hash_password(password: &str) -> Result<String, HubError> {
    if password.chars().count() < MIN_PASSWORD_CHARACTERS {
        return Err(HubError::WeakPassword);
    }
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &world::random::<16>()?)
        .map_err(|error| HubError::Password(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one of the hash; without a hash it is not, and takes as long.
pub(crate) fn password_fits(password: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NO_ACCOUNT)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

/// Makes an account for a person.
pub(crate) fn add(hub: &Connection, person: &Person, password_hash: &str) -> Result<(), HubError> {
    let name = sign_in_name(&person.name);
    if find(hub, &name)?.is_some() {
        return Err(HubError::NameTaken(person.name.clone()));
    }
    people::put(hub, person)?;
    hub.execute(
        "INSERT INTO hub_account (sign_in_name, person, password_hash) VALUES (?1, ?2, ?3)",
        params![name, person.member.person.as_bytes(), password_hash],
    )?;
    Ok(())
}

/// The person and password hash of an account.
pub(crate) fn find(hub: &Connection, sign_in_name: &str) -> Result<Option<(PersonId, String)>, HubError> {
    let row: Option<(Vec<u8>, String)> = hub
        .prepare_cached("SELECT person, password_hash FROM hub_account WHERE sign_in_name = ?1")?
        .query_row([sign_in_name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(person, hash)| Ok((people::person_id(person)?, hash))).transpose()
}

/// Signs a person in.
pub(crate) fn begin_session(hub: &Connection, person: PersonId, now_ms: i64) -> Result<Token, HubError> {
    let token = Token(world::random()?);
    hub.execute("DELETE FROM hub_session WHERE expires_ms < ?1", [now_ms])?;
    hub.execute(
        "INSERT INTO hub_session (token_hash, person, expires_ms) VALUES (?1, ?2, ?3)",
        params![token.hash(), person.as_bytes(), now_ms.saturating_add(SESSION_MS)],
    )?;
    Ok(token)
}

/// Who is signed in with this token.
pub(crate) fn session(hub: &Connection, token: Token, now_ms: i64) -> Result<Option<Person>, HubError> {
    let person: Option<Vec<u8>> = hub
        .prepare_cached("SELECT person FROM hub_session WHERE token_hash = ?1 AND expires_ms >= ?2")?
        .query_row(params![token.hash(), now_ms], |row| row.get(0))
        .optional()?;
    match person {
        Some(person) => people::read(hub, people::person_id(person)?),
        None => Ok(None),
    }
}

/// How many people are signed in.
pub(crate) fn sessions(hub: &Connection, now_ms: i64) -> Result<u64, HubError> {
    let count: i64 =
        hub.query_row("SELECT count(*) FROM hub_session WHERE expires_ms >= ?1", [now_ms], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

/// Signs out.
pub(crate) fn end_session(hub: &Connection, token: Token) -> Result<(), HubError> {
    hub.execute("DELETE FROM hub_session WHERE token_hash = ?1", [token.hash()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only_and_a_missing_account_nothing() {
        let hash = hash_password("qarabağ 1905").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(password_fits("qarabağ 1905", Some(&hash)));
        assert!(!password_fits("qarabağ 1906", Some(&hash)));
        assert!(!password_fits("qarabağ 1905", None));
        assert!(PasswordHash::new(NO_ACCOUNT).is_ok(), "else a missing account would answer faster");
        assert!(matches!(hash_password("short"), Err(HubError::WeakPassword)));
    }
}
