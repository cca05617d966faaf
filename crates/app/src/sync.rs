//! Passing it on: the hub of a device, what waits, and what comes by file.

use kend_domain::{InterviewKind, Role};
use kend_log::EntityKind;
use kend_store::{Store, StoreError};
use kend_sync::{
    Certificate, EnrolError, EnrolRequest, Enrolled, Enrolment, ExchangeError, HttpRequest, Marks, RefusalCode, Replica,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use crate::api::{ApiError, ErrorCode, HubView, ImportInstrument, ImportPack, JoinHub, Nothing, SyncOutcome, SyncView};
use crate::desk::{Desk, Person, Standing};
use crate::interview::view::count;
use crate::library::{Library, OwnedSheets};
use crate::world::iso;

const HUB_SETTING: &str = "sync/hub";

/// Addresses longer than this are none.
const ADDRESS_BYTES: usize = 200;

/// The hub of a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hub {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) key: kend_log::PublicKeyBytes,
    pub(crate) last_ms: Option<i64>,
}

/// The hub that this device joined.
pub(crate) fn hub(store: &Store) -> Result<Option<Hub>, StoreError> {
    store.setting(HUB_SETTING)
}

/// Interviews with entries that no hub has acknowledged.
pub(crate) fn waiting_interviews(store: &Store) -> Result<u32, StoreError> {
    let waiting = store.entities(EntityKind::Interview)?.into_iter().filter(|head| head.unacknowledged > 0);
    Ok(count(waiting.count()))
}

/// What waits, and where it goes.
pub(crate) fn state(desk: &mut Desk<'_>, _: &Nothing) -> Result<SyncView, ApiError> {
    let unacknowledged = desk.store.unacknowledged()?;
    let hub = hub(desk.store)?;
    let pack = desk.library.pack.content();
    Ok(SyncView {
        hub: hub.map(|hub| HubView { name: hub.name, address: hub.address, last_at: hub.last_ms.map(iso) }),
        waiting_interviews: waiting_interviews(desk.store)?,
        waiting_entries: unacknowledged.entries(),
        waiting_bytes: u32::try_from(unacknowledged.size_bytes).unwrap_or(u32::MAX),
        last: None,
        pack: format!("{} {}", pack.project.name, pack.version),
        instruments: desk
            .library
            .instruments
            .values()
            .map(|instrument| format!("{} {}", instrument.title(desk.language.word()), instrument.version()))
            .collect(),
    })
}

/// On their own device everybody may; on a hub, for all who work there, the national unit.
fn may_replace(desk: &Desk<'_>) -> Result<(), ApiError> {
    let may = desk.standing == Standing::Device || desk.person.role == Role::National;
    if may { Ok(()) } else { Err(ApiError::new(ErrorCode::NotAllowed)) }
}

/// Replaces the pack by one from a file; a damaged one changes nothing.
pub(crate) fn import_pack(desk: &mut Desk<'_>, request: &ImportPack) -> Result<SyncView, ApiError> {
    may_replace(desk)?;
    let bytes = data_encoding::BASE64
        .decode(request.content_base64.as_bytes())
        .map_err(|_| ApiError::with(ErrorCode::PackDamaged, "the file did not arrive whole"))?;
    Library::put_pack(desk.store, &bytes)?;
    *desk.library = Arc::new(Library::open(desk.store)?);
    state(desk, &Nothing {})
}

/// Replaces an instrument by one from its sheets; a broken one changes nothing.
pub(crate) fn import_instrument(desk: &mut Desk<'_>, request: &ImportInstrument) -> Result<SyncView, ApiError> {
    may_replace(desk)?;
    let ImportInstrument { survey, choices, settings } = request.clone();
    let sheets = OwnedSheets { survey, choices, settings };
    let instrument = sheets.read().map_err(|error| ApiError::with(ErrorCode::InstrumentBroken, error))?;
    let kind: InterviewKind = Library::kind_of(&instrument).ok_or_else(|| {
        ApiError::with(ErrorCode::InstrumentBroken, "settings: form_id is neither kend_fgd nor kend_kii")
    })?;
    Library::put_instrument(desk.store, kind, &sheets)?;
    *desk.library = Arc::new(Library::open(desk.store)?);
    state(desk, &Nothing {})
}

/// An address as people type it: a scheme is added, a path is not wanted.
pub(crate) fn checked_address(typed: &str) -> Result<String, ApiError> {
    let typed = typed.trim().trim_end_matches('/');
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
    let host = whole.strip_prefix("http://").or_else(|| whole.strip_prefix("https://"));
    let fits = host.is_some_and(|host| {
        !host.is_empty()
            && host.len() <= ADDRESS_BYTES
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    });
    if fits { Ok(whole) } else { Err(ApiError::with(ErrorCode::HubUnreachable, typed)) }
}

/// The request for a certificate.
pub(crate) fn begin_enrolment(store: &Store, person: &Person, request: &JoinHub) -> (Enrolment, HttpRequest) {
    let enrol = EnrolRequest {
        protocol: kend_sync::protocol::PROTOCOL,
        code: request.code.trim().to_owned(),
        device: store.device(),
        device_key: store.public_key(),
        person: person.person,
        person_name: person.name.clone(),
    };
    Enrolment::start(&enrol, &|purpose, message| store.sign(purpose, message))
}

/// Keeps what enrolment brought: the hub, its key, and the person's role and areas.
pub(crate) fn keep_enrolment(store: &mut Store, enrolled: &Enrolled, address: String) -> Result<Person, StoreError> {
    let Certificate { hub_name, hub_key, person, person_name, role, areas, .. } = enrolled.certificate.clone();
    store.put_device(&enrolled.certificate.hub_as_device())?;
    Replica::keep_marks(store, &Marks::after_enrolment(enrolled.ticket))?;
    store.set_setting(HUB_SETTING, &Hub { name: hub_name, address, key: hub_key, last_ms: None })?;
    Ok(Person { person, name: person_name, role, areas })
}

/// Forgets how far exchanges had come: after a repair the hub is asked for everything once more. A device under a new name
/// is none of the hub's yet.
pub(crate) fn forget_exchanges(store: &mut Store, same_device: bool) -> Result<(), StoreError> {
    if !same_device {
        store.remove_setting(HUB_SETTING)?;
    }
    let marks = Replica::marks(store).unwrap_or_default();
    Replica::keep_marks(store, &Marks { ticket: marks.ticket.filter(|_| same_device), ..Marks::default() })
}

/// Notes when the last full exchange was.
pub(crate) fn note_exchange(store: &mut Store, wall_ms: i64) -> Result<(), StoreError> {
    match hub(store)? {
        Some(hub) => store.set_setting(HUB_SETTING, &Hub { last_ms: Some(wall_ms), ..hub }),
        None => Ok(()),
    }
}

/// Adds what the last exchange did to a view of the state; only the session remembers it.
pub(crate) fn add_last(view: &mut Value, command: &str, last: Option<&SyncOutcome>) -> Result<(), ApiError> {
    let is_state = matches!(command, "sync_state" | "import_pack" | "import_instrument");
    if let (true, Some(object), Some(last)) = (is_state, view.as_object_mut(), last) {
        object.insert("last".to_owned(), crate::commands::reply(last)?);
    }
    Ok(())
}

/// A failed enrolment for the screen.
pub(crate) fn enrolment_failed(error: &EnrolError) -> ApiError {
    match error {
        EnrolError::NoHub => ApiError::new(ErrorCode::HubAnswerDamaged),
        EnrolError::Refused(code) => refused(*code),
    }
}

/// A failed exchange for the screen.
pub(crate) fn exchange_failed(error: ExchangeError<StoreError>) -> ApiError {
    match error {
        ExchangeError::NoHub => ApiError::new(ErrorCode::HubAnswerDamaged),
        ExchangeError::Refused(code) => refused(code),
        ExchangeError::Replica(error) => error.into(),
        ExchangeError::NotWaiting => ApiError::new(ErrorCode::Internal),
    }
}

fn refused(code: RefusalCode) -> ApiError {
    match code {
        RefusalCode::Code => ApiError::new(ErrorCode::BadCode),
        RefusalCode::Signature | RefusalCode::Ticket => ApiError::new(ErrorCode::SignatureRefused),
        RefusalCode::TooManyTries => ApiError::new(ErrorCode::TooManyTries),
        other => ApiError::with(ErrorCode::HubRefused, other.word()),
    }
}
