//! What happens to the ranks when one indicator is left out.

use super::experiment::Experiment;
use crate::{
    composite::{ScoreError, Scored, ranks},
    method::count,
};

/// How many removals are listed. Source: method 3 (iii).
pub const LARGEST: usize = 10;

/// An indicator left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    /// Id of the indicator.
    pub indicator: String,
    /// Mean of how many ranks units move; `None` when no unit has a rank both with and without it.
    pub mean_rank_shift: Option<f64>,
    /// The most a unit moves.
    pub largest_shift: Option<f64>,
    /// Units with an index that have none without it, or the other way round.
    pub units_lost_or_won: usize,
}

/// Mean and greatest absolute difference of ranks over units with both values: `mean |r_u - r'_u|`, ranks among these.
///
/// Values in points, `None` without an index. Source: the average shift in rank of Saisana, Saltelli and Tarantola 2005. `None` without a
/// unit that has both.
///
/// ```
/// use kend_readiness::robustness::mean_rank_shift;
/// let before = [Some(9.0), Some(8.0), Some(7.0), None];
/// let after = [Some(5.0), Some(8.0), Some(7.0), Some(9.0)];
/// assert_eq!(mean_rank_shift(&before, &after), Some((4.0 / 3.0, 2.0)));
/// ```
pub fn mean_rank_shift(before: &[Option<f64>], after: &[Option<f64>]) -> Option<(f64, f64)> {
    let both = || before.iter().zip(after).filter_map(|(before, after)| (*before).zip(*after));
    let before = ranks(&both().map(|(before, _)| Some(before)).collect::<Vec<_>>());
    let after = ranks(&both().map(|(_, after)| Some(after)).collect::<Vec<_>>());
    let shifts: Vec<f64> =
        before.iter().flatten().zip(after.iter().flatten()).map(|(before, after)| (before - after).abs()).collect();
    let largest = shifts.iter().copied().fold(0.0, f64::max);
    (!shifts.is_empty()).then(|| (shifts.iter().sum::<f64>() / count(shifts.len()), largest))
}

/// The [`LARGEST`] rank shifts of an indicator left out (weight 0), greatest first, equal ones as configured.
///
/// Limits of what may be missing are held against the weight that is left. A node with no weight left below it is left
/// out with its indicator. Source: method 3 (iii).
pub fn removals(experiment: &Experiment<'_>, scored: &Scored) -> Result<Vec<Removal>, ScoreError> {
    let indicators = experiment.index().config().indicator.iter().enumerate();
    let mut found = indicators
        .map(|(place, indicator)| {
            let without = experiment.with_weights(scored, |item| if item == place { 0.0 } else { 1.0 })?;
            let shift = mean_rank_shift(&scored.index, &without);
            let changed =
                scored.index.iter().zip(&without).filter(|(with, without)| with.is_some() != without.is_some());
            Ok(Removal {
                indicator: indicator.id.clone(),
                mean_rank_shift: shift.map(|(mean, _)| mean),
                largest_shift: shift.map(|(_, largest)| largest),
                units_lost_or_won: changed.count(),
            })
        })
        .collect::<Result<Vec<Removal>, ScoreError>>()?;
    let size = |removal: &Removal| removal.mean_rank_shift.unwrap_or(-1.0);
    found.sort_by(|one, other| size(other).total_cmp(&size(one)));
    found.truncate(LARGEST);
    Ok(found)
}
