//! Ten years of interviews, made up: the store of a hub with all that its devices brought.
//!
//! Each is written as the app writes it, entry by entry, signed in segments by the device that held it, and taken in by the
//! store as from a line: signature, chain, fold, projection. Only that many segments share one transaction.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, Result, bail};
use kend_domain::{EntityId, PersonId, Scope};
use kend_log::PublicKeyBytes;
use kend_store::{DatabaseKey, Device, OwnScopes, Received, Store};
use kend_tests::{Hub, HubFiles, Stopwatch};
use kend_wire::{Dice, Instrument, Interview, LANGUAGES, Phone, Profile, Texts};

/// Areas, each with devices of its own.
pub(crate) const AREAS: u64 = 20;
/// Devices in an area.
const DEVICES: u64 = 10;
/// Interviews between two exchanges of a device.
const TOGETHER: u64 = 4;
/// Of so many interviews one has much text.
const TEXT_HEAVY_EVERY: u64 = 5;
/// Segments that share a transaction.
const AT_ONCE: u32 = 100;
/// Made-up segments that wait for the store at most.
const AHEAD: usize = 64;
/// Says that the store is whole.
const WHOLE: &str = "whole";

/// A hub's data folder with so many interviews.
pub(crate) struct Past {
    pub(crate) folder: PathBuf,
    pub(crate) interviews: u64,
}

impl Past {
    /// The one in the folder; it is made when it is not there.
    pub(crate) fn of(program: &Path, folder: PathBuf, interviews: u64) -> Result<Self> {
        let past = Self { folder, interviews };
        if past.folder.join(WHOLE).is_file() {
            return Ok(past);
        }
        if past.folder.exists() {
            fs::remove_dir_all(&past.folder)?;
        }
        fs::create_dir_all(past.folder.join("ui"))?;
        fs::write(past.folder.join("ui/index.html"), "")?;
        // The hub itself makes its tables and keys.
        drop(past.serve(program)?);
        let watch = Stopwatch::start();
        let entries = past.fill()?;
        let seconds = watch.elapsed().as_secs_f64();
        println!("made up {interviews} interviews, {entries} entries, in {seconds:.0} s");
        fs::write(past.folder.join(WHOLE), "")?;
        Ok(past)
    }

    /// The real hub on it.
    pub(crate) fn serve(&self, program: &Path) -> Result<Hub> {
        let files = HubFiles { program: program.to_owned(), ui: self.folder.join("ui"), data: self.folder.join("hub") };
        Hub::start(files, ([127, 0, 0, 1], 0).into(), &self.folder.join("hub.log"))
    }

    /// Its key.
    pub(crate) fn key(&self) -> Result<DatabaseKey> {
        let text = fs::read_to_string(self.folder.join("hub/hub.key"))?;
        let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes())?;
        Ok(DatabaseKey::from_bytes(<[u8; 32]>::try_from(bytes.as_slice())?))
    }

    /// Its file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("hub/hub.db")
    }

    /// Its store, opened.
    pub(crate) fn open(&self) -> Result<Store> {
        let mut store = Store::open(&self.file(), &self.key()?, &[])?;
        // As a hub does.
        store.pass_on()?;
        Ok(store)
    }

    fn fill(&self) -> Result<u64> {
        let mut store = self.open()?;
        let (send, receive) = sync_channel(AHEAD);
        let interviews = self.interviews;
        let making = thread::spawn(move || make_up(interviews, &send));
        let (mut entries, mut waiting) = (0_u64, 0);
        store.begin()?;
        for made in receive {
            match made {
                Made::Device(device) => store.put_device(&device)?,
                Made::Segment(bytes) => match store.receive(&bytes, &OwnScopes)? {
                    Received::Appended { entries: new, .. } => entries += u64::from(new),
                    other => bail!("a made-up segment was not taken in: {other:?}"),
                },
            }
            waiting += 1;
            if waiting == AT_ONCE {
                store.commit()?;
                store.begin()?;
                waiting = 0;
            }
        }
        store.commit()?;
        making.join().map_err(|_| anyhow::anyhow!("making up interviews failed"))??;
        Ok(entries)
    }
}

enum Made {
    Device(Device),
    Segment(Vec<u8>),
}

/// An area's scope.
pub(crate) fn scope(area: u64) -> Result<Scope> {
    let letter = |number: u64| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    Ok(format!("demo/AZ-Z{}{}", letter(area / 26), letter(area)).parse()?)
}

/// The n-th interview, in the order of the devices that held them.
pub(crate) fn interview(number: u64) -> EntityId {
    EntityId::from_bytes(((u128::from(number) << 64) | 0x6b65_6e64).to_be_bytes())
}

/// Where the n-th of so many interviews was held: its area, and its device there.
pub(crate) const fn held_by(number: u64, interviews: u64) -> (u64, u64) {
    let each = interviews.div_ceil(AREAS * DEVICES);
    let device = number / each;
    (device / DEVICES, device % DEVICES)
}

fn make_up(interviews: u64, send: &SyncSender<Made>) -> Result<()> {
    let instruments = [Instrument::fgd()?, Instrument::kii()?];
    let mut texts = LANGUAGES.into_iter().map(Texts::measured).collect::<Result<Vec<_>>>()?;
    let mut dice = Dice::new(1);
    let mut phone: Option<((u64, u64), Phone)> = None;
    for number in 0..interviews {
        let place = held_by(number, interviews);
        if phone.as_ref().is_none_or(|(of, _)| *of != place) {
            finish(phone.take(), send)?;
            let (area, number) = (scope(place.0)?, place.0 * DEVICES + place.1 + 1);
            let new = Phone::new(&area, number);
            let public_key: PublicKeyBytes = kend_log::public_key(&new.key);
            let person = PersonId::from_bytes(dice.id());
            send.send(Made::Device(Device { device: new.log.device, public_key, person, scopes: vec![area] }))?;
            phone = Some((place, new));
        }
        let (_, phone) = phone.as_mut().context("no device")?;
        let language = usize::try_from(number % 3)?;
        let profile = if number.is_multiple_of(TEXT_HEAVY_EVERY) { Profile::TextHeavy } else { Profile::Coded };
        let instrument = instruments.get(usize::try_from(number % 2)?).context("an instrument")?;
        let texts = texts.get_mut(language).context("a language")?;
        let name = LANGUAGES.get(language).context("a language")?;
        let held = Interview::make(instrument, profile, name, texts, &mut dice);
        phone.wait(600_000, 7_200_000);
        phone.record(interview(number), held.entries())?;
        if number % TOGETHER == TOGETHER - 1 {
            send.send(Made::Segment(phone.cut()?.to_bytes()?))?;
        }
    }
    finish(phone, send)
}

/// What a device has left goes too.
fn finish(phone: Option<((u64, u64), Phone)>, send: &SyncSender<Made>) -> Result<()> {
    if let Some((_, mut phone)) = phone
        && phone.waits()
    {
        send.send(Made::Segment(phone.cut()?.to_bytes()?))?;
    }
    Ok(())
}
