//! Accounts for the browser, and who is signed in.
//!
//! Passwords are hashed with Argon2id outside of the lock on the store; a name that nobody has costs the same time as one
//! that somebody has. A session is 32 random bytes in a cookie, of which the hub keeps a hash.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use kend_domain::PersonId;
use kend_store::rusqlite::{Connection, OptionalExtension, params};
use zxcvbn::{Score, zxcvbn};

use crate::error::HubError;
use crate::people::{self, Person};
use crate::world;

/// Shortest password.
pub(crate) const MIN_PASSWORD_CHARACTERS: usize = 10;
/// Longest name or password that is looked at: 64 characters of any script.
pub(crate) const MAX_SIGN_IN_BYTES: usize = 256;
/// Letters of a password that are left when the own name and Kend's words are taken out.
const MIN_BEYOND_OWN_WORDS: usize = 6;
/// Words that a guesser of Kend's passwords tries first, besides the person's own name.
const WORDS_OF_KEND: [&str; 4] = ["kend", "kənd", "qovşaq", "azerbaijan"];
/// How long somebody stays signed in.
pub(crate) const SESSION_MS: i64 = 12 * 60 * 60 * 1000;
/// How long, when nothing is asked for.
pub(crate) const IDLE_MS: i64 = 2 * 60 * 60 * 1000;
/// How exactly it is known when something was asked for last: noting it costs a write.
const SEEN_MS: i64 = 60 * 1000;
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

/// Whether a person may have this password: long enough, and neither one of the passwords that everybody tries, nor made
/// of the person's name, nor of Kend's words. Of what characters it is nobody minds.
fn is_hard_to_guess(password: &str, name: &str) -> bool {
    let own_words: Vec<String> =
        WORDS_OF_KEND.into_iter().chain(name.split_whitespace()).map(str::to_lowercase).collect();
    let rest = own_words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), ""));
    let beyond = rest.chars().filter(|letter| !letter.is_whitespace() && !letter.is_ascii_punctuation()).count();
    password.chars().count() >= MIN_PASSWORD_CHARACTERS
        && beyond >= MIN_BEYOND_OWN_WORDS
        && zxcvbn(password, &[]).score() >= Score::Two
}

/// The hash of a person's password, to be stored.
pub(crate) fn hash_password(password: &str, name: &str) -> Result<String, HubError> {
    if !is_hard_to_guess(password, name) {
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
    hub.execute("DELETE FROM hub_session WHERE expires_ms < ?1 OR seen_ms < ?1 - ?2", [now_ms, IDLE_MS])?;
    hub.execute(
        "INSERT INTO hub_session (token_hash, person, expires_ms, seen_ms) VALUES (?1, ?2, ?3, ?4)",
        params![token.hash(), person.as_bytes(), now_ms.saturating_add(SESSION_MS), now_ms],
    )?;
    Ok(token)
}

/// Who is signed in with this token.
pub(crate) fn session(hub: &Connection, token: Token, now_ms: i64) -> Result<Option<Person>, HubError> {
    let person: Option<Vec<u8>> = hub
        .prepare_cached(
            "SELECT person FROM hub_session WHERE token_hash = ?1 AND expires_ms >= ?2 AND seen_ms >= ?2 - ?3",
        )?
        .query_row(params![token.hash(), now_ms, IDLE_MS], |row| row.get(0))
        .optional()?;
    match person {
        Some(person) => people::read(hub, people::person_id(person)?),
        None => Ok(None),
    }
}

/// How many people are signed in.
pub(crate) fn sessions(hub: &Connection, now_ms: i64) -> Result<u64, HubError> {
    let count: i64 = hub.query_row(
        "SELECT count(*) FROM hub_session WHERE expires_ms >= ?1 AND seen_ms >= ?1 - ?2",
        [now_ms, IDLE_MS],
        |row| row.get(0),
    )?;
    Ok(count.cast_unsigned())
}

/// Whether it was noted just now that a session is in use.
pub(crate) fn is_use_noted(hub: &Connection, token: Token, now_ms: i64) -> Result<bool, HubError> {
    Ok(hub
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM hub_session WHERE token_hash = ?1 AND seen_ms >= ?2 - ?3)")?
        .query_row(params![token.hash(), now_ms, SEEN_MS], |row| row.get(0))?)
}

/// Notes that a session is in use, when that was not noted just now.
pub(crate) fn note_use(hub: &Connection, token: Token, now_ms: i64) -> Result<(), HubError> {
    hub.prepare_cached("UPDATE hub_session SET seen_ms = ?2 WHERE token_hash = ?1 AND seen_ms < ?2 - ?3")?
        .execute(params![token.hash(), now_ms, SEEN_MS])?;
    Ok(())
}

/// Signs a person out everywhere, but for one session to be kept.
pub(crate) fn end_sessions(hub: &Connection, person: PersonId, but: Option<Token>) -> Result<(), HubError> {
    let but = but.map_or([0; 32], Token::hash);
    hub.execute("DELETE FROM hub_session WHERE person = ?1 AND token_hash <> ?2", params![person.as_bytes(), but])?;
    Ok(())
}

/// The password hash of a person who has an account.
pub(crate) fn hash_of(hub: &Connection, person: PersonId) -> Result<Option<String>, HubError> {
    let hash = hub
        .prepare_cached("SELECT password_hash FROM hub_account WHERE person = ?1")?
        .query_row([person.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(hash)
}

/// Changes a password. Whoever else is signed in with the old one is signed out.
pub(crate) fn set_password(
    hub: &Connection,
    person: PersonId,
    password_hash: &str,
    but: Option<Token>,
) -> Result<(), HubError> {
    hub.execute(
        "UPDATE hub_account SET password_hash = ?2 WHERE person = ?1",
        params![person.as_bytes(), password_hash],
    )?;
    end_sessions(hub, person, but)
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
        let hash = hash_password("qarabağ 1905", "Leyla").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(password_fits("qarabağ 1905", Some(&hash)));
        assert!(!password_fits("qarabağ 1906", Some(&hash)));
        assert!(!password_fits("qarabağ 1905", None));
        assert!(PasswordHash::new(NO_ACCOUNT).is_ok(), "else a missing account would answer faster");
    }

    #[test]
    fn a_password_is_long_and_none_that_everybody_tries_first_and_is_of_any_characters() {
        for weak in [
            "short",
            "1234567890",
            "password123",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "Leyla Leyla",
            "kend kend kend",
            "Kənd-2026-LEYLA",
        ] {
            assert!(matches!(hash_password(weak, "Leyla"), Err(HubError::WeakPassword)), "{weak}");
        }
        let longest: String = (0..64).filter_map(|n: u32| char::from_u32(0x1_f300 + n * n % 251)).collect();
        assert_eq!(longest.len(), MAX_SIGN_IN_BYTES);
        for fits in ["qarabağ 1905", "дождь над аулом", "mfzw-k43u-mvxg-2zjq", &longest] {
            assert!(hash_password(fits, "Leyla").is_ok(), "{fits}");
        }
    }

    #[test]
    fn a_session_ends_when_it_is_old_or_when_nobody_used_it() {
        let hub = Connection::open_in_memory().unwrap();
        for sql in
            [include_str!("../../schema/sql/100_hub.sql"), include_str!("../../schema/sql/102_second_factor.sql")]
        {
            hub.execute_batch(sql).unwrap();
        }
        let person = PersonId::from_bytes([1; 16]);
        let member = kend_sync::rights::Member {
            person,
            role: kend_domain::Role::Supervisor,
            areas: kend_domain::Areas::default(),
        };
        people::put(&hub, &Person { name: "Leyla".to_owned(), member }).unwrap();
        let token = begin_session(&hub, person, 0).unwrap();
        let lives = |now_ms: i64| session(&hub, token, now_ms).unwrap().is_some();
        assert!(lives(IDLE_MS) && !lives(IDLE_MS + 1));
        let mut now_ms = 0;
        while now_ms + IDLE_MS <= SESSION_MS {
            now_ms += IDLE_MS;
            assert!(lives(now_ms));
            note_use(&hub, token, now_ms).unwrap();
        }
        assert!(lives(SESSION_MS) && !lives(SESSION_MS + 1));
        assert_eq!((sessions(&hub, SESSION_MS).unwrap(), sessions(&hub, SESSION_MS + 1).unwrap()), (1, 0));
    }
}
