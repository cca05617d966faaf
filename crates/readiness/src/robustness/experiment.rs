//! The index as a function of the choices that could have been made.

use std::collections::BTreeMap;

use crate::{
    composite::{
        CompositeIndex, DrawnMean, DrawnNormalisation, IndicatorConfig, Mean, NodeMean, OutlierRule, Placing,
        ScoreError, ScoreScale, Scored, UnitTable, Weighing,
    },
    uncertainty::{Contest, pick},
};

/// Share of the scale left below the scores before a mean that a 0 would decide; INFORM's scale of 1 to 10.
const LIFTED_SHARE: f64 = 0.1;

/// One choice, a coordinate of the unit cube.
#[derive(Debug, Clone, PartialEq)]
enum Factor {
    Normalisation,
    Weights,
    Mean,
    /// What may become of a contested indicator, by its place.
    Contested(usize, Vec<Contest>),
    /// The data of some indicators, by the place of the choice.
    Data(usize),
    /// The weight of an item.
    Weight(usize),
}

/// Scores of all units.
type Scores = Vec<Option<f64>>;

/// Scores under one normalisation.
#[derive(Debug)]
struct Variant {
    /// By indicator.
    scores: Vec<Scores>,
    /// By choice of data and option, the data as configured first: the indicators that others take the place of.
    data: Vec<Vec<Vec<(usize, Scores)>>>,
}

/// An index with its table, and what is varied.
#[derive(Debug)]
pub struct Experiment<'a> {
    index: &'a CompositeIndex,
    table: &'a UnitTable,
    nominal: Scores,
    /// By normalisation.
    variants: Vec<Variant>,
    /// Weights by scheme and item.
    schemes: Vec<Vec<f64>>,
    /// Means by choice and node.
    means: Vec<Vec<NodeMean>>,
    factors: Vec<Factor>,
}

impl<'a> Experiment<'a> {
    /// An experiment over the choices that the configuration lists. What leaves no choice is no factor: a list of one, or
    /// the weight of an only child.
    pub fn new(index: &'a CompositeIndex, table: &'a UnitTable, scored: &Scored) -> Result<Self, ScoreError> {
        let rules = &index.config().robustness;
        let variants = rules
            .normalisations
            .iter()
            .map(|kind| variant(index, table, scored, *kind))
            .collect::<Result<Vec<_>, _>>()?;
        let schemes = rules.weights.iter().map(|scheme| weights(index, scheme)).collect();
        let means = rules.means.iter().map(|mean| means(index, *mean)).collect();
        let mut factors = Vec::new();
        factors.extend((rules.normalisations.len() > 1).then_some(Factor::Normalisation));
        factors.extend((rules.weights.len() > 1).then_some(Factor::Weights));
        factors.extend((rules.means.len() > 1).then_some(Factor::Mean));
        for (place, indicator) in index.config().indicator.iter().enumerate() {
            let mut contests = vec![Contest::AsItIs];
            contests.extend(rules.drop.contains(&indicator.id).then_some(Contest::Dropped));
            contests.extend(rules.flip.contains(&indicator.id).then_some(Contest::Flipped));
            factors.extend((contests.len() > 1).then_some(Factor::Contested(place, contests)));
        }
        factors.extend((0..rules.alternative.len()).map(Factor::Data));
        if rules.weight_spread > 0.0 {
            factors.extend(index.items_with_siblings().into_iter().map(Factor::Weight));
        }
        Ok(Self { index, table, nominal: scored.index.clone(), variants, schemes, means, factors })
    }

    /// The index.
    pub const fn index(&self) -> &'a CompositeIndex {
        self.index
    }

    /// The table.
    pub const fn table(&self) -> &'a UnitTable {
        self.table
    }

    /// The index of each unit as configured.
    pub fn nominal(&self) -> &[Option<f64>] {
        &self.nominal
    }

    /// Names of the choices, one for each coordinate.
    pub fn factors(&self) -> Vec<String> {
        let id = |item: usize| self.index.item_id(item).unwrap_or_default();
        self.factors
            .iter()
            .map(|factor| match factor {
                Factor::Normalisation => "normalisation".to_owned(),
                Factor::Weights => "weights".to_owned(),
                Factor::Mean => "mean".to_owned(),
                Factor::Contested(place, _) => format!("contested: {}", id(*place)),
                Factor::Data(choice) => {
                    let own = self.index.config().robustness.alternative.get(*choice);
                    format!("data: {}", own.map_or("", |own| &own.name))
                }
                Factor::Weight(item) => format!("weight of {}", id(*item)),
            })
            .collect()
    }

    /// The index of each unit at a point of the unit cube: a list is chosen from in equal parts; a weight is multiplied by
    /// `f = 1 + r (2 u - 1)`, `u` the coordinate, `r` the spread.
    ///
    /// A coordinate that is not there, and where nothing is varied, leaves the choice as configured, or the first of the
    /// list. Coordinates outside 0 to 1 are taken at their end.
    pub fn run(&self, point: &[f64]) -> Result<Vec<Option<f64>>, ScoreError> {
        let spread = self.index.config().robustness.weight_spread;
        let (mut normalisation, mut scheme, mut mean) = (0.0, 0.0, 0.0);
        let mut factors = vec![1.0; self.index.weighing().weights.len()];
        let mut flipped = vec![false; self.index.config().indicator.len()];
        let mut data = Vec::new();
        for (factor, coordinate) in self.factors.iter().zip(point) {
            let coordinate = coordinate.clamp(0.0, 1.0);
            match factor {
                Factor::Normalisation => normalisation = coordinate,
                Factor::Weights => scheme = coordinate,
                Factor::Mean => mean = coordinate,
                Factor::Contested(place, contests) => match pick(contests, coordinate) {
                    Some(Contest::Dropped) => factors.iter_mut().skip(*place).take(1).for_each(|factor| *factor = 0.0),
                    Some(Contest::Flipped) => flipped.iter_mut().skip(*place).take(1).for_each(|flip| *flip = true),
                    Some(Contest::AsItIs) | None => {}
                },
                Factor::Data(choice) => data.push((*choice, coordinate)),
                Factor::Weight(item) => {
                    let times = 1.0 + spread * (coordinate + coordinate - 1.0);
                    factors.iter_mut().skip(*item).take(1).for_each(|factor| *factor *= times);
                }
            }
        }
        let variant = pick(&self.variants, normalisation);
        let mut scores: Vec<&Scores> = variant.into_iter().flat_map(|variant| &variant.scores).collect();
        for (choice, coordinate) in data {
            let options = variant.and_then(|variant| variant.data.get(choice));
            for (place, others) in options.and_then(|options| pick(options, coordinate)).into_iter().flatten() {
                scores.iter_mut().skip(*place).take(1).for_each(|own| *own = others);
            }
        }
        let weights = pick(&self.schemes, scheme).into_iter().flatten().zip(&factors);
        let weighing = Weighing {
            weights: weights.map(|(weight, factor)| weight * factor).collect(),
            means: pick(&self.means, mean).cloned().unwrap_or_default(),
        };
        let scale = self.index.scale();
        let score = |item: usize, unit: usize| {
            let score = (*scores.get(item)?.get(unit)?)?;
            Some(if flipped.get(item) == Some(&true) { scale.mirrored(score) } else { score })
        };
        self.top(&weighing, &score)
    }

    /// Whether scores at a point are made as configured, so that points mean what they mean there.
    pub(super) fn keeps_normalisation(&self, point: &[f64]) -> bool {
        let kinds = &self.index.config().robustness.normalisations;
        let coordinate = self.factors.iter().zip(point).find(|(factor, _)| **factor == Factor::Normalisation);
        pick(kinds, coordinate.map_or(0.0, |(_, coordinate)| *coordinate)) == Some(&DrawnNormalisation::AsConfigured)
    }

    /// The index of each unit with the weights of some items multiplied, all else as configured.
    pub(super) fn with_weights(
        &self,
        scored: &Scored,
        factor: impl Fn(usize) -> f64,
    ) -> Result<Vec<Option<f64>>, ScoreError> {
        let mut weighing = self.index.weighing().clone();
        for (item, weight) in weighing.weights.iter_mut().enumerate() {
            *weight *= factor(item);
        }
        let score = |item: usize, unit: usize| scored.indicators.get(item)?.cells.get(unit)?.score;
        self.top(&weighing, &score)
    }

    fn top(
        &self,
        weighing: &Weighing,
        score: &dyn Fn(usize, usize) -> Option<f64>,
    ) -> Result<Vec<Option<f64>>, ScoreError> {
        let nodes = self.index.node_scores(weighing, self.table, score, &|_, _| true)?;
        Ok(nodes.get(self.index.root()).into_iter().flatten().map(|node| node.value).collect())
    }
}

/// Scores of all indicators under one normalisation, and of those that have other data to choose. An indicator that it does
/// not fit has none. Goalposts of other data are their own.
fn variant(
    index: &CompositeIndex,
    table: &UnitTable,
    scored: &Scored,
    kind: DrawnNormalisation,
) -> Result<Variant, ScoreError> {
    let indicators = || index.config().indicator.iter().enumerate();
    let own = if kind == DrawnNormalisation::AsConfigured {
        let of = |result: &crate::composite::IndicatorResult| result.cells.iter().map(|cell| cell.score).collect();
        scored.indicators.iter().map(of).collect()
    } else {
        indicators().map(|(place, indicator)| scores(index, table, place, indicator, kind)).collect::<Result<_, _>>()?
    };
    let beside = |columns: &BTreeMap<String, String>| {
        let own = indicators().filter_map(|(place, own)| Some((place, own, columns.get(&own.id)?)));
        own.map(|(place, own, column)| {
            let other = IndicatorConfig { column: Some(column.clone()), ..own.clone() };
            Ok((place, scores(index, table, place, &other, kind)?))
        })
        .collect::<Result<Vec<_>, ScoreError>>()
    };
    let data = index.config().robustness.alternative.iter().map(|choice| {
        let others = choice.options.iter().map(beside);
        std::iter::once(Ok(Vec::new())).chain(others).collect::<Result<Vec<_>, ScoreError>>()
    });
    Ok(Variant { scores: own, data: data.collect::<Result<_, _>>()? })
}

/// Scores of an indicator under one normalisation; none where it does not fit.
fn scores(
    index: &CompositeIndex,
    table: &UnitTable,
    place: usize,
    indicator: &IndicatorConfig,
    kind: DrawnNormalisation,
) -> Result<Scores, ScoreError> {
    let mut normaliser = index.normaliser(place, indicator);
    let placing = match kind {
        DrawnNormalisation::AsConfigured => None,
        DrawnNormalisation::MinMax => Some(Placing::MinMax),
        DrawnNormalisation::ZScore => Some(index.z_placing()),
        DrawnNormalisation::PercentileRank => Some(Placing::PercentileRank),
    };
    if let Some(placing) = placing {
        if matches!(normaliser.placing, Placing::Fixed { .. } | Placing::AsObserved) {
            normaliser.outliers = OutlierRule::Keep;
        }
        (normaliser.placing, normaliser.clip) = (placing, true);
    }
    let series = index.series(indicator, table)?;
    let fitted = index.fit(indicator, &normaliser, &series, table);
    Ok(fitted.map_or_else(|_| vec![None; table.units().len()], |fitted| fitted.scores))
}

fn weights(index: &CompositeIndex, scheme: &str) -> Vec<f64> {
    let config = index.config();
    let indicators = config.indicator.iter().map(|item| (item.weight, &item.weights));
    let items = indicators.chain(config.node.iter().map(|item| (item.weight, &item.weights)));
    items
        .map(|(weight, schemes)| match scheme {
            "as_configured" => weight,
            "equal" => 1.0,
            other => schemes.get(other).copied().unwrap_or(weight),
        })
        .collect()
}

fn means(index: &CompositeIndex, drawn: DrawnMean) -> Vec<NodeMean> {
    let config = index.config();
    let scale = index.scale();
    let lifted = ScoreScale::new(scale.at(LIFTED_SHARE), scale.high());
    // Below 0 a scale has no geometric mean: carry it to 10 to 100 then.
    let lifted = lifted.filter(|lifted| lifted.low() > 0.0).or_else(|| ScoreScale::new(LIFTED_SHARE, 1.0));
    let nodes = config.node.iter().zip(&index.weighing().means).enumerate();
    nodes
        .map(|(place, (node, own))| {
            let varied = match &config.robustness.means_at {
                Some(ids) => ids.contains(&node.id),
                None => place == index.root(),
            };
            let (mean, rescale) = match drawn {
                DrawnMean::AsConfigured => return *own,
                _ if !varied => return *own,
                DrawnMean::Arithmetic => (Mean::Arithmetic, own.rescale),
                DrawnMean::Geometric => (Mean::Geometric, own.rescale.or(lifted)),
                DrawnMean::Harmonic => (Mean::Harmonic, own.rescale.or(lifted)),
            };
            NodeMean { mean, rescale, ..*own }
        })
        .collect()
}
