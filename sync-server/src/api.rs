//! The commands of people in a browser.
//!
//! The ones about the session itself are answered here; every other goes, with the person it comes from, through
//! [`call`] to the use cases. Passwords are checked outside of the lock on the hub, so that nobody's sync waits for one.

use std::net::IpAddr;

use kend_app::api::{
    ApiError, ChangePassword, ErrorCode, PersonView, Place, SessionState, SetLanguage, SignIn, StatusView, StoreState,
};
use kend_app::{Desk, Standing, commands, project_view};
use kend_domain::{EntityId, Language, Scope};
use kend_log::{Attachment, BlobId};
use kend_store::Store;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::account::{self, Token};
use crate::blobs::table::{self, Held};
use crate::error::HubError;
use crate::events;
use crate::hub::HubState;
use crate::people::Person;
use crate::second_factor::{self, Checked};
use crate::world;

/// Somebody signed in.
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) person: Person,
    /// The language of their session.
    pub(crate) language: Language,
}

/// What the browser is to remember.
pub(crate) enum Remember {
    /// Nothing new.
    Nothing,
    /// Who is signed in.
    Session(Token),
    /// That nobody is.
    NoSession,
    /// The language.
    Language(Language),
}

/// What came with a request.
#[derive(Clone, Copy)]
pub(crate) struct Visit {
    /// The session's cookie.
    pub(crate) token: Option<Token>,
    /// The language's cookie.
    pub(crate) language: Language,
}

/// A command that is ready to run under the lock on the hub.
pub(crate) enum Prepared {
    /// Check a password first, with the name as it is looked up.
    SignIn {
        /// The name.
        name: String,
        /// The password.
        password: String,
        /// The code of the second factor.
        code: Option<String>,
    },
    /// Check a password first, that of who is signed in, and hash another.
    ChangePassword {
        /// The password until now.
        password: String,
        /// The new one.
        new_password: String,
    },
    /// Anything else.
    Command(Value),
}

/// Reads a request's body.
pub(crate) fn prepare(command: &str, body: &[u8]) -> Result<Prepared, ApiError> {
    let request: Value = serde_json::from_slice(body).map_err(|_| ApiError::new(ErrorCode::BadRequest))?;
    let too_long = |text: &str| text.len() > account::MAX_SIGN_IN_BYTES;
    match command {
        "sign_in" => {
            let SignIn { name, password, code } = read(request)?;
            if too_long(&name) || too_long(&password) || code.as_deref().is_some_and(too_long) {
                return Err(ApiError::new(ErrorCode::WrongSignIn));
            }
            Ok(Prepared::SignIn { name: account::sign_in_name(&name), password, code })
        }
        "change_password" => {
            let ChangePassword { password, new_password } = read(request)?;
            if too_long(&password) || too_long(&new_password) {
                return Err(ApiError::new(ErrorCode::WrongSignIn));
            }
            Ok(Prepared::ChangePassword { password, new_password })
        }
        _ => Ok(Prepared::Command(request)),
    }
}

/// The first half of signing in, under the lock: the account's hash, if the name may be tried.
pub(crate) fn begin_sign_in(hub: &mut HubState, name: &str, from: IpAddr) -> Result<Option<String>, ApiError> {
    let now_ms = world::monotonic_ms();
    // The address first: who is refused for it costs no name a try.
    if !(hub.tries.allow_from(from, now_ms) && hub.tries.allow(&format!("sign in {name}"), now_ms)) {
        return Err(refuse_sign_in(hub, name, from, ErrorCode::TooManyTries));
    }
    Ok(account::find(hub.store.connection(), name).map_err(|error| internal(&error))?.map(|(_, hash)| hash))
}

/// Notes that somebody does not get in, and why.
pub(crate) fn refuse_sign_in(hub: &HubState, name: &str, from: IpAddr, why: ErrorCode) -> ApiError {
    let found = account::find(hub.store.connection(), name).ok().flatten();
    events::sign_in_refused(found.map(|(person, _)| person), from, why);
    ApiError::new(why)
}

/// The second half, under the lock, after the password was found right: the second factor, and the session.
pub(crate) fn finish_sign_in(
    hub: &mut HubState,
    name: &str,
    code: Option<&str>,
    from: IpAddr,
    visit: &Visit,
) -> Result<(Value, Remember), ApiError> {
    let found = account::find(hub.store.connection(), name).map_err(|error| internal(&error))?;
    let (person, _) = found.ok_or_else(|| ApiError::new(ErrorCode::WrongSignIn))?;
    let now_ms = world::wall_ms();
    let enter = |tables: &kend_store::rusqlite::Connection| match second_factor::check(tables, person, code, now_ms)? {
        Checked::Right => {
            // Signing in anew ends the session that the browser had.
            if let Some(token) = visit.token {
                account::end_session(tables, token)?;
            }
            Ok(Ok(account::begin_session(tables, person, now_ms)?))
        }
        Checked::Needed => Ok(Err(ErrorCode::CodeNeeded)),
        Checked::Wrong => Ok(Err(ErrorCode::WrongCode)),
    };
    let entered = hub.store.transaction(enter).map_err(|error: HubError| internal(&error))?;
    let token = entered.map_err(|why| refuse_sign_in(hub, name, from, why))?;
    events::signed_in(person, from);
    // Only now: a right password alone gives nobody more tries at the code.
    hub.tries.clear(&format!("sign in {name}"));
    hub.tries.forgive(from);
    let visit = Visit { token: Some(token), language: visit.language };
    Ok((status(hub, &visit)?, Remember::Session(token)))
}

/// The first half of changing a password, under the lock: who it is, and the hash of the one until now.
pub(crate) fn begin_password_change(hub: &mut HubState, visit: &Visit) -> Result<(Person, String), ApiError> {
    let person = signed_in(hub, visit)?.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?.person;
    let id = person.member.person;
    if !hub.tries.allow(&format!("password of {id}"), world::monotonic_ms()) {
        events::password_refused(id, ErrorCode::TooManyTries);
        return Err(ApiError::new(ErrorCode::TooManyTries));
    }
    let hash = account::hash_of(hub.store.connection(), id).map_err(|error| internal(&error))?;
    Ok((person, hash.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?))
}

/// The second half, under the lock, with the hash of the new one.
pub(crate) fn finish_password_change(
    hub: &mut HubState,
    person: &Person,
    password_hash: &str,
    visit: &Visit,
) -> Result<(Value, Remember), ApiError> {
    let id = person.member.person;
    hub.tries.clear(&format!("password of {id}"));
    hub.store
        .transaction(|tables| account::set_password(tables, id, password_hash, visit.token))
        .map_err(|error| internal(&error))?;
    events::password_changed(id);
    Ok((status(hub, visit)?, Remember::Nothing))
}

/// Answers a command, under the lock.
pub(crate) fn answer(
    hub: &mut HubState,
    visit: &Visit,
    command: &str,
    request: Value,
) -> Result<(Value, Remember), ApiError> {
    match command {
        "status" => Ok((status(hub, visit)?, Remember::Nothing)),
        "set_language" => {
            let SetLanguage { language } = read(request)?;
            let visit = Visit { language, ..*visit };
            Ok((status(hub, &visit)?, Remember::Language(language)))
        }
        "sign_out" => {
            let person = signed_in(hub, visit)?.map(|signed_in| signed_in.person.member.person);
            if let Some(token) = visit.token {
                hub.store
                    .transaction(|tables| account::end_session(tables, token))
                    .map_err(|error| internal(&error))?;
            }
            if let Some(person) = person {
                events::signed_out(person, false);
            }
            let visit = Visit { token: None, language: visit.language };
            Ok((status(hub, &visit)?, Remember::NoSession))
        }
        "sign_out_everywhere" => {
            let signed_in = signed_in(hub, visit)?.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?;
            let person = signed_in.person.member.person;
            hub.store
                .transaction(|tables| account::end_sessions(tables, person, None))
                .map_err(|error| internal(&error))?;
            events::signed_out(person, true);
            let visit = Visit { token: None, language: visit.language };
            Ok((status(hub, &visit)?, Remember::NoSession))
        }
        _ => {
            let person = signed_in(hub, visit)?.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?;
            let view = call(hub, &person, command, request).inspect_err(|error| {
                if matches!(error.code, ErrorCode::NotAllowed | ErrorCode::NotFound) {
                    events::command_refused(person.person.member.person, command, error.code);
                }
            });
            Ok((view?, Remember::Nothing))
        }
    }
}

/// An attachment that is here and that somebody signed in may play or see.
pub(crate) fn attachment(
    hub: &mut HubState,
    visit: &Visit,
    interview: EntityId,
    question: &str,
    attachment: &str,
) -> Result<Attachment, ApiError> {
    let person = signed_in(hub, visit)?.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?;
    let found = at_desk(hub, &person, |desk| kend_app::find_attachment(desk, interview, question, attachment));
    let found = found.inspect_err(|error| {
        events::command_refused(person.person.member.person, "read_attachment", error.code);
    })?;
    if has_blob(&hub.store, &found.blob) { Ok(found) } else { Err(ApiError::new(ErrorCode::NotFound)) }
}

/// Carries out a command of somebody signed in.
fn call(hub: &mut HubState, signed_in: &SignedIn, command: &str, request: Value) -> Result<Value, ApiError> {
    at_desk(hub, signed_in, |desk| commands::call(desk, command, request))
}

/// Seats somebody at a desk: the one place where the use cases come in.
fn at_desk<T>(
    hub: &mut HubState,
    signed_in: &SignedIn,
    work: impl FnOnce(&mut Desk<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let Person { name, member } = signed_in.person.clone();
    let person = kend_app::Person { person: member.person, name, role: member.role, areas: member.areas };
    let mut desk = Desk {
        store: &mut hub.store,
        library: &mut hub.library,
        person: &person,
        language: signed_in.language,
        standing: Standing::Hub { has_blob },
        world: &hub.machine,
    };
    work(&mut desk)
}

/// Whether all of an attachment is here.
fn has_blob(store: &Store, id: &BlobId) -> bool {
    table::held(store.connection(), id).is_ok_and(|held| held == Held::Whole)
}

/// Whether somebody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedInNow {
    /// Nobody.
    No,
    /// Somebody, and that their session is in use was noted just now.
    Noted,
    /// Somebody, and it is to be noted.
    Unnoted,
}

/// Whether somebody is signed in with a token.
pub(crate) fn is_signed_in(hub: &HubState, token: Token) -> Result<SignedInNow, ApiError> {
    let (tables, now_ms) = (hub.store.connection(), world::wall_ms());
    if account::session(tables, token, now_ms).map_err(|error| internal(&error))?.is_none() {
        return Ok(SignedInNow::No);
    }
    let noted = account::is_use_noted(tables, token, now_ms).map_err(|error| internal(&error))?;
    Ok(if noted { SignedInNow::Noted } else { SignedInNow::Unnoted })
}

/// Notes that a session is in use.
pub(crate) fn note_use(hub: &mut HubState, token: Token) -> Result<(), ApiError> {
    account::note_use(hub.store.connection(), token, world::wall_ms()).map_err(|error| internal(&error))
}

/// Whether somebody is signed in who may hold a scope.
pub(crate) fn may_hold(hub: &HubState, visit: &Visit, scope: &Scope) -> Result<bool, ApiError> {
    let signed_in = signed_in(hub, visit)?.ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn))?;
    Ok(*scope.project() == hub.identity.project && signed_in.person.member.may_hold(scope))
}

fn signed_in(hub: &HubState, visit: &Visit) -> Result<Option<SignedIn>, ApiError> {
    let Some(token) = visit.token else { return Ok(None) };
    let person = account::session(hub.store.connection(), token, world::wall_ms()).map_err(|error| internal(&error))?;
    Ok(person.map(|person| SignedIn { person, language: visit.language }))
}

fn status(hub: &HubState, visit: &Visit) -> Result<Value, ApiError> {
    let person = signed_in(hub, visit)?.map(|signed_in| signed_in.person);
    let view = StatusView {
        place: Place::Browser,
        state: if person.is_some() { SessionState::Open } else { SessionState::Locked },
        language: visit.language,
        project: person.as_ref().map(|_| project_view(&hub.library, visit.language)),
        person: person.map(|person| PersonView {
            person: person.member.person,
            name: person.name,
            role: person.member.role,
            areas: person.member.areas.0.into_iter().collect(),
        }),
        store: StoreState::Sound,
        waiting_interviews: 0,
        waiting_meetings: 0,
        clock_says: None,
        suggested_hub: None,
        suggested_code: None,
    };
    serde_json::to_value(view).map_err(|_| ApiError::new(ErrorCode::Internal))
}

fn read<Request: DeserializeOwned>(request: Value) -> Result<Request, ApiError> {
    // Without the parser's words: they may quote the request.
    serde_json::from_value(request).map_err(|_| ApiError::new(ErrorCode::BadRequest))
}

/// A failing hub, as a browser sees it.
fn internal(error: &HubError) -> ApiError {
    use kend_store::StoreError;
    tracing::error!(%error, "the hub fails");
    match error {
        HubError::Store(StoreError::DiskFull(_) | StoreError::Refused(_)) => ApiError::new(ErrorCode::DiskRefused),
        HubError::Store(StoreError::Damaged(_)) => ApiError::new(ErrorCode::StoreDamaged),
        _ => ApiError::new(ErrorCode::Internal),
    }
}

/// An error as it leaves the hub: what fails inside is the administrator's to read, in the log, and nobody else's.
pub(crate) fn for_outside(error: ApiError) -> ApiError {
    if http_status(error.code) < 500 {
        return error;
    }
    if let Some(detail) = &error.detail {
        tracing::error!(code = ?error.code, detail, "the hub fails");
    }
    ApiError::new(error.code)
}

/// The HTTP status that goes with an error.
pub(crate) const fn http_status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::NotSignedIn | ErrorCode::WrongSignIn | ErrorCode::CodeNeeded | ErrorCode::WrongCode => 401,
        ErrorCode::NotAllowed => 403,
        ErrorCode::NotFound => 404,
        ErrorCode::AlreadyExists | ErrorCode::WrongState | ErrorCode::MissingAnswers => 409,
        ErrorCode::TooLarge => 413,
        ErrorCode::TooManyTries => 429,
        ErrorCode::HubUnreachable => 503,
        ErrorCode::Internal | ErrorCode::StoreDamaged | ErrorCode::DiskRefused => 500,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_inside_is_told_outside_by_its_code_alone() {
        for code in [ErrorCode::Internal, ErrorCode::StoreDamaged, ErrorCode::DiskRefused] {
            assert_eq!(for_outside(ApiError::with(code, "no such table: hub_order")), ApiError::new(code));
        }
        let refused = ApiError::with(ErrorCode::TooLarge, "80 characters at most");
        assert_eq!(for_outside(refused.clone()), refused);
    }
}
