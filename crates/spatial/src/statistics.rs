//! A sheet as a statistical office publishes it to a value for each zone: title rows above the header, years as headers,
//! merged cells, totals and footnotes between and below.
//!
//! Nothing of the layout has to be declared but what is wanted: the column of names is the one in which names are found, the
//! header is what stands above. Where two columns or two rows would do, that is an error that names both.

mod declared;
mod header;

use std::collections::BTreeMap;

use kend_domain::AreaCode;

use crate::{
    figure::{Figure, FigureError, FigureRules, read_figure},
    names::NameTable,
    table::{SheetTable, Value, cell_name},
};
pub use declared::StatisticsError;
pub(crate) use declared::read_declaration;
use header::{Header, captions};

/// What is wanted of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// Caption of the column; without one the column is that of the year.
    pub column: Option<&'a str>,
    /// The year. A column under another year is never taken.
    pub year: u16,
    /// Only rows with these texts in the columns of these captions: for tables with a row for each year or indicator.
    pub rows: &'a BTreeMap<String, String>,
    /// How figures are written.
    pub figures: FigureRules<'a>,
    /// Every figure is multiplied by it: from millions to kWh.
    pub factor: f64,
}

/// A name with the row it stands in, counted from 1 as people count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The name as written.
    pub name: String,
    /// Its row.
    pub row: u32,
}

/// A value for each zone that the sheet has.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// By zone, in the unit declared; `None` where the sheet says that there is no value.
    pub values: BTreeMap<AreaCode, Option<f64>>,
    /// Rows with a figure whose name is no zone's: totals, regions, misspelt names.
    pub unmatched: Vec<Placed>,
    /// The cell of the header by which the column was found, e.g. `D4`.
    pub header: String,
    /// Whether the sheet is text that ends within a line: one that broke off reads as one whose last figure is shorter.
    pub open_end: bool,
}

/// What is said of a table with an open end.
pub(crate) const OPEN_END: &str =
    "ends within a line, so it may have broken off and its last figure be shorter than it was";

/// A sheet that does not hold what is wanted of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SeriesError {
    /// No name in it is a zone's.
    #[error("no cell holds the name of a zone{}", .hint.map(|found| format!("; if `{}` stands between cells, say delimiter = \"{}\"", found.escape_default(), found.escape_default())).unwrap_or_default())]
    NoNames {
        /// What may stand between cells.
        hint: Option<char>,
    },
    /// Columns of names do not agree.
    #[error("row {row}: the names in two columns are those of different zones, {first} and {second}")]
    NameColumns {
        /// The row.
        row: u32,
        /// One zone.
        first: AreaCode,
        /// The other.
        second: AreaCode,
    },
    /// A column is not there.
    #[error("no column is headed `{wanted}`; headers: {}", there.join(" | "))]
    NoColumn {
        /// The caption or year.
        wanted: String,
        /// The captions there are.
        there: Vec<String>,
    },
    /// Several columns would do.
    #[error("columns {} are all headed `{wanted}`", cells.join(", "))]
    Columns {
        /// The caption or year.
        wanted: String,
        /// Their header cells.
        cells: Vec<String>,
    },
    /// No row is left.
    #[error("no row of a zone has {}", .rows.iter().map(|(column, text)| format!("`{text}` in column `{column}`")).collect::<Vec<_>>().join(" and "))]
    NoRows {
        /// What was asked of rows.
        rows: BTreeMap<String, String>,
    },
    /// A zone stands twice.
    #[error("rows {} (`{}`) and {} (`{}`) are both {code}", .first.row, .first.name, .second.row, .second.name)]
    Twice {
        /// The zone.
        code: AreaCode,
        /// One row.
        first: Placed,
        /// The other.
        second: Placed,
    },
    /// A cell holds no figure.
    #[error("cell {cell} ({name})")]
    Figure {
        /// The cell.
        cell: String,
        /// Whose it is.
        name: String,
        /// What is wrong.
        #[source]
        source: FigureError,
    },
    /// A figure times the factor is out of all bounds.
    #[error("cell {cell} ({name}): the figure times factor is no number")]
    Overflow {
        /// The cell.
        cell: String,
        /// Whose it is.
        name: String,
    },
}

/// Reads what is wanted of a sheet.
///
/// A figure is read by [`read_figure`] and multiplied by the factor; nothing else is done to it. A zone that the sheet does
/// not have is not in the result, one without a value is there as `None`.
pub fn read_series(table: &SheetTable, names: &NameTable, selection: Selection<'_>) -> Result<Series, SeriesError> {
    let (name_column, first_row) = name_column(table, names)?;
    let header = Header::new(table, name_column, first_row);
    let (column, header_row) = header.value_column(selection.column, selection.year)?;
    let filters = selection
        .rows
        .iter()
        .map(|(caption, text)| Ok((header.column(caption)?, captions(text))))
        .collect::<Result<Vec<(u32, String)>, SeriesError>>()?;

    let mut series = Series {
        values: BTreeMap::new(),
        unmatched: Vec::new(),
        header: cell_name(header_row, column),
        open_end: table.open_end,
    };
    let mut seen: BTreeMap<AreaCode, Placed> = BTreeMap::new();
    let rows = table.cells.range((header_row + 1, 0)..).filter(|((_, column), _)| *column == name_column);
    for ((row, _), name) in rows {
        let passes = |(column, text): &(u32, String)| {
            table.get(*row, *column).is_some_and(|cell| captions(&cell.words()) == *text)
        };
        if !filters.iter().all(passes) {
            continue;
        }
        let words = name.words();
        let placed = Placed { name: words.split_whitespace().collect::<Vec<_>>().join(" "), row: row + 1 };
        let cell = table.get(*row, column);
        let figure = read_figure(cell, selection.figures);
        let Some(zone) = names.find(&words) else {
            if cell.is_some() && figure.is_ok() {
                series.unmatched.push(placed);
            }
            continue;
        };
        if let Some(first) = seen.insert(zone.code.clone(), placed.clone()) {
            return Err(SeriesError::Twice { code: zone.code.clone(), first, second: placed });
        }
        let place = cell_name(*row, column);
        let value = match figure {
            Err(source) => return Err(SeriesError::Figure { cell: place, name: placed.name, source }),
            Ok(Figure::Missing) => None,
            Ok(Figure::Number(number)) if (number * selection.factor).is_finite() => Some(number * selection.factor),
            Ok(Figure::Number(_)) => return Err(SeriesError::Overflow { cell: place, name: placed.name }),
        };
        series.values.insert(zone.code.clone(), value);
    }
    if series.values.is_empty() {
        return Err(SeriesError::NoRows { rows: selection.rows.clone() });
    }
    Ok(series)
}

/// The column in which most names are found, and the first row with one.
fn name_column(table: &SheetTable, names: &NameTable) -> Result<(u32, u32), SeriesError> {
    // By column: rows and codes of the names found.
    let mut found: BTreeMap<u32, BTreeMap<u32, &AreaCode>> = BTreeMap::new();
    for ((row, column), value) in &table.cells {
        if let Value::Text(text) = value
            && let Some(zone) = names.find(text)
        {
            found.entry(*column).or_default().insert(*row, &zone.code);
        }
    }
    let most = found.values().map(BTreeMap::len).max().unwrap_or_default();
    let mut best = found.into_iter().filter(|(_, rows)| rows.len() == most);
    let Some((column, rows)) = best.next() else {
        let one_column = table.cells.keys().all(|(_, column)| *column == 0);
        let has = |mark: &char| table.cells.values().any(|cell| cell.words().contains(*mark));
        return Err(SeriesError::NoNames { hint: [';', '\t', '|'].into_iter().find(has).filter(|_| one_column) });
    };
    // Names in several languages, or names and codes, may stand side by side.
    for (_, other) in best {
        let differs = |(row, code): &(&u32, &&AreaCode)| rows.get(row).is_some_and(|own| *own != **code);
        if let Some((row, second)) = other.iter().find(differs) {
            let first = rows.get(row).map_or_else(|| (*second).clone(), |code| (*code).clone());
            return Err(SeriesError::NameColumns { row: row + 1, first, second: (*second).clone() });
        }
    }
    Ok((column, rows.keys().next().copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests;
