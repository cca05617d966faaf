//! A finished country on disk: documents beside columns, the manifest last, so that a folder without one, or
//! with another one's files, is never taken for a result.

use std::{borrow::Cow, collections::BTreeMap, fs, path::Path};

use geo::{LineString, MultiPolygon, Polygon};
use kend_domain::{Dimension, ReadinessClass};
use serde::{Deserialize, Serialize};

use super::{
    changes::Changes,
    country::{AreaRecord, BetweenZones, ClusterRecord, ColumnStatus, ColumnValues, Country, NativeUnit, ZoneRecord},
    error::BuildError,
    gaps::GapTables,
    manifest::Manifest,
    maps::{labels, put_maps},
    published::Published,
    robust::Robustness,
    sectors::Sectors,
    summary::RayonSummary,
    tables::tables,
    work::Work,
};
use crate::results::{csv, parquet};
use kend_readiness::IndicatorKind;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const COUNTRY: &str = "country.json";

/// `manifest.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct ManifestDocument<'a> {
    pub(super) manifest: Cow<'a, Manifest>,
    /// BLAKE3 of each file of the result.
    pub(super) outputs: BTreeMap<String, String>,
    /// BLAKE3 of the two above: later rounds go by rules that nobody changed.
    pub(super) seal: String,
}

/// The seal of a manifest: numbers come back from JSON as they were, so it is the same when it is read.
pub(super) fn seal(manifest: &Manifest, outputs: &BTreeMap<String, String>) -> serde_json::Result<String> {
    Ok(blake3::hash(&serde_json::to_vec(&(manifest, outputs))?).to_hex().to_string())
}

/// What a result holds, of whatever version it is.
#[derive(Default, Deserialize)]
struct OutputsOnly {
    outputs: BTreeMap<String, String>,
}

/// Rings of areas, each a list of corners.
pub(super) type Rings = Vec<Vec<Vec<(f64, f64)>>>;

/// `country.json`: everything but columns, whose files it names. What is large is borrowed while it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountryDocument<'a> {
    pub(super) land: String,
    pub(super) zone: String,
    pub(super) population: String,
    pub(super) dimensions: Vec<String>,
    pub(super) index: String,
    pub(super) class: String,
    pub(super) class_frequency: String,
    pub(super) zones: Cow<'a, [ZoneRecord]>,
    pub(super) outlines: Vec<Rings>,
    pub(super) indicators: Vec<ColumnDocument>,
    pub(super) clusters: BTreeMap<ReadinessClass, Vec<(Cow<'a, ClusterRecord>, String)>>,
    #[serde(default)]
    pub(super) areas: Vec<(Cow<'a, AreaRecord>, String)>,
    pub(super) gaps: Cow<'a, GapTables>,
    pub(super) rayons: Cow<'a, [RayonSummary]>,
    pub(super) robustness: Cow<'a, Robustness>,
    pub(super) between_zones: Cow<'a, BetweenZones>,
    pub(super) sectors: Option<SectorsDocument<'a>>,
    pub(super) changes: Option<Cow<'a, Changes>>,
    /// None in a result without travel times, and in one of before it was kept.
    #[serde(default)]
    pub(super) friction: Option<String>,
}

/// The sectors, and the files of their columns in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SectorsDocument<'a> {
    pub(super) sectors: Cow<'a, Sectors>,
    pub(super) concentrations: Vec<String>,
    pub(super) crops: Vec<String>,
    pub(super) tourism: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnDocument {
    pub(super) row: u8,
    pub(super) kind: IndicatorKind,
    pub(super) dimension: Dimension,
    pub(super) weight: f64,
    pub(super) status: ColumnStatus,
    pub(super) native: NativeUnit,
    pub(super) in_cells: bool,
    pub(super) values: String,
    pub(super) unit: String,
    pub(super) year: Option<u16>,
    pub(super) files: Vec<String>,
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
        areas: country
            .areas
            .iter()
            .map(|area| Ok((Cow::Borrowed(area), keep(work.keep(&area.id, &area.cluster.cells))?)))
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
        changes: country.changes.as_ref().map(Cow::Borrowed),
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
    let outputs = published.hashes();
    let seal = seal(&country.manifest, &outputs)?;
    let manifest = ManifestDocument { manifest: Cow::Borrowed(&country.manifest), outputs, seal };
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
