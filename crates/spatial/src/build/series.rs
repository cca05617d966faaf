//! What has to stay the same in a series of rounds, and what a round says of the one before (method 10).
//!
//! A difference between two rounds means something only where nothing but the data differs: everything else that a number
//! depends on is compared, and each difference is named, before anything is computed.

use std::collections::{BTreeMap, BTreeSet};

use kend_cells::{ClusterRules, Grid, Neighbours, Speeds};
use kend_domain::{AreaCode, Dimension, Names, ReadinessClass};
use kend_pack::SectorZone;
use kend_readiness::{LagRule, Method, cells::ScoreRule};
use serde::{Deserialize, Serialize};

use super::{
    country::{ColumnStatus, IndicatorColumn},
    manifest::{ClusterRulesRecord, GridRecord, Manifest},
};
use crate::{
    folder::ProjectFolder,
    project::{KernelSettings, Project},
};

/// Settings beside those that stand in the manifest by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettledRecord {
    /// Widths of kernels.
    pub kernel: KernelSettings,
    /// Speeds of travel.
    pub speeds: Speeds,
    /// How much may be missing: share of zones, share of weight, dimensions.
    pub missing: (f64, f64, u32),
    /// Rows that the project leaves out.
    pub dropped_rows: BTreeSet<u8>,
    /// Weights of the rows in the index.
    pub weights: BTreeMap<u8, f64>,
    /// How each row that is declared is measured.
    pub measures: BTreeMap<u8, String>,
}

/// When indicators and dimensions lag in the variants of gaps, frozen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagVariantsRecord {
    /// Below the median, by row.
    pub median: BTreeMap<u8, LagRule>,
    /// In the bottom third, by row.
    pub bottom_tercile: BTreeMap<u8, LagRule>,
    /// By a dimension's own value.
    pub dimension_value: BTreeMap<Dimension, LagRule>,
}

/// Which round it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundRecord {
    /// From 1, the baseline.
    pub number: u32,
    /// Where rules and ids of clusters come from; none at the baseline, which sets them itself.
    pub former: Option<FormerRecord>,
    /// The highest id that a cluster of each class ever had: none is given again.
    pub highest_ids: BTreeMap<ReadinessClass, u16>,
    /// Clusters of the round before that no cluster continues.
    pub ended: Vec<EndedCluster>,
    /// Rules of the first round that nothing of this one goes by: what is missing now may be there again in the next.
    pub kept: KeptRecord,
}

/// Rules of rows and zones of sectors that a round does not have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptRecord {
    /// How values become scores, by row.
    pub rules: BTreeMap<u8, ScoreRule>,
    /// The same of sets of destinations.
    pub set_rules: BTreeMap<u8, Vec<ScoreRule>>,
    /// When a row lags: by the method, below the median, in the bottom third.
    pub lag_rules: BTreeMap<u8, [LagRule; 3]>,
    /// The least values of zones of sectors.
    pub sectors: Vec<KeptThreshold>,
}

/// The least value of a zone of a sector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptThreshold {
    /// The crop, for zones of one.
    pub crop: Option<String>,
    /// The zone.
    pub zone: SectorZone,
    /// Its least value.
    pub threshold: f64,
}

/// The round before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerRecord {
    /// Its number.
    pub number: u32,
    /// BLAKE3 of its manifest, hexadecimal.
    pub blake3: String,
    /// BLAKE3 of the manifest of the first round, whose rules are used.
    pub rules_of: String,
}

/// A cluster that is no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndedCluster {
    /// Its class.
    pub class: ReadinessClass,
    /// Its id, which no other cluster of the class will have.
    pub id: u16,
    /// Its names.
    pub names: Names,
    /// Square kilometres in the round before.
    pub area_km2: f64,
    /// People in the round before.
    pub population: f64,
}

impl SettledRecord {
    /// The settings of a project with the method that it is built by; how rows that are missing were measured is that of before.
    pub(super) fn of(folder: &ProjectFolder, former: Option<&Manifest>, method: &Method) -> Self {
        let (project, limits) = (&folder.project, &method.missing);
        let scheme = super::scheme(project.profile);
        Self {
            kernel: project.kernel,
            speeds: project.speeds,
            missing: (
                limits.indicator_min_share.value,
                limits.dimension_min_weight_share.value,
                limits.index_min_dimensions.value,
            ),
            dropped_rows: project.dropped_rows.clone(),
            weights: folder.indicators.iter().map(|row| (row.row, row.weights.of(scheme))).collect(),
            measures: former
                .map(|former| former.settled.measures.clone())
                .unwrap_or_default()
                .into_iter()
                .chain(measures(project))
                .collect(),
        }
    }
}

/// How each row is measured, in words: a value of another unit, or of other destinations, has no place between the goalposts.
fn measures(project: &Project) -> BTreeMap<u8, String> {
    let mut all: BTreeMap<u8, BTreeSet<String>> = BTreeMap::new();
    for own in &project.statistics {
        let Some(row) = own.indicator else { continue };
        let mut text = format!("a table in {}", own.unit);
        for (word, more) in [("divided by", &own.per), ("of", &own.product)] {
            text.extend(more.iter().map(|more| format!(" {word} {more}")));
        }
        text.push_str(if own.region { ", by region" } else { "" });
        all.entry(row).or_default().insert(text);
    }
    for own in &project.vectors {
        let Some(row) = own.indicator else { continue };
        let mut text = "a layer".to_owned();
        for (word, more) in
            [("to", &own.set), ("weighed by", &own.weight), ("in the top quintile of", &own.zones_in_top_quintile_of)]
        {
            text.extend(more.iter().map(|more| format!(" {word} {more}")));
        }
        all.entry(row).or_default().insert(text);
    }
    for row in project.rasters.iter().filter_map(|own| own.indicator) {
        all.entry(row).or_default().insert("a raster".to_owned());
    }
    all.into_iter().map(|(row, texts)| (row, texts.into_iter().collect::<Vec<_>>().join("; "))).collect()
}

/// What a later round of `former` does not have in common with it, each in words; empty if it can be one.
pub(super) fn differences(
    former: &Manifest,
    folder: &ProjectFolder,
    settled: &SettledRecord,
    grid: &Grid,
    method: &Method,
) -> Vec<String> {
    let project = &folder.project;
    let mut found = Found(Vec::new());
    found.text("method", &former.method_version, &method.method_version);
    found.text("profile", &former.profile, project.profile.word());
    found.grid(&former.grid, &GridRecord::of(grid));
    let centre = (project.grid.centre_longitude, project.grid.centre_latitude);
    for (key, former, now) in [
        ("grid.centre_longitude", former.centre.0, centre.0),
        ("grid.centre_latitude", former.centre.1, centre.1),
        ("kernel.point_km", former.settled.kernel.point_km, settled.kernel.point_km),
        ("kernel.line_km", former.settled.kernel.line_km, settled.kernel.line_km),
        ("kernel.heat_map_km", former.settled.kernel.heat_map_km, settled.kernel.heat_map_km),
        ("missing.indicator_min_share", former.settled.missing.0, settled.missing.0),
        ("missing.dimension_min_weight_share", former.settled.missing.1, settled.missing.1),
        ("missing.index_min_dimensions", f64::from(former.settled.missing.2), f64::from(settled.missing.2)),
    ] {
        found.number(key, former, now);
    }
    found.clusters(&former.clusters, project);
    found.speeds(&former.settled.speeds, &settled.speeds);
    let codes = |codes: &mut dyn Iterator<Item = &AreaCode>| listed(codes.map(AreaCode::to_string));
    found.text("excluded.rayons", &codes(&mut former.excluded.iter()), &codes(&mut project.excluded.rayons.iter()));
    let rows = |settled: &SettledRecord| listed(settled.dropped_rows.iter().map(u8::to_string));
    found.text("dropped_rows", &rows(&former.settled), &rows(settled));
    for (row, now) in &settled.weights {
        let former = former.settled.weights.get(row).copied();
        found.number(&format!("weight of row {row}"), former.unwrap_or_default(), *now);
    }
    // How a row is measured that no round used makes no difference: it is not used now either.
    let used = |row: &u8| former.rules.contains_key(row) || former.round.kept.rules.contains_key(row);
    for (row, now) in settled.measures.iter().filter(|(row, _)| used(row)) {
        if let Some(former) = former.settled.measures.get(row) {
            found.text(&format!("row {row}"), former, now);
        }
    }
    found.0
}

/// Words in their order, or that there are none.
fn listed(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

/// The differences so far.
struct Found(Vec<String>);

impl Found {
    fn text(&mut self, of: &str, former: &str, now: &str) {
        if former != now {
            self.0.push(format!("{of}: {former} there, {now} here"));
        }
    }

    fn number(&mut self, of: &str, former: f64, now: f64) {
        self.text(of, &former.to_string(), &now.to_string());
    }

    fn grid(&mut self, former: &GridRecord, now: &GridRecord) {
        self.number("grid.cell_m", former.cell_m, now.cell_m);
        // With other cells all else differs too.
        if former.cell_m.to_bits() == now.cell_m.to_bits() && former != now {
            let told = |grid: &GridRecord| {
                let GridRecord { west_m, north_m, columns, rows, .. } = grid;
                format!("{columns} x {rows} cells from {west_m}, {north_m} m")
            };
            self.text("grid over the zones", &told(former), &told(now));
        }
    }

    fn clusters(&mut self, former: &ClusterRulesRecord, project: &Project) {
        let (own, neighbours) = (&project.clusters, ClusterRules::default().neighbours);
        self.number("clusters.merge_within_m", former.merge_within_m, own.merge_within_m);
        self.number("clusters.least_population", former.least_population, own.least_population);
        self.number("neighbours of a cell", former.neighbours.into(), ClusterRulesRecord::count(neighbours).into());
        // What is to be calibrated was so once, at the baseline.
        if !own.calibrate {
            self.number("clusters.least_area_km2", former.least_area_km2, own.least_area_km2);
        }
    }

    fn speeds(&mut self, former: &Speeds, now: &Speeds) {
        let pairs = [
            ("motorway_or_trunk", former.motorway_or_trunk_kmh, now.motorway_or_trunk_kmh),
            ("primary", former.primary_kmh, now.primary_kmh),
            ("secondary", former.secondary_kmh, now.secondary_kmh),
            ("tertiary", former.tertiary_kmh, now.tertiary_kmh),
            ("residential", former.residential_kmh, now.residential_kmh),
            ("track", former.track_kmh, now.track_kmh),
            ("bare_or_built", former.bare_or_built_kmh, now.bare_or_built_kmh),
            ("low_vegetation", former.low_vegetation_kmh, now.low_vegetation_kmh),
            ("medium_vegetation", former.medium_vegetation_kmh, now.medium_vegetation_kmh),
            ("dense_vegetation", former.dense_vegetation_kmh, now.dense_vegetation_kmh),
        ];
        for (word, former, now) in pairs {
            self.number(&format!("speeds.{word}_kmh"), former, now);
        }
    }
}

impl ClusterRulesRecord {
    /// The rules that it records.
    pub(super) const fn rules(&self) -> ClusterRules {
        ClusterRules {
            neighbours: if self.neighbours == Self::count(Neighbours::Four) {
                Neighbours::Four
            } else {
                Neighbours::Eight
            },
            merge_within_m: self.merge_within_m,
            least_area_km2: self.least_area_km2,
            least_population: self.least_population,
        }
    }

    pub(super) const fn count(neighbours: Neighbours) -> u8 {
        match neighbours {
            Neighbours::Four => 4,
            Neighbours::Eight => 8,
        }
    }
}

/// What is to be seen of rows: new ones, which are not used, and those that are no more (method 2.4).
pub(super) fn row_warnings(former: &Manifest, columns: &[IndicatorColumn]) -> Vec<String> {
    let listed = |is_one: &dyn Fn(&IndicatorColumn) -> bool| {
        let rows = columns.iter().filter(|column| is_one(column)).map(|column| column.row.to_string());
        rows.collect::<Vec<_>>().join(", ")
    };
    let gone = |column: &IndicatorColumn| {
        (former.rules.contains_key(&column.row) || former.round.kept.rules.contains_key(&column.row))
            && matches!(column.status, ColumnStatus::Undeclared | ColumnStatus::LeftOut(_))
    };
    let lists = [
        (
            "rows that the first round did not use are not used",
            listed(&|column| column.status == ColumnStatus::NotInSeries),
        ),
        ("rows that the first round used are missing", listed(&gone)),
    ];
    let told = lists.into_iter().filter(|(_, rows)| !rows.is_empty());
    let mut warnings: Vec<String> = told.map(|(of, rows)| format!("{of}: {rows}")).collect();
    if former.pipeline_version != super::PIPELINE_VERSION {
        warnings.push(
            "the round before was computed by another version of the pipeline: build it again to compare".to_owned(),
        );
    }
    warnings
}
