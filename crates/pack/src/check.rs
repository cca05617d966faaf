//! Whether a pack agrees with itself. Every screen trusts this: references resolve, thresholds ascend, numbers are in
//! their range, and what is called missing is missing everywhere.

mod areas;
mod calculator;

use std::collections::BTreeSet;

use kend_domain::{AreaCode, Dimension, Names};

use crate::{
    Cluster, DimensionValue, IndicatorStatus, IndicatorValue, PackContent, PackError, Polygon, Rayon, file::SectionKind,
};

/// Rows of Annex I.
const INDICATORS: u8 = 53;
/// A closed ring needs three corners and its first again.
const RING_POSITIONS: usize = 4;
/// Years a figure can plausibly be of.
const YEARS: std::ops::RangeInclusive<f64> = 1900.0..=2200.0;

pub(crate) fn check(content: &PackContent) -> Result<(), PackError> {
    words(&[("version", &content.version), ("method version", &content.method_version)])?;
    names("the project's title", &content.project.title)?;
    ensure(!content.attribution.is_empty(), || "no attribution".to_owned())?;
    ensure(YEARS.contains(&content.data_year), || format!("data year {}", content.data_year))?;
    let after_data = content.data_year..=*YEARS.end();
    ensure(after_data.contains(&content.round_year), || format!("round year {}", content.round_year))?;
    thresholds("the index", &content.index_thresholds)?;
    merge(content)?;

    let mut codes = BTreeSet::new();
    for rayon in &content.rayons {
        ensure(codes.insert(&rayon.code), || format!("rayon {} twice", rayon.code))?;
        check_rayon(rayon)?;
    }
    let mut villages = BTreeSet::new();
    for place in &content.places {
        ensure(villages.insert(place.village), || format!("place {} twice", place.village))?;
        names("a place", &place.names)?;
        ensure(codes.contains(&place.rayon), || {
            format!("place {} lies in {}, which is no rayon of the pack", place.village, place.rayon)
        })?;
    }
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for cluster in &content.clusters {
        ensure(ids.insert(&cluster.id), || format!("cluster {} twice", cluster.id))?;
        check_cluster(cluster, content, &codes, &mut taken)?;
    }
    let villages_in_areas = content.clusters.iter().filter_map(|cluster| cluster.area.as_ref());
    let mut listed = BTreeSet::new();
    for village in villages_in_areas.flat_map(|area| &area.villages) {
        ensure(villages.contains(village), || format!("village {village} of a cluster is no place of the pack"))?;
        ensure(listed.insert(village), || format!("village {village} is in two clusters"))?;
    }
    content.calculator.as_ref().map_or(Ok(()), |own| calculator::check(own, &codes, &villages))
}

/// Sections are of clusters that have an area, in a pack that says what calculations need; friction is of clusters whose
/// cells are there.
pub(crate) fn sections<'a>(
    content: &PackContent,
    mut kinds: impl Iterator<Item = &'a SectionKind> + Clone,
) -> Result<(), PackError> {
    let cells: BTreeSet<&String> =
        kinds.clone().filter_map(|kind| if let SectionKind::Cells(id) = kind { Some(id) } else { None }).collect();
    kinds.try_for_each(|kind| {
        let id = match kind {
            SectionKind::Cells(id) => id,
            SectionKind::Friction(id) => {
                return ensure(cells.contains(id), || format!("friction of {id}, of which there are no cells"));
            }
            SectionKind::Content | SectionKind::Basemap => return Ok(()),
        };
        let area = content.clusters.iter().find(|cluster| cluster.id == *id).and_then(|cluster| cluster.area.as_ref());
        ensure(area.is_some() && content.calculator.is_some(), || {
            format!("cells of {id}, which is no cluster with an area in a pack with a calculator")
        })
    })
}

fn merge(content: &PackContent) -> Result<(), PackError> {
    let merge = &content.merge;
    for (name, value) in [("lambda", merge.lambda), ("alpha", merge.alpha), ("kappa_cap", merge.kappa_cap)] {
        ensure((0.0..=1.0).contains(&value), || format!("{name} {value} is not between 0 and 1"))?;
    }
    for (name, value) in
        [("nu0", merge.nu0), ("sigma0_sq", merge.sigma0_sq), ("sigma_m_sq", merge.sigma_m_sq), ("a", merge.a)]
    {
        ensure(value.is_finite() && value >= 0.0, || format!("{name} {value} is negative or no number"))?;
    }
    Ok(())
}

fn check_rayon(rayon: &Rayon) -> Result<(), PackError> {
    names("a rayon", &rayon.names)?;
    outline(rayon.code.as_str(), &rayon.outline)?;
    rayon.readiness.as_ref().map_or(Ok(()), |readiness| areas::rayon(rayon.code.as_str(), readiness))
}

fn outline(of: &str, outline: &[Polygon]) -> Result<(), PackError> {
    ensure(!outline.is_empty(), || format!("{of} has no outline"))?;
    for polygon in outline {
        ensure(!polygon.is_empty(), || format!("a polygon of {of} has no ring"))?;
        for ring in polygon {
            ensure(ring.len() >= RING_POSITIONS && ring.first() == ring.last(), || {
                format!("a ring of {of} is not closed")
            })?;
            for [longitude, latitude] in ring {
                kend_domain::Position::new(*latitude, *longitude)
                    .map_err(|error| PackError::inconsistent(format!("outline of {of}: {error}")))?;
            }
        }
    }
    Ok(())
}

fn check_cluster<'pack>(
    cluster: &'pack Cluster,
    content: &PackContent,
    codes: &BTreeSet<&AreaCode>,
    taken: &mut BTreeSet<&'pack AreaCode>,
) -> Result<(), PackError> {
    let id = &cluster.id;
    words(&[("a cluster's id", id)])?;
    names("a cluster", &cluster.names)?;
    ensure(!cluster.rayons.is_empty(), || format!("cluster {id} has no rayon"))?;
    for rayon in &cluster.rayons {
        ensure(codes.contains(rayon), || format!("cluster {id} names {rayon}, which is no rayon of the pack"))?;
        let alone = cluster.area.is_some() || taken.insert(rayon);
        ensure(alone, || format!("rayon {rayon} is in two clusters"))?;
    }
    let of_rayons = || content.places.iter().filter(|place| cluster.rayons.contains(&place.rayon)).count();
    let listed = cluster.area.as_ref().map_or_else(of_rayons, |area| area.villages.len());
    ensure(cluster.villages_total > 0 && cluster.villages_total as usize >= listed, || {
        format!("cluster {id} says {} villages, {listed} are listed", cluster.villages_total)
    })?;
    ensure(YEARS.contains(&f64::from(cluster.population_year)), || format!("population year of cluster {id}"))?;
    points(id, "index", cluster.index)?;

    ensure(cluster.dimensions.iter().map(|value| &value.dimension).eq(Dimension::ALL), || {
        format!("the dimensions of cluster {id} are not the five in their order")
    })?;
    for value in &cluster.dimensions {
        check_dimension(id, value)?;
    }
    ensure(cluster.indicators.iter().map(|value| value.row).eq(1..=INDICATORS), || {
        format!("the indicators of cluster {id} are not rows 1 to {INDICATORS}")
    })?;
    for value in &cluster.indicators {
        check_indicator(id, value)?;
    }
    check_partial(cluster, content)?;
    cluster.area.as_ref().map_or(Ok(()), |area| areas::cluster(id, area, content.calculator.as_ref()))
}

fn check_dimension(id: &str, value: &DimensionValue) -> Result<(), PackError> {
    let dimension = value.dimension;
    match (value.value, value.thresholds, value.sd_mc) {
        (None, None, None) => Ok(()),
        (Some(points_value), Some(four), Some(sd)) => {
            points(id, dimension.word(), points_value)?;
            thresholds(dimension.word(), &four)?;
            ensure((0.0..=100.0).contains(&sd), || format!("sd_mc {sd} of {dimension} in cluster {id}"))
        }
        _ => Err(PackError::inconsistent(format!(
            "{dimension} of cluster {id}: value, thresholds and sd_mc are not all there or all null"
        ))),
    }
}

fn check_indicator(id: &str, value: &IndicatorValue) -> Result<(), PackError> {
    let row = value.row;
    names("a unit", &value.unit)?;
    if let Some(remark) = &value.remark {
        names("a remark", remark)?;
    }
    let numbers = [value.value, value.score, value.norm];
    let sourced = value.period.is_some() && value.publisher.is_some();
    if value.status == IndicatorStatus::Missing {
        return ensure(numbers.iter().all(Option::is_none) && !sourced, || {
            format!("indicator {row} of cluster {id} is missing and has a value")
        });
    }
    ensure(numbers.iter().flatten().all(|number| number.is_finite()) && numbers.iter().all(Option::is_some), || {
        format!("indicator {row} of cluster {id} lacks a number")
    })?;
    ensure(sourced, || format!("indicator {row} of cluster {id} has no period or publisher"))?;
    for number in [value.score, value.norm].into_iter().flatten() {
        points(id, "a score", number)?;
    }
    Ok(())
}

fn check_partial(cluster: &Cluster, content: &PackContent) -> Result<(), PackError> {
    let id = &cluster.id;
    let present = |row: u8| content.partial.as_ref().is_none_or(|partial| partial.indicators_present.contains(&row));
    for value in &cluster.indicators {
        ensure(value.status == IndicatorStatus::Missing || present(value.row), || {
            format!("indicator {} has a value in cluster {id} but is not among those present", value.row)
        })?;
    }
    let Some(partial) = &content.partial else {
        return ensure(cluster.dimensions.iter().all(|value| value.value.is_some()), || {
            format!("a dimension of cluster {id} has no data, but the pack does not say it is partial")
        });
    };
    names("the remark on what is missing", &partial.remark)?;
    ensure(partial.indicators_total == INDICATORS, || format!("{} indicators in all", partial.indicators_total))?;
    ensure(partial.indicators_present.is_sorted_by(|left, right| left < right), || {
        "the indicators present are not in their order".to_owned()
    })?;
    for value in &cluster.dimensions {
        let without = partial.dimensions_without_data.contains(&value.dimension);
        ensure(without == value.value.is_none(), || {
            format!("{} of cluster {id} does not agree with the dimensions without data", value.dimension)
        })?;
    }
    Ok(())
}

fn thresholds(of: &str, four: &[f64; 4]) -> Result<(), PackError> {
    let inside = four.iter().all(|threshold| *threshold > 0.0 && *threshold < 100.0);
    ensure(inside && four.is_sorted_by(|left, right| left < right), || {
        format!("the thresholds of {of} do not ascend between 0 and 100: {four:?}")
    })
}

fn points(cluster: &str, of: &str, value: f64) -> Result<(), PackError> {
    ensure((0.0..=100.0).contains(&value), || format!("{of} of cluster {cluster} is {value}, not 0 to 100"))
}

fn names(of: &str, names: &Names) -> Result<(), PackError> {
    ensure(!names.has_gap(), || format!("{of} has no name in one of the languages: {names:?}"))
}

fn words(words: &[(&str, &String)]) -> Result<(), PackError> {
    words.iter().try_for_each(|(of, word)| ensure(!word.trim().is_empty(), || format!("{of} is empty")))
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), PackError> {
    if holds { Ok(()) } else { Err(PackError::inconsistent(what())) }
}
