//! Opening: each thing that can be wrong with a file has its own error, and nothing is changed by it.

use std::fs;

use kend_store::{DatabaseKey, KeyFile, KeyFileSeeds, Migration, NewDevice, OpenError, Store, StoreError};

use crate::common::{Kit, key};

fn written() -> (tempfile::TempDir, std::path::PathBuf) {
    let mut kit = Kit::new(1);
    for number in 0..50 {
        kit.set(&format!("a/notes_{number}"), &"uzun qeyd ".repeat(50));
    }
    let file = kit.file();
    let Kit { store, folder } = kit;
    drop(store);
    (folder, file)
}

#[test]
fn a_passphrase_opens_the_store_and_a_wrong_key_does_not() {
    let (_folder, file) = written();
    let seeds = KeyFileSeeds { salt: [1; 16], nonce: [2; 24] };
    let key_file = KeyFile::seal(&key(), "səkkiz hərf", &seeds).unwrap();
    Store::open(&file, &key_file.open("səkkiz hərf").unwrap(), &[]).unwrap();
    let before = fs::read(&file).unwrap();
    let wrong = Store::open(&file, &DatabaseKey::from_bytes([7; 32]), &[]);
    assert!(matches!(wrong, Err(OpenError::WrongKey)), "{wrong:?}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn the_file_shows_nothing_of_its_content() {
    let (_folder, file) = written();
    let bytes = fs::read(&file).unwrap();
    assert!(!crate::common::holds(&bytes, "qeyd") && !crate::common::holds(&bytes, "SQLite"));
}

#[test]
fn a_truncated_overwritten_or_missing_file_is_damage_and_no_panic() {
    for (name, damage) in [
        ("truncated", (|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)) as fn(&mut Vec<u8>)),
        ("first page", |bytes| bytes[100..2_000].fill(0)),
        ("empty", Vec::clear),
    ] {
        let (_folder, file) = written();
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        let opened = Store::open(&file, &key(), &[]);
        assert!(matches!(opened, Err(OpenError::Damaged(_))), "{name}: {opened:?}");
    }
    let missing = Store::open(&tempfile::tempdir().unwrap().path().join("kend.db"), &key(), &[]);
    assert!(matches!(&missing, Err(error @ OpenError::Io(_)) if error.is_retryable()), "{missing:?}");
}

#[test]
fn damage_in_the_middle_is_found_by_a_check() {
    let (_folder, file) = written();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    fs::write(&file, &bytes).unwrap();
    let found = match Store::open(&file, &key(), &[]) {
        Ok(store) => matches!(store.check(), Err(StoreError::Damaged(_))),
        Err(error) => matches!(error, OpenError::Damaged(_)),
    };
    assert!(found);
}

#[test]
fn a_newer_store_is_refused_and_left_as_it_is() {
    let kit = Kit::new(1);
    kit.store.connection().pragma_update(None, "user_version", 99).unwrap();
    let file = kit.file();
    let Kit { store, folder: _folder } = kit;
    drop(store);
    let opened = Store::open(&file, &key(), &[]);
    assert!(matches!(opened, Err(OpenError::Newer { found: 99, .. })), "{opened:?}");
}

#[test]
fn a_store_is_not_created_over_another() {
    let (_folder, file) = written();
    let device = NewDevice { device: kend_domain::DeviceId::from_bytes([2; 16]), signing_key: [2; 32] };
    for key in [key(), DatabaseKey::from_bytes([7; 32])] {
        let created = Store::create(&file, &key, &device, &[]);
        assert!(matches!(created, Err(OpenError::Exists)), "{created:?}");
    }
    Store::open(&file, &key(), &[]).unwrap();
}

#[test]
fn a_hub_keeps_its_own_tables_in_the_same_file_all_or_nothing() {
    const HUB: &[Migration] =
        &[Migration { version: 100, sql: "CREATE TABLE account (name TEXT PRIMARY KEY) STRICT;" }];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hub.db");
    let device = NewDevice { device: kend_domain::DeviceId::from_bytes([2; 16]), signing_key: [2; 32] };
    drop(Store::create(&file, &key(), &device, HUB).unwrap());
    let mut store = Store::open(&file, &key(), HUB).unwrap();
    let insert = |store: &mut Store, names: [&str; 2]| {
        store.transaction(|transaction| {
            for name in names {
                transaction.execute("INSERT INTO account (name) VALUES (?1)", [name]).map_err(StoreError::from)?;
            }
            Ok::<_, StoreError>(())
        })
    };
    insert(&mut store, ["Aysel", "Rauf"]).unwrap();
    assert!(insert(&mut store, ["Leyla", "Rauf"]).is_err());
    let count = |store: &Store| {
        store.connection().query_row("SELECT count(*) FROM account", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(count(&store), 2);
}
