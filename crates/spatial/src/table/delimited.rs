//! Delimited text to cells. Rows are counted by lines, as an editor shows them.

use kend_readiness::composite::decoded;

use super::{SheetFileError, SheetSource, SheetTable, Value};

pub(super) fn read(bytes: &[u8], source: SheetSource<'_>) -> Result<SheetTable, SheetFileError> {
    // One kind of line end, so that lines are counted alike for all.
    let text = decoded(bytes, source.encoding).map_err(SheetFileError::Text)?.replace("\r\n", "\n").replace('\r', "\n");
    let delimiter = source.delimiter.and_then(|letter| u8::try_from(letter).ok()).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut table = SheetTable { open_end: !text.ends_with('\n'), ..SheetTable::default() };
    let (mut line, mut counted) = (0_u32, 0_usize);
    for record in reader.records() {
        let record = record.map_err(SheetFileError::Delimited)?;
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        // The reader leaves out empty lines and its position stands before them.
        let start = start + text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches('\n').len());
        let passed = text.get(counted..start).unwrap_or_default().matches('\n').count();
        line = line.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        counted = start;
        for (column, cell) in (0_u32..).zip(record.iter()) {
            if !cell.trim().is_empty() {
                table.insert(line, column, Value::Text(cell.to_owned()))?;
            }
        }
    }
    Ok(table)
}
