//! What a baseline freezes: goalposts as they were treated, and class thresholds. A later round that is scored by them
//! can be compared with the baseline; one with goalposts of its own can't.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    config::{IndicatorConfig, Transform},
    index::CompositeIndex,
    normalise::{Place, Placing, Rule},
    score::Scored,
};
use crate::{catalogue::Direction, normalise::NormaliseError, outliers::Treatment};

/// Goalposts and thresholds of a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// Name of the index.
    pub index: String,
    /// Version of the index at the baseline.
    pub version: String,
    /// Ends of the scale, points.
    pub scale: [f64; 2],
    /// Class thresholds, if they are quantiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Vec<f64>>,
    /// Indicators that gave no scores, and why: they give none in later rounds either.
    #[serde(default)]
    pub left_out: BTreeMap<String, NormaliseError>,
    /// By id of the indicator; those with fixed goalposts need none.
    #[serde(default)]
    pub indicator: BTreeMap<String, FrozenIndicator>,
}

/// The rule of an indicator, and what was done before it applies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenIndicator {
    /// Whether more is better.
    pub direction: Direction,
    /// Transform of the value.
    pub transform: Transform,
    /// Added before a logarithm.
    pub transform_offset: f64,
    /// Treatment of outliers.
    pub treatment: Treatment,
    /// Place on the scale.
    pub place: Place,
}

/// Why goalposts cannot be frozen or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrozenError {
    /// Percentile ranks hold among the units of one round.
    #[error("indicator {id}: percentile ranks can't be frozen, they hold among the units of one round")]
    Ranks {
        /// Id of the indicator.
        id: String,
    },
    /// The goalposts are of another index, scale or indicator.
    #[error("the frozen goalposts are of another index: {what} is {frozen} there and {here} here")]
    Other {
        /// What differs.
        what: String,
        /// In the goalposts.
        frozen: String,
        /// In the configuration.
        here: String,
    },
    /// An indicator is not among them.
    #[error("the frozen goalposts have no indicator {id}")]
    NoIndicator {
        /// Id of the indicator.
        id: String,
    },
    /// An indicator is among them that the configuration has not.
    #[error("the frozen goalposts have an indicator {id}, the configuration has not")]
    UnknownIndicator {
        /// Id of the indicator.
        id: String,
    },
    /// A number cannot be.
    #[error("the frozen goalposts can't be used: {what} is not a number, a range or a spread above 0, or increasing")]
    Broken {
        /// Where.
        what: String,
    },
}

fn depends_on_units(index: &CompositeIndex, place: usize, indicator: &IndicatorConfig) -> bool {
    !matches!(index.normaliser(place, indicator).placing, Placing::Fixed { .. } | Placing::AsObserved)
}

impl Frozen {
    /// Freezes what a round was scored by.
    pub fn of(index: &CompositeIndex, scored: &Scored) -> Result<Self, FrozenError> {
        let config = index.config();
        let mut frozen = Self {
            index: config.name.clone(),
            version: config.version.clone(),
            scale: [index.scale().low(), index.scale().high()],
            thresholds: scored
                .thresholds
                .clone()
                .filter(|_| config.classes.as_ref().is_some_and(|classes| classes.quantiles.is_some())),
            left_out: BTreeMap::new(),
            indicator: BTreeMap::new(),
        };
        for (place, (indicator, result)) in config.indicator.iter().zip(&scored.indicators).enumerate() {
            if !depends_on_units(index, place, indicator) {
                continue;
            }
            let id = indicator.id.clone();
            match result.rule {
                Err(reason) => {
                    frozen.left_out.insert(id, reason);
                }
                Ok(None) => return Err(FrozenError::Ranks { id }),
                Ok(Some(Rule { direction, treatment, place })) => {
                    let (transform, transform_offset) = (indicator.transform, indicator.transform_offset);
                    let rule = FrozenIndicator { direction, transform, transform_offset, treatment, place };
                    frozen.indicator.insert(id, rule);
                }
            }
        }
        Ok(frozen)
    }

    /// Whether these goalposts are of this index.
    pub(super) fn check(&self, index: &CompositeIndex) -> Result<(), FrozenError> {
        let config = index.config();
        let differ = |what: &str, frozen: String, here: String| {
            if frozen == here { Ok(()) } else { Err(FrozenError::Other { what: what.to_owned(), frozen, here }) }
        };
        differ("the name", self.index.clone(), config.name.clone())?;
        let scale = [index.scale().low(), index.scale().high()];
        differ("the scale", format!("{:?}", self.scale), format!("{scale:?}"))?;
        if let Some(thresholds) = &self.thresholds {
            let classes = config.classes.as_ref().and_then(|classes| classes.quantiles.as_ref()).map_or(0, Vec::len);
            differ("the number of thresholds", thresholds.len().to_string(), classes.to_string())?;
            if !thresholds.is_sorted() || thresholds.iter().any(|threshold| !threshold.is_finite()) {
                return Err(FrozenError::Broken { what: "thresholds".to_owned() });
            }
        }
        let known = |id: &&String| config.indicator.iter().any(|indicator| indicator.id == **id);
        if let Some(id) = self.indicator.keys().chain(self.left_out.keys()).find(|id| !known(id)) {
            return Err(FrozenError::UnknownIndicator { id: id.clone() });
        }
        for (place, indicator) in config.indicator.iter().enumerate() {
            let needed = depends_on_units(index, place, indicator);
            let Some(rule) = self.indicator.get(&indicator.id) else {
                if needed && !self.left_out.contains_key(&indicator.id) {
                    return Err(FrozenError::NoIndicator { id: indicator.id.clone() });
                }
                continue;
            };
            let of = |what: &str| format!("{what} of indicator {}", indicator.id);
            differ(&of("direction"), format!("{:?}", rule.direction), format!("{:?}", indicator.direction))?;
            differ(&of("transform"), format!("{:?}", rule.transform), format!("{:?}", indicator.transform))?;
            let (there, here) = (rule.transform_offset, indicator.transform_offset);
            differ(&of("transform_offset"), there.to_string(), here.to_string())?;
            let here = match index.normaliser(place, indicator).placing {
                Placing::MinMax => "min_max",
                Placing::ZScore { .. } => "z_score",
                Placing::PercentileRank => "percentile_rank",
                Placing::Fixed { .. } => "goalposts",
                Placing::AsObserved => "none",
            };
            let there = match rule.place {
                Place::Between { .. } => "min_max",
                Place::Deviation { .. } => "z_score",
                Place::AsObserved {} => "none",
            };
            differ(&of("normalisation"), there.to_owned(), here.to_owned())?;
            if !rule.is_sound() {
                return Err(FrozenError::Broken { what: of("the rule") });
            }
        }
        Ok(())
    }

    /// The frozen rule of an indicator, or why it has none; `None` if it does not depend on units.
    pub(super) fn rule_of(&self, indicator: &IndicatorConfig) -> Option<Result<Rule, NormaliseError>> {
        if let Some(reason) = self.left_out.get(&indicator.id) {
            return Some(Err(*reason));
        }
        let FrozenIndicator { direction, treatment, place, .. } = *self.indicator.get(&indicator.id)?;
        Some(Ok(Rule { direction, treatment, place }))
    }
}

impl FrozenIndicator {
    fn is_sound(&self) -> bool {
        let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
        let place = match self.place {
            Place::Between { low, high } => finite(&[low, high]) && low < high,
            Place::Deviation { mean, sd, at_mean, points } => {
                finite(&[mean, sd, at_mean, points]) && sd > 0.0 && points > 0.0
            }
            Place::AsObserved {} => true,
        };
        let treatment = match self.treatment {
            Treatment::AsObserved => true,
            Treatment::Logarithm { origin, offset } | Treatment::MirroredLogarithm { origin, offset } => {
                finite(&[origin, offset]) && offset > 0.0
            }
            Treatment::Winsorised { low, high, .. } | Treatment::Clamped { low, high } => {
                finite(&[low, high]) && low <= high
            }
        };
        place && treatment
    }
}
