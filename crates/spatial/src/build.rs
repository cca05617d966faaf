//! From a project folder to an index: `kend index build`.
//!
//! Layers and tables become one column for each of the 53 indicators, columns become scores, dimensions, an index and
//! classes in cells, and classes become clusters, gaps and summaries of zones. The same folder gives the same bytes: sums
//! run in one order, and nothing asks a clock. Columns that take long are kept by a hash of what they depend on, so a
//! build that was killed goes on where it was ([`work`]); the result is there whole, or as it was before ([`finish`]).

mod change_table;
mod changes;
pub(crate) mod clusters;
mod columns;
mod country;
mod error;
mod figures;
mod finish;
mod former;
mod gaps;
mod ground;
mod identities;
mod inputs;
mod lock;
mod manifest;
mod maps;
mod mean;
pub(crate) mod number;
mod others;
mod parts;
mod people;
mod published;
mod read;
mod robust;
mod score;
mod sectors;
mod series;
mod summary;
mod tables;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::Path,
};

use kend_readiness::{Method, WeightScheme, cells::ScoreRule};

pub use self::{
    changes::{Change, ChangeState, Changes, ClusterChange, ZoneChange},
    country::{
        AreaRecord, BetweenZones, ClusterRecord, ColumnStatus, ColumnValues, Country, FIRST_AREA_ID, IndicatorColumn,
        NativeUnit, ValueStatus, ZoneRecord, ZoneValue,
    },
    error::BuildError,
    gaps::{DimensionGaps, GapTables, GapVariant},
    inputs::InputFile,
    manifest::{ClusterRulesRecord, GridRecord, Manifest, MissingRecord},
    others::{DataChoice, OtherRow},
    read::{ReadCountryError, read_country},
    robust::{ClusterClasses, PositionSd, Robustness},
    sectors::{Concentration, CropCells, SectorFinding, SectorZoneRecord, Sectors, zone_word},
    series::{EndedCluster, FormerRecord, KeptRecord, KeptThreshold, LagVariantsRecord, RoundRecord, SettledRecord},
    summary::RayonSummary,
};
use self::{
    columns::Columns,
    figures::{Denominators, Tables},
    former::{Former, is_same_folder},
    ground::Ground,
    inputs::Inputs,
    lock::Lock,
    mean::Mean,
    others::OtherColumn,
    parts::Parts,
    people::People,
    score::{RawColumn, RawValues},
    work::{Key, Work},
};
pub(crate) use self::{columns::told as told_warning, inputs::changed_file};
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
/// again by the next build. Bad input of any kind changes nothing else in `out`. Only one build at a time may write there.
pub fn build(
    folder: &Path,
    out: &Path,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Country, BuildError> {
    build_after(folder, out, None, watch)
}

/// Builds a later round of a series (method 10).
///
/// `baseline` is the folder of a finished round: goalposts, thresholds, lag rules, rules of clusters and ids are those of it,
/// and what else has to be the same in a series is compared. The rest is as in [`build()`].
pub fn build_round(
    folder: &Path,
    out: &Path,
    baseline: &Path,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Country, BuildError> {
    build_after(folder, out, Some(baseline), watch)
}

fn build_after(
    folder: &Path,
    out: &Path,
    baseline: Option<&Path>,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Country, BuildError> {
    let folder = ProjectFolder::read(folder)?;
    let _lock = taken(out, baseline)?;
    let of = folder.indicators.len() + OTHER_STEPS;
    let mut watch = Watch { told: watch, done: 0, of };
    watch.step("files")?;
    let inputs = Inputs::read(&folder)?;
    let former = baseline.map(Former::read).transpose()?;
    let work = Work::new(out);
    let limits = folder.project.limits().map_err(crate::check::CheckError::from)?;
    let method = Method { missing: limits, ..Method::standard().clone() };

    watch.step("zones")?;
    let declared = folder.project.zones.as_ref().ok_or(BuildError::Lacking { what: "[zones]" })?;
    let outlines = read_outlines(&folder.path, declared, &folder.names, &folder.project.plane())?;
    let mut warnings: Vec<String> = outlines.warnings.iter().map(columns::told).collect();
    let ground = Ground::new(&folder, outlines.zones, &declared.file)?;
    let settled = SettledRecord::of(&folder, former.as_ref().map(|former| &former.manifest), &method);
    if let Some(former) = &former {
        warnings.extend(former.compared(&folder, &settled, &ground, &method)?);
    }
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
        former: former.as_ref(),
        ground_key,
        files: people.files,
        warnings: Vec::new(),
    };
    let mut zones = zone_records(&folder, &ground, &zone_people);
    let Rows { all, set_rules, others } = rows(&mut columns, &mut zones, &mut watch)?;
    watch.step("sectors")?;
    let sectors = columns.sectors()?;
    let friction = columns.friction_of_land()?;
    warnings.append(&mut columns.warnings);
    once(&mut warnings);
    let files = columns.files.into_iter().collect();

    watch.step("scores")?;
    warnings.extend(former.iter().flat_map(|former| series::row_warnings(&former.manifest, &all)));
    let scored = score::scored(all, set_rules, &ground, former.as_ref().map(|former| &former.manifest), &method)?;
    let parts = Parts {
        folder: &folder,
        ground: &ground,
        method: &method,
        former: former.as_ref(),
        settled,
        population,
        zones,
        scored,
        others,
        sectors,
        friction,
    };
    let country = parts.country(inputs, warnings, &mut watch)?;
    watch.step("result")?;
    finish::write(&country, out, &work, files)?;
    Ok(country)
}

/// All rows.
#[derive(Default)]
struct Rows {
    all: Vec<IndicatorColumn>,
    /// Goalposts of each set of destinations, by row.
    set_rules: BTreeMap<u8, Vec<ScoreRule>>,
    others: Vec<OtherColumn>,
}

/// Makes all rows with their rules, and puts their values into the zones.
fn rows(columns: &mut Columns<'_>, zones: &mut [ZoneRecord], watch: &mut Watch<'_>) -> Result<Rows, BuildError> {
    let (folder, ground, method) = (columns.folder, columns.ground, columns.method);
    let (population, former) = (columns.population, columns.former);
    let weights = ground.weights();
    let mut rows = Rows::default();
    for indicator in &folder.indicators {
        watch.step(format!("row {}, {}", indicator.row, indicator.name.en))?;
        let dropped = folder.project.dropped_rows.contains(&indicator.row);
        let raw = if dropped { None } else { columns.raw(indicator)? };
        let weight = indicator.weights.of(scheme(folder.project.profile));
        let stated = raw.as_ref().and_then(stated);
        if let Some(raw) = &raw {
            rows.others.extend(others::others(columns, indicator, raw, (ground, &weights, method))?);
        }
        let frozen = former.map(|former| former.row(indicator.row, indicator.dimension));
        let (mut column, rules) = score::ruled(indicator, weight, raw, ground, &weights, frozen, method);
        if dropped {
            column.status = ColumnStatus::Dropped;
        }
        put_values(zones, &column, stated, ground, population, method);
        if !rules.is_empty() {
            rows.set_rules.insert(indicator.row, rules);
        }
        rows.all.push(column);
    }
    Ok(rows)
}

/// The right to build into a folder that a result may lie in.
fn taken(out: &Path, baseline: Option<&Path>) -> Result<Lock, BuildError> {
    // A result has an `indicators.csv` too: it must not take the place of a project's.
    if out.join(INDEX_TOML).exists() {
        return Err(BuildError::OutIsProject { path: out.to_owned() });
    }
    if let Some(path) = baseline.filter(|former| is_same_folder(former, out)) {
        return Err(BuildError::OutIsFormer { path: path.to_owned() });
    }
    Lock::take(out)
}

/// Leaves out what was said before: rows that need the same layer say the same of it.
fn once(warnings: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
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
