//! Something new on the map of a cluster: what its cells score then.

use kend_cells::{Cell, Surface};
use kend_pack::{AddedKind, ClusterMap};
use kend_readiness::{
    Indicator, IndicatorKind, Method,
    cells::{Addition, Raised, ScoreRule},
};

use super::{WithCells, by_rayon};
use crate::api::{ApiError, ErrorCode, NewPlace, TakesWord};

/// New places tried at once at most.
const MAX_PLACES: usize = 50;
/// How far a mast may reach, km: beyond the largest cell of a mobile network.
const MAX_RADIUS_KM: f64 = 50.0;

/// A row after its new places.
pub(super) struct Added {
    pub(super) raised: Raised,
    pub(super) rule: ScoreRule,
    pub(super) takes: TakesWord,
}

/// What can be put on the map for a row, or why nothing can.
pub(super) fn takes(subject: &WithCells<'_>, row: u8) -> Result<TakesWord, ApiError> {
    match kind(subject, row)? {
        AddedKind::Point { .. } => Ok(TakesWord::Point),
        AddedKind::Mast => Ok(TakesWord::Mast),
        AddedKind::Destination if subject.library.pack.has_friction(&subject.cluster.id) => Ok(TakesWord::Destination),
        AddedKind::Destination => Err(takes_none(row, "the pack has no friction of this cluster")),
    }
}

fn takes_none(row: u8, why: &str) -> ApiError {
    ApiError::with(ErrorCode::TakesNoPlace, format_args!("row {row}: {why}"))
}

fn kind(subject: &WithCells<'_>, row: u8) -> Result<AddedKind, ApiError> {
    let known = subject.calculator.additions.iter().find(|addition| addition.row == row);
    known.map(|addition| addition.added).ok_or_else(|| {
        let indicator = kend_readiness::indicator(row);
        let why = match indicator.map(|indicator| indicator.kind) {
            Some(IndicatorKind::TravelTime) => {
                "its score is a mean over several sets of destinations, or the pack was made before places could be added"
            }
            Some(IndicatorKind::Kde | IndicatorKind::Coverage) => {
                "its points have weights, or the pack was made before places could be added"
            }
            _ if indicator.is_some_and(by_rayon) => "it has one value in a rayon",
            _ => "what it measures is no place",
        };
        takes_none(row, why)
    })
}

/// Refuses more places than a device answers at once.
pub(super) fn check_number(places: usize) -> Result<(), ApiError> {
    if places <= MAX_PLACES {
        return Ok(());
    }
    Err(ApiError::with(ErrorCode::TooLarge, format_args!("{MAX_PLACES} new places at most")))
}

/// The scores of a row with all its new places.
pub(super) fn added(subject: &WithCells<'_>, indicator: &Indicator, places: &[NewPlace]) -> Result<Added, ApiError> {
    let method = Method::standard();
    let takes = takes(subject, indicator.row)?;
    let rule = subject.rule(indicator.row).ok_or_else(|| takes_none(indicator.row, "it has no rule to score by"))?;
    let map = &*subject.map;
    let cells: Vec<Cell> = places.iter().map(|place| checked(map, place, takes)).collect::<Result<_, _>>()?;
    let refused = |error: &dyn std::fmt::Display| ApiError::with(ErrorCode::BadRequest, error);
    let points = || places.iter().map(|place| (place.x_m, place.y_m));
    let raised = match kind(subject, indicator.row)? {
        AddedKind::Point { bandwidth_km } => {
            let points: Vec<_> = points().collect();
            let density = map.density_added(&points, bandwidth_km).map_err(|error| refused(&error))?;
            map.cells().raised(indicator, Addition::Density(&density), rule, method)
        }
        AddedKind::Mast => {
            let radii = places.iter().map(|place| place.radius_km.unwrap_or_default());
            let circles: Vec<_> = points().zip(radii).collect();
            let shares = map.share_covered(&circles).map_err(|error| refused(&error))?;
            map.cells().raised(indicator, Addition::Coverage(&shares), rule, method)
        }
        AddedKind::Destination => {
            let ways = subject.library.ways(&subject.cluster.id)?;
            let ways = ways.ok_or_else(|| takes_none(indicator.row, "the pack has no friction of this cluster"))?;
            open(&ways.minutes_per_metre, &cells)?;
            let limits = map.cells().useful_minutes(indicator, rule, ways.error, method);
            let limits = limits.map_err(|error| refused(&error))?;
            let minutes = map.minutes_to(&ways.minutes_per_metre, &cells, &limits).map_err(|error| refused(&error))?;
            map.cells().raised(indicator, Addition::Minutes(&minutes), rule, method)
        }
    };
    Ok(Added { raised: raised.map_err(|error| refused(&error))?, rule, takes })
}

/// The cell of the window that a place lies in.
fn checked(map: &ClusterMap, place: &NewPlace, takes: TakesWord) -> Result<Cell, ApiError> {
    let fits = match place.radius_km {
        Some(radius_km) => takes == TakesWord::Mast && radius_km > 0.0 && radius_km <= MAX_RADIUS_KM,
        None => takes != TakesWord::Mast,
    };
    if !fits {
        let detail = format_args!("a mast has a radius of up to {MAX_RADIUS_KM} km, and nothing else has one");
        return Err(ApiError::with(ErrorCode::BadRequest, detail));
    }
    map.grid().cell_at(place.x_m, place.y_m).ok_or(ApiError::new(ErrorCode::PlaceOutside))
}

/// Refuses places on barriers.
fn open(minutes_per_metre: &Surface<f32>, cells: &[Cell]) -> Result<(), ApiError> {
    let is_open = |cell: &Cell| minutes_per_metre.get(*cell).is_some_and(|minutes| minutes.is_finite());
    if cells.iter().all(is_open) { Ok(()) } else { Err(ApiError::new(ErrorCode::PlaceBlocked)) }
}
