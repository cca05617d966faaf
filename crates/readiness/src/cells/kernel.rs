//! The inner loops over a block of cells, for scores of any kind.
//!
//! Each cell's sum is its own, so that compilers may take several cells at once and never change a digit.

#![expect(
    clippy::inline_always,
    reason = "`pulp` compiles what is inlined once for each width of instructions, and nothing else"
)]

/// Cells of a block: sums and shares of one dimension stay in the first cache while its columns go by.
pub(super) const BLOCK: usize = 2048;

/// How far an observed share may lie below its limit and still reach it: sums of a few dozen weights in f32.
pub(super) const SHARE_TOLERANCE: f32 = 1e-6;

/// Part of a column; empty beyond its end.
#[inline(always)]
pub(super) fn part<T>(column: &[T], start: usize, cells: usize) -> &[T] {
    let end = column.len().min(start + cells);
    column.get(start..end).unwrap_or_default()
}

/// Part of a column to write to; empty beyond its end.
#[inline(always)]
pub(super) fn part_mut<T>(column: &mut [T], start: usize, cells: usize) -> &mut [T] {
    let end = column.len().min(start + cells);
    column.get_mut(start..end).unwrap_or_default()
}

/// Adds `w s` to the sums and `w` to the observed weights of all cells whose score `s` is there.
#[inline(always)]
pub(super) fn accumulate<T: Copy>(
    sums: &mut [f32],
    observed: &mut [f32],
    values: &[T],
    weight: f32,
    score: impl Fn(T) -> (f32, bool),
) {
    for ((sum, observed), value) in sums.iter_mut().zip(observed).zip(values) {
        let (score, there) = score(*value);
        let weight = if there { weight } else { 0.0 };
        *sum += weight * score;
        *observed += weight;
    }
}

/// A score that is a straight line from 0 to `high`: `(x - origin) slope`, held between; all times the weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) origin: f32,
    pub(super) slope: f32,
    pub(super) high: f32,
    pub(super) weight: f32,
}

impl Line {
    /// The weighted score and the weight; both 0 for NaN.
    #[inline(always)]
    fn weighted(self, value: f32) -> (f32, f32) {
        let score = (value - self.origin) * self.slope;
        // Written so that NaN gives 0.
        let score = if score > 0.0 { score } else { 0.0 };
        (if score < self.high { score } else { self.high }, if value.is_nan() { 0.0 } else { self.weight })
    }
}

/// Adds columns of straight lines, four at a time: a core waits for memory less when it reads four streams at once.
#[inline(always)]
pub(super) fn accumulate_lines(sums: &mut [f32], observed: &mut [f32], columns: &[(&[f32], Line)]) {
    // Stands in where fewer than four are left: it reads a column that is there and adds nothing.
    let nothing = Line { origin: 0.0, slope: 0.0, high: 0.0, weight: 0.0 };
    for four in columns.chunks(4) {
        let Some(first) = four.first() else { return };
        let [(a, line_a), (b, line_b), (c, line_c), (d, line_d)] =
            std::array::from_fn(|place| four.get(place).copied().unwrap_or((first.0, nothing)));
        let values = a.iter().zip(b).zip(c).zip(d);
        for ((sum, observed), (((a, b), c), d)) in sums.iter_mut().zip(observed.iter_mut()).zip(values) {
            let [a, b, c, d] = [line_a.weighted(*a), line_b.weighted(*b), line_c.weighted(*c), line_d.weighted(*d)];
            *sum = *sum + a.0 + b.0 + c.0 + d.0;
            *observed = *observed + a.1 + b.1 + c.1 + d.1;
        }
    }
}

/// Turns sums into means: `sum / observed`, at most `maximum`; NaN where less than `min_share` is observed.
#[inline(always)]
pub(super) fn means(sums: &[f32], observed: &[f32], min_share: f32, maximum: f32, means: &mut [f32]) {
    for ((mean, sum), observed) in means.iter_mut().zip(sums).zip(observed) {
        let value = sum / observed;
        // Written so that NaN stays NaN.
        let value = if value > maximum { maximum } else { value };
        *mean = if *observed > 0.0 && *observed >= min_share { value } else { f32::NAN };
    }
}

/// A score of which NaN says that it is missing.
#[inline(always)]
pub(super) fn present(score: f32) -> (f32, bool) {
    let there = !score.is_nan();
    (if there { score } else { 0.0 }, there)
}
