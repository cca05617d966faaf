//! `kend-hub bundle`: for whoever stands at the hub with a stick in hand. The server may run meanwhile.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use kend_bundle::{Contents, Inspected, Reader, RecordKind, inspect, missing, name};
use kend_stick::Stick;

use super::{Export, Imported, Whom, import};
use crate::arguments::{self, BundleCommand};
use crate::blobs::{self, Blobs};
use crate::command::print;
use crate::door::Hub;
use crate::hub::HubState;
use crate::routes::{Front, Shared};
use crate::world;

/// Carries out a command about bundles.
pub(crate) fn carry_out(command: BundleCommand) -> anyhow::Result<()> {
    match command {
        BundleCommand::Import { data, files } => import_files(data.open()?, &data.folder, files),
        BundleCommand::Export { data, whom: arguments::Whom { device, scope }, out } => {
            let whom = device.map(Whom::Device).or(scope.map(Whom::Scope));
            export(&Mutex::new(data.open()?), whom.context("a bundle is for a device or a scope")?, &out)
        }
        BundleCommand::List { data, files } => list(data.open()?.known(), &files),
    }
}

fn import_files(mut hub: Hub, data: &Path, mut files: Vec<PathBuf>) -> anyhow::Result<()> {
    // A later volume can't be taken in before an earlier one. What can't be opened says so when its turn comes.
    let key = hub.known().seal_key();
    let blobs = Blobs::open(data, hub.read(blobs::address)??.as_deref())?;
    let hub = Shared::new(hub, blobs, Front { encrypted: false, proxy: None });
    let runtime = tokio::runtime::Runtime::new()?;
    files.sort_by_cached_key(|path| {
        let header = open(path).ok().and_then(|input| Reader::open(input, &key).ok()).map(|reader| {
            let header = reader.header();
            (header.bundle, header.volume)
        });
        (header, path.clone())
    });
    let (mut broken, mut early) = (false, 0);
    for path in &files {
        let imported = import(&hub, runtime.handle(), open(path)?).with_context(|| path.display().to_string())?;
        print(&format!("{}: {}", path.display(), words_of(&imported)));
        broken |= imported.broken.is_some();
        early += imported.early;
    }
    anyhow::ensure!(early == 0, "{early} segments wait for an earlier volume: give all volumes of a bundle together");
    anyhow::ensure!(!broken, "not all of it could be read; what lies before the break is taken in");
    Ok(())
}

fn words_of(imported: &Imported) -> String {
    let Imported { contents, entries, set_aside, blobs, broken, .. } = imported;
    let mut words = format!("{}; {entries} entries are new", words_of_contents(contents));
    if *set_aside > 0 {
        words = format!("{words}, {set_aside} segments were set aside");
    }
    if blobs.new > 0 {
        words = format!("{words}, {} recordings and pictures are new", blobs.new);
    }
    if blobs.refused > 0 {
        words = format!("{words}, {} recordings and pictures were refused", blobs.refused);
    }
    if let Some(broken) = broken {
        words = format!("{words}; {broken}");
    }
    words
}

fn words_of_contents(contents: &Contents) -> String {
    format!(
        "{} interviews, {} recordings and pictures, {} receipts, {} orders",
        contents.interviews(),
        contents.blobs(),
        contents.records(RecordKind::Receipt),
        contents.records(RecordKind::Order)
    )
}

fn export(hub: &Mutex<Hub>, whom: Whom, out: &Path) -> anyhow::Result<()> {
    let export = Export::new(hub, whom)?;
    let id = world::random()?;
    let name = name::of(&super::lock(hub).known().identity.project, &id);
    let stick = Stick::new(out, &name, export.size_bytes()?, Arc::default())?;
    let (_, contents, stick) = export.write(id, stick)?;
    for path in stick.finish()? {
        print(&path.display().to_string());
    }
    print(&words_of_contents(&contents));
    Ok(())
}

fn list(hub: &HubState, files: &[PathBuf]) -> anyhow::Result<()> {
    let key = hub.seal_key();
    let mut all: Vec<Inspected> = Vec::new();
    for path in files {
        let inspected = inspect(open(path)?, &key).with_context(|| path.display().to_string())?;
        print(&format!("{}\n{inspected}", path.display()));
        all.push(inspected);
    }
    anyhow::ensure!(missing(&all).is_empty(), "volumes are missing");
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    File::open(path).map(BufReader::new).with_context(|| path.display().to_string())
}
