//! A finished country read back from its folder.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use geo::{Coord, LineString, MultiPolygon, Polygon};
use kend_cells::Grid;
use kend_domain::ReadinessClass;
use kend_readiness::cells::ScoredCells;
use serde::{Deserialize, de::IgnoredAny};

use super::{
    country::{AreaRecord, ClusterRecord, ColumnValues, Country, IndicatorColumn},
    finish::{COUNTRY, ColumnDocument, CountryDocument, MANIFEST, ManifestDocument, Rings, SectorsDocument, seal},
    manifest::{FORMAT, Manifest},
    sectors::Sectors,
    work::{Element, Work},
};

/// A finished country that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadCountryError {
    /// There is none.
    #[error("{} holds no finished index: run `kend index build` again", folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be read.
    #[error("can't read {}", path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not what the manifest says.
    #[error("{} is not what the manifest says, or damaged: run `kend index build` again", path.display())]
    Damaged {
        /// Its path.
        path: PathBuf,
    },
    /// The manifest was changed.
    #[error("{} was changed by hand: run `kend index build` again", path.display())]
    Altered {
        /// Its path.
        path: PathBuf,
    },
    /// It is of another version of Kend.
    #[error("{} is of format {found}, this Kend reads {FORMAT}: run `kend index build` again", path.display())]
    Format {
        /// Its path.
        path: PathBuf,
        /// Its format.
        found: u16,
    },
}

#[derive(Deserialize)]
struct FormatOnly {
    manifest: FormatNumber,
}

#[derive(Deserialize)]
struct FormatNumber {
    format: u16,
}

fn outline(rings: Rings) -> MultiPolygon {
    let line = |ring: Vec<(f64, f64)>| LineString::new(ring.into_iter().map(|(x, y)| Coord { x, y }).collect());
    let polygon = |rings: Vec<Vec<(f64, f64)>>| {
        let mut lines = rings.into_iter().map(line);
        let exterior = lines.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(exterior, lines.collect())
    };
    MultiPolygon::new(rings.into_iter().map(polygon).collect())
}

/// The documents of a finished country.
pub(super) struct Documents {
    pub(super) manifest: Manifest,
    /// BLAKE3 of each file of the result.
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) country: CountryDocument<'static>,
    /// BLAKE3 of the file of the manifest.
    pub(super) hash: String,
}

impl Documents {
    /// Reads the documents of a result, which have to be those that were written.
    pub(super) fn read(out: &Path) -> Result<Self, ReadCountryError> {
        let damaged = |file: &str| ReadCountryError::Damaged { path: out.join(file) };
        let bytes = bytes(out, MANIFEST)?;
        let format: FormatOnly = serde_json::from_slice(&bytes).map_err(|_| damaged(MANIFEST))?;
        if format.manifest.format != FORMAT {
            return Err(ReadCountryError::Format { path: out.join(MANIFEST), found: format.manifest.format });
        }
        let document: ManifestDocument<'_> = serde_json::from_slice(&bytes).map_err(|_| damaged(MANIFEST))?;
        let ManifestDocument { manifest, outputs, seal: sealed } = document;
        if seal(&manifest, &outputs).ok() != Some(sealed) {
            return Err(ReadCountryError::Altered { path: out.join(MANIFEST) });
        }
        let hash = hex(&bytes);
        let bytes = self::bytes(out, COUNTRY)?;
        if outputs.get(COUNTRY) != Some(&hex(&bytes)) {
            return Err(damaged(COUNTRY));
        }
        let country = serde_json::from_slice(&bytes).map_err(|_| damaged(COUNTRY))?;
        Ok(Self { manifest: manifest.into_owned(), outputs, country, hash })
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The bytes of a file of a result.
pub(super) fn bytes(out: &Path, file: &str) -> Result<Vec<u8>, ReadCountryError> {
    let path = out.join(file);
    fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ReadCountryError::Unfinished { folder: out.to_owned() },
        _ => ReadCountryError::Read { path, source },
    })
}

/// Reads a finished country, so that reports, maps and packs can be made again without a build.
///
/// Every file is compared with its hash: what was left half way or changed by hand is an error that names it.
pub fn read_country(out: &Path) -> Result<Country, ReadCountryError> {
    let Documents { manifest, country, .. } = Documents::read(out)?;
    let columns = ReadColumns { out, work: Work::new(out) };
    columns.country(country, manifest)
}

struct ReadColumns<'a> {
    out: &'a Path,
    work: Work,
}

impl ReadColumns<'_> {
    fn column<T: Element>(&self, file: &str) -> Result<Vec<T>, ReadCountryError> {
        let found = self.work.read::<IgnoredAny, T>(file);
        found.map(|(_, values)| values).ok_or_else(|| ReadCountryError::Damaged { path: self.out.join(file) })
    }

    fn sectors(&self, document: SectorsDocument<'_>) -> Result<Sectors, ReadCountryError> {
        let SectorsDocument { sectors, concentrations, crops, tourism } = document;
        let mut sectors = sectors.into_owned();
        for (own, file) in sectors.concentrations.iter_mut().zip(&concentrations) {
            own.values = self.column(file)?;
        }
        for (own, file) in sectors.crops.iter_mut().zip(&crops) {
            own.flags = self.column(file)?;
        }
        sectors.tourism = self.column(&tourism)?;
        Ok(sectors)
    }

    fn country(&self, document: CountryDocument<'_>, manifest: Manifest) -> Result<Country, ReadCountryError> {
        let damaged = || ReadCountryError::Damaged { path: self.out.join(COUNTRY) };
        let grid = &manifest.grid;
        let grid = Grid::new(grid.west_m, grid.north_m, grid.cell_m, grid.columns, grid.rows).map_err(|_| damaged())?;
        let dimensions: Vec<Vec<f32>> =
            document.dimensions.iter().map(|file| self.column(file)).collect::<Result<_, _>>()?;
        let scored = ScoredCells {
            dimensions: dimensions.try_into().map_err(|_| damaged())?,
            index: self.column(&document.index)?,
            class: self.column(&document.class)?,
        };
        let rule = |row: u8| manifest.rules.get(&row).copied();
        let indicator = |column: ColumnDocument| {
            let values = self.column(&column.values)?;
            Ok(IndicatorColumn {
                row: column.row,
                kind: column.kind,
                dimension: column.dimension,
                weight: column.weight,
                status: column.status,
                native: column.native,
                values: if column.in_cells { ColumnValues::Cells(values) } else { ColumnValues::Zones(values) },
                rule: rule(column.row),
                unit: column.unit,
                year: column.year,
                files: column.files,
            })
        };
        let clusters = |(class, clusters): (ReadinessClass, Vec<(Cow<'_, ClusterRecord>, String)>)| {
            let of = |(cluster, file): (Cow<'_, ClusterRecord>, String)| {
                Ok(ClusterRecord { cells: self.column(&file)?, ..cluster.into_owned() })
            };
            Ok((class, clusters.into_iter().map(of).collect::<Result<_, ReadCountryError>>()?))
        };
        let area = |(area, file): (Cow<'_, AreaRecord>, String)| {
            let AreaRecord { id, villages, cluster } = area.into_owned();
            Ok(AreaRecord { id, villages, cluster: ClusterRecord { cells: self.column(&file)?, ..cluster } })
        };
        let country = Country {
            grid,
            centre: manifest.centre,
            land: self.column(&document.land)?,
            zone: self.column(&document.zone)?,
            zones: document.zones.into_owned(),
            outlines: document.outlines.into_iter().map(outline).collect(),
            population: self.column(&document.population)?,
            indicators: document.indicators.into_iter().map(indicator).collect::<Result<_, ReadCountryError>>()?,
            scored,
            class_frequency: self.column(&document.class_frequency)?,
            thresholds: manifest.thresholds,
            dimension_thresholds: manifest.dimension_thresholds.clone(),
            clusters: document.clusters.into_iter().map(clusters).collect::<Result<_, ReadCountryError>>()?,
            areas: document.areas.into_iter().map(area).collect::<Result<_, ReadCountryError>>()?,
            gaps: document.gaps.into_owned(),
            rayons: document.rayons.into_owned(),
            lag_rules: manifest.lag_rules.clone(),
            robustness: document.robustness.into_owned(),
            between_zones: document.between_zones.into_owned(),
            sectors: document.sectors.map(|document| self.sectors(document)).transpose()?,
            changes: document.changes.map(Cow::into_owned),
            friction: document.friction.map(|file| self.column(&file)).transpose()?.unwrap_or_default(),
            manifest,
        };
        let same =
            [country.zone.len(), country.population.len(), country.scored.index.len(), country.scored.class.len()];
        let friction_fits = country.friction.is_empty() || country.friction.len() == country.land.len();
        if !friction_fits || same.iter().any(|length| *length != country.land.len()) {
            return Err(damaged());
        }
        Ok(country)
    }
}
