//! Bytes rot anywhere in a store's files: it is found out or harmless, never a panic and never a wrong value; and what can
//! be read goes into a new store, own work first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kend_domain::{DeviceId, EntityId};
use kend_log::{EntityKind, LogId, Op, Value};
use kend_store::{Addressee, KeyFile, KeyFileSeeds, NewDevice, OpenError, Store, StoreError, VaultError};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::power::{one_of, seeds};
use crate::work::{self, entry, file, interview, key, note, person, set};

const SEEDS: u64 = 250;
/// So many entries are in the database, and so many more in its write-ahead log; the last ones no hub has.
const HOME: usize = 60;
const IN_LOG: usize = 12;
const ACKNOWLEDGED: u64 = 40;

type Files = BTreeMap<&'static str, Vec<u8>>;

/// A store as a killed process leaves it: part in the database, part in the write-ahead log.
fn files() -> Files {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let mut store = Store::create(&path, &key(), &work::phone(), &[]).unwrap();
    let log = LogId { device: store.device(), scope: work::scope() };
    let write = |store: &mut Store, number: usize| {
        let size = if number.is_multiple_of(5) { 9_000 } else { 200 };
        store.append(entry(interview(of(number)), vec![set(&at(number), &note(number, size))])).unwrap();
    };
    (0..HOME).for_each(|number| write(&mut store, number));
    store.segments_to_send(&log, 0, usize::MAX, Addressee::Anybody).unwrap();
    let hash = store.history(interview(of(39))).unwrap().iter().find(|one| one.entry.header.seq == 40).unwrap().hash;
    store.acknowledge(&log, ACKNOWLEDGED, hash.prefix()).unwrap();
    store.put_document("pack", &vec![7; 30_000]).unwrap();
    store.set_setting("person", &"Aysel").unwrap();
    for number in 0..4 {
        store.keep_draft(interview(number), &"a/notes".parse().unwrap(), person(), &draft(number)).unwrap();
    }
    store.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    (HOME..HOME + IN_LOG).for_each(|number| write(&mut store, number));
    let read = |name| std::fs::read(folder.path().join(name)).unwrap();
    [("kend.db", read("kend.db")), ("kend.db-wal", read("kend.db-wal"))].into()
}

fn of(number: usize) -> u8 {
    10 + u8::try_from(number % 4).unwrap()
}

fn at(number: usize) -> String {
    format!("a/question_{number}")
}

fn draft(number: u8) -> String {
    note(usize::from(number), 6_000)
}

fn put(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Harms one file somewhere; says where and how.
fn harm(files: &mut Files, dice: &mut ChaCha8Rng) -> String {
    let name = if dice.random_bool(0.7) { "kend.db" } else { "kend.db-wal" };
    let bytes = files.get_mut(name).unwrap();
    let at = dice.random_range(0..bytes.len());
    let sector = at / 512 * 512;
    let how = match dice.random_range(0..5) {
        0 | 1 => {
            bytes[at] ^= 1 << dice.random_range(0..8);
            format!("a bit at {at}")
        }
        2 => {
            let end = (sector + 512).min(bytes.len());
            dice.fill_bytes(&mut bytes[sector..end]);
            format!("a sector of noise at {sector}")
        }
        3 => {
            let end = (at / 4096 * 4096 + 4096).min(bytes.len());
            bytes[at / 4096 * 4096..end].fill(0);
            format!("a page of zeros at {}", at / 4096 * 4096)
        }
        _ => {
            bytes.truncate(at);
            format!("cut at {at}")
        }
    };
    format!("{name}: {how}")
}

/// Every answer, by its number.
fn answers(store: &Store) -> Result<BTreeMap<usize, String>, StoreError> {
    let mut answers = BTreeMap::new();
    for head in store.entities(EntityKind::Interview)? {
        let state = store.entity(head.entity)?.ok_or_else(|| StoreError::Damaged("an entity".to_owned()))?;
        store.history(head.entity)?;
        for number in 0..HOME + IN_LOG {
            if let Some(Value::Text(text)) = state.value(at(number)) {
                answers.insert(number, text.clone());
            }
        }
    }
    Ok(answers)
}

/// Reads everything there is. Values that are there must be right; whether all of them are is told.
fn read(store: &Store, place: &str) -> Result<bool, StoreError> {
    let mut all = true;
    let answers = answers(store)?;
    for (number, text) in &answers {
        assert_eq!(*text, note(*number, if number.is_multiple_of(5) { 9_000 } else { 200 }), "{place}");
    }
    all &= answers.len() == HOME + IN_LOG;
    for number in 0..4 {
        for found in store.drafts(interview(number))? {
            assert_eq!(found.text, draft(number), "{place}");
        }
        all &= store.drafts(interview(number))?.len() == 1;
    }
    match store.setting::<String>("person")? {
        Some(name) => assert_eq!(name, "Aysel", "{place}"),
        None => all = false,
    }
    all &= store.document("pack")?.is_some();
    Ok(all)
}

fn fresh() -> NewDevice {
    NewDevice { device: DeviceId::from_bytes([77; 16]), signing_key: [78; 32] }
}

#[derive(Debug, Default)]
struct Tally {
    harmless: u32,
    told_at_opening: u32,
    told_at_reading: u32,
    last_transaction: u32,
    salvaged: u32,
    as_before: u32,
    complete: u32,
    unreadable: u32,
    unsent_lost: usize,
    unsent: usize,
}

#[test]
fn rot_anywhere_is_found_out_or_harmless_and_what_can_be_read_is_salvaged() {
    let whole = files();
    let mut tally = Tally::default();
    // Rot that does no harm is rare: so many places are tried that there is some.
    let part = seeds(SEEDS).into_iter().step_by(one_of().div_ceil(2));
    let tried = u32::try_from(part.len()).unwrap();
    for seed in part {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut harmed = whole.clone();
        let place = format!("seed {seed}, {}", harm(&mut harmed, &mut dice));
        let folder = tempfile::tempdir().unwrap();
        put(&harmed, folder.path());
        let path = file(folder.path());
        let told = match Store::open(&path, &key(), &[]) {
            Err(OpenError::Damaged(_) | OpenError::WrongKey) => {
                tally.told_at_opening += 1;
                true
            }
            Err(error) => panic!("{place}: {error:?}"),
            Ok(store) => match (read(&store, &place), store.check()) {
                (Ok(true), Ok(())) => {
                    tally.harmless += 1;
                    false
                }
                (_, Err(StoreError::Damaged(_)) | Ok(()))
                    if matches!(read(&store, &place), Err(StoreError::Damaged(_))) =>
                {
                    tally.told_at_reading += 1;
                    true
                }
                (_, Err(StoreError::Damaged(_))) => {
                    tally.told_at_reading += 1;
                    true
                }
                // A cut or a rotten end of the write-ahead log looks like a power cut; see `wal`. A page of zeros may lie over
                // the end of one transaction and the begin of the next.
                (Ok(false), Ok(())) if place.contains("wal") => {
                    tally.last_transaction += 1;
                    let there = answers(&store).unwrap().len();
                    assert!(place.contains("cut at") || there + 2 >= HOME + IN_LOG, "{place}: {there}");
                    false
                }
                (read, check) => panic!("{place}: {read:?}, {check:?}"),
            },
        };
        if told {
            salvaged(&harmed, &place, &mut tally);
        }
    }
    println!("{tally:?}");
    assert!(tally.harmless > 0 && tally.told_at_opening * 13 > tried && tally.told_at_reading * 13 > tried);
    assert!(tally.salvaged * 5 > tried);
    assert!(tally.unsent_lost * 20 < tally.unsent, "more than 5 % of unsent entries were lost: {tally:?}");
}

fn salvaged(harmed: &Files, place: &str, tally: &mut Tally) {
    let folder = tempfile::tempdir().unwrap();
    put(harmed, folder.path());
    let into = folder.path().join("new.db");
    let done = match Store::salvage(&file(folder.path()), &into, &key(), &fresh()) {
        Ok(done) => done,
        Err(OpenError::Damaged(_)) => {
            tally.unreadable += 1;
            return;
        }
        Err(error) => panic!("{place}: {error:?}"),
    };
    for (name, bytes) in harmed {
        assert!(std::fs::read(folder.path().join(name)).unwrap() == *bytes, "{place}: {name} was changed");
    }
    let names: BTreeSet<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["kend.db", "kend.db-wal", "new.db"].map(str::to_owned).into(), "{place}");
    let mut store = Store::open(&into, &key(), &[]).unwrap();
    assert_eq!(work::sound(&store), Ok(()), "{place}");
    let all = read(&store, place).unwrap();
    tally.salvaged += 1;
    tally.as_before += u32::from(done.same_device);
    tally.complete += u32::from(all);
    assert!(all || done.incomplete || !done.same_device || place.contains("wal"), "{place}: {done:?}");
    if done.same_device {
        // It would give numbers a second time that are in the world already. A cut can't be told from a power cut.
        let there = answers(&store).unwrap().len();
        assert!(there == HOME + IN_LOG || place.contains("wal: cut at"), "{place}: {done:?}, {there}");
        assert_eq!(store.device(), work::phone().device);
    } else {
        assert_eq!(store.device(), fresh().device);
    }
    let there = answers(&store).unwrap();
    let unsent = usize::try_from(ACKNOWLEDGED).unwrap()..HOME + IN_LOG;
    if !place.contains("cut at") {
        tally.unsent += unsent.len();
        tally.unsent_lost += unsent.filter(|number| !there.contains_key(number)).count();
    }
    store.append(entry(interview(10), vec![set("a/after", "goes on")])).unwrap();
}

#[test]
fn a_salvaged_store_goes_on_with_the_hub_as_if_nothing_had_been() {
    let whole = files();
    let hub_folder = tempfile::tempdir().unwrap();
    let hub_device = NewDevice { device: DeviceId::from_bytes([90; 16]), signing_key: [91; 32] };
    for (same_device, at) in [(true, None), (false, Some(()))] {
        let folder = tempfile::tempdir().unwrap();
        put(&whole, folder.path());
        let path = file(folder.path());
        // The hub has what was acknowledged.
        let hub_file = hub_folder.path().join(format!("{same_device}.db"));
        let mut hub = Store::create(&hub_file, &key(), &hub_device, &[]).unwrap();
        let mut phone = Store::open(&path, &key(), &[]).unwrap();
        let log = LogId { device: phone.device(), scope: work::scope() };
        let known = |store: &Store| kend_store::Device {
            device: store.device(),
            public_key: store.public_key(),
            person: person(),
            scopes: vec![work::scope()],
        };
        hub.put_device(&known(&phone)).unwrap();
        for segment in phone.segments_to_send(&log, 0, usize::MAX, Addressee::Anybody).unwrap() {
            hub.receive(&segment.bytes, &kend_store::OwnScopes).unwrap();
        }
        let more = phone.append(entry(interview(10), vec![set("a/unsent", "only here")])).unwrap();
        if at.is_some() {
            // An entry in the middle that can't be read any more: its page is lost.
            phone.connection().execute("UPDATE entry SET slots = x'00' WHERE seq = 20", []).unwrap();
        }
        drop(phone);
        let into = folder.path().join("new.db");
        let done = Store::salvage(&path, &into, &key(), &fresh()).unwrap();
        assert_eq!(done.same_device, same_device, "{done:?}");
        let mut phone = Store::open(&into, &key(), &[]).unwrap();
        hub.put_device(&known(&phone)).unwrap();
        phone.put_device(&known(&hub)).unwrap();
        // Both ways, as an exchange does.
        let mut forks = 0;
        for _ in 0..2 {
            let up = phone.segments_after(&work::scope(), 0, None, usize::MAX, Addressee::Holder).unwrap().segments;
            for segment in &up {
                forks += u32::from(matches!(
                    hub.receive(&segment.bytes, &kend_store::OwnScopes).unwrap(),
                    kend_store::Received::Fork { .. } | kend_store::Received::SetAside { .. }
                ));
            }
            let down = hub.segments_after(&work::scope(), 0, None, usize::MAX, Addressee::Holder).unwrap().segments;
            for segment in &down {
                forks += u32::from(matches!(
                    phone.receive(&segment.bytes, &kend_store::OwnScopes).unwrap(),
                    kend_store::Received::Fork { .. } | kend_store::Received::SetAside { .. }
                ));
            }
        }
        assert_eq!(forks, 0, "same device: {same_device}");
        for store in [&phone, &hub] {
            assert_eq!(answers(store).unwrap().len(), HOME + IN_LOG, "same device: {same_device}");
            let state = store.entity(interview(10)).unwrap().unwrap();
            assert_eq!(state.value("a/unsent"), Some(&Value::text("only here")));
        }
        assert!(more.dot.seq > ACKNOWLEDGED);
        let same =
            |id: EntityId| phone.entity(id).unwrap().unwrap().to_bytes() == hub.entity(id).unwrap().unwrap().to_bytes();
        assert!((0..4).all(|number| same(interview(10 + number))));
    }
}

#[test]
fn a_zeroed_end_of_a_long_text_is_found_out_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let mut store = Store::create(&path, &key(), &work::phone(), &[]).unwrap();
    let long = note(1, 40_000);
    store.append(entry(interview(10), vec![set("a/notes", &long)])).unwrap();
    store.keep_draft(interview(10), &"a/typed".parse().unwrap(), person(), &long).unwrap();
    let refused = store.keep_draft(interview(10), &"a/typed".parse().unwrap(), person(), "a\0b");
    assert!(matches!(refused, Err(StoreError::Entry(_))));
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut wiped = whole.clone();
        wiped[page * 4096..(page + 1) * 4096].fill(0);
        std::fs::write(&path, wiped).unwrap();
        let Ok(store) = Store::open(&path, &key(), &[]) else { continue };
        if let Ok(Some(state)) = store.entity(interview(10)) {
            assert_eq!(state.value("a/notes"), Some(&Value::text(&long)), "page {page}");
        }
        if let Ok(history) = store.history(interview(10)) {
            for op in history.iter().flat_map(|chained| chained.entry.ops()) {
                assert!(matches!(op, Op::Set { value, .. } if *value == Value::text(&long)), "page {page}");
            }
        }
        for draft in store.drafts(interview(10)).unwrap_or_default() {
            assert_eq!(draft.text, long, "page {page}");
        }
    }
}

#[test]
fn any_flipped_bit_of_a_key_file_is_found_out() {
    let key_file = KeyFile::seal(&key(), "səkkiz hərf", &KeyFileSeeds { salt: [1; 16], nonce: [2; 24] }).unwrap();
    let text = key_file.to_json();
    let mut opened = 0;
    for seed in seeds(40) {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut bytes = text.clone().into_bytes();
        let at = dice.random_range(0..bytes.len());
        bytes[at] ^= 1 << dice.random_range(0..8);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        match KeyFile::from_json(&text).and_then(|file| file.open("səkkiz hərf")) {
            // Layout and the case of digits mean nothing.
            Ok(key) => {
                opened += 1;
                let folder = tempfile::tempdir().unwrap();
                Store::create(&file(folder.path()), &key, &work::phone(), &[]).unwrap();
                Store::open(&file(folder.path()), &work::key(), &[]).unwrap();
            }
            Err(VaultError::WrongPassphrase | VaultError::Damaged | VaultError::Newer(_)) => (),
        }
    }
    assert!(opened < 20);
}
