//! After an erasure no file of anybody holds what was erased: two devices, hub, backup, bundles.
//!
//! Files are looked at twice: as they lie on the disk, encrypted, and with everything in them decrypted by its owner's key.
//! Before the erasure the second look finds the marker in each of them, so the looks themselves are tested.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use kend_app::Suggestion;
use kend_bundle::{Reader, Record, SealKey};
use kend_log::Segment;
use kend_machine::Desktop;
use kend_store::{DatabaseKey, KeyFile, Store};
use kend_tests::{Hub, Stage, play};
use serde_json::{Value, json};

/// Stands nowhere but in the answer that is erased.
const MARKER: &str = "QIRMIZI-NISAN-7341";
const PASSPHRASE: &str = "qırx çinar kölgəsi";

#[test]
fn after_an_erasure_no_file_of_devices_hub_backup_or_bundles_holds_what_was_erased() {
    play(async |stage| {
        let hub = stage.hub()?;
        let (aysel, leyla) = (stage.folder("aysel")?, stage.folder("leyla")?);
        let people = [(&aysel, "Aysel", "enumerator"), (&leyla, "Leyla", "supervisor")];
        let [first, second] = {
            let mut devices = Vec::new();
            for (folder, name, role) in people {
                devices.push(joined(folder, &hub, name, role).await?);
            }
            <[Desktop; 2]>::try_from(devices).map_err(|_| anyhow!("two devices"))?
        };

        let interview = marked(&first).await?;
        call(&first, "sync", json!({})).await?;
        call(&second, "sync", json!({})).await?;
        // Once more under the hand, and not handed in: what is being typed, and an answer that waits.
        record(&second, &interview, "digital_skills", &format!("{MARKER} waits")).await?;
        call(&second, "keep_draft", json!({ "interview": interview, "path": "digital_peak", "text": MARKER })).await?;

        let before = bundles_and_backup(stage, &hub, &second, "before").await?;
        let seal_key = second.seal_key()?;
        drop((first, second));
        for (what, holds) in looks(stage, &aysel, &leyla, &hub, &before, &seal_key)? {
            ensure!(holds, "{what} should hold the marker before the erasure");
        }

        let (first, second) = (opened(&aysel).await?, opened(&leyla).await?);
        call(&second, "erase_interview", json!({ "interview": interview })).await?;
        for device in [&second, &first, &second] {
            call(device, "sync", json!({})).await?;
        }
        // The devices confirm what they were told with their next exchange.
        let status: Value = serde_json::from_str(&hub.files.command(&["status", "--json"])?)?;
        ensure!(status.get("erasures_unconfirmed") == Some(&json!([])), "not all have confirmed: {status}");
        // As the guide says: backups and sticks of before are thrown away.
        fs::remove_dir_all(&before)?;
        let after = bundles_and_backup(stage, &hub, &second, "after").await?;
        drop((first, second));
        for (what, holds) in looks(stage, &aysel, &leyla, &hub, &after, &seal_key)? {
            ensure!(!holds, "{what} holds the marker after the erasure");
        }
        drop(hub);
        let files = files_below(&stage.folder("")?)?;
        for file in &files {
            ensure!(!contains(&fs::read(file)?), "{} holds the marker", file.display());
        }
        println!("{} files of devices, hub, backup and bundles: no trace", files.len());
        Ok(())
    });
}

async fn call(device: &Desktop, command: &str, request: Value) -> Result<Value> {
    device.call(command, request).await.map_err(|error| anyhow!("{command}: {error}"))
}

async fn joined(folder: &Path, hub: &Hub, name: &str, role: &str) -> Result<Desktop> {
    let device = Desktop::open(folder.to_owned(), Suggestion::default())?;
    let code = hub.files.enrol(name, role, "AZ-TOV")?;
    call(&device, "create_store", json!({ "passphrase": PASSPHRASE, "name": name, "language": "az" })).await?;
    call(&device, "join_hub", json!({ "address": hub.address(), "code": code })).await?;
    Ok(device)
}

async fn opened(folder: &Path) -> Result<Desktop> {
    let device = Desktop::open(folder.to_owned(), Suggestion::default())?;
    call(&device, "unlock", json!({ "passphrase": PASSPHRASE })).await?;
    Ok(device)
}

async fn record(device: &Desktop, interview: &str, path: &str, value: &str) -> Result<Value> {
    call(device, "record_answer", json!({ "interview": interview, "path": path, "value": value })).await
}

/// An interview with the marker in what an answer was, and is.
async fn marked(device: &Desktop) -> Result<String> {
    let villages = call(device, "list_villages", json!({})).await?;
    let village = villages.pointer("/0/village").context("no village")?;
    let begun = call(device, "start_interview", json!({ "village": village, "kind": "fgd", "language": "az" })).await?;
    let interview = begun.pointer("/summary/interview").and_then(Value::as_str).context("no interview")?.to_owned();
    for (path, value) in [("consent_take_part", "yes"), ("digital_discussed", "yes")] {
        record(device, &interview, path, value).await?;
    }
    for words in ["as it was first", "as it is now"] {
        record(device, &interview, "digital_notes", &format!("{MARKER} {words}")).await?;
    }
    Ok(interview)
}

/// A folder with a backup of the hub, the bundle that a device gives, and what the hub gives this device.
async fn bundles_and_backup(stage: &Stage, hub: &Hub, device: &Desktop, name: &str) -> Result<PathBuf> {
    let folder = stage.folder(name)?;
    for made in ["given", "brought"] {
        fs::create_dir(folder.join(made))?;
    }
    hub.files.command(&["backup", path_text(&folder.join("backup"))?])?;
    call(device, "pass_on_by_file", json!({ "folder": folder.join("given") })).await?;
    hub.files.command(&["bundle", "export", "--scope", "demo/AZ-TOV", "--out", path_text(&folder.join("brought"))?])?;
    Ok(folder)
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}

/// Everything that its owner can read, and whether the marker is in it.
fn looks(
    stage: &Stage,
    aysel: &Path,
    leyla: &Path,
    hub: &Hub,
    made: &Path,
    leylas_key: &SealKey,
) -> Result<Vec<(&'static str, bool)>> {
    let hub_key = hub_key(&hub.files.data)?;
    let hubs_seal_key = {
        let store = Store::open(&hub.files.data.join("hub.db"), &hub_key, &[])?;
        SealKey::from_bytes(&store.derived_key(SealKey::CONTEXT))
    };
    let plain = stage.folder("")?.join("plain.db");
    Ok(vec![
        ("the enumerator's device", in_database(&aysel.join("kend.db"), &device_key(aysel)?, &plain)?),
        ("the supervisor's device", in_database(&leyla.join("kend.db"), &device_key(leyla)?, &plain)?),
        ("the hub", in_database(&hub.files.data.join("hub.db"), &hub_key, &plain)?),
        ("the hub's segments as they came", in_segments(&hub.files.data.join("hub.db"), &hub_key)?),
        ("the backup", in_database(&made.join("backup/hub.db"), &hub_key, &plain)?),
        ("the backup's segments as they came", in_segments(&made.join("backup/hub.db"), &hub_key)?),
        ("the bundle that the device gave", in_bundles(&made.join("given"), &hubs_seal_key)?),
        ("the bundle that the hub gave", in_bundles(&made.join("brought"), leylas_key)?),
    ])
}

fn device_key(folder: &Path) -> Result<DatabaseKey> {
    Ok(KeyFile::from_json(&fs::read_to_string(folder.join("kend.key"))?)?.open(PASSPHRASE)?)
}

fn hub_key(folder: &Path) -> Result<DatabaseKey> {
    let text = fs::read_to_string(folder.join("hub.key"))?;
    let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes())?;
    Ok(DatabaseKey::from_bytes(<[u8; 32]>::try_from(bytes.as_slice())?))
}

/// Whether any page of a database, decrypted, holds the marker.
fn in_database(database: &Path, key: &DatabaseKey, plain: &Path) -> Result<bool> {
    let store = Store::open(database, key, &[])?;
    // A store's connection makes no files.
    fs::write(plain, "")?;
    let connection = store.connection();
    connection.execute("ATTACH DATABASE ?1 AS plain KEY ''", [path_text(plain)?])?;
    connection.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(()))?;
    connection.execute_batch("DETACH DATABASE plain")?;
    let holds = contains(&fs::read(plain)?);
    fs::remove_file(plain)?;
    Ok(holds)
}

/// Whether any segment that a hub keeps as it came, unpacked, holds the marker.
fn in_segments(database: &Path, key: &DatabaseKey) -> Result<bool> {
    let store = Store::open(database, key, &[])?;
    let mut statement = store.connection().prepare("SELECT bytes FROM packed")?;
    let mut rows = statement.query([])?;
    let mut holds = false;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        let segment = Segment::read(&bytes, |device, seq, prefix| store.entry_before(device, seq, prefix))??;
        holds |= contains(format!("{:?}", segment.entries()).as_bytes());
    }
    Ok(holds)
}

/// Whether any entry of any volume in a folder, opened and unpacked, holds the marker.
fn in_bundles(folder: &Path, key: &SealKey) -> Result<bool> {
    let mut holds = false;
    for volume in files_below(folder)? {
        let mut reader = Reader::open(File::open(&volume)?, key).with_context(|| volume.display().to_string())?;
        while let Some(record) = reader.next_record()? {
            let Record::Segment(bytes) = record else { continue };
            let segment = Segment::from_bytes(&bytes)?;
            holds |= contains(format!("{:?}", segment.entries()).as_bytes());
        }
    }
    Ok(holds)
}

fn contains(bytes: &[u8]) -> bool {
    bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    Ok(files)
}
