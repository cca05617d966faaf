//! Kend on a device: the store behind its passphrase, the person, and their hub.
//!
//! The rim hands over commands and carries what [`Step::Ask`] says to the hub. The lock on a device is held only from one
//! step to the next, so that a slow link never stops anybody from typing.

pub(crate) mod bundle;
pub(crate) mod moving;

use std::io;
use std::path::Path;
use std::sync::Arc;

use kend_domain::{AreaCode, Areas, DeviceId, Language, PersonId, Role};
use kend_store::Salvaged;
use kend_store::{BlobFolder, DatabaseKey, KeyFile, KeyFileSeeds, NewDevice, Store};
use kend_sync::join::Trust;
use kend_sync::{Certificate, Enrolment, Exchange, HttpRequest, HttpResponse, Outcome, Pace};
use serde_json::Value;

use crate::api::{
    ApiError, CreateStore, ErrorCode, JoinHub, Nothing, Place as Rim, ProjectView, SessionState, SetLanguage,
    StatusView, StoreState, SyncOutcome, SyncProgress, Unlock, count,
};
use crate::commands::{self, read, reply};
use crate::desk::{Desk, Person, Standing, checked_text};
use crate::library::Library;
use crate::moving::Moving;
use crate::sync::Place;
use crate::world::{World, random_id};
use crate::{clock, sync};

const PASSPHRASE_CHARACTERS: usize = 8;
const NAME_CHARACTERS: usize = 80;
const PERSON_SETTING: &str = "person";
/// Written only to see whether the disk takes it.
const DISK_TRIED_SETTING: &str = "disk/tried";

/// A small file beside the database, readable while the store is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShelfFile {
    /// The wrapped key.
    Key,
    /// The language of the screens: the gate too speaks it.
    Language,
}

/// Where a device keeps its files. The rim implements it.
pub trait Shelf: Send {
    /// A file's text; none when it is not there.
    fn read(&self, file: ShelfFile) -> io::Result<Option<String>>;
    /// Replaces a file as a whole, durably.
    fn write(&self, file: ShelfFile, text: &str) -> io::Result<()>;
    /// Where the database is or will be.
    fn database(&self) -> &Path;
    /// Moves a database without a key file out of the way, with the attachments beside it; it may be somebody's who still has
    /// the key.
    fn set_database_aside(&self) -> io::Result<()>;
    /// Where a mended database is made.
    fn mended_database(&self) -> &Path;
    /// Puts the mended database in the place of the damaged one, which is kept beside with a copy of its key file. The
    /// attachments stay where they are. Stopped
    /// anywhere, the folder has one or the other when it is opened again.
    fn put_mended_in_place(&self) -> io::Result<()>;
    /// Destroys the store for good: the wrapped key first, then the database and what lies beside it. Done again, it goes
    /// on where it was stopped.
    fn destroy(&self) -> io::Result<()>;
}

/// A hub to fill in the form for joining one.
#[derive(Debug, Clone, Default)]
pub struct Suggestion {
    /// Its address.
    pub hub: Option<String>,
    /// The one-time code.
    pub code: Option<String>,
}

/// What a command leads to.
#[derive(Debug)]
pub enum Step {
    /// The view; done.
    View(Value),
    /// Carry this to the hub, hand its answer to [`Device::answered`].
    Ask(Question),
}

/// A request and the hub it goes to.
#[derive(Debug)]
pub struct Question {
    /// The hub's address, as HTTP has it and without a path.
    pub address: String,
    /// Whom to believe there.
    pub trust: Trust,
    /// The request.
    pub request: HttpRequest,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody is there, or the line broke.
    Unreachable,
    /// Somebody is there who can't show that they are the hub. Nothing was sent to them.
    NotTrusted,
}

/// One installation of the app.
pub struct Device {
    shelf: Box<dyn Shelf>,
    world: Arc<dyn World>,
    suggestion: Suggestion,
    language: Language,
    state: StoreState,
    open: Option<Open>,
}

/// What is there while the store is open.
struct Open {
    store: Store,
    library: Arc<Library>,
    person: Person,
    pending: Option<Pending>,
    last: Option<SyncOutcome>,
    /// What is known of the line to the hub.
    pace: Pace,
    /// When the hub was last asked, by the steady clock.
    asked_ms: u64,
    /// The last exchange brought something across before it ended.
    further: bool,
    /// What is known of attachments on their way.
    moving: Moving,
}

impl Open {
    fn new(store: Store, library: Arc<Library>, person: Person) -> Self {
        let (pace, moving) = (Pace::default(), Moving::default());
        Self { store, library, person, pending: None, last: None, pace, asked_ms: 0, further: false, moving }
    }

    /// An exchange broke off.
    fn broke_off(&mut self, exchange: &Exchange) {
        let Outcome { entries_sent, entries_received, .. } = exchange.outcome();
        self.further = entries_sent + entries_received > 0;
        self.pace = exchange.pace().after_failure();
    }

    fn progress(&self) -> Option<SyncProgress> {
        match &self.pending {
            Some(Pending::Exchange(exchange)) => Some(sync::progress_view(&exchange.progress())),
            _ => None,
        }
    }
}

/// What the hub is being asked.
enum Pending {
    Enrolment { enrolment: Enrolment, place: Place },
    Exchange(Box<Exchange>),
}

impl Device {
    /// A device that keeps its files on `shelf`, locked.
    pub fn new(shelf: Box<dyn Shelf>, world: Arc<dyn World>, suggestion: Suggestion) -> Self {
        let kept = shelf.read(ShelfFile::Language).ok().flatten();
        let language = kept.and_then(|word| word.trim().parse().ok()).unwrap_or(Language::Az);
        Self { shelf, world, suggestion, language, state: StoreState::Sound, open: None }
    }

    /// Carries out a command as far as it goes without the hub.
    pub fn call(&mut self, command: &str, request: Value) -> Result<Step, ApiError> {
        let done = self.carry_out(command, request);
        done.map_err(|error| self.noticed(error))
    }

    fn carry_out(&mut self, command: &str, request: Value) -> Result<Step, ApiError> {
        match command {
            "status" => {
                read::<Nothing>(request)?;
                self.try_writing()?;
            }
            "create_store" => self.create(&read(request)?)?,
            "unlock" => self.unlock(&read(request)?)?,
            "repair" => self.repair(&read(request)?)?,
            "lock" => {
                read::<Nothing>(request)?;
                self.open = None;
                self.state = StoreState::Sound;
            }
            "set_language" => self.set_language(read::<SetLanguage>(request)?.language)?,
            "join_hub" => return self.join(&read(request)?),
            "sync" => {
                read::<Nothing>(request)?;
                return self.begin_exchange();
            }
            "attachments_state" | "attachments_of" | "fetch_attachment" | "limit_attachments" | "make_room" => {
                return self.attachments(command, request);
            }
            _ => return self.at_desk(command, request),
        }
        Ok(Step::View(reply(self.status()?)?))
    }

    /// Takes the hub's answer to the last question.
    pub fn answered(&mut self, answer: Result<HttpResponse, NoAnswer>) -> Result<Step, ApiError> {
        let done = self.take_answer(answer);
        done.map_err(|error| self.noticed(error))
    }

    fn take_answer(&mut self, answer: Result<HttpResponse, NoAnswer>) -> Result<Step, ApiError> {
        let open = self.open.as_mut().ok_or(ApiError::new(ErrorCode::Locked))?;
        let pending = open.pending.take().ok_or(ApiError::new(ErrorCode::Internal))?;
        if let (Pending::Exchange(exchange), Err(_)) = (&pending, &answer) {
            open.broke_off(exchange);
        }
        let answer = answer.map_err(sync::not_answered)?;
        match pending {
            Pending::Enrolment { enrolment, place } => {
                let enrolled = enrolment.receive(&answer).map_err(|error| sync::enrolment_failed(&error))?;
                open.person = sync::keep_enrolment(&mut open.store, &enrolled, place)?;
                open.store.set_setting(PERSON_SETTING, &open.person)?;
                self.sync_view()
            }
            Pending::Exchange(mut exchange) => {
                exchange.took(self.world.monotonic_ms().saturating_sub(open.asked_ms));
                if let Err(error) = exchange.receive(&answer, &mut open.store) {
                    open.broke_off(&exchange);
                    return Err(sync::exchange_failed(error));
                }
                if exchange.outcome().wipe {
                    return Err(self.wipe());
                }
                if let Some(certificate) = &exchange.outcome().certificate {
                    open.take_rights(certificate)?;
                }
                if let Some(time) = exchange.outcome().time {
                    clock::hear(&mut open.store, &*self.world, time)?;
                }
                self.continue_exchange(exchange)
            }
        }
    }

    /// Everything goes, at the server's order. The store is closed first; what then fails is tried again when the device
    /// next asks its hub.
    fn wipe(&mut self) -> ApiError {
        self.open = None;
        self.state = StoreState::Sound;
        match self.shelf.destroy() {
            Ok(()) => ApiError::new(ErrorCode::DeviceWiped),
            Err(error) => disk(error),
        }
    }

    fn create(&mut self, request: &CreateStore) -> Result<(), ApiError> {
        if request.passphrase.chars().count() < PASSPHRASE_CHARACTERS {
            return Err(ApiError::new(ErrorCode::WeakPassphrase));
        }
        if self.key_file()?.is_some() {
            return Err(ApiError::new(ErrorCode::AlreadyExists));
        }
        let name = checked_text(&request.name, NAME_CHARACTERS)?;
        self.shelf.set_database_aside().map_err(disk)?;
        let (mut key, mut signing_key, mut nonce) = ([0; 32], [0; 32], [0; 24]);
        self.world.random(&mut key);
        self.world.random(&mut signing_key);
        self.world.random(&mut nonce);
        let key = DatabaseKey::from_bytes(key);
        let device = DeviceId::from_bytes(random_id(&*self.world));
        let mut store = Store::create(self.shelf.database(), &key, &NewDevice { device, signing_key }, &[])?;
        store.keep_blobs_in(BlobFolder::beside(self.shelf.database())?)?;
        let library = Arc::new(Library::open(&store)?);
        let person = Person {
            person: PersonId::from_bytes(random_id(&*self.world)),
            name,
            role: Role::Enumerator,
            areas: whole_country(&library),
        };
        store.set_setting(PERSON_SETTING, &person)?;
        let seeds = KeyFileSeeds { salt: random_id(&*self.world), nonce };
        // Last: from here on there is a store to lose.
        let key_file = KeyFile::seal(&key, &request.passphrase, &seeds)?.to_json();
        self.shelf.write(ShelfFile::Key, &key_file).map_err(disk)?;
        self.set_language(request.language)?;
        self.open = Some(Open::new(store, library, person));
        Ok(())
    }

    fn unlock(&mut self, request: &Unlock) -> Result<(), ApiError> {
        let key_file = self.key_file()?.ok_or(ApiError::new(ErrorCode::NotFound))?;
        let key = KeyFile::from_json(&key_file)?.open(&request.passphrase)?;
        let mut store = Store::open(self.shelf.database(), &key, &[])?;
        store.keep_blobs_in(BlobFolder::beside(self.shelf.database())?)?;
        let library = Arc::new(Library::open(&store)?);
        let person = store.setting(PERSON_SETTING)?.ok_or(ApiError::new(ErrorCode::StoreDamaged))?;
        let mut open = Open::new(store, library, person);
        // The rights may have come just before the power went.
        if let Some(certificate) = kend_sync::own_certificate(&open.store)? {
            open.take_rights(&certificate)?;
        }
        self.open = Some(open);
        Ok(())
    }

    /// Reads what can be read of a damaged store into a new one. One that is sound after all is only opened.
    fn repair(&mut self, request: &Unlock) -> Result<(), ApiError> {
        let key_file = self.key_file()?.ok_or(ApiError::new(ErrorCode::NotFound))?;
        let key = KeyFile::from_json(&key_file)?.open(&request.passphrase)?;
        self.open = None;
        let sound = Store::open(self.shelf.database(), &key, &[]).is_ok_and(|store| store.check().is_ok());
        if sound {
            self.state = StoreState::Sound;
            return self.unlock(request);
        }
        let mut signing_key = [0; 32];
        self.world.random(&mut signing_key);
        let fresh = NewDevice { device: DeviceId::from_bytes(random_id(&*self.world)), signing_key };
        let mended = self.shelf.mended_database();
        let Salvaged { same_device, incomplete, .. } = Store::salvage(self.shelf.database(), mended, &key, &fresh)?;
        let mut store = Store::open(mended, &key, &[])?;
        // Before it takes the place of the damaged one: who it belongs to is there, and nothing of the exchanges before.
        if store.setting::<Person>(PERSON_SETTING)?.is_none() {
            return Err(ApiError::with(ErrorCode::StoreDamaged, "the name of its person can't be read"));
        }
        sync::forget_exchanges(&mut store, same_device)?;
        drop(store);
        self.shelf.put_mended_in_place().map_err(disk)?;
        self.unlock(request)?;
        self.state = match (same_device, incomplete) {
            (false, _) => StoreState::MendedAsNew,
            (true, true) => StoreState::MendedInPart,
            (true, false) => StoreState::Mended,
        };
        Ok(())
    }

    /// What an error says of the store. A damaged one is closed: its connection hands out nothing sure any more.
    fn noticed(&mut self, error: ApiError) -> ApiError {
        match error.code {
            ErrorCode::StoreDamaged => {
                self.open = None;
                self.state = StoreState::Damaged;
            }
            ErrorCode::DiskRefused if self.open.is_some() => self.state = StoreState::ReadOnly,
            _ => (),
        }
        error
    }

    /// Whether the disk writes again.
    fn try_writing(&mut self) -> Result<(), ApiError> {
        if let (StoreState::ReadOnly, Some(open)) = (self.state, &mut self.open) {
            // Another value each time: what is there already would not be written.
            match open.store.set_setting(DISK_TRIED_SETTING, &random_id(&*self.world)) {
                Ok(()) => self.state = StoreState::Sound,
                Err(error) if error.is_retryable() => (),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn key_file(&self) -> Result<Option<String>, ApiError> {
        self.shelf.read(ShelfFile::Key).map_err(disk)
    }

    fn set_language(&mut self, language: Language) -> Result<(), ApiError> {
        self.shelf.write(ShelfFile::Language, language.word()).map_err(disk)?;
        self.language = language;
        Ok(())
    }

    fn status(&self) -> Result<StatusView, ApiError> {
        let state = match &self.open {
            Some(_) => SessionState::Open,
            None if self.key_file()?.is_some() => SessionState::Locked,
            None => SessionState::New,
        };
        let waiting = self.open.as_ref().map(|open| sync::waiting_interviews(&open.store)).transpose()?;
        let meetings = self.open.as_ref().map(|open| sync::waiting_meetings(&open.store)).transpose()?;
        Ok(StatusView {
            place: Rim::App,
            state,
            language: self.language,
            person: self.open.as_ref().map(|open| open.person.view()),
            project: self.open.as_ref().map(|open| project_view(&open.library, self.language)),
            store: self.state,
            waiting_interviews: waiting.unwrap_or(0),
            waiting_meetings: meetings.unwrap_or(0),
            clock_says: clock::implausible(&*self.world),
            suggested_hub: self.suggestion.hub.clone(),
            suggested_code: self.suggestion.code.clone(),
        })
    }

    fn at_desk(&mut self, command: &str, request: Value) -> Result<Step, ApiError> {
        let open = self.open.as_mut().ok_or(ApiError::new(ErrorCode::Locked))?;
        let mut view = commands::call(&mut open.desk(self.language, &*self.world), command, request)?;
        sync::add_session(&mut view, command, open.last.as_ref(), open.progress().as_ref())?;
        Ok(Step::View(view))
    }

    fn sync_view(&mut self) -> Result<Step, ApiError> {
        self.at_desk("sync_state", serde_json::json!({}))
    }

    /// Whether there is work that a hub could have and has not: what a machine tries again for by itself.
    pub fn wants_exchange(&self) -> bool {
        self.open.as_ref().is_some_and(|open| {
            let joined = sync::hub(&open.store).is_ok_and(|hub| hub.is_some());
            let waiting = [sync::waiting_interviews(&open.store), sync::waiting_meetings(&open.store)];
            joined && open.pending.is_none() && waiting.into_iter().flatten().any(|count| count > 0)
        })
    }

    fn open(&self) -> Result<&Open, ApiError> {
        self.open.as_ref().ok_or(ApiError::new(ErrorCode::Locked))
    }

    fn open_mut(&mut self) -> Result<&mut Open, ApiError> {
        self.open.as_mut().ok_or(ApiError::new(ErrorCode::Locked))
    }

    /// Whether the last exchange brought anything across, though it did not come to its end.
    pub fn got_further(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.further)
    }

    fn join(&mut self, request: &JoinHub) -> Result<Step, ApiError> {
        let open = self.open_mut()?;
        let (place, code) = sync::read_joining(request)?;
        let (enrolment, request) = sync::begin_enrolment(&open.store, &open.person, code);
        let question = place.ask(request)?;
        open.pending = Some(Pending::Enrolment { enrolment, place });
        Ok(Step::Ask(question))
    }

    fn begin_exchange(&mut self) -> Result<Step, ApiError> {
        let open = self.open_mut()?;
        if matches!(open.pending, Some(Pending::Exchange(_))) {
            return self.sync_view();
        }
        let own = kend_sync::own_certificate(&open.store)?;
        let own = own.ok_or(ApiError::with(ErrorCode::NotFound, "join a hub first"))?;
        let exchange = Exchange::at_pace(own.keys(), open.pace);
        open.further = false;
        self.continue_exchange(Box::new(exchange))
    }

    fn continue_exchange(&mut self, mut exchange: Box<Exchange>) -> Result<Step, ApiError> {
        let open = self.open.as_mut().ok_or(ApiError::new(ErrorCode::Locked))?;
        match exchange.next(&mut open.store).map_err(sync::exchange_failed)? {
            kend_sync::Step::Request(request) => {
                let hub = sync::hub(&open.store)?.ok_or(ApiError::new(ErrorCode::NotFound))?;
                let question = hub.place.ask(request)?;
                open.pending = Some(Pending::Exchange(exchange));
                open.asked_ms = self.world.monotonic_ms();
                Ok(Step::Ask(question))
            }
            kend_sync::Step::Done(outcome) => {
                open.pace = exchange.pace();
                open.last = Some(outcome_view(&outcome));
                sync::note_exchange(&mut open.store, self.world.wall_ms())?;
                self.sync_view()
            }
        }
    }
}

impl Open {
    /// Role and areas as the hub gave them last.
    fn take_rights(&mut self, certificate: &Certificate) -> Result<(), ApiError> {
        let Certificate { role, areas, .. } = certificate;
        if certificate.person == self.person.person && (self.person.role, &self.person.areas) != (*role, areas) {
            let person = Person { role: *role, areas: areas.clone(), ..self.person.clone() };
            self.store.set_setting(PERSON_SETTING, &person)?;
            self.person = person;
        }
        Ok(())
    }

    fn desk<'a>(&'a mut self, language: Language, world: &'a dyn World) -> Desk<'a> {
        Desk {
            store: &mut self.store,
            library: &mut self.library,
            person: &self.person,
            language,
            standing: Standing::Device,
            world,
        }
    }
}

/// The project as a session shows it, on a device and on a hub.
pub fn project_view(library: &Library, language: Language) -> ProjectView {
    let pack = library.pack.content();
    ProjectView {
        title: pack.project.title.get(language).to_owned(),
        demo: pack.project.demo,
        synthetic: pack.synthetic,
        attribution: pack.attribution.clone(),
    }
}

/// Before a hub says otherwise a person works in the whole country of the pack.
fn whole_country(library: &Library) -> Areas {
    let countries = library.pack.content().rayons.iter().filter_map(|rayon| {
        let country = rayon.code.as_str().split('-').next()?;
        country.parse::<AreaCode>().ok()
    });
    Areas(countries.collect())
}

fn outcome_view(outcome: &Outcome) -> SyncOutcome {
    SyncOutcome {
        sent: count(outcome.entries_sent),
        received: count(outcome.entries_received),
        set_aside: count(outcome.entries_set_aside()),
        bytes_up: count(outcome.bytes_up),
        bytes_down: count(outcome.bytes_down),
        complete: outcome.complete,
        orders_refused: outcome.orders_refused,
        scopes_left: count(outcome.scopes_left.len()),
        scopes_mended: count(outcome.scopes_refolded.len() + outcome.scopes_fetched_anew.len()),
    }
}

fn disk(error: io::Error) -> ApiError {
    ApiError::with(ErrorCode::DiskRefused, error)
}
