//! Weights say what was meant, correlations what came out (Paruolo, Saisana and Saltelli 2013; Becker et al. 2017).

use crate::{
    composite::{CompositeIndex, Scored, plain_mean},
    method::count,
};

/// An item correlated less than this with the index says next to nothing. Source: method 3, after Becker et al. 2017,
/// Ecological Indicators 80.
const WEAK: f64 = 0.15;
/// Fewest units a group of the correlation ratio holds on average.
const LEAST_GROUP: usize = 5;
/// Most groups of the correlation ratio.
const MOST_GROUPS: usize = 10;
/// Fewest groups.
const LEAST_GROUPS: usize = 2;

/// What is odd about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `|r| < 0.15`.
    Weak,
    /// `r <= -0.15`: the item pulls against the index.
    Negative,
}

impl Flag {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Negative => "negative",
        }
    }
}

/// How an indicator or node goes with the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Importance {
    /// Id of the item.
    pub item: String,
    /// Its share of the weight of the index, 0 to 1: product of its own and its parents' shares.
    pub weight: f64,
    /// Pearson's correlation with the index, -1 to 1.
    pub correlation: Option<f64>,
    /// Correlation ratio of the index on the item, 0 to 1.
    pub correlation_ratio: Option<f64>,
    /// What is odd.
    pub flag: Option<Flag>,
}

/// Pearson's correlation: `r = sum((x - mx) (y - my)) / sqrt(sum((x - mx)^2) sum((y - my)^2))`.
///
/// `pairs` of x and y in any unit; `r` from -1 to 1. `None` for fewer than two pairs or without spread; NaN gives NaN.
///
/// ```
/// let r = kend_readiness::robustness::correlation(&[(1.0, 2.0), (2.0, 1.0), (3.0, 3.0)]).unwrap();
/// assert!((r - 0.5).abs() < 1e-12);
/// ```
pub fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let mean = |of: fn(&(f64, f64)) -> f64| plain_mean(&pairs.iter().map(of).collect::<Vec<_>>());
    let (mean_x, mean_y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(x, y)| of(x - mean_x, y - mean_y)).sum::<f64>();
    let spread = (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    (pairs.len() > 1 && spread != 0.0).then(|| (sum(&|x, y| x * y) / spread).clamp(-1.0, 1.0))
}

/// Correlation ratio of y on x, free of any straight line: `e2 = 1 - (n - 1) / (n - g) * W / T`, at least 0.
///
/// Units are sorted by x into `g` groups of about equal size (2 to 10, five units or more each), equal x never
/// parted; `W` sum of squares of y within groups, `T` in all, `n` pairs. The estimator corrects the upward bias of
/// `1 - W / T` for the number of groups. Source: Paruolo, Saisana and Saltelli 2013, Journal of the Royal Statistical
/// Society A 176(3) (`V(E(y|x)) / V(y)`); estimator: Kelley 1935, epsilon squared. `None` for fewer than 10
/// pairs, without spread of y, or with fewer than two groups; NaN gives NaN or `None`.
///
/// ```
/// use kend_readiness::robustness::correlation_ratio;
/// let parabola: Vec<(f64, f64)> = (-50..=50).map(|x| (f64::from(x), f64::from(x * x))).collect();
/// assert!(correlation_ratio(&parabola).unwrap() > 0.9, "no line goes through it, but x says all about y");
/// ```
pub fn correlation_ratio(pairs: &[(f64, f64)]) -> Option<f64> {
    let groups = (pairs.len() / LEAST_GROUP).min(MOST_GROUPS);
    if groups < LEAST_GROUPS {
        return None;
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let size = count(sorted.len()) / count(groups);
    let mut parts: Vec<Vec<f64>> = Vec::new();
    let (mut last, mut end) = (f64::NAN, 0.0);
    for (place, (x, y)) in sorted.iter().enumerate() {
        if parts.is_empty() || (count(place) >= end && x.total_cmp(&last).is_ne()) {
            parts.push(Vec::new());
            while end <= count(place) {
                end += size;
            }
        }
        last = *x;
        parts.last_mut()?.push(*y);
    }
    let squares = |values: &[f64]| {
        let mean = plain_mean(values);
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
    };
    let total = squares(&sorted.iter().map(|(_, y)| *y).collect::<Vec<_>>());
    let within: f64 = parts.iter().map(|part| squares(part)).sum();
    let (n, g) = (count(sorted.len()), count(parts.len()));
    (parts.len() >= LEAST_GROUPS && total > 0.0 && n > g).then(|| (1.0 - (n - 1.0) / (n - g) * within / total).max(0.0))
}

/// Weight, correlation and correlation ratio of every indicator and node with the index, as configured; over units that
/// have both. Source: method 3.
pub fn importances(index: &CompositeIndex, scored: &Scored) -> Vec<Importance> {
    let units = scored.index.len();
    let indicators = scored
        .indicators
        .iter()
        .map(|indicator| -> Vec<Option<f64>> { indicator.cells.iter().map(|cell| cell.score).collect() });
    let nodes = scored.nodes.iter().map(|node| node.iter().map(|score| score.value).collect());
    let shares = index.weight_shares();
    let top = scored.indicators.len() + index.root();
    indicators
        .chain(nodes)
        .zip(shares)
        .enumerate()
        .filter(|(item, _)| *item != top)
        .map(|(item, (values, weight))| {
            let mut pairs = Vec::with_capacity(units);
            pairs.extend(values.iter().zip(&scored.index).filter_map(|(value, index)| (*value).zip(*index)));
            let correlation = correlation(&pairs);
            let flag = correlation.and_then(|r| match r {
                r if r.abs() < WEAK => Some(Flag::Weak),
                r if r < 0.0 => Some(Flag::Negative),
                _ => None,
            });
            let item = index.item_id(item).unwrap_or_default().to_owned();
            Importance { item, weight, correlation, correlation_ratio: correlation_ratio(&pairs), flag }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_pairs_in_two_groups_give_the_ratio_worked_out_by_hand() {
        // y is 0 in the lower and 1 in the upper half but for one of each: W = 2 * 0.8 = 1.6, T = 2.5;
        // 1 - 9/8 * 0.64 = 0.28.
        let y = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let pairs: Vec<(f64, f64)> = (0..10).zip(y).map(|(x, y)| (f64::from(x), y)).collect();
        assert!((correlation_ratio(&pairs).unwrap() - 0.28).abs() < 1e-12);
    }

    #[test]
    fn equal_values_stay_in_one_group_and_too_little_gives_nothing() {
        let one_group: Vec<(f64, f64)> = (0..20).map(|y| (1.0, f64::from(y))).collect();
        assert_eq!((correlation_ratio(&one_group), correlation(&one_group)), (None, None));
        assert_eq!(correlation_ratio(&[(1.0, 1.0), (2.0, 2.0)]), None);
        assert_eq!(correlation(&[(1.0, 1.0)]), None);
        let noise: Vec<(f64, f64)> = (0..100).map(|x| (f64::from(x), f64::from((x * 37) % 11))).collect();
        assert!(correlation_ratio(&noise).unwrap() < 0.1);
    }
}
