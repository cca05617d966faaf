//! The pack: one file with all that a device needs to calculate the readiness of its clusters without a network.
//!
//! A pack carries clusters with their values, thresholds and uncertainties, rayons with outlines, the places to visit,
//! and where every number comes from. Only a valid pack exists: [`Pack::read`] checks length, hash, form and every
//! reference before anything is shown, so a truncated or altered file leaves the pack in use as it was. The crate
//! computes no readiness (that is `kend-readiness`) and does no I/O: bytes come in and go out. Start with
//! [`PackContent`], then [`Pack`].

mod check;
mod content;
mod demo;
mod file;
mod ground;

pub use content::{
    Cluster, DimensionValue, IndicatorStatus, IndicatorValue, PackContent, Partial, Place, Polygon, Profile, Project,
    Rayon,
};
pub use file::{FORMAT_VERSION, MAGIC, MAX_CONTENT_BYTES, MAX_FILE_BYTES, PackError};
pub use ground::{NEAREST_RAYON_WITHIN_KM, distance_km, geonames_place, outline_shape};

use std::collections::BTreeMap;

use kend_domain::{AreaCode, EntityId};

/// A valid pack, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    content: PackContent,
    place_index: BTreeMap<EntityId, usize>,
    rayon_index: BTreeMap<AreaCode, usize>,
    cluster_of_rayon: BTreeMap<AreaCode, usize>,
    fingerprint: String,
}

impl Pack {
    /// A pack of this content, or what in it does not agree.
    pub fn new(content: PackContent) -> Result<Self, PackError> {
        check::check(&content)?;
        let fingerprint = file::fingerprint(&content)?;
        let place_index = content.places.iter().enumerate().map(|(index, place)| (place.village, index)).collect();
        let rayon_index = content.rayons.iter().enumerate().map(|(index, rayon)| (rayon.code.clone(), index)).collect();
        let cluster_of_rayon = content
            .clusters
            .iter()
            .enumerate()
            .flat_map(|(index, cluster)| cluster.rayons.iter().map(move |rayon| (rayon.clone(), index)))
            .collect();
        Ok(Self { content, place_index, rayon_index, cluster_of_rayon, fingerprint })
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

    /// The priority cluster that a rayon belongs to.
    pub fn cluster_of(&self, rayon: &AreaCode) -> Option<&Cluster> {
        self.content.clusters.get(*self.cluster_of_rayon.get(rayon)?)
    }

    /// The places of these areas, in the order of the pack.
    pub fn places_in<'pack>(
        &'pack self,
        areas: &'pack kend_domain::Areas,
    ) -> impl Iterator<Item = &'pack Place> + 'pack {
        self.content.places.iter().filter(|place| areas.hold(&place.rayon))
    }
}
