//! The villages to visit: those of the pack, and those added on the spot.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use kend_domain::{AreaCode, EntityId, InterviewKind, InterviewState, Position};
use kend_log::{EntityKind, Op, Value};
use kend_sync::rights::Reading;

use crate::api::{AddVillage, ApiError, ErrorCode, InterviewCounts, ListVillages, VillageView};
use crate::desk::{Change, Desk, Found, checked_text, path, text, word};
use crate::interview::facts::Facts;
use crate::world::random_id;

const NAME_CHARACTERS: usize = 80;

/// A village, wherever it is known from.
#[derive(Debug, Clone)]
pub(crate) struct Village {
    pub(crate) id: EntityId,
    pub(crate) name: String,
    pub(crate) rayon: AreaCode,
    pub(crate) population: Option<u32>,
    pub(crate) position: Position,
    pub(crate) added_here: bool,
}

/// The villages of the person's areas with what was done in them.
pub(crate) fn list(desk: &mut Desk<'_>, request: &ListVillages) -> Result<Vec<VillageView>, ApiError> {
    let mut counts: BTreeMap<(EntityId, InterviewKind), InterviewCounts> = BTreeMap::new();
    for found in desk.all(EntityKind::Interview, Reading::Results)? {
        let facts = Facts::of(&found);
        if let (Some(village), Some(kind)) = (facts.village, facts.kind) {
            count(counts.entry((village, kind)).or_default(), facts.state);
        }
    }
    let mut views: Vec<VillageView> = all(desk)?
        .into_iter()
        .map(|village| {
            let counted = |kind| counts.get(&(village.id, kind)).copied().unwrap_or_default();
            let (fgd, kii) = (counted(InterviewKind::Fgd), counted(InterviewKind::Kii));
            VillageView { fgd, kii, ..view(desk, village, request.near) }
        })
        .collect();
    views.sort_by(|one, other| {
        let distance = |view: &VillageView| view.distance_km.unwrap_or_default();
        distance(one)
            .partial_cmp(&distance(other))
            .unwrap_or(Ordering::Equal)
            .then_with(|| one.name.cmp(&other.name))
            .then_with(|| one.village.cmp(&other.village))
    });
    Ok(views)
}

/// Adds a village inside one of the person's rayons.
pub(crate) fn add(desk: &mut Desk<'_>, request: &AddVillage) -> Result<VillageView, ApiError> {
    let name = checked_text(&request.name, NAME_CHARACTERS)?;
    let rayon = desk
        .library
        .pack
        .rayon_at(request.position)
        .map(|rayon| rayon.code.clone())
        .ok_or_else(|| ApiError::with(ErrorCode::BadRequest, "the position is in no rayon of the pack"))?;
    if !desk.may_read(&rayon, Reading::Results) {
        return Err(ApiError::with(ErrorCode::NotAllowed, rayon));
    }
    let village = EntityId::from_bytes(random_id(desk.world));
    let set = |place: &str, value| Op::Set { path: path(place), value };
    let degrees = |degrees| Value::number(degrees).map_err(|error| ApiError::with(ErrorCode::BadRequest, error));
    let ops = vec![
        set("m/name", Value::Text(name.clone())),
        set("m/rayon", Value::Text(rayon.to_string())),
        set("m/latitude", degrees(request.position.latitude())?),
        set("m/longitude", degrees(request.position.longitude())?),
    ];
    let (scope, kind) = (desk.scope(rayon.clone()), EntityKind::Village);
    desk.write(Change { scope, entity: village, kind, ops, ends_drafts: Vec::new(), names_writer: true })?;
    let position = request.position;
    Ok(view(desk, Village { id: village, name, rayon, population: None, position, added_here: true }, None))
}

/// The village with an id, of the pack or added; nothing when it is outside the person's areas.
pub(crate) fn find(desk: &Desk<'_>, village: EntityId) -> Result<Option<Village>, ApiError> {
    if let Some(place) = desk.library.pack.place(village) {
        return Ok(desk.may_read(&place.rayon, Reading::Results).then(|| of_place(desk, place)));
    }
    match desk.find(village, EntityKind::Village) {
        Ok(found) => Ok(added(&found)),
        Err(ApiError { code: ErrorCode::NotFound, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// All villages of the person's areas.
pub(crate) fn all(desk: &Desk<'_>) -> Result<Vec<Village>, ApiError> {
    let places = desk.library.pack.content().places.iter();
    let read = places.filter(|place| desk.may_read(&place.rayon, Reading::Results)).map(|place| of_place(desk, place));
    let added_ones = desk.all(EntityKind::Village, Reading::Results)?;
    Ok(read.chain(added_ones.iter().filter_map(added)).collect())
}

/// The name of a rayon in the session's language.
pub(crate) fn rayon_name(desk: &Desk<'_>, rayon: &AreaCode) -> String {
    desk.library.pack.rayon(rayon).map_or_else(|| rayon.to_string(), |known| known.names.get(desk.language).to_owned())
}

fn of_place(desk: &Desk<'_>, place: &kend_pack::Place) -> Village {
    Village {
        id: place.village,
        name: place.names.get(desk.language).to_owned(),
        rayon: place.rayon.clone(),
        population: place.population,
        position: place.position,
        added_here: false,
    }
}

fn added(found: &Found) -> Option<Village> {
    let degrees = |place: &str| match found.state.value(place)? {
        Value::Number(number) => Some(number.get()),
        _ => None,
    };
    Some(Village {
        id: found.entity,
        name: text(&found.state, "m/name")?,
        rayon: word(&found.state, "m/rayon")?,
        population: None,
        position: Position::new(degrees("m/latitude")?, degrees("m/longitude")?).ok()?,
        added_here: true,
    })
}

fn view(desk: &Desk<'_>, village: Village, near: Option<Position>) -> VillageView {
    let cluster = desk.library.pack.cluster_of(village.id, &village.rayon, village.position);
    VillageView {
        rayon_name: rayon_name(desk, &village.rayon),
        cluster: cluster.map(|cluster| cluster.id.clone()),
        cluster_name: cluster.map(|cluster| cluster.names.get(desk.language).to_owned()),
        distance_km: near.map(|near| kend_pack::distance_km(near, village.position)),
        village: village.id,
        name: village.name,
        rayon: village.rayon,
        population: village.population,
        position: village.position,
        added_here: village.added_here,
        fgd: InterviewCounts::default(),
        kii: InterviewCounts::default(),
    }
}

/// Counts an interview of a state.
pub(crate) fn count(counts: &mut InterviewCounts, state: InterviewState) {
    match state {
        InterviewState::Draft => counts.draft += 1,
        InterviewState::Complete => counts.complete += 1,
        InterviewState::Returned => counts.returned += 1,
        InterviewState::Approved => counts.approved += 1,
        InterviewState::Erased => {}
    }
}
