//! A configuration that was checked: what exists can be scored.

use std::collections::BTreeSet;

use super::{
    check,
    config::{
        Imputation, IndexConfig, IndicatorConfig, MeanName, NodeConfig, NormalisationConfig, OutlierName, Transform,
    },
    hierarchy::{Hierarchy, HierarchyError, hierarchy},
    mean::Mean,
    normalise::{Normaliser, OutlierRule, Placing},
    scale::{ScoreScale, sound},
    tree::{NodeMean, Weighing},
};
use crate::{
    json::Fault,
    method::{Method, Outliers},
};

/// Sizes of the exponent of a power mean. Beyond, its powers leave 64 bits, and the mean is a geometric mean or an extreme.
const EXPONENTS: std::ops::RangeInclusive<f64> = 0.01..=100.0;

/// A configuration that cannot be an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The hierarchy is no tree.
    #[error(transparent)]
    Hierarchy(#[from] HierarchyError),
    /// A value is not what it may be.
    #[error(transparent)]
    Value(#[from] Fault),
}

/// An index, ready to score tables of units.
#[derive(Debug, Clone, PartialEq)]
pub struct CompositeIndex {
    config: IndexConfig,
    pub(super) tree: Hierarchy,
    outliers: Outliers,
    scale: ScoreScale,
    placings: Vec<Placing>,
    weighing: Weighing,
}

impl CompositeIndex {
    /// Checks a configuration: a tree, weights that are not negative and not all 0 at a node, shares from 0 to 1,
    /// goalposts in their order and where the logarithm exists, thresholds that increase.
    ///
    /// ```
    /// use kend_readiness::composite::{CompositeIndex, IndexConfig};
    /// let config: IndexConfig = serde_json::from_value(serde_json::json!({
    ///     "name": "Wells", "table": {"file": "wells.csv", "unit": "village"},
    ///     "indicator": [{"id": "depth", "parent": "water", "direction": "-"}],
    ///     "node": [{"id": "water", "weight": -1}],
    /// })).unwrap();
    /// let error = CompositeIndex::new(config).unwrap_err();
    /// assert_eq!(error.to_string(), "node water, weight: expected a number from 0 on, found -1");
    /// ```
    pub fn new(config: IndexConfig) -> Result<Self, ConfigError> {
        let scale = ScoreScale::new(config.scale.minimum, config.scale.maximum).ok_or_else(|| {
            let found = format!("{} and {}", config.scale.minimum, config.scale.maximum);
            Fault::expected("scale", "a minimum below the maximum", found)
        })?;
        for (place, value) in [
            ("missing, indicator_min_share", config.missing.indicator_min_share),
            ("missing, node_min_share", config.missing.node_min_share),
        ] {
            check::share(place, value)?;
        }
        if let Placing::ZScore { mean, sd } = z_placing(&config, scale)
            && !(sound(mean) && sound(sd) && sd > 0.0)
        {
            return Err(Fault::expected("z_score", "a mean, and an sd above 0", format!("{mean} and {sd}")).into());
        }
        let outliers = check::outliers(&config)?;
        let ids = config.indicator.iter().map(|item| ("indicator", &item.id));
        for (kind, id) in ids.chain(config.node.iter().map(|item| ("node", &item.id))) {
            let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
            if id.is_empty() || !id.chars().all(plain) {
                return Err(Fault::expected(format!("{kind} {id}, id"), "letters, digits, _ and -", id).into());
            }
        }
        let indicators: Vec<(&str, &str)> =
            config.indicator.iter().map(|item| (item.id.as_str(), item.parent.as_str())).collect();
        let nodes: Vec<(&str, Option<&str>)> =
            config.node.iter().map(|item| (item.id.as_str(), item.parent.as_deref())).collect();
        let tree = hierarchy(&indicators, &nodes)?;
        let placings = config
            .indicator
            .iter()
            .map(|indicator| placing(indicator, &config, scale))
            .collect::<Result<Vec<_>, _>>()?;
        let means = config.node.iter().map(|node| node_mean(node, &config)).collect::<Result<Vec<_>, _>>()?;
        let weights = config
            .indicator
            .iter()
            .map(|item| check::weight("indicator", &item.id, item.weight, &item.weights))
            .chain(config.node.iter().map(|item| check::weight("node", &item.id, item.weight, &item.weights)))
            .collect::<Result<Vec<_>, _>>()?;
        for (children, node) in tree.children.iter().zip(&config.node) {
            if children.iter().filter_map(|item| weights.get(*item)).all(|weight| *weight == 0.0) {
                let place = format!("node {}", node.id);
                return Err(Fault::expected(place, "a child with a weight above 0", "weights that are all 0").into());
            }
        }
        if let Some(classes) = &config.classes {
            check::classes(classes, &config)?;
        }
        check::table(&config)?;
        check::robustness(&config)?;
        Ok(Self { config, tree, outliers, scale, placings, weighing: Weighing { weights, means } })
    }

    /// The configuration.
    pub const fn config(&self) -> &IndexConfig {
        &self.config
    }

    /// The scale of scores and node values.
    pub const fn scale(&self) -> ScoreScale {
        self.scale
    }

    /// Place of the index among the nodes.
    pub fn root(&self) -> usize {
        self.tree.upwards.last().copied().unwrap_or_default()
    }

    /// Columns with numbers that the table has to have, in the order in which they are asked for.
    pub fn number_columns(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let of_indicators =
            self.config.indicator.iter().flat_map(|indicator| {
                [Some(indicator.column()), self.denominator_column(indicator)].into_iter().flatten()
            });
        let choices = self.config.robustness.alternative.iter();
        let others = choices.flat_map(|choice| &choice.options).flat_map(|option| option.values().map(String::as_str));
        let columns = of_indicators.chain(self.config.table.weight.as_deref()).chain(others);
        columns.filter(|column| seen.insert(*column)).collect()
    }

    /// The column an indicator is divided by.
    pub(super) fn denominator_column<'a>(&'a self, indicator: &'a IndicatorConfig) -> Option<&'a str> {
        let denominator = indicator.denominator.as_ref()?;
        denominator.column.as_deref().or_else(|| {
            let other = self.config.indicator.iter().find(|other| Some(&other.id) == denominator.indicator.as_ref())?;
            Some(other.column())
        })
    }

    pub(crate) const fn weighing(&self) -> &Weighing {
        &self.weighing
    }

    /// How the indicator at a place becomes scores. The share of units observed is the caller's to check, before
    /// imputation.
    pub(crate) fn normaliser<'a>(&'a self, place: usize, indicator: &IndicatorConfig) -> Normaliser<'a> {
        let defaults = &self.config.defaults;
        Normaliser {
            direction: indicator.direction,
            placing: self.placings.get(place).copied().unwrap_or(Placing::MinMax),
            outliers: match indicator.outliers.unwrap_or(defaults.outliers) {
                OutlierName::None => OutlierRule::Keep,
                OutlierName::SkewKurtosis => OutlierRule::SkewAndKurtosis(&self.outliers),
                OutlierName::Percentiles => OutlierRule::Percentiles(&self.outliers),
            },
            min_share: 0.0,
            scale: self.scale,
            clip: indicator.clip.or(defaults.clip).unwrap_or(true),
        }
    }

    /// Items that share the weight of their parent with another, indicators first.
    pub(crate) fn items_with_siblings(&self) -> Vec<usize> {
        let weighs = |item: &&usize| self.weighing.weights.get(**item).is_some_and(|weight| *weight > 0.0);
        let families = self.tree.children.iter().map(|children| children.iter().filter(weighs).copied());
        let mut items: Vec<usize> =
            families.map(Iterator::collect::<Vec<usize>>).filter(|family| family.len() > 1).flatten().collect();
        items.sort_unstable();
        items
    }

    /// Share of each item in the weight of the index, indicators first, 1 for the index itself.
    pub(crate) fn weight_shares(&self) -> Vec<f64> {
        let weights = &self.weighing.weights;
        let indicators = self.config.indicator.len();
        let mut shares = vec![0.0; weights.len()];
        for node in self.tree.upwards.iter().rev() {
            let own = if *node == self.root() { 1.0 } else { shares.get(indicators + node).copied().unwrap_or(0.0) };
            let children = self.tree.children.get(*node).map_or(&[][..], Vec::as_slice);
            let total: f64 = children.iter().filter_map(|item| weights.get(*item)).sum();
            shares.iter_mut().skip(indicators + node).take(1).for_each(|share| *share = own);
            for item in children {
                if let Some((share, weight)) = shares.get_mut(*item).zip(weights.get(*item)) {
                    *share = own * weight / total;
                }
            }
        }
        shares
    }

    /// Mean and points of a standard deviation of z-scores.
    pub(crate) fn z_placing(&self) -> Placing {
        z_placing(&self.config, self.scale)
    }
}

impl IndicatorConfig {
    pub(super) fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.id)
    }
}

impl Transform {
    /// The value transformed; `None` where the logarithm does not exist.
    pub(super) fn of(self, value: f64, offset: f64) -> Option<f64> {
        let taken = value + offset;
        match self {
            Self::None => Some(value),
            Self::Ln => (taken > 0.0).then(|| libm::log(taken)),
            Self::Log10 => (taken > 0.0).then(|| libm::log10(taken)),
        }
    }
}

fn z_placing(config: &IndexConfig, scale: ScoreScale) -> Placing {
    let (rules, whole) = (&Method::standard().normalisation, Method::standard().scale.maximum.value);
    Placing::ZScore {
        mean: config.z_score.mean.unwrap_or_else(|| scale.at(rules.z_mean.value / whole)),
        sd: config.z_score.sd.unwrap_or_else(|| scale.width() * (rules.z_sd.value / whole)),
    }
}

fn placing(indicator: &IndicatorConfig, config: &IndexConfig, scale: ScoreScale) -> Result<Placing, Fault> {
    let at = |key: &str| format!("indicator {}, {key}", indicator.id);
    if let Some(limit) = indicator.min_share {
        check::share(&at("min_share"), limit)?;
    }
    if !sound(indicator.transform_offset) {
        return Err(Fault::expected(at("transform_offset"), "a number", indicator.transform_offset));
    }
    if let Some(denominator) = &indicator.denominator {
        let named = usize::from(denominator.column.is_some()) + usize::from(denominator.indicator.is_some());
        if named != 1 {
            let found = if named == 0 { "neither" } else { "both" };
            return Err(Fault::expected(at("denominator"), "either a column or an indicator", found));
        }
        let unknown = denominator.indicator.as_ref().filter(|id| config.indicator.iter().all(|other| other.id != **id));
        if let Some(unknown) = unknown {
            return Err(Fault::expected(at("denominator"), "the id of an indicator", unknown));
        }
        if !sound(denominator.factor) || denominator.factor <= 0.0 {
            return Err(Fault::expected(at("denominator, factor"), "a number above 0", denominator.factor));
        }
    }
    if indicator.impute.unwrap_or(config.defaults.impute) == Imputation::GroupMean && config.table.group.is_none() {
        return Err(Fault::expected(at("impute"), "`group` in [table] for group_mean", "none"));
    }
    let outliers_asked = indicator.outliers.is_some_and(|outliers| outliers != OutlierName::None);
    let normalisation = match (indicator.normalisation, indicator.goalposts) {
        (None, None) => config.defaults.normalisation,
        (None, Some(_)) | (Some(NormalisationConfig::Goalposts), _) => NormalisationConfig::Goalposts,
        (Some(_), Some(_)) => {
            return Err(Fault::expected(at("goalposts"), "none beside another normalisation", "goalposts"));
        }
        (Some(other), None) => other,
    };
    if outliers_asked && matches!(normalisation, NormalisationConfig::Goalposts | NormalisationConfig::None) {
        let found = "goalposts or none, which know no outliers";
        return Err(Fault::expected(at("outliers"), "min_max, z_score or percentile_rank", found));
    }
    Ok(match normalisation {
        NormalisationConfig::MinMax => Placing::MinMax,
        NormalisationConfig::PercentileRank => Placing::PercentileRank,
        NormalisationConfig::None => Placing::AsObserved,
        NormalisationConfig::ZScore => z_placing(config, scale),
        NormalisationConfig::Goalposts => {
            let Some([low, high]) = indicator.goalposts else {
                return Err(Fault::expected(at("goalposts"), "the least and the greatest value", "none"));
            };
            let transformed = |end: f64| indicator.transform.of(end, indicator.transform_offset);
            match (transformed(low), transformed(high)) {
                (Some(low), Some(high)) if low < high && sound(low) && sound(high) => Placing::Fixed { low, high },
                _ => {
                    let expected = "the lesser value first, both where the transform exists";
                    return Err(Fault::expected(at("goalposts"), expected, format!("[{low}, {high}]")));
                }
            }
        }
    })
}

fn node_mean(node: &NodeConfig, config: &IndexConfig) -> Result<NodeMean, Fault> {
    let at = |key: &str| format!("node {}, {key}", node.id);
    let min_share = node.min_share.unwrap_or(config.missing.node_min_share);
    check::share(&at("min_share"), min_share)?;
    let mean = match (node.mean.unwrap_or(config.defaults.mean), node.power) {
        (MeanName::Power, Some(power)) if EXPONENTS.contains(&power.abs()) => Mean::Power(power),
        (MeanName::Power, power) => {
            let found = power.map_or_else(|| "none".to_owned(), |power| power.to_string());
            return Err(Fault::expected(
                at("power"),
                "an exponent of 0.01 to 100, or negative (0 is the geometric mean)",
                found,
            ));
        }
        (_, Some(power)) => return Err(Fault::expected(at("power"), "none without mean = \"power\"", power)),
        (MeanName::Arithmetic, None) => Mean::Arithmetic,
        (MeanName::Geometric, None) => Mean::Geometric,
        (MeanName::Harmonic, None) => Mean::Harmonic,
        (MeanName::Minimum, None) => Mean::Minimum,
        (MeanName::Maximum, None) => Mean::Maximum,
    };
    let rescale = match node.rescale {
        None => None,
        Some([low, high]) => Some(ScoreScale::new(low, high).ok_or_else(|| {
            Fault::expected(at("rescale"), "the lower end of a scale first", format!("[{low}, {high}]"))
        })?),
    };
    if !node.rescale_back && (node.parent.is_some() || rescale.is_none()) {
        return Err(Fault::expected(at("rescale_back"), "false only at the index, beside `rescale`", "false"));
    }
    Ok(NodeMean { mean, min_share, rescale, rescale_back: node.rescale_back, mirrored: node.mirrored })
}
