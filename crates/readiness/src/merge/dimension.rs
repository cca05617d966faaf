//! One dimension: shrinks the position of the data towards the voices (7.3) and labels the difference (7.4).

use kend_domain::Relation;

use super::{DimensionInput, DimensionOutput, MergeParameters};
use crate::{
    class::{ValueAt, position, value_at},
    field::{DimensionVoice, Voice},
    method::Method,
};

/// The merge of one dimension on the position scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MergedDimension {
    /// Weight of the voices.
    pub kappa: f64,
    /// Merged position.
    pub position: f64,
    /// Its variance.
    pub variance: f64,
}

/// Merges the position of the data with that of the voices: `kappa = lambda U / (lambda U + V)`, at most `kappa_cap`;
/// `P' = (1 - kappa) P + kappa Q`; `Var = (1 - kappa) U + kappa V + kappa (1 - kappa) (Q - P)^2`.
///
/// `data` is P and U, `voices` Q and V: positions 0 to 100, variances in position points squared, at least 0; `lambda`,
/// `kappa_cap` 0 to 1. Source: method 7.3. `lambda U` = 0 gives `kappa` = 0, also when V is 0. NaN gives NaN.
///
/// ```
/// use kend_readiness::{MergeParameters, Method, Voice, merge_dimension};
/// let (data, voices) = (Voice { q: 45.7143, v: 113.0 }, Voice { q: 25.9091, v: 239.7103 });
/// let potential = merge_dimension(data, voices, &MergeParameters::default(), Method::standard());
/// assert!((potential.kappa - 0.1907).abs() < 1e-4);
/// assert!((potential.position - 41.9366).abs() < 1e-4);
/// assert!((potential.variance - 197.7161).abs() < 1e-3);
/// ```
pub fn merge_dimension(data: Voice, voices: Voice, parameters: &MergeParameters, method: &Method) -> MergedDimension {
    let claim = parameters.lambda * data.v;
    let kappa = if claim == 0.0 { 0.0 } else { (claim / (claim + voices.v)).min(parameters.kappa_cap) };
    let distance = voices.q - data.q;
    let position = (1.0 - kappa) * data.q + kappa * voices.q;
    MergedDimension {
        kappa,
        position: position.clamp(0.0, method.scale.maximum.value),
        variance: (1.0 - kappa) * data.v + kappa * voices.v + kappa * (1.0 - kappa) * distance * distance,
    }
}

/// How voices relate to data: `delta = Q - P`; confirm where `|delta| <= 10`, else higher or lower where `|z| >= 1`,
/// `z = delta / sqrt(U + V)`, else inconclusive.
///
/// `delta` position points; `variance` `U + V`, position points squared, at least 0. Source: method 7.4. A variance of 0
/// makes any difference beyond 10 clear; NaN is inconclusive. Silence is the caller's to say.
///
/// ```
/// use kend_domain::Relation;
/// use kend_readiness::{Method, relation};
/// let method = Method::standard();
/// assert_eq!(relation(-19.8052, 352.7103, method), Relation::QualLower);
/// assert_eq!(relation(-19.8052, 900.0, method), Relation::Inconclusive);
/// assert_eq!(relation(-8.2549, 281.3474, method), Relation::Confirm);
/// ```
pub fn relation(delta: f64, variance: f64, method: &Method) -> Relation {
    let rules = &method.labels;
    if delta.abs() <= rules.confirm_within.value {
        Relation::Confirm
    } else if delta.abs() >= rules.clear_z.value * variance.sqrt() {
        if delta > 0.0 { Relation::QualHigher } else { Relation::QualLower }
    } else {
        Relation::Inconclusive
    }
}

/// Everything about one dimension.
pub(super) fn output(
    data: Option<&DimensionInput>,
    voice: DimensionVoice,
    years: f64,
    parameters: &MergeParameters,
    method: &Method,
) -> DimensionOutput {
    let heard = voice.heard;
    let silent = DimensionOutput {
        position: None,
        u: None,
        coverage: voice.coverage,
        q: heard.map(|voice| voice.q),
        v: heard.map(|voice| voice.v),
        kappa: None,
        delta: None,
        z: None,
        label: if heard.is_none() { Some(Relation::Silent) } else { None },
        merged_position: None,
        merged: None,
        variance: None,
        slope: None,
    };
    let Some((value, thresholds, sd_mc)) = data.and_then(|data| Some((data.value?, data.thresholds?, data.sd_mc?)))
    else {
        return silent;
    };
    let ageing = parameters.a * years;
    let data = Voice { q: position(value, &thresholds, method), v: sd_mc * sd_mc + ageing * ageing };
    let unmerged = MergedDimension { kappa: 0.0, position: data.q, variance: data.v };
    let merged = heard.map_or(unmerged, |voices| merge_dimension(data, voices, parameters, method));
    let ValueAt { value: mut merged_value, slope } = value_at(merged.position, &thresholds, method);
    if merged.kappa == 0.0 {
        // There and back through the position would move the last bit, and with it a value on a threshold.
        merged_value = value;
    }
    let delta = heard.map(|voices| voices.q - data.q);
    let both = heard.map(|voices| data.v + voices.v);
    DimensionOutput {
        position: Some(data.q),
        u: Some(data.v),
        kappa: heard.map(|_| merged.kappa),
        delta,
        z: delta.zip(both).filter(|(_, both)| *both > 0.0).map(|(delta, both)| delta / both.sqrt()),
        label: Some(delta.zip(both).map_or(Relation::Silent, |(delta, both)| relation(delta, both, method))),
        merged_position: Some(merged.position),
        merged: Some(merged_value),
        variance: Some(merged.variance),
        slope: Some(slope),
        ..silent
    }
}
