//! A day's work of a device in small steps, each of them acknowledged, and what the store must then hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kend_domain::{DeviceId, EntityId, PersonId, Scope};
use kend_log::{EntityKind, EntityState, LogId, Op, Reason, Said, Value};
use kend_store::{
    Addressee, Append, DatabaseKey, Device, Draft, NewDevice, OpenError, OwnScopes, Received, Store, StoreError,
};
use rusqlite::types::Value as Cell;

/// The name of the step that closes the store and opens it again.
pub(crate) const REOPENS: &str = "closed and opened";
/// The checkpoint comes after so few pages that the work meets many.
const CHECKPOINT_PAGES: u32 = 24;

/// Why a step was not done.
#[derive(Debug)]
pub(crate) enum Failure {
    Open(OpenError),
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

pub(crate) fn key() -> DatabaseKey {
    DatabaseKey::from_bytes([6; 32])
}

pub(crate) fn scope() -> Scope {
    "demo/AZ-TOV".parse().unwrap()
}

pub(crate) fn person() -> PersonId {
    PersonId::from_bytes([3; 16])
}

pub(crate) fn interview(number: u8) -> EntityId {
    EntityId::from_bytes([number; 16])
}

pub(crate) fn phone() -> NewDevice {
    NewDevice { device: DeviceId::from_bytes([1; 16]), signing_key: [101; 32] }
}

fn colleague() -> NewDevice {
    NewDevice { device: DeviceId::from_bytes([2; 16]), signing_key: [102; 32] }
}

pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join("kend.db")
}

pub(crate) fn entry(interview: EntityId, ops: Vec<Op>) -> Append {
    Append {
        scope: scope(),
        entity: interview,
        kind: EntityKind::Interview,
        actor: person(),
        ops,
        said: Said { wall_ms: 5, monotonic_ms: 6, boot: [4; 16], anchor: None },
        form_version: 1,
        seen: None,
        ends_drafts: Vec::new(),
        salt: [5; 16],
    }
}

pub(crate) fn set(at: &str, value: &str) -> Op {
    Op::Set { path: at.parse().unwrap(), value: Value::text(value) }
}

/// A note of some size that begins with its number: to find it, and to see that it is whole.
pub(crate) fn note(number: usize, size: usize) -> String {
    format!("{number} {}", "uzun qeyd ".repeat(size / 10))
}

type Run = Box<dyn Fn(&mut Work) -> Result<(), Failure>>;

/// One step, and its name.
pub(crate) struct Step {
    pub(crate) name: String,
    run: Run,
}

/// The work in progress.
pub(crate) struct Work {
    pub(crate) folder: PathBuf,
    pub(crate) store: Option<Store>,
}

impl Work {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), store: None }
    }

    fn store(&mut self) -> Result<&mut Store, Failure> {
        if self.store.is_none() {
            self.store = Some(open(&self.folder)?);
        }
        Ok(self.store.as_mut().unwrap())
    }

    pub(crate) fn run(&mut self, step: &Step) -> Result<(), Failure> {
        (step.run)(self)
    }
}

/// Opens the store with a checkpoint after few pages.
pub(crate) fn open(folder: &Path) -> Result<Store, OpenError> {
    let store = Store::open(&file(folder), &key(), &[])?;
    few_pages(&store);
    Ok(store)
}

fn few_pages(store: &Store) {
    let pragma = format!("PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}");
    store.connection().query_row(&pragma, [], |_| Ok(())).unwrap();
}

fn step(name: impl Into<String>, run: impl Fn(&mut Work) -> Result<(), Failure> + 'static) -> Step {
    Step { name: name.into(), run: Box::new(run) }
}

/// What the colleague's device has signed.
fn from_colleague(interviews: u8) -> (Device, Vec<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(&file(folder.path()), &key(), &colleague(), &[]).unwrap();
    let log = LogId { device: store.device(), scope: scope() };
    let mut segments = Vec::new();
    for number in 0..interviews {
        for answer in 0..3 {
            let at = format!("a/question_{answer}");
            store.append(entry(interview(100 + number % 2), vec![set(&at, &note(answer, 300))])).unwrap();
        }
        let new = store.segments_to_send(&log, u64::from(number) * 3, usize::MAX, Addressee::Holder).unwrap();
        segments.extend(new.into_iter().map(|segment| segment.bytes));
    }
    let (device, public_key) = (store.device(), store.public_key());
    (Device { device, public_key, person: person(), scopes: vec![scope()] }, segments)
}

/// The work: creating, answering, typing, receiving, sending, being acknowledged, erasing, closing, opening again.
/// `rounds` says how much of it.
pub(crate) fn steps(rounds: usize) -> Vec<Step> {
    let (device, segments) = from_colleague(u8::try_from(rounds).unwrap());
    let mut steps = vec![
        step("create", |work| {
            let created = Store::create(&file(&work.folder), &key(), &phone(), &[]);
            // Taken up again after an error at its very end: it is there.
            let store = match created {
                Err(OpenError::Exists) => Store::open(&file(&work.folder), &key(), &[])?,
                other => other?,
            };
            few_pages(&store);
            work.store = Some(store);
            Ok(())
        }),
        step("know the colleague", move |work| Ok(work.store()?.put_device(&device)?)),
        step("a document", |work| Ok(work.store()?.put_document("pack", &[7; 9_000])?)),
    ];
    for (round, segment) in segments.into_iter().enumerate() {
        steps.extend(round_of(round, segment));
    }
    steps
}

fn round_of(round: usize, segment: Vec<u8>) -> Vec<Step> {
    let mine = interview(u8::try_from(10 + round).unwrap());
    let notes: kend_log::Path = "a/notes".parse().unwrap();
    let ended = notes.clone();
    let typed = notes.clone();
    vec![
        step(format!("{round}: a setting"), move |work| Ok(work.store()?.set_setting("round", &round)?)),
        step(format!("{round}: an answer"), move |work| {
            work.store()?.append(entry(mine, vec![set("a/health_level", &round.to_string())]))?;
            Ok(())
        }),
        step(format!("{round}: typing"), move |work| {
            Ok(work.store()?.keep_draft(mine, &typed, person(), &note(round, 2_000 + 700 * round))?)
        }),
        step(format!("{round}: a note that ends what was typed"), move |work| {
            let mut append = entry(mine, vec![set("a/notes", &note(round, 5_000))]);
            append.ends_drafts = vec![ended.clone()];
            work.store()?.append(append)?;
            Ok(())
        }),
        step(format!("{round}: a segment comes in"), move |work| {
            match work.store()?.receive(&segment, &OwnScopes)? {
                Received::Appended { .. } | Received::Known { .. } => Ok(()),
                other => panic!("{other:?}"),
            }
        }),
        step(format!("{round}: bytes that are none come in"), move |work| {
            work.store()?.receive(format!("no segment {round}").as_bytes(), &OwnScopes)?;
            Ok(())
        }),
        step(format!("{round}: own entries are signed and sent"), move |work| {
            let store = work.store()?;
            let log = LogId { device: store.device(), scope: scope() };
            store.segments_to_send(&log, 0, usize::MAX, Addressee::Holder)?;
            Ok(())
        }),
        step(format!("{round}: the hub has them"), move |work| {
            let store = work.store()?;
            let head = store.logs()?.into_iter().find(|head| head.log.device == store.device()).unwrap();
            Ok(store.acknowledge(&head.log, head.seq, head.hash.prefix())?)
        }),
        step(format!("{round}: typing once more"), move |work| {
            Ok(work.store()?.keep_draft(mine, &notes, person(), &note(round, 900))?)
        }),
        step(format!("{round}: an erasure"), move |work| {
            if round % 3 == 1 {
                let under = Some("a/notes".parse().unwrap());
                let erased = interview(u8::try_from(10 + round - 1).unwrap());
                match work.store()?.append(entry(erased, vec![Op::Erase { under, reason: Reason::ConsentWithdrawn }])) {
                    Ok(_) | Err(StoreError::Erased) => (),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        }),
        step(format!("{round}: {REOPENS}"), move |work| {
            if round % 2 == 1 {
                work.store = None;
            }
            work.store()?;
            Ok(())
        }),
    ]
}

/// Every row of every table.
pub(crate) type Contents = BTreeMap<String, Vec<Vec<Cell>>>;

pub(crate) fn contents(store: &Store) -> Contents {
    let connection = store.connection();
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |table: &String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
        rows.map(Result::unwrap).collect()
    };
    tables.iter().filter(|name| !name.starts_with("sqlite_")).map(|table| (table.clone(), rows(table))).collect()
}

/// What differs, by table: rows are content and would fill the screen.
pub(crate) fn differing(one: &Contents, other: &Contents) -> Vec<String> {
    let count = |all: &Contents, name: &str| all.get(name).map_or(0, Vec::len);
    let names = one.keys().chain(other.keys()).filter(|name| one.get(*name) != other.get(*name));
    names.map(|name| format!("{name}: {} rows, {} rows", count(one, name), count(other, name))).collect()
}

/// The store says itself that it is whole, and its projection is the fold of its log.
pub(crate) fn sound(store: &Store) -> Result<(), String> {
    store.check().map_err(|error| error.to_string())?;
    for head in store.entities(EntityKind::Interview).map_err(|error| error.to_string())? {
        let state = store.entity(head.entity).map_err(|error| error.to_string())?.ok_or("an entity without a state")?;
        let history = store.history(head.entity).map_err(|error| error.to_string())?;
        if *state != EntityState::fold(head.entity, &history) {
            return Err(format!("{:?} is not the fold of its log", head.entity));
        }
        let _: Vec<Draft> = store.drafts(head.entity).map_err(|error| error.to_string())?;
    }
    Ok(())
}
