//! The groups of parameters, one struct for each part of the method.
//!
//! A [`Parameter`] carries its own range and checks it while it is read, so no group needs a check of its own, and the
//! merge checks the values a caller gives by the same ranges.

use serde::Deserialize;

/// One number of the method.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "RawParameter<T>", bound = "T: Deserialize<'de> + PartialOrd + std::fmt::Display")]
pub struct Parameter<T = f64> {
    /// The default.
    pub value: T,
    /// The least value that makes sense.
    pub minimum: T,
    /// The greatest value that makes sense.
    pub maximum: T,
    /// What it is counted in.
    pub unit: String,
    /// Where it comes from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParameter<T> {
    value: T,
    minimum: T,
    maximum: T,
    unit: String,
    source: String,
}

impl<T: PartialOrd + std::fmt::Display> TryFrom<RawParameter<T>> for Parameter<T> {
    type Error = String;
    fn try_from(raw: RawParameter<T>) -> Result<Self, String> {
        let RawParameter { value, minimum, maximum, unit, source } = raw;
        if !(minimum <= value && value <= maximum) {
            return Err(format!("expected a value from {minimum} to {maximum}, found {value}"));
        }
        if unit.is_empty() || source.is_empty() {
            return Err("expected a unit and a source, found an empty text".to_owned());
        }
        Ok(Self { value, minimum, maximum, unit, source })
    }
}

impl<T: PartialOrd + std::fmt::Display> Parameter<T> {
    /// Whether another value may stand in this one's place; the message says which may.
    pub fn admits(&self, value: &T) -> Result<(), String> {
        if self.minimum <= *value && *value <= self.maximum {
            Ok(())
        } else {
            Err(format!("a number from {} to {}", self.minimum, self.maximum))
        }
    }
}

macro_rules! parameters {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)+ })+) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$doc])* pub $field: Parameter<$kind>,)+ }
    )+ };
}

parameters! {
    /// The common scale of scores, values and class positions.
    Scale {
        /// The top of the scale, points.
        maximum: f64,
        /// Where the centre of a level's class lies below the level, levels.
        level_centre: f64,
    }
    /// How much may be missing (2.4). A demonstration may lower these; its results then say that they are partial.
    MissingLimits {
        /// Least share of zones observed for an indicator to be used.
        indicator_min_share: f64,
        /// Least share of a dimension's weight observed for it to have a value.
        dimension_min_weight_share: f64,
        /// Least number of dimensions with a value for an index.
        index_min_dimensions: u32,
    }
    /// Treatment of outliers (2.5).
    Outliers {
        /// Skewness from which a distribution counts as skewed.
        skew_limit: f64,
        /// Kurtosis from which a distribution counts as heavy-tailed.
        kurtosis_limit: f64,
        /// Values that may be pulled in before the logarithm is taken instead.
        winsorise_max_points: u32,
        /// Added inside the logarithm, as a share of the range.
        log_offset_share: f64,
        /// From more values than this percentiles are clamped.
        many_values: u32,
        /// Lower percentile then.
        clamp_low_share: f64,
        /// Upper percentile then.
        clamp_high_share: f64,
    }
    /// Alternatives to min-max (2.5).
    Alternatives {
        /// Mean of z-scores, points.
        z_mean: f64,
        /// Standard deviation of z-scores, points.
        z_sd: f64,
    }
    /// Class thresholds (4).
    ClassRules {
        /// Thresholds are rounded to one part in this many of a point.
        threshold_steps_per_point: f64,
        /// First threshold where quintiles tie.
        tied_first_threshold: f64,
    }
    /// Gap analysis (5).
    GapRules {
        /// Area share below which a score lags.
        lag_share: f64,
        /// A gap this close to the largest is significant too.
        significant_within: f64,
    }
    /// Field evidence (6.4, 7.2).
    FieldRules {
        /// Weight of an opinion.
        evidence_opinion: f64,
        /// Weight of a concrete example.
        evidence_example: f64,
        /// Weight of what was seen or documented.
        evidence_seen: f64,
        /// Factor for an informant outside the own sector.
        out_of_domain: f64,
        /// A dimension with less of its theme weight heard is silent.
        silent_below_coverage: f64,
        /// A dimension with fewer interviews is silent.
        min_interviews: u32,
    }
    /// Defaults and ranges of the merge (7.2, 7.3); [`crate::MergeParameters`] holds the values in use.
    MergeRules {
        /// Weight of the voices, 0 to 1.
        lambda: f64,
        /// Weight of focus groups against informants, 0 to 1.
        alpha: f64,
        /// Prior degrees of freedom of the variance between villages.
        nu0: f64,
        /// Prior variance between villages.
        sigma0_sq: f64,
        /// Variance between rubric and index.
        sigma_m_sq: f64,
        /// Position points by which data grow uncertain a year.
        a: f64,
        /// Greatest weight of the voices.
        kappa_cap: f64,
    }
    /// Labels, ranges and guards (7.4).
    LabelRules {
        /// Voices this close to the data confirm them.
        confirm_within: f64,
        /// From this many standard deviations a difference is clear.
        clear_z: f64,
        /// Half width of the range, standard errors.
        range_z: f64,
        /// Classes the merged class may lie from the class of the data.
        max_class_steps: u32,
        /// Fewer villages and the merged class is provisional.
        min_villages: u32,
        /// Fewer focus groups and the merged class is provisional.
        min_focus_groups: u32,
    }
    /// Agreement of raters (6.5).
    AgreementRules {
        /// Alpha from which agreement is good.
        good: f64,
        /// Alpha from which agreement is tentative.
        tentative: f64,
        /// Double-scored interviews below which alpha says nothing.
        min_interviews: u32,
        /// `sigma_m_sq` where alpha is below tentative.
        low_agreement_sigma_m_sq: f64,
    }
    /// Robustness (3).
    RobustnessRules {
        /// Weights vary by this share up and down.
        weight_spread: f64,
        /// Draws of a Monte Carlo estimate.
        draws: u32,
    }
    /// Later rounds of a series (4, 10).
    RoundRules {
        /// Correlation of the errors of two rounds, for the index part.
        correlation: f64,
        /// A difference of more than this many standard errors is a change.
        changed_z: f64,
        /// A cluster continues a former one if it holds at least this share of its people.
        least_overlap: f64,
    }
}
