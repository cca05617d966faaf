//! What a project folder holds and what it lacks, without a guess: every file counts by its declaration alone.

mod layers;
mod read;
mod report;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use kend_domain::{AreaCode, Dimension};
use kend_readiness::{Indicator, IndicatorsError, WeightScheme};

use crate::{
    folder::ProjectFolder,
    init::{INDEX_TOML, INDICATORS, NAMES, README, REGIONS, STATISTICS},
    layers::{RASTERS, VECTORS},
    names::NamesError,
    project::{Declaration, Divisor, PEOPLE_NEEDED, Profile, Project, ProjectError, RasterRole},
    statistics::{OPEN_END, Series},
    table::SheetFileError,
};
use layers::{Layers, undeclared};
use read::{Read, read_declared};
use report::Division;
pub use report::{
    DimensionReport, FigureReport, Found, IndicatorReport, LayerReport, NotMatched, Problem, RasterRange, RasterValues,
    Report, Status,
};

/// A folder that is no project, or whose own files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A file cannot be read.
    #[error("{file}")]
    File {
        /// Its name.
        file: &'static str,
        /// Why.
        #[source]
        source: SheetFileError,
    },
    /// A file is no text.
    #[error("{file}: not UTF-8")]
    Encoding {
        /// Its name.
        file: &'static str,
    },
    /// The settings cannot be.
    #[error("{INDEX_TOML}")]
    Project(#[from] ProjectError),
    /// The indicators cannot be read.
    #[error("{INDICATORS}")]
    Indicators(#[from] IndicatorsError),
    /// The names cannot be used.
    #[error("{NAMES}")]
    Names(#[from] NamesError),
    /// A zone that is left out is not there.
    #[error("{INDEX_TOML}: excluded.rayons: {code} is not in {NAMES}")]
    Excluded {
        /// Its code.
        code: AreaCode,
    },
    /// The names of regions cannot be used.
    #[error("{REGIONS}")]
    Regions(#[source] NamesError),
    /// A zone is in a region that is not there.
    #[error("{NAMES}: {zone} is in region {region}, which is not in {REGIONS}")]
    NoRegion {
        /// The zone.
        zone: AreaCode,
        /// The region.
        region: AreaCode,
    },
    /// All zones are left out.
    #[error("{INDEX_TOML}: excluded.rayons leaves no zone of {NAMES}")]
    NoZones,
    /// A folder of files cannot be listed.
    #[error("{folder}")]
    List {
        /// Its name.
        folder: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Reads a project folder and everything that it declares.
///
/// `coverage = zones observed / zones`, both without the zones left out; a zone is observed if it has a value and, where the
/// indicator is divided, a denominator above 0. An indicator can be used from the least share of zones on (method 2.4).
pub fn check(folder: &Path) -> Result<Report, CheckError> {
    let folder = ProjectFolder::read(folder)?;
    let ProjectFolder { project, indicators, zones, .. } = &folder;
    let reads: Vec<Read<'_>> = read_declared(&folder);
    let region_of = folder.region_of();
    let mut check = Check { project, zones, region_of: &region_of, reads: &reads, problems: Vec::new() };
    let least = project.limits()?.indicator_min_share.value;
    let mut rows: Vec<IndicatorReport> = indicators.iter().map(|indicator| check.indicator(indicator, least)).collect();
    let figures = check.figures();
    let mut problems = check.problems;
    let layers = Layers::read(&folder.path, project, &folder.names);
    for (row, indicator) in rows.iter_mut().zip(indicators) {
        layers.complete(row, indicator, zones.len());
    }
    problems.extend(layers.problems);
    let least_weight = project.limits()?.dimension_min_weight_share.value;
    let dimensions = dimensions(project, indicators, &rows, least_weight);
    let build_lacks = build_lacks(project, &dimensions, project.limits()?.index_min_dimensions.value);
    let usable = problems.is_empty() && rows.iter().any(|row| row.status.is_usable());
    Ok(Report {
        usable,
        zones: zones.len(),
        excluded: project.excluded.rayons.iter().cloned().collect(),
        indicators: rows,
        figures,
        dimensions,
        problems,
        not_matched: not_matched(&reads),
        tables_to_see: open_ends(&reads),
        not_used: not_used(project, &folder.path)?,
        layers: layers.reports,
        build_lacks,
    })
}

/// What a build would stop at.
fn build_lacks(project: &Project, dimensions: &[DimensionReport], least_dimensions: u32) -> Vec<String> {
    let mut lacks = Vec::new();
    if project.zones.is_none() {
        lacks.push("outlines of the zones ([zones])".to_owned());
    }
    let people = project.rasters.iter().any(|declared| declared.role == Some(RasterRole::Population));
    if !people && !project.statistics.iter().any(Declaration::is_people) {
        lacks.push(format!("people: {PEOPLE_NEEDED}"));
    }
    let enough = dimensions.iter().filter(|found| found.may_have_value).count();
    if usize::try_from(least_dimensions).is_ok_and(|least| enough < least) {
        lacks.push(format!(
            "{least_dimensions} dimensions with enough indicators, {enough} have them: more rows, or lower limits in [missing] \
             for a partial index"
        ));
    }
    lacks
}

struct Check<'a> {
    project: &'a Project,
    zones: &'a BTreeSet<AreaCode>,
    region_of: &'a BTreeMap<&'a AreaCode, &'a AreaCode>,
    reads: &'a [Read<'a>],
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn indicator(&mut self, indicator: &Indicator, least: f64) -> IndicatorReport {
        let mut report = IndicatorReport {
            row: indicator.row,
            name: indicator.name.en.clone(),
            dimension: indicator.dimension,
            kind: indicator.kind,
            unit: indicator.unit.clone(),
            denominator: indicator.denominator.clone(),
            status: Status::Undeclared,
            found: None,
            zones_missing: self.zones.iter().cloned().collect(),
            remarks: Vec::new(),
        };
        if self.project.dropped_rows.contains(&indicator.row) {
            return IndicatorReport { status: Status::Dropped, ..report };
        }
        // Row 8 has a table for each product: a zone is observed if one of them has it.
        let all: Vec<&Read<'_>> =
            self.reads.iter().filter(|read| read.declaration.indicator == Some(indicator.row)).collect();
        let Some(first) = all.first() else { return report };
        report.status = Status::Wrong;
        let mut observed = BTreeSet::new();
        for read in &all {
            let Some(own) = self.observed(read) else { return report };
            observed.extend(own);
        }
        let found = self.found(first, observed.len());
        report.remarks = report::remarks(indicator, first.declaration, self.division(first), self.project.profile);
        report.status = match report.remarks.is_empty() {
            _ if found.coverage < least => Status::TooFew,
            true => Status::Ready,
            false => Status::Differs,
        };
        report.zones_missing = self.zones.iter().filter(|code| !observed.contains(code)).cloned().collect();
        report.found = Some(found);
        report
    }

    /// What the figures of a declaration are divided by.
    fn division(&self, read: &Read<'_>) -> Division {
        if read.declaration.per.is_none() {
            return Division::None;
        }
        self.divisor(read).map_or(Division::Layer, |other| Division::Figures { year: other.declaration.year })
    }

    /// The declaration that another is divided by; none where it is not or where the divisor comes from layers.
    fn divisor(&self, read: &Read<'_>) -> Option<&'_ Read<'_>> {
        let figures = self.reads.iter().filter_map(|other| other.declaration.figure.as_deref()).collect();
        let is_it = |other: &&Read<'_>| match Divisor::of(read.declaration.per.as_deref()?, &figures)? {
            Divisor::Figure(name) => (other.declaration.figure.as_deref() == Some(name)).then_some(()),
            Divisor::Indicator(row) => (other.declaration.indicator == Some(row)).then_some(()),
            Divisor::Population | Divisor::WorkingAge | Divisor::AreaKm2 => None,
        };
        self.reads.iter().find(|other| is_it(other).is_some())
    }

    /// The zones with a value and, where it is divided, a denominator; none if something is wrong, which was told.
    fn observed(&mut self, read: &Read<'_>) -> Option<BTreeSet<AreaCode>> {
        let values = self.series(read)?;
        let denominator = self.divisor(read);
        let divisors = match denominator.map(|other| (&other.series, other.declaration.region)) {
            // That the figure cannot be read is told of the figure.
            Some((Err(_), _)) => return None,
            Some((Ok((series, _)), by_region)) => Some((series, by_region)),
            None => None,
        };
        let by_region = read.declaration.region;
        if divisors.is_some_and(|(_, divisor_by_region)| divisor_by_region && !by_region) {
            let message = "a figure by region divides only figures by region".to_owned();
            self.problems.push(Problem { place: place(read.declaration), message });
            return None;
        }
        let mut observed = BTreeSet::new();
        for code in self.zones {
            if self.value(values, by_region, code).is_none() {
                continue;
            }
            match divisors.map(|(divisors, by_region)| self.value(divisors, by_region, code)) {
                Some(Some(divisor)) if divisor <= 0.0 => {
                    let divided = read.declaration.per.as_deref().unwrap_or_default();
                    let message = format!("{code}: the denominator `{divided}` is {divisor}");
                    self.problems.push(Problem { place: place(read.declaration), message });
                    return None;
                }
                Some(None) => {}
                _ => {
                    observed.insert(code.clone());
                }
            }
        }
        Some(observed)
    }

    fn value(&self, series: &Series, by_region: bool, zone: &AreaCode) -> Option<f64> {
        let code = if by_region { self.region_of.get(zone)? } else { zone };
        series.values.get(code).copied().flatten()
    }

    fn figures(&mut self) -> Vec<FigureReport> {
        let mut figures = Vec::new();
        for read in self.reads {
            let Some(name) = read.declaration.figure.clone() else { continue };
            let found = self.series(read).map(|series| {
                let by_region = read.declaration.region;
                self.zones.iter().filter(|code| self.value(series, by_region, code).is_some()).count()
            });
            figures.push(FigureReport { name, found: found.map(|observed| self.found(read, observed)) });
        }
        figures
    }

    /// What was read, or a problem more.
    fn series<'r>(&mut self, read: &'r Read<'_>) -> Option<&'r Series> {
        match &read.series {
            Ok((series, _)) => Some(series),
            Err(message) => {
                self.problems.push(Problem { place: place(read.declaration), message: message.clone() });
                None
            }
        }
    }

    fn found(&self, read: &Read<'_>, observed: usize) -> Found {
        let Declaration { file, year, unit, per, .. } = read.declaration;
        let (header, sheet) = match &read.series {
            Ok((series, sheet)) => (series.header.clone(), sheet.clone()),
            Err(_) => Default::default(),
        };
        Found {
            file: file.clone(),
            sheet,
            header,
            year: *year,
            unit: unit.clone(),
            per: per.clone(),
            zones_observed: observed,
            coverage: share(observed, self.zones.len()),
        }
    }
}

fn place(declaration: &Declaration) -> String {
    format!("{STATISTICS}/{} ({})", declaration.file, declaration.of())
}

#[expect(clippy::cast_precision_loss, reason = "counts of zones are far below 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// How much of each dimension's weight can be used.
fn dimensions(
    project: &Project,
    indicators: &[Indicator],
    rows: &[IndicatorReport],
    least: f64,
) -> Vec<DimensionReport> {
    let scheme = match project.profile {
        Profile::Recommended => WeightScheme::Criterion,
        Profile::Faithful => WeightScheme::Flat,
    };
    let of = |dimension: Dimension, counts: fn(Status) -> bool| -> f64 {
        let own = indicators
            .iter()
            .zip(rows)
            .filter(|(indicator, row)| indicator.dimension == dimension && counts(row.status));
        own.map(|(indicator, _)| indicator.weights.of(scheme)).sum()
    };
    let report = |dimension: Dimension| {
        let weight_share = of(dimension, Status::is_usable) / of(dimension, |_| true);
        DimensionReport { dimension, weight_share, may_have_value: weight_share >= least }
    };
    let there: BTreeSet<Dimension> = indicators.iter().map(|indicator| indicator.dimension).collect();
    there.into_iter().map(report).collect()
}

fn not_matched(reads: &[Read<'_>]) -> Vec<NotMatched> {
    let mut found = BTreeMap::new();
    for read in reads {
        let Ok((series, sheet)) = &read.series else { continue };
        for placed in &series.unmatched {
            let key = (read.declaration.file.clone(), sheet.clone(), placed.row);
            found.insert(key, placed.name.clone());
        }
    }
    found.into_iter().map(|((file, sheet, row), name)| NotMatched { file, sheet, row, name }).collect()
}

/// Each table that ends within a line.
fn open_ends(reads: &[Read<'_>]) -> Vec<String> {
    let open = reads.iter().filter(|read| read.series.as_ref().is_ok_and(|(series, _)| series.open_end));
    let files: BTreeSet<&str> = open.map(|read| read.declaration.file.as_str()).collect();
    files.into_iter().map(|file| format!("{STATISTICS}/{file}: {OPEN_END}")).collect()
}

/// Files that nothing is said of, each with its folder.
fn not_used(project: &Project, folder: &Path) -> Result<Vec<String>, CheckError> {
    let tables = project.statistics.iter().map(|declared| declared.file.as_str()).collect();
    let zones = project.zones.iter().map(|declared| declared.file.as_str());
    let vectors = project.vectors.iter().map(|declared| declared.file.as_str()).chain(zones).collect();
    let rasters = project.rasters.iter().map(|declared| declared.file.as_str()).collect();
    let mut not_used = Vec::new();
    for (name, declared) in [(STATISTICS, tables), (VECTORS, vectors), (RASTERS, rasters)] {
        let files = files(name, &folder.join(name))?;
        not_used.extend(undeclared(files.iter(), &declared).into_iter().map(|file| format!("{name}/{file}")));
    }
    Ok(not_used)
}

/// The files of a folder that are meant to be data.
fn files(name: &'static str, folder: &Path) -> Result<BTreeSet<String>, CheckError> {
    let failed = |source| CheckError::List { folder: name, source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if name != README && !name.starts_with('.') {
            names.insert(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
