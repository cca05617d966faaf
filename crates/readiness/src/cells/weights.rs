//! What an index is made of: which indicators belong to which dimension, with which weight, and where classes begin.

#![expect(
    clippy::inline_always,
    reason = "`pulp` compiles what is inlined once for each width of instructions, and nothing else"
)]

use kend_domain::Dimension;

use super::{
    NO_CLASS,
    error::CellError,
    kernel::{BLOCK, SHARE_TOLERANCE, accumulate, means, part, part_mut, present},
    number::narrow,
};
use crate::{class::Thresholds, method::Method};

/// Dimensions of the index.
pub(super) const DIMENSIONS: usize = Dimension::ALL.len();

/// The indicators of one dimension.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DimensionRows {
    /// Weight among the dimensions; all sum to 1.
    pub(super) weight: f32,
    /// Place of each indicator and its weight in the dimension; these sum to 1.
    pub(super) rows: Vec<(usize, f32)>,
}

/// Where an indicator stands and what it weighs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Among the indicators.
    pub(super) place: usize,
    /// Place of its dimension.
    pub(super) dimension: usize,
    /// Weight in its dimension.
    pub(super) weight: f32,
}

/// How scores of cells become dimensions, index and class.
#[derive(Debug, Clone, PartialEq)]
pub struct CellIndex {
    pub(super) dimensions: [DimensionRows; DIMENSIONS],
    pub(super) rows: usize,
    pub(super) maximum: f32,
    pub(super) min_share: f32,
    min_dimensions: usize,
    thresholds: [f32; 4],
}

impl CellIndex {
    /// An index from the dimension and weight of each indicator (any unit, above 0; relative within a dimension), the
    /// frozen thresholds of the index, and the limits and dimension weights of a method.
    ///
    /// Source: method 2.4 (limits), 3 (weights), 4 (classes). A weight that is no number above 0 is an error.
    ///
    /// ```
    /// use kend_domain::Dimension;
    /// use kend_readiness::{Method, Thresholds, WeightScheme, cells::CellIndex, indicators};
    /// let weights: Vec<_> = indicators().iter().map(|row| (row.dimension, row.weights.criterion)).collect();
    /// let thresholds = Thresholds::new([26.0, 34.0, 44.5, 54.0])?;
    /// assert!(CellIndex::new(&weights, &thresholds, Method::standard()).is_ok());
    /// assert!(CellIndex::new(&[(Dimension::Governance, 0.0)], &thresholds, Method::standard()).is_err());
    /// # Ok::<(), kend_readiness::BadThresholds>(())
    /// ```
    pub fn new(weights: &[(Dimension, f64)], thresholds: &Thresholds, method: &Method) -> Result<Self, CellError> {
        for (place, (_, weight)) in weights.iter().enumerate() {
            if !(*weight > 0.0 && weight.is_finite()) {
                return Err(CellError::Weight { place, weight: *weight });
            }
        }
        let all: f64 = Dimension::ALL.iter().map(|dimension| method.dimension_weight(*dimension)).sum();
        let mut dimensions = std::array::from_fn(|_| DimensionRows { weight: 0.0, rows: Vec::new() });
        for (rows, dimension) in dimensions.iter_mut().zip(Dimension::ALL) {
            let own = || weights.iter().enumerate().filter(|(_, (of, _))| of == dimension);
            let total: f64 = own().map(|(_, (_, weight))| weight).sum();
            rows.weight = narrow(method.dimension_weight(*dimension) / all);
            rows.rows = own().map(|(place, (_, weight))| (place, narrow(weight / total))).collect();
        }
        Ok(Self {
            dimensions,
            rows: weights.len(),
            maximum: narrow(method.scale.maximum.value),
            min_share: narrow(method.missing.dimension_min_weight_share.value) - SHARE_TOLERANCE,
            min_dimensions: method.missing.index_min_dimensions.value.try_into().unwrap_or(DIMENSIONS),
            thresholds: thresholds.values().map(narrow),
        })
    }

    /// A row of Annex I; `None` for one that is no indicator of this index.
    pub(super) fn row(&self, row: u8) -> Option<Row> {
        let place = usize::from(row).checked_sub(1)?;
        self.dimensions.iter().enumerate().find_map(|(dimension, rows)| {
            let (_, weight) = rows.rows.iter().find(|(of, _)| *of == place)?;
            Some(Row { place, dimension, weight: *weight })
        })
    }

    /// The class of an index: the number of thresholds at or below it; [`NO_CLASS`] for NaN.
    #[inline(always)]
    pub(super) fn class(&self, index: f32) -> u8 {
        let [first, second, third, fourth] = self.thresholds.map(|threshold| u8::from(threshold <= index));
        if index.is_nan() { NO_CLASS } else { first + second + third + fourth }
    }

    /// The threshold at which the class of a place begins; `None` for the lowest and beyond the highest.
    pub(super) fn begin_of(&self, class: usize) -> Option<f32> {
        class.checked_sub(1).and_then(|below| self.thresholds.get(below)).copied()
    }

    /// The index of one cell from its dimensions: `sum(w_d D_d) / sum(w_d)`, NaN with fewer than there must be.
    pub(super) fn index_of(&self, values: &[f32; DIMENSIONS]) -> f32 {
        let present = || self.dimensions.iter().zip(values).filter(|(_, value)| !value.is_nan());
        if present().count() < self.min_dimensions {
            return f32::NAN;
        }
        let weights: f32 = present().map(|(rows, _)| rows.weight).sum();
        let sum: f32 = present().map(|(rows, value)| rows.weight * value).sum();
        (sum / weights).min(self.maximum)
    }

    /// What one point of a dimension is in the index of a cell: its weight over the sum of those of the dimensions that have a
    /// value there; 0 where it has none itself.
    pub(super) fn share_of(&self, dimension: usize, values: &[f32; DIMENSIONS]) -> f32 {
        let present = || self.dimensions.iter().zip(values).filter(|(_, value)| !value.is_nan());
        let own = self.dimensions.get(dimension).zip(values.get(dimension)).filter(|(_, value)| !value.is_nan());
        own.map_or(0.0, |(own, _)| own.weight / present().map(|(rows, _)| rows.weight).sum::<f32>())
    }

    /// Index and class of a block of cells from its dimensions.
    #[inline(always)]
    pub(super) fn finish(
        &self,
        dimensions: &[Vec<f32>; DIMENSIONS],
        start: usize,
        index: &mut [f32],
        class: &mut [u8],
    ) {
        let (mut sums, mut weights) = ([0.0; BLOCK], [0.0; BLOCK]);
        let index = part_mut(index, start, BLOCK);
        let dimensions = || self.dimensions.iter().zip(dimensions).map(|(rows, all)| (rows, part(all, start, BLOCK)));
        if self.min_dimensions < DIMENSIONS {
            for (rows, values) in dimensions() {
                accumulate(&mut sums, &mut weights, values, rows.weight, present);
            }
            means(&sums, &weights, 0.0, self.maximum, index);
            for (place, index) in index.iter_mut().enumerate() {
                let there = dimensions().filter(|(_, values)| values.get(place).is_some_and(|value| !value.is_nan()));
                if there.count() < self.min_dimensions {
                    *index = f32::NAN;
                }
            }
        } else {
            // One dimension that is NaN makes the sum NaN.
            for (rows, values) in dimensions() {
                accumulate(&mut sums, &mut weights, values, rows.weight, |value| (value, true));
            }
            means(&sums, &weights, 0.0, self.maximum, index);
        }
        for (index, class) in index.iter().zip(part_mut(class, start, BLOCK)) {
            *class = self.class(*index);
        }
    }
}
