//! Passing it on: the hub of a device, what waits, and what comes by file.

use kend_bundle::SealKey;
use kend_domain::InterviewKind;
use kend_log::EntityKind;
use kend_store::{EntityHead, Store, StoreError, Tally};
use kend_sync::join::{self, BadJoining, Joining, Pin, Trust};
use kend_sync::rights;
use kend_sync::{
    Certificate, EnrolError, EnrolRequest, Enrolled, Enrolment, ExchangeError, HttpRequest, Marks, Progress,
    RefusalCode, Replica, own_certificate,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use crate::api::{
    ApiError, ErrorCode, HubView, ImportInstrument, ImportPack, JoinHub, Kept, Nothing, PackSignerView, SyncOutcome,
    SyncProgress, SyncView, count,
};
use crate::desk::{Desk, Person, Standing};
use crate::device::{NoAnswer, Question};
use crate::given::Given;
use crate::library::{Library, OwnedSheets};
use crate::world::iso;

const HUB_SETTING: &str = "sync/hub";
const MS_PER_S: u64 = 1_000;

/// The hub of a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hub {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) place: Place,
    pub(crate) key: kend_log::PublicKeyBytes,
    pub(crate) last_ms: Option<i64>,
}

/// Where a hub is, and the pin that it is known by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    address: String,
    #[serde(default)]
    pin: Option<Pin>,
}

impl Place {
    /// A request to be carried there.
    pub(crate) fn ask(&self, request: HttpRequest) -> Result<Question, ApiError> {
        let (address, trust) = self.reached()?;
        Ok(Question { address, trust, request })
    }

    /// The address as HTTP has it, and whom to believe there.
    pub(crate) fn reached(&self) -> Result<(String, Trust), ApiError> {
        let trust =
            join::trust(&self.address, self.pin).map_err(|error| ApiError::with(ErrorCode::HubNotTrusted, error))?;
        Ok((join::http_address(&self.address), trust))
    }
}

/// The hub that this device joined.
pub(crate) fn hub(store: &Store) -> Result<Option<Hub>, StoreError> {
    store.setting(HUB_SETTING)
}

/// Interviews with entries that no hub has acknowledged.
pub(crate) fn waiting_interviews(store: &Store) -> Result<u32, StoreError> {
    store.waiting(EntityKind::Interview)
}

/// Meetings with entries that no hub has acknowledged.
pub(crate) fn waiting_meetings(store: &Store) -> Result<u32, StoreError> {
    store.waiting(EntityKind::Meeting)
}

/// What tells of interviews how far they have come, read once for many.
pub(crate) struct Keeping {
    standing: Standing,
    /// Whether the hub of this device is the server: what came from it is the server's.
    server_is_hub: bool,
    given: Given,
}

impl Keeping {
    /// Reads it.
    pub(crate) fn read(desk: &Desk<'_>) -> Result<Self, StoreError> {
        let server_is_hub = own_certificate(desk.store)?.is_some_and(|own| own.hub_key == own.server_key);
        Ok(Self { standing: desk.standing, server_is_hub, given: Given::read(desk.store)? })
    }

    /// What may be said of an interview. Safe is never more than the server has signed for: its receipts, and for what
    /// others wrote, its own answers. On a stick is never more than a hub has not: a stick can get lost.
    pub(crate) fn of(&self, store: &Store, head: &EntityHead) -> Result<Kept, StoreError> {
        Ok(match self.standing {
            Standing::Device if head.unacknowledged => {
                if self.given.holds(&head.scope, store.own_last_seq(head.entity)?) { Kept::OnStick } else { Kept::Kept }
            }
            Standing::Device if !head.not_safe && (!head.of_others || self.server_is_hub) => Kept::Safe,
            // On a hub, what is here is copied.
            Standing::Device | Standing::Hub { .. } => Kept::Copied,
        })
    }

    /// How many interviews [`Keeping::of`] says are copied, and how many safe. What is settled is not read for that.
    fn arrived(&self, store: &Store, interviews: &Tally) -> Result<(u32, u32), StoreError> {
        let waiting = count(interviews.unacknowledged.len());
        let arrived = interviews.entities.saturating_sub(waiting);
        let copied = match self.standing {
            Standing::Hub { .. } => return Ok((interviews.entities, 0)),
            Standing::Device if self.server_is_hub => interviews.not_safe,
            Standing::Device => interviews.not_safe + store.settled_with_others(EntityKind::Interview)?,
        };
        Ok((copied, arrived.saturating_sub(copied)))
    }

    /// How many of those that wait are on a stick.
    fn on_stick(&self, store: &Store, interviews: &Tally) -> Result<u32, StoreError> {
        let mut on_stick = 0;
        if matches!(self.standing, Standing::Hub { .. }) {
            return Ok(on_stick);
        }
        for entity in &interviews.unacknowledged {
            if let Some(head) = store.entity_head(*entity)? {
                on_stick += u32::from(self.of(store, &head)? == Kept::OnStick);
            }
        }
        Ok(on_stick)
    }
}

/// What waits, and where it goes.
pub(crate) fn state(desk: &mut Desk<'_>, _: &Nothing) -> Result<SyncView, ApiError> {
    let unacknowledged = desk.store.unacknowledged()?;
    let hub = hub(desk.store)?;
    let pack = desk.library.pack.content();
    let keeping = Keeping::read(desk)?;
    let interviews = desk.store.tally(EntityKind::Interview)?;
    let (copied_interviews, safe_interviews) = keeping.arrived(desk.store, &interviews)?;
    let given = keeping.given.view(keeping.on_stick(desk.store, &interviews)?);
    Ok(SyncView {
        hub: hub.map(|hub| HubView { name: hub.name, address: hub.place.address, last_at: hub.last_ms.map(iso) }),
        waiting_interviews: count(interviews.unacknowledged.len()),
        waiting_meetings: waiting_meetings(desk.store)?,
        waiting_entries: unacknowledged.entries(),
        waiting_bytes: count(unacknowledged.size_bytes),
        given,
        copied_interviews,
        safe_interviews,
        last: None,
        progress: None,
        pack: format!("{} {}", pack.project.name, pack.version),
        pack_signer: desk
            .library
            .pack
            .signer()
            .map(|signer| PackSignerView { name: signer.name.clone(), key: signer.key_words() }),
        pack_synthetic: pack.synthetic,
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
    let may = matches!(desk.standing, Standing::Device) || rights::may_replace_library(desk.person.role);
    if may { Ok(()) } else { Err(ApiError::new(ErrorCode::NotAllowed)) }
}

/// Replaces the pack by one from a file; a damaged one changes nothing.
pub(crate) fn import_pack(desk: &mut Desk<'_>, request: &ImportPack) -> Result<SyncView, ApiError> {
    may_replace(desk)?;
    let bytes = data_encoding::BASE64
        .decode(request.content_base64.as_bytes())
        .map_err(|_| ApiError::with(ErrorCode::PackDamaged, "the file did not arrive whole"))?;
    Library::put_pack(desk.store, &bytes, &desk.library.pack, request.accept_signer)?;
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

/// Where to join, and with which code: the one that was typed, or that of the joining words.
pub(crate) fn read_joining(request: &JoinHub) -> Result<(Place, String), ApiError> {
    let Joining { address, pin, code } = request.address.parse().map_err(|error| match error {
        BadJoining::Address => ApiError::with(ErrorCode::HubUnreachable, error),
        BadJoining::Pin => ApiError::with(ErrorCode::HubNotTrusted, error),
    })?;
    let typed = request.code.trim();
    let code = if typed.is_empty() { code.unwrap_or_default() } else { typed.to_owned() };
    Ok((Place { address, pin }, code))
}

/// No answer came: for the screen.
pub(crate) const fn not_answered(why: NoAnswer) -> ApiError {
    ApiError::new(match why {
        NoAnswer::Unreachable => ErrorCode::HubUnreachable,
        NoAnswer::NotTrusted => ErrorCode::HubNotTrusted,
    })
}

/// The request for a certificate.
pub(crate) fn begin_enrolment(store: &Store, person: &Person, code: String) -> (Enrolment, HttpRequest) {
    let enrol = EnrolRequest {
        protocol: kend_sync::protocol::PROTOCOL,
        code,
        device: store.device(),
        device_key: store.public_key(),
        person: person.person,
        person_name: person.name.clone(),
        seal_key: SealKey::from_bytes(&store.derived_key(SealKey::CONTEXT)).public().0,
    };
    Enrolment::start(&enrol, &|purpose, message| store.sign(purpose, message))
}

/// Keeps what enrolment brought: the hub, its key, and the person's role and areas.
pub(crate) fn keep_enrolment(store: &mut Store, enrolled: &Enrolled, place: Place) -> Result<Person, StoreError> {
    let Certificate { hub_name, hub_key, person, person_name, role, areas, .. } = enrolled.certificate.clone();
    store.put_device(&enrolled.certificate.hub_as_device())?;
    store.keep_certificate(&enrolled.signed)?;
    Replica::keep_marks(store, &Marks::after_enrolment(enrolled.ticket))?;
    store.set_setting(HUB_SETTING, &Hub { name: hub_name, place, key: hub_key, last_ms: None })?;
    Ok(Person { person, name: person_name, role, areas })
}

/// Forgets how far exchanges had come: after a repair the hub is asked for everything once more. A device under a new name
/// is none of the hub's yet.
pub(crate) fn forget_exchanges(store: &mut Store, same_device: bool) -> Result<(), StoreError> {
    if !same_device {
        store.remove_setting(HUB_SETTING)?;
        kend_sync::forget_certificate(store)?;
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

/// Adds what the last exchange did, and how far one under way is, to a view of the state: only the session knows that.
pub(crate) fn add_session(
    view: &mut Value,
    command: &str,
    last: Option<&SyncOutcome>,
    progress: Option<&SyncProgress>,
) -> Result<(), ApiError> {
    if !matches!(command, "sync_state" | "import_pack" | "import_instrument") {
        return Ok(());
    }
    let Some(object) = view.as_object_mut() else { return Ok(()) };
    if let Some(last) = last {
        object.insert("last".to_owned(), crate::commands::reply(last)?);
    }
    if let Some(progress) = progress {
        object.insert("progress".to_owned(), crate::commands::reply(progress)?);
    }
    Ok(())
}

/// How far an exchange is, for the screen.
pub(crate) fn progress_view(progress: &Progress) -> SyncProgress {
    SyncProgress {
        entries_done: count(progress.entries_done),
        entries_to_do: count(progress.entries_to_do),
        bytes_done: count(progress.bytes_done),
        bytes_to_do: count(progress.bytes_to_do),
        seconds_left: progress.left_ms.map(|left_ms| count(left_ms.div_ceil(MS_PER_S))),
    }
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
