//! A real device in the field: the shipped folder, store, network and use cases, driven as the app drives them.
//!
//! Its interviews are made up, and kept entry by entry as the app keeps them, by a second connection to its store.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use kend_app::Suggestion;
use kend_domain::{EntityId, PersonId, Scope};
use kend_log::{Anchor, EntityKind, LogId, Op, Said};
use kend_machine::Desktop;
use kend_store::{Addressee, Append, KeyFile, Store};
use kend_wire::{Dice, Given, Instrument, Interview, Profile, Texts};
use serde_json::{Value, json};

const PASSPHRASE: &str = "şamaxı üzümü";
/// The area that it works in.
pub(crate) const AREA: &str = "AZ-QBA";

/// A device that has joined.
pub(crate) struct Device {
    folder: PathBuf,
    desktop: Option<Arc<Desktop>>,
    store: Store,
    scope: Scope,
    actor: PersonId,
    said: Said,
    dice: Dice,
}

impl Device {
    /// A new device that joins by a hub's joining words.
    pub(crate) async fn join(folder: PathBuf, joining: &str, seed: u64) -> Result<Self> {
        let desktop = Desktop::open(folder.clone(), Suggestion::default())?;
        call(&desktop, "create_store", json!({ "passphrase": PASSPHRASE, "name": "Aysel", "language": "az" })).await?;
        call(&desktop, "join_hub", json!({ "address": joining, "code": "" })).await?;
        let key = KeyFile::from_json(&std::fs::read_to_string(folder.join("kend.key"))?)?.open(PASSPHRASE)?;
        let store = Store::open(&folder.join("kend.db"), &key, &[])?;
        let certificate = kend_sync::own_certificate(&store)?.context("no certificate")?;
        let mut dice = Dice::new(seed);
        let anchor = Anchor { id: dice.id(), hub_ms: 1_795_000_000_000, monotonic_ms: 60_000 };
        let said = Said { wall_ms: 1_795_000_001_000, monotonic_ms: 61_000, boot: dice.id(), anchor: Some(anchor) };
        let scope = format!("{}/{AREA}", certificate.project).parse()?;
        Ok(Self { folder, desktop: Some(Arc::new(desktop)), store, scope, actor: certificate.person, said, dice })
    }

    /// Makes up so many interviews with much text, as they would be sent by any tool.
    pub(crate) fn make_up(&mut self, count: usize) -> Result<Vec<Interview>> {
        let (instrument, mut texts) = (Instrument::fgd()?, Texts::measured("az")?);
        let make = |_| Interview::make(&instrument, Profile::TextHeavy, "az", &mut texts, &mut self.dice);
        Ok((0..count).map(make).collect())
    }

    /// Keeps interviews. All are durable when this returns.
    pub(crate) fn keep(&mut self, interviews: &[Interview]) -> Result<()> {
        for interview in interviews {
            let entity = EntityId::from_bytes(self.dice.id());
            let mut given = Given::default();
            for ops in interview.entries() {
                self.keep_entry(entity, &mut given, ops)?;
            }
        }
        Ok(())
    }

    fn keep_entry(&mut self, entity: EntityId, given: &mut Given, ops: Vec<Op>) -> Result<()> {
        let passed_s = self.dice.between(2, 60);
        self.said.monotonic_ms += passed_s * 1_000;
        self.said.wall_ms += i64::try_from(passed_s)? * 1_000;
        let log = LogId { device: self.store.device(), scope: self.scope.clone() };
        let seq = self.store.log_head(&log)?.map_or(1, |(last, _)| last + 1);
        let ops = given.name(ops, self.said.instance(log.device, entity, seq))?;
        self.store.append(Append {
            scope: self.scope.clone(),
            entity,
            kind: EntityKind::Interview,
            actor: self.actor,
            ops,
            said: self.said,
            form_version: 1,
            seen: None,
            ends_drafts: Vec::new(),
            salt: self.dice.id(),
        })?;
        Ok(())
    }

    /// One exchange, as by a tap on *sync now*.
    pub(crate) async fn sync(&self) -> Result<Value> {
        call(self.desktop.as_ref().context("the app is closed")?, "sync", json!({})).await
    }

    /// One exchange after which nothing waits.
    pub(crate) async fn sync_all(&self) -> Result<()> {
        let view = self.sync().await?;
        ensure!(self.waiting()? == 0, "not all was acknowledged: {view}");
        Ok(())
    }

    /// Entries that the hub has not acknowledged, as the store knows.
    pub(crate) fn waiting(&self) -> Result<u32> {
        Ok(self.store.unacknowledged()?.entries())
    }

    /// Entries of its own log.
    pub(crate) fn entries(&self) -> Result<u64> {
        let own = self.store.logs()?.into_iter().find(|head| head.log.device == self.store.device());
        Ok(own.map_or(0, |head| head.seq))
    }

    /// The app, for what runs in the background.
    pub(crate) fn desktop(&self) -> Result<Arc<Desktop>> {
        self.desktop.clone().context("the app is closed")
    }

    /// Its log.
    pub(crate) fn log(&self) -> LogId {
        LogId { device: self.store.device(), scope: self.scope.clone() }
    }

    /// What all of its log weighs, as it is sent.
    pub(crate) fn sent_bytes(&mut self) -> Result<usize> {
        let log = self.log();
        Ok(self
            .store
            .segments_to_send(&log, 0, usize::MAX, Addressee::Holder)?
            .iter()
            .map(|segment| segment.bytes.len())
            .sum())
    }

    /// The app is closed and opened again: no connection is left.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        // The folder has one owner.
        self.desktop = None;
        let desktop = Desktop::open(self.folder.clone(), Suggestion::default())?;
        call(&desktop, "unlock", json!({ "passphrase": PASSPHRASE })).await?;
        self.desktop = Some(Arc::new(desktop));
        Ok(())
    }
}

async fn call(device: &Desktop, command: &str, request: Value) -> Result<Value> {
    device.call(command, request).await.map_err(|error| anyhow!("{command}: {error}"))
}
