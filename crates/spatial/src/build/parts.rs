//! From scores to a country: clusters, gaps, summaries, what depends on choices, what changed, and the manifest.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use kend_cells::ClusterRules;
use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{Method, cells::ScoredCells};

use super::{
    PIPELINE_VERSION, Watch, changes, clusters,
    country::{AreaRecord, BetweenZones, ClusterRecord, Country, IndicatorColumn, ZoneRecord},
    error::BuildError,
    former::Former,
    gaps,
    ground::Ground,
    identities,
    inputs::Inputs,
    manifest::{self, GridRecord, Manifest},
    others::OtherColumn,
    robust,
    score::{self, Scored},
    sectors::SectorColumns,
    series::SettledRecord,
    summary,
};
use crate::folder::ProjectFolder;

/// What a country is put together from.
pub(super) struct Parts<'a> {
    pub(super) folder: &'a ProjectFolder,
    pub(super) ground: &'a Ground,
    pub(super) method: &'a Method,
    pub(super) former: Option<&'a Former>,
    pub(super) settled: SettledRecord,
    pub(super) population: Vec<f32>,
    pub(super) zones: Vec<ZoneRecord>,
    pub(super) scored: Scored,
    pub(super) others: Vec<OtherColumn>,
    pub(super) sectors: Option<SectorColumns>,
    pub(super) friction: Vec<f32>,
}

impl Parts<'_> {
    pub(super) fn country(
        self,
        inputs: Inputs,
        warnings: Vec<String>,
        watch: &mut Watch<'_>,
    ) -> Result<Country, BuildError> {
        let Self { folder, ground, method, former, settled, population, zones, scored, others, sectors, friction } =
            self;
        let project = &folder.project;
        watch.step("clusters")?;
        let names = folder.names.zones();
        let frozen = former.map(|former| former.manifest.clusters.rules());
        let (mut clusters, cluster_rules) =
            clusters::all_clusters(ground, names, &population, &scored.cells, &project.clusters, frozen)?;
        let mut round = identities::named(&mut clusters, former, &population, ground, method)?;
        let sectors = sectors.map(|found| found.finished(ground, &zones, &clusters, &population));
        let areas = clusters::areas(ground, names, &project.areas, &population, &scored.cells, &scored.thresholds)?;
        let described = with_areas(&clusters, &areas);
        watch.step("gaps")?;
        let (lag_rules, lag_variants, gaps) =
            gaps::gap_tables(&scored.columns, &scored.cells, &described, &population, ground, former, method)?;
        let (class_frequency, cluster_classes) = if project.robustness.stability {
            let of = (population.as_slice(), &*described);
            let found = score::stability(&scored, &folder.indicators, ground, of, project.robustness.seed, method)?;
            (found.cells, found.clusters)
        } else {
            Default::default()
        };
        let Scored { columns, set_rules, cells, thresholds, dimension_thresholds } = scored;
        let rayons = summary::summaries(&zones, &columns, &population, &cells, &thresholds, ground, method);
        let between_zones = between_zones(ground, &cells);
        watch.step("robustness")?;
        let ground_and_people = (population.as_slice(), ground);
        let settings = project.robustness;
        let data = (columns.as_slice(), others.as_slice());
        let mut robustness =
            robust::robustness(&zones, &described, data, &folder.indicators, ground_and_people, settings, method);
        robustness.cluster_classes = cluster_classes;
        robustness.others = others.into_iter().map(|own| own.told).collect();
        round.kept = former.map(|former| former.kept(&columns, sectors.as_ref())).unwrap_or_default();
        let now = changes::Now {
            columns: &columns,
            rayons: &rayons,
            clusters: &clusters,
            areas: &areas,
            robustness: &robustness,
            index: &cells.index,
            population: &population,
            ground,
        };
        let changes = former.map(|former| changes::changes(former, &now, method));
        let centre = (project.grid.centre_longitude, project.grid.centre_latitude);
        let rules = |column: &IndicatorColumn| Some((column.row, column.rule?));
        let manifest = Manifest {
            format: manifest::FORMAT,
            synthetic: project.synthetic,
            kend_version: env!("CARGO_PKG_VERSION").to_owned(),
            pipeline_version: PIPELINE_VERSION,
            method_version: method.method_version.clone(),
            profile: project.profile.word().to_owned(),
            attribution: attribution(&project.pack.attribution, &columns),
            centre,
            grid: GridRecord::of(&ground.grid),
            cells: (ground.land.len(), ground.zone.iter().filter(|zone| ground.counts(**zone)).count()),
            population: zones.iter().map(|zone| zone.population).sum(),
            excluded: project.excluded.rayons.iter().cloned().collect(),
            thresholds,
            dimension_thresholds: dimension_thresholds.clone(),
            rules: columns.iter().filter_map(rules).collect(),
            set_rules,
            lag_rules: lag_rules.clone(),
            lag_variants,
            clusters: ClusterRules::into(cluster_rules),
            settled,
            round,
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
            areas,
            gaps,
            rayons,
            lag_rules,
            robustness,
            between_zones,
            friction,
            sectors,
            changes,
            manifest,
        })
    }
}

/// Clusters, and beside them the areas that the project chose.
fn with_areas<'a>(
    clusters: &'a BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    areas: &[AreaRecord],
) -> Cow<'a, BTreeMap<ReadinessClass, Vec<ClusterRecord>>> {
    let mut described = Cow::Borrowed(clusters);
    for AreaRecord { cluster, .. } in areas {
        described.to_mut().entry(cluster.class).or_default().push(cluster.clone());
    }
    described
}

fn between_zones(ground: &Ground, cells: &ScoredCells) -> BetweenZones {
    let share = |values: &[f32]| clusters::between_zones(ground, values);
    let dimensions = Dimension::ALL.iter().zip(&cells.dimensions);
    BetweenZones {
        index: share(&cells.index),
        dimensions: dimensions.filter_map(|(of, values)| Some((*of, share(values)?))).collect(),
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
