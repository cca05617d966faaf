//! From a finished build to what devices in the field calculate with: `kend index pack` (method 8).
//!
//! Everything comes from a [`Country`], and what lies on the map (settlements, roads, water) from the layers that the build
//! read, which must be the same files still. A device's numbers are the office's: dimensions, index and class of every cell
//! are carried as they are, scores in steps for differences alone. What does not fit the size of a pack is left out by name,
//! and never a part of something.

mod additions;
mod basemap;
mod clusters;
mod content;
mod error;
mod facts;
mod places;
mod profiles;
mod rows;
mod shapes;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kend_domain::{AreaCode, ReadinessClass};
use kend_pack::{Pack, PackError, PackKey};

pub use self::error::MakePackError;
use crate::build::Country;

/// What a pack is made of and for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct PackSettings {
    /// The short name of the project that it belongs to, the first half of every scope.
    pub project: AreaCode,
    /// The middle of the round's field work, e.g. 2026.9; without it the middle of the newest year of the data.
    pub round_year: Option<f64>,
    /// The version of the pack, e.g. `2026.1`; without it the first one of the round's year.
    pub version: Option<String>,
    /// The classes whose clusters it carries; with `clusters` empty too, Amplify.
    pub classes: BTreeSet<ReadinessClass>,
    /// Further clusters by their id, such as `activate-3`.
    pub clusters: BTreeSet<String>,
    /// Whether it is for trying Kend out, which every screen says.
    pub demo: bool,
    /// The most bytes of the file.
    pub max_bytes: usize,
}

/// A pack and its file.
#[derive(Debug, Clone, PartialEq)]
pub struct MadePack {
    /// The pack.
    pub pack: Pack,
    /// The file.
    pub bytes: Vec<u8>,
    /// What was taken for granted or left out, each by its name.
    pub remarks: Vec<String>,
}

/// Makes the pack of a country that was built from a project folder, signed if there is a key. Devices take one without a
/// signature only if it is the demo that Kend ships.
///
/// The same country, folder, settings and key give the same bytes. Layers that changed since the build, a plane or
/// indicators that a device does not know, and clusters that are not there are errors.
pub fn make_pack(
    folder: &Path,
    country: &Country,
    settings: &PackSettings,
    key: Option<&PackKey>,
) -> Result<MadePack, MakePackError> {
    let mut remarks = Vec::new();
    let source = content::Source::read(folder, country)?;
    let chosen = clusters::chosen(country, settings)?;
    let places = places::places(&source, &mut remarks)?;
    let rows = rows::rows(country, &chosen)?;
    let profiles = profiles::Profiles::read(&source, &places, &mut remarks)?;
    let mut content = content::content(&source, settings, &rows, &profiles, &mut remarks)?;
    let (mut cells, mut friction) = (BTreeMap::new(), BTreeMap::new());
    for (number, cluster) in chosen.iter().enumerate() {
        let made = clusters::cluster(&source, cluster, number, &rows, &profiles, &mut content)?;
        match made {
            Ok(map) => {
                let of = additions::friction(country, map.layout().window)?;
                friction.extend(of.map(|friction| (cluster.id.clone(), friction)));
                cells.insert(cluster.id.clone(), map);
            }
            Err(reason) => {
                let (id, name) = (&cluster.id, &cluster.record.names.en);
                remarks.push(format!("cluster {id} ({name}) is left out: {reason}"));
            }
        }
    }
    let basemap = basemap::basemap(&source, &content, &places, &mut remarks)?;
    let pack = Pack::with_cells(content, &cells, Some(&basemap))?.with_friction(&friction)?;
    let (pack, bytes) = fitting(pack, settings.max_bytes, key, &mut remarks)?;
    Ok(MadePack { pack, bytes, remarks })
}

/// What of a cluster gives way where a pack would be too large.
#[derive(Debug, Clone, Copy)]
enum Gives {
    Friction,
    Cells,
}

impl Gives {
    fn bytes(self, pack: &Pack, cluster: &str) -> usize {
        match self {
            Self::Friction => pack.friction_bytes(cluster),
            Self::Cells => pack.cells_bytes(cluster) + pack.friction_bytes(cluster),
        }
    }

    fn leave(self, pack: Pack, cluster: &str) -> Result<Pack, PackError> {
        match self {
            Self::Friction => pack.without_friction(cluster),
            Self::Cells => pack.without_cells(cluster),
        }
    }

    fn told(self, id: &str, name: &str) -> String {
        let what = match self {
            Self::Friction => {
                format!("the friction of cluster {id} ({name}) is left out, so no destination can be tried")
            }
            Self::Cells => format!("the cells of cluster {id} ({name}) are left out"),
        };
        format!("{what}: the pack would be too large")
    }
}

/// The file of a pack, without the friction of the least populous clusters where it would be too large, without their
/// cells where that is not enough, and then without its basemap.
fn fitting(
    mut pack: Pack,
    max_bytes: usize,
    key: Option<&PackKey>,
    remarks: &mut Vec<String>,
) -> Result<(Pack, Vec<u8>), MakePackError> {
    let too_large = |bytes: u64| PackError::TooLarge { bytes, limit_bytes: max_bytes as u64 };
    loop {
        let excess = match key.map_or_else(|| pack.write(), |key| pack.write_signed(key)) {
            Ok(bytes) if bytes.len() <= max_bytes => return Ok((Pack::read(&bytes)?, bytes)),
            Ok(bytes) => bytes.len() as u64 - max_bytes as u64,
            Err(PackError::TooLarge { bytes, .. }) => bytes.saturating_sub(max_bytes as u64),
            Err(error) => return Err(error.into()),
        };
        let clusters = &pack.content().clusters;
        let gives =
            if clusters.iter().any(|cluster| pack.has_friction(&cluster.id)) { Gives::Friction } else { Gives::Cells };
        let (mut freed, mut without) = (0, Vec::new());
        let mut by_people: Vec<_> = clusters.iter().filter(|cluster| gives.bytes(&pack, &cluster.id) > 0).collect();
        by_people.sort_by_key(|cluster| cluster.population);
        for cluster in by_people {
            if freed >= excess {
                break;
            }
            freed += gives.bytes(&pack, &cluster.id) as u64;
            without.push((cluster.id.clone(), cluster.names.en.clone()));
        }
        if without.is_empty() {
            if pack.basemap()?.is_none() {
                return Err(too_large(max_bytes as u64 + excess).into());
            }
            remarks.push("the basemap is left out: the pack would be too large".to_owned());
            pack = pack.without_basemap()?;
        }
        for (id, name) in without {
            remarks.push(gives.told(&id, &name));
            pack = gives.leave(pack, &id)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use kend_pack::synthetic;

    use super::*;

    #[test]
    fn friction_gives_way_first_then_cells_the_least_populous_first_then_the_basemap_each_by_name() {
        let (pack, key) = (synthetic::pack().unwrap(), synthetic::key());
        let whole = pack.write_signed(&key).unwrap().len();
        let least = pack.content().clusters.iter().min_by_key(|cluster| cluster.population).unwrap().id.clone();
        let other = pack.content().clusters.iter().find(|cluster| cluster.id != least).unwrap().id.clone();
        let fit = |max_bytes| {
            let mut remarks = Vec::new();
            fitting(pack.clone(), max_bytes, Some(&key), &mut remarks).map(|(pack, bytes)| (pack, bytes.len(), remarks))
        };
        let (all, bytes, remarks) = fit(whole).unwrap();
        assert!(all.has_cells(&least) && all.has_friction(&least) && bytes == whole && remarks.is_empty());

        let (fewer, bytes, remarks) = fit(whole - 1).unwrap();
        assert!(!fewer.has_friction(&least) && fewer.has_cells(&least) && fewer.has_friction(&other));
        assert!(bytes < whole && remarks.len() == 1 && remarks[0].contains(&least), "{remarks:?}");

        // The table is shorter too: by entries of some 130 bytes.
        let ways: usize = [&least, &other].into_iter().map(|id| pack.friction_bytes(id)).sum();
        let (fewer, _, remarks) = fit(whole - ways - 300).unwrap();
        assert!(!fewer.has_friction(&other) && !fewer.has_cells(&least) && fewer.has_cells(&other), "{remarks:?}");
        assert!(fewer.basemap().unwrap().is_some() && remarks.len() == 3, "{remarks:?}");
        assert_eq!(fewer.content(), pack.content(), "what is said of the cluster stays");

        let cells: usize = [&least, &other].into_iter().map(|id| pack.cells_bytes(id)).sum();
        let (bare, _, remarks) = fit(whole - ways - cells - 600).unwrap();
        assert!(bare.basemap().unwrap().is_none() && remarks.len() == 5, "{remarks:?}");
        assert!(matches!(fit(1_000), Err(MakePackError::Pack(PackError::TooLarge { limit_bytes: 1_000, .. }))));
    }
}
