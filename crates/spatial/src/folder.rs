//! The own files of a project folder: settings, indicators, names. Everything that reads a folder begins with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use kend_domain::AreaCode;
use kend_readiness::{Indicator, read_indicators};

use crate::{
    check::CheckError,
    init::{INDEX_TOML, INDICATORS, NAMES, REGIONS, STATISTICS},
    names::NameTable,
    project::Project,
    table::file_bytes,
};

/// A project folder whose own files hold.
#[derive(Debug, Clone)]
pub(crate) struct ProjectFolder {
    pub(crate) path: PathBuf,
    pub(crate) project: Project,
    pub(crate) indicators: Vec<Indicator>,
    pub(crate) names: NameTable,
    /// The economic regions, where the folder names them.
    pub(crate) regions: Option<NameTable>,
    /// Zones that are not left out.
    pub(crate) zones: BTreeSet<AreaCode>,
}

impl ProjectFolder {
    /// Reads the own files of a folder and what they say of each other.
    pub(crate) fn read(folder: &Path) -> Result<Self, CheckError> {
        let bytes =
            |file: &'static str| file_bytes(&folder.join(file)).map_err(|source| CheckError::File { file, source });
        let text = |file: &'static str| String::from_utf8(bytes(file)?).map_err(|_| CheckError::Encoding { file });
        let project = Project::read(&bytes(INDEX_TOML)?)?;
        let indicators = read_indicators(&text(INDICATORS)?)?;
        let names = NameTable::read(&text(NAMES)?)?;
        let regions = if folder.join(REGIONS).exists() {
            Some(NameTable::read(&text(REGIONS)?).map_err(CheckError::Regions)?)
        } else {
            None
        };
        check_regions(&names, regions.as_ref())?;
        let codes: BTreeSet<&AreaCode> = names.zones().iter().map(|zone| &zone.code).collect();
        if let Some(code) = project.excluded.rayons.iter().find(|code| !codes.contains(code)) {
            return Err(CheckError::Excluded { code: code.clone() });
        }
        for area in &project.areas {
            let usable = |code: &&AreaCode| codes.contains(code) && !project.excluded.rayons.contains(*code);
            if let Some(code) = area.rayons.iter().find(|code| !usable(code)) {
                return Err(CheckError::Area { id: area.id.clone(), code: code.clone() });
            }
        }
        let zones: BTreeSet<AreaCode> =
            codes.into_iter().filter(|code| !project.excluded.rayons.contains(*code)).cloned().collect();
        if zones.is_empty() {
            return Err(CheckError::NoZones);
        }
        Ok(Self { path: folder.to_owned(), project, indicators, names, regions, zones })
    }

    /// The folder of tables.
    pub(crate) fn statistics(&self) -> PathBuf {
        self.path.join(STATISTICS)
    }

    /// The region of each zone that has one.
    pub(crate) fn region_of(&self) -> BTreeMap<&AreaCode, &AreaCode> {
        self.names.zones().iter().filter_map(|zone| Some((&zone.code, zone.region.as_ref()?))).collect()
    }
}

/// Each region that a zone names has to be in `regions.csv`.
fn check_regions(names: &NameTable, regions: Option<&NameTable>) -> Result<(), CheckError> {
    let known: BTreeSet<&AreaCode> =
        regions.into_iter().flat_map(NameTable::zones).map(|region| &region.code).collect();
    let of_zones = names.zones().iter().filter_map(|zone| Some((&zone.code, zone.region.as_ref()?)));
    match of_zones.into_iter().find(|(_, region)| !known.contains(region)) {
        Some((zone, region)) => Err(CheckError::NoRegion { zone: zone.clone(), region: region.clone() }),
        None => Ok(()),
    }
}
