//! One direction of a line, as a machine without a clock: what is offered comes out later, slower, or never.
//!
//! A packet waits until those before it are through (rate), then travels (delay); the order stays. A share of packets is
//! lost by seed, and what would wait behind a full buffer too, as in any modem.

use std::collections::VecDeque;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a line is like, the same both ways.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quality {
    /// There and back, without waiting.
    pub(crate) round_trip: Duration,
    /// Bits a second each way; none: as fast as the machine.
    pub(crate) bits_per_s: Option<u32>,
    /// The share of packets that is lost, 0 to 1.
    pub(crate) loss: f64,
}

impl Quality {
    /// As good as the machine.
    pub(crate) const PERFECT: Self = Self { round_trip: Duration::ZERO, bits_per_s: None, loss: 0.0 };
    /// An EDGE cell far away.
    pub(crate) const EDGE: Self = Self { round_trip: Duration::from_millis(800), bits_per_s: Some(60_000), loss: 0.0 };
    /// The same in bad weather.
    pub(crate) const LOSSY_EDGE: Self = Self { loss: 0.02, ..Self::EDGE };
}

/// What waits at most before the line: nine seconds of the slowest.
const BUFFER_BYTES: usize = 64 * 1024;

/// What went in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Carried {
    /// Bytes of packets, headers included, that came through or are under way.
    pub(crate) bytes: u64,
    /// Packets lost by seed.
    pub(crate) lost: u64,
    /// Packets that found the buffer full.
    pub(crate) overflown: u64,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Direction {
    quality: Quality,
    dice: ChaCha8Rng,
    /// When the last packet will be through.
    free_at: Duration,
    /// Under way, each with its arrival.
    under_way: VecDeque<(Duration, Vec<u8>)>,
    pub(crate) carried: Carried,
}

impl Direction {
    /// An empty one.
    pub(crate) fn new(quality: Quality, seed: u64) -> Self {
        Self {
            quality,
            dice: ChaCha8Rng::seed_from_u64(seed),
            free_at: Duration::ZERO,
            under_way: VecDeque::new(),
            carried: Carried::default(),
        }
    }

    /// Changes what it is like, for what is offered from now on.
    pub(crate) const fn set_quality(&mut self, quality: Quality) {
        self.quality = quality;
    }

    /// A packet comes. Times are counted from any start, the same for all calls.
    pub(crate) fn offer(&mut self, now: Duration, packet: &[u8]) {
        // Drawn for every packet, so that which are lost does not depend on how full the buffer was.
        if self.dice.random_bool(self.quality.loss) {
            self.carried.lost += 1;
            return;
        }
        let begins = self.free_at.max(now);
        let through = begins + self.time(packet.len());
        if through.saturating_sub(now) > self.time(BUFFER_BYTES) && self.quality.bits_per_s.is_some() {
            self.carried.overflown += 1;
            return;
        }
        self.free_at = through;
        self.carried.bytes += u64::try_from(packet.len()).unwrap_or(u64::MAX);
        self.under_way.push_back((through + self.quality.round_trip / 2, packet.to_vec()));
    }

    /// When the next packet arrives.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        self.under_way.front().map(|(at, _)| *at)
    }

    /// The next packet, if it has arrived.
    pub(crate) fn arrived(&mut self, now: Duration) -> Option<Vec<u8>> {
        if self.next_at()? > now {
            return None;
        }
        self.under_way.pop_front().map(|(_, packet)| packet)
    }

    /// All that is under way is lost.
    pub(crate) fn lose_all(&mut self) {
        self.under_way.clear();
        self.free_at = Duration::ZERO;
    }

    fn time(&self, bytes: usize) -> Duration {
        let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(8);
        let micros = self.quality.bits_per_s.map(|rate| bits.saturating_mul(1_000_000) / u64::from(rate.max(1)));
        Duration::from_micros(micros.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn packets_wait_for_those_before_them_then_travel_and_stay_in_order() {
        let mut line = Direction::new(Quality::EDGE, 1);
        line.offer(at(1_000), &[1; 750]);
        line.offer(at(1_050), &[2; 750]);
        assert_eq!(line.next_at(), Some(at(1_500)), "100 ms at 60 kbit/s and half of 800 ms");
        assert_eq!(line.arrived(at(1_499)), None);
        assert_eq!(line.arrived(at(1_500)), Some(vec![1; 750]));
        assert_eq!(line.next_at(), Some(at(1_600)));
        line.offer(at(5_000), &[3; 75]);
        assert_eq!(line.arrived(at(9_000)), Some(vec![2; 750]));
        assert_eq!(line.next_at(), Some(at(5_410)), "an idle line starts at once");
    }

    #[test]
    fn the_share_of_lost_packets_is_the_same_for_the_same_seed_and_near_what_was_asked_for() {
        let lossy = Quality { loss: 0.02, bits_per_s: None, ..Quality::EDGE };
        let fates = |seed| {
            let mut line = Direction::new(lossy, seed);
            let fate = |number: u16| {
                let before = line.carried.lost;
                line.offer(at(u64::from(number)), &[0; 40]);
                line.carried.lost > before
            };
            (0..10_000).map(fate).collect::<Vec<bool>>()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        let lost = fates(7).into_iter().filter(|lost| *lost).count();
        assert!((150..250).contains(&lost), "{lost} of 10,000");
    }

    #[test]
    fn a_full_buffer_loses_what_comes_and_a_dead_line_all_that_is_under_way() {
        let mut line = Direction::new(Quality::EDGE, 1);
        for _ in 0..100 {
            line.offer(at(0), &[0; 1_000]);
        }
        assert_eq!((line.carried.bytes, line.carried.overflown), (65_000, 35));
        line.lose_all();
        assert_eq!(line.next_at(), None);
        line.offer(at(0), &[0; 750]);
        assert_eq!(line.next_at(), Some(at(500)));
    }
}
