//! Minutes from every cell to the nearest destination over a surface of friction.
//!
//! Exact least costs, but not by the usual heap: costs wait in buckets that are no wider than the shortest edge, so that
//! everything in the lowest bucket is final whatever order it is taken in ([`queue`]). A cell then costs a few reads of
//! neighbours instead of a descent through a heap. The result doesn't depend on that order: a sum of positive numbers
//! rounds monotonically, so the least sum over all paths is one number, and the same bits come out everywhere.

mod friction;
mod queue;

use thiserror::Error;

use crate::error::SurfaceError;
use crate::grid::Cell;
use crate::number::{narrow, place};
use crate::surface::Surface;

pub use friction::{LandCover, RoadClass, Speeds, SpeedsError, friction, friction_surface, tobler_factor};
use queue::{Queue, Waiting};

/// The margin of the padded grid: one cell of barrier on each side, so that no neighbour has to be asked for.
const MARGIN: u32 = 1;
/// Cells beside and including a cell in a row.
const NEIGHBOURS: usize = 3;

/// Why there are no travel times.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TravelTimeError {
    /// A friction that is zero or negative.
    #[error("the friction in column {}, row {} is {friction} minutes per metre: it must be above 0", .cell.column, .cell.row)]
    Friction {
        /// Where.
        cell: Cell,
        /// Minutes per metre.
        friction: f32,
    },
    /// A destination that isn't on the grid.
    #[error("the destination in column {}, row {} lies outside the grid", .cell.column, .cell.row)]
    Destination {
        /// Where.
        cell: Cell,
    },
    /// A cap that is NaN or negative.
    #[error("the cap must be a number of minutes from 0, not {cap_minutes}")]
    Cap {
        /// Minutes.
        cap_minutes: f32,
    },
    /// The surfaces that friction is made of don't fit together.
    #[error(transparent)]
    Surface(#[from] SurfaceError),
    /// A speed that isn't a positive number.
    #[error(transparent)]
    Speeds(#[from] SpeedsError),
}

/// Minutes to the nearest destination.
#[derive(Debug, Clone, PartialEq)]
pub struct TravelTime {
    /// Minutes for each cell. NaN on a barrier; where no destination can be reached, the cap or, without a cap, infinity.
    pub minutes: Surface<f32>,
    /// Destinations that stand on a barrier: nobody reaches them.
    pub stranded: Vec<Cell>,
}

/// Minutes `t` from each cell to the nearest of the destinations.
///
/// `t` is the least sum over all paths of eight-connected neighbours of `l (f_a + f_b) / 2`, where `l` is the distance of
/// two neighbours' middles in metres (the cell size, or times the square root of 2 across a corner) and `f` the friction
/// in minutes per metre, above 0. Source: method 2.3; Weiss et al. 2018, Nature 553. An infinite or NaN friction is a
/// barrier: nobody crosses it, `t` is NaN there, and a diagonal step past its corner is allowed. What no path reaches is
/// infinite; with `cap_minutes`, every cell beyond the cap and every cell that isn't reached gets the cap (method 2.3:
/// 240). Without destinations nothing is reached. Sums are rounded to f32 at each step: within 1e-5 of the exact sum for
/// paths of thousands of cells.
///
/// ```
/// use kend_cells::{Cell, Grid, Surface, travel_time};
/// let grid = Grid::new(0.0, 0.0, 100.0, 3, 1)?;
/// let friction = Surface::new(grid, vec![0.0125, 0.0075, f32::INFINITY])?;
/// let times = travel_time(&friction, &[Cell { row: 0, column: 0 }], Some(240.0))?;
/// assert_eq!(times.minutes.values()[..2], [0.0, 1.0]);
/// assert!(times.minutes.values()[2].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn travel_time(
    friction: &Surface<f32>,
    destinations: &[Cell],
    cap_minutes: Option<f32>,
) -> Result<TravelTime, TravelTimeError> {
    if let Some(cap_minutes) = cap_minutes.filter(|cap| cap.is_nan() || *cap < 0.0) {
        return Err(TravelTimeError::Cap { cap_minutes });
    }
    let mut field = Field::new(friction)?;
    let mut queue = Queue::new(field.bucket_minutes());
    let stranded = field.start(friction, destinations, &mut queue)?;
    field.spread(&mut queue, cap_minutes.unwrap_or(f32::INFINITY));
    // Its memory is free for the result.
    drop(queue);
    Ok(TravelTime { minutes: field.minutes(friction, cap_minutes), stranded })
}

/// Minutes `t` to the nearest of the destinations, where that is less than a limit; infinity where it is not, NaN on a barrier.
///
/// `t`, friction and its unit as in [`travel_time()`]; `limits` in minutes on the same grid. What matters only below a limit
/// costs what lies below it: nobody goes on from a cell that was not reached below its own limit. That finds every cell below
/// its limit if limits are times of travel over the same friction (a cell's limit is never above that of its neighbour and
/// the way between), for a way through a cell that is no better than its limit is no better anywhere behind it. Where they
/// are only above such times, as times known to a step are, it finds all that are below the times. A limit that is NaN
/// or not above 0 lets nobody in. The result doesn't depend on the order of destinations.
///
/// A destination off the grid, a friction that is zero or negative and limits of another grid are errors.
///
/// ```
/// use kend_cells::{Cell, Grid, Surface, travel_time_below};
/// let grid = Grid::new(0.0, 0.0, 100.0, 4, 1)?;
/// let friction = Surface::filled(grid, 0.01);
/// // A school at the right end, and a new one at the left.
/// let limits = Surface::new(grid, vec![3.0, 2.0, 1.0, 0.0])?;
/// let times = travel_time_below(&friction, &[Cell { row: 0, column: 0 }], &limits)?;
/// assert_eq!(times.minutes.values(), [0.0, 1.0, f32::INFINITY, f32::INFINITY]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn travel_time_below(
    friction: &Surface<f32>,
    destinations: &[Cell],
    limits: &Surface<f32>,
) -> Result<TravelTime, TravelTimeError> {
    friction.same_grid(limits, "the surface of limits")?;
    let mut field = Field::new(friction)?;
    field.limit(limits);
    let mut queue = Queue::new(field.bucket_minutes());
    let stranded = field.start(friction, destinations, &mut queue)?;
    field.spread(&mut queue, f32::INFINITY);
    drop(queue);
    let mut minutes = field.minutes(friction, None);
    for (minutes, limit) in minutes.values_mut().iter_mut().zip(limits.values()) {
        // What nobody improved is still the limit; what is no number is a barrier.
        let improved = *minutes < *limit;
        if !improved && !minutes.is_nan() {
            *minutes = f32::INFINITY;
        }
    }
    Ok(TravelTime { minutes, stranded })
}

/// A cell of the padded grid. Both numbers lie beside each other: whoever needs one needs the other.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Minutes from the middle of the cell to its edge.
    half_minutes: f32,
    /// Least minutes found so far; below everything on a barrier, so that nothing ever improves it.
    minutes: f32,
}

impl Node {
    const BARRIER: Self = Self { half_minutes: f32::INFINITY, minutes: f32::NEG_INFINITY };
}

/// All cells with a margin of barriers.
struct Field {
    nodes: Vec<Node>,
    /// Columns of the padded grid.
    stride: u32,
}

impl Field {
    fn new(friction: &Surface<f32>) -> Result<Self, TravelTimeError> {
        const HALF: f64 = 0.5;
        let grid = friction.grid();
        let half_m = narrow(grid.cell_m() * HALF);
        let stride = grid.columns() + 2 * MARGIN;
        let mut nodes = Vec::with_capacity(place(stride) * place(grid.rows() + 2 * MARGIN));
        nodes.resize(place(stride), Node::BARRIER);
        for (row, values) in (0..).zip(friction.rows()) {
            nodes.push(Node::BARRIER);
            for (column, &value) in (0..).zip(values) {
                if value <= 0.0 {
                    return Err(TravelTimeError::Friction { cell: Cell { row, column }, friction: value });
                }
                let half_minutes = value * half_m;
                // Underflow to no cost at all would break the order of buckets.
                let passable = half_minutes.is_finite();
                let node = Node { half_minutes: half_minutes.max(f32::MIN_POSITIVE), minutes: f32::INFINITY };
                nodes.push(if passable { node } else { Node::BARRIER });
            }
            nodes.push(Node::BARRIER);
        }
        nodes.resize(nodes.len() + place(stride), Node::BARRIER);
        Ok(Self { nodes, stride })
    }

    /// Takes limits for what was found so far, so that nothing but what is below them improves a cell.
    fn limit(&mut self, limits: &Surface<f32>) {
        let inner = self.nodes.chunks_exact_mut(place(self.stride)).skip(place(MARGIN));
        for (nodes, limits) in inner.zip(limits.rows()) {
            for (node, limit) in nodes.iter_mut().skip(place(MARGIN)).zip(limits) {
                if node.half_minutes.is_finite() {
                    node.minutes = if limit.is_nan() { f32::NEG_INFINITY } else { *limit };
                }
            }
        }
    }

    /// How wide a bucket is: the shortest edge, so that what lies in one bucket can't improve each other. Where a few cells
    /// are far quicker than usual, a share of the usual edge, or there would be too many empty buckets; cells in one
    /// bucket may then improve each other, and are taken again.
    fn bucket_minutes(&self) -> f32 {
        /// The least width as a share of the usual edge.
        const LEAST_SHARE: f32 = 1.0 / 256.0;
        let passable = || self.nodes.iter().map(|node| node.half_minutes).filter(|half| half.is_finite());
        let shortest = passable().fold(f32::INFINITY, f32::min);
        // The mean of bit patterns is close to the mean of logarithms, which a few extreme cells don't move.
        let (sum, count) =
            passable().fold((0_u64, 0_u64), |(sum, count), half| (sum + u64::from(half.to_bits()), count + 1));
        let usual = sum.checked_div(count).and_then(|bits| u32::try_from(bits).ok()).map_or(1.0, f32::from_bits);
        let width = 2.0 * shortest.max(usual * LEAST_SHARE);
        if width.is_finite() { width } else { 1.0 }
    }

    /// Puts the destinations in the queue; gives those on barriers.
    fn start(
        &mut self,
        friction: &Surface<f32>,
        destinations: &[Cell],
        queue: &mut Queue,
    ) -> Result<Vec<Cell>, TravelTimeError> {
        let mut stranded = Vec::new();
        for &cell in destinations {
            friction.grid().index(cell).ok_or(TravelTimeError::Destination { cell })?;
            let at = (cell.row + MARGIN) * self.stride + cell.column + MARGIN;
            match self.nodes.get_mut(place(at)) {
                Some(node) if node.half_minutes.is_finite() => {
                    // Not below a limit of 0.
                    if node.minutes > 0.0 {
                        node.minutes = 0.0;
                        queue.push(Waiting { at, minutes: 0.0 });
                    }
                }
                _ => stranded.push(cell),
            }
        }
        stranded.sort_unstable();
        stranded.dedup();
        Ok(stranded)
    }

    /// Takes bucket after bucket until nothing waits below the cap.
    fn spread(&mut self, queue: &mut Queue, cap_minutes: f32) {
        const STRAIGHT: f32 = 1.0;
        const DIAGONAL: f32 = std::f32::consts::SQRT_2;
        while let Some((mut batch, lowest_minutes)) = queue.lowest_bucket() {
            if lowest_minutes > cap_minutes {
                break;
            }
            for waiting in batch.drain(..) {
                let Some(&Node { half_minutes, minutes }) = self.nodes.get(place(waiting.at)) else { continue };
                if minutes < waiting.minutes {
                    continue;
                }
                let steps = [
                    (waiting.at - self.stride, [DIAGONAL, STRAIGHT, DIAGONAL]),
                    // The cell itself in the middle can't improve itself.
                    (waiting.at, [STRAIGHT, STRAIGHT, STRAIGHT]),
                    (waiting.at + self.stride, [DIAGONAL, STRAIGHT, DIAGONAL]),
                ];
                for (middle, lengths) in steps {
                    let first = middle - 1;
                    let Some(nodes) = self.nodes.get_mut(place(first)..place(first) + NEIGHBOURS) else { continue };
                    for ((at, node), length) in (first..).zip(nodes).zip(lengths) {
                        let candidate = minutes + length * (half_minutes + node.half_minutes);
                        if candidate < node.minutes {
                            node.minutes = candidate;
                            queue.push(Waiting { at, minutes: candidate });
                        }
                    }
                }
            }
            queue.give_back(batch);
        }
    }

    fn minutes(self, friction: &Surface<f32>, cap_minutes: Option<f32>) -> Surface<f32> {
        let mut minutes = Surface::filled(*friction.grid(), f32::NAN);
        let inner = self.nodes.chunks_exact(place(self.stride)).skip(place(MARGIN));
        let rows = minutes.values_mut().chunks_exact_mut(place(friction.grid().columns()));
        for (row, nodes) in rows.zip(inner) {
            for (value, node) in row.iter_mut().zip(nodes.iter().skip(place(MARGIN))) {
                if node.half_minutes.is_finite() {
                    *value = cap_minutes.map_or(node.minutes, |cap| node.minutes.min(cap));
                }
            }
        }
        minutes
    }
}

#[cfg(test)]
mod tests;
