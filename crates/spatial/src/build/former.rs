//! The round before: what a later one takes from it, without the columns that it does not need.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use kend_domain::{AreaCode, Dimension, ReadinessClass};
use kend_pack::SectorZone;
use kend_readiness::{LagRule, Method, cells::ScoreRule};

use super::{
    country::{AreaRecord, ClusterRecord, ColumnStatus, IndicatorColumn},
    error::BuildError,
    ground::Ground,
    manifest::Manifest,
    read::{Documents, ReadCountryError, bytes, hex},
    robust::Robustness,
    sectors::{Concentration, Sectors},
    series::{FormerRecord, KeptRecord, KeptThreshold, SettledRecord, differences},
    summary::RayonSummary,
    work::{Element, Work},
};
use crate::folder::ProjectFolder;

/// Rules of a row that a former round froze; none of it where the row was not used there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FrozenRow<'a> {
    pub(super) rule: Option<ScoreRule>,
    /// Those of its sets of destinations.
    pub(super) sets: &'a [ScoreRule],
}

/// When an indicator lags in the method and its two variants by other quantiles.
pub(super) type LagRules = [LagRule; 3];

/// A finished round.
#[derive(Debug)]
pub(super) struct Former {
    path: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) record: FormerRecord,
    pub(super) rayons: Vec<RayonSummary>,
    pub(super) robustness: Robustness,
    /// The year of each row that it used.
    pub(super) years: BTreeMap<u8, u16>,
    /// With their cells.
    pub(super) clusters: BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
    /// The areas that its project chose, without their cells.
    pub(super) areas: Vec<AreaRecord>,
    concentrations: Vec<Concentration>,
    /// Place in the grid of each land cell, and of its zone in the order of the zones.
    pub(super) land: Vec<u32>,
    zone: Vec<u16>,
    zones: Vec<AreaCode>,
}

impl Former {
    /// Reads a finished result. Every file of it, and every column that is used, has to be what was written.
    pub(super) fn read(out: &Path) -> Result<Self, BuildError> {
        let Documents { manifest, outputs, country, hash } = Documents::read(out)?;
        for (file, known) in &outputs {
            if hex(&bytes(out, file)?) != *known {
                return Err(ReadCountryError::Damaged { path: out.join(file) }.into());
            }
        }
        let work = Work::new(out);
        let clusters = country.clusters.into_iter().map(|(class, clusters)| {
            let with_cells = clusters
                .into_iter()
                .map(|(cluster, file)| Ok(ClusterRecord { cells: column(out, &work, &file)?, ..cluster.into_owned() }));
            Ok((class, with_cells.collect::<Result<_, ReadCountryError>>()?))
        });
        let used = country.indicators.iter().filter(|column| column.status == ColumnStatus::Used);
        let rules_of = manifest.round.former.as_ref().map_or_else(|| hash.clone(), |former| former.rules_of.clone());
        Ok(Self {
            path: out.to_owned(),
            record: FormerRecord { number: manifest.round.number, blake3: hash, rules_of },
            rayons: country.rayons.into_owned(),
            robustness: country.robustness.into_owned(),
            years: used.filter_map(|column| Some((column.row, column.year?))).collect(),
            clusters: clusters.collect::<Result<_, ReadCountryError>>()?,
            areas: country.areas.into_iter().map(|(area, _)| area.into_owned()).collect(),
            concentrations: country.sectors.map(|own| own.sectors.into_owned().concentrations).unwrap_or_default(),
            land: column(out, &work, &country.land)?,
            zone: column(out, &work, &country.zone)?,
            zones: country.zones.iter().map(|zone| zone.code.clone()).collect(),
            manifest,
        })
    }

    /// The rules of a row. A row of a dimension that had no thresholds was in no index, and is not now.
    pub(super) fn row(&self, row: u8, dimension: Dimension) -> FrozenRow<'_> {
        if !self.manifest.dimension_thresholds.contains_key(&dimension) {
            return FrozenRow::default();
        }
        let (own, kept) = (&self.manifest, &self.manifest.round.kept);
        let sets = own.set_rules.get(&row).or_else(|| kept.set_rules.get(&row));
        let rule = own.rules.get(&row).or_else(|| kept.rules.get(&row));
        FrozenRow { rule: rule.copied(), sets: sets.map_or(&[][..], Vec::as_slice) }
    }

    /// When a row lags.
    pub(super) fn lag_rules(&self, row: u8) -> Option<LagRules> {
        let own = || {
            let variants = &self.manifest.lag_variants;
            let of = |rules: &BTreeMap<u8, LagRule>| rules.get(&row).copied();
            Some([of(&self.manifest.lag_rules)?, of(&variants.median)?, of(&variants.bottom_tercile)?])
        };
        own().or_else(|| self.manifest.round.kept.lag_rules.get(&row).copied())
    }

    /// The least value of a zone of a sector; none where there was nothing to set it by.
    pub(super) fn sector_threshold(&self, crop: Option<&str>, zone: SectorZone) -> Option<f64> {
        let own = self.concentrations.iter().find(|own| own.crop.as_deref() == crop && own.zone == zone);
        let kept = || {
            let kept = &self.manifest.round.kept.sectors;
            kept.iter().find(|own| own.crop.as_deref() == crop && own.zone == zone).map(|own| own.threshold)
        };
        own.and_then(|own| own.threshold).or_else(kept)
    }

    /// The rules that a round after it does not go by.
    pub(super) fn kept(&self, columns: &[IndicatorColumn], sectors: Option<&Sectors>) -> KeptRecord {
        let (own, before) = (&self.manifest, &self.manifest.round.kept);
        let used = |row: u8| columns.iter().any(|column| column.row == row && column.rule.is_some());
        let rows: BTreeSet<u8> =
            own.rules.keys().chain(before.rules.keys()).copied().filter(|row| !used(*row)).collect();
        let concentrations = || sectors.into_iter().flat_map(|own| &own.concentrations);
        let has = |crop: Option<&str>, zone| {
            concentrations().any(|own| own.crop.as_deref() == crop && own.zone == zone && own.threshold.is_some())
        };
        let of_own = self.concentrations.iter().filter_map(|own| {
            Some(KeptThreshold { crop: own.crop.clone(), zone: own.zone, threshold: own.threshold? })
        });
        let zones = of_own.chain(before.sectors.iter().cloned());
        KeptRecord {
            rules: rows.iter().filter_map(|row| Some((*row, *own.rules.get(row).or(before.rules.get(row))?))).collect(),
            set_rules: rows
                .iter()
                .filter_map(|row| Some((*row, own.set_rules.get(row).or(before.set_rules.get(row))?.clone())))
                .collect(),
            lag_rules: rows.iter().filter_map(|row| Some((*row, self.lag_rules(*row)?))).collect(),
            sectors: zones.filter(|kept| !has(kept.crop.as_deref(), kept.zone)).collect(),
        }
    }

    /// The clusters of a class that none of `now`, with their lasting ids, continues.
    pub(super) fn ended<'a>(
        &'a self,
        class: ReadinessClass,
        now: &'a [ClusterRecord],
    ) -> impl Iterator<Item = &'a ClusterRecord> {
        let before = self.clusters.get(&class).into_iter().flatten();
        before.filter(|cluster| !now.iter().any(|own| own.id == cluster.id))
    }

    /// The highest id that a cluster of a class ever had.
    pub(super) fn highest_id(&self, class: ReadinessClass) -> u16 {
        self.manifest.round.highest_ids.get(&class).copied().unwrap_or_default()
    }

    /// What is to be seen of a round after this one, or all that keeps it from being one.
    pub(super) fn compared(
        &self,
        folder: &ProjectFolder,
        settled: &SettledRecord,
        ground: &Ground,
        method: &Method,
    ) -> Result<Vec<String>, BuildError> {
        let differences = differences(&self.manifest, folder, settled, &ground.grid, method);
        if !differences.is_empty() {
            return Err(BuildError::OtherSeries { path: self.path.clone(), differences });
        }
        let codes: Vec<&AreaCode> = folder.names.zones().iter().map(|zone| &zone.code).collect();
        Ok(self.ground_warnings(ground, &codes))
    }

    /// What is to be seen of the ground: zones that are other ones, and cells that are another zone's.
    fn ground_warnings(&self, ground: &Ground, zones: &[&AreaCode]) -> Vec<String> {
        let own = |zone: u16| self.zones.get(usize::from(zone));
        let mut before = self.land.iter().zip(&self.zone).peekable();
        let mut moved = 0_usize;
        for (index, zone) in ground.land.iter().zip(&ground.zone) {
            while before.next_if(|(other, _)| *other < index).is_some() {
                moved += 1;
            }
            let same = before.next_if(|(other, _)| *other == index);
            let code = zones.get(usize::from(*zone)).copied();
            moved += usize::from(same.is_none_or(|(_, former)| own(*former) != code));
        }
        moved += before.count();
        let mut warnings = Vec::new();
        if moved > 0 {
            warnings.push(format!("round before: {moved} land cells were another zone's or none: its outlines differ"));
        }
        let lists = [
            (
                "zones that the round before does not have",
                zones.iter().filter(|code| !self.zones.contains(code)).copied().collect(),
            ),
            (
                "zones of the round before that are no more",
                self.zones.iter().filter(|code| !zones.contains(code)).collect::<Vec<_>>(),
            ),
        ];
        for (of, codes) in lists {
            if !codes.is_empty() {
                let codes: Vec<&str> = codes.into_iter().map(AreaCode::as_str).collect();
                warnings.push(format!("{of}: {}", codes.join(", ")));
            }
        }
        warnings
    }
}

/// A column that has to be the one that was kept.
fn column<T: Element>(out: &Path, work: &Work, file: &str) -> Result<Vec<T>, ReadCountryError> {
    work.read_kept(file).ok_or_else(|| ReadCountryError::Damaged { path: out.join(super::work::WORK).join(file) })
}

/// Whether two paths are one folder.
pub(super) fn is_same_folder(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| fs::canonicalize(path).ok();
    place(one).is_some_and(|one| Some(one) == place(other))
}
