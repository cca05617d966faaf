//! Scoring a table: every indicator, every node, the index, its rank and class.

use super::{
    classes::{class_place, quantile_thresholds, ranks},
    config::{IndicatorConfig, QuantileWeight},
    frozen::{Frozen, FrozenError},
    index::CompositeIndex,
    normalise::{Fitted, Normaliser, Rule, enough},
    table::UnitTable,
    tree::{NodeMeanError, NodeScore, Weighing},
    values::Series,
};
use crate::{method::count, normalise::NormaliseError};

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// From the table.
    Observed,
    /// From other units.
    Imputed,
    /// There is none.
    Missing,
}

impl Status {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Imputed => "imputed",
            Self::Missing => "missing",
        }
    }
}

/// A unit's value of an indicator, step by step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndicatorCell {
    /// As read.
    pub raw: Option<f64>,
    /// After denominator and imputation, unit of the indicator.
    pub value: Option<f64>,
    /// After transform and treatment of outliers.
    pub treated: Option<f64>,
    /// Points; `None` where the value is missing or the indicator left out.
    pub score: Option<f64>,
    /// Where the value comes from.
    pub status: Status,
}

/// An indicator in all units.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorResult {
    /// The rule of the scores (`None` for percentile ranks), or why there are none.
    pub rule: Result<Option<Rule>, NormaliseError>,
    /// One for each unit.
    pub cells: Vec<IndicatorCell>,
}

/// The result.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// By place of the indicator in the configuration.
    pub indicators: Vec<IndicatorResult>,
    /// By place of the node in the configuration, one for each unit.
    pub nodes: Vec<Vec<NodeScore>>,
    /// The index of each unit: the value of the top node.
    pub index: Vec<Option<f64>>,
    /// Ranks from the greatest index down.
    pub ranks: Vec<Option<f64>>,
    /// Thresholds in use.
    pub thresholds: Option<Vec<f64>>,
    /// Place of the class of each unit, 0 the lowest.
    pub classes: Vec<Option<usize>>,
}

/// A table that cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScoreError {
    /// The table has no such column.
    #[error("the table has no column `{column}`")]
    NoColumn {
        /// Name of the column.
        column: String,
    },
    /// A denominator is 0 or negative.
    #[error("indicator {indicator}, unit {unit}: the denominator `{column}` has to be above 0, found {found}")]
    Denominator {
        /// Id of the indicator.
        indicator: String,
        /// Column of the denominator.
        column: String,
        /// Name of the unit.
        unit: String,
        /// Its value.
        found: f64,
    },
    /// A quotient is too large to calculate with.
    #[error("indicator {indicator}, unit {unit}: value by denominator is {found}, more than 1e75")]
    TooLarge {
        /// Id of the indicator.
        indicator: String,
        /// Name of the unit.
        unit: String,
        /// The quotient.
        found: f64,
    },
    /// A logarithm of 0 or less.
    #[error(
        "indicator {indicator}, unit {unit}: the logarithm needs a value above 0, found {found} (see transform_offset)"
    )]
    Logarithm {
        /// Id of the indicator.
        indicator: String,
        /// Name of the unit.
        unit: String,
        /// Value with its offset.
        found: f64,
    },
    /// A score below 0 under a mean that is not defined there.
    #[error(
        "node {node}, unit {unit}: the score {score} of `{item}` is below 0, where the mean of the node is not defined; clip scores or `rescale` the node"
    )]
    NegativeScore {
        /// Id of the node.
        node: String,
        /// Id of the child.
        item: String,
        /// Name of the unit.
        unit: String,
        /// The score.
        score: f64,
    },
    /// Frozen goalposts do not fit.
    #[error(transparent)]
    Frozen(#[from] FrozenError),
}

impl CompositeIndex {
    /// Scores every unit of a table; by the goalposts and thresholds of a baseline where they are given.
    ///
    /// An indicator with too few observed units or no range has no scores, and its weight counts as not present. Order
    /// of steps: [`crate::composite`]. An empty table gives an empty result.
    ///
    /// ```
    /// use kend_readiness::composite::{CompositeIndex, IndexConfig, UnitTable};
    /// let config: IndexConfig = serde_json::from_value(serde_json::json!({
    ///     "name": "Wells", "table": {"file": "wells.csv", "unit": "village"},
    ///     "indicator": [{"id": "depth", "parent": "water", "direction": "-"}],
    ///     "node": [{"id": "water"}],
    /// })).unwrap();
    /// let index = CompositeIndex::new(config).unwrap();
    /// let depth = vec![Some(30.0), Some(10.0), Some(15.0)];
    /// let villages = ["A", "B", "C"].map(str::to_owned).to_vec();
    /// let table = UnitTable::new(villages, [("depth".to_owned(), depth)].into()).unwrap();
    /// let scored = index.score(&table, None).unwrap();
    /// assert_eq!(scored.index, [Some(0.0), Some(100.0), Some(75.0)]);
    /// assert_eq!(scored.ranks, [Some(3.0), Some(1.0), Some(2.0)]);
    /// ```
    pub fn score(&self, table: &UnitTable, frozen: Option<&Frozen>) -> Result<Scored, ScoreError> {
        if let Some(frozen) = frozen {
            frozen.check(self)?;
        }
        let indicators = self
            .config()
            .indicator
            .iter()
            .enumerate()
            .map(|(place, indicator)| {
                let series = self.series(indicator, table)?;
                let normaliser = self.normaliser(place, indicator);
                Ok(match frozen.and_then(|frozen| frozen.rule_of(indicator)) {
                    Some(rule) => self.by_rule(rule, indicator, &normaliser, &series),
                    None => self.fitted(indicator, &normaliser, &series, table),
                })
            })
            .collect::<Result<Vec<_>, ScoreError>>()?;
        let score = |item: usize, unit: usize| indicators.get(item)?.cells.get(unit)?.score;
        let observed = |item: usize, unit: usize| {
            let cell = indicators.get(item).and_then(|indicator| indicator.cells.get(unit));
            cell.is_some_and(|cell| cell.status == Status::Observed && cell.score.is_some())
        };
        let nodes = self.node_scores(self.weighing(), table, &score, &observed)?;
        let index: Vec<Option<f64>> = nodes.get(self.root()).into_iter().flatten().map(|node| node.value).collect();
        let frozen_thresholds = frozen.and_then(|frozen| frozen.thresholds.clone());
        let thresholds = frozen_thresholds.or_else(|| self.thresholds(&index, table));
        let classes = index
            .iter()
            .map(|value| value.zip(thresholds.as_ref()).map(|(value, thresholds)| class_place(value, thresholds)))
            .collect();
        let ranks = ranks(&index);
        Ok(Scored { indicators, nodes, index, ranks, thresholds, classes })
    }

    /// Values of all nodes under given weights and means, an undefined mean told by names.
    pub(crate) fn node_scores(
        &self,
        weighing: &Weighing,
        table: &UnitTable,
        score: &dyn Fn(usize, usize) -> Option<f64>,
        observed: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Vec<Vec<NodeScore>>, ScoreError> {
        let named = |error: NodeMeanError| ScoreError::NegativeScore {
            node: self.config().node.get(error.node).map(|node| node.id.clone()).unwrap_or_default(),
            item: self.item_id(error.item).unwrap_or_default().to_owned(),
            unit: table.units().get(error.unit).cloned().unwrap_or_default(),
            score: error.source.score,
        };
        weighing.nodes(&self.tree, self.scale(), table.units().len(), score, observed).map_err(named)
    }

    /// Id of an item, indicators first.
    pub(crate) fn item_id(&self, item: usize) -> Option<&str> {
        let config = self.config();
        let indicators = config.indicator.iter().map(|indicator| indicator.id.as_str());
        indicators.chain(config.node.iter().map(|node| node.id.as_str())).nth(item)
    }

    /// Fixed thresholds, or quantiles of these values.
    pub(crate) fn thresholds(&self, index: &[Option<f64>], table: &UnitTable) -> Option<Vec<f64>> {
        let classes = self.config().classes.as_ref()?;
        let Some(shares) = &classes.quantiles else { return classes.thresholds.clone() };
        let weighted = classes.by == QuantileWeight::Weight;
        let cells: Vec<(f64, f64)> = index
            .iter()
            .zip(table.weights())
            .filter_map(|(value, weight)| value.map(|value| (value, if weighted { *weight } else { 1.0 })))
            .collect();
        quantile_thresholds(&cells, shares, classes.round_to)
    }

    /// The least share of units that has to be observed, reached or not.
    fn observed_enough(&self, indicator: &IndicatorConfig, series: &Series) -> Result<(), NormaliseError> {
        let limit = indicator.min_share.unwrap_or(self.config().missing.indicator_min_share);
        enough(series.observed(), series.raw.len(), limit)
    }

    fn fitted(
        &self,
        indicator: &IndicatorConfig,
        normaliser: &Normaliser<'_>,
        series: &Series,
        table: &UnitTable,
    ) -> IndicatorResult {
        let fitted = self.fit(indicator, normaliser, series, table);
        let empty = || vec![None; series.raw.len()];
        match fitted {
            Ok(Fitted { rule, treated, scores }) => result(Ok(rule), series, treated, scores),
            Err(reason) => result(Err(reason), series, empty(), empty()),
        }
    }

    /// Scores of an indicator as the units of the table make them.
    pub(crate) fn fit(
        &self,
        indicator: &IndicatorConfig,
        normaliser: &Normaliser<'_>,
        series: &Series,
        table: &UnitTable,
    ) -> Result<Fitted, NormaliseError> {
        self.observed_enough(indicator, series)?;
        normaliser.fit(&series.transformed, table.weights())
    }

    fn by_rule(
        &self,
        rule: Result<Rule, NormaliseError>,
        indicator: &IndicatorConfig,
        normaliser: &Normaliser<'_>,
        series: &Series,
    ) -> IndicatorResult {
        let rule = rule.and_then(|rule| self.observed_enough(indicator, series).map(|()| rule));
        let of = |score: &dyn Fn(&Rule, f64) -> f64| {
            let each = series.transformed.iter();
            each.map(|value| value.zip(rule.as_ref().ok()).map(|(value, rule)| score(rule, value))).collect()
        };
        let treated = of(&|rule, value| rule.treated(value));
        let scores = of(&|rule, value| rule.score(value, normaliser.scale, normaliser.clip));
        result(rule.map(Some), series, treated, scores)
    }
}

fn result(
    rule: Result<Option<Rule>, NormaliseError>,
    series: &Series,
    treated: Vec<Option<f64>>,
    scores: Vec<Option<f64>>,
) -> IndicatorResult {
    let steps = series.raw.iter().zip(&series.value).zip(&series.status).zip(treated).zip(scores);
    let cells = steps
        .map(|((((raw, value), status), treated), score)| IndicatorCell {
            raw: *raw,
            value: *value,
            treated,
            score,
            status: *status,
        })
        .collect();
    IndicatorResult { rule, cells }
}

impl Scored {
    /// Units with an index.
    pub fn with_index(&self) -> usize {
        self.index.iter().flatten().count()
    }

    /// Share of units in which an indicator was observed, 0 for no units.
    pub fn observed_share(&self, indicator: usize) -> f64 {
        let cells = self.indicators.get(indicator).map_or(&[][..], |indicator| &indicator.cells);
        let observed = cells.iter().filter(|cell| cell.status == Status::Observed).count();
        if cells.is_empty() { 0.0 } else { count(observed) / count(cells.len()) }
    }
}
