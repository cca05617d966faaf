//! From a project folder to an index: `kend index build`.
//!
//! Layers and tables become one column for each of the 53 indicators, columns become scores, dimensions, an index and
//! classes in cells, and classes become clusters, gaps and summaries of zones. The same folder gives the same bytes: sums
//! run in one order, and nothing asks a clock. Columns that take long are kept by a hash of what they depend on, so a
//! build that was killed goes on where it was ([`work`]); the result is there whole, or as it was before ([`finish`]).

pub(crate) mod clusters;
mod columns;
mod country;
mod error;
mod figures;
mod finish;
mod gaps;
mod ground;
mod inputs;
mod manifest;
mod maps;
mod mean;
pub(crate) mod number;
mod others;
mod people;
mod published;
mod robust;
mod score;
mod sectors;
mod summary;
mod tables;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::Path,
};

use kend_cells::ClusterRules;
use kend_domain::Dimension;
use kend_readiness::{Method, WeightScheme};

use self::{
    columns::Columns,
    figures::{Denominators, Tables},
    ground::Ground,
    inputs::Inputs,
    mean::Mean,
    others::OtherColumn,
    people::People,
    score::{RawColumn, RawValues, Scored},
    sectors::SectorColumns,
    work::{Key, Work},
};
pub(crate) use self::{columns::told as told_warning, inputs::changed_file};
pub use self::{
    country::{
        BetweenZones, ClusterRecord, ColumnStatus, ColumnValues, Country, IndicatorColumn, NativeUnit, ValueStatus,
        ZoneRecord, ZoneValue,
    },
    error::BuildError,
    finish::{ReadCountryError, read_country},
    gaps::{DimensionGaps, GapTables, GapVariant},
    inputs::InputFile,
    manifest::{ClusterRulesRecord, GridRecord, Manifest, MissingRecord},
    others::{DataChoice, OtherRow},
    robust::{ClusterClasses, PositionSd, Robustness},
    sectors::{Concentration, CropCells, SectorFinding, SectorZoneRecord, Sectors, zone_word},
    summary::RayonSummary,
};
use crate::{
    folder::ProjectFolder,
    init::INDEX_TOML,
    layers::{VECTORS, read_outlines},
    project::Profile,
};

/// Version of the computation of columns: raised whenever one of them would come out otherwise.
pub const PIPELINE_VERSION: u16 = 1;

/// How far a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What begins now.
    pub step: String,
    /// Steps before it.
    pub done: usize,
    /// All steps.
    pub of: usize,
}

/// Steps beside one for each indicator: files, zones, people, sectors, scores, clusters, gaps, robustness, result.
const OTHER_STEPS: usize = 9;

/// Tells whoever watches what begins; stops if they say so.
struct Watch<'a> {
    told: &'a mut dyn FnMut(&Progress) -> ControlFlow<()>,
    done: usize,
    of: usize,
}

impl Watch<'_> {
    fn step(&mut self, step: impl Into<String>) -> Result<(), BuildError> {
        let progress = Progress { step: step.into(), done: self.done, of: self.of };
        self.done += 1;
        if (self.told)(&progress).is_break() { Err(BuildError::Stopped) } else { Ok(()) }
    }
}

/// Builds the index of a project folder into the folder `out`, and gives it.
///
/// `watch` hears of each step as it begins, and may stop the build there. What was finished is kept in `out/.work` and found
/// again by the next build. Bad input of any kind changes nothing else in `out`.
pub fn build(
    folder: &Path,
    out: &Path,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Country, BuildError> {
    let folder = ProjectFolder::read(folder)?;
    // A result has an `indicators.csv` too: it must not take the place of a project's.
    if out.join(INDEX_TOML).exists() {
        return Err(BuildError::OutIsProject { path: out.to_owned() });
    }
    let of = folder.indicators.len() + OTHER_STEPS;
    let mut watch = Watch { told: watch, done: 0, of };
    watch.step("files")?;
    let inputs = Inputs::read(&folder)?;
    let work = Work::new(out);
    let mut method = Method::standard().clone();
    method.missing = folder.project.limits().map_err(crate::check::CheckError::from)?;

    watch.step("zones")?;
    let declared = folder.project.zones.as_ref().ok_or(BuildError::Lacking { what: "[zones]" })?;
    let outlines = read_outlines(&folder.path, declared, &folder.names, &folder.project.plane())?;
    let mut warnings: Vec<String> = outlines.warnings.iter().map(columns::told).collect();
    let ground = Ground::new(&folder, outlines.zones, &declared.file)?;
    let ground_key = Key::new("ground")
        .with(PIPELINE_VERSION.to_le_bytes())
        .with(&method.method_version)
        .with(format!("{declared:?} {:?}", folder.project.grid))
        .with(inputs.file(crate::init::NAMES))
        .with(inputs.layer(VECTORS, &declared.file));

    watch.step("people")?;
    let tables = Tables::read(&folder, &ground)?;
    let people = People::read(&folder, &ground, &tables, &inputs, &work, &ground_key)?;
    warnings.extend(tables.warnings());
    warnings.extend(people.warnings);
    let (population, working_age) = (people.population, people.working_age);

    let (zone_people, zone_working_age) =
        (ground.sums(&population), working_age.as_ref().map(|working_age| ground.sums(working_age)));
    let denominators = Denominators {
        population: &zone_people,
        working_age: zone_working_age.as_deref(),
        areas_km2: &ground.areas_km2,
    };
    let mut columns = Columns {
        folder: &folder,
        ground: &ground,
        inputs: &inputs,
        work: &work,
        method: &method,
        tables: &tables,
        denominators,
        population: &population,
        working_age: working_age.as_deref(),
        ground_key,
        files: people.files,
        warnings: Vec::new(),
    };
    let mut zones = zone_records(&folder, &ground, &zone_people);
    let weights = ground.weights();
    let (mut all, mut set_rules, mut others) = (Vec::new(), BTreeMap::new(), Vec::new());
    for indicator in &folder.indicators {
        watch.step(format!("row {}, {}", indicator.row, indicator.name.en))?;
        let dropped = folder.project.dropped_rows.contains(&indicator.row);
        let raw = if dropped { None } else { columns.raw(indicator)? };
        let weight = indicator.weights.of(scheme(folder.project.profile));
        let stated = raw.as_ref().and_then(stated);
        if let Some(raw) = &raw {
            others.extend(others::others(&mut columns, indicator, raw, (&ground, &weights, &method))?);
        }
        let (mut column, rules) = score::ruled(indicator, weight, raw, &ground, &weights, &method);
        if dropped {
            column.status = ColumnStatus::Dropped;
        }
        put_values(&mut zones, &column, stated, &ground, &population, &method);
        if !rules.is_empty() {
            set_rules.insert(indicator.row, rules);
        }
        all.push(column);
    }
    watch.step("sectors")?;
    let sectors = columns.sectors()?;
    warnings.append(&mut columns.warnings);
    // Rows that need the same layer say the same of it.
    let mut seen = BTreeSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
    let files = columns.files.into_iter().collect();

    watch.step("scores")?;
    let scored = score::scored(all, set_rules, &ground, &method)?;
    let parts = Parts { folder: &folder, ground: &ground, method: &method, population, zones, scored, others, sectors };
    let country = parts.country(inputs, warnings, &mut watch)?;
    watch.step("result")?;
    finish::write(&country, out, &work, files)?;
    Ok(country)
}

/// How indicators share the weight of their dimension under a profile.
pub(crate) const fn scheme(profile: Profile) -> WeightScheme {
    match profile {
        Profile::Recommended => WeightScheme::Criterion,
        Profile::Faithful => WeightScheme::Flat,
    }
}

fn zone_records(folder: &ProjectFolder, ground: &Ground, people: &[f64]) -> Vec<ZoneRecord> {
    let areas = ground.eligible.iter().zip(&ground.areas_km2);
    let numbers = areas.zip(ground.cells()).zip(people);
    let zones = folder.names.zones().iter().zip(numbers);
    zones
        .map(|(zone, (((eligible, area_km2), cells), people))| ZoneRecord {
            code: zone.code.clone(),
            names: zone.names.clone(),
            region: zone.region.clone(),
            excluded: !eligible,
            area_km2: *area_km2,
            cells,
            population: *people,
            values: BTreeMap::new(),
            scores: BTreeMap::new(),
        })
        .collect()
}

type Stated = (Vec<Option<f64>>, Vec<ValueStatus>);

/// The values that a column states for zones, with where they come from.
fn stated(raw: &RawColumn) -> Option<Stated> {
    match &raw.values {
        RawValues::Zones { exact, status, .. } => Some((exact.clone(), status.clone())),
        RawValues::Cells(_) | RawValues::Sets(_) => None,
    }
}

/// The value of a column in each zone; `None` where it has none.
fn zone_values(
    column: &IndicatorColumn,
    stated: Option<Stated>,
    ground: &Ground,
    population: &[f32],
) -> Option<Vec<ZoneValue>> {
    let year = column.year?;
    match (stated, &column.values) {
        (Some((values, status)), _) => {
            let value = |(value, status)| ZoneValue { value, area_mean: None, status, year };
            Some(values.into_iter().zip(status).map(value).collect())
        }
        (None, ColumnValues::Cells(cells)) => {
            let value = |mean: Mean| {
                let (value, area_mean) = (mean.by_people_or_area(), mean.by_area());
                let status = if value.is_some() { ValueStatus::Observed } else { ValueStatus::Missing };
                ZoneValue { value, area_mean, status, year }
            };
            Some(ground.means(cells, population).into_iter().map(value).collect())
        }
        (None, ColumnValues::Zones(_)) => None,
    }
}

/// Puts the value and score of a column into each zone.
fn put_values(
    zones: &mut [ZoneRecord],
    column: &IndicatorColumn,
    stated: Option<Stated>,
    ground: &Ground,
    population: &[f32],
    method: &Method,
) {
    let values = zone_values(column, stated, ground, population);
    for (zone, value) in zones.iter_mut().zip(values.into_iter().flatten()) {
        zone.values.insert(column.row, value);
        if let (Some(rule), Some(value)) = (column.rule, value.value) {
            zone.scores.insert(column.row, rule.score(value, method));
        }
    }
}

/// What a country is put together from.
struct Parts<'a> {
    folder: &'a ProjectFolder,
    ground: &'a Ground,
    method: &'a Method,
    population: Vec<f32>,
    zones: Vec<ZoneRecord>,
    scored: Scored,
    others: Vec<OtherColumn>,
    sectors: Option<SectorColumns>,
}

impl Parts<'_> {
    fn country(self, inputs: Inputs, warnings: Vec<String>, watch: &mut Watch<'_>) -> Result<Country, BuildError> {
        let Self { folder, ground, method, population, zones, scored, others, sectors } = self;
        let project = &folder.project;
        watch.step("clusters")?;
        let names = folder.names.zones();
        let (clusters, cluster_rules) =
            clusters::all_clusters(ground, names, &population, &scored.cells, &project.clusters)?;
        let sectors = sectors.map(|found| found.finished(ground, &zones, &clusters, &population));
        watch.step("gaps")?;
        let (lag_rules, gaps) =
            gaps::gap_tables(&scored.columns, &scored.cells, &clusters, &population, ground, method)?;
        let (class_frequency, cluster_classes) = if project.robustness.stability {
            let of = (population.as_slice(), &clusters);
            let found = score::stability(&scored, &folder.indicators, ground, of, project.robustness.seed, method)?;
            (found.cells, found.clusters)
        } else {
            Default::default()
        };
        let Scored { columns, set_rules, cells, thresholds, dimension_thresholds } = scored;
        let rayons = summary::summaries(&zones, &columns, &population, &cells, &thresholds, ground, method);
        let of_dimensions = Dimension::ALL.iter().zip(&cells.dimensions);
        let between_zones = BetweenZones {
            index: clusters::between_zones(ground, &cells.index),
            dimensions: of_dimensions
                .filter_map(|(of, values)| Some((*of, clusters::between_zones(ground, values)?)))
                .collect(),
        };
        watch.step("robustness")?;
        let ground_and_people = (population.as_slice(), ground);
        let settings = project.robustness;
        let data = (columns.as_slice(), others.as_slice());
        let mut robustness =
            robust::robustness(&zones, &clusters, data, &folder.indicators, ground_and_people, settings, method);
        robustness.cluster_classes = cluster_classes;
        robustness.others = others.into_iter().map(|own| own.told).collect();
        let centre = (project.grid.centre_longitude, project.grid.centre_latitude);
        let rules = |column: &IndicatorColumn| Some((column.row, column.rule?));
        let manifest = Manifest {
            format: manifest::FORMAT,
            synthetic: project.synthetic,
            kend_version: env!("CARGO_PKG_VERSION").to_owned(),
            pipeline_version: PIPELINE_VERSION,
            method_version: method.method_version.clone(),
            profile: match project.profile {
                Profile::Recommended => "recommended",
                Profile::Faithful => "faithful",
            }
            .to_owned(),
            attribution: attribution(&project.pack.attribution, &columns),
            centre,
            grid: GridRecord {
                west_m: ground.grid.west_m(),
                north_m: ground.grid.north_m(),
                cell_m: ground.grid.cell_m(),
                columns: ground.grid.columns(),
                rows: ground.grid.rows(),
            },
            cells: (ground.land.len(), ground.zone.iter().filter(|zone| ground.counts(**zone)).count()),
            population: zones.iter().map(|zone| zone.population).sum(),
            excluded: project.excluded.rayons.iter().cloned().collect(),
            thresholds,
            dimension_thresholds: dimension_thresholds.clone(),
            rules: columns.iter().filter_map(rules).collect(),
            set_rules,
            lag_rules: lag_rules.clone(),
            clusters: ClusterRules::into(cluster_rules),
            missing: manifest::missing(&columns, &cells, method),
            warnings,
            inputs: inputs.0,
        };
        Ok(Country {
            grid: ground.grid,
            centre,
            land: ground.land.clone(),
            zone: ground.zone.clone(),
            zones,
            outlines: ground.outlines.clone(),
            population,
            indicators: columns,
            scored: cells,
            class_frequency,
            thresholds,
            dimension_thresholds,
            clusters,
            gaps,
            rayons,
            lag_rules,
            robustness,
            between_zones,
            sectors,
            manifest,
        })
    }
}

/// The lines of `index.toml`, or without any the names of all files that columns were made of.
fn attribution(declared: &[String], columns: &[IndicatorColumn]) -> Vec<String> {
    if declared.is_empty() {
        let files: BTreeSet<&String> = columns.iter().flat_map(|column| &column.files).collect();
        files.into_iter().cloned().collect()
    } else {
        declared.to_vec()
    }
}
