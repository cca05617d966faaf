//! A line that dies every few seconds, and a device that passes on what waits by itself.
//!
//! Asked is that every contact that lasts long enough brings something onto the hub's disk, that nothing acknowledged is
//! missing there, and that in the end all is through, with little sent twice.

use std::ops::RangeInclusive;
use std::time::Duration;

use anyhow::{Result, ensure};
use kend_tests::{Deadline, Stopwatch};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::device::Device;
use crate::direction::Quality;
use crate::gate::Death;
use crate::line::FIELD;
use crate::stage::Stage;

/// What is played.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Interviews with much text, kept while there was no line.
    pub(crate) interviews: usize,
    /// The line while it lives.
    pub(crate) quality: Quality,
    /// How long it lives, in milliseconds.
    pub(crate) lives_ms: RangeInclusive<u64>,
    /// How long it is dead then.
    pub(crate) dead_ms: RangeInclusive<u64>,
    /// A contact that lasts so long has to bring something: a dead connection was given up, a new one made, and a segment
    /// sent and answered.
    pub(crate) long_enough: Duration,
    /// When all has to be through.
    pub(crate) limit: Duration,
}

impl Plan {
    /// EDGE in bad weather that dies every 1 to 60 seconds.
    pub(crate) fn long(interviews: usize) -> Self {
        Self {
            interviews,
            quality: Quality::LOSSY_EDGE,
            lives_ms: 1_000..=60_000,
            dead_ms: 1_000..=30_000,
            long_enough: Duration::from_secs(25),
            limit: Duration::from_hours(1),
        }
    }

    /// The same in small, for a test: a line of three times the speed that dies every 2 to 12 seconds.
    pub(crate) fn short() -> Self {
        let round_trip = Duration::from_millis(270);
        Self {
            interviews: 20,
            quality: Quality { round_trip, bits_per_s: Some(180_000), loss: 0.02 },
            lives_ms: 2_000..=12_000,
            dead_ms: 500..=3_000,
            // No contact is that long here: how long a dead connection is waited for is not in small.
            long_enough: Duration::from_secs(25),
            limit: Duration::from_mins(4),
        }
    }
}

/// A contact.
struct Contact {
    lived: Duration,
    death: Death,
    /// Entries that the hub had on its disk at its end, and how many of them came in it.
    at_hub: u64,
    brought: u64,
    /// Entries that the device knew to be there.
    known: u64,
}

/// Plays it to its end.
pub(crate) async fn play(plan: &Plan, seed: u64) -> Result<()> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let stage = Stage::set_up(seed)?;
    let mut device = stage.device("device", seed).await?;
    let interviews = device.make_up(plan.interviews)?;
    device.keep(&interviews)?;
    let entries = device.entries()?;
    stage.line.die(Death::Reset);
    stage.line.set_quality(plan.quality);
    let (app, log) = (device.desktop()?, device.log());
    let before = stage.line.carried();
    let background = tokio::spawn(async move { app.keep_passing_on().await });
    let (watch, limit) = (Stopwatch::start(), Deadline::after(plan.limit));
    let mut contacts: Vec<Contact> = Vec::new();
    println!("contact  lived s  death    at hub  brought    known   of {entries} entries");
    loop {
        tokio::time::sleep(Duration::from_millis(dice.random_range(plan.dead_ms.clone()))).await;
        let lives = Duration::from_millis(dice.random_range(plan.lives_ms.clone()));
        let death = *Death::ALL.choose(&mut dice).unwrap_or(&Death::Spot);
        let had = contacts.last().map_or(0, |last| last.at_hub);
        let contact = Stopwatch::start();
        stage.line.revive();
        wait(lives, &device).await?;
        stage.line.die(death);
        // The device is asked first: what it knows must be there.
        let known = entries - u64::from(device.waiting()?);
        let at_hub = stage.at_hub(&log)?;
        let contact = Contact { lived: contact.elapsed(), death, at_hub, brought: at_hub.saturating_sub(had), known };
        contact.print(contacts.len() + 1);
        ensure!(at_hub >= had, "the hub had {had} entries and has {at_hub}");
        ensure!(known <= at_hub, "the device takes {known} entries for copied and the hub has {at_hub}");
        contacts.push(contact);
        if known == entries {
            break;
        }
        ensure!(!limit.has_passed(), "{known} of {entries} entries after {:.0} s", watch.elapsed().as_secs_f64());
    }
    background.abort();
    let after = stage.line.carried();
    sum_up(plan, &contacts, &mut device, watch.elapsed(), after[FIELD].bytes - before[FIELD].bytes)
}

/// Until the line is to die, or nothing waits any more.
async fn wait(lives: Duration, device: &Device) -> Result<()> {
    let deadline = Deadline::after(lives);
    while !deadline.has_passed() && device.waiting()? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

impl Contact {
    fn print(&self, number: usize) {
        let Self { lived, death, at_hub, brought, known } = self;
        println!("{number:7} {:8.1}  {:<8}{at_hub:7} {brought:8} {known:8}", lived.as_secs_f64(), death.word());
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn sum_up(plan: &Plan, contacts: &[Contact], device: &mut Device, took: Duration, carried_bytes: u64) -> Result<()> {
    let (long, short): (Vec<_>, Vec<_>) = contacts.iter().partition(|contact| contact.lived >= plan.long_enough);
    let brought = |contacts: &[&Contact]| contacts.iter().filter(|contact| contact.brought > 0).count();
    let (of_long, of_short) = (brought(&long), brought(&short));
    let least_bytes = device.sent_bytes()?;
    let lived: f64 = contacts.iter().map(|contact| contact.lived.as_secs_f64()).sum();
    println!(
        "{} interviews through in {:.0} s, {lived:.0} s of it on a living line in {} contacts",
        plan.interviews,
        took.as_secs_f64(),
        contacts.len()
    );
    println!(
        "contacts that brought something: {of_long} of {} that lasted {} s or longer, {of_short} of {} shorter ones",
        long.len(),
        plan.long_enough.as_secs(),
        short.len()
    );
    println!(
        "{least_bytes} bytes of segments, {carried_bytes} bytes of packets: x{:.2}, connecting and headers included",
        carried_bytes as f64 / least_bytes as f64
    );
    // The last one ended when nothing was left.
    ensure!(of_long + 1 >= long.len(), "a contact of {} s or longer brought nothing", plan.long_enough.as_secs());
    Ok(())
}
