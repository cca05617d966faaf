//! Clusters, rayons and villages side by side, and the profile of one.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use kend_domain::{AreaCode, EntityId, InterviewKind, Names};
use kend_log::EntityKind;
use kend_pack::{Cluster, PackContent, ProfileNumber, Rayon};
use kend_readiness::{Thresholds, class_of, indicators};
use kend_sync::rights::Reading;

use crate::api::{
    ApiError, AreaKind, CompareRow, CompareView, ErrorCode, InterviewCounts, Nothing, ProfileNumberView,
    ProfileValueView, ProfileView, RayonName, ReadProfile, TravelView, count,
};
use crate::calculator::{Subject, touches, zone_value_view};
use crate::desk::{Desk, Found};
use crate::interview::facts::Facts;
use crate::library::Library;
use crate::map::{class_at, in_plane, villages_of};
use crate::readiness::{self, Voices};
use crate::village::{self, count as count_interview, rayon_name};

/// All clusters and rayons of the person's areas.
pub(crate) fn compare(desk: &mut Desk<'_>, _: &Nothing) -> Result<CompareView, ApiError> {
    let library = Arc::clone(desk.library);
    let content = library.pack.content();
    let found = desk.all(EntityKind::Interview, Reading::Results)?;
    let mut clusters = Vec::new();
    for cluster in content.clusters.iter().filter(|cluster| touches(desk, cluster)) {
        clusters.push(cluster_row(desk, content, cluster, &found)?);
    }
    let own = content.rayons.iter().filter(|rayon| desk.may_read(&rayon.code, Reading::Results));
    let mut rayons = own.map(|rayon| rayon_row(desk, content, rayon, &found)).collect::<Result<Vec<_>, _>>()?;
    for rows in [&mut clusters, &mut rayons] {
        rows.sort_by(|one, other| {
            let higher = other.index.partial_cmp(&one.index).unwrap_or(Ordering::Equal);
            higher.then_with(|| one.name.cmp(&other.name))
        });
    }
    clusters.append(&mut rayons);
    Ok(CompareView { synthetic: content.synthetic, thresholds: content.index_thresholds.to_vec(), rows: clusters })
}

pub(crate) fn thresholds(content: &PackContent) -> Result<Thresholds, ApiError> {
    Thresholds::new(content.index_thresholds).map_err(|error| ApiError::with(ErrorCode::PackDamaged, error))
}

fn cluster_row(
    desk: &Desk<'_>,
    content: &PackContent,
    cluster: &Cluster,
    found: &[Found],
) -> Result<CompareRow, ApiError> {
    let voices = Voices::of(desk, cluster, found)?;
    let dimensions: Vec<Option<f64>> = cluster.dimensions.iter().map(|dimension| dimension.value).collect();
    Ok(CompareRow {
        kind: AreaKind::Cluster,
        id: cluster.id.clone(),
        name: cluster.names.get(desk.language).to_owned(),
        index: Some(cluster.index),
        class: Some(class_of(cluster.index, &thresholds(content)?)),
        index_of_values: None,
        merged: readiness::merged_at(content, cluster, &voices, &dimensions)?,
        dimensions,
        // Of a cluster all is one class; how sure that is stands in its readiness.
        class_shares: Vec::new(),
        area_km2: cluster.area.as_ref().map(|area| area.area_km2),
        people: Some(cluster.population),
        villages: cluster.villages_total,
        villages_visited: count(voices.villages()),
        interviews: count(voices.interviews.len()),
    })
}

fn rayon_row(desk: &Desk<'_>, content: &PackContent, rayon: &Rayon, found: &[Found]) -> Result<CompareRow, ApiError> {
    let readiness = rayon.readiness.as_ref();
    let index = readiness.and_then(|readiness| readiness.index);
    let four = thresholds(content)?;
    let voices = Voices::within(desk, std::slice::from_ref(&rayon.code), found, |_| Ok(true))?;
    Ok(CompareRow {
        kind: AreaKind::Rayon,
        id: rayon.code.to_string(),
        name: rayon.names.get(desk.language).to_owned(),
        index,
        class: index.map(|index| class_of(index, &four)),
        index_of_values: readiness.and_then(|readiness| readiness.index_of_values),
        merged: None,
        dimensions: readiness.map(|readiness| readiness.dimensions.to_vec()).unwrap_or_default(),
        class_shares: readiness.map(|readiness| readiness.class_shares.to_vec()).unwrap_or_default(),
        area_km2: readiness.map(|readiness| readiness.area_km2),
        people: rayon.population,
        villages: count(content.places.iter().filter(|place| place.rayon == rayon.code).count()),
        villages_visited: count(voices.villages()),
        interviews: count(voices.interviews.len()),
    })
}

/// The profile of a village, a cluster or a rayon.
pub(crate) fn read(desk: &mut Desk<'_>, request: &ReadProfile) -> Result<ProfileView, ApiError> {
    let library = Arc::clone(desk.library);
    match request {
        ReadProfile::Village(village) => of_village(desk, &library, *village),
        ReadProfile::Cluster(id) => of_cluster(desk, &library, id),
        ReadProfile::Rayon(code) => of_rayon(desk, &library, code),
    }
}

/// A profile of which nothing is known yet but its name and rayons, and how many interviews were held.
fn begun<'a>(
    desk: &Desk<'_>,
    name: String,
    rayons: impl IntoIterator<Item = &'a AreaCode>,
    found: &[Found],
    held: impl Fn(&Facts<'_>) -> bool,
) -> ProfileView {
    let (mut fgd, mut kii) = (InterviewCounts::default(), InterviewCounts::default());
    for facts in found.iter().map(Facts::of) {
        match facts.kind.filter(|_| held(&facts)) {
            Some(InterviewKind::Fgd) => count_interview(&mut fgd, facts.state),
            Some(InterviewKind::Kii) => count_interview(&mut kii, facts.state),
            None => {}
        }
    }
    let rayons = rayons.into_iter().map(|rayon| RayonName { rayon: rayon.clone(), name: rayon_name(desk, rayon) });
    ProfileView {
        name,
        synthetic: desk.library.pack.content().synthetic,
        rayons: rayons.collect(),
        cluster: None,
        cluster_name: None,
        position: None,
        people: None,
        people_year: None,
        area_km2: None,
        villages: None,
        numbers: Vec::new(),
        travel: Vec::new(),
        index: None,
        class: None,
        dimensions: Vec::new(),
        values: Vec::new(),
        villages_visited: None,
        fgd,
        kii,
    }
}

fn numbers(desk: &Desk<'_>, numbers: &[ProfileNumber]) -> Vec<ProfileNumberView> {
    let view = |number: &ProfileNumber| ProfileNumberView {
        name: number.name.get(desk.language).to_owned(),
        value: number.value,
        unit: number.unit.as_ref().map(|unit| unit.get(desk.language).to_owned()),
    };
    numbers.iter().map(view).collect()
}

fn of_village(desk: &Desk<'_>, library: &Library, id: EntityId) -> Result<ProfileView, ApiError> {
    let village = village::find(desk, id)?.ok_or(ApiError::new(ErrorCode::NotFound))?;
    let found = desk.all(EntityKind::Interview, Reading::Results)?;
    let mut view = begun(desk, village.name.clone(), [&village.rayon], &found, |facts| facts.village == Some(id));
    view.position = Some(village.position);
    view.people = village.population;
    if let Some(cluster) = library.pack.cluster_of(id, &village.rayon, village.position) {
        view.cluster = Some(cluster.id.clone());
        view.cluster_name = Some(cluster.names.get(desk.language).to_owned());
        if let Some(map) = library.cells(&cluster.id)? {
            let office = map.cells().office();
            let (x_m, y_m) = in_plane(village.position);
            let cell = map.cell_at(x_m, y_m);
            view.index = value_at(&office.index, cell);
            view.dimensions = office.dimensions.iter().map(|values| value_at(values, cell)).collect();
            view.class = class_at(&map, village.position);
        }
    }
    let calculator = library.pack.content().calculator.as_ref();
    if let Some(facts) = calculator.and_then(|calculator| calculator.villages.iter().find(|facts| facts.village == id))
    {
        view.numbers = numbers(desk, &facts.profile);
        view.travel = facts
            .travel
            .iter()
            .map(|way| TravelView { to: way.to.get(desk.language).to_owned(), minutes: way.minutes })
            .collect();
        let known = |row: u8| facts.values.iter().find(|value| value.row == row).map(|value| value.value);
        view.values = values(desk, |row| Some((Vec::new(), Some(known(row)?), None)));
    }
    Ok(view)
}

/// The value of a cell, if it has one.
fn value_at(values: &[f32], cell: Option<usize>) -> Option<f64> {
    values.get(cell?).filter(|value| !value.is_nan()).map(|value| f64::from(*value))
}

/// The rows of which something is known: values by rayon or one, and the unit where it is not that of the catalogue.
fn values<'a>(
    desk: &Desk<'_>,
    of: impl Fn(u8) -> Option<(Vec<crate::api::ZoneValueView>, Option<f64>, Option<&'a Names>)>,
) -> Vec<ProfileValueView> {
    let rows = indicators().iter().filter_map(|indicator| {
        let (of, value, unit) = of(indicator.row)?;
        Some(ProfileValueView {
            row: u32::from(indicator.row),
            name: indicator.name.get(desk.language).to_owned(),
            dimension: indicator.dimension,
            unit: unit.unwrap_or(&indicator.unit_name).get(desk.language).to_owned(),
            of,
            value,
        })
    });
    rows.collect()
}

/// What the pack has of some rayons in every row.
fn values_of(desk: &Desk<'_>, content: &PackContent, rayons: &[AreaCode]) -> Vec<ProfileValueView> {
    let all = || content.calculator.iter().flat_map(|calculator| &calculator.zones);
    values(desk, |row| {
        let own = || all().filter(|value| value.row == row && rayons.contains(&value.rayon));
        let unit = own().next()?.unit.as_ref();
        Some((own().map(|value| zone_value_view(desk, value)).collect(), None, unit))
    })
}

fn of_cluster(desk: &Desk<'_>, library: &Library, id: &str) -> Result<ProfileView, ApiError> {
    let Subject { cluster, .. } = Subject::find(desk, library, id)?;
    let content = library.pack.content();
    let own: BTreeSet<EntityId> = villages_of(desk, cluster)?.iter().map(|village| village.id).collect();
    let name = cluster.names.get(desk.language).to_owned();
    let inside = |facts: &Facts<'_>| facts.village.is_some_and(|village| own.contains(&village));
    let found = desk.all(EntityKind::Interview, Reading::Results)?;
    let view = begun(desk, name.clone(), &cluster.rayons, &found, inside);
    let area = cluster.area.as_ref();
    Ok(ProfileView {
        cluster: Some(cluster.id.clone()),
        cluster_name: Some(name),
        people: Some(cluster.population),
        people_year: Some(u32::from(cluster.population_year)),
        area_km2: area.map(|area| area.area_km2),
        villages: Some(cluster.villages_total),
        numbers: area.map(|area| numbers(desk, &area.profile)).unwrap_or_default(),
        index: Some(cluster.index),
        class: Some(class_of(cluster.index, &thresholds(content)?)),
        dimensions: cluster.dimensions.iter().map(|dimension| dimension.value).collect(),
        values: values_of(desk, content, &cluster.rayons),
        villages_visited: Some(count(Voices::of(desk, cluster, &found)?.villages())),
        ..view
    })
}

fn of_rayon(desk: &Desk<'_>, library: &Library, code: &AreaCode) -> Result<ProfileView, ApiError> {
    let content = library.pack.content();
    let rayon = library.pack.rayon(code).filter(|rayon| desk.may_read(&rayon.code, Reading::Results));
    let rayon = rayon.ok_or(ApiError::new(ErrorCode::NotFound))?;
    let here: BTreeSet<EntityId> =
        village::all(desk)?.into_iter().filter(|village| village.rayon == *code).map(|village| village.id).collect();
    let inside = |facts: &Facts<'_>| facts.village.is_some_and(|village| here.contains(&village));
    let found = desk.all(EntityKind::Interview, Reading::Results)?;
    let view = begun(desk, rayon.names.get(desk.language).to_owned(), [code], &found, inside);
    let row = rayon_row(desk, content, rayon, &found)?;
    let cluster = content.clusters.iter().find(|cluster| cluster.area.is_none() && cluster.rayons.contains(code));
    Ok(ProfileView {
        cluster: cluster.map(|cluster| cluster.id.clone()),
        cluster_name: cluster.map(|cluster| cluster.names.get(desk.language).to_owned()),
        position: Some(rayon.centre),
        people: rayon.population,
        area_km2: row.area_km2,
        villages: Some(row.villages),
        numbers: rayon.readiness.as_ref().map(|own| numbers(desk, &own.profile)).unwrap_or_default(),
        index: row.index,
        class: row.class,
        dimensions: row.dimensions,
        values: values_of(desk, content, std::slice::from_ref(code)),
        villages_visited: Some(row.villages_visited),
        ..view
    })
}
