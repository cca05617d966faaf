//! What stands above the first zone: captions, years, and titles that are neither.

use std::collections::BTreeSet;

use super::SeriesError;
use crate::{
    figure::{Decimal, Figure, FigureRules, read_figure},
    project::YEARS,
    table::{SheetTable, Value, cell_name},
};

/// Words beside a year: Azerbaijani endings and the word for year in three languages.
const YEAR_WORDS: [&str; 10] = ["ci", "cı", "cu", "cü", "il", "ili", "г", "год", "year", "й"];
/// Rows with content that are looked at for headers, from the top: a long table may have thousands above the first zone.
const MAX_HEADER_ROWS: usize = 100;
/// Captions that a message names.
const MAX_NAMED: usize = 30;

/// A caption as it is compared: small letters, single spaces, no footnote mark.
pub(super) fn captions(text: &str) -> String {
    let marks = |letter: char| letter.is_whitespace() || "*\u{b9}\u{b2}\u{b3}\u{207d}\u{207e}".contains(letter);
    let words: Vec<&str> = text.trim_end_matches(marks).split_whitespace().collect();
    let is_mark = |word: &str| word.strip_suffix(')').is_some_and(|mark| mark.parse::<u8>().is_ok());
    match words.split_last() {
        Some((last, before)) if is_mark(last) && !before.is_empty() => before.join(" "),
        _ => words.join(" "),
    }
    .to_lowercase()
}

/// The year that a cell is, if it is nothing but a year.
fn year_of(value: &Value) -> Option<u16> {
    let text = captions(&value.words());
    let mut words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let year = words.next()?.parse().ok().filter(|year| YEARS.contains(year))?;
    words.all(|word| YEAR_WORDS.contains(&word)).then_some(year)
}

/// Whether a cell holds a figure that is more than a sign for none.
fn is_number(value: &Value) -> bool {
    let reads = |decimal| {
        let rules = FigureRules { decimal, ..FigureRules::default() };
        matches!(read_figure(Some(value), rules), Ok(Figure::Number(_)))
    };
    let has_digit = value.words().contains(|letter: char| letter.is_ascii_digit());
    has_digit && (reads(Decimal::Point) || reads(Decimal::Comma))
}

pub(super) struct Header<'a> {
    table: &'a SheetTable,
    /// Rows above the first zone.
    rows: Vec<u32>,
    /// Those of them that hold years.
    year_rows: Vec<u32>,
    /// Columns but that of names.
    columns: Vec<u32>,
}

impl<'a> Header<'a> {
    pub(super) fn new(table: &'a SheetTable, name_column: u32, first_row: u32) -> Self {
        let rows: BTreeSet<u32> = table.cells.range(..(first_row, 0)).map(|((row, _), _)| *row).collect();
        let rows: Vec<u32> = rows.into_iter().take(MAX_HEADER_ROWS).collect();
        let below = table.cells.range((first_row, 0)..).map(|((_, column), _)| *column);
        let columns: BTreeSet<u32> = below.filter(|column| *column != name_column).collect();
        let is_year_row = |row: &u32| {
            let cells = || columns.iter().filter_map(|column| table.shown(*row, *column));
            // A row of totals may hold a figure that looks like a year; hardly all of its figures do.
            cells().any(|cell| year_of(cell).is_some())
                && !cells().any(|cell| year_of(cell).is_none() && is_number(cell))
        };
        let year_rows = rows.iter().copied().filter(is_year_row).collect();
        Self { table, rows, year_rows, columns: columns.into_iter().collect() }
    }

    /// The column of the caption, or that of the year, under no other year; with the row of its header.
    pub(super) fn value_column(&self, caption: Option<&str>, year: u16) -> Result<(u32, u32), SeriesError> {
        let (wanted, mut cells) = match caption {
            Some(caption) => (caption.to_owned(), self.captioned(caption)),
            None => (year.to_string(), self.cells(&self.year_rows, |cell| year_of(cell) == Some(year))),
        };
        cells.retain(|(column, _)| {
            let mut years = self.year_rows.iter().filter_map(|row| year_of(self.table.shown(*row, *column)?));
            years.all(|found| found == year)
        });
        self.only(&wanted, &cells)
    }

    /// The column of a caption.
    pub(super) fn column(&self, caption: &str) -> Result<u32, SeriesError> {
        Ok(self.only(caption, &self.captioned(caption))?.0)
    }

    fn captioned(&self, caption: &str) -> Vec<(u32, u32)> {
        let wanted = captions(caption);
        self.cells(&self.rows, |cell| captions(&cell.words()) == wanted)
    }

    /// Columns with their lowest header cell that is as asked.
    fn cells(&self, rows: &[u32], is_wanted: impl Fn(&Value) -> bool) -> Vec<(u32, u32)> {
        let wanted = |row: u32, column: u32| self.table.shown(row, column).is_some_and(&is_wanted);
        let lowest = |column: &u32| {
            let row = rows.iter().rev().find(|row| wanted(**row, *column))?;
            Some((*column, *row))
        };
        self.columns.iter().filter_map(lowest).collect()
    }

    fn only(&self, wanted: &str, cells: &[(u32, u32)]) -> Result<(u32, u32), SeriesError> {
        match cells {
            [only] => Ok(*only),
            [] => {
                let there = self.rows.iter().flat_map(|row| {
                    self.columns.iter().filter_map(|column| self.table.get(*row, *column)).map(Value::words)
                });
                Err(SeriesError::NoColumn { wanted: wanted.to_owned(), there: there.take(MAX_NAMED).collect() })
            }
            several => {
                let cells = several.iter().map(|(column, row)| cell_name(*row, *column)).collect();
                Err(SeriesError::Columns { wanted: wanted.to_owned(), cells })
            }
        }
    }
}
