//! What a map is read by: simplified roads, water and settlements, in whole metres of the plane.
//!
//! Compact because every line begins with its first point and goes on with the steps to the next ones, which are small
//! numbers; JSON, so that it can be looked at with ordinary tools.

use kend_domain::Names;
use serde::{Deserialize, Serialize};

use crate::{
    Pack, PackError,
    file::{SectionKind, compress, decompress},
};

/// The most bytes of a basemap when unpacked.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Drawn once, carried often.
const LEVEL: i32 = 19;
/// Further than this from the middle of the plane lies nothing: metres.
const MAX_METRES: i64 = 2_000_000;

/// A line or ring: `[x, y]` of the first point in metres east and north, then `dx, dy` to each next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaneLine(pub Vec<i32>);

impl PlaneLine {
    /// A line through points of the plane, to the nearest metre.
    #[expect(clippy::cast_possible_truncation, reason = "held within two million metres before")]
    pub fn through(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let limit = f64::from(i32::try_from(MAX_METRES).unwrap_or(i32::MAX));
        let whole = |metres: f64| metres.round().clamp(-limit, limit) as i32;
        let mut before = (0, 0);
        let steps = points.into_iter().flat_map(|(x_m, y_m)| {
            let here = (whole(x_m), whole(y_m));
            let step = [here.0 - before.0, here.1 - before.1];
            before = here;
            step
        });
        Self(steps.collect())
    }

    fn is_sound(&self) -> bool {
        let (mut x, mut y) = (0_i64, 0_i64);
        let pairs = self.0.as_chunks::<2>();
        pairs.1.is_empty()
            && !pairs.0.is_empty()
            && pairs.0.iter().all(|[dx, dy]| {
                (x, y) = (x + i64::from(*dx), y + i64::from(*dy));
                x.abs() <= MAX_METRES && y.abs() <= MAX_METRES
            })
    }
}

/// How important a road is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoadClass {
    /// Motorways and trunk roads.
    Motorway,
    /// Primary roads.
    Primary,
    /// Secondary roads.
    Secondary,
    /// All others.
    Other,
}

/// A road.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Road {
    /// How important.
    pub class: RoadClass,
    /// Its course.
    pub line: PlaneLine,
}

/// A settlement to be named on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Its name.
    pub names: Names,
    /// Metres east.
    pub x_m: i32,
    /// Metres north.
    pub y_m: i32,
    /// Inhabitants, where known.
    pub population: Option<u32>,
}

/// Everything below the cells of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basemap {
    /// Roads.
    pub roads: Vec<Road>,
    /// Outer rings of lakes and seas.
    pub water: Vec<PlaneLine>,
    /// Settlements, the largest first.
    pub settlements: Vec<Settlement>,
}

impl Basemap {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, PackError> {
        self.check()?;
        let json = serde_json::to_vec(self)
            .map_err(|error| PackError::inconsistent(format!("the basemap can't be written: {error}")))?;
        compress(&json, LEVEL)
    }

    fn decode(section: &[u8]) -> Result<Self, PackError> {
        let read: Self = serde_json::from_slice(&decompress(section, MAX_BYTES)?)
            .map_err(|error| PackError::inconsistent(format!("the basemap is not of its form: {error}")))?;
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), PackError> {
        let mut lines = self.roads.iter().map(|road| &road.line).chain(&self.water);
        if lines.all(PlaneLine::is_sound) {
            Ok(())
        } else {
            Err(PackError::inconsistent("a line of the basemap leaves the plane or has half a point"))
        }
    }
}

impl Pack {
    /// The basemap, checked and decoded now; `None` where the pack has none.
    pub fn basemap(&self) -> Result<Option<Basemap>, PackError> {
        let Some(section) = self.section(&SectionKind::Basemap) else { return Ok(None) };
        Basemap::decode(section.checked()?).map(Some)
    }
}
