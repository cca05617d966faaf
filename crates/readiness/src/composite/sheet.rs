//! Delimited text as people keep it: bytes in, cells out, and a plain word where something is not as declared.
//!
//! Nothing is guessed. A separator, a decimal comma or an encoding that differs from the declared one would make other
//! numbers, not only other letters; so the error says what the file looks like and which key says so.

mod decode;

use std::collections::BTreeMap;

use super::config::TableConfig;
pub use decode::decoded;

/// Text that is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// The bytes are not what the encoding allows.
    #[error("line {line}: byte 0x{byte:02X} is not {encoding}{hint}")]
    Encoding {
        /// Line of the byte.
        line: u64,
        /// The byte.
        byte: u8,
        /// The encoding declared.
        encoding: &'static str,
        /// What it may be.
        hint: &'static str,
    },
    /// There is an odd byte, or half of a letter.
    #[error("line {line}: the text is cut within a letter of UTF-16")]
    HalfLetter {
        /// Line of the letter.
        line: u64,
    },
    /// There is no header.
    #[error("the file is empty: expected a header and a line for each unit")]
    Empty,
    /// The header is one cell that holds another separator.
    #[error("line 1: the header is one cell with `{}` in it: if that is the separator, say delimiter = \"{}\" in [table]", .found.escape_default(), .found.escape_default())]
    Delimiter {
        /// The other separator.
        found: char,
    },
    /// A column name stands twice.
    #[error("line 1: column `{column}` is there twice{}", if *.years { YEARS_HINT } else { "" })]
    ColumnTwice {
        /// Its name.
        column: String,
        /// Whether the header is a row of years.
        years: bool,
    },
    /// A column is not there.
    #[error("line 1: there is no column `{column}`{}; the header has: {}", if *.years { YEARS_HINT } else { "" }, header.join(", "))]
    NoColumn {
        /// Its name.
        column: String,
        /// What is there.
        header: Vec<String>,
        /// Whether the header is a row of years.
        years: bool,
    },
    /// A line is longer or shorter than the header.
    #[error("line {line}: {found} cells, the header has {expected}{}", if *.decimal_comma { " (a decimal comma needs quotes, or another delimiter)" } else { "" })]
    Cells {
        /// The line.
        line: u64,
        /// Its cells.
        found: usize,
        /// Cells of the header.
        expected: usize,
        /// Whether decimal commas may be the reason.
        decimal_comma: bool,
    },
    /// The text breaks off inside quotes, or is otherwise unreadable.
    #[error("{reason}")]
    Unreadable {
        /// What the reader says.
        reason: String,
    },
}

const YEARS_HINT: &str =
    " (the header is a row of years: expected one line for each unit and one column for each indicator)";

/// Header cells that are years before a header counts as a row of years.
const YEARS_AT_LEAST: usize = 2;

/// A table of text: a header and lines of as many cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    header: Vec<String>,
    columns: BTreeMap<String, usize>,
    rows: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// Reads a sheet as a configuration declares it. A byte order mark is heeded and left out; empty lines are left out.
    ///
    /// ```
    /// use kend_readiness::composite::{Sheet, TableConfig};
    /// let table: TableConfig = serde_json::from_value(serde_json::json!({"file": "w.csv", "unit": "village"})).unwrap();
    /// let error = Sheet::read(b"village;depth\nA;3\n", &table).unwrap_err();
    /// assert!(error.to_string().contains("say delimiter = \";\""), "{error}");
    /// ```
    pub fn read(bytes: &[u8], table: &TableConfig) -> Result<Self, SheetError> {
        // One kind of line end, so that lines are counted alike for all.
        let text = decoded(bytes, table.encoding)?.replace("\r\n", "\n").replace('\r', "\n");
        let delimiter = u8::try_from(table.delimiter).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut lines = Vec::new();
        let mut place = LinePlace { text: &text, byte: 0, line: 1 };
        for record in reader.records() {
            let record = record.map_err(|error| SheetError::Unreadable { reason: error.to_string() })?;
            let line = place.line_from(record.position().map_or(0, csv::Position::byte));
            lines.push((line, record.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<String>>()));
        }
        let mut lines = lines.into_iter();
        let (_, header) = lines.next().ok_or(SheetError::Empty)?;
        if let [only] = header.as_slice()
            && let Some(found) = [';', '\t', '|', ','].into_iter().find(|other| only.contains(*other))
        {
            return Err(SheetError::Delimiter { found });
        }
        let mut columns = BTreeMap::new();
        for (place, column) in header.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
            if columns.insert(column.clone(), place).is_some() {
                return Err(SheetError::ColumnTwice { column: column.clone(), years: has_years(&header) });
            }
        }
        let rows: Vec<(u64, Vec<String>)> = lines.collect();
        if let Some((line, row)) = rows.iter().find(|(_, row)| row.len() != header.len()) {
            let decimal_comma = table.delimiter == ',' && row.len() > header.len();
            return Err(SheetError::Cells { line: *line, found: row.len(), expected: header.len(), decimal_comma });
        }
        Ok(Self { header, columns, rows })
    }

    /// The cells of a column with their lines in the file.
    pub(super) fn cells<'a>(
        &'a self,
        column: &str,
    ) -> Result<impl Iterator<Item = (u64, &'a str)> + use<'a>, SheetError> {
        let place = *self.columns.get(column).ok_or_else(|| SheetError::NoColumn {
            column: column.to_owned(),
            header: self.header.clone(),
            years: has_years(&self.header),
        })?;
        Ok(self.rows.iter().filter_map(move |(line, row)| Some((*line, row.get(place)?.as_str()))))
    }
}

/// Counts lines up to a record: the reader's own count stands before the empty lines that it leaves out.
struct LinePlace<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl LinePlace<'_> {
    /// Line of the first letter that is no line end, from a byte on. Bytes have to come in their order.
    fn line_from(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.as_bytes().iter().enumerate().skip(self.byte);
        for (place, letter) in rest {
            if place >= byte && *letter != b'\n' {
                break;
            }
            self.line += u64::from(*letter == b'\n');
            self.byte = place + 1;
        }
        self.line
    }
}

/// Whether more than half of a header are years: a table that goes the other way round.
fn has_years(header: &[String]) -> bool {
    let year = |cell: &&String| cell.len() == 4 && cell.parse().is_ok_and(|year: u32| (1800..2200).contains(&year));
    let years = header.iter().filter(year).count();
    years >= YEARS_AT_LEAST && years + years > header.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composite::Encoding;

    fn table() -> TableConfig {
        serde_json::from_value(serde_json::json!({"file": "x.csv", "unit": "unit"})).unwrap()
    }

    #[track_caller]
    fn said(bytes: &[u8], table: &TableConfig) -> String {
        Sheet::read(bytes, table).unwrap_err().to_string()
    }

    #[test]
    fn a_byte_order_mark_and_line_ends_of_any_system_are_no_content() {
        let plain = Sheet::read(b"unit,x\nA,1\n", &table()).unwrap();
        assert_eq!(Sheet::read(b"\xEF\xBB\xBFunit,x\r\nA,1\r\n", &table()).unwrap(), plain);
        let spaced = Sheet::read(b"\nunit,\"x\n y\"\n\n\nA,1\r\nB,2", &table()).unwrap();
        assert_eq!(spaced.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6, 7]);
        let utf16: Vec<u8> = "\u{FEFF}unit,x\nA,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Sheet::read(&utf16, &table()).unwrap(), plain);
        let big: Vec<u8> = "\u{FEFF}unit,x\nA,1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Sheet::read(&big, &table()).unwrap(), plain);
    }

    #[test]
    fn another_encoding_than_the_declared_one_is_told_with_its_line() {
        let latin = b"unit,x\nA,1\nCura\xE7ao,2\n";
        assert_eq!(
            said(latin, &table()),
            "line 3: byte 0xE7 is not UTF-8; if the text is Latin-1, say encoding = \"latin-1\" in [table]"
        );
        let declared = TableConfig { encoding: Encoding::Latin1, ..table() };
        let sheet = Sheet::read(latin, &declared).unwrap();
        assert_eq!(sheet.cells("unit").unwrap().last(), Some((3, "Cura\u{E7}ao")));
        assert!(said(b"unit,x\nA\x92s,1\n", &declared).starts_with("line 2: byte 0x92 is not Latin-1"));
        let utf16: Vec<u8> = "unit,x\nA,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(said(&utf16, &table()).contains("say encoding = \"utf-16\""), "{}", said(&utf16, &table()));
        let declared = TableConfig { encoding: Encoding::Utf16, ..table() };
        assert!(Sheet::read(&utf16, &declared).is_ok());
        assert_eq!(said(&utf16[..utf16.len() - 1], &declared), "line 2: the text is cut within a letter of UTF-16");
    }

    #[test]
    fn windows_code_pages_are_read_when_declared_and_have_no_letter_for_some_bytes() {
        let declared = |encoding| TableConfig { encoding, ..table() };
        let turkish = Sheet::read(b"unit,x\n\xDDmi\xFEli,1\n", &declared(Encoding::Windows1254)).unwrap();
        assert_eq!(turkish.cells("unit").unwrap().last(), Some((2, "İmişli")));
        let cyrillic = Sheet::read(b"unit,x\n\xC3\xF3\xE1\xE0,1\n", &declared(Encoding::Windows1251)).unwrap();
        assert_eq!(cyrillic.cells("unit").unwrap().last(), Some((2, "Губа")));
        assert_eq!(
            said(b"unit,x\nA\x98,1\n", &declared(Encoding::Windows1251)),
            "line 2: byte 0x98 is not Windows-1251"
        );
        assert!(said(b"unit,x\nA\x81,1\n", &declared(Encoding::Windows1254)).starts_with("line 2: byte 0x81"));
    }

    #[test]
    fn what_is_no_table_as_declared_is_refused() {
        assert_eq!(said(b"", &table()), SheetError::Empty.to_string());
        assert!(said(b"unit\tx\nA\t1\n", &table()).contains("say delimiter = \"\\t\""));
        assert_eq!(said(b"unit,x,x\nA,1,2\n", &table()), "line 1: column `x` is there twice");
        assert_eq!(said(b"unit,x\nA,1\nB\n", &table()), "line 3: 1 cells, the header has 2");
        assert!(said(b"unit,x\nA,1,5\n", &table()).ends_with("needs quotes, or another delimiter)"));
        let years = Sheet::read(b"unit,2019,2020,2021\nA,1,2,3\n", &table()).unwrap();
        let error = years.cells("gdp").err().unwrap().to_string();
        assert!(error.contains("no column `gdp` (the header is a row of years"), "{error}");
    }
}
