//! What a seed stands for: who takes part, what goes wrong, how long.

use std::collections::BTreeSet;

use crate::dice::Dice;

/// A kind of thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Requests and answers are lost, come twice, late or in another order, are cut short or altered.
    Network,
    /// For a while some can't reach their hub.
    Partition,
    /// The power of a device or hub goes at any call of its store.
    Crash,
    /// Device clocks stand in 2009 or 2099, run backwards and jump.
    Clocks,
    /// A device is put back from an old backup.
    DeviceBackup,
    /// A device is cloned, and both go on.
    Clone,
    /// A hub is put back from yesterday's backup.
    HubBackup,
    /// Logs are carried on a stick: twice, out of order, cut off.
    Stick,
    /// Somebody enrolled writes what no app would write.
    Hostile,
    /// Old requests are played back.
    Replay,
    /// A device is revoked, an area goes to somebody else.
    Rights,
    /// Hubs and apps are of different versions of the program, and hubs go back to an older one.
    Versions,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Network,
        Self::Partition,
        Self::Crash,
        Self::Clocks,
        Self::DeviceBackup,
        Self::Clone,
        Self::HubBackup,
        Self::Stick,
        Self::Hostile,
        Self::Replay,
        Self::Rights,
        Self::Versions,
    ];
}

/// One history, before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The seed.
    pub seed: u64,
    /// Events before everything comes to rest.
    pub events: u32,
    /// What goes wrong.
    pub faults: BTreeSet<Fault>,
    /// Devices that record.
    pub devices: usize,
    /// Whether there is a hub in the room between some devices and the server.
    pub relay: bool,
    /// Whether everybody has the real store.
    pub disk: bool,
    /// The stream for the devices' clocks; another one must change nothing.
    pub clocks: u64,
}

/// Of so many seeds one runs on the real store: it takes some thirty times as long.
const SEEDS_PER_DISK: u64 = 40;

impl Setup {
    /// What a seed stands for.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed, "setup");
        // Half of the faults on average; at times none, at times all.
        let share = dice.pick(0..=100);
        let (last, others) = Fault::ALL.split_last().expect("there are faults");
        let mut faults: BTreeSet<Fault> = others.iter().copied().filter(|_| dice.percent(share)).collect();
        let (events, devices, relay) = (dice.pick(20..=160), dice.pick(2..=5), dice.percent(40));
        // The newest kind is drawn last, so that seeds stand for what they stood for before it.
        if dice.percent(share) {
            faults.insert(*last);
        }
        let disk = seed % SEEDS_PER_DISK == SEEDS_PER_DISK - 1;
        Self { seed, events, faults, devices, relay, disk, clocks: seed }
    }

    /// Whether this goes wrong.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}
