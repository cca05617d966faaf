//! What is wrong with columns of cells.

/// Columns that cannot be calculated with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CellError {
    /// Columns of different length.
    #[error("{what}: expected {expected} values, found {found}")]
    Length {
        /// Which column.
        what: &'static str,
        /// Values it should hold.
        expected: usize,
        /// Values it holds.
        found: usize,
    },
    /// An indicator whose weight is no number above 0.
    #[error("indicator at place {place}: expected a weight above 0, found {weight}")]
    Weight {
        /// Its place among the indicators, from 0.
        place: usize,
        /// The weight.
        weight: f64,
    },
    /// Goalposts that are no numbers, whose lower is not below the upper, or outlier limits of which that holds.
    #[error("indicator at place {place}: its goalposts {low} and {high} or its outlier limits leave no range")]
    Goalposts {
        /// Its place among the indicators, from 0.
        place: usize,
        /// Lower goalpost.
        low: f64,
        /// Upper goalpost.
        high: f64,
    },
    /// A value that cannot be.
    #[error("{what} of cell {cell} is out of its range")]
    Value {
        /// What it is.
        what: &'static str,
        /// The cell, from 0.
        cell: usize,
    },
    /// The area of a cell is no number above 0.
    #[error("expected an area of a cell above 0")]
    CellArea,
    /// A column of zone values that names a surface of zones which is not there.
    #[error("indicator at place {place}: there is no surface of zones {layer}")]
    NoLayer {
        /// Its place among the indicators, from 0.
        place: usize,
        /// The surface it names.
        layer: usize,
    },
}

/// Refuses a column of another length.
pub(super) const fn same_length(what: &'static str, expected: usize, found: usize) -> Result<(), CellError> {
    if expected == found { Ok(()) } else { Err(CellError::Length { what, expected, found }) }
}
