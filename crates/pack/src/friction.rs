//! How fast one gets over the ground of a cluster's window, so that a device can lay ways to a new place.
//!
//! A byte for each cell of the window, those outside the cluster too, since ways run through them. Steps are equal in the
//! logarithm of minutes per metre between the least and the greatest of the window, so the relative error is the same for
//! motorways and for marshes, and a way's minutes are off by no more than its cells'.

use kend_cells::{Grid, Surface};

use crate::{
    Cluster, Pack, PackContent, PackError,
    bytes::Reader,
    cells::{MAX_WINDOW_CELLS, window_grid},
    file::{SectionKind, compress, decompress},
    number::narrow,
};

/// Stands for a cell that nobody crosses.
pub const BARRIER: u8 = 255;
/// The step of the greatest friction.
const TOP_STEP: u8 = 254;
/// How many times the least friction the greatest may be. Beyond, a cell counts as one of so much: 100 m at 10,000 times
/// the friction of a motorway are eleven hours, and no way of that length scores.
const MAX_RANGE: f64 = 10_000.0;
/// Bytes before the steps.
const HEAD_BYTES: usize = 8;
/// Small differences between neighbours: the highest level gains a few percent over this one.
const LEVEL: i32 = 12;

/// Minutes per metre of each cell of a cluster's window, in steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Friction {
    least: f32,
    range: f32,
    steps: Surface<u8>,
}

impl Friction {
    /// The friction of a window: `f_k = f_0 r^(k / 254)`, `k` the nearest step in the logarithm, `f_0` the least friction there
    /// is, `r` how many times that the greatest is, at most 10,000. What is infinite or NaN is a barrier. A window without a
    /// cell that can be crossed has only barriers. A friction that is zero or negative is an error.
    ///
    /// ```
    /// use kend_cells::{Grid, Surface};
    /// let grid = Grid::new(0.0, 0.0, 100.0, 3, 1)?;
    /// let friction = kend_pack::Friction::of(&Surface::new(grid, vec![0.000_667, 0.012, f32::INFINITY])?)?;
    /// let back = friction.minutes_per_metre();
    /// assert!((back.values()[1] / 0.012 - 1.0).abs() < 1e-6 && back.values()[2].is_infinite());
    /// assert!(friction.error() < 0.006);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(minutes_per_metre: &Surface<f32>) -> Result<Self, PackError> {
        let passable = || minutes_per_metre.values().iter().copied().filter(|friction| friction.is_finite());
        if passable().any(|friction| friction <= 0.0) {
            return Err(PackError::inconsistent("a friction is not above 0 minutes per metre"));
        }
        let least = passable().reduce(f32::min).unwrap_or(1.0);
        let greatest = passable().reduce(f32::max).unwrap_or(least);
        let range = (f64::from(greatest) / f64::from(least)).clamp(1.0, MAX_RANGE);
        let whole = libm::log(range);
        let step = |friction: &f32| {
            if !friction.is_finite() {
                return BARRIER;
            }
            let share = if whole > 0.0 { libm::log(f64::from(*friction) / f64::from(least)) / whole } else { 0.0 };
            nearest_step(share)
        };
        let steps = minutes_per_metre.map(step);
        Ok(Self { least, range: narrow(range), steps })
    }

    /// Minutes per metre of each cell, infinite on a barrier.
    pub fn minutes_per_metre(&self) -> Surface<f32> {
        let all: Vec<f32> = (0..=u8::MAX).map(|step| self.at(step)).collect();
        self.steps.map(|step| all.get(usize::from(*step)).copied().unwrap_or(f32::INFINITY))
    }

    fn at(&self, step: u8) -> f32 {
        if step > TOP_STEP {
            return f32::INFINITY;
        }
        let share = f64::from(step) / f64::from(TOP_STEP);
        narrow(f64::from(self.least) * libm::pow(f64::from(self.range), share))
    }

    /// The largest relative error of a cell's friction, and so of the minutes of any way: `r^(1 / 508) - 1`, half a step;
    /// 0.018 for the widest range there may be.
    pub fn error(&self) -> f64 {
        libm::pow(f64::from(self.range), 1.0 / (2.0 * f64::from(TOP_STEP))) - 1.0
    }

    /// The window.
    pub const fn grid(&self) -> &Grid {
        self.steps.grid()
    }

    pub(crate) fn encode(&self, cluster: &Cluster, content: &PackContent) -> Result<Vec<u8>, PackError> {
        if self.steps.grid() != &grid_of(cluster, content)? {
            return Err(PackError::inconsistent(format!(
                "the friction of cluster {} is of another window",
                cluster.id
            )));
        }
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.steps.values().len());
        bytes.extend(self.least.to_le_bytes());
        bytes.extend(self.range.to_le_bytes());
        bytes.extend(self.steps.values());
        compress(&bytes, LEVEL)
    }

    fn decode(section: &[u8], cluster: &Cluster, content: &PackContent) -> Result<Self, PackError> {
        let grid = grid_of(cluster, content)?;
        let all = decompress(section, HEAD_BYTES + MAX_WINDOW_CELLS)?;
        let mut from = Reader(&all);
        let head = from.f32s(2, "the friction")?;
        let [least, range] = *head.as_slice() else {
            return Err(PackError::inconsistent("the friction has no range"));
        };
        if !(least > 0.0 && least.is_finite() && (1.0..=MAX_RANGE).contains(&f64::from(range))) {
            return Err(PackError::inconsistent(format!("the friction runs from {least} to {range} times that")));
        }
        let unfit = |error: kend_cells::SurfaceError| PackError::inconsistent(format!("the friction: {error}"));
        let steps = Surface::new(grid, from.0.to_vec()).map_err(unfit)?;
        Ok(Self { least, range, steps })
    }
}

fn grid_of(cluster: &Cluster, content: &PackContent) -> Result<Grid, PackError> {
    let parts = content.calculator.as_ref().zip(cluster.area.as_ref());
    let (calculator, area) = parts.ok_or_else(|| PackError::inconsistent("friction of a cluster without cells"))?;
    let grid = window_grid(&calculator.grid, area.window)?;
    if grid.cells() > MAX_WINDOW_CELLS {
        return Err(PackError::inconsistent(format!("a window of {} cells, at most {MAX_WINDOW_CELLS}", grid.cells())));
    }
    Ok(grid)
}

/// The nearest step of a share of the range.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within the steps before")]
fn nearest_step(share: f64) -> u8 {
    let top = f64::from(TOP_STEP);
    (share * top).round().clamp(0.0, top) as u8
}

impl Pack {
    /// Whether the pack has the friction of a cluster.
    pub fn has_friction(&self, cluster: &str) -> bool {
        self.section(&SectionKind::Friction(cluster.to_owned())).is_some()
    }

    /// The friction of a cluster's window, checked and decoded now; `None` where the pack has none of it.
    pub fn friction(&self, cluster: &str) -> Result<Option<Friction>, PackError> {
        let Some(section) = self.section(&SectionKind::Friction(cluster.to_owned())) else { return Ok(None) };
        let known = self.cluster(cluster).ok_or_else(|| PackError::inconsistent("friction of no cluster"))?;
        Friction::decode(section.checked()?, known, self.content()).map(Some)
    }
}
