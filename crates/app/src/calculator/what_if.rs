//! What if indicators of a cluster were different.
//!
//! The cluster before is the pack's own; after is before plus what the cells say changes, so that nothing moves where
//! nothing changed, and the screen's number before is the one it showed a moment ago.

use std::{collections::BTreeMap, sync::Arc};

use kend_domain::AreaCode;
use kend_log::EntityKind;
use kend_readiness::{
    Indicator, Method,
    cells::{Change, ClusterSummary, MISSING_SCORE, SCORE_STEP, ScoreRule},
    class_of,
};
use kend_sync::rights::Reading;

use super::{
    Subject, WithCells, by_rayon, caution_words, indicator,
    new_places::{self, Added},
};
use crate::api::{
    ApiError, CalculateWhatIf, CautionWord, ChangedView, ErrorCode, IndicatorChange, NewPlace, StandingView, TakesWord,
    WhatIfView, count,
};
use crate::desk::Desk;
use crate::map::class_runs;
use crate::profile::thresholds;
use crate::readiness::{self, Voices};

/// Changes tried at once at most: as many as a hundred rayons have rows.
const MAX_CHANGES: usize = 5_300;

/// A change as the cells take it.
struct Planned {
    indicator: &'static Indicator,
    what: What,
    view: ChangedView,
}

enum What {
    Zone { zone: u16, from: Option<f64>, to: f64, rule: ScoreRule },
    Scores(Vec<f32>),
    Raised(Vec<f32>),
}

/// The cluster before and after.
pub(crate) fn calculate(desk: &mut Desk<'_>, request: &CalculateWhatIf) -> Result<WhatIfView, ApiError> {
    if request.changes.len() > MAX_CHANGES {
        return Err(ApiError::with(ErrorCode::TooLarge, format_args!("{MAX_CHANGES} changes at most")));
    }
    let library = Arc::clone(desk.library);
    let subject = Subject::find(desk, &library, &request.cluster)?.with_cells()?;
    let mut planned = Vec::new();
    let mut places: BTreeMap<u8, Vec<NewPlace>> = BTreeMap::new();
    for change in &request.changes {
        match (change.value, change.place) {
            (Some(value), None) => plan(desk, &subject, change, value, &mut planned)?,
            (None, Some(place)) if change.zone.is_none() => {
                places.entry(indicator(change.row)?.row).or_default().push(place);
            }
            _ => return Err(refuse(change.row, "a change is a value, or a place without a rayon")),
        }
    }
    new_places::check_number(places.values().map(Vec::len).sum())?;
    for (row, places) in &places {
        planned.push(plan_places(desk, &subject, indicator(u32::from(*row))?, places)?);
    }
    let changes: Vec<(&Indicator, Change<'_>)> = planned
        .iter()
        .map(|planned| {
            let change = match &planned.what {
                What::Zone { zone, from, to, rule } => Change::Zone { zone: *zone, from: *from, to: *to, rule: *rule },
                What::Scores(scores) => Change::Scores(scores),
                What::Raised(scores) => Change::Raised(scores),
            };
            (planned.indicator, change)
        })
        .collect();
    let refused = |error| ApiError::with(ErrorCode::BadRequest, error);
    let found = subject.map.cells().what_if(&changes, Method::standard()).map_err(refused)?;
    let mut cautions: Vec<_> = planned.iter().flat_map(|planned| planned.view.cautions.clone()).collect();
    cautions.sort();
    cautions.dedup();
    let interviews = desk.all(EntityKind::Interview, Reading::Results)?;
    let voices = Voices::of(desk, subject.cluster, &interviews)?;
    Ok(WhatIfView {
        cluster: request.cluster.clone(),
        synthetic: library.pack.content().synthetic,
        before: standing(&subject, &voices, &found.before, &found.before)?,
        after: standing(&subject, &voices, &found.before, &found.after)?,
        changes: planned.into_iter().map(|planned| planned.view).collect(),
        classes: request.cells.then(|| class_runs(&subject.map, &found.class)),
        cautions,
    })
}

fn refuse(row: u32, why: &str) -> ApiError {
    ApiError::with(ErrorCode::BadRequest, format_args!("row {row}: {why}"))
}

/// What a value of a request comes to: one for each rayon that it is about, or one for all cells.
fn plan(
    desk: &Desk<'_>,
    subject: &WithCells<'_>,
    change: &IndicatorChange,
    value: f64,
    planned: &mut Vec<Planned>,
) -> Result<(), ApiError> {
    let indicator = indicator(change.row)?;
    let refuse = |why: &str| refuse(change.row, why);
    let rule = subject.rule(indicator.row).ok_or_else(|| refuse("it has no rule to score by"))?;
    if !value.is_finite() {
        return Err(refuse("the value is no number"));
    }
    let method = Method::standard();
    let score = |value: f64| rule.score(value, method);
    let view = |zone: Option<AreaCode>, from: Option<f64>, score_before: Option<f64>| ChangedView {
        row: change.row,
        name: indicator.name.get(desk.language).to_owned(),
        zone,
        from,
        to: value,
        places: 0,
        unit: subject.unit(desk, indicator),
        score_before,
        score_after: score(value),
        cautions: caution_words(indicator),
    };
    if !by_rayon(indicator) {
        if change.zone.is_some() {
            return Err(refuse("it differs from cell to cell and has no value of a rayon"));
        }
        let cells = subject.map.cells();
        let mean = cells.mean_score(indicator.row).ok_or_else(|| refuse("it has no data here"))?;
        let scores = shifted(subject, indicator, score(value) - mean, method);
        let view = view(None, Some(rule.value_of(mean, method)), Some(mean));
        planned.push(Planned { indicator, what: What::Scores(scores), view });
        return Ok(());
    }
    let mut found = false;
    for (zone, known) in subject.zone_values(indicator.row) {
        if change.zone.as_ref().is_none_or(|asked| *asked == known.rayon) {
            found = true;
            let view = view(Some(known.rayon.clone()), known.value, known.value.map(score));
            let what = What::Zone { zone, from: known.value, to: value, rule };
            planned.push(Planned { indicator, what, view });
        }
    }
    if found { Ok(()) } else { Err(refuse("the cluster has no such rayon, or the pack no value of it")) }
}

/// What all new places of a row come to.
fn plan_places(
    desk: &Desk<'_>,
    subject: &WithCells<'_>,
    indicator: &'static Indicator,
    places: &[NewPlace],
) -> Result<Planned, ApiError> {
    let method = Method::standard();
    let row = u32::from(indicator.row);
    let Added { raised, rule, takes } = new_places::added(subject, indicator, places)?;
    let before = subject.map.cells().mean_score(indicator.row);
    let after = raised.mean_score.ok_or_else(|| refuse(row, "it has no data here"))?;
    let mut cautions: Vec<CautionWord> =
        caution_words(indicator).into_iter().filter(|word| *word != CautionWord::SpreadEvenly).collect();
    cautions.extend((raised.at_least > 0).then_some(CautionWord::AtLeast));
    cautions.extend((takes == TakesWord::Destination).then_some(CautionWord::WaysHere));
    let view = ChangedView {
        row,
        name: indicator.name.get(desk.language).to_owned(),
        zone: None,
        from: before.map(|score| rule.value_of(score, method)),
        to: rule.value_of(after, method),
        places: count(places.len()),
        unit: subject.unit(desk, indicator),
        score_before: before,
        score_after: after,
        cautions,
    };
    Ok(Planned { indicator, what: What::Raised(raised.scores), view })
}

/// Scores of all cells moved by so many points, held within the scale. What is missing stays missing.
#[expect(clippy::cast_possible_truncation, reason = "scores are kept in f32, with seven digits")]
fn shifted(subject: &WithCells<'_>, indicator: &Indicator, points: f64, method: &Method) -> Vec<f32> {
    let maximum = method.scale.maximum.value as f32;
    let points = points as f32;
    let place = usize::from(indicator.row).saturating_sub(1);
    let stored = subject.map.cells().columns().scores.get(place).map(Vec::as_slice).unwrap_or_default();
    let moved = |steps: &u8| match *steps {
        MISSING_SCORE => f32::NAN,
        steps => (f32::from(steps) * SCORE_STEP + points).clamp(0.0, maximum),
    };
    stored.iter().map(moved).collect()
}

/// The pack's own numbers of the cluster, moved by what the cells say.
fn standing(
    subject: &WithCells<'_>,
    voices: &Voices<'_>,
    before: &ClusterSummary,
    now: &ClusterSummary,
) -> Result<StandingView, ApiError> {
    let maximum = Method::standard().scale.maximum.value;
    let moved = |own: f64, from: Option<f64>, to: Option<f64>| {
        (own + to.zip(from).map_or(0.0, |(to, from)| to - from)).clamp(0.0, maximum)
    };
    let index = moved(subject.cluster.index, before.index, now.index);
    let content = subject.library.pack.content();
    let known = subject.cluster.dimensions.iter().zip(before.dimensions.iter().zip(now.dimensions));
    let dimensions: Vec<Option<f64>> =
        known.map(|(own, (from, to))| own.value.map(|own| moved(own, *from, to))).collect();
    Ok(StandingView {
        index,
        class: class_of(index, &thresholds(content)?),
        merged: readiness::merged_at(content, subject.cluster, voices, &dimensions)?,
        dimensions,
        area_km2: now.area_km2.to_vec(),
        people: now.population.to_vec(),
    })
}
