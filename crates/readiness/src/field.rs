//! Field evidence: from levels that people chose to what a cluster's voices say (7.2).
//!
//! Interview, village, theme, dimension: each step averages the one below, so a village with many interviews does not
//! drown one with few. What is summed is sorted first, as the last bit of a sum depends on its order, and the result must
//! be equal on devices that received interviews in different orders. Sorted are the terms themselves, not the
//! interviews: two raters in another order make another interview and the same term.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{Dimension, InterviewKind, Theme};

use crate::{
    merge::{InterviewInput, MergeParameters, ThemeInput},
    method::{Method, count},
};

/// What voices say, as class position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voice {
    /// Position, 0 to 100.
    pub q: f64,
    /// Its variance, position points squared.
    pub v: f64,
}

/// The voices of a dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DimensionVoice {
    /// Share of the theme weight heard, 0 to 1.
    pub(crate) coverage: f64,
    /// What was heard; `None` when the dimension is silent.
    pub(crate) heard: Option<Voice>,
}

/// Everything the interviews of a cluster say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldEvidence {
    /// Voices of the themes discussed, with the villages they come from.
    pub(crate) themes: BTreeMap<Theme, (Voice, u32)>,
    /// Voices of all five dimensions.
    pub(crate) dimensions: BTreeMap<Dimension, DimensionVoice>,
    /// Villages with a level in any theme.
    pub(crate) villages: usize,
    /// Focus groups with a level in any theme.
    pub(crate) focus_groups: usize,
}

/// Class position of a level: `q = W (s - c)`, 10, 30, 50, 70, 90 for 1 to 5.
///
/// `s` level, 1 to 5, means of raters in between; `W` width of a class, 20; `c` centre, 0.5 level. Source: method 7.1.
/// Levels outside 1 to 5 give positions beyond 10 to 90 (callers hold [`kend_domain::Level`]); NaN gives NaN.
///
/// ```
/// use kend_readiness::{Method, level_position};
/// assert_eq!(level_position(1.5, Method::standard()), 20.0);
/// ```
pub fn level_position(level: f64, method: &Method) -> f64 {
    method.class_width() * (level - method.scale.level_centre.value)
}

/// Position of a theme in a village:
/// `q = (alpha u_F q_F + (1 - alpha) u_K q_K) / (alpha u_F + (1 - alpha) u_K)`, or that of the one kind that exists.
///
/// `fgd`, `kii` pairs of position (0 to 100) and weight (above 0 to 1) of each interview; `q_F`, `q_K` their weighted
/// means; `u_F`, `u_K` mean weights; `alpha` 0 to 1; the order of interviews does not matter. Source: method 7.2 step 2. `None` without interviews, or when all
/// weights are 0; NaN gives NaN.
///
/// ```
/// use kend_readiness::village_position;
/// // Finance in village A: a focus group at 20 (weight 0.75), an informant at 30 outside the own sector (0.25).
/// let q = village_position(&[(20.0, 0.75)], &[(30.0, 0.25)], 0.6).unwrap();
/// assert!((q - 21.8182).abs() < 1e-4);
/// assert_eq!(village_position(&[], &[(30.0, 0.25)], 0.6), Some(30.0));
/// ```
pub fn village_position(fgd: &[(f64, f64)], kii: &[(f64, f64)], alpha: f64) -> Option<f64> {
    // Position and mean weight of one kind of interview.
    let stratum = |interviews: &[(f64, f64)]| {
        let mut interviews = interviews.to_vec();
        interviews.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let weight: f64 = interviews.iter().map(|(_, weight)| weight).sum();
        let sum: f64 = interviews.iter().map(|(position, weight)| position * weight).sum();
        (weight != 0.0).then(|| (sum / weight, weight / count(interviews.len())))
    };
    match (stratum(fgd), stratum(kii)) {
        (Some((q_fgd, u_fgd)), Some((q_kii, u_kii))) => {
            let (fgd, kii) = (alpha * u_fgd, (1.0 - alpha) * u_kii);
            Some((fgd * q_fgd + kii * q_kii) / (fgd + kii))
        }
        (Some((q, _)), None) | (None, Some((q, _))) => Some(q),
        (None, None) => None,
    }
}

/// Position of a theme in a cluster and its variance: `q_t` = plain mean of the `n` villages,
/// `V_t = s2 / n * (1 - n / N)`, `s2 = (nu0 sigma0_sq + SS) / (nu0 + n - 1)`.
///
/// `villages` positions, 0 to 100, in any order; `SS` sum of squared distances from `q_t`; `N` villages of the cluster, at least `n`
/// (fewer count as `n`: nothing is left to sample, `V_t` = 0); `nu0`, `sigma0_sq` prior, at least 0. Source: method 7.2
/// step 3. `None` without villages; NaN gives NaN; no prior and one village leave `sigma0_sq`.
///
/// ```
/// use kend_readiness::{MergeParameters, theme_voice};
/// let digital = theme_voice(&[38.0, 10.0], 8, &MergeParameters::default()).unwrap();
/// assert!((digital.q - 24.0).abs() < 1e-4 && (digital.v - 126.6).abs() < 1e-4);
/// ```
pub fn theme_voice(villages: &[f64], villages_total: u32, parameters: &MergeParameters) -> Option<Voice> {
    if villages.is_empty() {
        return None;
    }
    let mut villages = villages.to_vec();
    villages.sort_by(f64::total_cmp);
    let n = count(villages.len());
    let q = villages.iter().sum::<f64>() / n;
    let squares: f64 = villages.iter().map(|village| (village - q) * (village - q)).sum();
    let degrees = parameters.nu0 + n - 1.0;
    let variance =
        if degrees > 0.0 { (parameters.nu0 * parameters.sigma0_sq + squares) / degrees } else { parameters.sigma0_sq };
    let unsampled = (1.0 - n / f64::from(villages_total)).max(0.0);
    Some(Voice { q, v: variance / n * unsampled })
}

/// Position and weight of one theme of one interview: consensus if recorded, else mean of the raters; evidence weight
/// times domain weight (7.2 step 1). `None` without a level.
fn interview_voice(theme: &ThemeInput, method: &Method) -> Option<(f64, f64)> {
    let level = match theme.consensus {
        Some(consensus) => f64::from(consensus.get()),
        None if theme.levels.is_empty() => return None,
        // Whole numbers: exact in any order of raters.
        None => theme.levels.iter().map(|level| f64::from(level.get())).sum::<f64>() / count(theme.levels.len()),
    };
    let domain = if theme.in_domain { 1.0 } else { method.field.out_of_domain.value };
    Some((level_position(level, method), method.evidence_weight(theme.evidence) * domain))
}

/// Interviews of one village and theme, by kind.
#[derive(Default)]
struct Strata {
    fgd: Vec<(f64, f64)>,
    kii: Vec<(f64, f64)>,
}

/// All steps of 7.2 for the interviews of a cluster.
pub(crate) fn evidence(
    interviews: &[InterviewInput],
    villages_total: u32,
    parameters: &MergeParameters,
    method: &Method,
) -> FieldEvidence {
    let discussed: Vec<&InterviewInput> = interviews.iter().filter(|interview| !interview.themes.is_empty()).collect();

    let mut strata: BTreeMap<Theme, BTreeMap<Option<&str>, Strata>> = BTreeMap::new();
    for interview in &discussed {
        for (theme, input) in &interview.themes {
            let Some(voice) = interview_voice(input, method) else { continue };
            let village = strata.entry(*theme).or_default().entry(interview.village.as_deref()).or_default();
            match interview.kind {
                InterviewKind::Fgd => village.fgd.push(voice),
                InterviewKind::Kii => village.kii.push(voice),
            }
        }
    }

    let mut themes = BTreeMap::new();
    for (theme, mut villages) in strata {
        // Informants for the whole cluster speak as one extra village, and only where no village has spoken.
        if villages.len() > 1 {
            villages.remove(&None);
        }
        let positions: Vec<f64> = villages
            .values()
            .filter_map(|strata| village_position(&strata.fgd, &strata.kii, parameters.alpha))
            .collect();
        if let Some(voice) = theme_voice(&positions, villages_total, parameters) {
            themes.insert(theme, (voice, u32::try_from(positions.len()).unwrap_or(u32::MAX)));
        }
    }

    let dimensions = Dimension::ALL
        .iter()
        .map(|dimension| (*dimension, dimension_voice(*dimension, &themes, &discussed, parameters, method)))
        .collect();
    FieldEvidence {
        themes,
        dimensions,
        villages: discussed.iter().filter_map(|interview| interview.village.as_deref()).collect::<BTreeSet<_>>().len(),
        focus_groups: discussed.iter().filter(|interview| interview.kind == InterviewKind::Fgd).count(),
    }
}

/// Step 4 of 7.2: `m_t = M_td / sum(M_td)` over observed themes, `Q = sum(m_t q_t)`, `cov = observed / column total`,
/// `V = sum(m_t^2 V_t) + sigma_m_sq / cov`; silent below half of the weight or two interviews.
fn dimension_voice(
    dimension: Dimension,
    themes: &BTreeMap<Theme, (Voice, u32)>,
    interviews: &[&InterviewInput],
    parameters: &MergeParameters,
    method: &Method,
) -> DimensionVoice {
    let column: Vec<(f64, Option<Voice>)> = Theme::ALL
        .iter()
        .map(|theme| (method.theme_weight(*theme, dimension), themes.get(theme).map(|(voice, _)| *voice)))
        .collect();
    let total: f64 = column.iter().map(|(weight, _)| weight).sum();
    let observed: f64 = column.iter().filter(|(_, voice)| voice.is_some()).map(|(weight, _)| weight).sum();
    let coverage = observed / total;
    let heard_in = interviews
        .iter()
        .filter(|interview| interview.themes.keys().any(|theme| method.theme_weight(*theme, dimension) > 0.0))
        .count();
    let silent = coverage < method.field.silent_below_coverage.value
        || count(heard_in) < f64::from(method.field.min_interviews.value)
        || observed == 0.0;
    if silent {
        return DimensionVoice { coverage, heard: None };
    }
    let (mut q, mut v) = (0.0, 0.0);
    for (weight, voice) in column {
        let Some(voice) = voice else { continue };
        let share = weight / observed;
        q += share * voice.q;
        v += share * share * voice.v;
    }
    DimensionVoice { coverage, heard: Some(Voice { q, v: v + parameters.sigma_m_sq / coverage }) }
}

#[cfg(test)]
mod tests {
    use kend_domain::{Evidence, Level};

    use super::*;

    fn interview(village: Option<&str>, kind: InterviewKind, theme: Theme, level: u8) -> InterviewInput {
        let levels = vec![Level::try_from(level).unwrap()];
        let input = ThemeInput { levels, consensus: None, evidence: Evidence::Example, in_domain: true };
        InterviewInput { village: village.map(str::to_owned), kind, themes: [(theme, input)].into() }
    }

    fn heard(interviews: &[InterviewInput]) -> FieldEvidence {
        evidence(interviews, 8, &MergeParameters::default(), Method::standard())
    }

    #[test]
    fn informants_for_the_cluster_speak_as_one_village_only_where_no_village_has_spoken() {
        let cluster = interview(None, InterviewKind::Kii, Theme::Health, 5);
        let other = interview(None, InterviewKind::Kii, Theme::Health, 3);
        let alone = heard(&[cluster.clone(), other]);
        let (voice, villages) = alone.themes[&Theme::Health];
        // One pseudo-village: (90 + 50) / 2; the prior variance 4 * 324 / 4, times 1 - 1/8.
        assert!((voice.q - 70.0).abs() < 1e-4 && (voice.v - 283.5).abs() < 1e-4, "{voice:?}");
        assert_eq!((villages, alone.villages), (1, 0));

        let with_village = heard(&[cluster, interview(Some("A"), InterviewKind::Kii, Theme::Health, 1)]);
        assert!((with_village.themes[&Theme::Health].0.q - 10.0).abs() < 1e-4);
        assert_eq!(with_village.villages, 1);
    }

    #[test]
    fn a_recorded_consensus_stands_in_place_of_the_raters() {
        let mut one = interview(Some("A"), InterviewKind::Fgd, Theme::Health, 1);
        for theme in one.themes.values_mut() {
            theme.consensus = Some(Level::try_from(4).unwrap());
        }
        assert!((heard(&[one]).themes[&Theme::Health].0.q - 70.0).abs() < 1e-4);
    }

    #[test]
    fn one_interview_leaves_a_fully_covered_dimension_silent() {
        let agriculture = interview(Some("A"), InterviewKind::Fgd, Theme::Agriculture, 3);
        let alone = heard(std::slice::from_ref(&agriculture)).dimensions[&Dimension::EconomicSources];
        assert_eq!(alone, DimensionVoice { coverage: 0.5, heard: None });
        let two = heard(&[agriculture.clone(), agriculture]).dimensions[&Dimension::EconomicSources];
        assert!(two.heard.is_some());
    }

    #[test]
    fn nothing_heard_is_silence_everywhere() {
        let nothing = heard(&[]);
        assert!(nothing.themes.is_empty());
        assert!(nothing.dimensions.values().all(|voice| *voice == DimensionVoice { coverage: 0.0, heard: None }));
    }
}
