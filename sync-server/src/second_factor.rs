//! The second factor: a code of an authenticator, or one of a few recovery codes.
//!
//! Codes are those of RFC 6238 as every authenticator makes them. One before and one after count too, for clocks that
//! differ a little; none counts twice. A hub whose clock is wrong by more takes recovery codes only, which is why they are
//! given together.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use data_encoding::{BASE32, BASE32_NOPAD};
use kend_domain::PersonId;
use kend_store::rusqlite::{Connection, OptionalExtension, params};

use crate::error::HubError;
use crate::world;

/// How long a code holds.
const STEP_MS: i64 = 30_000;
/// Digits of a code.
const DIGITS: usize = 6;
/// Steps before and after that count.
const NEIGHBOURS: i64 = 1;
/// Recovery codes given at once.
const RECOVERY_CODES: usize = 8;
/// Bytes of a recovery code: so many that a plain hash of it tells nobody the code.
const RECOVERY_BYTES: usize = 15;
/// Letters of a recovery code.
const RECOVERY_LETTERS: usize = 24;
/// What hashes of recovery codes are for.
const RECOVERY_CONTEXT: &str = "kend 2026 recovery code";
/// Who gives the codes, as an authenticator shows it.
const ISSUER: &str = "Kend";

/// What a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// The person needs none, or it is right.
    Right,
    /// One is needed.
    Needed,
    /// It is not right, or was used.
    Wrong,
}

/// What a person is given once.
pub(crate) struct Given {
    /// For the authenticator, as a line that it reads from a picture.
    pub(crate) line: String,
    /// Each signs in once, without the authenticator.
    pub(crate) recovery_codes: Vec<String>,
}

/// Gives a person a second factor, in place of one that they have.
pub(crate) fn give(hub: &Connection, person: PersonId, name: &str) -> Result<Given, HubError> {
    take_away(hub, person)?;
    let secret: [u8; 20] = world::random()?;
    hub.execute("INSERT INTO hub_second_factor (person, secret) VALUES (?1, ?2)", params![person.as_bytes(), secret])?;
    let mut recovery_codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let letters = BASE32_NOPAD.encode(&world::random::<RECOVERY_BYTES>()?).to_lowercase();
        hub.execute(
            "INSERT INTO hub_recovery_code (person, code_hash) VALUES (?1, ?2)",
            params![person.as_bytes(), hash(&letters)],
        )?;
        let groups: Vec<_> = letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        recovery_codes.push(groups.join("-"));
    }
    let line = format!(
        "otpauth://totp/{ISSUER}:{}?secret={}&issuer={ISSUER}",
        in_an_address(name),
        BASE32.encode(&secret).trim_end_matches('=')
    );
    Ok(Given { line, recovery_codes })
}

/// Takes a person's second factor away; whether they had one.
pub(crate) fn take_away(hub: &Connection, person: PersonId) -> Result<bool, HubError> {
    hub.execute("DELETE FROM hub_recovery_code WHERE person = ?1", [person.as_bytes()])?;
    Ok(hub.execute("DELETE FROM hub_second_factor WHERE person = ?1", [person.as_bytes()])? > 0)
}

/// Checks a code, and uses it up.
pub(crate) fn check(hub: &Connection, person: PersonId, typed: Option<&str>, now_ms: i64) -> Result<Checked, HubError> {
    let row: Option<([u8; 20], i64)> = hub
        .prepare_cached("SELECT secret, last_step FROM hub_second_factor WHERE person = ?1")?
        .query_row([person.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((secret, last_step)) = row else { return Ok(Checked::Right) };
    let typed: String = typed.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    if typed.is_empty() {
        return Ok(Checked::Needed);
    }
    let now = now_ms.div_euclid(STEP_MS);
    // In the same time wherever they differ.
    let is_code = |step| verify_slices_are_equal(code(&secret, step).as_bytes(), typed.as_bytes()).is_ok();
    let fits = |step: &i64| *step > last_step && is_code(*step);
    let used = if let Some(step) = (now - NEIGHBOURS..=now + NEIGHBOURS).find(fits) {
        hub.execute("UPDATE hub_second_factor SET last_step = ?2 WHERE person = ?1", params![person.as_bytes(), step])?
    } else if typed.len() == RECOVERY_LETTERS {
        hub.execute(
            "DELETE FROM hub_recovery_code WHERE person = ?1 AND code_hash = ?2",
            params![person.as_bytes(), hash(&typed.to_lowercase())],
        )?
    } else {
        0
    };
    Ok(if used == 1 { Checked::Right } else { Checked::Wrong })
}

/// The code of a step: RFC 4226 over the step's number.
fn code(secret: &[u8; 20], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let word = tag.get(offset..offset + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes);
    let digits = (word & 0x7fff_ffff) % 1_000_000;
    format!("{digits:0DIGITS$}")
}

fn hash(letters: &str) -> [u8; 32] {
    blake3::derive_key(RECOVERY_CONTEXT, letters.as_bytes())
}

/// A name as it stands in an address.
fn in_an_address(name: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use kend_domain::{Areas, Role};
    use kend_sync::rights::Member;

    use super::*;
    use crate::people::{self, Person};

    const SECRET: [u8; 20] = *b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of eight digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(&SECRET, seconds * 1000 / STEP_MS), expected, "{seconds}");
        }
    }

    fn hub() -> (Connection, PersonId) {
        let hub = Connection::open_in_memory().unwrap();
        for sql in
            [include_str!("../../schema/sql/100_hub.sql"), include_str!("../../schema/sql/102_second_factor.sql")]
        {
            hub.execute_batch(sql).unwrap();
        }
        let person = PersonId::from_bytes([1; 16]);
        let member = Member { person, role: Role::Supervisor, areas: Areas::default() };
        people::put(&hub, &Person { name: "Leyla".to_owned(), member }).unwrap();
        (hub, person)
    }

    #[test]
    fn a_code_counts_once_and_one_step_early_or_late() {
        let (hub, person) = hub();
        assert_eq!(check(&hub, person, None, 0).unwrap(), Checked::Right, "nobody asked for one");
        give(&hub, person, "Leyla").unwrap();
        hub.execute("UPDATE hub_second_factor SET secret = ?1", [SECRET]).unwrap();
        let now_ms = 1_111_111_111_000;
        let (now, step) = (now_ms / STEP_MS, |step| code(&SECRET, step));
        for (name, typed, expected) in [
            ("none", String::new(), Checked::Needed),
            ("spaces", " ".to_owned(), Checked::Needed),
            ("another", "000000".to_owned(), Checked::Wrong),
            ("two steps old", step(now - 2), Checked::Wrong),
            ("one step old, with a space", format!("{} {}", &step(now - 1)[..3], &step(now - 1)[3..]), Checked::Right),
            ("that again", step(now - 1), Checked::Wrong),
            ("the next", step(now + 1), Checked::Right),
            ("an older one after it", step(now), Checked::Wrong),
        ] {
            assert_eq!(check(&hub, person, Some(&typed), now_ms).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn each_recovery_code_counts_once_and_none_after_the_factor_was_given_anew() {
        let (hub, person) = hub();
        let first = give(&hub, person, "Leyla").unwrap();
        assert_eq!(first.recovery_codes.len(), RECOVERY_CODES);
        let typed = first.recovery_codes[0].to_uppercase();
        assert_eq!(check(&hub, person, Some(&typed), 0).unwrap(), Checked::Right);
        assert_eq!(check(&hub, person, Some(&typed), 0).unwrap(), Checked::Wrong);
        give(&hub, person, "Leyla").unwrap();
        assert_eq!(check(&hub, person, Some(&first.recovery_codes[1]), 0).unwrap(), Checked::Wrong);
        assert!(take_away(&hub, person).unwrap());
        assert_eq!(check(&hub, person, None, 0).unwrap(), Checked::Right);
    }

    #[test]
    fn an_authenticator_reads_any_name() {
        let (hub, person) = hub();
        let given = give(&hub, person, "Günel & Ə").unwrap();
        assert!(given.line.starts_with("otpauth://totp/Kend:G%C3%BCnel%20%26%20%C6%8F?secret="), "{}", given.line);
    }
}
