//! Why a result cannot be written.

/// A result that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// GDAL cannot make the file.
    #[error("can't be made: {said}")]
    Gdal {
        /// What it said.
        said: String,
    },
    /// Columns of a table are not of one length.
    #[error("table {table}: column {column} has {found} values, the first has {expected}")]
    Length {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// How many it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// Two columns have the same name.
    #[error("table {table}: two columns are named {column}")]
    Twice {
        /// The table.
        table: String,
        /// The name.
        column: String,
    },
    /// A name is empty.
    #[error("a table or a column of {table} has no name")]
    NoName {
        /// The table.
        table: String,
    },
    /// Values are not one for each cell.
    #[error("the raster has {expected} cells, and {found} values or more")]
    Cells {
        /// How many values there are, as far as they were counted.
        found: usize,
        /// How many cells.
        expected: usize,
    },
    /// A raster of more columns or rows than files have.
    #[error("the raster is too large for a file")]
    TooLarge,
    /// Delimited text cannot be made.
    #[error("can't be made as delimited text")]
    Csv(#[from] ::csv::Error),
    /// A Parquet file cannot be made.
    #[error("can't be made as Parquet")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}
