//! Tables as delimited text.

use super::{
    ResultError,
    table::{Labels, SYNTHETIC, Table, Values},
};

/// A table as comma-separated text in UTF-8 with a header line; a missing value is empty, numbers have the fewest digits that
/// give them back. Text has no place for labels: invented data have a last column `SYNTHETIC` that says so in each row.
pub fn csv(table: &Table, labels: &Labels) -> Result<Vec<u8>, ResultError> {
    let rows = table.rows()?;
    let mark = labels.synthetic.then_some(SYNTHETIC);
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.name.as_str()).chain(mark))?;
    for row in 0..rows {
        let cells = table.columns.iter().map(|column| cell(&column.values, row));
        writer.write_record(cells.chain(mark.map(|_| "yes".to_owned())))?;
    }
    writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()).into())
}

fn cell(values: &Values, row: usize) -> String {
    let text = match values {
        Values::Text(values) => values.get(row).cloned().flatten(),
        Values::Whole(values) => values.get(row).copied().flatten().map(|number| number.to_string()),
        Values::Number(values) => {
            values.get(row).copied().flatten().filter(|number| number.is_finite()).map(|number| number.to_string())
        }
    };
    text.unwrap_or_default()
}
