//! The scale that scores and node values run on.

use super::mean::SHARE_TOLERANCE;

/// The greatest size of any number that comes in: its fourth power, as kurtosis takes it, is still a number of 64 bits.
pub(super) const LARGEST: f64 = 1e75;

/// Whether a number is one, and of a size to calculate with.
pub(super) fn sound(number: f64) -> bool {
    number.abs() <= LARGEST
}

/// The two ends of a scale, the lower below the upper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreScale {
    low: f64,
    high: f64,
}

impl ScoreScale {
    /// A scale from its ends; `None` unless both are at most 1e75 in size and the lower is below the upper.
    pub fn new(low: f64, high: f64) -> Option<Self> {
        (sound(low) && sound(high) && low < high).then_some(Self { low, high })
    }

    /// From 0 to the scale maximum of a method, which its own range keeps above 0.
    pub(crate) const fn up_to(high: f64) -> Self {
        Self { low: 0.0, high }
    }

    /// The lower end.
    pub const fn low(self) -> f64 {
        self.low
    }

    /// The upper end.
    pub const fn high(self) -> f64 {
        self.high
    }

    /// Width, points, above 0.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// The score at a share of the scale: `s = low + (high - low) p`.
    ///
    /// `p` share, 0 at the lower end and 1 at the upper; other values lie outside. NaN gives NaN.
    ///
    /// ```
    /// use kend_readiness::composite::ScoreScale;
    /// assert_eq!(ScoreScale::new(10.0, 100.0).unwrap().at(0.5), 55.0);
    /// ```
    pub fn at(self, share: f64) -> f64 {
        self.low + self.width() * share
    }

    /// The inverse of [`Self::at`]: `p = (s - low) / (high - low)`.
    ///
    /// ```
    /// use kend_readiness::composite::ScoreScale;
    /// assert_eq!(ScoreScale::new(10.0, 100.0).unwrap().share(55.0), 0.5);
    /// ```
    pub fn share(self, score: f64) -> f64 {
        (score - self.low) / self.width()
    }

    /// The score, or the end of the scale that it misses by a few last bits, as sums do.
    pub(super) fn snapped(self, score: f64) -> f64 {
        let near = |end: f64| (score - end).abs() <= self.width() * SHARE_TOLERANCE;
        [self.low, self.high].into_iter().find(|end| near(*end)).unwrap_or(score)
    }

    /// The mirror image of a score: `low + high - s`.
    ///
    /// ```
    /// use kend_readiness::composite::ScoreScale;
    /// assert_eq!(ScoreScale::new(0.0, 10.0).unwrap().mirrored(3.0), 7.0);
    /// ```
    pub fn mirrored(self, score: f64) -> f64 {
        self.low + self.high - score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_misses_an_end_by_last_bits_counts_as_the_end() {
        let scale = ScoreScale::new(0.0, 100.0).unwrap();
        let found = [100.0 + 1e-13, -1e-13, 99.9].map(|score| scale.snapped(score));
        assert!(found.iter().zip([100.0, 0.0, 99.9]).all(|(found, expected)| (found - expected).abs() <= 0.0));
    }

    #[test]
    fn a_scale_without_width_or_end_is_none() {
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert_eq!(ScoreScale::new(low, high), None, "{low} {high}");
        }
    }
}
