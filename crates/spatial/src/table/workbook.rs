//! Workbooks to cells, by `calamine`. A compressed one is unfolded once into nothing first, so that its true size is known
//! before anything is kept.

use std::{
    io::{Cursor, Read as _},
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{Data, Dimensions, Reader as _, Xls, Xlsx};

use super::{MAX_INFLATED_BYTES, MAX_MERGED, Merged, SheetFileError, SheetTable, Value};

/// First bytes of a zip archive: `.xlsx`.
const ZIP: &[u8] = b"PK";
/// First bytes of a compound file: `.xls` ([MS-CFB] 2.2).
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Xlsx,
    Xls,
}

/// What kind of workbook the bytes are, if they are one. The name of the file doesn't count: offices rename.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(ZIP) {
        Some(Kind::Xlsx)
    } else if bytes.starts_with(COMPOUND) {
        Some(Kind::Xls)
    } else {
        None
    }
}

pub(super) fn read(bytes: &[u8], kind: Kind, sheet: Option<&str>) -> Result<SheetTable, SheetFileError> {
    // The reader of workbooks is not ours; what it does not expect of a damaged file must not end the run.
    catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Xlsx => xlsx(bytes, sheet),
        Kind::Xls => xls(bytes, sheet),
    }))
    .unwrap_or_else(|_| Err(SheetFileError::Damaged("its parts do not fit together".to_owned())))
}

fn damaged(error: impl std::error::Error) -> SheetFileError {
    SheetFileError::Damaged(error.to_string())
}

fn xlsx(bytes: &[u8], sheet: Option<&str>) -> Result<SheetTable, SheetFileError> {
    refuse_bomb(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = workbook.sheet_names();
    let mut tables = Vec::new();
    for name in wanted(&names, sheet)? {
        let mut table = SheetTable { name: name.clone(), ..SheetTable::default() };
        let mut reader = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        while let Some(cell) = reader.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            if let Some(value) = value(&Data::from(cell.get_value().clone())) {
                table.insert(row, column, value)?;
            }
        }
        drop(reader);
        table.merged = merged(&workbook.merge_cells_by_sheet_name(&name).map_err(damaged)?)?;
        tables.push(table);
    }
    only(tables)
}

fn xls(bytes: &[u8], sheet: Option<&str>) -> Result<SheetTable, SheetFileError> {
    let mut workbook: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = workbook.sheet_names();
    let mut tables = Vec::new();
    for name in wanted(&names, sheet)? {
        let mut table = SheetTable { name: name.clone(), ..SheetTable::default() };
        let range = workbook.worksheet_range(&name).map_err(damaged)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            let place = u32::try_from(row).ok().zip(u32::try_from(column).ok());
            if let Some(((row, column), value)) = place.zip(value(cell)) {
                table.insert(first_row + row, first_column + column, value)?;
            }
        }
        table.merged = merged(&workbook.merge_cells_by_sheet_name(&name).map_err(damaged)?)?;
        tables.push(table);
    }
    only(tables)
}

/// Unfolds every part into nothing, up to the limit: what an archive says of its own sizes need not be true.
fn refuse_bomb(bytes: &[u8]) -> Result<(), SheetFileError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut left = MAX_INFLATED_BYTES;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(damaged)?;
        let unfolded = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(damaged)?;
        left = left.checked_sub(unfolded).ok_or(SheetFileError::Inflated)?;
    }
    Ok(())
}

/// The sheet asked for, or all.
fn wanted(names: &[String], sheet: Option<&str>) -> Result<Vec<String>, SheetFileError> {
    match sheet {
        None => Ok(names.to_vec()),
        Some(sheet) if names.iter().any(|name| name == sheet) => Ok(vec![sheet.to_owned()]),
        Some(sheet) => Err(SheetFileError::NoSheet { sheet: sheet.to_owned(), there: names.to_vec() }),
    }
}

/// The one with content. New workbooks come with empty sheets, which nobody means.
fn only(mut tables: Vec<SheetTable>) -> Result<SheetTable, SheetFileError> {
    tables.retain(|table| !table.cells.is_empty());
    if tables.len() > 1 {
        return Err(SheetFileError::WhichSheet { there: tables.into_iter().map(|table| table.name).collect() });
    }
    tables.pop().ok_or(SheetFileError::Empty)
}

fn merged(regions: &[Dimensions]) -> Result<Vec<Merged>, SheetFileError> {
    if regions.len() > MAX_MERGED {
        return Err(SheetFileError::TooManyMerged);
    }
    Ok(regions.iter().map(|region| Merged { first: region.start, last: region.end }).collect())
}

fn value(cell: &Data) -> Option<Value> {
    match cell {
        Data::Empty => None,
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet keeps whole numbers as floating point itself")]
        Data::Int(number) => Some(Value::Number(*number as f64)),
        Data::Float(number) => Some(Value::Number(*number)),
        Data::String(text) => (!text.trim().is_empty()).then(|| Value::Text(text.clone())),
        Data::Bool(truth) => Some(Value::Other(truth.to_string().to_uppercase())),
        Data::DateTime(_) => Some(Value::Other("a date".to_owned())),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Some(Value::Other(text.clone())),
        Data::Error(error) => Some(Value::Other(error.to_string())),
    }
}
