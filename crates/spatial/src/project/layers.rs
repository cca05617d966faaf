//! Declarations of layers checked: each by itself, and that no two say different things of one row.

use std::collections::{BTreeMap, BTreeSet};

use super::{Project, ProjectError, YEARS, ZonesDeclaration};

impl Project {
    pub(super) fn check_layers(&self) -> Result<(), ProjectError> {
        let range = |(key, problem): (String, String)| ProjectError::Range { key, problem };
        if let Some((key, problem)) = self.zones.as_ref().and_then(ZonesDeclaration::problem) {
            return Err(range((key.to_owned(), problem)));
        }
        if let Some(fault) = self.roads.problem().or_else(|| self.land_cover.problem()) {
            return Err(range(fault));
        }
        let figures: BTreeSet<&str> = self.statistics.iter().filter_map(|other| other.figure.as_deref()).collect();
        let tables: BTreeSet<u8> = self.statistics.iter().filter_map(|other| other.indicator).collect();
        let in_tables = |row: Option<u8>| {
            let row = row.filter(|row| tables.contains(row))?;
            Some(format!("indicator: row {row} is declared by statistics too"))
        };
        for (number, declaration) in (1..).zip(&self.vectors) {
            let same = || {
                let first = self.vectors.iter().position(|other| other == declaration)? + 1;
                (first < number).then(|| format!("the same as vectors {first}"))
            };
            let problem = declaration.problem(&figures).or_else(|| in_tables(declaration.indicator)).or_else(same);
            if let Some(problem) = problem {
                let file = declaration.file.clone();
                return Err(ProjectError::Declaration { list: "vectors", number, file, problem });
            }
        }
        let mut seen = BTreeMap::new();
        for (number, declaration) in (1..).zip(&self.rasters) {
            let problem = declaration.problem().or_else(|| in_tables(declaration.indicator)).or_else(|| {
                let first = seen.insert((declaration.indicator, declaration.role), number)?;
                Some(format!("measures the same as rasters {first}"))
            });
            if let Some(problem) = problem {
                let file = declaration.file.clone();
                return Err(ProjectError::Declaration { list: "rasters", number, file, problem });
            }
        }
        Ok(())
    }
}

/// What is wrong with the name of a file, which stands in a folder of the project.
pub(super) fn file_problem(name: &str, folder: &str) -> Option<String> {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0']);
    (!plain).then(|| format!("file: expected the name of a file in {folder}/"))
}

/// What is wrong with the year of a declaration.
pub(super) fn year_problem(year: u16) -> Option<String> {
    let (first, last) = (YEARS.start(), YEARS.end());
    (!YEARS.contains(&year)).then(|| format!("year: expected a year from {first} to {last}, found {year}"))
}

/// What a layer is of, for messages.
pub(super) fn layer_of(row: Option<u8>, role: Option<&str>) -> String {
    match (row, role) {
        (Some(row), _) => format!("indicator {row}"),
        (None, Some(role)) => format!("role {role}"),
        (None, None) => String::new(),
    }
}

/// What is wrong with a reference system. Only numbers of the EPSG register: other texts may make the library look into
/// files or call addresses.
pub(super) fn crs_problem(crs: Option<&str>) -> Option<String> {
    let crs = crs?;
    (epsg(crs).is_none()).then(|| format!("crs: expected `EPSG:` and a number, found `{crs}`"))
}

/// The number of a reference system in the EPSG register.
pub(crate) fn epsg(crs: &str) -> Option<u32> {
    let number = crs.strip_prefix("EPSG:")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
}
