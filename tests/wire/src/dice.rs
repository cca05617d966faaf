//! Randomness from a seed alone: the same run gives the same figures.

/// `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that roll as the seed says.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number from `low` up to, without, `high`.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low)
    }

    /// 16 random bytes.
    pub fn id(&mut self) -> [u8; 16] {
        let (high, low) = (self.roll(), self.roll());
        ((u128::from(high) << 64) | u128::from(low)).to_be_bytes()
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = self.between(0, u64::try_from(all.len()).ok().filter(|count| *count > 0)?);
        all.get(usize::try_from(place).ok()?)
    }
}
