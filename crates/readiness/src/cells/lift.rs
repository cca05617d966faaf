//! What would lift this cluster one class: which indicators, by how many points.
//!
//! The cluster's index is a mean over people, and so linear in the mean scores as long as no cell reaches the top of the
//! scale: the cheapest way is a fractional knapsack. Every plan is then tried cell by cell, where tops count. This is
//! arithmetic of the index, not a forecast of what a project would do; it holds for the arithmetic index alone.

use kend_domain::ReadinessClass;

use super::{
    cluster::{ClusterCells, points},
    knapsack::{KnapsackItem, KnapsackPlan, cheapest_plan, cheapest_sets},
    weights::{DIMENSIONS, Row},
};
use crate::{catalogue::Indicator, class::class_at};

/// By how much the threshold is to be passed, points (method 8).
pub const LIFT_MARGIN: f64 = 0.1;
/// Sets that are listed (method 8).
const SETS: usize = 3;

/// An indicator that may be raised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiftOption<'a> {
    /// Which; one that is not actionable is never raised.
    pub indicator: &'a Indicator,
    /// Cost of one point, above 0: 1 until costs are known, or an effort class.
    pub cost: f64,
    /// The 80th percentile of its scores in the next class, points: no cluster is asked for more.
    pub peers_p80: f64,
}

/// One indicator's part in a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raise {
    /// Row of Annex I.
    pub row: u8,
    /// By how many points its score rises in every cell that has one.
    pub points: f64,
    /// What that costs.
    pub cost: f64,
}

/// A plan, by the sums of the cluster and cell by cell.
#[derive(Debug, Clone, PartialEq)]
pub struct LiftPlan {
    /// What is raised.
    pub raises: Vec<Raise>,
    /// Cost of all.
    pub cost: f64,
    /// Whether it suffices by the sums of the cluster. If not, `index` says how far it gets.
    pub enough: bool,
    /// The index it gets to by the sums of the cluster, points.
    pub index: f64,
    /// The index it gets to when no score of a cell passes the top of the scale, points.
    pub index_of_cells: f64,
    /// Share of the area with a class that rises to a higher one, 0 to 1.
    pub area_share: f64,
    /// Share of the people there, 0 to 1.
    pub people_share: f64,
}

/// Ways to the next class.
#[derive(Debug, Clone, PartialEq)]
pub struct Lift {
    /// The cluster's index now, points, weighted with people.
    pub index: f64,
    /// The class to get to.
    pub next: ReadinessClass,
    /// Where it begins, points.
    pub threshold: f64,
    /// The cheapest plan, or how far all gets that may be raised.
    pub cheapest: LiftPlan,
    /// The cheapest sets of at most three indicators that suffice, the cheapest first.
    pub sets: Vec<LiftPlan>,
}

/// Why there is nothing to lift.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LiftError {
    /// Nobody lives in a cell with an index.
    #[error("the cluster has no index")]
    NoIndex,
    /// There is no class above.
    #[error("the cluster is in the highest class")]
    HighestClass,
    /// The cluster has no such row.
    #[error("the cluster holds no indicator of row {row}")]
    NoIndicator {
        /// Row of Annex I.
        row: u8,
    },
    /// An indicator was named twice.
    #[error("row {row} was named twice")]
    Twice {
        /// Row of Annex I.
        row: u8,
    },
    /// A cost that is no number above 0, or a percentile that is none.
    #[error("row {row}: expected a cost above 0 and a percentile, found {cost} and {peers_p80}")]
    NotANumber {
        /// Row of Annex I.
        row: u8,
        /// The cost.
        cost: f64,
        /// The percentile.
        peers_p80: f64,
    },
}

/// By dimension and cell.
type Shares = [Vec<f32>; DIMENSIONS];

impl ClusterCells {
    /// The cheapest ways to lift a cluster one class: minimise `sum(c_i y_i)` with
    /// `sum(w_i y_i) >= T_next - X + 0.1` and `0 <= y_i <= max(0, p80_i - s_i)`.
    ///
    /// `X` mean index and `s_i` mean score, points, weighted with people; `w_i` what one point of the indicator adds to
    /// `X`, weights of indicators and dimensions renormalised in each cell over what is observed; `y_i` points, `c_i` cost
    /// of a point; `T_next` the threshold of the class above. Source: method 8. Cells without people count in `area_share` alone. A cluster without
    /// an index or in the highest class, unknown and repeated rows, costs and percentiles that are no numbers: errors.
    pub fn lift(&self, options: &[LiftOption<'_>]) -> Result<Lift, LiftError> {
        let summary = self.summary();
        let (Some(index), Some(class)) = (summary.index, summary.class) else { return Err(LiftError::NoIndex) };
        let next = crate::class::place_of(class) + 1;
        let threshold = self.index.begin_of(next).map(f64::from).ok_or(LiftError::HighestClass)?;
        let shares = self.dimension_shares();
        let mut items = Vec::with_capacity(options.len());
        for (place, option) in options.iter().enumerate() {
            let row = option.indicator.row;
            if options.iter().take(place).any(|before| before.indicator.row == row) {
                return Err(LiftError::Twice { row });
            }
            items.push(self.item(option, &shares)?);
        }
        let need = threshold - index + LIFT_MARGIN;
        let tried = |plan: KnapsackPlan| self.tried(plan, &items, (options, &shares), index);
        Ok(Lift {
            index,
            next: class_at(next),
            threshold,
            cheapest: tried(cheapest_plan(&items, need)),
            sets: cheapest_sets(&items, need, SETS).into_iter().map(tried).collect(),
        })
    }

    /// What one point of an indicator does, and how many are within reach.
    fn item(&self, option: &LiftOption<'_>, shares: &Shares) -> Result<KnapsackItem, LiftError> {
        let LiftOption { indicator, cost, peers_p80 } = *option;
        let row = indicator.row;
        if !(cost > 0.0 && cost.is_finite() && peers_p80.is_finite()) {
            return Err(LiftError::NotANumber { row, cost, peers_p80 });
        }
        let (scores, effects) = self.effects(row, shares).ok_or(LiftError::NoIndicator { row })?;
        let (mut people, mut effect, mut observed, mut sum) = (0.0, 0.0, 0.0, 0.0);
        let office = &self.columns.office;
        for (((population, index), steps), of_cell) in
            self.columns.population.iter().zip(&office.index).zip(scores).zip(effects)
        {
            if index.is_nan() {
                continue;
            }
            let population = f64::from(*population);
            people += population;
            let (score, there) = points(*steps);
            if there {
                observed += population;
                effect += population * f64::from(of_cell);
                sum += population * f64::from(score);
            }
        }
        let within_reach = peers_p80.min(f64::from(self.index.maximum)) - sum / observed;
        let bound = if indicator.actionable && observed > 0.0 { within_reach.max(0.0) } else { 0.0 };
        Ok(KnapsackItem { effect: effect / people, cost, bound })
    }

    /// What one point of each dimension is of the index of each cell.
    fn dimension_shares(&self) -> Shares {
        let office = &self.columns.office.dimensions;
        let of = |dimension: usize| {
            let share = |cell: usize| {
                let values = office.each_ref().map(|values| values.get(cell).copied().unwrap_or(f32::NAN));
                self.index.share_of(dimension, &values)
            };
            (0..self.cells()).map(share).collect()
        };
        std::array::from_fn(of)
    }

    /// Scores of a row, and what one point of each adds to the index of its cell.
    fn effects<'a>(&'a self, row: u8, shares: &'a Shares) -> Option<(&'a [u8], impl Iterator<Item = f32>)> {
        let Row { place, dimension, weight } = self.index.row(row)?;
        let scores = self.columns.scores.get(place)?;
        let observed = self.observed.get(dimension)?;
        let shares = shares.get(dimension)?;
        Some((scores, shares.iter().zip(observed).map(move |(share, observed)| share * weight / observed)))
    }

    /// A plan tried cell by cell.
    fn tried(
        &self,
        plan: KnapsackPlan,
        items: &[KnapsackItem],
        (options, shares): (&[LiftOption<'_>], &Shares),
        from: f64,
    ) -> LiftPlan {
        let office = &self.columns.office;
        let maximum = self.index.maximum;
        let mut index = office.index.clone();
        let mut raises = Vec::with_capacity(plan.raises.len());
        for (place, units) in plan.raises {
            let (Some(option), Some(item)) = (options.get(place), items.get(place)) else { continue };
            let row = option.indicator.row;
            raises.push(Raise { row, points: units, cost: item.cost * units });
            let Some((scores, effects)) = self.effects(row, shares) else { continue };
            let units = super::number::narrow(units);
            for ((index, steps), effect) in index.iter_mut().zip(scores).zip(effects) {
                let (score, there) = points(*steps);
                if there {
                    // Cells without an index stay without one: NaN.
                    *index += effect * units.min(maximum - score);
                }
            }
        }
        let class: Vec<u8> = index
            .iter()
            .zip(office.index.iter().zip(&office.class))
            .map(|(after, (before, class))| if after > before { self.index.class(*after) } else { *class })
            .collect();
        let (mut area, mut risen_area, mut people, mut risen_people) = (0.0, 0.0, 0.0, 0.0);
        for ((after, before), population) in class.iter().zip(&office.class).zip(&self.columns.population) {
            if *before == super::NO_CLASS {
                continue;
            }
            let population = f64::from(*population);
            (area, people) = (area + 1.0, people + population);
            if after > before {
                (risen_area, risen_people) = (risen_area + 1.0, risen_people + population);
            }
        }
        LiftPlan {
            raises,
            cost: plan.cost,
            enough: plan.enough,
            index: from + plan.sum,
            index_of_cells: self.mean(index.iter().copied()).unwrap_or(from),
            area_share: if area > 0.0 { risen_area / area } else { 0.0 },
            people_share: if people > 0.0 { risen_people / people } else { 0.0 },
        }
    }
}
