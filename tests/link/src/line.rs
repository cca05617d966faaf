//! A line between two network namespaces: whatever the system's TCP sends at one end comes out at the other, as late,
//! slow and lossy as the line is.
//!
//! Each end is a TUN device: the system hands over packets as it would hand them to a modem. So retransmissions, congestion
//! windows, handshakes and resets are the system's own. What it can't do: radio effects below a packet, such as a cell that
//! sends a damaged one again, and a rate that others share.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use kend_tests::Stopwatch;
use tun_rs::SyncDevice;

use crate::direction::{Carried, Direction, Quality};
use crate::gate::{Death, Gate, Verdict};

/// Larger than any packet of the devices.
const PACKET_BYTES: usize = 2048;
/// How long a thread that has nothing to do sleeps at most.
const IDLE: Duration = Duration::from_secs(1);

/// The ends: the device's first.
pub(crate) const FIELD: usize = 0;
/// The hub's.
pub(crate) const HUB: usize = 1;

/// A line that carries for as long as the process lives.
pub(crate) struct Line {
    ends: [SyncDevice; 2],
    state: Mutex<State>,
    changed: Condvar,
    clock: Stopwatch,
}

struct State {
    /// From the field, and to it.
    directions: [Direction; 2],
    gate: Gate,
    alive: bool,
}

impl Line {
    /// Begins to carry between both ends.
    pub(crate) fn lay(ends: [SyncDevice; 2], quality: Quality, seed: u64) -> Arc<Self> {
        // The two directions lose each for itself.
        let directions = [Direction::new(quality, seed), Direction::new(quality, !seed)];
        let state = Mutex::new(State { directions, gate: Gate::default(), alive: true });
        let line = Arc::new(Self { ends, state, changed: Condvar::new(), clock: Stopwatch::start() });
        for end in [FIELD, HUB] {
            let (reading, writing) = (Arc::clone(&line), Arc::clone(&line));
            thread::spawn(move || reading.take_from(end));
            thread::spawn(move || writing.bring_from(end));
        }
        line
    }

    /// Changes what the line is like.
    pub(crate) fn set_quality(&self, quality: Quality) {
        self.lock().directions.iter_mut().for_each(|direction| direction.set_quality(quality));
    }

    /// The line dies; nothing gets through until it lives again.
    pub(crate) fn die(&self, death: Death) {
        let mut state = self.lock();
        state.alive = false;
        state.gate.die(death);
        state.directions.iter_mut().for_each(Direction::lose_all);
    }

    /// The line carries again.
    pub(crate) fn revive(&self) {
        self.lock().alive = true;
    }

    /// What was carried so far: from the field, and to it.
    pub(crate) fn carried(&self) -> [Carried; 2] {
        self.lock().directions.each_ref().map(|direction| direction.carried)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the system sends at an end.
    fn take_from(&self, end: usize) {
        let mut packet = [0; PACKET_BYTES];
        let Some(device) = self.ends.get(end) else { return };
        while let Ok(length) = device.recv(&mut packet) {
            let Some(packet) = packet.get(..length) else { continue };
            let answer = {
                let mut state = self.lock();
                if !state.alive {
                    continue;
                }
                match state.gate.pass(packet) {
                    Verdict::Carry => {
                        if let Some(direction) = state.directions.get_mut(end) {
                            direction.offer(self.clock.elapsed(), packet);
                        }
                        None
                    }
                    Verdict::Swallow => None,
                    Verdict::Answer(answer) => Some(answer),
                }
            };
            match answer {
                // An end that takes nothing is a lossy one.
                Some(answer) => drop(device.send(&answer)),
                None => self.changed.notify_all(),
            }
        }
    }

    /// Brings what was taken at an end to the other.
    fn bring_from(&self, end: usize) {
        let Some(device) = self.ends.get(1 - end) else { return };
        let mut state = self.lock();
        loop {
            let now = self.clock.elapsed();
            let direction = state.directions.get_mut(end);
            let (packet, next_at) =
                direction.map_or((None, None), |direction| (direction.arrived(now), direction.next_at()));
            if let Some(packet) = packet {
                drop(state);
                drop(device.send(&packet));
                state = self.lock();
                continue;
            }
            let wait = next_at.map_or(IDLE, |at| at.saturating_sub(now)).min(IDLE);
            state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
