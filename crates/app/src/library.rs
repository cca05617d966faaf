//! What the work refers to and does not change: the pack, the instruments, the method.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kend_cells::Surface;
use kend_domain::InterviewKind;
use kend_form::{Instrument, InstrumentError, Sheets};
use kend_pack::{Basemap, ClusterMap, Pack, PackError, PackSigner};
use kend_store::{Store, StoreError};

/// The pack, the instruments and the method in use.
#[derive(Debug)]
pub struct Library {
    /// The pack.
    pub pack: Pack,
    /// One instrument a kind of interview.
    pub instruments: BTreeMap<InterviewKind, Arc<Instrument>>,
    opened: Mutex<Opened>,
}

/// What of the pack was opened beyond its content: the cluster that somebody looks at is asked about again and again, and a
/// phone has no room for all of them.
#[derive(Debug, Default)]
struct Opened {
    cluster: Option<(String, Arc<ClusterMap>)>,
    ways: Option<(String, Arc<Ways>)>,
    basemap: Option<Arc<Basemap>>,
}

/// The ground that ways are laid over.
#[derive(Debug)]
pub(crate) struct Ways {
    /// Minutes per metre of each cell of the cluster's window.
    pub(crate) minutes_per_metre: Surface<f32>,
    /// Their largest relative error.
    pub(crate) error: f64,
}

/// A library that can't be opened. What was in use before stays.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The pack is damaged.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// Nobody signed the pack.
    #[error("nobody signed the pack")]
    Unsigned,
    /// Somebody else signed it than the pack in use, and nobody confirmed that.
    #[error("{}, key {}", .0.name, .0.key_words())]
    OtherSigner(PackSigner),
    /// An instrument is broken.
    #[error("instrument {kind}: {source}")]
    Instrument {
        /// Of which kind.
        kind: InterviewKind,
        /// Where and why.
        source: InstrumentError,
    },
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored instrument is not three sheets.
    #[error("the stored sheets of instrument {0} can't be read")]
    Stored(InterviewKind),
}

/// The three sheets of an instrument, as they are stored and imported.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct OwnedSheets {
    pub(crate) survey: String,
    pub(crate) choices: String,
    pub(crate) settings: String,
}

impl OwnedSheets {
    pub(crate) fn read(&self) -> Result<Instrument, InstrumentError> {
        Instrument::read(&Sheets { survey: &self.survey, choices: &self.choices, settings: &self.settings })
    }
}

const PACK_DOCUMENT: &str = "pack";

fn instrument_document(kind: InterviewKind) -> String {
    format!("instrument/{kind}")
}

impl Library {
    /// The pack and instruments that a store holds, or those that Kend ships where it holds none.
    pub fn open(store: &Store) -> Result<Self, LibraryError> {
        let pack = match store.document(PACK_DOCUMENT)? {
            Some(bytes) => Pack::read(&bytes)?,
            None => Pack::demo()?,
        };
        let mut instruments = BTreeMap::new();
        for kind in InterviewKind::ALL.iter().copied() {
            let sheets = match store.document(&instrument_document(kind))? {
                Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| LibraryError::Stored(kind))?,
                None => shipped(kind),
            };
            let instrument = sheets.read().map_err(|source| LibraryError::Instrument { kind, source })?;
            instruments.insert(kind, Arc::new(instrument));
        }
        Ok(Self { pack, instruments, opened: Mutex::default() })
    }

    /// The cells of a cluster, checked; `None` where the pack has none of it.
    pub(crate) fn cells(&self, cluster: &str) -> Result<Option<Arc<ClusterMap>>, LibraryError> {
        // A panic elsewhere leaves what was opened before, which is whole.
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, map)) = opened.cluster.as_ref().filter(|(id, _)| id == cluster) {
            return Ok(Some(Arc::clone(map)));
        }
        let Some(map) = self.pack.cells(cluster)? else { return Ok(None) };
        let map = Arc::new(map);
        opened.cluster = Some((cluster.to_owned(), Arc::clone(&map)));
        Ok(Some(map))
    }

    /// The ground of a cluster's window, checked; `None` where the pack has none of it.
    pub(crate) fn ways(&self, cluster: &str) -> Result<Option<Arc<Ways>>, LibraryError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ways)) = opened.ways.as_ref().filter(|(id, _)| id == cluster) {
            return Ok(Some(Arc::clone(ways)));
        }
        let Some(friction) = self.pack.friction(cluster)? else { return Ok(None) };
        let ways = Arc::new(Ways { minutes_per_metre: friction.minutes_per_metre(), error: friction.error() });
        opened.ways = Some((cluster.to_owned(), Arc::clone(&ways)));
        Ok(Some(ways))
    }

    /// The basemap, checked; empty where the pack has none.
    pub(crate) fn basemap(&self) -> Result<Arc<Basemap>, LibraryError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.basemap.is_none() {
            opened.basemap = Some(Arc::new(self.pack.basemap()?.unwrap_or_default()));
        }
        Ok(opened.basemap.clone().unwrap_or_default())
    }

    /// Puts a pack into the store once it is known to be whole, to its last cell. Only the demo that Kend ships may be one
    /// that nobody signed. A signer other than the one of the pack in use has to be accepted by a person, the first one too:
    /// a key says no more than the name beside it.
    pub(crate) fn put_pack(
        store: &mut Store,
        bytes: &[u8],
        in_use: &Pack,
        accept_signer: bool,
    ) -> Result<(), LibraryError> {
        let pack = Pack::read(bytes)?;
        pack.check_sections()?;
        match pack.signer() {
            None if pack.fingerprint() != Pack::demo()?.fingerprint() => return Err(LibraryError::Unsigned),
            Some(signer) if !accept_signer && in_use.signer().map(|own| own.key) != Some(signer.key) => {
                return Err(LibraryError::OtherSigner(signer.clone()));
            }
            _ => {}
        }
        Ok(store.put_document(PACK_DOCUMENT, bytes)?)
    }

    /// Puts an instrument into the store; the caller has read it.
    pub(crate) fn put_instrument(
        store: &mut Store,
        kind: InterviewKind,
        sheets: &OwnedSheets,
    ) -> Result<(), LibraryError> {
        let bytes = serde_json::to_vec(sheets).map_err(|_| LibraryError::Stored(kind))?;
        Ok(store.put_document(&instrument_document(kind), &bytes)?)
    }

    /// The kind of interview that an instrument's form id (`kend_fgd`) names.
    pub(crate) fn kind_of(instrument: &Instrument) -> Option<InterviewKind> {
        instrument.id().strip_prefix("kend_")?.parse().ok()
    }
}

fn shipped(kind: InterviewKind) -> OwnedSheets {
    let (survey, choices, settings) = match kind {
        InterviewKind::Fgd => (
            include_str!("../../../schema/instruments/fgd/survey.csv"),
            include_str!("../../../schema/instruments/fgd/choices.csv"),
            include_str!("../../../schema/instruments/fgd/settings.csv"),
        ),
        InterviewKind::Kii => (
            include_str!("../../../schema/instruments/kii/survey.csv"),
            include_str!("../../../schema/instruments/kii/choices.csv"),
            include_str!("../../../schema/instruments/kii/settings.csv"),
        ),
    };
    OwnedSheets { survey: survey.to_owned(), choices: choices.to_owned(), settings: settings.to_owned() }
}
