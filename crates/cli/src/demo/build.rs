//! The demo's pack from its files: the same bytes every time.
//!
//! Figures become raw values by rayon, `kend-readiness` makes scores, dimensions, index, thresholds and uncertainty of
//! them, and a cluster is the mean of its rayons weighed by population. Numbers are rounded before they are kept, so
//! that the last bit of a machine's arithmetic does not make another pack.

use std::collections::BTreeMap;

use geo::InteriorPoint as _;
use kend_domain::{AreaCode, Dimension, Names, Position};
use kend_pack::{Pack, PackContent, Partial, Place, Profile, Project, Rayon, geonames_place, outline_shape};
use kend_readiness::{MergeParameters, Method, WeightScheme, indicators};

use super::{
    DemoError,
    clusters::Clusters,
    figures::{self, Figure},
    files::{self, ClusterEntry, Files},
    zones::zones,
};

/// Kept numbers have six decimals: far below what the method can say, far above what arithmetic loses.
const KEPT_STEPS: f64 = 1e6;
/// Positions of labels have five decimals, about a metre.
const DEGREE_STEPS: f64 = 1e5;
/// The pack, and what a reader of `--describe` wants to know beside it.
pub(super) struct Built {
    pub(super) pack: Pack,
    pub(super) clusters: Vec<ClusterEntry>,
    /// By row: rayons with a value, and rayons in all.
    pub(super) coverage: BTreeMap<u8, (usize, usize)>,
    /// Rayons whose index the thresholds rest on.
    pub(super) indexed: usize,
}

/// Builds the pack.
pub(super) fn build() -> Result<Built, DemoError> {
    build_from(files::read()?)
}

fn build_from(files: Files) -> Result<Built, DemoError> {
    let figures = figures::by_name(&files.statistics)?;
    check_rows(&files)?;
    let method = method_of(&files);
    let scheme = match files.project.profile {
        Profile::Recommended => WeightScheme::Criterion,
        Profile::Faithful => WeightScheme::Flat,
    };
    let inhabitants = figures
        .get(&files.project.population.figure)
        .ok_or_else(|| DemoError::Unfit("there is no figure for population".to_owned()))?;
    let rayons = rayons(&files, inhabitants)?;
    let zones = zones(&files, &rayons, &figures, inhabitants, &method, scheme)?;
    let index_thresholds = zones.thresholds("the index", &zones.index, &method)?;
    let mut thresholds = BTreeMap::new();
    for (dimension, values) in &zones.dimensions {
        if values.iter().any(Option::is_some) {
            thresholds.insert(*dimension, zones.thresholds(dimension.word(), values, &method)?);
        }
    }
    let places = places(&files)?;
    let clusters = Clusters {
        files: &files,
        figures: &figures,
        zones: &zones,
        places: &places,
        thresholds: &thresholds,
        method: &method,
    }
    .all()?;
    let observed = |values: &[Option<f64>]| values.iter().flatten().count();
    let coverage = zones.table.values.iter().map(|(row, values)| (*row, (observed(values), values.len()))).collect();
    let content = PackContent {
        version: files.project.pack_version.clone(),
        method_version: method.method_version.clone(),
        profile: files.project.profile,
        project: Project {
            name: files.project.name.clone(),
            title: files.project.title.clone(),
            demo: files.project.demo,
        },
        attribution: files.project.attribution.clone(),
        partial: Some(Partial {
            indicators_present: zones.scored.scores.keys().copied().collect(),
            indicators_total: u8::try_from(indicators().len())
                .map_err(|_| DemoError::Unfit("more indicators than rows".to_owned()))?,
            dimensions_without_data: Dimension::ALL
                .iter()
                .copied()
                .filter(|dimension| !thresholds.contains_key(dimension))
                .collect(),
            remark: files.project.partial_remark.clone(),
        }),
        data_year: data_year(&files, &figures, scheme)?,
        round_year: files.project.round_year,
        round: None,
        index_thresholds: index_thresholds.values(),
        merge: merge(&files, &method),
        clusters,
        rayons,
        places,
        synthetic: false,
        calculator: None,
    };
    let indexed = observed(&zones.index);
    Ok(Built { pack: Pack::new(content)?, clusters: files.clusters, coverage, indexed })
}

/// Every joined row is a row of Annex I whose figure carries that row, and every figure with a row is joined.
fn check_rows(files: &Files) -> Result<(), DemoError> {
    for row in &files.statistics {
        let joined = files.project.indicator.iter().find(|joined| joined.figure == row.figure);
        if joined.map(|joined| joined.row) != row.row {
            return Err(DemoError::Unfit(format!("{} is not joined to the row it carries", row.figure)));
        }
    }
    Ok(())
}

/// The method with the demo's limits of missing data.
fn method_of(files: &Files) -> Method {
    let mut method = Method::standard().clone();
    let limits = &files.project.missing;
    method.missing.indicator_min_share.value = limits.indicator_min_share;
    method.missing.dimension_min_weight_share.value = limits.dimension_min_weight_share;
    method.missing.index_min_dimensions.value = limits.index_min_dimensions;
    method
}

fn merge(files: &Files, method: &Method) -> MergeParameters {
    MergeParameters { lambda: files.project.merge.lambda, ..MergeParameters::of(method) }
}

fn rayons(files: &Files, inhabitants: &Figure) -> Result<Vec<Rayon>, DemoError> {
    files
        .rayons
        .iter()
        .map(|feature| {
            let properties = &feature.properties;
            let code = properties.code.clone();
            let population = inhabitants.by_rayon.get(&code).copied().map(persons).transpose()?;
            let outline = feature.geometry.coordinates.clone();
            let inside = outline_shape(&outline).interior_point();
            let inside = inside.ok_or_else(|| DemoError::Unfit(format!("{code} has no inside")))?;
            Ok(Rayon {
                names: Names {
                    az: properties.name_az.clone(),
                    en: properties.name_en.clone(),
                    ru: properties.name_ru.clone(),
                },
                population,
                centre: position(&code, rounded(inside.y(), DEGREE_STEPS), rounded(inside.x(), DEGREE_STEPS))?,
                outline,
                code,
                readiness: None,
            })
        })
        .collect()
}

/// The mean point in time of the joined figures, each weighed as its row is in the index over what is present: an equal
/// share for each dimension with data, within it by the scheme's weights.
fn data_year(files: &Files, figures: &BTreeMap<String, Figure>, scheme: WeightScheme) -> Result<f64, DemoError> {
    let mut by_dimension: BTreeMap<Dimension, Vec<(f64, f64)>> = BTreeMap::new();
    for joined in &files.project.indicator {
        let lost = || DemoError::Unfit(format!("row {} has no period", joined.row));
        let indicator = indicators().iter().find(|indicator| indicator.row == joined.row).ok_or_else(lost)?;
        let period = &figures.get(&joined.figure).ok_or_else(lost)?.period;
        let time = figures::point_in_time(period).ok_or_else(lost)?;
        by_dimension.entry(indicator.dimension).or_default().push((time, indicator.weights.of(scheme)));
    }
    let means: Vec<f64> = by_dimension
        .values()
        .map(|rows| {
            let weight: f64 = rows.iter().map(|(_, weight)| weight).sum();
            rows.iter().map(|(time, weight)| time * weight).sum::<f64>() / weight
        })
        .collect();
    let dimensions = u32::try_from(means.len()).map_err(|_| DemoError::Unfit("too many dimensions".to_owned()))?;
    Ok(kept(means.iter().sum::<f64>() / f64::from(dimensions)))
}

fn places(files: &Files) -> Result<Vec<Place>, DemoError> {
    files
        .places
        .iter()
        .map(|row| {
            Ok(Place {
                village: geonames_place(row.geonames_id),
                names: Names { az: row.name_az.clone(), en: row.name_en.clone(), ru: row.name_ru.clone() },
                rayon: row.rayon.clone(),
                population: row.population,
                position: position(&row.rayon, row.latitude, row.longitude)?,
            })
        })
        .collect()
}

fn position(of: &AreaCode, latitude: f64, longitude: f64) -> Result<Position, DemoError> {
    Position::new(latitude, longitude).map_err(|error| DemoError::Unfit(format!("{of}: {error}")))
}

/// A number as it is kept.
pub(super) fn kept(value: f64) -> f64 {
    rounded(value, KEPT_STEPS)
}

/// A number to a step.
pub(super) fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

/// A whole number of persons.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within u32 and whole")]
pub(super) fn persons(count: f64) -> Result<u32, DemoError> {
    if (0.0..=f64::from(u32::MAX)).contains(&count) && count.fract() == 0.0 {
        Ok(count as u32)
    } else {
        Err(DemoError::Unfit(format!("{count} is no number of persons")))
    }
}
