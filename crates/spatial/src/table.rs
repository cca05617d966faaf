//! A sheet as it lies in a file: cells by row and column, not yet understood. Delimited text and workbooks give the same.
//!
//! Cells are kept one by one, not as a rectangle: a workbook with a cell in its last row and last column would be 17
//! thousand million cells. All sizes have a limit, since files come from outside.

mod delimited;
mod workbook;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use kend_readiness::composite::{Encoding, SheetError};

/// The largest file that is read. Workbooks of all rayons and thirty years have some 100 KB.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// The most that a compressed workbook may unfold to.
pub const MAX_INFLATED_BYTES: u64 = 128 * 1024 * 1024;
/// The most cells with content that a sheet may have.
pub const MAX_CELLS: usize = 2_000_000;

/// The most merged regions that a sheet may have: each header cell is looked up in them.
pub const MAX_MERGED: usize = 5_000;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number of a workbook.
    Number(f64),
    /// Text; all cells of delimited text are.
    Text(String),
    /// What can be neither name nor figure: a date, a truth value, an error such as `#N/A`.
    Other(String),
}

impl Value {
    /// The value as words, for headers and messages: whole numbers without decimals.
    pub fn words(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) | Self::Other(text) => text.clone(),
        }
    }
}

/// The name of a cell in messages, as spreadsheets write it: `B7` for row 6, column 1, counted from 0.
///
/// ```
/// assert_eq!(kend_spatial::cell_name(6, 27), "AB7");
/// ```
pub fn cell_name(row: u32, column: u32) -> String {
    const LETTERS: u32 = 26;
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        let place = (rest - 1) % u64::from(LETTERS);
        letters.push(char::from(b'A'.saturating_add(u8::try_from(place).unwrap_or_default())));
        rest = (rest - 1) / u64::from(LETTERS);
    }
    letters.iter().rev().collect::<String>() + &(u64::from(row) + 1).to_string()
}

/// A region of cells that is shown as one; the content stands in its first cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) first: (u32, u32),
    pub(crate) last: (u32, u32),
}

/// The cells of one sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SheetTable {
    /// Name of the sheet; empty for delimited text.
    pub(crate) name: String,
    /// By row and column, both from 0. Empty cells are left out.
    pub(crate) cells: BTreeMap<(u32, u32), Value>,
    pub(crate) merged: Vec<Merged>,
    /// Whether delimited text ends within a line.
    pub(crate) open_end: bool,
}

impl SheetTable {
    /// Name of the sheet; empty for delimited text.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn get(&self, row: u32, column: u32) -> Option<&Value> {
        self.cells.get(&(row, column))
    }

    /// The cell, or the content of the merged region that covers it.
    pub(crate) fn shown(&self, row: u32, column: u32) -> Option<&Value> {
        self.get(row, column).or_else(|| {
            let covers = |region: &&Merged| {
                (region.first.0..=region.last.0).contains(&row) && (region.first.1..=region.last.1).contains(&column)
            };
            let region = self.merged.iter().find(covers)?;
            self.get(region.first.0, region.first.1)
        })
    }

    fn insert(&mut self, row: u32, column: u32, value: Value) -> Result<(), SheetFileError> {
        if self.cells.len() >= MAX_CELLS {
            return Err(SheetFileError::TooManyCells);
        }
        self.cells.insert((row, column), value);
        Ok(())
    }
}

/// Which sheet of a file, and what its text is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SheetSource<'a> {
    /// Name of the sheet of a workbook; without one it has to be the only sheet with content.
    pub sheet: Option<&'a str>,
    /// The character between cells of delimited text; a comma without.
    pub delimiter: Option<char>,
    /// How letters of delimited text are encoded.
    pub encoding: Encoding,
}

/// A file that gives no sheet.
#[derive(Debug, thiserror::Error)]
pub enum SheetFileError {
    /// It cannot be read.
    #[error("can't be read")]
    Read(#[source] io::Error),
    /// It is a folder, a device or a pipe.
    #[error("is no file")]
    NoFile,
    /// It is too large.
    #[error("is larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// It holds nothing.
    #[error("is empty")]
    Empty,
    /// It would unfold to too much.
    #[error("unfolds to more than {MAX_INFLATED_BYTES} bytes")]
    Inflated,
    /// It has too many cells.
    #[error("has more than {MAX_CELLS} cells in a sheet")]
    TooManyCells,
    /// It has too many merged regions.
    #[error("has more than {MAX_MERGED} merged regions in a sheet")]
    TooManyMerged,
    /// Its text is not as declared.
    #[error(transparent)]
    Text(SheetError),
    /// Its lines cannot be taken apart.
    #[error("can't be read as delimited text")]
    Delimited(#[source] csv::Error),
    /// It is a workbook that is cut or damaged.
    #[error("is a damaged workbook: {0}")]
    Damaged(String),
    /// There is no such sheet.
    #[error("has no sheet `{sheet}`; there are: {}", there.join(", "))]
    NoSheet {
        /// The sheet asked for.
        sheet: String,
        /// The sheets there are.
        there: Vec<String>,
    },
    /// Several sheets have content and none is named.
    #[error("has several sheets, say which by sheet = \"...\": {}", there.join(", "))]
    WhichSheet {
        /// The sheets with content.
        there: Vec<String>,
    },
}

/// Reads one sheet of a file: a workbook (`.xlsx`, `.xls`) by its first bytes, delimited text otherwise.
pub fn read_sheet(file: &Path, source: SheetSource<'_>) -> Result<SheetTable, SheetFileError> {
    read_bytes(&file_bytes(file)?, source)
}

/// All bytes of a file, up to the limit.
pub(crate) fn file_bytes(file: &Path) -> Result<Vec<u8>, SheetFileError> {
    // A folder opens like a file on some systems, and a pipe would wait for ever.
    if !std::fs::metadata(file).map_err(SheetFileError::Read)?.is_file() {
        return Err(SheetFileError::NoFile);
    }
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(SheetFileError::Read)?;
    opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(SheetFileError::Read)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(SheetFileError::TooLarge);
    }
    Ok(bytes)
}

fn read_bytes(bytes: &[u8], source: SheetSource<'_>) -> Result<SheetTable, SheetFileError> {
    let table = match workbook::kind(bytes) {
        _ if bytes.is_empty() => return Err(SheetFileError::Empty),
        Some(kind) => workbook::read(bytes, kind, source.sheet)?,
        None => delimited::read(bytes, source)?,
    };
    if table.cells.is_empty() { Err(SheetFileError::Empty) } else { Ok(table) }
}

#[cfg(test)]
mod tests;
