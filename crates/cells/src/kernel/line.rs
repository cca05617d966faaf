//! Density of lines: roads, cables, canals.

use geo::LineString;

use super::{KernelError, METRES_PER_KILOMETRE, WeightedPoint, kernel_density};
use crate::grid::Grid;
use crate::surface::Surface;

/// How long the pieces are that lines are cut into, metres (method 2.2).
pub const LINE_PIECE_M: f64 = 100.0;

/// Kernel density of lines at the middle of each cell, kilometres per square kilometre: lines are cut into pieces of
/// [`LINE_PIECE_M`] along their length (the last one is shorter), and the middle of each piece counts with its length in
/// kilometres in [`kernel_density`].
///
/// Source: method 2.2 `line_kde`. Lines without length count nothing. A coordinate that isn't finite is an error.
///
/// ```
/// use kend_cells::{Grid, line_density};
/// let grid = Grid::new(0.0, 100.0, 100.0, 1, 1)?;
/// let road = geo::LineString::from(vec![(0.0, 50.0), (100.0, 50.0)]);
/// let density = line_density(&grid, &[road], 300.0)?;
/// assert!((density.values()[0] - 1.061033).abs() < 1e-5, "a tenth of K(0) of 300 m");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn line_density(grid: &Grid, lines: &[LineString], bandwidth_m: f64) -> Result<Surface<f32>, KernelError> {
    let mut pieces = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if let Some(wrong) = line.coords().find(|coordinate| !(coordinate.x.is_finite() && coordinate.y.is_finite())) {
            return Err(KernelError::Line { index, x_m: wrong.x, y_m: wrong.y });
        }
        cut(line, &mut pieces);
    }
    kernel_density(grid, &pieces, bandwidth_m)
}

/// The middles of a line's pieces, weighted with their kilometres.
fn cut(line: &LineString, pieces: &mut Vec<WeightedPoint>) {
    const HALF: f64 = 0.5;
    let length = |segment: &geo::Line| libm::hypot(segment.dx(), segment.dy());
    let whole_m: f64 = line.lines().map(|segment| length(&segment)).sum();
    // How far along the line the segment, and the piece whose middle is looked for, begin.
    let (mut segment_m, mut piece_m) = (0.0, 0.0);
    for segment in line.lines() {
        let length_m = length(&segment);
        while piece_m < whole_m {
            let piece_length_m = LINE_PIECE_M.min(whole_m - piece_m);
            let share = (piece_m + HALF * piece_length_m - segment_m) / length_m;
            if share.is_nan() || share > 1.0 {
                break;
            }
            pieces.push(WeightedPoint {
                x_m: segment.start.x + share * segment.dx(),
                y_m: segment.start.y + share * segment.dy(),
                weight: piece_length_m / METRES_PER_KILOMETRE,
            });
            piece_m += LINE_PIECE_M;
        }
        segment_m += length_m;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(line: Vec<(f64, f64)>) -> Vec<(f64, f64, f64)> {
        let mut pieces = Vec::new();
        cut(&LineString::from(line), &mut pieces);
        pieces.iter().map(|piece| (piece.x_m, piece.y_m, piece.weight)).collect()
    }

    #[test]
    fn a_line_is_cut_along_its_length_round_its_corners() {
        let line = vec![(0.0, 0.0), (120.0, 0.0), (120.0, 0.0), (120.0, 130.0)];
        // 250 m: middles at 50, 150 and 225 m.
        assert_eq!(pieces(line), [(50.0, 0.0, 0.1), (120.0, 30.0, 0.1), (120.0, 105.0, 0.05)]);
        assert_eq!(pieces(vec![(1.0, 1.0), (1.0, 1.0)]), []);
        assert_eq!(pieces(vec![]), []);
    }

    #[test]
    fn no_metre_of_a_line_is_lost_however_short_its_segments() {
        let line: Vec<(f64, f64)> = (0..1000).map(|step| (f64::from(step) * 0.7, f64::from(step % 7))).collect();
        let whole_m: f64 = LineString::from(line.clone()).lines().map(|part| part.dx().hypot(part.dy())).sum();
        let km: f64 = pieces(line).iter().map(|(_, _, weight)| weight).sum();
        assert!((km * METRES_PER_KILOMETRE - whole_m).abs() < 1e-6);
    }
}
