//! `kend-hub bundle`: for whoever stands at the hub with a stick in hand. The server may run meanwhile.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context;
use clap::{ArgGroup, Args, Subcommand};
use kend_bundle::{Contents, Inspected, Reader, RecordKind, inspect, missing, name};
use kend_domain::{DeviceId, Scope};
use kend_stick::Stick;

use super::{Export, Imported, Whom, import};
use crate::hub::HubState;
use crate::{print, world};

/// What to do with bundles.
#[derive(Subcommand)]
pub(crate) enum BundleCommand {
    /// Take in what devices gave by file.
    ///
    /// Give all volumes of a bundle together, in any order. Taking in a bundle again changes nothing. Of one that is cut
    /// off or damaged, all that lies before the break is taken in, and the exit code is not 0.
    Import {
        /// The files (`NAME-1of3.kendbundle`, ...).
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Write what the hub has for devices: receipts, reviews, other people's interviews, orders.
    ///
    /// A device that takes it in knows what is safe at the server, with no network at all.
    Export {
        #[command(flatten)]
        whom: WhomArguments,
        /// The folder to write to: the stick's.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Say what is in volumes that are for this hub. Nothing is taken in.
    List {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Whom a bundle is for.
#[derive(Args)]
#[command(group = ArgGroup::new("whom").required(true))]
pub(crate) struct WhomArguments {
    /// One device, by its id: everything that it would get over a line, orders included.
    #[arg(long, group = "whom")]
    device: Option<DeviceId>,
    /// All devices of an area, such as demo/AZ-TOV, in one bundle. Orders, which are for one device each, are left out.
    #[arg(long, group = "whom")]
    scope: Option<Scope>,
}

impl BundleCommand {
    /// Carries it out.
    pub(crate) fn run(self, hub: HubState) -> anyhow::Result<()> {
        match self {
            Self::Import { files } => import_files(&Mutex::new(hub), files),
            Self::Export { whom, out } => {
                let whom = whom.device.map(Whom::Device).or(whom.scope.map(Whom::Scope));
                export(&Mutex::new(hub), whom.context("a bundle is for a device or a scope")?, &out)
            }
            Self::List { files } => list(&hub, &files),
        }
    }
}

fn import_files(hub: &Mutex<HubState>, mut files: Vec<PathBuf>) -> anyhow::Result<()> {
    // A later volume can't be taken in before an earlier one. What can't be opened says so when its turn comes.
    let key = super::lock(hub).seal_key();
    files.sort_by_cached_key(|path| {
        let header = open(path).ok().and_then(|input| Reader::open(input, &key).ok()).map(|reader| {
            let header = reader.header();
            (header.bundle, header.volume)
        });
        (header, path.clone())
    });
    let (mut broken, mut early) = (false, 0);
    for path in &files {
        let imported = import(hub, open(path)?).with_context(|| path.display().to_string())?;
        print(&format!("{}: {}", path.display(), words_of(&imported)));
        broken |= imported.broken.is_some();
        early += imported.early;
    }
    anyhow::ensure!(early == 0, "{early} segments wait for an earlier volume: give all volumes of a bundle together");
    anyhow::ensure!(!broken, "not all of it could be read; what lies before the break is taken in");
    Ok(())
}

fn words_of(imported: &Imported) -> String {
    let Imported { contents, entries, set_aside, broken, .. } = imported;
    let mut words = format!("{}; {entries} entries are new", words_of_contents(contents));
    if *set_aside > 0 {
        words = format!("{words}, {set_aside} segments were set aside");
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

fn export(hub: &Mutex<HubState>, whom: Whom, out: &Path) -> anyhow::Result<()> {
    let export = Export::new(hub, whom)?;
    let id = world::random()?;
    let name = name::of(&super::lock(hub).identity.project, &id);
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
