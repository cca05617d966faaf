//! Up the tree: the value of every node for every unit.
//!
//! Weights and means are handed in beside the tree, so that the experiments on robustness run the same function with
//! other choices.

use super::{
    hierarchy::Hierarchy,
    mean::{Mean, NegativeScore, between, weighted_mean},
    scale::ScoreScale,
};

/// How a node is worked out from its children.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NodeMean {
    pub(crate) mean: Mean,
    pub(crate) min_share: f64,
    /// The scale the mean is taken on; `None` for the common one.
    pub(crate) rescale: Option<ScoreScale>,
    pub(crate) rescale_back: bool,
    pub(crate) mirrored: bool,
}

/// Weights of all items, indicators first, and means of all nodes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weighing {
    pub(crate) weights: Vec<f64>,
    pub(crate) means: Vec<NodeMean>,
}

/// The value of a node and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NodeScore {
    /// Points; `None` when too little is present.
    pub value: Option<f64>,
    /// Share of the weight of the children that has a value, 0 to 1: what the limit is held against.
    pub present_share: f64,
    /// Share of the weight of the indicators below that was observed and not imputed, 0 to 1.
    pub observed_share: f64,
}

/// A node that has no value under its mean.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("node {node}, item {item}, unit {unit}: {source}")]
pub struct NodeMeanError {
    /// Place of the node among nodes.
    pub node: usize,
    /// The child, indicators first.
    pub item: usize,
    /// Place of the unit.
    pub unit: usize,
    /// What is wrong with its score.
    #[source]
    pub source: NegativeScore,
}

impl NodeMean {
    /// The mean of children: `s -> s' -> mean -> back`, each step a straight line between two scales.
    fn of(&self, items: &[(f64, Option<f64>)], scale: ScoreScale) -> Result<Option<f64>, NegativeScore> {
        // The common scale is not carried to itself: nothing may change the last bits of a plain mean.
        if self.rescale.is_none() && !self.mirrored {
            return Ok(weighted_mean(items, self.mean, self.min_share)?.map(|mean| mean.value));
        }
        let on = self.rescale.unwrap_or(scale);
        let turned = |score: f64, scale: ScoreScale| if self.mirrored { scale.mirrored(score) } else { score };
        let carry = |score: f64| {
            let score = turned(scale.snapped(score), scale);
            self.rescale.map_or(score, |on| on.at(scale.share(score)))
        };
        let carried: Vec<(f64, Option<f64>)> =
            items.iter().map(|(weight, score)| (*weight, score.map(carry))).collect();
        let Some(mean) = weighted_mean(&carried, self.mean, self.min_share)? else { return Ok(None) };
        let value = turned(mean.value, on);
        if self.rescale.is_some() && !self.rescale_back {
            return Ok(Some(value));
        }
        let back = if self.rescale.is_some() { scale.at(on.share(value)) } else { value };
        // There and back misses by last bits, and a 0 that became a little less would have no mean above.
        let counting = || items.iter().filter(|(weight, _)| *weight > 0.0).filter_map(|(_, score)| *score);
        let (low, high) = (counting().fold(f64::INFINITY, f64::min), counting().fold(f64::NEG_INFINITY, f64::max));
        Ok(Some(between(back, low, high)))
    }
}

impl Weighing {
    /// Weight of each item as it counts: 0 also for a node below which no weight is left.
    fn effective(&self, tree: &Hierarchy) -> Vec<f64> {
        let indicators = self.weights.len().saturating_sub(tree.children.len());
        let mut weights = self.weights.clone();
        for node in &tree.upwards {
            let below = tree.children.get(*node).into_iter().flatten();
            if below.filter_map(|item| weights.get(*item)).all(|weight| *weight <= 0.0)
                && let Some(weight) = weights.get_mut(indicators + *node)
            {
                *weight = 0.0;
            }
        }
        weights
    }

    /// Values of all nodes for units `0..units`, by the place of the node.
    ///
    /// `scores` and `observed` give score and origin of an indicator for a unit.
    pub(super) fn nodes(
        &self,
        tree: &Hierarchy,
        scale: ScoreScale,
        units: usize,
        scores: &dyn Fn(usize, usize) -> Option<f64>,
        observed: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Vec<Vec<NodeScore>>, NodeMeanError> {
        let indicators = self.weights.len().saturating_sub(tree.children.len());
        let weights = self.effective(tree);
        let mut nodes = vec![vec![NodeScore::default(); units]; tree.children.len()];
        let mut items: Vec<(f64, Option<f64>)> = Vec::new();
        for node in &tree.upwards {
            let (Some(children), Some(mean)) = (tree.children.get(*node), self.means.get(*node)) else { continue };
            let total: f64 = children.iter().filter_map(|item| weights.get(*item)).sum();
            for unit in 0..units {
                items.clear();
                let (mut present, mut seen) = (0.0, 0.0);
                for item in children {
                    let weight = weights.get(*item).copied().unwrap_or(0.0);
                    let (score, share) = match item.checked_sub(indicators) {
                        None => (scores(*item, unit), if observed(*item, unit) { 1.0 } else { 0.0 }),
                        Some(below) => nodes
                            .get(below)
                            .and_then(|units| units.get(unit))
                            .map_or((None, 0.0), |below| (below.value, below.observed_share)),
                    };
                    present += if score.is_some() { weight } else { 0.0 };
                    seen += weight * share;
                    items.push((weight, score));
                }
                let value = mean.of(&items, scale).map_err(|source| {
                    let item = children.get(source.place).copied().unwrap_or_default();
                    NodeMeanError { node: *node, item, unit, source }
                })?;
                let share = |part: f64| if total > 0.0 { part / total } else { 0.0 };
                let score = NodeScore { value, present_share: share(present), observed_share: share(seen) };
                if let Some(place) = nodes.get_mut(*node).and_then(|units| units.get_mut(unit)) {
                    *place = score;
                }
            }
        }
        Ok(nodes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composite::hierarchy::hierarchy;

    fn mean(mean: Mean) -> NodeMean {
        NodeMean { mean, min_share: 0.0, rescale: None, rescale_back: true, mirrored: false }
    }

    fn scale() -> ScoreScale {
        ScoreScale::new(0.0, 10.0).unwrap()
    }

    /// INFORM's device: `10 - (geometric mean of (10 - s) / 10 * 9 + 1, less 1) / 9 * 10`. Worked by hand: 0 and 10
    /// become 10 and 1, their geometric mean sqrt(10).
    #[test]
    fn a_geometric_mean_of_mirrored_scores_from_1_to_10_is_carried_back() {
        let inform = NodeMean { rescale: ScoreScale::new(1.0, 10.0), mirrored: true, ..mean(Mean::Geometric) };
        let items = [(1.0, Some(0.0)), (1.0, Some(10.0))];
        let found = inform.of(&items, scale()).unwrap().unwrap();
        assert!((found - (10.0 - (10.0_f64.sqrt() - 1.0) / 9.0 * 10.0)).abs() < 1e-12, "{found}");
        let kept = NodeMean { rescale_back: false, mirrored: false, ..inform }.of(&items, scale()).unwrap().unwrap();
        assert!((kept - 10.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn scores_at_an_end_of_the_scale_come_back_to_it_exactly() {
        for (end, low) in [(0.0, 1.0), (10.0, 1.0), (0.0, 0.7), (10.0, 0.3)] {
            let inform = NodeMean { rescale: ScoreScale::new(low, 10.0), mirrored: true, ..mean(Mean::Geometric) };
            let found = inform.of(&[(1.0, Some(end)), (0.3, Some(end))], scale()).unwrap().unwrap();
            assert!((found - end).abs() <= 0.0, "{found} for {end}");
        }
    }

    #[test]
    fn a_branch_without_weight_left_takes_none_of_the_weight_above() {
        let tree = hierarchy(&[("i", "a"), ("j", "top")], &[("top", None), ("a", Some("top"))]).unwrap();
        let means = vec![NodeMean { min_share: 1.0, ..mean(Mean::Arithmetic) }; 2];
        let weighing = Weighing { weights: vec![0.0, 1.0, 1.0, 3.0], means };
        let nodes = weighing.nodes(&tree, scale(), 1, &|_, _| Some(4.0), &|_, _| true).unwrap();
        assert_eq!(nodes[0][0], NodeScore { value: Some(4.0), present_share: 1.0, observed_share: 1.0 });
        assert_eq!(nodes[1][0].value, None);
    }

    #[test]
    fn imputed_values_are_present_but_not_observed() {
        let tree = hierarchy(&[("i", "top"), ("j", "top")], &[("top", None)]).unwrap();
        let weighing = Weighing { weights: vec![3.0, 1.0, 1.0], means: vec![mean(Mean::Arithmetic)] };
        let nodes = weighing.nodes(&tree, scale(), 1, &|_, _| Some(4.0), &|item, _| item == 0).unwrap();
        assert_eq!(nodes[0][0], NodeScore { value: Some(4.0), present_share: 1.0, observed_share: 0.75 });
    }
}
