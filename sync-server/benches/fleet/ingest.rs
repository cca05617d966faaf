//! What taking in costs, beside the least that `SQLite` could do with the same answers: insert them as rows into a table
//! with a key, a device's in one transaction, with the same pragmas and the same cipher.
//!
//! Turn by turn in one run. Taking in is all that a hub does with a segment: read, verify (on the second core, as the hub
//! does), fold, and write log and projection, durable before the next; a device's in one transaction. Then all is folded
//! anew, which has to be no slower and to leave the same. The bars: 0.30 of the bare rows in plain `SQLite`, 0.25 in
//! `SQLCipher`, 1.0 for the fold anew beside the taking in.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use kend_domain::{DeviceId, PersonId};
use kend_store::rusqlite::Connection;
use kend_store::{Arrival, DatabaseKey, Device, NewDevice, OwnScopes, Received, Store};
use tempfile::TempDir;

use crate::made::{self, Made};
use crate::work::{self, Rows};
use crate::{Failed, figure, now};

/// Devices, when none are asked for.
pub(crate) const DEVICES: u32 = 120;
const TURNS: u32 = 4;
const BAR_REFOLD: f64 = 1.0;
/// Devices whose segments are read ahead.
const AHEAD: usize = 4;
const KEY: [u8; 32] = [6; 32];

/// One way to keep a file.
struct Kind {
    name: &'static str,
    encrypted: bool,
    bar: f64,
}

const ENCRYPTED: Kind = Kind { name: "SQLCipher", encrypted: true, bar: 0.25 };
const PLAIN: Kind = Kind { name: "SQLite", encrypted: false, bar: 0.30 };

/// The bare rows and the store of one kind, and the time that each took.
struct Pair {
    kind: Kind,
    rows: Connection,
    store: Store,
    rows_seconds: f64,
    store_seconds: f64,
}

impl Pair {
    fn new(kind: Kind, folder: &Path) -> Result<Self, Failed> {
        let rows = Connection::open(folder.join(format!("{}.rows", kind.name)))?;
        if kind.encrypted {
            let key = "06".repeat(48);
            rows.execute_batch(&format!("PRAGMA key = \"x'{key}'\""))?;
        }
        rows.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        rows.execute_batch("PRAGMA synchronous = FULL")?;
        rows.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
        rows.query_row("PRAGMA wal_autocheckpoint = 2000", [], |_| Ok(()))?;
        rows.execute_batch(
            "CREATE TABLE answer (device BLOB NOT NULL, entity BLOB NOT NULL, path TEXT NOT NULL, seq INTEGER NOT NULL,
               value TEXT NOT NULL, PRIMARY KEY (entity, path, device, seq)) STRICT, WITHOUT ROWID",
        )?;
        let hub = NewDevice { device: DeviceId::from_bytes([1; 16]), signing_key: [2; 32] };
        let mut store = open(&kind, &folder.join(format!("{}.db", kind.name)), &hub)?;
        // As a hub does.
        store.pass_on()?;
        Ok(Self { kind, rows, store, rows_seconds: 0.0, store_seconds: 0.0 })
    }

    fn insert(&mut self, devices: &[(u32, Rows)]) -> Result<(), Failed> {
        let began = now();
        for (number, rows) in devices {
            let transaction = self.rows.transaction()?;
            {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO answer (device, entity, path, seq, value) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?;
                let device = work::id(*number);
                let columns = rows.entities.iter().zip(&rows.paths).zip(&rows.seqs).zip(&rows.values);
                for (((entity, path), seq), value) in columns {
                    insert.execute((device, entity, path, seq, value))?;
                }
            }
            transaction.commit()?;
        }
        self.rows_seconds += began.elapsed().as_secs_f64();
        Ok(())
    }

    fn take_in(&mut self, devices: &[Made]) -> Result<(), Failed> {
        for made in devices {
            let person = PersonId::from_bytes(*made.device.as_bytes());
            let scopes = vec![made.scope.clone()];
            self.store.put_device(&Device { device: made.device, public_key: made.key(), person, scopes })?;
        }
        let began = now();
        std::thread::scope(|scope| -> Result<(), Failed> {
            let (read, reads) = sync_channel(AHEAD);
            scope.spawn(move || {
                for made in devices {
                    let key = made.key();
                    let arrival = |bytes: &[u8]| {
                        let mut arrival = Arrival::read(bytes)?;
                        arrival.verify(&key).then_some(arrival)
                    };
                    let arrivals: Vec<_> = made.segments.iter().map(|packed| arrival(&packed.bytes)).collect();
                    if read.send((made, arrivals)).is_err() {
                        return;
                    }
                }
            });
            for (made, arrivals) in reads {
                self.store.begin()?;
                for (packed, arrival) in made.segments.iter().zip(arrivals) {
                    match self.store.receive_read(&packed.bytes, arrival, &OwnScopes)? {
                        Received::Appended { .. } => {}
                        other => return Err(format!("{other:?}").into()),
                    }
                }
                self.store.commit()?;
            }
            Ok(())
        })?;
        self.store_seconds += began.elapsed().as_secs_f64();
        Ok(())
    }

    /// Folds all anew; how long that took.
    fn refold(&mut self, devices: &[Made]) -> Result<Duration, Failed> {
        let digests = |store: &Store| -> Result<Vec<[u8; 16]>, Failed> {
            devices.iter().map(|made| Ok(store.digest(&made.scope)?)).collect()
        };
        let before = digests(&self.store)?;
        let began = now();
        self.store.rebuild()?;
        let took = began.elapsed();
        // Every entity is folded once more beside, and compared.
        self.store.verify()?;
        if digests(&self.store)? == before && devices.iter().map(|made| made.digest).eq(before) {
            Ok(took)
        } else {
            Err("folded anew it is not the same".into())
        }
    }
}

#[cfg(feature = "unencrypted")]
fn kinds() -> Vec<Kind> {
    vec![PLAIN, ENCRYPTED]
}

#[cfg(not(feature = "unencrypted"))]
fn kinds() -> Vec<Kind> {
    println!("{} is left out: it needs --features unencrypted", PLAIN.name);
    vec![ENCRYPTED]
}

fn open(kind: &Kind, path: &Path, hub: &NewDevice) -> Result<Store, Failed> {
    #[cfg(feature = "unencrypted")]
    if !kind.encrypted {
        return Ok(Store::create_unencrypted(path, hub, &[])?);
    }
    debug_assert!(kind.encrypted, "the other needs the feature");
    Ok(Store::create(path, &DatabaseKey::from_bytes(KEY), hub, &[])?)
}

/// Measures, and says whether the bars are met.
pub(crate) fn measure(devices: u32) -> Result<(), Failed> {
    let folder = TempDir::new()?;
    let words = work::words();
    let made = made::make(0..devices)?;
    let mut pairs = kinds().into_iter().map(|kind| Pair::new(kind, folder.path())).collect::<Result<Vec<_>, _>>()?;
    let mut rows = 0;
    for turn in 0..TURNS {
        let numbers = turn * devices / TURNS..(turn + 1) * devices / TURNS;
        let range = usize::try_from(numbers.start)?..usize::try_from(numbers.end)?;
        let of_turn = made.get(range).unwrap_or_default();
        let beside: Vec<(u32, Rows)> = numbers.map(|number| (number, Rows::of(number, &words))).collect();
        rows += beside.iter().map(|(_, rows)| rows.seqs.len()).sum::<usize>();
        for pair in &mut pairs {
            // What the disk did just before is part of a time: each comes first equally often.
            if turn.is_multiple_of(2) {
                pair.insert(&beside)?;
                pair.take_in(of_turn)?;
            } else {
                pair.take_in(of_turn)?;
                pair.insert(&beside)?;
            }
        }
    }
    println!("{devices} devices, {rows} answers           answers/s   ratio    bar");
    let mut met = true;
    for mut pair in pairs {
        let refold_seconds = pair.refold(&made)?.as_secs_f64();
        let Kind { name, bar, .. } = pair.kind;
        let (ratio, refold) = (pair.rows_seconds / pair.store_seconds, pair.store_seconds / refold_seconds);
        println!("{name:<9}  bare rows                {:10.0}", figure(rows) / pair.rows_seconds);
        println!("           taken in                 {:10.0}{ratio:8.2}{bar:7.2}", figure(rows) / pair.store_seconds);
        println!(
            "           folded anew              {:10.0}{refold:8.2}{BAR_REFOLD:7.2}",
            figure(rows) / refold_seconds
        );
        met &= ratio >= bar && refold >= BAR_REFOLD;
    }
    println!("bars: {}", if met { "met" } else { "NOT met" });
    if met { Ok(()) } else { Err("it takes in too slowly".into()) }
}
