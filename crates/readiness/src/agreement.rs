//! Agreement of raters who scored the same theme of the same interview apart (6.5).
//!
//! Few double-scored interviews make alpha a lottery, so a coefficient never goes out alone: [`judge`] says what it is
//! worth.

use kend_domain::Level;

use crate::method::{Method, count};

/// Levels there are.
const LEVELS: usize = 5;

/// What an alpha is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Too few double-scored interviews to say.
    TooFew,
    /// Raters agree.
    Good,
    /// Good enough to go on, not to conclude.
    Tentative,
    /// Raters disagree: the theme is flagged.
    Low,
}

fn table<const N: usize>(pairs: impl Iterator<Item = (Level, Level, f64)>) -> [[f64; N]; N] {
    let mut table = [[0.0; N]; N];
    for (one, other, weight) in pairs {
        let row = table.get_mut(usize::from(one.get() - 1));
        if let Some(cell) = row.and_then(|row| row.get_mut(usize::from(other.get() - 1))) {
            *cell += weight;
        }
    }
    table
}

/// Krippendorff's alpha for ordinal levels: `alpha = 1 - D_o / D_e`,
/// `d2(c, k) = (sum of n_g for g from c to k - (n_c + n_k) / 2)^2`.
///
/// `units` hold the levels (1 to 5) that the raters gave one theme of one interview; a unit with a single level says
/// nothing and is left out. `o_ck` coincidences, each pair of a unit with `m` levels counted `1 / (m - 1)`; `n_c` levels
/// `c` among them, `n` all; `D_o = sum(o d2) / n`, `D_e = sum(n_c n_k d2) / (n (n - 1))`; alpha at most 1, 0 is chance.
/// Source: Hayes and Krippendorff 2007 (method 6.5). `None` without pairs or when all levels are equal.
///
/// ```
/// use kend_readiness::ordinal_alpha;
/// let level = |number: u8| kend_domain::Level::try_from(number).unwrap();
/// let units = [(2, 2), (2, 2), (3, 4), (2, 1)].map(|(one, other)| vec![level(one), level(other)]);
/// assert!((ordinal_alpha(&units).unwrap() - 0.7266).abs() < 1e-4);
/// ```
pub fn ordinal_alpha(units: &[Vec<Level>]) -> Option<f64> {
    let pairs = units.iter().filter(|unit| unit.len() > 1).flat_map(|unit| {
        let weight = 1.0 / (count(unit.len()) - 1.0);
        unit.iter().enumerate().flat_map(move |(place, one)| {
            let others = unit.iter().enumerate().filter(move |(other, _)| *other != place);
            others.map(move |(_, other)| (*one, *other, weight))
        })
    });
    let coincidences = table::<LEVELS>(pairs);
    let totals: Vec<f64> = coincidences.iter().map(|row| row.iter().sum()).collect();
    let n: f64 = totals.iter().sum();
    let (mut observed, mut expected) = (0.0, 0.0);
    for (c, (row, n_c)) in coincidences.iter().zip(&totals).enumerate() {
        for (k, (o_ck, n_k)) in row.iter().zip(&totals).enumerate() {
            let between: f64 = totals.iter().skip(c.min(k)).take(c.abs_diff(k) + 1).sum();
            let distance = between - f64::midpoint(*n_c, *n_k);
            observed += o_ck * distance * distance;
            expected += n_c * n_k * distance * distance;
        }
    }
    (expected > 0.0).then(|| 1.0 - (n - 1.0) * observed / expected)
}

/// Quadratic weighted kappa of a fixed pair of raters: `kappa = 1 - sum(d2 O) / sum(d2 E)`, `d2 = (i - j)^2`.
///
/// `pairs` are the levels (1 to 5) of the first and the second rater; `O` counts of pairs, `E` the counts expected from
/// the margins; at most 1, 0 is chance. Source: Cohen 1968, Psychological Bulletin 70(4) (method 6.5). `None` without
/// pairs or when all levels are equal.
///
/// ```
/// use kend_readiness::quadratic_kappa;
/// let level = |number: u8| kend_domain::Level::try_from(number).unwrap();
/// let pairs = [(2, 2), (2, 2), (3, 4), (2, 1)].map(|(one, other)| (level(one), level(other)));
/// assert!((quadratic_kappa(&pairs).unwrap() - 0.6364).abs() < 1e-4);
/// ```
pub fn quadratic_kappa(pairs: &[(Level, Level)]) -> Option<f64> {
    let observed_counts = table::<LEVELS>(pairs.iter().map(|(one, other)| (*one, *other, 1.0)));
    let first: Vec<f64> = observed_counts.iter().map(|row| row.iter().sum()).collect();
    let mut second = [0.0; LEVELS];
    for row in &observed_counts {
        for (total, cell) in second.iter_mut().zip(row) {
            *total += cell;
        }
    }
    let (mut observed, mut expected) = (0.0, 0.0);
    for (i, (row, of_first)) in observed_counts.iter().zip(&first).enumerate() {
        for (j, (cell, of_second)) in row.iter().zip(&second).enumerate() {
            let distance = count(i.abs_diff(j));
            observed += distance * distance * cell;
            expected += distance * distance * of_first * of_second / count(pairs.len());
        }
    }
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

/// What an alpha from so many double-scored interviews is worth.
pub fn judge(alpha: f64, double_scored_interviews: u32, method: &Method) -> Verdict {
    let rules = &method.agreement;
    if double_scored_interviews < rules.min_interviews.value || alpha.is_nan() {
        Verdict::TooFew
    } else if alpha >= rules.good.value {
        Verdict::Good
    } else if alpha >= rules.tentative.value {
        Verdict::Tentative
    } else {
        Verdict::Low
    }
}

/// The variance between rubric and index that a verdict asks for (7.2): the default, or the greater one where raters
/// disagree. For [`crate::MergeParameters::sigma_m_sq`].
pub fn sigma_m_sq_for(verdict: Verdict, method: &Method) -> f64 {
    match verdict {
        Verdict::Low => method.agreement.low_agreement_sigma_m_sq.value,
        Verdict::TooFew | Verdict::Good | Verdict::Tentative => method.merge.sigma_m_sq.value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(number: u8) -> Level {
        Level::try_from(number).unwrap()
    }

    #[test]
    fn no_pairs_and_no_variation_give_no_coefficient() {
        assert_eq!(ordinal_alpha(&[]), None);
        assert_eq!(ordinal_alpha(&[vec![level(3)]]), None);
        assert_eq!(ordinal_alpha(&[vec![level(3), level(3)]]), None);
        assert_eq!(quadratic_kappa(&[]), None);
    }

    #[test]
    fn perfect_agreement_is_one() {
        let units = [vec![level(1), level(1)], vec![level(5), level(5), level(5)]];
        assert!((ordinal_alpha(&units).unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_coefficient_of_few_interviews_says_too_few() {
        let method = Method::standard();
        assert_eq!(judge(0.7266, 2, method), Verdict::TooFew);
        assert_eq!(judge(0.7266, 5, method), Verdict::Tentative);
        assert_eq!(judge(0.9, 5, method), Verdict::Good);
        assert_eq!(judge(0.1, 5, method), Verdict::Low);
        assert!((sigma_m_sq_for(Verdict::Low, method) - 200.0).abs() < f64::EPSILON);
    }
}
