//! The pack: one file with all that a device needs to calculate the readiness of its clusters without a network.
//!
//! A pack carries clusters with their values, thresholds and uncertainties, rayons with outlines, the places to visit,
//! where every number comes from, and, if the office made them, the cells of each cluster. Only a valid pack exists:
//! [`Pack::read`] checks length, signature, form and every reference before anything is shown, and cells when they are asked
//! for, so a truncated or altered file leaves the pack in use as it was. The crate computes no readiness (that is
//! `kend-readiness`) and does no I/O: bytes come in and go out. Start with [`PackContent`], then [`Pack`].

mod added;
mod basemap;
mod bytes;
mod cells;
mod check;
mod content;
mod demo;
mod error;
mod file;
mod friction;
mod ground;
mod hex;
mod number;
mod seal;
#[cfg(feature = "synthetic")]
pub mod synthetic;

pub use basemap::{Basemap, PlaneLine, Road, RoadClass, Settlement};
pub use cells::{ClusterMap, Layout, MAX_CLUSTER_CELLS, MAX_WINDOW_CELLS, NO_SHARE, Run, cell_index, crop, tourism};
pub use content::{
    AddedKind, Calculator, ClassGaps, Cluster, ClusterArea, Crop, DimensionValue, IndicatorStatus, IndicatorValue,
    PackContent, Partial, PartialLimits, Peers, Place, PlaneGrid, Polygon, Profile, ProfileNumber, Project, Rayon,
    RayonReadiness, RowAddition, RowLag, RowRule, SectorZone, Sectors, TravelTime, VillageFacts, VillageValue, Window,
    ZoneTravel, ZoneValue,
};
pub use error::PackError;
pub use file::{FORMAT_VERSION, MAGIC, MAX_CONTENT_BYTES, MAX_FILE_BYTES};
pub use friction::{BARRIER, Friction};
pub use ground::{NEAREST_RAYON_WITHIN_KM, distance_km, geonames_place, outline_shape, settlement_place};
pub use seal::{PackKey, PackSigner};

use std::collections::BTreeMap;

use file::{Section, SectionKind};
use kend_domain::{AreaCode, EntityId, Position};

/// A valid pack, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    content: PackContent,
    place_index: BTreeMap<EntityId, usize>,
    rayon_index: BTreeMap<AreaCode, usize>,
    /// Of rayons in clusters that are lists of rayons.
    cluster_of_rayon: BTreeMap<AreaCode, usize>,
    /// Of places in clusters that are areas.
    cluster_of_place: BTreeMap<EntityId, usize>,
    fingerprint: String,
    sections: BTreeMap<SectionKind, Section>,
    signer: Option<PackSigner>,
}

impl Pack {
    /// A pack of this content, without cells, or what in it does not agree.
    pub fn new(content: PackContent) -> Result<Self, PackError> {
        Self::with_sections(content, BTreeMap::new(), None)
    }

    pub(crate) fn with_sections(
        content: PackContent,
        sections: BTreeMap<SectionKind, Section>,
        signer: Option<PackSigner>,
    ) -> Result<Self, PackError> {
        check::check(&content)?;
        check::sections(&content, sections.keys())?;
        let fingerprint = file::fingerprint(&content, &sections)?;
        let place_index = content.places.iter().enumerate().map(|(index, place)| (place.village, index)).collect();
        let rayon_index = content.rayons.iter().enumerate().map(|(index, rayon)| (rayon.code.clone(), index)).collect();
        let clusters = || content.clusters.iter().enumerate();
        let cluster_of_rayon = clusters()
            .filter(|(_, cluster)| cluster.area.is_none())
            .flat_map(|(index, cluster)| cluster.rayons.iter().map(move |rayon| (rayon.clone(), index)))
            .collect();
        let cluster_of_place = clusters()
            .filter_map(|(index, cluster)| Some((index, cluster.area.as_ref()?)))
            .flat_map(|(index, area)| area.villages.iter().map(move |village| (*village, index)))
            .collect();
        Ok(Self {
            content,
            place_index,
            rayon_index,
            cluster_of_rayon,
            cluster_of_place,
            fingerprint,
            sections,
            signer,
        })
    }

    pub(crate) fn section(&self, kind: &SectionKind) -> Option<&Section> {
        self.sections.get(kind)
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = (&SectionKind, &Section)> {
        self.sections.iter()
    }

    /// Checks all that opening leaves for later: every section, as it is before a pack is put into use.
    pub fn check_sections(&self) -> Result<(), PackError> {
        for kind in self.sections.keys() {
            match kind {
                SectionKind::Cells(cluster) => drop(self.cells(cluster)?),
                SectionKind::Friction(cluster) => drop(self.friction(cluster)?),
                SectionKind::Basemap => drop(self.basemap()?),
                SectionKind::Content => {}
            }
        }
        Ok(())
    }

    /// Bytes that a cluster's cells take in the file; 0 where the pack has none of it.
    pub fn cells_bytes(&self, cluster: &str) -> usize {
        self.section(&SectionKind::Cells(cluster.to_owned())).map_or(0, Section::size_bytes)
    }

    /// The pack without a cluster's cells, and its friction: what it says of the cluster stays.
    pub fn without_cells(self, cluster: &str) -> Result<Self, PackError> {
        self.without_friction(cluster)?.without(&SectionKind::Cells(cluster.to_owned()))
    }

    /// Bytes that a cluster's friction takes in the file; 0 where the pack has none of it.
    pub fn friction_bytes(&self, cluster: &str) -> usize {
        self.section(&SectionKind::Friction(cluster.to_owned())).map_or(0, Section::size_bytes)
    }

    /// The pack without the friction of a cluster: its cells stay, ways over them can't be told.
    pub fn without_friction(self, cluster: &str) -> Result<Self, PackError> {
        self.without(&SectionKind::Friction(cluster.to_owned()))
    }

    /// The pack without its basemap.
    pub fn without_basemap(self) -> Result<Self, PackError> {
        self.without(&SectionKind::Basemap)
    }

    pub(crate) fn into_parts(self) -> (PackContent, BTreeMap<SectionKind, Section>) {
        (self.content, self.sections)
    }

    fn without(self, kind: &SectionKind) -> Result<Self, PackError> {
        let (content, mut sections) = self.into_parts();
        sections.remove(kind);
        Self::with_sections(content, sections, None)
    }

    /// Who signed it; nobody for the demo's.
    pub const fn signer(&self) -> Option<&PackSigner> {
        self.signer.as_ref()
    }

    /// Everything in the pack.
    pub const fn content(&self) -> &PackContent {
        &self.content
    }

    /// BLAKE3 of the content in hex: two packs with the same fingerprint say the same.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The cluster with this id.
    pub fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.content.clusters.iter().find(|cluster| cluster.id == id)
    }

    /// The rayon with this code.
    pub fn rayon(&self, code: &AreaCode) -> Option<&Rayon> {
        self.content.rayons.get(*self.rayon_index.get(code)?)
    }

    /// The place with this id.
    pub fn place(&self, village: EntityId) -> Option<&Place> {
        self.content.places.get(*self.place_index.get(&village)?)
    }

    /// The cluster that a village belongs to: the area that lists it, or for one that the pack doesn't know the area around
    /// it, or the cluster of its rayon.
    pub fn cluster_of(&self, village: EntityId, rayon: &AreaCode, position: Position) -> Option<&Cluster> {
        let listed = self.cluster_of_place.get(&village).and_then(|index| self.content.clusters.get(*index));
        let unknown = !self.place_index.contains_key(&village);
        let around = || unknown.then(|| self.area_around(position)).flatten();
        listed.or_else(around).or_else(|| self.content.clusters.get(*self.cluster_of_rayon.get(rayon)?))
    }

    /// The places of these areas, in the order of the pack.
    pub fn places_in<'pack>(
        &'pack self,
        areas: &'pack kend_domain::Areas,
    ) -> impl Iterator<Item = &'pack Place> + 'pack {
        self.content.places.iter().filter(|place| areas.hold(&place.rayon))
    }
}
