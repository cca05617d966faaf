//! A finished country on disk, and back: documents beside columns, the manifest last, so that a folder without one, or
//! with another one's files, is never taken for a result.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use geo::{Coord, LineString, MultiPolygon, Polygon};
use kend_cells::Grid;
use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::cells::ScoredCells;
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{
    country::{
        BetweenZones, ClusterRecord, ColumnStatus, ColumnValues, Country, IndicatorColumn, NativeUnit, ZoneRecord,
    },
    error::BuildError,
    gaps::GapTables,
    manifest::{FORMAT, Manifest},
    maps::{labels, put_maps},
    published::Published,
    robust::Robustness,
    sectors::Sectors,
    summary::RayonSummary,
    tables::tables,
    work::{Element, Work},
};
use crate::results::{csv, parquet};
use kend_readiness::IndicatorKind;

const MANIFEST: &str = "manifest.json";
const COUNTRY: &str = "country.json";

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
    /// It is of another version of Kend.
    #[error("{} is of format {found}, this Kend reads {FORMAT}: run `kend index build` again", path.display())]
    Format {
        /// Its path.
        path: PathBuf,
        /// Its format.
        found: u16,
    },
}

/// `manifest.json`.
#[derive(Serialize, Deserialize)]
struct ManifestDocument<'a> {
    manifest: Cow<'a, Manifest>,
    /// BLAKE3 of each file of the result.
    outputs: BTreeMap<String, String>,
}

/// What a result holds, of whatever version it is.
#[derive(Default, Deserialize)]
struct OutputsOnly {
    outputs: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct FormatOnly {
    manifest: FormatNumber,
}

#[derive(Deserialize)]
struct FormatNumber {
    format: u16,
}

type Rings = Vec<Vec<Vec<(f64, f64)>>>;

/// `country.json`: everything but columns, whose files it names. What is large is borrowed while it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountryDocument<'a> {
    land: String,
    zone: String,
    population: String,
    dimensions: Vec<String>,
    index: String,
    class: String,
    class_frequency: String,
    zones: Cow<'a, [ZoneRecord]>,
    outlines: Vec<Rings>,
    indicators: Vec<ColumnDocument>,
    clusters: BTreeMap<ReadinessClass, Vec<(Cow<'a, ClusterRecord>, String)>>,
    gaps: Cow<'a, GapTables>,
    rayons: Cow<'a, [RayonSummary]>,
    robustness: Cow<'a, Robustness>,
    between_zones: Cow<'a, BetweenZones>,
    sectors: Option<SectorsDocument<'a>>,
    /// None in a result without travel times, and in one of before it was kept.
    #[serde(default)]
    friction: Option<String>,
}

/// The sectors, and the files of their columns in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SectorsDocument<'a> {
    sectors: Cow<'a, Sectors>,
    concentrations: Vec<String>,
    crops: Vec<String>,
    tourism: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnDocument {
    row: u8,
    kind: IndicatorKind,
    dimension: Dimension,
    weight: f64,
    status: ColumnStatus,
    native: NativeUnit,
    in_cells: bool,
    values: String,
    unit: String,
    year: Option<u16>,
    files: Vec<String>,
}

/// Writes a country: columns first, then maps, layers, tables and documents together, the manifest last. What is in the way
/// of that is an error before any of these has changed.
pub(super) fn write(country: &Country, out: &Path, work: &Work, kept: Vec<String>) -> Result<(), BuildError> {
    let mut files = kept;
    let mut keep = |kept: Result<String, BuildError>| kept.inspect(|file| files.push(file.clone()));
    let dimensions = country.scored.dimensions.iter().zip(Dimension::ALL);
    let document = CountryDocument {
        land: keep(work.keep("land", &country.land))?,
        zone: keep(work.keep("zone", &country.zone))?,
        population: keep(work.keep("people", &country.population))?,
        dimensions: dimensions
            .map(|(values, dimension)| keep(work.keep(dimension.word(), values)))
            .collect::<Result<_, _>>()?,
        index: keep(work.keep("index", &country.scored.index))?,
        class: keep(work.keep("class", &country.scored.class))?,
        class_frequency: keep(work.keep("frequency", &country.class_frequency))?,
        zones: Cow::Borrowed(&country.zones),
        outlines: country.outlines.iter().map(rings).collect(),
        indicators: country
            .indicators
            .iter()
            .map(|column| {
                let (in_cells, ColumnValues::Zones(values) | ColumnValues::Cells(values)) =
                    (matches!(column.values, ColumnValues::Cells(_)), &column.values);
                let values = keep(work.keep(&format!("values{}", column.row), values))?;
                Ok(ColumnDocument {
                    row: column.row,
                    kind: column.kind,
                    dimension: column.dimension,
                    weight: column.weight,
                    status: column.status,
                    native: column.native,
                    in_cells,
                    values,
                    unit: column.unit.clone(),
                    year: column.year,
                    files: column.files.clone(),
                })
            })
            .collect::<Result<_, BuildError>>()?,
        clusters: country
            .clusters
            .iter()
            .map(|(class, clusters)| {
                let written = clusters.iter().map(|cluster| {
                    let name = format!("{class}{}", cluster.id);
                    Ok((Cow::Borrowed(cluster), keep(work.keep(&name, &cluster.cells))?))
                });
                Ok((*class, written.collect::<Result<_, BuildError>>()?))
            })
            .collect::<Result<_, BuildError>>()?,
        gaps: Cow::Borrowed(&country.gaps),
        rayons: Cow::Borrowed(&country.rayons),
        robustness: Cow::Borrowed(&country.robustness),
        between_zones: Cow::Borrowed(&country.between_zones),
        sectors: country
            .sectors
            .as_ref()
            .map(|sectors| {
                let concentrations = sectors.concentrations.iter();
                Ok::<_, BuildError>(SectorsDocument {
                    concentrations: concentrations
                        .map(|own| keep(work.keep("concentration", &own.values)))
                        .collect::<Result<_, _>>()?,
                    crops: sectors
                        .crops
                        .iter()
                        .map(|own| keep(work.keep("crop", &own.flags)))
                        .collect::<Result<_, _>>()?,
                    tourism: keep(work.keep("tourism", &sectors.tourism))?,
                    sectors: Cow::Borrowed(sectors),
                })
            })
            .transpose()?,
        friction: match country.friction.as_slice() {
            [] => None,
            friction => Some(keep(work.keep("ways", friction))?),
        },
    };
    let mut published = Published::new(out);
    put_maps(country, &mut published)?;
    let labels = labels(country);
    for table in tables(country) {
        let formats = [("csv", csv(&table, &labels)), ("parquet", parquet(&table, &labels))];
        published.put_table(&table, formats)?;
    }
    published.put(COUNTRY, (serde_json::to_string(&document)? + "\n").as_bytes())?;
    let before = fs::read(out.join(MANIFEST)).ok();
    let before = before.and_then(|bytes| serde_json::from_slice::<OutputsOnly>(&bytes).ok()).unwrap_or_default();
    let manifest = ManifestDocument { manifest: Cow::Borrowed(&country.manifest), outputs: published.hashes() };
    published.put(MANIFEST, (serde_json::to_string_pretty(&manifest)? + "\n").as_bytes())?;
    published.commit(&before.outputs)?;
    work.retain(&files)
}

fn rings(outline: &MultiPolygon) -> Rings {
    let ring = |line: &LineString| line.coords().map(|at| (at.x, at.y)).collect();
    let of = |polygon: &Polygon| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect::<Vec<_>>()
    };
    outline.iter().map(of).collect()
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

/// Reads a finished country, so that reports, maps and packs can be made again without a build.
///
/// Every file is compared with its hash: what was left half way or changed by hand is an error that names it.
pub fn read_country(out: &Path) -> Result<Country, ReadCountryError> {
    let read = |file: &str| {
        let path = out.join(file);
        fs::read(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ReadCountryError::Unfinished { folder: out.to_owned() },
            _ => ReadCountryError::Read { path, source },
        })
    };
    let damaged = |file: &str| ReadCountryError::Damaged { path: out.join(file) };
    let bytes = read(MANIFEST)?;
    let format: FormatOnly = serde_json::from_slice(&bytes).map_err(|_| damaged(MANIFEST))?;
    if format.manifest.format != FORMAT {
        return Err(ReadCountryError::Format { path: out.join(MANIFEST), found: format.manifest.format });
    }
    let ManifestDocument { manifest, outputs } = serde_json::from_slice(&bytes).map_err(|_| damaged(MANIFEST))?;
    let bytes = read(COUNTRY)?;
    if outputs.get(COUNTRY).is_none_or(|hash| *hash != blake3::hash(&bytes).to_hex().to_string()) {
        return Err(damaged(COUNTRY));
    }
    let document: CountryDocument = serde_json::from_slice(&bytes).map_err(|_| damaged(COUNTRY))?;
    let columns = ReadColumns { out, work: Work::new(out) };
    columns.country(document, manifest.into_owned())
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
            gaps: document.gaps.into_owned(),
            rayons: document.rayons.into_owned(),
            lag_rules: manifest.lag_rules.clone(),
            robustness: document.robustness.into_owned(),
            between_zones: document.between_zones.into_owned(),
            friction: document.friction.map(|file| self.column(&file)).transpose()?.unwrap_or_default(),
            sectors: document.sectors.map(|document| self.sectors(document)).transpose()?,
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
