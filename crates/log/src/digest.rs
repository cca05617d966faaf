//! A hash over what lives in entities, so that two replicas can tell that they hold the same.
//!
//! It is a sum, so a replica can keep it by adding what comes to life and taking off what is superseded. It finds faults,
//! not forgeries: every entry is signed anyway.

use kend_domain::EntityId;

use crate::{Dot, EntityState, Path};

/// The hash of one live value, or of one live addition to a set.
pub fn live_hash(entity: EntityId, dot: Dot, path: &str, element: Option<&str>) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(entity.as_bytes());
    hasher.update(dot.device.as_bytes());
    hasher.update(&dot.seq.to_le_bytes());
    hasher.update(path.as_bytes());
    if let Some(element) = element {
        // No path has this byte.
        hasher.update(&[0]);
        hasher.update(element.as_bytes());
    }
    let hash = hasher.finalize();
    let (half, _) = hash.as_bytes().split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
    u128::from_le_bytes(*half)
}

impl EntityState {
    /// The sum of the hashes of all that lives in the entity.
    pub fn live_sum(&self) -> u128 {
        let mut sum = 0_u128;
        let mut add = |path: &Path, dot: Dot, element: Option<&str>| {
            sum = sum.wrapping_add(live_hash(self.entity, dot, path.as_str(), element));
        };
        for (path, values) in &self.registers {
            for live in values {
                add(path, live.dot, None);
            }
        }
        for (path, elements) in &self.sets {
            for (element, dots) in elements {
                for dot in dots {
                    add(path, *dot, Some(element.as_str()));
                }
            }
        }
        sum
    }
}
