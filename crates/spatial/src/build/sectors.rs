//! The sector view (report 5.7): where crops are grown, processed and sold, where tourism is offered and asked for, where
//! these meet, and how far it is from one to the next.
//!
//! Words and flags are those of packs, so that devices show what offices see.

use std::collections::BTreeMap;

use kend_domain::{AreaCode, ReadinessClass};
use kend_pack::{Crop, SectorZone, ZoneTravel, crop, tourism};
use kend_readiness::cells::{CellWeights, quantiles};
use serde::{Deserialize, Serialize};

use super::{
    country::{ClusterRecord, ZoneRecord},
    error::BuildError,
    ground::Ground,
    mean::Mean,
    number::{place, real},
};

/// Zones are cells from this share of the area on: the top quintile.
const TOP: f64 = 0.8;
/// Where fewer cells than that have anything, those from this share of what has (method 4, for ties).
const TOP_OF_POSITIVE: f64 = 0.75;

/// How concentrated one thing is in cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concentration {
    /// The crop, for those of one.
    pub crop: Option<String>,
    /// What is concentrated.
    pub zone: SectorZone,
    /// Unit of the values.
    pub unit: String,
    /// The oldest year.
    pub year: u16,
    /// The files that it was made of.
    pub files: Vec<String>,
    /// The least value of its zone, frozen; none where nothing is anywhere.
    pub threshold: Option<f64>,
    /// One for each land cell; NaN is missing.
    #[serde(skip)]
    pub values: Vec<f32>,
}

/// Which zones of a crop each cell is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropCells {
    /// The crop.
    pub crop: Crop,
    /// One for each land cell: [`kend_pack::crop`].
    #[serde(skip)]
    pub flags: Vec<u8>,
}

/// A zone: the cells of the top quintile, or those in which zones meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectorZoneRecord {
    /// The crop, for zones of one.
    pub crop: Option<String>,
    /// Which.
    pub zone: SectorZone,
    /// Its cells.
    pub cells: usize,
    /// Their area, square kilometres.
    pub area_km2: f64,
    /// People in them.
    pub population: f64,
    /// The rayons with their share of its area, the largest first.
    pub rayons: Vec<(AreaCode, f64)>,
}

/// What zones say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectorFinding {
    /// Supply of tourism and demand for it meet nowhere.
    NoTourism,
    /// Nothing is grown.
    NoCrops,
    /// They meet, and crops are grown there too.
    Overlap,
    /// They meet, and crops are grown elsewhere.
    Apart,
}

/// The sectors of a country.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sectors {
    /// What zones are made of.
    pub concentrations: Vec<Concentration>,
    /// The crops, in the order of their declarations.
    pub crops: Vec<CropCells>,
    /// Which zones of tourism each land cell is in: [`kend_pack::tourism`]. Empty if none is declared.
    #[serde(skip)]
    pub tourism: Vec<u8>,
    /// The zones.
    pub zones: Vec<SectorZoneRecord>,
    /// Ways between zones in the whole country.
    pub travel: Vec<ZoneTravel>,
    /// Ways from the cells of a cluster, by class and id; of those without any nothing.
    pub clusters: BTreeMap<ReadinessClass, BTreeMap<u16, Vec<ZoneTravel>>>,
    /// What that says.
    pub finding: SectorFinding,
}

/// The word of a zone in tables and names of files.
pub const fn zone_word(zone: SectorZone) -> &'static str {
    match zone {
        SectorZone::Production => "production",
        SectorZone::Processing => "processing",
        SectorZone::Commercialisation => "commercialisation",
        SectorZone::TourismSupply => "tourism_supply",
        SectorZone::TourismDemand => "tourism_demand",
        SectorZone::TourismOptimised => "tourism_optimised",
        SectorZone::Agritourism => "agritourism",
    }
}

/// The flag of a zone in cells.
pub(super) const fn flag(zone: SectorZone) -> u8 {
    match zone {
        SectorZone::Production => crop::PRODUCTION,
        SectorZone::Processing => crop::PROCESSING,
        SectorZone::Commercialisation => crop::COMMERCIALISATION,
        SectorZone::TourismSupply => tourism::SUPPLY,
        SectorZone::TourismDemand => tourism::DEMAND,
        SectorZone::TourismOptimised => tourism::OPTIMISED,
        SectorZone::Agritourism => tourism::AGRITOURISM,
    }
}

pub(super) const OF_CROPS: [SectorZone; 3] =
    [SectorZone::Production, SectorZone::Processing, SectorZone::Commercialisation];
pub(super) const OF_TOURISM: [SectorZone; 4] =
    [SectorZone::TourismSupply, SectorZone::TourismDemand, SectorZone::TourismOptimised, SectorZone::Agritourism];

/// The ways that are told: each stays with crops or with tourism.
pub(super) const WAYS: [(SectorZone, SectorZone); 5] = [
    (SectorZone::Production, SectorZone::Processing),
    (SectorZone::Processing, SectorZone::Commercialisation),
    (SectorZone::Production, SectorZone::Commercialisation),
    (SectorZone::TourismSupply, SectorZone::TourismDemand),
    (SectorZone::TourismOptimised, SectorZone::Agritourism),
];

/// What is known of sectors before there are clusters.
pub(super) struct SectorColumns {
    pub(super) concentrations: Vec<Concentration>,
    pub(super) crops: Vec<CropCells>,
    pub(super) tourism: Vec<u8>,
    /// Minutes from each land cell to the nearest of a zone, by crop and zone; of a crop only its zones, without one only those
    /// of tourism.
    pub(super) minutes: BTreeMap<(Option<String>, SectorZone), Vec<f32>>,
}

/// The least value of a zone: the 80th percentile of the cells that count, each with its area; where that is not above 0, the
/// 75th percentile of those above 0. `None` where no cell is above 0. Source: report 5.7; method 4 (quintiles, and their ties).
///
/// `values` of land cells, any unit, NaN missing.
pub(super) fn top_quintile(values: &[f32], ground: &Ground) -> Result<Option<f64>, BuildError> {
    let of_zone = |(value, zone): (&f32, &u16)| if ground.counts(*zone) { *value } else { f32::NAN };
    let own: Vec<f32> = values.iter().zip(&ground.zone).map(of_zone).collect();
    let all = quantiles(&own, CellWeights::Equal, [TOP], |value| value)?;
    if let Some([threshold]) = all.filter(|[threshold]| *threshold > 0.0) {
        return Ok(Some(threshold));
    }
    let above = |value: f32| if value > 0.0 { value } else { f32::NAN };
    let found = quantiles(&own, CellWeights::Equal, [TOP_OF_POSITIVE], above)?;
    Ok(found.map(|[threshold]| threshold))
}

impl SectorColumns {
    /// Sets a flag in the cells that are in the zone of a concentration.
    pub(super) fn set_flags(flags: &mut [u8], found: &Concentration, ground: &Ground) {
        let Some(threshold) = found.threshold else { return };
        for ((flags, value), zone) in flags.iter_mut().zip(&found.values).zip(&ground.zone) {
            if ground.counts(*zone) && f64::from(*value) >= threshold {
                *flags |= flag(found.zone);
            }
        }
    }

    /// Sets the flags of cells in which zones meet.
    pub(super) fn set_meetings(&mut self) {
        for (at, flags) in self.tourism.iter_mut().enumerate() {
            if *flags & tourism::SUPPLY != 0 && *flags & tourism::DEMAND != 0 {
                *flags |= tourism::OPTIMISED;
                let is_grown = |own: &CropCells| own.flags.get(at).is_some_and(|flags| flags & crop::PRODUCTION != 0);
                if self.crops.iter().any(is_grown) {
                    *flags |= tourism::AGRITOURISM;
                }
            }
        }
    }

    /// The flags of a crop, or of tourism.
    pub(super) fn flags(&self, crop: Option<&str>) -> &[u8] {
        match crop {
            None => &self.tourism,
            Some(crop) => {
                self.crops.iter().find(|own| own.crop.crop == crop).map_or(&[][..], |own| own.flags.as_slice())
            }
        }
    }

    /// Crops, and none for tourism.
    pub(super) fn subjects(&self) -> Vec<Option<String>> {
        self.crops.iter().map(|own| Some(own.crop.crop.clone())).chain([None]).collect()
    }

    /// Everything, with what needs zones of the country and clusters.
    pub(super) fn finished(
        self,
        ground: &Ground,
        zones: &[ZoneRecord],
        clusters: &BTreeMap<ReadinessClass, Vec<ClusterRecord>>,
        population: &[f32],
    ) -> Sectors {
        let mut records = Vec::new();
        for subject in self.subjects() {
            let own = if subject.is_some() { &OF_CROPS[..] } else { &OF_TOURISM[..] };
            records.extend(
                own.iter().filter_map(|zone| self.record(subject.as_deref(), *zone, ground, zones, population)),
            );
        }
        let of_cluster = |cluster: &ClusterRecord| {
            let ways = self.ways(&cluster.cells.iter().map(|at| place(*at)), population);
            (!ways.is_empty()).then_some((cluster.id, ways))
        };
        let of_clusters = clusters
            .iter()
            .map(|(class, clusters)| (*class, clusters.iter().filter_map(of_cluster).collect()))
            .collect();
        let travel = self.ways(&(0..ground.land.len()), population);
        let is_there = |zone: SectorZone| records.iter().any(|record| record.zone == zone && record.cells > 0);
        let finding = if !is_there(SectorZone::TourismOptimised) {
            SectorFinding::NoTourism
        } else if !is_there(SectorZone::Production) {
            SectorFinding::NoCrops
        } else if is_there(SectorZone::Agritourism) {
            SectorFinding::Overlap
        } else {
            SectorFinding::Apart
        };
        let Self { concentrations, crops, tourism, .. } = self;
        Sectors { concentrations, crops, tourism, zones: records, travel, clusters: of_clusters, finding }
    }

    fn record(
        &self,
        crop: Option<&str>,
        zone: SectorZone,
        ground: &Ground,
        zones: &[ZoneRecord],
        population: &[f32],
    ) -> Option<SectorZoneRecord> {
        let flags = self.flags(crop);
        let declared = |zone| self.concentrations.iter().any(|own| own.crop.as_deref() == crop && own.zone == zone);
        let meets = matches!(zone, SectorZone::TourismOptimised | SectorZone::Agritourism)
            && declared(SectorZone::TourismSupply)
            && declared(SectorZone::TourismDemand);
        if !(declared(zone) || meets) {
            return None;
        }
        let (mut cells, mut people) = (vec![0_usize; zones.len()], 0.0);
        for ((flags, own), persons) in flags.iter().zip(&ground.zone).zip(population) {
            if let Some(count) = cells.get_mut(usize::from(*own)).filter(|_| flags & flag(zone) != 0) {
                (*count, people) = (*count + 1, people + f64::from(persons.max(0.0)));
            }
        }
        let all: usize = cells.iter().sum();
        let shares = zones.iter().zip(cells).filter(|(_, cells)| *cells > 0);
        let mut rayons: Vec<(AreaCode, f64)> =
            shares.map(|(zone, cells)| (zone.code.clone(), real(cells) / real(all))).collect();
        rayons.sort_by(|one, other| other.1.total_cmp(&one.1));
        let area_km2 = real(all) * ground.grid.cell_km2();
        Some(SectorZoneRecord { crop: crop.map(str::to_owned), zone, cells: all, area_km2, population: people, rayons })
    }

    /// Minutes from the cells of a zone among some to the nearest of another zone anywhere: the mean weighted with people, or
    /// by area where nobody lives in them. Ways from or to a zone without cells are left out.
    fn ways(&self, cells: &(impl Iterator<Item = usize> + Clone), population: &[f32]) -> Vec<ZoneTravel> {
        let mut ways = Vec::new();
        for subject in self.subjects() {
            let flags = self.flags(subject.as_deref());
            for (from, to) in WAYS {
                let Some(minutes) = self.minutes.get(&(subject.clone(), to)) else { continue };
                let mut mean = Mean::default();
                for at in cells.clone().filter(|at| flags.get(*at).is_some_and(|flags| flags & flag(from) != 0)) {
                    let (Some(minutes), Some(people)) = (minutes.get(at), population.get(at)) else { continue };
                    if !minutes.is_nan() {
                        mean.add(*minutes, *people);
                    }
                }
                if let Some(minutes) = mean.by_people_or_area() {
                    ways.push(ZoneTravel { crop: subject.clone(), from, to, minutes });
                }
            }
        }
        ways
    }
}

impl Sectors {
    /// What zones say together, in a sentence.
    pub fn sentence(&self) -> String {
        let of = |zone: SectorZone| self.zones.iter().find(|record| record.zone == zone);
        let km2 = |zone| of(zone).map_or(0.0, |record| record.area_km2);
        let meets = km2(SectorZone::TourismOptimised);
        match self.finding {
            SectorFinding::NoTourism => "supply of tourism and demand for it meet nowhere".to_owned(),
            SectorFinding::NoCrops => format!("supply of tourism and demand meet on {meets:.0} km2, no crop is grown"),
            SectorFinding::Apart => {
                format!("supply of tourism and demand meet on {meets:.0} km2, crops are grown elsewhere")
            }
            SectorFinding::Overlap => {
                /// Rayons that are named.
                const NAMED: usize = 3;
                let rayons = of(SectorZone::Agritourism).into_iter().flat_map(|record| &record.rayons).take(NAMED);
                let rayons: Vec<String> = rayons.map(|(code, _)| code.to_string()).collect();
                format!(
                    "supply of tourism and demand meet on {meets:.0} km2, {:.0} km2 of it where crops are grown, most in {}",
                    km2(SectorZone::Agritourism),
                    rayons.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bit of the flags is a zone of a crop or one of tourism: the way to a zone says which only if it comes from its like.
    #[test]
    fn no_way_leads_from_crops_to_tourism_or_back() {
        for (from, to) in WAYS {
            assert_eq!(OF_CROPS.contains(&from), OF_CROPS.contains(&to), "{from:?} to {to:?}");
            assert_ne!(OF_CROPS.contains(&to), OF_TOURISM.contains(&to), "{to:?}");
        }
    }
}
