//! The readiness of a cluster, from the pack and the interviews that are here.
//!
//! The same entries and the same pack give the same digits on every device: nothing here reads a clock, and the merge
//! puts its inputs in order first.

use std::collections::{BTreeMap, BTreeSet};

use kend_domain::{AreaCode, Dimension, Evidence, InterviewKind, Relation, Role, Tag, Theme};
use kend_log::EntityKind;
use kend_pack::{Cluster, IndicatorStatus, PackContent};
use kend_readiness::{
    DimensionInput, Fitting, InterviewInput, MergeInput, MergeOutput, Method, ThemeInput, Thresholds,
    gaps_to_next_class, indicators, interventions_for, lambda_table, merge,
};
use kend_sync::rights::{self, Reading};

use crate::api::{
    ApiError, ClusterView, DimensionView, ErrorCode, IndexView, IndicatorView, InterventionView, LambdaRow, MergedView,
    PartialView, QuoteView, ReadReadiness, ReadinessView, TagCount, ThemeView, VoicesView, count,
};
use crate::calculator::touches;
use crate::desk::{Desk, Found};
use crate::interview::facts::Facts;
use crate::interview::twice;
use crate::village;

/// Consent from which a quote may be shown word for word (method 9).
const VERBATIM: u8 = 2;

/// Who does not read interviews sees no quotes from villages smaller than this: everybody would know who spoke (method 9).
const QUOTED_VILLAGE_PERSONS: u32 = 500;

/// Who does not read interviews sees no level that rests on fewer villages: it would be one village's (method 9).
const VILLAGES_FOR_RESULTS: usize = 2;

/// So many of the largest gaps are shown with what fits them.
pub(crate) const GAPS_WITH_HELP: usize = 2;

/// Interviews that count for the cluster.
pub(crate) struct Voices<'a> {
    pub(crate) interviews: Vec<(&'a Found, Facts<'a>)>,
}

/// The readiness of a cluster.
pub(crate) fn read(desk: &mut Desk<'_>, request: &ReadReadiness) -> Result<ReadinessView, ApiError> {
    read_as(desk, request, desk.person.role)
}

/// The same as far as the people in a room may see it, whoever holds the meeting: a committee sits in the village that spoke.
pub(crate) fn read_for_committee(desk: &mut Desk<'_>, request: &ReadReadiness) -> Result<ReadinessView, ApiError> {
    read_as(desk, request, Role::Committee)
}

fn read_as(desk: &Desk<'_>, request: &ReadReadiness, reader: Role) -> Result<ReadinessView, ApiError> {
    let found = desk.all(EntityKind::Interview, Reading::Results)?;
    let pack = desk.library.pack.content();
    let cluster = choose(desk, &found, request.cluster.as_deref())?;
    let voices = Voices::of(desk, cluster, &found)?;
    let clusters = visible(desk).map(|other| Ok(cluster_view(desk, other, &Voices::of(desk, other, &found)?)));
    let method = Method::standard();
    let input = input(pack, cluster, &voices)?;
    let output = merge(&input, method).map_err(|fault| ApiError::with(ErrorCode::Internal, fault))?;
    let lambda = lambda_table(&input, method).map_err(|fault| ApiError::with(ErrorCode::Internal, fault))?;
    let gaps: Vec<Dimension> =
        gaps_to_next_class(&output.merged_positions(), method).into_iter().map(|gap| gap.dimension).collect();
    let frequencies = cluster.area.as_ref().and_then(|area| area.class_frequencies);
    Ok(ReadinessView {
        clusters: clusters.collect::<Result<_, ApiError>>()?,
        cluster: cluster_view(desk, cluster, &voices),
        partial: pack.partial.as_ref().map(|partial| PartialView {
            indicators_present: count(partial.indicators_present.len()),
            indicators_total: u32::from(partial.indicators_total),
            dimensions_without_data: partial.dimensions_without_data.clone(),
        }),
        synthetic: pack.synthetic,
        cells: desk.library.pack.has_cells(&cluster.id),
        class_frequencies: frequencies.map(|shares| shares.to_vec()).unwrap_or_default(),
        years: input.years,
        interviews: count(voices.interviews.len()),
        focus_groups: count(voices.of_kind(InterviewKind::Fgd)),
        examples: count(voices.interviews.iter().filter(|(_, facts)| facts.example).count()),
        data: output.index.value.zip(output.index.class).map(|(value, class)| IndexView {
            value,
            class,
            thresholds: pack.index_thresholds.to_vec(),
        }),
        merged: merged(&output),
        dimensions: dimensions(desk, cluster, &output),
        themes: themes(desk, reader, &voices, &output)?,
        interventions: interventions(desk, &output, &gaps),
        gaps,
        lambda_table: lambda
            .into_iter()
            .map(|row| LambdaRow { lambda: row.lambda, value: row.value, class: row.class })
            .collect(),
        fingerprint: fingerprint(desk, &input)?,
    })
}

/// The merged index of a cluster whose dimensions have these values; `None` without an index.
pub(crate) fn merged_at(
    content: &PackContent,
    cluster: &Cluster,
    voices: &Voices<'_>,
    dimensions: &[Option<f64>],
) -> Result<Option<MergedView>, ApiError> {
    let mut input = input(content, cluster, voices)?;
    for (known, value) in input.dimensions.values_mut().zip(dimensions) {
        known.value = *value;
    }
    let output = merge(&input, Method::standard()).map_err(|fault| ApiError::with(ErrorCode::Internal, fault))?;
    Ok(merged(&output))
}

/// The clusters that touch the person's areas.
fn visible<'a>(desk: &'a Desk<'_>) -> impl Iterator<Item = &'a Cluster> {
    desk.library.pack.content().clusters.iter().filter(|cluster| touches(desk, cluster))
}

/// The cluster asked for; else that of the interview that changed last; else the first.
fn choose<'a>(desk: &'a Desk<'_>, found: &[Found], asked: Option<&str>) -> Result<&'a Cluster, ApiError> {
    let latest = || {
        let last = found.iter().max_by_key(|found| (found.state.lamport(), found.entity))?;
        visible(desk).find(|cluster| cluster.rayons.contains(last.scope.area()))
    };
    match asked {
        Some(id) => visible(desk).find(|cluster| cluster.id == id),
        None => latest().or_else(|| visible(desk).next()),
    }
    .ok_or(ApiError::new(ErrorCode::NotFound))
}

impl<'a> Voices<'a> {
    pub(crate) fn of(desk: &Desk<'_>, cluster: &Cluster, found: &'a [Found]) -> Result<Self, ApiError> {
        Self::within(desk, &cluster.rayons, found, |facts| belongs(desk, cluster, facts))
    }

    /// Interviews that count and were held in one of these rayons, as far as they are wanted.
    pub(crate) fn within(
        desk: &Desk<'_>,
        rayons: &[AreaCode],
        found: &'a [Found],
        wanted: impl Fn(&Facts<'a>) -> Result<bool, ApiError>,
    ) -> Result<Self, ApiError> {
        let inside = found.iter().filter(|found| rayons.contains(found.scope.area()));
        let mut interviews = Vec::new();
        for (found, facts) in inside.map(|found| (found, Facts::of(found))).filter(|(_, facts)| facts.counts()) {
            if wanted(&facts)? && twice::counted_by(desk, found)?.is_none() {
                interviews.push((found, facts));
            }
        }
        Ok(Self { interviews })
    }

    fn of_kind(&self, kind: InterviewKind) -> usize {
        self.interviews.iter().filter(|(_, facts)| facts.kind == Some(kind)).count()
    }

    pub(crate) fn villages(&self) -> usize {
        let villages: BTreeSet<_> = self.interviews.iter().filter_map(|(_, facts)| facts.village).collect();
        villages.len()
    }
}

/// Whether an interview of one of a cluster's rayons is of the cluster: where it is an area, its village has to lie in it.
/// What was said about a whole rayon counts for all areas in it.
fn belongs(desk: &Desk<'_>, cluster: &Cluster, facts: &Facts<'_>) -> Result<bool, ApiError> {
    let (true, Some(village)) = (cluster.area.is_some(), facts.village) else { return Ok(true) };
    let Some(village) = village::find(desk, village)? else { return Ok(false) };
    let own = desk.library.pack.cluster_of(village.id, &village.rayon, village.position);
    Ok(own.is_some_and(|own| own.id == cluster.id))
}

fn input(pack: &PackContent, cluster: &Cluster, voices: &Voices<'_>) -> Result<MergeInput, ApiError> {
    let thresholds = |four| Thresholds::new(four).map_err(|error| ApiError::with(ErrorCode::PackDamaged, error));
    let mut dimensions = BTreeMap::new();
    for known in &cluster.dimensions {
        let input = DimensionInput {
            value: known.value,
            thresholds: known.thresholds.map(thresholds).transpose()?,
            sd_mc: known.sd_mc,
        };
        dimensions.insert(known.dimension, input);
    }
    Ok(MergeInput {
        dimensions,
        index_thresholds: thresholds(pack.index_thresholds)?,
        years: (pack.round_year - pack.data_year).max(0.0),
        villages_total: cluster.villages_total.max(count(voices.villages())),
        parameters: pack.merge.clone(),
        interviews: voices.interviews.iter().filter_map(|(_, facts)| interview(facts)).collect(),
    })
}

fn interview(facts: &Facts<'_>) -> Option<InterviewInput> {
    let kind = facts.kind?;
    let themes = Theme::ALL.iter().filter(|theme| facts.discussed(**theme)).filter_map(|theme| {
        let levels: Vec<_> = ["level", "level_second"]
            .iter()
            .filter_map(|question| facts.level(&format!("{theme}_{question}")))
            .collect();
        let evidence: u8 = facts.answer(&format!("{theme}_evidence"))?.parse().ok()?;
        let own_field = facts.answer(&format!("{theme}_in_domain")).as_deref() == Some("yes");
        let input = ThemeInput {
            consensus: facts.level(&format!("{theme}_level_agreed")),
            evidence: Evidence::try_from(evidence).ok()?,
            in_domain: kind == InterviewKind::Fgd || own_field,
            levels,
        };
        (!input.levels.is_empty()).then_some((*theme, input))
    });
    Some(InterviewInput { village: facts.village.map(|village| village.to_string()), kind, themes: themes.collect() })
}

fn cluster_view(desk: &Desk<'_>, cluster: &Cluster, voices: &Voices<'_>) -> ClusterView {
    ClusterView {
        cluster: cluster.id.clone(),
        name: cluster.names.get(desk.language).to_owned(),
        rayons: cluster.rayons.clone(),
        population: Some(cluster.population),
        villages: cluster.villages_total,
        villages_visited: count(voices.villages()),
    }
}

fn merged(output: &MergeOutput) -> Option<MergedView> {
    let index = &output.index;
    Some(MergedView {
        value: index.merged?,
        se: index.se?,
        class: index.merged_class?,
        range_low: index.range_low?,
        range_high: index.range_high?,
        range_classes: index.range_classes.clone()?,
        probabilities: index.probabilities?.to_vec(),
        provisional: index.provisional,
    })
}

fn dimensions(desk: &Desk<'_>, cluster: &Cluster, output: &MergeOutput) -> Vec<DimensionView> {
    let known = cluster.dimensions.iter().filter_map(|known| Some((known, output.dimensions.get(&known.dimension)?)));
    known
        .map(|(known, result)| {
            let thresholds = known.thresholds.and_then(|four| Thresholds::new(four).ok());
            DimensionView {
                dimension: known.dimension,
                value: known.value,
                class: known.value.zip(thresholds).map(|(value, four)| kend_readiness::class_of(value, &four)),
                position: result.position,
                position_sd: result.u.map(f64::sqrt),
                voices: result.q.zip(result.v).map(|(position, variance)| VoicesView {
                    position,
                    sd: variance.sqrt(),
                    weight: result.kappa.unwrap_or(0.0),
                }),
                merged_position: result.merged_position,
                merged_sd: result.variance.map(f64::sqrt),
                merged: result.merged,
                relation: result.label.unwrap_or(Relation::Silent),
                coverage: result.coverage,
                indicators: indicator_views(desk, cluster, known.dimension),
            }
        })
        .collect()
}

fn indicator_views(desk: &Desk<'_>, cluster: &Cluster, dimension: Dimension) -> Vec<IndicatorView> {
    let of_dimension = indicators().iter().filter(|indicator| indicator.dimension == dimension);
    of_dimension
        .map(|indicator| {
            let known = cluster
                .indicators
                .iter()
                .find(|value| value.row == indicator.row && value.status != IndicatorStatus::Missing);
            let remark = known.and_then(|value| value.remark.as_ref()).map(|remark| remark.get(desk.language));
            let publisher = known.and_then(|value| value.publisher.as_deref());
            let source: Vec<&str> = publisher.into_iter().chain(remark).collect();
            IndicatorView {
                row: u32::from(indicator.row),
                name: indicator.name.get(desk.language).to_owned(),
                value: known.and_then(|value| value.value),
                unit: known
                    .map_or_else(|| indicator.unit_name.get(desk.language), |value| value.unit.get(desk.language))
                    .to_owned(),
                score: known.and_then(|value| value.score),
                norm: known.and_then(|value| value.norm),
                period: known.and_then(|value| value.period.clone()),
                source: (!source.is_empty()).then(|| source.join(". ")),
            }
        })
        .collect()
}

fn themes(
    desk: &Desk<'_>,
    reader: Role,
    voices: &Voices<'_>,
    output: &MergeOutput,
) -> Result<Vec<ThemeView>, ApiError> {
    let mut views = Vec::new();
    for theme in Theme::ALL.iter().copied() {
        let heard: Vec<&(&Found, Facts<'_>)> =
            voices.interviews.iter().filter(|(_, facts)| facts.discussed(theme)).collect();
        let of_kind = |kind| count(heard.iter().filter(|(_, facts)| facts.kind == Some(kind)).count());
        let tagged = |tag: Tag| {
            let has = |facts: &Facts<'_>| facts.chosen(&format!("{theme}_tags")).any(|name| name == tag.word());
            TagCount { tag, interviews: count(heard.iter().filter(|(_, facts)| has(facts)).count()) }
        };
        let shown = rights::reads(reader, Reading::ResultsOfOneVillage) || villages(&heard) >= VILLAGES_FOR_RESULTS;
        let result = output.themes.get(&theme).filter(|_| shown);
        let mut quotes = Vec::new();
        for (_, facts) in &heard {
            quotes.extend(quotes_of(desk, reader, facts, theme)?);
        }
        views.push(ThemeView {
            theme,
            position: result.and_then(|result| result.q),
            sd: result.and_then(|result| result.v).map(f64::sqrt),
            villages: result.map_or(0, |result| result.villages),
            fgd: of_kind(InterviewKind::Fgd),
            kii: of_kind(InterviewKind::Kii),
            tags: Tag::ALL.iter().map(|tag| tagged(*tag)).filter(|counted| counted.interviews > 0).collect(),
            quotes,
        });
    }
    Ok(views)
}

/// The quotes that somebody of this role may read: with consent to quote in the interview and of the speaker.
fn quotes_of(desk: &Desk<'_>, reader: Role, facts: &Facts<'_>, theme: Theme) -> Result<Vec<QuoteView>, ApiError> {
    let consented = facts.answer("consent_quote").as_deref() == Some("yes");
    let village = match facts.village {
        Some(village) if consented => village::find(desk, village)?,
        _ => None,
    };
    let (Some(village), Some(kind)) = (village, facts.kind) else { return Ok(Vec::new()) };
    let small = village.population.is_none_or(|persons| persons < QUOTED_VILLAGE_PERSONS);
    if small && !rights::reads(reader, Reading::QuotesOfSmallVillages) {
        return Ok(Vec::new());
    }
    let repeat = format!("{theme}_quote");
    let consents = facts.in_repeat(&repeat, &format!("{theme}_quote_consent"));
    let words = facts.in_repeat(&repeat, &format!("{theme}_quote_words"));
    let shown = words.into_iter().zip(consents).filter_map(|((_, words), (_, consent))| {
        let level: u8 = consent?.parse().ok()?;
        (level >= VERBATIM).then_some(words?)
    });
    Ok(shown.map(|text| QuoteView { text, village_name: village.name.clone(), kind }).collect())
}

fn villages(heard: &[&(&Found, Facts<'_>)]) -> usize {
    heard.iter().filter_map(|(_, facts)| facts.village).collect::<BTreeSet<_>>().len()
}

/// For the largest gaps, what the report names for the class.
fn interventions(desk: &Desk<'_>, output: &MergeOutput, gaps: &[Dimension]) -> Vec<InterventionView> {
    let Some(class) = output.index.merged_class.or(output.index.class) else { return Vec::new() };
    let fitting = gaps.iter().take(GAPS_WITH_HELP).flat_map(|dimension| interventions_for(*dimension, class));
    fitting.map(|fitting| intervention_view(desk, fitting)).collect()
}

/// A kind of intervention as screens show it.
pub(crate) fn intervention_view(desk: &Desk<'_>, fitting: Fitting) -> InterventionView {
    InterventionView {
        intervention: fitting.intervention.id.clone(),
        dimension: fitting.intervention.dimension,
        text: fitting.intervention.text.get(desk.language).to_owned(),
        source: fitting.intervention.source.clone(),
        typical: fitting.typical,
    }
}

/// Names the inputs: pack and interviews, the interviews in an order of their own.
fn fingerprint(desk: &Desk<'_>, input: &MergeInput) -> Result<String, ApiError> {
    let written = input.interviews.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
    let mut written = written.map_err(|error| ApiError::with(ErrorCode::Internal, error))?;
    written.sort();
    let bytes = format!("{} {written:?}", desk.library.pack.fingerprint()).into_bytes();
    Ok(blake3::hash(&bytes).to_hex().chars().take(12).collect())
}
