//! Everything in a pack but its clusters, and what it is read from.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use geo::InteriorPoint as _;
use kend_cells::EqualArea;
use kend_domain::{Dimension, Names};
use kend_pack::{PackContent, Partial, PartialLimits, Profile, ProfileNumber, Project, Rayon, RayonReadiness};
use kend_readiness::{Method, WeightScheme, indicator, indicators};

use super::{PackSettings, additions, error::MakePackError, facts, profiles::Profiles, rows::Row, shapes};
use crate::{
    build::{ColumnStatus, Country, IndicatorColumn, RayonSummary, changed_file, scheme, told_warning},
    folder::ProjectFolder,
    init::NAMES,
    layers::{Feature, VECTORS, read_vectors},
    project::{self, PEOPLE, RasterRole, RowTexts, VectorDeclaration, VectorRole},
};

/// Corners of a rayon's outline nearer to a line than this are left out, metres.
const RAYON_TOLERANCE_M: f64 = 100.0;
/// Numbers are kept to six decimals.
const KEPT_STEPS: f64 = 1e6;
/// A figure of a year is of its middle.
const MIDDLE: f64 = 0.5;

/// A country, and the folder that it was built from.
pub(super) struct Source<'a> {
    pub(super) country: &'a Country,
    pub(super) folder: ProjectFolder,
    pub(super) plane: EqualArea,
    pub(super) scheme: WeightScheme,
    /// How little may be there, where the project says otherwise than the method.
    pub(super) limits: Option<PartialLimits>,
    /// Layers found to be those of the build: many are declared several times, and the largest take seconds to hash.
    checked: RefCell<BTreeSet<String>>,
}

impl<'a> Source<'a> {
    /// A folder and a country that belong together and that a device understands.
    pub(super) fn read(path: &Path, country: &'a Country) -> Result<Self, MakePackError> {
        let folder = ProjectFolder::read(path)?;
        let (longitude, latitude) = country.centre;
        if [longitude, latitude].map(f64::to_bits)
            != [EqualArea::CENTRE_LONGITUDE, EqualArea::CENTRE_LATITUDE].map(f64::to_bits)
        {
            return Err(MakePackError::Plane { longitude, latitude });
        }
        let of_profile = if country.manifest.profile == FAITHFUL {
            project::Profile::Faithful
        } else {
            project::Profile::Recommended
        };
        let scheme = scheme(of_profile);
        for (column, own) in country.indicators.iter().zip(indicators()) {
            let same = (column.row, column.kind, column.dimension) == (own.row, own.kind, own.dimension);
            if !same || column.weight.to_bits() != own.weights.of(scheme).to_bits() {
                return Err(MakePackError::Indicator { row: column.row });
            }
        }
        let limits = folder.project.limits().map_err(crate::check::CheckError::from)?;
        let limits = (limits != Method::standard().missing).then_some(PartialLimits {
            dimension_min_weight_share: limits.dimension_min_weight_share.value,
            index_min_dimensions: limits.index_min_dimensions.value,
        });
        let source = Self { country, folder, plane: EqualArea::default(), scheme, limits, checked: RefCell::default() };
        source.unchanged("", NAMES)?;
        Ok(source)
    }

    /// Refuses a file that is not the one the country was built of; `of` is its folder.
    fn unchanged(&self, of: &str, file: &str) -> Result<(), MakePackError> {
        let changed = changed_file(&self.folder.path, &self.country.manifest.inputs, of, file);
        match changed.map_err(|(file, source)| MakePackError::Read { file, source })? {
            None => Ok(()),
            Some(file) => Err(MakePackError::Changed { file }),
        }
    }

    pub(super) fn role(&self, role: VectorRole) -> Vec<&VectorDeclaration> {
        self.folder.project.vectors.iter().filter(|declared| declared.role == Some(role)).collect()
    }

    /// The features of a layer that the country was built of. What the build has said of it is not said again.
    pub(super) fn features(
        &self,
        declared: &VectorDeclaration,
        remarks: &mut Vec<String>,
    ) -> Result<Vec<Feature>, MakePackError> {
        if !self.checked.borrow().contains(&declared.file) {
            self.unchanged(VECTORS, &declared.file)?;
            self.checked.borrow_mut().insert(declared.file.clone());
        }
        let read = read_vectors(&self.folder.path, declared, &self.plane)?;
        let said = &self.country.manifest.warnings;
        let new: Vec<String> =
            read.warnings.iter().map(told_warning).filter(|warning| !said.contains(warning)).collect();
        remarks.extend(new);
        Ok(read.features)
    }

    /// The place among the land cells of the one at a point of the plane.
    pub(super) fn land_at(&self, (x_m, y_m): (f64, f64)) -> Option<usize> {
        let grid = &self.country.grid;
        let index = u32::try_from(grid.index(grid.cell_at(x_m, y_m)?)?).ok()?;
        self.country.land.binary_search(&index).ok()
    }

    /// The place of the zone of a land cell.
    pub(super) fn zone_of(&self, cell: usize) -> Option<usize> {
        self.country.zone.get(cell).map(|zone| usize::from(*zone))
    }

    /// What the project says of a row.
    pub(super) fn texts(&self, row: u8) -> Option<&RowTexts> {
        self.folder.project.pack.rows.iter().find(|texts| texts.row == row)
    }

    /// Who published what a column was made of, or else its files.
    pub(super) fn publisher(&self, column: &IndicatorColumn) -> Option<String> {
        let said = self.texts(column.row).and_then(|texts| texts.publisher.clone());
        said.or_else(|| (!column.files.is_empty()).then(|| column.files.join(", ")))
    }

    /// The year of the people: that of their raster, or of the figure that was spread in its place.
    pub(super) fn population_year(&self) -> u16 {
        let project = &self.folder.project;
        let raster = project.rasters.iter().find(|raster| raster.role == Some(RasterRole::Population));
        let figure = project.statistics.iter().find(|own| own.figure.as_deref() == Some(PEOPLE));
        raster.map(|raster| raster.year).or(figure.map(|own| own.year)).unwrap_or_default()
    }
}

/// The profile of the annex as it is printed.
const FAITHFUL: &str = "faithful";

/// A number as it is kept.
pub(super) fn kept(value: f64) -> f64 {
    (value * KEPT_STEPS).round() / KEPT_STEPS
}

/// A whole number of persons; `None` for what is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within u32 and whole")]
pub(super) fn persons(count: f64) -> Option<u32> {
    let count = count.round();
    (0.0..=f64::from(u32::MAX)).contains(&count).then_some(count as u32)
}

/// Names in all three languages: one that is not known is that of another language.
pub(super) fn filled(names: &Names) -> Names {
    let known = [&names.az, &names.en, &names.ru].into_iter().find(|name| !name.trim().is_empty());
    let own = |name: &String| if name.trim().is_empty() { known.unwrap_or(name) } else { name }.clone();
    Names { az: own(&names.az), en: own(&names.en), ru: own(&names.ru) }
}

/// The unit of columns whose values are scores.
pub(super) fn points() -> Names {
    Names { az: "bal".to_owned(), en: "points".to_owned(), ru: "баллы".to_owned() }
}

/// Whether the values of a column are in the unit of the catalogue.
pub(super) fn in_own_unit(column: &IndicatorColumn) -> bool {
    indicator(column.row).is_some_and(|indicator| indicator.unit == column.unit)
}

fn used(country: &Country) -> impl Iterator<Item = &IndicatorColumn> {
    country.indicators.iter().filter(|column| column.status == ColumnStatus::Used)
}

/// The content without clusters.
pub(super) fn content(
    source: &Source<'_>,
    settings: &PackSettings,
    rows: &[Row],
    profiles: &Profiles<'_>,
    remarks: &mut Vec<String>,
) -> Result<PackContent, MakePackError> {
    let country = source.country;
    let data_year = data_year(country);
    let newest = used(country).filter_map(|column| column.year).max().unwrap_or_default();
    let round_year = settings.round_year.unwrap_or_else(|| {
        let middle = f64::from(newest) + MIDDLE;
        remarks.push(format!("no year of the round was given: {middle}, the middle of the newest year of the data"));
        middle
    });
    if !round_year.is_finite() || round_year < data_year {
        return Err(MakePackError::RoundYear { round_year, data_year });
    }
    let title = source.folder.project.pack.title.clone().unwrap_or_else(|| {
        let name = settings.project.to_string();
        Names { az: name.clone(), en: name.clone(), ru: name }
    });
    let rayons: Vec<Rayon> =
        (0..country.zones.len()).map(|zone| rayon(source, zone, profiles)).collect::<Result<_, MakePackError>>()?;
    Ok(PackContent {
        version: settings.version.clone().unwrap_or_else(|| format!("{}.1", round_year.floor())),
        method_version: country.manifest.method_version.clone(),
        profile: if country.manifest.profile == FAITHFUL { Profile::Faithful } else { Profile::Recommended },
        project: Project { name: settings.project.clone(), title, demo: settings.demo },
        attribution: attribution(source),
        partial: partial(source),
        data_year,
        round_year,
        round: Some(country.manifest.round.number).filter(|round| *round > 1),
        index_thresholds: country.thresholds.values(),
        merge: source.folder.project.merge.clone(),
        clusters: Vec::new(),
        rayons,
        places: profiles.settlements.iter().map(|settlement| settlement.place.clone()).collect(),
        synthetic: country.manifest.synthetic,
        calculator: Some(facts::calculator(source, rows, additions::additions(source, remarks))),
    })
}

/// The lines of `index.toml`, or the names of all files that columns were made of.
fn attribution(source: &Source<'_>) -> Vec<String> {
    let invented = "SYNTHETIC: everything but outlines and names is invented, nothing here is a fact.";
    let mut lines: Vec<String> = source.country.manifest.synthetic.then(|| invented.to_owned()).into_iter().collect();
    let own = &source.folder.project.pack.attribution;
    if own.is_empty() {
        let files: BTreeSet<&String> = used(source.country).flat_map(|column| &column.files).collect();
        lines.push(files.into_iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    } else {
        lines.extend(own.iter().cloned());
    }
    lines
}

/// The mean point in time of the data, each row weighed as in the index over what is there: dimensions share equally, and
/// rows of a dimension by their weights (method 7.3, `years`).
fn data_year(country: &Country) -> f64 {
    let mut dimensions: BTreeMap<Dimension, (f64, f64)> = BTreeMap::new();
    for column in used(country) {
        if let Some(year) = column.year {
            let (sum, weight) = dimensions.entry(column.dimension).or_default();
            *sum += column.weight * (f64::from(year) + MIDDLE);
            *weight += column.weight;
        }
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for (own, weight) in dimensions.into_values() {
        (sum, count) = (sum + own / weight, count + 1.0);
    }
    kept(sum / count)
}

/// What is said where rows are missing; nothing where all are there.
fn partial(source: &Source<'_>) -> Option<Partial> {
    let country = source.country;
    let present: Vec<u8> = used(country).map(|column| column.row).collect();
    let without = Dimension::ALL.iter().filter(|dimension| !country.dimension_thresholds.contains_key(dimension));
    let (known, all) = (present.len(), country.indicators.len());
    (known < all).then(|| Partial {
        indicators_present: present,
        indicators_total: u8::try_from(all).unwrap_or(u8::MAX),
        dimensions_without_data: without.copied().collect(),
        remark: source.folder.project.pack.partial.clone().unwrap_or_else(|| Names {
            az: format!("Qismən indeks: {all} göstəricidən {known} var; çatışmayanların yerinə heç nə qoyulmayıb."),
            en: format!("A partial index: {known} of {all} indicators; nothing stands in place of the others."),
            ru: format!("Неполный индекс: {known} из {all} показателей; вместо остальных ничего не подставлено."),
        }),
    })
}

fn rayon(source: &Source<'_>, number: usize, profiles: &Profiles<'_>) -> Result<Rayon, MakePackError> {
    let country = source.country;
    let (zone, area) = (country.zones.get(number), country.outlines.get(number));
    let inside = area.and_then(geo::MultiPolygon::interior_point).map(|point| (point.x(), point.y()));
    // The build refuses zones without an outline.
    let (Some(zone), Some(area), Some(inside)) = (zone, area, inside) else {
        return Err(kend_pack::PackError::Inconsistent { what: format!("zone {number} has no outline") }.into());
    };
    let summary = country.rayons.iter().find(|summary| summary.code == zone.code);
    let mean = |column: &IndicatorColumn| zone.values.get(&column.row)?.value;
    let profile = || profiles.numbers(source, |spot| spot.zone == number, mean);
    Ok(Rayon {
        code: zone.code.clone(),
        names: filled(&zone.names),
        population: persons(zone.population).filter(|_| zone.cells > 0),
        centre: shapes::position(&source.plane, inside, zone.code.as_str())?,
        outline: shapes::outline(&source.plane, area, RAYON_TOLERANCE_M),
        readiness: summary.map(|summary| readiness(summary, zone.area_km2, profile())),
    })
}

fn readiness(summary: &RayonSummary, area_km2: f64, profile: Vec<ProfileNumber>) -> RayonReadiness {
    RayonReadiness {
        index: summary.index.map(kept),
        index_of_values: summary.index_of_values.map(kept),
        dimensions: facts::in_order(&summary.dimensions).map(|value| value.map(kept)),
        class_shares: summary.class_shares,
        area_km2,
        profile,
    }
}
